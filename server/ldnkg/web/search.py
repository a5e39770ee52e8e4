"""Finding things by name, by identifier or by their text."""

from flask import Blueprint, Response, jsonify, redirect, render_template, request
from pyoxigraph import Literal
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response as AnyResponse

from ldnkg.search import MOST
from ldnkg.web import narrowing
from ldnkg.web.pages import shown
from ldnkg.web.paging import Pager, page_number
from ldnkg.web.request import link, opened

blueprint = Blueprint("search", __name__)

_PAGE = 25
_LONGEST = 200
"""Characters of a text that is completed."""


@blueprint.get("/search")
def results() -> AnyResponse:
    """What matches `q`, best first, and what it can be narrowed to; an exact identifier goes to its thing."""
    q = narrowing.told().get("q", "")
    here = opened()
    exact = here.index.exact(q) if q else None
    if exact:
        return redirect(link(exact) or exact, 303)
    number = page_number()
    found = here.index.find(q)
    among = here.facets.set_of(found.numbers)
    numbers = found.numbers
    if chosen := narrowing.chosen():
        numbers = here.facets.those(numbers, here.facets.narrowed(chosen, among))
    pager = Pager("/search", number, _PAGE, len(numbers))
    if number > pager.last:
        raise NotFound(f"There is no page {number}: the last one is {pager.last}.")
    hits = here.index.show(found, numbers[pager.offset : pager.offset + _PAGE])
    return Response(
        render_template(
            "search.html",
            q=q,
            found=found,
            hits=hits,
            meant=here.index.meant(q) if q else None,
            most=MOST,
            pager=pager,
            options=narrowing.options(among) if among else (),
            kind_of=narrowing.kind_names().get,
        )
    )


@blueprint.get("/suggest")
def suggest() -> Response:
    """What `q` may become, as JSON: `[{"label", "kind", "iri", "href", "matched"}, …]`.

    `matched` is the other name or the identifier that has the words where the label has not, else null.
    """
    q = request.args.get("q", "").strip()[:_LONGEST]
    hits = opened().index.suggest(q) if q else []
    called = narrowing.kind_names()
    return jsonify(
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
