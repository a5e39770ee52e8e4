"""The words of a release: what its documents say, what its shapes demand, how often a word is used."""

import json
from collections.abc import Iterable
from pathlib import Path

import pytest
from conftest import LIGHTS, write
from pyoxigraph import (
    BlankNode,
    CanonicalizationAlgorithm,
    Dataset,
    Literal,
    NamedNode,
    Quad,
    RdfFormat,
    Triple,
    parse,
)

from ldnkg.counts import Term
from ldnkg.dataset import count
from ldnkg.facts import Facts
from ldnkg.places import sources_root
from ldnkg.sources import Sources, load, quads
from ldnkg.terms import NAMES, Terms, write_terms
from ldnkg.terms.described import Class, Property
from ldnkg.terms.rules import Rule
from ldnkg.terms.shape import Demand, Shape
from ldnkg.terms.vocabulary import Scheme
from ldnkg.terms.words import Words, term

BASE = "https://example.org/lights/"
LICENCE = NamedNode("https://creativecommons.org/publicdomain/zero/1.0/")


def ex(name: str) -> NamedNode:
    return NamedNode(f"{BASE}ont#{name}")


def v(name: str) -> NamedNode:
    return NamedNode(f"{BASE}vocab#{name}")


def shp(name: str) -> NamedNode:
    return NamedNode(f"{BASE}shapes#{name}")


def thing(name: str) -> NamedNode:
    return NamedNode(f"{BASE}id/{name}")


def terms_of(files: dict[str, str], path: Path) -> Terms:
    """The terms of a folder of sources with these files."""
    sources = load(write(path / "sources", files))
    assert not sources.problems, sources.problems
    assert sources.dataset
    write_terms(
        path / "terms",
        frozenset(quads(sources)),
        Facts(triple for triple, _ in quads(sources)),
        base=sources.base,
        dataset=sources.dataset,
        prefixes=sources.prefixes,
        context=None,
    )
    return Terms(path / "terms", sources.base)


def with_more(path: Path, *, ontology: str = "", shapes: str = "", light: str = "") -> Terms:
    """The terms of the lighthouses with more of each kind of file."""
    files = dict(LIGHTS)
    files["ontology/lights.ttl"] += ontology
    files["shapes/light.ttl"] += shapes
    files["graph/light/eddystone.ttl"] += light
    return terms_of(files, path)


@pytest.fixture(scope="module")
def terms(tmp_path_factory: pytest.TempPathFactory) -> Terms:
    return terms_of(LIGHTS, tmp_path_factory.mktemp("terms"))


def class_(terms: Terms, name: str) -> Class:
    (found,) = [each for each in terms.ontology.classes if each.entry.node == ex(name)]
    return found


def property_(terms: Terms, name: str) -> Property:
    (found,) = [each for each in terms.ontology.properties if each.entry.node == ex(name)]
    return found


def shape(terms: Terms, name: str) -> Shape:
    (found,) = [each for each in terms.shapes.all if each.node == shp(name)]
    return found


def demand(terms: Terms, name: str) -> Demand:
    (found,) = [each for each in terms.shapes.demands if each.node == shp(name)]
    return found


def scheme(terms: Terms, name: str) -> Scheme:
    (found,) = [each for each in terms.vocabulary.schemes if each.entry and each.entry.node == v(name)]
    return found


def said(rules: Iterable[Rule]) -> str:
    """Rules as a page writes them, with local names for IRIs."""

    def written(piece: object) -> str:
        if isinstance(piece, NamedNode):
            return piece.value.rpartition("#")[2]
        return piece.value if isinstance(piece, Literal) else str(piece)

    found = []
    for each in rules:
        inner = ", ".join(f"({said(part)})" for part in each.parts)
        found.append(" ".join(filter(None, [each.words, "".join(map(written, each.values)), inner])))
    return "; ".join(found)


def path_of(demand: Demand) -> str:
    return said([Rule("", demand.path)])


