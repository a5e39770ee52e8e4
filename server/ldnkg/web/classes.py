"""The members of a kind of thing, a page at a time, with the columns that the shapes call key information."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from flask import Blueprint, Response, render_template
from pyoxigraph import Literal, NamedNode, Triple

from ldnkg.counts import MANY
from ldnkg.dumps import table
from ldnkg.errors import UnknownEntity
from ldnkg.formats import Format
from ldnkg.iris import PREFIXES
from ldnkg.signposts import Signposts
from ldnkg.web import answers
from ldnkg.web.pages import WORDS, Kind, kinds
from ldnkg.web.paging import Pager, page_number
from ldnkg.web.request import node, opened, sent_below
from ldnkg.web.targets import split_suffix
from ldnkg.web.view import Values, View

blueprint = Blueprint("classes", __name__)


@blueprint.get("/class/<path:name>")
@answers.quickly(answers.DOCUMENTS)
def members(name: str) -> Response:
    """One page of the members of a kind, in every format (Hydra Core Vocabulary, section 4.1)."""
    sent, _ = sent_below("/class/")
    segment, suffix = split_suffix(sent)
    kind = next((each for each in kinds() if each.segment == segment), None)
    number = page_number()
    nodes, total = opened().store.members(segment, (number - 1) * MANY, MANY)
    if kind is None or not nodes:
        raise UnknownEntity(opened().base + f"class/{sent}")
    pager = Pager(f"/class/{segment}", number, MANY, total)

    def body(format_: Format) -> str | bytes:
        if format_.kind == "page":
            return _page(kind, nodes, pager)
        if format_.kind == "table":
            return table({each.value: list(_said(each)) for each in nodes}, opened().prefixes)
        triples = [triple for each in nodes for triple in _said(each)]
        return answers.graph([*_collection(kind, nodes, pager), *triples], format_, node(f"class/{segment}"))

    def signposts(plain: Signposts) -> Signposts:
        return replace(plain, items=answers.iris(nodes), collections=(answers.address("/dataset"),))

    return answers.negotiated(pager.path, suffix, body, signposts=signposts)


def _page(kind: Kind, nodes: Sequence[NamedNode], pager: Pager) -> str:
    here = opened()
    view = View(here.store, here.layout, node(f"class/{kind.segment}"), WORDS)
    listing = view.things(Values(kind.label, tuple(nodes), pager.total, ()))
    variants = answers.variants(pager.path)
    return render_template(
        "listing.html", kind=kind, listing=listing, nodes=nodes, view=view, pager=pager, variants=variants
    )


def _said(thing: NamedNode) -> Iterator[Triple]:
    """What is said about a thing, of long lists the beginning."""
    store = opened().store
    for property_ in store.properties(thing, "outgoing"):
        for value in store.values(thing, property_, "outgoing", 0, MANY):
            yield Triple(thing, property_, value)


def _collection(kind: Kind, nodes: Sequence[NamedNode], pager: Pager) -> Iterator[Triple]:
    """The collection, and which part of it this document is."""
    all_of_them, part = node(f"class/{kind.segment}"), node(f"class/{kind.segment}?page={pager.number}")

    def say(subject: NamedNode, name: str, value: NamedNode | Literal) -> Triple:
        return Triple(subject, NamedNode(PREFIXES["hydra"] + name), value)

    type_ = NamedNode(PREFIXES["rdf"] + "type")
    yield Triple(all_of_them, type_, NamedNode(PREFIXES["hydra"] + "Collection"))
    yield say(all_of_them, "totalItems", Literal(pager.total))
    yield from (say(all_of_them, "member", each) for each in nodes)
    yield say(all_of_them, "view", part)
    yield Triple(part, type_, NamedNode(PREFIXES["hydra"] + "PartialCollectionView"))
    if pager.number < pager.last:
        yield say(part, "next", node(f"class/{kind.segment}?page={pager.number + 1}"))
    if pager.number > 1:
        yield say(part, "previous", node(f"class/{kind.segment}?page={pager.number - 1}"))
