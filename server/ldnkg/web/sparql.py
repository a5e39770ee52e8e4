"""The endpoint: SPARQL 1.1 Protocol and Service Description."""

from collections.abc import Callable
from http import HTTPStatus

from flask import Blueprint, Response, current_app, request
from werkzeug.exceptions import (
    MethodNotAllowed,
    RequestEntityTooLarge,
    RequestURITooLarge,
    UnsupportedMediaType,
)

from ldnkg.errors import BadQuery, KnowledgeError, NotAcceptable, QueryRefused
from ldnkg.formats import GRAPHS, Format, serialise
from ldnkg.query import Answer, Query, Stream, description, inspect, protocol
from ldnkg.query.graphs import refuse_others
from ldnkg.web import console, editor
from ldnkg.web.caching import FRESH, confirmed, keep, validated
from ldnkg.web.clients import Proxies, asking
from ldnkg.web.conditional import conditional
from ldnkg.web.connection import CONNECTION, Connection
from ldnkg.web.console import DATA, PAGE
from ldnkg.web.errors import problem
from ldnkg.web.request import lend, opened
from ldnkg.web.variants import LOCATED, OUTCOME, TABLES, Outcome, chosen, timed, variant

blueprint = Blueprint("sparql", __name__)

_METHODS = ["GET", "HEAD", "POST", "OPTIONS"]


@blueprint.route("/sparql", methods=["GET", "POST"])
def endpoint() -> Response:
    """The answer to a query; without one, the form for a browser, or the service description."""
    asked = _asked()
    if asked.update:
        if request.method != "POST":
            raise MethodNotAllowed(_METHODS, "An update cannot be sent by GET, and is refused by POST.")
        raise _no_updates()
    if asked.query is None:
        if request.method == "POST":
            raise BadQuery("The request has no query: send it as the field 'query', or as the body.")
        return _about(asked)
    try:
        return (_explain if asked.explain else _answer)(asked, asked.query)
    except KnowledgeError as fault:
        if isinstance(fault, NotAcceptable) or not _wants_page(asked):
            raise
        failed = problem(fault)
        body = console.failed(asked.query, fault, failed)
        response = Response(body, failed.status, failed.headers, mimetype=PAGE.media_type)
        response.cache_control.no_cache = True
        return _varied(asked, response, PAGE)


def _asked() -> protocol.Request:
    """What the client sent (SPARQL 1.1 Protocol, section 2.1), within the budget for its size."""
    most = opened().queries.limits.query_bytes
    if len(request.query_string) > most:
        raise RequestURITooLarge(f"The address is longer than {most:,} bytes: send the query by POST.")
    if request.method != "POST":
        return protocol.read(request.query_string)
    request.max_content_length = most + 1  # what has no length is cut there without a word
    if request.mimetype == "application/sparql-update":
        raise _no_updates()
    if request.headers.get("Content-Encoding", "identity").strip().lower() not in ("", "identity"):
        raise UnsupportedMediaType("Send the query as it is: its body may not be compressed.")
    if request.mimetype_params.get("charset", "utf-8").lower() != "utf-8":
        raise UnsupportedMediaType("Queries are in UTF-8.")
    if request.mimetype == "application/sparql-query":
        return protocol.read(request.query_string, direct=_body(most))
    if request.mimetype == "application/x-www-form-urlencoded":
        return protocol.read(request.query_string, form=_body(most))
    raise UnsupportedMediaType(
        "Send the query as application/sparql-query, or as the field 'query' of a form "
        "(application/x-www-form-urlencoded)."
    )


def _body(most: int) -> bytes:
    """The body of the request, whole."""
    too_large = RequestEntityTooLarge(f"The query is too long: a request may have {most:,} bytes.")
    if (request.content_length or 0) > most:
        raise too_large
    body = request.get_data()
    if len(body) > most:
        raise too_large
    return body


def _answer(asked: protocol.Request, text: str) -> Response:
    """The answer in the format that was chosen; without running the query, if the client has it already."""
    here = opened()
    query = inspect(text, here.queries.limits, here.base)
    format_ = _chosen_for(query, asked, (*GRAPHS, PAGE) if query.is_graph else TABLES)
    response = _varied(asked, Response(mimetype=format_.media_type), format_)
    limits = here.queries.limits
    shown = (description.told(limits), editor.files()) if format_ is PAGE else limits.rows
    settled = request.method != "POST" and query.varies == "nothing"
    if settled and confirmed(response, variant(query, asked, format_, shown), by_language=format_ is PAGE):
        return _repeated(response)
    answer = _run(query, asked, format_)
    if answer.truncated:
        response.headers["SPARQL-Truncated"] = f"rows={answer.rows}"
    if format_ is PAGE:
        whole = answer if isinstance(answer, Answer) else answer.whole()
        page = console.answered(asked, query, whole)
        keep(response, page) if settled else response.set_data(page)
    elif isinstance(answer, Stream):
        _stream(response, answer)
    else:
        response.set_data(answer.body)
    response.headers["Server-Timing"] = timed(answer)
    if settled and not response.is_streamed:
        conditional(response)
        return response
    del response.headers["ETag"], response.headers["Last-Modified"]
    return _cached(response, changing=query.varies == "values")