def canonical(triples: Iterable[Triple]) -> set[str]:
    """The triples with canonical names for blank nodes (RDFC-1.0)."""
    dataset = Dataset(Quad(each.subject, each.predicate, each.object) for each in triples)
    dataset.canonicalize(CanonicalizationAlgorithm.RDFC_1_0)
    return {str(quad.triple) for quad in dataset}


def written_in(files: dict[str, str], path: Path, *kinds: str) -> list[Triple]:
    """Every triple of the sources of these kinds."""
    sources = load(write(path / "again", files))
    return [Triple(*each) for file in sources.files if file.kind in kinds for each in file.triples]


def about_documents(triples: Iterable[Triple]) -> set[Triple]:
    """What a document adds to the sources: its dataset, and the licence of that."""
    return {
        each
        for each in triples
        if each.predicate == term("void:inDataset")
        or (each.predicate == term("dcterms:license") and each.object == LICENCE)
    }


# ---------- documents ----------


def test_the_documents_say_all_that_ontology_and_shapes_say_and_nothing_else(tmp_path: Path) -> None:
    files = dict(LIGHTS)
    files["shapes/light.ttl"] += """
shp:Light-odd sh:in ( 1.50 [ sh:path ( ex:lamp [ sh:inversePath ex:lamp ] ) ] "01" ) .
[] a sh:NodeShape ; sh:targetClass ex:Lamp .
ex:Lamp sh:description "said by a shapes file"@en .
"""
    files["ontology/lights.ttl"] += "ex:Light rdfs:subClassOf [ a owl:Restriction ; owl:hasValue 1.50 ] .\n"
    files["ontology/alignments.ttl"] = """
@prefix ex: <https://example.org/lights/ont#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
ex:Light skos:closeMatch <https://schema.org/Place> .
<https://schema.org/Place> skos:note "theirs" .
"""
    terms = terms_of(files, tmp_path)
    together = {each for name in ("ont", "vocab", "shapes") for each in terms.triples(name)}
    together -= about_documents(together)
    assert canonical(together) == canonical(written_in(files, tmp_path, "ontology", "shapes"))


def test_a_document_has_every_triple_about_its_terms_and_no_term_of_another(terms: Terms) -> None:
    space = f"{BASE}vocab"
    about = {each.subject.value for each in terms.triples("vocab") if not isinstance(each.subject, Triple)}
    assert about == {space, *(f"{space}#{name}" for name in ("state", "lit", "dark"))}
    assert Triple(v("lit"), term("skos:inScheme"), v("state")) in terms.triples("vocab")
    assert not [each for each in terms.triples("ont") if str(each.subject).startswith(f"<{space}#")]


def test_a_list_stands_in_the_document_whole(tmp_path: Path) -> None:
    terms = with_more(tmp_path, shapes="shp:Light-state sh:in ( v:lit v:dark ) .")
    (cell,) = Words(terms.triples("shapes")).values(shp("Light-state"), "sh:in")
    assert isinstance(cell, BlankNode)
    assert Words(terms.triples("shapes")).members(cell) == [v("lit"), v("dark")]


def test_numbers_stay_as_they_were_written(tmp_path: Path) -> None:
    terms = with_more(tmp_path, shapes="shp:Light-height sh:minInclusive 1.50 .")
    (least,) = Words(terms.triples("shapes")).texts(shp("Light-height"), "sh:minInclusive")
    assert least.value == "1.50"


def test_what_a_file_of_shapes_says_of_a_class_is_in_both_documents(tmp_path: Path) -> None:
    terms = with_more(tmp_path, shapes='ex:Lamp sh:description "said by a shapes file"@en .')
    (triple,) = [each for each in terms.triples("shapes") if each.subject == ex("Lamp")]
    assert triple in terms.triples("ont")


def test_a_document_names_its_dataset_and_its_licence(terms: Terms) -> None:
    for name in ("ont", "vocab", "shapes"):
        words, document = Words(terms.triples(name)), NamedNode(BASE + name)
        assert words.values(document, "void:inDataset") == [NamedNode(BASE + "dataset")]
        assert words.values(document, "dcterms:license") == [LICENCE]


