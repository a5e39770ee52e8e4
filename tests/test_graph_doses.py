"""No page lets a trial of another dose pass for evidence on a low one: counted again without a query."""

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing

import pytest
from pyoxigraph import NamedNode
from stored import store_of
from test_graph_panels import value

from ldnkg.iris import PREFIXES
from ldnkg.places import sources_root
from ldnkg.sources import Sources, load, quads
from ldnkg.store import Store
from ldnkg.views import Panels

SKOS = PREFIXES["skos"]
SIZES = {"under 20": 0, "20 to 49": 20, "50 to 99": 50, "100 to 199": 100, "200 and more": 200}
LOW, OTHER = "low dose", "other, several or unstated doses"
LOW_RANDOMISED = "Randomised trials of a low dose with a result"
LOW_PEOPLE = "People enrolled in randomised trials of a low dose"
OTHERS = f"Trials of {OTHER}"


class Told:
    """The triples of the graph, and the rows of its panels."""

    def __init__(self, sources: Sources, store: Store) -> None:
        self.base, self._store = sources.base, store
        self._prefixes = {**PREFIXES, **sources.prefixes}
        self._panels = Panels(store, self._prefixes)
        self._said: defaultdict[str, defaultdict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
        for quad in quads(sources):
            subject, predicate, object_ = (value(each) for each in quad.triple)
            self._said[predicate][subject].append(object_)
        self.conditions = sorted(self.whose("a", [f"{self.base}ont#Condition"]))
        self.low = self.whose("doseClass", [self.term("low-dose")])
        self.randomised = self.whose("allocation", [self.term("randomised")])
        self.withdrawn = self.whose("status", [self.term("trial-status-withdrawn")])
        self.reported = {each for result in self._of("resultOf").values() for each in result}

    def term(self, name: str) -> str:
        return f"{self.base}vocab#{name}"

    def _of(self, name: str) -> dict[str, list[str]]:
        whole = {"a": f"{PREFIXES['rdf']}type", "broader": f"{SKOS}broader", "label": f"{SKOS}prefLabel"}
        return self._said[whole.get(name, f"{self.base}ont#{name}")]

    def of(self, subject: str, name: str) -> list[str]:
        """The values of a property of the ontology, a label, a class or something broader."""
        return self._of(name).get(subject, [])

    def whose(self, name: str, among: Iterable[str]) -> set[str]:
        wanted = set(among)
        return {each for each, values in self._of(name).items() if wanted & set(values)}

    def forms(self, condition: str) -> set[str]:
        """The condition, its forms, and theirs."""
        below = self.whose("broader", [condition])
        return {condition}.union(*(self.forms(each) for each in below))

    def trials(self, condition: str) -> set[str]:
        return self.whose("studiesCondition", self.forms(condition))

    def people(self, trial: str) -> int | None:
        """How many were enrolled, if that is said and was not only planned."""
        known = self.term("actual-enrolment") in self.of(trial, "enrolledBasis")
        return int(self.of(trial, "enrolled")[0]) if known and self.of(trial, "enrolled") else None

    def comparisons(self, trials: set[str]) -> set[str]:
        return self.whose("resultOf", trials) & self.whose("a", [f"{self.base}ont#Comparison"])

    def harms(self, trials: set[str]) -> set[str]:
        return self.whose("resultOf", trials) & self.whose("a", [f"{self.base}ont#AdverseEventReport"])

    def dose(self, trial: str) -> str:
        return LOW if trial in self.low else OTHER

    def rows(self, key: str, this: str = "dataset") -> list[dict[str, str]]:
        """All rows of the query of a panel, also those that its page has no room for."""
        panel = self._panels.named(key)
        assert panel
        iri = this if this.startswith(self.base) else self.base + this
        found = self._store.select(panel.query(NamedNode(iri), self._prefixes))
        return [{name: value(term) for name, term in row.items() if term is not None} for row in found]

    def glance(self, condition: str) -> dict[str, list[tuple[str, str]]]:
        found = defaultdict(list)
        for row in self.rows("condition-glance", condition):
            found[row["name"]].append((row["value"], row.get("note", "")))
        return found


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Told]:
    sources = load(sources_root())
    with closing(store_of(sources, tmp_path_factory.mktemp("doses") / "release")) as store:
        yield Told(sources, store)


