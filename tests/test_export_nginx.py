"""The export on a real nginx: it answers what the server answers."""

import gzip
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from urllib.parse import quote

import pytest
from conftest import LIGHTS, PHAROS, write
from flask.testing import FlaskClient
from hosted import CACHED, PLAIN, Host, Reply, export, nginx
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ldnkg.codings import CODINGS
from ldnkg.errors import NotAcceptable
from ldnkg.negotiate import negotiate, negotiate_coding
from ldnkg.release import build
from ldnkg.sources import load
from ldnkg.web import create_app
from ldnkg.web.answers import DOCUMENTS

ODD = tuple("a%2Fb a+b (c) d%20e bülk %C3%A9 st.paul x.ttl .hidden q%3Fr h%23i 50%25 c,d;e=f 'g' ~h".split())
"""Slugs that hosts have been seen to get wrong."""

TOMBSTONES = """\
@prefix dcterms: <http://purl.org/dc/terms/> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .

<https://example.org/lights/id/light/{slug}> {said} .
"""


def odd_lights() -> dict[str, str]:
    """Sources with many lights, so that lists have pages, with lights of odd names, and with tombstones."""
    slugs = [f"l{number}" for number in range(120)] + list(ODD)
    found = {
        f"graph/light/{slug}.ttl": PHAROS.replace(
            "light:pharos a ex:Light ;",
            f"<https://example.org/lights/id/light/{slug}> a ex:Light ;\n"
            "    ex:keptBy <https://example.org/lights/id/keeper/winstanley> ;",
        ).replace("Pharos of Alexandria", f"Light {slug}")
        for slug in slugs
    }
    merged = "dcterms:isReplacedBy <https://example.org/lights/id/light/pharos>"
    for slug, said in (("merged", merged), ("gone", "owl:deprecated true")):
        found[f"graph/light/{slug}.ttl"] = TOMBSTONES.format(slug=slug, said=said)
    return LIGHTS | found


@dataclass(frozen=True)
class Both:
    """The server and nginx with its export, of one release below `mount`."""

    server: FlaskClient
    host: Host
    mount: str
    folder: Path


