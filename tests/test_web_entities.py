"""A thing and the document about it: the HTTP contract of `/id/` and `/doc/`."""

import json
from decimal import Decimal
from pathlib import Path
from xml.etree import ElementTree

import pytest
import rdflib
from conftest import EDDYSTONE, LIGHTS, write
from flask.testing import FlaskClient
from served import BASE, client_of, hrefs, html, links, title, words

from ldnkg.iris import leads_on

HYDRA = rdflib.Namespace("http://www.w3.org/ns/hydra/core#")
MEDIA_TYPES = {
    "text/turtle": "turtle",
    "application/ld+json": "json-ld",
    "application/n-triples": "nt",
    "application/rdf+xml": "xml",
}


def parsed(body: str, media_type: str, client: FlaskClient) -> rdflib.Graph:
    """The triples of a document; a JSON-LD context is taken from the site itself."""
    if media_type == "application/ld+json":
        document = json.loads(body)
        own = client.get("/context.jsonld").get_json()["@context"]
        named = document["@context"]
        document["@context"] = [
            own if each == BASE + "context.jsonld" else each
            for each in (named if isinstance(named, list) else [named])
        ]
        body = json.dumps(document)
    return rdflib.Graph().parse(data=body, format=MEDIA_TYPES[media_type])


def test_a_thing_leads_to_the_document_about_it(client: FlaskClient) -> None:
    response = client.get("/id/light/eddystone")
    assert (response.status_code, response.location) == (303, "/doc/light/eddystone")


def test_a_head_request_is_answered_like_a_get_without_a_body(client: FlaskClient) -> None:
    for path in ("/id/light/eddystone", "/doc/light/eddystone"):
        head, get = client.head(path), client.get(path)
        assert (head.status_code, head.data) == (get.status_code, b"")
        assert head.headers.get("ETag") == get.headers.get("ETag")


def test_a_browser_gets_a_page_titled_with_the_label(client: FlaskClient) -> None:
    response = client.get(
        "/doc/light/eddystone", headers={"Accept": "text/html,application/xml;q=0.9,*/*;q=0.8"}
    )
    assert response.mimetype == "text/html"
    assert title(html(response)) == "Eddystone"


def test_without_an_accept_header_the_answer_is_the_page(client: FlaskClient) -> None:
    assert client.get("/doc/light/eddystone").mimetype == "text/html"


@pytest.mark.parametrize("media_type", MEDIA_TYPES)
def test_every_data_format_says_the_same(client: FlaskClient, media_type: str) -> None:
    response = client.get("/doc/light/eddystone", headers={"Accept": media_type})
    assert response.mimetype == media_type
    graph = parsed(response.text, media_type, client)
    light = rdflib.URIRef(BASE + "id/light/eddystone")
    height = graph.value(light, rdflib.URIRef(BASE + "ont#height"))
    assert isinstance(height, rdflib.Literal)
    assert (height.value, height.datatype) == (Decimal("49.0"), rdflib.XSD.decimal)
    assert (light, rdflib.SKOS.prefLabel, rdflib.Literal("Eddystone", lang="en")) in graph


def test_a_cache_may_not_mix_formats(client: FlaskClient) -> None:
    response = client.get("/doc/light/eddystone")
    assert "accept" in response.vary.as_set()
    tags = {
        client.get(f"/doc/light/eddystone.{suffix}").headers["ETag"]
        for suffix in ("html", "ttl", "nt", "jsonld")
    }
    assert len(tags) == 4


def test_a_negotiated_answer_says_which_variant_it_is(client: FlaskClient) -> None:
    response = client.get("/doc/light/eddystone", headers={"Accept": "text/turtle"})
    assert response.headers["Content-Location"] == "/doc/light/eddystone.ttl"
    assert client.get("/doc/light/eddystone.ttl").data == response.data


def test_a_suffix_beats_the_parameter_which_beats_accept(client: FlaskClient) -> None:
    turtle = {"Accept": "text/turtle"}
    assert client.get("/doc/light/eddystone?format=nt", headers=turtle).mimetype == "application/n-triples"
    assert client.get("/doc/light/eddystone.rdf?format=nt", headers=turtle).mimetype == "application/rdf+xml"


def test_a_copy_that_is_still_good_is_not_sent_again(client: FlaskClient) -> None:
    tag = client.get("/doc/light/eddystone.ttl").headers["ETag"]
    again = client.get("/doc/light/eddystone.ttl", headers={"If-None-Match": tag})
    assert (again.status_code, again.data) == (304, b"")
    other = client.get("/doc/light/eddystone.nt", headers={"If-None-Match": tag})
    assert other.status_code == 200


def test_the_header_links_every_variant_and_the_thing(client: FlaskClient) -> None:
    found = links(client.get("/doc/light/eddystone"))
    assert found["alternate"] >= {
        f"/doc/light/eddystone.{each}" for each in ("ttl", "jsonld", "nt", "rdf", "html")
    }
    assert found["cite-as"] == {BASE + "id/light/eddystone"}
    assert found["license"] == {"https://creativecommons.org/publicdomain/zero/1.0/"}


