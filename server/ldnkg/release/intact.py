"""Whether the files of a release are as they were written: no copy was interrupted, nothing was cut off."""

import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ldnkg.errors import DamagedRelease
from ldnkg.pieces import sha256

STORE = "store"
"""The folder with the triples; without it they are at an endpoint, or the release is not whole."""


@dataclass(frozen=True)
class Fault:
    """What is wrong with a file of a release: its name there, and why, as the rest of a sentence."""

    name: str
    why: str


def faults(
    path: Path,
    files: Mapping[str, Any],
    *,
    content: bool = False,
    elsewhere: bool = True,
    done: Callable[[int], object] = lambda count: None,
) -> Iterator[Fault]:
    """Each of these files that is not as the manifest of the release in the folder says.

    It is not there, has another size, is a database that cannot be read, or with `content` has other bytes.
    Without, that takes a few milliseconds. `elsewhere`: the triples may be at an endpoint, and not in the
    folder. `done` hears how many files were looked at.
    """
    has_store = (path / STORE).is_dir()
    if not has_store and not elsewhere:
        yield Fault(
            STORE, "is not there, and no endpoint was named that holds the graph (--store, LDNKG_STORE)"
        )
    for count, (name, told) in enumerate(files.items(), 1):
        if Path(name).is_absolute() or ".." in Path(name).parts:
            yield Fault(name, "is no file of a release")
        elif has_store or not name.startswith(f"{STORE}/"):
            why = _fault(path / name, told, content)
            if why:
                yield Fault(name, why)
        done(count)


def confirm(path: Path, files: Mapping[str, Any], *, content: bool = False, elsewhere: bool = True) -> None:
    """Raise DamagedRelease for the first of the files with a fault."""
    for fault in faults(path, files, content=content, elsewhere=elsewhere):
        raise damaged(path, path / fault.name, fault.why)


def damaged(path: Path, file: Path, why: str) -> DamagedRelease:
    """What is told of a release in a folder with such a file."""
    return DamagedRelease(
        f"Release {path.name} is damaged: {file} {why}. Make the release anew with `ldnkg build`, copy its "
        "folder again, or change to another with `ldnkg releases switch`.",
        why,
    )


def _fault(file: Path, told: Mapping[str, Any], content: bool) -> str | None:
    """What is wrong with a file; None for nothing."""
    try:
        _confirm(file, told, content)
    except FileNotFoundError:
        return "is not there"
    except (OSError, sqlite3.Error) as fault:
        return f"cannot be read ({getattr(fault, 'strerror', None) or fault})"
    except (TypeError, LookupError, ValueError) as fault:
        return str(fault)
    return None


def _confirm(file: Path, told: Mapping[str, Any], content: bool) -> None:
    """Raises ValueError with what is wrong with the file."""
    size = file.stat().st_size
    if size != told["bytes"]:
        raise ValueError(f"has {size:,} bytes, not {told['bytes']:,}")
    if content and sha256(file) != told["sha256"]:
        raise ValueError("has other bytes than it was written with")
    if file.suffix == ".sqlite":
        where = f"{file.resolve().as_uri()}?mode=ro&immutable=1"
        with closing(sqlite3.connect(where, uri=True)) as database:
            database.execute("SELECT count(*) FROM sqlite_schema").fetchone()
