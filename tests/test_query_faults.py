"""What does not parse is told with its place, what could stand there, and the usual mistake.

In the queries here § marks the place that is to be told; it is taken out before they are asked.
"""

import json

import pytest
from conftest import LIGHTS, write
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st
from pyoxigraph import Store
from served import client_of, html

from ldnkg.errors import BadQuery
from ldnkg.iris import PREFIXES
from ldnkg.query import Limits, inspect
from ldnkg.query.faults import explained, without_function
from ldnkg.query.grammar import Grammar
from ldnkg.query.mistakes import told
from ldnkg.query.tokens import tokens_of


def wrong(marked: str) -> BadQuery:
    """The fault in a query, which must be where its § is."""
    at = marked.index("§")
    text = marked.replace("§", "")
    fault = fault_of(text)
    assert fault, "the engine takes it"
    before = text[:at]
    assert (fault.line, fault.column) == (before.count("\n") + 1, at - before.rfind("\n")), fault
    assert fault.text == text.split("\n")[before.count("\n")].rstrip("\r")
    return fault


def fault_of(text: str) -> BadQuery | None:
    """What is said of a query; None when it is right."""
    try:
        query = inspect(text, Limits(), "http://x/")
        list(Store().query(text, base_iri="http://x/"))  # type: ignore[arg-type]
    except BadQuery as fault:
        return fault
    except SyntaxError as fault:
        return explained(text, str(fault), query.undeclared, PREFIXES)
    except RuntimeError as fault:
        return without_function(text, str(fault))
    except TypeError:  # a yes or no
        pass
    return None


