"""Methods, targets that are none, hosts that are not ours, and requests over the budget."""

import re
from collections.abc import Iterable, Iterator
from functools import partial

from contract import oracle
from contract.cases import Case, Site, needs, status
from contract.invariants import EVIL
from contract.transport import Answer, Headers
from contract.world import (
    EVERYTHING,
    MERGED,
    MISSING,
    NEGOTIATED,
    REDIRECTS,
    WITHDRAWN,
)

_UNSAFE = ("PUT", "DELETE", "PATCH", "TRACE", "BREW", "PROPFIND", "QUERY")
_ODD = re.compile(
    r"%00|%0[ad]|%ff|%(?![0-9A-Fa-f]{2})|%E0%A4%A|%E5%98|%5c|format=|^/{2}|9{99}", re.IGNORECASE
)
"""Targets that may be called malformed (400) as well as not found."""
ACCEPTS: tuple[str | None, ...] = (
    None,
    "text/html,application/xhtml+xml,*/*;q=0.8",
    "text/plain",
    "application/problem+json",
    "application/json",
    "text/turtle",
    "*/*",
    "image/png",
    "text/html;q=0, */*",
    "nonsense;;;q=",
)


def methods(site: Site) -> Iterator[Case]:
    """Each route × each method: HEAD like GET, OPTIONS with Allow, 405 with Allow for the others."""
    for target in EVERYTHING:
        posts = target.partition("?")[0] == "/sparql"
        for method in _UNSAFE if posts else (*_UNSAFE, "POST"):
            for accept in ACCEPTS[:4]:
                yield Case(
                    target,
                    wrong_method,
                    method,
                    () if accept is None else (("Accept", accept),),
                    b"x=1" if method in ("PUT", "POST", "PATCH") else b"",
                    needs=needs("methods"),
                )
        yield Case(target, partial(optional, posts), "OPTIONS", needs=needs("methods"))
        yield Case(
            target,
            partial(optional, posts),
            "OPTIONS",
            (
                ("Origin", "https://elsewhere.example"),
                ("Access-Control-Request-Method", "POST" if posts else "GET"),
                ("Access-Control-Request-Headers", "accept, content-type, if-none-match"),
            ),
            needs=needs("methods"),
        )


def wrong_method(answer: Answer) -> Iterator[str]:
    if answer.status not in (405, 501):
        yield "should be 405"


def optional(posts: bool, answer: Answer) -> Iterator[str]:
    """RFC 9110, section 9.3.7, and what a browser asks before it asks (Fetch, section 4.8)."""
    if answer.status not in (200, 204) or answer.body:
        yield f"should be 200 or 204 without a body, not {answer.body[:40]!r}"
    allowed = oracle.names(answer.one("Allow"))
    if allowed != {"get", "head", "options"} | ({"post"} if posts else set()):
        yield f"Allow is {answer.one('Allow')!r}"
    if not allowed <= oracle.names(answer.one("Access-Control-Allow-Methods")):
        yield f"Access-Control-Allow-Methods is {answer.one('Access-Control-Allow-Methods')!r}"
    if missing := {"accept", "content-type", "if-none-match", "range"} - oracle.names(
        answer.one("Access-Control-Allow-Headers")
    ):
        yield f"a script may not send {sorted(missing)}"


def heads(site: Site) -> Iterator[Case]:
    """HEAD is GET without its body: the same status, the same fields (RFC 9110, section 9.3.2)."""
    faults = (*MISSING[:12], *MERGED, *WITHDRAWN, "/doc/light/eddystone?format=xyz")
    variants = [each.variant(suffix) for each in NEGOTIATED for suffix in each.variants]
    for target in (*EVERYTHING, *variants, *faults):
        needed = needs("endpoint") if target.startswith(("/sparql", "/search", "/suggest")) else needs()
        if "?" in target:
            needed |= needs("queries")
        if target in faults:
            needed |= needs("problems")
        yield Case(target, partial(like, site.fetch("GET", target)), "HEAD", needs=needed)


def like(whole: Answer, answer: Answer) -> Iterator[str]:
    if answer.status != whole.status:
        yield f"GET is {whole.status}"
    passing = {"date", "server-timing", "transfer-encoding", "connection"}
    if not whole.all("ETag"):  # what changes from call to call may change in length
        passing |= {"content-length"}
    names = {name.lower() for name, _ in (*whole.headers, *answer.headers)} - passing
    for name in sorted(names):
        if name == "content-length" and not answer.all(name):
            continue
        if sorted(answer.all(name)) != sorted(whole.all(name)):
            yield f"{name} is {answer.one(name)!r}, but that of GET is {whole.one(name)!r}"


def redirects(site: Site) -> Iterator[Case]:
    """A thing leads to its document with 303, whatever is accepted; a query leads nowhere else."""
    for target, (code, where) in REDIRECTS.items():
        for accept in ACCEPTS:
            headers: Headers = () if accept is None else (("Accept", accept),)
            yield Case(target, partial(leads, site, code, where), headers=headers)
        for query in ("?x=1", "?next=//evil.example", "?%0d%0aX-Evil:1"):
            yield Case(target + query, partial(leads, site, code, where), needs=needs("queries"))


def leads(site: Site, code: int, where: str, answer: Answer) -> Iterator[str]:
    place = (answer.one("Location") or "").removeprefix(site.base.removesuffix(f"{site.mount}/"))
    if "?" not in where:
        place = place.partition("?")[0]
    if (answer.status, place) != (code, site.mount + where):
        yield f"should be {code} to {site.mount + where}, not {place!r}"


