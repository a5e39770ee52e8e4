"""A shelf for what is costly to open: what was used last stays open, the rest is closed after its use."""

from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Lock
from typing import Generic, TypeVar

Value = TypeVar("Value")


class Lent(Generic[Value]):
    """Something open, and how many use it."""

    def __init__(self, value: Value, key: str) -> None:
        self.value, self.key = value, key
        self.uses = 0


class Shelf(Generic[Value]):
    """At most so many things that nobody uses are open, each under its key. Threads may share it."""

    def __init__(self, most: int, open_: Callable[[str], Value], close: Callable[[Value], None]) -> None:
        self._most, self._open, self._close = most, open_, close
        self._lock = Lock()
        self._lent: OrderedDict[str, Lent[Value]] = OrderedDict()

    @contextmanager
    def lent(self, key: str) -> Iterator[Value]:
        """What a key opens, which stays open until the block ends (raises what opening it raises)."""
        with self._lock:
            lent = self._taken(key)
            lent.uses += 1
        try:
            yield lent.value
        finally:
            with self._lock:
                lent.uses -= 1
                self._retire(lent)

    def drop(self, key: str) -> None:
        """Close what a key opened, after its last use."""
        with self._lock:
            if lent := self._lent.pop(key, None):
                self._retire(lent)

    def close(self) -> None:
        """Close everything, each after its last use."""
        for key in tuple(self._lent):
            self.drop(key)

    def _taken(self, key: str) -> Lent[Value]:
        """What is there, or else opened in place of what was used longest ago. Needs the lock."""
        self._lent[key] = lent = self._lent.pop(key, None) or Lent(self._open(key), key)
        while len(self._lent) > self._most:
            self._retire(self._lent.popitem(last=False)[1])
        return lent

    def _retire(self, lent: Lent[Value]) -> None:
        """Close what has left the shelf after its last use. Needs the lock."""
        if self._lent.get(lent.key) is not lent and lent.uses == 0:
            self._close(lent.value)
