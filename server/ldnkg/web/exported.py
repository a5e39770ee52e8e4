"""The site without a server: what takes the place of search and endpoint where it is served as files.

`create_app(…, as_files=True)` registers these blueprints, under the names of those whose addresses they have.
"""

import json
from collections.abc import Callable, Iterator
from http import HTTPStatus
from pathlib import Path

from flask import Blueprint, Flask, Response, g, render_template, request, url_for
from werkzeug.exceptions import NotFound

from ldnkg.errors import NotAcceptable
from ldnkg.formats import FORMATS
from ldnkg.web.answers import address, fresh, negotiated, variants
from ldnkg.web.errors import Problem
from ldnkg.web.examples import catalogue
from ldnkg.web.narrowing import tell_nothing
from ldnkg.web.pages import kinds
from ldnkg.web.request import link, opened

search = Blueprint("search", __name__)
sparql = Blueprint("sparql", __name__)
BLUEPRINTS = (search, sparql)

ERRORS = (HTTPStatus.NOT_FOUND, HTTPStatus.METHOD_NOT_ALLOWED, HTTPStatus.NOT_ACCEPTABLE, HTTPStatus.GONE)
"""The faults that a file host may find, each with a page of its own."""

_PAGES = tuple(each for each in FORMATS if each.kind == "page")
_WORDS = {HTTPStatus.NOT_FOUND: "There is nothing at this address. It may be spelt wrongly: try the search."}


@search.get("/search", defaults={"suffix": None})
@search.get("/search.<any(html):suffix>")
def results(suffix: str | None) -> Response:
    """A page that a script searches; without scripts, the kinds of things. A program has an error."""
    tell_nothing()
    why = (
        "This copy of the site is made of files: it searches for people only, with a script. "
        f"{address('/names.json')} has the names and identifiers of all things."
    )
    return _for_people("/search", suffix, lambda: render_template("exported/search.html"), why)


@search.get("/suggest")
def suggest() -> Response:
    """Completion needs a server; files have none."""
    raise NotFound("This copy of the site is made of files: it cannot complete what is typed.")


@search.get("/names.json")
def names() -> Response:
    """What the search looks through: `[name, address, kind, other names and identifiers]` of each thing."""

    def body() -> str:
        entries = [
            (each.label, link(each.iri), each.segment, each.others) for each in opened().index.entries()
        ]
        called = {kind.segment: kind.label.value for kind in kinds()}
        return json.dumps({"kinds": called, "entries": entries}, ensure_ascii=False, separators=(",", ":"))

    return fresh(Response(mimetype="application/json"), "names", body)


@search.get("/<int:status>.html")
def error(status: int) -> Response:
    """The page of a fault, for any address."""
    known = next((each for each in ERRORS if each == status), None)
    if known is None:
        raise NotFound()
    problem = Problem(known, _WORDS.get(known, known.description))
    return _page(f"error-{status}", lambda: render_template("error.html", problem=problem))


@sparql.get("/sparql", defaults={"suffix": None})
@sparql.get("/sparql.<any(html):suffix>")
def endpoint(suffix: str | None) -> Response:
    """That there is no endpoint here, how to have one, and what to ask it: a page for people.

    A program has an error: one that reads no HTML, and one that sends a query and does not name HTML.
    """
    why = (
        "This copy of the site is made of files: it has no SPARQL endpoint. "
        f"{address('/sparql.html')} tells how to have one of your own, {address('/dataset')} has the "
        "files to load there."
    )
    accept = request.headers.get("Accept", "")
    asks = "query" in request.args and "format" not in request.args and "text/html" not in accept.lower()
    return _for_people("/sparql", suffix, _endpoint, why, refused=asks)


def addresses(app: Flask) -> Iterator[str]:
    """Every address without a parameter, below the mount point, and those of the static files."""
    for rule in app.url_map.iter_rules():
        if not rule.arguments - set(rule.defaults or {}) and "GET" in (rule.methods or ()):
            yield rule.rule
    with app.test_request_context():
        for file in sorted(Path(app.static_folder or "").rglob("*")):
            if file.is_file():
                name = file.relative_to(app.static_folder or "").as_posix()
                yield url_for("static", filename=name)
        yield from (url_for("search.error", status=each.value) for each in ERRORS)


def _endpoint() -> str:
    return render_template("exported/sparql.html", catalogue=catalogue())


def _for_people(
    path: str, suffix: str | None, page: Callable[[], str], why: str, *, refused: bool = False
) -> Response:
    """A page for people; a program has an error that says why: by what it accepts, or names as format."""
    g.variants = variants(path, _PAGES)
    named = request.args.get("format", "html")
    try:
        if suffix is None and (refused or named not in {each.suffix for each in _PAGES}):
            raise NotAcceptable()
        return negotiated(path, suffix, lambda _: page(), _PAGES)
    except NotAcceptable:
        raise NotAcceptable(why) from None


def _page(name: str, body: Callable[[], str]) -> Response:
    return fresh(Response(mimetype="text/html"), name, body, by_language=True)
