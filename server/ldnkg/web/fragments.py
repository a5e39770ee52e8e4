"""Pieces of HTML that stand in pages by the hundred: a value, a name with its link, a mark.

They are what macros would be, made without the calls that a template needs for each. What is shown for an IRI
is kept for the release, for it depends on nothing else but the reader (`Reader`).
"""

from collections.abc import Sequence

from flask import Flask, g
from markupsafe import Markup, escape
from pyoxigraph import Literal, NamedNode

from ldnkg.counts import Term
from ldnkg.site import Opened
from ldnkg.views import Shown
from ldnkg.web.pages import NUMBERS, capitalise, label, shown
from ldnkg.web.panels import flag, mark, rung, spaced
from ldnkg.web.request import Reader, address, link, opened, reader
from ldnkg.web.view import View

_TONES = {"overstated": "uncertain", "outdated": "unverified"}
_LONG = 60
"""A text with more characters may break into lines."""
_SHORT = 160
"""Values with fewer characters in all stand in one line."""
_NUM = ' class="num"'


def register(app: Flask) -> None:
    """Give the templates these pieces."""
    app.jinja_env.globals.update(
        headings_of=headings_of, icon=icon, listed=listed, rows_of=rows_of, term=term, text=text, tone=tone
    )


def text(literal: object) -> Markup:
    """The words of a text, with their language if that is not the page's."""
    value, language = escape(getattr(literal, "value", "")), getattr(literal, "language", None)
    if language and not language.lower().startswith("en"):
        tag = escape(language)
        return _html(f'<span lang="{tag}">{value}</span> <span class="lang">({tag})</span>')
    return value


def term(value: Term) -> Markup:
    """A value as it looks in a page: a thing by its name, which leads to it, a number as one …"""
    if isinstance(value, NamedNode):
        return _pieces().of(value)
    return (
        _literal(value) if isinstance(value, Literal) else _html(f'<span class="id">{escape(value)}</span>')
    )


def cell(value: Term) -> Markup:
    """A value in a table of a panel: a term of a closed list leads nowhere there."""
    if isinstance(value, NamedNode) and _pieces().is_plain(value):
        return text(label(value))
    return term(value)


def rows_of(table: Shown, headings: Sequence[str]) -> Markup:
    """The rows of a table: first columns that stay the same from row to row are written once."""
    spanned, labels = table.spanned, [escape(each) for each in headings]
    parts = []
    for _, rows in table.groups(table.told[0]):
        span = f' rowspan="{len(rows)}"' if spanned and len(rows) > 1 else ""
        parts.append('\n<tbody role="rowgroup">')
        for number, row in enumerate(rows):
            values = [(place, row.get(name)) for place, name in enumerate(table.told)]
            shown_ = values[spanned:] if number else values
            cells = "".join(
                _cell(place, value, labels, span if place < spanned else None) for place, value in shown_
            )
            parts.append(f'\n<tr role="row">{cells}</tr>')
        parts.append("\n</tbody>")
    return _html("".join(parts))


def _cell(place: int, value: Term | None, labels: Sequence[str], span: str | None) -> str:
    """A cell; `span` says over how many rows, where its column is one of those that are written once."""
    inner = "" if value is None else cell(value)
    if not place:
        return f'<th role="rowheader" scope="{"rowgroup" if span else "row"}"{span or ""}>{inner}</th>'
    is_number = isinstance(value, Literal) and value.datatype.value in NUMBERS
    more = (_NUM if is_number else "") if span is None else span
    return f'<td role="cell" data-label="{labels[place]}"{more}>{inner}</td>'


def listed(values: Sequence[Term], view: View) -> Markup:
    """The values of a row, in a line if they are short; parts that the page shows are on this very page."""
    if len(values) == 1:
        return _one(values[0], view)
    inline = " inline" if sum(len(shown(each)) for each in values) <= _SHORT else ""
    items = "".join(f"<li>{_one(each, view)}</li>" for each in values)
    return _html(f'<ul class="values{inline}">{items}</ul>')


