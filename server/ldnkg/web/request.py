"""What belongs to the request at hand: the release it sees from first to last byte, and where things are.

With `?release=` that is a former release, named by a moment of the history; else it is the current one.
"""

from contextlib import ExitStack
from typing import NamedTuple

from flask import Flask, Response, current_app, g, request, url_for
from pyoxigraph import NamedNode

from ldnkg.changes import Changes
from ldnkg.describe import understood
from ldnkg.errors import UnknownRelease
from ldnkg.history import History, Moment
from ldnkg.iris import leads_on, path_of
from ldnkg.site import Opened, Site
from ldnkg.web.targets import raw_path


def opened() -> Opened:
    """The release that this request sees; the same one until its end.

    Raises NoRelease, and UnknownRelease for a `?release=` that is not there; the page that tells so is then
    one of the current release.
    """
    known: Opened | None = g.get("opened")
    if known is None:
        try:
            g.opened = g.leave.enter_context(site().opened(pinned()))
        except UnknownRelease:
            g.pinned = None
            g.opened = g.leave.enter_context(site().opened())
            raise
        known = g.opened
    return known


def pinned() -> Moment | None:
    """The moment that `?release=` names, None without (raises UnknownRelease)."""
    if "pinned" not in g:
        name, g.pinned = request.args.get("release"), None
        g.pinned = None if name is None else site().moment(name)
    moment: Moment | None = g.pinned
    return moment


def pin(moment: Moment) -> None:
    """Let the rest of this request see the release of a moment, whatever its query says."""
    g.pinned = moment
    for name in ("opened", "names", "pieces", "reader"):
        g.pop(name, None)


def site() -> Site:
    """The folder of releases."""
    found: Site = current_app.extensions["site"]
    return found


def past() -> History:
    """Which release became current when; the same until the end of the request (raises NoRelease)."""
    if "past" not in g:
        g.past = site().history()
        if not g.past.moments:
            opened()
    found: History = g.past
    return found


def changes() -> Changes:
    """What changed from one release to the next; the same until the end of the request."""
    if "changes" not in g:
        g.changes = g.leave.enter_context(site().changes(opened().base))
    found: Changes = g.changes
    return found


def register(app: Flask) -> None:
    """Give back at the end of each request what `opened` took."""

    @app.before_request
    def enter() -> None:
        g.leave = ExitStack()

    @app.teardown_request
    def leave(_: BaseException | None) -> None:
        if stack := g.pop("leave", None):
            stack.close()


def lend(response: Response) -> Response:
    """Keep the release open until the response is sent, or given up: its body is made on the way."""
    stack: ExitStack = g.leave.pop_all()
    response.call_on_close(stack.close)
    return response


def href(iri: str) -> str | None:
    """Where this site answers for an IRI, as a path below the mount point; None for a foreign one.

    From a page of a former release a link leads to that release.
    """
    return reader().href(iri, opened().base)


def in_release() -> str:
    """The query that keeps a link in the release that was asked for; empty for that of today."""
    moment = pinned()
    return f"?release={moment.name}" if moment else ""


def address(endpoint: str, **values: str | None) -> str:
    """The address of a view, as `url_for` has it; kept, since every page has the same dozens."""
    here = opened()
    key = (endpoint, *values.items(), reader())
    found = here.addresses.get(key)
    if found is None:
        found = url_for(endpoint, **values)  # type: ignore[arg-type]
        here.addresses.put(key, found)
    return found


def link(iri: str) -> str | None:
    """Where a link to an IRI may lead: our document, a foreign page, a mailbox, or nowhere (`tel:` …)."""
    return reader().link(iri, opened().base)


def sent_below(prefix: str) -> tuple[str, bool]:
    """What was asked for behind a prefix such as `/doc/`, and whether it is just as the client sent it.

    Bytes that are no UTF-8 are surrogates in it (PEP 383).
    """
    raw = raw_path(request.environ)
    if raw is not None and raw.startswith(prefix):
        return raw.removeprefix(prefix), True
    path: str = request.environ["PATH_INFO"].encode("latin-1").decode("utf-8", "surrogateescape")
    return path.removeprefix(prefix), False


def node(path: str) -> NamedNode:
    """The IRI of this site with that path, such as `dataset`."""
    return NamedNode(opened().base + path)


class Reader(NamedTuple):
    """For whom and where a page is made: languages, mount point, and the query that keeps to a release."""

    languages: tuple[str, ...]
    root: str
    release: str

    def href(self, iri: str, base: str) -> str | None:
        """Where the site at this base answers for an IRI; None for a foreign one."""
        path = path_of(iri, base)
        if path is None:
            return None
        path, mark, fragment = path.partition("#")
        return self.root + path + self.release + mark + fragment

    def link(self, iri: str, base: str) -> str | None:
        """Where a link to an IRI may lead."""
        return self.href(iri, base) or (iri if leads_on(iri) else None)


def reader() -> Reader:
    """For whom and where this request is answered."""
    if "reader" not in g:
        g.reader = Reader(languages(), request.script_root, in_release())
    found: Reader = g.reader
    return found


def languages() -> tuple[str, ...]:
    """The languages of the graph that the client asks for, the most wanted first (RFC 9110, 12.5.4)."""
    if "languages" not in g:
        wanted = [tag for tag, quality in request.accept_languages if quality > 0 and tag != "*"]
        g.languages = understood(wanted, opened().languages)
    spoken: tuple[str, ...] = g.languages
    return spoken
