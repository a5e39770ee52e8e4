"""A query runs in a process that can be killed, sees no network, and answers whole or not at all."""

import csv
import io
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Hashable, Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import pytest
from pyoxigraph import RdfFormat, Store, parse

from ldnkg.cache import Cache
from ldnkg.errors import (
    AnswerTooLarge,
    BadQuery,
    Busy,
    ClientGone,
    NotAcceptable,
    OverShare,
    QueryRefused,
    QueryTimeout,
    StoreUnreachable,
)
from ldnkg.iris import PREFIXES
from ldnkg.query import Answer, Limits, Pool, Query, Stream, inspect

BASE = "http://localhost:8000/"
LIMITS = Limits(workers=1, slow=1)
FOREVER = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }"
ROWS = "SELECT ?x { ?x <http://localhost:8000/ont#number> ?n } ORDER BY ?n"

CURATED = f"""
@prefix rdfs: <{PREFIXES["rdfs"]}> .
@prefix ex: <{BASE}ont#> .
<{BASE}id/light/a> ex:lamp <{BASE}id/light/a#lamp> ; ex:by <{BASE}id/k/b> .
<{BASE}id/light/a#lamp> ex:height 2.50 ; ex:in <{BASE}id/k/c> .
<{BASE}id/k/b> rdfs:label "Bea"@en ; ex:secret 1 .
<{BASE}id/k/c> rdfs:label "Cy"@en .
<{BASE}id/light/bell> ex:bell "\\u0007" .
""" + "".join(f"<{BASE}id/n/{number}> ex:number {number} .\n" for number in range(300))

VOCABULARY = f'<{BASE}vocab#lit> <{PREFIXES["skos"]}prefLabel> "lit"@en .'


