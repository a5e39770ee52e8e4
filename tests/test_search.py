"""Finding things by what they are called, by their identifiers and by their text."""

import hashlib
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from conftest import write
from hypothesis import given
from hypothesis import strategies as st

from ldnkg.search import MOST, Document, Index, documents, write_index
from ldnkg.sources import load

BASE = "https://example.org/lights/id/"

IDENTIFIED = """\
@prefix adms: <http://www.w3.org/ns/adms#> .
@prefix bibo: <http://purl.org/ontology/bibo/> .
@prefix ex: <https://example.org/lights/ont#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .

ex:Number rdfs:subClassOf ex:Code .
ex:Code rdfs:subClassOf adms:Identifier .

<https://example.org/lights/id/book/lights> bibo:pmid "20695007" ;
    bibo:doi "10.1002/ana.22006" ;
    bibo:pages "145-150" ;
    skos:prefLabel "The book of lights"@en .

<https://example.org/lights/id/book/lights#number> a ex:Number ;
    ex:value "MONDO:0005301" ;
    ex:name "Lanterna" .
"""


def exact(index: Index, identifier: str) -> str | None:
    """The IRI of what has this identifier."""
    found = index.identified(identifier)
    return index.iris(found.numbers)[0] if found else None


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Index]:
    """Four things, with the same word in the label, a synonym, an identifier and the text."""
    path = tmp_path_factory.mktemp("search") / "search.sqlite"
    found = [
        Document(BASE + "light/text", "light", "A", text=["beacon " * 30]),
        Document(BASE + "light/identifier", "light", "B", identifiers=["beacon"]),
        Document(BASE + "light/synonym", "light", "C", synonyms=["old beacon"]),
        Document(BASE + "light/label", "light", "The beacon of the great western headland and its keepers"),
        Document(BASE + "light/named", "light", "Phare d’Ouessant à Créac’h", synonyms=["MS", "Φάρος"]),
        Document(BASE + "light/longer", "light", "MSX light"),
        Document(BASE + "light/front", "light", "Fastnet rock in the Atlantic Ocean"),
        Document(BASE + "light/inside", "light", "Near Fastnet"),
    ]
    write_index(path, found)
    with closing(Index(path)) as opened:
        yield opened


def slugs(index: Index, q: str) -> list[str]:
    return [hit.iri.rpartition("/")[2] for hit in index.search(q).hits]


def test_labels_come_before_synonyms_before_identifiers_before_text(index: Index) -> None:
    assert slugs(index, "beacon") == ["label", "synonym", "identifier", "text"]


def test_what_is_called_just_so_comes_first(index: Index) -> None:
    assert slugs(index, "ms") == ["named", "longer"]


def test_what_is_called_so_from_its_beginning_comes_next(index: Index) -> None:
    assert slugs(index, "fastnet") == ["front", "inside"]


def test_the_beginning_of_a_word_is_enough(index: Index) -> None:
    assert slugs(index, "oues") == ["named"]
    assert [hit.label for hit in index.suggest("headl")] == [
        "The beacon of the great western headland and its keepers"
    ]


def test_accents_and_case_do_not_matter(index: Index) -> None:
    assert slugs(index, "CREAC") == ["named"]
    assert slugs(index, "φαρος") == ["named"]


@pytest.fixture(scope="module")
def possessive(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Index]:
    """Diseases that are called after somebody, with and without the ending, and a person of Ireland."""
    path = tmp_path_factory.mktemp("possessive") / "search.sqlite"
    found = [
        Document(BASE + "paper/trial", "paper", "A trial in people with Crohn's disease and S"),
        Document(BASE + "paper/s", "paper", "Crohn S and its disease"),
        Document(BASE + "condition/crohn", "condition", "Crohn disease"),
        Document(
            BASE + "condition/hashimoto", "condition", "Thyroiditis", synonyms=["Hashimoto's thyroiditis"]
        ),
        Document(BASE + "condition/graves", "condition", "Graves\u2019 disease"),
        Document(BASE + "condition/sjoegren", "condition", "Sjögren\u2019s syndrome"),
        Document(BASE + "person/obrien", "person", "Conan O'Brien"),
    ]
    write_index(path, found)
    with closing(Index(path)) as opened:
        yield opened


