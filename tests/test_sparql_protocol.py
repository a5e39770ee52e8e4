"""The endpoint keeps the SPARQL 1.1 Protocol, and is a page for people (real application, real workers)."""

import csv
import io
import json
import re
import socket
from urllib.parse import quote
from xml.etree import ElementTree

import pytest
import rdflib
from conftest import LIGHTS, write
from flask.testing import FlaskClient
from served import BASE, client_of, html, words

QUERY = "SELECT ?light { ?light <https://example.org/lights/ont#height> ?height } ORDER BY ?height"
QUERY = QUERY.replace("https://example.org/lights/", BASE)
GRAPH = f"CONSTRUCT {{ ?s a ?class }} WHERE {{ ?s a ?class ; <{BASE}ont#height> ?height }}"
PAGE = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
RESULTS = "application/sparql-results+json"

TALL = """\
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .

<https://example.org/lights/id/query/tall> a sh:SPARQLSelectExecutable ;
    rdfs:comment "Which lights are taller than 50 m?"@en ;
    sh:prefixes <https://example.org/lights/ont> ;
    sh:select "SELECT ?light WHERE { ?light ex:height ?height FILTER(?height > 50) }" ;
    skos:prefLabel "Tall lights"@en .
"""

ELSEWHERE = """\
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .

<https://example.org/lights/id/query/elsewhere> a sh:SPARQLSelectExecutable ;
    rdfs:comment "What do others know about our lights?"@en ;
    sh:select "SELECT * WHERE { SERVICE <http://example.org/sparql> { ?s ?p ?o } }" ;
    skos:prefLabel "Lights elsewhere"@en .
"""

SLASH = """\
@prefix ex: <https://example.org/lights/ont#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix v: <https://example.org/lights/vocab#> .

<https://example.org/lights/id/light/a%2Fb> a ex:Light ;
    ex:height 1.0 ;
    ex:state v:lit ;
    skos:prefLabel "A slash, é and 灯"@en .
"""


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> FlaskClient:
    """The lighthouses with an example query and a thing whose IRI has a percent sign."""
    folder = tmp_path_factory.mktemp("sparql")
    added = {
        "graph/query/tall.ttl": TALL,
        "graph/query/elsewhere.ttl": ELSEWHERE,
        "graph/light/a%2Fb.ttl": SLASH,
    }
    return client_of(write(folder / "lights", LIGHTS | added), folder / "releases")


def lights_of(body: str) -> list[str]:
    """The things in the answer to QUERY."""
    return [row["light"]["value"] for row in json.loads(body)["results"]["bindings"]]


EXPECTED = [f"{BASE}id/light/{slug}" for slug in ("a%2Fb", "eddystone", "pharos")]


def test_a_query_is_answered_by_get_by_form_and_by_itself(client: FlaskClient) -> None:
    for response in (
        client.get("/sparql", query_string={"query": QUERY}),
        client.post("/sparql", data={"query": QUERY}),
        client.post("/sparql", data=QUERY, content_type="application/sparql-query"),
        client.post("/sparql", data=QUERY, content_type="Application/SPARQL-Query; charset=UTF-8"),
    ):
        assert (response.status_code, response.mimetype) == (200, RESULTS)
        assert lights_of(response.text) == EXPECTED


@pytest.mark.parametrize("way", ["get", "form", "direct"])
def test_percent_signs_are_decoded_once(client: FlaskClient, way: str) -> None:
    query = (
        f"SELECT ?label {{ <{BASE}id/light/a%2Fb> <http://www.w3.org/2004/02/skos/core#prefLabel> ?label }}"
    )
    response = {
        "get": lambda: client.get(f"/sparql?query={quote(query, safe='')}"),
        "form": lambda: client.post(
            "/sparql", data=f"query={quote(query)}", content_type="application/x-www-form-urlencoded"
        ),
        "direct": lambda: client.post("/sparql", data=query, content_type="application/sparql-query"),
    }[way]()
    (row,) = response.get_json(force=True)["results"]["bindings"]
    assert row["label"]["value"] == "A slash, é and 灯"


