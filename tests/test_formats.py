"""Every format says the same, and a document needs no other to be read."""

import json
from collections.abc import Iterable
from typing import Any

import pytest
import rdflib
import rdflib.compare
from conftest import EDDYSTONE, ONTOLOGY, PHAROS, SHAPES
from hypothesis import given
from hypothesis import strategies as st
from pyld import jsonld
from pyoxigraph import (
    BaseDirection,
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

from ldnkg.errors import BadSources, NotAcceptable
from ldnkg.formats import FORMATS, GRAPHS, Format, context_for, serialise

ROOT = "https://example.org/lights/"
EX = "https://example.org/lights/ont#"
LIGHT = "https://example.org/lights/id/light/"
RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
XSD = "http://www.w3.org/2001/XMLSchema#"
PREFIXES = {
    "": ROOT + "empty#",
    "ex": EX,
    "https": "https:",
    "light": LIGHT,
    "ns1": "urn:x:",
    "rdf": RDF,
    "skos": "http://www.w3.org/2004/02/skos/core#",
    "urn": ROOT + "urn#",
    "xmlish": ROOT + "a/",
    "xsd": XSD,
}
CONTEXT = json.dumps(
    {
        "@context": {
            "@version": 1.1,
            "@protected": True,
            "ex": EX,
            "id": "@id",
            "type": "@type",
            "Light": {"@id": "ex:Light"},
            "b1": {"@id": "ex:b1", "@container": "@language"},
            "height": {"@id": "ex:height", "@type": XSD + "decimal"},
            "heightText": {"@id": "ex:height"},
            "keptBy": {"@id": "ex:keptBy", "@type": "@id", "@container": "@set"},
            "keeps": {"@reverse": "ex:keptBy"},
            "label": {"@id": "http://www.w3.org/2004/02/skos/core#prefLabel", "@container": "@language"},
            "lamp": {"@id": "ex:lamp", "@type": "@id"},
            "state": {"@id": "ex:state", "@type": "@vocab"},
            "urn": {"@id": "ex:urn", "@type": "@id"},
        }
    }
)
BY_SUFFIX = {each.suffix: each for each in FORMATS}
READ = {
    "ttl": RdfFormat.TURTLE,
    "jsonld": RdfFormat.JSON_LD,
    "nt": RdfFormat.N_TRIPLES,
    "rdf": RdfFormat.RDF_XML,
}
EDDYSTONES = NamedNode(LIGHT + "eddystone")

nodes = st.sampled_from(
    ["ont#Light", "ont#b1", "a/b", "a/20", "é", "q?a=1&b=~'()*", "a%20b", "urn#x", "ont#", ""]
).map(lambda name: NamedNode(ROOT + name)) | st.sampled_from(
    ["urn:x:y", "mailto:a@b.example", "urn://x"]
).map(NamedNode)
blanks = st.sampled_from(["u", "v", "3f"]).map(BlankNode)
predicates = st.sampled_from(
    [EX + "b1", EX + "height", EX + "keptBy", EX + "lamp", EX + "state", ROOT + "a/x.y", "urn:x:p", "urn:y:p"]
    + [RDF + name for name in ("type", "first", "rest", "_1")]
).map(NamedNode)
texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\ufffe\uffff", min_codepoint=32))
texts |= st.text(alphabet="<&>\"'\\\n\r\t]{} a")
literals = st.one_of(
    texts.map(Literal),
    st.builds(lambda text, tag: Literal(text, language=tag), texts, st.sampled_from(["en", "de-at"])),
    st.builds(
        lambda text, name: Literal(text, datatype=NamedNode(name)),
        texts | st.sampled_from(["4.0", "01", "1e3", "true"]),
        st.sampled_from(
            [XSD + "decimal", XSD + "integer", XSD + "double", XSD + "boolean", EX + "kind", "urn:k"]
        ),
    ),
)
graphs = st.lists(
    st.builds(
        Triple, nodes | blanks, predicates, nodes | blanks | literals | st.just(NamedNode(RDF + "nil"))
    ),
    max_size=12,
)


def canonical(triples: Iterable[Triple | Quad]) -> Dataset:
    """A graph that is equal to another when the two are isomorphic."""
    dataset = Dataset(Quad(each.subject, each.predicate, each.object) for each in triples)
    dataset.canonicalize(CanonicalizationAlgorithm.RDFC_1_0)
    return dataset


def triples_of(turtle: str) -> list[Triple]:
    return [quad.triple for quad in parse(turtle, format=RdfFormat.TURTLE)]


def written(triples: Iterable[Triple], suffix: str, first: NamedNode | None = None) -> str:
    body = serialise(triples, BY_SUFFIX[suffix], prefixes=PREFIXES, context=CONTEXT, first=first)
    return body.decode()


def read(text: str, suffix: str) -> Dataset:
    return canonical(parse(text, format=READ[suffix]))


def entity(turtle: str = EDDYSTONE, first: NamedNode = EDDYSTONES) -> dict[str, Any]:
    """The JSON-LD document about a thing."""
    found: dict[str, Any] = json.loads(written(triples_of(turtle), "jsonld", first))
    return found


def test_a_suffix_and_a_media_type_name_one_format_each() -> None:
    assert (
        len(FORMATS) == len({each.suffix for each in FORMATS}) == len({each.media_type for each in FORMATS})
    )


def test_pages_come_before_data_and_only_graphs_are_serialised() -> None:
    assert FORMATS[0].kind == "page"
    assert {each.suffix for each in GRAPHS} == READ.keys()


@pytest.mark.parametrize("format_", GRAPHS, ids=lambda each: each.suffix)
@pytest.mark.parametrize("first", [None, NamedNode(EX + "b1"), NamedNode(EX + "nothing")], ids=str)
@given(triples=graphs)
def test_any_graph_is_read_back_as_it_was(
    format_: Format, first: NamedNode | None, triples: list[Triple]
) -> None:
    assert read(written(triples, format_.suffix, first), format_.suffix) == canonical(triples)


@given(triples=graphs)
def test_the_reference_reader_of_json_ld_agrees(triples: list[Triple]) -> None:
    double = NamedNode(XSD + "double")  # that reader rewrites "0"^^xsd:double
    triples = [each for each in triples if getattr(each.object, "datatype", None) != double]
    document = json.loads(written(triples, "jsonld", NamedNode(EX + "b1")))
    quads = jsonld.to_rdf(document, {"format": "application/n-quads"})
    assert canonical(parse(quads, format=RdfFormat.N_QUADS)) == canonical(triples)


@given(triples=graphs)
def test_json_has_the_lines_that_the_library_gives_it(triples: list[Triple]) -> None:
    text = written(triples, "jsonld", NamedNode(EX + "b1"))
    assert text == json.dumps(json.loads(text), ensure_ascii=False, indent=1) + "\n"


@pytest.mark.parametrize(("suffix", "name"), [("rdf", "xml"), ("jsonld", "json-ld"), ("nt", "nt")])
@pytest.mark.parametrize("turtle", [EDDYSTONE, PHAROS, ONTOLOGY, SHAPES])
def test_rdflib_reads_the_same(suffix: str, name: str, turtle: str) -> None:
    found = rdflib.Graph().parse(data=written(triples_of(turtle), suffix, EDDYSTONES), format=name)
    assert rdflib.compare.isomorphic(found, rdflib.Graph().parse(data=turtle, format="turtle"))


def test_an_xml_parser_does_not_change_the_ends_of_lines() -> None:
    text = "a\rb\r\nc\n"
    body = written([Triple(EDDYSTONES, NamedNode(EX + "p"), Literal(text))], "rdf")
    (found,) = rdflib.Graph().parse(data=body, format="xml").objects()
    assert str(found) == text


@pytest.mark.parametrize("format_", GRAPHS, ids=lambda each: each.suffix)
def test_the_order_of_triples_changes_no_byte(format_: Format) -> None:
    triples = triples_of(EDDYSTONE + PHAROS)
    assert written([*reversed(triples), *triples], format_.suffix) == written(triples, format_.suffix)


@pytest.mark.parametrize("suffix", ["ttl", "jsonld", "rdf"])
def test_the_thing_asked_for_leads(suffix: str) -> None:
    pharos = NamedNode(LIGHT + "pharos")
    body = written(triples_of(EDDYSTONE + PHAROS), suffix, pharos)
    graph = next(iter(parse(body, format=READ[suffix])))
    assert graph.subject == pharos


def test_json_is_plain_for_one_who_knows_no_rdf() -> None:
    document = entity()
    assert document["id"] == EDDYSTONES.value
    assert document["type"] == "Light"
    assert document["height"] == "49.0"
    assert document["label"] == {"en": "Eddystone"}
    assert document["keptBy"] == ["https://example.org/lights/id/keeper/winstanley"]


def test_json_has_what_is_pointed_to_in_its_place() -> None:
    label = '\n<https://example.org/lights/vocab#lit> skos:prefLabel "lit"@en .'
    document = entity(EDDYSTONE + label)
    assert document["lamp"]["label"] == {"en": "Eddystone lamp"}
    assert document["state"] == {"id": "https://example.org/lights/vocab#lit", "label": {"en": "lit"}}
    assert "@included" not in document


def test_json_has_a_label_wherever_it_is_mentioned() -> None:
    both = (
        EDDYSTONE.replace("ex:state v:lit", "ex:state v:lit ; ex:former v:lit")
        + 'v:lit skos:prefLabel "lit"@en .'
    )
    document = entity(both)
    assert document["state"]["label"] == document["ex:former"]["label"] == {"en": "lit"}


def test_json_includes_what_points_to_the_thing() -> None:
    winstanley = NamedNode("https://example.org/lights/id/keeper/winstanley")
    document = entity(EDDYSTONE, winstanley)
    assert document["id"] == winstanley.value
    assert document["@included"][0]["id"] == EDDYSTONES.value


def test_a_context_brings_only_what_the_document_uses() -> None:
    assert entity(PHAROS, NamedNode(LIGHT + "pharos"))["@context"].keys() == {
        "@version", "Light", "height", "id", "label", "state", "type",
    }  # fmt: skip


def test_a_word_that_the_context_has_for_something_else_is_not_used() -> None:
    context = json.dumps(
        {
            "@context": {
                "@vocab": EX,
                "keptBy": {"@reverse": "keeps"},
                "lamp": {"@id": EX + "lamp", "@prefix": True},
            }
        }
    )
    body = serialise(
        triples_of(EDDYSTONE), BY_SUFFIX["jsonld"], prefixes={}, context=context, first=EDDYSTONES
    )
    assert {EX + "keptBy", EX + "lamp"} <= json.loads(body).keys()


def test_a_text_keeps_its_base_direction() -> None:
    arabic = Literal("منارة", language="ar", direction=BaseDirection.RTL)
    document = json.loads(written([Triple(EDDYSTONES, NamedNode(EX + "b1"), arabic)], "jsonld", EDDYSTONES))
    assert document["ex:b1"] == {"@language": "ar", "@direction": "rtl", "@value": "منارة"}


def test_json_of_a_long_chain_is_written_and_read() -> None:
    chain = [
        Triple(NamedNode(f"{EX}{n}"), NamedNode(EX + "next"), NamedNode(f"{EX}{n + 1}")) for n in range(3000)
    ]
    assert read(written(chain, "jsonld", NamedNode(EX + "0")), "jsonld") == canonical(chain)


def test_a_context_that_is_no_json_is_said_to_be_so() -> None:
    with pytest.raises(BadSources, match="context is not JSON"):
        serialise([], BY_SUFFIX["jsonld"], prefixes={}, context="{")


@pytest.mark.parametrize(
    "context",
    [
        "[]",
        '{"@context": null}',
        '{"@context": ["https://a.example/", {"@id": 1}]}',
        '{"@context": {"height": {"@id": 5, "@type": []}, "lamp": null, "b": {"@id": null}}}',
        '{"@context": {"height": {"@id": "https://example.org/lights/ont#height", "@container": {"a": {}}}}}',
    ],
)
def test_a_context_that_says_nothing_of_use_does_no_harm(context: str) -> None:
    triples = triples_of(EDDYSTONE)
    body = serialise(triples, BY_SUFFIX["jsonld"], prefixes=PREFIXES, context=context)
    assert read(body.decode(), "jsonld") == canonical(triples)


def test_without_a_context_one_is_made_from_the_ontology_and_the_shapes() -> None:
    context = json.loads(context_for(triples_of(ONTOLOGY) + triples_of(SHAPES), PREFIXES))["@context"]
    assert context["Light"] == {"@id": EX + "Light"}
    assert context["height"] == {"@id": EX + "height", "@type": XSD + "decimal"}
    assert context["keptBy"] == {"@id": EX + "keptBy", "@type": "@id"}
    assert context["prefLabel"]["@container"] == "@language"
    assert context["id"] == "@id"


def test_a_made_context_is_one_that_the_writer_and_a_reader_understand() -> None:
    context = context_for(triples_of(ONTOLOGY) + triples_of(SHAPES), {"ex": EX})
    body = serialise(
        triples_of(EDDYSTONE), BY_SUFFIX["jsonld"], prefixes={}, context=context, first=EDDYSTONES
    )
    assert json.loads(body)["height"] == "49.0"
    compacted = jsonld.compact(json.loads(body), json.loads(context))
    assert compacted["prefLabel"] == {"en": "Eddystone"}


@pytest.mark.parametrize(
    ("suffix", "triple"),
    [
        ("rdf", Triple(EDDYSTONES, NamedNode(EX + "p"), Literal("\0"))),
        ("rdf", Triple(EDDYSTONES, NamedNode(EX + "p/9"), Literal("a"))),
        ("rdf", Triple(EDDYSTONES, NamedNode(RDF + "li"), Literal("a"))),
        ("rdf", Triple(EDDYSTONES, NamedNode(EX + "p"), Triple(EDDYSTONES, NamedNode(EX + "p"), EDDYSTONES))),
        (
            "jsonld",
            Triple(EDDYSTONES, NamedNode(EX + "p"), Triple(EDDYSTONES, NamedNode(EX + "p"), EDDYSTONES)),
        ),
    ],
)
def test_what_a_format_cannot_hold_is_refused_and_not_broken(suffix: str, triple: Triple) -> None:
    with pytest.raises(NotAcceptable, match="ask for Turtle"):
        written([triple], suffix)