@pytest.mark.parametrize("suffix", ["xyz", "nq"])
def test_a_variant_that_we_do_not_write_is_not_found(client: FlaskClient, suffix: str) -> None:
    assert client.get(f"/doc/light/eddystone.{suffix}").status_code == 404


def test_a_format_we_cannot_write_is_refused_with_the_list(client: FlaskClient) -> None:
    response = client.get("/doc/light/eddystone", headers={"Accept": "image/png"})
    assert response.status_code == 406
    assert {each["href"] for each in response.get_json()["variants"]} >= {"/doc/light/eddystone.ttl"}


def test_a_stranger_is_not_found_and_near_matches_are_named(client: FlaskClient) -> None:
    response = client.get("/doc/light/eddyston", headers={"Accept": "text/html"})
    assert response.status_code == 404
    assert "/doc/light/eddystone" in hrefs(html(response))
    assert client.get("/id/light/nowhere").status_code == 404


def test_a_page_shows_who_points_to_the_thing(client: FlaskClient) -> None:
    assert hrefs(html(client.get("/doc/keeper/winstanley")))["/doc/light/eddystone"] == "Eddystone"


def test_a_part_is_shown_in_its_place(client: FlaskClient) -> None:
    page = html(client.get("/doc/light/eddystone"))
    assert page.find(".//*[@id='lamp']") is not None
    assert "Eddystone lamp" in "".join(page.itertext())


def test_a_part_that_is_called_like_the_part_of_another_has_a_row_all_the_same(tmp_path: Path) -> None:
    """Only what a part leads to is told below its row: `#lamp-wick`, not `#lamp-spare`."""
    lamp = "<https://example.org/lights/id/light/eddystone#lamp%s>"
    listed = " , ".join(lamp % end for end in ("", "-spare", "-wick"))
    said = {
        "": f"ex:lamp {lamp % '-wick'} ; skos:prefLabel",
        "-spare": "skos:prefLabel",
        "-wick": "skos:prefLabel",
    }
    parts = "".join(f'{lamp % end} a ex:Lamp ; {what} "lamp{end}"@en .\n' for end, what in said.items())
    thing = EDDYSTONE[: EDDYSTONE.index(f"{lamp % ''} a")].replace(lamp % "", listed)
    client = client_of(
        write(tmp_path / "sources", LIGHTS | {"graph/light/eddystone.ttl": thing + parts}),
        tmp_path / "releases",
    )
    page = html(client.get("/doc/light/eddystone", base_url=BASE, headers={"Accept": "text/html"}))
    rows = [each.get("id", "") for each in page.iter("tr")]
    assert sorted(filter(None, rows)) == ["lamp", "lamp-spare", "lamp-wick"]
    (beside,) = [each for each in page.iter("tr") if each.get("class") == "besides"]
    assert [each.get("id") for each in beside.iter("tr") if each.get("id")] == ["lamp-wick"]


def test_every_link_has_words_that_are_no_address(client: FlaskClient) -> None:
    page = html(client.get("/doc/light/eddystone"))
    said = ["".join(each.itertext()).strip() for each in page.iter("a")]
    assert all(text and not text.startswith("http") for text in said)


def test_an_iri_of_any_spelling_is_served(tmp_path: Path) -> None:
    names = ("a%2Fb", "50%25", "st.paul", "caf%C3%A9", "Φάρος", "x(y)", "c%23d", "e%20f", "g+h", "ab:cd")
    lights = dict(LIGHTS)
    for number, name in enumerate(names):
        lights[f"graph/light/{name}.ttl"] = (
            EDDYSTONE.replace("light:eddystone", f"<https://example.org/lights/id/light/{name}>")
            .replace("light/eddystone#lamp", f"light/{name}#lamp")
            .replace('"Eddystone"', f'"Odd {number}"')
        )
    client = client_of(write(tmp_path / "odd", lights), tmp_path / "releases")
    for number, name in enumerate(names):
        where = client.get(f"/id/light/{name}").location
        assert where, name
        page = client.get(where)
        assert title(html(page)) == f"Odd {number}"
        assert links(page)["alternate"] >= {f"{where}.ttl"}
        assert client.get(f"{where}.ttl").status_code == 200


def test_hostile_data_stays_text(tmp_path: Path) -> None:
    hostile = EDDYSTONE.replace('"Eddystone"@en', '"<script>alert(1)</script>"@en').replace(
        "http://www.wikidata.org/entity/Q546122", "javascript:alert(1)"
    )
    client = client_of(
        write(tmp_path / "hostile", LIGHTS | {"graph/light/eddystone.ttl": hostile}), tmp_path / "r"
    )
    page = client.get("/doc/light/eddystone").text
    assert "<script>" not in page
    assert 'href="javascript:' not in page
    assert "javascript:alert(1)" in page


