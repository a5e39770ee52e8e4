"""The whole graph as files: the same everywhere, the same in every format, and safe to open."""

import csv
import gzip
import hashlib
import io
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import brotli
import pandas
import pyoxigraph as ox
import pytest
import rdflib
import zstandard
from conftest import write
from rdflib.compare import isomorphic

from ldnkg.codings import CODINGS
from ldnkg.dumps import Dump, columns, planned, table
from ldnkg.facts import Fact, Facts, Filed
from ldnkg.iris import PREFIXES
from ldnkg.sources import load, quads

LIGHT = "https://example.org/lights/id/light/"
AWKWARD = """\
@prefix ex: <https://example.org/lights/ont#> .
@prefix light: <https://example.org/lights/id/light/> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .

light:awkward a ex:Light ;
    ex:code "007" ;
    ex:depth -12.50 ;
    ex:formula "=HYPERLINK(\\"http://evil.example\\")", "@SUM(1)" ;
    ex:minus "-2+3" ;
    ex:range "-1", "-2" ;
    ex:said "one | two", "a \\"quoted\\", comma\\nand line" ;
    skos:prefLabel "Λ"@el .
"""


def write_dumps(folder: Path, quads: Any, triples: Any, **told: Any) -> list[Dump]:
    """Every dump of a graph, written one after the other."""
    return [dump for task in planned(folder, quads, triples, **told) for dump in task()]


@pytest.fixture
def dumped(lights: Path, tmp_path: Path) -> tuple[Path, list[Dump], set[Filed]]:
    """The dumps of the lighthouses and an awkward one, in a folder."""
    sources = load(write(lights, {"graph/light/awkward.ttl": AWKWARD}))
    assert not sources.problems
    found = set(quads(sources))
    folder = tmp_path / "dumps"
    folder.mkdir()
    return (
        folder,
        write_dumps(folder, found, union(found), base=sources.base, prefixes=sources.prefixes, context=None),
        found,
    )


def union(found: Iterable[Filed]) -> Facts:
    """The triples of these quads."""
    return Facts(triple for triple, _ in found)


def cells(folder: Path) -> dict[str, str]:
    """The row of the awkward light, by column."""
    rows = csv.DictReader(io.StringIO((folder / "light.csv").read_text(encoding="utf-8"), newline=""))
    return next(row for row in rows if row["iri"] == LIGHT + "awkward")


def test_every_format_of_the_whole_graph_says_the_same(
    dumped: tuple[Path, list[Dump], set[Filed]],
) -> None:
    folder, _, found = dumped
    expected = rdflib.Graph().parse(data="".join({f"{quad.triple} .\n" for quad in found}), format="nt")
    for name, format_ in (("ttl", "turtle"), ("jsonld", "json-ld"), ("nt", "nt"), ("rdf", "xml")):
        parsed = rdflib.Graph().parse(folder / f"graph.{name}", format=format_)
        assert isomorphic(parsed, expected), name


def test_quads_are_sorted_and_tell_the_graph(dumped: tuple[Path, list[Dump], set[Filed]]) -> None:
    folder, _, found = dumped
    text = (folder / "graph.nq").read_bytes()
    assert len(list(ox.parse(text, format=ox.RdfFormat.N_QUADS))) == len(found)
    assert text.splitlines() == sorted(text.splitlines())
    assert b"<https://example.org/lights/graph/curated>" in text


def test_every_file_has_a_sibling_in_every_coding(dumped: tuple[Path, list[Dump], set[Filed]]) -> None:
    folder, dumps, _ = dumped
    unpack = {"br": brotli.decompress, "zstd": zstandard.decompress, "gzip": gzip.decompress}
    plain = {dump.name: dump for dump in dumps if dump.coding is None}
    for coding in CODINGS:
        packed = {dump.name: dump for dump in dumps if dump.coding == coding}
        assert set(packed) == {f"{name}.{coding.suffix}" for name in plain}
        for name, dump in plain.items():
            sibling = packed[f"{name}.{coding.suffix}"]
            assert unpack[coding.token]((folder / sibling.name).read_bytes()) == (folder / name).read_bytes()
            assert sibling.media_type == dump.media_type


