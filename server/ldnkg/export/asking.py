"""Ask the site in this process, by WSGI (PEP 3333): the bytes are the very ones that the server sends."""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import unquote_to_bytes

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication, WSGIEnvironment


@dataclass(frozen=True)
class Answer:
    """What came back: the status, the header fields in their order, the body."""

    status: int
    fields: Sequence[tuple[str, str]]
    body: bytes

    def all(self, name: str) -> list[str]:
        """The values of a field, one for each line of it."""
        return [value for each, value in self.fields if each.lower() == name.lower()]

    def get(self, name: str) -> str:
        """The value of a field that stands there once; empty without."""
        return ", ".join(self.all(name))


def ask(app: "WSGIApplication", address: str, accept: str | None = None, method: str = "GET") -> Answer:
    """The answer at an address: a path with its escapes, perhaps with a query."""
    environ = _environ(address) | {"REQUEST_METHOD": method}
    if accept is not None:
        environ["HTTP_ACCEPT"] = accept
    came: list[tuple[int, list[tuple[str, str]]]] = []

    def start(status: str, fields: list[tuple[str, str]], fault: object = None) -> object:
        came.append((int(status[:3]), fields))
        return lambda data: None

    chunks = app(environ, start)  # type: ignore[arg-type]  # it gives no `write` that is typed
    try:
        body = b"".join(chunks)
    finally:
        if hasattr(chunks, "close"):
            chunks.close()
    status, fields = came[-1]
    return Answer(status, fields, body)


def _environ(address: str) -> "WSGIEnvironment":
    path, _, query = address.partition("?")
    return {
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote_to_bytes(path).decode("latin-1"),
        "QUERY_STRING": query,
        "RAW_URI": address,
        "SERVER_NAME": "localhost",
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(),
        "wsgi.errors": io.StringIO(),
        "wsgi.multithread": False,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
    }
