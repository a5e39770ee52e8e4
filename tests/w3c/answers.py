"""Answers as values that are equal when the W3C says that they are.

A table is a bag of rows, in order where the order is asked for; a graph is a set of triples; blank nodes are
the same when some renaming makes them so (RDF 1.1 Concepts, section 3.6). A number is its value and its
datatype: an engine may write 1.0 for 1.00.
"""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from pyoxigraph import (
    BlankNode,
    CanonicalizationAlgorithm,
    Dataset,
    Literal,
    NamedNode,
    Quad,
    QueryBoolean,
    QueryResultsFormat,
    QuerySolutions,
    RdfFormat,
    Triple,
    parse,
    parse_query_results,
)
from w3c.manifests import SUFFIXES, file_of

Term = NamedNode | BlankNode | Literal | Triple
Row = Sequence[Term | None]

_RS = "http://www.w3.org/2001/sw/DataAccess/tests/result-set#"
_RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
_XSD = "http://www.w3.org/2001/XMLSchema#"
_TABLES = {
    "srx": QueryResultsFormat.XML,
    "srj": QueryResultsFormat.JSON,
    "tsv": QueryResultsFormat.TSV,
    "xml": QueryResultsFormat.XML,
    "json": QueryResultsFormat.JSON,
}


@dataclass(frozen=True)
class Table:
    """Rows by the name of their column."""

    names: tuple[str, ...]
    rows: tuple[Row, ...]
    ordered: bool = False


Answer = Table | bool | frozenset[Triple]


def expected(iri: str) -> Answer | list[list[str]]:
    """What a result file holds; for CSV, which has no terms, its cells."""
    file = file_of(iri)
    suffix = file.suffix[1:]
    if suffix == "csv":
        return cells(file.read_text(encoding="utf-8"))
    if suffix in _TABLES:
        return table(file.read_bytes(), suffix)
    triples = [quad.triple for quad in parse(path=str(file), format=SUFFIXES[file.suffix], base_iri=iri)]
    is_table = any(each.object == NamedNode(_RS + "ResultSet") for each in triples)
    return _result_set(triples) if is_table else graph(triples)


def table(body: bytes, suffix: str) -> Table | bool:
    """An answer in a format of tables, read by the engine and not by ourselves."""
    found = parse_query_results(body, format=_TABLES[suffix])
    if isinstance(found, QueryBoolean):
        return bool(found)
    assert isinstance(found, QuerySolutions)
    return Table(tuple(each.value for each in found.variables), tuple(tuple(row) for row in found))


def triples_of(body: bytes, format_: RdfFormat, base: str) -> frozenset[Triple]:
    """An answer in a format of graphs."""
    return graph(quad.triple for quad in parse(body, format=format_, base_iri=base))


def graph(triples: Iterable[Triple]) -> frozenset[Triple]:
    """Triples as a set, their numbers as values."""
    return frozenset(Triple(each.subject, each.predicate, valued(each.object)) for each in triples)


def cells(text: str) -> list[list[str]]:
    """CSV as its header and its rows, sorted; each blank node by the same name."""
    header, *rows = csv.reader(io.StringIO(text, newline=""))
    plain = [["_:" if cell.startswith("_:") else _plain(cell) for cell in row] for row in rows]
    return [header, *sorted(plain)]


def same(one: Answer, other: Answer, *, lax: bool = False) -> bool:
    """Whether two answers are the same; `lax` lets the number of duplicates be."""
    if isinstance(one, Table) and isinstance(other, Table):
        if set(one.names) != set(other.names):
            return False
        ordered = one.ordered or other.ordered
        return _canonical(_quads_of(one, ordered, lax)) == _canonical(_quads_of(other, ordered, lax))
    if isinstance(one, frozenset) and isinstance(other, frozenset):
        return _canonical(Quad(*each) for each in one) == _canonical(Quad(*each) for each in other)
    return type(one) is type(other) and one == other


def valued(term: Term) -> Term:
    """A literal with the one form that all of its value have: numbers, booleans and times without zeros."""
    if not isinstance(term, Literal) or not term.datatype.value.startswith(_XSD):
        return term
    kind = term.datatype.value.removeprefix(_XSD)
    if kind == "boolean":
        return Literal({"0": "false", "1": "true"}.get(term.value, term.value), datatype=term.datatype)
    if kind in ("date", "dateTime"):
        return Literal(term.value.replace("+00:00", "Z"), datatype=term.datatype)
    try:
        if kind in ("integer", "decimal"):
            return Literal(_plain(term.value), datatype=term.datatype)
        if kind in ("double", "float"):
            return Literal(repr(float(term.value)), datatype=term.datatype)
    except (InvalidOperation, ValueError):
        return term
    return term


def _plain(text: str) -> str:
    """A decimal number without leading and trailing zeros; any other text as it is."""
    try:
        number = Decimal(text)
    except InvalidOperation:
        return text
    if not number.is_finite():
        return text
    return format(number.normalize() + 0, "f")


def _quads_of(table: Table, ordered: bool, lax: bool) -> list[Quad]:
    """Each different row as a blank node that has its cells, how often it is there, and its place."""
    rows = Counter(
        (place if ordered else 0, tuple(sorted(_cells_of(table, row), key=str)))
        for place, row in enumerate(table.rows)
    )
    found = []
    for (place, filled), count in rows.items():
        node = BlankNode()
        found.append(Quad(node, NamedNode("row:place"), Literal(place)))
        found.append(Quad(node, NamedNode("row:count"), Literal(1 if lax else count)))
        found += [Quad(node, NamedNode(f"cell:{name}"), term) for name, term in filled]
    return found


def _cells_of(table: Table, row: Row) -> Iterable[tuple[str, Term]]:
    return ((name, valued(term)) for name, term in zip(table.names, row, strict=True) if term is not None)


def _canonical(quads: Iterable[Quad]) -> frozenset[Quad]:
    dataset = Dataset(quads)
    dataset.canonicalize(CanonicalizationAlgorithm.UNSTABLE)
    return frozenset(dataset)


def _result_set(triples: list[Triple]) -> Table | bool:
    """A result written in RDF, with the vocabulary of the Data Access Working Group."""

    def values(subject: object, name: str) -> list[Term]:
        return [
            each.object for each in triples if each.subject == subject and each.predicate.value == _RS + name
        ]

    ((result),) = {
        each.subject
        for each in triples
        if each.predicate.value == _RDF + "type" and each.object == NamedNode(_RS + "ResultSet")
    }
    for answer in values(result, "boolean"):
        assert isinstance(answer, Literal)
        return answer.value == "true"
    names = tuple(
        sorted(str(each.value) for each in values(result, "resultVariable") if isinstance(each, Literal))
    )
    rows: list[tuple[int, Row]] = []
    for solution in values(result, "solution"):
        bound: dict[str, Term] = {}
        for binding in values(solution, "binding"):
            (name,), (value,) = values(binding, "variable"), values(binding, "value")
            assert isinstance(name, Literal)
            bound[name.value] = value
        index = [int(each.value) for each in values(solution, "index") if isinstance(each, Literal)]
        rows.append((index[0] if index else -1, tuple(bound.get(name) for name in names)))
    rows.sort(key=lambda row: row[0])
    return Table(names, tuple(row for _, row in rows), ordered=bool(rows) and rows[0][0] >= 0)
