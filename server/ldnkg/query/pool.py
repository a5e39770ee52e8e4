"""Queries on a release, run in worker processes that can be killed.

A query begins at once as a short one. Past `quick_seconds` it is a long one: it goes on where it is, if there
is a place for a long one, else it is stopped, and begun anew when its turn comes. So short queries only wait
for short ones, and there are never more processes than places. That a query is long is remembered.
"""

import weakref
from collections.abc import Callable
from contextlib import ExitStack, nullcontext
from dataclasses import replace
from pathlib import Path
from threading import BoundedSemaphore
from typing import Any

from ldnkg.cache import Cache
from ldnkg.endpoint import Endpoint
from ldnkg.errors import Busy
from ldnkg.query.flights import Flights
from ldnkg.query.guard import Query
from ldnkg.query.inline import Inline
from ldnkg.query.known import Key, Known, key_of
from ldnkg.query.lanes import Lanes
from ldnkg.query.limits import Limits
from ldnkg.query.process import Nursery
from ldnkg.query.run import Run
from ldnkg.query.stream import Answer, Stream
from ldnkg.query.tally import Luck, Tally

_REMEMBERED = 4096
"""Queries that are known to be long."""
_BRIEF = 2**16
"""Bytes of an answer that is compressed and sent in next to no time."""


