"""The neighbourhood of a thing: a drawing for those who see it, and the same as a list for everyone."""

import json
from pathlib import Path

from flask import Blueprint, Response, current_app, render_template
from pyoxigraph import NamedNode

from ldnkg.errors import UnknownEntity
from ldnkg.iris import segment_of
from ldnkg.neighbours import Tie, neighbours
from ldnkg.web.answers import fresh
from ldnkg.web.pages import label, property_name
from ldnkg.web.request import link, opened, sent_below

blueprint = Blueprint("neighbourhood", __name__)

_SCRIPT = "npm/cytoscape.min.js"
_FITS = 60


@blueprint.get("/neighbourhood/<path:name>")
def show(name: str) -> Response:
    """The things around a thing, by what ties them."""
    sent, _ = sent_below("/neighbourhood/")
    try:
        thing = NamedNode(f"{opened().base}id/{sent}")
    except ValueError:
        raise UnknownEntity(sent) from None
    if not opened().store.contains(thing):
        raise UnknownEntity(thing.value)
    return fresh(Response(mimetype="text/html"), "neighbourhood", lambda: _page(thing), by_language=True)


def _page(thing: NamedNode) -> str:
    ties = neighbours(opened().store, thing, opened().base)
    script = _SCRIPT if (Path(current_app.static_folder or "") / _SCRIPT).is_file() else None
    return render_template(
        "neighbourhood.html", thing=thing, ties=ties, drawn=_drawn(thing, ties), script=script, named=_named
    )


def _named(tie: Tie) -> str:
    """What ties the neighbours to the thing, in words."""
    name = property_name(tie.property).value
    return name if tie.direction == "outgoing" else f"is {name} of"


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
                "name": property_name(tie.property).value,
            }
            for tie in ties
            for each in tie.neighbours
        ],
    }
    return json.dumps(told, ensure_ascii=False, separators=(",", ":"))
