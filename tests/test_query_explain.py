"""The shape of a query is told before it runs: its patterns, what joins them, and what may be slow."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import pytest
from conftest import LIGHTS, write
from pyoxigraph import Literal, NamedNode

from ldnkg.errors import BadQuery
from ldnkg.iris import PREFIXES
from ldnkg.query import Limits, inspect
from ldnkg.query.estimates import Estimates
from ldnkg.query.examples import read as examples
from ldnkg.query.explain import Explanation, explain, sound_shape
from ldnkg.query.patterns import Joint, Pattern, Shape
from ldnkg.query.patterns import Path as PropertyPath
from ldnkg.query.shape import LONGEST, MOST_TOKENS, shape
from ldnkg.query.statistics import Statistics, read
from ldnkg.query.tallies import Use
from ldnkg.release import Release, build
from ldnkg.sources import load
from ldnkg.store import Store, open_release

BASE = "https://lights.example/"
EX = BASE + "ont#"
HEAD = f"PREFIX ex: <{EX}> PREFIX skos: <{PREFIXES['skos']}> PREFIX light: <{BASE}id/light/>\n"


@dataclass(frozen=True)
class Graph:
    """The lighthouses, with the numbers that VoID has of them, and numbers as if they were many."""

    store: Store
    counted: Statistics
    many = Statistics(
        1_000_000, {EX + "Light": 20_000}, {EX + "height": 30_000, EX + "keptBy": 40_000, EX + "state": 3}
    )

    def told(self, query: str, statistics: Statistics | None = None) -> Explanation:
        """What is told of a query."""
        return explain(shaped(query), Estimates(self.store, statistics or self.counted))

    def kinds(self, query: str, statistics: Statistics | None = None) -> list[str]:
        """Which notices a query gets besides what it costs; by default of many lights."""
        found = (each.kind for each in self.told(query, statistics or self.many).notices)
        return [each for each in found if each != "cost"]


@pytest.fixture(scope="module")
def graph(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Graph]:
    folder = tmp_path_factory.mktemp("explained")
    store = open_release(build(load(write(folder / "lights", LIGHTS)), folder / "releases", BASE).path)
    yield Graph(store, read(store, NamedNode(BASE + "dataset")))
    store.close()


def shaped(query: str) -> Shape:
    found = shape(HEAD + query, BASE)
    assert found is not None
    return found


def triples(query: str) -> list[tuple[Any, Any, Any]]:
    """The patterns of a query, variables by their names."""

    def plain(node: Any) -> Any:
        if isinstance(node, Joint):
            return node.name
        return node.value.replace(EX, "") if isinstance(node, NamedNode) else node

    patterns = shaped(query).patterns
    return [(plain(each.subject), plain(each.predicate), plain(each.object)) for each in patterns]


def test_patterns_are_read_however_they_are_written() -> None:
    assert triples(
        "SELECT * { ?a ex:p ?b, 'x'@en ; ex:q [ ex:r 5 ] . FILTER(?b > 1) OPTIONAL { ?b a ex:C } }"
    ) == [
        ("?a", "p", "?b"),
        ("?a", "p", Literal("x", language="en")),
        ("[]1", "r", Literal("5", datatype=NamedNode(PREFIXES["xsd"] + "integer"))),
        ("?a", "q", "[]1"),
        ("?b", PREFIXES["rdf"] + "type", "C"),
    ]
    assert triples("select*{?a<x:p>(1)}") == [
        ("()1", PREFIXES["rdf"] + "first", Literal("1", datatype=NamedNode(PREFIXES["xsd"] + "integer"))),
        ("()1", PREFIXES["rdf"] + "rest", PREFIXES["rdf"] + "nil"),
        ("?a", "x:p", "()1"),
    ]


def test_a_template_is_no_pattern() -> None:
    assert triples("CONSTRUCT { ?a ex:new ?b } WHERE { ?a ex:old ?b }") == [("?a", "old", "?b")]
    assert triples("CONSTRUCT WHERE { ?a ex:old ?b }") == [("?a", "old", "?b")]
    assert triples(f"DESCRIBE <{BASE}id/light/pharos>") == []


def test_a_sequence_is_a_join_and_an_inverse_is_turned_round() -> None:
    assert triples("ASK { ?a ex:p/^ex:q ?b }") == [("?a", "p", "/1"), ("?b", "q", "/1")]
    (pattern,) = shaped("ASK { ?a (ex:p|^ex:q)* ?b }").patterns
    assert isinstance(pattern.predicate, PropertyPath)
    assert pattern.predicate.is_endless
    assert [each.value for each in pattern.predicate.properties()] == [EX + "p", EX + "q"]


def test_strings_have_the_value_that_they_stand_for() -> None:
    ((_, _, value),) = triples(r'ASK { ?a ex:p """a"b\n\u00e9\"""" }')
    assert value == Literal('a"b\né"')


