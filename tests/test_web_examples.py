"""Each example query has a page: question, query, answer, and programs that run as they stand."""

import csv
import io
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

import engines
import pytest
import rdflib
from asked import ASKING, served
from conftest import write
from flask.testing import FlaskClient
from served import BASE, hrefs, html, tree, words

from ldnkg.query import Limits
from ldnkg.release import build
from ldnkg.sources import load

BROWSER = {"Accept": "text/html"}


@pytest.fixture(scope="module")
def asking(tmp_path_factory: pytest.TempPathFactory) -> FlaskClient:
    """The lighthouses with example queries; a query may run two seconds."""
    folder = tmp_path_factory.mktemp("examples")
    build(load(write(folder / "lights", ASKING)), folder / "releases", BASE)
    return engines.app_of(folder / "releases", Limits(seconds=2)).test_client()


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The same on a port of its own; gives the base."""
    with served(tmp_path_factory.mktemp("live"), "/lights/") as base:
        yield base


def page(client: FlaskClient, slug: str, **headers: str) -> ElementTree.Element:
    return html(client.get(f"/doc/query/{slug}", headers=BROWSER | headers))


def section(page: ElementTree.Element, heading: str) -> ElementTree.Element:
    (found,) = (each for each in page.iter("section") if heading in [words(h) for h in each.iter("h2")])
    return found


def cells(section: ElementTree.Element) -> list[str]:
    return [words(each) for each in section.iter("td")]


def programs(page: ElementTree.Element) -> dict[str, str]:
    """The text of each program, by its heading."""
    found = section(page, "From a program")
    texts = ["".join(each.itertext()) for each in found.iter("pre")]
    return dict(zip([words(each) for each in found.iter("h3")], texts, strict=True))


def test_the_page_of_a_query_has_question_keywords_text_and_permalink(asking: FlaskClient) -> None:
    found = page(asking, "tall")
    assert "Which lights are taller than 50 m?" in words(found)
    assert "Example query: height, towers" in words(found)
    text = "".join(section(found, "Query").find("pre").itertext())  # type: ignore[union-attr]
    assert text.startswith(f"PREFIX ex: <{BASE}ont#>\nSELECT ?light ?height")
    assert {each.get("class") for each in section(found, "Query").iter("span")} >= {"q-word", "q-variable"}
    assert "/doc/query/tall" in hrefs(section(found, "Query"))
    assert "Written for a test." in words(found), "what no part of the page tells of stands below"


def test_the_question_is_in_the_language_of_the_reader(asking: FlaskClient) -> None:
    response = asking.get("/doc/query/tall", headers=BROWSER | {"Accept-Language": "de"})
    assert "Welche Türme sind höher als 50 m?" in words(html(response))
    assert "accept-language" in response.vary.as_set()


def test_the_answer_of_this_release_and_the_recorded_one_stand_on_the_page(asking: FlaskClient) -> None:
    found = page(asking, "tall")
    answer = section(found, "1 row, complete")
    assert cells(answer) == ["Pharos of Alexandria light:pharos", "103"]
    assert "/doc/light/pharos" in hrefs(answer)
    (table,) = [where for where, text in hrefs(answer).items() if text == "CSV"]
    rows = list(csv.reader(io.StringIO(asking.get(table).text)))
    assert rows == [["light", "height"], [f"{BASE}id/light/pharos", "103"]]
    assert cells(section(found, "The answer that it must give")) == [f"{BASE}id/light/pharos", "103.0"]


def test_every_form_of_query_has_its_answer(asking: FlaskClient) -> None:
    assert section(page(asking, "quoted"), "Yes") is not None
    for slug, heading, triples in (("kept", "1 triple, complete", 1), ("all", "8 triples, complete", 8)):
        turtle = section(page(asking, slug), heading).findtext("pre/code")
        assert len(rdflib.Graph().parse(data=turtle, format="turtle")) == triples


def test_a_query_that_is_refused_has_a_page_that_says_so(asking: FlaskClient) -> None:
    found = page(asking, "elsewhere")
    assert "SERVICE is refused" in words(section(found, "No answer for now"))
    assert "SERVICE <http://example.org/sparql>" in words(section(found, "Query"))
    assert "From a program" not in words(found)


def test_a_query_without_an_answer_for_now_is_not_remembered_so(asking: FlaskClient) -> None:
    response = asking.get("/doc/query/endless", headers=BROWSER)
    assert response.status_code == 200
    assert "ran longer than 2 seconds" in words(section(html(response), "No answer for now"))
    assert cells(section(html(response), "The answer that it must give")) == ["1"]
    assert response.cache_control.no_store
    assert "ETag" not in response.headers


def test_the_page_of_an_answered_query_is_cached_like_any_other(asking: FlaskClient) -> None:
    first = asking.get("/doc/query/tall", headers=BROWSER)
    again = asking.get("/doc/query/tall", headers=BROWSER | {"If-None-Match": first.headers["ETag"]})
    assert (first.status_code, again.status_code) == (200, 304)


def test_a_query_is_data_too(asking: FlaskClient) -> None:
    graph = rdflib.Graph().parse(data=asking.get("/doc/query/tall.ttl").text, format="turtle")
    assert (rdflib.URIRef(f"{BASE}id/query/tall"), None, None) in graph


def test_the_list_of_examples_is_by_keyword_and_leads_to_each_that_runs(asking: FlaskClient) -> None:
    found = html(asking.get("/sparql/examples"))
    groups = {words(each): hrefs(section(found, words(each))) for each in found.iter("h2") if each.get("id")}
    groups = {name: links for name, links in groups.items() if name in ("Height", "Towers", "Others")}
    assert list(groups) == ["Height", "Towers", "Others"]
    assert set(groups["Towers"]) == {"/doc/query/kept", "/doc/query/tall"}
    assert set(groups["Others"]) == {f"/doc/query/{slug}" for slug in ("all", "endless", "quoted")}


def test_a_graph_without_examples_says_so(client: FlaskClient) -> None:
    assert "no example queries" in words(html(client.get("/sparql/examples")))
    assert "Questions to start from" not in words(html(client.get("/sparql", headers=BROWSER)))


def test_every_example_of_the_curated_graph_has_its_answer_on_its_page(curated: object) -> None:
    release = curated.path  # type: ignore[attr-defined]
    client = engines.app_of(release.parent, Limits(seconds=60)).test_client()
    links = {each for each in hrefs(html(client.get("/sparql/examples"))) if each.startswith("/doc/query/")}
    assert len(links) > 50
    for where in sorted(links):
        found = html(client.get(where, headers=BROWSER))
        assert "complete" in words(found) or "Yes" in words(found) or "No" in words(found), where
        assert "No answer for now" not in words(found), where


@pytest.mark.parametrize("slug", ["tall", "quoted", "kept", "all"])
@pytest.mark.parametrize("label", ["curl", "Python with requests", "Python with SPARQLWrapper"])
def test_the_programs_on_a_page_run_as_they_stand(live: str, tmp_path: Path, slug: str, label: str) -> None:
    shown = subprocess.run(
        ["curl", "-s", "-H", "Accept: text/html", f"{live}doc/query/{slug}"], capture_output=True, check=True
    )
    text = programs(tree(shown.stdout.decode()))[label]
    command = ["sh", "-c", text] if label == "curl" else [sys.executable, "-c", text]
    run = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, encoding="utf-8")
    assert run.returncode == 0, run.stderr
    expected = {
        "tall": f"{live}id/light/pharos",
        "quoted": "true",
        "kept": "winstanley",
        "all": "Φάρος της Αλεξάνδρειας",
    }
    assert expected[slug].casefold()[:40] in run.stdout.casefold()


def test_r_asks_with_the_query_as_it_is(asking: FlaskClient) -> None:
    text = programs(page(asking, "quoted"))["R"]
    assert r"STRLEN(" in text
    assert 'r"(' in text.splitlines()[0] or 'r"-(' in text.splitlines()[0]


def test_a_class_without_a_page_of_its_own_has_the_common_one(asking: FlaskClient) -> None:
    assert "From a program" not in words(html(asking.get("/doc/light/pharos", headers=BROWSER)))
