"""Conditions and ranges of a request for a file (RFC 9110, sections 13 and 14).

Werkzeug sends the bytes; what it is to send is decided here, in the order of section 13.2.2: it knows no
`If-Unmodified-Since`, looks at the range first, and takes weak tags and any later date for `If-Range`.
"""

from datetime import datetime
from http import HTTPStatus

from flask import request
from werkzeug.datastructures import Range
from werkzeug.http import parse_date

CONDITIONS = (
    "HTTP_IF_MATCH",
    "HTTP_IF_NONE_MATCH",
    "HTTP_IF_MODIFIED_SINCE",
    "HTTP_IF_UNMODIFIED_SINCE",
    "HTTP_IF_RANGE",
    "HTTP_RANGE",
)
"""The fields that are dealt with here, as WSGI names them."""


def failed(etag: str, modified: datetime) -> HTTPStatus | None:
    """Which status other than that of the file the conditions ask for: 412, 304 or none.

    `etag` is strong and without its quotes; `modified` has whole seconds.
    """
    if request.if_match:
        if not request.if_match.contains(etag):
            return HTTPStatus.PRECONDITION_FAILED
    elif request.if_unmodified_since and modified > request.if_unmodified_since:
        return HTTPStatus.PRECONDITION_FAILED
    if request.if_none_match:
        return HTTPStatus.NOT_MODIFIED if request.if_none_match.contains_weak(etag) else None
    if request.if_modified_since and modified <= request.if_modified_since:
        return HTTPStatus.NOT_MODIFIED
    return None


def wanted(etag: str, modified: datetime, length: int) -> str | None:
    """The one range of bytes to send of so many, as a `Range` field; None for the whole.

    Of several ranges, of other units, of what is malformed, and to any other method than GET the whole is
    sent, as section 14.2 allows. A range that is not in the file comes back too: it is an error (416).
    """
    asked = request.range
    if request.method != "GET" or asked is None or asked.units != "bytes" or len(asked.ranges) != 1:
        return None
    if not _same(request.headers.get("If-Range"), etag, modified):
        return None
    ((start, end),) = asked.ranges
    return Range("bytes", [(max(start, -length), end)]).to_header()


def _same(if_range: str | None, etag: str, modified: datetime) -> bool:
    """Whether the client's part is of this very representation (section 13.1.5)."""
    if if_range is None:
        return True
    field = if_range.strip()
    return field == f'"{etag}"' or parse_date(field) == modified
