"""What every answer promises, whatever was asked."""

import json
import re
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

from contract import oracle
from contract.transport import Answer

if TYPE_CHECKING:
    from contract.cases import Site

_EXPOSED = {"link", "etag", "content-location", "retry-after"}
_TRACE = re.compile(rb"Traceback \(most recent call last\)|File \"/|\.py\", line \d")
_BODILESS = (204, 304)
EVIL = "evil.example"
"""A host that requests name, and no answer may."""


def of_every_answer(method: str, asked: dict[str, str], answer: Answer, site: "Site") -> Iterator[str]:
    """What is wrong with an answer, for whatever it answers."""
    checks: list[Callable[[], Iterator[str]]] = [
        lambda: _message(method, answer),
        lambda: _places(answer, site),
        lambda: _validators(answer),
    ]
    if "headers" in site.can:
        checks.append(lambda: _security(answer))
    if answer.status >= 400 and method != "HEAD" and "problems" in site.can:
        checks.append(lambda: _problem(asked.get("Accept"), answer))
    for check in checks:
        try:
            yield from check()
        except ValueError as fault:
            yield str(fault)


def _message(method: str, answer: Answer) -> Iterator[str]:
    """RFC 9110, sections 5.5, 6.4 and 8.6: fields without controls, a body where there may be one."""
    if answer.status == 500:
        yield "a fault that nobody thought of"
    if _TRACE.search(answer.body):
        yield "a stack trace"
    for name, value in answer.headers:
        if not value.isascii() or not value.isprintable():
            yield f"the field {name} holds what is not printable ASCII: {value!r}"
    for name in ("Content-Type", "Content-Length", "ETag", "Last-Modified", "Location", "Content-Location"):
        if len(answer.all(name)) > 1:
            yield f"the field {name} comes more than once"
    length = answer.one("Content-Length")
    if answer.status in _BODILESS or method == "HEAD":
        if answer.body:
            yield "a body where there is none"
    elif length is not None and length != str(len(answer.body)):
        yield f"Content-Length is {length}, but the body has {len(answer.body)} bytes"
    if answer.body and not answer.one("Content-Type"):
        yield "a body without a media type"
    vary = oracle.names(answer.one("Vary"))
    if "*" in vary:
        yield "Vary: * keeps every cache from answering"
    if answer.status == 405 and not {"get", "head", "options"} <= oracle.names(answer.one("Allow")):
        yield f"Allow is {answer.one('Allow')!r}"
    if answer.status in (429, 503) and not re.fullmatch(r"\d+", answer.one("Retry-After") or ""):
        yield f"Retry-After is {answer.one('Retry-After')!r}"


def _security(answer: Answer) -> Iterator[str]:
    """Fetch, section 3.2; CSP 3; Referrer Policy: on each answer, once each.

    With a 304 a cache keeps those that its copy has (RFC 9111, section 3.2).
    """
    if answer.status == 304 and not answer.all("Memento-Datetime"):
        if answer.one("Access-Control-Allow-Origin") != "*" or answer.one("Content-Security-Policy"):
            yield "a 304 has other fields than it needs"
        return
    for name in (
        "Access-Control-Allow-Origin",
        "Content-Security-Policy",
        "X-Content-Type-Options",
        "Referrer-Policy",
    ):
        if len(answer.all(name)) != 1:
            yield f"the field {name} comes {len(answer.all(name))} times"
    if answer.one("Access-Control-Allow-Origin") != "*":
        yield f"Access-Control-Allow-Origin is {answer.one('Access-Control-Allow-Origin')!r}"
    if answer.all("Access-Control-Allow-Credentials"):
        yield "credentials are allowed"
    if missing := _EXPOSED - oracle.names(answer.one("Access-Control-Expose-Headers")):
        yield f"scripts may not read {sorted(missing)}"
    policy = answer.one("Content-Security-Policy") or ""
    if "unsafe" in policy or "default-src 'none'" not in policy or "*" in policy:
        yield f"Content-Security-Policy is {policy!r}"
    if answer.one("X-Content-Type-Options") != "nosniff":
        yield f"X-Content-Type-Options is {answer.one('X-Content-Type-Options')!r}"
    if answer.all("Set-Cookie"):
        yield "a cookie"


def _places(answer: Answer, site: "Site") -> Iterator[str]:
    """Every address in a field is a URI of this site or of the data, and none was given by the client."""
    places = [*answer.all("Location"), *answer.all("Content-Location")]
    for place in (*places, *(each.target for each in oracle.links(answer.all("Link")))):
        if not oracle.URI.fullmatch(place):
            yield f"{place!r} is no URI"
        if EVIL in place or urlsplit(place).scheme.lower() in ("javascript", "data", "vbscript", "file"):
            yield f"{place!r} leads astray"
    for place in places:
        if not urljoin(site.base, place).startswith(site.base):
            yield f"{place!r} leads off the site"
        if not re.match(r"https?://|/(?![/\\])", place):
            yield f"{place!r} is not a path on this host"
    if EVIL.encode() in answer.body:
        yield "the client's own host name comes back"


def _validators(answer: Answer) -> Iterator[str]:
    """RFC 9110, section 8.8: strong entity tags, dates in the preferred form and not in the future."""
    etag, modified, date = (answer.one(name) for name in ("ETag", "Last-Modified", "Date"))
    if etag is not None and not oracle.ETAG.fullmatch(etag):
        yield f"ETag is {etag!r}"
    for name, value in (("Last-Modified", modified), ("Date", date), ("Expires", answer.one("Expires"))):
        if value is not None and not oracle.DATE.fullmatch(value):
            yield f"{name} is {value!r}"
    found, now = oracle.http_date(modified), oracle.http_date(date)
    if found and now and found > now:
        yield "Last-Modified is in the future"


def _problem(accept: str | None, answer: Answer) -> Iterator[str]:
    """RFC 9457, or a page, or plain text; whichever the client likes best, and problem details else."""
    expected = oracle.choice(accept, tuple(oracle.PROBLEMS.values())) or oracle.PROBLEMS["json"]
    if answer.media_type != expected:
        yield f"the fault is told in {answer.media_type!r}, not in {expected}"
    if "accept" not in oracle.names(answer.one("Vary")):
        yield "a fault that was negotiated does not say so (Vary)"
    control = oracle.names(re.sub(r"=[^,]*", "", answer.one("Cache-Control") or ""))
    if answer.status != 410 and not control & {"no-cache", "no-store"}:
        yield f"a fault may be kept: Cache-Control is {answer.one('Cache-Control')!r}"
    if answer.media_type == oracle.PROBLEMS["json"] and not answer.one("Content-Encoding"):
        yield from _details(answer)
    elif not answer.body:
        yield "a fault without words"


def _details(answer: Answer) -> Iterator[str]:
    told = json.loads(answer.text)
    phrases = oracle.PHRASES[answer.status]
    if told.get("status") != answer.status:
        yield f"status is {told.get('status')!r}"
    if told.get("type") == "about:blank" and told.get("title") not in (
        phrases if isinstance(phrases, tuple) else (phrases,)
    ):
        yield f"title is {told.get('title')!r}"
    if not isinstance(told.get("type"), str) or not told.get("title") or not told.get("detail"):
        yield f"members are missing: {sorted(told)}"
    if answer.status == 406 and "variants" in told:
        for each in told["variants"]:
            if not oracle.URI.fullmatch(each["href"]) or "/" not in each["type"]:
                yield f"a variant is {each}"
