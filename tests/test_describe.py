"""What a document says about a thing, and how much of it."""

from collections.abc import Iterator
from contextlib import closing

import pytest
from conftest import DATASET, EDDYSTONE, LIGHTS
from pyoxigraph import Literal, NamedNode, RdfFormat, Triple, parse
from stored import store_of_files

from ldnkg.counts import MANY
from ldnkg.describe import best, describe, label, list_path, page
from ldnkg.errors import UnknownEntity
from ldnkg.iris import PREFIXES
from ldnkg.store import Store

BASE = "https://example.org/lights/"
NAMES = {"ex": BASE + "ont#"}
LIT, DARK = NamedNode(BASE + "vocab#lit"), NamedNode(BASE + "vocab#dark")
EDDYSTONE_NODE = NamedNode(BASE + "id/light/eddystone")
LAMP = NamedNode(BASE + "id/light/eddystone#lamp")
WINSTANLEY = NamedNode(BASE + "id/keeper/winstanley")
HUB = NamedNode(BASE + "id/keeper/hub")
KEPT_BY, LAMP_OF, HEIGHT = (NamedNode(BASE + f"ont#{name}") for name in ("keptBy", "lamp", "height"))
LIGHTS_OF_HUB = 120


def term(name: str) -> NamedNode:
    prefix, _, local = name.partition(":")
    return NamedNode(PREFIXES[prefix] + local)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """The lighthouses, a keeper of 120 of them, and a light with 60 lamps."""
    lamps = "".join(
        f'\n<{BASE}id/light/bright#lamp{number}> a ex:Lamp ; skos:prefLabel "Lamp {number}"@en .'
        f"\nlight:bright ex:lamp <{BASE}id/light/bright#lamp{number}> ."
        for number in range(60)
    )
    header = EDDYSTONE.partition("\n\n")[0]
    files = {
        **LIGHTS,
        "graph/keeper/hub.ttl": f'{header}\n<{HUB.value}> a ex:Keeper ; skos:prefLabel "Hub"@en .',
        "graph/light/bright.ttl": f'{header}\nlight:bright a ex:Light ; skos:prefLabel "Bright"@en .{lamps}',
    }
    for number in range(LIGHTS_OF_HUB):
        said = f'light:l{number:03} a ex:Light ; ex:keptBy <{HUB.value}> ; skos:prefLabel "L {number}"@en .'
        files[f"graph/light/l{number:03}.ttl"] = f"{header}\n{said}"
    with closing(store_of_files(files, tmp_path_factory.mktemp("describe"))) as opened:
        yield opened


def described(store: Store, node: NamedNode) -> set[Triple]:
    return set(describe(store, node, base=BASE, prefixes=NAMES).triples())


def paged(store: Store, node: NamedNode, number: int) -> set[Triple]:
    """A page of the lights that a keeper keeps."""
    return set(page(store, node, "incoming", KEPT_BY, number, base=BASE, prefixes=NAMES).triples())


def values(triples: set[Triple], subject: NamedNode | None, predicate: NamedNode) -> set[object]:
    return {
        each.object for each in triples if each.predicate == predicate and subject in (None, each.subject)
    }


def kept(triples: set[Triple]) -> set[object]:
    """The lights of the hub that are told."""
    return {each.subject for each in triples if each.predicate == KEPT_BY and each.object == HUB}


def test_every_triple_of_the_curated_file_is_in_the_document(store: Store) -> None:
    written = {quad.triple for quad in parse(EDDYSTONE, format=RdfFormat.TURTLE)}
    assert written <= described(store, EDDYSTONE_NODE)


def test_a_part_is_described_with_the_whole(store: Store) -> None:
    assert values(described(store, EDDYSTONE_NODE), LAMP, term("rdf:type")) == {NamedNode(BASE + "ont#Lamp")}


def test_links_that_come_in_are_told(store: Store) -> None:
    assert Triple(EDDYSTONE_NODE, KEPT_BY, WINSTANLEY) in described(store, WINSTANLEY)


def test_what_is_pointed_to_and_who_points_have_their_labels(store: Store) -> None:
    assert values(described(store, EDDYSTONE_NODE), LIT, term("skos:prefLabel")) == {
        Literal("lit", language="en")
    }
    assert values(described(store, WINSTANLEY), EDDYSTONE_NODE, term("skos:prefLabel"))


def test_of_others_only_the_labels_are_told(store: Store) -> None:
    triples = described(store, EDDYSTONE_NODE)
    assert {each.predicate for each in triples if each.subject == LIT} == {term("skos:prefLabel")}


def test_a_document_says_what_it_is_about_and_under_which_licence(store: Store) -> None:
    document = NamedNode(BASE + "doc/light/eddystone")
    triples = described(store, EDDYSTONE_NODE)
    assert values(triples, document, term("foaf:primaryTopic")) == {EDDYSTONE_NODE}
    assert values(triples, document, term("void:inDataset")) == {NamedNode(BASE + "dataset")}
    (license_,) = values(triples, document, term("dcterms:license"))
    assert f"<{license_.value}>" in DATASET  # type: ignore[attr-defined]


