"""Figures of the evidence, written by hand and fetched by SPARQL: none is changed or rounded."""

import re
from decimal import Decimal

import pytest
from pyoxigraph import Literal, NamedNode, QuerySolutions, Store
from test_graph_counts import ROOT, curated

PREFIXES = """
PREFIX appr: <https://w3id.org/ldn-kg/id/approval/>
PREFIX band: <https://w3id.org/ldn-kg/id/dose-band/>
PREFIX bibo: <http://purl.org/ontology/bibo/>
PREFIX con: <https://w3id.org/ldn-kg/id/condition/>
PREFIX dcterms: <http://purl.org/dc/terms/>
PREFIX ldn: <https://w3id.org/ldn-kg/ont#>
PREFIX mech: <https://w3id.org/ldn-kg/id/mechanism/>
PREFIX pap: <https://w3id.org/ldn-kg/id/paper/>
PREFIX pk: <https://w3id.org/ldn-kg/id/pharmacokinetics/>
PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
PREFIX src: <https://w3id.org/ldn-kg/id/source/>
PREFIX sub: <https://w3id.org/ldn-kg/id/substance/>
PREFIX syn: <https://w3id.org/ldn-kg/id/synthesis/>
PREFIX tgt: <https://w3id.org/ldn-kg/id/target/>
PREFIX tri: <https://w3id.org/ldn-kg/id/trial/>
PREFIX v: <https://w3id.org/ldn-kg/vocab#>
PREFIX xsd: <http://www.w3.org/2001/XMLSchema#>
"""


@pytest.fixture(scope="module")
def graph() -> Store:
    return curated()


def short(iri: str) -> str:
    """The last part of an IRI: a concept, a slug, a part of an entity."""
    return iri.rpartition("#")[2] if "#" in iri else iri.rpartition("/")[2]


def answer(graph: Store, select: str, where: str) -> list[str]:
    """The rows of an answer, each as its cells with blanks between, in order."""
    found = graph.query(f"{PREFIXES} SELECT {select} WHERE {{ {where} }}")
    assert isinstance(found, QuerySolutions)
    lines = []
    for row in found:
        cells = [row[each.removeprefix("?")] for each in select.split()]
        lines.append(" ".join(short(c.value) if isinstance(c, NamedNode) else text(c) for c in cells))
    return sorted(lines)


def text(cell: object) -> str:
    """A literal as it reads, a number without idle zeros."""
    assert isinstance(cell, Literal), cell
    if cell.datatype.value.endswith("#decimal"):
        return format(Decimal(cell.value).normalize(), "f")
    return cell.value


EFFECTS = {
    # trial and outcome: estimate, operator and p, as printed by the source
    ("ucsf-ms-qol-crossover", "sf36-mcs"): "3.3 equal-to 0.04",
    ("ucsf-ms-qol-crossover", "mhi"): "6 less-than 0.01",
    ("ucsf-ms-qol-crossover", "pain-effects"): "1.6 equal-to 0.04",
    ("ucsf-ms-qol-crossover", "perceived-deficits"): "2.4 equal-to 0.05",
    ("odense-final-fibromyalgia", "pain-nrs"): "-0.34 equal-to 0.27",
    ("barcelona-innova-fibromyalgia", "pain-nrs"): "0.49 equal-to 0.236",
    ("mgh-depression-relapse", "madrs-15"): "1.49 equal-to 0.035",
    ("mgh-depression-relapse", "hamd-28"): "1.15 equal-to 0.097",
    ("washu-lpp-ffa", "erythema"): "-0.93 less-than 0.0001",
    ("rigshospitalet-fibromyalgia-crossover", "fiqr"): "-1.65 equal-to 0.3",
    ("allodynic-anodyne-3", "migraine-days"): "-2.2 equal-to 0.43",
}

INTERVALS = {
    ("odense-final-fibromyalgia", "pain-nrs"): "-0.34 -0.95 0.27 95 points",
    ("odense-final-fibromyalgia", "cpm"): "2 0.4 3.7 95 kPa",
    ("washu-lpp-ffa", "erythema"): "-0.93 -1.32 -0.53 95 points",
}

