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
from ldnkg.web.pages import NUMBERS, Names, capitalise, names, shown
from ldnkg.web.panels import spaced
from ldnkg.web.request import Reader, address, opened, reader
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
        headings_of=headings_of,
        icon=icon,
        linked=linked,
        listed=listed,
        numeric=numeric,
        rows_of=rows_of,
        term=term,
        text=text,
        tone=tone,
    )


def text(literal: object) -> Markup:
    """The words of a text, with their language if that is not the page's."""
    return _html(_text(literal))


def term(value: Term) -> Markup:
    """A value as it looks in a page: a thing by its name, which leads to it, a number as one …"""
    return _html(_pieces().term(value))


def linked(node: NamedNode) -> Markup:
    """The name of an IRI, as a link where one may lead."""
    return _html(_pieces().linked(node) or _pieces().name(node))


def rows_of(table: Shown, headings: Sequence[str]) -> Markup:
    """The rows of a table: first columns that stay the same from row to row are written once."""
    spanned, labels, pieces = table.spanned, [str(escape(each)) for each in headings], _pieces()
    parts = []
    for _, rows in table.groups(table.told[0]):
        span = f' rowspan="{len(rows)}"' if spanned and len(rows) > 1 else ""
        parts.append('\n<tbody role="rowgroup">')
        for number, row in enumerate(rows):
            values = [(place, row.get(name)) for place, name in enumerate(table.told)]
            shown_ = values[spanned:] if number else values
            cells = "".join(
                _cell(pieces, place, value, labels, span if place < spanned else None)
                for place, value in shown_
            )
            parts.append(f'\n<tr role="row">{cells}</tr>')
        parts.append("\n</tbody>")
    return _html("".join(parts))


def numeric(table: Shown) -> tuple[bool, ...]:
    """Of each column of a table whether its cells are numbers, which stand on the right."""
    rest = range(max(table.spanned, 1), len(table.told))
    return tuple(
        at in rest and all(_is_number(row[name]) for row in table.rows if name in row)
        for at, name in enumerate(table.told)
    )


def _is_number(value: Term | None) -> bool:
    return isinstance(value, Literal) and value.datatype.value in NUMBERS


def _cell(pieces: "_Pieces", place: int, value: Term | None, labels: Sequence[str], span: str | None) -> str:
    """A cell; `span` says over how many rows, where its column is one of those that are written once."""
    inner = "" if value is None else pieces.cell(value)
    if not place:
        return f'<th role="rowheader" scope="{"rowgroup" if span else "row"}"{span or ""}>{inner}</th>'
    if not inner and not span:
        return '<td role="cell"></td>'
    more = (_NUM if _is_number(value) else "") if span is None else span
    return f'<td role="cell" data-label="{labels[place]}"{more}>{inner}</td>'


def listed(values: Sequence[Term], view: View) -> Markup:
    """The values of a row, in a line if they are short; parts that the page shows are on this very page."""
    pieces = _pieces()
    if len(values) == 1:
        return _html(pieces.one(values[0], view))
    inline = " inline" if sum(len(shown(each)) for each in values) <= _SHORT else ""
    items = "".join(f"<li>{pieces.one(each, view)}</li>" for each in values)
    return _html(f'<ul class="values{inline}">{items}</ul>')


def icon(name: str) -> Markup:
    """A mark as a picture; words that say the same stand beside it."""
    return _html(_pieces().icon(name))


def tone(name: str) -> str:
    """The colour of a mark."""
    return _TONES.get(name, name)


def headings_of(names: Sequence[str]) -> list[str]:
    """The headings of columns that are called like variables."""
    return [capitalise(spaced(each)) for each in names]


