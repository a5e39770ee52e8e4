"""What the query page's editor needs: its files, what can be completed, and short addresses of queries."""

import json
from pathlib import Path

from flask import Blueprint, Response, current_app, redirect, url_for
from pyoxigraph import Literal, NamedNode
from werkzeug.wrappers import Response as AnyResponse

from ldnkg.iris import PREFIXES, curie
from ldnkg.query.packing import unpack
from ldnkg.web.answers import FRESH, fresh
from ldnkg.web.pages import label, property_name
from ldnkg.web.request import node, opened

blueprint = Blueprint("editor", __name__)

_FILES = ("npm/yasqe.min.css", "npm/yasqe.min.js")
_MOST = 5000
"""So many classes, and so many properties, can be completed: those that are used most."""
_PARTITIONS = f"""
PREFIX void: <{PREFIXES["void"]}>
SELECT ?dataset ?term ?count {{
  ?dataset void:%sPartition ?part .
  ?part void:%s ?term ; void:%s ?count .
}}
ORDER BY DESC(?count) ?term
LIMIT {_MOST}
"""


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
    """The way to the answer of a query whose address is short; formats are negotiated there."""
    text = unpack(packed, opened().queries.limits.query_bytes)
    response = redirect(url_for("sparql.endpoint", query=text), 301)
    response.cache_control.max_age = FRESH
    return response


def _terms() -> str:
    told = {
        "prefixes": dict(sorted(opened().prefixes.items())),
        "classes": _used("class", "entities"),
        "properties": _used("property", "triples"),
    }
    return json.dumps(told, ensure_ascii=False, separators=(",", ":"))


def _used(kind: str, unit: str) -> list[dict[str, str | int]]:
    """What the dataset's partitions of one kind count, the most used first."""
    found: list[dict[str, str | int]] = []
    name_of = property_name if kind == "property" else label
    for row in opened().store.select(_PARTITIONS % (kind, kind, unit), dataset=node("dataset")):
        term, count = row["term"], row["count"]
        if isinstance(term, NamedNode) and isinstance(count, Literal):
            written = curie(term.value, opened().prefixes) or f"<{term.value}>"
            found.append({"term": written, "label": name_of(term).value, "count": int(count.value)})
    return found
