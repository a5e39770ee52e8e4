"""The words of a release – ontology, closed lists, shapes – as documentation and as documents in RDF.

What needs the whole graph is counted at release time (`write_terms`); a site reads it once (`Terms`).
"""

from functools import cached_property
from pathlib import Path

from pyoxigraph import Literal, NamedNode, Triple

from ldnkg.counts import Term
from ldnkg.terms.documents import NAMES
from ldnkg.terms.entries import Entry, entry
from ldnkg.terms.ontology import Ontology
from ldnkg.terms.shapes import Shapes
from ldnkg.terms.stored import read_terms, write_terms
from ldnkg.terms.vocabulary import Vocabulary
from ldnkg.terms.words import Words

__all__ = ["NAMES", "Terms", "write_terms"]


class Terms:
    """The words of one release, as its folder `terms/` holds them; what is asked for is made once."""

    def __init__(self, folder: Path, base: str) -> None:
        self.folder, self.base = folder, base
        self._documents, names, self.uses = read_terms(folder)
        self.words = Words(triple for triples in self._documents.values() for triple in triples)
        self._names = Words(names)

    @cached_property
    def shapes(self) -> Shapes:
        """What a valid record is."""
        return Shapes(self.words, self.base)

    @cached_property
    def ontology(self) -> Ontology:
        """What the words mean."""
        return Ontology(self.words, self.shapes, self.uses, self.base)

    @cached_property
    def vocabulary(self) -> Vocabulary:
        """The values that may be chosen."""
        return Vocabulary(self.words, self.shapes, self.uses, self.base)

    def triples(self, name: str) -> list[Triple]:
        """What the document of a namespace says."""
        return self._documents[name]

    def document(self, name: str) -> Entry:
        """The document of a namespace, as its own description has it."""
        return entry(self.words, NamedNode(self.base + name), self.base)

    def names(self, node: Term) -> list[Literal]:
        """The names, in all languages, of a node that the documents or the examples mention."""
        return self._names.names(node)
