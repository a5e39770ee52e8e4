"""The pages of the ontology, the lists and the shapes, and the same as RDF."""

import json
import re
from collections import Counter
from pathlib import Path
from urllib.parse import unquote, urlsplit
from xml.etree import ElementTree

import pytest
import rdflib
import rdflib.compare
from conftest import LIGHTS, write
from flask.testing import FlaskClient
from served import BASE, client_of, hrefs, html, title, words

PAGES = ("/ont", "/vocab", "/shapes")
FORMATS = {"ttl": "turtle", "nt": "nt", "rdf": "xml", "jsonld": "json-ld"}


def with_more(path: Path, *, ontology: str = "", shapes: str = "", light: str = "") -> FlaskClient:
    """The site about lighthouses with more of each kind of file."""
    files = dict(LIGHTS)
    files["ontology/lights.ttl"] += ontology
    files["shapes/light.ttl"] += shapes
    files["graph/light/eddystone.ttl"] += light
    return client_of(write(path / "lights", files), path / "releases")


def place(client: FlaskClient, path: str, name: str) -> ElementTree.Element:
    """What stands at an anchor of a page."""
    found = [each for each in html(client.get(path)).iter() if each.get("id") == name]
    assert len(found) == 1, (path, name, found)
    return found[0]


def ids(client: FlaskClient, path: str) -> list[str]:
    return [each.get("id", "") for each in html(client.get(path)).iter() if each.get("id")]


def facts(element: ElementTree.Element) -> dict[str, str]:
    """The rows of names and values of a term."""
    return {words(row[0]): words(row[1]) for row in element.findall(".//dl/div")}


def rows(element: ElementTree.Element) -> list[list[str]]:
    """The rows of the tables of a term."""
    return [[words(cell) for cell in row] for row in element.findall(".//tbody/tr")]


def graph(client: FlaskClient, path: str, suffix: str) -> rdflib.Graph:
    """A document in one format."""
    body = client.get(f"{path}.{suffix}").text
    if suffix == "jsonld":
        document = json.loads(body)
        document["@context"] = client.get("/context.jsonld").get_json()["@context"]
        body = json.dumps(document)
    return rdflib.Graph().parse(data=body, format=FORMATS[suffix])


# ---------- the ontology ----------


def test_a_class_is_documented_whole(client: FlaskClient) -> None:
    light = place(client, "/ont", "Light")
    assert words(light).startswith("lighthouse ex:LightA tower with a lamp that ships steer by.")
    told = facts(light)
    assert told["Members"] == "2: all as a list, such as Eddystone · Pharos of Alexandria"
    assert told["Shape"] == "shapes#Light"
    assert {"#Light", "/class/light", "/doc/light/eddystone", "/shapes#Light"} <= set(hrefs(light))
    assert rows(light)[0] == [
        "label skos:prefLabel",
        "at least one2 of 2",
        'rdf:langString; one value a languageA light has one label in each language, such as "Eddystone"@en.',
    ]


def test_a_property_is_documented_whole(client: FlaskClient) -> None:
    kept = place(client, "/ont", "keptBy")
    assert words(kept).startswith("kept by ex:keptBy owl:ObjectPropertyWho kept the light.")
    assert facts(kept) == {
        "Used on": "lighthouse (any number)",
        "Value": "a keeper",
        "In the path": "^ex:keptBy of keeper",
        "Statements": "1, such as Eddystone → Henry Winstanley",
    }


def test_the_page_says_what_the_ontology_is(tmp_path: Path) -> None:
    about = """
<https://example.org/lights/ont> dcterms:description "Words for lights."@en ; owl:versionInfo "7.1" ;
    owl:versionIRI <https://example.org/lights/ont/7.1> ; owl:imports <http://www.w3.org/2004/02/skos/core> .
ex:Light skos:closeMatch <https://schema.org/Place> .
"""
    page = html(with_more(tmp_path, ontology=about).get("/ont"))
    told = facts(page)
    assert (title(page), told["Prefix"], told["Namespace"]) == ("Lighthouse ontology", "ex", BASE + "ont#")
    assert "Words for lights." in words(page)
    assert (told["Version info"], told["Version iri"]) == ("7.1", BASE + "ont/7.1")
    assert told["Imports"] == "http://www.w3.org/2004/02/skos/core"
    assert told["Aligned with"] == "schema (1)"
    assert "publicdomain/zero" in told["License"]


