"""Where machines go from a page: FAIR Signposting, level 2, and link sets (RFC 9264)."""

import json
import re
from collections import defaultdict
from urllib.parse import urljoin

import pytest
from conftest import DATASET, LIGHTS, write
from flask.testing import FlaskClient
from served import BASE, client_of, links

from ldnkg.signposts import Link, header, linkset, linkset_json

LIGHT, PAGE = BASE + "id/light/eddystone", BASE + "doc/light/eddystone"
_OF_TIME = {"original timegate", "timemap", "timegate", "original"}
"""The relations of RFC 7089, which belong to the moment and not to the document."""
TEAM = """\
@prefix ex: <https://example.org/lights/ont#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .

<https://example.org/lights/id/keeper/team> a ex:Keeper ;
    skos:prefLabel "Team"@en .
"""


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> FlaskClient:
    """A client of the lighthouses, of which the dataset tells who made it."""
    folder = tmp_path_factory.mktemp("made")
    creator = "dcterms:creator <https://example.org/lights/id/keeper/team> ;\n    "
    made = DATASET.replace("dcterms:description", f"{creator}dcterms:description")
    files = LIGHTS | {"graph/dataset.ttl": made, "graph/keeper/team.ttl": TEAM}
    return client_of(write(folder / "lights", files), folder / "releases")


def sets(text: str) -> dict[str, dict[str, set[str]]]:
    """The links of a JSON link set: targets by anchor and relation."""
    found: dict[str, dict[str, set[str]]] = {}
    for context in json.loads(text)["linkset"]:
        anchor = context.pop("anchor")
        found[anchor] = {rel: {each["href"] for each in targets} for rel, targets in context.items()}
    return found


@pytest.mark.parametrize("path", ["/doc/light/eddystone", "/doc/light/eddystone.html"])
def test_the_page_of_a_thing_signposts_it(client: FlaskClient, path: str) -> None:
    found = links(client.get(path))
    assert found["cite-as"] == {LIGHT}
    assert found["license"] == {"https://creativecommons.org/publicdomain/zero/1.0/"}
    assert found["author"] == {BASE + "id/keeper/team"}
    assert found["type"] == {"https://schema.org/AboutPage", BASE + "ont#Light"}
    data = {f"/doc/light/eddystone.{each}" for each in ("ttl", "jsonld", "nt", "rdf")}
    assert found["describedby"] == {"/dataset", *data}
    assert found["linkset"] == {"/doc/light/eddystone.linkset", "/doc/light/eddystone.linkset.json"}
    assert found["collection"] == {"/class/light"}


def test_a_variant_leads_back_to_its_page(client: FlaskClient) -> None:
    found = links(client.get("/doc/light/eddystone.ttl"))
    assert found["describes"] == {"/doc/light/eddystone"}
    assert found["cite-as"] == {LIGHT}
    assert "https://schema.org/AboutPage" not in found["type"]


def test_the_type_of_each_variant_is_told(client: FlaskClient) -> None:
    fields = client.get("/doc/light/eddystone").headers.getlist("Link")
    assert '</doc/light/eddystone.jsonld>; rel="alternate"; type="application/ld+json"' in fields
    assert '</doc/light/eddystone.linkset>; rel="linkset"; type="application/linkset"' in fields


@pytest.mark.parametrize(
    ("media_type", "suffix"),
    [("application/linkset", "linkset"), ("application/linkset+json", "linkset.json")],
)
def test_a_link_set_is_a_variant_like_others(client: FlaskClient, media_type: str, suffix: str) -> None:
    asked = client.get("/doc/light/eddystone", headers={"Accept": media_type})
    assert asked.mimetype == media_type
    assert asked.headers["Content-Location"] == f"/doc/light/eddystone.{suffix}"
    assert client.get(f"/doc/light/eddystone.{suffix}").data == asked.data


def test_both_link_sets_say_the_same_as_the_header_and_more(client: FlaskClient) -> None:
    told = sets(client.get("/doc/light/eddystone.linkset.json").text)
    plain: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    field = re.compile(r'<([^>]+)>; rel="([^"]+)"(?:; type="[^"]+")?; anchor="([^"]+)"')
    for target, rel, anchor in field.findall(client.get("/doc/light/eddystone.linkset").text):
        plain[anchor][rel].add(target)
    assert plain == told
    for rel, targets in links(client.get("/doc/light/eddystone")).items():
        if rel in _OF_TIME:
            continue
        assert told[PAGE][rel] == {urljoin(BASE, each) for each in targets}, rel
    assert told[PAGE + ".ttl"]["describes"] == {PAGE}


def test_a_list_names_its_members_in_the_link_set(client: FlaskClient) -> None:
    told = sets(client.get("/class/light.linkset.json").text)
    assert told[BASE + "class/light"]["item"] == {LIGHT, BASE + "id/light/pharos"}


def test_the_dataset_names_its_files(client: FlaskClient) -> None:
    told = sets(client.get("/dataset.linkset.json").text)
    assert BASE + "download/graph.ttl" in told[BASE + "dataset"]["item"]
    assert told[BASE + "dataset"]["cite-as"] == {BASE + "dataset"}


def test_a_header_stays_short(client: FlaskClient) -> None:
    many = [Link(f"http://h/id/light/{number}", "item") for number in range(50)]
    assert header([*many, Link("http://h/x", "license")], "http://h/") == ['<http://h/x>; rel="license"']


@pytest.mark.parametrize("hostile", ["a>b", 'a"b', "a\r\nX: y", "a b", "é"])
def test_no_character_of_an_iri_breaks_a_field(hostile: str) -> None:
    link = Link(f"http://h/{hostile}", "type", anchor=f"http://h/{hostile}")
    (field,) = header([link], "http://other/")
    uri = r"http://h/[^\s<>\"]+"
    assert re.fullmatch(f'<{uri}>; rel="type"; anchor="{uri}"', field)
    assert field.isascii()
    assert linkset([link]) == field + "\n"
    (context,) = json.loads(linkset_json([link]))["linkset"]
    assert context["type"][0]["href"].isascii()