def test_a_licence_of_its_own_is_the_only_one(tmp_path: Path) -> None:
    own = "<https://example.org/lights/ont> dcterms:license <https://example.org/mine> .\n"
    terms = with_more(tmp_path, ontology=own)
    found = Words(terms.triples("ont")).nodes(NamedNode(BASE + "ont"), "dcterms:license")
    assert found == [NamedNode("https://example.org/mine")]


# ---------- uses ----------


def test_members_and_statements_are_counted_and_shown_by_example(terms: Terms) -> None:
    light = class_(terms, "Light")
    assert (light.members, list(light.examples)) == (2, [thing("light/eddystone"), thing("light/pharos")])
    assert {step[0]: count for step, count in light.used.items() if not step[1]}[ex("keptBy")] == 1
    kept = property_(terms, "keptBy")
    assert kept.triples == 1
    assert list(kept.examples) == [(thing("light/eddystone"), thing("keeper/winstanley"))]


def test_a_concept_is_counted_where_things_have_it_and_not_where_words_do(terms: Terms) -> None:
    lit = terms.vocabulary.concepts[v("lit")]
    assert dict(lit.uses) == {ex("state"): 1}


def test_links_that_lead_to_a_member_are_counted_too(terms: Terms) -> None:
    assert class_(terms, "Keeper").used[ex("keptBy"), True] == 1


def test_no_more_than_three_members_are_examples(tmp_path: Path) -> None:
    more = "".join(f"light:l{number} a ex:Light .\n" for number in range(9))
    light = class_(with_more(tmp_path, light=more), "Light")
    assert (light.members, len(light.examples)) == (11, 3)
    assert light.examples[0] == thing("light/eddystone"), "the best described comes first"


def test_a_short_value_is_the_better_example(tmp_path: Path) -> None:
    lines = f'light:a ex:note "{"long " * 100}", "short" . light:b ex:note "{"long " * 90}" .\n'
    ontology = "ex:note a owl:DatatypeProperty .\n"
    terms = with_more(tmp_path, ontology=ontology, light=lines)
    assert property_(terms, "note").examples[0] == (thing("light/a"), Literal("short"))


# ---------- paths ----------


@pytest.mark.parametrize(
    ("turtle", "sparql"),
    [
        ("ex:lamp", "lamp"),
        ("[ sh:inversePath ex:lamp ]", "^lamp"),
        ("( ex:keptBy ex:lamp )", "keptBy/lamp"),
        ("( ex:keptBy [ sh:inversePath ex:lamp ] )", "keptBy/^lamp"),
        ("[ sh:alternativePath ( ex:keptBy ex:lamp ) ]", "keptBy|lamp"),
        ("[ sh:zeroOrMorePath ex:lamp ]", "lamp*"),
        ("[ sh:oneOrMorePath ex:lamp ]", "lamp+"),
        ("[ sh:zeroOrOnePath ex:lamp ]", "lamp?"),
        ("[ sh:inversePath [ sh:zeroOrMorePath ex:lamp ] ]", "^lamp*"),
        ("[ sh:zeroOrMorePath [ sh:inversePath ex:lamp ] ]", "(^lamp)*"),
        ("[ sh:zeroOrMorePath ( ex:keptBy ex:lamp ) ]", "(keptBy/lamp)*"),
        ("[ sh:inversePath ( ex:keptBy ex:lamp ) ]", "^(keptBy/lamp)"),
        ("( [ sh:alternativePath ( ex:a ex:b ) ] ex:lamp )", "(a|b)/lamp"),
        ("[ sh:alternativePath ( ( ex:a ex:b ) ex:lamp ) ]", "a/b|lamp"),
        ("[ sh:inversePath [ sh:inversePath ex:lamp ] ]", "^(^lamp)"),
        ("[]", "…"),
        ("()", "…"),
    ],
)
def test_a_path_is_written_as_sparql_writes_it(tmp_path: Path, turtle: str, sparql: str) -> None:
    shapes = f"shp:Light-odd sh:path {turtle} . shp:Light sh:property shp:Light-odd ."
    assert path_of(demand(with_more(tmp_path, shapes=shapes), "Light-odd")) == sparql


