"""Equal queries that are asked at the same time run once."""

from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from threading import Condition

from ldnkg.cache import Cache
from ldnkg.errors import AnswerTooLarge, ClientGone, KnowledgeError, QueryTimeout
from ldnkg.query.stream import Answer
from ldnkg.query.tally import Tally

_LOOK = 0.2  # seconds between looks whether the client that waits is still there
_ALONE = 4096  # queries that are known to have large answers


class Flight:
    """One query on its way, and how many others wait for its answer."""

    def __init__(self) -> None:
        self.waiting = 0
        self.ended = False
        self.answer: Answer | None = None
        self.fault: KnowledgeError | None = None


class Flights:
    """The queries on their way, each under its key; `tally` counts who waits. Threads share it."""

    def __init__(self, tally: Tally) -> None:
        self._tally = tally
        self._changed = Condition()
        self._flying: dict[Hashable, Flight] = {}
        self._alone = Cache[bool](_ALONE, lambda _: 1)

    def board(self, key: Hashable, gone: Callable[[], bool]) -> Answer | Flight:
        """The answer of the equal query that is on its way; without one, or if that has none, one to lead.

        Raises ClientGone, and what any equal query would end with: QueryTimeout, AnswerTooLarge. What else
        went wrong for the other is no matter here. A query that gives a Stream has nothing to share.
        """
        with self._changed:
            flight = self._flying.get(key)
            if flight is None:
                flight = Flight()
                if self._alone.get(key) is None:
                    self._flying[key] = flight
                return flight
            with self._waiting(flight):
                while not flight.ended:
                    self._changed.wait(_LOOK)
                    if gone():
                        raise ClientGone("The connection was closed while another query like it ran.")
        if flight.fault:
            raise type(flight.fault)(str(flight.fault))
        return flight.answer or Flight()

    @contextmanager
    def leading(self, key: Hashable, flight: Flight) -> Iterator[None]:
        """Others may wait for a flight until the block ends; they share its answer if it has one by then."""
        try:
            yield
            if flight.answer is None:
                self._alone.put(key, True)
        except (QueryTimeout, AnswerTooLarge) as fault:
            flight.fault = fault
            raise
        finally:
            with self._changed:
                if self._flying.get(key) is flight:
                    del self._flying[key]
                flight.ended = True
                self._changed.notify_all()

    @contextmanager
    def _waiting(self, flight: Flight) -> Iterator[None]:
        flight.waiting += 1
        self._tally.waits(1)
        try:
            yield
        finally:
            flight.waiting -= 1
            self._tally.waits(-1)
