"""An answer of the endpoint is found once: then it is known, and its copies are good without a look."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from functools import partial
from pathlib import Path

import engines
import pytest
from asked import ASKING
from conftest import LIGHTS, PHAROS, write
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client.parser import text_string_to_metric_families
from served import BASE, client_of, html
from werkzeug.test import TestResponse

from ldnkg.errors import BadQuery, ClientGone, QueryTimeout
from ldnkg.query import Answer, Limits, Pool, Stream, inspect, warm
from ldnkg.query.flights import Flight, Flights
from ldnkg.query.normal import normal as normal_of
from ldnkg.query.tally import Tally
from ldnkg.query.tokens import pieces_of, tokens_of
from ldnkg.release import build, current
from ldnkg.site import Site
from ldnkg.sources import load
from ldnkg.web import console

HEIGHTS = f"SELECT ?light ?height {{ ?light <{BASE}ont#height> ?height }} ORDER BY ?height"
SPREAD = f"""# every height
SELECT  ?light\t?height
{{
  ?light <{BASE}ont#height> ?height  # in metres
}}
ORDER BY ?height
"""
SLOW = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . { SELECT ?g { ?g ?h ?i } LIMIT 10 } }"
FOREVER = "SELECT (COUNT(*) AS ?many) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l . ?m ?n ?o }"
LARGE = "SELECT ?a ?b ?c { ?a ?p ?x . ?b ?q ?y . ?c ?r ?z } LIMIT 8000"


@pytest.fixture(scope="module")
def releases(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The lighthouses, built once."""
    folder = tmp_path_factory.mktemp("known")
    client_of(write(folder / "lights", LIGHTS), folder / "releases")
    return folder / "releases"


@pytest.fixture
def client(releases: Path) -> Iterator[FlaskClient]:
    """A site that nobody has asked yet."""
    app = engines.app_of(releases)
    yield app.test_client()
    site_of(app.test_client()).close()


@pytest.fixture
def pool(releases: Path) -> Iterator[Pool]:
    with closing(Pool(current(releases).path, Limits(seconds=30))) as opened:
        yield opened


def site_of(client: FlaskClient) -> Site:
    site: Site = client.application.extensions["site"]
    return site


def without_workers(client: FlaskClient) -> FlaskClient:
    """The same, where no query can run any more."""
    with site_of(client).opened() as opened:
        opened.queries.close()
    return client


def ask(client: FlaskClient, query: str, format_: str = "json", **fields: object) -> TestResponse:
    return client.get("/sparql", query_string={"query": query, "format": format_, **fields})


def luck(response: TestResponse) -> str | None:
    """What Server-Timing says of the cache."""
    told = dict(each.strip().split(";", 1) for each in response.headers["Server-Timing"].split(","))
    return told["cache"].removeprefix("desc=") if "cache" in told else None


def cached(pool: Pool) -> dict[str, int]:
    return dict(pool.tally.counts("cache"))


def until(true: Callable[[], object]) -> None:
    """Wait for something to become true."""
    for _ in range(2000):
        if true():
            return
        time.sleep(0.01)
    raise AssertionError("waited in vain")


def normal(text: str) -> str:
    return normal_of(pieces_of(text))


@pytest.mark.parametrize(
    "one, other",
    [
        ("SELECT * { ?s ?p ?o }", "SELECT\n*\r\n\t{?s # all\n ?p ?o}"),
        ("ASK{?s ?p 1 . ?s ?q 2;?r(1 2),[]}", "ASK { ?s ?p 1 . ?s ?q 2 ; ?r ( 1 2 ) , [ ] }"),
        ("PREFIX ex:<a>ASK{ex:a ex:b ex:c .}", "PREFIX ex:<a>ASK{ex:a ex:b ex:c . }"),
        ("ASK {} # end", "#begin\n ASK{}"),
        ("SELECT(COUNT(?s)AS?n){?s ?p ?o}", "SELECT (COUNT( ?s ) AS?n) { ?s ?p ?o }"),
    ],
)
def test_spaces_and_comments_make_no_other_query(one: str, other: str) -> None:
    assert normal(one) == normal(other)


