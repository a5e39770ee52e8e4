"""One release that is open: its store, its index, and what was read of it."""

import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from datetime import datetime
from functools import cached_property

from pyoxigraph import Literal, NamedNode

from ldnkg.cache import Cache, Kept
from ldnkg.curation import CURATION, Curation
from ldnkg.endpoint import Endpoint
from ldnkg.errors import DamagedRelease, KnowledgeError, QueryRefused
from ldnkg.facets import Facets
from ldnkg.iris import PREFIXES, Prefixes
from ldnkg.layout import LAID_OUT, Layout
from ldnkg.query import Pool, statistics, warm
from ldnkg.query.examples import Example
from ldnkg.query.examples import read as read_examples
from ldnkg.query.hints import Known
from ldnkg.query.statistics import Statistics
from ldnkg.query.tallies import TALLIES, Tallies
from ldnkg.release import Release
from ldnkg.schemaorg import Alignment
from ldnkg.search import Index
from ldnkg.site.described import Dataset, described
from ldnkg.store import Store, open_release
from ldnkg.terms import Terms
from ldnkg.views import PANELS, Overviews, Panels

_REMEMBERED, _REMEMBERED_FORMER = 64 * 2**20, 4 * 2**20
"""Bytes of answers that a process keeps of a release."""
_NAME = 300
"""Bytes of a name besides its text, about."""
_SEVERAL = 5
"""Kinds that no shape puts in order, and that have fewer members, come last."""


class Opened:
    """One release, open: its store, its full-text index, its layout and its pool of query workers.

    Without `pool` it has no workers: a former release answers no queries. With an endpoint its triples are
    read from there. `modified` is since when the site says this; None: since the release was made. Raises
    NoRelease when its triples cannot be read, DamagedRelease when another file is not as it was written.
    """

    def __init__(
        self,
        release: Release,
        pool: Pool | None,
        endpoint: Endpoint | None = None,
        modified: datetime | None = None,
    ) -> None:
        self.release = release
        release.confirm()
        try:
            self._open(endpoint)
        except (OSError, ValueError, LookupError, TypeError, AttributeError, sqlite3.Error) as fault:
            raise DamagedRelease(
                f"Release {release.id} is damaged ({fault}). Make it anew with `ldnkg build`, copy its "
                "folder again, or change to another with `ldnkg releases switch`."
            ) from fault
        self.modified: datetime = modified or self.made
        """Since when the site says this."""
        self._queries = pool
        remembered = _REMEMBERED if pool else _REMEMBERED_FORMER
        self.answers = Cache[Kept](remembered, lambda kept: kept.size)
        self.names = Cache[Literal](remembered // 8, lambda name: _NAME + len(name.value))
        """What IRIs are called."""
        self.addresses = Cache[str](remembered // 64, lambda where: _NAME + len(where))
        """Where views are."""
        self.fragments = Cache[str](remembered // 8, lambda made: _NAME + len(made))
        """What pages show of an IRI."""

    def _open(self, endpoint: Endpoint | None) -> None:
        """Open what nearly every page reads."""
        path, manifest = self.release.path, self.release.manifest
        self.base: str = manifest["base"]
        self.prefixes: Mapping[str, str] = Prefixes({**PREFIXES, **manifest["prefixes"]})
        self.made = datetime.fromisoformat(manifest["time"])
        self.languages = frozenset(tag.lower() for tag in manifest["languages"])
        self.layout = Layout.kept((path / LAID_OUT).read_text(encoding="utf-8"))
        """How the shapes lay out a page."""
        self.store: Store = open_release(path, endpoint)
        self.index = Index(path / "search.sqlite")
        self.curation = Curation(path / CURATION)
        self.facets = Facets(path / "search.sqlite")
        self._overviews = Overviews(path / PANELS)

    @property
    def queries(self) -> Pool:
        """The workers that queries run in (raises QueryRefused for a former release)."""
        if self._queries is None:
            raise QueryRefused(
                "Queries run on the current release only; the files of a former one can be downloaded."
            )
        return self._queries

    @cached_property
    def kinds(self) -> tuple[tuple[str, NamedNode, int], ...]:
        """The kinds of things in the order of their shapes; others by how much the shapes say of them."""
        types = self.store.types()
        said = {class_: len(self.layout.fields((class_,))) for _, class_, _ in types}
        ranks = {class_: self.layout.rank(class_) for _, class_, _ in types}
        return tuple(sorted(types, key=lambda it: (ranks[it[1]], it[2] < _SEVERAL, -said[it[1]], it[0])))

    @cached_property
    def panels(self) -> Panels:
        """What pages show besides facts."""
        return Panels(self.store, self.prefixes, self._overviews)

    @cached_property
    def alignment(self) -> Alignment:
        """What the terms of the graph are in schema.org."""
        return Alignment(self.store)

    @cached_property
    def terms(self) -> Terms:
        """The words: ontology, closed lists and shapes."""
        return Terms(self.release.path / "terms", self.base)

    @cached_property
    def examples(self) -> tuple[Example, ...]:
        """The example queries."""
        return read_examples(self.store)

    @cached_property
    def statistics(self) -> Statistics:
        """How often classes and properties are used."""
        return statistics.read(self.store, NamedNode(self.base + "dataset"))

    @cached_property
    def tallies(self) -> Tallies:
        """What was counted of the default graph."""
        return Tallies(self.release.path / TALLIES)

    @cached_property
    def known(self) -> Known:
        """Where to look for what a query may have meant."""
        return Known(self.store, self.statistics, self.index, self.base, tuple(sorted(self.languages)))

    @cached_property
    def context(self) -> str:
        """The JSON-LD context, as JSON text."""
        return (self.release.path / "context.jsonld").read_text(encoding="utf-8")

    @cached_property
    def dataset(self) -> Dataset:
        """The dataset's description of itself (DCAT 3, VoID)."""
        return described(self.store, self.base)

    def warm(self, stop: Callable[[], bool], busy: Callable[[], bool]) -> None:
        """Start the workers and ask the example queries, while the site is not busy, until `stop`."""
        warm(self.queries, self._asked_for_show(), self.base, stop, busy)

    def _asked_for_show(self) -> Iterator[str]:
        with suppress(KnowledgeError):  # an engine elsewhere may be out of reach just now
            for each in self.examples:
                with suppress(KnowledgeError):
                    yield each.runnable(self.prefixes)

    def close(self) -> None:
        """Let go of the files and stop the workers."""
        if self._queries:
            self._queries.close()
        self.index.close()
        self.curation.close()
        self.facets.close()
        self._overviews.close()
        self.store.close()
