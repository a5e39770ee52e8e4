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

FIGURES = {"p = ": re.compile(r"\bp ?[=<] ?(\d*\.\d+)", re.IGNORECASE), "%": re.compile(r"(\d+(?:\.\d+)?)%")}
"""Numbers that say what they are, by how they say it."""

LIMITS = re.compile(r"\([^()]*\d\.\d+ to -?\d[^()]*\)")
"""Two numbers that bound a third."""

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
SELECT ?sentence ?said ?property WHERE {
  ?sentence ldn:restsOn/(ldn:hasArm|ldn:hasRegimen|ldn:hasOutcomeMeasure|ldn:hasArmResult|ldn:inArm
    |ldn:resultFor|ldn:hasSide)* ?node .
  ?node ?property ?said FILTER(isLiteral(?said))
}
"""

DOSES = """
SELECT ?text ?dose ?most WHERE {
  ?sentence a ldn:SummarySentence ; ldn:statementText ?text ; ldn:restsOn/ldn:claimDose ?dose .
  <https://w3id.org/ldn-kg/id/dose-band/low-dose-naltrexone> ldn:bandMaxMg ?most .
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
    for iri, text, property_ in rows(graph, SAID):
        said[iri].append(f"p = {text}" if property_.endswith("#pValue") else text)
        said[iri] += [f"{text}%"] if property_.endswith("#percent") else []
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


def misread(sentence: Sentence) -> list[str]:
    """The p values and percentages of a sentence that are no such thing in its sources."""
    return [
        each
        for figure in FIGURES.values()
        for each in figure.findall(sentence.text)
        if float(each) not in {float(stated) for stated in figure.findall(sentence.said)}
    ]


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


def test_a_p_value_is_one_in_the_sources_and_a_percentage_too(sentences: list[Sentence]) -> None:
    assert {(each.condition, each.number): misread(each) for each in sentences if misread(each)} == {}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("In 17 people 88% improved (p = 0.03).", []),
        ("It fell by 17%.", ["17"]),
        ("It did not differ (p = 0.5).", ["0.5"]),
    ],
)
def test_a_number_that_is_something_else_in_the_sources_is_found(text: str, expected: list[str]) -> None:
    example = Sentence("", 1, text, "17 | 88% v 40%, P=0.03 | 0.5", frozenset())
    assert misread(example) == expected


def test_the_limits_of_an_interval_are_called_so(sentences: list[Sentence]) -> None:
    bounded = [each.text for each in sentences if LIMITS.search(each.text)]
    assert bounded
    assert [text for text in bounded if "interval" not in text] == []


def test_a_dose_above_the_low_ones_is_not_called_low(graph: Store) -> None:
    """Who took more than the band of LDN did not take LDN, unless the sentence says how much it was."""
    above = [
        (text, dose)
        for text, said, most in rows(graph, DOSES)
        for dose in re.findall(r"(\d+(?:\.\d+)?) mg\b(?!/kg)", said)
        if float(dose) > float(most)
    ]
    assert above
    assert [text for text, dose in above if "LDN" in text and f"{dose} mg" not in text] == []


def test_harm_is_in_each_summary(graph: Store, sentences: list[Sentence]) -> None:
    harms = (
        "SELECT DISTINCT ?c WHERE { ?c ldn:summary/ldn:restsOn ?s "
        "{ ?s ldn:valence v:harm } UNION { ?s a ldn:AdverseEventReport } "
        "UNION { ?s ldn:resultFor/skos:prefLabel ?o FILTER(CONTAINS(LCASE(?o), 'safety')) } }"
    )
    assert {each.condition for each in sentences} == {condition for (condition,) in rows(graph, harms)}
