"""The site as an ASGI application (ASGI 3.0, HTTP), for a server that tells when a client has gone.

WSGI (PEP 3333) knows no way to see that nobody waits for an answer any more, and many of its servers end a
body that failed as if it were whole. So each request runs in a thread as in WSGI, with its connection in
`environ[CONNECTION]`: there a view sees whether the client is still there, and a body that fails cuts it.
"""

import asyncio
import io
import math
import sys
import time
from collections.abc import Awaitable, Callable, Iterable, Iterator, MutableMapping
from concurrent.futures import Future
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote_to_bytes

from ldnkg.web.access import AccessLog
from ldnkg.web.connection import CONNECTION, Connection
from ldnkg.web.direct import Direct, Given
from ldnkg.web.front import COUNTED, Count, Counter, Fields, Front
from ldnkg.web.threads import Threads
from ldnkg.web.variants import OUTCOME, Outcome

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Apart = Callable[[], AbstractContextManager[None]]
"""Around what waits for a client, so that no thread of others does."""

_SMALL = 2**20
"""Bytes of a body that are handed over at once; more goes piece by piece, as fast as the client takes it."""
_PIECE = 2**16
_LINE = 4096
"""Bytes of a Link field that holds several links: clients take lines of 8 KiB at least."""
_PATIENCE = 30.0
"""Seconds in which a client has to send its request, and to take a piece of the answer."""
_BODY = 2**20
_APART = 2
"""So many threads answer what is asked of the server itself, whatever all others do."""


@dataclass(frozen=True)
class Layers:
    """What stands before an application: a memory of its answers, a way past it for queries, and a log.

    The paths `apart` have threads of their own. `counter` gives what counts an answer that the application
    has no part in, by endpoint, method and status.
    """

    front: Front | None = None
    direct: Direct | None = None
    log: AccessLog | None = None
    apart: frozenset[bytes] = frozenset()
    counter: Callable[[str, str, int], Count] | None = None


