"""Which release became current when: the journal beside the releases, and what can be read from it.

A release is named by its content, so that the same one may become current twice, and its folder does not
tell. `history.jsonl` does: one line for each time that `current` moved, only ever added to. A line that was
torn by a crash is passed over; what the journal lost, the link `current` and the manifests still tell.
"""

import json
import os
import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

JOURNAL = "history.jsonl"
"""The name of the journal in the folder of releases."""

_ID = re.compile(r"[0-9a-f]{16}")


@dataclass(frozen=True)
class Entry:
    """One line of the journal; `time` is in UTC, in whole seconds, as ISO 8601 writes it."""

    time: str
    release: str
    base: str
    version: str | None
    layout: int


@dataclass(frozen=True)
class Moment:
    """A time from which on a release was current.

    `name` is the id of the release, with `.2` when it became current for the second time, and so on.
    """

    name: str
    time: datetime
    release: str
    version: str | None


@dataclass(frozen=True)
class History:
    """The moments of the releases that can still be shown, the oldest first; the last is that of today."""

    moments: tuple[Moment, ...] = ()

    def at(self, time: datetime) -> Moment:
        """What was current at a time; before all of them, the first (RFC 7089, section 4.5.3)."""
        return self.moments[max(0, bisect_right(self.moments, time, key=lambda each: each.time) - 1)]

    def named(self, text: str) -> Moment | None:
        """The moment with that name, else the last one of a release with that version."""
        found = [each for each in self.moments if each.name == text]
        return next(iter(found or [each for each in reversed(self.moments) if each.version == text]), None)

    def of_release(self, id_: str) -> Moment | None:
        """The last moment of a release."""
        return next((each for each in reversed(self.moments) if each.release == id_), None)

    def before(self, moment: Moment) -> Moment | None:
        """The moment before another."""
        place = self.moments.index(moment)
        return self.moments[place - 1] if place else None

    def after(self, moment: Moment) -> Moment | None:
        """The moment after another."""
        return next(iter(self.moments[self.moments.index(moment) + 1 :]), None)


def read(releases: Path, served: str | None = None) -> History:
    """The history of a folder of releases, as far as it concerns the current one.

    Releases that are gone, that have another base or that another program wrote take no part. Without a
    current release there is no history. With the id of the release that is `served` while the current one
    cannot be, it is the history of that one, and ends with it.
    """
    manifest = _manifest(releases / (served or "current"))
    if manifest is None:
        return History()
    shown = _shown(releases, manifest)
    return History(tuple(_moments(_until(shown, manifest) if served else shown)))


def planned(releases: Path, manifest: Mapping[str, Any]) -> History:
    """What the history will be when the release with this manifest is current, which it may be already."""
    past = _shown(releases, manifest)
    now = _entry({**manifest, "time": datetime.now(UTC).isoformat()})
    return History(tuple(_moments([*past, *([] if past and past[-1].release == now.release else [now])])))


def record(releases: Path) -> None:
    """Tell the journal what it has missed: what `current` leads to, or all that is there if it is new.

    Only for one who writes alone. What is told is on the disk when this returns (raises OSError).
    """
    past, manifest = _entries(releases), _manifest(releases / "current")
    missed = [] if (releases / JOURNAL).is_file() else past
    if manifest and (not past or past[-1].release != manifest["id"]):
        missed.append(_switched(releases, manifest, past))
    if missed:
        _append(releases / JOURNAL, missed)


def put_back(releases: Path, id_: str) -> datetime | None:
    """Since when the current release, which has this id, is in place of one that is younger than it.

    None when the one before it is older. What readers are told of the last change must not go back.
    """
    manifest = _manifest(releases / id_)
    if manifest is None or not (releases / JOURNAL).is_file():
        return None
    past = [each for each in _entries(releases) if each.base == manifest["base"]]
    if not past or past[-1].release != id_:
        past.append(_switched(releases, manifest, past))
    others = [place for place, each in enumerate(past) if each.release != id_]
    if not others or past[others[-1]].time < _entry(manifest).time:
        return None
    return datetime.fromisoformat(past[others[-1] + 1].time)


