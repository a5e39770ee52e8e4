"""Conditions and byte ranges: RFC 9110, sections 13 and 14; RFC 9111."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from functools import partial

from contract import oracle
from contract.cases import Case, Site, needs, status
from contract.transport import Answer
from contract.world import DOWNLOADS, FIXED, NEGOTIATED, SEARCHES, STATIC, THINGS

_KEPT = ("ETag", "Vary", "Cache-Control", "Content-Location")
"""What a 304 repeats of the 200 (RFC 9110, section 15.4.5)."""
ASK = "/sparql?query=SELECT%20%2A%20%7B%3Fs%20%3Fp%20%3Fo%7D%20LIMIT%203&format=json"


def validated() -> list[str]:
    """The targets whose answers have validators."""
    documents = [each.variant(suffix) for each in NEGOTIATED for suffix in each.variants]
    return [
        *documents,
        *(each.target for each in NEGOTIATED),
        *(each.target for each in FIXED if each.validated),
    ]


def validators(site: Site) -> Iterator[Case]:
    """Every document and file has a strong entity tag, the release's time, and may be kept for a while."""
    seen: dict[str, str] = {}
    for target in validated():
        yield Case(target, partial(marked, target, seen), needs=_needed(target))
    yield Case(ASK, partial(marked, ASK, seen), needs=needs("conditions", "endpoint"))


def marked(target: str, seen: dict[str, str], answer: Answer) -> Iterator[str]:
    if answer.status != 200:
        yield "should be 200"
        return
    if answer.one("ETag") is None:
        yield "has no entity tag"
    elif target not in {each.target for each in NEGOTIATED}:
        if (other := seen.setdefault(f"{answer.one('ETag')} {target.partition('.')[0]}", target)) != target:
            yield f"shares its entity tag with {other}"
    if answer.one("Last-Modified") is None and not target.startswith("/sparql"):
        yield "has no Last-Modified"
    control = answer.one("Cache-Control") or ""
    age = re.search(r"\bmax-age=(\d+)", control)
    if "public" not in control or not age or int(age[1]) == 0:
        yield f"Cache-Control is {control!r}"
    if "stale-while-revalidate" not in control and not target.startswith(("/static/", "/sparql")):
        yield f"Cache-Control has no stale-while-revalidate: {control!r}"


def _needed(target: str) -> frozenset[str]:
    """What a site must be able to do so that its answer for this target has validators."""
    return needs("conditions", "queries", *(("endpoint",) if target.startswith("/search") else ()))


def _conditions(etag: str, modified: datetime) -> Iterator[dict[str, str]]:
    """Conditions of every kind, alone and together, for a copy with this tag and this time."""
    before, at, after = (
        format_datetime(modified + timedelta(seconds=offset), usegmt=True) for offset in (-1, 0, 3600)
    )
    other = '"other"'
    none_match = (
        etag,
        f"W/{etag}",
        other,
        f"W/{other}",
        f"{other}, {etag}",
        f'"a,b" , W/"c", {etag}, "d"',
        "*",
        " * ",
        etag.strip('"'),
        '"',
        "",
        ", ".join(f'"{number}"' for number in range(500)),
        f'"{etag}"',
        etag.upper() if etag.upper() != etag else other,
    )
    dates = (
        before,
        at,
        after,
        "yesterday",
        "",
        "0",
        "-1",
        "Mon, 99 Foo 2026 99:99:99 GMT",
        modified.strftime("%A, %d-%b-%y %H:%M:%S GMT"),
        modified.strftime("%a %b %e %H:%M:%S %Y"),
        "Thu, 01 Jan 1970 00:00:00 GMT",
        "Fri, 31 Dec 9999 23:59:59 GMT",
    )
    yield {}
    yield from ({"If-None-Match": each} for each in none_match)
    yield from ({"If-Modified-Since": each} for each in dates)
    yield from ({"If-Match": each} for each in (etag, f"W/{etag}", other, "*", f"{other}, {etag}"))
    yield from ({"If-Unmodified-Since": each} for each in dates)
    yield {"If-None-Match": other, "If-Modified-Since": after}
    yield {"If-None-Match": etag, "If-Modified-Since": before}
    yield {"If-Match": other, "If-None-Match": etag}
    yield {"If-Match": etag, "If-None-Match": etag}
    yield {"If-Match": etag, "If-None-Match": other, "If-Modified-Since": after}
    yield {"If-Match": etag, "If-Unmodified-Since": before}
    yield {"If-Match": other, "If-Unmodified-Since": after}
    yield {"If-Unmodified-Since": before, "If-None-Match": etag}
    yield {"If-Unmodified-Since": after, "If-None-Match": etag}
    yield {"Cache-Control": "no-cache", "If-None-Match": etag}


