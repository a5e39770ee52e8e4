"""How long a release takes to build, and how much memory, from sources of each size."""

import os
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from bench.peers import BASE
from bench.processes import measured

from ldnkg.errors import NoRelease
from ldnkg.release import current


@dataclass(frozen=True)
class Built:
    """One build: triples, seconds on the clock and of the processors, bytes of memory and of the release."""

    triples: int
    seconds: float
    processor: float
    memory: int
    bytes: int


def build(sources: Path, releases: Path) -> Built:
    """`ldnkg build` in a process of its own, from nothing."""
    command = [sys.executable, "-m", "ldnkg.cli", "build", "--base", BASE]
    begun, before = time.monotonic(), os.times()
    process = subprocess.Popen(
        [*command, "--sources", str(sources), "--releases", str(releases)], stdout=subprocess.DEVNULL
    )
    with measured(process.pid) as memory:
        process.wait()
    took, after = time.monotonic() - begun, os.times()
    if process.returncode:
        raise SystemExit(f"The build of {sources} has failed.")
    used = after.children_user - before.children_user + after.children_system - before.children_system
    release = current(releases)
    size = sum(file.stat().st_size for file in release.path.rglob("*") if file.is_file())
    return Built(release.manifest["counts"]["triples"], took, used, memory.peak, size)


def ready(releases: Path) -> bool:
    """Whether there is a release that this version can serve at the base of the harness."""
    try:
        return bool(current(releases).manifest["base"] == BASE)
    except NoRelease:
        return False


def triples(releases: Path) -> int:
    """How many triples the current release has."""
    return int(current(releases).manifest["counts"]["triples"])