def there(releases: Path) -> list[Mapping[str, Any]]:
    """The manifest of each whole release in a folder, whatever its base and whichever program wrote it."""
    found = [_manifest(releases / each) for each in ids(releases)]
    return [each for each in found if each]


def ids(releases: Path) -> list[str]:
    """The names of the folders that are releases, or what is left of one; none without the folder."""
    return [each.name for each in releases.glob("*") if _ID.fullmatch(each.name)]


def _entries(releases: Path) -> list[Entry]:
    """What the journal says; without one, what the manifests of the releases there say, in order of time."""
    try:
        lines = (releases / JOURNAL).read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        now = (releases / "current").resolve().name
        return sorted(map(_entry, there(releases)), key=lambda each: (each.time, each.release == now))
    return list(_parsed(lines))


def _shown(releases: Path, manifest: Mapping[str, Any]) -> list[Entry]:
    """The entries with the base and the layout of a release, whose folders are there; each change once."""
    same = (manifest["base"], manifest["layout"])
    found = _entries(releases)
    current = _manifest(releases / "current")
    if current and (not found or found[-1].release != current["id"]):
        found.append(_switched(releases, current, found))
    there = {each.release for each in found if (releases / each.release / "manifest.json").is_file()}
    part = [each for each in found if (each.base, each.layout) == same and each.release in there]
    return [each for place, each in enumerate(part) if not place or part[place - 1].release != each.release]


def _until(shown: list[Entry], manifest: Mapping[str, Any]) -> list[Entry]:
    """The entries up to the last of the release with this manifest, which is added when it has none."""
    places = [place for place, each in enumerate(shown, 1) if each.release == manifest["id"]]
    time = max([manifest["time"], *(each.time for each in shown[-1:])])
    return shown[: places[-1]] if places else [*shown, _entry({**manifest, "time": time})]


def _switched(releases: Path, manifest: Mapping[str, Any], past: list[Entry]) -> Entry:
    """The entry for the release that `current` leads to, by the time of the link, and not before the past."""
    time = datetime.fromtimestamp((releases / "current").lstat().st_mtime, UTC).isoformat(timespec="seconds")
    return _entry({**manifest, "time": max([time, *(each.time for each in past[-1:])])})


def _moments(shown: Iterable[Entry]) -> Iterator[Moment]:
    """The entries as moments, each with a name of its own."""
    times: Counter[str] = Counter()
    for each in shown:
        times[each.release] += 1
        again = f".{times[each.release]}" if times[each.release] > 1 else ""
        yield Moment(each.release + again, datetime.fromisoformat(each.time), each.release, each.version)


def _append(path: Path, found: Iterable[Entry]) -> None:
    """Add lines at the end; after a line break, where the last line was torn."""
    text = "".join(json.dumps(asdict(each), ensure_ascii=False) + "\n" for each in found)
    with path.open("a+b") as file:
        file.seek(max(0, file.seek(0, os.SEEK_END) - 1))
        torn = file.read(1) not in (b"", b"\n")
        file.write((("\n" if torn else "") + text).encode())
        file.flush()
        os.fsync(file.fileno())


def _parsed(lines: Iterable[str]) -> Iterator[Entry]:
    """The lines that are whole entries; their times never go back, whatever the clock did."""
    latest = ""
    for line in lines:
        try:
            said = json.loads(line)
            entry = _entry({**said, "id": said["release"]})
        except (ValueError, KeyError, TypeError, RecursionError):
            continue
        latest = max(latest, entry.time)
        yield replace(entry, time=latest)


def _entry(said: Mapping[str, Any]) -> Entry:
    """What a manifest says, as an entry (raises ValueError, KeyError or TypeError when it is none)."""
    time = datetime.fromisoformat(said["time"]).astimezone(UTC).isoformat(timespec="seconds")
    version = said["version"]
    if not _ID.fullmatch(said["id"]) or not isinstance(version, str | None):
        raise ValueError(said["id"])
    return Entry(time, said["id"], str(said["base"]), version, int(said["layout"]))


def _manifest(folder: Path) -> Mapping[str, Any] | None:
    """The manifest of a release; None for what is no release that can be read."""
    try:
        manifest: Mapping[str, Any] = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
        _entry(manifest)
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return None
    return manifest
