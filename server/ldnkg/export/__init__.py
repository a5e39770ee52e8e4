"""The whole site as files, for any file host: asks the site for every address and keeps the answers."""

import os
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from ldnkg import __version__
from ldnkg.codings import Coding
from ldnkg.export import hosts, work
from ldnkg.export.addresses import addresses, plain
from ldnkg.export.folder import mark, replacing
from ldnkg.export.writing import Written
from ldnkg.release import Release, current
from ldnkg.site import Site

__all__ = ["Exported", "Progress", "export"]

Progress = Callable[[str, int, int], None]
"""Hears what is being done, and how many of how many steps of it are."""


@dataclass(frozen=True)
class Exported:
    """What was written: how many files of how many bytes, and what the user should know."""

    release: Release
    files: int
    bytes: int
    broken: tuple[tuple[str, str], ...]
    """Links of the pages that lead nowhere: the page and the address."""
    alike: tuple[str, ...]
    """Names that are one name for a host that does not tell small letters from capitals."""


def export(
    releases: Path,
    target: Path,
    *,
    codings: Sequence[Coding],
    root: Path | None = None,
    jobs: int = 1,
    progress: Progress = lambda what, done, of: None,
) -> Exported:
    """Write the current release as files to `target`, with configurations for hosts that have it at `root`.

    Raises NoRelease, and CannotExport when the folder is not ours or the site does not fit into files; then
    nothing has changed.
    """
    with replacing(target) as folder, _pinned(releases) as pinned:
        release = current(pinned)
        with work.Workers(pinned, folder, jobs) as workers:
            written = _all(pinned, workers, progress)
            absent = set(written.absent)
            broken = tuple((page, link) for link, page in written.leads.items() if plain(link) in absent)
            packed = workers.compress(list(written.files), codings, progress)
        files = {name: size for name, (size, _) in written.files.items()} | packed
        site = hosts.Hosted(
            base=release.manifest["base"],
            root=(root or target).resolve(),
            stamp=hosts.stamp(written),
            fields=work.fields(pinned),
            written=written,
            codings=tuple(codings),
        )
        files |= hosts.write(folder, site)
        mark(folder, {"release": release.id, "software": __version__, "files": len(files)})
        _date(folder, release.manifest["time"])
    return Exported(release, len(files), sum(files.values()), broken, _alike(files))


def _all(pinned: Path, workers: work.Workers, progress: Progress) -> Written:
    """What the release has, then what its pages lead to besides, until they lead to nothing new."""
    site = Site(pinned)
    try:
        with site.opened() as opened:
            wanted = dict.fromkeys([*work.fixed(pinned), *addresses(opened)])
    finally:
        site.close()
    written = Written()
    while wanted:
        workers.write(list(wanted), written, progress)
        led = (plain(link) for link in written.leads)
        wanted = dict.fromkeys(each for each in led if each not in written.covered)
    return written


@contextmanager
def _pinned(releases: Path) -> Iterator[Path]:
    """The releases as they are now: a build that ends while we write changes nothing here."""
    now = current(releases).path
    with tempfile.TemporaryDirectory() as folder:
        pinned = Path(folder)
        for each in now.parent.iterdir():
            if each.is_dir() and not each.is_symlink():
                (pinned / each.name).symlink_to(each.resolve(), target_is_directory=True)
        (pinned / "current").symlink_to(now.name, target_is_directory=True)
        yield pinned


def _date(folder: Path, time: str) -> None:
    """Give every file the time of the release, which hosts send as Last-Modified."""
    seconds = datetime.fromisoformat(time).timestamp()
    for file in folder.rglob("*"):
        os.utime(file, (seconds, seconds))


def _alike(names: Iterable[str]) -> tuple[str, ...]:
    """The names that differ from another one only by capitals."""
    seen: dict[str, str] = {}
    return tuple(name for name in names if seen.setdefault(name.casefold(), name) != name)
