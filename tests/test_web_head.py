"""What the head of each page says to robots, to other sites and to search engines."""

import json
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
import rdflib
from conftest import EDDYSTONE, LIGHTS, ONTOLOGY, write
from flask.testing import FlaskClient
from pyld import jsonld
from served import BASE, client_of, html, words

MOUNTED = "https://example.net/kg/"
HTML = {"Accept": "text/html"}
SDO = rdflib.Namespace("https://schema.org/")
PAGES = "/ /doc/light/eddystone /doc/keeper/winstanley /class/light /ont /vocab /shapes".split()
ALIGNED = """
@prefix schema: <https://schema.org/> .

ex:Light rdfs:subClassOf schema:LandmarksOrHistoricalBuildings .

ex:motto a owl:DatatypeProperty ;
    rdfs:label "motto"@en ;
    skos:closeMatch schema:text .
"""
MARKUP = '</script><script>alert(1)</script> <!-- ]]> & "quoted"'


def head(client: FlaskClient, path: str, base: str = BASE, **headers: str) -> ElementTree.Element:
    found = html(client.get(path, base_url=base, headers={**HTML, **headers})).find("head")
    assert found is not None
    return found


def rel(page: ElementTree.Element, relation: str) -> list[str]:
    """The targets of the links of a head with this relation."""
    return [each.get("href", "") for each in page.findall("link") if each.get("rel") == relation]


def meta(page: ElementTree.Element, name: str) -> str | None:
    """The content of the one meta element of this name or property."""
    found = [
        each.get("content")
        for each in page.findall("meta")
        if name in (each.get("name"), each.get("property"))
    ]
    assert len(found) <= 1
    return found[0] if found else None


def block(page: ElementTree.Element) -> dict[str, Any]:
    """The structured data of a page."""
    (found,) = [each for each in page.iter("script") if each.get("type") == "application/ld+json"]
    assert len(found) == 0
    said: dict[str, Any] = json.loads(found.text or "")
    return said


def triples(page: ElementTree.Element) -> rdflib.Graph:
    """The structured data as RDF, with a context of our own in place of that of schema.org."""
    said = block(page)
    assert said["@context"] == "https://schema.org"
    expanded = jsonld.expand({**said, "@context": {"@vocab": str(SDO)}})
    return rdflib.Graph().parse(data=json.dumps(expanded), format="json-ld")


def sites(folder: Path, base: str = BASE) -> FlaskClient:
    """Lights that are landmarks: 70 of one keeper, one with a long text, one with hostile names."""
    space, quoted = "https://example.org/lights/id/", MARKUP.replace('"', '\\"')
    light = "a ex:Light ; ex:state v:lit ; skos:prefLabel"
    said = [
        EDDYSTONE.partition("\n\n")[0],
        f'<{space}keeper/hub> a ex:Keeper ; skos:prefLabel "Hub"@en .',
        f'<{space}light/m%20%C3%A9&(x)> {light} "{quoted}"@en ; skos:definition "{quoted}"@en .',
        f'light:told {light} "Told"@en ; skos:definition "{"A light of many words. " * 20}"@en .',
        f'light:said {light} "In salutem omnium"@en ; ex:motto "In salutem omnium"@en .',
        f'light:bell {light} "Bell (lost)"@en ; ex:motto "I call the living"@en .',
        "light:gone <http://www.w3.org/2002/07/owl#deprecated> true .",
        *(f'light:l{n} {light} "Light {n}"@en ; ex:keptBy <{space}keeper/hub> .' for n in range(70)),
    ]
    files = {"ontology/lights.ttl": ONTOLOGY + ALIGNED, "graph/others.ttl": "\n".join(said)}
    return client_of(write(folder / "lights", LIGHTS | files), folder / "releases", base)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> FlaskClient:
    return sites(tmp_path_factory.mktemp("head"))


@pytest.fixture(scope="module")
def mounted(tmp_path_factory: pytest.TempPathFactory) -> FlaskClient:
    return sites(tmp_path_factory.mktemp("mounted"), MOUNTED)


