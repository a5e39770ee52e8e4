"""Queries that only count, by class, property or graph: rewritten to ask for what a release has counted.

Those are the queries with which a client gets to know an endpoint, such as

    SELECT ?class (COUNT(?s) AS ?n) { ?s a ?class } GROUP BY ?class ORDER BY DESC(?n) LIMIT 10

The numbers stand in `ldnkg.query.tallies` as triples, and the engine puts them in order as it would have.
What has any other clause is not recognised: then the graph is read.
"""

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass

from pyoxigraph import NamedNode

from ldnkg.errors import BadQuery
from ldnkg.iris import PREFIXES
from ldnkg.query.grammar import symbol_of
from ldnkg.query.guard import prologue
from ldnkg.query.reading import Reader, Unreadable
from ldnkg.query.tokens import Token, tokens_of

_TALLY = "urn:ldnkg:tally:"
ALL, CLASS, GRAPH, PROPERTY = (NamedNode(_TALLY + name) for name in ("all", "class", "graph", "property"))
"""The kinds of what is counted; each is a graph of numbers."""
TRIPLES, SUBJECTS, OBJECTS, PROPERTIES = (
    NamedNode(_TALLY + name) for name in ("triples", "subjects", "objects", "properties")
)
MEASURES = {"triples": TRIPLES, "subjects": SUBJECTS, "objects": OBJECTS, "properties": PROPERTIES}
"""What is counted of each, by the local name of its property."""

_LONGEST = 2000
_TYPE = NamedNode(PREFIXES["rdf"] + "type")
_HIDDEN = "tally_"


@dataclass(frozen=True)
class Counted:
    """What a query counts, and the same query to the graph of these numbers."""

    kind: NamedNode
    text: str


@dataclass(frozen=True)
class _Count:
    """An aggregate: `COUNT(DISTINCT ?of)`; `of` is empty for `*`."""

    of: str
    distinct: bool


@dataclass(frozen=True)
class _Triple:
    """The one pattern: names of variables, or tokens; a blank node is a variable without name."""

    subject: str
    predicate: str | Token
    object: str | Token
    graph: str | None = None


_Key = tuple[str, str | _Count]
"""ASC, DESC or nothing, and what is put in order."""


def counted(text: str) -> Counted | None:
    """What a query counts; None for one that does anything else."""
    if (
        len(text) > _LONGEST
        or "\\" in text
        or not any(each in text.upper() for each in ("COUNT", "DISTINCT"))
    ):
        return None
    with suppress(Unreadable, BadQuery, ValueError):  # ValueError: what is no IRI
        return _Asked(text).counted()
    return None


