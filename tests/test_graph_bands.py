"""What the page of a range of doses tells agrees with a count of the triples, done without a query."""

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from functools import cache

import pytest
from pyoxigraph import NamedNode, QuerySolutions, RdfFormat, Store
from stored import store_of
from test_graph_panels import said, value

from ldnkg.iris import PREFIXES
from ldnkg.places import sources_root
from ldnkg.sources import Sources, load, quads
from ldnkg.views import Panels, Shown

LOW = "low-dose-naltrexone"
BANDS = (LOW, "very-low-dose-naltrexone", "ultra-low-dose-naltrexone", "standard-dose-naltrexone")
"""Those in which something was studied."""
UNSTUDIED = ("depot-naltrexone", "animal-low-dose-naltrexone")
SKOS = PREFIXES["skos"]
DIRECTIONS = ("favours-intervention", "no-difference", "favours-comparator")
SIDES = ("favours-ldn", "mixed", "no-benefit", "harm")
Triples = defaultdict[str, defaultdict[str, list[str]]]
"""The values of each property, by what has it."""
COUNTS = ("claimsForBenefit", "mixedClaims", "claimsAgainstBenefit", "claimsOfHarm")


@pytest.fixture(scope="module")
def sources() -> Sources:
    return load(sources_root())


@pytest.fixture(scope="module")
def panels(sources: Sources, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Panels]:
    with closing(store_of(sources, tmp_path_factory.mktemp("bands") / "release")) as store:
        yield Panels(store, {**PREFIXES, **sources.prefixes})


@pytest.fixture(scope="module")
def triples(sources: Sources) -> Triples:
    found: Triples = defaultdict(lambda: defaultdict(list))
    for quad in quads(sources):
        subject, predicate, object_ = (value(each) for each in quad.triple)
        found[predicate][subject].append(object_)
    return found


class Band:
    """What the triples say about one range of doses, and what its panels show."""

    def __init__(self, base: str, triples: Triples, panels: Panels, name: str) -> None:
        self.base, self._panels, self.iri = base, panels, f"{base}id/dose-band/{name}"
        self._said = triples
        self.classes = self.of(self.iri, "doseClass")
        typed = self._said[f"{PREFIXES['rdf']}type"]
        self.studies = {
            each for each in self.whose("doseClass", self.classes) if self.ont("Study") in typed[each]
        }
        self.randomised = {
            each for each in self.studies if self.term("randomised") in self.of(each, "allocation")
        }
        self.claims = {
            each
            for each in self.whose("claimSubject", [self.iri])
            if set(self.of(each, "claimKind")) & {self.term("efficacy"), self.term("safety")}
        }
        self.reports = {each for each, kinds in typed.items() if self.ont("AdverseEventReport") in kinds}

    def ont(self, name: str) -> str:
        return f"{self.base}ont#{name}"

    def term(self, name: str) -> str:
        return f"{self.base}vocab#{name}"

    def of(self, subject: str, name: str) -> list[str]:
        """The values of a property of the ontology, or of one whose whole IRI is given."""
        return self._said[name if ":" in name else self.ont(name)][subject]

    def whose(self, name: str, among: Iterable[str]) -> set[str]:
        """The things that have one of some values."""
        wanted = set(among)
        return {each for each, values in self._said[self.ont(name)].items() if wanted & set(values)}

    def names(self, things: Iterable[str]) -> list[str]:
        return [name for each in things for name in self.of(each, f"{SKOS}prefLabel")]

    def roots(self, things: Iterable[str]) -> set[str]:
        """The widest conditions that these are, or are forms of."""
        found: set[str] = set()
        for each in things:
            wider = self.of(each, f"{SKOS}broader")
            found |= self.roots(wider) if wider else {each}
        return found

    def in_condition(self, name: str, things: Iterable[str]) -> dict[str, set[str]]:
        """Things by the widest condition that a property of theirs leads to."""
        found: defaultdict[str, set[str]] = defaultdict(set)
        for each in things:
            for root in self.roots(self.of(each, name)):
                found[root].add(each)
        return found

    def enrolled(self, studies: Iterable[str]) -> list[int]:
        """How many people, of each study that says so and does not speak of a plan."""
        known = [each for each in studies if self.term("actual-enrolment") in self.of(each, "enrolledBasis")]
        return [int(number) for each in known for number in self.of(each, "enrolled")]

    def primary(self, studies: Iterable[str]) -> dict[str, Counter[str]]:
        """How often each direction is that of a primary result, of each randomised study among these."""
        primary = self.whose("outcomeRole", [self.term("primary")])
        found: dict[str, Counter[str]] = {}
        for each in self.randomised & set(studies):
            results = self.whose("resultOf", [each]) & self.whose("resultFor", primary)
            ways = [way.partition("#")[2] for result in results for way in self.of(result, "resultDirection")]
            counted = Counter(way for way in ways if way in DIRECTIONS)
            if counted:
                found[each] = counted
        return found

    def uncompared(self) -> Counter[str]:
        """How often a primary result of a randomised study has each direction that compares no groups."""
        primary = self.whose("resultFor", self.whose("outcomeRole", [self.term("primary")]))
        results = self.whose("resultOf", self.randomised) & primary
        ways = Counter(way.partition("#")[2] for each in results for way in self.of(each, "resultDirection"))
        return Counter({way: number for way, number in ways.items() if way not in DIRECTIONS})

    def by_side(self, claims: Iterable[str]) -> Counter[str]:
        return Counter(side.partition("#")[2] for each in claims for side in self.of(each, "valence"))

    def shown(self, key: str) -> Shown:
        panel = self._panels.named(f"band-{key}")
        assert panel
        return self._panels.shown(panel, NamedNode(self.iri))

    def rows(self, key: str) -> list[dict[str, str]]:
        """All rows, as text, of a panel that has no more than are shown."""
        shown = self.shown(key)
        assert len(shown.rows) == shown.total
        return said(shown)


