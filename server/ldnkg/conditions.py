"""Conditional requests and ranges of bytes (RFC 9110, sections 13 and 14). Values in, values out.

The framework's own handling looks at a range before the conditions, forgets `If-Unmodified-Since`, takes weak
tags for strong ones in `If-Range`, and refuses a suffix that is longer than the file.
"""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus

_TAG = re.compile(r'(?:W/)?"[\x21\x23-\x7e\x80-\xff]*"')
_RANGE = re.compile(r"bytes=[ \t]*(\d*)-(\d*)[ \t]*", re.ASCII)
_DIGITS = 19
"""No file has so many bytes that its size has more."""


def precondition(asked: Mapping[str, str], etag: str, modified: datetime | None) -> HTTPStatus | None:
    """What the conditions of a GET or HEAD make of it (section 13.2.2): 304, 412, or None to go on.

    `etag` is the strong tag as it is sent, quotes and all.

    >>> precondition({"If-None-Match": 'W/"a", "b"'}, '"b"', None)
    <HTTPStatus.NOT_MODIFIED: 304>
    >>> precondition({"If-Match": 'W/"b"'}, '"b"', None)
    <HTTPStatus.PRECONDITION_FAILED: 412>
    """
    match, none_match = asked.get("If-Match"), asked.get("If-None-Match")
    if match is not None:
        if match.strip() != "*" and etag not in _TAG.findall(match):
            return HTTPStatus.PRECONDITION_FAILED
    elif _before(asked.get("If-Unmodified-Since"), modified):
        return HTTPStatus.PRECONDITION_FAILED
    if none_match is not None:
        known = none_match.strip() == "*" or etag in [
            each.removeprefix("W/") for each in _TAG.findall(none_match)
        ]
        return HTTPStatus.NOT_MODIFIED if known else None
    since = _date(asked.get("If-Modified-Since"))
    return HTTPStatus.NOT_MODIFIED if since and modified and modified <= since else None


def part(asked: Mapping[str, str], length: int, etag: str, modified: datetime | None) -> range | None:
    """The bytes of `length` that a GET asks for, empty where there are none (416); None for all of them.

    Several ranges, other units and what is malformed are passed over, as section 14.2 allows; so is a range
    of a copy that is no longer this one (`If-Range`, section 13.1.5).

    >>> part({"Range": "bytes=-5"}, 100, '"a"', None), part({"Range": "bytes=100-"}, 100, '"a"', None)
    (range(95, 100), range(0, 0))
    >>> part({"Range": "bytes=0-4", "If-Range": '"b"'}, 100, '"a"', None) is None
    True
    """
    found = _RANGE.fullmatch(asked.get("Range", ""))
    if not found or not (found[1] or found[2]) or not _still(asked.get("If-Range"), etag, modified):
        return None
    if not found[1]:
        return range(max(0, length - _number(found[2])), length)
    first = _number(found[1])
    if found[2] and _number(found[2]) < first:
        return None
    end = min(length, _number(found[2]) + 1) if found[2] else length
    return range(first, end) if first < length else range(0)


def _number(text: str) -> int:
    """The number that digits write, as far as it matters."""
    return int(text.lstrip("0")[:_DIGITS] or "0")


def _still(validator: str | None, etag: str, modified: datetime | None) -> bool:
    """Whether the copy that a range continues is this one: the very tag, or the very date."""
    return (
        validator is None
        or validator.strip() == etag
        or (modified is not None and _date(validator) == modified)
    )


def _before(field: str | None, modified: datetime | None) -> bool:
    """Whether the date of a field lies before the last change."""
    since = _date(field)
    return since is not None and modified is not None and since < modified


def _date(field: str | None) -> datetime | None:
    """An HTTP date in any of its three forms (section 5.6.7), None for what is none."""
    try:
        found = parsedate_to_datetime(field or "")
    except (TypeError, ValueError):
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)
