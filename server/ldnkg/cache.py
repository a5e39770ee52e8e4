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


class Cache(Generic[Value]):
    """The values used last, as long as they are no more than `most` bytes together. Threads may share it.

    `size` tells the bytes of a value; one that is larger than an eighth of `most` is not kept, so that no
    single answer drives out all the others.
    """

    def __init__(self, most: int, size: Callable[[Value], int]) -> None:
        self._most, self._size = most, size
        self._lock = Lock()
        self._values: OrderedDict[Hashable, Value] = OrderedDict()
        self._bytes = 0

    def get(self, key: Hashable) -> Value | None:
        """The value of a key, if it is remembered."""
        with self._lock:
            value = self._values.get(key)
            if value is not None:
                self._values.move_to_end(key)
            return value

    def put(self, key: Hashable, value: Value) -> None:
        """Remember a value, and forget what was not used for longest."""
        size = self._size(value)
        with self._lock:
            self._drop(key)
            if size > self._most // 8:
                return
            self._values[key] = value
            self._bytes += size
            while self._bytes > self._most:
                self._drop(next(iter(self._values)))

    def clear(self) -> None:
        """Forget everything."""
        with self._lock:
            self._values.clear()
            self._bytes = 0

    def _drop(self, key: Hashable) -> None:
        """Forget one value. Needs the lock."""
        value = self._values.pop(key, None)
        if value is not None:
            self._bytes -= self._size(value)
