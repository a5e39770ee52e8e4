"""Negotiation of formats, codings and languages: RFC 9110, section 12."""

from collections.abc import Iterable, Iterator
from functools import partial
from itertools import permutations

from contract import oracle
from contract.cases import Case, Site, needs, status
from contract.reading import decoded, parse
from contract.transport import Answer, Headers
from contract.world import DOWNLOADS, FIXED, LISTS, NEGOTIATED, STATIC, THINGS, Resource

BROWSERS = {
    "Firefox": "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,image/png,"
    "image/svg+xml,*/*;q=0.8",
    "Chrome": "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,image/apng,"
    "*/*;q=0.8,application/signed-exchange;v=b3;q=0.7",
    "Safari": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
}
CLIENTS = {
    "curl": "*/*",
    "rdflib": "application/rdf+xml,text/rdf+n3;q=0.9,application/xhtml+xml;q=0.5, */*;q=0.1",
    "rdflib 7": "text/turtle, application/rdf+xml, application/n-triples, application/n-quads, "
    "application/trig,application/ld+json, text/n3;q=0.5, */*;q=0.1",
    "Jena": "text/turtle,application/n-triples;q=0.9,application/ld+json;q=0.8,"
    "application/rdf+xml;q=0.7,*/*;q=0.3",
    "Comunica": "application/n-quads,application/trig;q=0.95,application/ld+json;q=0.9,"
    "application/n-triples;q=0.8,text/turtle;q=0.6,application/rdf+xml;q=0.5,text/n3;q=0.35,"
    "application/xml;q=0.3,text/xml;q=0.3,text/html;q=0.2",
    "RDF4J": "application/n-triples;q=0.8, application/rdf+xml, text/turtle, text/x-nquads;q=0.7, "
    "application/x-binary-rdf;q=0.9, application/ld+json;q=0.6",
    "Protégé": "application/rdf+xml, application/xml; q=0.7, text/xml; q=0.6, text/plain; q=0.1, */*; q=0.09",
    "OWL API": "application/rdf+xml,application/xml;q=0.7,text/turtle;q=0.5,*/*;q=0.09",
    "Googlebot": "text/html,application/xhtml+xml,application/signed-exchange;v=b3,application/xml;q=0.9,"
    "*/*;q=0.8",
    "JSON-LD": 'application/ld+json;profile="http://www.w3.org/ns/json-ld#context", application/json;q=0.1',
    "pyLD": "application/ld+json;profile=http://www.w3.org/ns/json-ld#context, application/ld+json, "
    "application/json",
    "Signposting": 'application/linkset+json;profile="https://signposting.org/FAIR", '
    "application/linkset;q=0.5",
    "spreadsheet": "text/csv, text/tab-separated-values;q=0.5",
}
HOSTILE = {
    "empty": "",
    "blanks": "   ",
    "commas": ",,,",
    "semicolons": ";;;",
    "slash": "/",
    "no subtype": "text/",
    "no type": "/html",
    "half a wildcard": "*/turtle",
    "word": "text",
    "quote": '"',
    "open quote": 'text/turtle;a="b, text/html',
    "q without value": "text/turtle;q=, text/html;q=0.1",
    "q of words": "text/turtle;q=high, text/csv;q=0.1",
    "q over one": "text/turtle;q=1.001, text/html;q=0.2",
    "q below nothing": "text/turtle;q=-1, text/html;q=0.3",
    "q with four digits": "text/turtle;q=0.1234, text/html;q=0.001",
    "q of one point": "text/turtle;q=1., text/html;q=1.0",
    "NaN": "text/turtle;q=nan, application/n-triples;q=inf, text/html;q=0.1",
    "spaces": "  text/turtle  ;  q=0.5  ,  text/html ; q=0.4  ",
    "tabs": "text/turtle\t;\tq=0.5\t,\ttext/html;q=0.4",
    "upper Q": "text/turtle;Q=0.2, text/html;Q=0.1",
    "accept-ext": "text/turtle;q=0.5;level=1, text/html;q=0.4",
    "markup": "<script>alert(1)</script>",
    "Latin-1": "text/türtle, */*;q=0.1",
    "image": "image/png",
    "nothing": "*/*;q=0",
    "text none": "text/*;q=0",
    "all but text": "text/*;q=0, */*;q=0.1",
    "tiny": "text/turtle;q=0.001, text/html;q=0.002",
    "10 kB at the end": "image/png;q=0.5, " * 600 + "text/turtle",
    "10 kB at the start": "text/turtle, " + "image/png;q=0.5, " * 600,
    "thousand types": ", ".join(f"a/b{number}" for number in range(1000)) + ", text/turtle;q=0.1",
}


