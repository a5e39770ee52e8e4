"""A release, open to read: what is said about a node, a page of values at a time.

Nothing here costs more for a bigger graph: what could be long was counted and put in order at release time
(see ldnkg.counts), and all else is at most MANY values a property.
"""

import json
import sqlite3
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import Any, Protocol

import pyoxigraph as ox
from pyoxigraph import Literal, NamedNode

from ldnkg.cache import Cache
from ldnkg.counts import LABELS, MANY, Term
from ldnkg.endpoint import Endpoint, Lease
from ldnkg.errors import NoRelease
from ldnkg.held import DIRECTIONS, Direction, Held, Row, Value, at_endpoint, in_folder
from ldnkg.turtle.writing import natural

__all__ = ["DIRECTIONS", "Direction", "Row", "Store", "open_release"]

_Names = tuple[NamedNode, tuple[Literal, ...]]

_NAMES_OF = """
SELECT iri, property, text, language FROM name WHERE iri IN (SELECT value FROM json_each(?))
ORDER BY iri, position
"""
_TERM = 300
_REMEMBERED = 64 * 2**20
"""Bytes that a term takes, about, and bytes that are kept of what was read."""


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

    def names(self, node: NamedNode) -> tuple[NamedNode, tuple[Literal, ...]]:
        """The first of LABELS that the node has texts for, and these; without any the first, and none."""

    def expect_names(self, nodes: Iterable[NamedNode]) -> None:
        """Read the names of these nodes together: soon they are asked for one by one."""

    def members(self, segment: str, offset: int, limit: int) -> tuple[list[NamedNode], int]:
        """Some of the things `{base}id/{segment}/…` in the order of their names, and how many there are."""

    def types(self) -> list[tuple[str, NamedNode, int]]:
        """Each segment of `{base}id/{segment}/`, the class of most of its members, and how many there are."""

    def parts(self, node: NamedNode) -> list[NamedNode]:
        """The nodes `{node}#…` that something is said about, in natural order (`#s2` before `#s10`)."""

    def expect(self, nodes: Sequence[NamedNode]) -> None:
        """Get ready to be asked what is said about these nodes, all of which are there."""

    def select(self, query: str, **bindings: Term) -> list[Row]:
        """The rows of a SELECT query of our own, never of one from outside.

        The variables that are bound must be among those that it selects.
        """

    def confirm(self) -> None:
        """Return when the graph is there and of this release (raises StoreUnreachable, StoreFault)."""

    def close(self) -> None:
        """Let go of the files."""


def open_release(path: Path, endpoint: Endpoint | None = None) -> Store:
    """The store of the release in the folder `path`, its triples at the endpoint if there is one.

    Raises NoRelease when there is no release that can be read.
    """
    try:
        return _Opened(path, _at(endpoint, path) if endpoint else in_folder(path / "store"))
    except (OSError, ValueError, KeyError, sqlite3.Error) as fault:
        raise NoRelease(f"The release in {path} cannot be opened ({fault}): run `ldnkg build`.") from fault


def _at(endpoint: Endpoint, path: Path) -> Held:
    manifest = json.loads((path / "manifest.json").read_text(encoding="utf-8"))
    return at_endpoint(endpoint, manifest["graphs"], Lease(endpoint, manifest["base"], manifest["id"]))


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


def _known(found: Iterable[Value], counts: dict[NamedNode, int], long: dict[NamedNode, int]) -> _Known:
    """The short lists in their order, with the counts of all."""
    lists: dict[NamedNode, list[Term]] = defaultdict(list)
    for name, term in found:
        lists[name].append(term)
    ordered = {name: _ordered(lists[name]) for name in sorted(lists, key=str)}
    return _Known(counts or {name: len(terms) for name, terms in ordered.items()}, ordered, long)


def _ordered(terms: list[Term]) -> tuple[Term, ...]:
    return tuple(sorted(terms, key=_order) if len(terms) > 1 else terms)