@pytest.fixture(scope="module")
def named(sources: Sources, triples: Triples, panels: Panels) -> Callable[[str], Band]:
    return cache(lambda name: Band(sources.base, triples, panels, name))


@pytest.fixture(params=BANDS)
def band(request: pytest.FixtureRequest, named: Callable[[str], Band]) -> Band:
    return named(request.param)


@pytest.fixture
def low(named: Callable[[str], Band]) -> Band:
    return named(LOW)


def test_conditions_are_told_with_their_studies_people_and_primary_results(band: Band) -> None:
    rows = band.rows("conditions")
    expected = band.in_condition("studiesCondition", band.studies)
    assert expected
    assert {row["condition"] for row in rows} == set(expected)
    assert len(rows) == len(expected)
    for row in rows:
        studies = expected[row["condition"]]
        assert int(row["studies"]) == len(studies)
        assert int(row["randomised"]) == len(studies & band.randomised)
        people = band.enrolled(studies)
        assert row.get("people") == (str(sum(people)) if people else None)
        results = sum(band.primary(studies).values(), Counter())
        told = f"{results['favours-intervention']} of {results.total()}"
        if results["favours-comparator"]:
            told += f", {results['favours-comparator']} against"
        assert row.get("primaryResultsInFavour") == (told if results else None)
        named = {each for study in studies for each in band.of(study, "studiesCondition")}
        forms = [each for each in named if row["condition"] in band.roots([each])]
        forms = band.names(each for each in forms if each != row["condition"])
        assert row.get("formsStudied") == (", ".join(sorted(forms)) or None)


def test_conditions_are_told_with_their_claims_on_each_side_and_the_best_kind_of_evidence(
    band: Band, low: Band
) -> None:
    claims = band.in_condition("claimCondition", band.claims)
    filled = 0
    for row in band.rows("conditions"):
        mine = claims.get(row["condition"], set())
        sides = band.by_side(mine)
        assert [int(row.get(name, 0)) for name in COUNTS] == [sides[side] for side in SIDES]
        levels = {level for each in mine for level in band.of(each, "claimStrength")}
        ranked = sorted((int(band.of(each, "rank")[0]), each) for each in levels)
        best = [each for rank, each in ranked if rank < 14]
        assert row.get("bestKindOfEvidence") == (best[0] if best else None)
        filled += bool(best)
    assert filled or band.iri != low.iri


