"""Small queries are answered in the process of the server: which ones, how, and what bounds them."""

import random
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path

import pytest
from conftest import LIGHTS, write
from pyoxigraph import Literal, NamedNode, Quad, QuerySolutions, Store, Triple

from ldnkg.counts import MANY, write_counts
from ldnkg.errors import BadQuery, QueryRefused
from ldnkg.iris import PREFIXES
from ldnkg.query import Limits, Pool, inspect
from ldnkg.query.bounds import Bounds
from ldnkg.query.inline import Inline
from ldnkg.query.shape import shape
from ldnkg.release import build
from ldnkg.sources import load

EX = "http://example.org/"
PREFIX = f"PREFIX ex: <{EX}> "


def ex(name: str) -> NamedNode:
    return NamedNode(EX + name)


def clinic() -> list[Triple]:
    """3,000 trials with labels and arms, of which five study one condition; a tree of conditions."""
    triples = []
    for number in range(3000):
        trial = ex(f"t{number}")
        triples += [
            Triple(trial, ex("label"), Literal(f"trial {number}")),
            Triple(trial, ex("label"), Literal(f"Studie {number}", language="de")),
            Triple(trial, ex("studies"), ex("rare" if number < 5 else "hub")),
        ]
        for arm in range(number % 3):
            node = ex(f"t{number}-a{arm}")
            triples += [Triple(trial, ex("arm"), node), Triple(node, ex("regimen"), ex(f"r{arm}"))]
    triples += [Triple(ex(f"c{number}"), ex("broader"), ex(f"c{number // 2}")) for number in range(1, 200)]
    return triples


@pytest.fixture(scope="module")
def counted(tmp_path_factory: pytest.TempPathFactory) -> tuple[Store, Bounds]:
    path = tmp_path_factory.mktemp("bounds") / "counts.sqlite"
    triples, store = clinic(), Store()
    store.extend(Quad(each.subject, each.predicate, each.object) for each in triples)
    write_counts(path, triples, EX)
    return store, Bounds(path)


def bound(bounds: Bounds, text: str, limit: int | None = None) -> int | None:
    found = shape(PREFIX + text, EX)
    assert found
    return bounds.look_ups(found, limit)


def rows_seen(store: Store, text: str) -> int:
    """How often the engine has a value for a variable while it answers: once for each row of each step."""
    seen = 0

    def tick(_: object) -> Literal:
        nonlocal seen
        seen += 1
        return Literal(True)

    found = store.query(PREFIX + text)
    assert isinstance(found, QuerySolutions)
    ticks = " ".join(f"FILTER(<{EX}tick>({each}))" for each in found.variables)
    watched = text[: text.rindex("}")] + ticks + text[text.rindex("}") :]
    answer = store.query(PREFIX + watched, custom_functions={ex("tick"): tick})
    assert isinstance(answer, QuerySolutions)
    list(answer)
    return seen


BOUNDED = [
    "SELECT * { ex:t7 ?p ?o }",
    "SELECT * { ?t ex:label 'trial 7' ; ?p ?o }",
    "SELECT * { ?t ex:label ?l ; ex:arm ?a ; ex:studies ex:rare . ?a ex:regimen ?r }",
    "SELECT * { ?a ex:regimen ?r . ?t ex:arm ?a ; ex:studies ex:rare ; ex:label ?l }",
    "SELECT * { ?t ex:studies ex:rare OPTIONAL { ?t ex:arm ?a } OPTIONAL { ?t ex:label ?l } }",
    "SELECT * { ?t ex:arm/ex:regimen ex:r1 ; ex:studies ex:rare }",
    "SELECT * { ?c ex:broader+ ex:c3 }",
    "SELECT * { ex:c150 ex:broader* ?c . ?c ex:broader ?d }",
    "SELECT * { ?t ex:studies ex:rare ; (ex:label|ex:arm) ?x }",
    "SELECT * { ?t ?p ex:rare }",
    "SELECT * { ex:t9 ex:arm ?a . ?a ?p ?o }",
]


@pytest.mark.parametrize("text", BOUNDED)
def test_the_engine_sees_no_more_rows_than_are_promised(counted: tuple[Store, Bounds], text: str) -> None:
    store, bounds = counted
    most = bound(bounds, text)
    assert most is not None and most < 6000, "a bound below what a scan of all labels would take"
    assert rows_seen(store, text) <= 2 * most, "a step has two new variables at most"


