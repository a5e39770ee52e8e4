"""What changed from release to release: the whole graph at `/changes`, and as a feed."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode

from flask import Blueprint, Response, render_template, request

from ldnkg.changes import Change, Kind
from ldnkg.counts import MANY
from ldnkg.errors import UnknownRelease
from ldnkg.formats import JSON, Format
from ldnkg.history import Moment
from ldnkg.series import told
from ldnkg.web.chronicle import PAGE, answer, as_json, page
from ldnkg.web.paging import Pager, page_number
from ldnkg.web.request import changes, opened, past, site

blueprint = Blueprint("changes", __name__)

ATOM = Format("atom", "application/atom+xml", "Atom", "table")
"""The Atom Syndication Format (RFC 4287)."""
_FORMATS = (PAGE, JSON, ATOM)
_FEW = 20
"""So many changes of a release are entries of the feed each; of more, the release is one entry."""
_ENTRIES = 100
_NO_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True)
class Entry:
    """An entry of the feed; the addresses are whole ones."""

    id: str
    title: str
    summary: str
    time: datetime
    alternate: str
    related: str | None


@blueprint.get("/changes", defaults={"suffix": None})
@blueprint.get("/changes.<suffix>")
def show(suffix: str | None) -> Response:
    """The releases with what they changed, the newest first; with `?to=`, the things that one changed."""
    to = request.args.get("to")
    return _releases(suffix) if to is None else _things(site().moment(to), suffix)


def difference_query(moment: Moment) -> str:
    """The query that asks for what a moment changed about a thing."""
    before = past().before(moment)
    return urlencode({"from": (before or moment).name, "to": moment.name})


def _releases(suffix: str | None) -> Response:
    found = past().moments[::-1]
    pager = Pager("/changes", page_number(), MANY, len(found))
    shown = [(each, changes().totals(each.name)) for each in found[pager.offset : pager.offset + MANY]]
    if not shown:
        raise UnknownRelease(f"There are changes on {pager.last} pages only.")

    def body(format_: Format) -> str:
        if format_ == ATOM:
            return _feed()
        if format_ == JSON:
            return as_json(_pages(pager) | {"releases": [_release(*each) for each in shown]})
        some = {each.name: changes().at(each.name, 0, _FEW) for each, _ in shown}
        return page("changes.html", shown=shown, some=some, pager=pager, query=difference_query)

    return answer(pager.path, suffix, _FORMATS, body)


def _things(moment: Moment, suffix: str | None) -> Response:
    totals = changes().totals(moment.name)
    pager = Pager("/changes", page_number(), MANY, sum(totals.values()))
    if pager.number > pager.last:
        raise UnknownRelease(f"There are changes on {pager.last} pages only.")
    found = changes().at(moment.name, pager.offset, MANY)

    def body(format_: Format) -> str:
        if format_ == JSON:
            things = [_thing(each, moment) for each in found]
            return as_json(_release(moment, totals) | _pages(pager) | {"things": things})
        before = past().before(moment)
        return page(
            "changed.html",
            moment=moment,
            before=before,
            totals=totals,
            found=found,
            pager=pager,
            query=difference_query,
        )

    return answer(pager.path, suffix, (PAGE, JSON), body)


def _release(moment: Moment, totals: dict[Kind, int]) -> dict[str, object]:
    before = past().before(moment)
    return {
        "release": moment.name,
        "version": moment.version,
        "time": moment.time.isoformat(),
        "former": before.name if before else None,
        **{str(kind): count for kind, count in totals.items()},
        "changes": _absolute(f"/changes.json?{urlencode({'to': moment.name})}"),
    }


def _thing(change: Change, moment: Moment) -> dict[str, object]:
    return {
        "thing": change.iri,
        "label": change.name,
        "change": change.kind,
        "difference": _difference(change, moment),
    }


def _pages(pager: Pager) -> dict[str, object]:
    return {"page": pager.number, "pages": pager.last, "next": pager.next, "previous": pager.previous}


def _feed() -> str:
    """The newest changes as a feed: a thing an entry, or a release where that changed many."""
    entries: list[Entry] = []
    for moment in past().moments[::-1]:
        entries += _entries(moment)
        if len(entries) >= _ENTRIES:
            break
    return _NO_XML.sub(
        "�",
        render_template(
            "feed.xml",
            entries=entries[:_ENTRIES],
            updated=past().moments[-1].time,
            address=_absolute("/changes.atom"),
            page=_absolute("/changes"),
        ),
    )


def _entries(moment: Moment) -> Iterator[Entry]:
    totals = changes().totals(moment.name)
    release = f"Release {moment.name}{f' (version {moment.version})' if moment.version else ''}"
    if sum(totals.values()) <= _FEW:
        for each in changes().at(moment.name, 0, _FEW):
            where = _difference(each, moment)
            alternate = where if each.kind == "removed" else _absolute(each.path)
            yield Entry(where, f"{each.name}: {each.kind}", f"{release}.", moment.time, alternate, where)
    if not totals or sum(totals.values()) > _FEW:
        words = told(totals) if totals else "The first release that is kept"
        here = _absolute(f"/changes?{urlencode({'to': moment.name})}")
        yield Entry(here, release, f"{words}.", moment.time, here, _absolute(f"/dataset/{moment.name}"))


def _difference(change: Change, moment: Moment) -> str:
    """Where it is told what changed about a thing."""
    return _absolute(f"/changes/{change.path.removeprefix('/doc/')}?{difference_query(moment)}")


def _absolute(path: str) -> str:
    return opened().base[:-1] + path
