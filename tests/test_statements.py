"""A document as a table: every statement about the thing, and nothing that a spreadsheet misreads."""

import csv
import io

import pyoxigraph as ox
from flask.testing import FlaskClient
from pyoxigraph import NamedNode
from served import BASE

from ldnkg.dumps import statements

DOCUMENT = """\
@prefix ex: <http://h/ont#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .

<http://h/id/light/x> skos:prefLabel "=1+1"@en ;
    ex:code "007" ;
    ex:height 49.0 ;
    ex:keptBy <http://h/id/keeper/w> ;
    ex:lamp <http://h/id/light/x#lamp> .

<http://h/id/light/x#lamp> ex:said "two\\nlines, \\"quoted\\"" .
<http://h/id/light/near> ex:near <http://h/id/light/x> .
<http://h/id/keeper/w> skos:prefLabel "Winstanley"@en .
"""
LIGHT = "http://h/id/light/x"


def rows(body: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(body.decode(), newline=""), strict=True))


def written() -> list[dict[str, str]]:
    triples = [each.triple for each in ox.parse(DOCUMENT, format=ox.RdfFormat.TURTLE)]
    prefixes = {"ex": "http://h/ont#", "skos": "http://www.w3.org/2004/02/skos/core#"}
    return rows(statements(triples, prefixes, NamedNode(LIGHT)))


def test_each_statement_about_the_thing_its_parts_and_to_it_is_a_row() -> None:
    found = {(row["subject"], row["property"]) for row in written()}
    assert found == {
        (LIGHT, "skos:prefLabel"),
        (LIGHT, "ex:code"),
        (LIGHT, "ex:height"),
        (LIGHT, "ex:keptBy"),
        (LIGHT, "ex:lamp"),
        (LIGHT + "#lamp", "ex:said"),
        ("http://h/id/light/near", "ex:near"),
    }


def test_values_say_what_they_are() -> None:
    by_property = {row["property"]: row for row in written()}
    assert by_property["ex:height"]["value"] == "49.0"
    assert by_property["ex:height"]["datatype"].endswith("decimal")
    assert by_property["ex:code"]["value"] == "007"
    assert by_property["ex:said"]["value"] == 'two\nlines, "quoted"'
    assert by_property["ex:keptBy"]["value name"] == "Winstanley"
    assert by_property["skos:prefLabel"]["language"] == "en"
    assert by_property["skos:prefLabel"]["value"] == "'=1+1"


def test_a_thing_has_its_table_at_its_address(client: FlaskClient) -> None:
    response = client.get("/doc/light/eddystone.csv")
    assert response.mimetype == "text/csv"
    assert client.get("/doc/light/eddystone", headers={"Accept": "text/csv"}).data == response.data
    found = rows(response.data)
    assert {row["subject"] for row in found} == {
        BASE + "id/light/eddystone",
        BASE + "id/light/eddystone#lamp",
    }
    assert "Henry Winstanley" in {row["value name"] for row in found}


def test_a_list_and_a_namespace_have_theirs(client: FlaskClient) -> None:
    listed = rows(client.get("/doc/keeper/winstanley/incoming/ex:keptBy.csv").data)
    assert {(row["subject"], row["property"], row["value"]) for row in listed} == {
        (BASE + "id/light/eddystone", "ex:keptBy", BASE + "id/keeper/winstanley"),
        (BASE + "id/keeper/winstanley", "skos:prefLabel", "Henry Winstanley"),
    }
    words = rows(client.get("/ont.csv").data)
    assert BASE + "ont#Light" in {row["subject"] for row in words}
    assert rows(client.get("/dataset.csv").data)