@pytest.fixture(scope="module")
def release(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """As much of a release as queries need: two named graphs, prefixes, a context."""
    folder = tmp_path_factory.mktemp("release")
    store = Store(folder / "store")
    for name, text in (("curated", CURATED), ("vocabulary", VOCABULARY)):
        store.load(text, format=RdfFormat.TRIG, base_iri=BASE)
        store.update(f"MOVE DEFAULT TO <{BASE}graph/{name}>")
    store.flush()
    manifest = {"base": BASE, "prefixes": {**PREFIXES, "ex": f"{BASE}ont#"}}
    (folder / "manifest.json").write_text(json.dumps(manifest))
    (folder / "context.jsonld").write_text(json.dumps({"@context": {"ex": f"{BASE}ont#"}}))
    return folder


@pytest.fixture(scope="module")
def pool(release: Path) -> Iterator[Pool]:
    with closing(Pool(release, LIMITS)) as opened:
        yield opened


@pytest.fixture
def pool_of(release: Path) -> Iterator[Callable[[Limits], Pool]]:
    """Pools with limits of their own, closed after the test."""
    opened: list[Pool] = []

    def make(limits: Limits) -> Pool:
        opened.append(Pool(release, limits))
        return opened[-1]

    yield make
    for each in opened:
        each.close()


def ask(pool: Pool, text: str, suffix: str = "json") -> Answer:
    return pool.run(inspect(text, LIMITS, BASE), suffix)


def values(answer: Answer, name: str) -> list[str]:
    return [row[name]["value"] for row in json.loads(answer.body)["results"]["bindings"]]


def process_of(pool: Pool) -> int:
    return pool.pids()[0]


def test_every_table_format_says_the_same(pool: Pool) -> None:
    query = 'SELECT ?a ?b ?c { VALUES (?a ?b ?c) { (<x:y> "t\\t,\\"\\n" UNDEF) ("é"@fr 2.50 true) } }'
    body = json.loads(ask(pool, query).body)
    assert body["head"] == {"vars": ["a", "b", "c"]}
    first, second = body["results"]["bindings"]
    assert first == {"a": {"type": "uri", "value": "x:y"}, "b": {"type": "literal", "value": 't\t,"\n'}}
    assert second["a"] == {"type": "literal", "value": "é", "xml:lang": "fr"}
    assert second["c"] == {"type": "literal", "value": "true", "datatype": PREFIXES["xsd"] + "boolean"}
    xml = ElementTree.fromstring(ask(pool, query, "xml").body)
    space = "{http://www.w3.org/2005/sparql-results#}"
    assert [each.text for each in xml.iter(f"{space}literal")] == ['t\t,"\n', "é", "2.5", "true"]
    rows = list(csv.reader(io.StringIO(ask(pool, query, "csv").body.decode(), newline="")))
    assert rows == [["a", "b", "c"], ["x:y", 't\t,"\n', ""], ["é", "2.5", "true"]]
    header, one, two = ask(pool, query, "tsv").body.decode().splitlines()
    assert header.split("\t") == ["?a", "?b", "?c"]
    assert one.split("\t") == ["<x:y>", '"t\\t,\\"\\n"', ""]
    assert two.split("\t")[0] == '"é"@fr'


@pytest.mark.parametrize(
    ("suffix", "yes"), [("json", "true"), ("xml", ">true<"), ("csv", "true"), ("tsv", "true")]
)
def test_a_yes_is_a_yes_in_every_format(pool: Pool, suffix: str, yes: str) -> None:
    assert yes in ask(pool, "ASK { ?s ?p ?o }", suffix).body.decode()
    assert yes not in ask(pool, "ASK { FILTER(false) }", suffix).body.decode()


def test_xml_that_could_not_be_parsed_is_not_written(pool: Pool) -> None:
    with pytest.raises(NotAcceptable, match=r"U\+0007"):
        ask(pool, f"SELECT ?o {{ <{BASE}id/light/bell> ?p ?o }}", "xml")


@pytest.mark.parametrize("suffix", ["ttl", "nt", "rdf", "jsonld"])
def test_every_graph_format_says_the_same(pool: Pool, suffix: str) -> None:
    query = f"CONSTRUCT WHERE {{ <{BASE}id/light/a#lamp> ?p ?o }}"
    formats = {"ttl": RdfFormat.TURTLE, "nt": RdfFormat.N_TRIPLES, "rdf": RdfFormat.RDF_XML}
    if suffix == "jsonld":
        assert json.loads(ask(pool, query, suffix).body)
        return
    found = {str(quad.triple) for quad in parse(ask(pool, query, suffix).body, format=formats[suffix])}
    assert found == {
        f'<{BASE}id/light/a#lamp> <{BASE}ont#height> "2.5"^^<{PREFIXES["xsd"]}decimal>',
        f"<{BASE}id/light/a#lamp> <{BASE}ont#in> <{BASE}id/k/c>",
    }


def test_a_description_has_the_parts_and_the_labels_of_what_is_pointed_to(pool: Pool) -> None:
    triples = parse(ask(pool, f"DESCRIBE <{BASE}id/light/a>", "nt").body, format=RdfFormat.N_TRIPLES)
    found = {(quad.subject.value, quad.predicate.value.rpartition("#")[2]) for quad in triples}
    assert {
        (f"{BASE}id/light/a#lamp", "height"),
        (f"{BASE}id/k/b", "label"),
        (f"{BASE}id/k/c", "label"),
    } <= found
    assert (f"{BASE}id/k/b", "secret") not in found


def test_the_default_graph_is_the_union_unless_graphs_are_named(pool: Pool) -> None:
    query = "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }"
    vocabulary = f"{BASE}graph/vocabulary"
    everything = int(values(ask(pool, query), "n")[0])
    assert everything > 300
    for answer in (
        pool.run(Query(query, "SELECT"), "json", default_graphs=(vocabulary,)),
        ask(pool, query.replace("{", "FROM <graph/vocabulary> {", 1)),
        ask(pool, "SELECT (COUNT(*) AS ?n) { GRAPH <graph/vocabulary> { ?s ?p ?o } }"),
    ):
        assert values(answer, "n") == ["1"]
    named_only = pool.run(Query(query, "SELECT"), "json", named_graphs=(vocabulary,))
    assert values(named_only, "n") == ["0"]
    graphs = ask(pool, "SELECT ?g { GRAPH ?g {} } ORDER BY ?g")
    assert values(graphs, "g") == [f"{BASE}graph/curated", vocabulary]


def test_the_graphs_of_the_request_go_before_those_of_the_query(pool: Pool) -> None:
    query = inspect("SELECT ?o FROM <graph/curated> { ?s ?p ?o }", LIMITS, BASE)
    assert values(pool.run(query, "json", default_graphs=(f"{BASE}graph/vocabulary",)), "o") == ["lit"]


@pytest.mark.parametrize("graph", ["http://example.org/g", "file:///etc/passwd"])
def test_a_graph_outside_the_dataset_is_refused_and_the_others_are_told(pool: Pool, graph: str) -> None:
    with pytest.raises(QueryRefused, match=f"<{graph}>.*graph/curated"):
        ask(pool, f"SELECT * FROM <{graph}> {{ ?s ?p ?o }}")
    with pytest.raises(QueryRefused, match=graph):
        pool.run(Query("ASK {}", "ASK"), "json", named_graphs=(graph,))


def test_what_does_not_parse_is_told_with_its_line(pool: Pool) -> None:
    with pytest.raises(BadQuery, match="line 2, column") as caught:
        ask(pool, "SELECT * {\n  ?s ?p ; }\n")
    assert (caught.value.line, caught.value.text) == (2, "  ?s ?p ; }")


def test_an_undeclared_prefix_is_told_with_the_line_to_paste(pool: Pool) -> None:
    with pytest.raises(BadQuery, match=rf"PREFIX ex: <{BASE}ont#>") as caught:
        ask(pool, "SELECT * {\n  ?s ex:lamp ?o }")
    assert (caught.value.line, caught.value.column) == (2, 6)


def test_an_answer_over_the_row_budget_says_so_and_how_to_page(pool_of: Callable[[Limits], Pool]) -> None:
    pool = pool_of(replace(LIMITS, rows=10))
    with pytest.raises(AnswerTooLarge, match="more than 10 rows.*LIMIT"):
        ask(pool, ROWS)
    with pytest.raises(AnswerTooLarge):
        ask(pool, "CONSTRUCT WHERE { ?s ?p ?o }", "nt")
    assert ask(pool, ROWS + " LIMIT 10").rows == 10
    assert pool.run(inspect(ROWS, LIMITS), "json", rows=300, truncate=True).rows == 10


@pytest.mark.parametrize("suffix", ["json", "xml", "csv", "tsv"])
def test_a_cut_that_was_asked_for_is_marked(pool: Pool, suffix: str) -> None:
    answer = pool.run(inspect(ROWS, LIMITS), suffix, rows=10, truncate=True)
    assert (answer.rows, answer.truncated) == (10, True)
    if suffix == "json":
        assert json.loads(answer.body)["head"]["link"] == [f"{BASE}sparql#truncated"]
    whole = pool.run(inspect(ROWS, LIMITS), suffix, rows=300, truncate=True)
    assert (whole.rows, whole.truncated) == (300, False)
    assert b"truncated" not in whole.body


def test_an_answer_over_the_byte_budget_says_so(pool_of: Callable[[Limits], Pool]) -> None:
    pool = pool_of(replace(LIMITS, answer_bytes=1000))
    with pytest.raises(AnswerTooLarge, match="more than 1,000 bytes"):
        ask(pool, ROWS)
    with pytest.raises(AnswerTooLarge):
        ask(pool, "CONSTRUCT WHERE { ?s ?p ?o }", "nt")


def test_a_runaway_is_killed_at_its_limit_and_the_next_query_runs(
    pool_of: Callable[[Limits], Pool],
) -> None:
    pool = pool_of(replace(LIMITS, seconds=0.5))
    ask(pool, "ASK {}")
    before = set(pool.pids())
    with pytest.raises(QueryTimeout, match=r"longer than 0\.5 seconds"):
        ask(pool, FOREVER)
    (killed,) = before - set(pool.pids())
    with pytest.raises(ProcessLookupError):
        os.kill(killed, 0)
    assert values(ask(pool, "SELECT (1 AS ?x) {}"), "x") == ["1"]


def test_a_query_that_eats_memory_dies_alone(pool_of: Callable[[Limits], Pool]) -> None:
    pool = pool_of(replace(LIMITS, memory_bytes=100 * 2**20))
    with pytest.raises(QueryTimeout, match="100 MiB"):
        ask(pool, "SELECT * { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i } ORDER BY ?c LIMIT 1000000")
    assert ask(pool, "ASK {}").rows == 1


def test_a_query_that_brings_the_engine_down_takes_nothing_with_it(pool: Pool) -> None:
    deep = "SELECT * " + "{" * 20_000 + "}" * 20_000
    with pytest.raises(QueryTimeout, match="more complex than the engine can follow"):
        pool.run(Query(deep, "SELECT"), "json")
    assert ask(pool, "ASK {}").rows == 1


def test_a_worker_that_was_killed_while_idle_is_replaced(pool: Pool) -> None:
    ask(pool, "ASK {}")
    os.kill(process_of(pool), signal.SIGKILL)
    time.sleep(0.1)
    assert ask(pool, "ASK {}").rows == 1


def test_no_packet_leaves_a_worker_even_when_the_guard_is_passed_by(pool: Pool) -> None:
    with socket.create_server(("127.0.0.1", 0)) as canary:
        canary.settimeout(0.5)
        port = canary.getsockname()[1]
        query = f"SELECT * {{ SERVICE <http://127.0.0.1:{port}/> {{ ?s ?p ?o }} }}"
        with pytest.raises(QueryRefused):
            inspect(query, LIMITS)
        with pytest.raises(StoreUnreachable):
            pool.run(Query(query, "SELECT"), "json")
        with pytest.raises(TimeoutError):
            canary.accept()


def test_a_short_query_runs_while_long_ones_have_all_their_places_and_others_wait(
    pool_of: Callable[[Limits], Pool],
) -> None:
    pool = pool_of(replace(LIMITS, seconds=20))
    running = [threading.Thread(target=_run_quietly, args=(pool, f"{FOREVER} LIMIT {n}")) for n in (1, 2, 3)]
    for thread in running:
        thread.start()
    _until(lambda: pool.tally.counts("running").get("slow") == 1)
    _until(lambda: sum(pool.tally.counts("waiting").values()) == 2)
    assert ask(pool, "ASK {}").rows == 1
    assert pool.tally.counts("killed") == {"moved": 2}
    pool.close()
    for thread in running:
        thread.join(timeout=5)


def test_a_query_that_is_known_to_be_long_takes_no_place_of_a_short_one(
    pool_of: Callable[[Limits], Pool],
) -> None:
    pool = pool_of(replace(LIMITS, seconds=1))
    with pytest.raises(QueryTimeout):
        ask(pool, FOREVER)
    running = [threading.Thread(target=_run_quietly, args=(pool, FOREVER)) for _ in range(2)]
    for thread in running:
        thread.start()
    for thread in running:
        thread.join()
    assert "moved" not in pool.tally.counts("killed")


def test_what_is_remembered_of_a_query_is_small_however_long_it_is(
    pool_of: Callable[[Limits], Pool], monkeypatch: pytest.MonkeyPatch
) -> None:
    keys: list[object] = []
    put = Cache.put

    def noted(cache: Cache[object], key: Hashable, value: object) -> None:
        keys.append(key)
        put(cache, key, value)

    monkeypatch.setattr(Cache, "put", noted)
    with pytest.raises(QueryTimeout):
        ask(pool_of(replace(LIMITS, seconds=0.5)), f"{FOREVER} #{'x' * 50_000}")
    assert keys and max(len(repr(key)) for key in keys) < 1_000


def test_another_worker_is_there_before_one_is_killed(pool_of: Callable[[Limits], Pool]) -> None:
    pool = pool_of(replace(LIMITS, seconds=0.5))
    ask(pool, "ASK {}")
    before = set(pool.pids())
    assert len(before) >= 2
    with pytest.raises(QueryTimeout):
        ask(pool, FOREVER)
    assert set(pool.pids()) & before


def test_who_closes_the_connection_has_his_query_killed(pool: Pool) -> None:
    gone = threading.Event()
    timer = threading.Timer(0.4, gone.set)
    timer.start()
    killed = pool.tally.counts("killed").get("client gone", 0)
    with pytest.raises(ClientGone):
        pool.ask(inspect(FOREVER, LIMITS), "json", gone=gone.is_set)
    assert pool.tally.counts("killed")["client gone"] == killed + 1
    assert ask(pool, "ASK {}").rows == 1


def test_one_client_cannot_take_all_places(pool_of: Callable[[Limits], Pool]) -> None:
    pool = pool_of(replace(LIMITS, seconds=2, share=1))
    running = threading.Thread(target=_run_quietly, args=(pool, FOREVER))
    running.start()
    _until(lambda: pool.tally.counts("running").get("slow") == 1)
    with pytest.raises(OverShare):
        pool.ask(inspect("ASK {}", LIMITS), "json")
    assert isinstance(pool.ask(inspect("ASK {}", LIMITS), "json", client="another"), Answer)
    running.join()


LARGE = "SELECT ?a ?b ?c { ?a ?p ?x . ?b ?q ?y . ?c <http://localhost:8000/ont#lamp> ?z } LIMIT 40000"


@pytest.mark.parametrize("suffix", ["json", "csv"])
def test_an_answer_larger_than_the_buffer_comes_in_pieces_and_whole(pool: Pool, suffix: str) -> None:
    stream = pool.ask(inspect(LARGE, LIMITS, BASE), suffix)
    assert isinstance(stream, Stream)
    assert (stream.rows, stream.truncated) == (40000, False)
    body = b"".join(stream)
    stream.close()
    assert len(body) > LIMITS.buffer_bytes
    found = {
        "json": lambda: len(json.loads(body)["results"]["bindings"]),
        "csv": lambda: len(list(csv.reader(io.StringIO(body.decode(), newline="")))) - 1,
    }[suffix]()
    assert found == 40000


def test_a_large_answer_does_not_hold_its_worker_until_it_is_read(pool: Pool) -> None:
    stream = pool.ask(inspect(LARGE, LIMITS, BASE), "csv")
    assert isinstance(stream, Stream)
    _until(lambda: not any(pool.tally.counts("running").values()))
    assert ask(pool, "ASK {}").rows == 1
    assert len(b"".join(stream)) == stream.wait()
    stream.close()


def test_a_large_answer_that_fails_on_the_way_raises_where_it_ends(pool_of: Callable[[Limits], Pool]) -> None:
    pool = pool_of(replace(LIMITS, answer_bytes=2_000_000))
    stream = pool.ask(inspect(LARGE, LIMITS, BASE), "json")
    assert isinstance(stream, Stream)
    pieces: list[bytes] = []
    with pytest.raises(AnswerTooLarge, match="2,000,000"):
        pieces += stream
    stream.close()
    assert ask(pool, "ASK {}").rows == 1


def test_a_large_answer_that_nobody_wants_lets_its_worker_go(pool_of: Callable[[Limits], Pool]) -> None:
    pool = pool_of(replace(LIMITS, streams=1))
    for _ in range(2):
        stream = pool.ask(inspect(LARGE, LIMITS, BASE), "json")
        assert isinstance(stream, Stream)
        with pytest.raises(Busy, match="large answers"):
            pool.ask(inspect(LARGE, LIMITS, BASE), "json")
        stream.close()
        assert not any(pool.tally.counts("running").values())


def test_one_query_too_many_is_turned_away_at_once(pool_of: Callable[[Limits], Pool]) -> None:
    pool = pool_of(replace(LIMITS, seconds=1.5, queue=1))
    waiting = [threading.Thread(target=_run_quietly, args=(pool, FOREVER)) for _ in range(3)]
    for thread in waiting:
        thread.start()
    time.sleep(0.3)
    with pytest.raises(Busy) as caught:
        ask(pool, "ASK {}")
    assert caught.value.retry_after >= 1
    for thread in waiting:
        thread.join()


def test_a_closed_pool_answers_no_more_and_leaves_no_process(pool_of: Callable[[Limits], Pool]) -> None:
    pool = pool_of(LIMITS)
    running = threading.Thread(target=_run_quietly, args=(pool, FOREVER))
    running.start()
    time.sleep(0.5)
    process = process_of(pool)
    pool.close()
    running.join(timeout=5)
    assert not running.is_alive()
    with pytest.raises(ProcessLookupError):
        os.kill(process, 0)
    with pytest.raises(StoreUnreachable):
        ask(pool, "ASK {}")


def test_a_pool_that_is_forgotten_leaves_no_process(release: Path) -> None:
    pool = Pool(release, LIMITS)
    ask(pool, "ASK {}")
    process = process_of(pool)
    del pool
    with pytest.raises(ProcessLookupError):
        os.kill(process, 0)


def test_no_worker_outlives_a_server_that_is_killed(release: Path) -> None:
    program = (
        "import sys; from pathlib import Path; from ldnkg.query import *; import threading\n"
        "pool = Pool(Path(sys.argv[1])); pool.run(Query('ASK {}', 'ASK'), 'json')\n"
        "query = Query(sys.argv[2], 'SELECT')\n"
        "threading.Thread(target=pool.run, args=(query, 'json'), daemon=True).start()\n"
        "print(pool.pids()[0], flush=True); threading.Event().wait()"
    )
    command = [sys.executable, "-c", program, str(release), FOREVER]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout
        worker = Path(f"/proc/{server.stdout.readline().strip()}/cmdline")
        assert "ldnkg.query.worker" in worker.read_text()
        time.sleep(0.3)
        server.kill()
    deadline = time.monotonic() + 5
    while worker.exists() and worker.read_text() and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not worker.exists() or not worker.read_text()


def test_a_release_that_is_not_there_is_said_so(tmp_path: Path) -> None:
    with closing(Pool(tmp_path / "none", LIMITS)) as pool, pytest.raises(StoreUnreachable):
        ask(pool, "ASK {}")


def test_an_answer_tells_its_times(pool: Pool) -> None:
    timings = ask(pool, f"{ROWS} LIMIT 7").timings
    assert list(timings) == ["queue", "evaluation", "serialisation"]
    assert all(0 <= seconds < 10 for seconds in timings.values())


def _until(true: Callable[[], object]) -> None:
    """Wait for something to become true."""
    for _ in range(2000):
        if true():
            return
        time.sleep(0.01)
    raise AssertionError("waited in vain")


def _run_quietly(pool: Pool, query: str) -> None:
    try:
        ask(pool, query)
    except (QueryTimeout, Busy, StoreUnreachable):
        pass
