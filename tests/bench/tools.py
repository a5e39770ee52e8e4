"""The peers and the load generator, in a folder of the harness's own: nothing is installed on the machine.

Debian's packages are unpacked there, Python's go into a virtual environment there. What cannot be had is
named in the report.
"""

import os
import subprocess
import sys
from collections.abc import Sequence
from functools import cache
from pathlib import Path

_PACKAGES = {
    "wrk": ("wrk", "libluajit-5.1-2", "libluajit-5.1-common"),
    "virtuoso": ("virtuoso-opensource-7-bin", "libpcre3", "libminizip1"),
}
_DISTRIBUTIONS = {"oxigraph": ("oxigraph",), "rdflib-endpoint": ("rdflib-endpoint", "uvicorn")}


class Missing(Exception):
    """A tool that cannot be had here, and why."""


class Tools:
    """The tools below one folder; each is fetched when it is first asked for."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def debian(self, package: str, program: str) -> Path:
        """A program of a Debian package (raises Missing); `libraries` says how it is run."""
        root = self._folder / package
        path = root / "usr/bin" / program
        if not path.is_file():
            downloads = root / "downloads"
            downloads.mkdir(parents=True, exist_ok=True)
            if not any(Path("/var/lib/apt/lists").glob("*Packages*")):
                _run(["apt-get", "update", "-qq"])
            _run(["apt-get", "download", *_PACKAGES[package]], downloads)
            for each in sorted(downloads.glob("*.deb")):
                _run(["dpkg", "-x", each, root])
        return path

    def libraries(self, package: str) -> dict[str, str]:
        """The environment in which a program of a Debian package finds its libraries."""
        root = self._folder / package
        folders = [*root.glob("usr/lib/*-linux-gnu"), *root.glob("lib/*-linux-gnu")]
        return {"LD_LIBRARY_PATH": os.pathsep.join(map(str, folders))}

    @cache  # noqa: B019 - there is one of these, for as long as the program runs
    def python(self, distribution: str) -> Path:
        """The folder of the programs of a distribution of PyPI (raises Missing)."""
        root = self._folder / distribution
        if not (root / "installed").is_file():
            _run([sys.executable, "-m", "venv", root])
            _run([root / "bin/pip", "install", "--quiet", *_DISTRIBUTIONS[distribution]])
            (root / "installed").touch()
        return root / "bin"


def _run(command: Sequence[str | Path], folder: Path | None = None) -> None:
    try:
        subprocess.run(command, cwd=folder, check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError) as fault:
        told = getattr(fault, "stderr", b"") or b""
        raise Missing(
            f"`{command[0]}` failed: {told.decode(errors='replace').strip()[-200:] or fault}"
        ) from fault
