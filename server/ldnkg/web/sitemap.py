"""What robots may read and where all of it is (RFC 9309; sitemaps.org)."""

from collections.abc import Iterator
from pathlib import Path

from flask import Blueprint, Response, request, url_for
from werkzeug.exceptions import NotFound

from ldnkg import sitemap
from ldnkg.counts import MANY
from ldnkg.iris import path_of
from ldnkg.sitemap import LOCATIONS, Location
from ldnkg.web.answers import fresh
from ldnkg.web.head import absolute
from ldnkg.web.request import opened

blueprint = Blueprint("sitemap", __name__)

_PAGES = ("home.show", "dataset.about", "terms.ont", "terms.vocab", "terms.shapes")
"""The pages that every site has."""
_COMPUTED = (("sparql.endpoint", "?"), ("search.results", ""), ("search.suggest", ""))
"""What is computed at each request, so that no robot should ask for it: with what follows the path."""
_XML = "application/xml"


@blueprint.get("/robots.txt")
def robots() -> Response:
    """All may be read by robots, but for what is computed, and for former releases (RFC 9309)."""
    rules = [url_for(each) + more for each, more in _COMPUTED]
    rules += [f"{request.script_root}/*{mark}release=" for mark in "?&"]
    closed = "".join(f"Disallow: {each}\n" for each in rules)
    text = f"User-agent: *\n{closed}\nSitemap: {absolute('sitemap.overview')}\n"
    return fresh(Response(mimetype="text/plain"), "robots", lambda: text)


@blueprint.get("/sitemap.xml")
def overview() -> Response:
    """The index of all sitemaps."""

    def body() -> str:
        numbers = range(1, -(-_total() // LOCATIONS) + 1)
        return sitemap.index(Location(absolute("sitemap.stretch", number=each), _time()) for each in numbers)

    return fresh(Response(mimetype=_XML), "sitemap", body)


@blueprint.get("/sitemap/<int:number>.xml")
def stretch(number: int) -> Response:
    """One sitemap: at most LOCATIONS addresses; sitemaps are numbered from 1."""
    if not 1 <= number <= -(-_total() // LOCATIONS):
        raise NotFound(f"There is no sitemap {number}; see {url_for('sitemap.overview')}.")

    def body() -> str:
        found = _some((number - 1) * LOCATIONS, LOCATIONS)
        return sitemap.urlset(Location(each.url, each.modified or _time()) for each in found)

    return fresh(Response(mimetype=_XML), f"sitemap-{number}", body)


def _total() -> int:
    return len(_PAGES) + sum(pages for _, pages in _kinds()) + sitemap.count(_counts())


def _some(offset: int, limit: int) -> Iterator[Location]:
    """Some of all addresses: those of every site, then the pages of the kinds, then the things."""
    end = offset + limit
    yield from (Location(absolute(each)) for each in _PAGES[offset:end])
    start = len(_PAGES)
    for path, pages in _kinds():
        for number in range(pages)[max(0, offset - start) : max(0, end - start)]:
            yield Location(path + (f"?page={number + 1}" if number else ""))
        start += pages
    if end > start:
        rest = min(limit, end - start)
        yield from sitemap.locations(_counts(), max(0, offset - start), rest)


def _kinds() -> list[tuple[str, int]]:
    """The address of each kind's list, and how many pages it has."""
    base = opened().base
    return [
        (base[:-1] + (path_of(f"{base}class/{segment}", base) or ""), -(-count // MANY))
        for segment, _, count in opened().store.types()
    ]


def _counts() -> Path:
    return opened().release.path / "counts.sqlite"


def _time() -> str:
    return str(opened().release.manifest["time"])
