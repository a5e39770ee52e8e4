"""The program publishes any subject: ten lines of ontology, shapes and graph about something else."""

from pathlib import Path

from conftest import write
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
