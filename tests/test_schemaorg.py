"""What search engines are told of a thing, by what the graph aligns with schema.org."""

import json
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from conftest import EDDYSTONE, LIGHTS, ONTOLOGY, ROOT
from pyld import jsonld
from pyoxigraph import Literal, NamedNode, RdfFormat, parse
from rdflib import SDO
from stored import store_of, store_of_files

from ldnkg import describe
from ldnkg.counts import MANY
from ldnkg.schemaorg import (
    Address,
    Alignment,
    Collection,
    Describer,
    Document,
    abridged,
    catalogue,
    collection,
    embedded,
    term_set,
)
from ldnkg.schemaorg.texts import LONGEST
from ldnkg.sources import load
from ldnkg.store import Store

BASE = "https://example.org/lights/"
SCHEMA = "https://schema.org/"
ALIGNED = """
@prefix schema: <https://schema.org/> .
@prefix old: <http://schema.org/> .

ex:Tower a owl:Class ;
    rdfs:label "tower"@en ;
    rdfs:subClassOf schema:Place .

ex:Light rdfs:subClassOf ex:Tower ;
    skos:closeMatch schema:LandmarksOrHistoricalBuildings, schema:Place .

schema:LandmarksOrHistoricalBuildings rdfs:subClassOf schema:Place .

ex:Beacon rdfs:subClassOf ex:Light .

ex:Keeper skos:exactMatch old:Person .

ex:Code rdfs:subClassOf schema:PropertyValue .

ex:Service rdfs:subClassOf schema:Role .

ex:height rdfs:subPropertyOf schema:height .

ex:keptBy skos:closeMatch schema:employee .

ex:nightKeeper rdfs:subPropertyOf ex:keptBy .

ex:service skos:closeMatch schema:member .

ex:who skos:closeMatch schema:member .

ex:code skos:closeMatch schema:identifier .

ex:codeValue skos:closeMatch schema:value .

ex:codeKind skos:closeMatch schema:propertyID .

ex:number rdfs:label "light list number"@en ;
    rdfs:subPropertyOf schema:identifier .

ex:state skos:closeMatch schema:status .

ex:built skos:closeMatch schema:dateCreated .

ex:open skos:closeMatch schema:publicAccess .

ex:story skos:closeMatch schema:text .

ex:page skos:closeMatch schema:url .

schema:text schema:domainIncludes schema:CreativeWork .
"""
FULL = """
light:full a ex:Light, ex:Tower ;
    ex:built 1698 ;
    ex:code <https://example.org/lights/id/light/full#code> ;
    ex:height 49.5 ;
    ex:nightKeeper <https://example.org/lights/id/keeper/winstanley> ;
    ex:number "0042" ;
    ex:open true ;
    ex:page "javascript:alert(1)", "https://example.org/full" ;
    ex:secret "not aligned with anything" ;
    ex:service <https://example.org/lights/id/light/full#service> ;
    ex:state v:lit ;
    ex:story "A light is no creative work."@en ;
    skos:altLabel "the full one"@en ;
    skos:definition "A light with everything."@en, "Ein Licht mit allem."@de ;
    skos:exactMatch <http://www.wikidata.org/entity/Q1>, <javascript:alert(1)> ;
    skos:prefLabel "Full"@en, "Voll"@de .

<https://example.org/lights/id/light/full#code> a ex:Code ;
    ex:codeKind v:lit ;
    ex:codeValue "A1" ;
    skos:prefLabel "code A1"@en .

<https://example.org/lights/id/light/full#service> a ex:Service ;
    ex:who <https://example.org/lights/id/keeper/winstanley> .
"""


def graph(said: str, aligned: str = ALIGNED) -> dict[str, str]:
    header = EDDYSTONE.partition("\n\n")[0]
    return {
        **LIGHTS,
        "ontology/lights.ttl": ONTOLOGY + aligned,
        "graph/light/full.ttl": f"{header}\n{said}",
    }


def describer(store: Store, base: str = BASE) -> Describer:
    document = Document(base, "Lighthouses", "https://example.org/licence", "2026-11-24T00:00:00+00:00")
    return Describer(store, Alignment(store), document, lambda node: describe.label(store, node, ()))


def told(path: Path, said: str, aligned: str = ALIGNED, name: str = "id/light/full") -> dict[str, Any]:
    with closing(store_of_files(graph(said, aligned), path)) as store:
        return describer(store).thing(NamedNode(BASE + name))