def test_each_triple_is_told_once(store: Store) -> None:
    for node in (EDDYSTONE_NODE, HUB):
        triples = describe(store, node, base=BASE, prefixes=NAMES).triples()
        assert len(triples) == len(set(triples))


@pytest.mark.parametrize("iri", ["id/light/nowhere", "id/light/eddystone#none", "vocab#none"])
def test_a_stranger_is_unknown(store: Store, iri: str) -> None:
    with pytest.raises(UnknownEntity):
        described(store, NamedNode(BASE + iri))


def test_a_short_list_leads_nowhere_else(store: Store) -> None:
    assert not values(described(store, EDDYSTONE_NODE), None, term("rdfs:seeAlso"))


def test_a_long_list_is_cut_with_its_count_and_the_rest_is_a_link_away(store: Store) -> None:
    triples = described(store, HUB)
    assert len(kept(triples)) == MANY
    (rest,) = values(triples, HUB, term("rdfs:seeAlso"))
    assert rest == NamedNode(BASE + "doc/keeper/hub/incoming/ex:keptBy?page=2")
    whole = NamedNode(BASE + "doc/keeper/hub/incoming/ex:keptBy")
    assert values(triples, whole, term("hydra:totalItems")) == {Literal(LIGHTS_OF_HUB)}
    assert values(triples, whole, term("hydra:view")) == {rest}


def test_the_pages_together_hold_the_whole_list_once(store: Store) -> None:
    pages = [kept(paged(store, HUB, number)) for number in (1, 2, 3)]
    assert [len(each) for each in pages] == [50, 50, 20]
    assert len(set().union(*pages)) == LIGHTS_OF_HUB
    assert kept(described(store, HUB)) == pages[0]


def test_a_page_names_its_neighbours(store: Store) -> None:
    address = BASE + "doc/keeper/hub/incoming/ex:keptBy?page="
    for number, former, following in ((1, None, 2), (2, 1, 3), (3, 2, None)):
        triples, here = paged(store, HUB, number), NamedNode(f"{address}{number}")
        assert values(triples, here, term("hydra:next")) == (
            {NamedNode(f"{address}{following}")} if following else set()
        )
        assert values(triples, here, term("hydra:previous")) == (
            {NamedNode(f"{address}{former}")} if former else set()
        )
        assert values(triples, here, term("foaf:primaryTopic")) == {HUB}


def test_a_page_has_the_labels_of_the_thing_and_of_the_values(store: Store) -> None:
    triples = paged(store, HUB, 3)
    assert kept(triples) | {HUB} == {
        each.subject for each in triples if each.predicate == term("skos:prefLabel")
    }


@pytest.mark.parametrize("number", [0, -1, 4, 10**12])
def test_a_page_that_is_not_there_is_unknown(store: Store, number: int) -> None:
    with pytest.raises(UnknownEntity):
        paged(store, HUB, number)


def test_a_list_of_a_property_that_the_thing_has_not_is_unknown(store: Store) -> None:
    with pytest.raises(UnknownEntity):
        page(store, HUB, "outgoing", HEIGHT, 1, base=BASE, prefixes=NAMES)


def test_a_page_of_parts_describes_them(store: Store) -> None:
    bright = NamedNode(BASE + "id/light/bright")
    last = set(page(store, bright, "outgoing", LAMP_OF, 2, base=BASE, prefixes=NAMES).triples())
    lamps = values(last, bright, LAMP_OF)
    assert len(lamps) == 10
    assert {each.subject for each in last if each.predicate == term("rdf:type")} >= lamps


def test_the_address_of_a_list_needs_no_prefix_and_no_fragment() -> None:
    other = NamedNode("http://other.example/p/x")
    assert list_path(LAMP, "incoming", other, BASE, NAMES) == (
        "/doc/light/eddystone%23lamp/incoming/http%3A%2F%2Fother.example%2Fp%2Fx"
    )


@pytest.mark.parametrize(
    ("languages", "text"),
    [
        ((), "colour"),
        (("de",), "Farbe"),
        (("DE-at",), "Farbe"),
        (("zh-Hant-TW", "de"), "顏色"),
        (("en-GB",), "colour"),
        (("en-US", "de"), "color"),
        (("el", "de"), "Farbe"),
        (("el",), "colour"),
    ],
)
def test_a_reader_gets_a_label_in_the_language_asked_for_or_the_next_best(
    languages: tuple[str, ...], text: str
) -> None:
    tagged = {"zh-Hant": "顏色", "de": "Farbe", "en": "colour", "en-US": "color", "aa": "a"}
    texts = [Literal("tint"), *(Literal(value, language=tag) for tag, value in tagged.items())]
    assert best(texts, languages).value == text


def test_without_english_a_text_of_no_language_is_next_and_then_any() -> None:
    greek, german = Literal("χρώμα", language="el"), Literal("Farbe", language="de")
    assert best([greek, german, Literal("tint")], ["fr"]) == Literal("tint")
    assert best([greek, german], ["fr"]) == best([german, greek], ["fr"]) == german


def test_a_thing_without_a_name_is_called_by_the_end_of_its_iri(store: Store) -> None:
    assert label(store, NamedNode("http://www.wikidata.org/entity/Q546122"), ["en"]) == Literal("Q546122")
    assert label(store, DARK, ["en"]) == Literal("dark", language="en")
