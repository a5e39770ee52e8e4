"""The full-text index of a release (SQLite FTS5): labels before synonyms before identifiers before text."""

from ldnkg.search.documents import Document, documents
from ldnkg.search.index import MOST, Entry, Found, Hit, Hits, Index, Piece
from ldnkg.search.spelling import key
from ldnkg.search.writing import write_index

__all__ = [
    "MOST", "Document", "Entry", "Found", "Hit", "Hits", "Index", "Piece", "documents", "key", "write_index"
]  # fmt: skip
