"""The folder of an export: written beside the former one and put in its place in one step."""

import ctypes
import errno
import json
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ldnkg.errors import CannotExport

MARKER = ".ldnkg-export.json"
"""What tells that a folder was written by this command, and may be replaced by it."""

_AT_CWD, _EXCHANGE = -100, 2


@contextmanager
def replacing(target: Path) -> Iterator[Path]:
    """A new folder that takes the place of `target` when the block ends well; else nothing has changed.

    Raises CannotExport at once when the target is a file, or has files that are not of a former export.
    """
    _check(target)
    fresh = target.parent / f".{target.name}.writing-{os.getpid()}"
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.rmtree(fresh, ignore_errors=True)
        fresh.mkdir()
        yield fresh
        _swap(fresh, target)
    except OSError as fault:
        raise CannotExport(f"The export cannot be written to {target}: {fault.strerror or fault}.") from fault
    finally:
        shutil.rmtree(fresh, ignore_errors=True)


def mark(folder: Path, facts: Mapping[str, Any]) -> None:
    """Say in the folder what it is."""
    (folder / MARKER).write_text(json.dumps(facts, indent=1) + "\n", encoding="utf-8")


def _check(target: Path) -> None:
    if target.exists() and not target.is_dir():
        raise CannotExport(f"{target} is a file: name a folder.")
    if target.is_dir() and any(target.iterdir()) and not (target / MARKER).is_file():
        raise CannotExport(f"{target} has files that no export wrote: name an empty folder, or a new one.")


def _swap(fresh: Path, target: Path) -> None:
    """Put the new folder in the place of the target, which afterwards stands where the new one was."""
    if not target.exists():
        fresh.rename(target)
    elif not _exchange(fresh, target):
        former = fresh.with_name(f"{fresh.name}-former")
        target.rename(former)
        fresh.rename(target)
        shutil.rmtree(former)


def _exchange(one: Path, other: Path) -> bool:
    """Exchange two folders in one step (Linux, renameat2); False where the system cannot."""
    try:
        rename = ctypes.CDLL(None, use_errno=True).renameat2
    except (OSError, AttributeError):
        return False
    if rename(_AT_CWD, os.fsencode(one), _AT_CWD, os.fsencode(other), _EXCHANGE) == 0:
        return True
    fault = ctypes.get_errno()
    if fault in (errno.EINVAL, errno.ENOSYS):
        return False
    raise OSError(fault, os.strerror(fault))
