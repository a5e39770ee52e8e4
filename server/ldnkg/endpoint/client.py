"""A client of the SPARQL 1.1 Protocol: only queries, and each of them may be asked twice."""

import io
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Self
from urllib.parse import urlencode, urlsplit

import urllib3
from urllib3.exceptions import HTTPError, ProtocolError, ReadTimeoutError

from ldnkg import __version__
from ldnkg.endpoint import answers
from ldnkg.endpoint.address import STORE, Address, Patience
from ldnkg.endpoint.authorization import answer
from ldnkg.endpoint.breaker import Breaker
from ldnkg.errors import AnswerTooLarge, QueryTimeout, StoreFault, StoreUnreachable

NOWHERE = "urn:ldnkg:nowhere"
"""The name of a graph that has nothing in it: for engines that take no graph for every graph."""

_AGENT = f"ldnkg/{__version__}"
_TABLE = "application/sparql-results+json"
_BUSY = (429, 502, 503, 504)
_TOLD = 300
"""So many characters of what an endpoint says are repeated."""
_WHOLE = 6
"""So many times the silence that is allowed, and an answer must be there in all."""


class Endpoint:
    """An endpoint that is asked queries. Threads may share it; a process that forks may not."""

    def __init__(
        self, address: Address, patience: Patience | None = None, breaker: Breaker | None = None
    ) -> None:
        self.address = address
        self.patience = patience or Patience()
        self.breaker = breaker or Breaker(self.patience.failures, self.patience.pause_seconds)
        self._pool = urllib3.PoolManager(
            num_pools=2,
            maxsize=self.patience.connections,
            block=False,
            timeout=urllib3.Timeout(connect=self.patience.connect_seconds, read=self.patience.read_seconds),
            retries=False,
        )
        self._challenges: list[str] = []

    @classmethod
    def from_environment(cls, environ: Mapping[str, str], url: str | None = None) -> Self | None:
        """The endpoint at `url`, else at `LDNKG_STORE`, else None; raises CannotServe for a bad address."""
        url = url or environ.get(STORE)
        if not url:
            return None
        return cls(Address.read(url, environ), Patience.from_environment(environ))

    def table(
        self, query: str, default_graphs: Iterable[str], named_graphs: Iterable[str] = ()
    ) -> answers.Table | bool:
        """What a SELECT or ASK query gives, read as it comes.

        The dataset is that of these graphs and no other. Terms are in the form in which pyoxigraph stores
        them. Raises StoreUnreachable, StoreFault, QueryTimeout, AnswerTooLarge, also while rows are read.
        """
        return answers.table(self._asked(query, default_graphs, named_graphs))

    def send(self, method: str, url: str, body: bytes | None, headers: Mapping[str, str]) -> Any:
        """The response to one request, unread, whatever its status.

        Tried once more, with name and password where it is asked who we are. Raises StoreUnreachable.
        """
        target = urlsplit(url)
        where = f"{target.path or '/'}{f'?{target.query}' if target.query else ''}"
        for last in (False, True):
            told = {"User-Agent": _AGENT, **headers}
            if known := answer(self._challenges, self.address, method, where):
                told["Authorization"] = known
            response = self._once(method, url, body, told)
            if response.status != 401 or last or self.address.user is None:
                return response
            self._challenges = response.headers.getlist("WWW-Authenticate")
            response.drain_conn()
            response.release_conn()
        raise AssertionError

    @property
    def environment(self) -> dict[str, str]:
        """What another process has to be told to ask the same endpoint (`Address.read`, `Patience`)."""
        told = {STORE: self.address.url, **self.patience.environment}
        for name, value in (("USER", self.address.user), ("PASSWORD", self.address.password)):
            if value is not None:
                told[f"{STORE}_{name}"] = value
        return told

    def close(self) -> None:
        """Close the connections that nobody uses."""
        self._pool.clear()

    def _asked(
        self, query: str, default_graphs: Iterable[str], named_graphs: Iterable[str]
    ) -> "io.BufferedReader":
        """The body of the answer to a query, checked."""
        fields = [("query", query)]
        fields += [("default-graph-uri", each) for each in default_graphs or (NOWHERE,)]
        fields += [("named-graph-uri", each) for each in named_graphs or (NOWHERE,)]
        headers = {"Accept": _TABLE, "Content-Type": "application/x-www-form-urlencoded"}
        with self.breaker.watching():
            response = self.send("POST", self.address.url, urlencode(fields).encode(), headers)
            _checked(response)
        return io.BufferedReader(_Body(response, self.patience, self.breaker), 2**16)

    def _once(self, method: str, url: str, body: bytes | None, headers: Mapping[str, str]) -> Any:
        """One response; a connection that broke before there was one is tried anew, once, where it is safe.

        A query changes nothing, and PUT and DELETE of a graph leave the same behind when they are done twice
        (RFC 9110, section 9.2.2). A time-out is not tried again: the endpoint may still be at work on it.
        """
        again = method in ("PUT", "DELETE", "GET") or "query=" in (body or b"")[:6].decode("latin-1")
        for attempt in (1, 2):
            try:
                return self._pool.request(
                    method, url, body=body, headers=headers, preload_content=False, redirect=False
                )
            except ReadTimeoutError:
                raise _silent(self.patience.read_seconds) from None
            except (ProtocolError, urllib3.exceptions.NewConnectionError) as fault:
                if attempt == 2 or not again:
                    raise _unreachable(fault) from None
            except (HTTPError, OSError) as fault:
                raise _unreachable(fault) from None
        raise AssertionError


