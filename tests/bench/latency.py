"""How long answers take, asked one after the other over one connection to a server on this machine."""

import http.client
import os
import signal
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Sample:
    """What was measured of one kind of request: how many, status, bytes of the body, milliseconds."""

    count: int
    status: int
    bytes: int
    p50: float
    p95: float


@contextmanager
def server(sources: Path, releases: Path) -> Iterator[int]:
    """`ldnkg serve` of these sources on a free port, until the block ends; gives the port."""
    with serving(sources, releases) as (port, _):
        yield port


@contextmanager
def serving(sources: Path, releases: Path) -> Iterator[tuple[int, int]]:
    """As `server`, and gives the number of its process, too."""
    with socket.socket() as trial:
        trial.bind(("127.0.0.1", 0))
        port: int = trial.getsockname()[1]
    command = [sys.executable, "-m", "ldnkg.cli", "serve", "--port", str(port)]
    command += ["--sources", str(sources), "--releases", str(releases)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, start_new_session=True) as process:
        try:
            _wait(port, process)
            yield port, process.pid
        finally:
            os.killpg(process.pid, signal.SIGTERM)


def sample(port: int, paths: Iterable[str], headers: Mapping[str, str], *, skip: int = 0) -> Sample:
    """Ask for each path once; the first `skip` answers do not count."""
    times, sizes, statuses = [], [], set()
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=60)) as connection:
        for number, path in enumerate(paths):
            start = time.perf_counter()
            connection.request("GET", f"/{path}", headers=dict(headers))
            response = connection.getresponse()
            body = response.read()
            if number >= skip:
                times.append((time.perf_counter() - start) * 1000)
                sizes.append(len(body))
                statuses.add(response.status)
    (status,) = statuses
    cuts = statistics.quantiles(times, n=20, method="inclusive")
    return Sample(len(times), status, int(statistics.median(sizes)), statistics.median(times), cuts[18])


def tag(port: int, path: str, headers: Mapping[str, str]) -> str:
    """The validator of an answer."""
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=60)) as connection:
        connection.request("GET", f"/{path}", headers=dict(headers))
        response = connection.getresponse()
        response.read()
        return response.headers["ETag"]


def _wait(port: int, process: subprocess.Popen[bytes]) -> None:
    """Until the server answers; a build may come first."""
    while process.poll() is None:
        try:
            sample(port, ["health"] * 2, {})
            return
        except OSError:
            time.sleep(0.2)
    raise SystemExit("The server has ended before it answered.")