def test_a_gzip_tells_no_time_and_no_name(dumped: tuple[Path, list[Dump], set[Filed]]) -> None:
    packed = (dumped[0] / "graph.ttl.gz").read_bytes()
    assert packed[3] == 0  # FLG: no name (RFC 1952, section 2.3.1)
    assert packed[4:8] == bytes(4)  # MTIME


def test_what_is_told_of_a_file_is_true(dumped: tuple[Path, list[Dump], set[Filed]]) -> None:
    folder, dumps, _ = dumped
    assert {dump.name for dump in dumps} == {file.name for file in folder.iterdir()}
    for dump in dumps:
        body = (folder / dump.name).read_bytes()
        assert (dump.bytes, dump.sha256) == (len(body), hashlib.sha256(body).hexdigest())


def test_the_order_of_the_quads_does_not_matter(
    dumped: tuple[Path, list[Dump], set[Filed]], tmp_path: Path
) -> None:
    folder, dumps, found = dumped
    again = tmp_path / "again"
    again.mkdir()
    shuffled = sorted(found, key=lambda quad: hash(str(quad)[::-1]))
    base = "https://example.org/lights/"
    prefixes = load(tmp_path / "lights").prefixes
    assert write_dumps(again, shuffled, union(shuffled), base=base, prefixes=prefixes, context=None) == dumps


def test_a_table_has_a_row_for_each_thing_and_names_first(
    dumped: tuple[Path, list[Dump], set[Filed]],
) -> None:
    folder, _, _ = dumped
    rows = list(csv.reader(io.StringIO((folder / "light.csv").read_text(encoding="utf-8"), newline="")))
    assert rows[0][:3] == ["iri", "skos:prefLabel", "rdf:type"]
    assert [row[0].removeprefix(LIGHT) for row in rows[1:]] == ["awkward", "eddystone", "pharos"]


def test_numbers_in_a_table_stay_as_they_are(dumped: tuple[Path, list[Dump], set[Filed]]) -> None:
    folder, _, _ = dumped
    assert cells(folder)["ex:depth"] == "-12.50"
    assert ",-12.50," in (folder / "light.csv").read_text(encoding="utf-8")
    assert cells(folder)["ex:range"] == "-1 | -2"


def test_an_identifier_in_a_table_is_quoted_text(dumped: tuple[Path, list[Dump], set[Filed]]) -> None:
    assert '"007"' in (dumped[0] / "light.csv").read_text(encoding="utf-8")


def test_no_cell_of_a_table_is_a_formula(dumped: tuple[Path, list[Dump], set[Filed]]) -> None:
    row = cells(dumped[0])
    assert row["ex:formula"] == '\'=HYPERLINK("http://evil.example") | @SUM(1)'
    assert row["ex:minus"] == "'-2+3"


def test_a_bar_in_a_value_is_no_separator(dumped: tuple[Path, list[Dump], set[Filed]]) -> None:
    assert cells(dumped[0])["ex:said"] == 'a "quoted", comma\nand line | one \\| two'


def test_a_format_that_cannot_hold_a_character_is_left_out(tmp_path: Path) -> None:
    subject, predicate, bell = ox.NamedNode("urn:a"), ox.NamedNode("urn:p:q"), ox.Literal("bell \x07")
    quad = Filed(Fact(subject, predicate, bell), ox.NamedNode("urn:g"))
    dumps = write_dumps(tmp_path, [quad], [quad.triple], base="urn:", prefixes={}, context=None)
    assert "graph.rdf" not in {dump.name for dump in dumps}
    assert {dump.name for dump in dumps} == {file.name for file in tmp_path.iterdir()}
    assert "graph.ttl" in {dump.name for dump in dumps}


