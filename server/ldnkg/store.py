"""A release, open to read: what is said about a node, a page of values at a time.

Nothing here costs more for a bigger graph: what could be long was counted and put in order at release time
(see ldnkg.counts), and all else is at most MANY values a property.
"""

import sqlite3
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol
from typing import Literal as Choice

import pyoxigraph as ox
from pyoxigraph import NamedNode

from ldnkg.cache import Cache
from ldnkg.counts import MANY, Term
from ldnkg.errors import NoRelease
from ldnkg.turtle.writing import natural

Direction = Choice["outgoing", "incoming"]
"""`outgoing`: the node is the subject of the triples; `incoming`: it is their object."""

_Value = tuple[NamedNode, Term]
_TERM = 300
_REMEMBERED = 64 * 2**20
"""Bytes that a term takes, about, and bytes that are kept of what was read."""

Row = dict[str, Term]
"""One row of a result, by the names of its variables; those without a value are left out."""


class Store(Protocol):
    """The graph of one release: the union of its named graphs, each triple once."""

    def contains(self, node: NamedNode) -> bool:
        """Whether anything is said about the node."""

    def properties(self, node: NamedNode, direction: Direction) -> dict[NamedNode, int]:
        """How many values the node has for each property in that direction."""

    def values(
        self, node: NamedNode, property_: NamedNode, direction: Direction, offset: int, limit: int
    ) -> list[Term]:
        """Some of these values, in an order that is always the same."""

    def objects(self, node: NamedNode, property_: NamedNode) -> list[Term]:
        """All outgoing values of a property that has few."""

    def members(self, segment: str, offset: int, limit: int) -> tuple[list[NamedNode], int]:
        """Some of the things `{base}id/{segment}/…` in the order of their names, and how many there are."""

    def types(self) -> list[tuple[str, NamedNode, int]]:
        """Each segment of `{base}id/{segment}/`, the class of most of its members, and how many there are."""

    def parts(self, node: NamedNode) -> list[NamedNode]:
        """The nodes `{node}#…` that something is said about, in natural order (`#s2` before `#s10`)."""

    def select(self, query: str, **bindings: Term) -> list[Row]:
        """The rows of a SELECT query of our own, never of one from outside.

        The variables that are bound must be among those that it selects.
        """

    def close(self) -> None:
        """Let go of the files."""


def open_release(path: Path) -> Store:
    """The store of the release in the folder `path`; raises NoRelease when there is none that can be read."""
    try:
        return _Embedded(path)
    except (OSError, sqlite3.Error) as fault:
        raise NoRelease(f"The release in {path} cannot be opened ({fault}): run `ldnkg build`.") from fault


@dataclass(frozen=True)
class _Known:
    """The lists of a node in one direction: how long each is, the short ones, and where the long ones are."""

    counts: dict[NamedNode, int]
    lists: dict[NamedNode, tuple[Term, ...]]
    long: dict[NamedNode, int]

    @property
    def size(self) -> int:
        """About how many bytes it takes."""
        return _TERM * (1 + len(self.counts) + sum(len(each) for each in self.lists.values()))


def _known(found: Iterable[_Value], counts: dict[NamedNode, int], long: dict[NamedNode, int]) -> _Known:
    """The short lists in their order, with the counts of all."""
    lists: dict[NamedNode, list[Term]] = defaultdict(list)
    for name, term in found:
        lists[name].append(term)
    ordered = {name: tuple(sorted(lists[name], key=_order)) for name in sorted(lists, key=str)}
    return _Known(counts or {name: len(terms) for name, terms in ordered.items()}, ordered, long)


