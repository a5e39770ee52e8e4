"""Texts and numbers as schema.org and search engines read them."""

import re
from math import isfinite

from pyoxigraph import Literal, NamedNode

from ldnkg.iris import PREFIXES

Value = str | int | float | bool | dict[str, str]

LONGEST = 5000
"""Characters of a text that are embedded; search engines read no more of a description."""

_XSD = PREFIXES["xsd"]
_WHOLE = frozenset(NamedNode(_XSD + name) for name in ("integer", "int", "long", "nonNegativeInteger"))
_REAL = frozenset(NamedNode(_XSD + name) for name in ("decimal", "double", "float"))
_BOOLEAN = NamedNode(_XSD + "boolean")
_DATE = re.compile(r"date|\w+Date")
_DAY = re.compile(r"\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])", re.ASCII)
_MOMENT = re.compile(_DAY.pattern + r"T\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)", re.ASCII)


def abridged(text: str, length: int) -> str:
    """The beginning of a text in one line of at most so many characters, whole words where there are any.

    >>> abridged("Lights that ships steer by", 16), abridged("Short", 16)
    ('Lights that…', 'Short')
    """
    line = " ".join(text.split())
    if len(line) <= length:
        return line
    start = line[:length]
    words = start.rpartition(" ")[0].rstrip(" ,;:.–-")
    return (words or start[: length - 1]) + "…"


def value(literal: Literal, name: str) -> Value:
    """A literal as the value of the property `name`: text, number or truth value.

    The language of the pages, English, is left out; a text in another one says which.
    """
    if literal.language and not is_english(literal):
        return {"@value": abridged(literal.value, LONGEST), "@language": literal.language}
    if _DATE.match(name):
        return literal.value
    try:
        return _number(literal)
    except (ValueError, OverflowError):
        return literal.value if len(literal.value) <= LONGEST else abridged(literal.value, LONGEST)


def is_english(literal: Literal) -> bool:
    """Whether a text needs no mark of its language on a page in English."""
    return not literal.language or literal.language.lower().partition("-")[0] == "en"


def moment(text: str) -> str | None:
    """A date or a time as W3C writes them (Date and Time Formats), from an `xsd:date` or `xsd:dateTime`.

    A time without its zone is no such thing, so the day is what is left; None for what is neither.

    >>> moment("2026-11-01"), moment("2026-11-01Z"), moment("2026-11-01T10:00:00"), moment("November")
    ('2026-11-01', '2026-11-01', '2026-11-01', None)
    """
    if _MOMENT.fullmatch(text):
        return text
    day = _DAY.match(text)
    return day[0] if day else None


def _number(literal: Literal) -> int | float | bool:
    """The number or truth value that a literal is; raises ValueError for any other."""
    if literal.datatype in _WHOLE:
        return int(literal.value)
    if literal.datatype in _REAL and isfinite(number := float(literal.value)):
        return number
    if literal.datatype == _BOOLEAN and literal.value in ("true", "1", "false", "0"):
        return literal.value in ("true", "1")
    raise ValueError