@pytest.mark.parametrize(
    ("q", "first"),
    [("Crohn's", "crohn"), ("crohn\u2019s disease", "crohn"), ("CROHN\u00b4S DISEASE", "crohn"),
     ("crohn's d", "crohn"), ("hashimoto", "hashimoto"), ("Hashimoto\u2019s", "hashimoto"),
     ("hashimoto thyroiditis", "hashimoto"), ("Graves disease", "graves"), ("Graves' disease", "graves"),
     ("graves'", "graves"), ("Graves\u2019s", "graves"), ("sjögren's", "sjoegren"), ("O'Brien", "obrien"),
     ("sjo\u0308gren's", "sjoegren"), ("Sjogren syndrome", "sjoegren"), ("sjögrens", "sjoegren"),
     ("o\u2019brien", "obrien"), ("O'Brien's", "obrien")],
)  # fmt: skip
def test_a_possessive_does_not_matter(possessive: Index, q: str, first: str) -> None:
    assert slugs(possessive, q)[0] == first
    assert possessive.suggest(q)[0].iri.endswith(first)
    assert possessive.near(q)[0].iri.endswith(first)


def test_a_name_is_marked_and_told_as_it_is_written_for_a_possessive(possessive: Index) -> None:
    (hit,) = possessive.search("thyroiditis hashimoto\u2019s").hits
    assert (hit.matched, "".join(text for text, found in hit.also if found)) == (
        "Hashimoto's thyroiditis", "Hashimotothyroiditis"
    )  # fmt: skip


def test_all_words_are_better_than_some(index: Index) -> None:
    assert slugs(index, "western beacon") == ["label"]
    assert slugs(index, "western nonsense") == ["label"]
    assert slugs(index, "nothing") == []


def test_a_page_of_hits_knows_how_many_there_are(index: Index) -> None:
    page = index.search("beacon", limit=1, offset=1)
    assert ([hit.label for hit in page.hits], page.total) == (["C"], 4)


def test_suggestions_come_from_names_not_from_text(index: Index) -> None:
    assert {hit.label for hit in index.suggest("beacon")} == {
        "The beacon of the great western headland and its keepers", "B", "C"
    }  # fmt: skip
    assert index.suggest("") == []


@given(
    st.text(st.characters())
    | st.sampled_from(['"', "a AND", "NEAR(", "label:", "*", "\x00", "_", "(" * 5000, "\ud800"])
)
def test_no_input_makes_a_search_fail(index: Index, q: str) -> None:
    index.search(q, limit=5, offset=10**30)
    index.suggest(q)
    index.identified(q)


@pytest.mark.parametrize(
    "spelling",
    ["20695007", "PMID 20695007", "pmid:20695007", "10.1002/ANA.22006", "https://doi.org/10.1002/ana.22006",
     "MONDO:0005301", "mondo_0005301", "http://purl.example.org/obo/MONDO_0005301"],
)  # fmt: skip
def test_an_identifier_leads_straight_to_its_thing(lights: Path, tmp_path: Path, spelling: str) -> None:
    index = curated(lights, tmp_path)
    assert exact(index, spelling) == BASE + "book/lights"


@pytest.mark.parametrize("text", ["145-150", "Lanterna", "The book of lights", ""])
def test_what_is_no_identifier_is_not_taken_for_one(lights: Path, tmp_path: Path, text: str) -> None:
    assert exact(curated(lights, tmp_path), text) is None


def test_an_identifier_of_two_things_leads_to_the_one_that_most_is_said_about(tmp_path: Path) -> None:
    found = [
        Document(BASE + slug, "light", slug, identifiers=["N1"], weight=len(slug)) for slug in ("a", "bb")
    ]
    write_index(tmp_path / "search.sqlite", found)
    with closing(Index(tmp_path / "search.sqlite")) as opened:
        assert exact(opened, "N1") == BASE + "bb"
        assert opened.search("N1").total == 2