MISTAKES = [
    # brackets
    ("SELECT * { ?s ?p ?o§", "The { of line 1, column 10 is not closed"),
    ("SELECT * {\n  { ?s ?p ?o\n}§\n", "The { of line 1, column 10 is not closed"),
    ("SELECT * { ?s ?p ?o FILTER(?o = 1 §}", r"The \( of line 1, column 27 is not closed"),
    ("SELECT * { ?s ?p ?o }\r\n\t§}", "This } closes nothing"),
    ("SELECT * { ?s ?p ?o FILTER §?o = 1 }", r"FILTER takes an expression in brackets: FILTER\(\?x = 1\)"),
    ("SELECT * { OPTIONAL §?a ?b ?c }", "OPTIONAL takes patterns in braces"),
    (
        "SELECT * { ?s ?p ?o §] }",
        r"This \] closes nothing.* a \[ is missing .* or } is meant, for the { of line 1, column 10",
    ),
    (
        "SELECT * {\n ?s ?p [ ?a ?b §) }",
        r"This \) closes nothing.* or \] is meant, for the \[ of line 2, column 8",
    ),
    ("SELECT * { ?s ?p §] }", r"This \] closes nothing: it is one too many, or a \[ is missing before it \("),
    ("SELECT §] * { ?s ?p ?o }", r"This \] closes nothing"),
    ("SELECT * { ?s ?p ?o } §]", r"This \] closes nothing"),
    ("SELECT * { ?s ?p [ ?q ( 1 §] }", r"The \( of line 1, column 23 is not closed"),
    # triples
    ("SELECT * { ?s ?p ?o §?x ?y ?z }", "A . is missing before this.*or a ;"),
    ("SELECT * { ?s a ?o\n  §<x:p> 1 }", "A . is missing before this.*or a ;"),
    ("SELECT * { ?s ?p §}", "its object is missing"),
    ("SELECT * { ?s §}", "its property and object are missing"),
    ("SELECT * { ?s ?p ?o, §}", "its object is missing"),
    # operators
    ("SELECT * { ?s ?p ?o FILTER(?o =§= 1) }", "Equal is written with one ="),
    ("SELECT * { ?s ?p ?o FILTER(?o §<> 1) }", "Unequal is written !="),
    ("SELECT * { ?s ?p ?o FILTER(?o > 1 §and ?o < 3) }", "AND is written &&"),
    ("SELECT * { ?s ?p ?o FILTER(?o & §?p) }", "And is written &&"),
    # escaped, pasted, typed elsewhere
    ("SELECT * { ?s ?p ?o FILTER(?o §&lt; 1) }", "escaped for HTML.*not &lt;"),
    ("SELECT * { ?s ?p §“a” }", 'U\\+201C LEFT DOUBLE QUOTATION MARK.*write "'),
    ("SELECT * { ?s ?p §‘a’ }", "U\\+2018 LEFT SINGLE QUOTATION MARK.*write '"),
    ("SELECT * { ?s ?p ?o FILTER§（?o > 1) }", r"U\+FF08 FULLWIDTH LEFT PARENTHESIS.*write \("),
    ("§ＳＥＬＥＣＴ * {}", "FULLWIDTH LATIN CAPITAL LETTER S.*write SELECT"),
    ("SELECT *§\u00a0{ ?s ?p ?o }", r"U\+00A0 NO-BREAK SPACE\) is no space here"),
    ("SELECT * { ?s ?p 'it's§' }", "string that begins here does not end"),
    ('SELECT * { ?s ?p §"""a" }', 'string that begins here with """ does not end: it ends with """, too'),
    ("SELECT * {\n ?s ?p §'''a b 'c' }", "string that begins here with ''' does not end"),
    ('SELECT * { ?s ?p §"""a\n b }', 'string that begins here with """ does not end'),
    ('SELECT * { ?s ?p ?o FILTER(?o = §"""a") }', 'string that begins here with """ does not end'),
    ('SELECT * { ?s ?p "" §"a" }', "where"),
    # escapes of SPARQL where the engine reads none
    (
        r"§SEL\u0045CT * { ?s ?p ?o }",
        r"A keyword cannot be spelt with an escape such as \\u0045: write SELECT",
    ),
    (r"ASK { ?s ?p ?o §F\U00000049LTER(?o) }", r"such as \\U00000049: write FILTER"),
    (r"SELECT (§\u0043OUNT(*) AS ?n) { ?s ?p ?o }", "write COUNT"),
    (r"ASK { FILTER(§stRL\u0065n('a') = 1) }", "write STRLEN"),
    (
        r"ASK { ?s §?\u0070 ?o }",
        r"An escape such as \\u0070 can stand in strings and in IRIs in angle brackets",
    ),
    (r"PREFIX e: <http://e/> ASK { ?s e:f§\u0066 ?o }", r"An escape such as \\u0066 can stand in strings"),
    (r"ASK { ?s ?p §\uD800 }", r"An escape such as \\uD800 can stand in strings"),
    # words
    ("§SELCT * {}", "is SELECT meant"),
    ("ASK { ?s ?p ?o §OPTIONL { ?a ?b ?c } }", "is OPTIONAL meant"),
    ("ASK { ?s ?p ?o §FILTR(?o) }", "is FILTER meant"),
    ("ASK { FILTER(§STRLENGTH('a')) }", "There is no function STRLENGTH: is STRLEN or"),
    ("ASK { FILTER(§fooo(?x)) }", "There is no function fooo"),
    ("ASK { FILTER(§REGEX(?x)) }", "REGEX takes 2 to 3 arguments, and has 1"),
    ("ASK { VALUES ?x { 1 } FILTER(§<http://e/f>(?x)) }", "There is no function <http://e/f> here"),
    ("PREFIX e: <http://e/> SELECT (§e:f(1) AS ?x) { }", "There is no function <http://e/f> here"),
    ("SELECT * { ?s ?p ?o } LIMIT §abc", "“abc” stands where a number should be"),
    # prologue and IRIs
    ("SELECT * {\n <x:é> ?p ?o .\n ?s §ex:b ?o }", "The prefix ex: is not declared"),
    ("SELECT * { ?s §rdfs:label ?o }", f"PREFIX rdfs: <{PREFIXES['rdfs']}>"),
    ("SELECT * { ?s a §http://x/y }", "An IRI stands in angle brackets"),
    ("PREFIX ex: §http://x/ SELECT * {}", "An IRI stands in angle brackets"),
    ("SELECT * { ?s ?p §<a b> }", "The IRI that begins here"),
    ("SELECT * { ?s a §<http://%zz> . ?s a <foo> }", "is no IRI"),
    ("§@prefix a: <http://x/> . SELECT * {}", "SPARQL declares with PREFIX"),
    ("PREFIX a: <http://x/> §. SELECT * {}", "No dot follows a declaration"),
    ("PREFIX §a <http://x/> SELECT * {}", "A prefix is declared with a colon"),
    # the head and the foot of a query
    ("SELECT ?a§, ?b { ?a ?b ?c }", "listed without commas"),
    ("SELECT §COUNT(?x) { ?x ?y ?z }", r"\(COUNT\(…\) AS \?name\)"),
    ("SELECT (COUNT(?x)§) { ?x ?y ?z }", "An expression needs a name here"),
    ("SELECT * { ?s ?p ?o } LIMIT 1 §ORDER BY ?s", "The order is GROUP BY, HAVING, ORDER BY"),
    ("SELECT * {?a ?b ?c} §SELECT * {?a ?b ?c}", "One request asks one query"),
    ("ASK { ?a ?b ?c }§; DELETE WHERE { ?a ?b ?c }", "One request asks one query"),
    ("§", "The query ends where ASK, .* or SELECT should be"),
    # what the grammar does not see
    ("SELECT ?s §?o (COUNT(?p) AS ?n) { ?s ?p ?o } GROUP BY ?s", r"\?o is not in GROUP BY.*SAMPLE\(\?o\)"),
    ("SELECT (COUNT(*) AS ?n) §?x { ?x ?y ?z }", "is not in GROUP BY"),
    ("§SELECT * { ?s ?p ?o } GROUP BY ?s", r"SELECT \* cannot be grouped"),
    ("ASK { ?s ?p ?o FILTER(§COUNT(?o) > 1) }", "COUNT cannot stand in FILTER: use HAVING"),
    ("SELECT * { BIND(1 AS ?x) BIND(2 AS §?x) }", r"\?x has a value already"),
    ("ASK { VALUES (?a ?b) { §(1) } }", "This row has 1 values for 2 variables"),
    ("ASK { _:a ?p 1 . OPTIONAL { §_:a ?q 2 } }", "_:a is used in another group"),
    ("ASK { ?s ?p 'a§\\q' }", r"The escape \\q stands for no character"),
    (
        r"ASK { ?s ?p 'a§\uD8' }",
        r"The escape \\uD8 is not whole: \\u takes 4 hexadecimal digits, \\U takes 8",
    ),
    (r"ASK { ?s ?p 'a§\u00zz' }", r"The escape \\u00 is not whole"),
    (r"ASK { ?s ?p 'a§\U0001F60' }", r"The escape \\U0001F60 is not whole"),
    ("ASK {\n ?s ?p 'a\\\\§\\uD800' }", r"The escape \\uD800 stands for half a character"),
    (r"ASK { ?s ?p '§\uD83D\uDE00' }", r"half a character: write \\U0001F600"),
    (r"ASK { ?s ?p '§\U00110000' }", r"The escape \\U00110000 stands for no character"),
    (r"ASK { <http://x/§\uD800> ?p ?o }", r"The escape \\uD800 stands for half a character"),
    (r"ASK { §<http://x/\uD8> ?p ?o }", r"The IRI that begins here .*The escape \\uD8 is not whole"),
    (r"ASK { §<http://x/a\b> ?p ?o }", r"The IRI that begins here .*The escape \\b stands for no character"),
    # far right and far down
    ("SELECT * {\r\n\t?é ?p '灯𝒳é' §?q }", "A . is missing"),
    ("# 灯\nSELECT *\n\n{ ?s ?p '''a\n灯''' ; ?q §}", "its object is missing"),
]


