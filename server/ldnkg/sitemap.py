"""The addresses of the documents about all things, for robots (the protocol of sitemaps.org, version 0.9).

They are put in order at release time, into a table of `counts.sqlite`, so that any stretch of them is read by
its position: no request does more work for a bigger graph.
"""

import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import closing
from pathlib import Path
from typing import NamedTuple
from xml.sax.saxutils import escape

from pyoxigraph import Literal, NamedNode

from ldnkg.dates import latest
from ldnkg.facts import Statement, facts
from ldnkg.iris import PREFIXES, path_of

LOCATIONS = 10_000
"""A sitemap has at most so many addresses: a fifth of what the protocol allows, and so at most 22 MB."""

_LONGEST = 2047
"""The protocol's limit for an address, in characters; longer ones are left out."""
_MODIFIED = NamedNode(PREFIXES["dcterms"] + "modified")
_NAMESPACE = "http://www.sitemaps.org/schemas/sitemap/0.9"
_QUOTES = {"'": "&apos;", '"': "&quot;"}
_SCHEMA = "CREATE TABLE location (position INTEGER PRIMARY KEY, url TEXT NOT NULL, modified TEXT)"
_THINGS = "SELECT iri FROM member ORDER BY segment, position"


class Location(NamedTuple):
    """An absolute address and, where known, when what is there was changed last, as W3C writes times."""

    url: str
    modified: str | None = None


def write_locations(counts: Path, triples: Iterable[Statement], base: str) -> None:
    """Add the addresses to a `counts.sqlite`, in the order of its members, with their `dcterms:modified`."""
    times: dict[str, list[str]] = defaultdict(list)
    for triple in facts(triples).having(_MODIFIED):
        if isinstance(triple.object, Literal):
            times[str(triple.subject)].append(triple.object.value)
    with closing(sqlite3.connect(counts)) as database:
        database.execute(_SCHEMA)
        things = (iri for (iri,) in database.execute(_THINGS))
        found = ((base[:-1] + (path_of(iri, base) or ""), latest(times[f"<{iri}>"])) for iri in things)
        kept = [(url, modified) for url, modified in found if len(url) <= _LONGEST]
        rows = ((position, *each) for position, each in enumerate(kept))
        database.executemany("INSERT INTO location VALUES (?, ?, ?)", rows)
        database.commit()


def count(counts: Path) -> int:
    """How many addresses there are."""
    return int(_rows(counts, "SELECT coalesce(max(position) + 1, 0) FROM location")[0][0])


def locations(counts: Path, offset: int, limit: int) -> list[Location]:
    """Some of the addresses, by their position."""
    query = "SELECT url, modified FROM location WHERE position >= ? ORDER BY position LIMIT ?"
    return [Location(*row) for row in _rows(counts, query, offset, limit)]


def urlset(found: Iterable[Location]) -> str:
    """A sitemap of these addresses, in XML."""
    return _document("urlset", "url", found)


def index(found: Iterable[Location]) -> str:
    """The index of the sitemaps at these addresses, in XML."""
    return _document("sitemapindex", "sitemap", found)


def _rows(counts: Path, query: str, *values: int) -> list[tuple[str, str | None]]:
    where = f"{counts.resolve().as_uri()}?mode=ro&immutable=1"
    with closing(sqlite3.connect(where, uri=True)) as database:
        return database.execute(query, values).fetchall()


def _document(root: str, element: str, found: Iterable[Location]) -> str:
    lines = "".join(f"<{element}>{''.join(_told(each))}</{element}>\n" for each in found)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<{root} xmlns="{_NAMESPACE}">\n{lines}</{root}>\n'


def _told(location: Location) -> Iterator[str]:
    yield f"<loc>{escape(location.url, _QUOTES)}</loc>"
    if location.modified:
        yield f"<lastmod>{escape(location.modified)}</lastmod>"