def test_a_plus_is_a_space_only_in_a_form(client: FlaskClient) -> None:
    assert client.get("/sparql?query=ASK+{+FILTER(1%2B1=2)+}").get_json(force=True)["boolean"] is True
    direct = client.post("/sparql", data="ASK{FILTER(1+1=2)}", content_type="application/sparql-query")
    assert direct.get_json(force=True)["boolean"] is True


@pytest.mark.parametrize(
    ("media_type", "mimetype"),
    [
        (RESULTS, RESULTS),
        ("application/json", "application/json"),
        ("application/sparql-results+xml", "application/sparql-results+xml"),
        ("text/csv", "text/csv"),
        ("text/tab-separated-values", "text/tab-separated-values"),
        ("*/*", RESULTS),
        ("text/csv;q=0.5, application/sparql-results+xml", "application/sparql-results+xml"),
    ],
)
def test_a_table_is_written_in_the_format_asked_for(
    client: FlaskClient, media_type: str, mimetype: str
) -> None:
    response = client.get("/sparql", query_string={"query": QUERY}, headers={"Accept": media_type})
    assert response.mimetype == mimetype
    assert "accept" in response.vary
    found = {
        "json": lambda: lights_of(response.text),
        "xml": lambda: [
            str(each.text) for each in ElementTree.fromstring(response.text).iter() if "uri" in each.tag
        ],
        "csv": lambda: [row[0] for row in csv.reader(io.StringIO(response.text, newline=""))][1:],
        "values": lambda: [line.strip("<>") for line in response.text.splitlines()][1:],
    }[re.split(r"[+/-]", mimetype)[-1]]()
    assert found == EXPECTED
    assert client.get(response.headers["Content-Location"]).data == response.data


@pytest.mark.parametrize(
    ("media_type", "name"),
    [
        ("text/turtle", "turtle"),
        ("application/n-triples", "nt"),
        ("application/rdf+xml", "xml"),
        ("*/*", "turtle"),
    ],
)
@pytest.mark.parametrize("query", [GRAPH, f"DESCRIBE <{BASE}id/light/pharos>"])
def test_a_graph_is_written_in_the_format_asked_for(
    client: FlaskClient, query: str, media_type: str, name: str
) -> None:
    response = client.get("/sparql", query_string={"query": query}, headers={"Accept": media_type})
    graph = rdflib.Graph().parse(data=response.text, format=name)
    pharos = rdflib.URIRef(f"{BASE}id/light/pharos")
    assert (pharos, rdflib.RDF.type, rdflib.URIRef(f"{BASE}ont#Light")) in graph


def test_the_parameter_beats_accept(client: FlaskClient) -> None:
    for name in ("csv", "text/csv"):
        response = client.get(
            "/sparql", query_string={"query": QUERY, "format": name}, headers={"Accept": RESULTS}
        )
        assert response.mimetype == "text/csv"
        assert "accept" not in response.vary
    jsonld = client.get("/sparql", query_string={"query": GRAPH, "format": "jsonld"})
    assert jsonld.mimetype == "application/ld+json"


@pytest.mark.parametrize(
    ("query", "accept"), [(QUERY, "text/turtle"), (QUERY, "image/png"), (GRAPH, "text/csv"), (GRAPH, RESULTS)]
)
def test_a_format_that_does_not_fit_is_refused_with_the_list(
    client: FlaskClient, query: str, accept: str
) -> None:
    response = client.get("/sparql", query_string={"query": query}, headers={"Accept": accept})
    assert response.status_code == 406
    assert ("text/turtle" if query == GRAPH else "text/csv") in response.text
    assert client.get("/sparql", query_string={"query": query, "format": "png"}).status_code == 406


@pytest.mark.parametrize("accept", ["text/plain", "text/turtle", "image/png"])
@pytest.mark.parametrize(
    ("query", "told"),
    [
        ("SELECT * { ?s ?p ?o }}", "closes nothing"),
        ('SELECT * { ?s ?p "\\q" }', "line 1, column 19"),
        ("SELECT * { ?s no:thing ?o }", "The prefix no: is not declared"),
        ('SELECT * { ?s ?p "o }', "does not end"),
        ("SELECT ?s (COUNT(*) AS ?n) { ?s ?p ?o }", "?s"),
        ("SELCT * { ?s ?p ?o }", "SELECT"),
    ],
)
def test_a_fault_of_a_query_is_told_whatever_is_accepted(
    client: FlaskClient, query: str, told: str, accept: str
) -> None:
    for more in ({}, {"explain": "true"}):
        response = client.get("/sparql", query_string={"query": query, **more}, headers={"Accept": accept})
        assert (response.status_code, told in response.text) == (400, True), response.text
        assert response.mimetype == ("text/plain" if accept == "text/plain" else "application/problem+json")
    response = client.get("/sparql", query_string={"query": query, "format": "png"})
    assert response.status_code == 400


