"""Finding things by name, by identifier or by their text."""

from flask import Blueprint, Response, jsonify, redirect, render_template, request
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response as AnyResponse

from ldnkg.web.pages import kinds
from ldnkg.web.paging import Pager, page_number
from ldnkg.web.request import link, opened

blueprint = Blueprint("search", __name__)

_PAGE = 25


@blueprint.get("/search")
def results() -> AnyResponse:
    """What matches `q`, best first; an exact identifier goes straight to its thing."""
    q = request.args.get("q", "").strip()
    exact = opened().index.exact(q) if q else None
    if exact:
        return redirect(link(exact) or exact, 303)
    number = page_number()
    found = opened().index.search(q, _PAGE, (number - 1) * _PAGE)
    pager = Pager("/search", number, _PAGE, found.total)
    if number > pager.last:
        raise NotFound(f"There is no page {number}: the last one is {pager.last}.")
    kinds_by_segment = {kind.segment: kind.label for kind in kinds()}
    return Response(
        render_template("search.html", q=q, found=found, pager=pager, kind_of=kinds_by_segment.get)
    )


@blueprint.get("/suggest")
def suggest() -> Response:
    """Names that begin like `q`, as JSON: `[{"label", "iri", "href"}, …]`."""
    q = request.args.get("q", "").strip()
    hits = opened().index.suggest(q) if q else []
    return jsonify([{"label": hit.label, "iri": hit.iri, "href": link(hit.iri)} for hit in hits])
