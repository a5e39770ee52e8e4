"""A query arrives as it was sent, to the last byte, in each way of the protocol; or it is told why not."""

import json
from urllib.parse import quote, quote_plus

import pytest
from conftest import LIGHTS, write
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from served import client_of
from werkzeug.test import TestResponse

FORM, DIRECT = "application/x-www-form-urlencoded", "application/sparql-query"


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> FlaskClient:
    folder = tmp_path_factory.mktemp("bytes")
    return client_of(write(folder / "lights", LIGHTS), folder / "releases")


def ways(client: FlaskClient, query: str) -> dict[str, TestResponse]:
    """The answers to one query, by the way in which it was sent."""
    return {
        "GET, %20": client.get(f"/sparql?query={quote(query, safe='')}"),
        "GET, +": client.get(f"/sparql?query={quote_plus(query, safe='')}"),
        "form": client.post("/sparql", data=f"query={quote_plus(query, safe='')}", content_type=FORM),
        "form, query in the address": client.post(
            f"/sparql?query={quote(query)}", data="", content_type=FORM
        ),
        "direct": client.post("/sparql", data=query.encode(), content_type=DIRECT),
    }


def bound(response: TestResponse) -> list[str]:
    """The values of ?x in an answer."""
    assert response.status_code == 200, response.text
    return [row["x"]["value"] for row in json.loads(response.data)["results"]["bindings"]]


@pytest.mark.parametrize(
    "value",
    [
        "a+b",
        "a%2Fb",
        "a%252Fb",
        "a%25b",
        "100 %",
        "%zz",
        "a&query=b;c=d",
        "a#b?c=d",
        " two  spaces ",
        "é灯𝒳",
        "e\u0301",
        "\u202eright to left",
        "\ufeffinside",
        "tab\tand\x7f",
        "\U0010ffff",
    ],
)
def test_a_literal_comes_back_as_it_was_sent(client: FlaskClient, value: str) -> None:
    for way, response in ways(client, f'SELECT ?x {{ BIND("{value}" AS ?x) }}').items():
        assert bound(response) == [value], way


@pytest.mark.parametrize("path", ["a%2Fb", "a%252Fb", "a+b", "é灯", "a;b", "%C3%A9", "a%20b"])
def test_an_iri_comes_back_as_it_was_sent(client: FlaskClient, path: str) -> None:
    for way, response in ways(client, f"SELECT ?x {{ BIND(<http://x.example/{path}> AS ?x) }}").items():
        assert bound(response) == [f"http://x.example/{path}"], way


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(value=st.text(st.characters(exclude_categories=["Cs"], exclude_characters='"\\\r\n\0'), max_size=30))
def test_any_text_comes_back_as_it_was_sent(client: FlaskClient, value: str) -> None:
    for way, response in ways(client, f'SELECT ?x {{ BIND("{value}" AS ?x) }}').items():
        assert bound(response) == [value], way


def test_escapes_of_sparql_are_resolved_once(client: FlaskClient) -> None:
    for response in ways(client, r'SELECT ?x { BIND("\u00e9 \\u00e9 \U0001D4B3 \t%5C" AS ?x) }').values():
        assert bound(response) == ["é \\u00e9 𝒳 \t%5C"]


def test_a_byte_order_mark_before_a_query_is_none_of_it(client: FlaskClient) -> None:
    for way, response in ways(client, "\ufeffSELECT ?x { BIND(1 AS ?x) }").items():
        assert bound(response) == ["1"], way


