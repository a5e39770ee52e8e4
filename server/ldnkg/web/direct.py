"""Queries answered without the application: what most requests to the endpoint are, and no more.

A small answer takes the web framework longer than the engine. So a plain GET of one query, for a table or a
graph, is answered here, with the very fields that the application would give it. A page, a condition, a
fault, or an answer that streams is the application's; what the pool has said by then goes with the request
(`OUTCOME`), so that no query runs twice.
"""

from collections.abc import Callable, Iterable, Mapping, MutableMapping
from dataclasses import dataclass
from typing import Any, TypeVar

from werkzeug.http import http_date, quote_etag
from werkzeug.utils import get_content_type

from ldnkg.codings import Coding
from ldnkg.errors import KnowledgeError
from ldnkg.formats import GRAPHS, Format
from ldnkg.iris import mount
from ldnkg.negotiate import negotiate_coding
from ldnkg.query import Answer, Query, Stream, inspect, protocol
from ldnkg.site import Opened, Site
from ldnkg.web.caching import LASTING, SMALL, tag
from ldnkg.web.clients import Proxies, asking
from ldnkg.web.console import PAGE
from ldnkg.web.front import BEYOND, Counter, Fields
from ldnkg.web.variants import LOCATED, TABLES, Outcome, chosen, timed, variant

_PLAIN = {b"query", b"format"}
_ENDPOINT = "/sparql"
_SHORT = 2_000
"""Bytes of a query string that takes little to read."""

Scope = MutableMapping[str, Any]


@dataclass(frozen=True)
class Given:
    """A whole answer: status 200, its fields and its body, and what counts it."""

    fields: Fields
    body: bytes
    counter: Counter


_Found = TypeVar("_Found", bound=Given | Outcome)


class Direct:
    """Answers plain queries to a site. `headers` are the fields of every answer; `counter` counts them."""

    def __init__(self, site: Site, proxies: Proxies, headers: Mapping[str, str], counter: Counter) -> None:
        self._site, self._proxies, self._counter = site, proxies, counter
        self._always = [(name.lower().encode(), value.encode()) for name, value in headers.items()]

    def answer(self, scope: Scope, gone: Callable[[], bool]) -> Given | Outcome | None:
        """The answer to a request; else what the application has to know, None where that is nothing."""

        def ask(here: Opened, plan: _Plan, headers: Mapping[str, str]) -> Given | Outcome:
            client = asking(scope["client"][0], headers.get(self._proxies.field.lower(), ""), self._proxies)
            try:
                said = here.queries.ask(plan.query, plan.format.suffix, client=client, gone=gone)
            except KnowledgeError as fault:
                return Outcome(here.release.id, fault)
            if isinstance(said, Stream) or said.truncated:
                return Outcome(here.release.id, said)
            return self._given(here, plan, said)

        return self._asked(scope, ask)

    def at_once(self, scope: Scope) -> Given | None:
        """The answer to a request that takes too little to be worth another thread; None for any other."""

        def ask(here: Opened, plan: _Plan, _: Mapping[str, str]) -> Given | None:
            said = here.queries.at_once(plan.query, plan.format.suffix)
            return self._given(here, plan, said) if said else None

        return self._asked(scope, ask) if len(scope["query_string"]) <= _SHORT else None

    def _asked(
        self, scope: Scope, ask: "Callable[[Opened, _Plan, Mapping[str, str]], _Found | None]"
    ) -> "_Found | None":
        """What `ask` has to say to the query of a request; None for what is no plain query."""
        path: bytes = scope["raw_path"]
        if scope["method"] != "GET" or not path.endswith(_ENDPOINT.encode()):
            return None
        headers = _plain(scope["headers"])
        if headers is None:
            return None
        try:
            with self._site.opened() as here:
                if path != f"{mount(here.base)}{_ENDPOINT}".encode():
                    return None
                plan = _plan(here, scope["query_string"], headers)
                return ask(here, plan, headers) if plan else None
        except KnowledgeError:
            return None

    def _given(self, here: Opened, plan: "_Plan", answer: Answer) -> Given:
        fields, body = _told(here, plan, answer)
        return Given([*fields, *self._always], body, self._counter)


@dataclass(frozen=True)
class _Plan:
    """A query, and how its answer is wanted."""

    query: Query
    asked: protocol.Request
    format: Format
    coding: Coding | None


def _plain(headers: Iterable[tuple[bytes, bytes]]) -> dict[str, str] | None:
    """The fields of a request that asks for nothing but the answer; those of one name are joined."""
    found: dict[str, str] = {}
    for name, value in headers:
        if name in BEYOND or name == b"if-none-match":
            return None
        key, text = name.decode("latin-1"), value.decode("latin-1")
        found[key] = f"{found[key]},{text}" if key in found else text
    return found


def _plan(here: Opened, query_string: bytes, headers: Mapping[str, str]) -> _Plan | None:
    """What is asked, if it is one query for a table or a graph that stays the same; raises KnowledgeError."""
    limits = here.queries.limits
    names = [each.partition(b"=")[0] for each in query_string.split(b"&", len(_PLAIN))]
    if len(query_string) > limits.query_bytes or not _PLAIN.issuperset(names):
        return None
    asked = protocol.read(query_string)
    if asked.query is None:
        return None
    query = inspect(asked.query, limits, here.base)
    among = (*GRAPHS, PAGE) if query.is_graph else TABLES
    format_ = chosen(asked.format, headers.get("accept"), among)
    if format_ is PAGE or query.varies != "nothing":
        return None
    return _Plan(query, asked, format_, negotiate_coding(headers.get("accept-encoding")))


def _told(here: Opened, plan: _Plan, answer: Answer) -> tuple[Fields, bytes]:
    """The fields that a whole answer has of its own, and its body, compressed as agreed."""
    coding, limits = plan.coding, here.queries.limits
    coded = coding.token if coding else "identity"
    name = variant(plan.query, plan.asked, plan.format, limits.rows)
    negotiated = plan.asked.format is None
    told = {
        "content-type": get_content_type(plan.format.media_type, "utf-8"),
        "vary": "Accept, Accept-Encoding" if negotiated else "Accept-Encoding",
        "etag": quote_etag(tag(here.release.id, name, coded, _ENDPOINT[1:])),
        "last-modified": http_date(here.modified),
        "cache-control": LASTING,
        "server-timing": timed(answer),
    }
    where = f"{mount(here.base)}{_ENDPOINT}?{plan.asked.in_format(plan.format.suffix)}" if negotiated else ""
    if 0 < len(where) <= LOCATED:
        told["content-location"] = where
    body = answer.body
    if coding and len(body) >= SMALL:
        body = coding.quick(body)
        told["content-encoding"] = coding.token
    told["content-length"] = str(len(body))
    return [(each.encode(), value.encode("latin-1")) for each, value in told.items()], body