def missing(site: Site) -> Iterator[Case]:
    """Each target that is not there × each Accept: 404 (400 for what no client spells so), in its words."""
    for target in MISSING:
        for number, accept in enumerate(ACCEPTS):
            if number < 4 or target in MISSING[:6]:
                yield Case(
                    target,
                    partial(not_there, target),
                    headers=() if accept is None else (("Accept", accept),),
                    needs=needs("problems", "targets"),
                )


def not_there(target: str, answer: Answer) -> Iterable[str]:
    allowed = (404, 400) if _ODD.search(target) else (404,)
    if answer.status not in allowed:
        yield f"should be {' or '.join(map(str, allowed))}"
    if answer.all("X-Evil"):
        yield "a field was smuggled in"


def tombstones(site: Site) -> Iterator[Case]:
    """What was merged leads to its replacement for good; what was withdrawn is gone, and says why."""
    for accept in ACCEPTS:
        headers: Headers = () if accept is None else (("Accept", accept),)
        for target in MERGED:
            yield Case(target, partial(replaced, site), headers=headers, needs=needs("methods"))
        for target in WITHDRAWN:
            yield Case(target, gone, headers=headers, needs=needs("methods"))


def replaced(site: Site, answer: Answer) -> Iterator[str]:
    if answer.status != 301 or not answer.one("Location"):
        yield "should be 301 to its replacement"
        return
    there = answer
    for _ in range(4):
        if there.status in (301, 303):
            there = site.follow(there.one("Location") or "/")
    if there.status != 200 or b"eddystone" not in there.body:
        yield f"its replacement is {there.status}"


def gone(answer: Answer) -> Iterator[str]:
    if answer.status != 410:
        yield "should be 410"
    elif b"never was such a light" not in answer.body:
        yield "does not say why"


def hosts(site: Site) -> Iterator[Case]:
    """No field that a client may choose makes an address (pitfalls: the base from the Host header)."""
    tricks: tuple[Headers, ...] = (
        (("Host", EVIL),),
        (("Host", f"{EVIL}:80"),),
        (("Host", f"user@{EVIL}"),),
        (("Host", "evil.example/path"),),
        (("Host", f"{EVIL}\\@lights.example"),),
        (("X-Forwarded-Host", EVIL),),
        (("X-Forwarded-Proto", "javascript"), ("X-Forwarded-Host", EVIL)),
        (("X-Forwarded-Prefix", f"//{EVIL}"),),
        (("X-Script-Name", f"//{EVIL}"),),
        (("Forwarded", f"host={EVIL};proto=https"),),
        (("X-Original-URL", f"//{EVIL}/"),),
        (("X-Rewrite-URL", f"//{EVIL}/"),),
        (("X-HTTP-Method-Override", "DELETE"),),
        (("Origin", f"https://{EVIL}"),),
        (("Referer", f"https://{EVIL}/"),),
        (("Origin", "null"),),
        (("Cookie", "session=1"),),
        (("Authorization", "Basic eDp5"),),
        (("Accept-Datetime", "Thu, 01 Jan 1970 00:00:00 GMT"),),
        (("Accept-Datetime", "garbage"),),
        (("Prefer", "respond-async, return=minimal"),),
        (("Expect", "the-unexpected"),),
        (("Upgrade", "h2c"),),
        (("TE", "trailers, deflate;q=0.5"),),
        (("Max-Forwards", "0"),),
        (("Accept-Charset", "utf-16, *;q=0"),),
        (("X" * 100, "y" * 4000),),
    )
    for headers in tricks:
        for target in EVERYTHING:
            if target.startswith("/sparql") or (target, headers[0][0]) == ("/", "Upgrade"):
                continue
            yield Case(target, well, headers=headers, needs=needs("targets"))


def well(answer: Answer) -> Iterator[str]:
    """Served as without, or refused as malformed; that the host does not come back `of_every_answer` sees."""
    if answer.status not in (200, 301, 302, 303, 400, 417, 404, 406):
        yield "should be as without the field, or refused"


def sizes(site: Site) -> Iterator[Case]:
    """What is too long is refused as too long, with the budget; what is long is not."""
    for length, expected, needed in (
        (2000, 404, needs("targets")),
        (60_000, 414, needs("targets")),
        (100_000, 414, needs("targets", "endless")),
    ):
        for target in (
            f"/doc/light/{'a' * length}",
            f"/id/light/{'%20' * (length // 3)}",
            f"/{'a' * length}",
        ):
            yield Case(target, status(expected), needs=needed)
        yield Case(
            "/doc/light/eddystone?x=" + "a" * length,
            status(200 if expected == 404 else expected),
            needs=needed | needs("queries"),
        )
    yield Case("/search?q=" + "a" * 3000, status(200), needs=needs("endpoint"))
    yield Case("/sparql?query=" + "a" * 60_000, status(400), needs=needs("endpoint"))
    yield Case("/sparql?query=" + "a" * 200_000, status(414), needs=needs("endpoint", "endless"))
    for kind, expected in (
        ("application/sparql-query", 413),
        ("application/x-www-form-urlencoded", 413),
        ("text/plain", 415),
        ("application/json", 415),
        ("multipart/form-data; boundary=x", 415),
        ("application/sparql-update", 403),
        ("application/sparql-query; charset=latin-1", 415),
        ("", 415),
        ("nonsense", 415),
        (";;;", 415),
    ):
        yield Case(
            "/sparql",
            status(expected),
            "POST",
            (("Content-Type", kind),),
            b"query=" + b"a" * 300_000,
            needs=needs("endpoint"),
        )
