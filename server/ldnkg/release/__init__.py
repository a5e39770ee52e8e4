"""Releases: immutable folders, each whole or not there, one of them current.

A folder is written under another name, brought to the disk and then renamed; `current` is a symbolic link
that is replaced in one step. Whatever happens in between, a reader of `current` sees a whole release.
"""

import gc
import json
import shutil
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ldnkg import changes, history
from ldnkg.beside import MANY, away
from ldnkg.errors import BadSources, BuildFailed, NoRelease
from ldnkg.release.folder import LAYOUT, LINK, UNFINISHED, alone, clear, refused, sync, sync_entry
from ldnkg.release.intact import confirm, damaged

if TYPE_CHECKING:
    from ldnkg.release.graph import Graph
    from ldnkg.sources import Sources
    from ldnkg.validate import Report

__all__ = [
    "LAYOUT",
    "Progress",
    "Release",
    "alone_in",
    "build",
    "current",
    "make_current",
    "named",
    "read",
    "whole",
]

_NEEDED: dict[str, Any] = {
    **{name: str for name in ("id", "time", "base")},
    **{name: dict for name in ("counts", "prefixes", "files")},
    **{name: list for name in ("graphs", "languages", "downloads")},
    "version": str | None,
    "layout": int,
}
"""What a manifest has to have for a server, and of which kind."""

Progress = Callable[[str, int, int], None]
"""Hears what is being done, and how many of how many steps of it are."""


@dataclass(frozen=True)
class Release:
    """One whole release: its folder and what its `manifest.json` says."""

    path: Path
    manifest: Mapping[str, Any]

    @property
    def id(self) -> str:
        """The name that comes from its content."""
        return str(self.manifest["id"])

    def confirm(self, *, content: bool = False, elsewhere: bool = True) -> None:
        """Look whether its files are there and whole, or with `content` read them all (DamagedRelease).

        `elsewhere`: its triples may be at an endpoint, and not in its folder.
        """
        confirm(self.path, self.manifest["files"], content=content, elsewhere=elsewhere)


def current(releases: Path, *, elsewhere: bool = True) -> Release:
    """The current release, in the folder that is its own, whose files are there and whole.

    `elsewhere`: its triples may be at an endpoint, and not in its folder. Raises NoRelease when there is none
    we can read, DamagedRelease when a file is missing or cut off.
    """
    release = named(releases)
    release.confirm(elsewhere=elsewhere)
    return release


def named(releases: Path) -> Release:
    """The release that `current` leads to, in the folder that is its own; raises as `whole` does."""
    try:
        return whole((releases / "current").resolve(strict=True))
    except OSError as fault:
        raise NoRelease(f"There is no release in {releases}: make one with `ldnkg build`.") from fault


def whole(path: Path) -> Release:
    """The release in a folder, by its manifest; raises NoRelease when it is not one that we can read.

    That is DamagedRelease when its manifest is there and not as it was written.
    """
    release = read(path)
    manifest, file = release.manifest, path / "manifest.json"
    if isinstance(layout := manifest.get("layout"), int) and layout != LAYOUT:
        raise NoRelease(f"Release {path.name} was made by another version: make it anew with `ldnkg build`.")
    if unfit := [name for name, kind in _NEEDED.items() if not isinstance(manifest.get(name, ...), kind)]:
        raise damaged(path, file, f"does not say what it has to of {', '.join(unfit)}")
    return release


def read(path: Path) -> Release:
    """The release in a folder, whatever its manifest says; raises as `whole` does when that is no object."""
    file = path / "manifest.json"
    try:
        manifest = json.loads(file.read_bytes())
    except FileNotFoundError as fault:
        raise NoRelease(f"There is no release in {path}: make one with `ldnkg build`.") from fault
    except OSError as fault:
        raise damaged(path, file, f"cannot be read ({fault.strerror})") from fault
    except (ValueError, RecursionError) as fault:
        raise damaged(path, file, f"is not JSON ({fault})") from fault
    if not isinstance(manifest, dict):
        raise damaged(path, file, "is not an object of JSON")
    return Release(path, manifest)


