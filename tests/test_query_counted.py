"""Queries that only count are answered from what the release has counted, just as the engine would."""

from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from conftest import LIGHTS, write
from hypothesis import given, settings
from hypothesis import strategies as st
from pyoxigraph import BlankNode, Literal, NamedNode, Quad, QuerySolutions, Store

from ldnkg.iris import PREFIXES
from ldnkg.query import Limits, Pool, inspect
from ldnkg.query.counted import counted
from ldnkg.query.tallies import TALLIES, Tallies, write_tallies
from ldnkg.release import build
from ldnkg.sources import load

BASE = "http://x/"
TYPE = NamedNode(PREFIXES["rdf"] + "type")
INTEGER = NamedNode(PREFIXES["xsd"] + "integer")
HEAD = f"PREFIX : <http://x/> PREFIX rdf: <{PREFIXES['rdf']}>\n# COUNT\n"

nodes = st.sampled_from([NamedNode(f"http://x/{name}") for name in "abcde"])
classes = st.sampled_from([NamedNode(f"http://x/{name}") for name in ("C", "D", "a/../E")])
literals = st.sampled_from([Literal("1", datatype=INTEGER), Literal("01", datatype=INTEGER), Literal("x")])
subjects = nodes | st.sampled_from([BlankNode("b"), BlankNode("c")])
properties = st.sampled_from([NamedNode(f"http://x/{name}") for name in "pq"])
graphs = st.sampled_from([NamedNode(f"http://x/graph/{name}") for name in "12"])
triples = st.tuples(subjects, properties, subjects | literals) | st.tuples(subjects, st.just(TYPE), classes)


@st.composite
def stores(draw: st.DrawFn) -> list[Quad]:
    """Quads of which no triple stands in two graphs."""
    found = draw(st.sets(triples, max_size=30))
    return [Quad(*each, draw(graphs)) for each in sorted(found, key=str)]


KEYED = {
    "{ ?s ?k ?o }": ("*", "?s", "?k", "?o", "DISTINCT ?s", "DISTINCT ?o"),
    "{ [] ?k ?o . }": ("*", "?k", "?o", "DISTINCT ?o"),
    "WHERE { ?s a ?k }": ("*", "?s", "?k", "DISTINCT ?s"),
    "{ ?s rdf:type ?k . }": ("*", "DISTINCT ?s"),
    "{ [] a ?k }": ("*", "?k"),
    "{ GRAPH ?k { ?s ?p ?o } }": ("*", "?s", "?p", "?o"),
}
SINGLE = {
    "{ ?s ?p ?o }": ("*", "?s", "?o", "DISTINCT ?s", "DISTINCT ?p", "DISTINCT ?o"),
    "{ ?s :p ?o }": ("*", "?s", "DISTINCT ?s", "DISTINCT ?o"),
    "{ ?s <p> ?o }": ("*", "?o", "DISTINCT ?s"),
    "{ ?s :nothing ?o }": ("*", "?s", "DISTINCT ?s", "DISTINCT ?o"),
    "{ ?s a ?c }": ("*", "DISTINCT ?s", "DISTINCT ?c"),
    "WHERE { ?s a :C . }": ("*", "?s", "DISTINCT ?s"),
    "{ [] a <http://x/D> }": ("*",),
    "{ ?s a :Nothing }": ("*", "DISTINCT ?s"),
    f"{{ ?s <{TYPE.value}> :D }}": ("?s",),
}
slices = st.sampled_from(["", "LIMIT 2", "LIMIT 0", "LIMIT 3 OFFSET 1", "OFFSET 1", "OFFSET 1 LIMIT 1"])


@st.composite
def queries(draw: st.DrawFn) -> tuple[str, tuple[str, ...]]:
    """A query that only counts, and the names of the columns that it is put in order by."""
    keyed = draw(st.booleans())
    where = draw(st.sampled_from(sorted(KEYED if keyed else SINGLE)))
    counts = draw(st.lists(st.sampled_from((KEYED if keyed else SINGLE)[where]), max_size=3))
    if not counts and not keyed:
        counts = ["*"]
    columns = [f"(COUNT({each}) AS ?n{number})" for number, each in enumerate(counts)]
    names = [f"n{number}" for number in range(len(counts))]
    grouped = keyed and (bool(counts) or draw(st.booleans()))
    if keyed and (not counts or draw(st.booleans())):
        columns, names = draw(st.permutations(["?k", *columns])), ["k", *names]
    distinct = "DISTINCT " if (keyed and not grouped) or draw(st.booleans()) else ""
    ordered = draw(st.lists(st.sampled_from(names), max_size=2, unique=True)) if names else []
    ways = [draw(st.sampled_from(["?{0}", "ASC(?{0})", "DESC( $ {0})".replace("$ ", "$")])) for _ in ordered]
    order = " ".join(way.format(name) for way, name in zip(ways, ordered, strict=True))
    text = f"select {distinct}{' '.join(columns)} {where}"
    text += " GROUP BY ?k" if grouped else ""
    text += f" ORDER BY {order}" if order else ""
    return HEAD + text + " " + draw(slices), tuple(ordered)


