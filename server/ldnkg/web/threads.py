"""The threads that requests run in: the one that became free last goes first, for it is still warm."""

from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from queue import SimpleQueue
from threading import Lock, Thread

Work = Callable[[], object]

_APART = 256
"""So many threads at most have another one that stands in for them."""


class Threads:
    """So many threads, which end with the process. What is run may not raise; what finds none free waits."""

    def __init__(self, count: int) -> None:
        self._lock = Lock()
        self._waiting: deque[Work] = deque()
        self._free: list[SimpleQueue[Work]] = []
        self._apart = self._too_many = 0
        for _ in range(count):
            self._start()

    def run(self, work: Work) -> None:
        """Let a thread do this; returns at once."""
        with self._lock:
            if self._free:
                self._free.pop().put(work)
            else:
                self._waiting.append(work)

    @contextmanager
    def apart(self) -> Iterator[None]:
        """Let another thread stand in for this one while the block runs, which may wait long for a client."""
        with self._lock:
            apart = self._apart < _APART
            self._apart += apart
        if apart:
            self._start()
        try:
            yield
        finally:
            with self._lock:
                self._apart -= apart
                self._too_many += apart

    def _start(self) -> None:
        Thread(target=self._go_on, args=(SimpleQueue(),), daemon=True).start()

    def _go_on(self, own: "SimpleQueue[Work]") -> None:
        while work := self._next(own):
            work()

    def _next(self, own: "SimpleQueue[Work]") -> Work | None:
        """What to do next; waits for it. None when this thread is one too many."""
        with self._lock:
            if self._waiting:
                return self._waiting.popleft()
            if self._too_many:
                self._too_many -= 1
                return None
            self._free.append(own)
        return own.get()
