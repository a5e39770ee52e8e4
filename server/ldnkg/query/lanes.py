"""Who may run now: places for short queries and for long ones, a queue before each, a share for each client.

No process and no query here, only places: `Lanes` is asked for one before a query runs, and when a query
turns out to be a long one.
"""

import itertools
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Condition
from typing import Literal

from ldnkg.cache import Cache
from ldnkg.errors import Busy, ClientGone, OverShare
from ldnkg.query.limits import Limits
from ldnkg.query.tally import Tally

Lane = Literal["quick", "slow"]

_WHILE = 60.0  # seconds for which a client is known for its long queries
_CLIENTS = 4096  # of which that is known
_LOOK = 0.2  # seconds between looks whether a client that waits is still there


class Visit:
    """One query of a client, from its arrival to its end; `lane` is where it has a place, if it has one."""

    def __init__(self, lanes: "Lanes", client: str, number: int) -> None:
        self.client, self.number = client, number
        self.lane: Lane | None = None
        self._lanes = lanes

    def take(self, lane: Lane, gone: Callable[[], bool]) -> None:
        """Wait for a place, and give up the one held before.

        Raises Busy when there is none for too long, or when too many wait; ClientGone.
        """
        self._lanes.leave(self)
        self._lanes.wait(self, lane, gone)

    def move(self) -> bool:
        """Change to a place among the long queries, if one is free; whether it was."""
        return self._lanes.move(self)

    def is_long(self) -> None:
        """Tell that this query is a long one."""
        self._lanes.is_long(self)

    def end(self) -> None:
        """Give up the place, and be no more inside."""
        self._lanes.end(self)


class Lanes:
    """The places that `limits` tell of. Threads share it."""

    def __init__(self, limits: Limits, tally: Tally) -> None:
        self._limits, self._tally = limits, tally
        self._changed = Condition()
        self._numbers = itertools.count()
        self._places: dict[Lane, int] = {"quick": limits.workers, "slow": limits.slow}
        self._most: dict[Lane, int] = {"quick": limits.workers, "slow": max(1, limits.slow - 1)}
        self._held: dict[Lane, Counter[str]] = {"quick": Counter(), "slow": Counter()}
        self._waiting: dict[Lane, list[Visit]] = {"quick": [], "slow": []}
        self._inside: Counter[str] = Counter()
        self._long = Cache[float](_CLIENTS, lambda _: 1)

    def visit(self, client: str) -> Visit:
        """Let a query in, which has no place yet.

        Raises OverShare when its client has too many inside, Busy when all clients together have.
        """
        with self._changed:
            if self._inside[client] >= self._limits.share:
                self._tally.refused("share")
                raise OverShare(
                    f"{self._limits.share} queries of yours run or wait already: "
                    "send the next when one of them has ended.",
                    self._pause(),
                )
            if self._inside.total() >= self._limits.inside:
                raise self._busy()
            self._inside[client] += 1
            return Visit(self, client, next(self._numbers))

    def wait(self, visit: Visit, lane: Lane, gone: Callable[[], bool]) -> None:
        """Give the visit a place, when it is its turn: the client with the fewest places goes first."""
        begun = time.monotonic()
        with self._changed:
            if lane == "slow" and len(self._waiting[lane]) > self._limits.queue // 2:
                raise self._busy()
            with self._in_queue(visit, lane):
                while self._next(lane) is not visit:
                    self._changed.wait(_LOOK)
                    if gone():
                        raise ClientGone("The connection was closed while its query waited.")
                    if time.monotonic() - begun > self._limits.seconds:
                        raise self._busy()
            self._give(visit, lane)

    def move(self, visit: Visit) -> bool:
        """Change a place among the short queries for one among the long ones, if that is free."""
        with self._changed:
            if self._waiting["slow"] or not self._free("slow", visit.client):
                return False
            self._free_place_of(visit)
            self._give(visit, "slow")
            return True

    def is_long(self, visit: Visit) -> None:
        """Remember that its client sends long queries: for a while one place is kept from such clients."""
        self._long.put(visit.client, time.monotonic())

    def leave(self, visit: Visit) -> None:
        """Take the place back."""
        with self._changed:
            self._free_place_of(visit)

    def end(self, visit: Visit) -> None:
        """Take the place back, and let the visit out."""
        with self._changed:
            self._free_place_of(visit)
            self._inside[visit.client] -= 1
            self._inside += Counter()  # without those that are at zero

    def running(self, lane: Lane) -> int:
        """How many queries have a place there."""
        return self._held[lane].total()

    @contextmanager
    def _in_queue(self, visit: Visit, lane: Lane) -> Iterator[None]:
        self._waiting[lane].append(visit)
        self._tally.waits(1)
        try:
            yield
        finally:
            self._waiting[lane].remove(visit)
            self._tally.waits(-1)
            self._changed.notify_all()

    def _next(self, lane: Lane) -> Visit | None:
        """Whose turn it is, if there is a place for somebody who waits."""
        held = self._held[lane]
        able = [each for each in self._waiting[lane] if self._free(lane, each.client)]
        return min(able, key=lambda each: (held[each.client], each.number), default=None)

    def _free(self, lane: Lane, client: str) -> bool:
        held, places = self._held[lane], self._places[lane]
        if lane == "quick" and places > 1 and self._sends_long(client):
            places -= 1
        return held.total() < places and held[client] < self._most[lane]

    def _sends_long(self, client: str) -> bool:
        last = self._long.get(client)
        return last is not None and time.monotonic() - last < _WHILE

    def _give(self, visit: Visit, lane: Lane) -> None:
        self._held[lane][visit.client] += 1
        visit.lane = lane
        self._tally.runs(lane, 1)

    def _free_place_of(self, visit: Visit) -> None:
        if visit.lane:
            self._held[visit.lane][visit.client] -= 1
            self._held[visit.lane] += Counter()
            self._tally.runs(visit.lane, -1)
            visit.lane = None
            self._changed.notify_all()

    def _busy(self) -> Busy:
        self._tally.refused("queue")
        return Busy("Too many queries run or wait: try again in a few seconds.", self._pause())

    def _pause(self) -> int:
        """Seconds after which to ask again."""
        return round(self._limits.seconds / 2) or 1
