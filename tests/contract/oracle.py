"""An independent small reading of the specifications. Nothing of the program is imported here."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

FORMATS = {
    "html": "text/html",
    "ttl": "text/turtle",
    "jsonld": "application/ld+json",
    "nt": "application/n-triples",
    "rdf": "application/rdf+xml",
    "csv": "text/csv",
    "linkset": "application/linkset",
    "linkset.json": "application/linkset+json",
}
"""The variants of documents, in the order that breaks ties."""
VARIANTS = FORMATS | {"json": "application/json"}
"""The variants of the contract: results of a search are JSON, too."""
GRAPHS = ("ttl", "jsonld", "nt", "rdf")
CODINGS = ("br", "zstd", "gzip")
"""The content codings of the contract; which of equals is taken is the server's choice."""
PROBLEMS = {
    "json": "application/problem+json",
    "html": "text/html",
    "txt": "text/plain",
}
PHRASES = {
    400: "Bad Request",
    403: "Forbidden",
    404: "Not Found",
    405: "Method Not Allowed",
    406: "Not Acceptable",
    410: "Gone",
    412: "Precondition Failed",
    413: ("Content Too Large", "Request Entity Too Large", "Payload Too Large"),
    414: ("URI Too Long", "Request-URI Too Long", "Request URI Too Long"),
    415: "Unsupported Media Type",
    416: ("Range Not Satisfiable", "Requested Range Not Satisfiable"),
    500: "Internal Server Error",
    503: "Service Unavailable",
}

TCHAR = r"[!#$%&'*+.^_`|~0-9A-Za-z-]"
TOKEN = re.compile(f"{TCHAR}+")
ETAG = re.compile(r'"[\x21\x23-\x7e]*"')
"""A strong entity tag (RFC 9110, section 8.8.3), without the obsolete octets above ASCII."""
DATE = re.compile(
    r"(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), [0-3]\d "
    r"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) \d{4} [0-2]\d:[0-5]\d:[0-6]\d GMT"
)
"""IMF-fixdate (RFC 9110, section 5.6.7)."""
URI = re.compile(
    r"(?:[A-Za-z][A-Za-z0-9+.-]*:)?(?:[A-Za-z0-9._~!$&'()*+,;=:@/?-]|%[0-9A-Fa-f]{2}|\[[0-9A-Fa-f:.]+\])*"
    r"(?:#(?:[A-Za-z0-9._~!$&'()*+,;=:@/?-]|%[0-9A-Fa-f]{2})*)?"
)
"""A URI reference (RFC 3986, appendix A), a little wider."""


# --- RFC 9110, section 12: negotiation ------------------------------------------------------------------


def elements(field: str) -> list[tuple[str, list[tuple[str, str]]]]:
    """The members of a list, each with its parameters, read a character at a time; quotes are honoured."""
    return [_parameters(member) for member in _split(field, ",") if member.strip()]


def _split(text: str, at: str) -> list[str]:
    parts, start, quoted, skip = [], 0, False, False
    for position, character in enumerate(text):
        if skip:
            skip = False
        elif quoted and character == "\\":
            skip = True
        elif character == '"':
            quoted = not quoted
        elif character == at and not quoted:
            parts.append(text[start:position])
            start = position + 1
    return [*parts, text[start:]]


def _parameters(member: str) -> tuple[str, list[tuple[str, str]]]:
    name, *rest = _split(member, ";")
    pairs = [(key.strip().lower(), value.strip()) for key, _, value in (each.partition("=") for each in rest)]
    return name.strip().lower(), pairs


def weighted(field: str) -> dict[str, float]:
    """The members of a list with their weights; one whose weight is malformed is left out."""
    found: dict[str, float] = {}
    for name, parameters in elements(field):
        weight = next((value for key, value in parameters if key == "q"), "1")
        if re.fullmatch(r"0(\.\d{0,3})?|1(\.0{0,3})?", weight):
            found[name] = max(found.get(name, 0.0), float(weight))
    return found


def likes(accept: str | None, media_type: str) -> float:
    """How much an Accept field likes a media type (section 12.5.1)."""
    if accept is None or not accept.strip():
        return 1.0
    ranges = weighted(accept)
    for each in (media_type, media_type.split("/")[0] + "/*", "*/*"):
        if each in ranges:
            return ranges[each]
    return 0.0


def choice(accept: str | None, among: Sequence[str]) -> str | None:
    """The first of the media types that is liked best; None when none is acceptable."""
    best = max(likes(accept, each) for each in among)
    return next((each for each in among if likes(accept, each) == best), None) if best > 0 else None