@pytest.mark.parametrize("path", PAGES)
def test_a_page_says_where_it_belongs_and_what_it_is(site: FlaskClient, path: str) -> None:
    page = head(site, path)
    assert rel(page, "canonical") == [BASE[:-1] + path]
    assert (meta(page, "robots"), meta(page, "og:url")) == (None, BASE[:-1] + path)
    assert 0 < len(meta(page, "description") or "") <= 160
    assert meta(page, "og:description") == meta(page, "description")
    assert meta(page, "og:site_name") == "Lighthouses"
    assert meta(page, "og:locale") == "en_GB"
    assert words(page).startswith(meta(page, "og:title") or "nothing")
    assert len(triples(page)) > 3


def test_the_image_of_a_page_is_there_in_the_size_that_is_told(site: FlaskClient) -> None:
    page = head(site, "/doc/light/eddystone")
    response = site.get((meta(page, "og:image") or "").removeprefix(BASE[:-1]), buffered=True)
    assert (response.status_code, response.mimetype) == (200, "image/png")
    size = tuple(int.from_bytes(response.data[at : at + 4]) for at in (16, 20))
    assert size == tuple(int(meta(page, f"og:image:{side}") or 0) for side in ("width", "height"))


def test_variants_and_parameters_share_one_canonical_address(site: FlaskClient) -> None:
    for path in ("/doc/light/pharos.html", "/doc/light/pharos?format=html", "/doc/light/pharos?x=1&page=1"):
        assert rel(head(site, path), "canonical") == [BASE + "doc/light/pharos"]


def test_the_canonical_address_is_not_taken_from_the_request(site: FlaskClient) -> None:
    page = head(site, "/doc/light/pharos", "http://evil.example/")
    assert rel(page, "canonical") == [BASE + "doc/light/pharos"]
    assert "evil" not in ElementTree.tostring(page, encoding="unicode")


def test_each_page_of_a_list_is_its_own_and_leads_to_its_neighbours(site: FlaskClient) -> None:
    for path in ("/class/light", "/doc/keeper/hub/incoming/ex:keptBy"):
        first, second = head(site, path), head(site, path + "?page=2")
        assert (rel(first, "canonical"), rel(first, "next")) == ([BASE[:-1] + path], [path + "?page=2"])
        assert rel(second, "canonical") == [f"{BASE[:-1]}{path}?page=2"]
        assert (rel(second, "prev"), rel(second, "next")) == ([path + "?page=1"], [])
        items = block(second)["mainEntity"]["itemListElement"]
        assert items[0]["position"] == 51


def test_the_alternates_are_those_of_the_header(site: FlaskClient) -> None:
    response = site.get("/class/light?page=2", headers=HTML)
    page = head(site, "/class/light?page=2")
    header = " ".join(response.headers.getlist("Link"))
    found = {
        each.get("type"): each.get("href") for each in page.findall("link") if each.get("rel") == "alternate"
    }
    assert {"text/turtle", "application/ld+json", "application/rdf+xml", "text/csv"} <= set(found)
    del found["application/atom+xml"]  # the feed is of the whole site
    for where in found.values():
        assert f'<{where}>; rel="alternate"' in header


def test_a_page_of_an_error_is_not_listed(site: FlaskClient) -> None:
    for path in ("/nowhere", "/doc/light/nothing", "/class/light?page=99", "/doc/light/gone"):
        response = site.get(path, headers=HTML)
        page = head(site, path)
        assert response.status_code == (410 if path.endswith("gone") else 404)
        assert (meta(page, "robots"), rel(page, "canonical")) == ("noindex", [])
        assert [each for each in page.iter("script") if not each.get("src")] == []
        assert meta(page, "og:url") is None


def test_what_is_computed_at_each_request_is_not_listed(site: FlaskClient) -> None:
    query = "/sparql?query=ASK%20%7B%20%3Fs%20%3Fp%20%3Fo%20%7D"
    for path in ("/search", "/search?q=light", "/sparql", query, "/sparql?query=nonsense"):
        page = head(site, path)
        embedded = [each for each in page.iter("script") if each.get("type") == "application/ld+json"]
        assert (meta(page, "robots"), rel(page, "canonical"), embedded) == ("noindex", [], [])


