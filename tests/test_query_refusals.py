"""No query leaves the machine: refused by name in every spelling, and by the kernel if one is missed."""

import socket
import urllib.request
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from canary import Canary
from conftest import LIGHTS, write
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyoxigraph import NamedNode, Quad, Store
from served import BASE, client_of
from werkzeug.test import TestResponse

from ldnkg.errors import BadQuery, KnowledgeError, QueryRefused
from ldnkg.query import Limits, Pool, Query, inspect
from ldnkg.release import current

LIMITS = Limits(workers=1)
UPDATE = "INSERT DATA { <a:b> <a:c> <a:d> }"


@pytest.fixture(scope="module")
def releases(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("refusals") / "releases"


@pytest.fixture(scope="module")
def client(releases: Path) -> FlaskClient:
    return client_of(write(releases.parent / "lights", LIGHTS), releases)


@pytest.fixture(scope="module")
def canary() -> Iterator[Canary]:
    with Canary() as opened:
        yield opened


def spelt(word: str) -> st.SearchStrategy[str]:
    """A word in any mixture of cases, and of characters and their escapes."""
    letters = [
        st.sampled_from([each, each.lower(), f"\\u{ord(each):04x}", f"\\U{ord(each.lower()):08X}"])
        for each in word
    ]
    return st.tuples(*letters).map("".join)


GAP = st.sampled_from([" ", "\n", "\t", "\r\n", "#a 'comment\n", " # SERVICE {\n ", ""])
BEFORE = st.sampled_from(
    [
        "",
        "?s ?p ?o . ",
        "?s ?p 'a' ",
        "?s ?p 1",
        "?s ?p true",
        "FILTER(?x<1)",
        '?s ?p """"a""" . ',
        "{} UNION {",
    ]
)
TARGET = st.sampled_from(["<http://x/>", "?x", "e:x", "SILENT <http://x/>", "silent?x", "<http://x/#'>"])


@given(before=BEFORE, word=spelt("SERVICE"), gap=GAP, target=TARGET, behind=GAP)
def test_a_call_to_another_endpoint_is_refused_wherever_and_however_it_is_written(
    before: str, word: str, gap: str, target: str, behind: str
) -> None:
    with pytest.raises(QueryRefused, match=r"SERVICE is refused: .* \(line \d+, column \d+\)"):
        inspect(
            f"PREFIX e: <http://x/> SELECT * {{ {before}{word}{gap}{target}{behind}{{ ?s ?p ?o }} }}", LIMITS
        )


HARMLESS = st.sampled_from(
    [
        "?s ?p '{}' .",
        '?s ?p "a {} <http://x/> {{" .',
        "?s ?p '''it's {} \\' ' {{''' .",
        '?s ?p """a "{}" b""" .',
        "# {} <http://x/> {{}}\n",
        "?s <http://x/{}> ?o .",
        "?s <http://x/#{}> ?o .",
        "?{} ?p ?o .",
        "${} ?p ?o .",
        "?s e:{} ?o .",
        "?s e:a.{} ?o .",
        "?s e:a-{} ?o .",
        "?s {}:b ?o .",
        "?s ?p 'a'@{} .",
        "_:{0}{1} ?p ?o .",
        "GRAPH {}:b {{ ?s ?p ?o }}",
        "FILTER(?o = '{}')",
    ]
)


@given(
    parts=st.lists(HARMLESS, max_size=5),
    word=st.sampled_from(["SERVICE", "service", "sErViCe", "LOAD", "INSERT"]),
)
def test_a_query_that_only_looks_like_a_call_is_let_through_and_runs(parts: list[str], word: str) -> None:
    patterns = "\n".join(each.format(word, number) for number, each in enumerate(parts))
    text = f"PREFIX e: <http://x/> PREFIX {word}: <http://x/> SELECT * {{ {patterns} }}"
    assert inspect(text, LIMITS).form == "SELECT"
    Store().query(text)


PIECES = st.sampled_from(
    [
        *"{}()<>?:.;,\"'\\#@^*|/!= \n",
        "SERVICE",
        "service",
        "SILENT",
        "URL",
        "?x",
        "e:",
        "e:x",
        "'''",
        '"""',
        "\\u0053",
    ]
    + [
        "ERVICE",
        "FROM",
        "NAMED",
        "GRAPH",
        "SELECT",
        "*",
        "?s ?p ?o",
        "{?s ?p ?o}",
        "FILTER",
        "1",
        "true",
        "a",
        "#\n",
    ]
)


@settings(max_examples=400, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(pieces=st.lists(PIECES, max_size=14))
def test_what_the_guard_lets_through_the_engine_does_not_take_for_a_call(
    canary: Canary, pieces: list[str]
) -> None:
    text = f"PREFIX e: <{canary.url}> SELECT * {{ {''.join(pieces)} }}".replace("URL", f"<{canary.url}>")
    try:
        inspect(text, LIMITS)
    except (BadQuery, QueryRefused):
        return
    store = Store()
    store.add(Quad(NamedNode("a:s"), NamedNode("a:p"), NamedNode(canary.url)))
    try:
        list(store.query(text))  # type: ignore[arg-type]
    except (SyntaxError, RuntimeError):
        pass
    assert canary.heard(0) == []


def test_the_canary_hears_what_reaches_it() -> None:
    with Canary() as one:
        with socket.create_connection(("127.0.0.1", one.port)), socket.socket(type=socket.SOCK_DGRAM) as udp:
            udp.sendto(b"query", ("127.0.0.1", one.port))
            assert one.heard() == ["TCP", "UDP"]
        with pytest.raises(OSError):
            Store().query(f"SELECT * {{ SERVICE <{one.url}> {{ ?s ?p ?o }} }}").__next__()  # type: ignore[union-attr]
        assert one.heard() == ["TCP"], "the engine itself does call"


CALLS = (
    "SELECT * {{ SERVICE <{0}> {{ ?s ?p ?o }} }}",
    "SELECT * {{ SERVICE SILENT <{0}> {{ ?s ?p ?o }} }}",
    "PREFIX e: <{0}> ASK {{ sErViCe#\nSILENT e:x {{ ?s ?p ?o }} }}",
    "CONSTRUCT {{ ?s ?p ?o }} WHERE {{ VALUES ?x {{ <{0}> }} SERVICE ?x {{ ?s ?p ?o }} }}",
    "DESCRIBE ?s {{ {{ SELECT * {{ SERVICE <{0}> {{ ?s ?p ?o }} }} }} }}",
    "SELECT * FROM <{0}> {{ ?s ?p ?o }}",
    "SELECT * FROM NAMED <{0}> {{ GRAPH ?g {{ ?s ?p ?o }} }}",
    "LOAD <{0}>",
    "LOAD SILENT <{0}> INTO GRAPH <a:b>",
)


def sent(client: FlaskClient, way: str, query: str) -> TestResponse:
    """A query sent in one of the three ways of the protocol."""
    if way == "get":
        return client.get("/sparql", query_string={"query": query})
    if way == "form":
        return client.post("/sparql", data={"query": query})
    return client.post("/sparql", data=query, content_type="application/sparql-query")


@pytest.mark.parametrize("way", ["get", "form", "direct"])
@pytest.mark.parametrize("call", CALLS)
def test_a_call_is_403_with_its_name_whichever_way_it_is_sent(
    client: FlaskClient, canary: Canary, way: str, call: str
) -> None:
    response = sent(client, way, call.format(canary.url))
    assert response.status_code == 403
    named = [
        each
        for each in ("SERVICE", "LOAD", canary.url)
        if each in call.format(canary.url).replace("sErViCe", "SERVICE")
    ]
    assert named[0] in response.get_json()["detail"]
    assert canary.heard(0.02) == []


@pytest.mark.parametrize("field", ["default-graph-uri", "named-graph-uri"])
@pytest.mark.parametrize("graph", ["{canary}", "file:///etc/passwd", "urn:x:y", f"{BASE}graph/none"])
def test_a_graph_of_the_request_that_is_not_ours_is_refused(
    client: FlaskClient, canary: Canary, field: str, graph: str
) -> None:
    graph = graph.format(canary=canary.url)
    response = client.get("/sparql", query_string={"query": "ASK {}", field: graph})
    assert response.status_code == 403
    assert f"<{graph}>" in response.get_json()["detail"]
    assert f"<{BASE}graph/curated>" in response.get_json()["detail"]
    assert canary.heard(0.02) == []


def test_graphs_of_the_request_go_before_those_of_the_query_which_are_not_asked(client: FlaskClient) -> None:
    query = "ASK FROM <http://example.org/elsewhere> { ?s ?p ?o }"
    fields = {"query": query, "default-graph-uri": f"{BASE}graph/curated"}
    assert client.get("/sparql", query_string=fields).get_json(force=True)["boolean"] is True


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        ("application/sparql-update", UPDATE),
        ("Application/SPARQL-Update; charset=UTF-8", UPDATE),
        ("application/sparql-query", UPDATE),
        ("application/x-www-form-urlencoded", f"update={UPDATE}"),
        ("application/x-www-form-urlencoded", f"query=ASK{{}}&update={UPDATE}"),
        ("application/x-www-form-urlencoded", f"query={UPDATE}"),
        ("application/x-www-form-urlencoded", "update="),
    ],
)
def test_an_update_is_refused_however_it_is_posted(client: FlaskClient, content_type: str, body: str) -> None:
    response = client.post("/sparql", data=body, content_type=content_type)
    assert response.status_code == 403
    assert "read-only" in response.get_json()["detail"]


