"""The triples of a release, in its own folder or at an endpoint: all else is made of these few look-ups."""

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal as Choice
from typing import Protocol

import pyoxigraph as ox
from pyoxigraph import NamedNode

from ldnkg.cache import Cache
from ldnkg.counts import Term
from ldnkg.endpoint import Endpoint, Lease
from ldnkg.endpoint.answers import Table
from ldnkg.errors import AnswerTooLarge, StoreFault, StoreUnreachable

Direction = Choice["outgoing", "incoming"]
DIRECTIONS: tuple[Direction, ...] = ("outgoing", "incoming")
"""`outgoing`: the node is the subject of the triples; `incoming`: it is their object."""

Value = tuple[NamedNode, Term]
"""A property and a value of it."""
Row = dict[str, Term]
"""One row of a result, by the names of its variables; those without a value are left out."""

_TOGETHER = 100
"""So many nodes are read with one query."""
_ROWS = 2_000
"""Rows that it may have; a node of which more is said is read alone, and a property at a time."""
_REMEMBERED = 16 * 2**20
"""Bytes that are kept of what was read so."""
_TERM = 300
"""Bytes that a term takes, about."""


class Held(Protocol):
    """The union of the named graphs of a release, each triple once."""

    def contains(self, node: NamedNode) -> bool:
        """Whether a triple has the node as its subject."""

    def values(
        self, node: NamedNode, direction: Direction, properties: Collection[NamedNode] | None
    ) -> Iterable[Value]:
        """The values of a node, each once: of these properties, or of all."""

    def expect(self, nodes: Sequence[NamedNode]) -> None:
        """Get ready to be asked for the outgoing values of these nodes."""

    def select(self, query: str, bindings: dict[str, Term]) -> list[Row]:
        """The rows of a SELECT query of our own, which selects the variables that are bound."""

    def confirm(self) -> None:
        """Return when it is there and of this release (raises StoreUnreachable, StoreFault)."""

    def close(self) -> None:
        """Let go of files and connections."""


def in_folder(path: Path) -> Held:
    """The database in a folder, opened read-only; raises OSError when there is none that can be read."""
    return _InFolder(path)


def database(path: Path) -> ox.Store:
    """The same as the engine has it."""
    try:
        return ox.Store.read_only(str(path))
    except RuntimeError as fault:  # so it tells of a file that was cut off
        raise OSError(str(fault)) from fault


def at_endpoint(endpoint: Endpoint, graphs: Collection[str], lease: Lease) -> Held:
    """These graphs at an endpoint. What is read is of the release of the lease, or it is StoreOutdated."""
    return _AtEndpoint(endpoint, graphs, lease)


class _InFolder:
    """The database of a release."""

    def __init__(self, path: Path) -> None:
        self._graph = database(path)

    def contains(self, node: NamedNode) -> bool:
        return any(True for _ in self._graph.quads_for_pattern(node, None, None, None))

    def values(
        self, node: NamedNode, direction: Direction, properties: Collection[NamedNode] | None
    ) -> Iterable[Value]:
        return dict.fromkeys(
            value
            for name in ((None,) if properties is None else properties)
            for value in self._of(node, name, direction)
        )

    def expect(self, nodes: Sequence[NamedNode]) -> None:
        """Each is found as fast alone."""

    def select(self, query: str, bindings: dict[str, Term]) -> list[Row]:
        bound = {ox.Variable(name): term for name, term in bindings.items()}
        result = self._graph.query(query, substitutions=bound, use_default_graph_as_union=True)
        assert isinstance(result, ox.QuerySolutions), "a query of our own is a SELECT"  # noqa: S101
        columns = [(each.value, each) for each in result.variables]
        return [{name: row[each] for name, each in columns if row[each] is not None} for row in result]

    def confirm(self) -> None:
        """A folder never changes."""

    def close(self) -> None:
        del self._graph

    def _of(self, node: NamedNode, name: NamedNode | None, direction: Direction) -> Iterator[Value]:
        if direction == "incoming":
            for quad in self._graph.quads_for_pattern(None, name, node, None):
                yield quad.predicate, quad.subject
        else:
            for quad in self._graph.quads_for_pattern(node, name, None, None):
                yield quad.predicate, quad.object


@dataclass(frozen=True)
class _Said:
    """What is said of a node: if that is more than _ROWS it is not whole, and nothing of it is here."""

    values: dict[Value, None]
    whole: bool = True

    @property
    def size(self) -> int:
        """About how many bytes it takes."""
        return _TERM * (1 + 2 * len(self.values))