def test_conditions_with_most_randomised_trials_stand_first_then_those_with_most_people(band: Band) -> None:
    order = [(-int(row["randomised"]), -int(row.get("people", -1))) for row in band.rows("conditions")]
    assert order == sorted(order)


def test_a_study_of_a_form_counts_for_the_condition_and_a_cream_is_no_low_dose(low: Band) -> None:
    told = {row["condition"].rpartition("/")[2]: row for row in low.rows("conditions")}
    assert told["inflammatory-bowel-disease"]["formsStudied"] == "Crohn disease, ulcerative colitis"
    assert "crohn-disease" not in told
    assert "pruritus" not in told
    assert told["gulf-war-illness"]["primaryResultsInFavour"] == "1 of 1"


def test_what_is_composed_in_short_is_counted(band: Band) -> None:

    sentences = [row["sentence"] for row in band.rows("short")]

    numbers = [[int(each) for each in re.findall(r"(?<![-\w])\d+", sentence)] for sentence in sentences]
    primary = band.primary(band.studies)
    results = sum(primary.values(), Counter())
    favouring = [each for each in primary.values() if each["favours-intervention"]]
    first = [results.total(), len(primary), results["favours-intervention"]]
    first += [len(favouring)] if favouring else []
    first += [results["no-difference"], results["favours-comparator"]]
    others = band.uncompared()
    moved = [others["uncontrolled-improvement"], others["uncontrolled-worsening"]]
    first += [others.total()] if others else []
    assert numbers[0] == [*first, *(moved if any(moved) else [])]
    conditions = band.in_condition("studiesCondition", band.studies)
    reported = {study for study in band.randomised if band.whose("resultOf", [study])}
    assert numbers[1] == [len(band.studies), len(conditions), len(band.randomised), len(reported)]
    people = band.enrolled(band.randomised)
    assert numbers[2] == [len(people), sum(people), max(people)]
    sides = band.by_side(band.claims)
    counted = [sides[side] for side in SIDES]
    assert numbers[3:-1] == ([counted] if any(counted) else [])
    harmed = {study for report in band.reports for study in band.of(report, "resultOf")} & band.studies
    assert numbers[-1] == [len(harmed)]


def test_in_short_nothing_is_advised_and_nothing_is_called_effective_or_safe(band: Band) -> None:
    text = " ".join(row["sentence"] for row in band.rows("short")).lower()
    assert not re.search(r"\b(works?|safe|should|promising|effective|recommend\w*|proven)\b", text)


def test_the_strip_counts_each_claim_about_benefit_or_harm_once(band: Band) -> None:
    told = {row["mark"].rpartition(":")[2]: int(row["count"]) for row in band.rows("balance")}
    sides = {"favours-ldn": "supports", "mixed": "uncertain", "no-benefit": "disputes"}
    counted = band.by_side(band.claims)
    assert told == {sides.get(side, side): count for side, count in counted.items()}


def test_every_record_of_harm_in_a_study_of_these_doses_is_told(band: Band) -> None:
    found = [each for each in band.reports if set(band.of(each, "resultOf")) & band.studies]
    recorded = Counter(
        (study, event)
        for each in found
        for study in band.of(each, "resultOf")
        for event in band.names(band.of(each, "adverseEventType"))
    )
    assert Counter((row["trial"], row["event"]) for row in band.rows("harms")) == recorded
    numbers = [number for each in found for name in ("affected", "percent") for number in band.of(each, name)]
    told = [re.findall(r"^([0-9]+)(?: |$)|([0-9.]+)%", row["affected"]) for row in band.rows("harms")]
    assert sorted(numbers) == sorted(one or other for each in told for one, other in each)


