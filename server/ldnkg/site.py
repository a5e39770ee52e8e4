"""The release that is open now, and all that an answer needs from it. No web framework here.

A release never changes, so everything in an `Opened` may be read by many threads without a lock. When
`current` moves, the next request gets the new release; the old one is closed after its last request, so that
no request sees half of each.
"""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path
from threading import Lock

from pyoxigraph import Literal, NamedNode

from ldnkg.cache import Cache, Kept
from ldnkg.errors import NoRelease
from ldnkg.iris import PREFIXES
from ldnkg.layout import Layout
from ldnkg.query import Limits, Pool
from ldnkg.query.examples import Example
from ldnkg.query.examples import read as read_examples
from ldnkg.release import Release, current
from ldnkg.schemaorg import Alignment
from ldnkg.search import Index
from ldnkg.store import Store, open_release

_REMEMBERED = 64 * 2**20
"""Bytes of answers that a process keeps of a release."""


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


class Opened:
    """One release, open: its store, its full-text index, its layout and its pool of query workers."""

    def __init__(self, release: Release, limits: Limits) -> None:
        self.release = release
        self.base: str = release.manifest["base"]
        self.prefixes: Mapping[str, str] = {**PREFIXES, **release.manifest["prefixes"]}
        self.store: Store = open_release(release.path)
        self.index = Index(release.path / "search.sqlite")
        self.queries = Pool(release.path, limits)
        self.answers = Cache[Kept](_REMEMBERED, lambda kept: kept.size)
        self.languages = frozenset(tag.lower() for tag in release.manifest["languages"])
        self.modified = datetime.fromisoformat(release.manifest["time"])

    @cached_property
    def layout(self) -> Layout:
        """How the shapes lay out a page."""
        return Layout(self.store)

    @cached_property
    def alignment(self) -> Alignment:
        """What the terms of the graph are in schema.org."""
        return Alignment(self.store)

    @cached_property
    def examples(self) -> tuple[Example, ...]:
        """The example queries."""
        return read_examples(self.store)

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
        )

    def close(self) -> None:
        """Let go of the files and stop the workers."""
        self.queries.close()
        self.index.close()
        self.store.close()


class _Lent:
    """An open release and how many requests use it."""

    def __init__(self, opened: Opened, target: str) -> None:
        self.opened, self.target = opened, target
        self.uses = 0


class Site:
    """The folder of releases as a server sees it: always the current one, opened once."""

    def __init__(self, releases: Path, limits: Limits | None = None) -> None:
        self._releases = releases
        self._limits = limits or Limits.from_environment(os.environ)
        self._lock = Lock()
        self._current: _Lent | None = None

    @contextmanager
    def opened(self) -> Iterator[Opened]:
        """The current release, which stays open until the block ends (raises NoRelease)."""
        with self._lock:
            lent = self._newest()
            lent.uses += 1
        try:
            yield lent.opened
        finally:
            with self._lock:
                lent.uses -= 1
                self._retire(lent)

    def close(self) -> None:
        """Close the release; requests that still use it end first."""
        with self._lock:
            lent, self._current = self._current, None
            if lent:
                self._retire(lent)

    def _newest(self) -> _Lent:
        """What `current` leads to; opened anew when it has moved. Needs the lock."""
        try:
            target = os.readlink(self._releases / "current")
        except OSError as fault:
            raise NoRelease(f"There is no release in {self._releases}: run `ldnkg build`.") from fault
        former = self._current
        if former is None or former.target != target:
            self._current = _Lent(Opened(current(self._releases), self._limits), target)
            if former:
                self._retire(former)
        assert self._current  # noqa: S101 - for the type checker
        return self._current

    def _retire(self, lent: _Lent) -> None:
        """Close a release that is no longer current after its last use. Needs the lock."""
        if lent is not self._current and lent.uses == 0:
            lent.opened.close()