ARMS = {
    ("penn-state-crohn-rct", "cdai-70"): [
        "arm-naltrexone-naltrexone percent 88",
        "arm-placebo-naltrexone percent 40",
        "arm-placebo-naltrexone percent 70",
    ],
    ("penn-state-crohn-rct", "cdeis-response"): [
        "arm-naltrexone-naltrexone percent 78",
        "arm-placebo-naltrexone percent 28",
    ],
    ("penn-state-crohn-pilot", "cdai-response"): ["arm-ldn percent 89"],
    ("odense-final-fibromyalgia", "cpm"): ["arm-ldn mean 1.2", "arm-placebo mean -0.8"],
    ("odense-final-fibromyalgia", "responders-30"): ["arm-ldn percent 45", "arm-placebo percent 28"],
    ("stanford-fibromyalgia-crossover", "pain-vas"): ["arm-ldn percent 28.8", "arm-placebo percent 18"],
    ("stanford-fibromyalgia-crossover", "tolerability"): ["arm-ldn mean 89.2", "arm-placebo mean 89.4"],
    ("odense-fibromyalgia-dose-finding", "responders"): ["arm-ldn eventCount 11"],
    ("agelessrx-ldn-nad-long-covid", "chalder"): ["arm-ldn-nad mean 17.4", "arm-ldn-nad mean 25.9"],
}

