"""Literals whose text is not what their datatype says, read as they stand in the file.

SHACL engines see values, and some repair them first: `"2026-08-16T12:05"^^xsd:date` becomes a date. The
lexical forms are those of XML Schema 1.1 Part 2, section 3.3 and 3.4.
"""

import re
from collections.abc import Iterator
from datetime import date

import pyoxigraph as ox

from ldnkg.iris import PREFIXES
from ldnkg.sources import Problem
from ldnkg.validate.index import Index

_ZONE = r"(?:Z|[+-](?:0[0-9]|1[0-3]):[0-5][0-9]|[+-]14:00)?"
_DAY = r"(-?[0-9]{4,})-([0-9]{2})-([0-9]{2})"
_TIME = r"(?:(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](?:\.[0-9]+)?|24:00:00(?:\.0+)?)"
_DECIMAL = r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)"
_FLOAT = rf"{_DECIMAL}(?:[eE][+-]?[0-9]+)?|[+-]?INF|NaN"
_FORMS = {
    PREFIXES["xsd"] + datatype: (re.compile(pattern), example)
    for datatype, pattern, example in (
        ("boolean", r"true|false|1|0", "true"),
        ("integer", r"[+-]?[0-9]+", "12"),
        ("nonNegativeInteger", r"\+?[0-9]+|-0+", "12"),
        ("positiveInteger", r"\+?0*[1-9][0-9]*", "12"),
        ("decimal", _DECIMAL, "4.5"),
        ("double", _FLOAT, "4.5E0"),
        ("float", _FLOAT, "4.5E0"),
        ("date", f"{_DAY}{_ZONE}", "2026-08-16"),
        ("dateTime", f"{_DAY}T{_TIME}{_ZONE}", "2026-08-16T12:05:34Z"),
        ("gYear", rf"-?[0-9]{{4,}}{_ZONE}", "2026"),
        ("gYearMonth", rf"-?[0-9]{{4,}}-(?:0[1-9]|1[0-2]){_ZONE}", "2026-08"),
        ("anyURI", r"\S*", "https://example.org/"),
    )
}


def ill_typed(index: Index) -> Iterator[Problem | None]:
    """A problem for each literal that is not of the form of its datatype."""
    wrong = {term for term in index.terms if isinstance(term, ox.Literal) and not _is_typed(term)}
    for file, subject, predicate, value in index.found("objects", wrong):
        assert isinstance(value, ox.Literal)  # noqa: S101 - for the type checker
        short = value.datatype.value.removeprefix(PREFIXES["xsd"])
        example = _FORMS[value.datatype.value][1]
        sentence = f'"{value.value}" is no xsd:{short}; write one such as "{example}".'
        yield index.problem("ill-typed", sentence, subject, predicate, value.value, file=file)


def _is_typed(literal: ox.Literal) -> bool:
    """Whether a literal has the form of its datatype."""
    form = _FORMS.get(literal.datatype.value)
    return form is None or _fits(literal.value, form[0])


def _fits(text: str, pattern: re.Pattern[str]) -> bool:
    """Whether a text has a form, and if that begins with a day, names one of the calendar."""
    match = pattern.fullmatch(text)
    if not match or not match.groups():
        return match is not None
    year, month, day = map(int, match.groups())
    try:
        date(year % 400 + 400, month, day)  # years repeat after 400, and Python has none below 1
    except ValueError:
        return False
    return True