def test_every_claim_about_harm_is_told_whichever_way_it_goes(band: Band) -> None:
    about = band.whose("claimSubject", [band.iri])
    harm, safety = band.whose("valence", [band.term("harm")]), band.whose("claimKind", [band.term("safety")])
    rows = band.rows("harm-claims")
    assert {row["claim"] for row in rows} == about & (harm | safety)
    sides = [row["side"].rpartition("#")[2] for row in rows]
    assert sides == sorted(sides, key=lambda side: side != "harm") or "harm" not in sides


def test_the_low_dose_has_harms_of_both_kinds_and_claims_of_both_sides(low: Band) -> None:
    assert len(low.rows("harms")) > 40
    assert {"harm", "favours-ldn", "mixed"} == {
        row["side"].partition("#")[2] for row in low.rows("harm-claims")
    }
    listed = low.whose("doseBand", [low.iri]) & set(low.of(low.iri, "hasListedAdverseEffect"))
    events = [event for each in listed for event in low.names(low.of(each, "adverseEventType"))]
    assert {row["event"] for row in low.rows("listed-harms")} == set(events) == {"vivid dreams", "insomnia"}


@pytest.mark.parametrize("name", UNSTUDIED)
@pytest.mark.parametrize("key", ["harms", "harm-claims"])
def test_doses_without_recorded_harms_are_not_told_as_harmless(
    named: Callable[[str], Band], name: str, key: str
) -> None:
    it = named(name).shown(key)
    assert it.rows == ()
    assert it.panel.empty and it.panel.empty.value.endswith("that does not mean that there are none.")


@pytest.mark.parametrize("name", UNSTUDIED)
def test_nothing_is_composed_about_doses_without_a_study(named: Callable[[str], Band], name: str) -> None:
    band = named(name)
    assert not band.studies
    assert band.rows("short") == band.rows("gaps") == band.rows("conditions") == []


def test_each_conflict_in_which_a_claim_takes_part_is_told_once(band: Band) -> None:
    conflicts = band.whose("conflictSide", band.whose("claimSubject", [band.iri]))
    expected = [(each, reason) for each in conflicts for reason in band.of(each, "conflictReason")]
    told = [(row["question"], row["reason"]) for row in band.rows("conflicts")]
    assert sorted(told) == sorted(expected)


def test_mechanisms_are_those_of_the_claims_and_of_the_dose_best_evidence_first(band: Band) -> None:
    named = {
        each for claim in band.whose("claimSubject", [band.iri]) for each in band.of(claim, "aboutMechanism")
    }
    proposed = {each for each in band.whose("doseClass", band.classes) if band.of(each, "evidenceLevel")}
    rows = band.rows("mechanisms")
    assert {row["mechanism"] for row in rows} == named | proposed
    assert all([row["evidence"]] == band.of(row["mechanism"], "evidenceLevel") for row in rows)
    ranks = [int(band.of(row["evidence"], "rank")[0]) for row in rows]
    assert ranks == sorted(ranks)
    for row in rows:
        papers = row["disputedBy"].split("; ") if row.get("disputedBy") else []
        assert sorted(papers) == sorted(band.names(band.of(row["mechanism"], "disputedBy")))


def test_what_is_missing_is_missing(band: Band) -> None:
    told: defaultdict[str, set[str]] = defaultdict(set)
    for row in band.rows("gaps"):
        told[row["gap"].rstrip(":.")] |= {row["where"]} if "where" in row else set()
    harmed = {study for report in band.reports for study in band.of(report, "resultOf")} & band.studies
    over = band.whose("status", map(band.term, ("completed", "terminated", "unknown"))) & band.studies
    unreported = {study for study in over if not band.whose("resultOf", [study])}
    undosed = {
        study
        for study in band.studies
        if (arms := band.of(study, "hasArm"))
        and not any(
            band.of(regimen, amount)
            for arm in arms
            for regimen in band.of(arm, "hasRegimen")
            for amount in ("doseValue", "doseMin", "doseMax")
        )
    }
    claimed = set(band.in_condition("claimCondition", band.claims))
    claimed -= set(band.in_condition("studiesCondition", band.studies))
    claimed -= band.whose("conditionGroup", [band.term("animal-model")])
    without = len(band.studies) - len(harmed)
    assert without
    many = f"A record of unwanted effects from {without} of the {len(band.studies)} studies"
    expected = {
        "Results of a study that is over, or whose state is not known": unreported,
        "The dose that was given, where the groups of a study are recorded": undosed,
        "A recorded study of this range of doses, in a condition in which claims speak of its benefit "
        "or harm": claimed,
    }
    assert told.pop(f"{many}, planned ones among them") == set()
    if max(band.enrolled(band.randomised)) <= 100:
        told.pop("A randomised trial that enrolled more than 100 people")
    assert told == {gap: where for gap, where in expected.items() if where}


