"""Queries answered without the application: the same status, fields and body as through it."""

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode

import pytest
from asgi import Answer, ask
from conftest import LIGHTS, write

from ldnkg.query import Limits
from ldnkg.release import build
from ldnkg.sources import load
from ldnkg.web import create_app, direct_of
from ldnkg.web.asgi import Asgi, Layers

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

SELECT = "SELECT ?s ?label { ?s <http://www.w3.org/2004/02/skos/core#prefLabel> ?label } ORDER BY ?s ?label"
ASK = "ASK { ?s ?p ?o }"
CONSTRUCT = "CONSTRUCT { ?s a ?o } WHERE { ?s a ?o }"
MANY = "SELECT ?a ?b { ?a ?p ?x . ?b ?q ?y } LIMIT 3000"
LARGE = "SELECT * { ?a ?p ?x . ?b ?q ?y } LIMIT 3000"


class Pair:
    """The same site twice: with the way past the application, and without; `calls` counts those to it."""

    def __init__(self, folder: Path, base: str, limits: Limits) -> None:
        build(load(write(folder / "lights", LIGHTS)), folder / "releases", base)
        app, other = (create_app(folder / "releases", limits) for _ in range(2))
        self.calls, inner = 0, app.wsgi_app

        def counted(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
            self.calls += 1
            return inner(environ, start_response)

        self.metrics = app.test_client()
        self.quick = Asgi(counted, Layers(direct=direct_of(app)), threads=2)
        self.slow = Asgi(other.wsgi_app, threads=2)

    def ask(self, path: str, **said: Any) -> tuple[Answer, Answer]:
        return ask(self.quick, path, **said), ask(self.slow, path, **said)


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Pair:
    return Pair(tmp_path_factory.mktemp("direct"), "http://localhost/", Limits(rows=2500))


@pytest.fixture(scope="module")
def mounted(tmp_path_factory: pytest.TempPathFactory) -> Pair:
    return Pair(tmp_path_factory.mktemp("mounted"), "https://lights.example/kg/", Limits())


def told(answer: Answer) -> tuple[int, list[tuple[bytes, bytes]], bytes]:
    """An answer without what no two have alike: how long it took."""
    fields = sorted((name, value) for name, value in answer.fields if name != b"server-timing")
    return answer.status, fields, answer.body


@pytest.mark.parametrize(("spaces", "named"), [(0, True), (3000, False)])
def test_an_address_that_fits_in_no_field_is_not_named(pair: Pair, spaces: int, named: bool) -> None:
    """Proxies refuse answers whose header fields take more than 4 KiB."""
    query = urlencode({"query": SELECT + " # " + "x" * spaces})
    quick, slow = pair.ask("/sparql", query=query, Accept="text/csv")
    assert told(quick) == told(slow)
    assert (b"content-location" in dict(quick.fields)) == named
    assert sum(len(name) + len(value) + 4 for name, value in quick.fields) < 4096


ACCEPTED = ("", "*/*", "application/sparql-results+json", "text/csv;q=0.5, application/json", "text/turtle")
CODINGS = ("", "gzip, br", "identity", "zstd;q=0.1")


@pytest.mark.parametrize("coding", CODINGS)
@pytest.mark.parametrize("accept", [*ACCEPTED, "application/rdf+xml", "text/html", "image/png"])
@pytest.mark.parametrize("query", [SELECT, ASK, CONSTRUCT, "SELECT ?x { nonsense", f"{SELECT} LIMIT 1"])
def test_what_accept_chooses_is_the_same(pair: Pair, query: str, accept: str, coding: str) -> None:
    fields = {name: value for name, value in (("Accept", accept), ("Accept_Encoding", coding)) if value}
    quick, slow = pair.ask("/sparql", query=urlencode({"query": query}), **fields)
    assert told(quick) == told(slow)


@pytest.mark.parametrize("format_", ["json", "xml", "csv", "tsv", "text/csv", "ttl", "nt", "html", "pdf"])
@pytest.mark.parametrize("query", [SELECT, CONSTRUCT])
def test_what_the_parameter_chooses_is_the_same(pair: Pair, query: str, format_: str) -> None:
    quick, slow = pair.ask("/sparql", query=urlencode({"format": format_, "query": query}))
    assert told(quick) == told(slow)


@pytest.mark.parametrize(
    "query",
    [
        "",
        "query=",
        "query=a&query=b",
        f"query={quote(ASK)}&query={quote(ASK)}",
        f"query={quote(ASK)}&release=nothing",
        f"query={quote(ASK)}&default-graph-uri=https%3A%2F%2Fnowhere.example%2F",
        f"query={quote(SELECT)}&truncate=yes&format=csv",
        f"query={quote(SELECT)}&explain=true&format=json",
        "query=%FF",
        f"query={quote('SELECT (RAND() AS ?r) {}')}&format=csv;q",
        f"query={quote('SELECT * { SERVICE <http://x.example/> { ?s ?p ?o } }')}",
        f"query={quote('DELETE WHERE { ?s ?p ?o }')}",
        f"update={quote('DELETE WHERE { ?s ?p ?o }')}",
        f"query={quote(MANY)}&format=csv",
        f"query={quote(MANY)}",
        "query=" + "x" * 200_000,
        f"Query={quote(ASK)}",
        f"query={quote(SELECT.replace(' ', '  '))}#x&format=json",
    ],
)
def test_whatever_else_is_asked_is_answered_as_ever(pair: Pair, query: str) -> None:
    quick, slow = pair.ask("/sparql", query=query)
    assert told(quick) == told(slow)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("If_None_Match", "*"),
        ("If_None_Match", '"other"'),
        ("If_Match", '"other"'),
        ("If_Modified_Since", "Wed, 25 Nov 2099 00:00:00 GMT"),
        ("Range", "bytes=0-3"),
        ("Accept_Datetime", "Wed, 25 Nov 2026 00:00:00 GMT"),
        ("Accept_Language", "de"),
        ("Cache_Control", "no-cache"),
        ("Origin", "https://elsewhere.example"),
    ],
)
def test_other_fields_of_a_request_mean_what_they_mean(pair: Pair, name: str, value: str) -> None:
    quick, slow = pair.ask("/sparql", query=urlencode({"query": SELECT}), **{name: value})
    assert told(quick) == told(slow)


