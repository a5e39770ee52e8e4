"""What the graph says in short about a condition can be checked word by word and number by number."""

import re
from collections import defaultdict
from dataclasses import dataclass

import pytest
from pyoxigraph import Store
from test_graph_counts import curated, rows

WORDS = "no one two three four five six seven eight nine ten eleven twelve".split()
"""Numbers in words, each at the place of its value."""

NUMBER = re.compile(r"\d+(?:\.\d+)?")

BANNED = ("works", "safe", "should", "promising", "only", "unfortunately", "effective", "you", "we")

EVIDENCE = """
SELECT ?condition (COUNT(DISTINCT ?record) AS ?records) WHERE {
  { ?record a ldn:ClinicalTrial ; ldn:studiesCondition ?condition }
  UNION { ?record a ldn:Claim ; ldn:claimCondition ?condition }
  UNION { ?claim ldn:claimCondition ?condition ; ldn:hasEvidenceLine ?record }
} GROUP BY ?condition ORDER BY DESC(?records) LIMIT 10
"""

SENTENCES = """
SELECT ?condition ?number ?text ?sentence WHERE {
  ?condition ldn:summary ?sentence .
  ?sentence ldn:sentenceNumber ?number ; ldn:statementText ?text .
} ORDER BY ?condition ?number
"""

SAID = """
SELECT ?sentence ?said WHERE {
  ?sentence ldn:restsOn/(ldn:hasArm|ldn:hasRegimen|ldn:hasOutcomeMeasure|ldn:hasArmResult|ldn:inArm
    |ldn:resultFor|ldn:hasSide)* ?node .
  ?node ?property ?said FILTER(isLiteral(?said))
}
"""

KINDS = """
SELECT ?sentence ?kind (STR(COUNT(DISTINCT ?source)) AS ?sources) WHERE {
  ?sentence ldn:restsOn ?source .
  ?source a ?kind FILTER(?kind IN (ldn:Claim, ldn:ClaimConflict, ldn:Document, ldn:Result, ldn:Study))
} GROUP BY ?sentence ?kind
"""


@dataclass(frozen=True)
class Sentence:
    """A sentence, all that its sources and their parts say, and how many sources of each kind it has."""

    condition: str
    number: int
    text: str
    said: str
    counts: frozenset[int]


@pytest.fixture(scope="module")
def graph() -> Store:
    return curated()


@pytest.fixture(scope="module")
def sentences(graph: Store) -> list[Sentence]:
    said: dict[str, list[str]] = defaultdict(list)
    counts: dict[str, set[int]] = defaultdict(set)
    for iri, text in rows(graph, SAID):
        said[iri].append(text)
    for iri, _, count in rows(graph, KINDS):
        counts[iri].add(int(count))
    return [
        Sentence(condition, int(number), text, " | ".join(said[iri]), frozenset(counts[iri]))
        for condition, number, text, iri in rows(graph, SENTENCES)
    ]


def strange(sentence: Sentence) -> list[str]:
    """The numbers of a sentence that stand nowhere in its sources, and do not count them."""
    stated = {float(each) for each in NUMBER.findall(sentence.said)}
    words = {each for each in re.findall("[a-z]+", sentence.text.lower()) if each in WORDS[1:]}
    known = set(re.findall("[a-z]+", sentence.said.lower()))
    spelt = [
        each
        for each in sorted(words - known)
        if WORDS.index(each) not in sentence.counts and WORDS.index(each) not in stated
    ]
    return [each for each in NUMBER.findall(sentence.text) if float(each) not in stated] + spelt


def test_the_ten_conditions_with_most_evidence_have_a_summary(
    graph: Store, sentences: list[Sentence]
) -> None:
    assert {each.condition for each in sentences} == {condition for condition, _ in rows(graph, EVIDENCE)}


def test_a_summary_has_four_to_eight_sentences_in_order(sentences: list[Sentence]) -> None:
    numbers: dict[str, list[int]] = defaultdict(list)
    for each in sentences:
        numbers[each.condition].append(each.number)
    assert all(found == list(range(1, len(found) + 1)) for found in numbers.values())
    assert {len(found) for found in numbers.values()} <= set(range(4, 9))


def test_that_it_is_not_known_comes_first(sentences: list[Sentence]) -> None:
    first = [each.text for each in sentences if each.number == 1]
    assert [text for text in first if not re.match("Whether .* is not known[:.,]", text)] == []


def test_a_summary_neither_advises_nor_judges(sentences: list[Sentence]) -> None:
    found = [word for each in sentences for word in re.findall("[a-z]+", each.text.lower())]
    assert [word for word in found if word in BANNED] == []


def test_every_number_stands_in_the_sources_of_its_sentence(sentences: list[Sentence]) -> None:
    assert {(each.condition, each.number): strange(each) for each in sentences if strange(each)} == {}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("In 17 people 88% improved.", ["88"]),
        ("In seven of 17 people.", []),
        ("Three trials.", ["three"]),
        ("Two trials.", []),
    ],
)
def test_a_number_that_stands_nowhere_is_found(text: str, expected: list[str]) -> None:
    example = Sentence("", 1, text, "7 of 17 | 0.88 | 188", frozenset({2}))
    assert strange(example) == expected


def test_harm_is_in_each_summary(graph: Store, sentences: list[Sentence]) -> None:
    harms = (
        "SELECT DISTINCT ?c WHERE { ?c ldn:summary/ldn:restsOn ?s "
        "{ ?s ldn:valence v:harm } UNION { ?s a ldn:AdverseEventReport } "
        "UNION { ?s ldn:resultFor/skos:prefLabel ?o FILTER(CONTAINS(LCASE(?o), 'safety')) } }"
    )
    assert {each.condition for each in sentences} == {condition for (condition,) in rows(graph, harms)}
