"""What went wrong, for a program (RFC 9457), a browser or a terminal."""

import json
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

from flask import Flask, Response, current_app, g, render_template, request
from pyoxigraph import NamedNode
from werkzeug.exceptions import HTTPException

from ldnkg import errors
from ldnkg.formats import Format
from ldnkg.iris import local_name, segment_of
from ldnkg.negotiate import negotiate
from ldnkg.web.pages import label
from ldnkg.web.request import link, opened

_STATUS: tuple[tuple[type[errors.KnowledgeError], HTTPStatus], ...] = (
    (errors.UnknownEntity, HTTPStatus.NOT_FOUND),
    (errors.Withdrawn, HTTPStatus.GONE),
    (errors.UnknownRelease, HTTPStatus.NOT_FOUND),
    (errors.NotAcceptable, HTTPStatus.NOT_ACCEPTABLE),
    (errors.BadQuery, HTTPStatus.BAD_REQUEST),
    (errors.QueryRefused, HTTPStatus.FORBIDDEN),
    (errors.QueryTimeout, HTTPStatus.SERVICE_UNAVAILABLE),
    (errors.AnswerTooLarge, HTTPStatus.REQUEST_ENTITY_TOO_LARGE),
    (errors.OverShare, HTTPStatus.TOO_MANY_REQUESTS),
    (errors.Busy, HTTPStatus.SERVICE_UNAVAILABLE),
    (errors.ClientGone, HTTPStatus.SERVICE_UNAVAILABLE),
    (errors.NoRelease, HTTPStatus.SERVICE_UNAVAILABLE),
    (errors.StoreUnreachable, HTTPStatus.SERVICE_UNAVAILABLE),
    (errors.StoreFault, HTTPStatus.BAD_GATEWAY),
)
_WRITTEN = (
    Format("json", "application/problem+json", "Problem details", "page"),
    Format("html", "text/html", "HTML", "page"),
    Format("txt", "text/plain", "Plain text", "page"),
)
_LATER = (HTTPStatus.BAD_GATEWAY, HTTPStatus.SERVICE_UNAVAILABLE, HTTPStatus.TOO_MANY_REQUESTS)
_RETRY = 5
"""Seconds after which to ask again, where nobody knows better."""

_NEAR = 5
"""So many near matches are named."""


@dataclass(frozen=True)
class Problem:
    """What a person or a program can do something about; `members` are extension members of RFC 9457."""

    status: HTTPStatus
    detail: str
    members: dict[str, Any] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)
    near: tuple[tuple[str, str], ...] = ()
    """Other places to look: label and address."""


def register(app: Flask) -> None:
    """Answer for every fault: ours on purpose, HTTP's, and those nobody thought of."""
    app.register_error_handler(errors.KnowledgeError, lambda fault: answer(problem(fault)))
    app.register_error_handler(HTTPException, lambda fault: answer(_of_http(fault)))


def answer(fault: Problem) -> Response:
    """The problem as the client likes it best: a page, plain text, or else problem details."""
    try:
        format_ = negotiate(request.headers.get("Accept"), _WRITTEN)
    except errors.NotAcceptable:
        format_ = _WRITTEN[0]
    write = {"json": _as_json, "html": _as_html, "txt": _as_text}[format_.suffix]
    response = Response(write(fault), fault.status, fault.headers, mimetype=format_.media_type)
    response.vary.add("Accept")
    response.cache_control.no_cache = True
    return response


def problem(fault: errors.KnowledgeError) -> Problem:
    """What a fault of ours is over HTTP: `errors` tells the consequences."""
    status = next((status for kind, status in _STATUS if isinstance(fault, kind)), None)
    if status is None:
        current_app.logger.error("%s", fault, exc_info=fault)
        return Problem(HTTPStatus.INTERNAL_SERVER_ERROR, "The server could not answer.")
    headers = {"Retry-After": str(getattr(fault, "retry_after", _RETRY))} if status in _LATER else {}
    if isinstance(fault, errors.UnknownEntity):
        return Problem(status, str(fault), headers=headers, near=_near_matches(fault.iri))
    if isinstance(fault, errors.Withdrawn):
        near = tuple((label(NamedNode(each)).value, link(each) or each) for each in fault.replacements)
        members = {"replacements": [{"title": title, "href": where} for title, where in near]}
        return Problem(status, str(fault), members if near else {}, headers, near)
    if isinstance(fault, errors.NotAcceptable):
        variants = g.get("variants", [])
        members = {"variants": [{"href": where, "type": each.media_type} for each, where in variants]}
        return Problem(
            status, str(fault), members, headers, tuple((each.label, where) for each, where in variants)
        )
    if isinstance(fault, errors.BadQuery) and fault.line is not None:
        where = {"line": fault.line, "column": fault.column, "text": fault.shown, "pointer": fault.pointer}
        return Problem(status, str(fault), {**where, "expected": fault.expected})
    return Problem(status, str(fault), headers=headers)


def _of_http(fault: HTTPException) -> Problem:
    """A fault that Flask found: no such route, wrong method, bad range."""
    status = HTTPStatus(fault.code or 500)
    near = _near_matches(request.path) if status == HTTPStatus.NOT_FOUND else ()
    headers = dict(fault.get_headers())
    headers.pop("Content-Type", None)
    return Problem(status, fault.description or status.description, {}, headers, near)


def _near_matches(iri: str) -> tuple[tuple[str, str], ...]:
    """Up to five things whose names are like the last part of what was asked for, those of its kind first."""
    words = local_name(iri).replace("-", " ").replace("_", " ").replace("%20", " ")
    try:
        here = opened()
        found = here.index.near(words, 4 * _NEAR)
    except errors.KnowledgeError:
        return ()
    space = f"{here.base}id/"
    kind = (
        iri.removeprefix(space).removeprefix("/").removeprefix("doc/").removeprefix("id/").partition("/")[0]
    )
    things = [hit for hit in found if hit.iri.startswith(space)]
    things.sort(key=lambda hit: segment_of(hit.iri, here.base) != kind)
    return tuple((hit.label, link(hit.iri) or hit.iri) for hit in things[:_NEAR])


def _as_json(fault: Problem) -> str:
    """Problem details; the type is about:blank, so that the title is the status's own (RFC 9457, 4.2.1)."""
    own: dict[str, Any] = {
        "type": "about:blank",
        "title": fault.status.phrase,
        "status": fault.status.value,
        "detail": fault.detail,
        "instance": request.script_root + request.full_path.rstrip("?"),
    }
    if fault.status == HTTPStatus.NOT_FOUND and fault.near:
        own["near"] = [{"title": title, "href": where} for title, where in fault.near]
    return json.dumps(own | fault.members, ensure_ascii=False, indent=2) + "\n"


def _as_text(fault: Problem) -> str:
    lines = [f"{fault.status.value} {fault.status.phrase}", fault.detail]
    if "pointer" in fault.members:
        lines += ["", fault.members["text"], fault.members["pointer"]]
    return "\n".join([*lines, *(f"{label}: {where}" for label, where in fault.near)]) + "\n"


def _as_html(fault: Problem) -> str:
    """A page of the site, or a bare one when the site itself is what fails."""
    template = "closed.html" if fault.status >= HTTPStatus.INTERNAL_SERVER_ERROR else "error.html"
    return render_template(template, problem=fault)