def test_at_a_glance_the_limits_the_approval_and_the_source_are_told(low: Band) -> None:
    told = {row["name"]: row["value"] for row in low.rows("glance")}
    assert (told["From (mg a day)"], told["To (mg a day)"], told["Most used (mg a day)"]) == ("1", "5", "4.5")
    assert told["Dose class"] == low.term("low-dose")
    assert told["Best kind of evidence"] == low.term("meta-analysis")
    assert [told["Approval"]] == low.of(low.iri, "approvalStatus")
    assert [told["Source"]] == low.of(low.iri, PREFIXES["dcterms"] + "source")


def test_what_the_record_leaves_out_is_told_at_a_glance(
    sources: Sources, panels: Panels, named: Callable[[str], Band]
) -> None:
    hidden = panels.told([NamedNode(f"{sources.base}ont#DoseBand")])
    assert len(hidden) > 8
    for name in (*BANDS, *UNSTUDIED):
        band = named(name)
        told = {row["value"] for row in band.rows("glance")}
        assert {each for one in hidden for each in band.of(band.iri, one.value)} <= told


WORSE = """
@prefix ex: <https://example.org/> .
@prefix ldn: <{base}ont#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix v: <{base}vocab#> .
ex:band ldn:doseClass v:low-dose ; skos:prefLabel "this dose"@en .
ex:study a ldn:Study ; ldn:doseClass v:low-dose ; ldn:studiesCondition ex:gout ; ldn:allocation v:randomised .
ex:pain ldn:outcomeRole v:primary .
ex:first ldn:resultOf ex:study ; ldn:resultFor ex:pain ; ldn:resultDirection v:favours-comparator .
ex:second ldn:resultOf ex:study ; ldn:resultFor ex:pain ; ldn:resultDirection v:favours-intervention .
ex:claim ldn:claimSubject ex:band ; ldn:claimCondition ex:gout ; ldn:claimKind v:efficacy ;
    ldn:valence v:favours-ldn ; ldn:claimStrength v:anecdote .
v:anecdote ldn:rank 14 ; skos:inScheme v:evidence-level .
"""
"""A trial that went both ways, and a claim of benefit behind which stands no study."""


def test_a_result_against_it_is_told_and_an_anecdote_is_no_kind_of_evidence(
    sources: Sources, panels: Panels
) -> None:
    graph = Store()
    graph.load(WORSE.format(base=sources.base).encode(), RdfFormat.TURTLE)

    def rows(key: str) -> list[dict[str, str]]:
        panel = panels.named(key)
        assert panel
        query = panel.query(NamedNode("https://example.org/band"), {**PREFIXES, **sources.prefixes})
        found = graph.query(query)
        assert isinstance(found, QuerySolutions)
        names = [each.value for each in found.variables]
        return [{name: value(row[name]) for name in names if row[name] is not None} for row in found]

    (row,) = rows("band-conditions")
    assert row["primaryResultsInFavour"] == "1 of 2, 1 against"
    assert row["claimsForBenefit"] == "1"
    assert "bestKindOfEvidence" not in row
    assert "Best kind of evidence" not in [each["name"] for each in rows("band-glance")]
    first, *_ = rows("band-short")
    assert first["sentence"].endswith("0 found no significant difference and 1 favoured the comparator.")