@pytest.mark.parametrize(
    ("turtle", "sparql"),
    [
        ("_:x sh:inversePath _:x .", "^…"),
        ("_:x sh:alternativePath ( _:x ex:lamp _:x ) .", "…|lamp|…"),
        ("_:x rdf:first ex:lamp ; rdf:rest _:x .", "lamp"),
    ],
)
def test_a_path_that_runs_in_a_circle_ends(tmp_path: Path, turtle: str, sparql: str) -> None:
    shapes = f"shp:Light-odd sh:path _:x . {turtle} shp:Light sh:property shp:Light-odd ."
    assert path_of(demand(with_more(tmp_path, shapes=shapes), "Light-odd")) == sparql


def test_a_path_whose_parts_are_shared_does_not_explode(tmp_path: Path) -> None:
    doubled = "".join(
        f"_:x{each} sh:alternativePath ( _:x{each + 1} _:x{each + 1} ) .\n" for each in range(30)
    )
    shapes = f"{doubled} shp:Light-odd sh:path _:x0 . shp:Light sh:property shp:Light-odd ."
    assert len(path_of(demand(with_more(tmp_path, shapes=shapes), "Light-odd"))) < 2000


# ---------- what shapes demand ----------


@pytest.mark.parametrize(
    ("counts", "words"),
    [
        ("", "any number"),
        ("sh:minCount 0", "any number"),
        ("sh:minCount 1", "at least one"),
        ("sh:maxCount 1", "at most one"),
        ("sh:minCount 1 ; sh:maxCount 1", "exactly one"),
        ("sh:minCount 2 ; sh:maxCount 5", "two to five"),
        ("sh:minCount 1234", "at least 1,234"),
        ("sh:maxCount 0", "none"),
        ("sh:minCount 1, 3", "at least three"),
        ("sh:maxCount 1, 3", "at most one"),
        ('sh:minCount "many"', "any number"),
    ],
)
def test_how_many_is_said_in_words(tmp_path: Path, counts: str, words: str) -> None:
    shapes = (
        f"shp:Light-odd sh:path ex:lamp ; {counts or 'sh:order 1'} . shp:Light sh:property shp:Light-odd ."
    )
    assert demand(with_more(tmp_path, shapes=shapes), "Light-odd").count == words


@pytest.mark.parametrize(
    ("turtle", "words"),
    [
        ("sh:class ex:Keeper", "a Keeper"),
        ("sh:datatype xsd:decimal ; sh:minExclusive 0", "decimal; above 0"),
        ("sh:nodeKind sh:BlankNodeOrIRI", "an IRI or a blank node"),
        ("sh:in ( v:lit v:dark )", "one of lit, dark"),
        ('sh:languageIn ( "en" "de" )', "in one of the languages en, de"),
        ("sh:uniqueLang true", "one value a language"),
        ("sh:uniqueLang false", ""),
        ("sh:node shp:in-state", "from the list state"),
        ("sh:node shp:Keeper", "conforms to Keeper"),
        ("sh:not [ sh:class ex:Lamp ]", "not (a Lamp)"),
        ("sh:or ( [ sh:class ex:Lamp ] [ sh:class ex:Light ] )", "at least one of (a Lamp), (a Light)"),
        ("sh:xone ( shp:Light shp:Keeper )", "just one of Light, Keeper"),
        (
            "sh:qualifiedValueShape [ sh:class ex:Lamp ] ; sh:qualifiedMinCount 1",
            "at least one of which: (a Lamp)",
        ),
        (
            "sh:node [ sh:property [ sh:path ex:lamp ; sh:minCount 1 ; sh:class ex:Lamp ] ]",
            "conforms to (at least one lamp (a Lamp))",
        ),
        ("ex:ownConstraint 5", "ownConstraint 5"),
    ],
)
def test_what_a_value_has_to_be_is_said_in_words(tmp_path: Path, turtle: str, words: str) -> None:
    shapes = f"shp:Light-odd sh:path ex:lamp ; {turtle} . shp:Light sh:property shp:Light-odd ."
    assert said(demand(with_more(tmp_path, shapes=shapes), "Light-odd").rules) == words


