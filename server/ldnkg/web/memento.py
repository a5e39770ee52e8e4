"""Documents in time (RFC 7089): every document is its own TimeGate, `?release=` names its mementos.

What `/doc/light/eddystone` was in a release stands at `/doc/light/eddystone?release=…`, and so in every
format and for lists, terms and the dataset. All of it is done around the views, which need not know.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from urllib.parse import urlencode

from flask import Flask, Response, redirect, request
from werkzeug.http import http_date
from werkzeug.wrappers import Response as AnyResponse

from ldnkg.changes import Kind, present
from ldnkg.history import History, Moment
from ldnkg.web import errors
from ldnkg.web.request import changes, opened, past, pinned, sent_below
from ldnkg.web.targets import spelt, split_suffix, target

LINK_FORMAT = "application/link-format"
LONG = 86_400
"""Seconds for which a memento may be used without asking: only the links around it may change."""

_VIEWS = ("entities", "classes", "terms", "dataset")
_NO_DOCUMENTS = ("entities.thing", "dataset.void", "dataset.graph", "dataset.download")
_SEARCH = "search.results"

_PAST = (HTTPStatus.MOVED_PERMANENTLY, HTTPStatus.NOT_FOUND, HTTPStatus.GONE)
"""What is answered for a thing that may have been there before."""

Lifetime = list[tuple[Moment, Kind | None]]
"""The moments at which something was there, the oldest first, and what happened to it then."""


def register(app: Flask, *, live: bool = True) -> None:
    """Let documents be asked for as they were, and pages of a former release keep to it.

    A site that is not live, a copy made of files, has one release and tells of no other.
    """
    if live:
        app.before_request(_by_id)
        app.after_request(_in_time)
        app.url_defaults(_keep_release)
    words = {"pinned": pinned, "present_address": _present_address, "thing_path": thing_path}
    app.jinja_env.globals.update(words, live=live)


def lifetime(path: str) -> Lifetime:
    """The moments of a document that was there at one of them; of a list of a thing, those of the thing."""
    if not path.startswith("/doc/"):
        return [(each, None) for each in past().moments]
    name = target(path.removeprefix("/doc/")).name.partition("%23")[0]
    return present(past(), changes().of(f"/doc/{name}"), now=True)


def memento(original: str, moment: Moment) -> str:
    """The address of what a document was at a moment."""
    return f"{original}{'&' if '?' in original else '?'}release={moment.name}"


def timemap(path: str) -> str | None:
    """The address of the TimeMap of a document; lists have none of their own."""
    if path.startswith("/doc/"):
        return None if target(path.removeprefix("/doc/")).direction else _absolute(f"/timemap/{path[5:]}")
    return _absolute(f"/timemap{path}") if path.count("/") == 1 else None


def thing_path() -> str | None:
    """Which document about a thing this request is for, as its path without a suffix."""
    return _path(None) if request.endpoint == "entities.document" else None


def asked() -> datetime | None:
    """The time in Accept-Datetime, None without one; raises ValueError for what is no HTTP date in GMT."""
    sent = request.headers.get("Accept-Datetime")
    if sent is None:
        return None
    try:
        time = parsedate_to_datetime(sent)
    except (ValueError, OverflowError, IndexError, TypeError) as fault:
        raise ValueError(sent) from fault
    if not sent.strip().endswith("GMT"):
        raise ValueError(sent)
    return time.replace(tzinfo=UTC)


def _by_id() -> AnyResponse | None:
    """Which release is the newest of a version may change: 302 to the one that it is now."""
    if request.args.get("release") is None or not (_is_document() or request.endpoint == _SEARCH):
        return None
    moment = pinned()
    if moment is None or moment.name == request.args["release"]:
        return None
    others = [(name, value) for name, value in request.args.items(multi=True) if name != "release"]
    return redirect(f"{_sent()}?{urlencode([*others, ('release', moment.name)])}", 302)


def _in_time(response: Response) -> Response:
    """Tell of the time in which a document stands, or lead to the time that is asked for."""
    if not _is_document():
        return response
    if response.status_code in (HTTPStatus.OK, HTTPStatus.NOT_MODIFIED):
        path = _path(response)
        if moment := pinned():
            return _as_memento(response, path, moment)
        return _as_timegate(response, path)
    if response.status_code in _PAST and request.endpoint == "entities.document" and not pinned():
        path = _path(None)
        if changes().of(path):
            return _as_timegate(response, path)
    return response


def _as_timegate(response: Response, path: str) -> Response:
    """A document that is there today, or was: it is the TimeGate of its mementos (RFC 7089, pattern 1.1).

    The history is read only for a client that asks for a time.
    """
    try:
        time = asked()
    except ValueError:
        refusal = "Accept-Datetime holds no HTTP date such as Tue, 24 Nov 2026 10:00:00 GMT."
        response = errors.answer(errors.Problem(HTTPStatus.BAD_REQUEST, refusal))
    else:
        if time is not None:
            response = _to(time, path)
    response.vary.add("Accept-Datetime")
    _link(response, _always(path))
    return response


def _to(time: datetime, path: str) -> Response:
    """The way to the memento of a time (RFC 7089, section 4.1)."""
    moments = [moment for moment, _ in lifetime(path)]
    nearest = History(tuple(moments)).at(time)
    query = urlencode([*request.args.items(multi=True), ("release", nearest.name)])
    response = Response(status=HTTPStatus.FOUND, mimetype="text/plain")
    response.headers["Location"] = f"{_sent()}?{query}"
    response.cache_control.no_cache = True
    _link(response, _neighbours(original(path), moments, nearest))
    return response


def _as_memento(response: Response, path: str, moment: Moment) -> Response:
    """A document as it was; it does not change any more (RFC 7089, section 4.2)."""
    moments = [each for each, _ in lifetime(path)]
    response.headers["Memento-Datetime"] = http_date(moment.time)
    response.headers["X-Robots-Tag"] = "noindex"
    response.cache_control.max_age = LONG
    _link(response, _always(path))
    _link(response, _neighbours(original(path), moments, moment))
    return response


def _always(path: str) -> dict[str, str]:
    """Where a document leads in time, always."""
    led = {original(path): 'rel="original timegate"'}
    return led | ({where: f'rel="timemap"; type="{LINK_FORMAT}"'} if (where := timemap(path)) else {})


def _neighbours(where: str, moments: list[Moment], here: Moment) -> dict[str, str]:
    """The mementos that a reader may go to next (RFC 7089, section 2.2.4)."""
    place = next((place for place, each in enumerate(moments) if each.time >= here.time), 0)
    place = moments.index(here) if here in moments else place
    relations: dict[Moment, list[str]] = {}
    if moments:
        relations.setdefault(moments[0], []).append("first")
        relations.setdefault(moments[-1], []).append("last")
    if place > 0:
        relations.setdefault(moments[place - 1], []).append("prev")
    if place + 1 < len(moments):
        relations.setdefault(moments[place + 1], []).append("next")
    relations.setdefault(here, [])
    return {
        memento(where, each): f'rel="{" ".join([*names, "memento"])}"; datetime="{http_date(each.time)}"'
        for each, names in relations.items()
    }


def _link(response: Response, links: Mapping[str, str]) -> None:
    for where, parameters in links.items():
        response.headers.add("Link", f"<{where}>; {parameters}")


def original(path: str) -> str:
    """The address of what stands at a path today; of the query of this request without format and release."""
    query = urlencode(
        [(key, value) for key, value in request.args.items(multi=True) if key not in ("format", "release")]
    )
    return f"{_absolute(path)}{'?' if query else ''}{query}"


def _present_address() -> str | None:
    """Where the page that was asked for with `?release=` is today."""
    if "release" not in request.args:
        return None
    query = urlencode([each for each in request.args.items(multi=True) if each[0] != "release"])
    return f"{_sent()}{'?' if query else ''}{query}"


def is_document(endpoint: str | None) -> bool:
    """Whether a view answers with a document of a release."""
    return endpoint is not None and endpoint.partition(".")[0] in _VIEWS and endpoint not in _NO_DOCUMENTS


def _is_document() -> bool:
    return is_document(request.endpoint) and request.method in ("GET", "HEAD")


def _path(response: Response | None) -> str:
    """The path of the document without the suffix of a variant: what negotiates has named its variant."""
    named = response.content_location if response is not None else None
    if named:
        return split_suffix(named.partition("?")[0].removeprefix(request.script_root))[0]
    return split_suffix(_sent().removeprefix(request.script_root))[0]


def _sent() -> str:
    """The path as it was sent, or as well as it can be told, with the mount point."""
    path, raw = sent_below("/")
    return f"{request.script_root}/{spelt(path, raw=raw)}"


def _absolute(path: str) -> str:
    return opened().base[:-1] + path


def _keep_release(endpoint: str, values: dict[str, object]) -> None:
    """From a page of a former release links to documents lead to that release, those to tools to today's."""
    if endpoint.partition(".")[0] in _VIEWS and (moment := pinned()):
        values.setdefault("release", moment.name)
