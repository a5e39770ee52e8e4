"""Small queries, answered in the process that asks: those that take little, whatever they find.

A process of its own, which can be killed, costs a small query more than its answer does. So a query of
nothing but triple patterns, for which few look-ups are promised (`ldnkg.query.bounds`), is asked of the same
engine here. All others, and what turns out to be large, are left to the workers.

The engine gets no text from outside: the query is written anew from tokens that have one reading only.
"""

import re
import sqlite3
import time
from collections.abc import Iterable, Mapping
from contextlib import suppress
from itertools import pairwise
from pathlib import Path
from threading import Lock
from typing import Any

from ldnkg.errors import AnswerTooLarge, KnowledgeError
from ldnkg.query.bounds import Bounds
from ldnkg.query.cost import LOOK_UP
from ldnkg.query.evaluate import Engine
from ldnkg.query.guard import Query
from ldnkg.query.limits import Limits
from ldnkg.query.shape import shape_of
from ldnkg.query.stream import Answer

_WORDS = frozenset("PREFIX SELECT ASK CONSTRUCT DISTINCT REDUCED WHERE A OPTIONAL LIMIT OFFSET".split())
"""The words of a query that only matches patterns: without FILTER and ORDER BY it has no expressions."""
_FORMS = {
    "iri": re.compile(
        r"<(?:https?://|urn:)[A-Za-z0-9](?:[A-Za-z0-9_~/:-]|\.(?=[A-Za-z0-9]))*(?:#[A-Za-z0-9_~-]*)?>",
        re.ASCII,
    ),
    "name": re.compile(
        r"(?:[A-Za-z][A-Za-z0-9_-]*)?:(?:[A-Za-z0-9_](?:[A-Za-z0-9_-]*[A-Za-z0-9_])?)?", re.ASCII
    ),
    "variable": re.compile(r"[?$][A-Za-z0-9_]+", re.ASCII),
    "string": re.compile(r"\"[^\"\\\r\n]*\"|'[^'\\\r\n]*'"),
    "language": re.compile(r"@[A-Za-z]+(?:-[A-Za-z0-9]+)*", re.ASCII),
    "number": re.compile(r"[0-9]{1,9}(?:\.[0-9]{1,9})?", re.ASCII),
    "mark": re.compile(r"[{}.;,*+|^/()]"),
    "word": re.compile(r"[A-Za-z]+", re.ASCII),
}
"""What tokens look like that can be nothing else."""
_TOKENS, _ROWS = 300, 1_000
"""So many tokens has such a query at most, and so many rows its answer."""
_AT_ONCE = 600
"""So many look-ups, and the rows that they may give, take a few thousandths of a second."""


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

    def text(self, query: Query, *, at_once: bool = False) -> str | None:
        """What to ask the engine for a small query; None for any other. `at_once`: for a very small one."""
        text = _written(query)
        opened = self.open() if text else None
        if opened is None:
            return None
        engine, bounds = opened
        shape = shape_of(query.tokens, engine.base)
        most = bounds.look_ups(shape, _stop(query)) if shape else None
        if most is not None and query.form == "CONSTRUCT":
            most *= len(query.tokens)  # a row makes fewer triples than that
        limit = min(self._most, _AT_ONCE) if at_once else self._most
        return text if most is not None and most <= limit else None

    def answer(self, request: Mapping[str, Any], text: str) -> Answer | None:
        """The answer to a request of the pool by the text that `text` gave for its query.

        None where it is not small, or wrong: a worker will find the same, and tell.
        """
        opened = self.open()
        if opened is None:
            return None
        asked = {**request, "text": text}
        if request["rows"] > _ROWS:
            asked |= {"rows": _ROWS, "truncate": False}
        try:
            head, pieces = opened[0].answer(asked)
            begun = time.monotonic()
            body = _joined(pieces, self._limits.buffer_bytes)
        except (KnowledgeError, OSError, RuntimeError):
            return None
        timings = {"queue": 0.0, **head.pop("timings"), "serialisation": time.monotonic() - begun}
        return Answer(body, timings=timings, luck="miss", **head)

    def close(self) -> None:
        """Take no more queries; the release is let go of when those that run have ended."""
        with self._lock:
            self._opened, self._closed = None, True


def _written(query: Query) -> str | None:
    """The query with a space between its tokens, if each of them can be read in one way only."""
    tokens = query.tokens
    if not 0 < len(tokens) <= _TOKENS or query.undeclared or query.graphs:
        return None
    for each in tokens:
        form = _FORMS.get(each.kind)
        if (
            form is None
            or not form.fullmatch(each.text)
            or (each.kind == "word" and each.keyword not in _WORDS)
        ):
            return None
    marks = (each.text == "^" == before.text for before, each in pairwise(tokens))  # of a datatype
    return tokens[0].text + "".join(
        each.text if glued else f" {each.text}" for each, glued in zip(tokens[1:], marks, strict=True)
    )


def _stop(query: Query) -> int | None:
    """The rows after which the engine stops, where it finds them one by one."""
    words = {each.keyword for each in query.tokens if each.kind == "word"}
    if query.form == "ASK" and not words & {"LIMIT", "OFFSET"}:
        return 1
    if query.form == "ASK" or "LIMIT" not in words or words & {"DISTINCT", "REDUCED"}:
        return None
    slices = [after.text for before, after in pairwise(query.tokens) if before.keyword in ("LIMIT", "OFFSET")]
    return sum(map(int, slices)) if all(map(str.isdecimal, slices)) else None


def _joined(pieces: Iterable[bytes], most: int) -> bytes:
    """The pieces as one; raises AnswerTooLarge beyond so many bytes."""
    body = bytearray()
    for piece in pieces:
        body += piece
        if len(body) > most:
            raise AnswerTooLarge("This answer does not fit into the buffer.")
    return bytes(body)