def test_numbers_come_from_void_and_from_the_lists_of_a_node(graph: Graph) -> None:
    told = graph.told(
        "SELECT * { ?l a ex:Light ; ex:height ?h ; ex:height 49.0 ; ex:nowhere ?n . "
        "light:eddystone ?p ?o . "
        "light:eddystone skos:altLabel ?alt . ?s ?any ?thing . "
        "?k ex:keptBy|ex:state ?v . ?x skos:broader* ?y }"
    )
    found = [(each.estimate.kind, each.estimate.number) for each in told.patterns]
    said = len(list(graph.store.properties(NamedNode(BASE + "id/light/eddystone"), "outgoing").items()))
    assert found[:4] == [("counted", 2), ("counted", 2), ("at most", 2), ("counted", 0)]
    assert found[4] == ("counted", said)
    assert found[5] == ("counted", 1)
    assert found[6] == ("counted", graph.counted.triples)
    assert found[7] == ("at most", 3)
    assert found[8] == ("unknown", None)


def test_the_variables_that_join_patterns_are_named(graph: Graph) -> None:
    told = graph.told("SELECT * { ?l a ex:Light . ?l ex:keptBy ?k . ?k skos:prefLabel ?name }")
    assert [each.joins for each in told.patterns] == [
        (("?l", (2,)),),
        (("?k", (3,)), ("?l", (1,))),
        (("?k", (2,)),),
    ]


def test_a_variable_that_a_subquery_does_not_show_joins_nothing_outside(graph: Graph) -> None:
    inner = "SELECT (COUNT(?k) AS ?n) ?m { ?l ex:keptBy ?k . ?m ex:keptBy ?l } GROUP BY ?m"
    hidden = f"{{ ?l ex:height ?h {{ {inner} }} }}"
    assert [each.joins for each in graph.told("SELECT * " + hidden).patterns] == [
        (),
        (("?l", (3,)),),
        (("?l", (2,)),),
    ]
    assert graph.kinds("SELECT * " + hidden) == ["product"]
    assert (
        graph.kinds("SELECT * " + hidden.replace(" ?m {", " ?l {").replace("GROUP BY ?m", "GROUP BY ?l"))
        == []
    )


@pytest.mark.parametrize(
    "body",
    [
        "?a ex:height ?h . ?b ex:keptBy ?k",
        "?a ex:height ?h OPTIONAL { ?b ex:keptBy ?k }",
        "?a ex:height ?h { ?b ex:keptBy ?k } UNION { ?b a ex:Light }",
        "?a ex:height ?h . ?b ex:keptBy ?k OPTIONAL { ?a ex:state ?s . ?s ex:of ?b }",
        "{ ?a ex:height ?h . ?b ex:keptBy ?k } UNION { ?a a ex:Light }",
        "?a ex:height ?h MINUS { ?a ex:state ?s } ?b ex:keptBy ?k",
        "GRAPH ?g { ?a ex:height ?h . ?b ex:keptBy ?k }",
        "VALUES ?a { 1 2 } ?b ex:keptBy ?k",
    ],
)
def test_what_nothing_joins_is_a_product(graph: Graph, body: str) -> None:
    assert "product" in graph.kinds(f"SELECT * {{ {body} }}")


