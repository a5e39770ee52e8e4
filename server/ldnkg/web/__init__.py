"""The site over HTTP: `create_app` makes the WSGI application."""

import os
from collections.abc import Iterable
from contextlib import suppress
from functools import partial
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING

from flask import Flask, Response
from flask import request as asked
from werkzeug.exceptions import NotFound, RequestURITooLarge
from werkzeug.routing import PathConverter

from ldnkg.endpoint import Endpoint
from ldnkg.errors import KnowledgeError, NoRelease
from ldnkg.iris import mount
from ldnkg.places import releases_root
from ldnkg.query import Limits
from ldnkg.site import Site
from ldnkg.web import (
    assets,
    caching,
    changes,
    classes,
    compiled,
    dataset,
    differences,
    editor,
    entities,
    errors,
    examples,
    exported,
    fragments,
    head,
    home,
    memento,
    metrics,
    narrowing,
    neighbourhood,
    pages,
    panels,
    request,
    search,
    series,
    sitemap,
    sparql,
    terms,
    timemaps,
    trust,
)
from ldnkg.web.access import AccessLog
from ldnkg.web.asgi import Asgi, Layers
from ldnkg.web.clients import Proxies
from ldnkg.web.direct import Direct
from ldnkg.web.front import Front

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

_HEADERS = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Expose-Headers": (
        "Accept-Ranges, Allow, Content-Location, Content-Range, ETag, Link, Memento-Datetime, Retry-After, "
        "Server-Timing, SPARQL-Truncated, Vary"
    ),
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; img-src 'self'; script-src 'self'; connect-src 'self'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "Referrer-Policy": "strict-origin-when-cross-origin",
    "X-Content-Type-Options": "nosniff",
}
"""The fields of every answer."""
_PREFLIGHT = {
    "Access-Control-Allow-Methods": "GET, HEAD, POST, OPTIONS",
    "Access-Control-Allow-Headers": (
        "Accept, Accept-Datetime, Accept-Language, Cache-Control, Content-Type, If-Match, If-Modified-Since, "
        "If-None-Match, If-Range, If-Unmodified-Since, Range"
    ),
    "Access-Control-Max-Age": "86400",
}
"""What a browser reads before it sends a request with fields of its own (Fetch, section 3.2.2)."""
_KNOWN_ALREADY = (
    *("Content-Type", "Last-Modified", "Link", "Server-Timing", "Access-Control-Expose-Headers"),
    *("Content-Security-Policy", "Referrer-Policy", "X-Content-Type-Options"),
)
"""What a client with a good copy has, and a 304 need not repeat (RFC 9110, 15.4.5; RFC 9111, 3.2)."""

_LIVE = tuple(
    module.blueprint for module in (search, sparql, editor, panels, series, timemaps, changes, differences)
)
"""What needs a server, and the releases that it keeps."""

_LONGEST = 16_384
"""Bytes of a request target; the endpoint has a budget of its own."""


def create_app(
    releases: Path | None = None,
    limits: Limits | None = None,
    *,
    as_files: bool = False,
    endpoint: Endpoint | None = None,
) -> Flask:
    """The site of the folder of releases: the one given, else `LDNKG_RELEASES`, else where builds put them.

    The base is that of the release; when its path is not `/`, the site answers below that path.
    Its graph is read from the endpoint, if given, else from that which `LDNKG_STORE` names, if set. As
    files, the site says what it cannot do without a server (see `ldnkg.web.exported`), and needs no endpoint.
    """
    app = Flask(__name__)
    chosen = os.environ.get("LDNKG_RELEASES")
    endpoint = endpoint or (None if as_files else Endpoint.from_environment(os.environ))
    site = Site(releases or releases_root(Path(chosen) if chosen else None), limits, endpoint)
    app.extensions["site"] = site
    app.extensions["proxies"] = Proxies.from_environment(os.environ)
    app.url_map.merge_slashes = False  # two slashes in an IRI are two slashes
    app.url_map.converters["path"] = _Name
    app.after_request(_secured)  # what is registered first comes last, after all that make a new answer
    for module in (
        compiled,
        request,
        errors,
        pages,
        narrowing,
        head,
        caching,
        metrics,
        assets,
        examples,
        panels,
        fragments,
        neighbourhood,
        trust,
    ):
        module.register(app)
    memento.register(app, live=not as_files)
    for module in (home, entities, classes, terms, dataset, examples, trust, neighbourhood, sitemap):
        app.register_blueprint(module.blueprint)
    for blueprint in exported.BLUEPRINTS if as_files else _LIVE:
        app.register_blueprint(blueprint)
    app.before_request(_bounded)
    app.wsgi_app = _Mounted(app.wsgi_app, site)  # type: ignore[method-assign]
    return app