def test_at_a_glance_trials_of_a_low_dose_are_counted_apart_from_others(told: Told) -> None:
    apart = 0
    for condition in told.conditions:
        trials, facts = told.trials(condition), told.glance(condition)
        low, others = trials & told.low, trials - told.low
        randomised = low & told.randomised
        planned = (
            f"planned ones and {len(gone)} withdrawn" if (gone := low & told.withdrawn) else "planned ones"
        )
        note = f"of {len(randomised)} randomised and {len(low)} recorded in all, {planned} among them"
        expected = [(str(len(randomised & told.reported)), note)] if low else []
        assert facts.get(LOW_RANDOMISED, []) == expected, condition
        people = [size for each in randomised if (size := told.people(each)) is not None]
        expected = [(str(sum(people)), f"the largest: {max(people)}")] if people else []
        assert facts.get(LOW_PEOPLE, []) == expected, condition
        also = others & told.randomised
        note = f"({len(also)} randomised, {len(also & told.reported)} of these with a result)"
        note = note if also else "(none randomised)"
        assert facts.get(OTHERS, []) == ([(str(len(others)), note)] if others else []), condition
        apart += bool(others)
    assert apart > 10


def test_at_a_glance_each_dose_has_the_number_of_its_trials(told: Told) -> None:
    for condition in told.conditions:
        doses = Counter((told.of(each, "doseClass") or ["Not stated"])[0] for each in told.trials(condition))
        found = {dose: int(number) for dose, number in told.glance(condition).get("Trials by dose", [])}
        assert found == doses, condition


def test_trials_to_come_are_told_with_those_of_a_low_dose_among_them(told: Told) -> None:
    coming = told.whose("status", map(told.term, ("recruiting", "planned", "not-yet-recruiting")))
    for condition in told.conditions:
        trials = told.trials(condition) & coming
        expected = [(str(len(trials)), f"as last seen, {len(trials & told.low)} of a low dose")]
        assert told.glance(condition).get("Recruiting or planned", []) == (expected if trials else [])


def test_what_is_composed_in_short_tells_the_trials_and_claims_that_are_of_a_low_dose(told: Told) -> None:
    composed = 0
    for condition in told.conditions:
        sentences = [row["sentence"] for row in told.rows("condition-short", condition)]
        counted = [each for each in sentences if " in this condition or one of its forms " in each]
        if not counted:
            continue
        composed += 1
        trials = told.trials(condition)
        low = trials & told.low
        numbers = [int(each) for each in re.findall(r"\d+", counted[0])]
        if gone := len(trials & told.withdrawn):
            assert numbers.pop() == gone and counted[0].endswith(" withdrawn before anyone took part.")
        inside = [len(low & told.randomised), len(low & told.reported)]
        if not low:
            assert numbers == [len(trials)] and f" recorded, of {OTHER}" in counted[0]
        elif low == trials:
            assert numbers == [len(trials), *inside]
        else:
            assert numbers == [len(trials), len(low), *inside, len(trials - low)]
    assert composed > 40


def test_claims_that_are_not_about_a_low_dose_by_itself_are_told_apart_in_short(told: Told) -> None:
    about = told.whose("claimSubject", told.low)
    ways = told.whose("valence", map(told.term, ("favours-ldn", "mixed", "no-benefit", "harm")))
    kinds = told.whose("claimKind", map(told.term, ("efficacy", "safety")))
    apart = 0
    for condition in told.conditions:
        told_ = [row["sentence"] for row in told.rows("condition-short", condition)]
        found = [each for each in told_ if each.startswith("Of the claims about benefit or harm")]
        if found:
            claims = told.whose("claimCondition", told.forms(condition)) & ways & kinds
            numbers = [int(each) for each in re.findall(r"\d+", found[0])]
            others = len(claims - about)
            assert numbers[4:] == ([others] if others else []), condition
            assert sum(numbers[:4]) == len(claims)
            apart += bool(others)
    assert apart > 5