@pytest.mark.parametrize(
    "one, other",
    [
        ('ASK { ?s ?p "a b" }', 'ASK { ?s ?p "a  b" }'),
        ('ASK { ?s ?p "a # b" }', 'ASK { ?s ?p "a # c" }'),
        ('ASK { ?s ?p """a\nb""" }', 'ASK { ?s ?p """a b""" }'),
        ("ASK { ?s ?p <a#b> }", "ASK { ?s ?p <a#c> }"),
        ("PREFIX ex: <a> ASK { ex:a ?p ?o }", "PREFIX ex: <b> ASK { ex:a ?p ?o }"),
        ("ASK { ?a ex:b.c ?d }", "ASK { ?a ex:b . c ?d }"),
        ("ASK { FILTER(?a <= 1) }", "ASK { FILTER(?a < = 1) }"),
        ("ASK { FILTER(?a <f(?b)&&?c>2) }", "ASK { FILTER(?a <f( ?b )&&?c>2) }"),
        ("ASK { ?a ?b ?c {| ?d ?e |} }", "ASK { ?a ?b ?c { | ?d ?e | } }"),
        ("ASK { ?a ?b 1 . 5 ?c ?d }", "ASK { ?a ?b 1 .5 ?c ?d }"),
        ("ASK { ?a ?b ?c }", "ASK { ?a ?B ?c }"),
    ],
)
def test_what_may_mean_something_else_is_another_query(one: str, other: str) -> None:
    assert normal(one) != normal(other)


PIECES = """? $ < > <a> <a#b> { } ( ) [ ] ; , . | || ^ & = ! ? * + - / 1 .5 e5 a ex: ?x @en \\ _:b '' \"#\""""


@given(st.lists(st.sampled_from([*PIECES.split(), " ", " ", "\n", "#c\n"]), max_size=30))
def test_the_normal_form_has_the_tokens_of_the_query(pieces: list[str]) -> None:
    def told(text: str) -> list[tuple[str, str]]:
        return [(token.kind, token.text) for token in tokens_of(text)]

    text = "".join(pieces)
    try:
        tokens = told(text)
    except BadQuery:
        return
    assert told(normal(text)) == tokens
    assert normal(normal(text)) == normal(text)


@pytest.mark.parametrize(
    "query, expected",
    [
        ("SELECT (NOW() AS ?t) {}", "values"),
        ("SELECT (now( ) AS ?t) {}", "values"),
        ("SELECT (NOW # comment\n() AS ?t) {}", "values"),
        (r"SELECT (\u004eOW() AS ?t) {}", "values"),
        (r"SELECT (N\U0000004Fw() AS ?t) {}", "values"),
        ("ASK { FILTERNOW() }", "values"),
        ("ASK { FILTER(RAND() < 1) }", "values"),
        ("SELECT (UUID() AS ?u) {}", "values"),
        ("SELECT (STRUUID() AS ?u) {}", "values"),
        ("SELECT (BNODE() AS ?b) {}", "labels"),
        ("CONSTRUCT { [] ?p ?o } WHERE { ?s ?p ?o }", "labels"),
        ("CONSTRUCT { ?s ?p _:b } WHERE { ?s ?p ?o }", "labels"),
        ("CONSTRUCT { ?s ?p (1) } { ?s ?p ?o }", "labels"),
        ("CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o FILTER(?o) [] ?q _:c }", "nothing"),
        ("SELECT * { ?now ?rand 'NOW()' } # UUID()", "nothing"),
        ("SELECT * { <http://example.org/NOW()> ex:NOW ?uuid }", "nothing"),
        ("DESCRIBE <a>", "nothing"),
    ],
)
def test_what_is_other_at_each_call_is_told_by_words(query: str, expected: str) -> None:
    assert inspect(query, Limits()).varies == expected