def create_asgi() -> Asgi:
    """The same for an ASGI server, its workers started, and its examples asked in the background.

    With `LDNKG_ACCESS_LOG` (a file, or `-`) it tells of every answer there.
    """
    app = create_app()
    site: Site = app.extensions["site"]
    with suppress(KnowledgeError):
        site.warm()
    where = os.environ.get("LDNKG_ACCESS_LOG")
    log = AccessLog(where, app.extensions["proxies"], site.newest) if where else None
    below = ""
    with suppress(KnowledgeError), site.opened() as here:
        below = mount(here.base)
    apart = frozenset(f"{below}{path}".encode() for path in ("/health", "/metrics"))
    layers = Layers(Front(site.newest), direct_of(app), log, apart, app.extensions["counter"])
    return Asgi(app.wsgi_app, layers, body=Limits.from_environment(os.environ).query_bytes + 1)


def direct_of(app: Flask) -> Direct:
    """The way past the application for plain queries."""
    counter = partial(app.extensions["counter"], "sparql.endpoint", "GET")
    return Direct(app.extensions["site"], app.extensions["proxies"], _HEADERS, counter)


def _bounded() -> None:
    """Refuse what is no target of ours before it costs anything: too long, or with an empty first segment.

    The router would take `//doc/…` for `/doc/…`, so that relative links in the answer led elsewhere.
    """
    path, query = asked.environ["PATH_INFO"], asked.query_string
    if len(path) + len(query) > _LONGEST and asked.endpoint != "sparql.endpoint":
        raise RequestURITooLarge(f"The address is longer than {_LONGEST:,} bytes.")
    if path.startswith("//"):
        raise NotFound("No address here begins with two slashes.")


def _secured(response: Response) -> Response:
    """Open to read for every origin, closed to whatever data might smuggle into a page (CSP 3, Fetch)."""
    for name, value in (_HEADERS | _PREFLIGHT if asked.method == "OPTIONS" else _HEADERS).items():
        response.headers.setdefault(name, value)
    if response.status_code == HTTPStatus.NOT_MODIFIED and "Memento-Datetime" not in response.headers:
        for name in _KNOWN_ALREADY:
            response.headers.pop(name, None)
    return response


class _Name(PathConverter):
    """The rest of a path, whatever it holds; the router's own stops at a line break."""

    regex = r"[^/][\s\S]*?"


class _Mounted:
    """Answers below the path of the base, whether a proxy in front takes that path away or not."""

    def __init__(self, app: "WSGIApplication", site: Site) -> None:
        self._app, self._site = app, site

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        mount = self._mount()
        if mount:
            environ["SCRIPT_NAME"] = mount
            path: str = environ["PATH_INFO"]
            if path == mount or path.startswith(mount + "/"):
                environ["PATH_INFO"] = path[len(mount) :] or "/"
        return self._app(environ, start_response)

    def _mount(self) -> str:
        try:
            with self._site.opened() as opened:
                return mount(opened.base)
        except NoRelease:
            return ""
