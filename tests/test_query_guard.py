"""The guard reads a query as the engine does, and refuses what is refused in every spelling."""

import gc
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ldnkg.errors import BadQuery, QueryRefused
from ldnkg.query import Limits, inspect
from ldnkg.query.tokens import line_of

LIMITS = Limits()


@pytest.mark.parametrize(
    "query",
    [
        "SELECT * { SERVICE <http://x/> { ?s ?p ?o } }",
        "SELECT * { service<http://x/>{} }",
        "SELECT * { SERVICE SILENT ?x {} }",
        "SELECT * { SERVICESILENT<http://x/>{} }",
        "SELECT * { SERVICE#here\n<http://x/>{} }",
        "SELECT * { ?s ?p 1SERVICE<http://x/>{} }",
        "SELECT * { ?s ?p trueSERVICE<http://x/>{} }",
        "PREFIX ex: <http://x/> SELECT * { SERVICEex:y { ?s ?p ?o } }",
        "PREFIX : <http://x/> SELECT * { SERVICE:y{ ?s ?p ?o } }",
        r"SELECT * { \u0053ERVICE <http://x/> {} }",
        r"SELECT * { S\U00000045RVICE <http://x/> {} }",
        "SELECT * { ?s ?p ?o FILTER(?o<?o)SERVICE?x{?c?d?e}FILTER(?s>?o) }",
        "SELECT * { ?s ?p '''a''' SERVICE <http://x/> {} }",
        "SELECT * { ?s ?p 'it\\'s' SERVICE <http://x/> {} }",
    ],
)
def test_a_call_to_another_endpoint_is_refused_however_it_is_spelt(query: str) -> None:
    with pytest.raises(QueryRefused, match=r"SERVICE is refused.*line \d+, column \d+"):
        inspect(query, LIMITS)


@pytest.mark.parametrize(
    "query",
    [
        "SELECT * { ?s ?p 'SERVICE <http://x/> {}' }",
        'SELECT * { ?s ?p """a "SERVICE" {""" }',
        "SELECT * { ?s ?p ?o } # SERVICE <http://x/> {}",
        "SELECT * { ?s <http://x/SERVICE> ?SERVICE }",
        "PREFIX service: <http://x/> SELECT * { ?s service:provides ?o }",
        "PREFIX service: <http://x/> SELECT * { GRAPH service:g { ?s ?p ?o } }",
        "PREFIX ex: <http://x/> SELECT * { ?s ex:SERVICE ex:a.SERVICE }",
        "SELECT * { ?s ?p 'Dienst'@service-x }",
    ],
)
def test_what_only_looks_like_a_call_is_let_through(query: str) -> None:
    assert inspect(query, LIMITS).form == "SELECT"


@pytest.mark.parametrize(
    "update",
    [
        "LOAD <http://x/>",
        "insert data { <a:b> <a:c> <a:d> }",
        "PREFIX ex: <http://x/> DELETE WHERE { ?s ?p ?o }",
        "# harmless\nDROP ALL",
        "BASE <http://x/> CLEAR GRAPH <g>",
        "WITH <g> DELETE { ?s ?p ?o } WHERE { ?s ?p ?o }",
    ],
)
def test_an_update_is_refused_as_such(update: str) -> None:
    with pytest.raises(QueryRefused, match="read-only"):
        inspect(update, LIMITS)


@pytest.mark.parametrize(
    ("query", "form"),
    [
        ("ask{}", "ASK"),
        ("BASE <http://x/>\nPREFIX a: <b> # c\nDESCRIBE a:d", "DESCRIBE"),
        ("CONSTRUCT WHERE { ?s ?p ?o }", "CONSTRUCT"),
        ("SELECTDISTINCT?s{}", "SELECT"),
        ("hello", None),
        ("", None),
    ],
)
def test_the_form_of_a_query_is_known_before_it_runs(query: str, form: str | None) -> None:
    assert inspect(query, LIMITS).form == form