FACTS = [
    # the substance, its forms and kinetics
    ("?o", "sub:naltrexone ldn:molarMass ?o", ["341.4"]),
    ("?o", "sub:naltrexone-hydrochloride ldn:molarMass ?o", ["377.86"]),
    ("?o", "sub:naltrexone-hydrochloride ldn:molecularFormula ?o", ["C20H23NO4.HCl"]),
    ("?o", "sub:naltrexone ldn:inchiKey ?o", ["DQCKKXVULJGBQN-XFWGSAIBSA-N"]),
    ("?n ?m", "pk:terminal-half-life-oral ldn:numericValue ?n ; dcterms:source ?m", ["8.9 wall-1981"]),
    ("?n ?u", "pk:terminal-half-life-iv ldn:numericValue ?n ; ldn:unit ?u", ["2.7 h"]),
    ("?n ?u", "pk:half-life-metabolite-label ldn:numericValue ?n ; ldn:unit ?u", ["13 h"]),
    ("?a ?b ?u", "pk:oral-bioavailability ldn:minValue ?a ; ldn:maxValue ?b ; ldn:unit ?u", ["5 40 %"]),
    ("?a ?b ?u", "pk:half-life-depot ldn:minValue ?a ; ldn:maxValue ?b ; ldn:unit ?u", ["5 10 d"]),
    (
        "?n ?s",
        "pk:oral-bioavailability ldn:hasDiscrepancy/ldn:hasSourcedValue ?x . "
        "?x ldn:statedNumber ?n ; dcterms:source ?s",
        ["40 naltrexone-label-copies", "60 wikipedia-naltrexone"],
    ),
    (
        "?t ?n ?u",
        "?x ldn:ligand sub:6-beta-naltrexol ; ldn:bindingTarget ?t ; ldn:numericValue ?n ; ldn:unit ?u",
        ["oprd1 213 nmol/L", "oprk1 7.24 nmol/L", "oprm1 2.12 nmol/L"],
    ),
    (
        "?n ?a ?b",
        "?x ldn:bindingTarget tgt:oprm1 ; ldn:affinityType v:pa2 ; "
        "ldn:numericValue ?n ; ldn:ciLow ?a ; ldn:ciHigh ?b",
        ["8.66 8.47 8.85"],
    ),
    (
        "?a ?b ?c",
        "band:low-dose-naltrexone ldn:bandMinMg ?a ; ldn:bandMaxMg ?b ; ldn:bandCommonMg ?c",
        ["1 5 4.5"],
    ),
    ("?a ?b", "band:very-low-dose-naltrexone ldn:bandMinMg ?a ; ldn:bandMaxMg ?b", ["0.001 1"]),
    ("?o", "band:animal-low-dose-naltrexone ldn:bandMgPerKg ?o", ["0.1"]),
    (
        "?y ?s",
        "appr:naltrexone-tablet-opioid-dependence ldn:approvalYear ?y ; dcterms:source ?s",
        ["1984 kjome-2011"],
    ),
    ("?d", "appr:contrave-weight-management ldn:approvalDate ?d", ["2014-09-10"]),
    (
        "?x ?e ?a ?b ?n ?k",
        "?x ldn:resultOf syn:bolton-2019 ; ldn:estimate ?e ; ldn:ciLow ?a ; "
        "ldn:ciHigh ?b ; ldn:analysedN ?n ; "
        "ldn:studyCount ?k",
        ["sae-pooled 0.84 0.66 1.06 4960 26"],
    ),
    # identifiers: base and hydrochloride never meet
    (
        "?s ?o",
        "VALUES ?s { sub:naltrexone sub:naltrexone-hydrochloride } ?s ldn:hasIdentifier ?i . "
        "?i ldn:identifierScheme v:cas ; ldn:identifierValue ?o",
        ["naltrexone 16590-41-3", "naltrexone-hydrochloride 16676-29-2"],
    ),
    (
        "?s ?o",
        "VALUES ?s { sub:naltrexone sub:naltrexone-hydrochloride } ?s ldn:hasIdentifier ?i . "
        "?i ldn:identifierScheme v:chebi ; ldn:identifierValue ?o",
        ["naltrexone CHEBI:7465", "naltrexone-hydrochloride CHEBI:134687"],
    ),
    ("?o", "sub:naltrexone skos:exactMatch ?o FILTER(CONTAINS(STR(?o), 'mesh'))", ["D009271"]),
    (
        "?o ?w",
        "sub:naltrexone ldn:hasIdentifier ?i . ?i ldn:identifierScheme v:rxnorm ; ldn:identifierValue ?o ; "
        "ldn:verified ?w",
        ["7243 false"],
    ),
    ("?o", "tgt:tlr4 skos:exactMatch ?o FILTER(CONTAINS(STR(?o), 'hgnc'))", ["hgnc:11850"]),
    ("?o", "con:alzheimer-disease skos:exactMatch ?o FILTER(CONTAINS(STR(?o), 'MONDO'))", ["MONDO_0004975"]),
    ("?o", "con:primary-progressive-ms skos:broadMatch ?o", ["D020528"]),
    (
        "?t",
        "?t a ldn:ClinicalTrial ; ldn:hasIdentifier ?i . ?i ldn:identifierScheme v:clinicaltrials-gov ; "
        "ldn:identifierValue 'NCT00663117'",
        ["penn-state-crohn-rct"],
    ),
    (
        "?s ?o",
        "tri:erasmus-ldn-crohn ldn:hasIdentifier ?i . ?i ldn:identifierScheme ?s ; ldn:identifierValue ?o",
        [
            "ccmo NL69149.078.19",
            "eudract 2019-000852-32",
            "nl-omon NL-OMON21939",
            "ntr NL9259",
            "sponsor-protocol MEC-2019-0602",
        ],
    ),
    # trials: people, dates, doses
    (
        "?a ?b ?c",
        "tri:ucsf-ms-qol-crossover ldn:enrolled ?a ; ldn:completedCount ?b ; ldn:analysedCount ?c",
        ["80 60 60"],
    ),
    ("?a ?b", "tri:stanford-fibromyalgia-crossover ldn:enrolled ?a ; ldn:analysedCount ?b", ["53 31"]),
    (
        "?a ?b",
        "tri:agelessrx-ageing-cohort ldn:enrolled ?a ; ldn:enrolledBasis ?b",
        ["2500 planned-enrolment"],
    ),
    ("?a ?b", "tri:ucsf-ms-qol-crossover ldn:startDate ?a ; ldn:startPrecision ?b", ["2007-02-01 month"]),
    ("?a ?b", "tri:odense-final-fibromyalgia ldn:startDate ?a ; ldn:startPrecision ?b", ["2021-01-06 day"]),
    ("?a ?b", "tri:bihari-aids-1985 ldn:startDate ?a ; ldn:startPrecision ?b", ["1985-01-01 year"]),
    ("?a ?b", "tri:dublin-long-covid-prepost ldn:totalWeeks ?a ; ldn:country ?b", ["8.7 IE"]),
    (
        "?arm ?d ?u ?f ?n",
        "tri:ucsf-ms-qol-crossover ldn:hasArm ?arm . ?arm ldn:hasRegimen ?r . "
        "?r ldn:doseValue ?d ; ldn:doseUnit ?u ; ldn:frequency ?f ; ldn:timing ?n",
        ["arm-ldn 4.5 mg once-daily night"],
    ),
    (
        "?arm ?d ?u ?n",
        "tri:mashhad-vldn-clonidine ldn:hasArm ?arm . ?arm ldn:hasRegimen ?r . "
        "?r ldn:doseValue ?d ; ldn:doseUnit ?u ; ldn:doseBand ?n",
        [
            "arm-naltrexone-0-125 0.125 mg very-low-dose-naltrexone",
            "arm-naltrexone-0-250 0.25 mg very-low-dose-naltrexone",
        ],
    ),
    (
        "?d ?u",
        "tri:mclaurin-dry-eye ldn:hasArm/ldn:hasRegimen ?r . ?r ldn:doseValue ?d ; ldn:doseUnit ?u",
        ["0.002 %"],
    ),
    (
        "?d",
        "tri:oxytrex-low-back-pain ldn:hasArm ?a . ?a skos:prefLabel ?l ; ldn:hasRegimen ?r . "
        "?r ldn:doseValue ?d ; ldn:frequency v:four-times-daily",
        ["0.001"],
    ),
    # operators other than "equal" and "less than"
    (
        "?t ?p",
        "?r ldn:pValueOperator v:at-least ; ldn:pValue ?p ; ldn:resultOf ?t",
        ["barcelona-innova-fibromyalgia 0.219"],
    ),
    # adverse events
    (
        "?arm ?n ?p",
        "?x ldn:resultOf tri:odense-final-fibromyalgia ; ldn:inArm ?arm ; ldn:affected ?n ; ldn:percent ?p ; "
        "ldn:adverseEventType/skos:prefLabel 'any adverse event'@en",
        ["arm-ldn 41 84", "arm-placebo 43 86"],
    ),
    (
        "?arm ?n ?p",
        "?x ldn:resultOf tri:barcelona-innova-fibromyalgia ; ldn:inArm ?arm ; "
        "ldn:affected ?n ; ldn:percent ?p",
        ["arm-ldn 33 68.8", "arm-placebo 36 72"],
    ),
    (
        "?arm ?p",
        "?x ldn:resultOf tri:stanford-fibromyalgia-crossover ; ldn:inArm ?arm ; ldn:percent ?p ; "
        "ldn:adverseEventType/skos:prefLabel 'vivid dreams'@en",
        ["arm-ldn 37", "arm-placebo 13"],
    ),
    ("?n ?k", "?x ldn:resultOf tri:dublin-long-covid-prepost ; ldn:affected ?n ; ldn:atRisk ?k", ["2 38"]),
    # discrepancies
    (
        "?o",
        "tri:ucsf-ms-qol-crossover ldn:hasDiscrepancy ?d . "
        "?d ldn:fieldName 'phase' ; ldn:hasSourcedValue ?w . "
        "?w ldn:statedValue ?o",
        ["phase-2", "phase-3", "pilot"],
    ),
    (
        "?o ?s",
        "tri:jpmc-psoriasis ldn:hasDiscrepancy/ldn:hasSourcedValue ?w . "
        "?w ldn:statedNumber ?o ; dcterms:source ?s",
        ["42 nct04250792-record", "71 khan-2020"],
    ),
    (
        "?o",
        "pap:lissoni-2002 ldn:hasDiscrepancy/ldn:hasSourcedValue/ldn:statedValue ?o",
        ["12080288", "12195238"],
    ),
    # papers
    (
        "?n ?o",
        "pap:smith-2011 ldn:authorship ?a . ?a ldn:authorPosition ?n ; ldn:authorNameAsPrinted ?o",
        [
            "1 Smith JP",
            "2 Bingaman SI",
            "3 Ruggiero F",
            "4 Mauger DT",
            "5 Mukherjee A",
            "6 McGovern CO",
            "7 Zagon IS",
        ],
    ),
    (
        "?n ?o",
        "pap:cree-2010 ldn:authorship ?a . ?a ldn:authorPosition ?n ; ldn:author/skos:prefLabel ?o",
        ["1 Cree BAC", "2 Kornyeyeva E", "3 Goodin DS"],
    ),
    (
        "?d ?p ?y",
        "pap:cree-2010 bibo:doi ?d ; bibo:pmid ?p ; ldn:year ?y",
        ["10.1002/ana.22006 20695007 2010"],
    ),
    ("?d ?p", "pap:bruun-2024 bibo:doi ?d ; bibo:pmid ?p", ["10.1016/s2665-9913(23)00278-3 38258677"]),
    ("?a ?b ?c", "pap:aalto-2025 bibo:volume ?a ; bibo:pages ?b ; ldn:participants ?c", ["18 6637-6649 93"]),
    ("?o", "pap:aalto-2025 ldn:unverifiedField ?o", ["title"]),
    (
        "?p",
        "?p ldn:hasNotice/ldn:noticeType v:retraction",
        ["wang-2008-retracted", "wang-burns-2009-retracted"],
    ),
    ("?a ?b", "src:bihari-1996-web-report dcterms:issued ?a ; ldn:issuedPrecision ?b", ["1996-09-01 month"]),
    # claims and mechanisms
    (
        "?w ?l",
        "?c dcterms:identifier 'seed-ucsf-rrms' ; ldn:sourceCheck ?w ; "
        "ldn:hasEvidenceLine/ldn:atPassage/ldn:locator ?l",
        ["conflicts paragraph 10"],
    ),
    (
        "?d ?o",
        "?c dcterms:identifier 'seed-ucsf-mental-qol' ; ldn:hasEvidenceLine ?e . "
        "?e ldn:evidenceDirection ?d ; ldn:evidenceDocument ?o",
        ["disputes sharafaddinzadeh-2010", "supports cree-2010", "supports seed-article"],
    ),
    (
        "?p ?q ?k",
        "?c dcterms:identifier 'fm-final-pain' ; ldn:claimPredicate ?p ; ldn:polarity ?q ; ldn:valence ?k",
        ["reduces denied no-benefit"],
    ),
    (
        "?n ?r ?d",
        "mech:filamin-a-uldn ldn:hasStep ?s . ?s ldn:stepNumber ?n ; "
        "ldn:stepRelation ?r ; ldn:stepDirection ?d",
        ["1 binds step-direction-none", "2 prevents decreases", "3 reduces decreases"],
    ),
]