@pytest.mark.parametrize(
    "body",
    [
        "?a ex:height ?h . ?a ex:keptBy ?k",
        "?a ex:height ?h . ?b ex:height ?i . FILTER(?h = ?i)",
        "?a ex:height ?h . ?b ex:keptBy ?k . FILTER(sameTerm(STR(?a), STR(?b)))",
        "?a ex:height ?h . ?b ex:keptBy ?k . FILTER(?k IN (?h))",
        "?a ex:height ?h . BIND(IRI(CONCAT(STR(?a), 'x')) AS ?b) ?b ex:keptBy ?k",
        "VALUES (?a ?b) { (1 2) (3 4) } ?a ex:height ?h . ?b ex:keptBy ?k",
        "VALUES ?x { 1 } ?a ex:height ?h",
        "?a ex:height ?h OPTIONAL { ?a ex:keptBy ?k }",
        "?a ex:height ?h ; ex:state ?s OPTIONAL { ?a ex:keptBy ?k . ?s ex:of ?z }",
        "?a ex:height ?h OPTIONAL { ?b ex:keptBy ?k FILTER(?b = ?a) }",
        "{ ?a ex:height ?h } UNION { ?b ex:keptBy ?k }",
        "?a ex:height [ ex:keptBy ?k ]",
        "?a ex:height/ex:keptBy ?k",
        "?a ex:height ?h FILTER NOT EXISTS { ?a ex:keptBy ?k . ?h ex:of ?z }",
        "?a ex:height ?h . light:pharos ex:height ?i",
        "{ SELECT (COUNT(*) AS ?n) { ?a ex:height ?h } } { SELECT (COUNT(*) AS ?m) { ?b ex:keptBy ?k } }",
        "{ SELECT ?a { ?a ex:height ?h } LIMIT 1 } ?b ex:keptBy ?k",
    ],
)
def test_what_something_joins_is_no_product(graph: Graph, body: str) -> None:
    assert graph.kinds(f"SELECT * {{ {body} }}") == []


def test_a_filter_that_is_no_equality_is_told_mildly(graph: Graph) -> None:
    told = graph.told("SELECT * { ?a ex:height ?h . ?b ex:keptBy ?k . FILTER(?h < ?k) }", graph.many)
    assert [(each.kind, each.level, each.patterns) for each in told.notices] == [("product", "note", (1, 2))]


def test_a_product_says_how_much_it_is(graph: Graph) -> None:
    (large,) = graph.told("SELECT * { ?a ex:height ?h . ?b ex:keptBy ?k }", graph.many).notices
    assert large.level == "warning"
    assert "30,000 × 40,000 = 1,200,000,000" in large.sentence
    (small,) = graph.told("SELECT * { ?a ex:height ?h . ?b a ex:Light }").notices
    assert small.level == "note"
    assert "2 × 2 = 4" in small.sentence


def test_an_open_path_of_any_length_is_warned_of(graph: Graph) -> None:
    assert graph.kinds("SELECT * { ?a ex:state+ ?b }") == ["path"]
    assert graph.kinds("SELECT * { ?a (ex:state|^ex:keptBy)* ?b FILTER(?a = ?b) }") == ["path"]
    assert graph.kinds("SELECT * { ?a ex:state? ?b }") == []
    assert graph.kinds("SELECT * { light:pharos ex:state+ ?b }") == []
    assert graph.kinds("SELECT * { ?a a ex:Light ; ex:state+ ?b }") == []
    assert graph.kinds("SELECT * { VALUES ?a { light:pharos } ?a ex:state* ?b }") == []


def test_sorting_of_everything_is_warned_of(graph: Graph) -> None:
    assert graph.kinds("SELECT * { ?a ex:height ?h } ORDER BY ?h") == ["order"]
    assert graph.kinds("SELECT * { ?a ex:height ?h } ORDER BY ?h LIMIT 10") == []
    assert graph.kinds("SELECT * { ?a ex:height ?h ; ex:state ?s } ORDER BY ?h") == []
    assert graph.kinds("SELECT ?h (COUNT(*) AS ?n) { ?a ex:height ?h } GROUP BY ?h ORDER BY ?n") == []
    assert graph.kinds("SELECT * { ?a ex:height ?h } ORDER BY ?h", graph.counted) == []