def test_a_query_asked_again_needs_no_worker(client: FlaskClient) -> None:
    first = ask(client, HEIGHTS)
    assert luck(first) == "miss"
    without_workers(client)
    for query in (HEIGHTS, SPREAD):
        again = ask(client, query)
        assert (again.status_code, luck(again), again.data) == (200, "hit", first.data)
    assert ask(client, f"{HEIGHTS} LIMIT 1").status_code == 503


def test_an_answer_is_known_in_its_format_and_of_its_dataset_only(client: FlaskClient) -> None:
    ask(client, HEIGHTS)
    without_workers(client)
    assert ask(client, HEIGHTS, "csv").status_code == 503
    for field in ("default-graph-uri", "named-graph-uri"):
        assert ask(client, HEIGHTS, **{field: f"{BASE}graph/curated"}).status_code == 503


def test_a_request_by_post_may_have_a_known_answer_but_nobody_keeps_it(client: FlaskClient) -> None:
    first = client.post("/sparql", data={"query": HEIGHTS, "format": "json"})
    without_workers(client)
    again = client.post("/sparql", data={"query": HEIGHTS, "format": "json"})
    assert (luck(first), luck(again)) == ("miss", "hit")
    assert again.data == first.data
    for response in (first, again):
        assert response.cache_control.no_store
        assert "ETag" not in response.headers
    assert luck(ask(client, HEIGHTS)) == "hit"


def test_a_page_has_the_known_answer(client: FlaskClient) -> None:
    ask(client, HEIGHTS)
    without_workers(client)
    for _ in range(2):
        page = ask(client, SPREAD, "html")
        assert luck(page) == "hit"
        assert "2 rows, complete" in " ".join(html(page).itertext())


def test_a_page_that_was_negotiated_is_told_from_one_that_was_asked_for_by_name(client: FlaskClient) -> None:
    negotiated = client.get("/sparql", query_string={"query": HEIGHTS}, headers={"Accept": "text/html"})
    named = ask(client, HEIGHTS, "html")
    assert "accept" in negotiated.vary
    assert "accept" not in named.vary
    assert negotiated.content_location
    assert not named.content_location