def test_random_patterns_keep_their_bounds(counted: tuple[Store, Bounds]) -> None:
    """Whatever order the patterns are written in, and whichever of them are fixed."""
    store, bounds = counted
    chance = random.Random(7)
    pool = [
        *("?t ex:studies ex:rare", "?t ex:label ?l", "?t ex:arm ?a", "?a ex:regimen ?r", "?t ?p ?o"),
        *("?a ex:regimen ex:r1", "?t ex:label 'trial 3'", "ex:t8 ex:arm ?a", "ex:t8 ex:studies ?s"),
        *("?t ex:studies ?s", "?u ex:studies ?s", "?u ex:label ?m"),
    ]
    kept = 0
    for _ in range(200):
        text = f"SELECT * {{ {' . '.join(chance.sample(pool, chance.randint(1, 5)))} }}"
        most = bound(bounds, text)
        if most is not None and most < 4_000:
            kept += 1
            assert rows_seen(store, text) <= 2 * most, text
    assert kept > 40


@pytest.mark.parametrize(
    "text",
    [
        "SELECT * { ?t ex:studies ex:rare . ?u ex:label 'trial 3' }",  # nothing joins them
        "SELECT * { ?t ex:studies ex:rare FILTER(?t = ex:t1) }",
        "SELECT * { ?s ex:broader+ ?o }",
        "SELECT * { ?s ((ex:broader)*)+ ex:c3 }",
        "SELECT * { ?s (ex:broader/ex:broader)+ ex:c3 }",
        "SELECT * { ?s (ex:broader|ex:broader*) ex:c3 . ?s (ex:broader+)? ?o }",
        "SELECT * { ?s !ex:broader ?o }",
        "SELECT * { ?t ex:studies ex:rare MINUS { ?t ex:arm ?a } }",
        "SELECT * { ?t ex:studies ex:rare OPTIONAL { ?t ex:arm ?a . ?a ex:regimen ?r } }",
        "SELECT * { ?t ex:studies ex:rare OPTIONAL { ?t ex:arm ?a } OPTIONAL { ?a ex:regimen ?r } }",
        "SELECT * { ?t ex:studies ex:rare OPTIONAL { ?u ex:label 'trial 3' } }",
        "SELECT * { { ?t ex:studies ex:rare } UNION { ?t ex:label 'x' } }",
        "SELECT * { GRAPH ?g { ?t ex:studies ex:rare } }",
        "SELECT * { VALUES ?t { ex:t1 } ?t ex:label ?l }",
        "SELECT * { ?t ex:studies ex:rare FILTER EXISTS { ?t ex:arm ?a } }",
        "SELECT * { ?s ?p ?o }",
        "SELECT * { }",
    ],
)
def test_nothing_is_promised_for_other_shapes(counted: tuple[Store, Bounds], text: str) -> None:
    assert bound(counted[1], text) is None


def test_a_bound_tells_hubs_from_other_nodes(counted: tuple[Store, Bounds]) -> None:
    bounds = counted[1]
    few, many = (bound(bounds, f"SELECT * {{ ?t ex:studies ex:{each} }}") for each in ("rare", "hub"))
    assert few is not None and few <= 2 * MANY
    assert many is not None and many > 2995
    assert bound(bounds, "SELECT * { ?t ex:studies ex:hub }", 10) == 11