@pytest.mark.parametrize(
    ("turtle", "words"),
    [
        ("shp:Light sh:not _:x . _:x sh:not _:x .", "not (not (…))"),
        ("shp:Light sh:or _:l . _:l rdf:first _:x ; rdf:rest ( _:x ) . _:x sh:or _:l .",
         "at least one of (at least one of (…), (…)), (…)"),
        ("shp:Light ex:own _:x . _:x ex:own _:x, _:x .", "own [ own […] ]"),
    ],
)  # fmt: skip
def test_a_shape_that_leads_back_to_itself_is_told_once(tmp_path: Path, turtle: str, words: str) -> None:
    assert said(shape(with_more(tmp_path, shapes=turtle), "Light").rules) == words


def test_demands_stand_in_the_order_of_their_groups(terms: Terms) -> None:
    names = [each.names[0].value for each in shape(terms, "Light").demands]
    assert names == ["label", "state", "height", "kept by"]


def test_a_demand_that_only_lays_out_is_told_apart(terms: Terms) -> None:
    assert demand(terms, "Keeper-lights").is_silent
    assert not demand(terms, "Light-keptBy").is_silent


def test_a_query_and_its_severity_are_told(tmp_path: Path) -> None:
    shapes = """
shp:Light sh:sparql shp:Light-tall .
shp:Light-tall a sh:SPARQLConstraint ; sh:severity sh:Warning ;
    sh:message "No light is taller than a mountain."@en ; sh:select "SELECT $this { $this ex:height ?h }" .
"""
    (query,) = shape(with_more(tmp_path, shapes=shapes), "Light").queries
    assert (query.severity, query.node) == ("warning", shp("Light-tall"))
    assert query.texts[0].value.startswith("SELECT")


def test_a_closed_shape_says_what_is_allowed_besides(tmp_path: Path) -> None:
    terms = with_more(tmp_path, shapes="shp:Light sh:closed true ; sh:ignoredProperties ( rdf:type ) .")
    assert shape(terms, "Light").closed == (term("rdf:type"),)
    assert shape(terms, "Keeper").closed is None


def test_a_class_that_is_its_own_shape_is_told_of(tmp_path: Path) -> None:
    shapes = "ex:Lamp a sh:NodeShape, owl:Class ; sh:property shp:Light-label ."
    terms = with_more(tmp_path, shapes="@prefix owl: <http://www.w3.org/2002/07/owl#> .\n" + shapes)
    assert [each.node for each in class_(terms, "Lamp").demands] == [shp("Light-label")]


# ---------- the ontology ----------


def test_a_class_has_what_its_shapes_and_those_above_it_demand(tmp_path: Path) -> None:
    terms = with_more(tmp_path, ontology="ex:Lightship a owl:Class ; rdfs:subClassOf ex:Light .\n")
    ship, light = class_(terms, "Lightship"), class_(terms, "Light")
    assert (ship.above, light.below) == ((ex("Light"),), (ex("Lightship"),))
    assert ship.demands == ()
    assert [(upper, len(found)) for upper, found in ship.inherited] == [(ex("Light"), 4)]
    assert class_(terms, "Keeper").of == (ex("keptBy"),)


def test_what_no_shape_speaks_of_is_told_from_the_data(terms: Terms) -> None:
    assert dict(class_(terms, "Light").unshaped)[ex("lamp")] == 1