def test_the_hierarchy_is_a_nested_list(tmp_path: Path) -> None:
    ontology = """
ex:Ship a owl:Class ; rdfs:label "ship"@en ; rdfs:subClassOf ex:Light .
ex:Tug a owl:Class ; rdfs:label "tug"@en ; rdfs:subClassOf ex:Ship, ex:Tug .
"""
    page = html(with_more(tmp_path, ontology=ontology).get("/ont"))
    (contents,) = page.findall(".//nav[@aria-label='On this page']")
    (deepest,) = contents.findall("./details/ul/li/ul/li/ul/li")
    assert words(deepest) == "tug"
    assert [words(each) for each in contents.findall("./details/summary")] == [
        "All classes",
        "All properties",
    ]


def test_the_contents_lead_to_each_kind_of_term_and_to_each_term(client: FlaskClient) -> None:
    page = html(client.get("/ont"))
    (contents,) = page.findall(".//nav[@aria-label='On this page']")
    jumps = {words(each): each.find("a") for each in contents.findall("./ul/li")}
    assert list(jumps) == [
        "About this ontology",
        "Classes (3)",
        "Properties (4)",
        "From other vocabularies (2)",
        "Prefixes (2)",
        "Values of closed lists (2)",
    ]
    named = {each.get("id") for each in page.iter()}
    to = [link.get("href", "") for link in jumps.values() if link is not None]
    assert to[-1] == "/vocab" and all(each[0] == "#" and each[1:] in named for each in to[:-1])
    terms = {each.get("id") for each in page.iter("article")}
    assert {each.get("href", "")[1:] for each in contents.findall("./details//a")} == terms


def test_what_is_folded_holds_no_anchor_so_that_links_arrive_without_a_script(client: FlaskClient) -> None:
    page = html(client.get("/ont"))
    (article,) = (each for each in page.iter("article") if each.get("id") == "Light")
    (folded,) = article.findall("./details")
    (summary,) = folded.findall("./summary")
    assert words(summary) == f"Its properties ({len(rows(folded))})"
    assert rows(folded)
    body = page.findall(".//article/details")
    assert [each.get("id") for one in body for each in one.iter() if each.get("id")] == []


def test_terms_of_others_are_listed_with_what_they_are_used_for(client: FlaskClient) -> None:
    table = {row[0]: row[1:] for row in rows(html(client.get("/ont")))}
    assert table["skos:prefLabel"][1] == "keeper, lighthouse"


def test_two_terms_of_one_name_are_told_apart_in_the_contents(tmp_path: Path) -> None:
    twin = 'ex:lampToo a owl:ObjectProperty ; rdfs:label "lamp"@en .\n'
    page = html(with_more(tmp_path, ontology=twin).get("/ont"))
    said = [words(each) for each in page.findall(".//nav[@aria-label='On this page']//li")]
    assert {"lamp ex:lamp", "lamp ex:lampToo"} <= set(said)


# ---------- the lists ----------


def test_a_list_is_documented_whole(tmp_path: Path) -> None:
    ontology = """
v:lit skos:altLabel "burning"@en ; skos:notation "L" ; skos:exactMatch <http://o.example/on> .
v:dim a skos:Concept ; skos:prefLabel "dim"@en ; skos:inScheme v:state ; skos:broader v:lit .
"""
    client = with_more(tmp_path, ontology=ontology)
    state = place(client, "/vocab", "state")
    assert facts(state) == {
        "Taken by": "state ex:state",
        "By the shapes": "shapes#Light-state",
        "Used": "2 times",
    }
    assert [row[0].split()[0] for row in rows(state)] == ["dark", "lit", "dim"]
    lit = words(place(client, "/vocab", "lit"))
    for each in ("It burns.", "Also called: burning", "Notation: L", "Narrower: dim", "o.example/on"):
        assert each in lit
    assert lit.endswith("1")
    assert "Broader: lit" in words(place(client, "/vocab", "dim"))


def test_a_value_of_two_lists_has_one_place(tmp_path: Path) -> None:
    mood = """
v:mood a skos:ConceptScheme ; skos:prefLabel "waning"@en .
v:lit skos:inScheme v:mood ; skos:notation "L" .
"""
    client = with_more(tmp_path, ontology=mood)
    assert Counter(ids(client, "/vocab"))["lit"] == 1
    assert "Notation: L" in words(place(client, "/vocab", "lit"))
    assert "lit" in words(place(client, "/vocab", "mood"))
    assert "lit" in words(place(client, "/vocab", "state"))


# ---------- the shapes ----------