@pytest.fixture(scope="module")
def release(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("inline")
    return build(load(write(path / "sources", dict(LIGHTS))), path / "releases", "http://localhost/").path


@pytest.fixture(scope="module")
def pool(release: Path) -> Iterator[Pool]:
    with closing(Pool(release, Limits())) as opened:
        yield opened


@pytest.fixture(scope="module")
def workers(release: Path) -> Iterator[Pool]:
    """A pool for which no query is small."""
    with closing(Pool(release, Limits(quick_seconds=1e-9))) as opened:
        yield opened


def takes(release: Path, text: str) -> bool:
    limits = Limits()
    with closing(Inline(release, limits)) as inline:
        return inline.text(inspect(text, limits, "http://localhost/")) is not None


SMALL = [
    "SELECT * { <http://localhost/dataset> ?p ?o }",
    "SELECT ?o { <http://localhost/dataset> <http://purl.org/dc/terms/title> ?o } LIMIT 1",
    "SELECT DISTINCT ?p { <http://localhost/dataset> ?p ?o }",
    "SELECT*{<http://localhost/dataset>?p?o}LIMIT 3 OFFSET 2 # all",
    f"PREFIX x: <{PREFIXES['xsd']}> ASK {{ ?s <urn:p> 'a ^ ^ b'^^x:string , '1'^^x:integer }}",
    "SELECT * { <http://localhost/dataset> ?p ?o OPTIONAL { ?o ?q ?r } }",
    "PREFIX void: <http://rdfs.org/ns/void#> SELECT ?c { ?d void:classPartition ?x . ?x void:class ?c }",
    "ASK { <http://localhost/dataset> a ?class }",
    "CONSTRUCT { <http://localhost/dataset> ?p ?o } WHERE { <http://localhost/dataset> ?p ?o }",
]


@pytest.mark.parametrize("text", SMALL)
def test_a_small_query_is_answered_as_a_worker_answers_it(
    release: Path, pool: Pool, workers: Pool, text: str
) -> None:
    assert takes(release, text)
    query = inspect(text, Limits(), "http://localhost/")
    for suffix in ("nt", "jsonld") if query.is_graph else ("json", "xml", "csv", "tsv"):
        here, there = pool.run(query, suffix), workers.run(query, suffix)
        assert (here.media_type, here.rows, here.truncated) == (there.media_type, there.rows, there.truncated)
        assert sorted(here.body.splitlines()) == sorted(there.body.splitlines())


def test_a_small_query_needs_no_worker_and_is_remembered(release: Path) -> None:
    with closing(Pool(release, Limits())) as fresh:
        query = inspect(SMALL[0], Limits())
        first, again = fresh.run(query, "json"), fresh.run(query, "json")
        assert fresh.pids() == []
        assert (first.luck, again.luck) == ("miss", "hit") and first.body == again.body
        assert {"queue", "evaluation", "serialisation"} <= first.timings.keys()


def test_a_small_query_keeps_to_the_rows_that_are_wanted(pool: Pool) -> None:
    query = inspect(SMALL[0], Limits())
    cut = pool.run(query, "json", rows=2, truncate=True)
    assert (cut.rows, cut.truncated) == (2, True)


@pytest.mark.parametrize(
    "text",
    [
        "SELECT * { <http://localhost/dataset> ?p ?o FILTER(?o = 1) }",
        "SELECT * { <http://localhost/dataset> ?p ?o } ORDER BY ?o",
        "ASK { <http://localhost/dataset> ?p ?o } ORDER BY ?o",
        "SELECT (CONCAT(?o, ?o) AS ?x) { <http://localhost/dataset> ?p ?o }",
        "SELECT (COUNT(*) AS ?n) { <http://localhost/dataset> ?p ?o }",
        "SELECT * { <http://localhost/dataset> ?p ?o { SELECT ?p { ?s ?p ?o } } }",
        "SELECT * FROM <http://localhost/graph/data> { <http://localhost/dataset> ?p ?o }",
        "SELECT * { <http://localhost/dataset> ?p '\\u0061' }",
        "SELECT * { <http://localhost/dataset> ex:p ?o }",
        "SELECT * { <dataset> ?p ?o }",
        "BASE <http://localhost/> SELECT * { <http://localhost/dataset> ?p ?o }",
        "SELECT * { <http://localhost/../dataset> ?p ?o }",
        "SELECT * { ?x ((<urn:p>|^<urn:p>)*)* <urn:x> }",
        "SELECT * { <http://localhost/dataset> ?p ?o } LIMIT 00000000000000000099",
        "DESCRIBE <http://localhost/dataset>",
        'SELECT * { <urn:a> ?p ?a FILTER(?a <=?a)#> """\n?s ?q ?o FILTER(?s = ?a #"""\n) }',
        "SELECT * { <http://localhost/dataset> ?p ?a FILTER(?a <?a).?s?q?o.?u?v?w.FILTER(?a> ?a) }",
    ],
)
def test_other_queries_are_left_to_the_workers(release: Path, text: str) -> None:
    """What compares or sorts, or may mean something else to the engine than it does here."""
    with suppress(BadQuery, QueryRefused):  # then no engine sees it
        assert not takes(release, text)


def test_a_small_query_of_chosen_graphs_is_left_to_the_workers(pool: Pool) -> None:
    query = inspect(SMALL[0], Limits())
    whole = pool.run(query, "json")
    part = pool.run(query, "json", default_graphs=("http://localhost/graph/shapes",))
    assert part.rows < whole.rows


def test_what_the_engine_refuses_is_refused_here(pool: Pool) -> None:
    with pytest.raises(BadQuery):
        pool.run(inspect("SELECT ?o ?o { <http://localhost/dataset> ?p ?o LIMIT 1 }", Limits()), "json")


def test_very_small_queries_are_answered_at_once_and_no_others(release: Path) -> None:
    with closing(Pool(release, Limits())) as fresh:
        small = inspect(SMALL[0], Limits())
        at_once = fresh.at_once(small, "json")
        assert at_once and at_once.body == fresh.run(small, "json").body
        large = inspect("SELECT (COUNT(*) AS ?n) { ?s ?p ?o FILTER(true) }", Limits())
        assert fresh.at_once(large, "json") is None
        fresh.run(large, "json")
        known = fresh.at_once(large, "json")
        assert known and known.luck == "hit"
        long = inspect("SELECT * { ?s ?p ?o . ?a ?b ?o } LIMIT 2000", Limits())
        assert len(fresh.run(long, "json").body) > 2**16
        assert fresh.at_once(long, "json") is None, "to send it takes longer"
    assert fresh.at_once(inspect(SMALL[1], Limits()), "json") is None, "after the end nothing is answered"
