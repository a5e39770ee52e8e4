"""What pages show that grows with the graph, asked once for a release."""

import logging
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing
from itertools import chain
from pathlib import Path

from pyoxigraph import NamedNode

from ldnkg.errors import BadQuery, QueryRefused
from ldnkg.iris import PREFIXES
from ldnkg.store import Store
from ldnkg.views.kept import SCHEMA, written
from ldnkg.views.reading import Panel, Panels

HUB = 200
"""The panels of a thing to which more triples than this lead are asked when a release is made."""
FEW = 200
"""So are those of all things of a kind that has no more members than these."""
_TYPE = NamedNode(PREFIXES["rdf"] + "type")
_LOG = logging.getLogger(__name__)


def write_panels(
    path: Path,
    store: Store,
    prefixes: Mapping[str, str],
    dataset: NamedNode,
    things: Iterable[NamedNode] = (),
) -> None:
    """Write `panels.sqlite`: what the first page, lists and the page for curators show, and all flags.

    `things` are those whose pages are made ready, too: hubs, and whatever has few of its kind.
    """
    panels = Panels(store, prefixes)
    asked = dict.fromkeys(chain(_overviews(panels, store, dataset), _pages(panels, store, things)))
    with closing(sqlite3.connect(path)) as database:
        database.executescript(SCHEMA)
        database.executemany("INSERT INTO shown VALUES (?, ?, ?, ?)", _shown(panels, asked))
        flags = ((str(thing), str(flag)) for thing, flag in panels.flags.items())
        database.executemany("INSERT INTO flag VALUES (?, ?)", flags)
        database.commit()


def few(store: Store, most: int = FEW) -> Iterator[NamedNode]:
    """The things of each kind that has at most so many."""
    for segment, _, count in store.types():
        if count <= most:
            yield from store.members(segment, 0, most)[0]


def all_things(store: Store) -> Iterator[NamedNode]:
    """Every thing that has a page of its own."""
    for segment, _, count in store.types():
        yield from store.members(segment, 0, count)[0]


def _shown(panels: Panels, asked: Iterable[tuple[Panel, NamedNode]]) -> Iterator[tuple[str, str, str, int]]:
    for panel, this in asked:
        try:
            found = panels.shown(panel, this)
        except (BadQuery, QueryRefused, SyntaxError, ValueError) as fault:
            _LOG.warning("The panel %s cannot be shown: %s", panel.node.value, fault)
            continue
        yield panel.node.value, this.value, written(found.rows), found.total


def _overviews(panels: Panels, store: Store, dataset: NamedNode) -> Iterator[tuple[Panel, NamedNode]]:
    """The panels that are about the whole, or about a class."""
    yield from ((panel, dataset) for panel in (*panels.on_home(dataset), *panels.on_quality(dataset)))
    classes = dict.fromkeys(class_ for _, class_, _ in store.types())
    yield from ((panel, class_) for class_ in classes for panel in panels.on_list(class_))


def _pages(panels: Panels, store: Store, things: Iterable[NamedNode]) -> Iterator[tuple[Panel, NamedNode]]:
    """The panels of these things."""
    for thing in things:
        classes = [each for each in store.objects(thing, _TYPE) if isinstance(each, NamedNode)]
        yield from ((panel, thing) for panel in panels.on_page(classes))
