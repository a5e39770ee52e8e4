"""Why a page can be trusted, and how to use it: citations, what the shapes say, which file to edit."""

from datetime import date
from functools import partial

from flask import Blueprint, Flask, Response, render_template, request
from pyoxigraph import NamedNode
from werkzeug.exceptions import NotFound

from ldnkg import citation
from ldnkg.citation import STYLES, Citation
from ldnkg.web.answers import fresh
from ldnkg.web.pages import kinds, label
from ldnkg.web.request import node, opened

blueprint = Blueprint("trust", __name__)


def register(app: Flask) -> None:
    """Give the templates their words."""
    app.jinja_env.globals.update(
        citation_of=of_thing, citation_styles=STYLES, curation=lambda: opened().curation
    )


@blueprint.get("/cite.<path:style>")
def cite(style: str) -> Response:
    """How to cite the page of the thing that `of` names, or the whole, as a file."""
    if style not in STYLES:
        raise NotFound(f"There is no style {style[:40]!r}: choose one of {', '.join(STYLES)}.")
    of = request.args.get("of")
    try:
        thing = node("dataset") if of is None else NamedNode(f"{opened().base}id/{of}")
    except ValueError:
        thing = None
    if thing is None or not opened().store.contains(thing):
        raise NotFound(f"There is nothing called {(of or '')[:80]!r} to cite.")
    _, media_type, write = STYLES[style]
    made = of_thing(thing)
    response = Response(mimetype=media_type)
    response.headers["Content-Disposition"] = f'attachment; filename="{made.key}.{style}"'
    return fresh(response, f"cite-{style}-{of or ''}", partial(write, made), by_language=True)


@blueprint.get("/quality")
def quality() -> Response:
    """What curators want to know: the validation, what is said of how many, what nothing links to."""
    return fresh(Response(mimetype="text/html"), "quality", _quality, by_language=True)


def of_thing(thing: NamedNode) -> Citation:
    """How to cite a page of this release."""
    here = opened()
    about = here.dataset
    return Citation(
        key=citation.key_of(thing.value.removeprefix(here.base).removeprefix("id/")),
        title=label(thing).value,
        dataset=about.title.value,
        creators=tuple(label(each).value for each in about.creators),
        edition=f"version {about.version}" if about.version else "unversioned",
        release=here.release.id,
        issued=date.fromisoformat(here.release.manifest["time"][:10]),
        url=thing.value,
        license=label(about.license).value if about.license else None,
    )


def _quality() -> str:
    here = opened()
    coverage = here.curation.coverage()
    listed = [(kind, coverage[kind.segment]) for kind in kinds() if kind.segment in coverage]
    return render_template(
        "quality.html", findings=here.curation.findings(), coverage=listed, alone=here.curation.alone()
    )
