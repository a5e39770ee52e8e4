"""A small knowledge graph about lighthouses: what the program is tested on, besides the curated graph."""

import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, settings

if TYPE_CHECKING:
    from flask.testing import FlaskClient

    from ldnkg.release import Release

settings.register_profile("untimed", deadline=None, suppress_health_check=[HealthCheck.too_slow])
if not os.environ.get("CI"):  # where that is set, the profile of CI is in force, which has no times either
    settings.load_profile("untimed")

ROOT = Path(__file__).resolve().parents[1]

ONTOLOGY = """\
# What the words mean.

@prefix dcterms: <http://purl.org/dc/terms/> .
@prefix ex: <https://example.org/lights/ont#> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix v: <https://example.org/lights/vocab#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .

<https://example.org/lights/ont> a owl:Ontology ;
    dcterms:title "Lighthouse ontology"@en ;
    sh:declare ex:prefix-ex, ex:prefix-light .

ex:prefix-ex a sh:PrefixDeclaration ;
    sh:namespace "https://example.org/lights/ont#"^^xsd:anyURI ;
    sh:prefix "ex" .

ex:prefix-light a sh:PrefixDeclaration ;
    sh:namespace "https://example.org/lights/id/light/"^^xsd:anyURI ;
    sh:prefix "light" .

ex:Light a owl:Class ;
    rdfs:label "lighthouse"@en, "Leuchtturm"@de ;
    skos:definition "A tower with a lamp that ships steer by."@en .

ex:Keeper a owl:Class ;
    rdfs:label "keeper"@en ;
    skos:definition "A person who keeps a light."@en .

ex:Lamp a owl:Class ;
    rdfs:label "lamp"@en ;
    skos:definition "What burns in a light; a part of it."@en .

ex:height a owl:DatatypeProperty ;
    rdfs:label "height"@en ;
    skos:definition "Height of the tower in metres."@en .

ex:keptBy a owl:ObjectProperty ;
    rdfs:label "kept by"@en ;
    skos:definition "Who kept the light."@en .

ex:lamp a owl:ObjectProperty ;
    rdfs:label "lamp"@en ;
    skos:definition "The lamp of a light."@en .

ex:state a owl:ObjectProperty ;
    rdfs:label "state"@en ;
    skos:definition "Whether the light is lit."@en .

v:state a skos:ConceptScheme ;
    skos:prefLabel "State of a light"@en .

v:lit a skos:Concept ;
    skos:definition "It burns."@en ;
    skos:inScheme v:state ;
    skos:prefLabel "lit"@en .

v:dark a skos:Concept ;
    skos:definition "It no longer burns."@en ;
    skos:inScheme v:state ;
    skos:prefLabel "dark"@en .
"""

SHAPES = """\
# What a valid record is.

@prefix dash: <http://datashapes.org/dash#> .
@prefix ex: <https://example.org/lights/ont#> .
@prefix hydra: <http://www.w3.org/ns/hydra/core#> .
@prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix shp: <https://example.org/lights/shapes#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix v: <https://example.org/lights/vocab#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .

shp:group-facts a sh:PropertyGroup ;
    rdfs:label "Facts"@en ;
    sh:order 1 .

shp:group-people a sh:PropertyGroup ;
    rdfs:label "People"@en ;
    sh:order 2 .

shp:in-state a sh:NodeShape ;
    sh:property shp:in-state-scheme .

shp:in-state-scheme a sh:PropertyShape ;
    sh:hasValue v:state ;
    sh:message "A state is a concept of the list v:state."@en ;
    sh:path skos:inScheme .

shp:Light a sh:NodeShape ;
    rdfs:label "Lighthouse"@en ;
    sh:property shp:Light-height, shp:Light-keptBy, shp:Light-label, shp:Light-state ;
    sh:targetClass ex:Light .

shp:Light-label a sh:PropertyShape ;
    sh:datatype rdf:langString ;
    sh:group shp:group-facts ;
    sh:message "A light has one label in each language, such as \\"Eddystone\\"@en."@en ;
    sh:minCount 1 ;
    sh:name "label"@en ;
    sh:order 1 ;
    sh:path skos:prefLabel ;
    sh:uniqueLang true .

shp:Light-height a sh:PropertyShape ;
    dash:propertyRole dash:KeyInfoRole ;
    sh:datatype xsd:decimal ;
    sh:group shp:group-facts ;
    sh:maxCount 1 ;
    sh:message "A height is one xsd:decimal in metres, such as 49.0."@en ;
    sh:name "height"@en ;
    sh:order 3 ;
    sh:path ex:height .

shp:Light-state a sh:PropertyShape ;
    dash:propertyRole dash:KeyInfoRole ;
    hydra:variable "state" ;
    sh:group shp:group-facts ;
    sh:message "A light has one state of the list v:state."@en ;
    sh:minCount 1 ;
    sh:name "state"@en ;
    sh:node shp:in-state ;
    sh:order 2 ;
    sh:path ex:state .

shp:Light-keptBy a sh:PropertyShape ;
    sh:class ex:Keeper ;
    sh:group shp:group-people ;
    sh:message "A light is kept by keepers, each an ex:Keeper."@en ;
    sh:name "kept by"@en ;
    sh:order 1 ;
    sh:path ex:keptBy .

shp:Keeper a sh:NodeShape ;
    sh:property shp:Keeper-label, shp:Keeper-lights ;
    sh:targetClass ex:Keeper .

shp:Keeper-label a sh:PropertyShape ;
    sh:group shp:group-facts ;
    sh:message "A keeper has a label, such as \\"Henry Winstanley\\"@en."@en ;
    sh:minCount 1 ;
    sh:name "label"@en ;
    sh:order 1 ;
    sh:path skos:prefLabel .

shp:Keeper-lights a sh:PropertyShape ;
    sh:group shp:group-people ;
    sh:name "lights kept"@en ;
    sh:order 1 ;
    sh:path [
        sh:inversePath ex:keptBy
    ] .
"""

