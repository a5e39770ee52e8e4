"""Finding things by name, by identifier or by their text: as a page, and as JSON for programs."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from urllib.parse import urljoin

from flask import Blueprint, Response, jsonify, redirect, render_template, request
from pyoxigraph import Literal
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response as AnyResponse

from ldnkg.errors import NotAcceptable
from ldnkg.formats import JSON, Format
from ldnkg.negotiate import negotiate
from ldnkg.search import MOST, Found, Hit
from ldnkg.signposts import Signposts
from ldnkg.web import answers, narrowing
from ldnkg.web.chronicle import PAGE, as_json
from ldnkg.web.narrowing import ALL, Options, called, parameters
from ldnkg.web.pages import kinds, shown
from ldnkg.web.paging import Pager, page_number
from ldnkg.web.request import link, opened

blueprint = Blueprint("search", __name__)

_FORMATS = (PAGE, JSON)
_PATH = "/search"
_PAGE = 25
_LONGEST = 200
"""Characters of a text that is completed."""


@dataclass(frozen=True)
class _Results:
    """One page of what was found for `q`, a likelier spelling of that, and what it can be narrowed to."""

    q: str
    found: Found
    pager: Pager
    hits: Sequence[Hit]
    meant: str | None
    options: Sequence[Options]


@blueprint.get(_PATH, defaults={"suffix": None})
@blueprint.get(f"{_PATH}.<suffix>")
@answers.quickly(_FORMATS)
def results(suffix: str | None) -> AnyResponse:
    """What matches `q`, best first, and what it can be narrowed to, as a page or as JSON.

    An identifier leads straight to its thing (303), whatever is accepted; in JSON that is the only result.
    """
    q = narrowing.told().get("q", "")
    here = opened()
    identified = here.index.identified(q) if q else None
    if identified and _leads(suffix):
        (iri,) = here.index.iris(identified.numbers)
        return _straight(link(iri) or iri, suffix)
    return _answer(q, identified or here.index.find(q), suffix)


@blueprint.get("/suggest")
def suggest() -> Response:
    """What `q` may become, as JSON: `[{"label", "kind", "iri", "href", "matched"}, …]`.

    `matched` is the other name or the identifier that has the words where the label has not, else null.
    """
    q = request.args.get("q", "").strip()[:_LONGEST]
    hits = opened().index.suggest(q) if q else []
    called = narrowing.kind_names()
    response = jsonify(
        [
            {
                "label": hit.label,
                "kind": shown(called.get(hit.segment, Literal(""))),
                "iri": hit.iri,
                "href": link(hit.iri),
                "matched": hit.matched,
            }
            for hit in hits
        ]
    )
    response.vary.add("Accept-Language")
    return response


def _leads(suffix: str | None) -> bool:
    """Whether an identifier leads to its thing: unless JSON is what is asked for, or liked better."""
    wanted = suffix or request.args.get("format")
    if wanted is not None:
        return wanted == PAGE.suffix
    try:
        return negotiate(request.headers.get("Accept"), _FORMATS) == PAGE
    except NotAcceptable:
        return True


def _straight(where: str, suffix: str | None) -> AnyResponse:
    response = redirect(where, 303)
    if suffix is None and "format" not in request.args:
        response.vary.add("Accept")
    return response


def _answer(q: str, found: Found, suffix: str | None) -> Response:
    """One page of what was found, narrowed as the address says."""
    here = opened()
    among, numbers = here.facets.set_of(found.numbers), found.numbers
    if chosen := narrowing.chosen():
        numbers = here.facets.those(numbers, here.facets.narrowed(chosen, among))
    pager = Pager(_PATH, page_number(), _PAGE, len(numbers))
    if pager.number > pager.last:
        raise NotFound(f"There is no page {pager.number}: the last one is {pager.last}.")

    def body(format_: Format) -> str:
        hits = here.index.show(found, numbers[pager.offset : pager.offset + _PAGE])
        options = narrowing.options(among) if among else ()
        meant = here.index.meant(q) if q and not found.identified else None
        told = _Results(q, found, pager, hits, meant, options)
        return as_json(_told(told)) if format_ == JSON else _page(told)

    def signposts(plain: Signposts) -> Signposts:
        at = answers.address(_PATH)
        return replace(
            plain,
            next=at + parameters(page=pager.number + 1) if pager.next else None,
            prev=at + parameters(page=pager.number - 1) if pager.previous else None,
        )

    return answers.negotiated(_PATH, suffix, body, _FORMATS, signposts)


def _page(told: _Results) -> str:
    return render_template(
        "search.html",
        q=told.q,
        found=told.found,
        hits=told.hits,
        meant=told.meant,
        most=MOST,
        pager=told.pager,
        options=told.options,
        kind_of=narrowing.kind_names().get,
        variants=answers.variants(_PATH, _FORMATS),
    )


def _told(told: _Results) -> dict[str, object]:
    """The results for a program; `docs/search.md` says what each member is."""
    found, pager = told.found, told.pager
    return {
        "query": told.q,
        "identifier": found.identified,
        "searched": found.asked,
        "meant": told.meant,
        "words": "some" if found.some else "all",
        "total": pager.total,
        "more": found.more,
        "page": pager.number,
        "pages": pager.last,
        "next": _address(page=pager.number + 1) if pager.next else None,
        "previous": _address(page=pager.number - 1) if pager.previous else None,
        "html": answers.address(_PATH) + parameters(),
        "filters": narrowing.chosen(),
        "results": list(map(_result, told.hits)),
        "facets": list(map(_facet, told.options)),
    }


def _result(hit: Hit) -> dict[str, object]:
    """What a thing is, by which of its names it was found, and where it is told."""
    classes = {kind.segment: kind.class_.value for kind in kinds()}
    return {
        "iri": hit.iri,
        "label": hit.label,
        "kind": shown(narrowing.kind_names().get(hit.segment, Literal(""))),
        "type": classes.get(hit.segment),
        "href": urljoin(opened().base, link(hit.iri) or hit.iri),
        "matched": hit.matched,
        "excerpt": " ".join(hit.snippet.split()) if hit.excerpt else None,
    }


def _facet(options: Options) -> dict[str, object]:
    """What the results may be narrowed by: some values with how many have each, and where all are told."""
    facet = options.facet
    return {
        "name": facet.name,
        "label": facet.label,
        "values": list(_values(options)),
        "rest": options.rest,
        "all": _address(page=None, **{ALL: facet.name}) if options.rest else None,
    }


def _values(options: Options) -> Iterator[dict[str, object]]:
    name = options.facet.name
    for each in options.shown:
        changed = {name: None if each.chosen else each.choice.key, ALL: None}
        yield {
            "value": each.choice.key,
            "label": called(options.facet, each.choice).value,
            "count": each.choice.count,
            "chosen": each.chosen,
            "href": _address(page=None, **changed),
        }


def _address(**changed: object) -> str:
    """The whole address of other results, as JSON."""
    return f"{answers.address(_PATH)}.{JSON.suffix}{parameters(**changed)}"