class _Pieces:
    """What one request shows of values, as HTML, and where it finds what others made."""

    def __init__(self, here: Opened, reader: Reader, names: Names) -> None:
        self._here, self._reader, self._names = here, reader, names
        self._lists, self._panels = f"{here.base}vocab#", here.panels
        self._made: dict[NamedNode, str] = {}
        self._marks = escape(address("static", filename="marks.svg"))

    def term(self, value: Term) -> str:
        """A value."""
        if isinstance(value, NamedNode):
            return self._iri(value)
        if isinstance(value, Literal):
            return self._literal(value)
        return f'<span class="id">{escape(value)}</span>'

    def cell(self, value: Term) -> str:
        """A value in a table of a panel: a term of a closed list leads nowhere there."""
        if isinstance(value, NamedNode) and self._is_plain(value):
            return self.name(value)
        return self.term(value)

    def one(self, value: Term, view: View) -> str:
        """A value of a row: a part leads to its place on this page, if it has one."""
        if isinstance(value, NamedNode) and value.value.startswith(f"{view.node.value}#"):
            name = self.name(value)
            place = escape(value.value.split("#", 1)[1])
            return f'<a href="#{place}">{name}</a>' if value in view.anchors else name
        return self.term(value)

    def linked(self, node: NamedNode) -> str:
        """The name of an IRI as a link; nothing where none may lead."""
        where = self.link(node.value)
        return f'<a href="{escape(where)}">{self.name(node)}</a>' if where else ""

    def icon(self, name: str) -> str:
        """A mark as a picture."""
        return f'<svg class="mk" aria-hidden="true"><use href="{self._marks}#{name}"/></svg>'

    def link(self, iri: str) -> str | None:
        """Where a link to an IRI may lead."""
        return self._reader.link(iri, self._here.base)

    def name(self, node: NamedNode) -> str:
        """The name of an IRI."""
        return _text(self._names.of(node))

    def _is_plain(self, node: NamedNode) -> bool:
        """Whether it is of a closed list, and has neither a mark nor a rung."""
        known = node in self._panels.marks or node in self._panels.rungs
        return node.value.startswith(self._lists) and not known

    def _iri(self, node: NamedNode) -> str:
        """An IRI, as this request, another, or nobody yet has made it."""
        found = self._made.get(node)
        if found is None:
            key = (node.value, self._reader)
            found = self._here.fragments.get(key)
            if found is None:
                found = self._marked(node)
                self._here.fragments.put(key, found)
            self._made[node] = found
        return found

    def _marked(self, node: NamedNode) -> str:
        """The name of an IRI with its mark, its rung or its flag, and the way there."""
        if mark := self._panels.marks.get(node):
            return self._tag(mark, node)
        linked = self.linked(node)
        if rung := self._panels.rungs.get(node):
            picture = f'<svg class="rung" aria-hidden="true"><use href="{self._marks}#r{rung}"/></svg>'
            return f'<span class="level">{picture}{linked or self.name(node)}</span>'
        if not linked:
            return f'<span class="id">{escape(node.value)}</span>'
        flag = self._panels.flags.get(node)
        if isinstance(flag, NamedNode):
            return f"{linked} {self._tag(self._panels.marks.get(flag) or 'context', flag, ' small')}"
        return linked

    def _tag(self, mark: str, node: NamedNode, size: str = "") -> str:
        said = f"{self.icon(mark)}<span>{self.name(node)}</span>"
        return f'<span class="tag t-{tone(mark)}{size}">{said}</span>'

    def _literal(self, literal: Literal) -> str:
        value, datatype = literal.value, literal.datatype.value
        if datatype.endswith("#boolean"):
            return "yes" if value in ("true", "1") else "no"
        written = escape(value)
        if datatype in NUMBERS:
            return f'<span class="num">{written}</span>'
        if datatype.endswith("#date"):
            return f'<time datetime="{written}" class="num">{written}</time>'
        if datatype.endswith("#anyURI") and (where := self.link(value)):
            return f'<a href="{escape(where)}">{written}</a>'
        if "\n" in value:
            return f'<pre tabindex="0">{_text(literal)}</pre>'
        return f'<span class="text">{_text(literal)}</span>' if len(value) > _LONG else _text(literal)


def _pieces() -> _Pieces:
    """Those of this request."""
    pieces: _Pieces | None = g.get("pieces")
    if pieces is None:
        pieces = g.pieces = _Pieces(opened(), reader(), names())
    return pieces


def _text(literal: object) -> str:
    value, language = str(escape(getattr(literal, "value", ""))), getattr(literal, "language", None)
    if language and not language.lower().startswith("en"):
        tag = escape(language)
        return f'<span lang="{tag}">{value}</span>&#160;<span class="lang">({tag})</span>'
    return value


def _html(made: str) -> Markup:
    """Text that is HTML: all that was put into it is escaped, or our own."""
    return Markup(made)  # noqa: S704
