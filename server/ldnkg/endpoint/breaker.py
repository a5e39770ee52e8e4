"""When an endpoint fails again and again, leave it alone for a while: nobody waits for what will not come."""

import math
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Lock

from ldnkg.errors import StoreUnreachable


class Breaker:
    """Closed: everybody asks. Open, after `failures` in a row: nobody does, for `pause` seconds.

    Then one request tries; as it ends, it is closed again, or open for as long again. Threads may share it.
    """

    def __init__(self, failures: int, pause: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._most, self._pause, self._clock = failures, pause, clock
        self._lock = Lock()
        self._failures = 0
        self._until: float | None = None
        self._reason = ""

    @property
    def reason(self) -> str | None:
        """Why it is open; None while it is closed."""
        with self._lock:
            return None if self._until is None else self._reason

    @contextmanager
    def watching(self) -> Iterator[None]:
        """Let one request through, and see how it ends; raises StoreUnreachable at once while it is open."""
        with self._lock:
            self._refuse()
        with self.noting():
            yield

    @contextmanager
    def noting(self) -> Iterator[None]:
        """See how a part of a request that was let through ends."""
        try:
            yield
        except StoreUnreachable as fault:
            self._failed(str(fault))
            raise
        except BaseException:
            self._worked()  # whatever it says, it answers
            raise
        self._worked()

    def _refuse(self) -> None:
        if self._until is None:
            return
        left = self._until - self._clock()
        if left > 0:
            raise StoreUnreachable(self._reason, retry_after=math.ceil(left))
        self._until = self._clock() + self._pause  # others wait until this one has ended

    def _failed(self, reason: str) -> None:
        with self._lock:
            self._failures += 1
            self._reason = reason
            if self._failures >= self._most:
                self._until = self._clock() + self._pause

    def _worked(self) -> None:
        with self._lock:
            self._failures, self._until = 0, None