class Pool:
    """Runs queries on the release in a folder, within `limits`; `tally` counts what becomes of them.

    With an endpoint it is that which answers them. While it is known to be out of reach nobody is sent there.

    A whole answer is kept for whoever asks the same again, and is given to all who ask while the query runs.
    A worker starts with the first query that needs it. All end with `close`, with the pool, or with this
    process, whichever is first.
    """

    def __init__(
        self,
        release: Path,
        limits: Limits | None = None,
        tally: Tally | None = None,
        spare: int = 3,
        endpoint: Endpoint | None = None,
    ) -> None:
        self.limits = limits or Limits()
        self.tally = tally or Tally()
        self._lanes = Lanes(self.limits, self.tally)
        self._endpoint = endpoint
        self._nursery = Nursery(release, self.limits, spare, endpoint.environment if endpoint else None)
        self._inline = None if endpoint else Inline(release, self.limits)
        self._end = weakref.finalize(self, self._nursery.close)
        self._streams = BoundedSemaphore(self.limits.streams)
        self._long = Cache[bool](_REMEMBERED, lambda _: 1)
        self._known = Known(self.limits.cache_bytes)
        self._flights = Flights(self.tally)

    def ask(
        self,
        query: Query,
        suffix: str,
        *,
        default_graphs: tuple[str, ...] = (),
        named_graphs: tuple[str, ...] = (),
        rows: int | None = None,
        truncate: bool = False,
        client: str = "",
        gone: Callable[[], bool] = lambda: False,
    ) -> Answer | Stream:
        """The answer to a query in the format that has this suffix (`ldnkg.query.results`, `ldnkg.formats`).

        An answer that does not fit into the buffer is a Stream, which has to be closed.

        The two graph lists are the dataset of the SPARQL 1.1 Protocol, section 2.1.4; when both are empty and
        the query names no graph, the default graph is the union of all. With `truncate` an answer over the
        row budget (`rows` if that is less than the limit) is cut there and marked, else it is AnswerTooLarge.
        `client` is whose share this query counts on; `gone` tells when nobody waits for the answer any more.

        Raises BadQuery, QueryRefused, QueryTimeout, AnswerTooLarge, OverShare, Busy, ClientGone,
        StoreUnreachable.
        """
        most = min(rows or self.limits.rows, self.limits.rows)
        request = _request(query, suffix, default_graphs, named_graphs, most, truncate=truncate)
        key = key_of(query, request)
        if key is not None and (known := self._known.get(key)):
            self.tally.cache("hit")
            return known
        chosen = default_graphs or named_graphs
        with ExitStack() as ends:
            run = Run(self._nursery, self._lanes.visit(client), self.limits, self.tally)
            ends.callback(run.end)
            answer: Answer | Stream | None = None
            text = self._inline.text(query) if self._inline and key and not chosen else None
            if self._inline and key and text:
                run.take(gone)
                answer = self._inlined(self._inline, key, request, text)
            if answer is None:
                answer = self._shared(key, run, request, gone) if key else self._begun(run, request, gone)
            if isinstance(answer, Stream):
                ends.pop_all()
            return answer

    def check(self, query: Query, *, client: str = "", gone: Callable[[], bool] = lambda: False) -> None:
        """Raise BadQuery for a query that the engine does not take, which is read and not run.

        For `client` and `gone`, and what else is raised, see `ask`.
        """
        request = _request(query, "", (), (), 0, truncate=False)
        with ExitStack() as ends:
            run = Run(self._nursery, self._lanes.visit(client), self.limits, self.tally)
            ends.callback(run.end)
            self._begun(run, request, gone)

    def at_once(self, query: Query, suffix: str) -> Answer | None:
        """The answer of `ask` if it takes next to nothing to find and to send, in this thread; else None.

        It has no place and no share: a thread that waits for nothing else is not asked twice at once.
        """
        request = _request(query, suffix, (), (), self.limits.rows, truncate=False)
        key = key_of(query, request)
        if self._inline is None or key is None:
            return None
        if known := self._known.get(key):
            if len(known.body) > _BRIEF:
                return None
            self.tally.cache("hit")
            return known
        text = self._inline.text(query, at_once=True)
        return self._inlined(self._inline, key, request, text) if text else None

    def run(
        self,
        query: Query,
        suffix: str,
        *,
        default_graphs: tuple[str, ...] = (),
        named_graphs: tuple[str, ...] = (),
        rows: int | None = None,
        truncate: bool = False,
    ) -> Answer:
        """The answer of `ask`, whole."""
        answer = self.ask(
            query,
            suffix,
            default_graphs=default_graphs,
            named_graphs=named_graphs,
            rows=rows,
            truncate=truncate,
        )
        return answer if isinstance(answer, Answer) else answer.whole()

    def _inlined(self, inline: Inline, key: Key, request: dict[str, Any], text: str) -> Answer | None:
        """The answer to a small query, found in this process; None if it is larger than that."""
        answer = inline.answer(request, text)
        if answer:
            self.tally.cache("miss")
            self._known.put(key, answer)
        return answer

    def _shared(
        self, key: Key, run: Run, request: dict[str, Any], gone: Callable[[], bool]
    ) -> Answer | Stream:
        """The answer of an equal query that runs already, else of this one, which others then may wait for.

        It goes on for those others when its own client has gone.
        """
        flight = self._flights.board(key, gone)
        if isinstance(flight, Answer):
            self.tally.cache("hit")
            return replace(flight, timings={}, luck="hit")
        with self._flights.leading(key, flight):
            found: Answer | Stream | None = self._known.get(key)  # may have landed since we looked
            self.tally.cache("hit" if found else "miss")
            if found is None:
                found = self._begun(run, request, lambda: flight.waiting == 0 and gone(), "miss")
            if isinstance(found, Answer):
                self._known.put(key, found)
                flight.answer = found
            return found

    def _begun(
        self, run: Run, request: dict[str, Any], gone: Callable[[], bool], luck: Luck | None = None
    ) -> Answer | Stream:
        """The answer when it is whole, or when it is known to be larger than the buffer."""
        with self._endpoint.breaker.watching() if self._endpoint else nullcontext():
            head, body = run.begin(request, self._long, gone)
        while not run.is_whole and len(body) < self.limits.buffer_bytes:
            body += run.more(gone)
        answer = Answer(body, timings=run.timings, luck=luck, **head)
        if run.is_whole:
            return answer
        run.stay()
        if not self._streams.acquire(blocking=False):
            raise Busy("Too many large answers are on their way: try again in a few seconds.", 5)
        with ExitStack() as ends:
            ends.callback(self._streams.release)
            stream = Stream(answer, run.more, run.end, self._streams.release)
            ends.pop_all()
            return stream

    def warm(self) -> None:
        """Open what small queries need, and start the workers that the first others will need."""
        if self._inline:
            self._inline.open()
        self._nursery.prepare()

    def pids(self) -> list[int]:
        """The worker processes."""
        return self._nursery.pids()

    def close(self) -> None:
        """End every worker; a query that runs is an error, and any later one StoreUnreachable."""
        if self._inline:
            self._inline.close()
        self._end()


def _request(
    query: Query,
    suffix: str,
    default_graphs: tuple[str, ...],
    named_graphs: tuple[str, ...],
    rows: int,
    *,
    truncate: bool,
) -> dict[str, Any]:
    """What an engine is asked, which reads the text and no tokens."""
    request = vars(query) | {
        "suffix": suffix,
        "default_graphs": default_graphs,
        "named_graphs": named_graphs,
        "rows": rows,
        "truncate": truncate,
    }
    del request["normal"], request["tokens"]
    return request
