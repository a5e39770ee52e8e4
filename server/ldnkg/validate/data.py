"""The graph and the ontology as pySHACL reads them.

What pySHACL looks up, millions of times, is found in the numbers of the sources (see ldnkg.facts). Queries of
SPARQL constraints ask a database of the same; that of a large graph is on the disk, where a second process
writes it while the first goes on.
"""

from array import array
from collections.abc import Callable, Collection, Generator, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from itertools import accumulate, islice
from operator import gt
from tempfile import TemporaryDirectory
from typing import Any, Literal

import pyoxigraph as ox
import rdflib
from pyshacl.graph_abstraction import DataGraph, OxigraphDataGraph
from rdflib import BNode, URIRef
from rdflib.term import Node

from ldnkg.beside import beside
from ldnkg.facts import arranged, as_stored
from ldnkg.places import Kind
from ldnkg.sources import SourceFile, Sources

Engine = Literal["oxigraph", "rdflib"]

_LARGE = 500_000
"""Statements from which on the database is written to the disk."""
_KEPT = 300_000
"""So many nodes are remembered."""


@contextmanager
def prepared(sources: Sources, engine: Engine) -> Iterator[Callable[[], DataGraph]]:
    """What is validated, within the block; it is waited for when it is asked for.

    A database on the disk is opened by each process that asks it, when it first does so.
    """
    if engine == "rdflib":
        yield lambda: DataGraph.from_rdflib_graph(to_graph(sources, {"ontology", "graph"}))
    elif sum(len(file.triples) for file in _files(sources)) <= _LARGE:
        store = _in_memory(sources)
        yield lambda: Data(sources, lambda: store)
    else:
        with (
            TemporaryDirectory(prefix="ldnkg-") as folder,
            beside(partial(_write, sources, folder)) as written,
        ):
            data = Data(sources, partial(ox.Store.read_only, folder))

            def waited() -> DataGraph:
                written()
                return data

            yield waited


class Data(OxigraphDataGraph):
    """A graph whose terms have the forms that the engine gives them; `store` opens a database of the same."""

    def __init__(self, sources: Sources, store: Callable[[], ox.Store]) -> None:
        self._store_of: Callable[[], ox.Store] | None = store
        super().__init__(ox.Store())
        self._terms = sources.terms
        rows = ((*row, 0) for file in _files(sources) for row in file.numbers.rows())
        self._columns, _ = arranged(rows, len(self._terms))
        self._of_subject = _Places(self._columns.subjects, len(self._terms))
        self._of_object = _Places(self._columns.objects, len(self._terms))
        self._stored = dict(as_stored(each for each in self._terms if isinstance(each, ox.Literal)))
        self._nodes: dict[int, Any] = {}
        self._numbers: dict[Node, int | None] = {}

    def __bool__(self) -> bool:
        """True without counting its triples, as pySHACL else does twice for each result."""
        return True

    def query_oxigraph(self, *asked: Any, **how: Any) -> Any:
        """The answer of the database."""
        self._ask()
        return super().query_oxigraph(*asked, **how)

    def objects(self, subject: Any, predicate: Any, unique: bool = False) -> Generator[Any, None, None]:  # type: ignore[override]
        """The values of a property."""
        wanted, predicates = self._number(predicate), self._columns.predicates
        values = (self._columns.objects[row] for row in self._rows(subject) if predicates[row] == wanted)
        yield from dict.fromkeys(map(self._node, values))

    def predicate_objects(self, subject: Any, unique: bool = False) -> Generator[Any, None, None]:  # type: ignore[override]
        """What is said of a subject."""
        _, predicates, objects = self._columns
        rows = ((self._node(predicates[row]), self._node(objects[row])) for row in self._rows(subject))
        yield from dict.fromkeys(rows)

    def subjects(self, predicate: Any, object_: Any, unique: bool = False) -> Generator[Any, None, None]:  # type: ignore[override]
        """The subjects that have a value; several literals may have the form of one."""
        if isinstance(object_, rdflib.Literal | list | tuple):
            self._ask()
            yield from super().subjects(predicate, object_, unique)
            return
        wanted, (subjects, predicates, _) = self._number(predicate), self._columns
        for row in self._of_object.rows(self._number(object_)):
            if predicates[row] == wanted:
                yield self._node(subjects[row])

    def subject_objects(self, predicate: Any, unique: bool = False) -> Generator[Any, None, None]:  # type: ignore[override]
        """The subjects and values of a property."""
        wanted = self._number(predicate)
        for subject, each, value in self._columns.rows():
            if each == wanted:
                yield self._node(subject), self._node(value)

    def _ask(self) -> None:
        """Open the database, if it is not yet."""
        if self._store_of:
            self.impl, self._store_of = self._store_of(), None

    def _rows(self, subject: Node) -> "Sequence[int]":
        return () if isinstance(subject, rdflib.Literal) else self._of_subject.rows(self._number(subject))

    def _number(self, node: Node) -> int | None:
        number = self._numbers.get(node, -1)
        if number == -1:
            if len(self._numbers) >= _KEPT:
                self._numbers.clear()
            number = self._numbers[node] = self._terms.known(to_term(node))
        return number

    def _node(self, number: int) -> Any:
        node = self._nodes.get(number)
        if node is None:
            if len(self._nodes) >= _KEPT:
                self._nodes.clear()
            term = self._terms[number]
            node = self._nodes[number] = to_node(self._stored.get(term, term))
        return node


