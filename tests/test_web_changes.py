"""What changed from release to release is told to people, to programs and to those who follow a feed."""

from datetime import datetime
from pathlib import Path
from xml.etree import ElementTree

import engines
import pytest
from conftest import EDDYSTONE, LIGHTS, write
from flask.testing import FlaskClient
from pyoxigraph import RdfFormat, Triple, parse
from served import BASE, hrefs, html, title, words

from ldnkg.counts import MANY
from ldnkg.release import build
from ldnkg.sources import load

ATOM = "{http://www.w3.org/2005/Atom}"
DECIMAL = "http://www.w3.org/2001/XMLSchema#decimal"
NEW = {
    "graph/light/eddystone.ttl": EDDYSTONE.replace("49.0", "50.0")
    .replace("v:lit", "v:dark")
    .replace('"Eddystone Rocks"@en', '"Eddystone <b>Reef</b>"@en, "Felsen"@de')
    .replace("Eddystone lamp", "Eddystone candles")
    .replace("keeper/winstanley", "keeper/smeaton"),
    "graph/keeper/smeaton.ttl": LIGHTS["graph/keeper/winstanley.ttl"]
    .replace("winstanley", "smeaton")
    .replace("Henry Winstanley", "John Smeaton"),
}


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[str]]:
    """Three releases: in the second much is said otherwise, in the third the Pharos is gone."""
    folder = tmp_path_factory.mktemp("changes")
    ids = []
    for files in (LIGHTS, NEW, {}):
        sources = write(folder / "lights", files)
        if not files:
            (sources / "graph/light/pharos.ttl").unlink()
        ids.append(build(load(sources), folder / "releases", BASE).id)
    return folder / "releases", ids


@pytest.fixture(scope="module")
def web(built: tuple[Path, list[str]]) -> FlaskClient:
    """A client of these releases."""
    return engines.app_of(built[0]).test_client()


@pytest.fixture(scope="module")
def ids(built: tuple[Path, list[str]]) -> list[str]:
    """The ids of these releases."""
    return built[1]


def test_the_difference_is_told_in_sentences_by_name(web: FlaskClient) -> None:
    page = html(web.get("/changes/light/eddystone", headers={"Accept": "text/html"}))
    assert title(page) == "Eddystone"
    told = {
        words(row[0]): words(row[1])
        for each in page.iter("dl")
        for row in each
        if each.get("class") != "counts"
    }
    assert told["Height"] == "changed from 49.0 to 50.0"
    assert told["State"] == "changed from lit to dark"
    assert told["Kept by"] == "changed from Henry Winstanley to John Smeaton"
    assert told["Alt label"] == ("changed from Eddystone Rocks to Eddystone <b>Reef</b> added: Felsen (de)")
    assert told["Pref label"] == "changed from Eddystone lamp to Eddystone candles"
    assert [words(each) for each in page.iter("h3")] == ["Eddystone candles (changed)"]


def test_the_order_is_that_of_the_page_of_the_thing(web: FlaskClient) -> None:
    claims = web.get("/changes/light/eddystone.json").get_json()["claims"]
    assert [each["label"] for each in claims] == ["state", "height", "kept by", "alt label"]


def test_by_default_a_thing_is_compared_with_when_it_was_last_other(web: FlaskClient, ids: list[str]) -> None:
    said = web.get("/changes/light/eddystone.json").get_json()
    assert (said["from"]["release"], said["to"]["release"]) == (ids[0], ids[2])
    assert said["change"] == "changed" and said["complete"]
    chosen = web.get(f"/changes/light/eddystone.json?from={ids[1]}&to={ids[2]}").get_json()
    assert chosen["change"] == "same" and chosen["claims"] == chosen["parts"] == []
    back = web.get(f"/changes/light/eddystone.json?from={ids[1]}&to={ids[0]}").get_json()
    assert back["claims"][1]["replaced"][0]["to"] == {"type": "literal", "value": "49.0", "datatype": DECIMAL}


def test_what_links_to_a_thing_is_told_apart(web: FlaskClient) -> None:
    said = web.get("/changes/keeper/winstanley.json").get_json()
    assert said["change"] == "changed" and said["claims"] == []
    (link,) = said["linked_from"]
    assert link["direction"] == "incoming" and link["removed"] == [
        {"type": "uri", "value": BASE + "id/light/eddystone", "label": "Eddystone"}
    ]