def icon(name: str) -> Markup:
    """A mark as a picture; words that say the same stand beside it."""
    return _html(f'<svg class="mk" aria-hidden="true"><use href="{_pieces().marks}#{name}"/></svg>')


def tone(name: str) -> str:
    """The colour of a mark."""
    return _TONES.get(name, name)


def headings_of(names: Sequence[str]) -> list[str]:
    """The headings of columns that are called like variables."""
    return [capitalise(spaced(each)) for each in names]


class _Pieces:
    """What one request shows of IRIs, and where it finds what others made."""

    def __init__(self, here: Opened, reader: Reader) -> None:
        self._known, self._reader = here.fragments, reader
        self._lists, self._panels = f"{here.base}vocab#", here.panels
        self.marks = escape(address("static", filename="marks.svg"))

    def is_plain(self, node: NamedNode) -> bool:
        """Whether it is of a closed list, and has neither a mark nor a rung."""
        known = node in self._panels.marks or node in self._panels.rungs
        return node.value.startswith(self._lists) and not known

    def of(self, node: NamedNode) -> Markup:
        """An IRI as it looks in a page."""
        key = (node.value, self._reader)
        found = self._known.get(key)
        if found is None:
            found = _named(node)
            self._known.put(key, found)
        return _html(found)


def _pieces() -> _Pieces:
    """Those of this request."""
    pieces: _Pieces | None = g.get("pieces")
    if pieces is None:
        pieces = g.pieces = _Pieces(opened(), reader())
    return pieces


def _one(value: Term, view: View) -> Markup:
    if isinstance(value, NamedNode) and value.value.startswith(f"{view.node.value}#"):
        name = text(label(value))
        place = escape(value.value.split("#", 1)[1])
        return _html(f'<a href="#{place}">{name}</a>') if value in view.anchors else name
    return term(value)


def _named(node: NamedNode) -> Markup:
    """The name of an IRI with its mark, its rung or its flag, and the way there."""
    if name := mark(node):
        return _tagged(name, node)
    if step := rung(node):
        picture = f'<svg class="rung" aria-hidden="true"><use href="{_pieces().marks}#r{step}"/></svg>'
        return _html(f'<span class="level">{picture}{_linked(node) or text(label(node))}</span>')
    linked = _linked(node)
    if not linked:
        return _html(f'<span class="id">{escape(node.value)}</span>')
    flagged = flag(node)
    if isinstance(flagged, NamedNode):
        return _html(f"{linked} {_tagged(mark(flagged) or 'context', flagged, ' small')}")
    return linked


def _linked(node: NamedNode) -> Markup:
    """The name of an IRI as a link; nothing where none may lead."""
    where = link(node.value)
    return _html(f'<a href="{escape(where)}">{text(label(node))}</a>' if where else "")


def _tagged(name: str, node: NamedNode, size: str = "") -> Markup:
    return _html(
        f'<span class="tag t-{tone(name)}{size}">{icon(name)}<span>{text(label(node))}</span></span>'
    )


def _literal(literal: Literal) -> Markup:
    value, datatype = literal.value, literal.datatype.value
    if datatype.endswith("#boolean"):
        return _html("yes" if value in ("true", "1") else "no")
    written = escape(value)
    if datatype in NUMBERS:
        return _html(f'<span class="num">{written}</span>')
    if datatype.endswith("#date"):
        return _html(f'<time datetime="{written}" class="num">{written}</time>')
    if datatype.endswith("#anyURI") and (where := link(value)):
        return _html(f'<a href="{escape(where)}">{written}</a>')
    if "\n" in value:
        return _html(f'<pre tabindex="0">{text(literal)}</pre>')
    return _html(f'<span class="text">{text(literal)}</span>') if len(value) > _LONG else text(literal)


def _html(made: str) -> Markup:
    """Text that is HTML: all that was put into it is escaped, or our own."""
    return Markup(made)  # noqa: S704