@pytest.mark.parametrize("figure", ["ldn:percent 18.0", "ldn:percent 28.8"])
def test_digits_stand_as_they_were_printed(figure: str) -> None:
    file = ROOT / "graph" / "trial" / "stanford-fibromyalgia-crossover.ttl"
    assert f"{figure} ;" in file.read_text(encoding="utf-8")


@pytest.mark.parametrize(("key", "figures"), EFFECTS.items(), ids=["/".join(key) for key in EFFECTS])
def test_an_effect_has_the_printed_estimate_and_p(graph: Store, key: tuple[str, str], figures: str) -> None:
    trial, outcome = key
    where = (
        f"?r ldn:resultOf tri:{trial} ; ldn:resultFor ?o ; ldn:estimate ?e ; "
        f"ldn:pValueOperator ?op ; ldn:pValue ?p "
        f"FILTER(STRENDS(STR(?o), '#outcome-{outcome}'))"
    )
    assert figures in answer(graph, "?e ?op ?p", where)


@pytest.mark.parametrize(("key", "figures"), INTERVALS.items(), ids=["/".join(key) for key in INTERVALS])
def test_an_interval_has_the_printed_limits(graph: Store, key: tuple[str, str], figures: str) -> None:
    trial, outcome = key
    where = (
        f"?r ldn:resultOf tri:{trial} ; ldn:resultFor ?o ; ldn:estimate ?e ; ldn:ciLow ?a ; ldn:ciHigh ?b ; "
        f"ldn:ciLevel ?l ; ldn:unit ?u FILTER(STRENDS(STR(?o), '#outcome-{outcome}'))"
    )
    assert answer(graph, "?e ?a ?b ?l ?u", where) == [figures]