@given(word=spelt("INSERT"), gap=GAP, before=st.sampled_from(["", "PREFIX a: <b> ", "BASE <x:y>\n", "#\n"]))
def test_an_update_is_refused_in_every_spelling(word: str, gap: str, before: str) -> None:
    with pytest.raises(QueryRefused, match="INSERT is refused: the graph is read-only"):
        inspect(f"{before}{word}{gap}{{ ?s ?p ?o }} WHERE {{ ?s ?p ?o }}", LIMITS)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "canary.invalid"])
@pytest.mark.parametrize("call", CALLS[:4])
def test_no_packet_leaves_a_worker_even_when_the_guard_is_passed_by(
    client: FlaskClient, releases: Path, host: str, call: str
) -> None:
    with Canary() as canary, closing(Pool(current(releases).path, LIMITS)) as pool:
        text = call.format(canary.url.replace("127.0.0.1", host))
        form = next(each for each in ("SELECT", "ASK", "CONSTRUCT") if each in text)
        try:
            answer = pool.run(Query(text, form), "nt" if form == "CONSTRUCT" else "json")  # type: ignore[arg-type]
            assert "SILENT" in text, answer.body
        except KnowledgeError:
            pass
        assert canary.heard() == []


def test_a_request_of_this_very_process_would_be_heard(canary: Canary) -> None:
    """What the tests above rely on: nothing here but the guard and the kernel keeps a call in."""
    with pytest.raises(OSError):
        urllib.request.urlopen(canary.url, timeout=0.1)
    assert canary.heard() == ["TCP"]


