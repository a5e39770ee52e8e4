"""The program publishes any subject: ten lines of ontology, shapes and graph about something else."""

from pathlib import Path

import pytest
from conftest import write
from flask.testing import FlaskClient
from served import client_of, html, words

TEAS = {
    "ontology/tea.ttl": """\
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .

<https://tea.example/ont#Tea> a owl:Class ;
    rdfs:label "tea"@en .
""",
    "shapes/tea.ttl": """\
@prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix shp: <https://tea.example/shapes#> .

shp:Tea a sh:NodeShape ;
    sh:property shp:Tea-label ;
    sh:targetClass <https://tea.example/ont#Tea> .

shp:Tea-label a sh:PropertyShape ;
    sh:message "A tea has a name."@en ;
    sh:minCount 1 ;
    sh:path <http://www.w3.org/2004/02/skos/core#prefLabel> .
""",
    "graph/dataset.ttl": """\
@prefix dcat: <http://www.w3.org/ns/dcat#> .
@prefix dcterms: <http://purl.org/dc/terms/> .
@prefix void: <http://rdfs.org/ns/void#> .

<https://tea.example/dataset> a dcat:Dataset ;
    dcterms:title "Teas"@en ;
    void:uriSpace "https://tea.example/" .
""",
    "graph/tea/assam.ttl": """\
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .

<https://tea.example/id/tea/assam> a <https://tea.example/ont#Tea> ;
    skos:prefLabel "Assam"@en .
""",
}
PATHS = (
    "/ /doc/tea/assam /doc/tea/assam.ttl /doc/tea/assam.jsonld /doc/tea/assam.nt /doc/tea/assam.rdf "
    "/class/tea /class/tea.csv /class/tea.ttl /ont /vocab /shapes /ont.ttl /shapes.ttl /search?q=assam "
    "/suggest?q=as /dataset /dataset.ttl /sparql /robots.txt /context.jsonld /health /nowhere "
    "/static/site.css /static/favicon.svg /download/graph.ttl"
).split()


def test_another_subject_is_published_without_a_trace_of_the_first(tmp_path: Path) -> None:
    client = client_of(write(tmp_path / "teas", TEAS), tmp_path / "releases", "https://my.tea.example/")
    for path in PATHS:
        response = client.get(path, headers={"Accept": "text/html, */*;q=0.1"}, buffered=True)
        assert response.status_code == (404 if path == "/nowhere" else 200), path
        said = (response.text + str(response.headers)).lower()
        for word in ("naltrexone", "ldn-kg", "ldn knowledge", "sclerosis", "tea.example/tea.example"):
            assert word not in said, (path, word)
    assert "Assam" in words(html(client.get("/doc/tea/assam")))
    assert "Teas" in words(html(client.get("/")))


PLAIN = {
    "ontology/bells.ttl": """\
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .

<https://bells.example/kg/ont#strikesAt> a owl:DatatypeProperty ;
    rdfs:label "strikes at, GMT" .
""",
    "shapes/none.ttl": "",
    "graph/dataset.ttl": """\
@prefix dcat: <http://www.w3.org/ns/dcat#> .
@prefix dcterms: <http://purl.org/dc/terms/> .
@prefix void: <http://rdfs.org/ns/void#> .

<https://bells.example/kg/dataset> a dcat:Dataset ;
    dcterms:title "Bells"@en ;
    void:uriSpace "https://bells.example/kg/" .
""",
    "graph/way/change-ringing.ttl": """\
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .

<https://bells.example/kg/id/way/change-ringing> a skos:Concept ;
    <https://bells.example/kg/ont#strikesAt> 12 ;
    skos:altLabel "method ringing"@en ;
    skos:prefLabel "Change ringing"@en .
""",
}


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> FlaskClient:
    """A site without a single shape, whose things have a class of another vocabulary."""
    folder = tmp_path_factory.mktemp("plain")
    return client_of(write(folder / "bells", PLAIN), folder / "releases", "https://bells.example/kg/")


def test_without_shapes_a_page_does_not_begin_with_what_is_said_besides(plain: FlaskClient) -> None:
    said = words(html(plain.get("/kg/doc/way/change-ringing")))
    assert "What is said" in said
    assert "Also said" not in said


def test_a_kind_from_another_vocabulary_goes_by_its_name(plain: FlaskClient) -> None:
    said = words(html(plain.get("/kg/")))
    assert "Concept" in said
    assert "kos:" not in said
    (result,) = plain.get("/kg/search.json?q=method").get_json()["results"]
    assert result["kind"] == "concept"


def test_a_name_without_a_language_stays_as_it_is_written(plain: FlaskClient) -> None:
    assert "Strikes at, GMT" in words(html(plain.get("/kg/doc/way/change-ringing")))


def test_the_first_page_promises_no_examples_where_there_are_none(plain: FlaskClient) -> None:
    assert "which has examples" not in words(html(plain.get("/kg/")))


def test_a_fault_names_its_own_address_below_the_path_of_the_base(plain: FlaskClient) -> None:
    fault = plain.get("/kg/search.json?q=bell&page=9").get_json()
    assert fault["instance"] == "/kg/search.json?q=bell&page=9"
