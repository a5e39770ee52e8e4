"""What pages show that grows with the graph, asked once for a release."""

import logging
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing
from pathlib import Path

from pyoxigraph import NamedNode

from ldnkg.errors import BadQuery, QueryRefused
from ldnkg.store import Store
from ldnkg.views.kept import SCHEMA, written
from ldnkg.views.reading import Panel, Panels

_LOG = logging.getLogger(__name__)


def write_panels(path: Path, store: Store, prefixes: Mapping[str, str], dataset: NamedNode) -> None:
    """Write `panels.sqlite`: what the first page, lists and the page for curators show, and all flags."""
    panels = Panels(store, prefixes)
    with closing(sqlite3.connect(path)) as database:
        database.executescript(SCHEMA)
        database.executemany("INSERT INTO shown VALUES (?, ?, ?, ?)", _shown(panels, store, dataset))
        flags = ((str(thing), str(flag)) for thing, flag in panels.flags.items())
        database.executemany("INSERT INTO flag VALUES (?, ?)", flags)
        database.commit()


def _shown(panels: Panels, store: Store, dataset: NamedNode) -> Iterator[tuple[str, str, str, bool]]:
    for panel, this in _overviews(panels, store, dataset):
        try:
            found = panels.shown(panel, this)
        except (BadQuery, QueryRefused, SyntaxError, ValueError) as fault:
            _LOG.warning("The panel %s cannot be shown: %s", panel.node.value, fault)
            continue
        yield panel.node.value, this.value, written(found.rows), found.more


def _overviews(panels: Panels, store: Store, dataset: NamedNode) -> Iterator[tuple[Panel, NamedNode]]:
    """The panels that are about the whole, or about a class."""
    yield from ((panel, dataset) for panel in (*panels.on_home(dataset), *panels.on_quality(dataset)))
    classes = dict.fromkeys(class_ for _, class_, _ in store.types())
    yield from ((panel, class_) for class_ in classes for panel in panels.on_list(class_))
