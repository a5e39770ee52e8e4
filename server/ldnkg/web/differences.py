"""What changed about one thing between two releases: as a page, as JSON, and as a patch for programs."""

from collections.abc import Iterator, Sequence
from functools import cached_property

from flask import Blueprint, Response, g, request
from pyoxigraph import Literal, NamedNode, Triple

from ldnkg import describe
from ldnkg.counts import Term
from ldnkg.describe import Description
from ldnkg.difference import Change, Difference, Holds, difference, merged
from ldnkg.errors import UnknownEntity
from ldnkg.formats import JSON, Format
from ldnkg.history import Moment
from ldnkg.iris import curie, leads_on, local_name, path_of
from ldnkg.series import version_of
from ldnkg.site import Opened
from ldnkg.store import Direction
from ldnkg.web.chronicle import PAGE, answer, as_json, page, split
from ldnkg.web.pages import term_name
from ldnkg.web.request import changes, languages, opened, past, sent_below, site
from ldnkg.web.targets import spellings
from ldnkg.web.view import types

blueprint = Blueprint("differences", __name__)

PATCH = Format("rdfp", "application/rdf-patch", "RDF Patch", "table")
"""Triples to delete and to add (RDF Patch of Apache Jena)."""
_FORMATS = (PAGE, JSON, PATCH)
_STATED = "SELECT ?s ?p ?o WHERE { ?s ?p ?o } LIMIT 1"


class Side:
    """One of the two releases, as far as it concerns the thing."""

    def __init__(self, moment: Moment, here: Opened, node: NamedNode) -> None:
        self.moment, self.here = moment, here
        self._node = node

    @cached_property
    def description(self) -> Description | None:
        """What the release says about the thing, if it has it."""
        try:
            return describe.describe(
                self.here.store, self._node, base=self.here.base, prefixes=self.here.prefixes
            )
        except UnknownEntity:
            return None

    def says(self, triple: Triple) -> bool:
        """Whether the release says this."""
        bound = {"s": triple.subject, "p": triple.predicate, "o": triple.object}
        return bool(self.here.store.select(_STATED, **bound))

    def name(self, node: NamedNode, spoken: Sequence[str]) -> Literal | None:
        """What the release calls a node, if it has a name for it."""
        found = describe.label(self.here.store, node, spoken)
        return found if self.here.store.contains(node) and found.value != local_name(node.value) else None


class Told:
    """A difference in the words of the two releases, those of the later one first."""

    def __init__(self, found: Difference, before: Side, after: Side, spoken: Sequence[str]) -> None:
        self.found, self.before, self.after = found, before, after
        self._spoken = spoken
        self._order = {
            (node.value, *field.path[0]): (place, field.name)
            for node in (found.node, *(part.node for part in found.parts))
            for side in (before, after)
            for place, field in enumerate(side.here.layout.fields(types(side.here.store, node)))
            if len(field.path) == 1
        }

    @property
    def name(self) -> Literal:
        """The name of the thing."""
        return self.label(self.found.node)

    def label(self, node: NamedNode) -> Literal:
        """The name of a node: that of today, or what it had."""
        found = self.after.name(node, self._spoken) or self.before.name(node, self._spoken)
        ours = node.value.startswith(self.after.here.base)
        return found or Literal(
            local_name(node.value) if ours else curie(node.value, self.after.here.prefixes) or node.value
        )

    def property(self, change: Change) -> Literal:
        """The name of a property where it is: that of its shape, else its own."""
        _, name = self._order.get(_key(change), (0, None))
        return name or term_name(change.predicate)

    def ordered(self, changes: Sequence[Change]) -> list[Change]:
        """Changes in the order in which the page of a thing has them."""
        return sorted(changes, key=lambda each: self._order.get(_key(each), (len(self._order),))[0])

    def address(self, value: NamedNode, side: Side) -> str | None:
        """Where a value of ours is shown as it was then; a foreign one is where it is."""
        path = path_of(value.value, self.after.here.base)
        if path is None:
            return value.value if leads_on(value.value) else None
        path, mark, fragment = path.partition("#")
        pinned = "" if side.moment == past().moments[-1] else f"?release={side.moment.name}"
        return request.script_root + path + pinned + mark + fragment