@pytest.fixture(
    scope="module",
    params=[("", PLAIN), ("/kg", PLAIN), ("/kg", CACHED), ("", CACHED)],
    ids="top mounted mounted-cached top-cached".split(),
)
def both(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Iterator[Both]:
    folder, (mount, servers) = tmp_path_factory.mktemp("nginx"), request.param
    base = f"http://lights.example{mount}/"
    build(load(write(folder / "lights", odd_lights())), folder / "releases", base)
    exported = export(folder / "releases", folder / "site", "--codings", "gzip,br")
    server = create_app(folder / "releases", as_files=True).test_client()
    with nginx(exported, folder / "nginx", servers=servers) as host:
        yield Both(server, host, mount, exported)


LITERAL = "%+(),;='~"
"""What links do not escape."""
KEPT = "/doc/keeper/winstanley/incoming/ex:keptBy"
PATHS = (
    "/ /dataset /ont /vocab /shapes /class/light /class/keeper /search /sparql /search?q=x /robots.txt "
    "/sparql?q=x /search.html /search.json /search?q=x&format=json /search?format=html "
    "/.well-known/void /graph/curated /graph/dataset /graph/nowhere /favicon.ico /context.jsonld "
    "/static/site.css /download/graph.ttl /download/graph.nt.gz "
    "/doc/light/eddystone /doc/keeper/winstanley /id/light/eddystone /id/keeper/winstanley "
    "/doc/light/eddystone.ttl /doc/light/eddystone.jsonld /doc/light/eddystone.linkset.json "
    "/doc/light/eddystone?format=nt /doc/light/eddystone.rdf?format=nt "
    "/class/light?page=2 /class/light?page=3 /class/light.csv?page=2 /class/light?page=2&format=csv "
    f"{KEPT} {KEPT}?page=2 {KEPT}.ttl?page=3 "
    "/id/light/merged /doc/light/merged /doc/light/merged.ttl /id/light/gone "
    "/doc/light/gone /doc/light/gone.nt "
    "/nowhere /doc/light/nowhere /id/light/nowhere /doc/light/eddystone.png /doc/light/eddystone?format=png "
    "/class/light?page=4 /class/light?page=x /class/nowhere /doc/light /doc/ /id/ /.htaccess "
    "/.hosting/nginx.conf /doc/light/eddystone.var /doc/light/eddystone.html.gz /class/light.page-2.html"
).split() + [f"/{where}/light/{quote(slug, safe=LITERAL)}" for where in ("doc", "id") for slug in ODD]

ACCEPTS = (
    None,
    "*/*",
    "text/turtle",
    "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8",
    "application/rdf+xml;q=0.9, text/turtle;q=0.8, text/*;q=0.1",
    "text/html;q=0, */*",
    'application/ld+json;profile="http://www.w3.org/ns/json-ld#compacted"',
    "TEXT/TURTLE;Q=0.5, text/plain",
    "application/n-triples, text/csv;q=1.000",
    "image/png",
    "",
)

SAME = (
    "Access-Control-Allow-Origin Access-Control-Expose-Headers Allow Cache-Control Content-Location "
    "Content-Security-Policy Content-Type Link Location Referrer-Policy X-Content-Type-Options"
).split()
"""The header fields that a host sends as the server does."""


@pytest.mark.parametrize("path", PATHS)
def test_nginx_answers_as_the_server_does(both: Both, path: str) -> None:
    target = both.mount + path
    for accept in ACCEPTS:
        asked = {} if accept is None else {"Accept": accept}
        ours = both.server.get(target, headers=asked, environ_overrides={"RAW_URI": target})
        theirs = both.host.ask(target, **asked)
        told = {name: ", ".join(ours.headers.getlist(name)) for name in SAME if name in ours.headers}
        assert (theirs.status, accept) == (ours.status_code, accept)
        assert without_words(theirs.status, headers_of(theirs)) == without_words(theirs.status, told)
        assert vary(theirs.headers.get("Vary")) == vary(ours.headers.get("Vary"))
        assert ours.status_code != 200 or theirs.body == ours.data
        if ours.mimetype == "application/problem+json":
            problem, same = json.loads(theirs.body), ("type", "title", "status", "variants", "replacements")
            assert [problem.get(each) for each in same] == [(ours.json or {}).get(each) for each in same]
        ours.close()


def headers_of(reply: Reply) -> dict[str, str]:
    return {name: reply.headers[name] for name in SAME if name in reply.headers}


def without_words(status: int, fields: dict[str, str]) -> dict[str, str]:
    """The words that go with a redirect are the host's own."""
    return {
        name: value
        for name, value in fields.items()
        if name != "Content-Type" or status >= 400 or status < 300
    }


def vary(value: str | None) -> set[str]:
    """What a cache has to look at; an export has one language, and need not have every file compressed."""
    return {each.strip().lower() for each in (value or "").split(",")} - {
        "",
        "accept-language",
        "accept-encoding",
    }


SEPARATORS = st.sampled_from([",", ", ", " ,", ",,", ";", "; ", " "])
QUALITIES = st.sampled_from(
    ["", ";q=1", ";q=0", ";q=0.5", "; q=0.501", ";Q=0.5", ";q=1.001", ";q=", ";q=.5", ";a=b;q=0.7"]
)
RANGES = st.sampled_from(
    [each.media_type for each in DOCUMENTS]
    + ["*/*", "text/*", "application/*", "TEXT/HTML", "x", 'a/b;c="d,e"']
)
FIELDS = st.lists(st.tuples(RANGES, QUALITIES, SEPARATORS), max_size=6).map(
    lambda members: "".join(range_ + quality + separator for range_, quality, separator in members).strip()
)


@settings(max_examples=600, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(accept=FIELDS | st.text(st.characters(min_codepoint=33, max_codepoint=126), max_size=40))
def test_nginx_chooses_a_format_as_the_server_does(both: Both, accept: str) -> None:
    theirs = both.host.ask(f"{both.mount}/doc/light/eddystone", "HEAD", Accept=accept)
    try:
        best = negotiate(accept, DOCUMENTS).media_type
    except NotAcceptable:
        assert theirs.status == 406
    else:
        assert theirs.headers["Content-Type"].partition(";")[0] == best


@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    accepted=st.lists(
        st.tuples(st.sampled_from("gzip br zstd identity * x-gzip GZIP".split()), QUALITIES), max_size=5
    ).map(lambda members: ", ".join(token + quality for token, quality in members))
)
def test_nginx_chooses_a_coding_as_the_server_does(both: Both, accepted: str) -> None:
    theirs = both.host.ask(f"{both.mount}/doc/light/eddystone.ttl", "HEAD", Accept_Encoding=accepted)
    written = tuple(each for each in CODINGS if each.token in ("gzip", "br"))
    try:
        coding = negotiate_coding(accepted, written)
    except NotAcceptable:
        assert theirs.status == 406
    else:
        assert theirs.headers.get("Content-Encoding") == (coding.token if coding else None)


def test_a_compressed_answer_is_the_same_document(both: Both) -> None:
    where = f"{both.mount}/doc/light/eddystone.ttl"
    plain, packed = both.host.ask(where), both.host.ask(where, Accept_Encoding="gzip")
    assert gzip.decompress(packed.body) == plain.body
    assert packed.headers["Content-Type"] == plain.headers["Content-Type"] == "text/turtle; charset=utf-8"
    assert packed.headers["Vary"] == "Accept-Encoding"


def test_each_variant_and_coding_has_a_validator_of_its_own(both: Both) -> None:
    where = f"{both.mount}/doc/light/eddystone"
    tags = {
        both.host.ask(where, Accept=format_.media_type, Accept_Encoding=coding).headers["Etag"]
        for format_ in DOCUMENTS
        for coding in ("gzip", "br", "identity")
    }
    assert len(tags) == 3 * len(DOCUMENTS)
    assert all(re.fullmatch(r'"[\w.-]+"', each) for each in tags), tags


def test_a_copy_that_is_still_good_is_not_sent_again(both: Both) -> None:
    where = f"{both.mount}/doc/light/eddystone"
    first = both.host.ask(where, Accept="text/turtle")
    for good in (first.headers["Etag"], f'"x", W/{first.headers["Etag"]}', "*"):
        again = both.host.ask(where, Accept="text/turtle", If_None_Match=good)
        assert (again.status, again.body) == (304, b"")
        for name in ("Etag", "Vary", "Cache-Control", "Content-Location"):
            assert again.headers[name] == first.headers[name]
    since = first.headers["Last-Modified"]
    assert both.host.ask(where, Accept="text/turtle", If_Modified_Since=since).status == 304
    assert both.host.ask(where, Accept="text/html", If_None_Match=first.headers["Etag"]).status == 200
    assert both.host.ask(where, If_None_Match='"x"', If_Modified_Since=since).status == 200


def test_a_304_repeats_nothing_that_the_copy_has(both: Both) -> None:
    where = f"{both.mount}/doc/light/eddystone.ttl"
    first = both.host.ask(where, Accept_Encoding="gzip").headers
    since = first["Last-Modified"]
    assert {"Link", "Content-Type", "Content-Encoding"} <= first.keys()
    for condition in ({"If_None_Match": first["Etag"]}, {"If_Modified_Since": since}):
        again = both.host.ask(where, Accept_Encoding="gzip", **condition)
        assert again.status == 304
        assert not {"Link", "Content-Type", "Content-Encoding"} & again.headers.keys()


@pytest.mark.parametrize(
    ("since", "status"),
    [
        ("Sun, 06 Nov 1994 08:49:37 GMT", 200),
        ("Fri, 01 Jan 2100 00:00:00 GMT", 304),
        ("2100-01-01", 200),
        ("soon", 200),
    ],
)
def test_a_copy_is_good_unless_the_release_is_younger(both: Both, since: str, status: int) -> None:
    reply = both.host.ask(f"{both.mount}/doc/light/eddystone.ttl", If_Modified_Since=since)
    assert reply.status == status


def test_a_file_is_dated_by_its_release(both: Both) -> None:
    theirs = both.host.ask(f"{both.mount}/doc/light/eddystone.ttl").headers["Last-Modified"]
    assert theirs == both.server.get(f"{both.mount}/doc/light/eddystone.ttl").headers["Last-Modified"]


def test_a_download_comes_in_ranges_of_bytes(both: Both) -> None:
    where = f"{both.mount}/download/graph.nt"
    whole, part = both.host.ask(where).body, both.host.ask(where, Range="bytes=10-19")
    assert (part.status, part.body) == (206, whole[10:20])
    assert part.headers["Content-Range"] == f"bytes 10-19/{len(whole)}"
    assert both.host.ask(where, Range=f"bytes={len(whole)}-").status == 416


@pytest.mark.parametrize(
    "target",
    [
        *("/doc/light/eddystone?release=0123456789abcdef", "/doc/light/eddystone.ttl?release=x"),
        *("/id/light/eddystone?release=x", "/?release=", "/dataset?format=ttl&release=x"),
        *("/class/light?page=2&%72elease=x", "/download/graph.ttl?release=x", "/doc/light/merged?release=x"),
    ],
)
def test_another_release_is_not_there_and_said_so(both: Both, target: str) -> None:
    problem, text = "application/problem+json", "text/plain; charset=utf-8"
    for accept, media_type in ((problem, problem), ("text/plain", text), (ACCEPTS[3] or "", text)):
        reply = both.host.ask(both.mount + target, Accept=accept)
        assert (reply.status, reply.headers["Content-Type"]) == (404, media_type)
        assert b"one release" in reply.body and b"without the parameter release" in reply.body


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "QUERY"])
def test_what_files_cannot_do_is_refused_with_what_they_can(both: Both, method: str) -> None:
    refused = both.host.ask(f"{both.mount}/doc/light/eddystone", method)
    assert refused.status == 405
    assert refused.headers["Allow"] == "GET, HEAD, OPTIONS"