class Asgi:
    """A WSGI application in so many threads, and what stands before it.

    A thread has nothing to do with a request until all of it has come, and while it sends a long answer
    another stands in for it: a client that is slow keeps nobody waiting. Of a longer body than `body` bytes
    the application sees the beginning.
    """

    def __init__(
        self, app: "WSGIApplication", layers: Layers = Layers(), threads: int = 64, body: int = _BODY
    ) -> None:
        self._app, self._layers, self._most = app, layers, body
        self._threads, self._apart = Threads(threads), Threads(_APART)

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Answer one request; what is no HTTP is let be."""
        if scope["type"] == "http":
            begun, (front, log) = time.perf_counter(), (self._layers.front, self._layers.log)
            known = front.find(scope) if front else None
            if known:
                await send(known.start)
                await send(known.body)
                if log:
                    log.note(scope, known.start["status"], len(known.body["body"]), begun, "memory")
                return
            try:
                body = await self._body(scope, receive)
            except TimeoutError:
                await self._give_up(scope, send, begun)
                return
            if body is None:
                return
            loop = asyncio.get_running_loop()
            done = loop.create_future()
            request = _Request(scope, body, receive, send, loop, self._layers)
            if not request.answer_at_once():
                threads = self._apart if scope["raw_path"] in self._layers.apart else self._threads
                threads.run(lambda: self._answer(request, threads, loop, done))
                await done

    async def _give_up(self, scope: Message, send: Send, begun: float) -> None:
        """Tell a client that its request has not come, and hang up (RFC 9110, section 15.5.9)."""
        status, told = (
            HTTPStatus.REQUEST_TIMEOUT,
            f"The request did not come within {_PATIENCE:.0f} seconds.\n",
        )
        fields = [
            (b"connection", b"close"),
            (b"content-type", b"text/plain; charset=utf-8"),
            (b"content-length", str(len(told)).encode()),
            (b"access-control-allow-origin", b"*"),
        ]
        await send({"type": "http.response.start", "status": status.value, "headers": fields})
        await send({"type": "http.response.body", "body": told.encode(), "more_body": False})
        if self._layers.counter:
            self._layers.counter("none", scope["method"], status)(time.perf_counter() - begun)
        if self._layers.log:
            self._layers.log.note(scope, status, len(told), begun, "none")

    async def _body(self, scope: Message, receive: Receive) -> bytes | None:
        """The body of a request, or its beginning; None if the client has left. Raises TimeoutError."""
        fields = dict(scope["headers"])
        length = fields.get(b"content-length", b"0")
        if length == b"0" and b"transfer-encoding" not in fields:
            return b""
        if length.isdigit() and int(length) > self._most:
            return b""  # the application refuses it for what it says of itself
        return await asyncio.wait_for(_received(receive, self._most), _PATIENCE)

    def _answer(
        self,
        request: "_Request",
        threads: Threads,
        loop: asyncio.AbstractEventLoop,
        done: "asyncio.Future[None]",
    ) -> None:
        try:
            request.answer(self._app, threads.apart)
        finally:
            loop.call_soon_threadsafe(done.set_result, None)


class _Request:
    """One request and its answer, in a thread; coroutines go to the loop."""

    def __init__(
        self,
        scope: Message,
        body: bytes,
        receive: Receive,
        send: Send,
        loop: asyncio.AbstractEventLoop,
        layers: Layers,
    ) -> None:
        self._layers, self._body = layers, body
        self._scope, self._send, self._loop = scope, send, loop
        self._connection = Connection(loop, receive, scope["client"], scope["server"])
        self._head: tuple[int, Fields] | None = None
        self._size = 0

    def answer_at_once(self) -> bool:
        """Send what takes too little to be worth a thread, and log it; whether it did."""
        begun, (direct, log) = time.perf_counter(), (self._layers.direct, self._layers.log)
        found = direct.at_once(self._scope) if direct else None
        if found is None:
            return False
        self._give(found, begun)
        if log:
            log.note(self._scope, HTTPStatus.OK, self._size, begun, "direct")
        return True

    def answer(self, app: "WSGIApplication", apart: Apart) -> None:
        """Send what is given, by the application if it takes that, and log it; a long body `apart`."""
        begun, (direct, log) = time.perf_counter(), (self._layers.direct, self._layers.log)
        way = "application"
        try:
            found = direct.answer(self._scope, self._connection.gone) if direct else None
            if isinstance(found, Given):
                way = "direct"
                self._give(found, begun)
            else:
                self._run(app, found, apart)
        except Exception as fault:
            if self._head:
                self._connection.cut()
            else:
                self._start("500 Internal Server Error", [])
                self._send_whole(b"")
            print(f"A request failed: {fault!r}", file=sys.stderr)
        if log:
            log.note(self._scope, self._told()[0], self._size, begun, way)

    def _give(self, found: Given, begun: float) -> None:
        self._head = HTTPStatus.OK, found.fields
        found.counter(HTTPStatus.OK)(time.perf_counter() - begun)
        self._learn_and_send(found.body, found.counter)

    def _run(self, app: "WSGIApplication", outcome: Outcome | None, apart: Apart) -> None:
        """Let the application answer, which is told what became of the query already."""
        environ = self._environ()
        if outcome:
            environ[OUTCOME] = outcome
        body = app(environ, self._start)
        try:
            if self._scope["method"] == "HEAD" or self._length() <= _SMALL:
                self._learn_and_send(b"".join(body), environ.get(COUNTED))
            else:
                with apart():
                    self._send_pieces(body)
        finally:
            if hasattr(body, "close"):
                body.close()

    def _start(self, status: str, headers: list[tuple[str, str]], _: Any = None) -> Callable[[bytes], object]:
        self._head = int(status[:3]), _fields(headers)
        return lambda _: None

    def _length(self) -> float:
        """The bytes of the body, as far as it is known."""
        status, fields = self._told()
        if status in (HTTPStatus.NO_CONTENT, HTTPStatus.NOT_MODIFIED):
            return 0
        return next((int(value) for name, value in fields if name == b"content-length"), math.inf)

    def _told(self) -> tuple[int, Fields]:
        """Status and fields of the answer, which has begun."""
        assert self._head  # noqa: S101 - for the type checker
        return self._head

    def _learn_and_send(self, body: bytes, counter: Counter | None) -> None:
        if self._layers.front:
            self._layers.front.learn(self._scope, *self._told(), body, counter)
        self._send_whole(body)

    def _send_whole(self, body: bytes) -> None:
        """Hand it over from this thread: nothing has to be waited for."""
        self._begin()
        self._size = len(body)
        self._send({"type": "http.response.body", "body": body, "more_body": False})

    def _send_pieces(self, body: Iterable[bytes]) -> None:
        self._begin()
        for piece in _gathered(body):
            if self._connection.gone():
                return
            self._in_loop(self._send, {"type": "http.response.body", "body": piece, "more_body": True})
            self._size += len(piece)
        self._in_loop(self._send, {"type": "http.response.body", "body": b"", "more_body": False})

    def _begin(self) -> None:
        status, fields = self._told()
        self._send({"type": "http.response.start", "status": status, "headers": fields})

    def _in_loop(self, call: Callable[..., Awaitable[Any]], *arguments: Any) -> Any:
        """What an awaitable gives; raises TimeoutError when the client lets it wait too long."""

        async def awaited() -> Any:
            return await asyncio.wait_for(_wrapped(call(*arguments)), _PATIENCE)

        future: Future[Any] = asyncio.run_coroutine_threadsafe(awaited(), self._loop)
        return future.result()

    def _environ(self) -> dict[str, Any]:
        """The request as WSGI has it, and the target as it was sent.

        A field with `_` in its name would be taken for another, with `-`: nobody but an attacker sends one.
        """
        scope = self._scope
        query = scope["query_string"].decode("latin-1")
        path = scope["raw_path"].decode("latin-1")
        environ = {
            "REQUEST_METHOD": scope["method"],
            "SCRIPT_NAME": "",
            "PATH_INFO": unquote_to_bytes(path).decode("latin-1"),
            "RAW_URI": f"{path}?{query}" if query else path,
            "QUERY_STRING": query,
            "SERVER_NAME": scope["server"][0],
            "SERVER_PORT": str(scope["server"][1]),
            "SERVER_PROTOCOL": f"HTTP/{scope['http_version']}",
            "REMOTE_ADDR": scope["client"][0],
            "wsgi.version": (1, 0),
            "wsgi.url_scheme": scope["scheme"],
            "wsgi.input": io.BytesIO(self._body),
            "wsgi.input_terminated": True,
            "wsgi.errors": sys.stderr,
            "wsgi.multithread": True,
            "wsgi.multiprocess": False,
            "wsgi.run_once": False,
            CONNECTION: self._connection,
        }
        for name, value in scope["headers"]:
            if b"_" in name:
                continue
            key = name.decode("latin-1").upper().replace("-", "_")
            key = key if key in ("CONTENT_TYPE", "CONTENT_LENGTH") else f"HTTP_{key}"
            text = value.decode("latin-1")
            environ[key] = f"{environ[key]},{text}" if key in environ else text
        return environ


async def _received(receive: Receive, most: int) -> bytes | None:
    """What comes, until there is enough of it; None if the client leaves."""
    body = bytearray()
    while len(body) < most:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        body += message.get("body", b"")
        if not message.get("more_body", False):
            break
    return bytes(body)


def _fields(headers: Iterable[tuple[str, str]]) -> Fields:
    """The fields as ASGI has them. Those of Link are lists (RFC 9110, section 5.3): each field takes time."""
    fields: Fields = []
    links: list[str] = []
    for name, value in headers:
        if name.lower() != "link":
            fields.append((name.lower().encode("latin-1"), value.encode("latin-1")))
        elif links and len(links[-1]) + len(value) < _LINE:
            links[-1] += f", {value}"
        else:
            links.append(value)
    return fields + [(b"link", each.encode("latin-1")) for each in links]


def _gathered(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """The pieces, small ones together."""
    some = bytearray()
    for piece in pieces:
        some += piece
        if len(some) >= _PIECE:
            yield bytes(some)
            some.clear()
    if some:
        yield bytes(some)


async def _wrapped(awaitable: Awaitable[Any]) -> Any:
    """A coroutine of what is awaitable in another way."""
    with suppress(asyncio.CancelledError):
        return await awaitable
