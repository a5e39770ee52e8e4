"""The panels of the curated graph: every one runs, and what they say agrees with the evidence."""

import re
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from pyoxigraph import NamedNode
from stored import store_of

from ldnkg.counts import Term
from ldnkg.describe import label
from ldnkg.iris import PREFIXES
from ldnkg.places import sources_root
from ldnkg.sources import Sources, load
from ldnkg.store import Store
from ldnkg.views import PANELS, Overviews, Panels, Shown, few, write_panels
from ldnkg.web.view import types

OBO = "http://purl.obolibrary.org/obo/"
SOME = 25
"""So many things of each kind are tried."""


@pytest.fixture(scope="module")
def sources() -> Sources:
    return load(sources_root())


@pytest.fixture(scope="module")
def store(sources: Sources, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    with closing(store_of(sources, tmp_path_factory.mktemp("panels") / "release")) as opened:
        yield opened


@pytest.fixture(scope="module")
def panels(sources: Sources, store: Store) -> Panels:
    return Panels(store, {**PREFIXES, **sources.prefixes})


def shown(panels: Panels, key: str, thing: str, base: str) -> Shown:
    panel = panels.named(key)
    assert panel
    return panels.shown(panel, NamedNode(f"{base}id/{thing}"))


def said(it: Shown) -> list[dict[str, str]]:
    return [{name: str(getattr(term, "value", term)) for name, term in row.items()} for row in it.rows]


def test_every_panel_runs_on_things_of_its_class(sources: Sources, store: Store, panels: Panels) -> None:
    filled = set()
    for segment, class_, _ in store.types():
        for panel in panels.on_list(class_):
            filled |= {panel.key} if panels.shown(panel, class_).rows else set()
        for thing in store.members(segment, 0, SOME)[0]:
            for panel in panels.on_page(types(store, thing)):
                filled |= {panel.key} if panels.shown(panel, thing).rows else set()
    dataset = NamedNode(f"{sources.base}dataset")
    for panel in (*panels.on_home(dataset), *panels.on_quality(dataset)):
        filled |= {panel.key} if panels.shown(panel, dataset).rows else set()
    text = "".join(each.read_text(encoding="utf-8") for each in _files())
    keys = {line.split()[0].removeprefix("shp:") for line in text.splitlines() if " a view:Panel" in line}
    assert keys - filled <= {"document-notices", "document-verdicts", "document-verdicts-count"}


def test_the_picture_of_a_list_is_called_like_the_class_that_its_panel_names(
    sources: Sources, panels: Panels
) -> None:
    for key, class_ in (
        ("trials-by-year", "Study"),
        ("trials-by-size", "Study"),
        ("claims-by-level", "Claim"),
    ):
        panel = panels.named(key)
        assert panel and panels.where(panel) == NamedNode(f"{sources.base}ont#{class_}")
    for key in ("trial-arms", "condition-short"):
        panel = panels.named(key)
        assert panel and panels.where(panel) is None


def test_every_panel_says_in_which_order_its_rows_stand() -> None:
    text = "".join(each.read_text(encoding="utf-8") for each in _files())
    queries = re.findall(
        r'(shp:[\w-]+) a view:Panel(?:(?!sh:select).)*sh:select """(.*?)(?<!\\)"""', text, re.DOTALL
    )
    assert len(queries) > 50
    behind = {name: query.rpartition("}")[2] for name, query in queries}
    assert [name for name, last in behind.items() if "ORDER BY" not in last] == []


def test_of_equals_the_evidence_matrix_takes_those_that_come_first(sources: Sources, store: Store) -> None:
    """Fourteen rows: those with most claims, and of as many claims the first by address, whichever engine."""
    counted = store.select(
        f"""PREFIX ldn: <{sources.base}ont#> PREFIX v: <{sources.base}vocab#>
        PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
        SELECT ?row (COUNT(DISTINCT ?claim) AS ?all) {{
          ?claim ldn:claimCondition ?form ; ldn:claimKind ?kind . ?form skos:broader* ?row .
          FILTER(?kind IN (v:efficacy, v:safety)) FILTER NOT EXISTS {{ ?row skos:broader ?wider }}
        }} GROUP BY ?row"""
    )
    ranked = sorted((-int(value(each["all"])), value(each["row"])) for each in counted)
    assert ranked[13][0] == ranked[14][0], "the last row that is shown has an equal that is not"
    panels = Panels(store, {**PREFIXES, **sources.prefixes})
    panel = panels.named("home-heat")
    assert panel
    rows = panels.shown(panel, NamedNode(f"{sources.base}dataset")).rows
    assert list(dict.fromkeys(value(each["row"]) for each in rows)) == [name for _, name in ranked[:14]]


def value(term: Term) -> str:
    return str(getattr(term, "value", term))


def _files() -> list[Path]:
    root = sources_root()
    assert isinstance(root, Path)
    return list((root / "shapes" / "panels").glob("*.ttl"))


def test_people_who_were_only_planned_are_not_told_as_enrolled(sources: Sources, panels: Panels) -> None:
    facts = said(shown(panels, "condition-glance", "condition/multiple-sclerosis", sources.base))
    (people,) = [
        each for each in facts if each["name"] == "People enrolled in randomised trials of a low dose"
    ]
    assert (people["value"], people["note"]) == ("176", "the largest: 96")
    rows = said(shown(panels, "condition-trials", "condition/multiple-sclerosis", sources.base))
    told = {each["trial"].rpartition("/")[2]: each.get("people") for each in rows}
    assert (told["uk-ms-ldn-planned"], told["ucsf-ms-qol-crossover"]) == ("120 planned", "80")
    flow = said(shown(panels, "trial-flow", "trial/uk-ms-ldn-planned", sources.base))
    assert "people" not in flow[0] and flow[0]["text"].startswith("Planned: 120 people.")


def test_those_who_were_enrolled_are_not_told_as_assigned_at_random(sources: Sources, panels: Panels) -> None:
    """A trial can lose people before they are assigned: 53 enrolled, and 16 and 15 assigned."""
    flow = said(shown(panels, "trial-flow", "trial/stanford-fibromyalgia-crossover", sources.base))
    assert (flow[0]["people"], flow[0]["text"]) == ("53", "enrolled; assignment at random")


@pytest.mark.parametrize(
    ("condition", "first", "compared"),
    [
        (
            "pruritus",
            "not known: no primary result that compares the groups of a randomised trial of a low dose",
            "",
        ),  # a cream
        (
            "parkinson-disease",
            "not known: no primary result that compares the groups of a randomised trial of a low dose",
            "",
        ),  # 100 mg
        (
            "opioid-dependence",
            "not known: no primary result that compares the groups of a randomised trial of a low dose",
            "",
        ),  # 0.25 mg
        (
            "osteoarthritis",  # 2 micrograms with oxycodone, and 4.5 mg in several kinds of arthritis
            "favours low-dose naltrexone over what it was compared with",
            "Of 1 primary result of a low dose compared between randomised groups, 0 favoured naltrexone, "
            "1 found no significant difference and 0 favoured the comparator; "
            "1 is of a trial of several conditions.",
        ),
        (
            "gulf-war-illness",
            "the groups of a randomised trial of a low dose in this condition alone is recorded here",
            "Of 1 primary result of a low dose compared between randomised groups, 1 favoured naltrexone, "
            "0 found no significant difference and 0 favoured the comparator; "
            "1 is of a trial of several conditions; 1 more compares no groups or is unclear.",
        ),
    ],
)
def test_what_is_composed_in_short_counts_low_doses_alone(
    sources: Sources, panels: Panels, condition: str, first: str, compared: str
) -> None:
    told = [
        each["sentence"]
        for each in said(shown(panels, "condition-short", f"condition/{condition}", sources.base))
    ]
    assert first in told[0]
    assert [each for each in told if " compared between randomised groups" in each] == (
        [compared] if compared else []
    )


def test_what_is_composed_in_short_counts_no_claims_where_there_are_none(
    sources: Sources, panels: Panels
) -> None:
    some = said(shown(panels, "condition-short", "condition/aids", sources.base))
    none = said(shown(panels, "condition-short", "condition/age-related-disease", sources.base))
    begin = "Of the claims about benefit or harm, "
    assert [each["sentence"] for each in some if begin in each["sentence"]] == [
        f"{begin}1 speaks for a benefit or for being tolerated, 0 are mixed, 0 speak against a benefit, "
        "and 0 tell of harm."
    ]
    assert none and [each for each in none if begin in each["sentence"]] == []


def test_what_sources_differ_about_is_told_in_words_and_not_by_its_key(
    sources: Sources, store: Store, panels: Panels
) -> None:
    told = {}
    for trial in store.members("trial", 0, 200)[0]:
        name = trial.value.removeprefix(f"{sources.base}id/")
        told[name] = {row["field"] for row in said(shown(panels, "trial-discrepancies", name, sources.base))}
    assert "Memory problems" in told["trial/odense-final-fibromyalgia"]
    assert "Remission (PCDAI 10 or below) threshold" in told["trial/penn-state-paediatric-crohn"]
    assert [field for fields in told.values() for field in fields if re.match(r"[a-z]+\.", field)] == []


def test_a_trial_is_told_by_its_primary_outcomes_first(sources: Sources, panels: Panels) -> None:
    """A nominal gain in a secondary outcome does not stand above the outcome that the trial was made for."""
    rows = said(shown(panels, "condition-trials", "condition/fibromyalgia", sources.base))
    order = {"Primary": 0, "Secondary": 1}
    ranks: dict[str, list[int]] = {}
    for each in rows:
        if "outcome" in each:
            ranks.setdefault(each["trial"], []).append(order.get(each.get("priority", ""), 2))
    assert all(each == sorted(each) for each in ranks.values())
    assert len(ranks[next(each for each in ranks if each.endswith("odense-final-fibromyalgia"))]) > 2


def test_a_condition_is_told_under_the_names_of_other_vocabularies(sources: Sources, panels: Panels) -> None:
    rows = said(shown(panels, "condition-glance", "condition/multiple-sclerosis", sources.base))
    same = [(each["value"], each.get("link")) for each in rows if each["name"] == "Same condition elsewhere"]
    assert same == [
        ("Disease Ontology DOID:2377", f"{OBO}DOID_2377"),
        ("ICD-10 (WHO) G35", None),
        ("ICD-10-CM G35", None),
        ("ICD-11 foundation 1298865187", "http://id.who.int/icd/entity/1298865187"),
        ("MeSH D009103", "http://id.nlm.nih.gov/mesh/D009103"),
        ("Mondo Disease Ontology MONDO:0005301", f"{OBO}MONDO_0005301"),
        ("UMLS C0026769", "https://identifiers.org/umls:C0026769"),
        ("Wikidata Q8277", "http://www.wikidata.org/entity/Q8277"),
    ]
    rows = said(shown(panels, "condition-glance", "condition/primary-progressive-ms", sources.base))
    wider = [(each["value"], each["link"]) for each in rows if each["name"] == "Wider condition elsewhere"]
    assert wider == [("MeSH D020528", "http://id.nlm.nih.gov/mesh/D020528")]


def test_each_identifier_of_a_condition_leads_to_what_the_graph_says_it_is(
    sources: Sources, store: Store, panels: Panels
) -> None:
    """Once, and those of one vocabulary to one place; only the codes of ICD-10 have no address."""
    places: dict[str, set[str | None]] = {}
    (number,) = (count for segment, _, count in store.types() if segment == "condition")
    for thing in store.members("condition", 0, number)[0]:
        name = thing.value.removeprefix(f"{sources.base}id/")
        rows = [
            (each["value"], each.get("link"))
            for each in said(shown(panels, "condition-glance", name, sources.base))
            if each["name"].endswith("elsewhere")
        ]
        assert len(rows) == len({value for value, _ in rows}), rows
        for value, link in rows:
            scheme, _, code = value.rpartition(" ")
            place = link.removesuffix(re.sub("^.*:", "", code)) if link else None
            places.setdefault(scheme, set()).add(place)
    assert {scheme: len(each) for scheme, each in places.items()} == dict.fromkeys(places, 1)
    assert sorted(scheme for scheme, each in places.items() if None in each) == ["ICD-10 (WHO)", "ICD-10-CM"]


HARMS = """PREFIX ldn: <{base}ont#> PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
SELECT ?trial ?event ?arm ?affected ?percent ?serious ?note {{
  ?report a ldn:AdverseEventReport ; ldn:resultOf ?trial ; ldn:adverseEventType ?type .
  ?type skos:prefLabel ?event .
  OPTIONAL {{ ?report ldn:inArm ?group . ?group skos:prefLabel ?arm }}
  OPTIONAL {{ ?report ldn:affected ?affected }} OPTIONAL {{ ?report ldn:percent ?percent }}
  OPTIONAL {{ ?report ldn:serious ?serious }} OPTIONAL {{ ?report ldn:note ?note }}
}}"""
"""Every count of an unwanted effect in the graph: each is from a trial of naltrexone or of its salt."""


def test_the_page_of_the_drug_tells_each_harm_of_each_trial_with_its_numbers(
    sources: Sources, store: Store, panels: Panels
) -> None:
    columns = ("trial", "event", "arm", "serious", "note")
    found = store.select(HARMS.format(base=sources.base))
    assert len(found) > 40
    recorded = [[value(row[each]) if row.get(each) else None for each in columns] for row in found]
    rows = said(shown(panels, "substance-harms", "substance/naltrexone", sources.base))
    assert sorted(map(str, recorded)) == sorted(str([row.get(each) for each in columns]) for row in rows)
    numbers = [value(row[each]) for row in found for each in ("affected", "percent") if row.get(each)]
    told = [re.findall(r"^([0-9]+)(?: |$)|([0-9.]+)%", row["affected"]) for row in rows]
    assert sorted(numbers) == sorted(one or other for each in told for one, other in each)
    final = {
        (row["event"], row.get("arm")): row["affected"]
        for row in rows
        if row["trial"].endswith("/odense-final-fibromyalgia")
    }
    assert final["any adverse event", "LDN"] == "41 of 49 (84%)"
    assert final["any adverse event", "Placebo"] == "43 of 50 (86%)"
    assert final["death", None] == "0"
    assert {row["affected"] for row in rows if row["trial"].endswith("/allodynic-anodyne-1")} == {
        "no number recorded"
    }
    of_salt = said(shown(panels, "substance-harms", "substance/naltrexone-hydrochloride", sources.base))
    assert {row["trial"].rpartition("/")[2] for row in of_salt} == {"pti-901-ibs-pilot"}


def test_the_page_of_the_drug_tells_each_claim_about_harm_whichever_way_it_goes(
    sources: Sources, store: Store, panels: Panels
) -> None:
    found = store.select(
        f"""PREFIX ldn: <{sources.base}ont#> PREFIX v: <{sources.base}vocab#>
        SELECT DISTINCT ?claim ?side {{
          ?claim a ldn:Claim ; ldn:claimSubject ?subject ; ldn:valence ?side ; ldn:claimKind ?kind .
          ?subject a ?class . FILTER(?class IN (ldn:Substance, ldn:DoseBand))
          FILTER(?kind = v:safety || ?side = v:harm)
        }}"""
    )
    recorded = {(value(row["claim"]), value(row["side"])) for row in found}
    rows = said(shown(panels, "substance-harm-claims", "substance/naltrexone", sources.base))
    assert {(row["claim"], row["side"]) for row in rows} == recorded
    sides = [row["side"].rpartition("#")[2] for row in rows]
    assert sides[0] == "harm" and {"favours-ldn", "mixed"} <= set(sides)


def test_the_page_of_the_drug_tells_what_labels_list_by_dose(
    sources: Sources, store: Store, panels: Panels
) -> None:
    rows = said(shown(panels, "substance-listed-harms", "substance/naltrexone", sources.base))
    listed = store.select(f"SELECT ?one {{ ?one a <{sources.base}ont#ListedAdverseEffect> }}")
    told = {(row["dose"].rpartition("/")[2], row["event"]) for row in rows}
    assert len(told) == len(listed) > 10
    assert {
        ("low-dose-naltrexone", "vivid dreams"),
        ("standard-dose-naltrexone", "depression or suicidal thoughts"),
    } <= told


def test_the_page_of_the_drug_tells_how_many_studies_have_no_record_of_harms(
    sources: Sources, store: Store, panels: Panels
) -> None:
    def count(more: str) -> int:
        (row,) = store.select(
            f"""PREFIX ldn: <{sources.base}ont#> SELECT (COUNT(DISTINCT ?trial) AS ?n) {{
            ?trial ldn:hasArm ?arm . ?arm ldn:hasRegimen ?regimen . ?regimen ldn:regimenSubstance ?drug .
            FILTER(STRSTARTS(STR(?drug), "{sources.base}id/substance/naltrexone")) {more} }}"""
        )
        return int(value(row["n"]))

    of, without = (
        count(""),
        count("FILTER NOT EXISTS { ?any ldn:resultOf ?trial ; a ldn:AdverseEventReport }"),
    )
    assert 0 < without < of
    rows = said(shown(panels, "substance-harm-gaps", "substance/naltrexone", sources.base))
    assert [int(each) for each in re.findall("[0-9]+", rows[0]["gap"])] == [of, without]
    assert said(shown(panels, "substance-harm-gaps", "substance/6-beta-naltrexol", sources.base)) == []


@pytest.mark.parametrize("key", ["substance-harms", "substance-harm-claims"])
def test_a_drug_without_recorded_harms_is_not_told_as_harmless(
    sources: Sources, panels: Panels, key: str
) -> None:
    it = shown(panels, key, "substance/6-beta-naltrexol", sources.base)
    assert it.rows == ()
    assert it.panel.empty and it.panel.empty.value.endswith("that does not mean that there are none.")


def test_each_claim_that_conflicts_with_another_is_told_once_with_the_question(
    sources: Sources, store: Store, panels: Panels
) -> None:
    disputes = f"SELECT ?one ?other {{ ?one <{sources.base}ont#disputesClaim> ?other }}"
    pairs = [(str(row["one"]), str(row["other"])) for row in store.select(disputes)]
    assert len(pairs) > 20
    for one, other in (*pairs, *((other, one) for one, other in pairs)):
        thing = one.strip("<>").removeprefix(f"{sources.base}id/")
        rows = said(shown(panels, "claim-conflicts", thing, sources.base))
        told = [(row["claim"], row.get("question")) for row in rows]
        assert other.strip("<>") in {claim for claim, _ in told}
        assert all(question for _, question in told), one
        assert len(told) == len(set(told))


@pytest.mark.parametrize(
    ("panel", "thing"),
    [
        ("condition-trials", "condition/multiple-sclerosis"),
        ("trial-forest", "trial/ucsf-ms-qol-crossover"),
        ("trial-results", "trial/ucsf-ms-qol-crossover"),
    ],
)
def test_a_sign_stays_with_its_number(sources: Sources, panels: Panels, panel: str, thing: str) -> None:
    values = [each["p"] for each in said(shown(panels, panel, thing, sources.base)) if "p" in each]
    signs = [each for each in values if not each[0].isdigit()]
    assert signs
    assert all(re.fullmatch("[<>≤≥]\u00a0[0-9.]+", each) for each in signs), signs


def test_the_article_is_told_in_its_own_order_with_every_verdict(sources: Sources, panels: Panels) -> None:
    rows = said(shown(panels, "document-verdicts", "source/seed-article", sources.base))
    assert len({each["statement"] for each in rows}) == 33
    places = [int(each["place"]) for each in rows if "place" in each]
    assert places == sorted(places)
    counted = said(shown(panels, "document-verdicts-count", "source/seed-article", sources.base))
    assert sum(int(each["count"]) for each in counted) == 33


def test_both_retracted_papers_are_flagged(sources: Sources, panels: Panels) -> None:
    flagged = {str(getattr(each, "value", "")).rpartition("/")[2] for each in panels.flags}
    assert flagged >= {"wang-2008-retracted", "wang-burns-2009-retracted"}


def test_what_was_asked_for_the_release_is_what_the_queries_give(
    sources: Sources, store: Store, panels: Panels, tmp_path: Path
) -> None:
    dataset, prefixes = NamedNode(f"{sources.base}dataset"), {**PREFIXES, **sources.prefixes}
    hub = NamedNode(f"{sources.base}id/condition/multiple-sclerosis")
    write_panels(tmp_path / PANELS, store, prefixes, dataset, [hub])
    classes = [class_ for _, class_, _ in store.types()]
    places = [(each, dataset) for each in (*panels.on_home(dataset), *panels.on_quality(dataset))]
    places += [(each, class_) for class_ in classes for each in panels.on_list(class_)]
    places += [(each, hub) for each in panels.on_page(types(store, hub))]
    with closing(Overviews(tmp_path / PANELS)) as kept:
        ready = Panels(store, prefixes, kept)
        for panel, this in places:
            assert kept.rows(panel.node, this) is not None
            assert _told(ready.shown(panel, this)) == _told(panels.shown(panel, this))
        assert ready.flags == panels.flags
        other = NamedNode(f"{sources.base}id/condition/fibromyalgia")
        (claims,) = [each for each in panels.on_page(types(store, other)) if each.key == "condition-claims"]
        assert ready.shown(claims, other) == panels.shown(claims, other), "what is not kept is asked"


def test_no_two_kinds_of_things_are_called_alike(store: Store) -> None:
    called = [label(store, class_, ["en"]).value.lower() for _, class_, _ in store.types()]
    assert len(called) > 20
    assert sorted(called) == sorted(set(called))


def test_kinds_with_few_things_are_those_whose_pages_are_made_ready(store: Store) -> None:
    kinds = {segment: count for segment, _, count in store.types()}
    most = sorted(kinds.values())[len(kinds) // 2]
    found = [node.value.split("/id/")[1].partition("/")[0] for node in few(store, most)]
    assert {each: found.count(each) for each in found} == {
        name: count for name, count in kinds.items() if count <= most
    }


def _told(it: Shown) -> tuple[object, ...]:
    """A panel with its rows; those that have no order in an order."""
    rows = (
        it.rows if "ORDER BY" in it.query else sorted(it.rows, key=lambda row: sorted(map(str, row.items())))
    )
    return it.columns, list(rows), it.total, it.query