@pytest.fixture(scope="module")
def full(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    return told(tmp_path_factory.mktemp("full"), FULL)


def test_the_most_specific_types_are_told(full: dict[str, Any]) -> None:
    assert full["@type"] == "LandmarksOrHistoricalBuildings"


def test_a_class_without_a_counterpart_is_what_the_class_above_it_is(tmp_path: Path) -> None:
    assert told(tmp_path, "light:full a ex:Beacon .")["@type"] == "LandmarksOrHistoricalBuildings"


def test_a_thing_of_no_known_class_is_a_thing(tmp_path: Path) -> None:
    assert told(tmp_path, "light:full a ex:Lamp .")["@type"] == "Thing"


def test_classes_in_a_circle_end(tmp_path: Path) -> None:
    circle = ALIGNED + "\nex:A rdfs:subClassOf ex:B . ex:B rdfs:subClassOf ex:A ."
    assert told(tmp_path, "light:full a ex:A, ex:B .", circle)["@type"] == "Thing"


def test_the_old_namespace_of_schema_org_is_understood(full: dict[str, Any]) -> None:
    assert full["employee"] == {
        "@type": "Person",
        "@id": BASE + "id/keeper/winstanley",
        "name": "Henry Winstanley",
    }


def test_a_thing_is_named_identified_and_placed(full: dict[str, Any]) -> None:
    assert (full["@id"], full["name"]) == (BASE + "id/light/full", "Full")
    assert full["url"] == [BASE + "doc/light/full", "https://example.org/full"]
    page = full["mainEntityOfPage"]
    assert (page["@type"], page["@id"]) == ("WebPage", BASE + "doc/light/full")
    assert page["isPartOf"] == {"@id": BASE + "dataset", "name": "Lighthouses"}


def test_the_licence_is_that_of_the_page_and_not_of_the_thing(full: dict[str, Any]) -> None:
    assert full["mainEntityOfPage"]["license"] == "https://example.org/licence"
    assert "license" not in full


def test_a_text_says_its_language_unless_it_is_that_of_the_page(full: dict[str, Any]) -> None:
    assert full["alternateName"] == ["the full one", {"@value": "Voll", "@language": "de"}]
    german = {"@value": "Ein Licht mit allem.", "@language": "de"}
    assert full["description"] == ["A light with everything.", german]


def test_numbers_dates_and_truth_values_are_such(full: dict[str, Any]) -> None:
    assert (full["height"], full["dateCreated"], full["publicAccess"]) == (49.5, "1698", True)


@pytest.mark.parametrize("number", ['"INF"^^xsd:double', '"NaN"^^xsd:double', f'"{"9" * 5000}"^^xsd:integer'])
def test_a_number_that_json_has_not_is_a_text(tmp_path: Path, number: str) -> None:
    prefix = "@prefix xsd: <http://www.w3.org/2001/XMLSchema#> ."
    said = told(tmp_path, f"{prefix} light:full a ex:Light ; ex:height {number} .")
    assert isinstance(json.loads(embedded(said))["height"], str)


def test_an_identifier_says_whose_it_is(full: dict[str, Any]) -> None:
    part = {
        "@type": "PropertyValue",
        "@id": BASE + "id/light/full#code",
        "name": "code A1",
        "propertyID": "lit",
        "value": "A1",
    }
    number = {"@type": "PropertyValue", "propertyID": "light list number", "value": "0042"}
    assert full["identifier"] == [part, number]


def test_a_part_that_only_stands_between_is_passed_over(full: dict[str, Any]) -> None:
    assert full["member"]["name"] == "Henry Winstanley"


def test_a_property_is_not_said_outside_its_domain(full: dict[str, Any]) -> None:
    assert "text" not in full


def test_only_addresses_of_the_web_are_addresses(full: dict[str, Any]) -> None:
    assert full["sameAs"] == "http://www.wikidata.org/entity/Q1"
    assert "javascript" not in json.dumps(full)


def test_what_is_aligned_with_nothing_is_left_out(full: dict[str, Any]) -> None:
    assert "not aligned" not in json.dumps(full)


def test_a_concept_is_told_with_its_name(full: dict[str, Any]) -> None:
    assert full["status"] == {"@type": "DefinedTerm", "@id": BASE + "vocab#lit", "name": "lit"}


def test_a_concept_that_is_a_member_of_an_enumeration_is_told_as_that(tmp_path: Path) -> None:
    aligned = ALIGNED + "\nv:lit skos:exactMatch schema:OnlineOnly ."
    assert told(tmp_path, FULL, aligned)["status"] == {"@id": SCHEMA + "OnlineOnly"}


def test_a_concept_that_the_enumeration_has_not_is_left_out(tmp_path: Path) -> None:
    aligned = ALIGNED + "\nv:dark skos:exactMatch schema:OfflineEventAttendanceMode ."
    assert "status" not in told(tmp_path, FULL, aligned)


def test_an_address_in_schema_org_that_is_no_term_is_none(tmp_path: Path) -> None:
    aligned = ALIGNED + "\nex:secret skos:closeMatch <https://schema.org/@type>, <https://schema.org/> ."
    said = told(tmp_path, FULL, aligned)
    assert (said["@type"], "" in said) == ("LandmarksOrHistoricalBuildings", False)


def test_a_time_of_its_own_beats_that_of_the_release(tmp_path: Path) -> None:
    modified = """@prefix dcterms: <http://purl.org/dc/terms/> .
        @prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
        light:full a ex:Light ; dcterms:modified "2025-01-02"^^xsd:date, "long ago" ."""
    assert told(tmp_path, modified)["mainEntityOfPage"]["dateModified"] == "2025-01-02"


def test_without_any_alignment_a_thing_still_has_its_names(tmp_path: Path) -> None:
    said = told(tmp_path, "", "", "id/light/eddystone")
    assert (said["@type"], said["name"], said["alternateName"]) == ("Thing", "Eddystone", "Eddystone Rocks")
    assert said["sameAs"] == "http://www.wikidata.org/entity/Q546122"


@pytest.fixture(scope="module")
def crowd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Describer]:
    """A light with 200 keepers, 200 codes and a text of 100 kB."""
    keepers = ", ".join(f"<{BASE}id/keeper/k{number}>" for number in range(200))
    night = keepers.replace("keeper/k", "keeper/n")
    codes = ", ".join(f"<{BASE}id/light/full#c{number}>" for number in range(200))
    parts = "\n".join(
        f'<{BASE}id/light/full#c{number}> a ex:Code ; ex:codeValue "{number}" .' for number in range(200)
    )
    text = "word " * 20_000
    lists = f'ex:keptBy {keepers} ; ex:nightKeeper {night} ; ex:code {codes} ; skos:definition "{text}"'
    said = f"light:full a ex:Light ; {lists} .\n{parts}"
    with closing(store_of_files(graph(said), tmp_path_factory.mktemp("crowd"))) as store:
        yield describer(store)