def test_domain_and_range_are_those_of_the_shapes_and_what_else_is_declared(tmp_path: Path) -> None:
    ontology = """
@prefix schema: <https://schema.org/> .
ex:keptBy schema:domainIncludes ex:Light, ex:Lamp ; schema:rangeIncludes ex:Keeper ; rdfs:range ex:Light .
"""
    kept = property_(with_more(tmp_path, ontology=ontology), "keptBy")
    ((classes, found),) = kept.demands
    assert (classes, found.count, said(kept.ends)) == ((ex("Light"),), "any number", "a Keeper")
    assert (kept.domain_besides, kept.range_besides) == ((ex("Lamp"),), (ex("Light"),))
    ((path, ((where, _),)),) = kept.parts
    assert (said([Rule("", path)]), where) == ("^keptBy", (ex("Keeper"),))


def test_a_demand_that_two_shapes_share_is_told_once(tmp_path: Path) -> None:
    terms = with_more(tmp_path, shapes="shp:Keeper sh:property shp:Light-height .")
    ((classes, _),) = property_(terms, "height").demands
    assert set(classes) == {ex("Light"), ex("Keeper")}


def test_inverse_and_narrower_properties_are_known_from_both_ends(tmp_path: Path) -> None:
    ontology = "ex:keeps a owl:ObjectProperty ; owl:inverseOf ex:keptBy ; rdfs:subPropertyOf ex:state .\n"
    terms = with_more(tmp_path, ontology=ontology)
    assert property_(terms, "keptBy").inverse == (ex("keeps"),)
    assert property_(terms, "keeps").inverse == (ex("keptBy"),)
    assert property_(terms, "state").below == (ex("keeps"),)
    assert [(each.node, each.depth) for each in terms.ontology.property_tree if each.depth] == [
        (ex("keeps"), 1)
    ]


def test_alignments_are_grouped_and_the_closest_come_first(tmp_path: Path) -> None:
    ontology = """
ex:Light rdfs:subClassOf <https://schema.org/Place> ; skos:closeMatch <http://o.example/a> ;
    skos:exactMatch <http://o.example/b>, <http://o.example/c> ; owl:equivalentClass ex:Lamp .
"""
    entry = class_(with_more(tmp_path, ontology=ontology), "Light").entry
    assert [(name.value.rpartition("#")[2], len(found)) for name, found in entry.alignments] == [
        ("exactMatch", 2),
        ("closeMatch", 1),
        ("subClassOf", 1),
    ]
    assert entry.rest[term("owl:equivalentClass")] == (ex("Lamp"),)


def test_an_expression_above_a_class_is_not_lost(tmp_path: Path) -> None:
    ontology = (
        "ex:Light rdfs:subClassOf [ a owl:Restriction ; owl:onProperty ex:lamp ; owl:minCardinality 1 ] .\n"
    )
    terms = with_more(tmp_path, ontology=ontology)
    (expression,) = class_(terms, "Light").entry.rest[term("rdfs:subClassOf")]
    assert ex("lamp") in terms.words.written(expression)


def test_classes_that_are_below_each_other_all_stand_in_the_tree(tmp_path: Path) -> None:
    circle = "ex:A a owl:Class ; rdfs:subClassOf ex:B . ex:B a owl:Class ; rdfs:subClassOf ex:A, ex:B .\n"
    branches = with_more(tmp_path, ontology=circle).ontology.class_tree
    assert {each.node for each in branches} == {ex(each) for each in ("A", "B", "Keeper", "Lamp", "Light")}


def test_a_lattice_of_classes_does_not_explode(tmp_path: Path) -> None:
    lattice = "".join(
        f"ex:L{row}{side} a owl:Class ; rdfs:subClassOf ex:L{row - 1}a, ex:L{row - 1}b .\n"
        for row in range(1, 40)
        for side in "ab"
    )
    assert len(with_more(tmp_path, ontology=lattice).ontology.class_tree) < 400


