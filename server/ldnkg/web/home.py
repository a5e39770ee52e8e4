"""The first page, and the small files that machines ask for."""

from http import HTTPStatus

from flask import Blueprint, Response, jsonify, redirect, render_template, url_for
from pyoxigraph import NamedNode
from werkzeug.wrappers import Response as AnyResponse

from ldnkg.errors import StoreFault, StoreUnreachable
from ldnkg.web.answers import fresh
from ldnkg.web.pages import kinds
from ldnkg.web.request import opened, site

blueprint = Blueprint("home", __name__)

_STARTS = 3


@blueprint.get("/")
def show() -> Response:
    """What this is, where to start, and what is in it."""
    response = Response(mimetype="text/html")
    return fresh(response, "home", lambda: render_template("home.html", starts=_starts()), by_language=True)


@blueprint.get("/health")
def health() -> Response:
    """Whether requests can be answered, and from which release (NoRelease: 503), or why not all can be.

    While an older release is served than the current one, which cannot be, that is degraded, and 200: its
    answers are right, and other servers of the same folder have no better ones.
    """
    here = opened()
    fault = site().fault
    state = {"status": "degraded", "fault": fault} if fault else {"status": "ready"}
    try:
        here.store.confirm()
        response = jsonify(**state, release=here.release.id)
    except (StoreUnreachable, StoreFault) as reason:
        response = jsonify(status="not ready", live=True, release=here.release.id, reason=str(reason))
        response.status_code = HTTPStatus.SERVICE_UNAVAILABLE
        response.headers["Retry-After"] = str(getattr(reason, "retry_after", 5))
    response.cache_control.no_store = True
    return response


@blueprint.get("/favicon.ico")
def favicon() -> AnyResponse:
    """Where old browsers look for the icon."""
    return redirect(url_for("static", filename="favicon.svg"), 301)


@blueprint.get("/context.jsonld")
def context() -> Response:
    """The JSON-LD context that the JSON-LD documents of this site name (JSON-LD 1.1, section 3.1)."""
    return fresh(Response(mimetype="application/ld+json"), "context", lambda: opened().context)


def _starts() -> tuple[NamedNode, ...]:
    """Things to look at first: those that the dataset names, else the first of the best described kinds."""
    here = opened()
    named = here.dataset.starts[:_STARTS]
    return named or tuple(here.store.members(kind.segment, 0, 1)[0][0] for kind in kinds()[:_STARTS])
