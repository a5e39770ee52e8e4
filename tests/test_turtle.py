"""What the Turtle writer keeps, and where the reader says that things stand."""

import sys
from collections.abc import Iterator
from random import Random

import pytest
import rdflib
from conftest import LIGHTS
from hypothesis import given
from hypothesis import strategies as st
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

from ldnkg.errors import BadTurtle
from ldnkg.turtle import normal_form, positions, tokens, write

RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
XSD = "http://www.w3.org/2001/XMLSchema#"
EX = "https://example.org/"
PREFIXES = {"ex": EX, "exa": EX + "a/", "rdf": RDF, "xsd": XSD, "": EX + "empty#"}

locals_ = st.sampled_from(
    ["a", "b1", "a/b", "empty#x", "a/20", "x.", "-y", "é", "²", "a%20b", "q?a=1&b=~'()*", ""]
)
iris = locals_.map(lambda name: NamedNode(EX + name))
blanks = st.sampled_from("uvwxyz").map(BlankNode)
numbers = st.from_regex(r"[+-]?[0-9]{0,3}(\.[0-9]{0,3})?(e-?[0-9])?|true|false|1", fullmatch=True)
datatypes = st.sampled_from(["integer", "decimal", "double", "boolean", "date", "string"])
literals = st.one_of(
    st.text().map(Literal),
    st.text(alphabet='"\\\n\r\t\0 ab').map(Literal),
    st.builds(lambda text, tag: Literal(text, language=tag), st.text(), st.sampled_from(["en", "de-at"])),
    st.builds(lambda text, name: Literal(text, datatype=NamedNode(XSD + name)), numbers, datatypes),
    st.builds(lambda text: Literal(text, datatype=NamedNode(EX + "kind")), st.text()),
)
predicates = st.one_of(
    iris, st.sampled_from(["type", "first", "rest"]).map(lambda name: NamedNode(RDF + name))
)
objects = st.one_of(iris, blanks, literals, st.just(NamedNode(RDF + "nil")))
graphs = st.lists(st.builds(Triple, st.one_of(iris, blanks), predicates, objects), max_size=12)


def canonical(triples: Iterator[Quad] | list[Triple]) -> Dataset:
    """A graph that is equal to another when the two are isomorphic."""
    dataset = Dataset(Quad(each.subject, each.predicate, each.object) for each in triples)
    dataset.canonicalize(CanonicalizationAlgorithm.RDFC_1_0)
    return dataset


def relabelled(term: object, labels: dict[str, str]) -> object:
    """The term, with the label of a blank node exchanged."""
    return BlankNode(labels[term.value]) if isinstance(term, BlankNode) else term


def read(text: str) -> Dataset:
    """The graph of a Turtle text."""
    return canonical(parse(text, format=RdfFormat.TURTLE))


def read_with_rdflib(text: str) -> Dataset:
    """The graph of a Turtle text as rdflib reads it, its literals untouched."""
    graph = rdflib.Graph().parse(data=text, format="turtle")
    return canonical([Triple(*map(translated, each)) for each in graph])  # type: ignore[arg-type]


def translated(term: rdflib.term.Node) -> NamedNode | BlankNode | Literal:
    """An rdflib term as a pyoxigraph term."""
    if isinstance(term, rdflib.Literal):
        datatype = NamedNode(str(term.datatype)) if term.datatype else None
        return Literal(str(term), language=term.language, datatype=None if term.language else datatype)
    return BlankNode(str(term)) if isinstance(term, rdflib.BNode) else NamedNode(str(term))


@pytest.fixture(autouse=True)
def literals_as_written(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rdflib, "NORMALIZE_LITERALS", False)


@given(graphs)
def test_what_is_written_reads_back_as_the_same_graph(triples: list[Triple]) -> None:
    assert read(write(triples, PREFIXES)) == canonical(triples)


@given(graphs)
def test_rdflib_reads_back_the_same_graph(triples: list[Triple]) -> None:
    assert read_with_rdflib(write(triples, PREFIXES)) == canonical(triples)


@given(graphs, st.randoms())
def test_order_and_labels_of_the_input_do_not_show(triples: list[Triple], random: Random) -> None:
    labels = dict(zip("uvwxyz", random.sample("uvwxyz", 6), strict=True))
    shuffled = [Triple(*(relabelled(term, labels) for term in each)) for each in triples]  # type: ignore[arg-type]
    random.shuffle(shuffled)
    assert write(shuffled, PREFIXES) == write(triples, PREFIXES)


@given(graphs)
def test_a_second_run_of_the_normal_form_changes_nothing(triples: list[Triple]) -> None:
    once = normal_form(write(triples, PREFIXES))
    assert normal_form(once) == once


@pytest.mark.parametrize("text", LIGHTS.values(), ids=LIGHTS)
def test_the_normal_form_is_the_same_graph(text: str) -> None:
    assert read(normal_form(text)) == read(text)


