"""Results for programs: the same that the page has, as JSON."""

from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from conftest import EDDYSTONE, LIGHTS, write
from contract import oracle
from flask.testing import FlaskClient
from served import BASE, client_of, html, words
from werkzeug.test import TestResponse

SHIPS = """\
@prefix bibo: <http://purl.org/ontology/bibo/> .
@prefix ex: <https://example.org/lights/ont#> .
@prefix light: <https://example.org/lights/id/light/> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix v: <https://example.org/lights/vocab#> .

light:lightship a ex:Light ;
    bibo:doi "10.5/nore" ;
    ex:state v:dark ;
    skos:altLabel "Nore"@en ;
    skos:note "It was moored to\\nthe bottom of the sea, with a lamp."@en ;
    skos:prefLabel "Lightship"@en .
"""
MANY = 60
"""Lights of one name: three pages of results."""


@pytest.fixture(scope="module")
def ships(tmp_path_factory: pytest.TempPathFactory) -> FlaskClient:
    """Lighthouses, a lightship, and many buoys."""
    files = {
        f"graph/light/buoy{number}.ttl": EDDYSTONE.replace("eddystone", f"buoy{number}")
        .replace('"Eddystone"', f'"Buoy {number}"')
        .replace('"Eddystone Rocks"', f'"Float {number}"')
        for number in range(MANY)
    }
    folder = tmp_path_factory.mktemp("ships")
    sources = write(folder / "lights", LIGHTS | files | {"graph/light/lightship.ttl": SHIPS})
    return client_of(sources, folder / "releases")


def told(client: FlaskClient, path: str) -> dict[str, Any]:
    """What an address tells a program."""
    response = client.get(path, headers={"Accept": "application/json"})
    assert (response.status_code, response.mimetype) == (200, "application/json")
    found: dict[str, Any] = response.get_json()
    return found


def below(address: str) -> str:
    """An address of the site without its base."""
    assert address.startswith(BASE)
    return "/" + address.removeprefix(BASE)


def links(response: TestResponse) -> dict[str, str]:
    """The Link fields by relation and media type."""
    found = oracle.links(response.headers.getlist("Link"))
    return {f"{' '.join(each.relations)} {each.get('type') or ''}".strip(): each.target for each in found}


def test_a_program_is_told_what_each_result_is_and_what_matched(ships: FlaskClient) -> None:
    answer = told(ships, "/search?q=nore")
    assert (answer["query"], answer["total"], answer["page"], answer["pages"]) == ("nore", 1, 1, 1)
    assert (answer["next"], answer["previous"], answer["more"]) == (None, None, False)
    assert answer["results"] == [
        {
            "iri": BASE + "id/light/lightship",
            "label": "Lightship",
            "kind": "lighthouse",
            "type": BASE + "ont#Light",
            "href": BASE + "doc/light/lightship",
            "matched": "Nore",
            "excerpt": None,
        }
    ]
    assert ships.get(below(answer["results"][0]["href"])).status_code == 200


def test_a_result_that_was_found_by_its_text_has_an_excerpt_in_one_line(ships: FlaskClient) -> None:
    (hit,) = told(ships, "/search?q=moored")["results"]
    assert (hit["matched"], hit["excerpt"]) == (None, "It was moored to the bottom of the sea, with a lamp.")


def test_a_term_has_the_name_of_its_kind_but_no_class(ships: FlaskClient) -> None:
    (hit,) = told(ships, "/search?q=keeper")["results"]
    assert (hit["iri"], hit["kind"], hit["type"]) == (BASE + "ont#Keeper", "term of the ontology", None)
    assert hit["href"] == BASE + "ont#Keeper"