@pytest.mark.parametrize(("key", "figures"), ARMS.items(), ids=["/".join(key) for key in ARMS])
def test_an_arm_has_the_printed_values(graph: Store, key: tuple[str, str], figures: list[str]) -> None:
    trial, outcome = key
    where = (
        f"?r a ldn:ArmResult ; ldn:resultOf tri:{trial} ; ldn:resultFor ?o ; ldn:inArm ?arm ; ?p ?n "
        f"FILTER(STRENDS(STR(?o), '#outcome-{outcome}') && ?p IN (ldn:mean, ldn:percent, ldn:eventCount))"
    )
    assert answer(graph, "?arm ?p ?n", where) == figures


@pytest.mark.parametrize(("select", "where", "figures"), FACTS, ids=[where[:60] for _, where, _ in FACTS])
def test_a_fact_is_as_the_source_gives_it(graph: Store, select: str, where: str, figures: list[str]) -> None:
    assert answer(graph, select, where) == sorted(figures)


def test_no_text_calls_a_record_by_its_key(graph: Store) -> None:
    """A reader knows a paper by authors and year, a label by its publisher, not by the end of an address."""
    found = graph.query("SELECT ?node ?text { ?node ?property ?text . FILTER(LANG(?text) != '') }")
    assert isinstance(found, QuerySolutions)
    kinds = ("paper", "source", "trial", "synthesis")
    files = [each.stem for kind in kinds for each in (ROOT / "graph" / kind).glob("*.ttl")]
    keys = {each for each in files if "-" in each}
    assert len(keys) > 200
    word = re.compile("(?<![\\w/.-])[a-z0-9]+(?:-[a-z0-9]+)+(?![\\w-])")
    uuid = re.compile("[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-")
    told = {
        (str(row["node"]), each)
        for row in found
        for text in [row["text"].value]
        for each in (*keys.intersection(word.findall(text)), *uuid.findall(text))
    }
    assert told == set()