@pytest.mark.parametrize(("marked", "sentence"), MISTAKES, ids=[each[1][:40] for each in MISTAKES])
def test_a_mistake_is_told_with_its_place_and_its_remedy(marked: str, sentence: str) -> None:
    with pytest.raises(BadQuery, match=sentence):
        raise wrong(marked)


def test_what_could_stand_there_is_told_in_words() -> None:
    assert wrong("SELECT * { ?s ?p §}").expected == ("a term",)
    assert wrong("SELECT * { ?s ?p ?o } ORDER §?s").expected == ("BY",)
    assert wrong("SELECT * { FILTER(1 + §) }").expected == ("an expression",)
    assert told(frozenset({"var", ")", "AS"})) == ("a variable", ")", "AS")


def test_a_caret_stands_below_its_column_in_a_terminal() -> None:
    fault = wrong("SELECT * {\n\t'é灯e\u0301' ?p §}")
    assert fault.text + "\n" + fault.pointer == "\t'é灯e\u0301' ?p }\n\t          ^"
    assert BadQuery("", 1, 4, "ab").pointer == "   ^"


@pytest.mark.parametrize("left", [0, 5, 79, 80, 81, 1000, 59_990])
@pytest.mark.parametrize("right", [0, 5, 80, 1000, 59_990])
def test_of_a_long_line_what_is_around_the_column_is_shown(left: int, right: int) -> None:
    line = "é" * left + "|" + "b" * right
    fault = BadQuery("", 1, left + 1, line)
    assert fault.text == line
    assert len(fault.shown) <= 162
    assert fault.shown[fault.pointer.index("^")] == "|"
    assert fault.shown.strip("…") in line
    assert fault.shown.startswith("…") == (not line.startswith(fault.shown.strip("…")))
    assert fault.shown.endswith("…") == (not line.endswith(fault.shown.strip("…")))


