"""The members of a kind of thing, a page at a time, with the columns that the shapes call key information."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from flask import Blueprint, Response, render_template
from pyoxigraph import Literal, NamedNode, Triple
from werkzeug.exceptions import NotFound

from ldnkg.counts import MANY
from ldnkg.dumps import table
from ldnkg.errors import UnknownEntity
from ldnkg.facets import KIND
from ldnkg.formats import Format
from ldnkg.iris import PREFIXES
from ldnkg.signposts import Signposts
from ldnkg.web import answers, narrowing
from ldnkg.web.narrowing import parameters
from ldnkg.web.pages import WORDS, Kind, kinds
from ldnkg.web.paging import Pager, page_number
from ldnkg.web.request import node, opened, sent_below
from ldnkg.web.targets import split_suffix
from ldnkg.web.view import Values, View

blueprint = Blueprint("classes", __name__)


@blueprint.get("/class/<path:name>")
@answers.quickly(answers.DOCUMENTS)
def members(name: str) -> Response:
    """One page of the members of a kind, in every format (Hydra Core Vocabulary, section 4.1).

    The address may narrow the list and sort it, see `narrowing`; of nothing that is left there is one page.
    """
    sent, _ = sent_below("/class/")
    segment, suffix = split_suffix(sent)
    kind = next((each for each in kinds() if each.segment == segment), None)
    number = page_number()
    nodes, total = _members(segment, (number - 1) * MANY)
    if kind and not nodes and number > 1:
        raise NotFound(
            f"There is no page {number}: the last one is {max(1, -(-_members(segment, 0)[1] // MANY))}."
        )
    if kind is None or not (nodes or (number == 1 and narrowing.is_narrowed())):
        raise UnknownEntity(opened().base + f"class/{sent}")
    opened().store.expect(nodes)
    pager = Pager(f"/class/{segment}", number, MANY, total)

    def body(format_: Format) -> str | bytes:
        if format_.kind == "page":
            return _page(kind, nodes, pager)
        if format_.kind == "table":
            things = {each.value: list(_said(each)) for each in nodes}
            return table(things, opened().prefixes, in_order=narrowing.is_narrowed())
        triples = [triple for each in nodes for triple in _said(each)]
        return answers.graph([*_collection(kind, nodes, pager), *triples], format_, node(f"class/{segment}"))

    def signposts(plain: Signposts) -> Signposts:
        return replace(plain, items=answers.iris(nodes), collections=(answers.address("/dataset"),))

    return answers.negotiated(pager.path, suffix, body, signposts=signposts)


def _members(segment: str, offset: int) -> tuple[list[NamedNode], int]:
    """One page of the members that the address asks for, in its order, and how many there are."""
    here = opened()
    if not narrowing.is_narrowed():
        return here.store.members(segment, offset, MANY)
    among = here.facets.narrowed(narrowing.chosen(), here.facets.having(KIND, segment))
    by, down = narrowing.sorting()
    numbers = here.facets.page(among, segment, by, descending=down, offset=offset, limit=MANY)
    return [NamedNode(iri) for iri in here.index.iris(numbers)], among.bit_count()


def _page(kind: Kind, nodes: Sequence[NamedNode], pager: Pager) -> str:
    here = opened()
    view = View(here.store, here.layout, node(f"class/{kind.segment}"), WORDS)
    listing = view.things(Values(kind.label, tuple(nodes), pager.total, ()), grouped=False)
    every = here.facets.having(KIND, kind.segment)
    return render_template(
        "listing.html",
        kind=kind,
        listing=listing,
        nodes=nodes,
        view=view,
        pager=pager,
        variants=answers.variants(pager.path),
        options=narrowing.options(every),
        columns=narrowing.columns(here.facets.sortable(kind.segment)),
    )


def _said(thing: NamedNode) -> Iterator[Triple]:
    """What is said about a thing, of long lists the beginning."""
    store = opened().store
    for property_ in store.properties(thing, "outgoing"):
        for value in store.values(thing, property_, "outgoing", 0, MANY):
            yield Triple(thing, property_, value)


def _collection(kind: Kind, nodes: Sequence[NamedNode], pager: Pager) -> Iterator[Triple]:
    """The collection, and which part of it this document is."""
    path = f"class/{kind.segment}"
    all_of_them = node(path + parameters(page=None))

    def at(number: int) -> NamedNode:
        return node(path + parameters(page=number))

    def say(subject: NamedNode, name: str, value: NamedNode | Literal) -> Triple:
        return Triple(subject, NamedNode(PREFIXES["hydra"] + name), value)

    type_ = NamedNode(PREFIXES["rdf"] + "type")
    yield Triple(all_of_them, type_, NamedNode(PREFIXES["hydra"] + "Collection"))
    yield say(all_of_them, "totalItems", Literal(pager.total))
    yield from (say(all_of_them, "member", each) for each in nodes)
    part = at(pager.number)
    yield say(all_of_them, "view", part)
    yield Triple(part, type_, NamedNode(PREFIXES["hydra"] + "PartialCollectionView"))
    if pager.number < pager.last:
        yield say(part, "next", at(pager.number + 1))
    if pager.number > 1:
        yield say(part, "previous", at(pager.number - 1))
