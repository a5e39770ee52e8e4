"""Which thing has which value of which facet, and the order of lists by each of their columns."""

import re
import sqlite3
from array import array
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from pyoxigraph import Literal, NamedNode

from ldnkg.counts import Term, names
from ldnkg.facets.sets import packed
from ldnkg.facts import Facts, Statement, facts
from ldnkg.iris import PREFIXES, local_name
from ldnkg.layout import Field, Layout, Step
from ldnkg.turtle.writing import natural

_TYPE = NamedNode(PREFIXES["rdf"] + "type")
_DATES = {PREFIXES["xsd"] + name for name in ("date", "dateTime", "gYear", "gYearMonth")}
_NUMBERS = {PREFIXES["xsd"] + name for name in ("integer", "decimal", "double", "float")}
_YEAR = re.compile(r"-?[0-9]{4}")
_LONGEST = 80
"""A longer text is no value to choose."""
_MANY = 200
"""Of more values of one thing the others are left out."""

_SCHEMA = """
CREATE TABLE facet (
    kind TEXT NOT NULL, name TEXT NOT NULL, label TEXT NOT NULL, position REAL NOT NULL,
    PRIMARY KEY (kind, name)
) WITHOUT ROWID;
CREATE TABLE choice (
    id INTEGER PRIMARY KEY, facet TEXT NOT NULL, key TEXT NOT NULL, iri TEXT, label TEXT NOT NULL,
    count INTEGER NOT NULL, members BLOB NOT NULL, UNIQUE (facet, key)
);
CREATE TABLE tagged (document INTEGER PRIMARY KEY, choices BLOB NOT NULL);
CREATE INDEX commonest ON choice (facet, count DESC);
CREATE TABLE ordering (
    kind TEXT NOT NULL, name TEXT NOT NULL, descending INTEGER NOT NULL, members BLOB NOT NULL,
    PRIMARY KEY (kind, name, descending)
);
"""

_Key = tuple[int, float, object]


@dataclass
class _Kind:
    """The members of one kind: their numbers and IRIs, and what its classes lay out."""

    members: list[tuple[int, str]] = field(default_factory=list)
    facets: dict[str, Field] = field(default_factory=dict)
    columns: dict[str, Field] = field(default_factory=dict)


class _Values:
    """What stands at the end of the paths of some fields, for every thing."""

    def __init__(self, graph: Facts, fields: Iterable[Field]) -> None:
        self._steps = {step for each in fields for step in each.path}
        self._graph = graph

    def of(self, iri: str, path: Sequence[Step]) -> list[Term]:
        """The values of a thing along a path, of more than _MANY those that come first."""
        found: list[Term] = [NamedNode(iri)]
        for step in path:
            found = list(dict.fromkeys(value for each in found for value in self._next(each, step)))
            found = sorted(found, key=str)[:_MANY]
        return found

    def _next(self, node: Term, step: Step) -> Iterable[Term]:
        direction, property_ = step
        if direction == "incoming":
            return self._leading[property_].get(node, ())
        return self._graph.values(node, property_)

    @cached_property
    def _leading(self) -> Mapping[NamedNode, Mapping[Term, list[Term]]]:
        """What leads to each node, by the properties that paths take backwards."""
        found: dict[NamedNode, dict[Term, list[Term]]] = {}
        for direction, property_ in self._steps:
            if direction == "incoming":
                found[property_] = defaultdict(list)
                for triple in self._graph.having(property_):
                    found[property_][triple.object].append(triple.subject)
        return found


def write_facets(path: Path, triples: Collection[Statement], layout: Layout) -> None:
    """Add the tables to the `search.sqlite` at `path`, whose documents have their numbers."""
    graph = facts(triples)
    called = names(graph)
    with closing(sqlite3.connect(path)) as database:
        database.executescript(_SCHEMA)
        rows = database.execute("SELECT rowid, iri, segment FROM document ORDER BY rowid")
        kinds = _kinds(rows, _classes(graph), layout)
        fields = {each for kind in kinds.values() for each in (*kind.facets.values(), *kind.columns.values())}
        values = _Values(graph, fields)
        choices = _Choices(called)
        for name, kind in kinds.items():
            _write_kind(database, name, kind)
            for number, iri in kind.members:
                choices.add("kind", Literal(name), number)
                for facet, each in kind.facets.items():
                    for value in values.of(iri, each.path):
                        choices.add(facet, value, number)
            database.executemany(
                "INSERT INTO ordering VALUES (?, ?, ?, ?)", _orders(name, kind, values, called)
            )
        database.executemany("INSERT INTO choice VALUES (?, ?, ?, ?, ?, ?, ?)", choices.rows())
        database.executemany("INSERT INTO tagged VALUES (?, ?)", choices.tags())
        database.commit()


def _classes(graph: Facts) -> Mapping[str, tuple[NamedNode, ...]]:
    """The classes of each thing."""
    found: dict[str, list[NamedNode]] = defaultdict(list)
    for triple in graph.having(_TYPE):
        if isinstance(triple.subject, NamedNode) and isinstance(triple.object, NamedNode):
            found[triple.subject.value].append(triple.object)
    return {iri: tuple(sorted(each, key=str)) for iri, each in found.items()}


