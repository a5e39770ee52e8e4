"""Ask a site: an application in this process, or a server over TCP. Targets are sent as they are written."""

import io
from collections.abc import Callable
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from typing import TYPE_CHECKING
from urllib.parse import unquote_to_bytes

from werkzeug.test import run_wsgi_app

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

Headers = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Answer:
    """What came back; a header may come more than once."""

    status: int
    headers: Headers
    body: bytes

    def all(self, name: str) -> list[str]:
        """The values of a header, in their order."""
        return [value for key, value in self.headers if key.lower() == name.lower()]

    def one(self, name: str) -> str | None:
        """The value of a header, several of them joined (RFC 9110, section 5.3); None without it."""
        found = self.all(name)
        return ", ".join(found) if found else None

    @property
    def media_type(self) -> str:
        """The media type of the body, without parameters."""
        return (self.one("Content-Type") or "").partition(";")[0].strip().lower()

    @property
    def text(self) -> str:
        return self.body.decode("utf-8")


Send = Callable[[str, str, Headers, bytes], Answer]
"""Method, request target (origin form, below the host), headers, body."""


def in_process(app: "WSGIApplication", *, host: str, raw: bool) -> Send:
    """Ask an application as a WSGI server would; `raw` adds the target as it was sent, as gunicorn does."""

    def send(method: str, target: str, headers: Headers = (), body: bytes = b"") -> Answer:
        path, _, query = target.partition("?")
        environ = {
            "REQUEST_METHOD": method,
            "SCRIPT_NAME": "",
            "PATH_INFO": unquote_to_bytes(path).decode("latin-1"),
            "QUERY_STRING": query,
            "SERVER_NAME": host,
            "SERVER_PORT": "80",
            "SERVER_PROTOCOL": "HTTP/1.1",
            "REMOTE_ADDR": "127.0.0.1",
            "HTTP_HOST": host,
            "wsgi.version": (1, 0),
            "wsgi.url_scheme": "http",
            "wsgi.input": io.BytesIO(body),
            "wsgi.errors": io.StringIO(),
            "wsgi.multithread": True,
            "wsgi.multiprocess": False,
            "wsgi.run_once": False,
        }
        if raw:
            environ |= {"RAW_URI": target, "REQUEST_URI": target}
        if body:
            environ["CONTENT_LENGTH"] = str(len(body))
        for name, value in headers:
            value = value.strip(" \t")  # no part of the value (RFC 9110, section 5.5)
            key = name.upper().replace("-", "_")
            key = key if key in ("CONTENT_TYPE", "CONTENT_LENGTH") else f"HTTP_{key}"
            environ[key] = f"{environ[key]},{value}" if key in environ and key != "HTTP_HOST" else value
        chunks, status, found = run_wsgi_app(app, environ, buffered=True)
        whole = b"".join(chunks)
        close = getattr(chunks, "close", None)
        if close:
            close()
        return Answer(int(status.split()[0]), tuple(found), whole)

    return send


class OverTcp:
    """Ask a server over one connection that is kept open: a wrong length would spoil the next answer."""

    def __init__(self, host: str, port: int, *, name: str) -> None:
        self._connection = HTTPConnection(host, port, timeout=30)
        self._name = name

    def __call__(self, method: str, target: str, headers: Headers = (), body: bytes = b"") -> Answer:
        try:
            return self._ask(method, target, headers, body)
        except (HTTPException, ConnectionError):  # the server may close what it kept open
            self.close()
            return self._ask(method, target, headers, body)

    def close(self) -> None:
        self._connection.close()

    def _ask(self, method: str, target: str, headers: Headers, body: bytes) -> Answer:
        link = self._connection
        link.putrequest(method, target, skip_host=True, skip_accept_encoding=True)
        names = {name.lower() for name, _ in headers}
        if "host" not in names:
            link.putheader("Host", self._name)
        if (body or method in ("POST", "PUT", "PATCH")) and "content-length" not in names:
            link.putheader("Content-Length", str(len(body)))
        for name, value in headers:
            link.putheader(name, value.encode("latin-1"))
        link.endheaders(body or None)
        response = link.getresponse()
        whole = response.read()
        return Answer(response.status, tuple(response.getheaders()), whole)