def accepts(resource: Resource) -> dict[str, str | None]:
    """The Accept fields that a resource is asked with; None is no field."""
    found: dict[str, str | None] = {"none": None, **BROWSERS, **CLIENTS, **HOSTILE}
    types = resource.media_types()
    for each in oracle.VARIANTS.values():
        found |= {
            each: each,
            f"{each} in capitals": each.upper(),
            f"{each} with charset": f"{each};charset=utf-8",
            f"{each} with profile": f'{each}; profile="https://a.example/, text/html;q=1"; q=0.7, image/png',
            f"{each} first of all": f"*/*;q=0.1, {each};q=0.2",
            f"all but {each}": f"{each};q=0, */*;q=0.5",
            f"{each} refused": f"{each};q=0.000",
        }
    for wide in ("*/*", "text/*", "application/*", "TEXT/*", "image/*"):
        found[wide] = wide
    for one, other in permutations(types, 2):
        found[f"{one} as good as {other}"] = f"{one};q=0.5,{other};q=0.5"
        found[f"{one} better than {other}"] = f"{other};q=0.299,{one};q=0.3"
    return found


def negotiation(site: Site) -> Iterator[Case]:
    """Each resource × each Accept: the variant that the client likes best, or 406 with all that there are."""
    for resource in NEGOTIATED:
        query = resource.needs | (needs("accept", "queries") if resource.query else needs("accept"))
        for number, accept in enumerate(accepts(resource).values()):
            headers: Headers = () if accept is None else (("Accept", accept),)
            yield Case(
                resource.target,
                partial(chosen, site, resource, accept),
                "HEAD" if number % 2 else "GET",
                headers,
                needs=query,
            )


def chosen(site: Site, resource: Resource, accept: str | None, answer: Answer) -> Iterator[str]:
    """What is wrong with a negotiated answer."""
    expected = oracle.choice(accept, resource.media_types())
    if "accept" not in oracle.names(answer.one("Vary")):
        yield f"Vary is {answer.one('Vary')!r}"
    if expected is None:
        if answer.status != 406:
            yield f"should be 406, not {answer.media_type}"
        return
    if (answer.status, answer.media_type) != (200, expected):
        yield f"should be 200 {expected}, not {answer.status} {answer.media_type}"
        return
    suffix = next(each for each in resource.variants if oracle.VARIANTS[each] == expected)
    if answer.one("Content-Location") != site.mount + resource.variant(suffix):
        yield f"Content-Location is {answer.one('Content-Location')!r}, not {resource.variant(suffix)}"


def refusals(site: Site) -> Iterator[Case]:
    """A 406 lists every variant with its address, and each address keeps its word."""
    for resource in NEGOTIATED:
        yield Case(
            resource.target,
            partial(listed, site, resource),
            headers=(("Accept", "image/png, application/problem+json;q=0"),),
            needs=resource.needs | needs("accept", "problems", "queries"),
        )


def listed(site: Site, resource: Resource, answer: Answer) -> Iterator[str]:
    if answer.status != 406:
        yield "should be 406"
        return
    again = site.fetch("GET", resource.target, (("Accept", "image/png"),))
    variants = {each["type"]: each["href"] for each in parse(again)["variants"]}
    if set(variants) != set(resource.media_types()):
        yield f"lists {sorted(variants)}, not {sorted(resource.media_types())}"
    for media_type, href in variants.items():
        there = site.follow(href)
        if (there.status, there.media_type) != (200, media_type):
            yield f"lists {href} as {media_type}, but it is {there.status} {there.media_type}"


