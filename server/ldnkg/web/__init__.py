"""The site over HTTP: `create_app` makes the WSGI application."""

import os
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from flask import Flask, Response

from ldnkg.errors import NoRelease
from ldnkg.places import releases_root
from ldnkg.query import Limits
from ldnkg.site import Site
from ldnkg.web import (
    caching,
    classes,
    dataset,
    editor,
    entities,
    errors,
    examples,
    head,
    home,
    metrics,
    pages,
    request,
    search,
    sitemap,
    sparql,
    terms,
)

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

_HEADERS = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Allow-Methods": "GET, HEAD, POST, OPTIONS",
    "Access-Control-Allow-Headers": "Accept, Content-Type",
    "Access-Control-Expose-Headers": (
        "Accept-Ranges, Content-Location, Content-Range, ETag, Link, Retry-After, Server-Timing, "
        "SPARQL-Truncated"
    ),
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; img-src 'self'; script-src 'self'; connect-src 'self'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "Referrer-Policy": "strict-origin-when-cross-origin",
    "X-Content-Type-Options": "nosniff",
}


def create_app(releases: Path | None = None, limits: Limits | None = None) -> Flask:
    """The site of the folder of releases: the one given, else `LDNKG_RELEASES`, else where builds put them.

    The base is that of the release; when its path is not `/`, the site answers below that path.
    """
    app = Flask(__name__)
    chosen = os.environ.get("LDNKG_RELEASES")
    site = Site(releases or releases_root(Path(chosen) if chosen else None), limits)
    app.extensions["site"] = site
    app.url_map.merge_slashes = False  # two slashes in an IRI are two slashes
    for module in (request, errors, pages, head, caching, metrics, examples):
        module.register(app)
    for module in (home, entities, classes, terms, search, dataset, sparql, editor, examples, sitemap):
        app.register_blueprint(module.blueprint)
    app.after_request(_secured)
    app.wsgi_app = _Mounted(app.wsgi_app, site)  # type: ignore[method-assign]
    return app


def _secured(response: Response) -> Response:
    """Open to read for every origin, closed to whatever data might smuggle into a page (CSP 3, Fetch)."""
    for name, value in _HEADERS.items():
        response.headers.setdefault(name, value)
    return response


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
                return urlsplit(opened.base).path.rstrip("/")
        except NoRelease:
            return ""
