"""The export on Debian's Apache and Caddy: what they can do of it, they do."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from conftest import write
from hosted import Host, apache, caddy, export
from test_export_nginx import odd_lights

from ldnkg.formats import FORMATS, Format
from ldnkg.release import build
from ldnkg.sources import load


@dataclass(frozen=True)
class Hosted:
    """A host of a kind with an export below `mount`."""

    kind: str
    host: Host
    mount: str


@pytest.fixture(scope="module", params=["", "/kg"])
def exported(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> tuple[Path, str]:
    folder = tmp_path_factory.mktemp("hosts")
    base = f"http://lights.example{request.param}/"
    build(load(write(folder / "lights", odd_lights())), folder / "releases", base)
    return export(folder / "releases", folder / "site"), request.param


@pytest.fixture(scope="module", params=["apache", "caddy"])
def hosted(
    exported: tuple[Path, str], tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> Iterator[Hosted]:
    folder, mount = exported
    work = tmp_path_factory.mktemp(request.param) / "work"
    with apache(folder, work, mount) if request.param == "apache" else caddy(folder, work) as host:
        yield Hosted(request.param, host, mount)


VARIANTS = [each for each in FORMATS if each.kind != "dataset"]
BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8"


@pytest.mark.parametrize("wanted", VARIANTS, ids=lambda each: each.suffix)
def test_accept_chooses_the_format(hosted: Hosted, wanted: Format) -> None:
    where = f"{hosted.mount}/doc/light/eddystone"
    reply, file = (
        hosted.host.ask(where, Accept=wanted.media_type),
        hosted.host.ask(f"{where}.{wanted.suffix}"),
    )
    assert (reply.status, file.status) == (200, 200)
    assert reply.body == file.body
    assert reply.headers["Content-Type"] == file.headers["Content-Type"]
    assert reply.headers["Content-Type"].partition(";")[0] == wanted.media_type
    assert reply.headers["Content-Location"] == f"{where}.{wanted.suffix}"
    assert "accept" in re.split(r",\s*", reply.headers["Vary"].lower())


@pytest.mark.parametrize("accept", [None, "*/*", BROWSER, "text/*"], ids=str)
def test_a_browser_gets_the_page(hosted: Hosted, accept: str | None) -> None:
    asked = {} if accept is None else {"Accept": accept}
    reply = hosted.host.ask(f"{hosted.mount}/doc/keeper/winstanley", **asked)
    assert (reply.status, reply.headers["Content-Type"]) == (200, "text/html; charset=utf-8")


def test_what_no_variant_satisfies_is_406(hosted: Hosted) -> None:
    assert hosted.host.ask(f"{hosted.mount}/doc/light/eddystone", Accept="image/png").status == 406


def test_apache_weighs_quality_values(hosted: Hosted) -> None:
    weighed = {
        "text/html;q=0.5, text/turtle": "text/turtle",
        "text/turtle;q=0.5, application/n-triples;q=0.6": "application/n-triples",
        "text/html;q=0.9, text/turtle;q=0.9": "text/html",
        "text/html;q=0, */*": "text/turtle",
    }
    for accept, best in weighed.items():
        reply = hosted.host.ask(f"{hosted.mount}/doc/light/eddystone", Accept=accept)
        if hosted.kind == "apache":
            assert (accept, reply.headers["Content-Type"].partition(";")[0]) == (accept, best)


def test_a_thing_leads_to_its_document(hosted: Hosted) -> None:
    for slug in ("eddystone", "a+b", "b%C3%BClk", "st.paul", "x.ttl", ".hidden"):
        reply = hosted.host.ask(f"{hosted.mount}/id/light/{slug}")
        assert reply.status == 303
        assert reply.headers["Location"].upper().endswith(f"{hosted.mount}/doc/light/{slug}".upper())
        assert hosted.host.ask(f"{hosted.mount}/doc/light/{slug}").status == 200
    assert hosted.host.ask(f"{hosted.mount}/id/light/nowhere").status == 404


def test_pages_of_lists_are_told_apart(hosted: Hosted) -> None:
    for where in ("/class/light", "/doc/keeper/winstanley/incoming/ex:keptBy"):
        bodies = [
            hosted.host.ask(f"{hosted.mount}{where}?page={n}", Accept="text/turtle").body for n in (1, 2, 3)
        ]
        assert len(set(bodies)) == 3
        assert (
            hosted.host.ask(f"{hosted.mount}{where}?page=2").headers["Content-Type"].startswith("text/html")
        )
        assert hosted.host.ask(f"{hosted.mount}{where}.ttl?page=2").body == bodies[1]
        assert hosted.host.ask(f"{hosted.mount}{where}?page=9").status == 404


def test_a_format_may_be_named(hosted: Hosted) -> None:
    reply = hosted.host.ask(f"{hosted.mount}/doc/light/eddystone?format=nt", Accept="text/html")
    assert reply.headers["Content-Type"] == "application/n-triples"


def test_what_was_merged_or_withdrawn_says_so(hosted: Hosted) -> None:
    for kind in ("id", "doc"):
        merged = hosted.host.ask(f"{hosted.mount}/{kind}/light/merged")
        assert (merged.status, merged.headers["Location"].endswith(f"/{kind}/light/pharos")) == (301, True)
        assert hosted.host.ask(f"{hosted.mount}/{kind}/light/gone").status == 410


def test_the_rest_of_the_site_is_there(hosted: Hosted) -> None:
    for path in (
        "/",
        "/search?q=x",
        "/sparql",
        "/ont",
        "/dataset",
        "/static/site.css",
        "/download/graph.ttl",
    ):
        assert hosted.host.ask(hosted.mount + path).status == 200
    for path, where in (("/.well-known/void", "/dataset"), ("/graph/curated", "/dataset#graph-curated")):
        found = hosted.host.ask(hosted.mount + path)
        assert (found.status, found.headers["Location"].endswith(hosted.mount + where)) == (303, True)
    assert hosted.host.ask(f"{hosted.mount}/graph/nowhere").status == 404


@pytest.mark.parametrize(
    "target", ["/doc/light/eddystone?release=x", "/doc/light/eddystone.ttl?format=nt&release=", "/?release=x"]
)
def test_another_release_is_not_there_and_said_so(hosted: Hosted, target: str) -> None:
    for accept in (BROWSER, "text/turtle"):
        reply = hosted.host.ask(hosted.mount + target, Accept=accept)
        assert (reply.status, reply.headers["Cache-Control"]) == (404, "no-cache")
        assert reply.headers["Content-Type"] == "text/plain; charset=utf-8"
        assert b"one release" in reply.body and b"without the parameter release" in reply.body
    assert hosted.host.ask(f"{hosted.mount}/search?q=release=x").status == 200


SENT = "?query=ASK%20%7B%7D"


@pytest.mark.parametrize(
    ("method", "query", "accept"),
    [
        ("GET", SENT, "application/sparql-results+json"),
        ("GET", SENT, "application/sparql-results+json, */*;q=0.1"),
        ("GET", SENT, None),
        ("GET", "", "text/turtle"),
        ("HEAD", SENT, "text/csv"),
        ("POST", "", "application/sparql-results+json"),
        ("POST", "", None),
    ],
)
def test_a_program_that_asks_the_endpoint_is_told_that_there_is_none(
    hosted: Hosted, method: str, query: str, accept: str | None
) -> None:
    asked = {} if accept is None else {"Accept": accept}
    reply = hosted.host.ask(f"{hosted.mount}/sparql{query}", method, **asked)
    assert reply.status == (405 if method == "POST" else 406)
    assert reply.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert "no-cache" in reply.headers["Cache-Control"]
    assert "accept" in re.split(r",\s*", reply.headers["Vary"].lower())
    if method != "HEAD":
        assert b"no SPARQL endpoint" in reply.body
        assert f"http://lights.example{hosted.mount}/dataset".encode() in reply.body


@pytest.mark.parametrize(
    ("query", "accept"), [("", BROWSER), (SENT, BROWSER), ("", "*/*"), ("", None)], ids=str
)
def test_a_person_there_reads_how_to_have_an_endpoint(hosted: Hosted, query: str, accept: str | None) -> None:
    asked = {} if accept is None else {"Accept": accept}
    reply = hosted.host.ask(f"{hosted.mount}/sparql{query}", **asked)
    assert (reply.status, reply.headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    assert "accept" in re.split(r",\s*", reply.headers["Vary"].lower())
    assert "sparql.ttl" not in reply.headers.get("Link", "")
    assert b"<h1>Query the graph</h1>" in reply.body


@pytest.mark.parametrize("query", ["", "?q=eddystone"])
def test_a_program_that_searches_is_told_where_the_names_are(hosted: Hosted, query: str) -> None:
    reply = hosted.host.ask(f"{hosted.mount}/search{query}", Accept="application/json")
    assert (reply.status, reply.headers["Content-Type"]) == (406, "text/plain; charset=utf-8")
    assert f"http://lights.example{hosted.mount}/names.json".encode() in reply.body
    names = hosted.host.ask(f"{hosted.mount}/names.json", Accept="application/json")
    assert (names.status, names.headers["Content-Type"]) == (200, "application/json")
    assert hosted.host.ask(f"{hosted.mount}/search.json{query}").status == 404
    for accept in (BROWSER, "*/*"):
        page = hosted.host.ask(f"{hosted.mount}/search{query}", Accept=accept)
        assert (page.status, page.headers["Content-Type"]) == (200, "text/html; charset=utf-8")


def test_a_fault_is_the_page_of_the_site(hosted: Hosted) -> None:
    reply = hosted.host.ask(f"{hosted.mount}/doc/light/nowhere")
    assert reply.status == 404
    assert b"<h1>Not Found</h1>" in reply.body
    assert "no-cache" in reply.headers["Cache-Control"]


@pytest.mark.parametrize(
    "path", ["/.hosting/nginx.conf", "/.htaccess", "/.ldnkg-export.json", "/doc/light/pharos.var"]
)
def test_what_is_for_the_host_is_not_served(hosted: Hosted, path: str) -> None:
    assert hosted.host.ask(hosted.mount + path).status in (403, 404)


def test_every_answer_is_open_to_read_and_closed_to_scripts(hosted: Hosted) -> None:
    for path in ("/", "/doc/light/eddystone", "/doc/light/eddystone.ttl", "/nowhere", "/id/light/eddystone"):
        headers = hosted.host.ask(hosted.mount + path).headers
        assert headers["Access-Control-Allow-Origin"] == "*"
        assert headers["Content-Security-Policy"].startswith("default-src 'none'")
        assert headers["X-Content-Type-Options"] == "nosniff"


def test_a_document_links_its_variants_and_its_licence(hosted: Hosted) -> None:
    for path in ("/doc/light/eddystone", "/doc/light/eddystone.nt"):
        link = hosted.host.ask(hosted.mount + path).headers["Link"]
        assert f'<{hosted.mount}/doc/light/eddystone.ttl>; rel="alternate"; type="text/turtle"' in link
        assert (
            f'<{hosted.mount}/doc/light/eddystone.linkset>; rel="linkset"; type="application/linkset"' in link
        )
        assert '<https://creativecommons.org/publicdomain/zero/1.0/>; rel="license"' in link


def test_compressed_ranged_and_validated(hosted: Hosted) -> None:
    where = f"{hosted.mount}/doc/keeper/winstanley.ttl"
    plain, packed = hosted.host.ask(where), hosted.host.ask(where, Accept_Encoding="gzip")
    assert packed.headers["Content-Encoding"] == "gzip"
    assert packed.headers["Etag"] != plain.headers["Etag"]
    assert hosted.host.ask(where, If_None_Match=plain.headers["Etag"]).status == 304
    assert hosted.host.ask(where, Range="bytes=3-7").body == plain.body[3:8]