def test_the_graphs_of_a_query_are_told_as_absolute_iris() -> None:
    query = "PREFIX g: <graph/> SELECT * FROM g:a FROM NAMED <b> from <http://x/c> { ?s ?p 'FROM <d>' }"
    assert inspect(query, LIMITS, "http://h/").graphs == ("http://h/graph/a", "http://h/b", "http://x/c")


@pytest.mark.parametrize(
    "clause",
    [
        "FROM g:a",
        "from<http://h/graph/a>",
        "FROMg:a",
        "FROM NAMEDg:a",
        "FROMNAMED<graph/a>",
        "FromNamedg:a",
        r"FROM <http://h/gr\u0061ph/a>",
        "FROM#<b>\n NAMED#\n<graph/a>",
    ],
)
def test_a_graph_is_seen_however_it_is_asked_for(clause: str) -> None:
    query = f"PREFIX g: <graph/> SELECT * {clause} {{ ?s ?p ?o }}"
    assert inspect(query, LIMITS, "http://h/").graphs == ("http://h/graph/a",)
    assert inspect(f"PREFIX g: <graph/> ASK{clause} {{}}", LIMITS, "http://h/").graphs == (
        "http://h/graph/a",
    )


def test_a_prefix_that_nobody_declared_is_told_with_its_place() -> None:
    text = "PREFIX a: <x:>\nSELECT * {\n  a:b ex:c _:d , ex:e }"
    assert inspect(text, LIMITS).undeclared == {"ex": text.index("ex:c")}


def test_a_string_without_an_end_is_told_with_its_line() -> None:
    with pytest.raises(BadQuery) as caught:
        inspect("SELECT * {\r\n ?s ?p 'a\r\n}", LIMITS)
    assert (caught.value.line, caught.value.column, caught.value.text) == (2, 8, " ?s ?p 'a")


def test_brackets_deeper_than_the_limit_do_not_reach_the_engine() -> None:
    inspect("SELECT * " + "{" * 64 + "}" * 64, LIMITS)
    for deep in ("{" * 65 + "}" * 65, "{ FILTER" + "(" * 64 + "1" + ")" * 64 + "}"):
        with pytest.raises(BadQuery, match="nested more than 64"):
            inspect(f"SELECT * {deep}", LIMITS)


def test_a_query_over_its_length_does_not_reach_the_engine() -> None:
    with pytest.raises(BadQuery, match="longer than 100,000 bytes"):
        inspect("SELECT * { ?s ?p '" + "é" * 50_000 + "' }", LIMITS)


@pytest.mark.parametrize(
    "bomb",
    [
        '"""\n' + '\\"""\n' * 19_000,
        "a." * 50_000,
        "<" * 100_000,
        "'" * 99_999,
        "a:" + "." * 99_990,
        "\\" * 100_000,
        "PREFIX a:<b>" * 8_000,
        "ASK{" + "".join(f"a{number}: " for number in range(12_000)),
    ],
)
def test_no_text_keeps_the_guard_busy(bomb: str) -> None:
    """The collector is off: it would look through all that the tests before have left."""
    gc.disable()
    begun = time.process_time()
    try:
        inspect(bomb, LIMITS)
    except BadQuery:
        pass
    finally:
        gc.enable()
    assert time.process_time() - begun < 1


@given(st.text(alphabet=st.sampled_from("SERVICE{}()<>?:\"'\\#\n u0053éa.@_;,*^"), max_size=60))
def test_whatever_comes_is_a_query_or_one_of_two_refusals(text: str) -> None:
    try:
        assert inspect(text, LIMITS).text == text
    except (BadQuery, QueryRefused):
        pass


def test_half_a_character_is_told() -> None:
    with pytest.raises(BadQuery, match="not Unicode"):
        inspect("ASK { ?s ?p '\udc80' }", LIMITS)


def test_a_line_is_given_as_it_was_written() -> None:
    assert [line_of("a\r\n\tb \nc", number) for number in (1, 2, 3, 4)] == ["a", "\tb ", "c", ""]
