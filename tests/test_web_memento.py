"""Documents as they were: a small Memento client walks from TimeGate to memento to TimeMap (RFC 7089)."""

import json
import re
import shutil
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import engines
import pytest
from conftest import EDDYSTONE, LIGHTS, write
from flask.testing import FlaskClient
from pyoxigraph import RdfFormat, parse
from served import BASE, hrefs, html, title, words
from werkzeug.http import http_date, parse_date
from werkzeug.test import TestResponse

from ldnkg import history
from ldnkg.counts import MANY
from ldnkg.history import Entry
from ldnkg.release import LAYOUT, build, current
from ldnkg.release.keeping import remove
from ldnkg.site import Opened, Site
from ldnkg.site.folder import _FORMER
from ldnkg.sources import load

DAYS = tuple(datetime(2026, 11, day, 12, tzinfo=UTC) for day in (1, 8, 15))
"""When the three releases of these tests became current."""
HEIGHTS = ("49.0", "50.0", "51.0")
LINK = re.compile(r'<(?P<target>[^>]*)>(?P<parameters>(?:\s*;\s*[a-z]+\s*=\s*"[^"]*")*)\s*(?:,|$)')
OWL = "@prefix owl: <http://www.w3.org/2002/07/owl#> ."
RUDYERD = EDDYSTONE.replace("eddystone", "rudyerd").replace("Eddystone", "Rudyerd")


class Releases:
    """A folder of releases in which Eddystone grows, and another light stands in the middle one only."""

    def __init__(self, folder: Path) -> None:
        self.sources, self.path = folder / "lights", folder / "releases"
        write(self.sources, LIGHTS)
        self.ids = [self.build(height, rudyerd=place == 1) for place, height in enumerate(HEIGHTS)]
        self.date(*DAYS)

    def build(self, height: str, *, rudyerd: bool = False) -> str:
        write(self.sources, {"graph/light/eddystone.ttl": EDDYSTONE.replace("49.0", height)})
        (self.sources / "graph/light/rudyerd.ttl").unlink(missing_ok=True)
        if rudyerd:
            write(self.sources, {"graph/light/rudyerd.ttl": RUDYERD})
        return build(load(self.sources), self.path, BASE).id

    def date(self, *times: datetime) -> None:
        lines = [
            Entry(time.isoformat(), id_, BASE, "1.0.0", LAYOUT)
            for time, id_ in zip(times, self.ids, strict=True)
        ]
        text = "".join(json.dumps(each.__dict__) + "\n" for each in lines)
        (self.path / history.JOURNAL).write_text(text, encoding="utf-8")


@pytest.fixture(scope="module")
def releases(tmp_path_factory: pytest.TempPathFactory) -> Releases:
    """Three releases that tests only read."""
    return Releases(tmp_path_factory.mktemp("memento"))


@pytest.fixture(scope="module")
def web(releases: Releases) -> FlaskClient:
    """A client of these releases."""
    return engines.app_of(releases.path).test_client()


@pytest.fixture
def own(tmp_path: Path) -> Releases:
    """Releases that a test may change."""
    return Releases(tmp_path)


def parsed(text: str) -> dict[str, dict[str, str]]:
    """The links of a link-format document or header by their targets: relation, datetime and so on."""
    found = {}
    for each in LINK.finditer(text):
        found[each["target"]] = dict(re.findall(r'([a-z]+)\s*=\s*"([^"]*)"', each["parameters"]))
    return found


def related(response: TestResponse, relation: str) -> list[str]:
    """The targets of the links of a response with a relation."""
    links = parsed(", ".join(response.headers.getlist("Link")))
    return [where for where, said in links.items() if relation in said["rel"].split()]


def get(web: FlaskClient, address: str, **headers: str) -> TestResponse:
    """GET of a whole address."""
    assert address.startswith(BASE)
    return web.get(
        "/" + address.removeprefix(BASE),
        headers={k.replace("_", "-"): v for k, v in headers.items()},
        buffered=True,
    )