def codings(accept_encoding: str | None) -> set[str | None]:
    """The codings that may be sent (section 12.5.3), None for none; of ours those that are liked best."""
    if accept_encoding is None:
        return {None}
    known = weighted(accept_encoding)
    known = {"gzip" if name == "x-gzip" else name: weight for name, weight in known.items()}
    wide = known.get("*", 0.0)
    ours = {each: known.get(each, wide) for each in CODINGS}
    best = max(ours.values())
    bare = known.get("identity", known.get("*", 1.0))
    if best == 0 or best < known.get("identity", 0.0):
        return {None} if bare > 0 else set()
    return {each for each, weight in ours.items() if weight == best}


# --- RFC 9110, section 13: conditional requests ---------------------------------------------------------


def http_date(text: str | None) -> datetime | None:
    """An HTTP date in any of its three forms, or None for what is no date."""
    try:
        found = parsedate_to_datetime(text or "")
    except (TypeError, ValueError):
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def tags(field: str) -> list[str]:
    """The entity tags of a list, weakness mark and all."""
    return re.findall(r'(?:W/)?"[\x21\x23-\x7e\x80-\xff]*"', field)


def conditional(
    asked: dict[str, str], etag: str, modified: datetime | None, method: str = "GET"
) -> int | None:
    """304 or 412 by the order of section 13.2.2, or None to go on."""
    if "If-Match" in asked:
        field = asked["If-Match"].strip()
        if field != "*" and etag not in tags(field):
            return 412
    elif "If-Unmodified-Since" in asked and modified:
        since = http_date(asked["If-Unmodified-Since"])
        if since and modified > since:
            return 412
    if "If-None-Match" in asked:
        field = asked["If-None-Match"].strip()
        if field == "*" or etag in [each.removeprefix("W/") for each in tags(field)]:
            return 304 if method in ("GET", "HEAD") else 412
    elif "If-Modified-Since" in asked and modified:
        since = http_date(asked["If-Modified-Since"])
        if since and modified <= since:
            return 304
    return None


def ranged(field: str, length: int) -> tuple[int, slice | None]:
    """The status and the slice that one range of bytes asks for (section 14); 200 for what is ignored."""
    found = re.fullmatch(r"bytes=\s*(\d*)-(\d*)\s*", field)
    if not found or found[0].strip() == "bytes=-":
        return 200, None
    first, last = found[1], found[2]
    if not first:
        size = int(last)
        return (416, None) if size == 0 else (206, slice(max(0, length - size), length))
    if last and int(last) < int(first):
        return 200, None
    if int(first) >= length:
        return 416, None
    return 206, slice(int(first), min(length, int(last) + 1 if last else length))


# --- RFC 8288: links -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Link:
    """One link: where it leads, its relation types, and its other parameters."""

    target: str
    relations: frozenset[str]
    parameters: tuple[tuple[str, str], ...]

    def get(self, name: str) -> str | None:
        return next((value for key, value in self.parameters if key == name), None)


_LINK = re.compile(
    rf'\s*<([^<>"\s]*)>((?:\s*;\s*{TCHAR}+\s*(?:=\s*(?:{TCHAR}+|"(?:[^"\\]|\\.)*"))?)*)\s*(?:,|$)'
)
_LINK_PARAMETER = re.compile(rf';\s*({TCHAR}+)\s*(?:=\s*(?:({TCHAR}+)|"((?:[^"\\]|\\.)*)"))?')


def links(fields: Iterable[str]) -> list[Link]:
    """The links of header fields or of a link set (RFC 9264); what is no list of links is a ValueError."""
    found: list[Link] = []
    for field in fields:
        rest = field.strip()
        while rest:
            match = _LINK.match(rest)
            if not match:
                raise ValueError(f"no link: {rest[:80]!r}")
            pairs = [
                (name.lower(), token or re.sub(r"\\(.)", r"\1", quoted))
                for name, token, quoted in _LINK_PARAMETER.findall(match[2])
            ]
            relations = next((value for key, value in pairs if key == "rel"), "")
            if not relations.split():
                raise ValueError(f"a link without relation: {match[0]!r}")
            found.append(Link(match[1], frozenset(relations.lower().split()), tuple(pairs)))
            rest = rest[match.end() :].strip()
    return found


# --- what every list of tokens is ------------------------------------------------------------------------


def names(field: str | None) -> set[str]:
    """A list of tokens, in lower case; raises ValueError for another thing."""
    found = [each.strip().lower() for each in (field or "").split(",") if each.strip()]
    for each in found:
        if not TOKEN.fullmatch(each):
            raise ValueError(f"no token: {each!r}")
    return set(found)
