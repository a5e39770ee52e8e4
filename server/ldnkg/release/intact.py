"""Whether the files of a release are as they were written: no copy was interrupted, nothing was cut off."""

import sqlite3
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

from ldnkg.errors import DamagedRelease
from ldnkg.pieces import sha256

STORE = "store"
"""The folder with the triples; without it they are at an endpoint, and the release is whole all the same."""


def confirm(path: Path, files: Mapping[str, Any], *, content: bool = False) -> None:
    """Look at each of these files, as the manifest of the release in the folder lists them.

    Raises DamagedRelease for the first that is not there, has another size or is a database that cannot be
    read, and with `content` for the first that has other bytes. Without, that takes a few milliseconds.
    """
    has_store = (path / STORE).is_dir()
    for name, told in files.items():
        file = path / name
        if has_store or not name.startswith(f"{STORE}/"):
            try:
                _confirm(file, told, content)
            except (OSError, sqlite3.Error) as fault:
                why = getattr(fault, "strerror", None) or fault
                raise damaged(path, file, f"cannot be read ({why})") from fault
            except (TypeError, LookupError, ValueError) as fault:
                raise damaged(path, file, str(fault)) from fault


def damaged(path: Path, file: Path, why: str) -> DamagedRelease:
    """What is told of a release in a folder with such a file."""
    return DamagedRelease(
        f"Release {path.name} is damaged: {file} {why}. Make the release anew with `ldnkg build`, "
        "or copy its folder again."
    )


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