def test_however_much_is_said_little_is_told(crowd: Describer) -> None:
    said = crowd.thing(NamedNode(BASE + "id/light/full"))
    assert len(said["identifier"]) == MANY
    assert len(said["employee"]) == MANY
    assert len(said["description"]) <= LONGEST


HOSTILE = [
    "</script><script>alert(1)</script>",
    "<!-- <script>",
    "]]>",
    "&lt;",
    "\u2028\u2029",
    '"\\',
    "</SCRIPT\n>",
]


@pytest.mark.parametrize("label", HOSTILE)
def test_no_label_can_end_the_element_it_is_embedded_in(label: str) -> None:
    block = embedded({"name": label})
    assert json.loads(block)["name"] == label
    assert not set(block) & set("<>&\u2028\u2029\n")


@pytest.mark.parametrize(
    ("text", "length", "expected"),
    [
        ("Lights that ships steer by.", 40, "Lights that ships steer by."),
        ("Lights that\n  ships steer by.", 17, "Lights that…"),
        ("Lights, that ships", 9, "Lights…"),
        ("x" * 50, 10, "x" * 9 + "…"),
    ],
)
def test_a_text_is_cut_between_words(text: str, length: int, expected: str) -> None:
    assert abridged(text, length) == expected
    assert len(abridged(text, length)) <= length


def test_a_list_says_how_long_it_is_and_where_its_members_are(tmp_path: Path) -> None:
    nodes = [NamedNode(BASE + "id/light/pharos"), NamedNode("http://other.example/x")]
    with closing(store_of_files(LIGHTS, tmp_path)) as store:
        listed = Collection(nodes, 50, 52)
        page = Address(BASE + "class/light?page=2", Literal("lighthouse", language="en"))
        said = collection(describer(store), page, listed)
    assert (said["@type"], said["@id"], said["name"]) == ("CollectionPage", page.url, "lighthouse")
    assert said["mainEntity"]["numberOfItems"] == 52
    items = [(each["position"], each["url"]) for each in said["mainEntity"]["itemListElement"]]
    assert items == [(51, BASE + "doc/light/pharos"), (52, "http://other.example/x")]


def test_the_site_tells_its_search_and_its_dataset(tmp_path: Path) -> None:
    with closing(store_of_files(LIGHTS, tmp_path)) as store:
        said = catalogue(describer(store), BASE + "search?q={q}")
    assert set(said["@type"]) == {"DataCatalog", "WebSite"}
    assert said["potentialAction"]["target"]["urlTemplate"] == BASE + "search?q={q}"
    assert (said["dataset"]["@type"], said["dataset"]["name"]) == ("Dataset", "Lighthouses")
    assert said["dataset"]["license"] == "https://creativecommons.org/publicdomain/zero/1.0/"


