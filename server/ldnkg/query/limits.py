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
    memory_bytes: int = 1024**3
    """Memory that a query may allocate, over what its worker holds when idle."""
    rows: int = 100_000
    """Rows of a table, or triples of a graph."""
    answer_bytes: int = 50_000_000
    """Size of an answer."""
    query_bytes: int = 100_000
    """Size of a request: its query string or its body."""
    nesting: int = 64
    """Brackets inside brackets."""
    workers: int = 2
    """Queries that run at once."""
    queue: int = 32
    """Queries that wait for a worker; one more is turned away."""

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
    kind = float if field == "seconds" else int
    try:
        number = kind(text)
    except ValueError:
        number = 0
    if not 0 < number < 2**63:
        raise CannotServe(f"{_name(field)} is {text!r}: set it to a positive number.")
    return number