def alone_in(releases: Path, path: Path, *, elsewhere: bool = True) -> Release:
    """The release in a folder that stands elsewhere, made the current one of an empty folder of releases.

    Raises NoRelease when it is not whole, or not one that we can read.
    """
    found = whole(path.resolve())
    (releases / found.id).symlink_to(found.path, target_is_directory=True)
    (releases / "current").symlink_to(found.id, target_is_directory=True)
    return current(releases, elsewhere=elsewhere)


def build(
    sources: "Sources",
    releases: Path,
    base: str,
    *,
    answered: bool = False,
    progress: Progress = lambda what, done, of: None,
) -> Release:
    """Make the release of these sources at `base`, and make it current.

    `answered`: the panels of every page are rows of it, so that pages ask an engine for values alone.

    Its id comes from the content: one that is there already, with every byte as it was written, is not
    written again. Raises BadSources with the problems when the sources do not conform, BuildFailed when the
    folder cannot be written; then nothing has changed.
    """
    with _uncollected():
        return _build(sources, releases, base, answered, progress)


@contextmanager
def _uncollected() -> Iterator[None]:
    """Without the collector of cycles, which would look through millions of facts again and again."""
    before = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if before:
            gc.enable()


def _build(sources: "Sources", releases: Path, base: str, answered: bool, progress: Progress) -> Release:
    from ldnkg.release.graph import at_base  # its libraries, and those of validation, take a quarter of a
    from ldnkg.validate import validate  # second, and only a build needs them

    report = away(
        lambda told: validate(sources, progress=told),
        partial(progress, "Validating"),
        apart=len(sources) > MANY,
    )
    if not report.conforms:
        raise BadSources(_refusal(report), report.problems)
    graph = at_base(sources, base, answered=answered)
    try:
        releases.mkdir(parents=True, exist_ok=True)
        with alone(releases):
            clear(releases)
            history.record(releases)
            if not _is_whole(releases / graph.id):
                _write(graph, report, sources, releases, progress)
            make_current(releases, graph.id)
    except (OSError, sqlite3.Error) as fault:
        raise BuildFailed(
            f"The release cannot be written to {releases} {refused(fault)}, or name another folder with "
            "--releases. The current release is as it was."
        ) from fault
    return current(releases)


def _is_whole(path: Path) -> bool:
    """Whether every file of a release is there, as it was written."""
    try:
        whole(path).confirm(content=True, elsewhere=False)
    except NoRelease:
        return False
    return True


def _refusal(report: "Report") -> str:
    """Why there is no release, and the first thing to correct."""
    violations = [problem for problem in report.problems if problem.severity == "violation"]
    count = "1 violation" if len(violations) == 1 else f"{len(violations)} violations"
    return (
        f"No release is made, for the sources have {count}; `ldnkg check` lists them. First: {violations[0]}"
    )


def _write(graph: "Graph", report: "Report", sources: "Sources", releases: Path, progress: Progress) -> None:
    """Write the folder under another name, and rename it when it is whole and on the disk."""
    from ldnkg.release.writing import write  # a server has no use for it

    unfinished = releases / f"{UNFINISHED}{graph.id}"
    unfinished.mkdir()
    try:
        write(unfinished, graph, report, sources.base, progress)
        sync(unfinished)
        shutil.rmtree(releases / graph.id, ignore_errors=True)
        unfinished.rename(releases / graph.id)
        sync_entry(releases)
    except BaseException:
        shutil.rmtree(unfinished, ignore_errors=True)
        raise


def make_current(releases: Path, id_: str) -> None:
    """Let `current` point to a release, in one step (POSIX, rename), and the journal tell of it.

    Only for one who is alone. Raises OSError or sqlite3.Error when the folder cannot be written.

    What changed is compared before, so that all of it is there once the release is current. A build that is
    killed after the step leaves the line to the next one: until then the time of the link stands for it.
    """
    manifest = whole(releases / id_).manifest
    changes.compare(releases, history.planned(releases, manifest), manifest["base"], manifest["layout"])
    link = releases / f"{LINK}{id_}"
    link.symlink_to(id_, target_is_directory=True)
    link.replace(releases / "current")
    sync_entry(releases)
    with suppress(OSError):
        history.record(releases)
