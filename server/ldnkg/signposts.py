"""Typed links for machines, in header fields (RFC 8288) and link sets (RFC 9264): FAIR Signposting."""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from urllib.parse import quote, urlsplit

from ldnkg.formats import Format

ABOUT_PAGE = "https://schema.org/AboutPage"
"""What Signposting calls the page about a thing."""
MOST_IN_HEADER = 20
"""A header field has at most so many links of one relation; the link set has them all."""

_ADDRESSES = frozenset("alternate collection describedby describes item linkset next prev".split())
"""The relations that lead somewhere; the others name something by its IRI."""
_URI_SAFE = "%/:?#@!$&'()*+,;=-._~[]"


@dataclass(frozen=True)
class Link:
    """A link from the page, or from `anchor`, to `target`; all are absolute IRIs. `type` is a media type."""

    target: str
    rel: str
    type: str | None = None
    anchor: str | None = None


@dataclass(frozen=True)
class Signposts:
    """What a page tells machines about itself: itself, its variants, what it is about and under which terms.

    `page` is the address without suffix, `variants` has each format with its own address. `items` are what
    the page lists, `collections` what it is listed in, `next` and `prev` other pages of the same list.
    """

    page: str
    variants: Sequence[tuple[Format, str]]
    cite_as: str | None = None
    license: str | None = None
    describedby: Sequence[str] = ()
    authors: Sequence[str] = ()
    types: Sequence[str] = ()
    items: Sequence[str] = ()
    collections: Sequence[str] = ()
    next: str | None = None
    prev: str | None = None

    def links(self, shown: Format | None = None) -> list[Link]:
        """The links from the page, or from its variant in the format `shown`."""
        common = [
            *(Link(each, "license") for each in (self.license,) if each),
            *(Link(each, "cite-as") for each in (self.cite_as,) if each),
            *self._typed("alternate", "page", "graph", "table"),
            *self._typed("linkset", "links"),
            *(Link(each, "author") for each in self.authors),
            *(Link(each, "type") for each in self.types),
            *(Link(each, "describedby") for each in self.describedby),
            *self._pages(shown),
        ]
        if shown is not None and shown.kind != "page":
            return [*common, Link(self.page, "describes")]
        return [
            *common,
            Link(ABOUT_PAGE, "type"),
            *self._typed("describedby", "graph"),
            *(Link(each, "collection") for each in self.collections),
            *(Link(each, "item") for each in self.items),
        ]

    def everything(self) -> list[Link]:
        """The links from the page and from each of its variants, for a link set."""
        found = [replace(each, anchor=self.page) for each in self.links()]
        for format_, where in self.variants:
            if format_.kind in ("graph", "table"):
                own = [each for each in self.links(format_) if each.rel != "alternate"]
                found += [replace(each, anchor=where) for each in own]
        return found

    def _pages(self, shown: Format | None) -> Iterator[Link]:
        """Links to the pages beside this one, from a variant to the same variant of them."""
        for rel, where in (("prev", self.prev), ("next", self.next)):
            if where:
                path, mark, query = where.partition("?")
                ending = "" if shown is None or shown.kind == "page" else f".{shown.suffix}"
                yield Link(f"{path}{ending}{mark}{query}", rel)

    def _typed(self, rel: str, *kinds: str) -> list[Link]:
        """Links to the variants of some kinds."""
        return [Link(where, rel, each.media_type) for each, where in self.variants if each.kind in kinds]


def header(links: Iterable[Link], base: str) -> list[str]:
    """Values of the Link header field; addresses of this site are without host, as those in pages are.

    >>> header([Link("http://h/doc/a b.ttl", "alternate", "text/turtle")], "http://h/")
    ['</doc/a%20b.ttl>; rel="alternate"; type="text/turtle"']
    """
    links = list(links)
    few = {rel for rel in {each.rel for each in links} if _count(links, rel) <= MOST_IN_HEADER}
    return [
        _field(replace(each, target=_below(each.target, base)) if each.rel in _ADDRESSES else each)
        for each in links
        if each.rel in few
    ]


def linkset(links: Iterable[Link]) -> str:
    """A document of the type application/linkset (RFC 9264, section 4.1)."""
    return ",\n".join(_field(each) for each in links) + "\n"


def linkset_json(links: Iterable[Link]) -> str:
    """A document of the type application/linkset+json (RFC 9264, section 4.2)."""
    contexts: dict[str, dict[str, object]] = {}
    for each in links:
        anchor = each.anchor or ""
        context = contexts.setdefault(anchor, {"anchor": anchor} if anchor else {})
        targets = context.setdefault(each.rel, [])
        assert isinstance(targets, list)  # noqa: S101 - for the type checker
        targets.append({"href": uri(each.target), **({"type": each.type} if each.type else {})})
    return json.dumps({"linkset": list(contexts.values())}, ensure_ascii=False, indent=1) + "\n"


def _count(links: Iterable[Link], rel: str) -> int:
    return sum(each.rel == rel for each in links)


def _field(link: Link) -> str:
    """One link as RFC 8288, section 3, writes it; a relation that is an IRI is in quotes like any other."""
    parameters = [("rel", link.rel), ("type", link.type), ("anchor", link.anchor and uri(link.anchor))]
    told = "".join(f'; {name}="{value}"' for name, value in parameters if value)
    return f"<{uri(link.target)}>{told}"


def _below(target: str, base: str) -> str:
    """An address without the host, if it is one of this site and no IRI of a thing."""
    if not target.startswith(base) or target.startswith(f"{base}id/"):
        return target
    return urlsplit(base).path + target[len(base) :]


def uri(iri: str) -> str:
    """An IRI as a URI (RFC 3987, section 3.1), in which no character ends a header field or a quote."""
    return quote(iri, safe=_URI_SAFE)
