"""Which releases are kept: the list of them, and the removal of those that nobody wants any more."""

import shutil
import sqlite3
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from ldnkg import changes, history
from ldnkg.errors import BuildFailed, UnknownRelease
from ldnkg.release import named
from ldnkg.release.folder import UNFINISHED, alone, clear


@dataclass(frozen=True)
class Kept:
    """A release that is kept: since when it was current last, in UTC as ISO 8601, and its size in bytes.

    `is_shown` tells whether the site of the current release shows it: it has the same base and layout.
    """

    id: str
    version: str | None
    base: str
    time: str
    bytes: int
    is_current: bool
    is_shown: bool


def kept(releases: Path) -> list[Kept]:
    """The releases that are there, the newest first; raises NoRelease when none is current."""
    now = named(releases).id
    moments = {each.release: (place, each) for place, each in enumerate(history.read(releases).moments)}
    found = []
    for manifest in history.there(releases):
        id_ = manifest["id"]
        place, moment = moments.get(id_, (-1, None))
        time = moment.time.isoformat() if moment else manifest["time"]
        size = _size(releases / id_)
        row = Kept(id_, manifest["version"], manifest["base"], time, size, id_ == now, moment is not None)
        found.append((place, row))
    return [row for _, row in sorted(found, key=lambda each: (each[0], each[1].time), reverse=True)]


def remove(releases: Path, ids: Collection[str]) -> None:
    """Remove releases; what changed is then told between those that remain.

    Raises UnknownRelease when one is not there or is the current one, BuildFailed when the disk refuses;
    nothing is removed then, or what could be.
    """
    try:
        with alone(releases):
            clear(releases)
            _refuse(releases, ids)
            now = named(releases).manifest
            for each in ids:  # under another name in one step, and then bit by bit
                (releases / each).rename(releases / f"{UNFINISHED}{each}")
            changes.compare(releases, history.read(releases), now["base"], now["layout"])
            for each in ids:
                shutil.rmtree(releases / f"{UNFINISHED}{each}")
    except (OSError, sqlite3.Error) as fault:
        raise BuildFailed(f"The releases could not be removed from {releases} ({fault}).") from fault


def _refuse(releases: Path, ids: Collection[str]) -> None:
    """Raise UnknownRelease for the first that cannot be removed."""
    now = named(releases).id
    there = {each["id"] for each in history.there(releases)}
    for each in ids:
        if each == now:
            raise UnknownRelease(
                f"Release {each} is the current one, which cannot be removed: build another first."
            )
        if each not in there:
            raise UnknownRelease(f"There is no release {each!r} in {releases}; `ldnkg releases` lists them.")


def _size(folder: Path) -> int:
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())
