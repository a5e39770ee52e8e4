"""The full-text index of a release (SQLite FTS5): labels before synonyms before identifiers before text."""

import re
import sqlite3
import unicodedata
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from pyoxigraph import Literal, NamedNode, Triple

from ldnkg.counts import LABELS, names, withdrawn
from ldnkg.iris import PREFIXES, local_name

_WORD = re.compile(r"[^\W_]+")
_BEGINNINGS = (1, 0.75, 0.5)
_MOST_WORDS, _LONGEST_WORD, _MOST_ROWS = 16, 64, 2**62  # SQLite counts in 64 bits

_TYPE, _SUBCLASS = NamedNode(PREFIXES["rdf"] + "type"), NamedNode(PREFIXES["rdfs"] + "subClassOf")
_IDENTIFIER_CLASS = NamedNode(PREFIXES["adms"] + "Identifier")
_SYNONYMS = {NamedNode(PREFIXES["skos"] + name) for name in ("altLabel", "hiddenLabel")} | set(LABELS)
_BIBO = "asin coden doi eissn handle identifier isbn isbn10 isbn13 issn lccn oclcnum pmid sici upc"
_IDENTIFIERS = {NamedNode(PREFIXES["bibo"] + name) for name in _BIBO.split()} | {
    NamedNode(PREFIXES["dcterms"] + "identifier"),
    NamedNode(PREFIXES["skos"] + "notation"),
}
_TEXT_TYPES = {PREFIXES["xsd"] + "string", PREFIXES["rdf"] + "langString"}
_CODE = re.compile(r"(?=\S*\d)\S+")
_SCHEME = re.compile(r"https?://[^/]+/|[A-Za-z][\w.-]*[:\s]\s*")

_SCHEMA = """
CREATE VIRTUAL TABLE document USING fts5(
    label, synonyms, identifiers, text, iri UNINDEXED, shown UNINDEXED, segment UNINDEXED,
    tokenize = "unicode61 remove_diacritics 2", prefix = '2 3'
);
CREATE TABLE name (key TEXT NOT NULL, document INTEGER NOT NULL, PRIMARY KEY (key, document)) WITHOUT ROWID;
CREATE TABLE identifier (
    key TEXT NOT NULL, weight INTEGER NOT NULL, iri TEXT NOT NULL, PRIMARY KEY (key, weight, iri)
) WITHOUT ROWID;
"""
_FOUND = """
SELECT iri, shown, segment, snippet(document, 3, '', '', '…', 24) FROM document WHERE document MATCH :match
ORDER BY rowid IN (SELECT document FROM name WHERE key = :key) DESC,
    substr(label, 1, length(:key)) = :key DESC, bm25(document, 100, 30, 10, 1), iri
LIMIT :limit OFFSET :offset
"""


@dataclass(frozen=True)
class Document:
    """What can be found of one thing or term.

    `segment` is the part of its IRI that tells its type, `weight` how much is said about it.
    """

    iri: str
    segment: str
    label: str
    synonyms: Sequence[str] = ()
    identifiers: Sequence[str] = ()
    text: Sequence[str] = ()
    weight: int = 0


@dataclass(frozen=True)
class Hit:
    """One thing found, and some of its text around what was looked for."""

    iri: str
    label: str
    segment: str
    snippet: str


@dataclass(frozen=True)
class Hits:
    """One page of what was found; `total` counts all."""

    hits: list[Hit]
    total: int


@dataclass(frozen=True)
class Entry:
    """What one thing is called: its name, and its other names and identifiers in lower case."""

    iri: str
    label: str
    segment: str
    others: Sequence[str]


def documents(triples: Collection[Triple], base: str) -> Iterator[Document]:
    """A document for each thing with its parts and for each term with a label, in order of their IRIs."""
    called = names(triples)
    owners = re.compile(re.escape(base) + r"(?:id/([^/#]+)/[^#]+|(ont|vocab)#.+)")
    about = _by_owner(triples, owners)
    of_identifiers = _identifier_nodes(triples)
    for iri in sorted(about.keys() - withdrawn(triples)):
        if (found := owners.fullmatch(iri)) and (found[1] or iri in called):
            label = called.get(iri, local_name(iri))
            yield _document(iri, found[1] or found[2], label, about[iri], of_identifiers)