def conditions(site: Site) -> Iterator[Case]:
    """Each document and file × each condition: 200, 304 or 412 by the order of section 13.2.2."""
    some = (THINGS[0].path, THINGS[2].path, "/class/light?page=2", "/dataset", "/ont", "/", STATIC.path)
    documents = [each.variant(suffix) for each in THINGS[:1] for suffix in each.variants]
    searches = (SEARCHES[0].target, SEARCHES[1].variant("json"))
    for target in (*some, *searches, *documents, *(each.path for each in DOWNLOADS), "/robots.txt"):
        whole = site.fetch("GET", target)
        etag, modified = whole.one("ETag"), oracle.http_date(whole.one("Last-Modified"))
        for number, asked in enumerate(_conditions(etag or '"none"', modified or datetime.now(UTC))):
            expected = oracle.conditional(asked, etag or "", modified)
            yield Case(
                target,
                partial(condition, expected, whole),
                "HEAD" if number % 3 == 0 else "GET",
                tuple(asked.items()),
                needs=_needed(target),
            )


def condition(expected: int | None, whole: Answer, answer: Answer) -> Iterator[str]:
    if answer.status != (expected or whole.status):
        yield f"should be {expected or whole.status}"
    elif answer.status == 304:
        for name in _KEPT:
            if answer.one(name) != whole.one(name):
                yield f"{name} is {answer.one(name)!r}, but that of the 200 is {whole.one(name)!r}"
        if answer.all("Content-Length") and answer.one("Content-Length") != whole.one("Content-Length"):
            yield f"Content-Length is {answer.one('Content-Length')!r}"
    elif answer.status == 200 and answer.body and answer.body != whole.body:
        yield "is not the same body"


def missing_conditions(site: Site) -> Iterator[Case]:
    """What is not there is not there for a condition either (section 13.2.1)."""
    etag = site.fetch("GET", "/doc/light/eddystone.ttl").one("ETag") or '"x"'
    for target in ("/doc/light/nowhere.ttl", "/doc/light/nowhere", "/class/nothing.ttl", "/download/no.nt"):
        for asked in (
            {"If-None-Match": etag},
            {"If-None-Match": "*"},
            {"If-Match": "*"},
            {"If-Modified-Since": "Fri, 31 Dec 9999 23:59:59 GMT"},
            {"Range": "bytes=0-1"},
        ):
            yield Case(
                target,
                status(404),
                headers=tuple(asked.items()),
                needs=needs("conditions", "problems"),
            )


def coded_conditions(site: Site) -> Iterator[Case]:
    """A copy in one coding is not that in another; asked for again in its own, it is still good."""
    for target in ("/doc/keeper/winstanley.ttl", "/doc/keeper/winstanley", "/class/light.csv", "/"):
        for stored in (*oracle.CODINGS, "identity"):
            whole = site.fetch("GET", target, (("Accept-Encoding", stored),))
            for coding in (*oracle.CODINGS, "identity"):
                yield Case(
                    target,
                    partial(condition, 304, whole) if coding == stored else status(200),
                    headers=(("Accept-Encoding", coding), ("If-None-Match", whole.one("ETag") or '""')),
                    needs=needs("conditions", "codings"),
                )


RANGES = (
    "bytes=0-0",
    "bytes=0-9",
    "bytes=10-19",
    "bytes=10-",
    "bytes=-10",
    "bytes=0-",
    "bytes=0-99999999999",
    "bytes=-99999999999",
    "bytes=99999999999-",
    "bytes=99999999999-999999999999",
    "bytes=-0",
    "bytes=5-1",
    "bytes=",
    "bytes=-",
    "bytes=a-b",
    "bytes=0x0-0x9",
    "bytes= 0-9",
    "bytes",
    "lines=0-9",
    "items=0-9",
    "garbage",
    "",
    "bytes=0-9\u00b2",
    "bytes=0-" + "9" * 4000,
)
MANY = ("bytes=0-1,3-4", "bytes=0-1, 3-4, -5", "bytes=" + ",".join(f"{n}-{n}" for n in range(1000)))