def test_a_description_is_that_of_the_thing_cut_between_words(site: FlaskClient) -> None:
    said = meta(head(site, "/doc/light/told"), "description") or ""
    assert said.startswith("A light of many words.")
    assert (len(said) <= 160, said.endswith("…")) == (True, True)


def test_a_thing_without_a_text_is_described_in_our_words(site: FlaskClient) -> None:
    said = meta(head(site, "/doc/light/eddystone"), "description")
    assert said == "Eddystone (lighthouse): what Lighthouses says about it."


def test_a_statement_stands_under_the_name_or_else_the_kind_of_what_states_it(site: FlaskClient) -> None:
    """So that a mark in the name, such as "retracted", is seen in the results of a search."""
    assert meta(head(site, "/doc/light/bell"), "description") == "Bell (lost): I call the living"
    assert meta(head(site, "/doc/light/said"), "description") == "Lighthouse: In salutem omnium"


def test_a_kind_is_described_by_its_class_and_its_size(site: FlaskClient) -> None:
    said = meta(head(site, "/class/light?page=2"), "description")
    assert said == "A tower with a lamp that ships steer by. 76 in Lighthouses, page 2 of 2."


def test_the_first_page_has_the_name_of_the_dataset(site: FlaskClient) -> None:
    assert head(site, "/").findtext("title") == "Lighthouses"
    assert head(site, "/doc/light/told").findtext("title") == "Told · Lighthouses"


HOSTILE = "doc/light/m%20%C3%A9&(x)"


def test_hostile_names_stay_names(site: FlaskClient) -> None:
    response = site.get("/" + HOSTILE, headers=HTML)
    assert response.status_code == 200
    page = head(site, "/" + HOSTILE)
    assert block(page)["name"] == block(page)["description"] == MARKUP
    assert meta(page, "og:title") == meta(page, "description") == MARKUP
    assert response.text.count("<script") == 3, (
        "what is described, what completes a search, what opens a part"
    )
    assert "<!--" not in response.text
    assert rel(page, "canonical") == [BASE + HOSTILE]


def test_a_thing_is_told_by_its_types_and_iris(site: FlaskClient) -> None:
    graph = triples(head(site, "/doc/light/eddystone"))
    light = rdflib.URIRef(BASE + "id/light/eddystone")
    assert (light, rdflib.RDF.type, SDO.LandmarksOrHistoricalBuildings) in graph
    assert (light, SDO.name, rdflib.Literal("Eddystone")) in graph
    page = graph.value(light, SDO.mainEntityOfPage)
    assert page == rdflib.URIRef(BASE + "doc/light/eddystone")
    assert graph.value(page, SDO.isPartOf) == rdflib.URIRef(BASE + "dataset")


def test_a_search_engine_learns_how_to_search(site: FlaskClient) -> None:
    target = block(head(site, "/"))["potentialAction"]["target"]["urlTemplate"]
    assert target == BASE + "search?q={q}"
    where = target.replace("{q}", "Told").removeprefix(BASE[:-1])
    assert "Told" in site.get(where, headers=HTML).text


@pytest.mark.parametrize("path", [*PAGES, "/" + HOSTILE, "/class/light?page=2"])
def test_below_a_path_every_absolute_address_is_right(mounted: FlaskClient, path: str) -> None:
    page = head(mounted, "/kg" + path, "http://127.0.0.1:8149/")
    assert rel(page, "canonical") == [MOUNTED[:-1] + path]
    assert all(each.startswith("/kg/") for each in [*rel(page, "alternate"), *rel(page, "next")])
    said = json.dumps(block(page))
    assert "127.0.0.1" not in said
    assert said.count(MOUNTED) >= 2
    assert "https://example.net/doc" not in said
    assert "/kg/kg/" not in said