def test_the_request_may_choose_its_graphs(client: FlaskClient) -> None:
    count = "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }"

    def counted(**graphs: str) -> int:
        response = client.get("/sparql", query_string={"query": count, **graphs})
        return int(json.loads(response.text)["results"]["bindings"][0]["n"]["value"])

    whole, curated = counted(), counted(**{"default-graph-uri": f"{BASE}graph/curated"})
    assert 0 < curated < whole
    assert counted(**{"named-graph-uri": f"{BASE}graph/curated"}) == 0


@pytest.mark.parametrize(
    ("query", "why"),
    [
        ("SELECT * { SERVICE <http://example.org/sparql> { ?s ?p ?o } }", "SERVICE"),
        ("LOAD <http://example.org/>", "LOAD"),
        ("INSERT DATA { <a:b> <a:c> <a:d> }", "INSERT"),
        ("SELECT * FROM <http://example.org/g> { ?s ?p ?o }", "http://example.org/g"),
    ],
)
def test_what_is_refused_is_named(client: FlaskClient, query: str, why: str) -> None:
    response = client.get("/sparql", query_string={"query": query})
    assert (response.status_code, response.mimetype) == (403, "application/problem+json")
    assert why in response.get_json()["detail"]
    graphs = client.get("/sparql", query_string={"query": QUERY, "default-graph-uri": "http://example.org/g"})
    assert graphs.status_code == 403


def test_no_packet_leaves_for_a_query(client: FlaskClient) -> None:
    with socket.create_server(("127.0.0.1", 0)) as canary:
        canary.settimeout(0.3)
        here = f"http://127.0.0.1:{canary.getsockname()[1]}/"
        for query in (
            f"SELECT * {{ SERVICE <{here}> {{ ?s ?p ?o }} }}",
            f"PREFIX e: <{here}> SELECT * {{ sErViCe#\nSILENT e:x {{ ?s ?p ?o }} }}",
            f"SELECT * {{ VALUES ?x {{ <{here}> }} SERVICE ?x {{ ?s ?p ?o }} }}",
            f"SELECT * FROM <{here}> {{ ?s ?p ?o }}",
            f"LOAD <{here}>",
        ):
            assert client.get("/sparql", query_string={"query": query}).status_code == 403
        with pytest.raises(TimeoutError):
            canary.accept()


def test_an_update_is_403_by_post_and_405_by_get(client: FlaskClient) -> None:
    update = "INSERT DATA { <a:b> <a:c> <a:d> }"
    assert client.post("/sparql", data={"update": update}).status_code == 403
    direct = client.post("/sparql", data=update, content_type="application/sparql-update")
    assert direct.status_code == 403
    got = client.get("/sparql", query_string={"update": update})
    assert got.status_code == 405
    assert "POST" in got.headers["Allow"]


def test_what_does_not_parse_is_told_with_line_column_and_text(client: FlaskClient) -> None:
    response = client.get("/sparql", query_string={"query": "SELECT * {\r\n\t?s ?p ; }\r\n"})
    assert response.status_code == 400
    problem = response.get_json()
    assert (problem["line"], problem["text"]) == (2, "\t?s ?p ; }")
    assert problem["column"] > 1


@pytest.mark.parametrize(
    ("target", "status"),
    [
        ("query=ASK%7B%7D&query=ASK%7B%7D", 400),
        ("query=", 400),
        ("query=ASK{?s ?p '%FF'}", 400),
        ("query=ASK{?s ?p '%ED%A0%80'}", 400),
        ("query=" + "a" * 100_000, 414),
        ("&".join(["x=y"] * 2000), 400),
    ],
)
def test_a_request_that_is_wrong_is_told_how(client: FlaskClient, target: str, status: int) -> None:
    response = client.get(f"/sparql?{target}")
    assert response.status_code == status
    assert response.get_json()["detail"]


