"""The folder of releases as a server sees it: the current one is open, former ones when somebody asks."""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Lock, Thread

from ldnkg import changes, history
from ldnkg.changes import Changes
from ldnkg.endpoint import Endpoint
from ldnkg.errors import NoRelease, UnknownRelease
from ldnkg.history import History, Moment
from ldnkg.query import Limits, Pool, Tally
from ldnkg.release import LAYOUT, current, whole
from ldnkg.shelf import Lent, Shelf
from ldnkg.site.opened import Opened

_FORMER = 4
"""So many former releases are kept open."""
_QUIET = 1.0
"""Seconds without a request after which there is time for what nobody waits for."""
_LISTED = 20
"""So many releases are named to someone who asks for one that is not there."""


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
            target = os.readlink(self._link)
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


def _state(path: Path) -> tuple[int, int, int] | None:
    """What is other when a file, a folder or a link has changed."""
    try:
        found = path.lstat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino
