"""What comes to the application, and in which thread: no client keeps others from it."""

import asyncio
from collections.abc import Iterable, Iterator
from contextlib import suppress
from threading import Event
from typing import TYPE_CHECKING, Any

import pytest

from ldnkg.web.asgi import Asgi, Layers

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

PIECE = {"type": "http.request", "body": b"query=", "more_body": True}
LAST = {"type": "http.request", "body": b"ASK{}", "more_body": False}
LEFT = {"type": "http.disconnect"}
LONG = (b"content-length", b"11")


class Exchange:
    """One request to an application, and what was sent: `messages` come from the client, then no more.

    One that `stalls` takes no piece of a long answer.
    """

    def __init__(
        self,
        path: str,
        *fields: tuple[bytes, bytes],
        messages: Iterable[dict[str, Any]] = (),
        stalls: bool = False,
    ) -> None:
        self.scope = {
            "type": "http",
            "method": "POST" if messages else "GET",
            "raw_path": path.encode(),
            "query_string": b"",
            "headers": list(fields),
            "client": ("127.0.0.1", 5000),
            "server": ("127.0.0.1", 80),
            "scheme": "http",
            "http_version": "1.1",
        }
        self.sent: list[Any] = []
        self._messages, self._stalls = iter(messages), stalls

    @property
    def body(self) -> bytes:
        return b"".join(each.get("body", b"") for each in self.sent)

    @property
    def status(self) -> int | None:
        return self.sent[0]["status"] if self.sent else None

    async def run(self, application: Asgi) -> None:
        await application(self.scope, self._receive, self._send)  # type: ignore[arg-type]

    async def _receive(self) -> dict[str, Any]:
        for message in self._messages:
            return message
        await asyncio.Event().wait()
        raise AssertionError

    def _send(self, message: Any) -> "_Done | asyncio.Future[None]":
        self.sent.append(message)
        stalls = self._stalls and message.get("more_body")
        return asyncio.get_running_loop().create_future() if stalls else _Done()


class _Done:
    def __await__(self) -> Iterator[None]:
        yield from ()


def telling(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
    """What the application sees: the fields that tell variants apart, and the body."""
    start_response("200 OK", [])
    names = ("HTTP_ACCEPT_ENCODING", "HTTP_X_FORWARDED_FOR")
    seen = " ".join(f"{name}={environ[name]}" for name in names if name in environ)
    return [seen.encode(), environ["wsgi.input"].read()]


def answered(application: Asgi, *exchanges: Exchange, within: float = 20) -> None:
    """Ask all at once; give up those that are not answered in so many seconds."""

    async def together() -> None:
        with suppress(TimeoutError):
            await asyncio.wait_for(asyncio.gather(*(each.run(application) for each in exchanges)), within)

    asyncio.run(together())


def test_a_field_with_an_underscore_is_not_taken_for_another() -> None:
    """Else it chose an answer that the memory gave to all, or the client whose share a query counts on."""
    asked = Exchange(
        "/", (b"accept_encoding", b"zstd"), (b"x_forwarded_for", b"8.8.8.8"), (b"accept-encoding", b"br")
    )
    answered(Asgi(telling, threads=1), asked)
    assert asked.body == b"HTTP_ACCEPT_ENCODING=br"


def test_a_body_comes_whole_whatever_its_pieces() -> None:
    for field in (LONG, (b"transfer-encoding", b"chunked")):
        asked = Exchange("/sparql", field, messages=(PIECE, LAST))
        answered(Asgi(telling, threads=1), asked)
        assert asked.body == b"query=ASK{}"


def test_of_a_body_that_is_too_long_no_more_is_read_than_shows_it() -> None:
    chunked = Exchange("/sparql", (b"transfer-encoding", b"chunked"), messages=(PIECE for _ in range(10)))
    told = Exchange("/sparql", LONG, messages=(PIECE, LAST))
    answered(Asgi(telling, threads=1, body=10), chunked, told)
    assert chunked.body == b"query=query=" and told.body == b""


def test_a_client_that_sends_slowly_holds_no_thread() -> None:
    slow, other = Exchange("/sparql", LONG, messages=(PIECE,)), Exchange("/")
    answered(Asgi(telling, threads=1), slow, other, within=0.5)
    assert (slow.status, other.status) == (None, 200)


def test_a_request_that_does_not_come_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ldnkg.web.asgi._PATIENCE", 0.01)
    slow = Exchange("/sparql", LONG, messages=(PIECE,))
    answered(Asgi(telling, threads=1), slow)
    fields = slow.sent[0]["headers"]
    assert slow.status == 408 and (b"connection", b"close") in fields
    assert (b"access-control-allow-origin", b"*") in fields


def test_to_a_client_that_leaves_nothing_is_sent() -> None:
    gone = Exchange("/sparql", LONG, messages=(PIECE, LEFT))
    answered(Asgi(telling, threads=1), gone)
    assert gone.sent == []


def test_a_client_that_takes_a_long_answer_slowly_keeps_nobody_waiting(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("ldnkg.web.asgi._PATIENCE", 1.0)
    monkeypatch.setattr("ldnkg.web.asgi._SMALL", 10)

    def long(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        body = b"x" * (100_000 if environ["PATH_INFO"] == "/download" else 1)
        start_response("200 OK", [("Content-Length", str(len(body)))])
        return [body]

    slow, other = [Exchange("/download", stalls=True) for _ in range(3)], Exchange("/")
    application, seen = Asgi(long, threads=1), list[bool]()

    async def together() -> None:
        waiting = [asyncio.ensure_future(each.run(application)) for each in slow]
        await asyncio.wait_for(other.run(application), 10)
        seen.extend(each.done() for each in waiting)
        await asyncio.gather(*waiting)
        again = Exchange("/")
        await asyncio.wait_for(again.run(application), 10)
        assert again.body == b"x"

    asyncio.run(together())
    assert other.body == b"x" and seen == [False] * 3


def test_the_server_tells_of_itself_while_all_threads_are_busy() -> None:
    ends = Event()

    def busy(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        if environ["PATH_INFO"] != "/health":
            ends.wait(20)
        start_response("200 OK", [])
        return [b""]

    pages, health = [Exchange("/page") for _ in range(3)], Exchange("/health")
    application = Asgi(busy, Layers(apart=frozenset([b"/health"])), threads=2)

    async def together() -> None:
        waiting = asyncio.gather(*(each.run(application) for each in pages))
        try:
            await asyncio.wait_for(health.run(application), 10)
            assert health.status == 200 and not any(each.sent for each in pages)
        finally:
            ends.set()
            await waiting

    asyncio.run(together())
    assert [each.status for each in pages] == [200] * 3