@pytest.mark.parametrize(
    ("body", "content_type", "status"),
    [
        (b"ASK{}", "text/plain", 415),
        (b"ASK{}", None, 415),
        ("ASK{?s ?p 'é'}".encode("latin-1"), "application/sparql-query", 400),
        (b"ASK{}", "application/sparql-query; charset=latin-1", 415),
        (b"a" * 100_001, "application/sparql-query", 413),
        (b"", "application/x-www-form-urlencoded", 400),
    ],
)
def test_a_body_that_is_wrong_is_told_how(
    client: FlaskClient, body: bytes, content_type: str | None, status: int
) -> None:
    response = client.post("/sparql", data=body, content_type=content_type)
    assert response.status_code == status
    assert response.get_json()["detail"]
    assert status != 413 or "100,000 bytes" in response.get_json()["detail"]


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH"])
def test_another_method_is_405_with_those_that_are_allowed(client: FlaskClient, method: str) -> None:
    response = client.open("/sparql", method=method)
    assert response.status_code == 405
    assert {"GET", "HEAD", "POST", "OPTIONS"} == set(re.split(", *", response.headers["Allow"]))


def test_head_answers_as_get_does_without_a_body(client: FlaskClient) -> None:
    get, head = (
        client.open("/sparql", method=name, query_string={"query": QUERY}) for name in ("GET", "HEAD")
    )
    assert (head.status_code, head.data) == (200, b"")
    for name in ("Content-Type", "Content-Length", "ETag", "Vary"):
        assert head.headers[name] == get.headers[name]


def test_a_page_from_elsewhere_may_ask(client: FlaskClient) -> None:
    preflight = client.options("/sparql", headers={"Origin": "http://example.org"})
    assert "POST" in preflight.headers["Access-Control-Allow-Methods"]
    assert "content-type" in preflight.headers["Access-Control-Allow-Headers"].lower()
    for response in (preflight, client.get("/sparql?query=ASK%7B%7D"), client.get("/sparql?query=nonsense")):
        assert response.headers["Access-Control-Allow-Origin"] == "*"
        assert "Access-Control-Allow-Credentials" not in response.headers


def test_an_answer_may_be_kept_and_asked_for_again(client: FlaskClient) -> None:
    first = client.get("/sparql", query_string={"query": QUERY})
    again = client.get(
        "/sparql", query_string={"query": QUERY}, headers={"If-None-Match": first.headers["ETag"]}
    )
    assert (again.status_code, again.data) == (304, b"")
    assert first.cache_control.max_age
    for response in (
        client.get("/sparql", query_string={"query": "SELECT (RAND() AS ?x) {}"}),
        client.post("/sparql", data={"query": QUERY}),
    ):
        assert response.cache_control.no_store


def test_an_answer_tells_its_times(client: FlaskClient) -> None:
    timing = client.get("/sparql", query_string={"query": f"{QUERY} LIMIT 50"}).headers["Server-Timing"]
    assert re.findall(r"(\w+);dur=\d+\.\d", timing) == ["queue", "evaluation", "serialisation"]


@pytest.mark.parametrize(
    ("query", "name", "media_type"),
    [
        ("CONSTRUCT WHERE { ?s ?p ?o }", "turtle", "text/turtle"),
        ("CONSTRUCT WHERE { ?s ?p ?o }", "n3", "text/turtle"),
        ("CONSTRUCT WHERE { ?s ?p ?o }", "json-ld", "application/ld+json"),
        ("CONSTRUCT WHERE { ?s ?p ?o }", "xml", "application/rdf+xml"),
        ("CONSTRUCT WHERE { ?s ?p ?o }", "application/x-json+ld,application/ld+json", "application/ld+json"),
        ("ASK {}", "xml", "application/sparql-results+xml"),
        ("ASK {}", "turtle", None),
        ("CONSTRUCT WHERE { ?s ?p ?o }", "csv", None),
        ("CONSTRUCT WHERE { ?s ?p ?o }", "image/png,image/gif", None),
    ],
)
def test_a_format_is_known_by_the_names_that_clients_give_it(
    client: FlaskClient, query: str, name: str, media_type: str | None
) -> None:
    response = client.get("/sparql", query_string={"query": query, "format": name})
    assert (response.status_code, media_type and response.mimetype) == (
        (200, media_type) if media_type else (406, None)
    )