def test_a_program_that_asks_the_endpoint_has_an_error_and_a_person_the_page(both: Both) -> None:
    where, program = f"{both.mount}/sparql?query=ASK%20%7B%7D", "application/sparql-results+json"
    for refused in (
        both.host.ask(where, Accept=program),
        both.host.ask(where, Accept="*/*"),
        both.host.ask(f"{both.mount}/sparql", "POST", Accept=program),
    ):
        assert refused.status == (405 if refused.headers.get("Allow") else 406)
        assert "no SPARQL endpoint" in json.loads(refused.body)["detail"]
    page = both.host.ask(where, Accept="text/html, */*;q=0.8")
    assert (page.status, page.headers["Content-Type"]) == (200, "text/html; charset=utf-8")


@pytest.mark.parametrize(
    "accept", ["application/sparql-results+json", "application/sparql-results+json, */*;q=0.1", ""]
)
def test_the_site_as_files_says_that_it_has_no_endpoint(both: Both, accept: str) -> None:
    told = both.server.get(
        f"{both.mount}/sparql", query_string={"query": "ASK {}"}, headers={"Accept": accept}
    )
    assert told.status_code == 406
    assert "no SPARQL endpoint" in (told.json or {})["detail"]
    assert f"http://lights.example{both.mount}/dataset" in (told.json or {})["detail"]


