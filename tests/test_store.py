"""What is said about a node, a page of values at a time."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pyoxigraph as ox
import pytest

from ldnkg.counts import MANY, hubs, write_counts
from ldnkg.errors import NoRelease
from ldnkg.store import Store, open_release

BASE = "https://example.org/lights/"
HUB = ox.NamedNode(BASE + "id/keeper/hub")
EDDYSTONE = ox.NamedNode(BASE + "id/light/eddystone")
HEIGHT = ox.NamedNode(BASE + "ont#height")
KEPT_BY, NEAR = ox.NamedNode(BASE + "ont#keptBy"), ox.NamedNode(BASE + "ont#near")
LABEL = ox.NamedNode("http://www.w3.org/2004/02/skos/core#prefLabel")
TITLE = ox.NamedNode("http://purl.org/dc/terms/title")
PHAROS, BELL_ROCK = ox.NamedNode("http://other.example/pharos"), ox.NamedNode(BASE + "ont#bell-rock")
PHAROS_NAMES = {"en": "Pharos", "el": "Φάρος"}
TYPE = ox.NamedNode("http://www.w3.org/1999/02/22-rdf-syntax-ns#type")
LIGHT, THING = ox.NamedNode(BASE + "ont#Light"), ox.NamedNode("http://other.example/Thing")
LIGHTS = 120
QUERY = "SELECT DISTINCT ?light ?keeper ?kept WHERE { ?light ?kept ?keeper }"


def _decimal(text: str) -> ox.Literal:
    return ox.Literal(text, datatype=ox.NamedNode("http://www.w3.org/2001/XMLSchema#decimal"))


def triples() -> list[ox.Triple]:
    """A keeper of 120 lights named in the reverse of their IRIs, and a light with parts."""
    found = [ox.Triple(HUB, LABEL, ox.Literal("Hub", language="en"))]
    for number in range(LIGHTS):
        light = ox.NamedNode(f"{BASE}id/light/l{number:03}")
        found += [
            ox.Triple(light, KEPT_BY, HUB),
            ox.Triple(light, TYPE, LIGHT),
            ox.Triple(light, TYPE, THING),
            ox.Triple(light, LABEL, ox.Literal(f"Light {LIGHTS - number}", language="en")),
        ]
    parts = [ox.NamedNode(f"{EDDYSTONE.value}#s{number}") for number in (10, 2)]
    found += [ox.Triple(part, LABEL, ox.Literal("part", language="en")) for part in parts]
    found += [ox.Triple(EDDYSTONE, HEIGHT, _decimal(text)) for text in ("50.0", "50", "7", "8.10")]
    found += [ox.Triple(PHAROS, LABEL, ox.Literal(name, language=tag)) for tag, name in PHAROS_NAMES.items()]
    found += [
        ox.Triple(PHAROS, TITLE, ox.Literal("a title")),
        ox.Triple(BELL_ROCK, TITLE, _decimal("1811.0")),
    ]
    found += [ox.Triple(EDDYSTONE, NEAR, HUB), ox.Triple(EDDYSTONE, LABEL, ox.Literal("Eddystone"))]
    return found


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """The triples, each in two named graphs."""
    path = tmp_path_factory.mktemp("release")
    graph = ox.Store(str(path / "store"))
    for name in ("graph/a", "graph/b"):
        graph.bulk_extend(
            ox.Quad(each.subject, each.predicate, each.object, ox.NamedNode(BASE + name))
            for each in triples()
        )
    graph.flush()
    del graph
    write_counts(path / "counts.sqlite", triples(), BASE)
    with closing(open_release(path)) as opened:
        yield opened


def test_a_node_is_there_when_something_is_said_about_it(store: Store) -> None:
    assert store.contains(EDDYSTONE)
    assert not store.contains(ox.NamedNode(BASE + "id/light/nowhere"))
    assert not store.contains(LIGHT)


def test_a_triple_in_two_graphs_counts_once(store: Store) -> None:
    assert store.properties(EDDYSTONE, "outgoing") == {HEIGHT: 4, NEAR: 1, LABEL: 1}
    assert store.objects(EDDYSTONE, NEAR) == [HUB]
    assert store.values(EDDYSTONE, LABEL, "outgoing", 0, 50) == [ox.Literal("Eddystone")]


def test_numbers_keep_their_digits(store: Store) -> None:
    values = store.values(EDDYSTONE, HEIGHT, "outgoing", 0, 50)
    assert [term.value for term in values if isinstance(term, ox.Literal)] == ["7", "8.10", "50", "50.0"]
    assert store.objects(EDDYSTONE, HEIGHT) == values


def test_a_hub_tells_the_size_of_every_list(store: Store) -> None:
    assert store.properties(HUB, "incoming") == {KEPT_BY: LIGHTS, NEAR: 1}
    assert store.properties(HUB, "outgoing") == {LABEL: 1}
    assert store.values(HUB, NEAR, "incoming", 0, 50) == [EDDYSTONE]


def test_a_long_list_is_paged_in_the_order_of_names(store: Store) -> None:
    pages = [store.values(HUB, KEPT_BY, "incoming", start, MANY) for start in (0, 50, 100, 150)]
    assert [len(page) for page in pages] == [50, 50, 20, 0]
    assert pages[0][0] == ox.NamedNode(BASE + "id/light/l119")  # "Light 1"; "Light 10" comes after "Light 9"
    assert len({value for page in pages for value in page}) == LIGHTS


def test_a_page_of_a_long_list_reads_nothing_else(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "_found", lambda *_: pytest.fail("the hub was scanned"))
    assert len(store.values(HUB, KEPT_BY, "incoming", 0, MANY)) == MANY
    assert store.properties(HUB, "incoming")[KEPT_BY] == LIGHTS


def test_a_name_is_known_without_what_is_said_besides(store: Store) -> None:
    assert store.names(PHAROS) == (
        LABEL,
        (ox.Literal("Pharos", language="en"), ox.Literal("Φάρος", language="el")),
    )
    assert store.names(EDDYSTONE) == (LABEL, (ox.Literal("Eddystone"),))
    assert store.names(BELL_ROCK) == (TITLE, (_decimal("1811.0"),))
    assert store.names(LIGHT) == (LABEL, ())


def test_members_come_in_the_order_of_their_names(store: Store) -> None:
    page, total = store.members("light", 1, 2)
    assert total == LIGHTS + 1
    assert [node.value.rpartition("/")[2] for node in page] == ["l119", "l118"]  # after Eddystone
    assert store.members("unknown", 0, 10) == ([], 0)


def test_a_type_is_named_by_the_class_of_ours_that_most_members_have(store: Store) -> None:
    assert store.types() == [("light", LIGHT, LIGHTS + 1)]


def test_parts_are_found_though_nothing_leads_to_them(store: Store) -> None:
    assert [part.value.partition("#")[2] for part in store.parts(EDDYSTONE)] == ["s2", "s10"]
    assert store.parts(HUB) == []


def test_a_query_of_ours_sees_the_union_and_what_is_bound(store: Store) -> None:
    rows = store.select(QUERY, keeper=HUB, kept=KEPT_BY)
    assert len({row["light"] for row in rows}) == len(rows) == LIGHTS


def test_a_folder_that_is_no_release_is_said_to_be_none(tmp_path: Path) -> None:
    with pytest.raises(NoRelease, match="ldnkg build"):
        open_release(tmp_path / "nothing")


def test_a_release_with_a_damaged_file_is_not_opened(tmp_path: Path) -> None:
    """So that a load balancer hears of it from `/health`, and not readers from each page."""
    ox.Store(str(tmp_path / "store")).flush()
    write_counts(tmp_path / "counts.sqlite", triples(), BASE)
    whole = (tmp_path / "counts.sqlite").read_bytes()
    for rest in (whole[:100], b"", b"x" * 5000):
        (tmp_path / "counts.sqlite").write_bytes(rest)
        with pytest.raises(NoRelease, match="cannot be opened"):
            open_release(tmp_path)


def test_hubs_are_the_nodes_that_much_leads_to(tmp_path: Path) -> None:
    write_counts(tmp_path / "counts.sqlite", triples(), BASE)
    assert HUB in hubs(tmp_path / "counts.sqlite", LIGHTS - 1)
    assert HUB not in hubs(tmp_path / "counts.sqlite", 2 * LIGHTS)
    assert EDDYSTONE not in hubs(tmp_path / "counts.sqlite", 1)