def rows(found: QuerySolutions) -> tuple[list[str], list[tuple[str, ...]]]:
    return [each.value for each in found.variables], [tuple(map(str, row)) for row in found]


def engine_of(quads: list[Quad], folder: Path) -> tuple[Store, Tallies]:
    store = Store()
    store.extend(quads)
    write_tallies(folder / TALLIES, store)
    return store, Tallies(folder / TALLIES)


def asked(store: Store, text: str) -> tuple[list[str], list[tuple[str, ...]]]:
    found = store.query(text, base_iri=BASE, use_default_graph_as_union=True)
    assert isinstance(found, QuerySolutions)
    return rows(found)


@settings(max_examples=150)
@given(stores(), st.lists(queries(), min_size=1, max_size=12))
def test_the_numbers_give_what_the_engine_gives(
    quads: list[Quad], several: list[tuple[str, tuple[str, ...]]]
) -> None:
    with TemporaryDirectory() as folder:
        store, tallies = engine_of(quads, Path(folder))
        for text, ordered in several:
            meant = counted(text)
            assert meant, text
            found = tallies.answer(text, BASE)
            assert found is not None or not tallies.has(meant.kind)
            if found is None:
                continue
            names, got = rows(found)
            expected_names, expected = asked(store, text)
            whole = asked(store, text.split(" LIMIT ")[0].split(" OFFSET ")[0])[1]
            keys = [names.index(name) for name in ordered]
            assert names == expected_names
            assert [[row[key] for key in keys] for row in got] == [
                [row[key] for key in keys] for row in expected
            ], text
            assert len(got) == len(expected)
            assert not Counter(got) - Counter(whole), "of rows that are equal in order any may be left out"


OTHER = [
    "SELECT ?k (COUNT(*) AS ?n) { ?s a ?k ; :p ?o } GROUP BY ?k",
    "SELECT ?k (COUNT(*) AS ?n) { ?s a ?k . ?s a :C } GROUP BY ?k",
    "SELECT ?k (COUNT(*) AS ?n) { ?s a ?k FILTER(?k = :C) } GROUP BY ?k",
    "SELECT ?k (COUNT(*) AS ?n) { ?s a ?k } GROUP BY ?k HAVING(?n > 1)",
    "SELECT ?k (COUNT(*) AS ?n) { ?s a ?k } GROUP BY ?k VALUES ?k { :C }",
    "SELECT ?k (COUNT(*) AS ?n) FROM :g { ?s a ?k } GROUP BY ?k",
    "SELECT ?o (COUNT(*) AS ?n) { ?s :p ?o } GROUP BY ?o",
    "SELECT ?s (COUNT(*) AS ?n) { ?s ?p ?o } GROUP BY ?s",
    "SELECT ?p (COUNT(*) AS ?n) { GRAPH ?g { ?s ?p ?o } } GROUP BY ?p",
    "SELECT (COUNT(*) AS ?n) { GRAPH ?g { ?s ?p ?o } }",
    "SELECT (COUNT(*) AS ?n) { GRAPH :g { ?s ?p ?o } }",
    "SELECT (COUNT(DISTINCT *) AS ?n) { ?s ?p ?o }",
    "SELECT (COUNT(?x) AS ?n) { ?s ?p ?o }",
    "SELECT (COUNT(*) AS ?n) { ?s ?p ?s }",
    "SELECT (COUNT(*) AS ?n) { :a ?p ?o }",
    "SELECT (COUNT(*) AS ?n) { ?s :p :a }",
    "SELECT (COUNT(*) AS ?n) { ?s :p 'x' }",
    "SELECT (COUNT(*) AS ?n) { ?s :p* ?o }",
    "SELECT (COUNT(*) + 1 AS ?n) { ?s ?p ?o }",
    "SELECT (SUM(?o) AS ?n) (COUNT(*) AS ?m) { ?s ?p ?o }",
    "SELECT ?p { ?s ?p ?o }",
    "SELECT REDUCED ?p { ?s ?p ?o }",
    "SELECT DISTINCT ?s { ?s ?p ?o }",
    "SELECT DISTINCT ?p ?o { ?s ?p ?o }",
    "SELECT DISTINCT ?p { ?s ?p ?o } ORDER BY ?o",
    "SELECT DISTINCT ?p { ?s ?p ?o } ORDER BY STRLEN(STR(?p))",
    "SELECT (COUNT(*) AS ?s) { ?s ?p ?o }",
    "SELECT * { SELECT DISTINCT ?p { ?s ?p ?o } }",
    "SELECT (COUNT(*) AS ?tally_0) { ?s ?p ?o }",
    "ASK { ?s ?p ?o }",
]


