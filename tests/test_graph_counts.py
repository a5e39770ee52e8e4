"""Nothing of the evidence was dropped: the records of each class, counted by hand when it was collected."""

from pathlib import Path

import pytest
from pyoxigraph import Literal, NamedNode, QuerySolutions, RdfFormat, Store

ROOT = Path(__file__).parents[1]
PREFIXES = """
PREFIX dcterms: <http://purl.org/dc/terms/>
PREFIX ldn: <https://w3id.org/ldn-kg/ont#>
PREFIX prov: <http://www.w3.org/ns/prov#>
PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
PREFIX src: <https://w3id.org/ldn-kg/id/source/>
PREFIX sub: <https://w3id.org/ldn-kg/id/substance/>
PREFIX v: <https://w3id.org/ldn-kg/vocab#>
"""

RECORDS = {
    "Substance": 7,  # four forms of naltrexone or its metabolite, three comparators
    "DrugProduct": 3,
    "RegulatoryApproval": 5,
    "DoseBand": 6,
    "PharmacokineticParameter": 11,
    "BindingMeasurement": 5,  # three affinities, two potencies
    "Contraindication": 6,
    "DrugInteraction": 4,
    "CurationCaution": 7,
    "ListedAdverseEffect": 17,  # 15 at standard dose, two at low dose
    "Condition": 119,
    "MolecularTarget": 10,
    "Mechanism": 14,
    "MechanismStep": 39,
    "Study": 91,  # 90 trials and cohorts, one evidence synthesis
    "ClinicalTrial": 88,
    "ObservationalStudy": 2,
    "EvidenceSynthesis": 1,
    "Arm": 163,
    "OutcomeMeasure": 249,  # 246 of trials, three pooled
    "ArmResult": 111,
    "AdverseEventReport": 47,
    "Result": 301,  # 140 of trials, 111 of arms, 47 adverse events, three pooled
    "Discrepancy": 48,  # 44 of trials, three of papers, one of the kinetics
    "SourcedValue": 97,
    "Article": 238,
    "Document": 372,  # 238 papers, 134 other sources
    "EditorialNotice": 2,
    "Claim": 265,
    "EvidenceLine": 414,  # 259 + 97 for, 51 + 7 against
    "SourcePassage": 33,
    "ClaimConflict": 23,
    "ConflictSide": 46,
    "SummarySentence": 76,  # of ten conditions, four to eight each
    "ExternalIdentifier": 482,  # 289 + 26 + 19 of things, 80 of trials, 68 of registry records
}

STUDY_TYPES = {
    "study-type-randomised-controlled-trial": 33,
    "review": 31,
    "animal-study": 30,
    "case-report": 19,
    "case-series": 19,
    "cohort-study": 15,
    "open-label-trial": 11,
    "study-type-systematic-review": 10,
    "conference-abstract": 9,
    "in-vitro-study": 8,
    "study-type-meta-analysis": 7,
    "registry-study": 7,
    "study-type-ex-vivo-human": 6,
    "protocol": 6,
    "biomarker-study": 3,
    "controlled-trial-nonrandomised": 3,
    "hta-report": 3,
    "study-type-hypothesis": 3,
    "patent": 2,
    "pharmacokinetic-study": 2,
    "rct-secondary-analysis": 2,
    "scoping-review": 2,
    "stability-study": 2,
    "survey": 2,
    "dose-finding": 1,
    "pharmacovigilance-study": 1,
    "thesis": 1,
}

STATUSES = {
    "completed": 51,
    "recruiting": 10,
    "not-yet-recruiting": 8,
    "unknown": 6,
    "trial-status-withdrawn": 5,
    "terminated": 4,
    "planned": 3,
    "interim-report": 1,
    "reported-by-sponsor": 1,
    "suspended": 1,
}

CLAIM_KINDS = {
    "efficacy": 148,
    "mechanism": 31,
    "evidence-status": 23,
    "safety": 22,
    "pharmacology": 12,
    "trial-design": 11,
    "claim-kind-organisation-position": 5,
    "patient-report": 4,
    "utilisation": 4,
    "regulatory": 3,
    "background": 1,
    "cost": 1,
}

VERDICTS = {"agrees": 15, "imprecise": 7, "unverified": 5, "conflicts": 3, "overstated": 2, "outdated": 1}

VALENCES = {"favours-ldn": 121, "context": 71, "no-benefit": 36, "mixed": 24, "harm": 13}

