"""The folder of releases on the disk: one writer at a time, nothing half done, nothing only in memory.

And which form the releases in it have.
"""

import errno
import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

LAYOUT = 17
"""Which files a release has and how they are made; one more with every change that older code cannot read."""
UNFINISHED = ".building-"
"""How the name of a release begins that is not whole: one that is being written, or removed."""
LINK = ".current-"
"""How the name of a link begins that is about to be `current`."""


def refused(fault: Exception) -> str:
    """Why a folder cannot be written, in parentheses, and what to do first."""
    denied = getattr(fault, "errno", None) in (errno.EACCES, errno.EPERM, errno.EROFS)
    remedy = "run this where it is not read-only, as one who may write there" if denied else "make room there"
    return f"({getattr(fault, 'strerror', None) or fault}): {remedy}"


@contextmanager
def alone(releases: Path) -> Iterator[None]:
    """Wait until nobody else writes here; the system lets go of the lock of a process that is killed."""
    with (releases / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def clear(releases: Path) -> None:
    """Remove what killed builds have left. Only for one who is alone."""
    for each in releases.iterdir():
        if each.name.startswith(LINK):
            each.unlink()
        elif each.name.startswith(UNFINISHED):
            shutil.rmtree(each)


def sync(folder: Path) -> None:
    """Bring a folder and all that is in it to the disk."""
    for each in (*folder.rglob("*"), folder):
        sync_entry(each)


def sync_entry(path: Path) -> None:
    """Bring a file, or the names in a folder, to the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
