"""Lists, terms, search, the dataset, and the first page."""

import csv
import io
import json
from pathlib import Path

import pytest
import rdflib
from conftest import LIGHTS, PHAROS, write
from flask.testing import FlaskClient
from served import BASE, client_of, hrefs, html, title, words

SD = rdflib.Namespace("http://www.w3.org/ns/sparql-service-description#")
HYDRA = rdflib.Namespace("http://www.w3.org/ns/hydra/core#")


def to(client: FlaskClient, path: str) -> set[str]:
    """Where the links of a page lead."""
    return set(hrefs(html(client.get(path))))


def test_the_first_page_explains_itself(client: FlaskClient) -> None:
    page = html(client.get("/"))
    said = words(page)
    assert title(page) == "Lighthouses"
    assert "Lights that ships steer by." in said
    counts = {words(each[0]): words(each[1]) for each in page.findall(".//dl[@class='counts']/div")}
    assert counts == {"Lighthouse": "2", "Keeper": "1"}
    assert {"/class/light", "/class/keeper", "/sparql", "/dataset", "/ont", "/vocab", "/shapes"} <= to(
        client, "/"
    )
    assert [form.get("action") for form in page.iter("form")] == ["/search"] * 2


def test_the_first_page_names_places_to_start(client: FlaskClient) -> None:
    assert "/doc/light/eddystone" in to(client, "/")


def test_a_kind_is_a_table_with_its_key_columns(client: FlaskClient) -> None:
    page = html(client.get("/class/light"))
    heads = [words(each) for each in page.findall(".//thead//th")]
    assert {"State", "Height"} <= set(heads)
    assert "103" in words(page)
    assert {"/doc/light/eddystone", "/doc/light/pharos"} <= to(client, "/class/light")


def test_a_kind_is_a_table_for_spreadsheets_too(client: FlaskClient) -> None:
    response = client.get("/class/light.csv")
    assert response.mimetype == "text/csv"
    rows = list(csv.DictReader(io.StringIO(response.text)))
    assert {row["iri"] for row in rows} == {BASE + "id/light/eddystone", BASE + "id/light/pharos"}
    assert {float(row["ex:height"]) for row in rows} == {49.0, 103.0}


def test_a_kind_is_a_collection_in_rdf(client: FlaskClient) -> None:
    graph = rdflib.Graph().parse(data=client.get("/class/light.ttl").text)
    collection = rdflib.URIRef(BASE + "class/light")
    assert graph.value(collection, HYDRA.totalItems) == rdflib.Literal(2)
    assert len(set(graph.objects(collection, HYDRA.member))) == 2


def test_a_long_kind_is_paged_to_its_end(tmp_path: Path) -> None:
    files = {
        f"graph/light/l{number}.ttl": PHAROS.replace("light:pharos", f"light:l{number}").replace(
            "Pharos of Alexandria", f"Light {number}"
        )
        for number in range(70)
    }
    client = client_of(write(tmp_path / "many", LIGHTS | files), tmp_path / "releases")
    first = to(client, "/class/light")
    assert "/class/light?page=2" in first
    both = first | to(client, "/class/light?page=2")
    assert len({each for each in both if each.startswith("/doc/light/")}) == 72


@pytest.mark.parametrize(
    ("path", "anchors"),
    [
        ("/ont", {"Light", "Keeper", "height", "keptBy"}),
        ("/vocab", {"state", "lit", "dark"}),
        ("/shapes", {"Light", "Light-height", "group-facts", "in-state"}),
    ],
)
def test_every_term_has_an_anchor_and_its_triples(client: FlaskClient, path: str, anchors: set[str]) -> None:
    page = html(client.get(path))
    assert anchors <= {each.get("id") for each in page.iter()}
    graph = rdflib.Graph().parse(data=client.get(path + ".ttl").text)
    space = BASE + path[1:] + "#"
    assert anchors <= {str(each).removeprefix(space) for each in graph.subjects()}


def test_a_term_leads_to_its_place_in_the_page(client: FlaskClient) -> None:
    assert "/vocab#lit" in to(client, "/doc/light/eddystone")


def test_a_name_is_found_and_suggested(client: FlaskClient) -> None:
    assert "/doc/light/pharos" in to(client, "/search?q=alexandria")
    (first, *_) = client.get("/suggest?q=eddy").get_json()
    assert (first["label"], first["href"]) == ("Eddystone", "/doc/light/eddystone")


@pytest.mark.parametrize("q", ['"', "*", "NEAR(", "a AND OR", "\0", "%", "'" * 500, "OR" * 3000, "ümläut*^"])
def test_hostile_words_find_nothing_and_break_nothing(client: FlaskClient, q: str) -> None:
    assert client.get("/search", query_string={"q": q}).status_code == 200
    assert client.get("/suggest", query_string={"q": q}).get_json() == []


def test_an_empty_search_is_a_form(client: FlaskClient) -> None:
    assert title(html(client.get("/search")))


def test_the_dataset_describes_itself_in_numbers(client: FlaskClient) -> None:
    graph = rdflib.Graph().parse(data=client.get("/dataset.ttl").text)
    dataset = rdflib.URIRef(BASE + "dataset")
    assert int(str(graph.value(dataset, rdflib.VOID.triples))) > 50
    assert graph.value(dataset, rdflib.DCTERMS.title) == rdflib.Literal("Lighthouses", lang="en")
    assert client.get("/.well-known/void").location == "/dataset"


@pytest.mark.parametrize("accept", ["text/html", "text/turtle"])
def test_the_name_of_a_graph_leads_to_what_tells_of_it(client: FlaskClient, accept: str) -> None:
    """As the name of anything does: 303, for a graph is no document (Cool URIs for the Semantic Web, 4)."""
    rows = client.post(
        "/sparql",
        data={"query": "SELECT ?g (COUNT(*) AS ?size) { GRAPH ?g { ?s ?p ?o } } GROUP BY ?g"},
        headers={"Accept": "application/sparql-results+json"},
    ).get_json()["results"]["bindings"]
    sizes = {row["g"]["value"]: int(row["size"]["value"]) for row in rows}
    assert {f"{BASE}graph/{name}" for name in ("curated", "ontology", "dataset")} <= sizes.keys()
    for name, size in sizes.items():
        found = client.get(f"/graph/{name.rpartition('/')[2]}", headers={"Accept": accept})
        assert found.status_code == 303
        path, _, anchor = found.location.partition("#")
        told = client.get(path, headers={"Accept": accept})
        if accept == "text/html":
            (row,) = html(told).findall(f".//*[@id='{anchor}']")
            assert f"{size:,}" in words(row)
        else:
            graph = rdflib.Graph().parse(data=told.text)
            (named,) = graph.subjects(SD.name, rdflib.URIRef(name))
            assert str(graph.value(graph.value(named, SD.graph), rdflib.VOID.triples)) == str(size)


@pytest.mark.parametrize(
    "name", ["nowhere", "", "curated/", "curated.ttl", "a b", "%0a", "%3Ccurated%3E", "Curated"]
)
def test_no_other_graph_is_there(client: FlaskClient, name: str) -> None:
    assert client.get(f"/graph/{name}").status_code == 404


def test_the_small_files_are_there(client: FlaskClient) -> None:
    assert client.get("/health").get_json()["status"] == "ready"
    assert "Disallow: /sparql" in client.get("/robots.txt").text
    assert client.get("/favicon.ico").location == "/static/favicon.svg"
    assert "@context" in json.loads(client.get("/context.jsonld").text)
