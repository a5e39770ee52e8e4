"""A graph in numbers says what the same graph says as a list of facts."""

from pathlib import Path

import pytest
from hypothesis import given
from numbered import numbered
from pyoxigraph import BlankNode, Literal, NamedNode, Quad, Store, Triple
from test_formats import graphs, literals

from ldnkg.facts import Fact, Facts, Joined, Subject, Term, as_stored, facts
from ldnkg.formats import GRAPHS, Format, serialise, write
from ldnkg.iris import PREFIXES
from ldnkg.release.graph import at_base
from ldnkg.sources import load, quads

PROPERTY = NamedNode("urn:x:p")


def same(one: Facts, other: Facts) -> None:
    """Both say the same, by every way to ask."""
    assert len(one) == len(other)
    assert set(one) == set(other)
    assert {key: set(said) for key, said in one.by_subject.items()} == {
        key: set(said) for key, said in other.by_subject.items()
    }
    assert {key: set(said) for key, said in one.by_predicate.items()} == {
        key: set(said) for key, said in other.by_predicate.items()
    }
    for node in [*one.by_subject, Literal("x")]:
        for key in [*one.by_predicate, PROPERTY]:
            assert set(one.values(node, key)) == set(other.values(node, key))
    assert list(one.lines) == list(other.lines)
    assert all(fact in one for fact in other)


@given(graphs)
def test_a_graph_in_numbers_says_the_same(triples: list[Triple]) -> None:
    graph = numbered([*triples, *triples])
    same(graph, facts(triples))
    assert [str(each) for each in graph] == sorted({str(fact) for fact in facts(triples)})
    assert Fact(PROPERTY, PROPERTY, Literal("not there")) not in graph
    named = {fact for fact in facts(triples) if BlankNode in (type(fact.subject), type(fact.object))}
    assert set(graph.naming(BlankNode)) == named


@given(graphs, graphs)
def test_a_graph_and_more_say_what_both_say(triples: list[Triple], more: list[Triple]) -> None:
    same(Joined(numbered(triples), facts(more)), Facts([*facts(triples), *facts(more)]))


def test_the_lines_are_in_the_order_of_sorted_texts() -> None:
    """Where one literal begins as another does, and where one IRI does."""
    terms: list[Term] = [Literal(""), Literal(" "), Literal("", language="en"), Literal("", language="en-gb")]
    terms += [Literal("", datatype=NamedNode("urn:x:d")), NamedNode("urn:x:a"), NamedNode("urn:x:a!")]
    nodes: list[Subject] = [
        NamedNode("urn:x:a"),
        NamedNode("urn:x:a!"),
        NamedNode("urn:x:a-b"),
        BlankNode("b"),
        BlankNode("b1"),
    ]
    graph = numbered(Fact(node, PROPERTY, term) for node in nodes for term in [*terms, *nodes])
    assert list(graph.lines) == sorted(graph.lines)


@given(graphs)
@pytest.mark.parametrize("format_", GRAPHS, ids=lambda each: each.suffix)
def test_a_file_that_is_written_as_it_is_made_has_the_bytes_of_the_whole(
    tmp_path_factory: pytest.TempPathFactory, format_: Format, triples: list[Triple]
) -> None:
    folder = tmp_path_factory.mktemp("written")
    write(folder / "file", numbered(triples), format_, prefixes=PREFIXES)
    assert (folder / "file").read_bytes() == serialise(triples, format_, prefixes=PREFIXES)
    assert [each.name for each in folder.iterdir()] == ["file"]


@given(literals)
def test_what_the_engine_gives_back_is_known(literal: Literal) -> None:
    store = Store()
    store.add(Quad(PROPERTY, PROPERTY, literal))
    (quad,) = store
    assert dict(as_stored([literal])).get(literal, literal) == quad.object


def test_the_quads_of_a_release_are_sorted_and_each_is_there_once(lights: Path) -> None:
    sources = load(lights)
    graph = at_base(sources, sources.base)
    found = list(quads(sources))
    assert len(graph.quads) == len(found) == len(set(graph.quads))
    assert {each for each in graph.quads if "_:" not in str(each)} == {
        each for each in found if "_:" not in str(each)
    }
    lines = list(graph.quads.lines)
    assert lines == sorted(set(lines))
    same(graph.triples, Facts(quad.triple for quad in graph.quads))
    name = NamedNode(f"{sources.base}graph/curated")
    assert set(graph.quads.within(name)) == {each for each in found if each.graph_name == name}
    assert sum(graph.quads.sizes.values()) == len(graph.quads)