@pytest.mark.parametrize(
    "spelt, meant",
    [
        ("/se%61rch?q=buoy&page=2", "/search?q=buoy&page=2"),
        ("/search%2Ejson?q=buoy", "/search.json?q=buoy"),
        ("/cl%61ss/light?sort=-name&page=2", "/class/light?sort=-name&page=2"),
    ],
)
def test_an_address_with_needless_percent_signs_is_asked_the_same(
    ships: FlaskClient, spelt: str, meant: str
) -> None:
    """RFC 3986, section 6.2.2.2."""
    one, other = ships.get(spelt), ships.get(meant)
    assert "%" in one.request.environ["REQUEST_URI"].partition("?")[0]
    assert one.headers.get("Content-Location") == other.headers.get("Content-Location")
    assert words(html(one)) == words(html(other)) if meant[-1] == "2" else one.get_json() == other.get_json()


@pytest.mark.parametrize("q", ["light", "buoy 7", "moored", "kepeer", "edystone rocks", "keeper lamp"])
def test_a_program_is_told_what_a_reader_is(ships: FlaskClient, q: str) -> None:
    page = html(ships.get("/search", query_string={"q": q}))
    found = ships.get("/search.json", query_string={"q": q}).get_json()["results"]
    assert found
    assert [words(each) for each in page.findall(".//ol/li/a")] == [each["label"] for each in found]


def test_a_likelier_spelling_is_told_and_whether_it_was_looked_for(ships: FlaskClient) -> None:
    answer = told(ships, "/search?q=kepeer")
    assert (answer["query"], answer["meant"], answer["searched"]) == ("kepeer", "keeper", "keeper")
    answer = told(ships, "/search?q=keeper")
    assert (answer["meant"], answer["searched"], answer["words"]) == (None, "keeper", "all")


def test_that_the_results_have_only_some_of_the_words_is_told(ships: FlaskClient) -> None:
    answer = told(ships, "/search?q=keeper+moored")
    assert (answer["words"], {each["label"] for each in answer["results"]}) == (
        "some",
        {"keeper", "Lightship"},
    )
    assert "some of them" in words(html(ships.get("/search?q=keeper+moored")))
    assert "some of them" not in words(html(ships.get("/search?q=keeper")))


def test_pages_lead_to_each_other(ships: FlaskClient) -> None:
    seen, where = [], "/search.json?q=buoy&x=1"
    while where:
        response = ships.get(where)
        answer = response.get_json()
        seen += [each["iri"] for each in answer["results"]]
        found = links(response)
        for rel, member in (("next", "next"), ("prev", "previous")):
            assert found.get(rel) == (answer[member] and below(answer[member]))
        where = below(answer["next"]) if answer["next"] else ""
    assert len(seen) == len(set(seen)) == MANY == answer["total"]
    assert (answer["page"], answer["pages"]) == (3, 3)
    assert parse_qs(urlsplit(answer["previous"]).query) == {"q": ["buoy"], "page": ["2"]}
    assert ships.get("/search.json?q=buoy&page=4").status_code == 404


def test_a_page_leads_to_the_pages_beside_it_and_to_its_variants(ships: FlaskClient) -> None:
    response = ships.get("/search?q=buoy&page=2")
    found = links(response)
    assert (found["prev"], found["next"]) == ("/search?q=buoy&page=1", "/search?q=buoy&page=3")
    assert found["alternate application/json"] == "/search.json?q=buoy&page=2"
    heads = [each.get("rel") for each in html(response).iter("link")]
    assert (heads.count("prev"), heads.count("next")) == (1, 1)


def test_filters_narrow_and_are_offered_with_the_address_of_what_they_leave(ships: FlaskClient) -> None:
    answer = told(ships, "/search?q=lamp&page=2")
    states = next(each for each in answer["facets"] if each["name"] == "state")
    assert (states["label"], states["rest"], states["all"]) == ("state", 0, None)
    assert {each["value"]: each["count"] for each in states["values"]} == {"lit": MANY + 1, "dark": 1}
    for value in states["values"]:
        narrowed = ships.get(below(value["href"])).get_json()
        assert (narrowed["total"], narrowed["filters"]) == (value["count"], {"state": value["value"]})
        (chosen,) = [each for facet in narrowed["facets"] for each in facet["values"] if each["chosen"]]
        assert (chosen["value"], chosen["label"]) == (value["value"], value["value"])
        assert ships.get(below(chosen["href"])).get_json()["total"] == answer["total"]


