"""How a query runs is on the page of its answer, and can be had before it runs, as a page and as data."""

import json
import re
import shutil
from collections.abc import Iterator
from urllib.parse import urlencode
from xml.etree.ElementTree import Element

import pytest
from asked import served
from axe_playwright_python.sync_playwright import Axe
from flask.testing import FlaskClient
from playwright.sync_api import Page, expect, sync_playwright
from served import BASE, html, words
from werkzeug.test import TestResponse

from ldnkg.query.packing import pack

HEAD = f"PREFIX ex: <{BASE}ont#>\nPREFIX skos: <http://www.w3.org/2004/02/skos/core#>\n"
TALL = HEAD + "SELECT * { ?l a ex:Light ; ex:height ?h }"
PRODUCT = HEAD + "SELECT * { ?l a ex:Light . ?x ex:height ?h }"
NOTHING = HEAD + "SELECT * { ?l a ex:Lihgt ; skos:prefLabel 'Eddystone' }"


def ask(client: FlaskClient, query: str, accept: str = "text/html", **fields: str) -> TestResponse:
    """The answer to a query by GET."""
    where = "/sparql?" + urlencode({"query": query, **fields})
    return client.get(where, headers={"Accept": accept})


def result(response: TestResponse) -> Element:
    """The part of the page that tells what was found."""
    return next(each for each in html(response).iter("div") if each.get("id") == "result")


def table(element: Element) -> list[list[str]]:
    """The cells of the table of patterns."""
    found = next(each for each in element.iter("table") if each.get("class") == "plan")
    return [[words(cell) for cell in row] for row in found.iter("tr")][1:]


def test_the_shape_is_data_for_programs(client: FlaskClient) -> None:
    response = ask(client, TALL, "application/json", explain="true")
    told = json.loads(response.text)
    assert response.mimetype == "application/json"
    assert [(each["object"], each["triples"]) for each in told["patterns"]] == [
        (f"<{BASE}ont#Light>", {"kind": "counted", "number": 2}),
        ("?h", {"kind": "counted", "number": 2}),
    ]
    assert [each["joins"] for each in told["patterns"]] == [{"?l": [2]}, {"?l": [1]}]
    assert (told["form"], told["notices"], told["hints"]) == ("SELECT", [], [])
    assert "Server-Timing" not in response.headers, "nothing ran"


def test_notices_and_hints_are_data_too(client: FlaskClient) -> None:
    told = ask(client, PRODUCT, "application/json", explain="yes").json
    assert told is not None
    assert [(each["kind"], each["patterns"]) for each in told["notices"]] == [("product", [1, 2])]
    told = ask(client, NOTHING, explain="1", format="json").json
    assert told is not None
    assert [(each["kind"], each["near"]) for each in told["hints"]] == [
        ("class", [f"<{BASE}ont#Light>"]),
        ("literal", ['"Eddystone"@en']),
    ]


def test_the_shape_is_told_by_post_as_well(client: FlaskClient) -> None:
    accept = {"Accept": "application/json"}
    form = client.post("/sparql", data={"query": TALL, "explain": "true"}, headers=accept)
    direct = client.post(
        "/sparql?explain=true", data=TALL, content_type="application/sparql-query", headers=accept
    )
    assert form.json == direct.json == ask(client, TALL, "application/json", explain="true").json
    assert form.headers["Cache-Control"] == "no-store"


def test_the_shape_is_negotiated_and_kept_like_any_answer(client: FlaskClient) -> None:
    page = ask(client, TALL, "text/html,*/*;q=0.1", explain="true")
    data = ask(client, TALL, "application/json", explain="true")
    assert {"Accept", "Accept-Encoding"} <= set(page.vary)
    assert page.headers["ETag"] != data.headers["ETag"]
    assert client.get(data.headers["Content-Location"]).json == data.json
    where = "/sparql?" + urlencode({"query": TALL, "explain": "true"})
    again = client.get(where, headers={"Accept": "application/json", "If-None-Match": data.headers["ETag"]})
    assert again.status_code == 304
    assert ask(client, TALL, "text/turtle", explain="true").status_code == 406


def test_a_query_that_is_wrong_or_refused_is_not_explained(client: FlaskClient) -> None:
    wrong = ask(client, "SELECT ?x {\n?x ?y ;; ?z ) }", "application/json", explain="true")
    assert (wrong.status_code, wrong.mimetype) == (400, "application/problem+json")
    assert json.loads(wrong.text)["line"] == 2
    page = ask(client, "ASK { ?x none:p ?y }", explain="true")
    assert page.status_code == 400
    assert "PREFIX none:" in words(result(page))
    escaped = ask(client, r"SEL\u0045CT * { ?s ?p ?o }", "application/json", explain="true")
    assert "write SELECT" in json.loads(escaped.text)["detail"]
    refused = ask(client, "ASK { SERVICE <http://x/> {} }", explain="true")
    assert refused.status_code == 403


