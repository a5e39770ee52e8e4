"""TimeMaps: the releases in which a document was there (RFC 7089, section 5), and where it changed."""

from collections.abc import Iterator
from dataclasses import dataclass

from flask import Blueprint, Response, current_app, request
from pyoxigraph import NamedNode
from werkzeug.exceptions import HTTPException
from werkzeug.http import http_date

from ldnkg.changes import present
from ldnkg.errors import UnknownEntity
from ldnkg.formats import JSON, Format
from ldnkg.iris import path_of
from ldnkg.web import memento
from ldnkg.web.changes import difference_query
from ldnkg.web.chronicle import PAGE, answer, as_json, page, split
from ldnkg.web.memento import LINK_FORMAT, Lifetime
from ldnkg.web.pages import capitalise, label
from ldnkg.web.paging import Pager, page_number
from ldnkg.web.request import changes, opened, past, sent_below
from ldnkg.web.targets import spellings, spelt

blueprint = Blueprint("timemaps", __name__)

MOST = 1_000
"""So many mementos stand in one TimeMap; those before are in the next one."""
_FORMATS = (Format("link", LINK_FORMAT, "Link format", "table"), JSON, PAGE)


@dataclass(frozen=True)
class Found:
    """A document: its path, what it is called, and when it was there."""

    path: str
    name: str
    life: Lifetime

    @property
    def is_now(self) -> bool:
        """Whether it is there today."""
        return bool(self.life) and self.life[-1][0] == past().moments[-1]


@blueprint.get("/timemap/<path:name>")
def show(name: str) -> Response:
    """The mementos of a document, the newest page of them first."""
    sent, raw = sent_below("/timemap/")
    stem, suffix = split(sent, _FORMATS)
    if found := _found(sent, raw):
        return _answer(f"/timemap/{spelt(sent, raw=raw)}", None, found)
    if found := _found(stem, raw):
        return _answer(f"/timemap/{spelt(stem, raw=raw)}", suffix, found)
    raise UnknownEntity(f"{opened().base}id/{sent}")


def _answer(path: str, suffix: str | None, found: Found) -> Response:
    pager = Pager(path, page_number(), MOST, len(found.life))
    end = len(found.life) - pager.offset
    shown = found.life[max(0, end - MOST) : max(0, end)]
    if not shown:
        raise UnknownEntity(f"{opened().base[:-1]}{path}?page={pager.number}")

    def body(format_: Format) -> str:
        if format_ == PAGE:
            return page(
                "timemap.html", found=found, shown=shown[::-1], pager=pager, difference=difference_query
            )
        write = _as_json if format_ == JSON else _as_links
        return write(found.path, shown, pager)

    return answer(path, suffix, _FORMATS, body)


def _as_links(document: str, shown: Lifetime, pager: Pager) -> str:
    """A TimeMap as RFC 7089, section 5, serialises it."""
    where = _address(document)
    span = f'from="{http_date(shown[0][0].time)}"; until="{http_date(shown[-1][0].time)}"'
    lines = [f'<{where}>; rel="original timegate"']
    lines.append(f'<{_page(pager, pager.number)}>; rel="self"; type="{LINK_FORMAT}"; {span}')
    lines += [f'<{_page(pager, each)}>; rel="timemap"; type="{LINK_FORMAT}"' for each in _others(pager)]
    for place, (moment, kind) in enumerate(shown):
        ends = [
            name
            for name, is_there in (
                ("first", pager.number == pager.last and place == 0),
                ("last", pager.number == 1 and place == len(shown) - 1),
            )
            if is_there
        ]
        parameters = f'rel="{" ".join([*ends, "memento"])}"; datetime="{http_date(moment.time)}"'
        title = f'; title="{kind}"' if kind else ""
        lines.append(f"<{memento.memento(where, moment)}>; {parameters}{title}")
    return ",\n".join(lines) + "\n"


def _as_json(document: str, shown: Lifetime, pager: Pager) -> str:
    where = _address(document)
    mementos = [
        {
            "uri": memento.memento(where, moment),
            "datetime": moment.time.isoformat(),
            "release": moment.release,
            "version": moment.version,
            "change": kind,
        }
        for moment, kind in shown
    ]
    return as_json(
        {
            "original_uri": where,
            "timegate_uri": where,
            "timemap_uri": _page(pager, pager.number),
            "other_timemaps": [_page(pager, each) for each in _others(pager)],
            "mementos": {"first": mementos[0], "last": mementos[-1], "list": mementos},
        }
    )


def _others(pager: Pager) -> Iterator[int]:
    """The pages next to this one."""
    return (each for each in (pager.number - 1, pager.number + 1) if 1 <= each <= pager.last)


def _page(pager: Pager, number: int) -> str:
    return _address(pager.path) + (f"?page={number}" if number > 1 else "")


def _address(path: str) -> str:
    return opened().base[:-1] + path


def _found(name: str, raw: bool) -> Found | None:
    """What was once at this place; None when nothing ever was."""
    if "/" not in name:
        path = f"/{name}"
        return Found(path, name, memento.lifetime(path)) if _is_document(path) else None
    for each in spellings(name, raw=raw):
        try:
            found = _thing(NamedNode(f"{opened().base}id/{each}"))
        except ValueError:
            continue
        if found.life:
            return found
    return None


def _thing(node: NamedNode) -> Found:
    """The document about a thing; of one that is gone the name that it had."""
    path = path_of(node.value, opened().base) or "/"
    now, told = opened().store.contains(node), changes().of(path)
    name = label(node).value if now or not told else told[-1].name
    return Found(path, capitalise(name), present(past(), told, now=now))


def _is_document(path: str) -> bool:
    """Whether a document other than that of a thing stands at a path."""
    try:
        adapter = current_app.url_map.bind_to_environ(request.environ)
        endpoint, values = adapter.match(path, method="GET")
    except HTTPException:
        return False
    return memento.is_document(endpoint) and values.get("suffix") is None