def test_a_search_of_everything_is_told(graph: Graph) -> None:
    assert graph.kinds("SELECT * { ?a ?p ?o FILTER REGEX(STR(?o), 'x') }") == ["search"]
    assert graph.kinds("SELECT * { ?a ex:state ?o FILTER CONTAINS(STR(?o), 'x') }") == []


def test_minus_that_takes_nothing_away_and_variables_without_a_value_are_told(graph: Graph) -> None:
    assert graph.kinds("SELECT * { ?a ex:state ?s MINUS { ?b ex:keptBy ?k } }") == ["minus"]
    assert graph.kinds("SELECT * { ?a ex:state ?s MINUS { ?a ex:keptBy ?k } }") == []
    told = graph.told("SELECT ?stat { ?a ex:state ?s FILTER(?x = 5) } ORDER BY ?y")
    assert [each.sentence.split()[0] for each in told.notices] == ["?stat", "?y", "?x"]
    assert graph.kinds("SELECT (COUNT(?a) AS ?n) (?n + 1 AS ?m) { ?a ex:state ?s } HAVING(?n > 1)") == []


def test_no_example_of_the_curated_graph_is_warned_of(curated: Release) -> None:
    base, store = curated.manifest["base"], open_release(curated.path)
    prefixes = {**PREFIXES, **curated.manifest["prefixes"]}
    counted = read(store, NamedNode(base + "dataset"))
    asked = [each.runnable(prefixes) for each in examples(store)]
    assert len(asked) > 50
    shapes = [sound(text, base, prefixes) for text in asked]
    told = [explain(each, Estimates(store, counted)) for each in shapes]
    store.close()
    assert [notice for each in told for notice in each.notices] == []
    assert min(len(each.patterns) for each in told) > 0


def sound(text: str, base: str, prefixes: dict[str, str]) -> Shape:
    """The shape of a query that is checked first."""
    return sound_shape(inspect(text, Limits(), base), base, prefixes)


def test_a_query_that_leaves_the_grammar_is_a_fault_with_its_place() -> None:
    for text, line in (("SELECT ?x {\n?x ?y ;; ?z ) }", 2), ("ASK { ?x ex:p ?y }", 1), ("ASK {", 1)):
        with pytest.raises(BadQuery) as raised:
            sound(text, BASE, {"ex": EX})
        assert raised.value.line == line


@pytest.mark.parametrize(
    "text",
    [
        "SELECT * {" + "?a ?b ?c ." * 2000 + "}",
        "SELECT * { ?s " + "/".join(["<a:b>"] * 9000) + " ?o }",
        "SELECT * {} #" + "x" * LONGEST,
    ],
)
def test_what_is_too_long_is_not_read(text: str) -> None:
    assert shape(text, BASE) is None
    with pytest.raises(BadQuery, match=f"more than {MOST_TOKENS:,} words"):
        sound(text, BASE, {})


@pytest.mark.parametrize(
    "text",
    [
        *(
            "",
            "{",
            "}",
            "SELECT",
            "ASK {",
            "ASK { ?a",
            "ASK { ?a ex:p",
            "ASK { ( ",
            "ASK {} }",
            "CONSTRUCT {",
        ),
        *(
            "SELECT * { VALUES ?x { ",
            "ASK { ?a ?b ?c FILTER",
            "ASK { FILTER(",
            "ASK { { SELECT",
            "ASK { ?a !(",
        ),
        *("ASK { ?a <p> 5^^ }", "ASK { << ?a ?b ?c >> ?d ?e }", "ASK { ?a <http://[> ?b }"),
        *("ASK { ?a ex:p -'x' }", "ASK { ?a ex:p '\\uD800' }"),
    ],
)
def test_what_is_no_query_has_no_shape_and_harms_nobody(text: str) -> None:
    assert shape(text, BASE) is None


