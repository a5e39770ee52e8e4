"""How often classes, properties and graphs are used, counted once for a release: `tallies.nq`.

The numbers are those that the engine gives for the default graph, counted by the engine. They are kept as
triples, so that a query for them can be asked of these in place of the graph (see ldnkg.query.counted).
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from pyoxigraph import Literal, NamedNode, Quad, QuerySolutions, RdfFormat, Store, serialize

from ldnkg.query.counted import (
    ALL,
    CLASS,
    GRAPH,
    MEASURES,
    OBJECTS,
    PROPERTIES,
    PROPERTY,
    SUBJECTS,
    TRIPLES,
    counted,
)

TALLIES = "tallies.nq"
"""The name of the file."""
MOST = 5000
"""Of classes, properties or graphs that are more, none is counted."""

_WHOLE = """
SELECT (COUNT(*) AS ?triples) (COUNT(DISTINCT ?s) AS ?subjects) (COUNT(DISTINCT ?p) AS ?properties)
  (COUNT(DISTINCT ?o) AS ?objects) { ?s ?p ?o }
"""
_BY = {
    CLASS: "SELECT ?key (COUNT(*) AS ?triples) { ?s a ?key } GROUP BY ?key",
    GRAPH: "SELECT ?key (COUNT(*) AS ?triples) { GRAPH ?key { ?s ?p ?o } } GROUP BY ?key",
    PROPERTY: """
    SELECT ?key (COUNT(*) AS ?triples) (COUNT(DISTINCT ?s) AS ?subjects) (COUNT(DISTINCT ?o) AS ?objects)
    { ?s ?key ?o } GROUP BY ?key
    """,
}


@dataclass(frozen=True)
class Use:
    """How many triples a property has, and how many subjects and objects of them differ."""

    triples: int
    subjects: int
    objects: int


def write_tallies(path: Path, engine: Store) -> None:
    """Write the file for the store of a release.

    It is empty where a triple stands in two graphs: the engine counts it twice in the default graph, which a
    release does not repeat.
    """
    found = [] if _repeats(engine) else list(_counted(engine))
    with path.open("wb") as file:
        serialize(sorted(found, key=str), file, RdfFormat.N_QUADS)


class Tallies:
    """The numbers of one release, read with the first query that needs them; none where there is no file."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def answer(self, text: str, base: str) -> QuerySolutions | None:
        """The answer to a query of the default graph without reading it; None where these do not have it."""
        asked = counted(text)
        if asked is None or not self.has(asked.kind):
            return None
        try:
            self._store.query(text, base_iri=base)  # what the engine would not read is not answered here
            found = self._store.query(asked.text, base_iri=base)
        except SyntaxError:
            return None
        assert isinstance(found, QuerySolutions)  # noqa: S101 - for the type checker
        return found

    def knows(self, text: str) -> bool:
        """Whether a query of the default graph is answered by these."""
        asked = counted(text)
        return asked is not None and self.has(asked.kind)

    def has(self, kind: NamedNode) -> bool:
        """Whether the uses of a kind are all counted."""
        return kind in self._kinds

    @cached_property
    def properties(self) -> Mapping[NamedNode, Use]:
        """How each property is used; empty where they are not counted."""
        numbers: dict[NamedNode, dict[NamedNode, int]] = {}
        for quad in self._store.quads_for_pattern(None, None, None, PROPERTY):
            if isinstance(quad.subject, NamedNode) and isinstance(quad.object, Literal):
                numbers.setdefault(quad.subject, {})[quad.predicate] = int(quad.object.value)
        return {
            property_: Use(each[TRIPLES], each[SUBJECTS], each[OBJECTS])
            for property_, each in numbers.items()
        }

    @cached_property
    def _store(self) -> Store:
        store = Store()
        if self._path.exists():
            store.load(path=str(self._path), format=RdfFormat.N_QUADS)
        return store

    @cached_property
    def _kinds(self) -> frozenset[NamedNode]:
        return frozenset(each for each in self._store.named_graphs() if isinstance(each, NamedNode))


def _counted(engine: Store) -> Iterator[Quad]:
    """The numbers as quads; each kind has a graph."""
    for row in _asked(engine, _WHOLE):
        yield from (Quad(ALL, MEASURES[name], row[name], ALL) for name in ("triples", "subjects", "objects"))
        yield Quad(ALL, PROPERTIES, row["properties"], ALL)
    for kind, text in _BY.items():
        rows = list(_asked(engine, text))
        if len(rows) <= MOST and all(isinstance(row["key"], NamedNode) for row in rows):
            for row in rows:
                for name in row.keys() - {"key"}:
                    yield Quad(NamedNode(row["key"].value), MEASURES[name], row[name], kind)


def _asked(engine: Store, text: str) -> Iterator[dict[str, NamedNode | Literal]]:
    found = engine.query(text, use_default_graph_as_union=True)
    assert isinstance(found, QuerySolutions)  # noqa: S101 - for the type checker
    names = [each.value for each in found.variables]
    yield from (dict(zip(names, row, strict=True)) for row in found)


def _repeats(engine: Store) -> bool:
    """Whether a triple stands in two graphs: looks at all graphs but the largest."""
    sizes = Counter({row["key"]: int(row["triples"].value) for row in _asked(engine, _BY[GRAPH])})
    smaller = [graph for graph, _ in sizes.most_common()[1:]]
    return any(
        len(list(engine.quads_for_pattern(quad.subject, quad.predicate, quad.object, None))) > 1
        for graph in smaller
        for quad in engine.quads_for_pattern(None, None, None, NamedNode(graph.value))
    )