@blueprint.get("/changes/<path:name>")
def show(name: str) -> Response:
    """What is other about a thing at `?to=` (today) than at `?from=` (when it was last other)."""
    sent, raw = sent_below("/changes/")
    to = site().moment(request.args["to"]) if "to" in request.args else past().moments[-1]
    stem, suffix = split(sent, _FORMATS)
    for each, ending in ((sent, None), (stem, suffix)):
        for spelling in spellings(each, raw=raw):
            try:
                node = NamedNode(f"{opened().base}id/{spelling}")
            except ValueError:
                continue
            path = path_of(node.value, opened().base) or "/"
            since = _since(path, to)
            before, after = (Side(moment, _open(moment), node) for moment in (since, to))
            if before.description or after.description:
                return _answer(f"/changes/{path.removeprefix('/doc/')}", ending, before, after)
    raise UnknownEntity(f"{opened().base}id/{sent}")


def _since(path: str, to: Moment) -> Moment:
    """The moment to compare with: the one that was asked for, else the last that was other."""
    if "from" in request.args:
        return site().moment(request.args["from"])
    moments = past().moments[: past().moments.index(to) + 1]
    changed = {each.moment for each in changes().of(path)}
    last = next((each for each in reversed(moments) if each.name in changed), None)
    return (past().before(last) if last else None) or moments[0]


def _open(moment: Moment) -> Opened:
    """The release of a moment, open until the end of the request."""
    found: Opened = g.leave.enter_context(site().opened(moment))
    return found


def _answer(path: str, suffix: str | None, before: Side, after: Side) -> Response:
    said_before: Holds = before.says
    found = difference(before.description, after.description, said_before=said_before, said_after=after.says)

    def body(format_: Format) -> str:
        if format_ == PATCH:
            return "".join(_patch(found, before, after))
        told = Told(found, before, after, languages() if format_ == PAGE else ())
        if format_ == JSON:
            return as_json(_as_json(told))
        return page("difference.html", told=told, found=found, path=path, merged=merged)

    return answer(path, suffix, _FORMATS, body)


def _patch(found: Difference, before: Side, after: Side) -> Iterator[str]:
    """The triples that are gone and those that are new, in one transaction."""
    base = after.here.base
    yield f"H id {version_of(base, after.moment)} .\nH prev {version_of(base, before.moment)} .\nTX .\n"
    for operation, triples in zip("DA", found.triples(), strict=True):
        yield from (f"{operation} {each} .\n" for each in triples)
    yield "TC .\n"


def _as_json(told: Told) -> dict[str, object]:
    def changes_of(found: Sequence[Change]) -> list[dict[str, object]]:
        return [_change(told, each) for each in told.ordered(found)]

    found = told.found
    return {
        "thing": found.node.value,
        "label": told.name.value,
        "from": _moment(told.before.moment),
        "to": _moment(told.after.moment),
        "change": found.fate,
        "complete": found.is_whole,
        "claims": changes_of(found.own),
        "parts": [
            {
                "part": part.node.value,
                "label": told.label(part.node).value,
                "change": part.fate,
                "claims": changes_of(part.changes),
            }
            for part in found.parts
        ],
        "linked_from": changes_of(found.incoming),
    }


def _moment(moment: Moment) -> dict[str, object]:
    return {"release": moment.name, "version": moment.version, "time": moment.time.isoformat()}


def _change(told: Told, change: Change) -> dict[str, object]:
    return {
        "property": change.predicate.value,
        "label": told.property(change).value,
        "direction": change.direction,
        "replaced": [
            {"from": _term(told, each.before), "to": _term(told, each.after)} for each in change.replaced
        ],
        "removed": [_term(told, each) for each in change.removed],
        "added": [_term(told, each) for each in change.added],
        "count": {"from": change.before, "to": change.after},
        "complete": change.is_whole,
    }


def _term(told: Told, term: Term) -> dict[str, str]:
    """A term as SPARQL 1.1 Query Results JSON writes it, an IRI with its label."""
    if isinstance(term, NamedNode):
        return {"type": "uri", "value": term.value, "label": told.label(term).value}
    if isinstance(term, Literal):
        kind = {"xml:lang": term.language} if term.language else {"datatype": term.datatype.value}
        return {"type": "literal", "value": term.value, **kind}
    return {"type": "triple", "value": str(term)}


def _key(change: Change) -> tuple[str, Direction, NamedNode]:
    return change.node.value, change.direction, change.predicate