def test_a_namespace_is_a_set_of_its_first_terms(tmp_path: Path) -> None:
    defined = "".join(f"\nex:t{number} rdfs:isDefinedBy <{BASE}ont> ." for number in range(60))
    with closing(store_of_files(graph("", ALIGNED + defined), tmp_path)) as store:
        page = Address(BASE + "ont", Literal("Ontology", language="en"))
        said = term_set(describer(store), page, NamedNode(BASE + "ont"))
    assert (said["@type"], said["name"], said["url"]) == ("DefinedTermSet", "Ontology", BASE + "ont")
    assert len(said["hasDefinedTerm"]) == MANY
    assert {each["@type"] for each in said["hasDefinedTerm"]} == {"DefinedTerm"}


CURATED = "https://w3id.org/ldn-kg/"


@pytest.fixture(scope="module")
def curated(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Describer]:
    with closing(store_of(load(ROOT), tmp_path_factory.mktemp("curated") / "release")) as store:
        yield describer(store, CURATED)


def curated_things(store: Store) -> list[NamedNode]:
    kinds = [(segment, count) for segment, _, count in store.types()]
    return [node for segment, count in kinds for node in store.members(segment, 0, count)[0]]


def words(value: Any) -> Iterator[str]:
    """Every term of schema.org in what is told: keys, types, members of enumerations."""
    if isinstance(value, list):
        for each in value:
            yield from words(each)
    elif isinstance(value, dict):
        types = value.get("@type", [])
        yield from [types] if isinstance(types, str) else types
        if str(value.get("@id", "")).startswith(SCHEMA):
            yield value["@id"].removeprefix(SCHEMA)
        for key, each in value.items():
            if not key.startswith("@"):
                yield key
                yield from words(each)


def test_every_word_told_of_the_curated_graph_is_a_term_of_schema_org(curated: Describer) -> None:
    """As far as rdflib's list of them goes, which is that of a release of schema.org."""
    used = {word for node in curated_things(curated.store) for word in words(curated.thing(node))}
    assert {"Drug", "MedicalCondition", "MedicalTrial", "MedicalScholarlyArticle", "Claim", "Person"} <= used
    assert {word for word in used if word not in SDO} == set()


def test_every_link_to_schema_org_leads_to_a_term() -> None:
    links = [
        triple.object.value.removeprefix(SCHEMA)
        for file in (ROOT / "ontology").glob("*.ttl")
        for triple in parse(path=str(file), format=RdfFormat.TURTLE)
        if isinstance(triple.object, NamedNode) and triple.object.value.startswith(SCHEMA)
    ]
    assert len(links) > 100
    assert [each for each in links if each not in SDO] == []


def test_every_block_is_json_ld_about_its_thing_and_of_bounded_size(curated: Describer) -> None:
    """With a context of our own: nothing is fetched."""
    for node in curated_things(curated.store):
        block = embedded(curated.thing(node))
        (expanded,) = jsonld.expand({**json.loads(block), "@context": {"@vocab": SCHEMA}})
        assert expanded["@id"] == node.value
        assert all(
            each.startswith(SCHEMA) for each in [*expanded["@type"], *set(expanded) - {"@id", "@type"}]
        )
        (page,) = expanded[SCHEMA + "mainEntityOfPage"]
        assert page["@id"].startswith(CURATED + "doc/")
        assert expanded[SCHEMA + "name"][0]["@value"]
        assert len(block) < 16_000


def test_a_retracted_paper_is_told_as_retracted(curated: Describer) -> None:
    said = curated.thing(NamedNode(CURATED + "id/paper/wang-2008-retracted"))
    assert said["creativeWorkStatus"]["name"] == "Retraction"
    assert said["name"].endswith("(retracted)")
    assert "creativeWorkStatus" not in curated.thing(NamedNode(CURATED + "id/paper/cree-2010"))


def test_a_claim_is_told_without_a_rating_that_nobody_gave(curated: Describer) -> None:
    said = curated.thing(NamedNode(CURATED + "id/claim/c0001"))
    assert (said["@type"], bool(said["text"])) == ("Claim", True)
    assert not {"reviewRating", "claimReviewed", "ClaimReview", "itemReviewed"} & set(words(said))


def test_the_authors_of_a_paper_are_told_in_their_order(curated: Describer) -> None:
    said = curated.thing(NamedNode(CURATED + "id/paper/aalto-2025"))
    assert [each["name"] for each in said["author"]] == ["Aalto H", "Paul S", "McEwen V"]
    assert said["datePublished"] == "2025"
