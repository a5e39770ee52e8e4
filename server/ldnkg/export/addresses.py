"""What to ask for, without suffixes: every address of a release, each once."""

from collections.abc import Iterator
from urllib.parse import parse_qsl

from pyoxigraph import NamedNode

from ldnkg.counts import DEPRECATED, MANY, REPLACED_BY
from ldnkg.describe import list_path
from ldnkg.iris import path_of
from ldnkg.site import Opened
from ldnkg.store import DIRECTIONS

_LEFT = f"SELECT DISTINCT ?node {{ ?node <{REPLACED_BY.value}>|<{DEPRECATED.value}> ?any }}"


def addresses(release: Opened) -> Iterator[str]:
    """The named graphs, the lists of things, the things with their documents, the pages of long lists.

    They are below the mount point, with the escapes that links to them have.
    """
    for graph in release.release.manifest["graphs"]:
        yield path_of(graph, release.base) or "/"
    for node in _tombstones(release):
        yield from _both(node, release.base)
    for segment, _, count in release.store.types():
        for node in _members(release, segment):
            yield from _both(node, release.base)
            yield from _lists(release, node)
        yield from _pages(path_of(f"{release.base}class/{segment}", release.base) or "/", count)


def plain(address: str) -> str:
    """An address without what makes no other file: its fragment, and all of its query but the page.

    >>> plain("/class/light?page=3&v=1#x"), plain("/search?q=a"), plain("/class/light?page=1")
    ('/class/light?page=3', '/search', '/class/light')
    """
    path, _, query = address.partition("#")[0].partition("?")
    page = dict(parse_qsl(query)).get("page", "1")
    return path if page == "1" else f"{path}?page={page}"


def _members(release: Opened, segment: str) -> Iterator[NamedNode]:
    """The things of a type."""
    offset, total = 0, 1
    while offset < total:
        nodes, total = release.store.members(segment, offset, MANY)
        yield from nodes
        offset += MANY


def _tombstones(release: Opened) -> Iterator[NamedNode]:
    """The things that are no longer listed (see ldnkg.counts.withdrawn), and may have left a word."""
    for row in release.store.select(_LEFT):
        node = row["node"]
        if isinstance(node, NamedNode) and "#" not in node.value.removeprefix(f"{release.base}id/"):
            yield node


def _both(node: NamedNode, base: str) -> Iterator[str]:
    """The address of a thing, and that of the document about it."""
    document = path_of(node.value, base) or "/"
    yield document.replace("/doc/", "/id/", 1)
    yield document


def _lists(release: Opened, thing: NamedNode) -> Iterator[str]:
    """The pages of the lists of a thing and its parts that are too long for one page."""
    for node in (thing, *release.store.parts(thing)):
        for direction in DIRECTIONS:
            for property_, total in release.store.properties(node, direction).items():
                if total > MANY:
                    path = list_path(node, direction, property_, release.base, release.prefixes)
                    yield from _pages(path, total)


def _pages(path: str, total: int) -> Iterator[str]:
    yield path
    yield from (f"{path}?page={number}" for number in range(2, -(-total // MANY) + 1))