@pytest.mark.parametrize(
    ("raw", "why"),
    [
        (b"ASK { ?s ?p '\xff' }", "byte 0xFF at 14"),
        (b"ASK { ?s ?p '\xc3' }", "byte 0xC3 at 14"),
        (b"ASK { ?s ?p '\xed\xa0\x80' }", "byte 0xED at 14"),  # half of a surrogate pair
        (b"ASK { ?s ?p '\xc0\xaf' }", "byte 0xC0 at 14"),  # a slash, longer than it needs to be
        (b"ASK { ?s ?p '\xf4\x90\x80\x80' }", "byte 0xF4 at 14"),  # beyond Unicode
        ("ASK { ?s ?p 'é' }".encode("latin-1"), "byte 0xE9 at 14"),
        ("ASK {}".encode("utf-16"), "byte 0xFF at 1"),
        (b"ASK\0{}", "line 1, column 4"),
        (rb"ASK { ?s ?p '\ud800' }", "line 1, column 14"),
    ],
)
def test_what_is_no_text_is_told_with_its_place(client: FlaskClient, raw: bytes, why: str) -> None:
    direct = client.post("/sparql", data=raw, content_type=DIRECT)
    get = client.get(f"/sparql?query={quote(raw)}")
    form = client.post("/sparql", data=b"query=" + quote(raw).encode(), content_type=FORM)
    for response in (direct, get, form):
        assert response.status_code == 400
    assert why in direct.get_json()["detail"]


@pytest.mark.parametrize(
    ("content_type", "status"),
    [
        ("application/sparql-query", 200),
        ("APPLICATION/SPARQL-QUERY", 200),
        ('application/sparql-query; charset="utf-8"', 200),
        ("application/sparql-query;charset=UTF-8", 200),
        ("application/sparql-query; charset=iso-8859-1", 415),
        ("application/sparql-query; charset=utf-16", 415),
        ("text/plain", 415),
        ("application/json", 415),
        ("multipart/form-data; boundary=x", 415),
        ("application/sparql-querys", 415),
        ("", 415),
    ],
)
def test_a_body_is_read_by_its_type_and_charset(client: FlaskClient, content_type: str, status: int) -> None:
    response = client.post("/sparql", data=b"ASK {}", content_type=content_type)
    assert response.status_code == status


@pytest.mark.parametrize(
    "request_",
    [
        {"path": "/sparql?query=ASK{}&query=ASK{}"},
        {"path": "/sparql?query=ASK{}", "method": "POST", "data": "query=ASK{}", "content_type": FORM},
        {"path": "/sparql?query=ASK{}", "method": "POST", "data": "ASK{}", "content_type": DIRECT},
        {"path": "/sparql", "method": "POST", "data": "query=ASK{}&query=ASK{}", "content_type": FORM},
        {"path": "/sparql", "method": "POST", "data": "", "content_type": FORM},
        {"path": "/sparql", "method": "POST", "data": "", "content_type": DIRECT},
        {"path": "/sparql?query="},
    ],
)
def test_a_request_has_one_query(client: FlaskClient, request_: dict[str, str]) -> None:
    response = client.open(**request_)  # type: ignore[arg-type]
    assert (response.status_code, response.mimetype) == (400, "application/problem+json")


def test_columns_stand_in_the_order_in_which_they_are_written(client: FlaskClient) -> None:
    query = "SELECT * { VALUES (?z ?a ?m) { (1 2 3) } BIND(4 AS ?b) }"
    for suffix, header in (("csv", "z,a,m,b"), ("tsv", "?z\t?a\t?m\t?b")):
        text = client.get("/sparql", query_string={"query": query, "format": suffix}).text
        assert text.splitlines()[0] == header
    assert client.get("/sparql", query_string={"query": query, "format": "csv"}).text.endswith("1,2,3,4\r\n")
    explicit = "SELECT ?m ?a { VALUES (?z ?a ?m) { (1 2 3) } }"
    csv = client.get("/sparql", query_string={"query": explicit, "format": "csv"}).text
    assert csv == "m,a\r\n3,2\r\n"


def test_a_client_that_asks_for_nothing_gets_the_service_description(client: FlaskClient) -> None:
    assert client.get("/sparql").mimetype == "text/turtle"
    assert client.get("/sparql", headers={"Accept": "*/*"}).mimetype == "text/turtle"
    browser = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
    assert client.get("/sparql", headers={"Accept": browser}).mimetype == "text/html"