def write_index(path: Path, documents: Iterable[Document]) -> None:
    """Write `search.sqlite` with these documents."""
    with closing(sqlite3.connect(path)) as database:
        database.executescript(_SCHEMA)
        for number, each in enumerate(documents, 1):  # rows are numbered from 1 as they come
            database.execute("INSERT INTO document VALUES (?, ?, ?, ?, ?, ?, ?)", _fields(each))
            keys = {_key(name) for name in (each.label, *each.synonyms)}
            database.executemany("INSERT INTO name VALUES (?, ?)", ((key, number) for key in keys))
            codes = {_key(code) for code in each.identifiers}
            rows = ((code, each.weight, each.iri) for code in codes)
            database.executemany("INSERT INTO identifier VALUES (?, ?, ?)", rows)
        database.execute("INSERT INTO document (document) VALUES ('optimize')")
        database.commit()


class Index:
    """A `search.sqlite`, opened read-only. Threads may share it; no input makes it fail."""

    def __init__(self, path: Path) -> None:
        where = f"{path.resolve().as_uri()}?mode=ro&immutable=1"
        self._database = sqlite3.connect(where, uri=True, check_same_thread=False)

    def search(self, q: str, limit: int = 20, offset: int = 0) -> Hits:
        """What has all the words, or the beginnings of longer ones; else what has any of them."""
        words = _words(q)
        for match in (" AND ".join(words), " OR ".join(words)):
            if total := self._count(match):
                return Hits(self._found(match, q, limit, offset), total)
        return Hits([], 0)

    def suggest(self, q: str, limit: int = 10) -> list[Hit]:
        """What is named so, or begins so: for a box that completes what is typed."""
        words = " AND ".join(_words(q))
        return self._found(f"{{label synonyms identifiers}} : ({words})", q, limit, 0) if words else []

    def near(self, name: str, limit: int = 5) -> list[Hit]:
        """What is called nearly so, for a name that is not found: its words, else the beginnings of them."""
        words = _WORD.findall(name)
        for part in _BEGINNINGS:
            cut = " ".join(word[: max(2, round(len(word) * part))] for word in words)
            if found := self.search(cut, limit).hits:
                return found
        return []

    def exact(self, identifier: str) -> str | None:
        """The IRI of what has this identifier, with its scheme or without: `PMID 1`, `1`, a URL.

        Of several, as a trial and its record in a registry, it is the one that most is said about.
        """
        query = "SELECT iri FROM identifier WHERE key = ? ORDER BY weight DESC, iri LIMIT 1"
        for spelling in _spellings(_encodable(identifier).strip()):
            if row := self._database.execute(query, (_key(spelling),)).fetchone():
                return str(row[0])
        return None

    def entries(self) -> Iterator[Entry]:
        """What everything that can be found is called, in order of the IRIs."""
        query = "SELECT iri, shown, segment, synonyms, identifiers FROM document ORDER BY rowid"
        for iri, shown, segment, *others in self._database.execute(query):
            names = [each for text in others for each in text.split("\n") if each and each != _key(shown)]
            yield Entry(iri, shown, segment, tuple(dict.fromkeys(names)))

    def close(self) -> None:
        """Let go of the file."""
        self._database.close()

    def _count(self, match: str) -> int:
        if not match:
            return 0
        count = "SELECT count(*) FROM document WHERE document MATCH ?"
        total: int = self._database.execute(count, (match,)).fetchone()[0]
        return total

    def _found(self, match: str, q: str, limit: int, offset: int) -> list[Hit]:
        """The hits of one page; what is called just as asked comes first."""
        page = {"limit": min(limit, _MOST_ROWS), "offset": min(offset, _MOST_ROWS)}
        wanted = {"match": match, "key": _key(_encodable(q)), **page}
        return [Hit(*row) for row in self._database.execute(_FOUND, wanted).fetchall()]


def _fields(document: Document) -> tuple[str, ...]:
    """A document as a row of the index: names without accents, which SQLite drops from Latin letters only."""
    synonyms = "\n".join(map(_key, document.synonyms))
    identifiers, text = "\n".join(document.identifiers), _composed("\n".join(document.text))
    return _key(document.label), synonyms, identifiers, text, document.iri, document.label, document.segment


