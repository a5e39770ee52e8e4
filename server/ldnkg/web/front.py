"""Answers that are given again without asking the application: a shared cache before it (RFC 9111).

An answer whose tag begins with the id of the release depends on nothing but that release, the target and the
fields that its Vary names. So an equal request gets the same bytes, from the event loop, for as long as that
release is current. Whatever asks for more than that (ranges, dates, other tags) is the application's.
"""

import time
from collections.abc import Callable, Iterable, Mapping, MutableMapping
from dataclasses import dataclass, replace
from http import HTTPStatus
from math import inf
from typing import Any

from ldnkg.cache import Cache

COUNTED = "ldnkg.counted"
"""The key in a WSGI environ of what gives a counter of answers like this one with a status."""

_MOST = 32 * 2**20
"""Bytes of answers that are kept, about."""
_SELECTING = frozenset((b"accept", b"accept-encoding", b"accept-language"))
"""The fields of a request that tell its answer from others."""
BEYOND = frozenset(
    (
        *(b"accept-datetime", b"content-length", b"expect", b"if-match", b"if-modified-since", b"if-range"),
        *(b"if-unmodified-since", b"range", b"transfer-encoding"),
    )
)
"""The fields of a request that only the application understands."""
_KINDS = {
    **dict.fromkeys(_SELECTING, "selecting"),
    **dict.fromkeys(BEYOND, "beyond"),
    b"if-none-match": "tag",
}
"""What a field of a request is to the memory; all others say nothing to it."""
_VARY = frozenset(("", *(each.decode() for each in _SELECTING), "accept-datetime"))

_TIMING = b"server-timing"
_SAME = 0.01
"""Seconds for which the release that was current is taken for current."""

Fields = list[tuple[bytes, bytes]]
Count = Callable[[float], object]
Counter = Callable[[int], Count]
"""Gives what counts an answer with that status, and its seconds."""
Message = dict[str, Any]


@dataclass(frozen=True)
class Kept:
    """The answers of a release to equal requests, as far as they were asked for: whole, and 304.

    `asked` is how many bytes of those requests are kept to tell them from others.
    """

    release: str
    tag: bytes
    asked: int
    whole: "Ready | None" = None
    unchanged: "Ready | None" = None

    @property
    def size(self) -> int:
        """About how many bytes it takes."""
        return self.asked + sum(each.size for each in (self.whole, self.unchanged) if each)


@dataclass(frozen=True)
class Ready:
    """One answer, as the two messages that send it (ASGI 3.0, HTTP), and what counts it with its seconds."""

    start: Message
    body: Message
    count: Count
    size: int


def ready(status: int, fields: Fields, body: bytes, count: Count) -> Ready:
    """An answer, ready to be sent as often as it is asked for."""
    return Ready(
        {"type": "http.response.start", "status": int(status), "headers": fields},
        {"type": "http.response.body", "body": body, "more_body": False},
        count,
        len(body) + sum(100 + len(name) + len(value) for name, value in fields),
    )


class Front:
    """What was answered before; `current` gives the id of the current release. Threads may share it.

    A switch is seen a hundredth of a second later, or with the next answer of the application. `clock` gives
    seconds.
    """

    def __init__(
        self, current: Callable[[], str | None], clock: Callable[[], float] = time.perf_counter
    ) -> None:
        self._current, self._clock = current, clock
        self._seen: tuple[str | None, float] = (None, -inf)
        self._since: tuple[str | None, bytes] = (None, b"")
        self._kept = Cache[Kept](_MOST, lambda kept: kept.size)

    def find(self, scope: MutableMapping[str, Any]) -> Ready | None:
        """The answer to a request, if it is known; counted as given."""
        key, tag = _asked(scope)
        kept = self._kept.get(key) if key else None
        if kept is None:
            return None
        now = self._clock()
        release, until = self._seen
        if kept.release != (release if now < until else self._look(now)):
            return None
        found = kept.whole if tag is None else kept.unchanged if tag == kept.tag else None
        if found:
            found.count(0.0)  # a few millionths of a second, which are less than to read the clock again
        return found

    def learn(
        self,
        scope: MutableMapping[str, Any],
        status: int,
        fields: Fields,
        body: bytes,
        counter: Counter | None,
    ) -> None:
        """Remember what the application has answered, if it may be given again.

        A release that was put in place of another, and back, has another date than before (Last-Modified). A
        304 does not repeat it.
        """
        key, tag = _asked(scope)
        release = self._look(self._clock())
        if counter is None or release is None:
            return
        told = dict(fields)
        if not _lasting(told, fields, release):
            return
        since = release, told.get(b"last-modified", self._since[1])
        if since != self._since:
            self._kept.clear()
            self._since = since
        if key is None:
            return
        kept = self._kept.get(key)
        if kept is None or kept.tag != told[b"etag"]:
            kept = Kept(release, told[b"etag"], len(key))
        again = [(name, value if name != _TIMING else b"cache;desc=hit") for name, value in fields]
        if status == HTTPStatus.OK and tag is None:
            self._kept.put(key, replace(kept, whole=ready(status, again, body, counter(status))))
        elif status == HTTPStatus.NOT_MODIFIED and tag == kept.tag:
            self._kept.put(key, replace(kept, unchanged=ready(status, again, b"", counter(status))))

    def _look(self, now: float) -> str | None:
        """The id of the release that is current now; with another one all that is known is of no use.

        Nor will it be: one that becomes current again tells another time of its last change.
        """
        release = self._current()
        if release != self._seen[0]:
            self._kept.clear()
        self._seen = release, now + _SAME
        return release


def _asked(scope: MutableMapping[str, Any]) -> tuple[bytes | None, bytes | None]:
    """What the answer to a request depends on, None if the application must see it; and the tag it names."""
    if scope["method"] != "GET":
        return None, None
    told: Iterable[tuple[bytes, bytes]] = scope["headers"]
    selecting, tag = [scope["raw_path"], scope["query_string"]], None
    for name, value in told:
        kind = _KINDS.get(name)
        if kind is None:
            continue
        if kind == "selecting":
            selecting.append(name)
            selecting.append(value)
        elif kind == "tag" and tag is None:
            tag = value
        else:
            return None, None
    return b"\n".join(selecting), tag  # no target and no field holds the end of a line (RFC 9112)


def _lasting(told: Mapping[bytes, bytes], fields: Fields, release: str) -> bool:
    """Whether an answer holds for as long as a release is current, and for all whose fields are the same.

    One of a former release tells of its neighbours in time, which come and go.
    """
    named = b",".join(value for name, value in fields if name == b"vary").decode("latin-1").lower()
    return (
        told.get(b"etag", b"").startswith(f'"{release}-'.encode())
        and b"public" in told.get(b"cache-control", b"")
        and b"memento-datetime" not in told
        and {each.strip() for each in named.split(",")} <= _VARY
    )
