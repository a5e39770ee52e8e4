"""Faults and headers: what every answer promises, whatever was asked."""

from pathlib import Path

import pytest
from flask.testing import FlaskClient
from served import client_of, html, words

from ldnkg.release import build
from ldnkg.sources import load
from ldnkg.web import create_app

PATHS = (
    "/",
    "/doc/light/eddystone",
    "/doc/light/eddystone.ttl",
    "/nowhere",
    "/class/light",
    "/static/site.css",
)


@pytest.mark.parametrize("path", PATHS)
def test_any_origin_may_read_and_no_page_may_run_foreign_code(client: FlaskClient, path: str) -> None:
    headers = client.get(path, buffered=True).headers
    assert headers["Access-Control-Allow-Origin"] == "*"
    assert "Access-Control-Allow-Credentials" not in headers
    assert "unsafe-inline" not in headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize("path", PATHS[:3])
def test_a_browser_may_ask_before_it_asks(client: FlaskClient, path: str) -> None:
    response = client.options(path, headers={"Origin": "https://elsewhere.example"})
    assert response.status_code in (200, 204)
    assert {"GET", "HEAD", "OPTIONS"} <= response.allow.as_set(preserve_casing=True)
    assert response.headers["Access-Control-Allow-Origin"] == "*"


def test_no_page_has_inline_style_or_script(client: FlaskClient) -> None:
    for path in (
        "/",
        "/doc/light/eddystone",
        "/class/light",
        "/ont",
        "/search?q=eddystone",
        "/dataset",
        "/nowhere",
    ):
        page = html(client.get(path, headers={"Accept": "text/html"}))
        inline = [each for each in page.iter("script") if each.get("src") is None]
        assert [each.get("type") for each in inline] in ([], ["application/ld+json"])
        assert not [each for each in page.iter() if each.tag == "style" or each.get("style")]
        assert not [name for each in page.iter() for name in each.keys() if name.startswith("on")]


@pytest.mark.parametrize(
    ("accept", "mimetype"),
    [
        ("text/html,*/*;q=0.8", "text/html"),
        ("text/plain", "text/plain"),
        ("application/json, application/problem+json", "application/problem+json"),
        ("text/turtle", "application/problem+json"),
        ("*/*", "application/problem+json"),
        ("nonsense;;;q=", "application/problem+json"),
    ],
)
def test_a_fault_is_told_in_the_clients_language(client: FlaskClient, accept: str, mimetype: str) -> None:
    response = client.get("/id/light/nowhere", headers={"Accept": accept})
    assert (response.status_code, response.mimetype) == (404, mimetype)
    assert "light/nowhere" in response.text


def test_problem_details_have_their_members(client: FlaskClient) -> None:
    problem = client.get("/id/light/nowhere").get_json()
    assert problem["status"] == 404
    assert problem["title"] == "Not Found"
    assert problem["detail"].endswith("light/nowhere>.")
    assert problem["instance"] == "/id/light/nowhere"


def test_the_wrong_method_is_told_which_are_right(client: FlaskClient) -> None:
    response = client.post("/doc/light/eddystone")
    assert response.status_code == 405
    assert {"GET", "HEAD"} <= response.allow.as_set(preserve_casing=True)


def test_a_damaged_release_is_503_with_its_file_and_what_to_do(lights: Path, tmp_path: Path) -> None:
    file = build(load(lights), tmp_path, "https://lights.example/").path / "manifest.json"
    file.write_text("{", encoding="utf-8")
    for path in ("/health", "/dataset"):
        response = create_app(tmp_path).test_client().get(path)
        assert response.status_code == 503 and response.json is not None
        detail = response.json["detail"]
        assert "is damaged" in detail and str(file) in detail and "`ldnkg build`" in detail


def test_without_a_release_every_page_is_503_with_a_sentence(tmp_path: Path) -> None:
    response = create_app(tmp_path).test_client().get("/", headers={"Accept": "text/html"})
    assert response.status_code == 503
    assert "ldnkg build" in words(html(response))
    assert response.headers["Retry-After"]


@pytest.mark.parametrize("page", ["0", "-1", "x", "9" * 30, "١", "2"])
def test_a_page_that_is_not_there_is_not_found(client: FlaskClient, page: str) -> None:
    assert client.get("/class/light", query_string={"page": page}).status_code == 404


@pytest.mark.parametrize(
    "path", ["//evil.example", "/\\evil.example", "/doc//evil.example", "/id/%0d%0aX:y/z", "/%ff"]
)
def test_no_path_leads_off_the_site_or_into_a_header(client: FlaskClient, path: str) -> None:
    response = client.get("/", environ_overrides={"PATH_INFO": path, "RAW_URI": path, "REQUEST_URI": path})
    assert response.status_code in (400, 404)
    assert "X" not in response.headers


def test_below_a_path_every_link_stays_below_it(lights: Path, tmp_path: Path) -> None:
    client = client_of(lights, tmp_path / "releases", "https://example.net/kg/")
    for path in ("/kg/doc/light/eddystone", "/doc/light/eddystone"):
        page = html(client.get(path))
        local = [each.get("href", "") for each in page.iter("a") if each.get("href", "").startswith("/")]
        assert local
        assert all(each.startswith("/kg/") for each in local)
    assert client.get("/kg/id/light/eddystone").location == "/kg/doc/light/eddystone"
