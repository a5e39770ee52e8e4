"""What is sent to another engine means there what it means here; its own inventions are refused."""

import pyoxigraph as ox
import pytest

from ldnkg.errors import BadQuery, QueryRefused
from ldnkg.query.afar import _refuse_glued, as_select, refuse_theirs, within, without_from
from ldnkg.query.guard import prologue
from ldnkg.query.template import template
from ldnkg.query.tokens import tokens_of

BASE = "http://x/"
HEAD = "PREFIX ex: <http://x/> PREFIX xsd: <http://www.w3.org/2001/XMLSchema#> PREFIX b: <bif:>\n"


@pytest.mark.parametrize(
    "query",
    [
        "SELECT (b:file_to_string('/etc/passwd') AS ?x) {}",
        "SELECT (<BIF:exec>('ls') AS ?x) {}",
        "SELECT (<java:java.lang.System.exit>(1) AS ?x) {}",
        "SELECT * { ?s <bif:contains> 'x' }",
        "SELECT * { ?s ?p ?o FILTER ex:f(?o) }",
        "SELECT * { ?s ?p ?o FILTER(?s = ?o || ex:f(?o)) }",
        "SELECT * { ?s ?p ?o } ORDER BY ?s ex:f(?o)",
        "SELECT ?s { ?s ?p ?o } GROUP BY ex:f(?s) ex:g(?o)",
        "SELECT * { BIND(1/ex:f(2) AS ?x) }",
        "SELECT * { ?s <http://jena.apache.org/text#query> 'x' }",
    ],
)
def test_what_one_engine_alone_knows_is_refused(query: str) -> None:
    text = HEAD + query
    with pytest.raises(QueryRefused, match="one engine's own"):
        refuse_theirs(text, prologue(tokens_of(text), BASE))


@pytest.mark.parametrize(
    "query",
    [
        "SELECT (xsd:integer('1') AS ?x) {}",
        "SELECT * { ?s ex:p (1 2) ; ex:q [ ex:r (3) ] }",
        "SELECT * { ?s ex:p/(ex:q|ex:r) ?o FILTER(?o IN (ex:a, ex:b)) }",
        "SELECT (<javascript:alert(1)> AS ?y) {}",
    ],
)
def test_what_all_engines_know_is_let_through(query: str) -> None:
    refuse_theirs(HEAD + query, prologue(tokens_of(HEAD + query), BASE))


def test_a_keyword_that_is_glued_to_a_name_is_no_query() -> None:
    text = HEAD + "SELECT * FROMex:g { ?s ?p ?o }"
    with pytest.raises(BadQuery, match="space"):
        _refuse_glued(text, prologue(tokens_of(text), BASE))


def test_the_graphs_of_a_query_are_told_beside_it_and_lines_stay_where_they_are() -> None:
    text = HEAD + "SELECT *\nFROM ex:g\nFROM NAMED <h>\n{ ?s ?p 'FROM <x>' }"
    told, default, named = without_from(text, prologue(tokens_of(text), BASE))
    assert (default, named) == (["http://x/g"], ["http://x/h"])
    assert told.count("\n") == text.count("\n") and told.rpartition("\n")[2] == text.rpartition("\n")[2]
    assert "ex:g" not in told


@pytest.mark.parametrize(
    ("query", "select"),
    [
        ("DESCRIBE * { ?s ?p ?o }", "SELECT DISTINCT * { ?s ?p ?o }"),
        ("DESCRIBE <urn:a> <urn:b>", "SELECT DISTINCT (<urn:a> AS ?ldnkg0) (<urn:b> AS ?ldnkg1) {}"),
    ],
)
def test_what_is_described_is_selected(query: str, select: str) -> None:
    assert as_select(query) == select


@pytest.mark.parametrize(
    ("query", "limited"),
    [
        ("SELECT * { ?s ?p ?o } # all", "SELECT * { ?s ?p ?o } # all\nLIMIT 3"),
        ("SELECT * { ?s ?p ?o } LIMIT 9", "SELECT * { ?s ?p ?o } LIMIT 9"),
        ("SELECT * { ?s ?p ?o } ORDER BY ?s", "SELECT * { ?s ?p ?o } ORDER BY ?s"),
        (
            "SELECT * { { SELECT * { ?s ?p ?o } LIMIT 9 } }",
            "SELECT * { { SELECT * { ?s ?p ?o } LIMIT 9 } }\nLIMIT 3",
        ),
    ],
)
def test_no_engine_finds_more_rows_than_can_be_shown(query: str, limited: str) -> None:
    assert within(query, 3) == limited


CONSTRUCTED = """
<urn:s:1> <urn:p> 50.0 , "a\\n\\"b"@en , <urn:o> .
<urn:s:2> <urn:p> _:b . _:b <urn:p> "c" .
"""


@pytest.mark.parametrize(
    "query",
    [
        "CONSTRUCT { ?s ex:p ?o . [] ex:q ?s, 'a}b' . # x }\n } WHERE { ?s ?p ?o } ORDER BY ?s LIMIT 3",
        "CONSTRUCT WHERE { ?s <urn:p> ?o }",
        "CONSTRUCT { <urn:a> <urn:b> 'c' } WHERE { ?s ?p ?o } LIMIT 2",
        "CONSTRUCT { ?s <urn:n> ?n } WHERE { SELECT ?s (COUNT(*) AS ?n) { ?s ?p ?o } GROUP BY ?s }",
        "CONSTRUCT {} { ?s ?p ?o }",
        "CONSTRUCT { ?o ?p ?s . ?s ?s ?o . ?s ?p ?nothing . ?s <urn:q> (1 ?o) } { ?s ?p ?o }",
        "CONSTRUCT { ?s ?p ?o } { ?s ?p ?o FILTER(false) }",
    ],
)
def test_triples_that_are_made_of_rows_are_those_of_construct(query: str) -> None:
    store = ox.Store()
    store.load(CONSTRUCTED.encode(), format=ox.RdfFormat.TURTLE)
    made = template(HEAD + query)
    rows = store.query(made.select)
    assert isinstance(rows, ox.QuerySolutions)
    found = ox.Dataset(
        ox.Quad(*each) for each in made.triples([tuple(row[n] for n in made.names) for row in rows])
    )
    wanted = store.query(HEAD + query)
    assert isinstance(wanted, ox.QueryTriples)
    expected = ox.Dataset(ox.Quad(*each) for each in wanted)
    for each in (found, expected):
        each.canonicalize(ox.CanonicalizationAlgorithm.RDFC_1_0)
    assert found == expected