class _Ahead:
    """What is said of nodes, and which are read with the first of them that is asked for.

    A page tells of a thing, its parts and properties, and of what these lead to: all that the nodes of one
    query lead to is read with the next. Threads may share it.
    """

    def __init__(self) -> None:
        self._said = Cache[_Said](_REMEMBERED, lambda said: said.size)
        self._companions = Cache[Sequence[NamedNode]](_REMEMBERED // 4, lambda nodes: 8 * (10 + len(nodes)))

    def said(self, node: NamedNode) -> _Said | None:
        """What is said of a node, if it is remembered."""
        return self._said.get(node.value)

    def companions(self, node: NamedNode) -> list[NamedNode]:
        """The node, and others of which nothing is remembered, to be read with it."""
        others = self._companions.get(node.value) or ()
        return [node, *(each for each in others if each != node and self.said(each) is None)]

    def remember(self, found: dict[NamedNode, _Said]) -> None:
        """Keep what is said of nodes, and what that leads to."""
        for node, said in found.items():
            self._said.put(node.value, said)
        ends = (term for said in found.values() for value in said.values for term in value)
        self.expect(list(dict.fromkeys(each for each in ends if type(each) is NamedNode)))

    def expect(self, nodes: Sequence[NamedNode]) -> None:
        """Read these together, but for those of which something is remembered."""
        new = [each for each in nodes if self.said(each) is None and not _may_be_changed(each)]
        for at in range(0, len(new), _TOGETHER):
            some = new[at : at + _TOGETHER]
            self._join(some, some)

    def part(self, nodes: Sequence[NamedNode]) -> None:
        """Read each of these alone from now on."""
        self._join(nodes, ())

    def _join(self, nodes: Sequence[NamedNode], companions: Sequence[NamedNode]) -> None:
        for each in nodes:
            self._companions.put(each.value, companions)


class _AtEndpoint:
    """The graphs of a release at an endpoint."""

    def __init__(self, endpoint: Endpoint, graphs: Collection[str], lease: Lease) -> None:
        self._endpoint, self._graphs, self._lease = endpoint, sorted(graphs), lease
        self._ahead = _Ahead()

    def contains(self, node: NamedNode) -> bool:
        if _may_be_changed(node):
            return False
        said = self._said(node)
        return bool(said.values) or not said.whole

    def values(
        self, node: NamedNode, direction: Direction, properties: Collection[NamedNode] | None
    ) -> Iterable[Value]:
        if _may_be_changed(node) or (properties is not None and not properties):
            return ()
        if direction == "outgoing" and properties is None and (said := self._said(node)).whole:
            return said.values
        among = "" if properties is None else f" VALUES ?p {{ {' '.join(map(str, properties))} }}"
        ends = f"{node} ?p ?o" if direction == "outgoing" else f"?o ?p {node}"
        rows = self._rows(f"SELECT ?p ?o {{{among} GRAPH ?g {{ {ends} }} }}")
        return dict.fromkeys((row["p"], row["o"]) for row in rows)  # type: ignore[misc]

    def expect(self, nodes: Sequence[NamedNode]) -> None:
        self._ahead.expect(nodes)

    def select(self, query: str, bindings: dict[str, Term]) -> list[Row]:
        return self._rows(bound(query, bindings))

    def confirm(self) -> None:
        if reason := self._endpoint.breaker.reason:
            raise StoreUnreachable(reason)
        self._lease.confirm()

    def close(self) -> None:
        """The endpoint is shared with the next release."""

    def _said(self, node: NamedNode) -> _Said:
        """What is said of a node, read with what is likely to be asked for next."""
        known = self._ahead.said(node)
        if known is not None:
            return known
        nodes = self._ahead.companions(node)
        found = self._read(nodes)
        if found is None:
            self._ahead.part(nodes)
            found = (self._read([node]) if len(nodes) > 1 else None) or {node: _Said({}, whole=False)}
        if len(nodes) > 1 or found[node] != _Said({}):  # no names that readers make up
            self._ahead.remember(found)
        return found[node]

    def _read(self, nodes: Sequence[NamedNode]) -> dict[NamedNode, _Said] | None:
        """What is said of each of these nodes; None when it is too much."""
        among = " ".join(map(str, nodes))
        query = f"SELECT ?s ?p ?o {{ VALUES ?s {{ {among} }} GRAPH ?g {{ ?s ?p ?o }} }} LIMIT {_ROWS + 1}"
        try:
            rows = self._table(query)
        except AnswerTooLarge:
            return None
        if len(rows) > _ROWS:
            return None
        said: dict[NamedNode, dict[Value, None]] = {node: {} for node in nodes}
        for row in rows:
            said[row["s"]][row["p"], row["o"]] = None  # type: ignore[index]
        return {node: _Said(values) for node, values in said.items()}

    def _rows(self, query: str) -> list[Row]:
        try:
            return self._table(query)
        except AnswerTooLarge as fault:  # nothing that the reader could ask for less of
            raise StoreFault(f"The store does not give all that a page needs. {fault}") from fault

    def _table(self, query: str) -> list[Row]:
        rows = list(_rows(self._endpoint.table(query, self._graphs, self._graphs)))
        self._lease.confirm()
        return rows


def _rows(found: Table | bool) -> Iterator[Row]:
    if isinstance(found, bool):
        raise StoreFault("The store answers a question for values with yes or no.")
    for row in found:
        yield {name: term for name, term in zip(found.names, row, strict=True) if term is not None}


def _may_be_changed(node: NamedNode) -> bool:
    """Whether some engines take the IRI for another: Jena reads `/a/../b` as `/b` (RFC 3986, 5.2.4)."""
    return re.search(r"/\.\.?(?:[/?#]|$)", node.value) is not None


def bound(query: str, bindings: dict[str, Term]) -> str:
    """A query of our own with the values of some variables, which it selects, in its outermost group.

    >>> bound("SELECT ?s ?n { ?s ?p ?n }", {"s": NamedNode("urn:x")})
    'SELECT ?s ?n { VALUES (?s) {(<urn:x>)} ?s ?p ?n }'
    """
    if not bindings:
        return query
    names = " ".join(f"?{name}" for name in bindings)
    values = f" VALUES ({names}) {{({' '.join(map(str, bindings.values()))})}}"
    return re.sub(r"(?s)(\bSELECT\b[^{]*\{)", lambda found: found[1] + values, query, count=1)