def test_a_shape_is_documented_whole(client: FlaskClient) -> None:
    shape = place(client, "/shapes", "Light")
    assert facts(shape) == {"For": "every lighthouse"}
    assert {"#Light", "/ont#Light", "/ont#height", "/vocab#state"} <= set(hrefs(shape))
    height = place(client, "/shapes", "Light-height")
    assert [words(cell) for cell in height] == [
        "height ex:height",
        "at most one",
        "xsd:decimalA height is one xsd:decimal in metres, such as 49.0.",
    ]


def test_a_shape_of_values_names_its_users(client: FlaskClient) -> None:
    assert facts(place(client, "/shapes", "in-state"))["Used by"] == "shapes#Light-state"


def test_a_rule_of_the_whole_graph_shows_its_sentence_and_folds_its_query(tmp_path: Path) -> None:
    shapes = """
shp:Graph a sh:NodeShape ; sh:targetNode <https://example.org/lights/dataset> ; sh:sparql shp:Graph-tall .
shp:Graph-tall a sh:SPARQLConstraint ; sh:severity sh:Info ; sh:message "No light is too tall."@en ;
    sh:prefixes <https://example.org/lights/ont> ;
    sh:select "SELECT $this { $this ex:height ?h FILTER(?h > 1000 && ?h < 1) }" .
"""
    client = with_more(tmp_path, shapes=shapes)
    rule = place(client, "/shapes", "Graph-tall")
    assert words(rule).startswith("shapes#Graph-tall (info) No light is too tall.")
    (query,) = rule.findall("./details/pre")
    assert query.text == "SELECT $this { $this ex:height ?h FILTER(?h > 1000 && ?h < 1) }"
    assert facts(place(client, "/shapes", "Graph"))["For"] == "the node Lighthouses"


# ---------- all three ----------


@pytest.mark.parametrize("path", PAGES)
def test_every_term_has_one_place_and_every_link_within_leads_to_one(client: FlaskClient, path: str) -> None:
    found = Counter(ids(client, path))
    assert [each for each, count in found.items() if count > 1] == []
    space = f"{BASE}{path[1:]}#"
    subjects = {str(each) for each in graph(client, path, "nt").subjects()}
    assert {each.removeprefix(space) for each in subjects if each.startswith(space)} <= set(found)
    within = {unquote(each[1:]) for each in hrefs(html(client.get(path))) if each.startswith("#")}
    assert within <= set(found)


def test_every_link_of_the_pages_is_answered(client: FlaskClient) -> None:
    anchors = {path: set(ids(client, path)) for path in PAGES}
    for path in PAGES:
        for where in hrefs(html(client.get(path))):
            if where.startswith("/"):
                assert client.get(where.partition("#")[0], follow_redirects=True).status_code == 200, where
                page, _, name = where.partition("#")
                assert page not in anchors or not name or unquote(name) in anchors[page], where
            else:
                assert urlsplit(where).scheme in ("", "http", "https"), where


def test_a_term_may_have_any_name_that_the_page_uses_itself(tmp_path: Path) -> None:
    names = "main q about classes properties borrowed prefixes others".split()
    odd = ["caf%C3%A9", "Φάρος", "a.b", "x'y", "1st", "main_"]
    ontology = "".join(
        f'<https://example.org/lights/ont#{each}> a owl:Class ; rdfs:label "term {each}"@en .\n'
        for each in names + odd
    )
    client = with_more(tmp_path, ontology=ontology)
    for each in names + odd:
        assert words(place(client, "/ont", each)).startswith(f"term {each}")
    found = Counter(ids(client, "/ont"))
    assert [each for each, count in found.items() if count > 1] == []
    page = html(client.get("/ont"))
    (skip,) = [each for each in page.iter("a") if each.get("class") == "skip"]
    (main,) = page.iter("main")
    assert skip.get("href") == f"#{main.get('id')}" == "#main__"
    fields = {each.get("for") for each in page.iter("label")}
    assert fields <= set(found)
    within = {
        unquote(each[1:]) if each[1:] not in found else each[1:] for each in hrefs(page) if each[:1] == "#"
    }
    assert within <= set(found)


@pytest.mark.parametrize("path", PAGES)
def test_every_format_says_the_same(client: FlaskClient, path: str) -> None:
    expected = graph(client, path, "nt")
    assert len(expected) > 3
    for suffix in FORMATS:
        assert rdflib.compare.isomorphic(graph(client, path, suffix), expected), suffix