def height(response: TestResponse) -> str:
    """The height that a document in N-Triples tells."""
    (found,) = {
        each.object.value
        for each in parse(response.data, format=RdfFormat.N_TRIPLES)
        if each.predicate.value.endswith("#height")
    }
    return str(found)


@pytest.mark.parametrize(
    ("when", "which"),
    [
        (DAYS[0] - timedelta(days=999), 0),
        (DAYS[0], 0),
        (DAYS[1] - timedelta(seconds=1), 0),
        (DAYS[1], 1),
        (DAYS[1] + timedelta(hours=1), 1),
        (DAYS[2] + timedelta(days=999), 2),
    ],
)
def test_a_client_walks_from_the_timegate_to_the_memento_to_the_timemap(
    web: FlaskClient, releases: Releases, when: datetime, which: int
) -> None:
    """RFC 7089, pattern 1.1: the original resource is its own TimeGate."""
    original = BASE + "doc/light/eddystone"
    gate = get(web, original, Accept="application/n-triples", Accept_Datetime=http_date(when))
    assert gate.status_code == 302 and "accept-datetime" in gate.vary.as_set()
    assert "Memento-Datetime" not in gate.headers
    assert related(gate, "original") == [original]
    there = BASE[:-1] + gate.headers["Location"]
    assert there == f"{original}?release={releases.ids[which]}"

    memento = get(web, there, Accept="application/n-triples")
    assert memento.status_code == 200 and height(memento) == HEIGHTS[which]
    assert parse_date(memento.headers["Memento-Datetime"]) == DAYS[which]
    assert related(memento, "original") == related(memento, "timegate") == [original]
    every = [f"{original}?release={each}" for each in releases.ids]
    assert related(memento, "first") == every[:1] and related(memento, "last") == every[2:]
    assert related(memento, "prev") == (every[which - 1 : which] if which else [])
    assert related(memento, "next") == every[which + 1 : which + 2]
    links = parsed(", ".join(memento.headers.getlist("Link")))
    assert all(parse_date(links[where]["datetime"]) in DAYS for where in related(memento, "memento"))

    (timemap,) = related(memento, "timemap")
    listed = get(web, timemap)
    assert listed.mimetype == "application/link-format"
    entries = parsed(listed.text)
    assert entries[original]["rel"] == "original timegate" and entries[timemap]["rel"] == "self"
    assert [each for each in entries if "memento" in entries[each]["rel"].split()] == every
    assert [parse_date(entries[each]["datetime"]) for each in every] == list(DAYS)
    assert [entries[each].get("title") for each in every] == [None, "changed", "changed"]


def test_without_accept_datetime_the_original_says_that_it_is_a_timegate(web: FlaskClient) -> None:
    response = web.get("/doc/light/eddystone")
    assert response.status_code == 200 and "Memento-Datetime" not in response.headers
    assert "accept-datetime" in response.vary.as_set()
    assert related(response, "timegate") == related(response, "original") == [BASE + "doc/light/eddystone"]
    assert related(response, "timemap") == [BASE + "timemap/light/eddystone"]


@pytest.mark.parametrize(
    "sent",
    [
        "yesterday",
        "",
        "2026-11-08",
        "Sun, 08 Nov 2026 12:00:00 +0100",
        "Sun, 99 Nov 2026 12:00:00 GMT",
        "GMT",
    ],
)
def test_a_date_that_is_none_is_a_bad_request(web: FlaskClient, sent: str) -> None:
    response = web.get("/doc/light/eddystone", headers={"Accept-Datetime": sent})
    assert response.status_code == 400 and "accept-datetime" in response.vary.as_set()


@pytest.mark.parametrize("format_", ["ttl", "linkset", "linkset.json", "html"])
def test_every_variant_leads_to_the_one_original(web: FlaskClient, releases: Releases, format_: str) -> None:
    for path in (f"/doc/light/eddystone.{format_}?", f"/doc/light/eddystone?format={format_}&"):
        response = web.get(f"{path}release={releases.ids[1]}")
        assert response.status_code == 200
        assert related(response, "original") == [BASE + "doc/light/eddystone"]
        assert related(response, "timemap") == [BASE + "timemap/light/eddystone"]


