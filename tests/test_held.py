"""Triples at an endpoint are those of the folder, and a page takes few queries."""

from collections.abc import Collection, Iterable
from itertools import islice
from pathlib import Path
from typing import cast

import pyoxigraph as ox
import pytest
from conftest import LIGHTS, write
from pyoxigraph import Literal, NamedNode
from served import BASE

from ldnkg.endpoint import Address, Endpoint, Lease
from ldnkg.endpoint.answers import Table
from ldnkg.errors import AnswerTooLarge
from ldnkg.held import Direction, Held, at_endpoint, in_folder
from ldnkg.release import build
from ldnkg.sources import load

GRAPH = "http://x.example/g"
THING = NamedNode("http://x.example/thing")
LINK = NamedNode("http://x.example/link")
DIRECTIONS: tuple[Direction, ...] = ("outgoing", "incoming")


class Engine(Endpoint):
    """An endpoint whose engine is a store of this process; it gives at most `most` rows, and says so."""

    def __init__(self, store: ox.Store, most: int = 10**9) -> None:
        super().__init__(Address("http://engine.example/sparql"))
        self.store, self.most, self.asked = store, most, list[str]()

    def table(
        self, query: str, default_graphs: Iterable[str], named_graphs: Iterable[str] = ()
    ) -> Table | bool:
        self.asked.append(query)
        found = self.store.query(
            query,
            default_graph=[NamedNode(each) for each in default_graphs],
            named_graphs=[NamedNode(each) for each in named_graphs],
        )
        return cast(Table, _Cut(cast(ox.QuerySolutions, found), self.most))


class _Cut:
    def __init__(self, found: ox.QuerySolutions, most: int) -> None:
        self.names = [each.value for each in found.variables]
        self._found, self._most = found, most

    def __iter__(self) -> Iterable[tuple[object, ...]]:
        yield from (tuple(row) for row in islice(self._found, self._most))
        if next(iter(self._found), None):
            raise AnswerTooLarge(f"The store gives at most {self._most} rows.")


class Unchanging(Lease):
    """A lease that never ends."""

    def confirm(self) -> None:
        pass


def held(engine: Engine, graphs: Collection[str] = (GRAPH,)) -> Held:
    return at_endpoint(engine, graphs, Unchanging(engine, BASE, "1"))


def holding(turtle: str, most: int = 10**9) -> Engine:
    """An engine with these triples in one graph."""
    store = ox.Store()
    text = f"PREFIX : <http://x.example/>\n{turtle}"
    store.load(text.encode(), format=ox.RdfFormat.TURTLE, to_graph=NamedNode(GRAPH))
    return Engine(store, most)


@pytest.mark.parametrize("most", [10**9, 5])
def test_what_is_held_at_an_endpoint_is_what_the_folder_holds(tmp_path: Path, most: int) -> None:
    release = build(load(write(tmp_path / "lights", LIGHTS)), tmp_path / "releases", BASE)
    here = in_folder(release.path / "store")
    store = ox.Store.read_only(str(release.path / "store"))
    there = held(Engine(store, most), release.manifest["graphs"])
    light = NamedNode(f"{BASE}id/light/eddystone")
    nodes = {light: None} | {
        each: None
        for quad in store
        for each in (quad.subject, quad.predicate, quad.object)
        if type(each) is NamedNode
    }
    assert len(nodes) > 100
    for node in nodes:
        assert there.contains(node) == here.contains(node), node
    few = [
        (node, direction)
        for node in nodes
        for direction in DIRECTIONS
        if len(list(here.values(node, direction, None))) <= most
    ]
    assert len(few) > 100
    for node, direction in few:
        assert set(there.values(node, direction, None)) == set(here.values(node, direction, None)), node


def test_all_that_a_thing_leads_to_is_read_with_the_first_of_it() -> None:
    engine = holding(
        ":thing :link :a , :b ; :name 'thing' . :a :link :c . :b :name 'b' ."
        " :link :name 'link' . :c :name 'c' ."
    )
    there = held(engine)
    assert there.contains(THING)
    for name in ("thing", "a", "b", "link", "c"):
        node = NamedNode(f"http://x.example/{name}")
        assert there.contains(node) and list(there.values(node, "outgoing", None))
    thing, what_it_leads_to, what_these_lead_to = engine.asked
    assert str(THING) in thing and str(THING) not in what_it_leads_to
    assert all(f"/{name}>" in what_it_leads_to for name in ("a", "b", "link"))
    assert "/c>" in what_these_lead_to


def test_the_things_of_a_list_are_read_together() -> None:
    engine = holding("".join(f":thing{n} :name '{n}' ." for n in range(50)))
    there = held(engine)
    nodes = [NamedNode(f"http://x.example/thing{n}") for n in range(50)]
    there.expect(nodes)
    assert [str(term) for each in nodes for _, term in there.values(each, "outgoing", None)] == [
        f'"{n}"' for n in range(50)
    ]
    assert len(engine.asked) == 1


def test_a_thing_of_which_much_is_said_is_read_alone_and_keeps_nobody_else_from_being_read() -> None:
    many = " , ".join(map(str, range(2500)))
    engine = holding(f":thing :link :hub , :a , :b . :hub :number {many} . :a :name 'a' . :b :name 'b' .")
    there = held(engine)
    assert list(there.values(THING, "outgoing", None))
    for name in ("a", "b"):
        other = NamedNode(f"http://x.example/{name}")
        assert [term for _, term in there.values(other, "outgoing", None)] == [Literal(name)]
    the_thing, together, a, b = 1, 1, 1, 1
    assert len(engine.asked) == the_thing + together + a + b
    hub = NamedNode("http://x.example/hub")
    assert there.contains(hub)
    assert len(list(there.values(hub, "outgoing", None))) == 2500


def test_names_that_readers_make_up_are_asked_for_and_not_remembered() -> None:
    engine = holding(":thing :name 'thing' .")
    there = held(engine)
    for _ in range(3):
        assert not there.contains(NamedNode("http://x.example/nothing"))
    assert len(engine.asked) == 3
