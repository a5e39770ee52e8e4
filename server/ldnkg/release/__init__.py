"""Releases: immutable folders, each whole or not there, one of them current.

A folder is written under another name, brought to the disk and then renamed; `current` is a symbolic link
that is replaced in one step. Whatever happens in between, a reader of `current` sees a whole release.
"""

import fcntl
import json
import os
import shutil
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ldnkg.errors import BadSources, BuildFailed, NoRelease
from ldnkg.release.graph import LAYOUT, Graph, at_base
from ldnkg.release.writing import write
from ldnkg.sources import Sources

if TYPE_CHECKING:
    from ldnkg.validate import Report

__all__ = ["Progress", "Release", "build", "current"]

Progress = Callable[[str, int, int], None]
"""Hears what is being done, and how many of how many steps of it are."""

_UNFINISHED = ".building-"
_LINK = ".current-"


@dataclass(frozen=True)
class Release:
    """One whole release: its folder and what its `manifest.json` says."""

    path: Path
    manifest: Mapping[str, Any]

    @property
    def id(self) -> str:
        """The name that comes from its content."""
        return str(self.manifest["id"])


def current(releases: Path) -> Release:
    """The current release, in the folder that is its own; raises NoRelease when there is none we can read."""
    try:
        path = (releases / "current").resolve(strict=True)
        release = Release(path, json.loads((path / "manifest.json").read_text(encoding="utf-8")))
    except (OSError, ValueError) as fault:
        raise NoRelease(f"There is no release in {releases}: make one with `ldnkg build`.") from fault
    if release.manifest.get("layout") != LAYOUT:
        raise NoRelease(f"Release {path.name} was made by another version: make it anew with `ldnkg build`.")
    return release


def build(
    sources: Sources, releases: Path, base: str, *, progress: Progress = lambda what, done, of: None
) -> Release:
    """Make the release of these sources at `base`, and make it current.

    Its id comes from the content: one that is there already is not written again. Raises BadSources with the
    problems when the sources do not conform, BuildFailed when the folder cannot be written; then nothing has
    changed.
    """
    from ldnkg.validate import validate  # its libraries take a fifth of a second, and only a build needs them

    report = validate(sources, progress=lambda done, of: progress("Validating", done, of))
    if not report.conforms:
        raise BadSources(_refusal(report), report.problems)
    graph = at_base(sources, base)
    try:
        releases.mkdir(parents=True, exist_ok=True)
        with _alone(releases):
            _clear(releases)
            if not (releases / graph.id / "manifest.json").is_file():
                _write(graph, report, sources, releases, progress)
            _switch(releases, graph.id)
    except (OSError, sqlite3.Error) as fault:
        raise BuildFailed(
            f"The release cannot be written to {releases} ({getattr(fault, 'strerror', None) or fault}): "
            "make room there, or name another folder with --releases. The current release is as it was."
        ) from fault
    return current(releases)


def _refusal(report: "Report") -> str:
    """Why there is no release, and the first thing to correct."""
    violations = [problem for problem in report.problems if problem.severity == "violation"]
    count = "1 violation" if len(violations) == 1 else f"{len(violations)} violations"
    return (
        f"No release is made, for the sources have {count}; `ldnkg check` lists them. First: {violations[0]}"
    )


def _write(graph: Graph, report: "Report", sources: Sources, releases: Path, progress: Progress) -> None:
    """Write the folder under another name, and rename it when it is whole and on the disk."""
    unfinished = releases / f"{_UNFINISHED}{graph.id}"
    unfinished.mkdir()
    try:
        write(unfinished, graph, report, sources.base, progress)
        _sync(unfinished)
        shutil.rmtree(releases / graph.id, ignore_errors=True)
        unfinished.rename(releases / graph.id)
        _sync_entry(releases)
    except BaseException:
        shutil.rmtree(unfinished, ignore_errors=True)
        raise


def _switch(releases: Path, id_: str) -> None:
    """Let `current` point to a release, in one step (POSIX, rename)."""
    link = releases / f"{_LINK}{id_}"
    link.symlink_to(id_, target_is_directory=True)
    link.replace(releases / "current")
    _sync_entry(releases)


@contextmanager
def _alone(releases: Path) -> Iterator[None]:
    """Wait until no other build writes here; the system lets go of the lock of a build that is killed."""
    with (releases / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _clear(releases: Path) -> None:
    """Remove what killed builds have left. Only for one who is alone."""
    for each in releases.iterdir():
        if each.name.startswith(_LINK):
            each.unlink()
        elif each.name.startswith(_UNFINISHED):
            shutil.rmtree(each)


def _sync(folder: Path) -> None:
    """Bring a folder and all that is in it to the disk."""
    for each in (*folder.rglob("*"), folder):
        _sync_entry(each)


def _sync_entry(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
