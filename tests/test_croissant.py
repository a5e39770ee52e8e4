"""Croissant 1.0, judged by the reader that the standard's makers wrote, which reads the tables by it."""

import json
from typing import Any

import mlcroissant as mlc
import pytest
from conftest import LIGHTS, write
from served import BASE

from ldnkg.release import Release, build
from ldnkg.sources import load

RECORDS = f"{BASE}dataset#records-light"
MORE = """\
@prefix ex: <https://example.org/lights/ont#> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .

ex:automated a owl:DatatypeProperty ;
    rdfs:label "automated"@en ;
    skos:definition "Whether nobody has to be there."@en .

ex:code a owl:DatatypeProperty ;
    rdfs:label "code"@en ;
    skos:definition "What stands in the list of lights."@en .

ex:first a owl:DatatypeProperty ;
    rdfs:label "first lit"@en ;
    skos:definition "The day when it was lit first."@en .

ex:storms a owl:DatatypeProperty ;
    rdfs:label "storms"@en ;
    skos:definition "How many storms have broken it."@en .
"""
STONE = """\
@prefix ex: <https://example.org/lights/ont#> .
@prefix light: <https://example.org/lights/id/light/> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix v: <https://example.org/lights/vocab#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .

light:stone a ex:Light ;
    ex:automated true ;
    ex:code "007" ;
    ex:first "1759-10-16"^^xsd:date ;
    ex:state v:lit ;
    ex:storms 3 ;
    skos:prefLabel "Stone"@en .
"""


@pytest.fixture(scope="module")
def release(tmp_path_factory: pytest.TempPathFactory) -> Release:
    folder = tmp_path_factory.mktemp("croissant")
    sources = write(folder / "lights", LIGHTS | {"ontology/more.ttl": MORE, "graph/light/stone.ttl": STONE})
    return build(load(sources), folder / "releases", BASE)


def told(release: Release) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((release.path / "croissant.json").read_text(encoding="utf-8"))
    return found


def opened(release: Release) -> mlc.Dataset:
    """The dataset as its reader sees it, with the files from the folder and not from the network."""
    description = told(release)
    files = {each["@id"]: release.path / "dumps" / each["name"] for each in description["distribution"]}
    return mlc.Dataset(jsonld=description, mapping=files)


def test_the_reader_finds_nothing_to_complain_about(release: Release) -> None:
    issues = opened(release).metadata.ctx.issues
    assert not issues.errors
    assert not issues.warnings


def test_the_rows_of_a_table_are_read_with_their_types(release: Release) -> None:
    rows = list(opened(release).records(RECORDS))
    by_iri = {row[f"{RECORDS}/iri"].decode(): row for row in rows}
    assert {iri.rpartition("/")[2] for iri in by_iri} == {"eddystone", "pharos", "stone"}
    stone = by_iri[f"{BASE}id/light/stone"]
    assert stone[f"{RECORDS}/ex:storms"] == 3
    assert stone[f"{RECORDS}/ex:first"].isoformat().startswith("1759-10-16")
    heights = [row[f"{RECORDS}/ex:height"] for row in rows]
    assert sorted(each for each in heights if each is not None) == [49.0, 103.0]


def test_a_column_says_what_it_means_and_where_it_is(release: Release) -> None:
    (records,) = (each for each in told(release)["recordSet"] if each["name"] == "light")
    fields = {each["name"]: each for each in records["field"]}
    height = fields["ex:height"]
    assert height["description"] == "height: Height of the tower in metres."
    assert height["equivalentProperty"] == f"{BASE}ont#height"
    assert height["source"] == {
        "fileObject": {"@id": f"{BASE}dataset#file-light.csv"},
        "extract": {"column": "ex:height"},
    }
    assert records["description"] == "lighthouse: A tower with a lamp that ships steer by."
    assert records["key"] == {"@id": f"{RECORDS}/iri"}
    kinds = {
        name: fields[name]["dataType"] for name in ("ex:height", "ex:storms", "ex:automated", "ex:first")
    }
    assert kinds == {
        "ex:height": "sc:Float",
        "ex:storms": "sc:Integer",
        "ex:automated": "sc:Boolean",
        "ex:first": "sc:Date",
    }
    assert fields["ex:code"]["dataType"] == fields["skos:prefLabel"]["dataType"] == "sc:Text"
    assert fields["iri"]["dataType"] == fields["ex:state"]["dataType"] == "sc:URL"


def test_search_engines_find_a_dataset_of_schema_org(release: Release) -> None:
    description = told(release)
    assert description["@id"] == description["url"] == f"{BASE}dataset"
    assert (description["name"], description["version"]) == ("Lighthouses", "1.0.0")
    assert description["license"] == "https://creativecommons.org/publicdomain/zero/1.0/"
    assert description["datePublished"] == "2026-11-01"
    sums = (release.path / "SHA256SUMS").read_text(encoding="utf-8")
    for file in description["distribution"]:
        assert f"{file['sha256']}  {file['name']}\n" in sums
        assert file["contentUrl"] == f"{BASE}download/{file['name']}"
        assert file["contentSize"] == f"{(release.path / 'dumps' / file['name']).stat().st_size} B"


def test_every_table_of_the_curated_graph_is_read_whole(curated: Release) -> None:
    dataset = opened(curated)
    assert not dataset.metadata.ctx.issues.errors
    assert not dataset.metadata.ctx.issues.warnings
    total = 0
    for records in told(curated)["recordSet"]:
        rows = list(dataset.records(records["@id"]))
        total += len(rows)
        assert all(set(row) == {each["@id"] for each in records["field"]} for row in rows)
    assert total == curated.manifest["counts"]["entities"]
