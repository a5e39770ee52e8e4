"""Worker processes: one that answers, and the nursery that has others ready."""

import json
import os
import select
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from threading import Lock
from typing import IO, cast

from ldnkg import errors
from ldnkg.errors import ClientGone, KnowledgeError, StoreUnreachable
from ldnkg.query import confine, frames
from ldnkg.query.frames import Head
from ldnkg.query.limits import Limits

_START = 30.0  # seconds that a worker may take to open a release
_PAGES_FIRST, _ALL_FIRST = 3, 19  # nice(2)
_CPU_CLOCK = 2  # clock_getcpuclockid(3) on Linux: of a process, scheduler's precision
_LOOK = 0.1  # seconds between looks whether the client is still there


class Process:
    """A worker process, which starts at once and opens the release meanwhile."""

    def __init__(self, command: list[str], environ: Mapping[str, str] | None = None) -> None:
        self._process = subprocess.Popen(  # noqa: S603  (our own module)
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={**confine.environment(os.environ), **(environ or {})},
        )
        self._renice(_PAGES_FIRST)
        self._arrived = bytearray()
        self._ready = False
        self.is_slow = False

    @property
    def pid(self) -> int:
        """The process as the system numbers it."""
        return self._process.pid

    @property
    def lives(self) -> bool:
        """Whether it has not ended."""
        return self._process.poll() is None

    @property
    def is_ready(self) -> bool:
        """Whether it has opened the release, or says why it cannot."""
        poll = select.poll()
        poll.register(_pipe(self._process.stdout), select.POLLIN)
        return self._ready or bool(poll.poll(0))

    def send(self, request: Head) -> None:
        """Ask; raises StoreUnreachable when the release cannot be opened."""
        if not self._ready:
            try:
                head, _ = self.receive(time.monotonic() + _START)
            except (EOFError, TimeoutError):
                raise StoreUnreachable("The graph could not be opened for queries.") from None
            if "error" in head:
                raise _error(head)
            self._ready = True
        with suppress(BrokenPipeError):  # then there is nothing to receive, either
            frames.send(_pipe(self._process.stdin), request)

    def receive(self, until: float, gone: Callable[[], bool] = lambda: False) -> tuple[Head, bytes]:
        """One frame.

        TimeoutError when it is not whole at that time (`time.monotonic`); it may be asked for again.
        EOFError when the process has ended, ClientGone when `gone` says so.
        """
        stream = _pipe(self._process.stdout).fileno()
        poll = select.poll()
        poll.register(stream, select.POLLIN)
        while (frame := frames.taken(self._arrived)) is None:
            while not poll.poll(max(0.0, min(_LOOK, until - time.monotonic())) * 1000):
                if time.monotonic() >= until:
                    raise TimeoutError
                if gone():
                    raise ClientGone("The connection was closed while its query ran.")
            more = os.read(stream, 2**18)
            if not more:
                raise EOFError
            self._arrived += more
        return frame

    def slow_down(self) -> None:
        """Let everything else go first from now on; only an administrator could undo it."""
        self.is_slow = True
        self._renice(_ALL_FIRST)

    def cpu_seconds(self) -> float:
        """The processor time that it has used; where the system does not tell, the time now."""
        try:
            return time.clock_gettime(~self.pid << 3 | _CPU_CLOCK)
        except (AttributeError, OSError):
            return time.monotonic()

    def _renice(self, nice: int) -> None:
        with suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, self.pid, nice)

    def stop(self) -> None:
        """End the process, whatever it does, and leave its pipes to the one who uses them."""
        self._process.kill()

    def kill(self) -> None:
        """End the process, whatever it does, and let go of its pipes."""
        self._process.kill()
        self._process.wait()
        for stream in (self._process.stdin, self._process.stdout):
            with suppress(OSError):
                _pipe(stream).close()


class Nursery:
    """Processes for the release in a folder: those that wait for work, and new ones.

    From the first query on, `spare` processes more than are in use are ready, so that a query that follows
    a killed one waits for nothing. `environ` is told to them beside what `confine.environment` lets through.
    """

    def __init__(
        self, release: Path, limits: Limits, spare: int = 3, environ: Mapping[str, str] | None = None
    ) -> None:
        self._environ = environ or {}
        module = [sys.executable, "-P", "-m", "ldnkg.query.worker"]
        self._command = [*module, str(release), json.dumps(asdict(limits))]
        self._most = limits.workers + spare
        self._spare = spare
        self._lock = Lock()
        self._idle: list[Process] = []
        self._used: set[Process] = set()
        self._starting = 0
        self._closed = False

    def take(self) -> Process:
        """A process that does nothing else; raises StoreUnreachable after `close`."""
        with self._lock:
            if self._closed:
                raise StoreUnreachable("This release is no longer open: ask again.")
            process = self._idle_one() or Process(self._command, self._environ)
            self._used.add(process)
            return process

    def _idle_one(self) -> Process | None:
        """The process that worked last, for it is still warm; one that is ready if any is. Needs the lock."""
        while self._idle:
            process = next((each for each in reversed(self._idle) if each.is_ready), self._idle[-1])
            self._idle.remove(process)
            if process.lives:
                return process
            process.kill()
        return None

    def give_back(self, process: Process) -> None:
        """The process waits for work again, unless there are enough, or it was slowed down."""
        with self._lock:
            self._used.discard(process)
            keep = not (process.is_slow or self._closed) and len(self._idle) < self._most
            if keep:
                self._idle.append(process)
        self.prepare()
        if not keep:
            process.kill()

    def end(self, process: Process) -> None:
        """Kill the process, and have another ready."""
        with self._lock:
            self._used.discard(process)
        self.prepare()
        process.kill()

    def prepare(self) -> None:
        """Have `spare` processes ready."""
        with self._lock:
            missing = 0 if self._closed else max(0, self._spare - len(self._idle) - self._starting)
            self._starting += missing
        for _ in range(missing):  # without the lock: nobody waits for a process to start
            process = Process(self._command, self._environ)
            with self._lock:
                self._starting -= 1
                if not self._closed:
                    self._idle.append(process)
                    continue
            process.kill()

    def pids(self) -> list[int]:
        """All processes."""
        with self._lock:
            return [each.pid for each in (*self._used, *self._idle)]

    def close(self) -> None:
        """End all processes, and start no other."""
        with self._lock:
            self._closed = True
            idle, self._idle = self._idle, []
            for process in self._used:  # its query sees the end, and lets go of it
                process.stop()
        for process in idle:
            process.kill()


def raised(head: Head) -> Head:
    """The head of a frame; raises the error that it tells of."""
    if "error" in head:
        raise _error(head)
    return head


def _pipe(stream: IO[bytes] | None) -> IO[bytes]:
    return cast("IO[bytes]", stream)


def _error(head: Head) -> KnowledgeError:
    """The exception that a worker names."""
    error: KnowledgeError = getattr(errors, head["error"])(*head["arguments"])
    return error
