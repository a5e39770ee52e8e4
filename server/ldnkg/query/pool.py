"""A few worker processes that queries run in, and the queue before them."""

import json
import os
import queue
import select
import subprocess
import sys
import threading
import time
import weakref
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, cast

from ldnkg import errors
from ldnkg.errors import Busy, KnowledgeError, QueryTimeout, StoreUnreachable
from ldnkg.query import confine, frames
from ldnkg.query.frames import Head
from ldnkg.query.guard import Query
from ldnkg.query.limits import Limits

_START = 30.0  # seconds that a worker may take to open a release


@dataclass(frozen=True)
class Answer:
    """What a query gave.

    `rows` counts rows or triples in `body`; `truncated` says that there were more. `timings` are in seconds:
    queue, evaluation, serialisation.
    """

    body: bytes
    media_type: str
    rows: int
    truncated: bool
    timings: dict[str, float]


class Pool:
    """Runs queries on the release in the folder `release`, so many at once as `limits` says.

    A worker starts with the first query that needs it. All end with `close`, with the pool, or with this
    process, whichever is first.
    """

    def __init__(self, release: Path, limits: Limits | None = None) -> None:
        self.limits = limits or Limits()
        self._workers = [_Worker(release, self.limits) for _ in range(self.limits.workers)]
        self._idle: queue.SimpleQueue[_Worker] = queue.SimpleQueue()
        for worker in self._workers:
            self._idle.put(worker)
        self._end = weakref.finalize(self, _close, self._workers)
        self._places = threading.BoundedSemaphore(self.limits.workers + self.limits.queue)

    def run(
        self,
        query: Query,
        suffix: str,
        *,
        default_graphs: tuple[str, ...] = (),
        named_graphs: tuple[str, ...] = (),
        rows: int | None = None,
        truncate: bool = False,
    ) -> Answer:
        """The answer to a query in the format that has this suffix (`ldnkg.query.results`, `ldnkg.formats`).

        The two graph lists are the dataset of the SPARQL 1.1 Protocol, section 2.1.4; when both are empty and
        the query names no graph, the default graph is the union of all. With `truncate` an answer over the
        row budget (`rows` if that is less than the limit) is cut there and marked, else it is AnswerTooLarge.

        Raises BadQuery, QueryRefused, QueryTimeout, AnswerTooLarge, Busy, StoreUnreachable.
        """
        request = asdict(query) | {
            "suffix": suffix,
            "default_graphs": default_graphs,
            "named_graphs": named_graphs,
            "rows": min(rows or self.limits.rows, self.limits.rows),
            "truncate": truncate,
        }
        if not self._places.acquire(blocking=False):
            raise self._busy()
        try:
            return self._wait_and_ask(request)
        finally:
            self._places.release()

    def graphs(self) -> list[str]:
        """The named graphs of the dataset, in order."""
        query = Query("SELECT ?graph { GRAPH ?graph {} } ORDER BY ?graph", "SELECT")
        return self.run(query, "csv").body.decode().split("\r\n")[1:-1]

    def close(self) -> None:
        """End every worker; a query that runs is StoreUnreachable, and so is any later one."""
        self._end()

    def _wait_and_ask(self, request: Head) -> Answer:
        begun = time.monotonic()
        try:
            worker = self._idle.get(timeout=self.limits.seconds)
        except queue.Empty:
            raise self._busy() from None
        waited = time.monotonic() - begun
        try:
            head, body = worker.ask(request)
        finally:
            self._idle.put(worker)
        head["timings"] = {"queue": waited, **head["timings"]}
        return Answer(body=body, **head)

    def _busy(self) -> Busy:
        return Busy(
            "Too many queries are waiting: try again in a few seconds.", round(self.limits.seconds) or 1
        )


def _close(workers: list["_Worker"]) -> None:
    for worker in workers:
        worker.kill()
    for worker in workers:
        worker.close()


class _Worker:
    """One process at a time: a new one takes the place of one that was killed or has died."""

    def __init__(self, release: Path, limits: Limits) -> None:
        self._command = [
            sys.executable,
            "-P",
            "-m",
            "ldnkg.query.worker",
            str(release),
            json.dumps(asdict(limits)),
        ]
        self._limits = limits
        self._killed = False
        self._in_use = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._ready = False

    def ask(self, request: Head) -> tuple[Head, bytes]:
        """The worker's answer to one request; raises what the worker says, or QueryTimeout."""
        with self._in_use:
            head, body = self._ask(request)
        if "error" in head:
            raise _error(head)
        return head, body

    def kill(self) -> None:
        """End the process, and start no other."""
        self._killed = True
        if self._process:
            self._process.kill()

    def close(self) -> None:
        """End the process, and let go of its pipes when no query uses them."""
        self.kill()
        with self._in_use:
            self._end()

    def _ask(self, request: Head) -> tuple[Head, bytes]:
        process = self._opened()
        try:
            frames.send(_pipe(process.stdin), request)
            return _receive(process, self._limits.seconds)
        except TimeoutError:
            self._replace()
            raise QueryTimeout(
                f"The query ran longer than {self._limits.seconds:g} seconds and was stopped: "
                "ask for less at once, or download the whole graph."
            ) from None
        except (EOFError, BrokenPipeError):
            self._replace()
            raise QueryTimeout(
                f"The query was stopped: it needs more than {self._limits.memory_bytes / 2**20:,.0f} MiB "
                "of memory, or is more complex than the engine can follow."
            ) from None

    def _opened(self) -> subprocess.Popen[bytes]:
        """The process, once it has opened the release."""
        process = self._process
        if process is None or process.poll() is not None:
            process = self._replace()
        if not self._ready:
            try:
                head, _ = _receive(process, _START)
            except (EOFError, TimeoutError):
                raise StoreUnreachable("The graph could not be opened for queries.") from None
            if "error" in head:
                raise _error(head)
            self._ready = True
        return process

    def _replace(self) -> subprocess.Popen[bytes]:
        self._end()
        if self._killed:
            raise StoreUnreachable("This release is no longer open: ask again.")
        self._ready = False
        self._process = subprocess.Popen(  # noqa: S603  (our own module)
            self._command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=confine.environment(os.environ),
        )
        return self._process

    def _end(self) -> None:
        if self._process:
            self._process.kill()
            self._process.wait()
            for stream in (self._process.stdin, self._process.stdout):
                with suppress(BrokenPipeError):
                    _pipe(stream).close()


def _receive(process: subprocess.Popen[bytes], seconds: float) -> tuple[Head, bytes]:
    """One frame; TimeoutError when it is not whole within so many seconds."""
    deadline = time.monotonic() + seconds
    stream = _pipe(process.stdout).fileno()
    poll = select.poll()
    poll.register(stream, select.POLLIN)

    def read(size: int) -> bytes:
        found = bytearray()
        while len(found) < size:
            if not poll.poll(max(0, deadline - time.monotonic()) * 1000):
                raise TimeoutError
            more = os.read(stream, min(size - len(found), 2**20))
            if not more:
                break
            found += more
        return bytes(found)

    return frames.receive(read)


def _pipe(stream: IO[bytes] | None) -> IO[bytes]:
    return cast("IO[bytes]", stream)


def _error(head: Head) -> KnowledgeError:
    """The exception that a worker names."""
    error: KnowledgeError = getattr(errors, head["error"])(*head["arguments"])
    return error