EDDYSTONE = """\
@prefix ex: <https://example.org/lights/ont#> .
@prefix light: <https://example.org/lights/id/light/> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix v: <https://example.org/lights/vocab#> .

light:eddystone a ex:Light ;
    ex:height 49.0 ;
    ex:keptBy <https://example.org/lights/id/keeper/winstanley> ;
    ex:lamp <https://example.org/lights/id/light/eddystone#lamp> ;
    ex:state v:lit ;
    skos:altLabel "Eddystone Rocks"@en ;
    skos:exactMatch <http://www.wikidata.org/entity/Q546122> ;
    skos:prefLabel "Eddystone"@en .

<https://example.org/lights/id/light/eddystone#lamp> a ex:Lamp ;
    skos:prefLabel "Eddystone lamp"@en .
"""

PHAROS = """\
@prefix ex: <https://example.org/lights/ont#> .
@prefix light: <https://example.org/lights/id/light/> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix v: <https://example.org/lights/vocab#> .

light:pharos a ex:Light ;
    ex:height 103.0 ;
    ex:state v:dark ;
    skos:prefLabel "Pharos of Alexandria"@en, "Φάρος της Αλεξάνδρειας"@el .
"""

WINSTANLEY = """\
@prefix ex: <https://example.org/lights/ont#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .

<https://example.org/lights/id/keeper/winstanley> a ex:Keeper ;
    skos:prefLabel "Henry Winstanley"@en .
"""

DATASET = """\
@prefix dcat: <http://www.w3.org/ns/dcat#> .
@prefix dcterms: <http://purl.org/dc/terms/> .
@prefix void: <http://rdfs.org/ns/void#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .

<https://example.org/lights/dataset> a dcat:Dataset, void:Dataset ;
    dcterms:description "Lights that ships steer by."@en ;
    dcterms:issued "2026-11-01"^^xsd:date ;
    dcterms:license <https://creativecommons.org/publicdomain/zero/1.0/> ;
    dcterms:title "Lighthouses"@en ;
    dcat:version "1.0.0" ;
    void:uriSpace "https://example.org/lights/" .
"""

LIGHTS = {
    "ontology/lights.ttl": ONTOLOGY,
    "shapes/light.ttl": SHAPES,
    "graph/dataset.ttl": DATASET,
    "graph/light/eddystone.ttl": EDDYSTONE,
    "graph/light/pharos.ttl": PHAROS,
    "graph/keeper/winstanley.ttl": WINSTANLEY,
}
"""A whole folder of sources: file name → Turtle."""


def write(folder: Path, files: dict[str, str]) -> Path:
    """The folder with these files in it."""
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    return folder


@pytest.fixture
def lights(tmp_path: Path) -> Path:
    """A folder of sources about lighthouses that a test may change."""
    return write(tmp_path / "lights", LIGHTS)


@pytest.fixture(scope="session")
def client(tmp_path_factory: pytest.TempPathFactory) -> "FlaskClient":
    """A client of the site about lighthouses."""
    from served import client_of

    folder = tmp_path_factory.mktemp("site")
    return client_of(write(folder / "lights", LIGHTS), folder / "releases")


@pytest.fixture(scope="session")
def curated(tmp_path_factory: pytest.TempPathFactory) -> "Release":
    """The release of the curated graph at the base of `served`, built once for tests that only read it."""
    from served import BASE

    from ldnkg.release import build
    from ldnkg.sources import load

    return build(load(ROOT), tmp_path_factory.mktemp("curated"), BASE)