def test_a_value_that_nothing_has_leaves_nothing(ships: FlaskClient) -> None:
    answer = told(ships, "/search?q=light&state=purple")
    assert (answer["total"], answer["results"], answer["filters"]) == (0, [], {"state": "-"})


@pytest.mark.parametrize(
    "q", ["10.5/nore", "keepr:10.5/nore", "https://doi.org/10.5/NORE", BASE + "id/light/lightship"]
)
def test_an_identifier_is_the_only_result_of_a_program(ships: FlaskClient, q: str) -> None:
    response = ships.get("/search", query_string={"q": q}, headers={"Accept": "application/json"})
    answer = response.get_json()
    assert (answer["identifier"], answer["total"], answer["words"], answer["meant"]) == (True, 1, "all", None)
    assert [each["iri"] for each in answer["results"]] == [BASE + "id/light/lightship"]
    assert told(ships, "/search?q=lightship")["identifier"] is False
    assert told(ships, "/search?q=10.5/nore&state=lit")["total"] == 0


@pytest.mark.parametrize(
    "accept", [None, "*/*", "text/html", "text/turtle", "text/html,application/json;q=0.9"]
)
def test_an_identifier_leads_all_others_straight_to_its_thing(ships: FlaskClient, accept: str | None) -> None:
    headers = {} if accept is None else {"Accept": accept}
    response = ships.get("/search?q=10.5/nore", headers=headers)
    assert (response.status_code, response.headers["Location"]) == (303, "/doc/light/lightship")
    assert "Accept" in response.vary


@pytest.mark.parametrize(
    ("path", "accept", "media_type"),
    [
        ("/search?q=light", None, "text/html"),
        ("/search?q=light", "*/*", "text/html"),
        ("/search?q=light", "application/json", "application/json"),
        ("/search?q=light", "application/json;q=0.5, text/html;q=0.4", "application/json"),
        ("/search?q=light&format=json", "text/html", "application/json"),
        ("/search?q=light&format=html", "application/json", "text/html"),
        ("/search.json?q=light", "text/html", "application/json"),
        ("/search.json?q=light&format=html", "text/html", "application/json"),
        ("/search.html?q=light", "application/json", "text/html"),
        ("/search", "application/json", "application/json"),
    ],
)
def test_the_suffix_goes_before_the_format_and_that_before_accept(
    ships: FlaskClient, path: str, accept: str | None, media_type: str
) -> None:
    response = ships.get(path, headers={} if accept is None else {"Accept": accept})
    assert (response.status_code, response.mimetype) == (200, media_type)
    negotiated = "format" not in path and "." not in path
    assert ("Accept" in response.vary) is negotiated
    suffix = "json" if media_type == "application/json" else "html"
    query = "?q=light" if "q=" in path else ""
    assert response.content_location == (f"/search.{suffix}{query}" if "search." not in path else None)
    assert response.headers["Access-Control-Allow-Origin"] == "*"
    head = ships.head(path, headers={} if accept is None else {"Accept": accept})
    assert (head.status_code, head.headers["ETag"], head.data) == (200, response.headers["ETag"], b"")


@pytest.mark.parametrize(
    "path", ["/search?q=buoy", "/search.json?q=buoy", "/search?q=buoy&format=json&page=2"]
)
@pytest.mark.parametrize("accept", ["text/html", "application/json"])
def test_a_good_copy_is_not_sent_again(ships: FlaskClient, path: str, accept: str) -> None:
    response = ships.get(path, headers={"Accept": accept})
    tag = response.headers["ETag"]
    again = ships.get(path, headers={"Accept": accept, "If-None-Match": tag})
    assert (again.status_code, again.data, again.headers["ETag"]) == (304, b"", tag)
    other = ships.get(path.replace("buoy", "lamp"), headers={"Accept": accept, "If-None-Match": tag})
    assert other.status_code == 200