def precedence(site: Site) -> Iterator[Case]:
    """The suffix beats `?format=`, which beats Accept; what was not negotiated does not vary by Accept."""
    for resource in NEGOTIATED:
        for suffix in resource.variants:
            for other in ("html", "ttl", "rdf"):
                joint = "&" if resource.query else "?"
                accept = (("Accept", oracle.VARIANTS[other]),)
                yield Case(
                    resource.variant(suffix),
                    partial(fixed, suffix),
                    headers=accept,
                    needs=resource.needs | (needs("queries") if resource.query else needs()),
                )
                asked = f"{resource.target}{joint}format={suffix}"
                yield Case(
                    asked,
                    partial(by_parameter, site, resource, suffix),
                    headers=accept,
                    needs=resource.needs | needs("queries"),
                )
                query = f"{resource.query}&" if resource.query else ""
                yield Case(
                    f"{resource.path}.{suffix}?{query}format={other}",
                    partial(fixed, suffix),
                    headers=(("Accept", "image/png"),),
                    needs=resource.needs | needs("queries"),
                )


def fixed(suffix: str, answer: Answer) -> Iterator[str]:
    """What is wrong with a variant at its own address."""
    if (answer.status, answer.media_type) != (200, oracle.VARIANTS[suffix]):
        yield f"should be {oracle.VARIANTS[suffix]}, not {answer.media_type}"
    elif "accept" in oracle.names(answer.one("Vary")):
        yield "does not depend on Accept, but says so in Vary"


def by_parameter(site: Site, resource: Resource, suffix: str, answer: Answer) -> Iterator[str]:
    yield from fixed(suffix, answer)
    if answer.status == 200 and answer.one("Content-Location") not in (
        None,
        site.mount + resource.variant(suffix),
    ):
        yield f"Content-Location is {answer.one('Content-Location')!r}"


ENCODINGS: dict[str, str | None] = {
    "none": None,
    "empty": "",
    "identity": "identity",
    "gzip": "gzip",
    "capitals": "GZIP",
    "x-gzip": "x-gzip",
    "br": "br",
    "zstd": "zstd",
    "Chrome": "gzip, deflate, br, zstd",
    "Safari": "gzip, deflate, br",
    "curl": "deflate, gzip, br, zstd",
    "old": "gzip,deflate",
    "compress": "compress, deflate",
    "any": "*",
    "by weight gzip": "br;q=0.1, zstd;q=0.2, gzip;q=0.3",
    "by weight zstd": "br;q=0.1, zstd;q=0.4, gzip;q=0.3",
    "by weight br": "br;q=1.0, zstd;q=0.4, gzip;q=0.3",
    "rather bare": "gzip;q=0.5, identity;q=1",
    "no gzip": "gzip;q=0",
    "any but gzip": "gzip;q=0, *",
    "any but br": "*, br;q=0",
    "only gzip": "gzip, *;q=0",
    "not bare": "identity;q=0, gzip",
    "not bare, any": "identity;q=0, *",
    "malformed": "gzip;q=x, ;;, br;q=0.5",
    "unknown": "frobnicate, gzip;q=0.1",
}
NOTHING_SENDABLE = (
    "identity;q=0",
    "*;q=0",
    "compress, identity;q=0",
    "br;q=0, gzip;q=0, zstd;q=0, identity;q=0",
)
_WORTH = 2000
"""A text of so many bytes is worth a coding."""