@pytest.mark.parametrize(
    ("query", "more"),
    [
        ("SELECT * FROM <http://elsewhere.example/g> { ?s ?p ?o }", {}),
        ("SELECT * FROM NAMED <g> { GRAPH ?g { ?s ?p ?o } }", {}),
        ("SELECT * { ?s ?p ?o }", {"default-graph-uri": "http://elsewhere.example/g"}),
        ("SELECT * { ?s ?p ?o }", {"named-graph-uri": f"{BASE}graph/none"}),
    ],
)
def test_a_graph_that_is_not_there_is_refused_with_those_that_are(
    client: FlaskClient, query: str, more: dict[str, str]
) -> None:
    accept = "application/json"
    run, explained = ask(client, query, accept, **more), ask(client, query, accept, explain="true", **more)
    assert (run.status_code, explained.status_code) == (403, 403)
    assert json.loads(explained.text)["detail"] == json.loads(run.text)["detail"]
    assert f"<{BASE}graph/shapes>" in json.loads(explained.text)["detail"]
    assert f"<{BASE}graph/shapes>" in words(result(ask(client, query, explain="true", **more)))


def test_a_graph_that_is_there_is_explained_whatever_others_the_query_names(client: FlaskClient) -> None:
    """The graphs of the request go before those of the query (SPARQL 1.1 Protocol, section 2.1.4)."""
    query, accept = "SELECT * FROM <http://elsewhere.example/g> { ?s ?p ?o }", "application/json"
    more = {"explain": "true", "default-graph-uri": f"{BASE}graph/shapes"}
    assert ask(client, query, accept, **more).status_code == 200
    there = f"SELECT * FROM <{BASE}graph/shapes> {{ ?s ?p ?o }}"
    assert ask(client, there, accept, explain="true").status_code == 200


def test_the_page_tells_the_shape_without_an_answer(client: FlaskClient) -> None:
    found = result(ask(client, PRODUCT, explain="true"))
    assert [words(each) for each in found.iter("h2")] == ["How this query would run"]
    assert table(found) == [
        ["1", "?l", "rdf:type", "ex:Light", "2", "nothing"],
        ["2", "?x", "ex:height", "?h", "2", "nothing"],
    ]
    (notice,) = (words(each) for each in found.iter("li") if each.get("class") in ("note", "warning"))
    assert notice.startswith("Note: A cartesian product: pattern 1 and pattern 2 share no variable")
    (link,) = (each.get("href", "") for each in found.iter("a") if words(each) == "This as JSON")
    assert client.get(link).json == ask(client, PRODUCT, "application/json", explain="true").json


def test_the_answer_has_the_shape_beside_it_closed(client: FlaskClient) -> None:
    found = result(ask(client, PRODUCT))
    (details,) = found.iter("details")
    assert details.get("open") is None
    assert words(next(details.iter("summary"))) == "How this query runs: 1 thing to mind"
    assert "Found: 4 rows, complete." in words(details)
    assert len(table(details)) == 2


def test_times_are_in_the_page_only_where_it_is_not_kept(client: FlaskClient) -> None:
    first, second = ask(client, TALL), ask(client, TALL)
    assert first.text == second.text, "its tag promises each of its bytes"
    fresh = {"query": TALL + " OFFSET 0"}
    posted = client.post("/sparql", data=fresh, headers={"Accept": "text/html"})
    assert re.search(r"It took [\d.]+ ms: queue [\d.]+, evaluation", words(result(posted)))
    again = client.post("/sparql", data=fresh, headers={"Accept": "text/html"})
    assert "The answer was known, and the query did not run again." in words(result(again))


@pytest.mark.parametrize(
    ("query", "hinted"),
    [
        (NOTHING, True),
        (NOTHING.replace("SELECT *", "ASK"), True),
        (NOTHING.replace("SELECT *", "CONSTRUCT WHERE"), True),
        (HEAD + "SELECT * { ?l a ex:Light OPTIONAL { ?l a ex:Lihgt } }", False),
        (HEAD + "ASK { ?l a ex:Light OPTIONAL { ?l a ex:Lihgt } }", False),
        (HEAD + "SELECT * { ?l a ex:Light ; ex:height 1000.0 }", False),
    ],
)
def test_hints_stand_beside_an_empty_result_only(client: FlaskClient, query: str, hinted: bool) -> None:
    found = result(ask(client, query))
    notes = [words(each) for each in found.iter("div") if "hints" in each.get("class", "")]
    assert len(notes) == hinted
    if hinted:
        assert "ex:Lihgt is no class of this graph. Did you mean lighthouse ex:Light?" in notes[0]


def test_what_a_query_holds_is_no_markup(client: FlaskClient) -> None:
    query = HEAD + "SELECT * { ?l skos:prefLabel '<b>&amp;</b>', '</script>' }"
    for fields in ({}, {"explain": "true"}):
        assert "'<b>" not in ask(client, query, **fields).text
        assert not list(result(ask(client, query, **fields)).iter("b"))


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with served(tmp_path_factory.mktemp("explained"), "/lights/") as where:
        yield where


