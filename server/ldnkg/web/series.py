"""The releases as versions of the dataset: all of them at `/dataset/series`, each at `/dataset/{name}`."""

from collections.abc import Iterator

from flask import Blueprint, Response, redirect, url_for
from pyoxigraph import Literal, NamedNode, Triple
from werkzeug.wrappers import Response as AnyResponse

from ldnkg import series
from ldnkg.counts import MANY
from ldnkg.errors import UnknownRelease
from ldnkg.formats import FORMATS, Format
from ldnkg.history import Moment
from ldnkg.iris import PREFIXES
from ldnkg.web import answers
from ldnkg.web.chronicle import answer, page, split
from ldnkg.web.files import files
from ldnkg.web.paging import Pager, page_number
from ldnkg.web.request import changes, opened, past, pin, sent_below, site

blueprint = Blueprint("series", __name__)

_FORMATS = tuple(each for each in FORMATS if each.kind in ("page", "graph"))
_DESCRIPTION = "SELECT ?s ?p ?o WHERE {{ GRAPH <{}graph/dataset> {{ ?s ?p ?o }} }}"


@blueprint.get("/dataset/series", defaults={"suffix": None})
@blueprint.get("/dataset/series.<suffix>")
def show(suffix: str | None) -> Response:
    """The series, and a page of its versions, the newest first."""
    found = past().moments[::-1]
    pager = Pager("/dataset/series", page_number(), MANY, len(found))
    shown = found[pager.offset : pager.offset + MANY]
    if not shown:
        raise UnknownRelease(f"The series has {pager.last} pages.")

    def body(format_: Format) -> str | bytes:
        if format_.kind == "page":
            rows = [(each, changes().totals(each.name)) for each in shown]
            return page("series.html", rows=rows, pager=pager)
        here = opened()
        versions = [triple for each in shown for triple in _version(each)]
        about = [*series.series(past(), here.base, here.dataset.title), *versions, *_pages(pager)]
        return answers.graph(about, format_, series.series_of(here.base))

    return answer(pager.path, suffix, _FORMATS, body)


@blueprint.get("/dataset/<path:name>")
def version(name: str) -> AnyResponse:
    """One version; for the number of a version, 302 to the newest release that has it."""
    sent, _ = sent_below("/dataset/")
    suffix = None
    try:
        moment = site().moment(sent)
    except UnknownRelease:
        stem, suffix = split(sent, _FORMATS)
        if suffix is None:
            raise
        moment, sent = site().moment(stem), stem
    if moment.name != sent:
        ending = f".{suffix}" if suffix else ""
        return redirect(url_for("series.version", name=moment.name + ending), 302)
    pin(moment)
    return _one(moment, suffix)


def _one(moment: Moment, suffix: str | None) -> Response:
    here = opened()
    path = f"/dataset/{moment.name}"

    def body(format_: Format) -> str | bytes:
        if format_.kind == "page":
            return page(
                "version.html",
                moment=moment,
                totals=changes().totals(moment.name),
                before=past().before(moment),
                after=past().after(moment),
                files=files(),
            )
        rows = here.store.select(_DESCRIPTION.format(here.base))
        said = [Triple(row["s"], row["p"], row["o"]) for row in rows]  # type: ignore[arg-type]
        about = [*series.described(said, moment, here.base), *_version(moment)]
        return answers.graph(about, format_, series.version_of(here.base, moment))

    return answer(path, suffix, _FORMATS, body)


def _version(moment: Moment) -> Iterator[Triple]:
    totals = changes().totals(moment.name)
    return series.version(moment, past(), opened().base, series.told(totals) if totals else None)


def _pages(pager: Pager) -> Iterator[Triple]:
    """Where the rest of the series is (Hydra Core Vocabulary, section 4.2)."""
    whole = series.series_of(opened().base)

    def page(number: int) -> NamedNode:
        return NamedNode(f"{whole.value}?page={number}")

    def hydra(name: str) -> NamedNode:
        return NamedNode(PREFIXES["hydra"] + name)

    yield Triple(whole, hydra("totalItems"), Literal(pager.total))
    yield Triple(whole, hydra("view"), page(pager.number))
    if pager.number < pager.last:
        yield Triple(page(pager.number), hydra("next"), page(pager.number + 1))
    if pager.number > 1:
        yield Triple(page(pager.number), hydra("previous"), page(pager.number - 1))