def test_things_are_found_by_synonyms_and_by_the_text_of_their_parts(lights: Path, tmp_path: Path) -> None:
    index = curated(lights, tmp_path)
    (hit,) = index.search("eddystone rocks").hits
    assert (hit.iri, hit.label, hit.segment) == (BASE + "light/eddystone", "Eddystone", "light")
    assert slugs(index, "eddystone lamp") == ["eddystone"]
    assert slugs(index, "φαρος") == ["pharos"]


def test_terms_are_found_too(lights: Path, tmp_path: Path) -> None:
    assert [hit.segment for hit in curated(lights, tmp_path).search("lighthouse").hits] == ["ont"]


def curated(lights: Path, tmp_path: Path) -> Index:
    """The index of the lighthouses and a book with identifiers."""
    sources = load(write(lights, {"graph/book/lights.ttl": IDENTIFIED}))
    triples = [triple for file in sources.files for triple in file.triples]
    write_index(tmp_path / "search.sqlite", documents(triples, sources.base))
    return Index(tmp_path / "search.sqlite")


@pytest.mark.parametrize("name", ["fastnet light", "fastnte", "Fasnet", "fast_net"])
def test_a_name_that_is_nearly_right_finds_what_was_meant(index: Index, name: str) -> None:
    assert any(hit.iri == BASE + "light/front" for hit in index.near(name)), name


def test_a_name_that_is_like_nothing_finds_nothing(index: Index) -> None:
    assert index.near("qqqq") == []
    assert index.near("") == []


@pytest.mark.parametrize(
    ("typed", "meant"),
    [("fastnte", "fastnet"), ("fasnet", "fastnet"), ("fasttnet", "fastnet"), ("bacon", "beacon"),
     ("fastnet", None), ("fastn", None), ("qqqqqq", None), ("old baecon", "old beacon"), ("ab", None)],
)  # fmt: skip
def test_a_slip_of_the_hand_is_seen_in_a_name(index: Index, typed: str, meant: str | None) -> None:
    assert index.meant(typed) == meant


def test_what_many_lead_to_stands_before_what_few_lead_to(tmp_path: Path) -> None:
    found = [
        Document(BASE + slug, "light", f"the {slug} lamp", links=links)
        for slug, links in (("a", 0), ("b", 90))
    ]
    write_index(tmp_path / "search.sqlite", found)
    with closing(Index(tmp_path / "search.sqlite")) as opened:
        assert slugs(opened, "lamp") == ["b", "a"]


def test_the_same_graph_makes_the_same_bytes(lights: Path, tmp_path: Path) -> None:
    """Whatever the order is in which a process walks through sets."""
    digests = set()
    for seed in ("1", "2", "3"):
        program = (
            "import sys; from pathlib import Path; from ldnkg.search import documents, write_index; "
            "from ldnkg.sources import load; sources = load(Path(sys.argv[1])); "
            "triples = [triple for file in sources.files for triple in file.triples]; "
            "write_index(Path(sys.argv[2]), documents(triples, sources.base))"
        )
        written = tmp_path / f"{seed}.sqlite"
        environment = {**os.environ, "PYTHONHASHSEED": seed}
        subprocess.run(
            [sys.executable, "-c", program, lights, written], env=environment, check=True, timeout=60
        )
        digests.add(hashlib.sha256(written.read_bytes()).hexdigest())
    assert len(digests) == 1


def namesakes(tmp_path: Path, q: str) -> list[str]:
    """What is found where harbours are led to often and pubs seldom, and some of both are called alike."""
    found = [
        Document(BASE + "harbour/old", "harbour", "Old anchor", links=40, usual=20),
        Document(BASE + "harbour/small", "harbour", "The small harbour of anchor bay", links=9, usual=20),
        Document(BASE + "harbour/reef", "harbour", "Reef", links=9, usual=20),
        Document(BASE + "pub/anchor", "pub", "Anchor", links=1, usual=1),
        Document(BASE + "pub/inn", "pub", "Anchor inn", links=1, usual=1),
        Document(BASE + "pub/whole", "pub", "Old anchor of bay reef", links=1, usual=1),
        Document(
            BASE + "harbour/long", "harbour", "Reef in front of Old Anchor of the bay", links=9, usual=20
        ),
        Document(BASE + "pub/reef", "pub", "Reef", links=1, usual=1),
    ]
    write_index(tmp_path / "search.sqlite", found)
    with closing(Index(tmp_path / "search.sqlite")) as opened:
        suggested = [hit.iri.removeprefix(BASE) for hit in opened.suggest(q)]
        assert [hit.iri.removeprefix(BASE) for hit in opened.search(q).hits] == suggested
        return suggested