def test_the_format_that_was_asked_for_is_kept(web: FlaskClient, releases: Releases) -> None:
    headers = {"Accept-Datetime": http_date(DAYS[1])}
    gate = web.get("/doc/light/eddystone.ttl", headers=headers)
    assert gate.headers["Location"] == f"/doc/light/eddystone.ttl?release={releases.ids[1]}"
    gate = web.get("/doc/light/eddystone?format=nt", headers=headers)
    assert height(web.get(gate.headers["Location"])) == "50.0"
    assert related(web.get(gate.headers["Location"]), "original") == [BASE + "doc/light/eddystone"]


@pytest.mark.parametrize("path", ["/class/light", "/ont", "/vocab", "/shapes", "/dataset"])
def test_lists_terms_and_the_dataset_have_mementos_too(
    web: FlaskClient, releases: Releases, path: str
) -> None:
    gate = web.get(path, headers={"Accept-Datetime": http_date(DAYS[1])})
    assert gate.headers["Location"] == f"{path}?release={releases.ids[1]}"
    memento = web.get(gate.headers["Location"], headers={"Accept": "text/turtle"})
    assert parse_date(memento.headers["Memento-Datetime"]) == DAYS[1]
    assert related(memento, "original") == [BASE[:-1] + path]
    for timemap in related(memento, "timemap"):
        assert parsed(get(web, timemap).text)[BASE[:-1] + path]["rel"] == "original timegate"


def test_redirects_files_and_tools_have_none(web: FlaskClient) -> None:
    headers = {"Accept-Datetime": http_date(DAYS[1])}
    for path in ("/id/light/eddystone", "/.well-known/void"):
        assert web.get(path, headers=headers).status_code == 303
    for path in ("/download/dataset.ttl", "/health", "/search?q=light", "/"):
        response = web.get(path, headers=headers, buffered=True)
        assert response.status_code == 200 and "Memento-Datetime" not in response.headers


def test_a_memento_may_be_kept_for_long_and_has_a_tag_of_its_own(
    web: FlaskClient, releases: Releases
) -> None:
    now = web.get("/doc/light/eddystone.nt")
    old = web.get(f"/doc/light/eddystone.nt?release={releases.ids[0]}")
    assert (old.cache_control.max_age or 0) >= 86_400 > (now.cache_control.max_age or 0)
    assert old.headers["ETag"] != now.headers["ETag"]
    again = web.get(old.request.url, headers={"If-None-Match": old.headers["ETag"]})
    assert again.status_code == 304
    assert again.headers["Memento-Datetime"] == old.headers["Memento-Datetime"]
    assert related(again, "original") == [BASE + "doc/light/eddystone"]
    assert old.headers["X-Robots-Tag"] == "noindex"


def test_an_original_that_is_not_modified_leads_into_the_past_all_the_same(web: FlaskClient) -> None:
    tag = web.get("/doc/light/eddystone.nt").headers["ETag"]
    headers = {"If-None-Match": tag}
    same = web.get("/doc/light/eddystone.nt", headers=headers)
    assert same.status_code == 304 and "accept-datetime" in same.vary.as_set()
    asked = web.get("/doc/light/eddystone.nt", headers=headers | {"Accept-Datetime": http_date(DAYS[0])})
    assert asked.status_code == 302


def test_a_thing_that_is_gone_has_its_mementos_still(web: FlaskClient, releases: Releases) -> None:
    gone = web.get("/doc/light/rudyerd", headers={"Accept": "text/plain"})
    assert gone.status_code == 404
    assert related(gone, "timemap") == [BASE + "timemap/light/rudyerd"]
    gate = web.get("/doc/light/rudyerd.nt", headers={"Accept-Datetime": http_date(DAYS[2])})
    assert gate.headers["Location"] == f"/doc/light/rudyerd.nt?release={releases.ids[1]}"
    assert web.get(gate.headers["Location"]).status_code == 200
    early = web.get("/doc/light/rudyerd.nt", headers={"Accept-Datetime": http_date(DAYS[0])})
    assert early.headers["Location"] == gate.headers["Location"]
    listed = parsed(web.get("/timemap/light/rudyerd").text)
    (only,) = [each for each in listed.values() if "memento" in each["rel"]]
    assert only["rel"] == "first last memento" and only["title"] == "added"
    assert web.get("/timemap/light/nowhere").status_code == 404
    assert web.get("/doc/light/nowhere", headers={"Accept-Datetime": http_date(DAYS[2])}).status_code == 404