def _kinds(
    documents: Iterable[tuple[int, str, str]], classes: Mapping[str, tuple[NamedNode, ...]], layout: Layout
) -> dict[str, _Kind]:
    """What can be found by its kind, with the facets and columns of all classes of a kind."""
    kinds: dict[str, _Kind] = defaultdict(_Kind)
    seen = set()
    for number, iri, segment in documents:
        kind = kinds[segment]
        kind.members.append((number, iri))
        if (segment, types := classes.get(iri, ())) not in seen:
            seen.add((segment, types))
            for each in layout.facets(types):
                kind.facets.setdefault(each.slug, each)
            for each in layout.columns(types):
                kind.columns.setdefault(each.slug, each)
    return kinds


def _write_kind(database: sqlite3.Connection, name: str, kind: _Kind) -> None:
    rows = ((name, facet, each.name.value, each.order) for facet, each in kind.facets.items())
    database.executemany("INSERT INTO facet VALUES (?, ?, ?, ?)", rows)


class _Choices:
    """The values of all facets, each with the numbers of those that have it and a word for addresses."""

    def __init__(self, called: Mapping[str, str]) -> None:
        self._called = called
        self._members: dict[tuple[str, str | None, str], array[int]] = defaultdict(lambda: array("I"))

    def add(self, facet: str, value: Term, number: int) -> None:
        """Say that a thing has a value; of a date it is the year."""
        chosen: tuple[str | None, str]
        if isinstance(value, NamedNode):
            chosen = value.value, self._called.get(value.value, local_name(value.value))
        elif isinstance(value, Literal) and (text := _choice(value)):
            chosen = None, text
        else:
            return
        members = self._members[facet, *chosen]
        if not members or members[-1] != number:
            members.append(number)

    def rows(self) -> Iterator[tuple[int, str, str, str | None, str, int, bytes]]:
        """The rows of the table, in order."""
        taken: set[tuple[str, str]] = set()
        for id_, ((facet, iri, label), members) in enumerate(self._ordered()):
            key = _unlike(facet, local_name(iri) if iri else label, iri, taken)
            numbers = sorted(set(members))
            yield id_, facet, key, iri, label, len(numbers), packed(numbers)

    def tags(self) -> Iterator[tuple[int, bytes]]:
        """What each thing has, as the numbers of these rows."""
        tags: dict[int, array[int]] = defaultdict(lambda: array("I"))
        for id_, (_, members) in enumerate(self._ordered()):
            for number in set(members):
                tags[number].append(id_)
        yield from ((number, each.tobytes()) for number, each in sorted(tags.items()))

    def _ordered(self) -> "list[tuple[tuple[str, str | None, str], array[int]]]":
        return sorted(self._members.items(), key=lambda each: str(each[0]))


def _choice(value: Literal) -> str | None:
    """What a literal is to choose by: the year of a date, a short text, yes or no."""
    if value.datatype.value in _DATES:
        found = _YEAR.match(value.value)
        return found[0] if found else None
    if value.datatype.value == PREFIXES["xsd"] + "boolean":
        return "yes" if value.value in ("true", "1") else "no"
    return value.value if 0 < len(value.value) <= _LONGEST and value.value != "-" else None


def _unlike(facet: str, key: str, iri: str | None, taken: set[tuple[str, str]]) -> str:
    """A word for a value that no other value of the facet has; its whole IRI where the short one is taken."""
    chosen = iri if iri and ((facet, key) in taken or key == "-") else key
    while (facet, chosen) in taken:
        chosen += "'"
    taken.add((facet, chosen))
    return chosen


def _orders(
    name: str, kind: _Kind, values: _Values, called: Mapping[str, str]
) -> Iterator[tuple[str, str, int, bytes]]:
    """The members by their names and by each column, up and down; those without a value come last."""
    label = {iri: natural(called.get(iri, iri).casefold()) for _, iri in kind.members}
    by_name = sorted(kind.members, key=lambda each: (label[each[1]], each[1]))
    yield name, "name", 0, _numbers(by_name)
    yield name, "name", 1, _numbers(by_name[::-1])
    for column, each in kind.columns.items():
        keys = {iri: [_order(value, called) for value in values.of(iri, each.path)] for _, iri in by_name}
        told = [member for member in by_name if keys[member[1]]]
        silent = [member for member in by_name if not keys[member[1]]]
        up = sorted(told, key=lambda member: min(keys[member[1]]))
        down = sorted(told, key=lambda member: max(keys[member[1]]), reverse=True)
        yield name, column, 0, _numbers([*up, *silent])
        yield name, column, 1, _numbers([*down, *silent])


def _order(value: Term, called: Mapping[str, str]) -> _Key:
    """A key that puts numbers by value before everything else by its name."""
    text = value.value if isinstance(value, NamedNode | Literal) else str(value)
    if isinstance(value, Literal) and value.datatype.value in _NUMBERS:
        try:
            number = float(text)
        except ValueError:
            number = float("nan")
        if number == number:  # only NaN is not itself
            return 0, number, ([], "")
    return 1, 0, natural(called.get(text, text).casefold())


def _numbers(members: Iterable[tuple[int, str]]) -> bytes:
    return array("I", (number for number, _ in members)).tobytes()