FACTS = {
    "results of trials": ("?x ldn:resultOf/a ldn:ClinicalTrial ; ldn:resultDirection ?y", 140),
    "claims that the article makes": ("?x ldn:assertedIn src:seed-article", 33),
    "claims that deny their predicate": ("?x ldn:polarity v:denied", 41),
    "documents that the article cites": ("src:seed-article ldn:citesDocument ?x", 4),
    "retracted papers": ("?x ldn:hasNotice/ldn:noticeType v:retraction", 2),
    "lines for a claim": ("?x ldn:evidenceDirection v:supports", 356),
    "lines against a claim": ("?x ldn:evidenceDirection v:disputes", 58),
    "conditions without an identifier": ("?x a ldn:Condition ; ldn:verified false", 72),
    "identifiers of conditions": ("?c a ldn:Condition ; ldn:hasIdentifier ?x", 289),
    "identifiers of the free base": ("sub:naltrexone ldn:hasIdentifier ?x", 13),
    "identifiers of the hydrochloride": ("sub:naltrexone-hydrochloride ldn:hasIdentifier ?x", 5),
    "papers with a DOI": ("?x <http://purl.org/ontology/bibo/doi> ?y", 134),
    "papers with a PMID": ("?x <http://purl.org/ontology/bibo/pmid> ?y", 84),
    "papers without a year": ("?x a ldn:Article FILTER NOT EXISTS { ?x ldn:year ?y }", 28),
    "papers that were not confirmed": ("?x a ldn:Article ; ldn:verified false", 10),
    "claims that were not confirmed": ("?x a ldn:Claim ; ldn:verified false", 9),
    "registry records": ("?x ldn:documentType v:registry-record", 68),
    "p values of trials": ("?x ldn:pValue ?y", 64),
    "confidence intervals of effects": ("?x a ldn:Comparison ; ldn:ciLow ?y", 8),
    "claims without the activity that made them": (
        "?x a ldn:Claim FILTER NOT EXISTS { ?x prov:wasGeneratedBy/prov:wasAssociatedWith ?y }",
        0,
    ),
}


def curated() -> Store:
    """The ontology and the curated graph, in one store."""
    store = Store()
    for folder in ("ontology", "graph"):
        for file in sorted((ROOT / folder).rglob("*.ttl")):
            store.load(path=str(file), format=RdfFormat.TURTLE)
    return store


@pytest.fixture(scope="module")
def graph() -> Store:
    return curated()


def rows(graph: Store, query: str) -> list[list[str]]:
    """The cells of an answer, as text."""
    answer = graph.query(PREFIXES + query)
    assert isinstance(answer, QuerySolutions)
    return [[cell.value for cell in row if isinstance(cell, Literal | NamedNode)] for row in answer]


def tally(graph: Store, pattern: str) -> dict[str, int]:
    """How often each concept is the ?y of a pattern."""
    query = f"SELECT ?y (COUNT(DISTINCT ?x) AS ?n) WHERE {{ {pattern} }} GROUP BY ?y"
    return {concept.partition("#")[2]: int(number) for concept, number in rows(graph, query)}


@pytest.mark.parametrize(("name", "number"), RECORDS.items())
def test_no_record_is_dropped(graph: Store, name: str, number: int) -> None:
    assert rows(graph, f"SELECT (COUNT(DISTINCT ?x) AS ?n) WHERE {{ ?x a ldn:{name} }}") == [[str(number)]]


@pytest.mark.parametrize(("pattern", "number"), FACTS.values(), ids=FACTS.keys())
def test_no_fact_is_dropped(graph: Store, pattern: str, number: int) -> None:
    assert rows(graph, f"SELECT (COUNT(DISTINCT ?x) AS ?n) WHERE {{ {pattern} }}") == [[str(number)]]


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("?x a ldn:Article ; ldn:studyType ?y", STUDY_TYPES),
        ("?x a ldn:Study ; ldn:status ?y", STATUSES),
        ("?x ldn:claimKind ?y", CLAIM_KINDS),
        ("?x ldn:sourceCheck ?y", VERDICTS),
        ("?x ldn:valence ?y", VALENCES),
    ],
    ids=["study types", "statuses", "kinds of claim", "verdicts", "valences"],
)
def test_records_are_sorted_as_collected(graph: Store, pattern: str, expected: dict[str, int]) -> None:
    assert tally(graph, pattern) == expected


def test_claims_are_numbered_without_gaps(graph: Store) -> None:
    claims = rows(graph, "SELECT ?x WHERE { ?x a ldn:Claim } ORDER BY ?x")
    assert [claim.rpartition("/")[2] for (claim,) in claims] == [f"c{n:04}" for n in range(1, 266)]


def test_each_key_of_the_curators_is_kept_once(graph: Store) -> None:
    keys = [key for (key,) in rows(graph, "SELECT ?key WHERE { ?x a ldn:Claim ; dcterms:identifier ?key }")]
    assert len(keys) == len(set(keys)) == 265


def test_the_ontology_is_in_four_files() -> None:
    names = {file.name for file in (ROOT / "ontology").iterdir()}
    assert names == {"alignments.ttl", "context.jsonld", "ldn.ttl", "vocab.ttl"}


def test_each_entity_has_a_file_of_its_own(graph: Store) -> None:
    subjects = [iri for (iri,) in rows(graph, "SELECT DISTINCT ?x WHERE { ?x a ?class }")]
    entities = {
        iri.partition("/ldn-kg/id/")[2] for iri in subjects if "/ldn-kg/id/" in iri and "#" not in iri
    }
    files = {
        str(file.relative_to(ROOT / "graph").with_suffix("")) for file in (ROOT / "graph").rglob("*/*.ttl")
    }
    assert {entity.replace("query/", "queries/") for entity in entities} == files
