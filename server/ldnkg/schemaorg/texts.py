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


def _number(literal: Literal) -> int | float | bool:
    """The number or truth value that a literal is; raises ValueError for any other."""
    if literal.datatype in _WHOLE:
        return int(literal.value)
    if literal.datatype in _REAL and isfinite(number := float(literal.value)):
        return number
    if literal.datatype == _BOOLEAN and literal.value in ("true", "1", "false", "0"):
        return literal.value in ("true", "1")
    raise ValueError
