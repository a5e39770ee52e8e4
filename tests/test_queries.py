"""The example queries: each gives its recorded answer over the sources, in both SPARQL engines."""

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import pyoxigraph as ox
import pytest
import rdflib
from rdflib.namespace import DCTERMS, RDF, RDFS, SKOS

from ldnkg.turtle import normal_form

ROOT = Path(__file__).resolve().parents[1]
FILES = sorted((ROOT / "graph" / "queries").glob("*.ttl"))

SH = rdflib.Namespace("http://www.w3.org/ns/shacl#")
# SHACL has no word for DESCRIBE; sh:describe is that of the SPARQL examples of the SIB.
KINDS = {
    "select": SH.SPARQLSelectExecutable,
    "ask": SH.SPARQLAskExecutable,
    "construct": SH.SPARQLConstructExecutable,
    "describe": SH.SPARQLExecutable,
}
EXPECTED = rdflib.URIRef("http://datashapes.org/dash#expectedResult")
NUMBERS = {f"http://www.w3.org/2001/XMLSchema#{name}" for name in ("integer", "decimal", "double", "float")}
COMPETENCY = "1 2 3 4 6 7 8 10 11 13 16 17 18 19 22 23 25 26 28 30 31 33 34 35 38 39".split()


@dataclass(frozen=True)
class Example:
    """One file: `text` is the query after its prefixes, `kind` a key of KINDS, `answer` as it is recorded."""

    path: Path
    kind: str
    text: str
    answer: str
    label: str
    question: str
    number: str | None


class Cell(NamedTuple):
    """A cell of a table; a number is compared by its value."""

    text: str
    number: bool


class Table(NamedTuple):
    """The answer to a SELECT query."""

    names: list[str]
    rows: list[list[Cell]]


Answer = bool | Table | set[ox.Triple]


@cache
def prefixes() -> dict[rdflib.term.Node, str]:
    """The prefix lines that each node declares with sh:declare."""
    ontology = rdflib.Graph().parse(ROOT / "ontology" / "ldn.ttl")
    lines: dict[rdflib.term.Node, str] = {}
    for owner, declaration in ontology.subject_objects(SH.declare):
        name, space = (ontology.value(declaration, each) for each in (SH.prefix, SH.namespace))
        lines[owner] = lines.get(owner, "") + f"PREFIX {name}: <{space}>\n"
    return lines


@cache
def read(path: Path) -> Example:
    graph = rdflib.Graph().parse(path)
    query = rdflib.URIRef(f"https://w3id.org/ldn-kg/id/query/{path.stem}")
    (kind,) = (kind for kind in KINDS if (query, SH[kind], None) in graph)
    assert (query, RDF.type, KINDS[kind]) in graph
    text, answer, label, question = (
        str(graph.value(query, each, any=False))
        for each in (SH[kind], EXPECTED, SKOS.prefLabel, RDFS.comment)
    )
    lines = "".join(prefixes()[owner] for owner in graph.objects(query, SH.prefixes))
    number = graph.value(query, DCTERMS.identifier, any=False)
    return Example(path, kind, lines + text, answer, label, question, str(number) if number else None)


@pytest.fixture(params=FILES, ids=lambda path: path.stem)
def example(request: pytest.FixtureRequest) -> Example:
    return read(request.param)


@pytest.fixture(scope="module")
def store() -> ox.Store:
    """Ontology, lists and graph in one union."""
    store = ox.Store()
    for folder in ("ontology", "graph"):
        for path in sorted((ROOT / folder).rglob("*.ttl")):
            store.load(path=path, format=ox.RdfFormat.TURTLE)
    return store


@pytest.fixture(scope="module")
def union(store: ox.Store) -> Iterator[rdflib.Graph]:
    """The same triples in rdflib, with literals as they are written."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(rdflib, "NORMALIZE_LITERALS", False)
        text = store.dump(format=ox.RdfFormat.N_TRIPLES, from_graph=ox.DefaultGraph())
        yield rdflib.Graph().parse(data=text, format="nt")


def pyoxigraph_answer(store: ox.Store, query: str) -> Answer:
    found: Any = store.query(query)
    if isinstance(found, ox.QueryBoolean):
        return bool(found)
    if isinstance(found, ox.QueryTriples):
        return set(found)

    def cell(term: Any) -> Cell:
        number = isinstance(term, ox.Literal) and term.datatype.value in NUMBERS
        return Cell("" if term is None else term.value, number)

    names = [variable.value for variable in found.variables]
    return Table(names, [[cell(row[name]) for name in names] for row in found])


def rdflib_answer(graph: rdflib.Graph, query: str) -> Answer:
    found: Any = graph.query(query)
    if found.type == "ASK":
        return bool(found.askAnswer)
    if found.graph is not None:
        return triples(found.graph.serialize(format="nt"))

    def cell(term: Any) -> Cell:
        number = isinstance(term, rdflib.Literal) and str(term.datatype) in NUMBERS
        return Cell("" if term is None else str(term), number)

    rows = [[cell(row.get(variable)) for variable in found.vars] for row in found.bindings]
    return Table([str(variable) for variable in found.vars], rows)


def triples(text: str) -> set[ox.Triple]:
    quads = ox.parse(text, format=ox.RdfFormat.N_TRIPLES)
    return {ox.Triple(quad.subject, quad.predicate, quad.object) for quad in quads}


def check(example: Example, found: Answer) -> None:
    """Fail unless it is the recorded answer: rows in their order, numbers by value, triples as a set."""
    if isinstance(found, bool):
        assert example.answer == str(found).lower()
    elif isinstance(found, set):
        assert found == triples(example.answer)
    else:
        names, *recorded = csv.reader(io.StringIO(example.answer))
        assert found.names == names
        assert [[cell.text for cell in row] for row in found.rows] == [
            [
                cell.text if cell.number and text and Decimal(text) == Decimal(cell.text) else text
                for cell, text in zip(row, texts, strict=True)
            ]
            for row, texts in zip(found.rows, recorded, strict=True)
        ]


def test_pyoxigraph_gives_the_recorded_answer(example: Example, store: ox.Store) -> None:
    check(example, pyoxigraph_answer(store, example.text))


def test_rdflib_gives_the_recorded_answer(example: Example, union: rdflib.Graph) -> None:
    check(example, rdflib_answer(union, example.text))


def test_question_is_in_plain_words(example: Example) -> None:
    assert example.question.endswith("?")
    assert not re.search(r"\bseed\b", example.question + example.label, re.IGNORECASE), "say “the article”"


def test_answer_is_neither_empty_nor_endless(example: Example) -> None:
    if example.kind == "ask":
        assert example.answer in ("true", "false")
    else:
        header = example.kind == "select"
        lines = list(csv.reader(io.StringIO(example.answer))) if header else example.answer.splitlines()
        assert 1 <= len(lines) - header <= 40
        if header and len(lines) > 2:
            assert "ORDER BY" in example.text


def test_file_is_in_normal_form(example: Example) -> None:
    text = example.path.read_text(encoding="utf-8")
    assert text == normal_form(text)


def test_each_competency_question_is_asked_once() -> None:
    numbers = [number for path in FILES if (number := read(path).number)]
    assert len(numbers) >= 26
    assert sorted(numbers) == sorted(f"CQ{number}" for number in COMPETENCY)


def test_labels_and_questions_are_unique() -> None:
    for texts in zip(*((read(path).label, read(path).question) for path in FILES), strict=True):
        assert len(texts) == len(set(texts))


def test_there_is_a_query_of_every_kind() -> None:
    assert {read(path).kind for path in FILES} == set(KINDS)
