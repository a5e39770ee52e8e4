"""Who asks for what is not there is told so, and what is near it."""

from collections.abc import Iterator
from typing import Any

import pytest
from conftest import LIGHTS, write

from ldnkg.counts import Term
from ldnkg.errors import StoreFault
from ldnkg.iris import PREFIXES
from ldnkg.query.hints import Hint, Known
from ldnkg.query.shape import shape
from ldnkg.release import build
from ldnkg.site import Opened
from ldnkg.sources import load
from ldnkg.store import Row

BASE = "https://lights.example/"
HEAD = (
    f"PREFIX ex: <{BASE}ont#> PREFIX v: <{BASE}vocab#> PREFIX light: <{BASE}id/light/>\n"
    + "".join(f"PREFIX {name}: <{PREFIXES[name]}>\n" for name in ("skos", "rdfs", "xsd"))
)  # fmt: skip


@pytest.fixture(scope="module")
def known(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Known]:
    folder = tmp_path_factory.mktemp("hinted")
    opened = Opened(build(load(write(folder / "lights", LIGHTS)), folder / "releases", BASE), None)
    yield opened.known
    opened.close()


def hints(known: Known, body: str) -> tuple[Hint, ...]:
    """What the patterns of a query are told."""
    found = shape(f"{HEAD}SELECT * {{ {body} }}", BASE)
    assert found is not None
    return known.hints(found)


def near(known: Known, body: str) -> list[tuple[str, list[str]]]:
    """The kinds of the hints, each with what is near."""
    return [(each.kind, [str(other).replace(BASE, "") for other in each.near]) for each in hints(known, body)]


def test_a_misspelt_class_is_told_with_the_one_that_is_meant(known: Known) -> None:
    assert near(known, "?x a ex:Lihgt") == [("class", ["<ont#Light>"])]
    assert near(known, "?x a ex:light") == [("class", ["<ont#Light>"])]
    assert near(known, "?x a <http://elsewhere.example/Keeper>") == [("class", ["<ont#Keeper>"])]


def test_a_name_that_is_part_of_a_longer_one_is_told(known: Known) -> None:
    assert near(known, "?x ex:kept ?k") == [("property", ["<ont#keptBy>"])]
    assert near(known, "?x ex:hasHieght ?k") == [("property", ["<ont#height>"])]


def test_a_misspelt_property_is_told_also_in_a_path(known: Known) -> None:
    assert near(known, "?x ex:hieght ?h") == [("property", ["<ont#height>"])]
    assert near(known, "?x (ex:keptby|ex:state)+ ?h") == [("property", ["<ont#keptBy>"])]
    assert near(known, "?x rdfs:prefLabel ?h") == [("property", [f"<{PREFIXES['skos']}prefLabel>"])]


def test_a_term_that_nothing_uses_is_no_misspelling(known: Known) -> None:
    (hint,) = hints(known, "?x a ex:height")
    assert hint.reason == "is known, but nothing in the graph is one."
    assert near(known, "?x a owl:Thing".replace("owl:Thing", "skos:Concept") + " ; ?p v:lit") == []


@pytest.mark.parametrize(
    "asked",
    [
        "http://lights.example/id/light/pharos",
        "https://lights.example/id/light/pharos/",
        "https://lights.example/doc/light/pharos",
        "http://lights.example/doc/light/pharos.html",
        "https://lights.example/id/light/pharos-of-alexandria",
    ],
)
def test_an_address_that_is_nowhere_is_told_with_that_of_the_thing(known: Known, asked: str) -> None:
    assert near(known, f"<{asked}> ?p ?o") == [("iri", ["<id/light/pharos>"])]
    assert near(known, f"VALUES ?x {{ <{asked}> }} ?x ?p ?o") == [("iri", ["<id/light/pharos>"])]


def test_what_has_nothing_near_is_told_alone(known: Known) -> None:
    assert near(known, "<urn:qwertz:zzz> ?p ?o . ?s <urn:qwertz:yyy> ?o") == [("iri", []), ("property", [])]


def test_a_literal_is_told_in_the_language_or_datatype_that_the_graph_has(known: Known) -> None:
    assert near(known, "?x skos:prefLabel 'Eddystone'") == [("literal", ['"Eddystone"@en'])]
    assert near(known, "?x skos:prefLabel 'Eddystone'@de") == [("literal", ['"Eddystone"@en'])]
    assert near(known, "?x skos:prefLabel ?name FILTER(?name = 'Eddystone')") == [
        ("literal", ['"Eddystone"@en'])
    ]
    assert near(known, "?x skos:prefLabel ?name FILTER('Eddystone' = ?name)") == [
        ("literal", ['"Eddystone"@en'])
    ]
    decimal = f'"49"^^<{PREFIXES["xsd"]}decimal>'
    assert near(known, "?x ex:height '49'") == [("literal", [decimal])]
    assert near(known, "?x ex:height 49") == [("literal", [decimal])]


def test_what_is_right_gets_no_hint(known: Known) -> None:
    for body in (
        "?x a ex:Light ; ex:height 49.0 ; skos:prefLabel 'Eddystone'@en",
        "?x ex:height ?h FILTER(?h = 49)",
        "?x skos:prefLabel ?name FILTER(STR(?name) = 'Eddystone')",
        "?x skos:prefLabel ?name FILTER(?name != 'Eddystone')",
        "light:pharos ex:state v:dark",
        "?x !(ex:nothing) ?y",
    ):
        assert hints(known, body) == (), body


def test_a_name_that_nothing_has_is_looked_for(known: Known) -> None:
    assert near(known, "?x skos:prefLabel 'Pharos'") == [("literal", ["<id/light/pharos>"])]


def test_a_query_gets_few_hints_for_few_looks(known: Known) -> None:
    asked = [0]

    class Counting:
        def __getattr__(self, name: str) -> Any:
            asked[0] += 1
            return getattr(known.store, name)

    store: Any = Counting()
    counting = Known(store, known.statistics, known.index, known.base, known.languages)
    assert len(hints(counting, "".join(f"?x ex:p{number} ?y{number} ." for number in range(300)))) == 5
    assert asked[0] <= 15
    asked[0] = 0
    body = "".join(f"?x skos:note 'a{number}', light:eddystone ." for number in range(200))
    assert len(hints(counting, body)) == 1
    assert asked[0] < 400


@pytest.mark.parametrize(
    "text", ["'" + "x" * 9000 + "'", "'\\u0000'", "''", "'\\\\'", "'" + '()"* NEAR' + "'"]
)
def test_no_literal_makes_it_fail(known: Known, text: str) -> None:
    assert len(hints(known, f"?x skos:prefLabel {text}")) <= 1


def test_a_store_that_takes_no_text_for_a_number_has_none(
    known: Known, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Virtuoso refuses a query with "Pharos"^^xsd:integer; a page with an empty result stands anyway."""
    ask = known.store.select

    def picky(query: str, **bindings: Term) -> list[Row]:
        if any(
            str(each).endswith("#integer>") and not str(each)[1:2].isdigit() for each in bindings.values()
        ):
            raise StoreFault("Invalid integer value.")
        return ask(query, **bindings)

    monkeypatch.setattr(known.store, "select", picky)
    found = hints(known, "?light skos:prefLabel 'Eddystone'")
    assert [str(each) for hint in found for each in hint.near] == ['"Eddystone"@en']
