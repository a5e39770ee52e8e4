"""What the query page's editor needs: its files, what can be completed, and short addresses of queries."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from urllib.parse import urlencode

from flask import Blueprint, Response, current_app, redirect, request, url_for
from pyoxigraph import Literal, NamedNode
from werkzeug.wrappers import Response as AnyResponse

from ldnkg.iris import curie
from ldnkg.query.packing import unpack
from ldnkg.query.protocol import PARAMETERS
from ldnkg.web.answers import FRESH, fresh
from ldnkg.web.pages import label, term_name
from ldnkg.web.request import opened

blueprint = Blueprint("editor", __name__)

_FILES = ("npm/yasqe.min.css", "npm/yasqe.min.js")


def files() -> tuple[str, ...]:
    """The editor's files among the static ones; none where it was not fetched (server/install/assets.sh)."""
    folder = Path(current_app.static_folder or "")
    return _FILES if all((folder / each).is_file() for each in _FILES) else ()


@blueprint.get("/sparql/terms.json")
def terms() -> Response:
    """The prefixes, classes and properties of this release, each term with its name and its count (VoID)."""
    return fresh(Response(mimetype="application/json"), "terms", _terms, by_language=True)


@blueprint.get("/sparql/q/<packed>")
def query(packed: str) -> AnyResponse:
    """The way to the answer of a query whose address is short; its parameters are understood there."""
    text = unpack(packed, opened().queries.limits.query_bytes)
    more = [each for each in request.args.items(multi=True) if each[0] in PARAMETERS]
    where = url_for("sparql.endpoint", query=text)
    response = redirect(f"{where}&{urlencode(more)}" if more else where, 301)
    response.cache_control.max_age = FRESH
    return response


def _terms() -> str:
    statistics = opened().statistics
    told = {
        "prefixes": dict(sorted(opened().prefixes.items())),
        "classes": _used(statistics.classes, label),
        "properties": _used(statistics.properties, term_name),
    }
    return json.dumps(told, ensure_ascii=False, separators=(",", ":"))


def _used(counts: Mapping[str, int], name_of: Callable[[NamedNode], Literal]) -> list[dict[str, str | int]]:
    """Terms with their names and counts, the most used first."""
    return [
        {
            "term": curie(iri, opened().prefixes) or f"<{iri}>",
            "label": name_of(NamedNode(iri)).value,
            "count": count,
        }
        for iri, count in counts.items()
    ]
