"""Things and pages as schema.org describes them, for search engines: JSON-able values, ready to embed.

Which term of schema.org stands for a class, a property or a value is said by the graph, never by this code:
see `Alignment`. What the graph aligns with nothing is left to the other formats.
"""

from ldnkg.schemaorg.alignment import Alignment
from ldnkg.schemaorg.embedding import CONTEXT, embedded
from ldnkg.schemaorg.pages import Address, Collection, catalogue, collection, term_set
from ldnkg.schemaorg.texts import abridged
from ldnkg.schemaorg.things import Describer, Document, Json

__all__ = [
    "CONTEXT",
    "Address",
    "Alignment",
    "Collection",
    "Describer",
    "Document",
    "Json",
    "abridged",
    "catalogue",
    "collection",
    "embedded",
    "term_set",
]
