"""The variants of an answer at the endpoint: their formats, what tells them apart, and how long they took."""

import hashlib
from dataclasses import dataclass

from ldnkg.errors import KnowledgeError, NotAcceptable
from ldnkg.formats import Format
from ldnkg.negotiate import negotiate
from ldnkg.query import Answer, Query, Stream
from ldnkg.query.protocol import Request
from ldnkg.query.results import RESULTS
from ldnkg.web.console import PAGE

TABLES = (
    *RESULTS,
    PAGE,
    Format("json", "application/json", "SPARQL results JSON", "table"),
    Format("xml", "application/xml", "SPARQL results XML", "table"),
)
_ALSO_CALLED = {
    "json-ld": "jsonld",
    "n-triples": "nt",
    "n3": "ttl",
    "ntriples": "nt",
    "rdf+xml": "rdf",
    "turtle": "ttl",
    "xml": "rdf",
}
"""What clients such as SPARQLWrapper call our formats; `xml` is that of triples where there is no table."""


LOCATED = 2_000
"""Bytes of an address up to which `Content-Location` names it: proxies keep 4 KiB for all fields."""
OUTCOME = "ldnkg.outcome"
"""The key in a WSGI environ of an `Outcome`."""


@dataclass(frozen=True)
class Outcome:
    """What the pool of a release has said to the query of a request before the application sees it."""

    release: str
    said: Answer | Stream | KnowledgeError

    def given(self) -> Answer | Stream:
        """The answer; raises the error if it is one."""
        if isinstance(self.said, KnowledgeError):
            raise self.said
        return self.said


def chosen(wanted: str | None, accept: str | None, among: tuple[Format, ...]) -> Format:
    """`?format=` (a suffix, a usual name or media types) goes before Accept; raises NotAcceptable."""
    if wanted is None:
        return negotiate(accept, among)
    for name in (wanted, _ALSO_CALLED.get(wanted)):
        for each in among:
            if name in (each.suffix, each.media_type):
                return each
    if "," in wanted:
        return negotiate(wanted, among)
    known = ", ".join(dict.fromkeys(each.suffix for each in among))
    raise NotAcceptable(f"This answer cannot be written as {wanted!r}: its formats are {known}.")


def variant(query: Query, asked: Request, format_: Format, shown: object) -> str:
    """What tells this answer from every other of the release, for its tag.

    `shown` is what it depends on besides the request: the row budget, or all that a page shows around it. A
    page shows the query as it was written, too.
    """
    parts = (
        query.text if format_ is PAGE else query.normal,
        shown,
        format_.media_type,
        asked.format is None,  # then Accept has chosen it, which the header fields tell
        asked.default_graphs,
        asked.named_graphs,
        asked.truncate,
    )
    return f"{format_.suffix}-{hashlib.sha256(repr(parts).encode()).hexdigest()[:32]}"


def timed(answer: Answer | Stream) -> str:
    """What took how many milliseconds, and whether the query had to run (Server Timing, section 3)."""
    told = [f"{name};dur={seconds * 1000:.1f}" for name, seconds in answer.timings.items()]
    return ", ".join([*told, f"cache;desc={answer.luck}"] if answer.luck else told)