class _Body(io.RawIOBase):
    """The body of a response as it comes, with a limit of bytes and of time."""

    def __init__(self, response: Any, patience: Patience, breaker: Breaker) -> None:
        self._response, self._left, self._breaker = response, patience.answer_bytes, breaker
        self._until = time.monotonic() + _WHOLE * patience.read_seconds

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        piece: bytes
        try:
            with self._breaker.noting(), _reading():
                piece = self._response.read1(len(buffer))
                if piece and time.monotonic() > self._until:
                    raise TimeoutError
        except StoreUnreachable:
            self._response.close()
            raise
        self._left -= len(piece)
        if self._left < 0:
            self._response.close()
            raise AnswerTooLarge("The answer of the store is too long: ask for less at once.")
        if not piece:
            self._response.release_conn()
        buffer[: len(piece)] = piece
        return len(piece)

    def close(self) -> None:
        if not self.closed and self._response.closed is False:
            self._response.close()
        super().close()


@contextmanager
def _reading() -> Iterator[None]:
    try:
        yield
    except (HTTPError, OSError) as fault:
        raise _unreachable(fault) from None


def _checked(response: Any) -> None:
    """Raise what the head of a response tells, if it is not the answer to a query."""
    status, headers = response.status, response.headers
    if status == 200 and headers.get("X-SQL-State"):  # Virtuoso gives what it has when its own time is over
        response.close()
        raise QueryTimeout("The store stopped the query: it takes longer than the store allows.")
    if status == 200 and (rows := headers.get("X-SPARQL-MaxRows")):
        response.close()
        raise AnswerTooLarge(f"The store gives at most {rows} rows: page through it with LIMIT and OFFSET.")
    if status == 200:
        found = headers.get("Content-Type", "").partition(";")[0].strip().lower()
        if found == _TABLE:
            return
        response.close()
        raise StoreFault(f"The store answers with {found[:80] or 'nothing'}, which is no result of a query.")
    text = _told(response)
    if status in _BUSY:
        raise StoreUnreachable(f"The store cannot answer now ({status}).", retry_after=_seconds(headers))
    if status in (401, 403):
        raise StoreFault(
            "The store does not let the site ask: check LDNKG_STORE_USER and LDNKG_STORE_PASSWORD."
        )
    raise StoreFault(f"The store does not answer the query ({status}): {text}", status=status)


def _told(response: Any) -> str:
    """The beginning of what an endpoint says of a fault, in one line."""
    try:
        data: bytes = response.read(4096)
    except (HTTPError, OSError):
        data = b""
    response.close()
    first, _, _ = data.decode("utf-8", "replace").partition("SPARQL query:")  # which Virtuoso repeats
    return " ".join(first.split())[:_TOLD] or "it does not say why."


def _seconds(headers: Mapping[str, str]) -> int:
    told = headers.get("Retry-After", "")
    return min(int(told), 3600) if told.isdecimal() and told.isascii() else 5


def _silent(seconds: float) -> StoreUnreachable:
    return StoreUnreachable(f"The store has not answered for {seconds:g} seconds.")


def _unreachable(fault: Exception) -> StoreUnreachable:
    """Without its address, which is no business of the one who asks."""
    if isinstance(fault, ReadTimeoutError | TimeoutError):
        return StoreUnreachable("The store has stopped in the middle of an answer.")
    return StoreUnreachable("The store cannot be reached.")
