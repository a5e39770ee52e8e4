"""Bodies and links: every variant parses and says the same, every link leads where it says (RFC 8288)."""

from collections.abc import Iterator
from functools import partial
from typing import Any
from urllib.parse import urljoin

import pyoxigraph as ox

from contract import oracle
from contract.cases import Case, Site, needs
from contract.reading import parse
from contract.transport import Answer
from contract.world import FIXED, NEGOTIATED, THINGS, Resource

Triples = frozenset[ox.Triple]


_OF_TIME = ("original", "timegate", "timemap")
"""The relations of RFC 7089, which belong to the moment of an answer and not to the document."""


def bodies(site: Site) -> Iterator[Case]:
    """Each variant is in its format, in UTF-8; the RDF of a resource is the same in every one."""
    for resource in NEGOTIATED:
        known: dict[str, Triples] = {}
        for suffix in resource.variants:
            yield Case(
                resource.variant(suffix),
                partial(read, suffix, known),
                needs=resource.needs | (needs("queries") if resource.query else needs()),
            )
    for resource in FIXED:
        yield Case(
            resource.target, partial(typed, resource), needs=needs("endpoint") if resource.query else needs()
        )


def read(suffix: str, known: dict[str, Triples], answer: Answer) -> Iterator[str]:
    """What is wrong with the body of a variant; `known` has the triples of those before it."""
    if answer.status != 200:
        yield "should be 200"
        return
    if answer.media_type in ("text/html", "text/csv") and "utf-8" not in (answer.one("Content-Type") or ""):
        yield f"does not say that it is UTF-8: {answer.one('Content-Type')}"
    if answer.all("Content-Disposition"):
        yield "is forced upon a browser as a file"
    found = parse(answer)
    if suffix in oracle.GRAPHS:
        known[suffix] = found
        if found != known[next(iter(known))]:
            yield f"says another thing than {next(iter(known))}"
    if not len(found):
        yield "says nothing"


def typed(resource: Resource, answer: Answer) -> Iterator[str]:
    if (answer.status, answer.media_type) != (200, resource.media_type):
        yield f"should be 200 {resource.media_type}, not {answer.media_type}"
    elif answer.media_type in ("text/html", "application/json"):
        parse(answer)


def signposts(site: Site) -> Iterator[Case]:
    """Each document has Link fields with every relation of the contract, and the same in each variant."""
    for resource in NEGOTIATED:
        targets = [resource.target, *(resource.variant(suffix) for suffix in resource.variants)]
        for target in targets:
            for method in ("GET", "HEAD"):
                yield Case(
                    target,
                    partial(linked, site, resource),
                    method,
                    needs=resource.needs | needs("links", *(("queries",) if resource.query else ())),
                )


def linked(site: Site, resource: Resource, answer: Answer) -> Iterator[str]:
    if answer.status != 200:
        yield "should be 200"
        return
    found = oracle.links(answer.all("Link"))
    relations = {relation for each in found for relation in each.relations}
    if missing := resource.signposts - relations:
        yield f"has no link {sorted(missing)}"
    alternates = {
        each.get("type"): urljoin(site.base, each.target) for each in found if "alternate" in each.relations
    }
    for suffix in set(resource.variants) - {"linkset", "linkset.json"}:
        where = urljoin(site.base, site.mount + resource.variant(suffix))
        if alternates.get(oracle.VARIANTS[suffix]) != where:
            yield f"links {alternates.get(oracle.VARIANTS[suffix])!r} as {suffix}, not {where}"
    if resource.about:
        cited = {each.target for each in found if "cite-as" in each.relations}
        if cited != {site.base[:-1] + resource.about}:
            yield f"is cited as {cited}"
    yield from _signposts(site, resource, found)


def _signposts(site: Site, resource: Resource, found: list[oracle.Link]) -> Iterator[str]:
    """FAIR Signposting, level 2: linksets with their types."""
    if "linkset" in resource.signposts:
        kinds = {each.get("type") for each in found if "linkset" in each.relations}
        if kinds != {"application/linkset", "application/linkset+json"}:
            yield f"links to linksets of the types {kinds}"
    for each in found:
        if "type" in each.relations and not each.target.startswith(("http://", "https://")):
            yield f"has the type {each.target}"


