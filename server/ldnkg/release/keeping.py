"""Which releases are kept: the list of them, whether they are whole, which is current, and their removal."""

import shutil
import sqlite3
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from ldnkg import changes, history
from ldnkg.errors import BuildFailed, DamagedRelease, NoRelease, UnknownRelease
from ldnkg.release import Progress, Release, current, make_current, named, read, whole
from ldnkg.release.folder import LAYOUT, UNFINISHED, alone, clear, refused
from ldnkg.release.intact import Fault, damaged, faults

_MANIFEST = "manifest.json"


@dataclass(frozen=True)
class Kept:
    """A release that is kept: since when it was current last, in UTC as ISO 8601, and its size in bytes.

    `hidden` says why the site of the current release does not show it; None when it does, or nobody knows. Of
    one whose manifest cannot be read only the id and the size are known.
    """

    id: str
    version: str | None
    time: str | None
    bytes: int
    is_current: bool
    hidden: str | None


@dataclass(frozen=True)
class Checked:
    """What was found of a release: how many files its manifest names, and which are not as they were written.

    `is_foreign`: it was made by another version of this program, which alone can serve it.
    """

    id: str
    files: int
    faults: Sequence[Fault]
    is_current: bool
    is_foreign: bool


def kept(releases: Path) -> list[Kept]:
    """The releases that are there, the newest first; raises NoRelease when there is none."""
    ids = _there(releases)
    now = _current(releases, ids)
    told = {each["id"]: each for each in history.there(releases)}
    moments = {each.release: (place, each) for place, each in enumerate(history.read(releases).moments)}
    found = []
    for id_ in ids:
        place, moment = moments.get(id_, (-1, None))
        manifest = told.get(id_, {})
        time = moment.time.isoformat() if moment else manifest.get("time")
        hidden = None if moment else _hidden(manifest, told.get(now or ""))
        size = _size(releases / id_)
        found.append((place, Kept(id_, manifest.get("version"), time, size, id_ == now, hidden)))
    return [row for _, row in sorted(found, key=lambda each: (each[0], each[1].time or ""), reverse=True)]


def check(
    releases: Path,
    ids: Sequence[str] = (),
    *,
    elsewhere: bool = False,
    progress: Progress = lambda what, done, of: None,
) -> list[Checked]:
    """Read every byte of these releases, or of all, the newest first, and compare it with the manifests.

    `elsewhere`: their triples may be at an endpoint, and not in their folders. Raises UnknownRelease for the
    first that is not there, NoRelease when there is none at all.
    """
    there = {each.id: each for each in kept(releases)}
    for each in ids:
        _refuse_unknown(releases, each, there)
    return [
        _checked(releases / each, there[each].is_current, elsewhere, partial(progress, f"Reading {each}"))
        for each in dict.fromkeys(ids or there)
    ]


def switch(
    releases: Path,
    id_: str,
    base: str | None = None,
    *,
    elsewhere: bool = False,
    progress: Progress = lambda what, done, of: None,
) -> tuple[Release, str | None]:
    """Make a release that is kept the current one, in one step, after every byte of it was read.

    Its base has to be `base`; None: that of the current one, as far as that can be read. Gives the release,
    and the id of the one that was current before; when both are the same, nothing has moved.

    Raises UnknownRelease when it is not there or has another base, NoRelease when it is damaged or of another
    version, BuildFailed when the folder cannot be written. The current one is as it was then.
    """
    _refuse_unknown(releases, id_, _there(releases))
    try:
        with alone(releases):
            clear(releases)
            history.record(releases)
            before = _current(releases, _there(releases))
            _refuse_unfit(releases, id_, base, elsewhere, partial(progress, f"Reading {id_}"))
            if id_ != before:
                make_current(releases, id_)
    except (OSError, sqlite3.Error) as fault:
        raise BuildFailed(
            f"The current release of {releases} cannot be changed {refused(fault)}. It is as it was."
        ) from fault
    return current(releases, elsewhere=elsewhere), before


