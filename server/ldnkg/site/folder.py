"""The folder of releases as a server sees it: the current one is open, former ones when somebody asks.

Where `current` leads to what cannot be opened, as after an interrupted copy, the release that is open is
served on: its answers are right.
"""

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Lock, Thread

from ldnkg import changes, history
from ldnkg.changes import Changes
from ldnkg.endpoint import Endpoint
from ldnkg.errors import NoRelease, UnknownRelease
from ldnkg.history import History, Moment
from ldnkg.query import Limits, Pool, Tally
from ldnkg.release import LAYOUT, named, whole
from ldnkg.shelf import Lent, Shelf
from ldnkg.site.opened import Opened

_FORMER = 4
"""So many former releases are kept open."""
_QUIET = 1.0
"""Seconds without a request after which there is time for what nobody waits for."""
_LISTED = 20
"""So many releases are named to someone who asks for one that is not there."""
_AGAIN = 1.0
"""Seconds after which a release that could not be opened is tried again: its copy may be complete by then."""

_Place = tuple[str | None, object]
"""Where `current` leads, and the state of the link itself."""


@dataclass(frozen=True)
class _Refused:
    """What `current` leads to and cannot be opened: the place, why, and since when that is known."""

    place: _Place
    fault: NoRelease
    since: float


class Site:
    """The folder of releases as a server sees it: always the current one, opened once, and former ones.

    While that cannot be opened it is the one that was current before, and `fault` tells why.
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
        self._refused: _Refused | None = None
        self._warms = False
        self._asked = time.monotonic()
        self._former = Shelf(_FORMER, self._open, Opened.close)
        self._history: tuple[object, History] = (None, History())

    @contextmanager
    def opened(self, moment: Moment | None = None) -> Iterator[Opened]:
        """The current release, or that of a moment, which stays open until the block ends.

        Raises NoRelease when none can be opened, and UnknownRelease when that of the moment has been removed.
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
        """The id of the release that the next request sees, without opening it; None while there is none.

        Of one that has not been tried yet it is its name. Whoever asks has a request to answer.
        """
        self._asked = time.monotonic()
        served, target = self._current, self._target()
        if served and (served.key == target or self._is_refused(target)):
            return served.value.release.id
        return target

    @property
    def fault(self) -> str | None:
        """Why what `current` leads to could not be opened; None when it could."""
        return str(self._refused.fault) if self._refused else None

    def history(self) -> History:
        """Which release became current when; read again when something in the folder has moved.

        It ends with the one that is served.
        """
        served = self._current.value.release.id if self._refused and self._current else None
        state = [served, *(_state(self._releases / name) for name in ("", "current", history.JOURNAL))]
        known, found = self._history
        if known != state:
            found = history.read(self._releases, served)
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
        """What `current` leads to, opened anew when it has moved; else what was open. Needs the lock."""
        served, target = self._current, self._target()
        if served and served.key == target:
            self._refused = None
        elif not self._is_refused(target):
            try:
                self._current = self._taken(target)
                self._refused = None
            except NoRelease as fault:
                self._refuse(target, fault)
            else:
                if self._warms:
                    self._warm(self._current)
                if served:
                    self._retire(served)
        if self._current is None:
            assert self._refused  # noqa: S101 - for the type checker
            raise type(self._refused.fault)(str(self._refused.fault))
        return self._current

    def _target(self) -> str | None:
        """Where `current` leads; None without it."""
        try:
            return os.readlink(self._link)
        except OSError:
            return None

    def _taken(self, target: str | None) -> Lent[Opened]:
        """The release that `current` leads to, opened (raises NoRelease)."""
        release = named(self._releases)
        pool = Pool(release.path, self._limits, self.tally, endpoint=self.endpoint)
        modified = history.put_back(self._releases, release.id)
        return Lent(Opened(release, pool, self.endpoint, modified), target or "")

    def _refuse(self, target: str | None, fault: NoRelease) -> None:
        """Remember that this cannot be opened, and tell it once."""
        known, place = self._refused, (target, _state(Path(self._link)))
        self._refused = _Refused(place, type(fault)(str(fault)), time.monotonic())  # without a traceback
        if known is None or known.place[0] != target:
            goes_on = f" Release {self._current.value.release.id} is served on." if self._current else ""
            print(f"ldnkg: {fault}{goes_on}", file=sys.stderr, flush=True)

    def _is_refused(self, target: str | None) -> bool:
        """Whether it is known that what `current` leads to cannot be opened."""
        known = self._refused
        return (
            known is not None
            and known.place == (target, _state(Path(self._link)))
            and time.monotonic() < known.since + _AGAIN
        )

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
