"""The sitemap lists every page once, at the address where it is; robots.txt says where it is."""

import gzip
from pathlib import Path
from urllib.parse import urlsplit
from xml.etree import ElementTree

import engines
import pytest
from conftest import EDDYSTONE, LIGHTS, ROOT, write
from flask.testing import FlaskClient
from served import BASE, client_of

from ldnkg import sitemap
from ldnkg.release import build, current
from ldnkg.sources import load
from ldnkg.store import open_release
from ldnkg.web import sitemap as pages

NAMESPACE = "{http://www.sitemaps.org/schemas/sitemap/0.9}"
ODD = {
    "a&b": "doc/light/a&b",
    "d'%22q%22": "doc/light/d'%22q%22",
    "Φάρος": "doc/light/%CE%A6%CE%AC%CF%81%CE%BF%CF%82",
    "per%25cent%2Fslash": "doc/light/per%25cent%2Fslash",
    "st.paul+(x)": "doc/light/st.paul+(x)",
}
"""Ends of IRIs, and where the documents about them are."""


def entries(client: FlaskClient, path: str) -> list[tuple[str, str]]:
    """The addresses of a sitemap or an index, each with its time."""
    response = client.get(path)
    assert (response.status_code, response.mimetype) == (200, "application/xml"), path
    return [
        (each.findtext(NAMESPACE + "loc") or "", each.findtext(NAMESPACE + "lastmod") or "")
        for each in ElementTree.fromstring(response.data)
    ]


def everything(client: FlaskClient, base: str = BASE) -> list[str]:
    """The addresses of all sitemaps that the index names."""
    origin = base[: -len(urlsplit(base).path)]
    parts = [url.removeprefix(origin) for url, _ in entries(client, urlsplit(base).path + "sitemap.xml")]
    return [url for part in parts for url, _ in entries(client, part)]


def odd_site(folder: Path, base: str = BASE) -> FlaskClient:
    """Lights with odd names, two of them changed at a known time, and 120 more keepers."""
    space, light = "https://example.org/lights/id/light/", "a ex:Light ; ex:state v:lit ; skos:prefLabel"
    gone = ["owl:deprecated true", "dcterms:isReplacedBy light:eddystone"]
    times = {"day": "2025-03-04", "moment": "2025-03-04T05:06:07Z", "never": "in spring"}
    said = [
        EDDYSTONE.partition("\n\n")[0],
        "@prefix dcterms: <http://purl.org/dc/terms/> .",
        "@prefix owl: <http://www.w3.org/2002/07/owl#> .",
        *(f"light:gone{number} {said} ." for number, said in enumerate(gone)),
        *(f'<{space}{name}> {light} "{number}"@en .' for number, name in enumerate([*ODD, "x" * 3000])),
        *(f'<{space[:-6]}keeper/n{n}> a ex:Keeper ; skos:prefLabel "{n}"@en .' for n in range(120)),
        *(f'light:{name} {light} "{name}"@en ; dcterms:modified "{time}" .' for name, time in times.items()),
    ]
    files = LIGHTS | {"graph/odd.ttl": "\n".join(said)}
    return client_of(write(folder / "lights", files), folder / "releases", base)


@pytest.fixture(scope="module")
def odd(tmp_path_factory: pytest.TempPathFactory) -> FlaskClient:
    return odd_site(tmp_path_factory.mktemp("odd"))


def test_robots_are_told_where_all_pages_are_and_what_to_leave(client: FlaskClient) -> None:
    lines = client.get("/robots.txt").text.splitlines()
    assert f"Sitemap: {BASE}sitemap.xml" in lines
    closed = [line.removeprefix("Disallow: ") for line in lines if line.startswith("Disallow")]
    assert closed == ["/sparql?", "/search", "/suggest", "/*?release=", "/*&release="]


def test_every_page_is_listed_once_and_is_there(client: FlaskClient) -> None:
    found = everything(client)
    kinds, things = ["class/light", "class/keeper"], ["light/eddystone", "light/pharos", "keeper/winstanley"]
    paths = ["", "dataset", "ont", "vocab", "shapes", *kinds, *(f"doc/{each}" for each in things)]
    assert sorted(found) == sorted(BASE + each for each in paths)
    for url in found:
        response = client.get(url.removeprefix(BASE[:-1]), headers={"Accept": "text/html"})
        assert (response.status_code, response.mimetype) == (200, "text/html"), url
        assert f'<link rel="canonical" href="{url}">' in response.text