def test_primary_results_that_compare_no_groups_are_told_in_short_too(told: Told) -> None:
    compared = set(map(told.term, ("favours-intervention", "no-difference", "favours-comparator")))
    primary = told.whose("resultFor", told.whose("outcomeRole", [told.term("primary")]))
    ways = Counter[str]()
    for condition in told.conditions:
        sentences = [row["sentence"] for row in told.rows("condition-short", condition)]
        for sentence in sentences:
            if " compared between randomised groups" not in sentence:
                continue
            trials = told.trials(condition) & told.low & told.randomised
            results = told.whose("resultOf", trials) & primary & set(told._of("resultDirection"))
            others = results - told.whose("resultDirection", compared)
            more = re.search(r"; (\d+) more compares? no groups or (?:is|are) unclear", sentence)
            assert (int(more[1]) if more else 0) == len(others), condition
            moved = re.search(r"\((\d+) found an improvement over before, (\d+) a worsening\)", sentence)
            found = [int(each) for each in moved.groups()] if moved else [0, 0]
            names = ("uncontrolled-improvement", "uncontrolled-worsening")
            assert found == [len(others & told.whose("resultDirection", [told.term(each)])) for each in names]
            ways.update({"others": len(others), "worsenings": found[1]})
    assert ways["others"] > ways["worsenings"] > 0


def test_where_no_primary_result_compares_groups_others_that_do_are_told(told: Told) -> None:
    ways = [told.term(each) for each in ("favours-intervention", "no-difference", "favours-comparator")]
    primary = told.whose("resultFor", told.whose("outcomeRole", [told.term("primary")]))
    found = set()
    for condition in told.conditions:
        sentences = [row["sentence"] for row in told.rows("condition-short", condition)]
        lesser = [each for each in sentences if " for other outcomes than primary ones, " in each]
        results = told.whose("resultOf", told.trials(condition) & told.low & told.randomised)
        counts = [len((results - primary) & told.whose("resultDirection", [way])) for way in ways]
        composed = bool(sentences) and not told.of(condition, "summary")
        if not composed or results & primary & told.whose("resultDirection", ways) or not sum(counts):
            assert not lesser, condition
        else:
            assert [int(each) for each in re.findall(r"\d+", lesser[0])] == [sum(counts), *counts]
            found.add(condition.rpartition("/")[2])
    assert {"relapsing-remitting-ms", "secondary-progressive-ms"} <= found


def test_where_no_trial_is_recorded_claims_are_not_left_without_that_being_said(told: Told) -> None:
    kinds = told.whose("claimKind", map(told.term, ("efficacy", "safety")))
    ways = told.whose("valence", map(told.term, ("favours-ldn", "mixed", "no-benefit", "harm")))
    without = 0
    for condition in told.conditions:
        if told.trials(condition) or told.of(condition, "summary"):
            continue
        sentences = [row["sentence"] for row in told.rows("condition-short", condition)]
        claimed = told.whose("claimCondition", told.forms(condition)) & kinds & ways
        assert sentences[:1] == (["No trial in this condition is recorded here."] if claimed else [])
        assert len(sentences) == (2 if claimed else 0)
        without += bool(claimed)
    assert without > 5


def test_a_trial_whose_dose_is_not_shown_is_told_among_what_is_missing(told: Told) -> None:
    amounts = set().union(*(told._of(each) for each in ("doseValue", "doseMin", "doseMax")))
    dosed = told.whose("hasArm", told.whose("hasRegimen", amounts))
    for condition in told.conditions:
        rows = told.rows("condition-gaps", condition)
        found = {row["trial"] for row in rows if row["gap"].startswith("How much naltrexone")}
        assert found == told.trials(condition) - dosed - told.withdrawn, condition


def test_the_strip_of_a_page_counts_claims_about_benefit_or_harm_and_no_others(told: Told) -> None:
    kinds = told.whose("claimKind", map(told.term, ("efficacy", "safety")))
    assert kinds < told.whose("a", [f"{told.base}ont#Claim"])

    def counts(key: str, this: str) -> int:
        return sum(int(row["count"]) for row in told.rows(key, this))

    assert counts("home-balance", "dataset") == len(kinds)
    others = 0
    for study in told.whose("a", [f"{told.base}ont#Study"]):
        about = told.whose("aboutStudy", [study])
        assert counts("trial-balance", study) == len(about & kinds), study
        others += len(about - kinds)
    assert others
    for condition in told.conditions:
        about = told.whose("claimCondition", told.forms(condition))
        assert counts("condition-balance", condition) == len(about & kinds), condition


@pytest.mark.parametrize("key", ["condition-trials", "condition-harms"])
def test_every_trial_stands_with_its_dose(told: Told, key: str) -> None:
    seen = set()
    for condition in told.conditions:
        rows = told.rows(key, condition)
        assert all([row["dose"]] == told.of(row["trial"], "doseClass") for row in rows)
        seen |= {row["dose"] for row in rows}
        if key == "condition-trials":
            assert {row["trial"] for row in rows} == told.trials(condition)
            order = [row["trial"] not in told.low for row in rows]
            assert order == sorted(order)
    assert len(seen) > 2


