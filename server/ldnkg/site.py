"""The releases that are open now, and all that an answer needs from one. No web framework here.

A release never changes, so everything in an `Opened` may be read by many threads without a lock. When
`current` moves, the next request gets the new release; the old one is closed after its last request, so that
no request sees half of each. Former releases are opened when somebody asks for one.
"""

import os
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path
from threading import Lock, Thread
from typing import TypeGuard

from pyoxigraph import Literal, NamedNode

from ldnkg import changes, history
from ldnkg.cache import Cache, Kept
from ldnkg.changes import Changes
from ldnkg.curation import CURATION, Curation
from ldnkg.endpoint import Endpoint
from ldnkg.errors import KnowledgeError, NoRelease, QueryRefused, UnknownRelease
from ldnkg.facets import Facets
from ldnkg.history import History, Moment
from ldnkg.iris import PREFIXES, Prefixes
from ldnkg.layout import LAID_OUT, Layout
from ldnkg.query import Limits, Pool, Tally, statistics, warm
from ldnkg.query.examples import Example
from ldnkg.query.examples import read as read_examples
from ldnkg.query.hints import Known
from ldnkg.query.statistics import Statistics
from ldnkg.query.tallies import TALLIES, Tallies
from ldnkg.release import LAYOUT, Release, current, whole
from ldnkg.schemaorg import Alignment
from ldnkg.search import Index
from ldnkg.shelf import Lent, Shelf
from ldnkg.store import Store, open_release
from ldnkg.terms import Terms
from ldnkg.views import PANELS, Overviews, Panels

_REMEMBERED, _REMEMBERED_FORMER = 64 * 2**20, 4 * 2**20
"""Bytes of answers that a process keeps of a release."""
_NAME = 300
"""Bytes of a name besides its text, about."""
_FORMER = 4
"""So many former releases are kept open."""
_QUIET = 1.0
"""Seconds without a request after which there is time for what nobody waits for."""
_SEVERAL = 5
"""Kinds that no shape puts in order, and that have fewer members, come last."""
_LISTED = 20
"""So many releases are named to someone who asks for one that is not there."""


@dataclass(frozen=True)
class Dataset:
    """What the dataset says about itself; None or empty where it is silent."""

    title: Literal
    description: Literal | None
    version: str | None
    license: NamedNode | None
    citation: Literal | None
    rights: tuple[Literal, ...]
    """What a reader has to know on every page."""
    notes: tuple[Literal, ...]
    """What a user of the data has to know."""
    starts: tuple[NamedNode, ...]
    """Things that are good to look at first."""
    creators: tuple[NamedNode, ...]
    """Who made it."""
    contact: NamedNode | None
    """Where problems are reported (`dcat:contactPoint`): a mail address or a page elsewhere."""


