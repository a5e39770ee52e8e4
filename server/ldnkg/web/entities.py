"""A thing, the document about it, and the pages of its long lists."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import TypedDict
from urllib.parse import unquote

from flask import Blueprint, Response, redirect, render_template, request
from jinja2 import Template
from pyoxigraph import NamedNode
from werkzeug.wrappers import Response as AnyResponse

from ldnkg import describe
from ldnkg.counts import MANY
from ldnkg.errors import UnknownEntity, Withdrawn
from ldnkg.formats import Format
from ldnkg.iris import PREFIXES, curie, path_of, segment_of
from ldnkg.signposts import Signposts
from ldnkg.store import Direction
from ldnkg.web import answers
from ldnkg.web.pages import WORDS, list_path, term_name
from ldnkg.web.paging import Pager, page_number
from ldnkg.web.request import href, opened, sent_below
from ldnkg.web.targets import spellings, split_suffix, target
from ldnkg.web.view import Values, View, types

blueprint = Blueprint("entities", __name__)

_BESIDE_PANELS = 5
"""So many of each list of other things are shown where panels tell of them."""
_CREATOR = NamedNode(PREFIXES["dcterms"] + "creator")


@blueprint.get("/id/<path:name>")
def thing(name: str) -> AnyResponse:
    """A thing is no document: 303 leads to the document about it (Cool URIs for the Semantic Web, 4.2)."""
    sent, raw = sent_below("/id/")
    try:
        return redirect(href(found(sent, raw).value) or "/", 303)
    except Withdrawn as fault:
        return _moved(fault, "id")


@blueprint.get("/doc/<path:name>")
@answers.quickly(answers.DOCUMENTS)
def document(name: str) -> AnyResponse:
    """The document about a thing, or one page of one of its lists."""
    sent, raw = sent_below("/doc/")
    suffix = None
    try:
        try:
            return _answer(sent, raw, suffix)
        except UnknownEntity:
            stem, suffix = split_suffix(sent)
            if suffix is None:
                raise
            return _answer(stem, raw, suffix)
    except Withdrawn as fault:
        return _moved(fault, "doc", suffix)


def _answer(name: str, raw: bool, suffix: str | None) -> Response:
    """The whole document, or one of the lists; a thing may be called like a list of another."""
    wanted = target(name)
    try:
        return _whole(found(name, raw), suffix)
    except UnknownEntity:
        if not (wanted.direction and wanted.property):
            raise
    node = found(wanted.name, raw, part=True)
    direction: Direction = "incoming" if wanted.direction == "incoming" else "outgoing"
    return _one_list(node, direction, _property(wanted.property, raw), suffix)


def _whole(node: NamedNode, suffix: str | None) -> Response:
    """All about a thing, long lists cut."""
    here = opened()
    path = path_of(node.value, here.base) or "/"

    def body(format_: Format) -> str | bytes:
        if format_.kind != "page":
            return answers.graph(describe.describe(here.store, node, **_names()).triples(), format_, node)
        classes = types(here.store, node)
        most = _BESIDE_PANELS if here.panels.on_page(classes) else MANY
        view = View(here.store, here.layout, node, WORDS, most, here.panels.told(classes))
        return render_template(
            _templates(classes), view=view, classes=classes, variants=answers.variants(path)
        )

    def signposts(plain: Signposts) -> Signposts:
        creators = answers.iris(here.store.objects(node, _CREATOR))
        return replace(
            plain,
            cite_as=node.value,
            types=answers.iris(types(here.store, node)),
            authors=creators or plain.authors,
            collections=(answers.address(f"/class/{segment_of(node.value, here.base)}"),),
        )

    return answers.negotiated(path, suffix, body, signposts=signposts)


def _templates(classes: Iterable[NamedNode]) -> list[str | Template]:
    """The pages that fit a thing, the best first: those of its classes, such as `class/ex-Light.html`."""
    names = (curie(each.value, opened().prefixes) for each in classes)
    return [*(f"class/{name.replace(':', '-')}.html" for name in names if name), "entity.html"]


def _one_list(node: NamedNode, direction: Direction, property_: NamedNode, suffix: str | None) -> Response:
    """One page of one list."""
    here = opened()
    number = page_number()
    total = here.store.properties(node, direction).get(property_, 0)
    pager = Pager(list_path(node, direction, property_), number, MANY, total)
    if not total or number > pager.last:
        raise UnknownEntity(f"{here.base[:-1]}{request.full_path.rstrip('?')}")

    def body(format_: Format) -> str | bytes:
        if format_.kind != "page":
            found = describe.page(here.store, node, direction, property_, number, **_names())
            return answers.graph(found.triples(), format_, node)
        view = View(here.store, here.layout, node, WORDS)
        shown = here.store.values(node, property_, direction, pager.offset, MANY)
        section = view.of_list(
            Values(term_name(property_), tuple(shown), len(shown), ((direction, property_),))
        )
        return render_template(
            "values.html",
            view=view,
            section=section,
            values=shown,
            pager=pager,
            variants=answers.variants(pager.path),
        )

    def signposts(plain: Signposts) -> Signposts:
        return replace(plain, collections=(answers.address(path_of(node.value, here.base) or "/"),))

    return answers.negotiated(pager.path, suffix, body, signposts=signposts)


def _moved(fault: Withdrawn, kind: str, suffix: str | None = None) -> AnyResponse:
    """The way to the one thing that took the place of another, in the same format; else the fault (410)."""
    where = [href(each) for each in fault.replacements]
    if len(where) != 1 or where[0] is None:
        raise fault
    doc = f"{request.script_root}/doc/"
    path, mark, query = f"{request.script_root}/{kind}/{where[0].removeprefix(doc)}".partition("?")
    response = redirect((f"{path}.{suffix}" if suffix else path) + mark + query, 301)
    response.cache_control.max_age = answers.FRESH
    return response


def _property(name: str, raw: bool) -> NamedNode:
    """The property of a list: a prefixed name, or an IRI (escaped, where the target is as it was sent)."""
    name = unquote(name) if raw else name
    prefix, colon, local = name.partition(":")
    space = opened().prefixes.get(prefix)
    node = _node(space + local if colon and space else name)
    if node is None:
        raise UnknownEntity(name)
    return node


def found(name: str, raw: bool, *, part: bool = False) -> NamedNode:
    """The thing that is meant, or a part of one, of whose IRI WSGI may have decoded the escapes.

    Raises UnknownEntity.
    """
    here = opened()
    for spelling in spellings(name, raw=raw):
        for each in (spelling, spelling.replace("%23", "#")) if part else (spelling,):
            node = _node(f"{here.base}id/{each}")
            if node and here.store.contains(node):
                describe.standing(here.store, node)
                return node
    raise UnknownEntity(f"{here.base}id/{name}")


def _node(iri: str) -> NamedNode | None:
    """The node with this IRI, if it is one."""
    try:
        return NamedNode(iri)
    except ValueError:
        return None


class _Names(TypedDict):
    """By which names a description makes addresses."""

    base: str
    prefixes: Mapping[str, str]


def _names() -> _Names:
    return {"base": opened().base, "prefixes": opened().prefixes}