@pytest.fixture(params=["light", "dark"])
def page(request: pytest.FixtureRequest, base: str) -> Iterator[Page]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        context = browser.new_context(color_scheme=request.param, viewport={"width": 390, "height": 800})
        opened = context.new_page()
        complaints: list[str] = []
        opened.on("console", lambda message: complaints.append(message.text))
        opened.on("pageerror", lambda error: complaints.append(str(error)))
        yield opened
        browser.close()
        assert [each for each in complaints if "status of 503" not in each] == []


def test_a_browser_explains_then_runs_and_tells_the_time(page: Page, base: str) -> None:
    dark = page.evaluate("matchMedia('(prefers-color-scheme: dark)').matches")
    query = f"{PRODUCT.replace(BASE, base)} LIMIT {5 + dark}"  # one that nobody has asked yet
    page.goto(base + "sparql?" + urlencode({"query": query}))
    page.locator("#result summary").click()
    expect(page.locator("#result .took")).to_have_text(re.compile(r"^It took [\d.]+ ms: queue"))
    page.get_by_role("button", name="Explain").click()
    expect(page.locator("#status")).to_have_text("How this query would run")
    assert "explain=true" in page.url
    assert page.locator("#result .notices").inner_text().startswith("Note: A cartesian product")
    assert Axe().run(page).violations_count == 0
    page.get_by_role("button", name="Run the query").click()
    expect(page.locator("#status")).to_have_text("4 rows, complete")
    assert "explain" not in page.url
    page.locator("#result summary").click()
    expect(page.locator("#result .took")).to_have_text(
        "The answer was known, and the query did not run again."
    )
    assert Axe().run(page).violations_count == 0
    wide = page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")
    assert not wide, "the page scrolls sideways on a phone"


def test_a_query_over_its_time_is_explained_beside_the_error(page: Page, base: str) -> None:
    endless = "SELECT (COUNT(*) AS ?many) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l . ?m ?n ?o }"
    page.goto(base + "sparql?" + urlencode({"query": endless.replace("AS ?n", "AS ?many")}))
    assert "503" in page.locator("#answer").inner_text()
    assert "Warning: A cartesian product" in page.locator("#result .notices").inner_text()


def test_with_graphs_chosen_numbers_are_bounds(client: FlaskClient) -> None:
    query = {"query": "SELECT * { ?s ?p ?o }", "explain": "true", "format": "json"}
    whole = client.get("/sparql", query_string=query).json
    part = client.get(
        "/sparql", query_string={**query, "default-graph-uri": "https://lights.example/graph/shapes"}
    ).json
    assert whole and part
    counted = client.get(
        "/sparql", query_string={"query": "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }", "format": "csv"}
    )
    assert whole["patterns"][0]["triples"] == {"kind": "counted", "number": int(counted.text.split()[1])}
    assert part["patterns"][0]["triples"]["kind"] == "at most"


def test_a_program_is_told_in_json_and_a_yes_is_read_in_any_case(client: FlaskClient) -> None:
    for said in ("true", "TRUE", "1", "Yes"):
        answer = client.get(
            "/sparql", query_string={"query": "ASK {}", "explain": said}, headers={"Accept": "*/*"}
        )
        assert (answer.status_code, answer.mimetype) == (200, "application/json")
    for name in ("explain", "truncate"):
        assert client.get("/sparql", query_string={"query": "ASK {}", name: "maybe"}).status_code == 400


def test_a_short_address_keeps_what_is_said_beside_it(client: FlaskClient) -> None:
    found = client.get(f"/sparql/q/{pack('ASK {}')}?format=csv&default-graph-uri=http://nope/")
    assert found.headers["Location"].endswith("&format=csv&default-graph-uri=http%3A%2F%2Fnope%2F")


def test_a_compressed_query_is_refused_and_not_misread(client: FlaskClient) -> None:
    headers = {"Content-Encoding": "gzip"}
    answer = client.post("/sparql", data="ASK {}", headers=headers, content_type="application/sparql-query")
    assert answer.status_code == 415


def test_a_query_that_the_release_has_counted_is_told_so(client: FlaskClient) -> None:
    text = "SELECT ?class (COUNT(?s) AS ?n) { ?s a ?class } GROUP BY ?class"
    told = ask(client, text, "application/json", explain="true").json
    assert told is not None
    assert [(each["kind"], each["detail"]) for each in told["notices"]] == [
        ("known", "The release has counted this: the graph is not read.")
    ]
    assert "statistics;dur=" in ask(client, text, "text/csv").headers["Server-Timing"]
    part = ask(
        client, text, "application/json", explain="true", **{"default-graph-uri": f"{BASE}graph/shapes"}
    )
    assert part.json is not None and part.json["notices"] == []