def ranges(site: Site) -> Iterator[Case]:
    """Each download × each range: the bytes, all of them, or 416 with the length."""
    for file in DOWNLOADS:
        for coding in (None, "gzip"):
            fixed = () if coding is None else (("Accept-Encoding", coding),)
            whole = site.fetch("GET", file.path, fixed)
            for field in RANGES:
                yield Case(
                    file.path,
                    partial(part, field, whole),
                    headers=(*fixed, ("Range", field)),
                    needs=needs("ranges"),
                )
            for field in MANY:
                yield Case(
                    file.path,
                    partial(whole_or_parts, whole),
                    headers=(*fixed, ("Range", field)),
                    needs=needs("ranges"),
                )
        whole = site.fetch("GET", file.path)
        etag, modified = whole.one("ETag") or "", whole.one("Last-Modified") or ""
        for validator, good in (
            (etag, True),
            (f"W/{etag}", False),
            ('"other"', False),
            (modified, True),
            ("Thu, 01 Jan 1970 00:00:00 GMT", False),
            ("Fri, 31 Dec 9999 23:59:59 GMT", False),
            ("garbage", False),
        ):
            yield Case(
                file.path,
                partial(part, "bytes=2-5", whole) if good else partial(condition, None, whole),
                headers=(("Range", "bytes=2-5"), ("If-Range", validator)),
                needs=needs("ranges", "conditions"),
            )
        yield Case(
            file.path,
            partial(condition, None, whole),
            "HEAD",
            (("Range", "bytes=0-3"),),
            needs=needs("ranges"),
        )
        yield Case(
            file.path,
            partial(condition, 304, whole),
            headers=(("Range", "bytes=0-3"), ("If-None-Match", etag)),
            needs=needs("ranges", "conditions"),
        )
        yield Case(
            file.path,
            partial(condition, 412, whole),
            headers=(("Range", "bytes=0-3"), ("If-Match", '"other"')),
            needs=needs("ranges", "conditions"),
        )
        yield Case(file.path, offers_ranges, needs=needs("ranges"))


def part(field: str, whole: Answer, answer: Answer) -> Iterator[str]:
    status, piece = oracle.ranged(field, len(whole.body))
    if answer.status == 416 and field.startswith("bytes=") and status == 200:
        return  # what is malformed may be refused as well (section 14.2)
    if answer.status != status:
        yield f"should be {status}"
    elif piece is not None:
        if answer.body != whole.body[piece]:
            yield "is not those bytes"
        said = f"bytes {piece.start}-{piece.stop - 1}/{len(whole.body)}"
        if answer.one("Content-Range") != said:
            yield f"Content-Range is {answer.one('Content-Range')!r}, not {said!r}"
        for name in ("ETag", "Content-Type", "Content-Encoding"):
            if answer.one(name) != whole.one(name):
                yield f"{name} is {answer.one(name)!r}, not {whole.one(name)!r}"
    elif status == 416 and answer.one("Content-Range") != f"bytes */{len(whole.body)}":
        yield f"Content-Range is {answer.one('Content-Range')!r}"
    elif status == 200 and answer.body != whole.body:
        yield "is not the whole"


def whole_or_parts(whole: Answer, answer: Answer) -> Iterator[str]:
    """Several ranges may be ignored, or sent as multipart/byteranges (section 14.6)."""
    if answer.status == 206 and answer.media_type == "multipart/byteranges":
        return
    if answer.status not in (200, 416) or (answer.status == 200 and answer.body != whole.body):
        yield "should be the whole, or its parts"


def offers_ranges(answer: Answer) -> Iterator[str]:
    if answer.one("Accept-Ranges") != "bytes":
        yield f"Accept-Ranges is {answer.one('Accept-Ranges')!r}"


def documents_have_no_ranges(site: Site) -> Iterator[Case]:
    """A document is sent whole, or in a right part; never as a wrong one."""
    for target in (THINGS[2].variant("ttl"), "/dataset.ttl", "/robots.txt"):
        whole = site.fetch("GET", target)
        for field in ("bytes=0-9", "bytes=-5", "bytes=99999999-"):
            yield Case(
                target,
                partial(whole_or_part, field, whole),
                headers=(("Range", field),),
                needs=needs("ranges"),
            )


def whole_or_part(field: str, whole: Answer, answer: Answer) -> Iterator[str]:
    if answer.status == 200:
        yield from condition(None, whole, answer)
    else:
        yield from part(field, whole, answer)