class _Asked(Reader):
    """Reads one query; raises Unreadable for all that is not meant here."""

    def __init__(self, text: str) -> None:
        super().__init__(prologue(tokens_of(text), ""))
        self._head = text[: self._here.start]
        self._hidden: list[str] = []
        self._take("SELECT")
        self._distinct = self._has("DISTINCT")
        self._columns = list(self._read_columns())
        self._has("WHERE")
        self._triple = self._read_where()
        self._group = self._read_group()
        self._order = self._read_order()
        self._slice = " ".join(self._read_slice())
        if self._at < len(self._tokens):
            raise Unreadable

    def counted(self) -> Counted:
        """The query to the numbers."""
        counts = [each for _, each in self._columns if each] + [
            key for _, key in self._order if isinstance(key, _Count)
        ]
        self._check_names()
        if self._group is None and counts:
            return self._single()
        return self._rows()

    # ---------- What the query says ----------

    def _has(self, word: str) -> bool:
        return self._is(word) and bool(self._take())

    def _variable(self) -> str:
        token = self._take()
        if token.kind != "variable":
            raise Unreadable
        return token.text[1:]

    def _read_columns(self) -> Iterator[tuple[str, _Count | None]]:
        while not (self._is("WHERE") or self._is("{")):
            if self._has("("):
                count = self._read_count()
                self._take("AS")
                yield self._variable(), count
                self._take(")")
            else:
                yield self._variable(), None

    def _read_count(self) -> _Count:
        self._take("COUNT")
        self._take("(")
        distinct = self._has("DISTINCT")
        of = "" if self._has("*") else self._variable()
        self._take(")")
        return _Count(of, distinct)

    def _read_where(self) -> _Triple:
        self._take("{")
        graph = None
        if self._has("GRAPH"):
            graph = self._variable()
            self._take("{")
        subject = ""
        if self._has("["):
            self._take("]")
        else:
            subject = self._variable()
        triple = _Triple(subject, self._read_term(), self._read_term(), graph)
        self._has(".")
        for _ in ("}",) if graph is None else ("}", "}"):
            self._take("}")
        return triple

    def _read_term(self) -> str | Token:
        token = self._take()
        if token.kind == "variable":
            return token.text[1:]
        if token.kind == "iri" or symbol_of(token) in ("name", "a"):
            return token
        raise Unreadable

    def _read_group(self) -> str | None:
        if not self._has("GROUP"):
            return None
        self._take("BY")
        return self._variable()

    def _read_order(self) -> list[_Key]:
        keys: list[_Key] = []
        if self._has("ORDER"):
            self._take("BY")
            keys.append(self._read_key())
            while self._at < len(self._tokens) and self._here.keyword not in ("LIMIT", "OFFSET"):
                keys.append(self._read_key())
        return keys

    def _read_key(self) -> _Key:
        way = self._take().keyword if self._is("ASC") or self._is("DESC") else ""
        if way:
            self._take("(")
        key = self._read_count() if self._is("COUNT") else self._variable()
        if way:
            self._take(")")
        return way, key

    def _read_slice(self) -> Iterator[str]:
        for _ in range(2):
            for word in ("LIMIT", "OFFSET"):
                if self._has(word):
                    number = self._take()
                    if not number.text.isdecimal():
                        raise Unreadable
                    yield f"{word} {number.text}"

    # ---------- What it means ----------

    def _check_names(self) -> None:
        """Each variable of the pattern is another, and no column that is counted is one of them."""
        triple = self._triple
        places = (triple.subject, triple.predicate, triple.object, triple.graph or "")
        inside = [each for each in places if isinstance(each, str) and each]
        counted_ = [name for name, count in self._columns if count]
        names = [*inside, *counted_]
        shown = [name for name, _ in self._columns]
        if len({*names}) < len(names) or len({*shown}) < len(shown):
            raise Unreadable
        if any(name.startswith(_HIDDEN) for name in (*names, *shown)):
            raise Unreadable

    def _is_type(self, term: str | Token) -> bool:
        return isinstance(term, Token) and (symbol_of(term) == "a" or self._iri(term) == _TYPE)

    def _single(self) -> Counted:
        """One row: the counts of the whole, of a class, or of a property."""
        triple = self._triple
        if triple.graph is not None or any(count is None for _, count in self._columns):
            raise Unreadable
        if isinstance(triple.predicate, str) and isinstance(triple.object, str):
            kind, key = ALL, str(ALL)
        elif isinstance(triple.predicate, Token) and isinstance(triple.object, str):
            kind, key = PROPERTY, self._spelt(triple.predicate)
        elif isinstance(triple.object, Token) and self._is_type(triple.predicate):
            kind, key = CLASS, self._spelt(triple.object)
        else:
            raise Unreadable
        found: list[str] = []

        def number(count: _Count) -> str:
            found.append(
                f"OPTIONAL {{ GRAPH {kind} {{ {key} {self._measure(kind, count)} {self._hide()} }} }}"
            )
            return f"COALESCE({self._hidden[-1]}, 0)"

        columns = [f"({number(count)} AS ?{name})" for name, count in self._columns if count]
        order = [f"{way or 'ASC'}({key})" for way, key in self._keys(number)]
        return Counted(kind, self._written(columns, found, order))

    def _rows(self) -> Counted:
        """A row for each class, property or graph."""
        kind, key = self._key()
        if self._group is None and not self._distinct:
            raise Unreadable
        if self._group is not None and self._group != key:
            raise Unreadable
        if any(name != key for name, count in self._columns if count is None):
            raise Unreadable
        found = [f"?{key} {TRIPLES} {self._hide()} ."]

        def number(count: _Count) -> str:
            found.append(f"?{key} {self._measure(kind, count)} {self._hide()} .")
            return self._hidden[-1]

        columns = [f"({number(count)} AS ?{name})" if count else f"?{name}" for name, count in self._columns]
        order = [f"{way or 'ASC'}({each})" for way, each in self._keys(number)]
        return Counted(kind, self._written(columns, [f"GRAPH {kind} {{", *found, "}"], order))

    def _key(self) -> tuple[NamedNode, str]:
        """What there is a row for, and its variable."""
        triple = self._triple
        if isinstance(triple.predicate, str) and isinstance(triple.object, str):
            return (PROPERTY, triple.predicate) if triple.graph is None else (GRAPH, triple.graph)
        if triple.graph is None and isinstance(triple.object, str) and self._is_type(triple.predicate):
            return CLASS, triple.object
        raise Unreadable

    def _measure(self, kind: NamedNode, count: _Count) -> NamedNode:
        """The number that a count is."""
        triple = self._triple
        if count.of and count.of not in (triple.subject, triple.predicate, triple.object):
            raise Unreadable
        if not count.distinct:
            return TRIPLES
        if kind == CLASS and count.of == triple.subject and count.of:
            return TRIPLES  # each member once
        if kind in (ALL, PROPERTY) and count.of:
            if count.of == triple.subject:
                return SUBJECTS
            if count.of == triple.object:
                return OBJECTS
            if kind == ALL:
                return PROPERTIES
        raise Unreadable

    def _keys(self, number: Callable[[_Count], str]) -> Iterator[tuple[str, str]]:
        shown = {name for name, _ in self._columns}
        for way, key in self._order:
            if isinstance(key, _Count):
                if self._distinct:
                    raise Unreadable
                yield way, number(key)
            elif key in shown or (key == self._group and not self._distinct):
                yield way, f"?{key}"
            else:
                raise Unreadable

    # ---------- The query to the numbers ----------

    def _hide(self) -> str:
        self._hidden.append(f"?{_HIDDEN}{len(self._hidden)}")
        return self._hidden[-1]

    def _spelt(self, token: Token) -> str:
        return str(_TYPE) if symbol_of(token) == "a" else token.text

    def _written(self, columns: list[str], found: list[str], order: list[str]) -> str:
        lines = [
            f"{self._head}SELECT {'DISTINCT ' if self._distinct else ''}{' '.join(columns)} {{",
            *found,
            "}",
            *([f"ORDER BY {' '.join(order)}"] if order else []),
            self._slice,
        ]
        return "\n".join(lines)