def test_odd_names_are_written_as_addresses_in_xml(odd: FlaskClient) -> None:
    found = everything(odd)
    for where in ODD.values():
        assert BASE + where in found
        assert odd.get("/" + where, headers={"Accept": "text/html"}).status_code == 200
    assert all(url.isascii() for url in found)
    text = odd.get("/sitemap/1.xml").text
    assert "a&amp;b" in text
    assert "d&apos;%22" in text


def test_what_was_withdrawn_or_merged_is_not_listed(odd: FlaskClient) -> None:
    assert [odd.get(f"/doc/light/gone{number}").status_code for number in range(2)] == [410, 301]
    assert not [url for url in everything(odd) if "gone" in url]


def test_an_address_too_long_for_the_protocol_is_left_out(odd: FlaskClient) -> None:
    assert max(map(len, everything(odd))) < 2048


def test_the_time_is_that_of_the_thing_else_that_of_the_release(odd: FlaskClient) -> None:
    times = dict(entries(odd, "/sitemap/1.xml"))
    assert times[BASE + "doc/light/day"] == "2025-03-04"
    assert times[BASE + "doc/light/moment"] == "2025-03-04T05:06:07Z"
    release = times[BASE]
    assert times[BASE + "doc/light/never"] == times[BASE + "doc/light/eddystone"] == release
    assert dict(entries(odd, "/sitemap.xml")) == {BASE + "sitemap/1.xml": release}


@pytest.mark.parametrize("number", ["0", "2", "-1", "x", "99999999999999999999"])
def test_there_is_no_other_sitemap(client: FlaskClient, number: str) -> None:
    assert client.get(f"/sitemap/{number}.xml").status_code == 404


def test_a_long_list_is_cut_into_sitemaps_without_gap_or_double(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = everything(odd_site(tmp_path))
    assert BASE + "class/keeper?page=3" in whole
    for size in (3, 5, 6, 7, 60, len(whole)):
        monkeypatch.setattr(pages, "LOCATIONS", size)
        client = engines.app_of(tmp_path / "releases").test_client()
        assert everything(client) == whole
        assert len(entries(client, "/sitemap/1.xml")) == size


def test_a_sitemap_is_fresh_as_long_as_the_release_is(client: FlaskClient) -> None:
    for path in ("/sitemap.xml", "/sitemap/1.xml", "/robots.txt"):
        tag = client.get(path).headers["ETag"]
        assert client.get(path, headers={"If-None-Match": tag}).status_code == 304


def test_below_a_path_the_addresses_are_right(tmp_path: Path) -> None:
    base = "https://example.net/kg/"
    client = odd_site(tmp_path, base)
    assert f"Sitemap: {base}sitemap.xml" in client.get("/kg/robots.txt").text
    assert "Disallow: /kg/sparql" in client.get("/kg/robots.txt").text
    found = everything(client, base)
    assert {base, base + "ont", base + "class/light", base + "doc/light/a&b"} <= set(found)
    assert all(url.startswith(base) and "/kg/kg" not in url for url in found)


def test_the_sitemaps_count_what_the_curated_graph_has(tmp_path: Path) -> None:
    release = build(load(ROOT), tmp_path, BASE)
    client = engines.app_of(tmp_path).test_client()
    found = everything(client)
    store = open_release(current(tmp_path).path)
    kinds = [count for _, _, count in store.types()]
    store.close()
    assert (
        len(found)
        == len(set(found))
        == release.manifest["counts"]["entities"] + sum(-(-each // 50) for each in kinds) + 5
    )
    whole = client.get("/sitemap/1.xml").data
    assert len(whole) < 50_000_000
    assert len(gzip.compress(whole)) < len(whole) / 5


def test_the_protocol_allows_what_a_sitemap_may_hold() -> None:
    assert sitemap.LOCATIONS <= 50_000
    assert sitemap.LOCATIONS * (2048 + 100) < 50_000_000
