"""Which release an endpoint holds, so that no answer is made of two.

`ldnkg load` takes the mark away first, waits until every lease is over, then changes the graphs, and sets the
mark of the new release last. A server takes nothing that it has read for an answer before it knows that the
mark was still its own after the reading, or that its lease of LEASE seconds was not over by then.
"""

import time
from collections.abc import Callable
from threading import Lock

from pyoxigraph import Literal, NamedNode, Triple

from ldnkg.endpoint.client import Endpoint
from ldnkg.errors import StoreFault, StoreOutdated

LEASE = 2.0
"""Seconds for which a mark that was seen may be relied on."""

_HOLDS = NamedNode("urn:ldnkg:holds")


def marker(base: str) -> str:
    """The named graph of the mark for the releases at a base; it is none of theirs."""
    return f"urn:ldnkg:loaded:{base}"


def mark(base: str, release: str) -> Triple:
    """The mark: at this base the endpoint holds this release."""
    return Triple(NamedNode(base), _HOLDS, Literal(release))


class Lease:
    """Knows whether an endpoint still holds a release. Threads may share it."""

    def __init__(
        self, endpoint: Endpoint, base: str, release: str, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._endpoint, self._base, self._release, self._clock = endpoint, base, release, clock
        self._lock = Lock()
        self._until = -1.0

    def confirm(self) -> None:
        """Return when what was read before is of the release; raises StoreOutdated, and what a query does."""
        if self._clock() < self._until:
            return
        with self._lock:  # one asks, others wait for what it hears
            begun = self._clock()
            if begun < self._until:
                return
            found = self.held()
            if found != self._release:
                raise StoreOutdated(_sentence(found, self._release))
            self._until = begun + LEASE

    def held(self) -> str | None:
        """The id of the release that the endpoint holds; None while it holds none, or is being loaded."""
        query = f"SELECT ?release {{ <{self._base}> <{_HOLDS.value}> ?release }} LIMIT 2"
        found = self._endpoint.table(query, [marker(self._base)])
        if isinstance(found, bool):
            raise StoreFault("The store answers a question for values with yes or no.")
        values = {term.value for (term,) in found if isinstance(term, Literal)}
        return values.pop() if len(values) == 1 else None


def _sentence(found: str | None, release: str) -> str:
    if found is None:
        return (
            f"The store does not hold release {release}, or is being loaded: run `ldnkg load` if it is not."
        )
    return f"The store holds release {found}, and the site serves {release}: run `ldnkg load`."
