"""The answers that a pool has given, to be given again."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from ldnkg.cache import Cache
from ldnkg.query.guard import Query
from ldnkg.query.stream import Answer

_AROUND = 500  # bytes that an answer takes besides its body


@dataclass(frozen=True)
class Key:
    """What tells answers apart: query, dataset and format (`same`), and how much of it is wanted."""

    same: str
    rows: int
    truncate: bool


def key_of(query: Query, request: Mapping[str, Any]) -> Key | None:
    """What equal requests to a pool have in common; None where the answer changes from call to call."""
    if not query.normal or query.varies == "values":
        return None
    parts = [query.normal, *(request[name] for name in ("suffix", "default_graphs", "named_graphs"))]
    same = hashlib.sha256(repr(parts).encode()).hexdigest()
    return Key(same, request["rows"], request["truncate"])


class Known:
    """Whole answers in at most so many bytes. Threads share it."""

    def __init__(self, most: int) -> None:
        self._answers = Cache[Answer](most, lambda answer: len(answer.body) + _AROUND)

    def get(self, key: Key) -> Answer | None:
        """The answer to an equal request, if it is known."""
        answer = self._answers.get(key.same)
        if answer is None or answer.rows > key.rows:
            answer = self._answers.get(key)
        return replace(answer, timings={}, luck="hit") if answer else None

    def put(self, key: Key, answer: Answer) -> None:
        """Remember an answer, unless it is too large.

        One that was not cut is the answer within any row budget that it keeps.
        """
        self._answers.put(key if answer.truncated else key.same, answer)