def test_a_thing_that_is_new_or_gone_is_told_whole(web: FlaskClient, ids: list[str]) -> None:
    new = web.get("/changes/keeper/smeaton.json").get_json()
    assert (new["change"], new["from"]["release"]) == ("added", ids[0])
    gone = web.get("/changes/light/pharos.json").get_json()
    assert gone["change"] == "removed" and gone["label"] == "Pharos of Alexandria"
    assert {each["label"] for each in gone["claims"]} >= {"height", "state"}
    page = html(web.get("/changes/light/pharos", headers={"Accept": "text/html"}))
    assert "the later release does not have it" in words(page)
    assert f"/doc/light/pharos?release={ids[1]}" in hrefs(page)


def test_the_links_of_a_difference_lead_somewhere(web: FlaskClient) -> None:
    for path in ("/changes/light/eddystone", "/changes/light/pharos", "/changes", "/timemap/light/pharos"):
        for where in hrefs(html(web.get(path, headers={"Accept": "text/html"}))):
            if where.startswith("/"):
                assert web.get(where, follow_redirects=True, buffered=True).status_code == 200, where


def test_a_patch_turns_one_document_into_the_other(web: FlaskClient, ids: list[str]) -> None:
    patch = web.get(f"/changes/light/eddystone.rdfp?from={ids[0]}&to={ids[1]}").text

    def triples(operation: str) -> set[Triple]:
        text = "".join(line[2:] + "\n" for line in patch.splitlines() if line.startswith(operation + " "))
        return {quad.triple for quad in parse(text, format=RdfFormat.N_TRIPLES)}

    def said(release: str) -> set[Triple]:
        data = web.get(f"/doc/light/eddystone.nt?release={release}").data
        about = f"<{BASE}id/light/eddystone"
        found = {quad.triple for quad in parse(data, format=RdfFormat.N_TRIPLES)}
        return {each for each in found if str(each.subject).startswith(about)}

    assert patch.splitlines()[2] == "TX ." and patch.splitlines()[-1] == "TC ."
    assert triples("D") and triples("D") <= said(ids[0])
    assert (said(ids[0]) - triples("D")) | triples("A") == said(ids[1])


def test_an_entity_that_never_was_is_not_found(web: FlaskClient, ids: list[str]) -> None:
    for path in ("light/nowhere", "light", "light/eddystone.xyz", "../x", "light/%3Cb%3E", "a b"):
        assert web.get(f"/changes/{path}").status_code == 404, path
    assert web.get("/changes/light/eddystone?from=nonsense").status_code == 404
    assert web.get("/changes/light/eddystone?to=../x").status_code == 404
    assert web.get(f"/changes?to={'0' * 16}").status_code == 404
    assert web.get("/changes/light/eddystone", headers={"Accept": "image/png"}).status_code == 406


def test_the_changes_of_each_release_are_counted_and_listed(web: FlaskClient, ids: list[str]) -> None:
    said = web.get("/changes.json").get_json()
    assert [each["release"] for each in said["releases"]] == ids[::-1]
    assert [each.get("added") for each in said["releases"]] == [0, 1, None]
    assert [each.get("changed") for each in said["releases"]] == [0, 1, None]
    assert [each.get("removed") for each in said["releases"]] == [1, 0, None]
    one = web.get(f"/changes.json?to={ids[1]}").get_json()
    assert [(each["label"], each["change"]) for each in one["things"]] == [
        ("John Smeaton", "added"),
        ("Eddystone", "changed"),
    ]
    path = one["things"][1]["difference"].removeprefix(BASE[:-1])
    assert web.get(path, headers={"Accept": "application/json"}).get_json()["change"] == "changed"
    page = html(web.get("/changes", headers={"Accept": "text/html"}))
    assert {"John Smeaton", "Eddystone", "Pharos of Alexandria"} <= set(hrefs(page).values())


