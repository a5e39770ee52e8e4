"""The access log: one line of JSON for each answer, for those who watch a site and for those who count.

What people read here can tell of their health. So the log has no whole address of a reader, only the network
(/24, or /48 of IPv6), and no header field but those that are listed.
"""

import atexit
import json
import logging
import sys
import time
from collections.abc import Callable, MutableMapping
from datetime import UTC, datetime
from ipaddress import ip_address, ip_network
from logging.handlers import QueueHandler, QueueListener, WatchedFileHandler
from queue import SimpleQueue
from typing import Any

from ldnkg.web.clients import Proxies, asking

LONGEST = 4000
"""So many characters of what a client sent are kept, in each member of a line."""

_FIELDS = {b"user-agent": "agent", b"referer": "referer", b"traceparent": "trace", b"x-request-id": "request"}
"""What of a request is kept besides, and its name in a line."""


class AccessLog:
    """Writes to a file (`-`: standard output) in a thread of its own. `release` gives the id that is current.

    The file is opened again when it was moved away (logrotate). Raises OSError when it cannot be written.
    """

    def __init__(self, where: str, proxies: Proxies, release: Callable[[], str | None]) -> None:
        self._proxies, self._release = proxies, release
        handler = (
            logging.StreamHandler(sys.stdout) if where == "-" else WatchedFileHandler(where, encoding="utf-8")
        )
        handler.setFormatter(logging.Formatter("%(message)s"))
        waiting: SimpleQueue[logging.LogRecord] = SimpleQueue()
        self._queue = QueueHandler(waiting)
        self._listener = QueueListener(waiting, handler)
        self._listener.start()
        atexit.register(self.close)

    def note(self, scope: MutableMapping[str, Any], status: int, size: int, begun: float, way: str) -> None:
        """Tell of one answer.

        `size` is in bytes as they were sent, `begun` a time of `time.perf_counter`, `way` what answered:
        `memory`, `direct` or `application`; `none`: the request did not come.
        """
        line = {
            "time": datetime.now(UTC).isoformat(timespec="milliseconds"),
            "client": self._network(scope),
            "method": scope["method"][:LONGEST],
            "target": _target(scope),
            "status": int(status),
            "bytes": size,
            "milliseconds": round((time.perf_counter() - begun) * 1000, 3),
            "way": way,
            "release": self._release(),
        }
        for name, value in scope["headers"]:
            if key := _FIELDS.get(name):
                line[key] = _text(value)
        text = json.dumps(line, ensure_ascii=False)
        self._queue.enqueue(logging.LogRecord("access", logging.INFO, "", 0, text, None, None))

    def close(self) -> None:
        """Write what waits."""
        if self._listener._thread:  # stopping twice is an error before Python 3.12
            self._listener.stop()

    def _network(self, scope: MutableMapping[str, Any]) -> str:
        """The network of the reader, as far as trusted proxies tell who it is."""
        field = self._proxies.field.lower().encode()
        told = b",".join(value for name, value in scope["headers"] if name == field).decode("latin-1")
        return network(asking(scope["client"][0], told, self._proxies))


def network(address: str) -> str:
    """The network of an address, large enough for nobody to be alone in it; nothing for what is no address.

    >>> network("192.0.2.7"), network("2001:db8:1:2::/64"), network("unix:")
    ('192.0.2.0/24', '2001:db8:1::/48', '')
    """
    try:
        found = ip_address(address.partition("/")[0])
    except ValueError:
        return ""
    return str(ip_network((found, 24 if found.version == 4 else 48), strict=False))


def _text(value: bytes) -> str:
    """A field as it was meant: most who send more than ASCII send UTF-8."""
    try:
        return value.decode()[:LONGEST]
    except UnicodeDecodeError:
        return value.decode("latin-1")[:LONGEST]


def _target(scope: MutableMapping[str, Any]) -> str:
    query = scope["query_string"]
    target: bytes = scope["raw_path"] + (b"?" + query if query else b"")
    return target[:LONGEST].decode("latin-1")