HIDDEN = (
    'SELECT * { ?s ?p ?a FILTER(?a <=?a)#> """\nSERVICE <URL> { ?x ?y ?z } FILTER(?a = ?a #""" \n) }',
    "SELECT * { ?s ?p ?a FILTER(?a <=?a)#> '''\nSERVICE SILENT <URL> { ?x ?y ?z } FILTER(?a = ?a #''' \n) }",
    'SELECT * { ?s ?p ?a FILTER(?a <=?a)#> """\n\\u0053ERVICE <URL> { ?x ?y ?z } FILTER(?a = ?a #""" \n) }',
)


@pytest.mark.parametrize("text", HIDDEN)
def test_no_query_is_hidden_in_what_only_looks_like_an_iri_and_a_string(canary: Canary, text: str) -> None:
    """`<=?a)#>` is an IRI by its characters, and a comparison with a comment behind it by its place."""
    with pytest.raises(KnowledgeError):
        inspect(text.replace("URL", canary.url), LIMITS)


def test_the_word_may_stand_in_strings_iris_and_comments() -> None:
    text = """SELECT * { ?s ?p "a service", <http://example.org/service#x> # service
      FILTER(?s < 3 && CONTAINS(?p, '''Service''')) }"""
    assert inspect(text, LIMITS).form == "SELECT"
