"""A memory for answers, bounded by the bytes that it holds."""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from threading import Lock
from typing import Generic, TypeVar

Value = TypeVar("Value")


@dataclass(frozen=True)
class Kept:
    """An answer as it was sent: its header fields and its body, compressed or not."""

    headers: tuple[tuple[str, str], ...]
    body: bytes

    @property
    def size(self) -> int:
        """About how many bytes it takes."""
        return len(self.body) + sum(len(name) + len(value) for name, value in self.headers)


class _Place(Generic[Value]):
    """Where a value is, and whether it was used since somebody looked for one to forget."""

    __slots__ = ("used", "value")

    def __init__(self, value: Value) -> None:
        self.value, self.used = value, False


class Cache(Generic[Value]):
    """The values used lately, as long as they are no more than `most` bytes together. Threads may share it.

    `size` tells the bytes of a value; one that is larger than an eighth of `most` is not kept, so that no
    single answer drives out all the others. Which one is forgotten is found by the second chance (Corbató,
    *A Paging Experiment with the Multics System*, 1968): to note each use in order took longer than to find.
    """

    def __init__(self, most: int, size: Callable[[Value], int]) -> None:
        self._most, self._size = most, size
        self._lock = Lock()
        self._values: OrderedDict[Hashable, _Place[Value]] = OrderedDict()
        self._bytes = 0

    def get(self, key: Hashable) -> Value | None:
        """The value of a key, if it is remembered."""
        place = self._values.get(key)
        if place is None:
            return None
        place.used = True
        return place.value

    def put(self, key: Hashable, value: Value) -> None:
        """Remember a value, and forget others that were not used since they were last looked at."""
        size = self._size(value)
        with self._lock:
            self._drop(key)
            if size > self._most // 8:
                return
            while self._bytes + size > self._most:
                self._forget_one()
            self._values[key] = _Place(value)
            self._bytes += size

    def clear(self) -> None:
        """Forget everything."""
        with self._lock:
            self._values.clear()
            self._bytes = 0

    def _forget_one(self) -> None:
        """Forget the first value that was not used since it came to the end. Needs the lock."""
        while True:
            key, place = next(iter(self._values.items()))
            if not place.used:
                self._drop(key)
                return
            place.used = False
            self._values.move_to_end(key)

    def _drop(self, key: Hashable) -> None:
        """Forget one value. Needs the lock."""
        place = self._values.pop(key, None)
        if place is not None:
            self._bytes -= self._size(place.value)
