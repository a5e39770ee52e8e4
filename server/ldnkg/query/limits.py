"""How much one query may use."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Self

from ldnkg.errors import CannotServe

_PREFIX = "LDNKG_QUERY_"


@dataclass(frozen=True)
class Limits:
    """The budgets of a query and of the pool that runs it; sizes in bytes, times in seconds."""

    seconds: float = 10.0
    """Wall time of a query, its serialisation included."""
    memory_bytes: int = 512 * 2**20
    """Memory that a query may allocate, over what its worker holds when idle."""
    rows: int = 100_000
    """Rows of a table, or triples of a graph."""
    answer_bytes: int = 50_000_000
    """Size of an answer."""
    query_bytes: int = 100_000
    """Size of a request: its query string or its body."""
    nesting: int = 64
    """Brackets inside brackets."""
    quick_seconds: float = 0.15
    """Processor time after which a query is a long one."""
    workers: int = 2
    """Queries that run at once in their first `quick_seconds`, ten times as long at most."""
    slow: int = 2
    """Long queries that run at once; one client has never all of these places, unless there is but one."""
    queue: int = 32
    """Queries that wait, at most half of them for a place among the long ones; one more is turned away."""
    share: int = 16
    """Queries of one client at once, running or waiting."""
    buffer_bytes: int = 2**20
    """The part of an answer that is there before its status is sent; what fits in is sent whole."""
    streams: int = 16
    """Answers larger than the buffer that are sent at once; each may take `answer_bytes` of disk."""

    cache_bytes: int = 64 * 2**20
    """Memory for answers that were given; one answer takes at most an eighth of it."""

    @property
    def inside(self) -> int:
        """Queries that run or wait at most."""
        return self.workers + self.slow + self.queue

    @classmethod
    def from_environment(cls, environ: Mapping[str, str]) -> Self:
        """The limits with those that `environ` sets, such as `LDNKG_QUERY_SECONDS=30`; raises CannotServe.

        >>> Limits.from_environment({"LDNKG_QUERY_ROWS": "5"}).rows
        5
        """
        given = {each.name: environ[name] for each in fields(cls) if (name := _name(each.name)) in environ}
        return cls(**{name: _number(name, text) for name, text in given.items()})  # type: ignore[arg-type]


def _name(field: str) -> str:
    return _PREFIX + field.upper()


def _number(field: str, text: str) -> float | int:
    kind = float if field in ("seconds", "quick_seconds") else int
    try:
        number = kind(text)
    except ValueError:
        number = 0
    if not 0 < number < 2**63:
        raise CannotServe(f"{_name(field)} is {text!r}: set it to a positive number.")
    return number