def test_the_normal_form_of_a_file_is_this() -> None:
    messy = """\
# Two towers.
#
# And a keeper.
@prefix unused: <https://example.org/unused#> .
PREFIX xsd: <http://www.w3.org/2001/XMLSchema#>
@prefix skos: <http://www.w3.org/2004/02/skos/core#>. @prefix ex: <https://example.org/> .
ex:tower\\#s10 ex:step 10 . ex:tower\\#s2 ex:step 2 .
ex:tower skos:note 'one', "two\\nlines", '''say "no"'''@en; ex:b true ;
  ex:a 050.10 , 50.10, "01"^^xsd:integer ;  ex:keepers ("a"   [ex:name "b"; a ex:Keeper ]) ;
  ex:parts ex:tower\\#s10, ex:tower\\#s2 ; a ex:Tower, ex:Light .
"""
    assert (
        normal_form(messy)
        == '''\
# Two towers.
#
# And a keeper.

@prefix ex: <https://example.org/> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .

ex:tower a ex:Light, ex:Tower ;
    ex:a 50.10, "01"^^xsd:integer, "050.10"^^xsd:decimal ;
    ex:b true ;
    ex:keepers (
        "a"
        [
            a ex:Keeper ;
            ex:name "b"
        ]
    ) ;
    ex:parts <https://example.org/tower#s2>, <https://example.org/tower#s10> ;
    skos:note
        """two
lines""",
        "one",
        "say \\"no\\""@en .

<https://example.org/tower#s2> ex:step 2 .

<https://example.org/tower#s10> ex:step 10 .
'''
    )


def test_objects_that_do_not_fit_in_a_line_stand_one_a_line() -> None:
    names = [NamedNode(f"{EX}a-rather-long-name-{number}") for number in (10, 9, 1, 2)]
    text = write([Triple(NamedNode(EX + "s"), NamedNode(EX + "p"), name) for name in names], PREFIXES)
    assert [line.strip(" ,.") for line in text.splitlines()[3:]] == [
        f"ex:a-rather-long-name-{number}" for number in (1, 2, 9, 10)
    ]


def test_the_first_subject_can_be_chosen() -> None:
    triples = [Triple(NamedNode(EX + name), NamedNode(EX + "p"), Literal("x")) for name in "abc"]
    text = write(triples, PREFIXES, NamedNode(EX + "b"))
    assert [line.split()[0] for line in text.splitlines() if '"x"' in line] == ["ex:b", "ex:a", "ex:c"]


def test_a_long_list_stays_a_list() -> None:
    text = normal_form(f"<http://e/s> <http://e/q> ( {'1 ' * 5000}) .")
    assert len(list(parse(text, format=RdfFormat.TURTLE))) == 10_001
    assert normal_form(text) == text


def test_brackets_of_any_depth_are_written() -> None:
    text = f"<http://e/s> <http://e/p> {'[ <http://e/p> ' * 100} 1 {' ]' * 100} ."
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(300)  # as if they were three times as deep, which takes rather longer
    try:
        flat = normal_form(text)
    finally:
        sys.setrecursionlimit(limit)
    assert "[" not in flat
    assert read(flat) == read(text)


def test_a_comment_inside_is_refused_with_its_line() -> None:
    with pytest.raises(BadTurtle, match="top of the file") as caught:
        normal_form('# kept\n<http://e/s> <http://e/p> "# no comment" .\n# lost\n')
    assert caught.value.line == 3


def test_text_that_is_no_turtle_is_refused_with_its_place() -> None:
    with pytest.raises(BadTurtle) as caught:
        normal_form("<http://e/s> <http://e/p>\n  1 2 .\n")
    assert (caught.value.line, caught.value.column) == (2, 5)
    assert "line" not in str(caught.value)


def test_a_file_of_comments_stays_as_it_is() -> None:
    assert normal_form("# one\n\n\n# two  \n") == "# one\n\n# two\n"


def test_each_subject_and_predicate_has_its_line_in_any_layout() -> None:
    text = """\
@base <https://example.org/> . @prefix ex: <https://example.org/> .
# ex:not a ex:Subject .
<one> a ex:Thing ; ex:says "ex:no ; ex:not .", \"\"\"two
lines ; . \"\"\"@en, 4.5, 5 ; ex:list ( ex:x [ ex:inner
    1 ] ) ; ex:more
  ex:o ; .
PREFIX e\u00e9: <https://example.org/x/>
e\u00e9:a\\/b ex:says true ; ex:says false .
[ ex:anonymous 1 ] ex:p ex:o .
<\\u0074wo> ex:p <three> .
"""
    assert positions(text) == {
        (EX + "one", None): 3,
        (EX + "one", RDF + "type"): 3,
        (EX + "one", EX + "says"): 3,
        (EX + "one", EX + "list"): 4,
        (EX + "one", EX + "more"): 5,
        (EX + "x/a/b", None): 8,
        (EX + "x/a/b", EX + "says"): 8,
        (EX + "two", None): 10,
        (EX + "two", EX + "p"): 10,
    }


@given(graphs)
def test_every_named_subject_and_its_predicates_are_found(triples: list[Triple]) -> None:
    named = [each for each in triples if isinstance(each.subject, NamedNode)]
    found = positions(write(triples, PREFIXES))
    keys = {(each.subject.value, each.predicate.value) for each in named}  # type: ignore[union-attr]
    assert set(found) == keys | {(subject, None) for subject, _ in keys}


@given(st.text(alphabet="<>\"\\#@prefix:.;,[]() a\n^_0+'{|}"))
def test_broken_text_never_stops_the_reader(text: str) -> None:
    positions(text)
    assert [token.line for token in tokens(text)] == sorted(token.line for token in tokens(text))