def test_a_column_behind_a_long_line_is_pointed_at() -> None:
    fault = BadQuery("", 1, 1005, "a" * 1000)
    assert len(fault.pointer) == len(fault.shown) + 5


LONG = "a" * 30_000


@pytest.mark.parametrize(
    "query",
    [
        f"SELECT * {{ ?s ?p ?o FILTER({LONG}(?o)) }}",
        f"SELECT * {{ ?s ?p ?o }} LIMIT {LONG}",
        f"SELECT * {{ ?s ?p ?o }} LIMIT '{LONG}'",
        f"SELECT * {{ ?s ?p ?o FILTER(<x:{LONG}>(?o)) }}",
        f"SELECT * {{ ?s ?p <{LONG}%zz> }}",
        f"SELECT ?{LONG} (COUNT(?p) AS ?n) {{ ?s ?p ?o }} GROUP BY ?s",
        f"SELECT * {{ BIND(1 AS ?{LONG}) BIND(2 AS ?{LONG}) }}",
        f"ASK {{ _:{LONG} ?p 1 . OPTIONAL {{ _:{LONG} ?q 2 }} }}",
        f"PREFIX {LONG} <http://x/> ASK {{}}",
        "ＳＥＬＥＣＴ" + "Ａ" * 10_000 + " * {}",
        f"SELECT * {{ ?s ?p ?o . # {LONG}\n ?s {LONG}:p ?o }}",
    ],
    ids=lambda query: query.replace(LONG, "…")[:60],
)
def test_no_sentence_repeats_a_long_word(query: str) -> None:
    fault = fault_of(query)
    assert fault
    assert len(str(fault)) < 500
    assert len(fault.shown) < 200


RIGHT = [
    "SELECT*{?s ?p ?o}",
    "PREFIX : <http://e/> SELECT (:a AS ?b) { :s :p/:q*|^:r?/!(:a|^a)+ ?o , 1, -2.5, .5e3, true ; a :c }",
    "SELECT DISTINCT ?a (COUNT(DISTINCT *) AS ?n) FROM <a> FROM NAMED <b> { ?a ?b [ ?c ( 1 [] () ) ] } "
    "GROUP BY ?a (STR(?a) AS ?t) HAVING (COUNT(*) > 1) (MAX(?a) = 2) ORDER BY DESC(?a) ?n LIMIT 5 OFFSET 2 "
    "VALUES ?a { UNDEF 'x'@en }",
    "ASK { FILTER(?a IN (1, 2) || ?b NOT IN () && !(?c = -?d * +2 / 3)) FILTER NOT EXISTS { ?a ?b ?c } }",
    "CONSTRUCT WHERE { ?s ?p ?o . ?s ?q 'a'^^<b> ; . } LIMIT 1",
    "CONSTRUCT { ?s ?p ?o } FROM <x> { { SELECT * { ?s ?p ?o } } UNION { } MINUS { ?s ?p 1 } GRAPH ?g { } }",
    "DESCRIBE <a> ?b { VALUES (?b ?c) { (<x> UNDEF) } BIND(IF(BOUND(?b), 2, 1) AS ?d) }",
    "SELECT (GROUP_CONCAT(DISTINCT ?o ; SEPARATOR = ', ') AS ?l) { ?s ?p ?o }",
]


