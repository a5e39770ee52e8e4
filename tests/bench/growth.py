"""What a bigger graph does to a page: time to the first page, entity pages, search."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

from bench import peers
from bench.client import Client
from bench.documents import CODED, documents
from bench.figures import Figure, Times
from bench.peers import Place

SEARCHES = (
    "multiple sclerosis",
    "naltrexone",
    "fibromyalgia pain",
    "placebo",
    "crohn",
    "NCT00501696",
    "smith",
)
_PAGES = 150


@dataclass
class Grown:
    """What was measured of one size: seconds to the first page, and milliseconds of pages and searches."""

    first: Figure = field(default_factory=Figure)
    pages: Times = field(default_factory=Times)
    search: Times = field(default_factory=Times)


def pages(releases: Path) -> list[str]:
    """Some pages of conditions and trials. A larger graph of the harness has all that a smaller one has."""
    paths = documents(releases, "condition", "trial")
    return paths[:: max(1, len(paths) // _PAGES)][:_PAGES]


def measure(place: Place, sources: Path, releases: Path, paths: Sequence[str], found: Grown) -> None:
    """One round: a new server, pages that nobody has asked for, searches."""
    begun = time.monotonic()
    with peers.ours(place, sources, releases) as site:
        client = Client(site.port)
        assert client.get(paths[0], {"Accept": "text/html"}).status == 200
        found.first.add(time.monotonic() - begun)
        times = [client.get(path, {"Accept": "text/html", **CODED}).milliseconds for path in paths[1:]]
        found.pages.add(times[2:])
        asked = [f"/search?q={quote(words)}{more}" for words in SEARCHES for more in ("", "&all=kind")]
        found.search.add([client.get(path, {"Accept": "text/html"}).milliseconds for path in asked])
        client.close()
