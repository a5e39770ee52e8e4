"""Answers that are given again without asking the application: a shared cache before it (RFC 9111).

An answer whose tag begins with the id of the release depends on nothing but that release, the target and the
fields that its Vary names. So an equal request gets the same bytes, from the event loop, for as long as that
release is current. Whatever asks for more than that (ranges, dates, other tags) is the application's.
"""

import time
from collections.abc import Callable, Iterable, MutableMapping
from dataclasses import dataclass, replace
from http import HTTPStatus
from typing import Any

from ldnkg.cache import Cache

COUNTED = "ldnkg.counted"
"""The key in a WSGI environ of what counts an answer like this one: called with its status and seconds."""

_MOST = 32 * 2**20
"""Bytes of answers that are kept, about."""
_SELECTING = frozenset((b"accept", b"accept-encoding", b"accept-language"))
"""The fields of a request that tell its answer from others."""
_BEYOND = frozenset(
    (
        *(b"accept-datetime", b"content-length", b"expect", b"if-match", b"if-modified-since", b"if-range"),
        *(b"if-unmodified-since", b"range", b"transfer-encoding"),
    )
)
"""The fields of a request that only the application understands."""
_VARY = frozenset(("", *(each.decode() for each in _SELECTING), "accept-datetime"))

Fields = list[tuple[bytes, bytes]]
_Count = Callable[[int, float], object]
_Key = tuple[bytes, bytes, tuple[tuple[bytes, bytes], ...]]


@dataclass(frozen=True)
class Kept:
    """An answer of a release; `unchanged` are the header fields of its 304, once they are known."""

    release: str
    tag: bytes
    fields: Fields
    body: bytes
    count: _Count
    unchanged: Fields | None = None

    @property
    def size(self) -> int:
        """About how many bytes it takes."""
        told = (*self.fields, *(self.unchanged or ()))
        return len(self.body) + sum(100 + len(name) + len(value) for name, value in told)


class Front:
    """What was answered before; `current` gives the id of the current release. Threads may share it."""

    def __init__(self, current: Callable[[], str | None]) -> None:
        self._current = current
        self._kept = Cache[Kept](_MOST, lambda kept: kept.size)

    def find(self, scope: MutableMapping[str, Any]) -> tuple[int, Fields, bytes] | None:
        """The answer to a request, if it is known, as status, header fields and body; counted as given."""
        begun = time.perf_counter()
        key, tag = _asked(scope)
        kept = self._kept.get(key) if key else None
        if kept is None or kept.release != self._current():
            return None
        if tag is None:
            kept.count(HTTPStatus.OK, time.perf_counter() - begun)
            return HTTPStatus.OK, kept.fields, kept.body
        if tag == kept.tag and kept.unchanged is not None:
            kept.count(HTTPStatus.NOT_MODIFIED, time.perf_counter() - begun)
            return HTTPStatus.NOT_MODIFIED, kept.unchanged, b""
        return None

    def learn(
        self, scope: MutableMapping[str, Any], status: int, fields: Fields, body: bytes, count: _Count | None
    ) -> None:
        """Remember what the application has answered, if it may be given again."""
        key, tag = _asked(scope)
        told = dict(fields)
        release = self._current()
        if key is None or count is None or release is None or not _lasting(fields, release):
            return
        if status == HTTPStatus.OK and tag is None:
            self._kept.put(key, Kept(release, told[b"etag"], fields, body, count))
        elif status == HTTPStatus.NOT_MODIFIED and tag == told[b"etag"]:
            kept = self._kept.get(key)
            if kept and kept.tag == tag and kept.unchanged is None:
                self._kept.put(key, replace(kept, unchanged=fields))


def _asked(scope: MutableMapping[str, Any]) -> tuple[_Key | None, bytes | None]:
    """What the answer to a request depends on, None if the application must see it; and the tag it names."""
    if scope["method"] != "GET":
        return None, None
    told: Iterable[tuple[bytes, bytes]] = scope["headers"]
    selecting, tag = [], None
    for name, value in told:
        if name in _SELECTING:
            selecting.append((name, value))
        elif name == b"if-none-match" and tag is None:
            tag = value
        elif name in _BEYOND or name == b"if-none-match":
            return None, None
    return (scope["raw_path"], scope["query_string"], tuple(selecting)), tag


def _lasting(fields: Fields, release: str) -> bool:
    """Whether an answer holds for as long as a release is current, and for all whose fields are the same.

    One of a former release tells of its neighbours in time, which come and go.
    """
    told = dict(fields)
    named = b",".join(value for name, value in fields if name == b"vary").decode("latin-1").lower()
    return (
        told.get(b"etag", b"").startswith(f'"{release}-'.encode())
        and b"public" in told.get(b"cache-control", b"")
        and b"memento-datetime" not in told
        and {each.strip() for each in named.split(",")} <= _VARY
    )