def _by_owner(triples: Iterable[Triple], owners: re.Pattern[str]) -> dict[str, list[Triple]]:
    """The triples of each thing with those of its parts, and of each term; nothing else's."""
    about: dict[str, list[Triple]] = defaultdict(list)
    for triple in triples:
        if isinstance(triple.subject, NamedNode):
            iri = triple.subject.value
            if owners.fullmatch(iri):
                about[iri].append(triple)
            elif owners.fullmatch(thing := iri.partition("#")[0]):
                about[thing].append(triple)
    return about


def _identifier_nodes(triples: Collection[Triple]) -> set[NamedNode]:
    """The nodes of class adms:Identifier, or of one that is narrower (rdfs:subClassOf, at any depth)."""
    narrower: dict[object, list[NamedNode]] = defaultdict(list)
    for triple in triples:
        if triple.predicate == _SUBCLASS and isinstance(triple.subject, NamedNode):
            narrower[triple.object].append(triple.subject)
    classes, fresh = {_IDENTIFIER_CLASS}, [_IDENTIFIER_CLASS]
    while fresh:
        fresh = [each for each in narrower[fresh.pop()] if each not in classes] + fresh
        classes.update(fresh)
    return {
        triple.subject
        for triple in triples
        if triple.predicate == _TYPE and triple.object in classes and isinstance(triple.subject, NamedNode)
    }


def _document(
    iri: str, segment: str, label: str, triples: Sequence[Triple], of_identifiers: Collection[NamedNode]
) -> Document:
    """One thing or term, with every text of its own and of its parts in the field where it belongs."""
    fields: dict[str, set[str]] = defaultdict(set)
    for triple in triples:
        if isinstance(triple.object, Literal) and triple.object.value != label:
            if where := _where(iri, triple, triple.object, of_identifiers):
                fields[where].add(triple.object.value)
    synonyms, identifiers, text = (sorted(fields[name]) for name in ("synonyms", "identifiers", "text"))
    return Document(iri, segment, label, synonyms, identifiers, text, len(triples))


def _where(iri: str, triple: Triple, literal: Literal, of_identifiers: Collection[NamedNode]) -> str | None:
    """The field of the index that a literal belongs to; none for numbers, dates and the like."""
    own = isinstance(triple.subject, NamedNode) and triple.subject.value == iri
    if own and triple.predicate in _SYNONYMS:
        return "synonyms"
    if triple.predicate in _IDENTIFIERS:
        return "identifiers"
    if triple.subject in of_identifiers and literal.language is None and _CODE.fullmatch(literal.value):
        return "identifiers"
    return "text" if literal.datatype.value in _TEXT_TYPES else None


def _words(q: str) -> list[str]:
    """The words of a query as FTS5 strings, each for all that begins so: no operator comes through."""
    found = [word[:_LONGEST_WORD] for word in _WORD.findall(_composed(_encodable(q)))[:_MOST_WORDS]]
    return ["(" + " OR ".join(f'"{each}"*' for each in {word: 0, _key(word): 0}) + ")" for word in found]


def _spellings(identifier: str) -> Iterator[str]:
    """The ways a data set may write an identifier, likeliest first.

    >>> list(_spellings("PMID: 20695007"))
    ['PMID: 20695007', '20695007']
    >>> list(_spellings("http://purl.example.org/obo/MONDO_1"))
    ['http://purl.example.org/obo/MONDO_1', 'obo/MONDO_1', 'MONDO_1', 'MONDO:1']
    """
    bare = _SCHEME.sub("", identifier, count=1) if _SCHEME.match(identifier) else identifier
    last = bare.rpartition("/")[2]
    yield from dict.fromkeys((identifier, bare, last, last.replace("_", ":")))


def _key(name: str) -> str:
    """A name without regard to case, accents and spaces around it.

    >>> _key(" Sjögren ") == _key("sjogren")
    True
    """
    plain = unicodedata.normalize("NFKD", name.casefold())
    return " ".join("".join(each for each in plain if not unicodedata.combining(each)).split())


def _composed(text: str) -> str:
    return unicodedata.normalize("NFC", text)


def _encodable(text: str) -> str:
    """Text without lone surrogates, which UTF-8 cannot carry."""
    return text.encode("utf-8", "ignore").decode("utf-8")
