"""What was merged leads to what took its place (301); what was withdrawn says why (410)."""

from pathlib import Path

import pyoxigraph as ox
import pytest
from conftest import LIGHTS, write
from flask.testing import FlaskClient
from served import client_of, hrefs, html, title, words

from ldnkg.release import build, current
from ldnkg.sources import load

PREFIXES = """\
@prefix dcterms: <http://purl.org/dc/terms/> .
@prefix light: <https://example.org/lights/id/light/> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .

"""
GONE = {
    "smeaton": ["dcterms:isReplacedBy light:eddystone", 'skos:changeNote "Recorded twice."@en'],
    "rudyerd": ["dcterms:isReplacedBy light:smeaton"],
    "wreck": ['skos:changeNote "It was a ship."@en', 'dcterms:modified "2026-11-02"^^xsd:date'],
    "twins": ["dcterms:isReplacedBy light:eddystone, light:pharos", 'skos:changeNote "Two lights."@en'],
    "snake": ["dcterms:isReplacedBy light:tail"],
    "tail": ["dcterms:isReplacedBy light:snake"],
}
UNTYPED = "light:untyped dcterms:isReplacedBy light:eddystone .\n"
FILES = LIGHTS | {
    "graph/light/untyped.ttl": PREFIXES + UNTYPED,
    **{
        f"graph/light/{name}.ttl": f"{PREFIXES}light:{name} {' ; '.join(['owl:deprecated true', *said])} .\n"
        for name, said in GONE.items()
    },
}
KEPT = {
    "graph/light/pharos.ttl": LIGHTS["graph/light/pharos.ttl"]
    + "light:pharos <http://purl.org/dc/terms/isReplacedBy> light:eddystone .\n"
}


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> FlaskClient:
    folder = tmp_path_factory.mktemp("gone")
    return client_of(write(folder / "lights", FILES), folder / "releases")


@pytest.mark.parametrize("name", ["smeaton", "rudyerd", "untyped"])
def test_what_was_merged_leads_to_what_took_its_place(client: FlaskClient, name: str) -> None:
    for asked, there in {
        f"/id/light/{name}": "/id/light/eddystone",
        f"/doc/light/{name}": "/doc/light/eddystone",
        f"/doc/light/{name}.ttl": "/doc/light/eddystone.ttl",
        f"/doc/light/{name}.linkset.json": "/doc/light/eddystone.linkset.json",
    }.items():
        response = client.get(asked)
        assert (response.status_code, response.location) == (301, there)


def test_what_was_withdrawn_is_gone_and_says_why_and_when(client: FlaskClient) -> None:
    for path in ("/id/light/wreck", "/doc/light/wreck", "/doc/light/wreck.ttl"):
        response = client.get(path)
        assert response.status_code == 410
        problem = response.get_json()
        assert problem["title"] == "Gone"
        assert "It was a ship." in problem["detail"]
        assert "2026-11-02" in problem["detail"]


def test_a_person_gets_a_page_about_it(client: FlaskClient) -> None:
    page = html(client.get("/doc/light/wreck", headers={"Accept": "text/html"}))
    assert title(page) == "Gone"
    assert "It was a ship." in words(page)


def test_what_was_split_names_both_parts(client: FlaskClient) -> None:
    response = client.get("/doc/light/twins", headers={"Accept": "text/html"})
    assert response.status_code == 410
    assert {"/doc/light/eddystone", "/doc/light/pharos"} <= hrefs(html(response)).keys()
    problem = client.get("/doc/light/twins").get_json()
    assert {each["href"] for each in problem["replacements"]} == {"/doc/light/eddystone", "/doc/light/pharos"}


@pytest.mark.parametrize("name", ["snake", "tail"])
def test_a_circle_of_replacements_ends(client: FlaskClient, name: str) -> None:
    assert client.get(f"/doc/light/{name}").status_code == 410


def test_a_head_request_says_the_same(client: FlaskClient) -> None:
    assert client.head("/doc/light/smeaton").location == "/doc/light/eddystone"
    assert client.head("/doc/light/wreck").status_code == 410


def test_what_is_gone_is_in_no_list_and_no_search(client: FlaskClient) -> None:
    page = html(client.get("/class/light"))
    assert {each for each in hrefs(page) if each.startswith("/doc/light/")} == {
        "/doc/light/eddystone",
        "/doc/light/pharos",
    }
    assert "wreck" not in client.get("/search?q=ship").text
    assert client.get("/suggest?q=wreck").get_json() == []


def test_a_thing_with_a_type_that_has_a_successor_is_no_tombstone(tmp_path: Path) -> None:
    client = client_of(write(tmp_path / "lights", LIGHTS | KEPT), tmp_path / "releases")
    assert client.get("/doc/light/pharos").status_code == 200


def test_the_dump_keeps_what_is_said_and_counts_it_as_no_thing(tmp_path: Path) -> None:
    release = build(load(write(tmp_path / "lights", FILES)), tmp_path / "releases", "http://h/")
    assert release.manifest["counts"]["entities"] == 3
    dump = (current(tmp_path / "releases").path / "dumps" / "graph.nt").read_bytes()
    subjects = {str(triple.subject) for triple in ox.parse(dump, format=ox.RdfFormat.N_TRIPLES)}
    assert "<http://h/id/light/wreck>" in subjects
    assert "wreck" not in (release.path / "dumps" / "light.csv").read_text(encoding="utf-8")
