"""What stands around a thing: the same in the drawing and in the list, bounded for hubs."""

import json

import pytest
from conftest import EDDYSTONE, LIGHTS, write
from flask.testing import FlaskClient
from served import BASE, client_of, hrefs, html, words

from ldnkg.neighbours import EACH

MANY = 60


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> FlaskClient:
    path = tmp_path_factory.mktemp("around")
    more = {
        f"graph/light/l{number}.ttl": EDDYSTONE.replace("eddystone", f"l{number}").replace(
            '"Eddystone"', f'"Light {number} with a name so long that no drawing has room for all of it"'
        )
        for number in range(MANY)
    }
    write(path / "sources", LIGHTS | more)
    return client_of(path / "sources", path / "releases")


def test_the_list_names_each_tie_in_words_and_leads_on(site: FlaskClient) -> None:
    page = html(site.get("/neighbourhood/light/eddystone", base_url=BASE))
    rows = [words(each) for each in page.iter("div") if words(each).startswith("Kept by")]
    assert rows == ["Kept byHenry Winstanley around it"]
    assert "/doc/keeper/winstanley" in hrefs(page)
    assert "/neighbourhood/keeper/winstanley" in hrefs(page)


def test_of_a_hub_a_few_are_shown_and_all_are_counted(site: FlaskClient) -> None:
    page = html(site.get("/neighbourhood/keeper/winstanley", base_url=BASE))
    entries = [each for each in page.iter("li") if each.get("data-iri")]
    assert len(entries) == EACH
    assert f"{EACH} of {MANY + 1} are shown." in words(page)


def test_the_drawing_says_what_the_list_says(site: FlaskClient) -> None:
    page = html(site.get("/neighbourhood/keeper/winstanley", base_url=BASE))
    (drawing,) = [each for each in page.iter("div") if each.get("id") == "drawing"]
    told = json.loads(drawing.get("data-drawn") or "")
    listed = [each.get("data-iri") for each in page.iter("li") if each.get("data-iri")]
    assert [each["address"] for each in told["nodes"]] == ["/doc/keeper/winstanley", *listed]
    assert {(each["from"], each["to"]) for each in told["edges"]} == {
        (str(number), "0") for number in range(1, EACH + 1)
    }
    assert all(len(each["name"]) <= 60 for each in told["nodes"])


@pytest.mark.parametrize("name", ["light/nowhere", "light/", "light/%3E", "", "light/eddystone%00"])
def test_around_nothing_there_is_nothing(site: FlaskClient, name: str) -> None:
    assert site.get(f"/neighbourhood/{name}", base_url=BASE).status_code in (400, 404)


def test_a_page_leads_to_what_stands_around_its_thing(site: FlaskClient) -> None:
    page = html(site.get("/doc/light/eddystone", base_url=BASE, headers={"Accept": "text/html"}))
    assert "/neighbourhood/light/eddystone" in hrefs(page)
