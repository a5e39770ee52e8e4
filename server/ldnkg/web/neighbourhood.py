"""The neighbourhood of a thing: a drawing for those who see it, and the same as a list for everyone."""

import json
from pathlib import Path

from flask import Blueprint, Flask, Response, current_app, render_template, request
from pyoxigraph import NamedNode

from ldnkg.iris import path_of, segment_of
from ldnkg.neighbours import Tie, neighbours
from ldnkg.web.answers import fresh
from ldnkg.web.entities import found
from ldnkg.web.pages import label, term_name
from ldnkg.web.request import in_release, link, opened, sent_below

blueprint = Blueprint("neighbourhood", __name__)

_SCRIPT = "npm/cytoscape.min.js"
_FITS = 60


def register(app: Flask) -> None:
    """Give the templates their words."""
    app.jinja_env.globals.update(around=around)


def around(thing: NamedNode) -> str:
    """Where the neighbourhood of a thing is, spelt as links spell its document."""
    path = path_of(thing.value, opened().base) or ""
    return f"{request.script_root}/neighbourhood/{path.removeprefix('/doc/')}{in_release()}"


@blueprint.get("/neighbourhood/<path:name>")
def show(name: str) -> Response:
    """The things around a thing, by what ties them."""
    thing = found(*sent_below("/neighbourhood/"))
    return fresh(Response(mimetype="text/html"), "neighbourhood", lambda: _page(thing), by_language=True)


def _page(thing: NamedNode) -> str:
    ties = neighbours(opened().store, thing, opened().base)
    script = _SCRIPT if (Path(current_app.static_folder or "") / _SCRIPT).is_file() else None
    return render_template(
        "neighbourhood.html", thing=thing, ties=ties, drawn=_drawn(thing, ties), script=script, named=_named
    )


def _named(tie: Tie) -> str:
    """What ties the neighbours to the thing, in words."""
    name = term_name(tie.property).value
    return name if tie.direction == "outgoing" else f"{name}, pointing here"


def _cut(name: str) -> str:
    """A name that fits beside others in the drawing; the list has all of it."""
    return name if len(name) <= _FITS else name[: _FITS - 1].rsplit(" ", 1)[0] + " …"


def _drawn(thing: NamedNode, ties: tuple[Tie, ...]) -> str:
    """The drawing's nodes and edges as JSON: addresses, names, kinds."""
    nodes = dict.fromkeys([thing, *(each for tie in ties for each in tie.neighbours)])
    number = {node: str(at) for at, node in enumerate(nodes)}
    told = {
        "nodes": [
            {
                "id": number[each],
                "name": _cut(label(each).value),
                "kind": segment_of(each.value, opened().base),
                "address": link(each.value),
            }
            for each in nodes
        ],
        "edges": [
            {
                "from": number[thing if tie.direction == "outgoing" else each],
                "to": number[each if tie.direction == "outgoing" else thing],
                "name": term_name(tie.property).value,
            }
            for tie in ties
            for each in tie.neighbours
        ],
    }
    return json.dumps(told, ensure_ascii=False, separators=(",", ":"))
