"""The export on a real nginx: it answers what the server answers."""

import gzip
import json
import random
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from conftest import LIGHTS, PHAROS, write
from flask.testing import FlaskClient
from hosted import Host, export, nginx
from hypothesis import given, settings
from hypothesis import strategies as st

from ldnkg.errors import NotAcceptable
from ldnkg.formats import FORMATS
from ldnkg.negotiate import negotiate
from ldnkg.release import build
from ldnkg.sources import load
from ldnkg.web import create_app

ODD = ("a%2Fb", "a+b", "(c)", "d%20e", "bülk", "%C3%A9", "st.paul", "x.ttl", ".hidden", "q%3Fr", "h%23i", "50%25")
"""Slugs that hosts have been seen to get wrong."""


def odd_lights() -> dict[str, str]:
    """Sources with many lights, so that lists have pages, and with lights of odd names."""
    slugs = [f"l{number}" for number in range(120)] + list(ODD)
    return LIGHTS | {
        f"graph/light/{slug}.ttl": PHAROS.replace(
            "light:pharos a ex:Light ;",
            f"<https://example.org/lights/id/light/{slug}> a ex:Light ;\n"
            "    ex:keptBy <https://example.org/lights/id/keeper/winstanley> ;",
        ).replace("Pharos of Alexandria", f"Light {slug}")
        for slug in slugs
    }


@dataclass(frozen=True)
class Both:
    """The server and nginx with its export, of one release below `mount`."""

    server: FlaskClient
    host: Host
    mount: str
    folder: Path


@pytest.fixture(scope="module", params=["http://lights.example/", "http://lights.example/kg/"])
def both(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Iterator[Both]:
    folder = tmp_path_factory.mktemp("nginx")
    build(load(write(folder / "lights", odd_lights())), folder / "releases", request.param)
    exported = export(folder / "releases", folder / "site", "--codings", "gzip,br")
    server = create_app(folder / "releases", as_files=True).test_client()
    with nginx(exported, folder / "nginx") as host:
        yield Both(server, host, "/kg" if "kg" in request.param else "", exported)


PATHS = (
    "/ /dataset /ont /vocab /shapes /class/light /class/keeper /doc/light/eddystone /doc/keeper/winstanley "
    "/id/light/eddystone /id/keeper/winstanley /search /sparql /robots.txt /.well-known/void /favicon.ico "
    "/context.jsonld /static/site.css /class/light?page=2 /class/light?page=3 /class/light.csv?page=2 "
    "/doc/keeper/winstanley/incoming/ex:keptBy /doc/keeper/winstanley/incoming/ex:keptBy?page=2 "
    "/doc/keeper/winstanley/incoming/ex:keptBy.ttl?page=3 /doc/light/eddystone.ttl /doc/light/eddystone.jsonld "
    "/doc/light/eddystone?format=nt /doc/light/eddystone.rdf?format=nt /class/light?page=2&format=csv "
    "/download/graph.ttl /download/graph.nt.gz "
    "/nowhere /doc/light/nowhere /id/light/nowhere /doc/light/eddystone.png /doc/light/eddystone?format=png "
    "/class/light?page=4 /class/light?page=x /class/nowhere /doc/light /doc/ /id/ /.htaccess /.hosting/nginx.conf "
    "/doc/light/eddystone.var /doc/light/eddystone.html.gz /class/light.page-2.html"
).split() + [f"/{where}/light/{slug}" for where in ("doc", "id") for slug in ODD]

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

SAME = ("Content-Location", "Location", "Link", "Content-Security-Policy", "Access-Control-Allow-Origin",
        "Access-Control-Expose-Headers", "X-Content-Type-Options", "Referrer-Policy", "Content-Type", "Allow",
        "Cache-Control")  # fmt: skip


def vary(value: str | None) -> set[str]:
    return {each.strip().lower() for each in (value or "").split(",")} - {"", "accept-language", "accept-encoding"}


@pytest.mark.parametrize("accept", ACCEPTS, ids=str)
@pytest.mark.parametrize("path", PATHS)
def test_nginx_answers_as_the_server_does(both: Both, path: str, accept: str | None) -> None:
    headers = {} if accept is None else {"Accept": accept}
    target = both.mount + path
    ours = both.server.get(target, headers=headers, environ_overrides={"RAW_URI": target})
    theirs = both.host.ask(target, **headers)
    assert theirs.status == ours.status_code
    for name in SAME:
        told = ", ".join(ours.headers.getlist(name)) or None
        if name == "Content-Type" and ours.status_code in (301, 303):
            continue
        assert (theirs.headers.get(name), name) == (told, name)
    assert vary(theirs.headers.get("Vary")) == vary(ours.headers.get("Vary"))
    if ours.status_code == 200:
        assert theirs.body == ours.data
    if ours.mimetype == "application/problem+json":
        same = ("type", "title", "status", "instance", "variants")
        told_by_host = json.loads(theirs.body)
        assert {name: told_by_host.get(name) for name in same} == {
            name: (ours.json or {}).get(name) for name in same
        }