def test_the_feed_is_atom(web: FlaskClient, ids: list[str]) -> None:
    """RFC 4287: what a feed and its entries must have, and what must be whole addresses and times."""
    response = web.get("/changes.atom")
    assert response.mimetype == "application/atom+xml"
    feed = ElementTree.fromstring(response.text)
    assert feed.tag == ATOM + "feed" and feed.findtext(f"{ATOM}author/{ATOM}name") == "Lighthouses"
    (self_,) = [each.get("href") for each in feed.findall(ATOM + "link") if each.get("rel") == "self"]
    assert self_ == feed.findtext(ATOM + "id") == BASE + "changes.atom"
    entries = feed.findall(ATOM + "entry")
    for each in (feed, *entries):
        assert each.findtext(ATOM + "title") and (each.findtext(ATOM + "id") or "").startswith(BASE)
        assert datetime.fromisoformat(each.findtext(ATOM + "updated") or "").tzinfo
    assert len({each.findtext(ATOM + "id") for each in entries}) == len(entries)
    assert [each.findtext(ATOM + "title") for each in entries][:3] == [
        "Pharos of Alexandria: removed",
        "John Smeaton: added",
        "Eddystone: changed",
    ]
    for each in entries:
        for link in each.findall(ATOM + "link"):
            where = (link.get("href") or "").removeprefix(BASE[:-1])
            assert web.get(where, follow_redirects=True).status_code == 200, where


def test_every_page_leads_to_the_feed(web: FlaskClient) -> None:
    for path in ("/", "/doc/light/eddystone", "/dataset"):
        page = html(web.get(path, headers={"Accept": "text/html"}))
        assert "/changes.atom" in [
            each.get("href") for each in page.iter("link") if each.get("type") == "application/atom+xml"
        ]


def test_a_copy_that_is_still_good_is_not_sent_again(web: FlaskClient) -> None:
    for path in (
        "/changes.atom",
        "/changes.json",
        "/changes/light/eddystone.json",
        "/timemap/light/eddystone",
    ):
        tag = web.get(path).headers["ETag"]
        assert web.get(path, headers={"If-None-Match": tag}).status_code == 304
        assert web.head(path).status_code == 200


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> FlaskClient:
    """A keeper of many lights; in the second release all of these are new but one, which is gone."""
    folder = tmp_path_factory.mktemp("hub")
    sources = write(folder / "lights", LIGHTS)
    build(load(sources), folder / "releases", BASE)
    for each in range(2 * MANY):
        light = EDDYSTONE.replace("eddystone", f"l{each:03}").replace('"Eddystone', f'"L{each:03}')
        write(sources, {f"graph/light/l{each:03}.ttl": light})
    (sources / "graph/light/eddystone.ttl").unlink()
    build(load(sources), folder / "releases", BASE)
    return engines.app_of(folder / "releases").test_client()


def test_the_difference_of_a_hub_is_bounded_and_says_so(hub: FlaskClient) -> None:
    said = hub.get("/changes/keeper/winstanley.json").get_json()
    assert not said["complete"]
    (link,) = said["linked_from"]
    assert link["count"] == {"from": 1, "to": 2 * MANY} and not link["complete"]
    assert len(link["added"]) == MANY and [each["label"] for each in link["removed"]] == ["Eddystone"]
    page = hub.get("/changes/keeper/winstanley", headers={"Accept": "text/html"})
    assert "1 values before, 100 after; only the first of them are compared." in words(html(page))


def test_many_changes_are_paged_and_one_entry_of_the_feed(hub: FlaskClient) -> None:
    newest = hub.get("/changes.json").get_json()["releases"][0]["release"]
    pages = [hub.get(f"/changes.json?to={newest}&page={each}").get_json() for each in (1, 2, 3)]
    assert [len(each["things"]) for each in pages] == [MANY, MANY, 1]
    assert hub.get(f"/changes.json?to={newest}&page=4").status_code == 404
    feed = ElementTree.fromstring(hub.get("/changes.atom").text)
    titles = [each.findtext(ATOM + "title") for each in feed.findall(ATOM + "entry")]
    assert titles[0] == f"Release {newest} (version 1.0.0)" and len(titles) == 2
    summary = feed.findall(ATOM + "entry")[0].findtext(ATOM + "summary")
    assert summary == "100 things added, 0 changed, 1 removed."