@pytest.mark.parametrize("text", RIGHT)
def test_the_grammar_takes_what_the_engine_takes(text: str) -> None:
    assert fault_of(text) is None
    assert Grammar().read(tokens_of(text)) is None


@given(text=st.sampled_from(RIGHT), data=st.data())
def test_a_query_with_a_token_too_few_is_explained_within_its_text(text: str, data: st.DataObject) -> None:
    tokens = tokens_of(text)
    gone = data.draw(st.sampled_from(tokens))
    text = text[: gone.start] + text[gone.start + len(gone.text) :]
    if fault := fault_of(text):
        assert fault.line == 1
        assert 1 <= (fault.column or 0) <= len(text) + 1
        assert str(fault).endswith(".")


@given(st.text(alphabet="SELECTWHERFIGROUPBY{}()<>?:\"'\\#\n @^*|/+-.;,=!&u0aé", max_size=40))
def test_whatever_the_engine_refuses_is_explained(text: str) -> None:
    try:
        fault = fault_of(f"SELECT * {{ {text} }}")
    except Exception as other:
        assert type(other).__name__ == "QueryRefused", other
    else:
        assert fault is None or (fault.line and fault.column)


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> FlaskClient:
    folder = tmp_path_factory.mktemp("faults")
    return client_of(write(folder / "lights", LIGHTS), folder / "releases")


QUERY = "SELECT * {\r\n\t?s ?p '灯' ?x }"


def test_a_program_gets_the_fault_as_members(client: FlaskClient) -> None:
    response = client.get("/sparql", query_string={"query": QUERY})
    assert (response.status_code, response.mimetype) == (400, "application/problem+json")
    problem = json.loads(response.data)
    assert (problem["line"], problem["column"], problem["text"]) == (2, 12, "\t?s ?p '灯' ?x }")
    assert problem["pointer"] == "\t           ^"
    assert "." in problem["expected"]


def test_a_terminal_gets_the_line_with_a_caret_below(client: FlaskClient) -> None:
    response = client.get(
        "/sparql", query_string={"query": QUERY}, headers={"Accept": "text/plain, */*;q=0.1"}
    )
    lines = response.text.splitlines()
    assert lines[-2:] == ["\t?s ?p '灯' ?x }", "\t           ^"]


FAR = "SELECT * { " + "?s ?p '灯' . " * 4000 + "?s ?p ?o ?x }" + " # and so on" * 500
"""A line of some 60 kB; what is wrong with it stands near its end."""


@pytest.mark.parametrize("accept", ["application/json", "text/plain, */*;q=0.1", "text/html"])
def test_nobody_gets_a_long_line_back(client: FlaskClient, accept: str) -> None:
    response = client.post("/sparql", data={"query": FAR}, headers={"Accept": accept})
    assert response.status_code == 400
    if accept == "text/html":
        (shown,) = [each for each in html(response).iter("pre") if "^" in "".join(each.itertext())]
        line, caret = "".join(shown.itertext()).split("\n")[:2]
        assert line[len(caret) - 1 :].startswith("?x }")
    else:
        assert len(response.data) < 2000
        line, caret = (
            response.text.splitlines()[-2:]
            if response.mimetype == "text/plain"
            else (json.loads(response.data)[name] for name in ("text", "pointer"))
        )
        wide = line[: line.index("?x")].count("灯")
        assert len(caret) - 1 - wide == line.index("?x }")
    assert line.count("…") == 2