def _explain(asked: protocol.Request, text: str) -> Response:
    """The shape of a query, which does not run."""
    here = opened()
    query = inspect(text, here.queries.limits, here.base)
    format_ = _chosen_for(query, asked, (DATA, PAGE))
    refuse_others(
        (*asked.default_graphs, *asked.named_graphs) or query.graphs, here.release.manifest["graphs"]
    )
    body = console.explaining(asked, query, format_)
    return _cached(_varied(asked, Response(body, mimetype=format_.media_type), format_))


def _repeated(response: Response) -> Response:
    """A page that was made before, or the 304 for a copy of an answer."""
    if response.status_code == HTTPStatus.OK:
        opened().queries.tally.cache("hit")
        response.headers["Server-Timing"] = "cache;desc=hit"
    return response


def _stream(response: Response, stream: Stream) -> None:
    """Send the answer while it is written, if a failure on the way can be seen; else when all is there."""
    response.response = iter(stream)
    response.call_on_close(stream.close)
    if CONNECTION not in request.environ:
        try:
            response.content_length = stream.wait()
        except KnowledgeError:
            stream.close()
            raise
    lend(response)


def _run(query: Query, asked: protocol.Request, format_: Format) -> Answer | Stream:
    """The answer; for a page, as much of it as that shows, in the format that it reads."""
    outcome: Outcome | None = request.environ.get(OUTCOME)
    if outcome and outcome.release == opened().release.id:
        return outcome.given()
    is_page = format_ is PAGE
    return opened().queries.ask(
        query,
        query.suffix if is_page else format_.suffix,
        default_graphs=asked.default_graphs,
        named_graphs=asked.named_graphs,
        rows=console.ROWS if is_page else None,
        truncate=asked.truncate or is_page,
        client=_client(),
        gone=_gone(),
    )


def _client() -> str:
    """On whose share a query counts."""
    proxies: Proxies = current_app.extensions["proxies"]
    return asking(request.remote_addr or "", request.headers.get(proxies.field, ""), proxies)


def _gone() -> Callable[[], bool]:
    """Tells whether nobody waits for the answer any more."""
    connection: Connection | None = request.environ.get(CONNECTION)
    return connection.gone if connection else lambda: False


def _about(asked: protocol.Request) -> Response:
    """The form, or the service description."""
    here = opened()
    format_ = _chosen(asked, (*GRAPHS, PAGE))
    if format_ is PAGE:
        body: str | bytes = console.empty()
    else:
        triples = description.described(here.store, here.base, here.queries.limits)
        body = serialise(list(triples), format_, prefixes=here.prefixes, context=here.context)
    return _cached(_varied(asked, Response(body, mimetype=format_.media_type), format_))


def _chosen(asked: protocol.Request, among: tuple[Format, ...]) -> Format:
    return chosen(asked.format, request.headers.get("Accept"), among)


def _chosen_for(query: Query, asked: protocol.Request, among: tuple[Format, ...]) -> Format:
    """The format of the answer; where none fits, NotAcceptable, but the fault of the query if it has one."""
    try:
        return _chosen(asked, among)
    except NotAcceptable:
        opened().queries.check(query, client=_client(), gone=_gone())
        raise


def _wants_page(asked: protocol.Request) -> bool:
    try:
        return _chosen(asked, TABLES) is PAGE
    except NotAcceptable:
        return False


def _varied(asked: protocol.Request, response: Response, format_: Format) -> Response:
    """Marked as one of several variants, when Accept has chosen it (RFC 9110, section 12.5.5)."""
    if format_ is PAGE:
        response.vary.add("Accept-Language")
    if asked.format is None:
        response.vary.add("Accept")
        if response.status_code == HTTPStatus.OK and request.method != "POST":
            where = console.address(asked, format_)
            if len(where) <= LOCATED:
                response.content_location = where
    return response


def _cached(response: Response, *, changing: bool = False) -> Response:
    """With a validator made from the bytes; what changes from call to call is not kept (RFC 9111)."""
    if request.method == "POST" or changing:
        response.cache_control.no_store = True
        return response
    if response.is_streamed:
        response.cache_control.public = True
        response.cache_control.max_age = FRESH
        response.vary.add("Accept-Encoding")
        return response
    return validated(response)


def _no_updates() -> QueryRefused:
    return QueryRefused("Updates are refused: the graph is read-only here.")
