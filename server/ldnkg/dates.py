"""Dates and times as W3C writes them (Date and Time Formats, 1998), from those of a graph."""

import re
from collections.abc import Iterable

_DAY = re.compile(r"\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])", re.ASCII)
_MOMENT = re.compile(_DAY.pattern + r"T\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)", re.ASCII)


def moment(text: str) -> str | None:
    """An `xsd:date` or `xsd:dateTime` as W3C writes it; None for what is neither.

    Of a time without its zone, and of a day with one, the day is what is left.

    >>> moment("2026-11-01"), moment("2026-11-01Z"), moment("2026-11-01T10:00:00"), moment("November")
    ('2026-11-01', '2026-11-01', '2026-11-01', None)
    """
    if _MOMENT.fullmatch(text):
        return text
    day = _DAY.match(text)
    return day[0] if day else None


def latest(texts: Iterable[str]) -> str | None:
    """The last of these moments by the clock face; None without any.

    >>> latest(["2026-11-01", "2026-11-01T10:00:00Z", "soon"])
    '2026-11-01T10:00:00Z'
    """
    return max(filter(None, map(moment, texts)), default=None)