def test_variants_and_languages_have_tags_of_their_own(ships: FlaskClient) -> None:
    def tag(path: str, **headers: str) -> str:
        return ships.get(path, headers=headers).headers["ETag"]

    tags = {
        tag("/search?q=light", Accept="text/html"),
        tag("/search?q=light", Accept="application/json"),
        tag("/search.json?q=light"),
        tag("/search?q=lights", Accept="application/json"),
        tag("/search?q=light&kind=light", Accept="application/json"),
    }
    assert len(tags) == 5
    german = ships.get("/search.json?q=nore", headers={"Accept-Language": "de"})
    assert german.get_json()["results"][0]["kind"] == "Leuchtturm"
    assert "Accept-Language" in german.vary
    assert german.headers["ETag"] != tag("/search.json?q=nore")


def test_what_completes_a_text_is_told_in_the_language_that_caches_go_by(ships: FlaskClient) -> None:
    german = ships.get("/suggest?q=nore", headers={"Accept-Language": "de"})
    assert german.get_json()[0]["kind"] == "Leuchtturm"
    assert "Accept-Language" in german.vary


def test_what_cannot_be_written_is_refused_with_the_variants(ships: FlaskClient) -> None:
    response = ships.get("/search?q=light", headers={"Accept": "text/turtle, application/problem+json"})
    assert response.status_code == 406
    assert {(each["type"], each["href"]) for each in response.get_json()["variants"]} == {
        ("text/html", "/search.html?q=light"),
        ("application/json", "/search.json?q=light"),
    }
    assert ships.get("/search.ttl?q=light").status_code == 404
    assert ships.get("/search?q=light&format=ttl").status_code == 404


def test_nothing_asked_is_nothing_found(ships: FlaskClient) -> None:
    for path in ("/search.json", "/search.json?q=+", "/search.json?q=%22", "/search.json?q=qqqqq"):
        answer = told(ships, path)
        assert (answer["total"], answer["results"], answer["facets"], answer["identifier"]) == (
            0,
            [],
            [],
            False,
        )


def test_more_than_can_be_put_in_order_is_told(ships: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ldnkg.search.index.MOST", 10)
    answer = told(ships, "/search?q=float")
    assert (answer["total"], answer["more"]) == (10, True)


def test_results_of_a_former_release_lead_into_it(ships: FlaskClient) -> None:
    (release,) = ships.get("/changes.json").get_json()["releases"]
    answer = told(ships, f"/search?q=buoy&release={release['release']}")
    assert answer["results"][0]["href"].endswith(f"?release={release['release']}")
    assert f"release={release['release']}" in answer["next"]


def test_below_a_path_every_address_has_it(tmp_path: Path) -> None:
    base = "https://lights.example/kg/"
    client = client_of(write(tmp_path / "lights", LIGHTS), tmp_path / "releases", base)
    response = client.get("/kg/search.json?q=light")
    answer = response.get_json()
    addresses = [each["href"] for each in answer["results"]]
    addresses += [value["href"] for facet in answer["facets"] for value in facet["values"]]
    assert addresses and all(each.startswith(base) and "/kg/kg/" not in each for each in addresses)
    assert links(response)["alternate text/html"] == "/kg/search.html?q=light"


def test_of_many_values_some_are_offered_and_where_all_are(
    ships: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ldnkg.web.narrowing.SHOWN", 0)
    (facet,) = [each for each in told(ships, "/search?q=lam")["facets"] if each["name"] == "state"]
    assert (facet["values"], facet["rest"]) == ([], 2)
    whole = ships.get(below(facet["all"])).get_json()["facets"]
    assert [len(each["values"]) for each in whole if each["name"] == "state"] == [2]