def test_papers_and_the_studies_in_them_stand_with_their_dose(told: Told) -> None:
    papers = {row["paper"]: row for each in told.conditions for row in told.rows("condition-papers", each)}
    assert len(papers) > 100
    for paper, row in papers.items():
        assert [row["dose"]] == told.of(paper, "doseClass")
        rows = told.rows("document-studies", paper)
        assert all([each["dose"]] == told.of(each["study"], "doseClass") for each in rows if "dose" in each)
        undosed = {each["study"] for each in rows if "dose" not in each}
        assert undosed == {each["study"] for each in rows if not told.of(each["study"], "doseClass")}


def test_the_state_of_a_trial_that_is_not_completed_stands_with_its_design(told: Told) -> None:
    states = set()
    for condition in told.conditions:
        for row in told.rows("condition-trials", condition):
            (state,) = told.of(row["trial"], "status") or ["none"]
            names = [name.lower() for name in told.of(state, "label") if state != told.term("completed")]
            assert row["design"].partition("; state: ")[2] == "".join(names)
            states |= set(names)
    assert {"recruiting", "withdrawn", "terminated"} < states


def test_a_trial_that_is_not_verified_is_marked_among_the_trials(told: Told) -> None:
    unread = told.whose("verified", ["false"])
    marked = set()
    for condition in told.conditions:
        for row in told.rows("condition-trials", condition):
            assert ("; not verified" in row["design"]) == (row["trial"] in unread)
            marked |= {row["trial"]} & unread
    assert marked


def test_a_trial_of_another_dose_fills_no_gap(told: Told) -> None:
    gaps: dict[str, Callable[[set[str]], bool]] = {
        "A randomised trial of a low dose.": lambda low: not low & told.randomised - told.withdrawn,
        "A randomised trial of a low dose that enrolled more than 100 people.": lambda low: (
            0 < len(low & told.randomised - told.withdrawn)
            and max((told.people(each) or 0) for each in low & told.randomised) <= 100
        ),
        "An interval around the difference between groups, in any trial of a low dose.": lambda low: (
            bool(told.comparisons(low)) and not any(told.of(each, "ciLow") for each in told.comparisons(low))
        ),
        "Counts of unwanted effects from a trial of a low dose.": lambda low: (
            bool(low) and not told.harms(low)
        ),
    }
    for condition in told.conditions:
        found = {row["gap"] for row in told.rows("condition-gaps", condition) if row["gap"].endswith(".")}
        low = told.trials(condition) & told.low
        assert found == {gap for gap, holds in gaps.items() if holds(low)}, condition


def test_the_charts_of_trials_tell_low_doses_from_others(told: Told) -> None:
    trials = told.whose("a", [f"{told.base}ont#ClinicalTrial"])
    years: Counter[tuple[str, str]] = Counter()
    sizes: Counter[tuple[str, str]] = Counter()
    for each in trials:
        result = "with a result" if each in told.reported else "without a result"
        for date in told.of(each, "startDate"):
            years[date[:4], f"{told.dose(each)}, {result}"] += 1
        people = told.people(each)
        if people is not None:
            label = max((low, label) for label, low in SIZES.items() if low <= people)[1]
            design = "randomised" if each in told.randomised else "not randomised or not stated"
            sizes[label, f"{told.dose(each)}, {design}"] += 1
    for key, expected in (("trials-by-year", years), ("trials-by-size", sizes)):
        rows = told.rows(key, "ont#Study")
        assert {(row["label"], row["series"]): int(row["count"]) for row in rows} == expected
        assert {row["series"].partition(", ")[0] for row in rows} == {LOW, OTHER.partition(", ")[0]}


def test_each_difference_on_the_first_page_is_told_with_its_dose(told: Told) -> None:
    rows = told.rows("home-differences")
    said = {row["outcome"].rpartition("/")[2]: row["note"] for row in rows}
    assert said["odense-final-fibromyalgia"] == "Low dose (LDN)"
    assert said["bolton-2019"] == "oral naltrexone at any dose versus placebo"
    for row in rows:
        classes = told.of(row["outcome"], "doseClass")
        names = [name for each in classes for name in told.of(each, "label")]
        assert not names or row["note"] == names[0]