class Opened:
    """One release, open: its store, its full-text index, its layout and its pool of query workers.

    Without `pool` it has no workers: a former release answers no queries. With an endpoint its triples are
    read from there.
    """

    def __init__(self, release: Release, pool: Pool | None, endpoint: Endpoint | None = None) -> None:
        self.release = release
        self.base: str = release.manifest["base"]
        self.prefixes: Mapping[str, str] = Prefixes({**PREFIXES, **release.manifest["prefixes"]})
        self.store: Store = open_release(release.path, endpoint)
        self.index = Index(release.path / "search.sqlite")
        self.curation = Curation(release.path / CURATION)
        self.facets = Facets(release.path / "search.sqlite")
        self._overviews = Overviews(release.path / PANELS)
        self._queries = pool
        remembered = _REMEMBERED if pool else _REMEMBERED_FORMER
        self.answers = Cache[Kept](remembered, lambda kept: kept.size)
        self.names = Cache[Literal](remembered // 8, lambda name: _NAME + len(name.value))
        """What IRIs are called."""
        self.addresses = Cache[str](remembered // 64, lambda where: _NAME + len(where))
        """Where views are."""
        self.fragments = Cache[str](remembered // 8, lambda made: _NAME + len(made))
        """What pages show of an IRI."""
        self.languages = frozenset(tag.lower() for tag in release.manifest["languages"])
        self.modified = datetime.fromisoformat(release.manifest["time"])

    @property
    def queries(self) -> Pool:
        """The workers that queries run in (raises QueryRefused for a former release)."""
        if self._queries is None:
            raise QueryRefused(
                "Queries run on the current release only; the files of a former one can be downloaded."
            )
        return self._queries

    @cached_property
    def layout(self) -> Layout:
        """How the shapes lay out a page."""
        return Layout.kept((self.release.path / LAID_OUT).read_text(encoding="utf-8"))

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

        def all_of(prefix: str, name: str) -> list[object]:
            return list(
                self.store.objects(NamedNode(self.base + "dataset"), NamedNode(PREFIXES[prefix] + name))
            )

        def texts(prefix: str, name: str) -> tuple[Literal, ...]:
            return tuple(each for each in all_of(prefix, name) if isinstance(each, Literal))

        def text(prefix: str, name: str) -> Literal | None:
            return next(iter(texts(prefix, name)), None)

        version, licenses = text("dcat", "version"), all_of("dcterms", "license")
        return Dataset(
            title=text("dcterms", "title") or Literal(self.base),
            description=text("dcterms", "description"),
            version=version.value if version else None,
            license=next((each for each in licenses if isinstance(each, NamedNode)), None),
            citation=text("dcterms", "bibliographicCitation"),
            rights=texts("dcterms", "rights"),
            notes=texts("skos", "scopeNote"),
            starts=tuple(each for each in all_of("void", "exampleResource") if isinstance(each, NamedNode)),
            creators=tuple(each for each in all_of("dcterms", "creator") if isinstance(each, NamedNode)),
            contact=next(
                (each for each in all_of("dcat", "contactPoint") if _is_elsewhere(each, self.base)), None
            ),
        )

    def warm(self, stop: Callable[[], bool], busy: Callable[[], bool]) -> None:
        """Start the workers and ask the example queries, while the site is not busy, until `stop`."""
        warm(self.queries, self._asked_for_show(), self.base, stop, busy)

    def _asked_for_show(self) -> Iterator[str]:
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


class Site:
    """The folder of releases as a server sees it: always the current one, opened once, and former ones.

    With an endpoint the graph of the current one is read from there; a former one has its own in its folder.
    """

    def __init__(
        self, releases: Path, limits: Limits | None = None, endpoint: Endpoint | None = None
    ) -> None:
        self._releases, self._link = releases, str(releases / "current")
        self._limits = limits or Limits.from_environment(os.environ)
        self.endpoint = endpoint
        """What holds the graph of the current release, if that is not its folder."""
        self.tally = Tally()
        """What became of the queries on every release."""
        self._lock = Lock()
        self._current: Lent[Opened] | None = None
        self._warms = False
        self._asked = time.monotonic()
        self._former = Shelf(_FORMER, self._open, Opened.close)
        self._history: tuple[object, History] = (None, History())

    @contextmanager
    def opened(self, moment: Moment | None = None) -> Iterator[Opened]:
        """The current release, or that of a moment, which stays open until the block ends.

        Raises NoRelease, and UnknownRelease when that of the moment has been removed.
        """
        self._asked = time.monotonic()
        with self._lock:
            lent = self._newest()
            lent.uses += 1
        try:
            if moment is None or moment.release == lent.value.release.id:
                yield lent.value
            else:
                with self._kept(moment.release) as former:
                    yield former
        finally:
            with self._lock:
                lent.uses -= 1
                self._retire(lent)

    def newest(self) -> str | None:
        """The id of the release that is current, without opening it; None while there is none."""
        try:
            return os.readlink(self._link)
        except OSError:
            return None

    def history(self) -> History:
        """Which release became current when; read again when something in the folder has moved."""
        state = [_state(self._releases / name) for name in ("", "current", history.JOURNAL)]
        known, found = self._history
        if known != state:
            found = history.read(self._releases)
            self._history = state, found
        return found

    def moment(self, name: str) -> Moment:
        """The moment of that name, or the last one of a version (raises UnknownRelease, which names some)."""
        past = self.history()
        if found := past.named(name):
            return found
        newest = [f"{each.name} ({each.version or '-'})" for each in past.moments[: -_LISTED - 1 : -1]]
        raise UnknownRelease(f"There is no release {name[:80]!r}. The newest are {', '.join(newest)}.")

    @contextmanager
    def changes(self, base: str) -> Iterator[Changes]:
        """What changed from one release of this base to the next."""
        with changes.opened(self._releases, base, LAYOUT) as found:
            yield found

    def close(self) -> None:
        """Close the releases; requests that still use one end first."""
        with self._lock:
            lent, self._current = self._current, None
            if lent:
                self._retire(lent)
        self._former.close()

    def warm(self) -> None:
        """Warm the current release in the background, and each that becomes current later (NoRelease)."""
        with self._lock:
            known, self._warms = self._current, True
            if self._newest() is known:
                self._warm(known)

    @contextmanager
    def _kept(self, id_: str) -> Iterator[Opened]:
        """A former release; closed for good when its folder is gone."""
        try:
            whole(self._releases / id_)
        except NoRelease as fault:
            self._former.drop(id_)
            raise UnknownRelease(f"Release {id_} is not kept any more.") from fault
        with self._former.lent(id_) as opened:
            yield opened

    def _open(self, id_: str) -> Opened:
        """Its graph is in its folder: an endpoint holds the current one alone."""
        if self.endpoint and not (self._releases / id_ / "store").is_dir():
            raise UnknownRelease(f"Of release {id_} only the files are kept: they can be downloaded.")
        return Opened(whole(self._releases / id_), None)

    def _newest(self) -> Lent[Opened]:
        """What `current` leads to; opened anew when it has moved. Needs the lock."""
        try:
            target = os.readlink(self._releases / "current")
        except OSError as fault:
            raise NoRelease(f"There is no release in {self._releases}: run `ldnkg build`.") from fault
        former = self._current
        if former is None or former.key != target:
            release = current(self._releases)
            pool = Pool(release.path, self._limits, self.tally, endpoint=self.endpoint)
            self._current = Lent(Opened(release, pool, self.endpoint), target)
            if self._warms:
                self._warm(self._current)
            if former:
                self._retire(former)
        assert self._current  # noqa: S101 - for the type checker
        return self._current

    def _warm(self, lent: Lent[Opened]) -> None:
        """Warm a release as long as it is the current one; it stays open meanwhile. Needs the lock."""

        def work() -> None:
            try:
                lent.value.warm(lambda: lent is not self._current, self._busy)
            finally:
                with self._lock:
                    lent.uses -= 1
                    self._retire(lent)

        lent.uses += 1
        Thread(target=work, daemon=True).start()

    def _busy(self) -> bool:
        """Whether somebody has asked for something just now."""
        return time.monotonic() - self._asked < _QUIET

    def _retire(self, lent: Lent[Opened]) -> None:
        """Close a release that is no longer current after its last use. Needs the lock."""
        if lent is not self._current and lent.uses == 0:
            lent.value.close()


def _is_elsewhere(term: object, base: str) -> TypeGuard[NamedNode]:
    """Whether a term is an address that leads out of this site."""
    return (
        isinstance(term, NamedNode)
        and term.value.startswith(("https:", "http:", "mailto:"))
        and not term.value.startswith(base)
    )


def _state(path: Path) -> tuple[int, int, int] | None:
    """What is other when a file, a folder or a link has changed."""
    try:
        found = path.lstat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino
