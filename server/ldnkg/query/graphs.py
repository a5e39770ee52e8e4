"""What a worker asks: the database in the folder of a release, or an endpoint (`ldnkg.query.afar`)."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple, Protocol

from pyoxigraph import NamedNode, QueryBoolean, QuerySolutions, Triple

from ldnkg.counts import Term
from ldnkg.errors import QueryRefused
from ldnkg.held import database


class Solutions(NamedTuple):
    """The answer to a SELECT query: its variables, and rows of as many values, found as they are read."""

    names: list[str]
    rows: Iterable[tuple[Term | None, ...]]


def solutions(found: QuerySolutions) -> Solutions:
    """What Oxigraph finds."""
    return Solutions([each.value for each in found.variables], map(tuple, found))


Found = Solutions | bool | Iterable[Triple]


class Graphs(Protocol):
    """The named graphs of one release."""

    names: frozenset[str]

    def query(self, request: Mapping[str, Any], base: str) -> Found:
        """What a request of the pool finds; its graphs are among `names`. Raises SyntaxError."""

    def about(self, nodes: Iterable[NamedNode], properties: Iterable[NamedNode] = ()) -> Iterator[Triple]:
        """The triples of nodes in any graph: with these properties, or all."""

    def confirm(self) -> None:
        """Return when all that was read so far is of this release (raises StoreOutdated)."""


def refuse_others(asked: Iterable[str], names: Collection[str]) -> None:
    """Raise QueryRefused where a graph that is asked for is none of these names."""
    if outside := sorted({*asked} - {*names}):
        raise QueryRefused(
            f"The graph <{outside[0]}> is not in the dataset, and nothing is fetched from elsewhere. The "
            f"dataset has: {', '.join(f'<{graph}>' for graph in sorted(names))}."
        )


def in_folder(path: Path) -> Graphs:
    """The database in a folder, opened read-only; raises OSError."""
    return _InFolder(path)


class _InFolder:
    """Oxigraph's database of a release."""

    def __init__(self, path: Path) -> None:
        self._store = database(path)
        self.names = frozenset(
            graph.value for graph in self._store.named_graphs() if isinstance(graph, NamedNode)
        )

    def query(self, request: Mapping[str, Any], base: str) -> Found:
        """Protocol graphs go before those of the query (Protocol, 2.1.4); without any, the union."""
        dataset: dict[str, Any] = {"use_default_graph_as_union": not request["graphs"]}
        if request["default_graphs"] or request["named_graphs"]:
            dataset = {
                "default_graph": [NamedNode(graph) for graph in request["default_graphs"]],
                "named_graphs": [NamedNode(graph) for graph in request["named_graphs"]],
            }
        result = self._store.query(request["text"], base_iri=base, **dataset)
        if isinstance(result, QueryBoolean):
            return bool(result)
        if isinstance(result, QuerySolutions):
            return solutions(result)
        return result

    def about(self, nodes: Iterable[NamedNode], properties: Iterable[NamedNode] = ()) -> Iterator[Triple]:
        wanted = tuple(properties) or (None,)
        for node in nodes:
            for name in wanted:
                for quad in self._store.quads_for_pattern(node, name, None, None):
                    yield quad.triple

    def confirm(self) -> None:
        """A folder never changes."""