TORTURE = {
    "=1+1": "'=1+1",
    "+1 555 0100": "'+1 555 0100",
    "-2+3": "'-2+3",
    "@SUM(1)": "'@SUM(1)",
    "\t=1": "'\t=1",
    "\r=1": "'\r=1",
    "\n=1": "'\n=1",
    "＝1+1": "'＝1+1",
    "-12": "-12",
    "+1.5e3": "+1.5e3",
    "007": "007",
    "1E5": "1E5",
    "NA": "NA",
    "a | b": r"a \| b",
    'say "no"; =1+1': 'say "no"; =1+1',
    "one,two\r\nthree": "one,two\r\nthree",
    '"': '"',
    "'": "'",
    "Φάρος \u202e\u05d0": "Φάρος \u202e\u05d0",
    " =1 ": " =1 ",
    "x" * 100_000: "x" * 100_000,
    "": "",
}
"""A text, and what its cell has to hold: spreadsheets shall run nothing, programs shall read the same."""


def tortured() -> bytes:
    """A table with a row for each text, and beside it a number."""
    things = {
        f"urn:x:{number:03}": [
            ox.Triple(ox.NamedNode(f"urn:x:{number:03}"), ox.NamedNode("urn:text"), ox.Literal(text)),
            ox.Triple(ox.NamedNode(f"urn:x:{number:03}"), ox.NamedNode("urn:size"), ox.Literal(len(text))),
        ]
        for number, text in enumerate(TORTURE)
    }
    return table(things, {})


def test_a_table_is_read_back_as_it_was_meant() -> None:
    rows = list(csv.DictReader(io.StringIO(tortured().decode(), newline="")))
    assert [row["urn:text"] for row in rows] == list(TORTURE.values())
    assert [int(row["urn:size"]) for row in rows] == [len(text) for text in TORTURE]


def test_a_reader_that_looks_at_quotes_tells_text_from_numbers() -> None:
    rows = list(csv.reader(io.StringIO(tortured().decode(), newline=""), quoting=csv.QUOTE_NONNUMERIC))
    assert {tuple(map(type, row)) for row in rows[1:]} == {(str, float, str)}


def test_a_data_frame_of_text_has_the_same_cells() -> None:
    frame = pandas.read_csv(io.BytesIO(tortured()), dtype=str, keep_default_na=False)
    assert list(frame["urn:text"]) == list(TORTURE.values())


def test_no_cell_begins_as_a_formula_but_with_the_sign_of_a_number() -> None:
    for row in csv.DictReader(io.StringIO(tortured().decode(), newline="")):
        cell = row["urn:text"]
        assert not cell.startswith(tuple("=@\t\r\n＝＋－＠"))
        if cell.startswith(("+", "-")):
            float(cell)


def test_a_column_tells_what_all_its_values_are() -> None:
    prologue = "@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .\n"
    text = """
        <urn:a> <urn:n> 1 ; <urn:two> 1, 2 ; <urn:mixed> 1 ; <urn:to> <urn:b> .
        <urn:b> <urn:n> 2 ; <urn:mixed> "x" ; <urn:to> <urn:a> .
    """
    things: dict[str, list[ox.Triple]] = {"urn:a": [], "urn:b": []}
    for quad in ox.parse(prologue + text, format=ox.RdfFormat.TURTLE):
        things[str(quad.subject)[1:-1]].append(quad.triple)
    resource = PREFIXES["rdfs"] + "Resource"
    assert {each.name: each.datatype for each in columns(things, {})} == {
        "iri": resource,
        "urn:n": PREFIXES["xsd"] + "integer",
        "urn:two": None,
        "urn:mixed": None,
        "urn:to": resource,
    }


@pytest.mark.parametrize(("written", "cell"), [('"NaN"^^xsd:double', '"NaN"'), ('"01"^^xsd:integer', "01")])
def test_only_what_every_reader_takes_for_a_number_is_bare(written: str, cell: str) -> None:
    prologue = "@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .\n"
    parsed = ox.parse(f"{prologue}<urn:a> <urn:p> {written} .", format=ox.RdfFormat.TURTLE)
    body = table({"urn:a": [quad.triple for quad in parsed]}, {})
    assert body.decode().splitlines()[1] == f'"urn:a",{cell}'
