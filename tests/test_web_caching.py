"""What caches may do with an answer (RFC 9110, sections 8 and 13; RFC 9111)."""

import gzip
from datetime import UTC, datetime, timedelta
from pathlib import Path

import brotli
import pytest
import zstandard
from conftest import EDDYSTONE, LIGHTS, write
from flask.testing import FlaskClient
from served import client_of
from werkzeug.http import http_date

from ldnkg.site import Site

PAGES = [
    "/",
    "/doc/light/eddystone",
    "/doc/light/eddystone.ttl",
    "/class/light",
    "/ont",
    "/dataset",
    "/robots.txt",
]
UNPACK = {"br": brotli.decompress, "gzip": gzip.decompress, "zstd": zstandard.decompress}


@pytest.mark.parametrize("path", [*PAGES, "/search?q=light", "/sparql"])
@pytest.mark.parametrize("coding", UNPACK)
def test_a_body_is_compressed_as_the_client_accepts_it(client: FlaskClient, path: str, coding: str) -> None:
    plain, packed = client.get(path), client.get(path, headers={"Accept-Encoding": coding})
    assert packed.headers["Content-Encoding"] == coding
    assert "Content-Encoding" not in plain.headers
    assert UNPACK[coding](packed.data) == plain.data
    assert int(packed.headers["Content-Length"]) == len(packed.data)
    for response in (plain, packed):
        assert "accept-encoding" in response.vary.as_set()


@pytest.mark.parametrize("path", PAGES)
def test_each_coding_and_each_variant_has_a_strong_tag_of_its_own(client: FlaskClient, path: str) -> None:
    tags = [
        client.get(path, headers={"Accept-Encoding": coding}).headers["ETag"]
        for coding in ("identity", "br", "gzip", "zstd")
    ]
    assert len(set(tags)) == 4
    assert not any(each.startswith("W/") for each in tags)


@pytest.mark.parametrize("path", PAGES)
def test_an_answer_tells_when_its_release_was_made(client: FlaskClient, path: str) -> None:
    response = client.get(path)
    modified = response.last_modified
    assert modified is not None
    assert datetime.now(UTC) - timedelta(hours=1) < modified <= datetime.now(UTC)
    again = client.get(path, headers={"If-Modified-Since": http_date(modified)})
    assert (again.status_code, again.data) == (304, b"")
    older = client.get(path, headers={"If-Modified-Since": http_date(modified - timedelta(days=1))})
    assert older.status_code == 200


@pytest.mark.parametrize("path", PAGES)
def test_a_copy_may_be_used_while_a_new_one_is_fetched(client: FlaskClient, path: str) -> None:
    control = client.get(path).cache_control
    assert control.public
    assert control.max_age == 300
    assert "stale-while-revalidate" in client.get(path).headers["Cache-Control"]
    assert "stale-if-error" in client.get(path).headers["Cache-Control"]