def test_a_class_of_others_is_a_branch_when_it_holds_several_of_ours(tmp_path: Path) -> None:
    shared = "".join(f"ex:{each} rdfs:subClassOf skos:Concept .\n" for each in ("Lamp", "Light"))
    single = "ex:Keeper rdfs:subClassOf <https://schema.org/Person> .\n"
    terms = with_more(tmp_path, ontology=shared + single)
    branches = {each.node: each.depth for each in terms.ontology.class_tree}
    assert branches == {term("skos:Concept"): 0, ex("Lamp"): 1, ex("Light"): 1, ex("Keeper"): 0}


def test_what_is_borrowed_is_listed_with_its_uses(terms: Terms) -> None:
    borrowed = {each.entry.node: each for each in terms.ontology.borrowed}
    label = borrowed[term("skos:prefLabel")]
    assert (set(label.classes), label.is_class) == ({ex("Light"), ex("Keeper")}, False)
    assert label.used > 3


def test_every_term_of_a_namespace_stands_somewhere(tmp_path: Path) -> None:
    odd = 'ex:odd skos:note "no class, no property" . v:odd skos:note "no concept" .\n'
    terms = with_more(tmp_path, ontology=odd, shapes='shp:odd skos:note "no shape" .')
    assert [each.node for each in terms.ontology.others] == [ex("odd")]
    assert [each.node for each in terms.vocabulary.others] == [v("odd")]
    assert [each.node for each in terms.shapes.others] == [shp("odd")]
    assert {each.prefix[0] for each in terms.ontology.prefixes} == {Literal("ex"), Literal("light")}


# ---------- the lists ----------


def test_a_list_names_the_properties_that_take_it(terms: Terms) -> None:
    state = scheme(terms, "state")
    assert (state.properties, [each.node for each in state.demands]) == (
        (ex("state"),),
        [shp("Light-state")],
    )
    assert state.used == {v("lit"): 1, v("dark"): 1}


def test_concepts_stand_below_broader_ones(tmp_path: Path) -> None:
    ontology = "v:dim a skos:Concept ; skos:inScheme v:state ; skos:broader v:lit .\n"
    terms = with_more(tmp_path, ontology=ontology)
    assert [(each.node, each.depth) for each in scheme(terms, "state").branches] == [
        (v("dark"), 0),
        (v("lit"), 0),
        (v("dim"), 1),
    ]
    assert terms.vocabulary.concepts[v("lit")].narrower == (v("dim"),)


def test_concepts_with_a_rank_stand_in_its_order(tmp_path: Path) -> None:
    ranks = "ex:rank a owl:DatatypeProperty . v:lit ex:rank 1 . v:dark ex:rank 2 .\n"
    branches = scheme(with_more(tmp_path, ontology=ranks), "state").branches
    assert [each.node for each in branches] == [v("lit"), v("dark")]


def test_a_concept_of_two_lists_is_counted_by_the_properties_of_each(tmp_path: Path) -> None:
    ontology = """
ex:mood a owl:ObjectProperty . v:mood a skos:ConceptScheme . v:lit skos:inScheme v:mood .
<https://schema.org/x> a owl:Class . ex:mood rdfs:range v:mood .
"""
    terms = with_more(tmp_path, ontology=ontology, light="light:eddystone ex:mood v:lit .\n")
    assert scheme(terms, "state").used[v("lit")] == 1
    assert scheme(terms, "mood").used[v("lit")] == 1
    assert terms.vocabulary.concepts[v("lit")].used == 2


def test_a_concept_in_no_list_is_not_lost(tmp_path: Path) -> None:
    terms = with_more(tmp_path, ontology="v:stray a skos:Concept .\n")
    assert terms.vocabulary.schemes[-1].entry is None
    assert [each.node for each in terms.vocabulary.schemes[-1].branches] == [v("stray")]


def test_values_that_a_shape_lists_one_by_one_are_of_their_list(tmp_path: Path) -> None:
    shapes = "shp:Light sh:property shp:Light-mood . shp:Light-mood sh:path ex:mood ; sh:in ( v:lit ) ."
    assert ex("mood") in scheme(with_more(tmp_path, shapes=shapes), "state").properties


# ---------- little ----------