@pytest.mark.parametrize("method", ["HEAD", "OPTIONS", "PUT"])
def test_other_methods_are_as_ever(pair: Pair, method: str) -> None:
    quick, slow = pair.ask("/sparql", method=method, query=urlencode({"query": SELECT}))
    assert told(quick) == told(slow)


@pytest.mark.parametrize("path", ["/kg/sparql", "/sparql", "/kg/kg/sparql", "/kg/sparql/", "/kg/doc/sparql"])
def test_below_a_mount_point_the_address_is_the_same(mounted: Pair, path: str) -> None:
    quick, slow = mounted.ask(path, query=urlencode({"query": SELECT}))
    assert told(quick) == told(slow)


def test_the_application_is_not_asked_for_a_plain_query(pair: Pair) -> None:
    before = pair.calls
    quick, _ = pair.ask("/sparql", query=urlencode({"query": f"{SELECT} # anew"}), Accept="text/csv")
    assert (quick.status, pair.calls) == (200, before)


def test_a_query_that_fails_or_streams_does_not_run_twice(tmp_path: Path) -> None:
    pair = Pair(tmp_path, "http://localhost/", Limits(seconds=2, buffer_bytes=2000))
    forever = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }"
    for query, status in ((forever, 503), (LARGE, 200)):
        assert (
            ask(pair.quick, "/sparql", query=urlencode({"query": query}), Accept="text/csv").status == status
        )
    text = pair.metrics.get("/metrics").text
    assert 'ldnkg_queries_killed_total{reason="time"} 1.0' in text
    assert 'ldnkg_queries_cache_total{result="miss"} 2.0' in text


def test_it_is_counted_as_any_request(pair: Pair) -> None:
    def count() -> float:
        line = 'ldnkg_requests_total{endpoint="sparql.endpoint",method="GET",status="200"} '
        text: str = pair.metrics.get("/metrics").text
        return float(text.partition(line)[2].partition("\n")[0] or 0)

    before = count()
    ask(pair.quick, "/sparql", query=urlencode({"query": ASK}))
    assert count() == before + 1