def test_head_and_options_work_everywhere(both: Both) -> None:
    for path in ("/", "/doc/light/eddystone", "/id/light/eddystone", "/download/graph.nt", "/class/light"):
        whole, head = both.host.ask(both.mount + path), both.host.ask(both.mount + path, "HEAD")
        assert (head.status, head.body) == (whole.status, b"")
        assert head.headers.get("Etag") == whole.headers.get("Etag")
        options = both.host.ask(both.mount + path, "OPTIONS")
        assert (options.status, options.headers["Allow"]) == (200, "GET, HEAD, OPTIONS")
        assert options.headers["Access-Control-Allow-Origin"] == "*"


def test_a_fault_is_told_to_people_programs_and_terminals(both: Both) -> None:
    where = f"{both.mount}/doc/light/nowhere"
    page, text, problem = (
        both.host.ask(where, Accept=each) for each in ("text/html", "text/plain", "application/json")
    )
    assert b"<h1>Not Found</h1>" in page.body
    assert text.body.startswith(b"404 Not Found\n")
    assert json.loads(problem.body)["status"] == 404
    refused = both.host.ask(f"{both.mount}/doc/light/eddystone", Accept="image/png")
    assert [each["type"] for each in json.loads(refused.body)["variants"]] == [
        each.media_type for each in DOCUMENTS
    ]


@pytest.mark.parametrize(
    "target",
    (
        "/doc/../../etc/passwd /doc/%2e%2e/%2e%2e/etc/passwd /doc/light/..%2F..%2F..%2Fetc%2Fpasswd // /%00 "
        f"/doc/light/%ff /doc/{'a' * 300} /doc/{'a/' * 2000}"
    ).split(),
    ids=lambda target: target[:40],
)
def test_no_target_leads_out_of_the_export_or_breaks_the_script(both: Both, target: str) -> None:
    assert both.host.ask(both.mount + target).status in (400, 404)


def test_a_field_in_several_lines_is_one(both: Both) -> None:
    """And a second line does not decide what those get who send the first one alone."""
    document, variant = f"{both.mount}/doc/light/eddystone", f"{both.mount}/doc/light/l1.ttl"
    for _ in range(2):
        for accept, best in (
            (("text/html;q=0.1", "text/turtle"), "text/turtle; charset=utf-8"),
            (("text/html;q=0.1",), "text/html; charset=utf-8"),
        ):
            assert both.host.ask(document, Accept=accept).headers["Content-Type"] == best
        for codings, best in ((("gzip;q=0.1", "br"), "br"), (("gzip;q=0.1",), "gzip")):
            assert both.host.ask(variant, Accept_Encoding=codings).headers["Content-Encoding"] == best