def test_without_words_there_is_nothing_to_tell(tmp_path: Path) -> None:
    files = {name: text for name, text in LIGHTS.items() if name.startswith("graph/")}
    files |= {"ontology/none.ttl": "", "shapes/none.ttl": ""}
    terms = terms_of(files, tmp_path)
    assert (terms.ontology.classes, terms.vocabulary.schemes, terms.shapes.all) == ((), (), ())


def test_examples_have_names_in_every_language(terms: Terms) -> None:
    assert {each.language for each in terms.names(thing("light/pharos"))} == {"en", "el"}


# ---------- the curated graph ----------


@pytest.fixture(scope="module")
def curated(tmp_path_factory: pytest.TempPathFactory) -> tuple[Terms, Sources]:
    """The terms of the curated graph, at its own base."""
    sources = load(sources_root())
    assert sources.dataset
    folder = tmp_path_factory.mktemp("curated") / "terms"
    write_terms(
        folder,
        frozenset(quads(sources)),
        Facts(triple for triple, _ in quads(sources)),
        base=sources.base,
        dataset=sources.dataset,
        prefixes=sources.prefixes,
        context=sources.context,
    )
    return Terms(folder, sources.base), sources


def test_every_curated_word_is_in_a_document_and_nothing_else(curated: tuple[Terms, Sources]) -> None:
    terms, sources = curated
    together = {each for name in NAMES for each in terms.triples(name)}
    words = {Triple(*each) for file in sources.files if file.kind != "graph" for each in file.triples}
    added = {each for each in together if each.predicate == term("void:inDataset")}
    added |= {
        each for each in together if each.subject == NamedNode(sources.base + "shapes")
    }  # has no description of its own
    assert canonical(together - added) == canonical(words)


@pytest.mark.parametrize("suffix", ["ttl", "jsonld", "rdf"])
@pytest.mark.parametrize("name", NAMES)
def test_a_curated_document_is_the_same_in_every_format(
    curated: tuple[Terms, Sources], name: str, suffix: str
) -> None:
    terms, sources = curated
    body = (terms.folder / f"{name}.{suffix}").read_bytes()
    if suffix == "jsonld":
        assert sources.context
        document = json.loads(body)
        document["@context"] = json.loads(sources.context)["@context"]
        body = json.dumps(document).encode()
    formats = {"ttl": RdfFormat.TURTLE, "jsonld": RdfFormat.JSON_LD, "rdf": RdfFormat.RDF_XML}
    found = {quad.triple for quad in parse(body, format=formats[suffix], base_iri=sources.base)}
    assert canonical(found) == canonical(terms.triples(name))


def test_every_curated_term_is_told_of_on_its_page(curated: tuple[Terms, Sources]) -> None:
    terms, sources = curated
    ontology, vocabulary, shapes = terms.ontology, terms.vocabulary, terms.shapes
    told: set[Term] = {each.entry.node for each in ontology.classes}
    told |= {each.entry.node for each in ontology.properties} | {each.node for each in ontology.prefixes}
    told |= {each.entry.node for each in vocabulary.schemes if each.entry} | set(vocabulary.concepts)
    told |= {each.node for each in shapes.all} | {each.node for each in shapes.demands}
    told |= {query.node for each in shapes.all for query in each.queries}
    told |= {each.node for each in (*ontology.others, *vocabulary.others, *shapes.others, *shapes.groups)}
    spaces = tuple(f"{sources.base}{name}#" for name in NAMES)
    words = {each for each in terms.words.subjects() if isinstance(each, NamedNode)}
    assert {each for each in words if each.value.startswith(spaces)} - told == set()


def test_uses_are_those_that_void_counts(curated: tuple[Terms, Sources]) -> None:
    terms, sources = curated
    counts = count({triple for file in sources.files for triple in file.triples}, sources.base)
    for each in terms.ontology.classes:
        assert each.members == counts.classes.get(each.entry.node.value, 0)
    for one in terms.ontology.properties:
        assert one.triples == counts.properties.get(one.entry.node.value, 0)