MAILBOX = "mailto:keeper@lights.example"
NO_LINKS = (
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)",
    "data:text/html,alert(1)",
    "tel:+441752123456",
    "mailto:",
    "mailto:keeper",
    "mailto:keeper@lights.example?bcc=spy@elsewhere.example",
    "mailto:keeper@lights.example?subject=a%0ABcc:spy@elsewhere.example",
    "mailto:keeper@lights.example%0ABcc:spy@elsewhere.example",
    "mailto:keeper@lights.example%3Fbcc=spy@elsewhere.example",
    "mailto:keeper@lights.example,spy@elsewhere.example",
    "mailto:keeper@lights.example#part",
    "mailto://keeper@lights.example",
    "mailto:a@" + 60 * "long." + "example",
)
"""IRIs that no link of a page leads to: no mailbox of one address, and no page of the web."""


def test_a_mailbox_of_one_address_is_a_link_and_other_schemes_are_text(tmp_path: Path) -> None:
    iris = ", ".join(f"<{each}>" for each in (MAILBOX, *NO_LINKS))
    typed = ", ".join(f'"{each}"^^xsd:anyURI' for each in (MAILBOX, *NO_LINKS))
    thing = EDDYSTONE.replace("ex:state v:lit ;", f"ex:state v:lit ; rdfs:seeAlso {iris}, {typed} ;")
    names = "rdfs: <http://www.w3.org/2000/01/rdf-schema#>", "xsd: <http://www.w3.org/2001/XMLSchema#>"
    thing = "".join(f"@prefix {each} .\n" for each in names) + thing
    client = client_of(
        write(tmp_path / "mail", LIGHTS | {"graph/light/eddystone.ttl": thing}), tmp_path / "r"
    )

    page = html(client.get("/doc/light/eddystone"))

    found = [each for each in page.iter("a") if not each.get("href", "").startswith(("http", "/", "#"))]
    assert [each.get("href") for each in found] == [MAILBOX, MAILBOX]
    assert {words(each).removeprefix("mailto:") for each in found} == {MAILBOX.removeprefix("mailto:")}
    assert all(each in words(page) for each in NO_LINKS)


@pytest.mark.parametrize("text", [f"{MAILBOX}\nBcc: spy@elsewhere.example", f"{MAILBOX}\n", "\tjavascript:x"])
def test_what_is_no_iri_leads_nowhere(text: str) -> None:
    assert not leads_on(text)


def test_labels_follow_the_readers_language(client: FlaskClient) -> None:
    response = client.get("/doc/light/pharos", headers={"Accept-Language": "el, en;q=0.5"})
    assert [each.get("lang") for each in html(response).findall(".//h1/span")][0] == "el"
    assert "accept-language" in response.vary.as_set()


def many(tmp_path: Path, count: int) -> FlaskClient:
    """A site with one keeper who keeps that many lights."""
    files = {
        f"graph/light/l{number:03}.ttl": EDDYSTONE.replace("eddystone", f"l{number:03}").replace(
            '"Eddystone"', f'"Light {number:03}"'
        )
        for number in range(count)
    }
    return client_of(write(tmp_path / "many", LIGHTS | files), tmp_path / "releases")


def lights_on(page: ElementTree.Element) -> set[str]:
    return {each for each in hrefs(page) if each.startswith("/doc/light/")}


def test_a_long_list_is_cut_with_its_count_and_all_of_it_is_a_link_away(tmp_path: Path) -> None:
    client = many(tmp_path, 119)
    page = html(client.get("/doc/keeper/winstanley"))
    assert len(lights_on(page)) == 50
    assert "120" in words(page)
    (where,) = (each for each in hrefs(page) if "/incoming/" in each)
    seen: set[str] = set()
    while where:
        page = html(client.get(where))
        seen |= lights_on(page)
        where = next((each.get("href", "") for each in page.iter("a") if each.get("rel") == "next"), "")
    assert len(seen) == 120


def test_a_long_list_is_whole_as_data_too(tmp_path: Path) -> None:
    client = many(tmp_path, 119)
    keeper = rdflib.URIRef(BASE + "id/keeper/winstanley")
    kept = rdflib.URIRef(BASE + "ont#keptBy")
    first = parsed(client.get("/doc/keeper/winstanley.ttl").text, "text/turtle", client)
    assert len(set(first.subjects(kept, keeper))) == 50
    (rest,) = [each for each in first.objects(None, rdflib.RDFS.seeAlso) if "/incoming/" in str(each)]
    seen: set[rdflib.term.Node] = set()
    where: str | None = str(rest).removeprefix(BASE[:-1])
    while where:
        graph = parsed(client.get(where, headers={"Accept": "text/turtle"}).text, "text/turtle", client)
        seen |= set(graph.subjects(kept, keeper))
        following = next(graph.objects(None, HYDRA.next), None)
        where = str(following).removeprefix(BASE[:-1]) if following else None
    assert len(seen | set(first.subjects(kept, keeper))) == 120