def test_more_documents_are_read_than_files_may_be_open(both: Both, tmp_path: Path) -> None:
    """Many systems allow a process a thousand open files; here it is fewer."""
    addresses = [
        f"{both.mount}/doc/light/l{number}.{suffix}"
        for number in range(120)
        for suffix in ("ttl", "nt", "csv")
    ]
    with nginx(both.folder, tmp_path / "nginx", servers=CACHED, files=320) as host:
        for _ in range(2):
            assert {host.ask(each, "HEAD").status for each in addresses} == {200}


def test_the_configuration_tells_what_to_put_before_it(both: Both) -> None:
    """The servers of these tests are those that it tells of, but for the places."""
    text = (both.folder / ".hosting/nginx-cached.conf").read_text(encoding="utf-8")
    told = " ".join(line.removeprefix("#") for line in text.splitlines()[1:] if line.startswith("#     "))
    for where, here in (
        ("/var/lib/nginx/ldnkg", "/w/cache"),
        ("/run/ldnkg-files.sock", "/w/sock"),
        ("listen 80", "listen 127.0.0.1:80"),
    ):
        told = told.replace(where, here)
    assert told.split() == CACHED.format(work="/w", port=80, export=both.folder).split()


@dataclass(frozen=True)
class Kept:
    """nginx before the script, the export, and the folder of what it keeps."""

    host: Host
    folder: Path
    cache: Path

    def lose(self) -> None:
        """Take the documents away, so that only what is kept can be sent."""
        (self.folder / "doc").rename(self.folder / "lost")

    def keys(self) -> list[bytes]:
        """What each answer is kept by."""
        files = [each.read_bytes() for each in self.cache.rglob("*") if each.is_file()]
        return [each.partition(b"\nKEY: ")[2].partition(b"\nHTTP/1.1 ")[0] for each in files]


@pytest.fixture
def kept(tmp_path: Path) -> Iterator[Kept]:
    """nginx that keeps what the script has answered about the lighthouses."""
    build(load(write(tmp_path / "lights", LIGHTS)), tmp_path / "releases", "http://lights.example/")
    exported = export(tmp_path / "releases", tmp_path / "site", "--codings", "gzip,br")
    with nginx(exported, tmp_path / "nginx", servers=CACHED) as host:
        yield Kept(host, exported, tmp_path / "nginx/cache")


def test_what_the_script_has_answered_is_kept(kept: Kept) -> None:
    """Without the files nginx still answers what was asked before, each variant of it, and nothing else."""
    where = "/doc/light/pharos"
    first = [kept.host.ask(where, Accept=each) for each in ("text/turtle", "text/html")]
    kept.lose()
    again = [kept.host.ask(where, Accept=each) for each in ("text/turtle", "text/html")]
    assert again == first
    assert kept.host.ask(where, Accept="text/turtle", If_None_Match=first[0].headers["Etag"]).status == 304
    assert kept.host.ask(where, Accept="text/csv").status == 404


def test_a_variant_is_kept_once_whatever_accept_says(kept: Kept) -> None:
    first = kept.host.ask("/doc/light/pharos.ttl", Accept="text/html")
    kept.lose()
    assert kept.host.ask("/doc/light/pharos.ttl", Accept="*/*") == first
    assert kept.host.ask("/doc/light/pharos.ttl", Accept_Encoding="br").status == 404


def test_each_variant_is_kept_by_a_name_of_its_own(kept: Kept) -> None:
    """So that nginx finds it in the first file that it opens."""
    for accept, coding in product(("text/html", "text/turtle"), ("br", "gzip", "identity")):
        kept.host.ask("/doc/light/pharos", Accept=accept, Accept_Encoding=coding)
    assert len(set(kept.keys())) == 6


def test_nothing_is_kept_by_a_long_field(kept: Kept) -> None:
    where, long = "/doc/light/pharos", ", ".join(f"text/x{number}" for number in range(4000))
    for accept, media_type in ((f"text/turtle, {long}", "text/turtle"), (f"text/html, {long}", "text/html")):
        for coding in ("br", f"br, {long.replace('/', '')}"):
            for _ in range(2):
                reply = kept.host.ask(where, Accept=accept, Accept_Encoding=coding)
                assert reply.headers["Content-Type"].partition(";")[0] == media_type
                assert reply.headers["Content-Encoding"] == "br"
    assert max(map(len, kept.keys())) < 600
