"""What became of queries, counted for those who watch over the server."""

from collections import Counter
from collections.abc import Mapping
from threading import Lock
from typing import Literal

Reason = Literal["time", "memory", "client gone", "moved"]
"""Why a worker was ended: past its time, past its memory, nobody waits, or begun anew as a long query."""
Refusal = Literal["share", "queue"]
Luck = Literal["hit", "miss"]
"""Whether a query had not to run, as its answer was known, or on its way already; or had to."""


class Tally:
    """What only grows (killed, refused, cache), and the state now (running, waiting). Threads share it."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._counts: Counter[tuple[str, str]] = Counter()

    def killed(self, reason: Reason) -> None:
        """A worker was ended in the middle of a query."""
        self._add("killed", reason, 1)

    def refused(self, reason: Refusal) -> None:
        """A query was turned away before it ran."""
        self._add("refused", reason, 1)

    def cache(self, luck: Luck) -> None:
        """A query was asked whose answer may be kept."""
        self._add("cache", luck, 1)

    def runs(self, lane: str, more: int) -> None:
        """So many more queries run."""
        self._add("running", lane, more)

    def waits(self, more: int) -> None:
        """So many more queries wait for a place."""
        self._add("waiting", "", more)

    def counts(self, what: str) -> Mapping[str, int]:
        """The counts of `killed`, `refused`, `cache`, `running` or `waiting`, by reason, luck or lane."""
        with self._lock:
            return {which: count for (kind, which), count in self._counts.items() if kind == what}

    def _add(self, kind: str, which: str, more: int) -> None:
        with self._lock:
            self._counts[kind, which] += more