class _Opened:
    """The triples of a release, and what was counted of them, opened read-only. Threads may share it."""

    def __init__(self, path: Path, held: Held) -> None:
        self._held = held
        where = f"{(path / 'counts.sqlite').resolve().as_uri()}?mode=ro&immutable=1"
        self._counts = sqlite3.connect(where, uri=True, check_same_thread=False)
        self.types()  # a damaged file is known now, and not with each page
        self._known = Cache[_Known](_REMEMBERED, lambda known: known.size)
        self._names = Cache[_Names](_REMEMBERED // 4, lambda known: _TERM * (1 + len(known[1])))

    def contains(self, node: NamedNode) -> bool:
        return self._held.contains(node)

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

    def names(self, node: NamedNode) -> tuple[NamedNode, tuple[Literal, ...]]:
        known = self._names.get(node.value)
        if known is None:
            query = "SELECT property, text, language FROM name WHERE iri = ? ORDER BY position"
            known = _names(self._rows(query, node.value))
            self._names.put(node.value, known)
        return known

    def expect_names(self, nodes: Iterable[NamedNode]) -> None:
        asked = dict.fromkeys(node.value for node in nodes)
        unknown = [iri for iri in asked if self._names.get(iri) is None]
        rows = self._rows(_NAMES_OF, json.dumps(unknown)) if unknown else ()
        found = {iri: [row[1:] for row in each] for iri, each in groupby(rows, itemgetter(0))}
        for iri in unknown:
            self._names.put(iri, _names(found.get(iri, ())))

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

    def expect(self, nodes: Sequence[NamedNode]) -> None:
        self._held.expect(nodes)

    def select(self, query: str, **bindings: Term) -> list[Row]:
        return self._held.select(query, bindings)

    def confirm(self) -> None:
        self._held.confirm()

    def close(self) -> None:
        self._counts.close()
        self._held.close()

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
        few = [name for name in counts if name not in long]
        return _known(self._found(node, few, direction), counts, long)

    def _found(
        self, node: NamedNode, properties: Collection[NamedNode] | None, direction: Direction
    ) -> Iterable[Value]:
        """The values of a node, when no long list is among them, each with its property."""
        found = dict.fromkeys(self._held.values(node, direction, properties))
        return found if direction == "incoming" else self._as_written(node, properties, found)

    def _as_written(
        self, node: NamedNode, properties: Collection[NamedNode] | None, found: dict[Value, None]
    ) -> Iterable[Value]:
        """These values as the sources write them, where the graph has `50` for `50.0`."""
        rows = self._rows("SELECT property, stored, term FROM written WHERE node = ?", node.value)
        if not rows:
            return found
        names = [NamedNode(name) for name, _, _ in rows]
        stored = set(zip(names, terms(text for _, text, _ in rows), strict=True))
        written = zip(names, terms(text for _, _, text in rows), strict=True)
        return (found.keys() - stored) | {
            each for each in written if properties is None or each[0] in properties
        }


def _names(rows: Sequence[tuple[str, str, str | None]]) -> _Names:
    """Rows of `name` as the property and its texts."""
    if not rows:
        return LABELS[0], ()
    return NamedNode(rows[0][0]), tuple(_text(text, language) for _, text, language in rows)


def _text(text: str, language: str | None) -> Literal:
    if language is None:
        (term,) = terms([text])
        assert isinstance(term, Literal), "a name is a text"  # noqa: S101
        return term
    return Literal(text, language=language) if language else Literal(text)


def _order(term: Term) -> tuple[list[str | int], str]:
    """A key that sorts terms naturally."""
    return natural(str(term))


def terms(texts: Iterable[str]) -> list[Term]:
    """Terms from their form in N-Triples, in the same order."""
    text = "\n".join(f"<urn:x> <urn:x> {text} ." for text in texts)
    return [quad.object for quad in ox.parse(text, format=ox.RdfFormat.N_TRIPLES)]
