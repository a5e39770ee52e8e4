"""The curated graph is found by what people type: identifiers, names, slips of the hand."""

from pathlib import Path

import pytest
from flask.testing import FlaskClient
from served import client_of, hrefs, html

from ldnkg.places import sources_root


@pytest.fixture(scope="module")
def curated(tmp_path_factory: pytest.TempPathFactory) -> FlaskClient:
    return client_of(Path(str(sources_root())), tmp_path_factory.mktemp("curated"), "http://localhost:8000/")


@pytest.mark.parametrize(
    ("identifier", "thing"),
    [
        ("20695007", "paper/cree-2010"),
        ("PMID 20695007", "paper/cree-2010"),
        ("pmid:20695007", "paper/cree-2010"),
        ("10.1002/ana.22006", "paper/cree-2010"),
        ("https://doi.org/10.1002/ana.22006", "paper/cree-2010"),
        ("PMC5669439", "paper/raknes-2017-ms"),
        ("NCT00501696", "trial/ucsf-ms-qol-crossover"),
        ("MONDO:0005301", "condition/multiple-sclerosis"),
        ("http://purl.obolibrary.org/obo/MONDO_0005301", "condition/multiple-sclerosis"),
        ("Q8277", "condition/multiple-sclerosis"),
        ("http://www.wikidata.org/entity/Q8277", "condition/multiple-sclerosis"),
        ("CHEBI:7465", "substance/naltrexone"),
        ("http://localhost:8000/id/trial/ucsf-ms-qol-crossover", "trial/ucsf-ms-qol-crossover"),
    ],
)
def test_an_identifier_leads_straight_to_its_thing(curated: FlaskClient, identifier: str, thing: str) -> None:
    response = curated.get("/search", query_string={"q": identifier})
    assert (response.status_code, response.headers["Location"]) == (303, f"/doc/{thing}")
    assert curated.get("/suggest", query_string={"q": identifier}).get_json()[0]["href"] == f"/doc/{thing}"


@pytest.mark.parametrize(
    ("typed", "thing"),
    [
        ("crohn", "condition/crohn-disease"),
        ("Chron disease", "condition/crohn-disease"),
        ("ms", "condition/multiple-sclerosis"),
        ("multiple scleross", "condition/multiple-sclerosis"),
        ("crohn's", "condition/crohn-disease"),
        ("Crohn\u2019s disease", "condition/crohn-disease"),
        ("fibromialga", "condition/fibromyalgia"),
        ("naltrex", "substance/naltrexone"),
    ],
)
def test_what_is_typed_is_completed_to_what_is_meant(curated: FlaskClient, typed: str, thing: str) -> None:
    assert curated.get("/suggest", query_string={"q": typed}).get_json()[0]["href"] == f"/doc/{thing}"


@pytest.mark.parametrize(
    ("q", "first"),
    [
        ("pain", "condition/chronic-pain"),
        ("fatigue", "condition/me-cfs"),
        ("headache", "adverse-event-type/headache"),
        ("cancer", "condition/cancer"),
        ("pain medicine", "journal/pain-medicine"),
    ],
)
def test_what_people_look_for_stands_before_journals_of_that_name(
    curated: FlaskClient, q: str, first: str
) -> None:
    found = [each["href"] for each in curated.get("/suggest", query_string={"q": q}).get_json()]
    things = [each for each in found if each.startswith("/doc/")]
    assert things[0] == f"/doc/{first}"


@pytest.mark.parametrize(
    ("q", "first"),
    [
        ("pain", "condition/chronic-pain"),
        ("fatigue", "condition/me-cfs"),
        ("ms", "condition/multiple-sclerosis"),
        ("ldn", "dose-band/low-dose-naltrexone"),
        ("long covid", "condition/long-covid"),
        ("headache", "adverse-event-type/headache"),
    ],
)
def test_the_first_result_is_what_a_reader_looks_for(curated: FlaskClient, q: str, first: str) -> None:
    assert results(curated, q)[0] == f"/doc/{first}"


@pytest.mark.parametrize("q", ["ms", "ldn"])
def test_how_the_graph_was_made_is_not_among_the_first_results(curated: FlaskClient, q: str) -> None:
    assert not [each for each in results(curated, q)[:5] if each.startswith("/doc/activity/")]


def test_an_entry_of_a_list_stays_near_what_is_called_so(curated: FlaskClient) -> None:
    assert "/vocab#pain" in results(curated, "pain")[:3]
    assert "/vocab#placebo" in results(curated, "placebo")[:3]


def results(curated: FlaskClient, q: str) -> list[str]:
    """Where the results lead, best first."""
    page = html(curated.get("/search", query_string={"q": q}))
    return [each.get("href", "") for each in page.findall(".//ol/li/a")]


@pytest.mark.parametrize(
    ("path", "thing"),
    [
        ("/class/trial?condition=multiple-sclerosis&design=crossover", "/doc/trial/ucsf-ms-qol-crossover"),
        ("/class/paper?condition=multiple-sclerosis&year=2010", "/doc/paper/cree-2010"),
        ("/class/claim?condition=multiple-sclerosis&evidence=documentary", "/doc/claim/c0006"),
        ("/search?q=cree&kind=paper&year=2010", "/doc/paper/cree-2010"),
    ],
)
def test_trials_papers_and_claims_are_narrowed(curated: FlaskClient, path: str, thing: str) -> None:
    response = curated.get(path)
    assert response.status_code == 200
    assert thing in hrefs(html(response))


@pytest.mark.parametrize("kind", ["trial", "paper", "claim"])
def test_an_unfiltered_list_is_a_page_of_less_than_a_hundred_kilobytes(
    curated: FlaskClient, kind: str
) -> None:
    assert len(curated.get(f"/class/{kind}").get_data()) < 100_000