class _Embedded:
    """The two files of a release that hold its graph, opened read-only. Threads may share it."""

    def __init__(self, path: Path) -> None:
        self._graph = ox.Store.read_only(str(path / "store"))
        where = f"{(path / 'counts.sqlite').resolve().as_uri()}?mode=ro&immutable=1"
        self._counts = sqlite3.connect(where, uri=True, check_same_thread=False)
        self._known = Cache[_Known](_REMEMBERED, lambda known: known.size)

    def contains(self, node: NamedNode) -> bool:
        return any(True for _ in self._graph.quads_for_pattern(node, None, None, None))

    def properties(self, node: NamedNode, direction: Direction) -> dict[NamedNode, int]:
        return dict(self._read(node, direction).counts)

    def values(
        self, node: NamedNode, property_: NamedNode, direction: Direction, offset: int, limit: int
    ) -> list[Term]:
        known = self._read(node, direction)
        if property_ not in known.long:
            return list(known.lists.get(property_, ()))[offset : offset + limit]
        page = "SELECT term FROM value WHERE degree = ? AND position >= ? ORDER BY position LIMIT ?"
        return terms(text for (text,) in self._rows(page, known.long[property_], offset, limit))

    def objects(self, node: NamedNode, property_: NamedNode) -> list[Term]:
        return list(self._read(node, "outgoing").lists.get(property_, ()))

    def members(self, segment: str, offset: int, limit: int) -> tuple[list[NamedNode], int]:
        page = "SELECT iri FROM member WHERE segment = ? AND position >= ? ORDER BY position LIMIT ?"
        rows = self._rows(page, segment, offset, limit)
        total = self._rows("SELECT max(position) + 1 FROM member WHERE segment = ?", segment)[0][0]
        return [NamedNode(iri) for (iri,) in rows], total or 0

    def types(self) -> list[tuple[str, NamedNode, int]]:
        rows = self._rows("SELECT segment, class, count FROM type ORDER BY segment")
        return [(segment, NamedNode(name), count) for segment, name, count in rows]

    def parts(self, node: NamedNode) -> list[NamedNode]:
        rows = self._rows("SELECT iri FROM part WHERE owner = ? ORDER BY position", node.value)
        return [NamedNode(iri) for (iri,) in rows]

    def select(self, query: str, **bindings: Term) -> list[Row]:
        bound = {ox.Variable(name): term for name, term in bindings.items()}
        result = self._graph.query(query, substitutions=bound, use_default_graph_as_union=True)
        assert isinstance(result, ox.QuerySolutions), "a query of our own is a SELECT"  # noqa: S101
        columns = [(each.value, each) for each in result.variables]
        return [{name: row[each] for name, each in columns if row[each] is not None} for row in result]

    def close(self) -> None:
        self._counts.close()
        del self._graph

    def _rows(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        return self._counts.execute(query, values).fetchall()

    def _read(self, node: NamedNode, direction: Direction) -> "_Known":
        """What is known of a node in one direction, read once: a release does not change."""
        key = (node.value, direction)
        known = self._known.get(key)
        if known is None:
            known = self._first_read(node, direction)
            self._known.put(key, known)
        return known

    def _first_read(self, node: NamedNode, direction: Direction) -> "_Known":
        query = "SELECT id, property, count FROM degree WHERE node = ? AND direction = ? ORDER BY property"
        counted = self._rows(query, node.value, direction)
        if not counted:
            return _known(self._found(node, None, direction), {}, {})
        counts = {NamedNode(name): count for _, name, count in counted}
        long = {NamedNode(name): number for number, name, count in counted if count > MANY}
        few = (each for name in counts if name not in long for each in self._found(node, name, direction))
        return _known(few, counts, long)

    def _found(self, node: NamedNode, property_: NamedNode | None, direction: Direction) -> Iterable[_Value]:
        """The values of a node, when no long list is among them, each with its property."""
        if direction == "incoming":
            incoming = self._graph.quads_for_pattern(None, property_, node, None)
            return dict.fromkeys((quad.predicate, quad.subject) for quad in incoming)
        outgoing = self._graph.quads_for_pattern(node, property_, None, None)
        found = dict.fromkeys((quad.predicate, quad.object) for quad in outgoing)
        return self._as_written(node, property_, found)

    def _as_written(
        self, node: NamedNode, property_: NamedNode | None, found: dict[_Value, None]
    ) -> Iterable[_Value]:
        """These values as the sources write them, where the graph has `50` for `50.0`."""
        rows = self._rows("SELECT property, stored, term FROM written WHERE node = ?", node.value)
        names = [NamedNode(name) for name, _, _ in rows]
        stored = set(zip(names, terms(text for _, text, _ in rows), strict=True))
        written = zip(names, terms(text for _, _, text in rows), strict=True)
        return (found.keys() - stored) | {each for each in written if property_ in (None, each[0])}


def _order(term: Term) -> tuple[list[str | int], str]:
    """A key that sorts terms naturally."""
    return natural(str(term))


def terms(texts: Iterable[str]) -> list[Term]:
    """Terms from their form in N-Triples, in the same order."""
    text = "\n".join(f"<urn:x> <urn:x> {text} ." for text in texts)
    return [quad.object for quad in ox.parse(text, format=ox.RdfFormat.N_TRIPLES)]
