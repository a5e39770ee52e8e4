"""Processes of this machine: starting one and what it uses, with all below it."""

import os
import secrets
import shutil
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")
_SPARING = 20
"""So many times longer than a look at the memory is the pause behind it: much of it is slow to count."""
_PORTS = range(10_000, 32_768)
"""Linux begins connections from ports above these (`net.ipv4.ip_local_port_range`)."""


@contextmanager
def started(
    command: Sequence[str | Path],
    ready: Callable[[], object],
    *,
    log: Path,
    environ: Mapping[str, str] | None = None,
    patience: float = 600,
) -> Iterator[int]:
    """The number of a process, once `ready` raises no OSError any more; it is ended after the block."""
    with (
        log.open("wb") as told,
        subprocess.Popen(
            [str(each) for each in command],
            stdout=told,
            stderr=told,
            env={**os.environ, **(environ or {})},
            start_new_session=True,
        ) as process,
    ):
        try:
            _wait(process, ready, log, time.monotonic() + patience)
            yield process.pid
        finally:
            _end(process)


def bound(command: Sequence[str]) -> list[str]:
    """The command of a process that the kernel ends with the thread that starts it, however that thread ends.

    Where there is no `setpriv` (util-linux), it is the command as it is.
    """
    setpriv = shutil.which("setpriv")
    return [setpriv, "--pdeathsig", "KILL", *command] if setpriv else [*command]


def free_port() -> int:
    """A port of this machine that nobody listens on, below those that the kernel gives to connections.

    One of the kernel's own choice may be a connection's before the server that it is meant for starts. A seed
    that a test sets does not choose it.
    """
    while True:
        port = secrets.choice(_PORTS)
        with socket.socket() as trial, suppress(OSError):
            trial.bind(("127.0.0.1", port))
            return port


def below(pid: int) -> list[int]:
    """A process and all below it."""
    found = [pid]
    for each in found:
        for task in Path(f"/proc/{each}/task").glob("*/children"):
            with suppress(OSError):
                found += map(int, task.read_text().split())
    return found


def processor_seconds(pid: int) -> float:
    """The processor time that a process and all below it have used, also those that have ended."""
    total = 0
    for each in below(pid):
        with suppress(OSError):
            fields = Path(f"/proc/{each}/stat").read_text().rpartition(")")[2].split()
            total += sum(map(int, fields[11:15]))
    return total / _TICKS


class Memory(threading.Thread):
    """The most memory that a process and all below it held at once (resident, shared pages counted once)."""

    def __init__(self, pid: int) -> None:
        super().__init__(daemon=True)
        self.peak = 0
        self.pid, self.done = pid, threading.Event()

    def run(self) -> None:
        pause = 0.1
        while not self.done.wait(pause):
            begun = time.monotonic()
            self.peak = max(self.peak, sum(_resident(each) for each in below(self.pid)))
            pause = max(0.1, _SPARING * (time.monotonic() - begun))


@contextmanager
def measured(pid: int) -> Iterator[Memory]:
    """The memory of these processes while the block runs."""
    memory = Memory(pid)
    memory.start()
    yield memory
    memory.done.set()
    memory.join()


def _wait(process: "subprocess.Popen[bytes]", ready: Callable[[], object], log: Path, until: float) -> None:
    while process.poll() is None and time.monotonic() < until:
        try:
            ready()
            return
        except OSError:
            time.sleep(0.05)
    raise OSError(f"{process.args!r} does not answer: {log.read_text(errors='replace')[-300:]}")


def _end(process: "subprocess.Popen[bytes]") -> None:
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGTERM)
    try:
        process.wait(15)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)


def _resident(pid: int) -> int:
    """The bytes of a process in memory, its part of what it shares (PSS)."""
    try:
        text = Path(f"/proc/{pid}/smaps_rollup").read_text()
    except OSError:
        return 0
    return next((int(line.split()[1]) * 1024 for line in text.splitlines() if line.startswith("Pss:")), 0)
