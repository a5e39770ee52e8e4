"""Small queries, answered in the process that asks: those that take little, whatever they find.

A process of its own, which can be killed, costs a small query more than its answer does. So a query of
patterns and comparisons alone, for which few look-ups are promised (`ldnkg.query.bounds`), is asked of the
same engine here. All others, and what turns out to be large, are left to the workers.
"""

import sqlite3
import time
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from itertools import pairwise
from pathlib import Path
from threading import Lock
from typing import Any

from ldnkg.errors import AnswerTooLarge
from ldnkg.query.bounds import Bounds
from ldnkg.query.cost import LOOK_UP
from ldnkg.query.evaluate import Engine
from ldnkg.query.guard import Query
from ldnkg.query.limits import Limits
from ldnkg.query.shape import shape_of
from ldnkg.query.stream import Answer
from ldnkg.query.tokens import Token

_WORDS = frozenset(
    "PREFIX BASE SELECT ASK CONSTRUCT DISTINCT REDUCED WHERE A OPTIONAL FILTER ORDER BY ASC DESC LIMIT OFFSET"
    "TRUE FALSE IN NOT BOUND LANG LANGMATCHES STR DATATYPE ISIRI ISURI ISBLANK ISLITERAL CONTAINS "
    "STRSTARTS STRENDS LCASE UCASE YEAR".split()
)
"""The words of a query that only matches patterns and compares values."""
_TOKENS, _ROWS = 300, 1_000
"""So many tokens has such a query at most, and so many rows its answer."""
_AT_ONCE = 1_000
"""So many look-ups take a few thousandths of a second."""


class Inline:
    """Answers small queries on the release in a folder, which is opened with the first of them.

    Threads share it.
    """

    def __init__(self, release: Path, limits: Limits) -> None:
        self._release, self._limits = release, limits
        self._most = limits.quick_seconds / LOOK_UP
        self._lock = Lock()
        self._opened: tuple[Engine, Bounds] | None = None
        self._closed = False

    def open(self) -> tuple[Engine, Bounds] | None:
        """The engine and the bounds; None where they cannot be opened, of which the workers will tell."""
        opened = self._opened
        if opened is None:
            with self._lock, suppress(OSError, ValueError, KeyError, sqlite3.Error):
                if self._opened is None and not self._closed:
                    bounds = Bounds(self._release / "counts.sqlite")
                    self._opened = Engine(self._release, self._limits), bounds
                opened = self._opened
        return opened

    def takes(self, query: Query, *, at_once: bool = False) -> bool:
        """Whether the query is a small one, by its words and by its bound; `at_once`: a very small one."""
        if not _is_plain(query) or not (opened := self.open()):
            return False
        engine, bounds = opened
        shape = shape_of(query.tokens, engine.base)
        most = bounds.look_ups(shape, _stop(query)) if shape else None
        if most is not None and query.form == "CONSTRUCT":
            most *= len(query.tokens)  # a row makes fewer triples than that
        return most is not None and most <= (min(self._most, _AT_ONCE) if at_once else self._most)

    def answer(self, request: Mapping[str, Any]) -> Answer | None:
        """The answer to a request of the pool whose query `takes` has let pass; None where it is not small.

        Raises BadQuery.
        """
        opened = self.open()
        if opened is None:
            return None
        small = request["rows"] <= _ROWS
        try:
            head, pieces = opened[0].answer(
                request if small else {**request, "rows": _ROWS, "truncate": False}
            )
            begun = time.monotonic()
            body = _joined(pieces, self._limits.buffer_bytes)
        except (AnswerTooLarge, OSError, RuntimeError):  # a worker will find the same, and tell
            return None
        timings = {"queue": 0.0, **head.pop("timings"), "serialisation": time.monotonic() - begun}
        return Answer(body, timings=timings, luck="miss", **head)

    def close(self) -> None:
        """Take no more queries; the release is let go of when those that run have ended."""
        with self._lock:
            self._opened, self._closed = None, True


def _is_plain(query: Query) -> bool:
    """Whether a query has but patterns of the whole graph and comparisons, in tokens that stand apart.

    Where tokens touch, the engine may take them for others than they are here.
    """
    tokens = query.tokens
    if not 0 < len(tokens) <= _TOKENS or "\\" in query.text or query.undeclared or query.graphs:
        return False
    return all(each.keyword in _WORDS for each in tokens if each.kind == "word") and not any(
        _touch(*each) or _is_call(*each) for each in pairwise(tokens)
    )


def _touch(before: Token, after: Token) -> bool:
    return (
        before.start + len(before.text) == after.start
        and before.kind != "mark"
        and after.kind not in ("mark", "language")
    )


def _is_call(before: Token, after: Token) -> bool:
    """A function that is named by an IRI."""
    return before.kind in ("iri", "name") and after.text == "("


def _stop(query: Query) -> int | None:
    """The rows after which the engine stops, where it finds them one by one."""
    if query.form == "ASK":
        return 1
    words = {each.keyword for each in query.tokens if each.kind == "word"}
    if not {"LIMIT"} <= words or words & {"ORDER", "DISTINCT", "REDUCED"}:
        return None
    slices = _numbers(query.tokens)
    return sum(slices) if slices else None


def _numbers(tokens: Sequence[Token]) -> list[int]:
    """The numbers behind LIMIT and OFFSET."""
    return [
        int(after.text[:18])
        for before, after in pairwise(tokens)
        if before.keyword in ("LIMIT", "OFFSET") and after.text.isdecimal()
    ]


def _joined(pieces: Iterable[bytes], most: int) -> bytes:
    """The pieces as one; raises AnswerTooLarge beyond so many bytes."""
    body = bytearray()
    for piece in pieces:
        body += piece
        if len(body) > most:
            raise AnswerTooLarge("This answer does not fit into the buffer.")
    return bytes(body)