class _Places:
    """Where each number stands in a column."""

    def __init__(self, column: "array[int]", numbers: int) -> None:
        counts = array("I", bytes(4 * (numbers + 1)))
        for each in column:
            counts[each + 1] += 1
        self._starts = array("I", accumulate(counts))
        self._order: array[int] | None = None
        if any(map(gt, column, islice(column, 1, None))):
            self._order = array("I", bytes(4 * len(column)))
            following = array("I", self._starts)
            for row, each in enumerate(column):
                self._order[following[each]] = row
                following[each] += 1

    def rows(self, number: int | None) -> "range | array[int]":
        """The rows in which a number stands; none for a number that is not known."""
        if number is None or number + 1 >= len(self._starts):
            return range(0)
        start, end = self._starts[number], self._starts[number + 1]
        return range(start, end) if self._order is None else self._order[start:end]


def to_graph(sources: Sources, kinds: Collection[Kind], without: Collection[str] = ()) -> rdflib.Graph:
    """The files of some kinds as one rdflib graph, but for some predicates.

    A plain string has the datatype xsd:string, as pySHACL's own have.
    """
    graph = rdflib.Graph()
    for file in sources.files:
        for triple in file.triples if file.kind in kinds else ():
            if triple.predicate.value not in without:
                graph.add((to_node(triple.subject), to_node(triple.predicate), to_node(triple.object)))
    return graph


def to_node(term: object) -> Node:
    """A pyoxigraph term as rdflib's."""
    if isinstance(term, ox.NamedNode):
        return URIRef(term.value)
    if isinstance(term, ox.Literal):
        datatype = None if term.language else URIRef(term.datatype.value)
        return rdflib.Literal(term.value, lang=term.language, datatype=datatype)
    return BNode(getattr(term, "value", str(term)))


def to_term(node: Node) -> ox.NamedNode | ox.BlankNode | ox.Literal:
    """An rdflib term as pyoxigraph's."""
    if isinstance(node, rdflib.Literal):
        datatype = ox.NamedNode(node.datatype) if node.datatype and not node.language else None
        return ox.Literal(str(node), language=node.language, datatype=datatype)
    return ox.BlankNode(str(node)) if isinstance(node, BNode) else ox.NamedNode(str(node))


def _files(sources: Sources) -> Iterator[SourceFile]:
    """The files of the graph, and of the ontology for its class hierarchy."""
    return (file for file in sources.files if file.kind != "shapes")


def _quads(sources: Sources) -> Iterator[ox.Quad]:
    return (ox.Quad(*triple) for file in _files(sources) for triple in file.triples)


def _in_memory(sources: Sources) -> ox.Store:
    store = ox.Store()
    store.extend(_quads(sources))
    return store


def _write(sources: Sources, folder: str) -> None:
    store = ox.Store(folder)
    store.bulk_extend(_quads(sources))
    store.optimize()
    store.flush()
