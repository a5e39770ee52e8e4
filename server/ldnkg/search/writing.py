"""Write `search.sqlite`: documents, their names and identifiers as keys, and the words they are called by."""

import sqlite3
import unicodedata
from collections import Counter
from collections.abc import Iterable
from contextlib import closing
from math import log2
from pathlib import Path

from ldnkg.search.documents import TERMS, Document
from ldnkg.search.spelling import key, slips, spellable, words

_SCHEMA = """
CREATE VIRTUAL TABLE document USING fts5(
    label, synonyms, identifiers, text, iri UNINDEXED, shown UNINDEXED, segment UNINDEXED, others UNINDEXED,
    standing UNINDEXED,
    tokenize = "unicode61 remove_diacritics 2", prefix = '1 2 3 4 5 6 7 8'
);
CREATE TABLE name (key TEXT NOT NULL, document INTEGER NOT NULL, PRIMARY KEY (key, document)) WITHOUT ROWID;
CREATE TABLE identifier (
    key TEXT NOT NULL, weight INTEGER NOT NULL, document INTEGER NOT NULL,
    PRIMARY KEY (key, weight, document)
) WITHOUT ROWID;
CREATE TABLE word (id INTEGER PRIMARY KEY, word TEXT NOT NULL UNIQUE, uses INTEGER NOT NULL);
CREATE TABLE slip (
    key TEXT NOT NULL, uses INTEGER NOT NULL, word INTEGER NOT NULL, PRIMARY KEY (key, uses, word)
) WITHOUT ROWID;
"""


def write_index(path: Path, documents: Iterable[Document]) -> None:
    """Write `search.sqlite` with these documents, which are numbered as they come (see `documents`).

    The same documents make the same bytes: how pages are filled depends on the order of the rows.
    """
    with closing(sqlite3.connect(path)) as database:
        database.executescript(_SCHEMA)
        called: Counter[str] = Counter()
        for number, each in enumerate(documents, 1):  # as SQLite numbers the rows
            database.execute("INSERT INTO document VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", _fields(each))
            keys = sorted({key(name) for name in (each.label, *each.synonyms)})
            database.executemany("INSERT INTO name VALUES (?, ?)", ((name, number) for name in keys))
            codes = sorted({key(code) for code in (each.iri, *each.identifiers)})
            rows = ((code, each.weight, number) for code in codes)
            database.executemany("INSERT INTO identifier VALUES (?, ?, ?)", rows)
            called.update({word for name in keys for word in words(name) if spellable(word)})
        _write_words(database, called)
        database.execute("INSERT INTO document (document) VALUES ('optimize')")
        database.commit()


def _write_words(database: sqlite3.Connection, called: Counter[str]) -> None:
    """The words of all names, and under what they can be found when they are spelt wrongly."""
    for number, (word, uses) in enumerate(sorted(called.items()), 1):
        database.execute("INSERT INTO word VALUES (?, ?, ?)", (number, word, uses))
        database.executemany(
            "INSERT INTO slip VALUES (?, ?, ?)", ((each, uses, number) for each in sorted(slips(word)))
        )


def _fields(document: Document) -> tuple[str | float, ...]:
    """A document as a row of the index: names without accents, which SQLite drops from Latin letters only.

    What much else leads to stands higher, and so does what is of a kind that much leads to. That counts half
    for the terms of the ontology and of lists: they are led to because they classify, not because of what
    they are about.
    """
    standing = log2(2 + document.links) + log2(2 + document.usual)
    if document.segment in TERMS:
        standing /= 2
    synonyms = "\n".join(map(key, document.synonyms))
    identifiers = "\n".join(document.identifiers)
    text = unicodedata.normalize("NFC", "\n".join(document.text))
    others = "\n".join(" ".join(each.split()) for each in (*document.synonyms, *document.identifiers))
    return (
        key(document.label),
        synonyms,
        identifiers,
        text,
        document.iri,
        document.label,
        document.segment,
        others,
        standing,
    )
