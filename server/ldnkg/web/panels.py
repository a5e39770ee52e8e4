"""The panels of a page: their rows, and the words that templates have for them."""

import logging
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode

from flask import Blueprint, Flask, Response, current_app, redirect, render_template, request, url_for
from markupsafe import Markup
from pyoxigraph import NamedNode
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response as AnyResponse

from ldnkg import charts
from ldnkg.charts.png import png
from ldnkg.counts import Term
from ldnkg.errors import BadQuery, QueryRefused
from ldnkg.viewers import DRAWN, MARKS
from ldnkg.views import Panel, Shown, runs
from ldnkg.web.answers import fresh
from ldnkg.web.pages import names, shown
from ldnkg.web.request import address, opened
from ldnkg.web.view import types

blueprint = Blueprint("panels", __name__)

WORDS = {
    "supports": "for",
    "uncertain": "mixed",
    "context": "context",
    "unverified": "unverified",
    "disputes": "against",
    "harm": "harm",
    "retracted": "retracted",
    "overstated": "overstated",
    "outdated": "outdated",
}
"""What a mark says, where nothing else says it."""
_BOX = 34
_PLAIN = "!$'()*,/:;?@"
"""What stands in a query as it is (WHATWG URL, query percent-encode set)."""

LOG = logging.getLogger(__name__)


@dataclass(frozen=True)
class Parts:
    """The panels of a page by the part of its frame that they stand in."""

    strip: tuple[Shown, ...]
    short: tuple[Shown, ...]
    aside: tuple[Shown, ...]
    body: tuple[Shown, ...]

    def __bool__(self) -> bool:
        return bool(self.strip or self.short or self.aside or self.body)


def register(app: Flask) -> None:
    """Give the templates their words."""
    app.jinja_env.globals.update(
        mark=mark,
        rung=rung,
        panels_of_thing=of_thing,
        panels_of_list=of_list,
        panels_of_home=of_home,
        panels_of_quality=of_quality,
        behind_of=behind_of,
        runs=runs,
        spaced=spaced,
        charts=charts,
        flag=flag,
        cut=cut,
        drawn_viewers=DRAWN,
        marks=MARKS,
        shown_text=shown,
        word_of=WORDS.__getitem__,
    )


def of_thing(node: NamedNode, classes: Iterable[NamedNode]) -> Parts:
    """The panels of a thing's page."""
    return _parts(opened().panels.on_page(classes), node)


def of_list(class_: NamedNode) -> Parts:
    """The panels above the list of a class."""
    return _parts(opened().panels.on_list(class_), class_)


def of_home() -> Parts:
    """The panels of the first page."""
    dataset = NamedNode(opened().base + "dataset")
    return _parts(opened().panels.on_home(dataset), dataset)


def of_quality() -> Parts:
    """The panels of the page for curators."""
    dataset = NamedNode(opened().base + "dataset")
    return _parts(opened().panels.on_quality(dataset), dataset)


def mark(term: Term | None) -> str | None:
    """The mark with which a concept is shown."""
    return opened().panels.marks.get(term) if term is not None else None


def flag(term: Term) -> Term | None:
    """The concept that is shown beside each name of a thing, such as that it was retracted."""
    return opened().panels.flags.get(term)


def rung(term: Term | None) -> int | None:
    """The rung of a concept."""
    return opened().panels.rungs.get(term) if term is not None else None


def behind_of(it: Shown, format_: str | None = None, endpoint: str = "panels.behind") -> str:
    """Where the rows of a panel are to be had, from the endpoint, by a short address; or its picture."""
    space = f"{opened().base}id/"
    of = it.this.value.removeprefix(space) if it.this.value.startswith(space) else None
    asked = {name: value for name, value in (("of", of), ("format", format_)) if value is not None}
    query = urlencode(asked, safe=_PLAIN)
    return address(endpoint, key=it.panel.key) + (f"?{query}" if query else "")


@blueprint.get("/panel/<key>")
def behind(key: str) -> AnyResponse:
    """The way to the query of a panel at the endpoint; `of` names the thing, `format` that of the answer."""
    panel, this = _asked_for(key)
    query = panel.query(this, opened().prefixes)
    return redirect(url_for("sparql.endpoint", query=query, format=request.args.get("format")), 303)


@blueprint.get("/panel/<key>.svg")
def picture(key: str) -> Response:
    """The drawing of a panel as a picture by itself (SVG 1.1)."""
    return _pictured(key, "image/svg+xml", lambda svg: svg)


@blueprint.get("/panel/<key>.png")
def raster(key: str) -> Response:
    """The same as pixels, two for each unit."""
    return _pictured(key, "image/png", png)


def _pictured(key: str, media_type: str, made: Callable[[str], str | bytes]) -> Response:
    panel, this = _asked_for(key)
    if panel.viewer not in DRAWN:
        raise NotFound(f"The panel {key!r} is no drawing: its rows are to be had as CSV and JSON.")
    name = f"picture-{media_type}-{key}-{this.value}"
    return fresh(Response(mimetype=media_type), name, lambda: made(_svg(panel, this)), by_language=True)


def _svg(panel: Panel, this: NamedNode) -> str:
    sprite = (Path(current_app.static_folder or "") / "marks.svg").read_text(encoding="utf-8")
    symbols = Markup(sprite[sprite.index(">") + 1 : sprite.rindex("</svg>")])  # noqa: S704 - our own file
    return render_template("drawing/picture.svg", it=opened().panels.shown(panel, this), symbols=symbols)


def _asked_for(key: str) -> tuple[Panel, NamedNode]:
    """The panel, and the thing that `of` names; raises NotFound."""
    here = opened()
    panel = here.panels.named(key)
    if panel is None:
        raise NotFound(f"There is no panel {key[:80]!r}.")
    of = request.args.get("of")
    try:
        this = here.panels.where(panel) if of is None else NamedNode(f"{here.base}id/{of}")
    except ValueError:
        this = None
    known = this is not None and here.store.contains(this)
    if of is not None and known and this is not None:
        known = panel in here.panels.on_page(types(here.store, this))
    if this is None or not known:
        raise NotFound(f"The panel {key!r} tells of nothing called {(of or '')[:80]!r}.")
    return panel, this


def cut(text: str, most: int = _BOX) -> str:
    """A text short enough for a box of a drawing."""
    return text if len(text) <= most else text[: most - 1].rstrip() + "…"


def spaced(name: str) -> str:
    """The words of a variable.

    >>> spaced("bestEvidence"), spaced("p_value")
    ('best evidence', 'p value')
    """
    return re.sub("(?<=[a-z])(?=[A-Z])", " ", name).replace("_", " ").lower()


def _parts(panels: Iterable[Panel], this: NamedNode) -> Parts:
    found: dict[str, list[Shown]] = {"strip": [], "short": [], "aside": [], "body": []}
    for panel in panels:
        try:
            shown = opened().panels.shown(panel, this)
        except (BadQuery, QueryRefused, SyntaxError, ValueError) as fault:
            LOG.error("The panel %s cannot be shown: %s", panel.node.value, fault)
            continue
        if shown.rows or panel.empty:
            found.get(panel.part, found["body"]).append(shown)
    rows = [row for each in found.values() for shown in each for row in shown.rows]
    names().expect(value for row in rows for value in row.values() if isinstance(value, NamedNode))
    return Parts(**{part: tuple(each) for part, each in found.items()})