def test_a_program_that_sends_no_query_gets_the_service_description(client: FlaskClient) -> None:
    sd = rdflib.Namespace("http://www.w3.org/ns/sparql-service-description#")
    for media_type, name in (("text/turtle", "turtle"), ("application/rdf+xml", "xml")):
        response = client.get("/sparql", headers={"Accept": media_type})
        graph = rdflib.Graph().parse(data=response.text, format=name)
        service = graph.value(predicate=rdflib.RDF.type, object=sd.Service)
        assert graph.value(service, sd.endpoint) == rdflib.URIRef(f"{BASE}sparql")
        names = {str(each) for each in graph.objects(None, sd.name)}
        assert {f"{BASE}graph/curated", f"{BASE}graph/ontology"} <= names


def test_a_browser_without_a_query_gets_the_form_and_examples_that_run(client: FlaskClient) -> None:
    page = html(client.get("/sparql", headers={"Accept": PAGE}))
    (field,) = page.findall(".//form[@method='get']//textarea[@name='query']")
    assert client.get("/sparql", query_string={"query": field.text}).status_code == 200
    (example,) = (each for each in page.iter("a") if "taller than 50 m" in words(each))
    assert not [each for each in page.iter("a") if "others know" in words(each)]
    answer = client.get(example.attrib["href"], headers={"Accept": RESULTS})
    assert lights_of(answer.text) == [f"{BASE}id/light/pharos"]


def asked_by_a_browser(client: FlaskClient, query: str, status: int = 200) -> ElementTree.Element:
    """The main part of the page with the answer."""
    response = client.get("/sparql", query_string={"query": query}, headers={"Accept": PAGE})
    assert (response.status_code, response.mimetype) == (status, "text/html")
    (main,) = html(response).iter("main")
    return main


def headings(page: ElementTree.Element) -> list[str]:
    return [words(each) for each in page.iter("h2")]


def test_a_browser_gets_a_table_whose_things_are_links(client: FlaskClient) -> None:
    page = asked_by_a_browser(client, QUERY)
    linked = [each.attrib["href"] for each in page.findall(".//tbody//a")]
    assert linked == ["/doc/light/a%2Fb", "/doc/light/eddystone", "/doc/light/pharos"]
    assert words(page.findall(".//tbody//a")[1]) == "Eddystone"
    assert (page.findtext(".//textarea") or "").strip() == QUERY
    assert "3 rows, complete" in headings(page)
    downloads = [each.attrib["href"] for each in page.findall(".//p[@class='actions']/a")]
    assert {client.get(each).mimetype for each in downloads} >= {RESULTS, "text/csv"}


def test_a_browser_sees_a_yes_and_a_graph_too(client: FlaskClient) -> None:
    assert "Yes" in headings(asked_by_a_browser(client, "ASK {}"))
    page = asked_by_a_browser(client, GRAPH)
    turtle = page.findtext(".//section/pre/code")
    assert len(rdflib.Graph().parse(data=turtle, format="turtle")) == 3


def test_a_browser_sees_where_a_query_is_wrong_and_keeps_its_text(client: FlaskClient) -> None:
    query = "SELECT * {\n  ?s zz:p '</textarea><script>' }"
    page = asked_by_a_browser(client, query, 400)
    assert (page.findtext(".//textarea") or "").strip() == query
    text, caret = (page.findtext(".//section/pre/code") or "").splitlines()
    assert text.index("zz:p") == caret.index("^")


def test_a_page_that_does_not_show_all_rows_says_so(client: FlaskClient) -> None:
    page = asked_by_a_browser(client, "SELECT ?a { ?a ?b ?c . ?d ?e ?f }")
    assert "The first 1,000 rows of more" in headings(page)
    assert len(page.findall(".//table[@class='found']/tbody/tr")) == 1000


def test_markup_in_the_data_stays_text(client: FlaskClient) -> None:
    query = "SELECT ('<script>alert(1)</script>' AS ?x) (<javascript:alert(1)> AS ?y) {}"
    page = asked_by_a_browser(client, query)
    assert [words(each) for each in page.iter("td")] == ["<script>alert(1)</script>", "javascript:alert(1)"]
    assert not page.findall(".//tbody//a")
