"""One client on one connection, as thin as Python has it: what is measured is the server.

HTTP/1.1 (RFC 9112): a body has a length, or comes in chunks; the connection stays open, and is made anew
when the server has closed it.
"""

import socket
import time
from collections.abc import Mapping
from typing import NamedTuple


class Got(NamedTuple):
    """An answer: its status, its header block, its body as it was sent, and the milliseconds that it took."""

    status: int
    head: bytes
    body: bytes
    milliseconds: float

    @property
    def fields(self) -> list[tuple[str, str]]:
        """The header fields in their order."""
        lines = self.head.decode("latin-1").split("\r\n")[1:]
        parts = (line.partition(":") for line in lines if line)
        return [(name, value.strip()) for name, _, value in parts]

    def header(self, name: str) -> str:
        """A header field's value, `""` without."""
        return next((value for key, value in self.fields if key.lower() == name.lower()), "")


class Client:
    """A connection to a port of this machine."""

    def __init__(self, port: int, patience: float = 120) -> None:
        self._port, self._patience = port, patience
        self._socket: socket.socket | None = None
        self._rest = b""

    def get(self, path: str, headers: Mapping[str, str] | None = None) -> Got:
        """Ask for a path; raises OSError when there is no answer."""
        fields = "".join(f"{name}: {value}\r\n" for name, value in (headers or {}).items())
        request = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{self._port}\r\n{fields}\r\n".encode()
        connection = self._connected()
        begun = time.perf_counter()
        connection.sendall(request)
        head = self._until(b"\r\n\r\n")
        status = int(head[9:12])
        lower = head.lower()
        body = b"" if status in (204, 304) else self._body(lower)
        took = (time.perf_counter() - begun) * 1000
        if b"connection: close" in lower or head.startswith(b"HTTP/1.0"):
            self.close()
        return Got(status, head, body, took)

    def close(self) -> None:
        """Hang up."""
        if self._socket:
            self._socket.close()
        self._socket, self._rest = None, b""

    def _connected(self) -> socket.socket:
        if self._socket is None:
            self._socket = socket.create_connection(("127.0.0.1", self._port), self._patience)
            self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return self._socket

    def _body(self, head: bytes) -> bytes:
        if b"transfer-encoding: chunked" in head:
            return self._chunks()
        length = head.partition(b"content-length:")[2].partition(b"\r\n")[0].strip()
        return self._exactly(int(length)) if length else self._all()

    def _chunks(self) -> bytes:
        found = []
        while size := int(self._until(b"\r\n").split(b";")[0], 16):
            found.append(self._exactly(size + 2)[:-2])
        self._until(b"\r\n")
        return b"".join(found)

    def _until(self, mark: bytes) -> bytes:
        while mark not in self._rest:
            self._more()
        found, _, self._rest = self._rest.partition(mark)
        return found + mark

    def _exactly(self, count: int) -> bytes:
        while len(self._rest) < count:
            self._more()
        found, self._rest = self._rest[:count], self._rest[count:]
        return found

    def _all(self) -> bytes:
        try:
            while True:
                self._more()
        except ConnectionError:
            found = self._rest
            self.close()
            return found

    def _more(self) -> None:
        assert self._socket
        some = self._socket.recv(2**18)
        if not some:
            self.close()
            raise ConnectionError("The server has hung up.")
        self._rest += some
