"""What a shape hides is not found, nor shown beside what is found."""

from contextlib import closing
from pathlib import Path

import pytest
from conftest import LIGHTS, write
from served import client_of

from ldnkg.search import Index, documents, write_index
from ldnkg.sources import load

PREFIXES = """\
@prefix bibo: <http://purl.org/ontology/bibo/> .
@prefix dash: <http://datashapes.org/dash#> .
@prefix ex: <https://example.org/lights/ont#> .
@prefix keeper: <https://example.org/lights/id/keeper/> .
@prefix light: <https://example.org/lights/id/light/> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix shp: <https://example.org/lights/shapes#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .

"""
THINGS = """
light:fastnet a ex:Light ;
    bibo:isbn "9780" ;
    ex:lamp light:fastnet\\#lamp ;
    ex:note "Smugglers met there, beside a lantern." ;
    ex:told "The tallest lantern of Ireland." ;
    skos:altLabel "Teardrop" ;
    skos:prefLabel "Fastnet"@en .

light:fastnet\\#lamp a ex:Lamp ;
    ex:told "Made in Birmingham." ;
    ex:wick light:fastnet\\#lamp-wick .

light:fastnet\\#lamp-wick ex:of light:fastnet\\#lamp ;
    ex:told "Of cotton." .

keeper:anne a ex:Keeper ;
    ex:note "Anne told of smugglers, too." ;
    skos:prefLabel "Anne"@en .
"""


def index(lights: Path, shapes: str) -> Index:
    """The index of some things with these shapes beside others."""
    hidden = {"graph/light/fastnet.ttl": PREFIXES + THINGS, "shapes/hidden.ttl": PREFIXES + shapes}
    sources = load(write(lights, hidden))
    path = lights / "search.sqlite"
    path.unlink(missing_ok=True)
    write_index(path, documents([triple for file in sources.files for triple in file.triples], sources.base))
    return Index(path)


def found(lights: Path, shapes: str, q: str) -> dict[str, str]:
    """What is found with these shapes: name → excerpt."""
    with closing(index(lights, shapes)) as opened:
        return {hit.label: hit.snippet for hit in opened.search(q).hits}


HIDDEN = "shp:hidden a sh:PropertyShape ; dash:hidden true ; sh:path {} .\n"
OF_LIGHTS = "shp:More a sh:NodeShape ; sh:property shp:hidden ; sh:targetClass ex:Light .\n"
NOTE = HIDDEN.format("ex:note")


def test_a_hidden_text_is_found_only_where_it_is_not_hidden(lights: Path) -> None:
    assert set(found(lights, "", "smugglers")) == {"Fastnet", "Anne"}
    assert set(found(lights, NOTE + OF_LIGHTS, "smugglers")) == {"Anne"}


def test_a_hidden_text_is_in_no_excerpt(lights: Path) -> None:
    assert "Smugglers" in found(lights, "", "lantern")["Fastnet"]
    assert found(lights, NOTE + OF_LIGHTS, "lantern") == {
        "Fastnet": "Made in Birmingham.\nOf cotton.\nThe tallest lantern of Ireland."
    }


@pytest.mark.parametrize(
    "shapes",
    [
        "shp:More a sh:NodeShape ; sh:property shp:hidden ; sh:targetClass ex:Place . "
        "ex:Light rdfs:subClassOf ex:Tower . ex:Tower rdfs:subClassOf ex:Place .",
        "shp:Every a sh:NodeShape ; sh:property shp:hidden . shp:Some a sh:NodeShape ; sh:node shp:Every . "
        "shp:More a sh:NodeShape ; sh:node shp:Some ; sh:targetClass ex:Light .",
        "ex:Light a owl:Class, sh:NodeShape ; sh:property shp:hidden .",
    ],
    ids=["superclass", "node", "class"],
)  # fmt: skip
def test_what_is_hidden_of_a_class_is_told_by_all_its_shapes(lights: Path, shapes: str) -> None:
    assert set(found(lights, NOTE + shapes, "smugglers")) == {"Anne"}


@pytest.mark.parametrize(
    "shapes",
    [
        "shp:hidden a sh:PropertyShape ; dash:hidden false ; sh:path ex:note .",
        "shp:hidden a sh:PropertyShape ; dash:hidden true ; sh:deactivated true ; sh:path ex:note .",
        "shp:hidden a sh:PropertyShape ; dash:hidden true ; sh:path ( ex:note ex:told ) .",
        "shp:hidden a sh:PropertyShape ; dash:hidden true ; sh:path [ sh:inversePath ex:note ] .",
    ],
    ids=["false", "deactivated", "steps", "inverse"],
)
def test_what_hides_nothing_on_a_page_hides_nothing_from_search(lights: Path, shapes: str) -> None:
    assert set(found(lights, OF_LIGHTS + shapes, "smugglers")) == {"Fastnet", "Anne"}


def test_a_hidden_name_and_a_hidden_identifier_are_no_names_and_no_identifiers(lights: Path) -> None:
    assert set(found(lights, "", "teardrop")) == {"Fastnet"}
    assert found(lights, HIDDEN.format("skos:altLabel") + OF_LIGHTS, "teardrop") == {}
    assert set(found(lights, "", "9780")) == {"Fastnet"}
    hidden = HIDDEN.format("bibo:isbn") + OF_LIGHTS
    assert found(lights, hidden, "9780") == {}
    with closing(index(lights, hidden)) as opened:
        assert opened.identified("9780") is None


def test_a_part_that_only_a_hidden_property_leads_to_is_hidden_with_its_own_parts(lights: Path) -> None:
    lamp = HIDDEN.format("ex:lamp") + OF_LIGHTS
    assert set(found(lights, "", "birmingham")) == set(found(lights, "", "cotton")) == {"Fastnet"}
    assert found(lights, lamp, "birmingham") == found(lights, lamp, "cotton") == {}
    also = lamp + "light:fastnet ex:shows light:fastnet\\#lamp .\n"
    assert set(found(lights, also, "birmingham")) == set(found(lights, also, "cotton")) == {"Fastnet"}


def test_a_site_does_not_tell_what_a_shape_hides(tmp_path: Path) -> None:
    told = "ex:keptBy <https://example.org/lights/id/keeper/winstanley> ;"
    files = dict(LIGHTS)
    files["graph/light/eddystone.ttl"] = files["graph/light/eddystone.ttl"].replace(
        told, told + '\n    ex:note "Smugglers met at Eddystone." ;'
    )
    files["ontology/note.ttl"] = PREFIXES + (
        'ex:note a owl:DatatypeProperty ; rdfs:label "note"@en ; skos:definition "A note."@en .\n'
    )
    files["shapes/hidden.ttl"] = PREFIXES + NOTE + OF_LIGHTS
    client = client_of(write(tmp_path / "lights", files), tmp_path / "releases")
    assert "Eddystone" not in client.get("/search?q=smugglers").text
    page = client.get("/search?q=eddystone")
    assert (page.status_code, "Smugglers" in page.text) == (200, False)
    assert "Smugglers" not in client.get("/doc/light/eddystone").text