def codings(site: Site) -> Iterator[Case]:
    """Each variant × each Accept-Encoding: the coding liked best, the same body, a validator of its own."""
    targets = [each.variant(suffix) for each in (THINGS[2], LISTS[0]) for suffix in each.variants]
    for target in (*targets, *(each.target for each in (THINGS[0], FIXED[0], *DOWNLOADS, STATIC))):
        bare = site.fetch("GET", target)
        known: dict[str | None, tuple[str | None, bytes]] = {None: (bare.one("ETag"), bare.body)}
        for field in ENCODINGS.values():
            headers: Headers = () if field is None else (("Accept-Encoding", field),)
            yield Case(
                target,
                partial(coded, field, known),
                headers=headers,
                needs=needs("codings"),
            )
        for field in NOTHING_SENDABLE:
            yield Case(
                target,
                status(406),
                headers=(("Accept-Encoding", field),),
                needs=needs("codings", "problems"),
            )


def coded(
    field: str | None, known: dict[str | None, tuple[str | None, bytes]], answer: Answer
) -> Iterator[str]:
    """What is wrong with an answer that may be coded; `known` are the tags of the codings met so far."""
    coding = answer.one("Content-Encoding")
    allowed = oracle.codings(field)
    bare = known[None][1]
    if answer.status != 200:
        yield "should be 200"
        return
    if len(bare) < _WORTH and coding is None and "identity;q=0" not in (field or ""):
        allowed |= {None}
    if coding not in allowed:
        yield f"is coded by {coding}, not by one of {sorted(map(str, allowed))}"
    if "accept-encoding" not in oracle.names(answer.one("Vary")):
        yield f"Vary is {answer.one('Vary')!r}"
    if decoded(answer) != bare:
        yield f"the body decoded from {coding} is not the body"
    etag = answer.one("ETag")
    if known.setdefault(coding, (etag, b""))[0] != etag:
        yield f"the same coding {coding} has two entity tags: {etag}"
    if len({tag for tag, _ in known.values()}) != len(known):
        yield f"two codings share the entity tag {etag}"


def error_codings(site: Site) -> Iterator[Case]:
    """A fault is readable whatever coding is asked for."""
    for field in (*filter(None, ENCODINGS.values()), *NOTHING_SENDABLE):
        yield Case(
            "/doc/light/nowhere",
            readable_fault,
            headers=(("Accept-Encoding", field), ("Accept", "application/problem+json")),
            needs=needs("problems"),
        )


def readable_fault(answer: Answer) -> Iterable[str]:
    if answer.status not in (404, 406) or b'"status"' not in decoded(answer):
        yield "should be 404 with its words"


LANGUAGES = {
    None: "en",
    "": "en",
    "*": "en",
    "el": "el",
    "EL": "el",
    "el-GR": "el",
    "el-GR-x-private, en;q=0.5": "el",
    "el;q=0.5, en;q=0.4": "el",
    "en, el;q=0.9": "en",
    "de, el;q=0.1": "el",
    "de": "en",
    "el;q=0": "en",
    "fr-CH, fr;q=0.9, en;q=0.8, de;q=0.7, *;q=0.5": "en",
    "not a language": "en",
    ";;;,,": "en",
    "x" * 5000: "en",
    'en"<script>': "en",
}
"""Accept-Language, and the language of the label that it gets: asked, its base, English, none, any."""


def languages(site: Site) -> Iterator[Case]:
    """The label in the reader's language; the same language the same entity tag, another another."""
    known: dict[str, str] = {}
    for field, expected in LANGUAGES.items():
        headers: Headers = () if field is None else (("Accept-Language", field),)
        yield Case(
            "/doc/light/pharos.html",
            partial(in_language, expected, known),
            headers=headers,
            needs=needs("languages"),
        )


def in_language(expected: str, known: dict[str, str], answer: Answer) -> Iterator[str]:
    heading = parse(answer).find(".//h1")
    spoken = [each.get("lang") for each in heading.iter() if each.get("lang")]
    if (spoken or ["en"])[0] != expected:
        yield f"the heading is in {spoken}, not in {expected}"
    if "accept-language" not in oracle.names(answer.one("Vary")):
        yield f"Vary is {answer.one('Vary')!r}"
    etag = answer.one("ETag") or ""
    if known.setdefault(etag, expected) != expected:
        yield "two languages share one entity tag"