def remove(releases: Path, ids: Collection[str]) -> None:
    """Remove releases; what changed is then told between those that remain.

    Raises UnknownRelease when one is not there or is the current one, BuildFailed when the disk refuses;
    nothing is removed then, or what could be.
    """
    _there(releases)
    try:
        with alone(releases):
            clear(releases)
            there = _there(releases)
            for each in ids:
                _refuse_removal(releases, each, there)
            for each in ids:  # under another name in one step, and then bit by bit
                (releases / each).rename(releases / f"{UNFINISHED}{each}")
            _compare(releases)
            for each in ids:
                shutil.rmtree(releases / f"{UNFINISHED}{each}")
    except (OSError, sqlite3.Error) as fault:
        raise BuildFailed(f"The releases could not be removed from {releases} {refused(fault)}.") from fault


def _there(releases: Path) -> list[str]:
    """The ids of all that is kept, whole or not; raises NoRelease when nothing is."""
    found = history.ids(releases)
    if not found:
        raise NoRelease(
            f"There is no release in {releases}: make one with `ldnkg build`, or name another folder with "
            "--releases."
        )
    return found


def _current(releases: Path, ids: Collection[str]) -> str | None:
    """Which of these `current` leads to, whether that can be read or not; None for none of them."""
    now = (releases / "current").resolve()
    return next((each for each in ids if (releases / each).resolve() == now), None)


def _hidden(manifest: Mapping[str, Any], now: Mapping[str, Any] | None) -> str | None:
    """Why the site of the current release has no place for another one."""
    if not manifest:
        return "damaged: its manifest.json cannot be read"
    if now is None:
        return None
    if manifest["layout"] != now["layout"]:
        return "not shown (made by another version)"
    return (
        f"not shown ({manifest['base']})" if manifest["base"] != now["base"] else "not shown (never current)"
    )


def _checked(path: Path, is_current: bool, elsewhere: bool, done: Callable[[int, int], None]) -> Checked:
    """What is found of the release in a folder; `done` hears how many of how many of its files were read."""
    try:
        manifest = read(path).manifest
        layout, files = manifest.get("layout"), manifest.get("files")
        is_foreign = isinstance(layout, int) and layout != LAYOUT
        if not is_foreign:
            whole(path)
        if not isinstance(files, dict) or manifest.get("id") != path.name:
            raise damaged(path, path / _MANIFEST, "is not that of this release")
    except NoRelease as fault:
        why = fault.why if isinstance(fault, DamagedRelease) else "is not there"
        return Checked(path.name, 0, [Fault(_MANIFEST, why)], is_current, is_foreign=False)
    found = faults(path, files, content=True, elsewhere=elsewhere, done=lambda count: done(count, len(files)))
    return Checked(path.name, len(files), list(found), is_current, is_foreign)


def _refuse_unknown(releases: Path, id_: str, there: Collection[str]) -> None:
    if id_ not in there:
        raise UnknownRelease(f"There is no release {id_!r} in {releases}; `ldnkg releases` lists them.")


def _refuse_unfit(
    releases: Path, id_: str, base: str | None, elsewhere: bool, done: Callable[[int, int], None]
) -> None:
    """Raise UnknownRelease or NoRelease for a release that cannot be served in place of the current one."""
    path = releases / id_
    release = whole(path)
    wanted = base or _base(releases)
    if wanted not in (None, release.manifest["base"]):
        raise UnknownRelease(
            f"Release {id_} has the base {release.manifest['base']} and not {wanted}: it would change every "
            f"address of the site. If that is meant, add --base {release.manifest['base']}."
        )
    found = _checked(path, False, elsewhere, done).faults
    if found:
        raise damaged(path, path / found[0].name, found[0].why)


def _refuse_removal(releases: Path, id_: str, there: Collection[str]) -> None:
    _refuse_unknown(releases, id_, there)
    if id_ == _current(releases, there):
        raise UnknownRelease(
            f"Release {id_} is the current one, which cannot be removed: build another or change to one "
            "(`ldnkg releases switch ID`) first."
        )


def _base(releases: Path) -> str | None:
    """The base of the current release; None when there is none, or it cannot be read."""
    try:
        return str(named(releases).manifest["base"])
    except NoRelease:
        return None


def _compare(releases: Path) -> None:
    """Bring what changed between the releases up to date; the next switch does it while none can be read."""
    with suppress(NoRelease):
        now = named(releases).manifest
        changes.compare(releases, history.read(releases), now["base"], now["layout"])


def _size(folder: Path) -> int:
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())
