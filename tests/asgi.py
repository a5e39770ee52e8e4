"""An ASGI application asked without a server."""

import asyncio
from collections.abc import Iterator
from typing import Any, NamedTuple

from ldnkg.web.asgi import Asgi


class Answer(NamedTuple):
    status: int
    fields: list[tuple[bytes, bytes]]
    body: bytes

    @property
    def tag(self) -> str:
        return dict(self.fields)[b"etag"].decode()


def ask(application: Asgi, path: str, method: str = "GET", query: str = "", **headers: str) -> Answer:
    """An answer: its status, its header fields, its body; `If_None_Match` is If-None-Match."""
    body = {"type": "http.request", "body": b"", "more_body": False}
    return _answer(application, path, method, query, headers, [body])


def stall(application: Asgi, path: str, method: str, **headers: str) -> Answer:
    """The answer to a request whose body does not come."""
    return _answer(application, path, method, "", headers, [])


def _answer(
    application: Asgi,
    path: str,
    method: str,
    query: str,
    headers: dict[str, str],
    bodies: list[dict[str, Any]],
) -> Answer:
    sent: list[dict[str, Any]] = []

    def send(message: Any) -> "_Done":  # as granian's does, it sends when it is called
        sent.append(message)
        return _Done()

    async def receive() -> dict[str, Any]:  # after the body, what comes next is that the client leaves
        if not bodies:
            await asyncio.Event().wait()
        return bodies.pop()

    fields = [(name.lower().replace("_", "-").encode(), text.encode()) for name, text in headers.items()]
    scope = {
        "type": "http",
        "method": method,
        "raw_path": path.encode(),
        "query_string": query.encode(),
        "headers": fields,
        "client": ("127.0.0.1", 5000),
        "server": ("127.0.0.1", 80),
        "scheme": "http",
        "http_version": "1.1",
    }
    asyncio.run(_sent_by(application, scope, receive, send))
    start, *pieces = sent
    return Answer(start["status"], start["headers"], b"".join(each["body"] for each in pieces))


class _Done:
    """What is awaited is done."""

    def __await__(self) -> Iterator[None]:
        yield from ()


async def _sent_by(application: Asgi, scope: Any, receive: Any, send: Any) -> None:
    await application(scope, receive, send)
