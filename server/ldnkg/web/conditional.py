"""Answers to conditional requests, and parts of files (RFC 9110, sections 13 and 14)."""

from collections.abc import Iterator
from http import HTTPStatus
from pathlib import Path

from flask import request
from werkzeug.exceptions import PreconditionFailed, RequestedRangeNotSatisfiable
from werkzeug.wrappers import Response

from ldnkg.conditions import part, precondition

_CHUNK = 65_536


def conditional(response: Response) -> Response:
    """The response, as 304 without a body when the client's copy is good; it has its validators already.

    Raises PreconditionFailed.
    """
    outcome = precondition(dict(request.headers), response.headers.get("ETag", ""), response.last_modified)
    if outcome == HTTPStatus.PRECONDITION_FAILED:
        raise PreconditionFailed(
            "What is here now is not what the request asks for (If-Match, If-Unmodified-Since)."
        )
    if outcome == HTTPStatus.NOT_MODIFIED:
        response.status_code = outcome
    return response


def file(response: Response, path: Path) -> Response:
    """The response with the bytes of a file, or with those of its bytes that are asked for.

    Raises PreconditionFailed, and RequestedRangeNotSatisfiable when the file has no such bytes.
    """
    length = path.stat().st_size
    response.accept_ranges = "bytes"
    if conditional(response).status_code == HTTPStatus.NOT_MODIFIED:
        return response
    asked = dict(request.headers) if request.method == "GET" else {}
    wanted = part(asked, length, response.headers.get("ETag", ""), response.last_modified)
    if wanted is not None:
        if not wanted:
            raise RequestedRangeNotSatisfiable(length, "bytes", f"The file has {length:,} bytes.")
        response.status_code = HTTPStatus.PARTIAL_CONTENT
        response.headers["Content-Range"] = f"bytes {wanted.start}-{wanted.stop - 1}/{length}"
    wanted = range(length) if wanted is None else wanted
    response.content_length = len(wanted)
    response.direct_passthrough = True
    response.response = _read(path, wanted) if request.method == "GET" else ()
    return response


def _read(path: Path, wanted: range) -> Iterator[bytes]:
    """These bytes of a file, in pieces."""
    with path.open("rb") as opened:
        opened.seek(wanted.start)
        left = len(wanted)
        while left and (chunk := opened.read(min(left, _CHUNK))):
            left -= len(chunk)
            yield chunk