@pytest.mark.parametrize(
    ("replaced", "status"), [("", 410), (" ; dcterms:isReplacedBy light:eddystone", 301)]
)
def test_a_thing_of_which_a_tombstone_is_left_is_shown_as_it_was(
    own: Releases, replaced: str, status: int
) -> None:
    prefixes = EDDYSTONE[: EDDYSTONE.index("light:eddystone a")]
    tombstone = (
        f"{prefixes}@prefix dcterms: <http://purl.org/dc/terms/> .\n{OWL}\nlight:pharos owl:deprecated true"
    )
    write(own.sources, {"graph/light/pharos.ttl": f"{tombstone}{replaced} .\n"})
    build(load(own.sources), own.path, BASE)
    web = engines.app_of(own.path).test_client()
    assert web.get("/doc/light/pharos.nt").status_code == status
    gate = web.get("/doc/light/pharos.nt", headers={"Accept-Datetime": http_date(DAYS[1])})
    assert gate.headers["Location"] == f"/doc/light/pharos.nt?release={own.ids[1]}"
    memento = web.get(gate.headers["Location"])
    assert memento.status_code == 200 and height(memento) == "103.0"
    now = web.get("/doc/light/pharos.nt", headers={"Accept-Datetime": http_date(datetime.now(UTC))})
    then = web.get(now.headers["Location"])
    assert then.status_code == status
    if status == 301:
        named = current(own.path).id
        assert then.headers["Location"] == f"/doc/light/eddystone.nt?release={named}"


def test_a_thing_is_not_there_before_it_was(web: FlaskClient, releases: Releases) -> None:
    assert web.get(f"/doc/light/rudyerd?release={releases.ids[0]}").status_code == 404


def test_a_timemap_is_json_or_a_page_too(web: FlaskClient, releases: Releases) -> None:
    said = web.get("/timemap/light/eddystone", headers={"Accept": "application/json"}).get_json()
    assert said["original_uri"] == said["timegate_uri"] == BASE + "doc/light/eddystone"
    assert [each["release"] for each in said["mementos"]["list"]] == releases.ids
    assert [each["change"] for each in said["mementos"]["list"]] == [None, "changed", "changed"]
    assert said["mementos"]["first"]["uri"].endswith(releases.ids[0])
    page = html(web.get("/timemap/light/eddystone.html"))
    assert title(page) == "Eddystone: history"
    assert {f"/doc/light/eddystone?release={each}" for each in releases.ids} <= hrefs(page).keys()


