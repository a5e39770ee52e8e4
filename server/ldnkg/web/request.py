"""What belongs to the request at hand: the release it sees from first to last byte, and where things are."""

from contextlib import ExitStack
from urllib.parse import urlsplit

from flask import Flask, Response, current_app, g, request
from pyoxigraph import NamedNode

from ldnkg.describe import understood
from ldnkg.iris import path_of
from ldnkg.site import Opened, Site
from ldnkg.web.targets import raw_path


def opened() -> Opened:
    """The release that this request sees; the same one until its end (raises NoRelease)."""
    if "opened" not in g:
        site: Site = current_app.extensions["site"]
        g.opened = g.leave.enter_context(site.opened())
    release: Opened = g.opened
    return release


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
    """Where this site answers for an IRI, as a path below the mount point; None for a foreign one."""
    path = path_of(iri, opened().base)
    return None if path is None else request.script_root + path


def link(iri: str) -> str | None:
    """Where a link to an IRI may lead: our document, a foreign web page, or nowhere (`javascript:` …)."""
    return href(iri) or (iri if urlsplit(iri).scheme in ("http", "https") else None)


def sent_below(prefix: str) -> tuple[str, bool]:
    """What was asked for behind a prefix such as `/doc/`, and whether it is just as the client sent it."""
    raw = raw_path(request.environ)
    if raw is not None and raw.startswith(prefix):
        return raw.removeprefix(prefix), True
    return request.path.removeprefix(prefix), False


def node(path: str) -> NamedNode:
    """The IRI of this site with that path, such as `dataset`."""
    return NamedNode(opened().base + path)


def languages() -> tuple[str, ...]:
    """The languages of the graph that the client asks for, the most wanted first (RFC 9110, 12.5.4)."""
    if "languages" not in g:
        wanted = [tag for tag, quality in request.accept_languages if quality > 0 and tag != "*"]
        g.languages = understood(wanted, opened().languages)
    spoken: tuple[str, ...] = g.languages
    return spoken
