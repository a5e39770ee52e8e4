"""One query from the place it gets to its last byte: which worker, how long, and what went wrong."""

import hashlib
import time
from collections.abc import Callable
from contextlib import suppress

from ldnkg.cache import Cache
from ldnkg.errors import ClientGone, QueryTimeout
from ldnkg.query.frames import Head
from ldnkg.query.lanes import Lane, Visit
from ldnkg.query.limits import Limits
from ldnkg.query.process import Nursery, Process, raised
from ldnkg.query.tally import Tally

Gone = Callable[[], bool]

_TICK = 0.001  # seconds of processor time that are not worth another look
_BUSY = 10  # so many times its processor time may a short query take, where others use the processors too


class Run:
    """A query that is inside and has no place yet; `end` lets go of all that it has got by then."""

    def __init__(self, nursery: Nursery, visit: Visit, limits: Limits, tally: Tally) -> None:
        self._nursery, self._visit, self._limits, self._tally = nursery, visit, limits, tally
        self._process: Process | None = None
        self._until = 0.0
        self._is_sound = True
        self.is_whole = False
        """Whether the last byte has come."""
        self.timings = {"queue": 0.0}
        """Seconds: queue, evaluation, serialisation, as far as they are known."""

    def take(self, gone: Gone) -> None:
        """Wait for a place among the short queries, without a worker; raises Busy, ClientGone."""
        self._visit.take("quick", gone)

    def begin(self, request: Head, long: Cache[bool], gone: Gone) -> tuple[Head, bytes]:
        """The head of the answer (media type, rows, truncated), and its first bytes.

        `long` remembers which queries are known to be long. Raises what the worker raises, QueryTimeout,
        Busy, ClientGone, StoreUnreachable.
        """
        parts = request["text"], request["default_graphs"], request["named_graphs"]
        key = hashlib.sha256(repr(parts).encode()).digest()
        frame = None
        if not long.get(key):
            frame = self._try_as_short(request, gone)
        if frame is None:
            long.put(key, True)
            self._visit.is_long()
            if self._process is None:
                self._start("slow", request, gone)
            frame = self._in_time(gone)
        head, body = frame
        return {name: head[name] for name in ("media_type", "rows", "truncated")}, body

    def more(self, gone: Gone) -> bytes:
        """The next bytes; none after the last."""
        return b"" if self.is_whole else self._in_time(gone)[1]

    def stay(self) -> None:
        """Change to a place among the long queries, if one is free, to write a large answer."""
        if self._visit.lane == "quick" and self._visit.move() and self._process:
            self._process.slow_down()

    def end(self) -> None:
        """Let the worker and the place go; a worker that is not done, or not sound, is killed."""
        process, self._process = self._process, None
        if process and self._is_sound and self.is_whole:
            self._nursery.give_back(process)
        elif process:
            self._nursery.end(process)
        self._visit.end()

    def _try_as_short(self, request: Head, gone: Gone) -> tuple[Head, bytes] | None:
        """The first frame, or None for a long query: it goes on if it still has a worker."""
        process = self._start("quick", request, gone)
        begun, used = time.monotonic(), process.cpu_seconds()
        left = quick = self._limits.quick_seconds
        while left > _TICK and time.monotonic() < begun + _BUSY * quick:
            with suppress(TimeoutError):
                return self._frame(time.monotonic() + left, gone)
            left = quick - (process.cpu_seconds() - used)
        self._visit.is_long()
        if self._visit.move():
            process.slow_down()
        else:
            self._tally.killed("moved")
            self._process = None
            self._nursery.end(process)
        return None

    def _start(self, lane: Lane, request: Head, gone: Gone) -> Process:
        begun = time.monotonic()
        self._visit.take(lane, gone)
        process = self._process = self._nursery.take()
        self._is_sound = False
        process.send(request)
        self._is_sound = True
        self.timings["queue"] += time.monotonic() - begun
        if lane == "slow":
            process.slow_down()
        self._until = time.monotonic() + self._limits.seconds
        return process

    def _in_time(self, gone: Gone) -> tuple[Head, bytes]:
        """A frame before the time of the query is over."""
        try:
            return self._frame(self._until, gone)
        except TimeoutError:
            self._tally.killed("time")
            raise QueryTimeout(
                f"The query ran longer than {self._limits.seconds:g} seconds and was stopped: "
                "ask for less at once, or download the whole graph."
            ) from None

    def _frame(self, until: float, gone: Gone) -> tuple[Head, bytes]:
        """A frame before some time; raises TimeoutError, and what the worker raises."""
        assert self._process  # noqa: S101 - for the type checker
        try:
            head, body = self._process.receive(until, gone)
        except ClientGone:
            self._tally.killed("client gone")
            raise
        except EOFError:
            self._is_sound = False
            self._tally.killed("memory")
            raise QueryTimeout(
                f"The query was stopped: it needs more than {self._limits.memory_bytes / 2**20:,.0f} MiB "
                "of memory, or is more complex than the engine can follow."
            ) from None
        self.is_whole = head.get("last", True)
        self.timings |= head.get("timings", {})
        return raised(head), body