def test_brackets_may_be_as_deep_as_a_query_may_have_them() -> None:
    depth = Limits().nesting
    for opening, inside, closing in (("{", "?a ?b ?c", "}"), ("OPTIONAL {", "?a ?b ?c", "}")):
        text = "ASK {" + opening * (depth - 1) + inside + closing * (depth - 1) + "}"
        inspect(text, Limits())
        assert len(shaped(text).patterns) == 1
    path = "ASK { ?a " + "(" * (depth - 1) + "ex:p" + ")" * (depth - 1) + " ?b }"
    assert triples(path) == [("?a", "p", "?b")]


def test_the_look_ups_for_a_query_are_bounded(graph: Graph) -> None:
    class Counting:
        asked = 0

        def properties(self, *_: object) -> dict[NamedNode, int]:
            Counting.asked += 1
            return {}

        def select(self, *_: object, **__: object) -> list[object]:
            Counting.asked += 1
            return []

    for pattern in ("light:l{0} ?p ?o{0} .", "?s{0} ex:p{0} ?o{0} ."):
        Counting.asked = 0
        text = "SELECT * {" + "".join(pattern.format(number) for number in range(400)) + "}"
        told = explain(shaped(text), Estimates(Counting(), graph.counted))  # type: ignore[arg-type]
        assert len(told.patterns) == 400
        assert Counting.asked == 100
        assert [each.estimate.kind for each in told.patterns[100:]] == ["unknown"] * 300


def test_notices_are_few(graph: Graph) -> None:
    union = "SELECT * {" + "{ ?a ?b ?c . ?d ?e ?f } UNION " * 100 + "{} }"
    assert graph.kinds(union) == ["product"] * 20


def test_a_pattern_counts_from_one_in_the_order_of_writing() -> None:
    patterns = shaped(
        "SELECT * { ?a ex:p ?b { SELECT * { ?c ex:q ?d } } FILTER EXISTS { ?e ex:r ?f } }"
    ).patterns
    assert [(each.number, isinstance(each, Pattern)) for each in patterns] == [
        (1, True),
        (2, True),
        (3, True),
    ]


def costs(graph: Graph, query: str, **numbers: int) -> list[str]:
    """What is told of the cost of a query; `numbers` are the triples of properties."""
    uses = {NamedNode(EX + name): Use(count, count, count // 1000) for name, count in numbers.items()}
    estimates = Estimates(
        graph.store, replace(graph.many, properties={EX + k: n for k, n in numbers.items()})
    )
    return [each.sentence for each in explain(shaped(query), estimates, uses).notices if each.kind == "cost"]


def test_what_a_first_run_reads_is_told_where_it_is_much(graph: Graph) -> None:
    told = costs(graph, "SELECT (COUNT(*) AS ?n) (MAX(?o) AS ?m) { ?s ?p ?o }")
    assert told == ["The first run reads about 1,000,000 triples: less than a second."]
    joined = "SELECT ?k (AVG(?h) AS ?a) { ?l ex:keptBy ?k ; ex:height ?h } GROUP BY ?k"
    assert costs(graph, joined, keptBy=400_000, height=412_000) == [
        "The first run reads about 800,000 triples: some seconds."
    ]
    assert costs(graph, joined, keptBy=40_000, height=41_000) == []
    hub = "SELECT ?l { ?k ex:state ?s . ?l ex:keptBy ?k } ORDER BY ?l"
    assert costs(graph, hub, state=4_000, keptBy=4_000_000) == [
        "The first run reads about 4,000,000 triples: perhaps more than a query may take."
    ]


def test_a_query_that_may_stop_early_or_whose_numbers_are_not_known_has_no_cost(graph: Graph) -> None:
    assert costs(graph, "SELECT * { ?s ?p ?o } LIMIT 10") == []
    assert costs(graph, "SELECT * { ?l ex:height ?h ; ex:keptBy* ?k }", height=900_000) == []
    assert costs(graph, "SELECT * { ?l ex:height 'tall' }", height=900_000) == []
