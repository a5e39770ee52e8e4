"""The triples of a release, in its own folder or at an endpoint: all else is made of these few look-ups."""

import re
from collections.abc import Collection, Iterable, Iterator
from pathlib import Path
from typing import Literal as Choice
from typing import Protocol

import pyoxigraph as ox
from pyoxigraph import NamedNode

from ldnkg.counts import Term
from ldnkg.endpoint import Endpoint, Lease
from ldnkg.endpoint.answers import Table
from ldnkg.errors import AnswerTooLarge, StoreFault, StoreUnreachable

Direction = Choice["outgoing", "incoming"]
"""`outgoing`: the node is the subject of the triples; `incoming`: it is their object."""

Value = tuple[NamedNode, Term]
"""A property and a value of it."""
Row = dict[str, Term]
"""One row of a result, by the names of its variables; those without a value are left out."""


class Held(Protocol):
    """The union of the named graphs of a release, each triple once."""

    def contains(self, node: NamedNode) -> bool:
        """Whether a triple has the node as its subject."""

    def values(
        self, node: NamedNode, direction: Direction, properties: Collection[NamedNode] | None
    ) -> Iterable[Value]:
        """The values of a node, each once: of these properties, or of all."""

    def select(self, query: str, bindings: dict[str, Term]) -> list[Row]:
        """The rows of a SELECT query of our own, which selects the variables that are bound."""

    def confirm(self) -> None:
        """Return when it is there and of this release (raises StoreUnreachable, StoreFault)."""

    def close(self) -> None:
        """Let go of files and connections."""


def in_folder(path: Path) -> Held:
    """The database in a folder, opened read-only; raises OSError when there is none."""
    return _InFolder(path)


def at_endpoint(endpoint: Endpoint, graphs: Collection[str], lease: Lease) -> Held:
    """These graphs at an endpoint. What is read is of the release of the lease, or it is StoreOutdated."""
    return _AtEndpoint(endpoint, graphs, lease)


class _InFolder:
    """The database of a release."""

    def __init__(self, path: Path) -> None:
        self._graph = ox.Store.read_only(str(path))

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


class _AtEndpoint:
    """The graphs of a release at an endpoint."""

    def __init__(self, endpoint: Endpoint, graphs: Collection[str], lease: Lease) -> None:
        self._endpoint, self._graphs, self._lease = endpoint, sorted(graphs), lease

    def contains(self, node: NamedNode) -> bool:
        return not _may_be_changed(node) and bool(
            self._rows(f"SELECT ?p {{ GRAPH ?g {{ {node} ?p ?o }} }} LIMIT 1")
        )

    def values(
        self, node: NamedNode, direction: Direction, properties: Collection[NamedNode] | None
    ) -> Iterable[Value]:
        if _may_be_changed(node) or (properties is not None and not properties):
            return ()
        among = "" if properties is None else f" VALUES ?p {{ {' '.join(map(str, properties))} }}"
        ends = f"{node} ?p ?o" if direction == "outgoing" else f"?o ?p {node}"
        rows = self._rows(f"SELECT ?p ?o {{{among} GRAPH ?g {{ {ends} }} }}")
        return dict.fromkeys((row["p"], row["o"]) for row in rows)  # type: ignore[misc]

    def select(self, query: str, bindings: dict[str, Term]) -> list[Row]:
        return self._rows(bound(query, bindings))

    def confirm(self) -> None:
        if reason := self._endpoint.breaker.reason:
            raise StoreUnreachable(reason)
        self._lease.confirm()

    def close(self) -> None:
        """The endpoint is shared with the next release."""

    def _rows(self, query: str) -> list[Row]:
        try:
            rows = list(_rows(self._endpoint.table(query, self._graphs, self._graphs)))
        except AnswerTooLarge as fault:  # nothing that the reader could ask for less of
            raise StoreFault(f"The store does not give all that a page needs. {fault}") from fault
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