def test_blank_nodes_and_numbers_come_back_as_the_sources_have_them(tmp_path: Path) -> None:
    shapes = """
shp:Light-height sh:minInclusive 1.50 ; sh:or ( [ sh:class ex:Lamp ] [ sh:not [ sh:in ( 1.0 "x"@en ) ] ] ) .
shp:Light-far a sh:PropertyShape ; sh:path ( ex:lamp [ sh:zeroOrMorePath [ sh:inversePath ex:lamp ] ] ) .
shp:Light sh:property shp:Light-far .
"""
    client = with_more(tmp_path, shapes=shapes)
    rdflib.NORMALIZE_LITERALS = False
    text = (LIGHTS["shapes/light.ttl"] + shapes).replace("https://example.org/lights/", BASE)
    expected = rdflib.Graph().parse(data=text)
    for suffix in FORMATS:
        found = graph(client, "/shapes", suffix)
        found.remove((rdflib.URIRef(BASE + "shapes"), None, None))
        assert rdflib.compare.isomorphic(found, expected), suffix


def test_a_copy_that_is_still_good_is_not_sent_again(client: FlaskClient) -> None:
    for path in (*PAGES, "/ont.ttl"):
        tag = client.get(path).headers["ETag"]
        assert client.get(path, headers={"If-None-Match": tag}).status_code == 304


def test_hostile_words_stay_text(tmp_path: Path) -> None:
    evil = '"<script>alert(1)</script>\\"\'&amp;"@en'
    ontology = f"""
ex:Light skos:altLabel {evil} ; skos:closeMatch <javascript:alert(1)> ; rdfs:seeAlso <javascript:alert(2)> .
ex:Evil a owl:Class ; rdfs:label {evil} ; skos:definition {evil} ; skos:scopeNote {evil} .
v:evil a skos:Concept ; skos:inScheme v:state ; skos:prefLabel {evil} ; skos:notation {evil} .
"""
    shapes = f"""
shp:Evil a sh:NodeShape ; rdfs:label {evil} ; sh:targetClass ex:Evil ; sh:property shp:Evil-x .
shp:Evil-x sh:path <javascript:alert(3)> ; sh:name {evil} ; sh:message {evil} ; sh:pattern "<script>" .
"""
    light = "light:eddystone a ex:Evil .\n"
    client = with_more(tmp_path, ontology=ontology, shapes=shapes, light=light)
    for path in PAGES:
        text = client.get(path).text
        assert "<script>" not in text
        assert not re.search(r"""(href|src)=["']?javascript:""", text)
        assert "&lt;script&gt;alert(1)" in text


def test_a_long_text_is_cut_where_it_is_only_an_example(tmp_path: Path) -> None:
    ontology = 'ex:note a owl:DatatypeProperty ; rdfs:label "note"@en .\n'
    client = with_more(tmp_path, ontology=ontology, light=f'light:eddystone ex:note "{"a" * 100_000}" .\n')
    assert len(client.get("/ont").data) < 60_000
    assert facts(place(client, "/ont", "note"))["Statements"].endswith("aaa …")


def test_words_follow_the_readers_language(client: FlaskClient) -> None:
    response = client.get("/ont", headers={"Accept-Language": "de"})
    (light,) = [each for each in html(response).iter("article") if each.get("id") == "Light"]
    assert words(light).startswith("Leuchtturm (de) ex:Light")


def test_the_pages_need_nothing_but_a_dataset(tmp_path: Path) -> None:
    bare = {name: text for name, text in LIGHTS.items() if name.startswith("graph/dataset")}
    bare |= {"ontology/none.ttl": "", "shapes/none.ttl": ""}
    client = client_of(write(tmp_path / "bare", bare), tmp_path / "releases")
    for path, name in zip(PAGES, ("Ontology", "Lists", "Shapes"), strict=True):
        assert title(html(client.get(path))) == name
        assert len(graph(client, path, "ttl")) == 2


def test_a_class_may_have_its_shape_in_itself_and_share_its_demands(tmp_path: Path) -> None:
    shapes = """
ex:Lamp a sh:NodeShape ; sh:property shp:Light-label .
[] a sh:NodeShape ; sh:targetClass ex:Keeper ; sh:property [ sh:path ex:lamp ; sh:maxCount 1 ] .
"""
    client = with_more(tmp_path, shapes=shapes)
    for path in PAGES:
        assert [each for each, count in Counter(ids(client, path)).items() if count > 1] == []
    assert "Without a name" in words(html(client.get("/shapes")))
    assert rows(place(client, "/ont", "Lamp"))[0][0] == "label skos:prefLabel"
    assert ["ex:lamp", "at most one0 of 1", ""] in rows(place(client, "/ont", "Keeper"))