@pytest.mark.parametrize("path", ["/doc/light/eddystone", "/doc/light/eddystone.nt", "/class/light", "/ont"])
def test_a_copy_that_is_still_good_costs_no_look_at_the_store(
    client: FlaskClient, path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = {"Accept": "text/turtle;q=0.9, text/html", "Accept-Encoding": "br", "Accept-Language": "de"}
    first = client.get(path, headers=asked)
    site: Site = client.application.extensions["site"]
    with site.opened() as opened:
        opened.answers.clear()
        monkeypatch.setattr(opened, "store", _Closed())
        again = client.get(path, headers={**asked, "If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    for name in ("ETag", "Cache-Control", "Vary", "Content-Location"):
        assert again.headers.get(name) == first.headers.get(name), name


class _Closed:
    """A store that nobody may read."""

    def __getattribute__(self, name: str) -> object:
        raise AssertionError(f"{name} of the store is read")


@pytest.mark.parametrize("path", PAGES)
def test_a_304_repeats_what_caches_need_and_no_more(client: FlaskClient, path: str) -> None:
    """RFC 9110, section 15.4.5."""
    whole = client.get(path)
    again = client.get(path, headers={"If-None-Match": whole.headers["ETag"]})
    needed = [name for name in ("Content-Location", "ETag", "Vary", "Cache-Control") if name in whole.headers]
    assert [again.headers[name] for name in needed] == [whole.headers[name] for name in needed]
    assert set(again.headers.keys()) == {*needed, "Access-Control-Allow-Origin"}


def test_a_preflight_is_told_what_may_be_asked_and_nothing_else_is(client: FlaskClient) -> None:
    """Fetch, section 3.2.3: these fields mean something to a preflight alone."""
    fields = {"Access-Control-Allow-Methods", "Access-Control-Allow-Headers", "Access-Control-Max-Age"}
    assert fields <= set(client.options("/doc/light/eddystone").headers.keys())
    assert not fields & set(client.get("/doc/light/eddystone").headers.keys())


def test_a_tag_is_good_for_its_own_address_only(client: FlaskClient) -> None:
    tag = client.get("/doc/light/eddystone.ttl").headers["ETag"]
    for path in ("/doc/light/nowhere.ttl", "/doc/light/pharos.ttl", "/doc/light/eddystone.ttl?page=2"):
        assert client.get(path, headers={"If-None-Match": tag}).status_code in (200, 404), path
    assert client.get("/doc/light/nowhere.ttl", headers={"If-None-Match": "*"}).status_code == 404


def test_a_thing_called_like_a_file_is_told_from_a_variant(tmp_path: Path) -> None:
    odd = EDDYSTONE.replace("light:eddystone", "<https://example.org/lights/id/light/st.ttl>").replace(
        "light/eddystone#", "light/st.ttl#"
    )
    client = client_of(
        write(tmp_path / "odd", LIGHTS | {"graph/light/st.ttl.ttl": odd}), tmp_path / "releases"
    )
    turtle = client.get("/doc/light/st.ttl", headers={"Accept": "text/turtle"})
    assert turtle.mimetype == "text/turtle"
    again = {"Accept": "application/n-triples", "If-None-Match": turtle.headers["ETag"]}
    assert client.get("/doc/light/st.ttl", headers=again).status_code == 200
    assert client.get("/doc/light/st.ttl.nt").mimetype == "application/n-triples"


def test_a_parameter_that_we_do_not_know_changes_nothing(client: FlaskClient) -> None:
    plain, tracked = client.get("/doc/light/eddystone"), client.get("/doc/light/eddystone?utm_source=x")
    assert plain.data == tracked.data
    assert plain.headers["ETag"] == tracked.headers["ETag"]


def test_a_language_that_the_graph_lacks_makes_no_variant(client: FlaskClient) -> None:
    tags = {
        client.get("/doc/light/pharos", headers={"Accept-Language": wanted}).headers["ETag"]
        for wanted in ("", "fr", "sw, fr;q=0.5", "*")
    }
    assert len(tags) == 1
    greek = client.get("/doc/light/pharos", headers={"Accept-Language": "el-GR"}).headers["ETag"]
    assert greek not in tags


def test_what_is_remembered_is_what_was_made(client: FlaskClient) -> None:
    site: Site = client.application.extensions["site"]
    for path in ("/doc/light/eddystone", "/doc/light/eddystone.jsonld", "/class/light.csv"):
        with site.opened() as opened:
            opened.answers.clear()
        cold, warm = client.get(path), client.get(path)
        assert cold.data == warm.data
        same = [name for name in cold.headers.keys() if name != "Date"]
        assert [(n, cold.headers.getlist(n)) for n in same] == [(n, warm.headers.getlist(n)) for n in same]


def test_a_client_that_accepts_no_coding_at_all_is_refused(client: FlaskClient) -> None:
    response = client.get("/doc/light/eddystone", headers={"Accept-Encoding": "identity;q=0"})
    assert response.status_code == 406


def test_an_answer_of_the_endpoint_is_validated_by_its_bytes_and_coding(client: FlaskClient) -> None:
    where = "/sparql?query=ASK{}&format=json"
    plain = client.get(where)
    packed = client.get(where, headers={"Accept-Encoding": "gzip"})
    assert plain.headers["ETag"] != packed.headers["ETag"]
    for response, coding in ((plain, "identity"), (packed, "gzip")):
        again = client.get(
            where, headers={"Accept-Encoding": coding, "If-None-Match": response.headers["ETag"]}
        )
        assert again.status_code == 304