def addresses(site: Site) -> Iterator[Case]:
    """Every link of a document leads to what it says: 200 with its type, where it is on this site."""
    for resource in (*THINGS[:1], *NEGOTIATED[3:5], NEGOTIATED[7]):
        answer = site.fetch("GET", resource.target)
        for each in oracle.links(answer.all("Link")):
            whole = urljoin(site.base, each.target)
            if whole.startswith(site.base):
                yield Case(
                    "/" + whole.removeprefix(site.base).partition("#")[0],
                    partial(there, each),
                    needs=needs("links", "queries"),
                )


def there(link: oracle.Link, answer: Answer) -> Iterator[str]:
    if answer.status not in (200, 303):
        yield f"is linked as {sorted(link.relations)}"
    kind = link.get("type")
    if answer.status == 200 and kind and answer.media_type != kind.partition(";")[0]:
        yield f"is linked as {kind}, but is {answer.media_type}"


def linksets(site: Site) -> Iterator[Case]:
    """RFC 9264: both serialisations say the same, with the relations that the fields have, and the anchor."""
    for resource in NEGOTIATED:
        if "linkset" in resource.variants:
            fields = oracle.links(site.fetch("GET", resource.target).all("Link"))
            known: list[set[tuple[str, str, str]]] = []
            for suffix in ("linkset", "linkset.json"):
                yield Case(
                    resource.variant(suffix),
                    partial(linkset, site, suffix, fields, known),
                    needs=needs("links", "queries") if resource.query else needs("links"),
                )


def linkset(
    site: Site,
    suffix: str,
    fields: list[oracle.Link],
    known: list[set[tuple[str, str, str]]],
    answer: Answer,
) -> Iterator[str]:
    if answer.status != 200:
        yield "should be 200"
        return
    found = _of_json(parse(answer)) if suffix == "linkset.json" else _of_text(parse(answer))
    if not found:
        yield "has no link"
    known.append(found)
    if found != known[0]:
        yield f"the two serialisations differ: {sorted(found ^ known[0])[:4]}"
    said = {(relation, target) for _, relation, target in found}
    own = {
        (relation, urljoin(site.base, each.target))
        for each in fields
        for relation in each.relations
        if relation not in ("linkset", "describedby", "alternate", "self", *_OF_TIME)
    }
    if missing := own - said:
        yield f"lacks {sorted(missing)[:4]}, which the Link fields have"
    for anchor, _, target in found:
        if not anchor.startswith(("http://", "https://")) or not target.startswith(("http", "mailto:")):
            yield f"has an address that is not whole: {anchor} {target}"


def _of_text(found: list[oracle.Link]) -> set[tuple[str, str, str]]:
    return {
        (each.get("anchor") or "", relation, each.target) for each in found for relation in each.relations
    }


def _of_json(found: Any) -> set[tuple[str, str, str]]:
    """RFC 9264, section 4.2: one object an anchor, a list of targets a relation."""
    return {
        (each["anchor"], relation, target["href"])
        for each in found["linkset"]
        for relation, targets in each.items()
        if relation != "anchor"
        for target in targets
    }


def heads_of_pages(site: Site) -> Iterator[Case]:
    """The head of a page has the links that its Link fields have: alternates, licence, cite-as."""
    for resource in THINGS:
        yield Case(resource.variant("html"), partial(in_head, site, resource), needs=needs("links"))


def in_head(site: Site, resource: Resource, answer: Answer) -> Iterator[str]:
    found = {
        (relation, urljoin(site.base, each.get("href", "")))
        for each in parse(answer).findall("./head/link")
        for relation in (each.get("rel") or "").split()
    }
    relations = {relation for relation, _ in found}
    if missing := resource.signposts - relations:
        yield f"has no link {sorted(missing)}"
    for suffix in oracle.GRAPHS:
        where = urljoin(site.base, site.mount + resource.variant(suffix))
        if ("alternate", where) not in found:
            yield f"has no alternate {where}"


def details(site: Site) -> Iterator[Case]:
    """Near matches for a name that is almost right, in each kind of answer."""
    for accept in ("text/html", "text/plain", "application/problem+json"):
        yield Case(
            "/doc/light/eddyston",
            near,
            headers=(("Accept", accept),),
            needs=needs("problems"),
        )


def near(answer: Answer) -> Iterator[str]:
    if b"/doc/light/eddystone" not in answer.body:
        yield "names no near match"