def test_a_long_timemap_has_pages(own: Releases, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ldnkg.web.timemaps.MOST", 2)
    web = engines.app_of(own.path).test_client()
    newest = parsed(web.get("/timemap/light/eddystone").text)
    assert [each["rel"] for each in newest.values()][3:] == ["memento", "last memento"]
    older = BASE + "timemap/light/eddystone?page=2"
    assert newest[older]["rel"] == "timemap"
    assert [each["rel"] for each in parsed(get(web, older).text).values()][3:] == ["first memento"]
    assert web.get("/timemap/light/eddystone?page=3").status_code == 404


def test_a_page_of_a_former_release_says_so_and_keeps_to_it(web: FlaskClient, releases: Releases) -> None:
    old = releases.ids[0]
    page = html(web.get(f"/doc/light/eddystone?release={old}"))
    (banner,) = (each for each in page.iter("aside") if each.get("class") == "former")
    assert old in words(banner) and "1 November 2026" in words(banner)
    found = hrefs(page)
    assert found["/doc/light/eddystone"] == "This page today"
    assert found[f"/changes/light/eddystone?from={old}"] == "What changed since"
    inside = [where for where in found if re.match("/(doc|class|ont|vocab|shapes)", where)]
    assert [where for where in inside if f"release={old}" not in where] == ["/doc/light/eddystone"]
    assert f"/doc/keeper/winstanley?release={old}" in found and "/sparql" in found and "/" in found
    for where in inside:
        assert web.get(where).status_code == 200, where
    today = html(web.get("/doc/light/eddystone"))
    assert not [each for each in today.iter("aside") if each.get("class") == "former"]


def test_the_thing_itself_leads_to_the_same_release(web: FlaskClient, releases: Releases) -> None:
    where = web.get(f"/id/light/eddystone?release={releases.ids[0]}").headers["Location"]
    assert where == f"/doc/light/eddystone?release={releases.ids[0]}"


@pytest.mark.parametrize("path", ["/doc/light/eddystone.nt?", "/search?q=rock&", "/search.json?q=rock&"])
def test_a_version_leads_to_its_newest_release(web: FlaskClient, releases: Releases, path: str) -> None:
    response = web.get(f"{path}release=1.0.0")
    assert response.status_code == 302
    assert response.headers["Location"] == f"{path}release={releases.ids[2]}"


@pytest.mark.parametrize(
    "name",
    [
        "",
        "nonsense",
        "..",
        "../releases",
        "current",
        ".lock",
        "/etc",
        "%00",
        "%0d%0aX:1",
        "<script>",
        "0" * 16,
        "a" * 9_000,
        "é",
    ],
)
def test_a_release_that_is_not_there_is_not_found_and_the_others_are_named(
    web: FlaskClient, releases: Releases, name: str
) -> None:
    for path in ("/doc/light/eddystone", "/dataset", "/download/dataset.ttl", "/sparql", "/"):
        response = web.get(f"{path}?release={name}", headers={"Accept": "application/problem+json"})
        assert response.status_code == 404
        detail = json.loads(response.data)["detail"]
        assert all(each in detail for each in releases.ids) and len(detail) < 500
    page = web.get(f"/doc/light/eddystone?release={name}", headers={"Accept": "text/html"})
    assert page.status_code == 404 and "<script>" not in page.text


def test_a_former_release_answers_no_queries(web: FlaskClient, releases: Releases) -> None:
    query = {"query": "ASK {}", "release": releases.ids[0]}
    for accept in ("application/sparql-results+json", "text/html"):
        refused = web.get("/sparql", query_string=query, headers={"Accept": accept})
        assert refused.status_code == 403, accept
    assert web.get(f"/sparql?release={releases.ids[0]}", headers={"Accept": "text/html"}).status_code == 403


def test_each_version_describes_itself_and_its_files(web: FlaskClient, releases: Releases) -> None:
    here = f"{BASE}dataset/{releases.ids[1]}"
    triples = {
        (each.subject.value, each.predicate.value.rpartition("#")[2].rpartition("/")[2], each.object.value)
        for each in parse(web.get(f"/dataset/{releases.ids[1]}.nt").data, format=RdfFormat.N_TRIPLES)
    }
    assert {
        (here, "inSeries", BASE + "dataset/series"),
        (here, "isVersionOf", BASE + "dataset"),
        (here, "prev", f"{BASE}dataset/{releases.ids[0]}"),
        (here, "version", "1.0.0"),
        (here, "issued", DAYS[1].isoformat()),
        (here, "versionNotes", "1 thing added, 1 changed, 0 removed"),
    } <= triples
    files = [object_ for _, predicate, object_ in triples if predicate == "downloadURL"]
    assert files
    for file in files:
        assert file.endswith(f"?release={releases.ids[1]}") and get(web, file).status_code == 200
    (dump,) = [each for each in files if "nt?" in each and "gz" not in each]
    assert b"rudyerd" in get(web, dump).data
    page = html(web.get(f"/dataset/{releases.ids[1]}", headers={"Accept": "text/html"}))
    assert title(page) == f"Release {releases.ids[1]}"
    for where in hrefs(page):
        if where.startswith("/"):
            assert web.get(where, buffered=True).status_code in (200, 303), where


def test_the_series_lists_every_release(web: FlaskClient, releases: Releases) -> None:
    triples = list(parse(web.get("/dataset/series.nt").data, format=RdfFormat.N_TRIPLES))
    versions = {f"{BASE}dataset/{each}" for each in releases.ids}
    assert versions == {each.subject.value for each in triples if each.predicate.value.endswith("#inSeries")}
    ends = {each.predicate.value.rpartition("#")[2]: each.object.value for each in triples}
    assert (ends["first"], ends["last"]) == tuple(f"{BASE}dataset/{releases.ids[each]}" for each in (0, 2))
    found = hrefs(html(web.get("/dataset/series", headers={"Accept": "text/html"})))
    assert {f"/dataset/{each}" for each in releases.ids} <= found.keys()
    assert web.get("/dataset/series?page=2").status_code == 404


def test_a_version_of_the_dataset_leads_to_its_newest_release(web: FlaskClient, releases: Releases) -> None:
    assert web.get("/dataset/1.0.0").headers["Location"] == f"/dataset/{releases.ids[2]}"
    assert web.get("/dataset/1.0.0.ttl").headers["Location"] == f"/dataset/{releases.ids[2]}.ttl"
    assert web.get("/dataset/9.9").status_code == 404
    assert web.get(f"/dataset/{releases.ids[1]}.ttl").mimetype == "text/turtle"


def test_a_release_that_is_removed_takes_no_part_any_more(own: Releases) -> None:
    web = engines.app_of(own.path).test_client()
    first, second, third = own.ids
    assert web.get(f"/doc/light/eddystone?release={second}").status_code == 200
    remove(own.path, [second])
    assert web.get(f"/doc/light/eddystone?release={second}").status_code == 404
    gate = web.get("/doc/light/eddystone", headers={"Accept-Datetime": http_date(DAYS[1])})
    assert gate.headers["Location"].endswith(first)
    assert [each for each in parsed(web.get("/timemap/light/eddystone").text) if "release" in each] == [
        f"{BASE}doc/light/eddystone?release={each}" for each in (first, third)
    ]
    assert web.get("/timemap/light/rudyerd").status_code == 404


def test_a_release_whose_folder_is_gone_without_a_word_is_not_found(own: Releases) -> None:
    web = engines.app_of(own.path).test_client()
    shutil.rmtree(own.path / own.ids[0])
    assert web.get(f"/doc/light/eddystone?release={own.ids[0]}").status_code == 404
    assert web.get("/doc/light/eddystone").status_code == 200


def test_a_release_that_cannot_be_read_is_told_of_on_a_page_of_today(own: Releases) -> None:
    web = engines.app_of(own.path).test_client()
    (own.path / own.ids[0] / "manifest.json").write_text("{}", encoding="utf-8")
    address = f"/doc/light/eddystone?release={own.ids[0]}"
    response = web.get(address, headers={"Accept": "text/html"})
    assert response.status_code == 404
    assert not [where for where in hrefs(html(response)) if "release=" in where]


def test_a_release_that_became_current_twice_is_two_mementos(own: Releases) -> None:
    web = engines.app_of(own.path).test_client()
    again = own.build(HEIGHTS[0])
    assert again == own.ids[0]
    newest = web.get("/doc/light/eddystone.nt", headers={"Accept-Datetime": http_date(datetime.now(UTC))})
    assert newest.headers["Location"].endswith(f"release={again}.2")
    memento = web.get(newest.headers["Location"])
    assert height(memento) == "49.0"
    assert (parse_date(memento.headers["Memento-Datetime"]) or DAYS[0]) > DAYS[2]
    listed = parsed(web.get("/timemap/light/eddystone").text)
    assert len([each for each in listed.values() if "memento" in each["rel"]]) == 4


def test_a_switch_is_seen_by_the_next_request(own: Releases) -> None:
    web = engines.app_of(own.path).test_client()
    before = web.get("/timemap/light/eddystone").headers["ETag"]
    new = own.build("52.0")
    after = web.get("/timemap/light/eddystone")
    assert after.headers["ETag"] != before and f"release={new}" in after.text


def test_few_former_releases_are_open_and_they_are_closed(
    own: Releases, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[str] = []
    closed: list[str] = []
    start, close = Opened.__init__, Opened.close

    def noted(self: Opened, *arguments: object) -> None:
        start(self, *arguments)  # type: ignore[arg-type]
        opened.append(self.release.id)

    def ended(self: Opened) -> None:
        closed.append(self.release.id)
        close(self)

    monkeypatch.setattr(Opened, "__init__", noted)
    monkeypatch.setattr(Opened, "close", ended)
    for each in range(_FORMER):
        own.build(f"6{each}.0")
    site = Site(own.path)
    moments = site.history().moments
    with site.opened(moments[0]) as first:
        for moment in moments[:-1]:
            with site.opened(moment) as here:
                assert here.release.id == moment.release
        assert first.store.types() and moments[0].release not in closed
    assert moments[0].release in closed
    assert len(opened) - len(closed) == _FORMER + 1
    site.close()
    assert sorted(opened) == sorted(closed)


def test_threads_read_former_releases_while_builds_switch(own: Releases) -> None:
    app = engines.app_of(own.path)
    faults: list[object] = []
    stop = threading.Event()

    def walk(which: int) -> None:
        web = app.test_client()
        while not stop.is_set():
            response = engines.settled(partial(web.get, f"/doc/light/eddystone.nt?release={own.ids[which]}"))
            if response.status_code != 200 or height(response) != HEIGHTS[which]:
                faults.append(response.data)
            then = {"Accept-Datetime": http_date(DAYS[which])}
            gate = engines.settled(partial(web.get, "/doc/light/eddystone.nt", headers=then))
            if not gate.headers.get("Location", "").endswith(own.ids[which]):
                faults.append(gate.headers)

    threads = [threading.Thread(target=walk, args=(each,)) for each in range(3)]
    for thread in threads:
        thread.start()
    for each in ("52.0", "53.0", "52.0"):
        own.build(each)
    stop.set()
    for thread in threads:
        thread.join()
    assert faults == []


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[FlaskClient, list[str]]]:
    """A keeper of many lights, of whom there is one more in the second release."""
    folder = tmp_path_factory.mktemp("hub")
    sources = write(folder / "lights", LIGHTS)
    ids = []
    for many in (3 * MANY, 3 * MANY + 1):
        for each in range(many):
            light = EDDYSTONE.replace("eddystone", f"l{each:03}").replace('"Eddystone', f'"L{each:03}')
            write(sources, {f"graph/light/l{each:03}.ttl": light})
        ids.append(build(load(sources), folder / "releases", BASE).id)
    yield engines.app_of(folder / "releases").test_client(), ids


def test_the_pages_of_a_long_list_have_mementos(hub: tuple[FlaskClient, list[str]]) -> None:
    web, (old, _) = hub
    path = "/doc/keeper/winstanley/incoming/ex:keptBy"
    gate = web.get(f"{path}?page=2", headers={"Accept-Datetime": http_date(datetime(2000, 1, 1, tzinfo=UTC))})
    assert gate.headers["Location"] == f"{path}?page=2&release={old}"
    page = web.get(gate.headers["Location"], headers={"Accept": "text/html"})
    assert related(page, "original") == [f"{BASE[:-1]}{path}?page=2"] and not related(page, "timemap")
    assert f"{path}?release={old}&page=3" in hrefs(html(page)) or f"{path}?page=3&release={old}" in hrefs(
        html(page)
    )
    shown = hrefs(html(web.get(f"/doc/keeper/winstanley?release={old}", headers={"Accept": "text/html"})))
    assert f"{path}?release={old}" in shown