@pytest.mark.parametrize("text", OTHER)
def test_a_query_that_does_anything_else_reads_the_graph(text: str) -> None:
    assert counted(HEAD + text) is None


def test_counts_that_only_order_the_rows_are_known_too(tmp_path: Path) -> None:
    data = [
        Quad(NamedNode(f"http://x/{n}"), TYPE, NamedNode("http://x/C"), NamedNode("http://x/g")) for n in "ab"
    ]
    data.append(Quad(NamedNode("http://x/a"), TYPE, NamedNode("http://x/D"), NamedNode("http://x/g")))
    store, tallies = engine_of(data, tmp_path)
    for way in ("COUNT(?s)", "DESC(COUNT(DISTINCT ?s))"):
        text = f"SELECT ?k {{ ?s a ?k }} GROUP BY ?k ORDER BY {way}"
        found = tallies.answer(text, BASE)
        assert found is not None
        assert rows(found) == asked(store, text)


def test_what_the_engine_cannot_read_is_not_answered(tmp_path: Path) -> None:
    a, g = NamedNode("http://x/a"), NamedNode("http://x/g")
    _, tallies = engine_of([Quad(a, a, a, g)], tmp_path)
    for text in (
        "SELECT (COUNT(*) AS ?n) { ?s no:prefix ?o }",
        "SELECT (COUNT(*) AS ?n) { ?s ?p ?o } LIMIT 1 LIMIT 2",
    ):
        assert tallies.answer(text, BASE) is None


def test_a_triple_in_two_graphs_leaves_the_counting_to_the_engine(tmp_path: Path) -> None:
    a = NamedNode("http://x/a")
    twice = [Quad(a, a, a, NamedNode(f"http://x/{graph}")) for graph in "gh"]
    _, tallies = engine_of(twice, tmp_path)
    assert tallies.answer("SELECT (COUNT(*) AS ?n) { ?s ?p ?o }", BASE) is None


def test_classes_without_iri_leave_the_counting_of_classes_to_the_engine(tmp_path: Path) -> None:
    a, g = NamedNode("http://x/a"), NamedNode("http://x/g")
    _, tallies = engine_of([Quad(a, TYPE, BlankNode(), g), Quad(a, TYPE, a, g)], tmp_path)
    assert tallies.answer("SELECT DISTINCT ?k { ?s a ?k }", BASE) is None
    assert tallies.answer("SELECT (COUNT(*) AS ?n) { ?s a ?k }", BASE) is not None


@pytest.fixture(scope="module")
def pool(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pool]:
    path = tmp_path_factory.mktemp("counted")
    release = build(load(write(path / "sources", dict(LIGHTS))), path / "releases", "http://localhost/")
    with closing(Pool(release.path, Limits())) as opened:
        yield opened


@pytest.mark.parametrize(
    ("text", "known"),
    [
        ("SELECT ?p (COUNT(*) AS ?n) { ?s ?p ?o } GROUP BY ?p ORDER BY DESC(?n) ?p", True),
        ("SELECT ?k (COUNT(?s) AS ?n) { ?s a ?k } GROUP BY ?k ORDER BY DESC(?n) ?k", True),
        ("SELECT (COUNT(*) AS ?n) (COUNT(DISTINCT ?s) AS ?m) (COUNT(DISTINCT ?o) AS ?k) { ?s ?p ?o }", True),
        ("SELECT DISTINCT ?g { GRAPH ?g { ?s ?p ?o } } ORDER BY ?g", True),
        ("SELECT (COUNT(*) AS ?n) { ?s ?p ?o FILTER(true) }", False),
    ],
)
def test_the_endpoint_counts_as_before_and_says_where_the_answer_is_from(
    pool: Pool, text: str, known: bool
) -> None:
    answer = pool.run(inspect(text, Limits()), "csv")
    plain = pool.run(inspect(text.replace("}", " FILTER(true) }", 1), Limits()), "csv")
    assert answer.body == plain.body
    assert ("statistics" in answer.timings, "evaluation" in answer.timings) == (known, not known)


def test_a_part_of_the_dataset_is_counted_itself(pool: Pool) -> None:
    query = inspect("SELECT (COUNT(*) AS ?n) { ?s ?p ?o }", Limits())
    whole = pool.run(query, "csv")
    part = pool.run(query, "csv", default_graphs=("http://localhost/graph/shapes",))
    assert "statistics" not in part.timings
    assert int(part.body.split()[1]) < int(whole.body.split()[1])