def test_a_namesake_of_a_kind_that_little_leads_to_gives_way(tmp_path: Path) -> None:
    """A journal may be called as short as what all its papers are about."""
    found = namesakes(tmp_path, "anchor")
    assert found[:4] == ["harbour/old", "harbour/small", "harbour/long", "pub/anchor"]


def test_of_those_called_just_so_what_is_of_the_greater_kind_comes_first(tmp_path: Path) -> None:
    found = namesakes(tmp_path, "reef")
    assert found.index("harbour/reef") == 0 < found.index("pub/reef")


def test_a_whole_name_of_more_words_is_meant(tmp_path: Path) -> None:
    assert namesakes(tmp_path, "old anchor of bay reef")[0] == "pub/whole"


def test_what_is_usual_for_a_kind_comes_from_the_graph(lights: Path) -> None:
    sources = load(lights)
    found = list(documents([triple for file in sources.files for triple in file.triples], sources.base))
    for segment in {each.segment for each in found}:
        links = [each.links for each in found if each.segment == segment]
        assert {each.usual for each in found if each.segment == segment} == {sum(links) / len(links)}


def test_a_term_that_classifies_much_gives_way_to_what_is_called_so(tmp_path: Path) -> None:
    """What is led to for being an entry of a list is not what one looks for, but is not far below it."""
    found = [
        Document("https://example.org/lights/vocab#storm", "vocab", "Storm", links=40, usual=20),
        Document("https://example.org/lights/ont#Storm", "ont", "Storm", links=40, usual=20),
        Document(BASE + "storm/great", "storm", "Great storm", links=20, usual=10),
        Document(BASE + "light/many", "light", "A light that has seen many a storm", links=3, usual=2),
    ]
    write_index(tmp_path / "search.sqlite", found)
    with closing(Index(tmp_path / "search.sqlite")) as opened:
        assert slugs(opened, "storm") == ["great", "vocab#storm", "ont#Storm", "many"]


PROVENANCE = """\
@prefix ex: <https://example.org/lights/ont#> .
@prefix id: <https://example.org/lights/id/> .
@prefix prov: <http://www.w3.org/ns/prov#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .

<https://example.org/lights/id/survey/all> skos:prefLabel "Survey of bells"@en .
<https://example.org/lights/id/bell/great> skos:prefLabel "Great bells"@en .
<https://example.org/lights/id/light/a> prov:wasGeneratedBy <https://example.org/lights/id/survey/all> ;
    ex:rings <https://example.org/lights/id/bell/great> .
<https://example.org/lights/id/light/b> prov:wasGeneratedBy <https://example.org/lights/id/survey/all> .
<https://example.org/lights/id/light/c> prov:wasGeneratedBy <https://example.org/lights/id/survey/all> .
"""


def test_a_link_that_tells_how_the_graph_was_made_does_not_count(lights: Path) -> None:
    sources = load(write(lights, {"graph/survey/all.ttl": PROVENANCE}))
    triples = [triple for file in sources.files for triple in file.triples]
    links = {each.segment: each.links for each in documents(triples, sources.base)}
    assert (links["survey"], links["bell"]) == (0, 1)


def test_an_iri_is_an_identifier(lights: Path, tmp_path: Path) -> None:
    assert exact(curated(lights, tmp_path), BASE + "book/lights") == BASE + "book/lights"


def test_more_than_can_be_put_in_order_is_said(tmp_path: Path) -> None:
    found = [Document(f"{BASE}light/{number}", "light", f"lamp {number}") for number in range(MOST + 1)]
    write_index(tmp_path / "search.sqlite", found)
    with closing(Index(tmp_path / "search.sqlite")) as opened:
        assert (len(opened.find("lamp").numbers), opened.find("lamp").more) == (MOST, True)
        assert opened.find("lamp 77").more is False
