"""The threads that requests run in: the one that became free last goes first, for it is still warm."""

from collections import deque
from collections.abc import Callable
from queue import SimpleQueue
from threading import Lock, Thread

Work = Callable[[], object]


class Threads:
    """So many threads, which end with the process. What is run may not raise; what finds none free waits."""

    def __init__(self, count: int) -> None:
        self._lock = Lock()
        self._waiting: deque[Work] = deque()
        self._free: list[SimpleQueue[Work]] = [SimpleQueue() for _ in range(count)]
        for own in self._free:
            Thread(target=self._go_on, args=(own,), daemon=True).start()

    def run(self, work: Work) -> None:
        """Let a thread do this; returns at once."""
        with self._lock:
            if self._free:
                self._free.pop().put(work)
            else:
                self._waiting.append(work)

    def _go_on(self, own: "SimpleQueue[Work]") -> None:
        while True:
            work: Work | None = own.get()
            while work:
                work()
                work = self._next(own)

    def _next(self, own: "SimpleQueue[Work]") -> Work | None:
        """What waits for a thread; without that, this one is free."""
        with self._lock:
            if self._waiting:
                return self._waiting.popleft()
            self._free.append(own)
            return None