def test_a_page_that_was_made_once_is_not_made_again(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    cut = f"SELECT * {{ ?s ?p ?o }} LIMIT {console.ROWS + 1}"
    pages = [ask(client, query, "html") for query in (HEIGHTS, SPREAD, cut)]
    monkeypatch.setattr(console, "answered", None)
    for page, query in zip(pages, (HEIGHTS, SPREAD, cut), strict=True):
        again = ask(client, query, "html")
        assert (luck(page), luck(again)) == ("hit" if query == SPREAD else "miss", "hit")
        for name in {*page.headers.keys()} - {"Server-Timing", "Date"}:
            assert again.headers.getlist(name) == page.headers.getlist(name), name
        assert again.data == page.data
        head = client.head("/sparql", query_string={"query": query, "format": "html"})
        assert head.headers["ETag"] == page.headers["ETag"]
        assert ask(client, query, "html").status_code == 200


@pytest.mark.parametrize("query", ["SELECT (RAND() AS ?r) {}", "SELECT (now () AS ?t) {}"])
def test_what_changes_is_never_kept(client: FlaskClient, query: str) -> None:
    for _ in range(2):
        response = ask(client, query)
        assert luck(response) is None
        assert response.cache_control.no_store
        assert "ETag" not in response.headers


def test_blank_nodes_that_are_new_each_time_are_validated_by_the_bytes(
    client: FlaskClient, releases: Path
) -> None:
    query = f"CONSTRUCT {{ [] <{BASE}ont#height> ?height }} WHERE {{ ?l <{BASE}ont#height> ?height }}"
    first, again = ask(client, query, "nt"), ask(client, query, "nt")
    assert (luck(again), again.data, again.headers["ETag"]) == ("hit", first.data, first.headers["ETag"])
    other = ask(engines.app_of(releases).test_client(), query, "nt")
    assert (other.data == first.data) == (other.headers["ETag"] == first.headers["ETag"])


@pytest.mark.parametrize("format_", ["json", "html", "csv"])
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_a_copy_is_confirmed_without_running_the_query(
    client: FlaskClient, releases: Path, format_: str, method: str
) -> None:
    asked = {"query": HEIGHTS, "format": format_}
    first = client.open("/sparql", method=method, query_string=asked)
    other = without_workers(engines.app_of(releases).test_client())
    for tag in (first.headers["ETag"], f'W/{first.headers["ETag"]}, "x"'):
        again = other.open("/sparql", method=method, query_string=asked, headers={"If-None-Match": tag})
        assert (again.status_code, again.data) == (304, b"")
        for name in ("ETag", "Cache-Control", "Vary", "Content-Location"):
            assert again.headers.get(name) == first.headers.get(name), name
    assert other.get("/sparql", query_string=asked).status_code == 503


def test_a_tag_is_good_for_its_own_answer_only(client: FlaskClient) -> None:
    graph = f"{BASE}graph/curated"
    responses = [
        ask(client, HEIGHTS),
        ask(client, f"{HEIGHTS} LIMIT 1"),
        ask(client, HEIGHTS, "csv"),
        ask(client, HEIGHTS, "application/json"),
        ask(client, HEIGHTS, truncate="yes"),
        ask(client, HEIGHTS, **{"default-graph-uri": graph}),
        ask(client, HEIGHTS, **{"named-graph-uri": graph}),
        ask(client, HEIGHTS, "html"),
        ask(client, SPREAD, "html"),
        client.get("/sparql", query_string={"query": HEIGHTS}, headers={"Accept-Encoding": "br"}),
    ]
    assert {response.status_code for response in responses} == {200}
    assert len({response.headers["ETag"] for response in responses}) == len(responses)
    assert ask(client, SPREAD).headers["ETag"] == responses[0].headers["ETag"]


def test_another_budget_makes_another_tag(releases: Path) -> None:
    few, many = (engines.app_of(releases, Limits(rows=rows)).test_client() for rows in (1, 2))
    tags = {ask(each, HEIGHTS, truncate="yes").headers["ETag"] for each in (few, many)}
    assert len(tags) == 2


@pytest.mark.parametrize("condition", ["*", '"made-up"', "the tag of another"])
def test_a_condition_makes_no_success_of_an_error(client: FlaskClient, condition: str) -> None:
    if condition.startswith("the"):
        condition = ask(client, HEIGHTS).headers["ETag"]
    for query, status in (("SELECT * {", 400), ("ASK { SERVICE <http://a/> {} }", 403)):
        asked = {"query": query, "format": "json"}
        response = client.get("/sparql", query_string=asked, headers={"If-None-Match": condition})
        assert response.status_code == status
    since = {"If-Modified-Since": "Fri, 01 Jan 2999 00:00:00 GMT"}
    asked = {"query": "SELECT * {", "format": "json"}
    assert client.get("/sparql", query_string=asked, headers=since).status_code == 400


def test_conditions_of_a_success_are_kept(client: FlaskClient) -> None:
    asked = {"query": HEIGHTS, "format": "json"}
    for name, value, status in (
        ("If-None-Match", "*", 304),
        ("If-Modified-Since", "Fri, 01 Jan 2999 00:00:00 GMT", 304),
        ("If-Match", '"other"', 412),
        ("If-None-Match", '"other"', 200),
    ):
        response = client.get("/sparql", query_string=asked, headers={name: value})
        assert response.status_code == status, name


def test_a_large_answer_has_no_tag_as_it_may_still_fail(client: FlaskClient) -> None:
    for _ in range(2):
        response = ask(client, LARGE)
        assert luck(response) == "miss"
        assert {"ETag", "Last-Modified"}.isdisjoint(response.headers.keys())
        response.close()


def test_hits_and_misses_are_counted(client: FlaskClient) -> None:
    for query in (HEIGHTS, SPREAD, HEIGHTS, "SELECT (NOW() AS ?t) {}"):
        ask(client, query)
    families = text_string_to_metric_families(client.get("/metrics").text)
    samples = {(one.name, one.labels.get("result")): one.value for each in families for one in each.samples}
    assert samples["ldnkg_queries_cache_total", "miss"] == 1
    assert samples["ldnkg_queries_cache_total", "hit"] == 2


def test_an_error_is_not_kept(pool: Pool) -> None:
    for _ in range(2):
        with pytest.raises(BadQuery):
            pool.run(inspect("SELECT * {", Limits()), "json")
    assert cached(pool) == {"miss": 2}


def test_a_whole_answer_serves_every_row_budget_and_a_cut_one_only_its_own(pool: Pool) -> None:
    query = inspect(HEIGHTS, Limits())
    cut = pool.run(query, "json", rows=1, truncate=True)
    whole = pool.run(query, "json")
    assert (cut.rows, cut.truncated, whole.rows, whole.truncated) == (1, True, 2, False)
    assert cached(pool) == {"miss": 2}
    assert pool.run(query, "json", rows=100, truncate=True).body == whole.body
    assert pool.run(query, "json", rows=1, truncate=True).body == cut.body
    assert cached(pool) == {"miss": 2, "hit": 2}


def test_an_answer_over_an_eighth_of_the_memory_is_not_kept(releases: Path) -> None:
    def misses(cache_bytes: int) -> int:
        with closing(Pool(current(releases).path, Limits(cache_bytes=cache_bytes))) as pool:
            size = {len(pool.run(inspect(HEIGHTS, Limits()), "json").body) for _ in range(2)}
            assert len(size) == 1
            return cached(pool)["miss"]

    assert misses(8 * 2000) == 1
    assert misses(8 * 100) == 2


def test_equal_queries_at_one_time_run_once(pool: Pool) -> None:
    bodies: list[bytes] = []
    asked = [
        threading.Thread(
            target=lambda n=n: bodies.append(pool.run(inspect(f"{SLOW} # {n}", Limits()), "json").body)
        )
        for n in range(6)
    ]
    for thread in asked:
        thread.start()
    for thread in asked:
        thread.join()
    assert (len(bodies), len(set(bodies))) == (6, 1)
    assert cached(pool) == {"miss": 1, "hit": 5}


def test_who_asked_first_may_leave_and_the_others_have_their_answer(pool: Pool) -> None:
    query = inspect(SLOW, Limits(), BASE)
    gone, answers = threading.Event(), list[Answer | Stream]()
    first = threading.Thread(
        target=lambda: answers.append(pool.ask(query, "json", client="first", gone=gone.is_set))
    )
    first.start()
    until(lambda: sum(pool.tally.counts("running").values()) == 1)
    second = threading.Thread(target=lambda: answers.append(pool.ask(query, "json", client="second")))
    second.start()
    until(lambda: sum(pool.tally.counts("waiting").values()) == 1 or not first.is_alive())
    gone.set()
    first.join()
    second.join()
    assert len(answers) == 2
    assert "client gone" not in pool.tally.counts("killed")


def test_nobody_waits_for_a_query_when_all_who_asked_have_left(pool: Pool) -> None:
    query, gone, faults = inspect(FOREVER, Limits()), threading.Event(), list[Exception]()

    def asks() -> None:
        try:
            pool.ask(query, "json", gone=gone.is_set)
        except ClientGone as fault:
            faults.append(fault)

    threads = [threading.Thread(target=asks) for _ in range(2)]
    for thread in threads:
        thread.start()
    until(lambda: sum(pool.tally.counts("waiting").values()) == 1)
    gone.set()
    for thread in threads:
        thread.join()
    assert len(faults) == 2
    assert pool.tally.counts("killed")["client gone"] == 1


def test_whoever_waits_shares_the_end_that_every_equal_query_has() -> None:
    flights, ends = Flights(Tally()), list[object]()

    def waits() -> None:
        try:
            ends.append(flights.board("key", lambda: False))
        except QueryTimeout as fault:
            ends.append(str(fault))

    for failure in (QueryTimeout("Too long."), ClientGone("Gone.")):
        flight = flights.board("key", lambda: False)
        assert isinstance(flight, Flight)
        waiting = threading.Thread(target=waits)
        with pytest.raises(type(failure)), flights.leading("key", flight):
            waiting.start()
            until(partial(getattr, flight, "waiting"))
            raise failure
        waiting.join()
    assert ends[0] == "Too long."
    assert isinstance(ends[1], Flight)  # it has to run the query itself


def test_those_who_wait_count_on_their_clients_share(releases: Path) -> None:
    limits = Limits(share=2, seconds=20)
    with closing(Pool(current(releases).path, limits)) as pool:
        client = engines.app_of(releases, limits).test_client()
        gone = threading.Event()

        def asks() -> None:
            with pytest.raises(ClientGone):
                pool.ask(inspect(FOREVER, limits), "json", client="one", gone=gone.is_set)

        threads = [threading.Thread(target=asks) for _ in range(2)]
        for thread in threads:
            thread.start()
        until(lambda: sum(pool.tally.counts("waiting").values()) == 1)
        with pytest.raises(Exception, match="2 queries of yours"):
            pool.ask(inspect(FOREVER, limits), "json", client="one")
        gone.set()
        for thread in threads:
            thread.join()
        site_of(client).close()


def test_examples_are_known_before_anybody_asks_and_again_when_the_release_moves(tmp_path: Path) -> None:
    def built(files: dict[str, str]) -> None:
        build(load(write(tmp_path / "lights", files)), tmp_path / "releases", BASE)

    examples = {name: text for name, text in ASKING.items() if "endless" not in name}
    built(examples)
    with closing(Site(tmp_path / "releases", Limits())) as site:
        site.warm()
        for number in (1, 2):
            runnable = 4  # one of the five asks elsewhere
            with site.opened() as opened:
                until(partial(_has_missed, site, number * runnable))
                tall = next(each for each in opened.examples if "tall" in each.node.value)
                query = inspect(tall.runnable(opened.prefixes), Limits(), opened.base)
                known = opened.queries.run(query, "json")
                assert known.luck == "hit"
            built(examples | {"graph/light/pharos.ttl": PHAROS.replace("103.0", f"{number}04.0")})


def test_a_site_that_closes_waits_for_no_example(tmp_path: Path) -> None:
    build(load(write(tmp_path / "lights", ASKING)), tmp_path / "releases", BASE)
    site = Site(tmp_path / "releases", Limits(seconds=600))
    site.warm()
    with site.opened() as opened:
        pass
    until(lambda: site.tally.counts("running").get("slow"))  # the endless one
    site.close()
    until(lambda: opened.queries.pids() == [])


def test_nothing_is_warmed_while_the_site_is_busy(tmp_path: Path) -> None:
    release = build(load(write(tmp_path / "lights", ASKING)), tmp_path / "releases", BASE)
    answers = iter([True, True, True])
    with closing(Pool(release.path, Limits())) as pool:

        def busy() -> bool:
            visitors = next(answers, False)
            assert not (visitors and pool.pids()), "a worker has started"
            return visitors

        warm(pool, [], BASE, lambda: False, busy)
        assert pool.pids()
        assert next(answers, None) is None, "it has waited"


def _has_missed(site: Site, times: int) -> bool:
    return site.tally.counts("cache").get("miss") == times
