"""One thing as data: what is said about it and its parts, with labels; long lists cut, the rest a link away.

However long its lists are, a description reads at most MANY values of each and PARTS parts, so that its cost
is bounded by the number of properties that a thing has.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import quote

from pyoxigraph import BlankNode, Literal, NamedNode, Triple

from ldnkg.counts import DEPRECATED, MANY, REPLACED_BY, Term
from ldnkg.errors import UnknownEntity, Withdrawn
from ldnkg.iris import PREFIXES, curie, local_name, path_of
from ldnkg.store import Direction, Store

_TYPE = NamedNode(PREFIXES["rdf"] + "type")

_REASONS = tuple(
    NamedNode(PREFIXES[prefix] + name)
    for prefix, name in (("skos", "changeNote"), ("skos", "historyNote"), ("rdfs", "comment"))
)

PARTS = 500
"""A description has at most so many parts; others are on the pages of the list that leads to them."""


@dataclass(frozen=True)
class Names:
    """By which names a description makes addresses."""

    base: str
    prefixes: Mapping[str, str]


@dataclass(frozen=True)
class ValueList:
    """A page of the values that a node has for a property in one direction, of `total`; pages count from 1.

    `names` are those by which its address is made.
    """

    node: NamedNode
    direction: Direction
    predicate: NamedNode
    values: tuple[Term, ...]
    total: int
    names: Names
    number: int = 1

    @property
    def address(self) -> str:
        """The IRI of the whole list."""
        base, prefixes = self.names.base, self.names.prefixes
        return base[:-1] + list_path(self.node, self.direction, self.predicate, base, prefixes)

    @property
    def is_cut(self) -> bool:
        """Whether there are further pages, before or after this one."""
        return self.total > len(self.values)

    def triples(self) -> Iterator[Triple]:
        """The values of the page, as triples."""
        for value in self.values:
            if self.direction == "outgoing":
                yield Triple(self.node, self.predicate, value)
            elif isinstance(value, NamedNode | BlankNode):
                yield Triple(value, self.predicate, self.node)

    def page(self, number: int) -> NamedNode:
        """The IRI of a page."""
        return NamedNode(f"{self.address}?page={number}")


@dataclass(frozen=True)
class Description:
    """What a document says: lists of values of the node and of its parts, and the names of what they mention.

    `about` is about the document: what it is part of, its licence, where the rest of it is.
    """

    node: NamedNode
    lists: tuple[ValueList, ...]
    labels: tuple[Triple, ...]
    about: tuple[Triple, ...]

    def triples(self) -> list[Triple]:
        """All of it, each triple once."""
        said = [triple for each in self.lists for triple in each.triples()]
        return list(dict.fromkeys([*said, *self.labels, *self.about]))


def standing(store: Store, node: NamedNode) -> None:
    """Whether a thing may be described: raises UnknownEntity when nothing is said about it.

    Raises Withdrawn when all that is left is a tombstone (see ldnkg.counts.withdrawn), with what took its
    place at the end of the chain of replacements.
    """
    if not store.contains(node):
        raise UnknownEntity(node.value)
    if _is_tombstone(store, node):
        raise Withdrawn(_epitaph(store, node), tuple(each.value for each in _successors(store, node)))


def describe(store: Store, node: NamedNode, *, base: str, prefixes: Mapping[str, str]) -> Description:
    """What the graph says about a thing: outgoing and incoming lists, and the outgoing ones of its parts.

    A list that is cut has its count (`hydra:totalItems`) and a link to its second page (`rdfs:seeAlso`).
    Raises what `standing` raises.
    """
    standing(store, node)
    reader = _Reader(store, Names(base, prefixes))
    parts = store.parts(node)[:PARTS]
    lists = [*reader.lists(node, "outgoing"), *reader.lists(node, "incoming"), *reader.lists_of(parts)]
    document = NamedNode(base[:-1] + (path_of(node.value, base) or "/"))
    rest = [triple for each in lists if each.is_cut for triple in _rest(each)]
    return Description(
        node, tuple(lists), tuple(reader.labels(lists)), (*reader.document(document, node), *rest)
    )


def page(
    store: Store,
    node: NamedNode,
    direction: Direction,
    property_: NamedNode,
    number: int,
    *,
    base: str,
    prefixes: Mapping[str, str],
) -> Description:
    """One page of MANY values of a list, with the parts among them; pages count from 1.

    It says which pages are next to it (Hydra Core Vocabulary, section 4.2). Raises UnknownEntity when there
    is no such page.
    """
    reader = _Reader(store, Names(base, prefixes))
    total = store.properties(node, direction).get(property_, 0)
    shown = reader.list(node, direction, property_, total, number)
    if not shown.values:
        raise UnknownEntity(shown.page(number).value)
    parts = [each for each in shown.values if isinstance(each, NamedNode) and _is_part(each, node)]
    lists = [shown, *reader.lists_of(parts)]
    about = (*reader.document(shown.page(number), node), *_view(shown))
    return Description(node, tuple(lists), tuple(reader.labels(lists)), about)


def list_path(
    node: NamedNode, direction: Direction, property_: NamedNode, base: str, prefixes: Mapping[str, str]
) -> str:
    """Where the pages of a list are, as a path below the base; add `?page=2` for one of them.

    >>> light, height = NamedNode("http://h/id/light/x"), NamedNode("http://h/ont#height")
    >>> list_path(light, "outgoing", height, "http://h/", {"ex": "http://h/ont#"})
    '/doc/light/x/outgoing/ex:height'
    """
    path = (path_of(node.value, base) or "/").replace("#", "%23")
    name = curie(property_.value, prefixes) or quote(property_.value, safe="")
    return f"{path}/{direction}/{name}"


def label(store: Store, node: NamedNode, languages: Sequence[str]) -> Literal:
    """The name of a node for a reader of these languages, the most wanted first.

    That is the `best` of its texts for the first of LABELS that it has; without any, the end of its IRI.
    """
    _, texts = store.names(node)
    return best(texts, languages) if texts else Literal(local_name(node.value))


def best(texts: Sequence[Literal], languages: Sequence[str]) -> Literal:
    """The text to show, of at least one: the written rule of language fallback.

    In each language asked for, else in that language without its region and so on (RFC 4647, section 3.4);
    else in English; else without language; else in any, by the order of the tags.

    >>> texts = [Literal("Leuchtturm", language="de"), Literal("light", language="en")]
    >>> best(texts, ["el", "de-AT"]).value, best(texts, ["el"]).value
    ('Leuchtturm', 'light')
    """
    if len(texts) == 1:
        return texts[0]
    ordered = sorted(texts, key=lambda text: (text.language or "", text.value))
    tags = [(text.language or "").lower() for text in ordered]
    for wanted in (*(tag for each in languages for tag in _ranges(each.lower())), "en", ""):
        if wanted in tags:
            return ordered[tags.index(wanted)]
    return ordered[0]


def understood(wanted: Iterable[str], spoken: Collection[str]) -> tuple[str, ...]:
    """Which languages to look for, of those `spoken` in a graph; without what makes no difference to `best`.

    >>> understood(["fr", "de-AT", "en-GB"], {"de", "en"}), understood(["en"], {"de", "en"})
    (('de',), ())
    """
    found = (next((tag for tag in _ranges(each.lower()) if tag in spoken), None) for each in wanted)
    chosen = list(dict.fromkeys(tag for tag in found if tag))
    while chosen and chosen[-1] == "en":
        chosen.pop()
    return tuple(chosen)


def _ranges(tag: str) -> Iterator[str]:
    """A language tag, and what is left of it when subtags are taken from its end."""
    while tag:
        yield tag
        tag = tag.rpartition("-")[0]


class _Reader:
    """What a description reads from a store."""

    def __init__(self, store: Store, names: Names) -> None:
        self._store, self._names, self._base = store, names, names.base

    def list(
        self, node: NamedNode, direction: Direction, property_: NamedNode, total: int, number: int = 1
    ) -> ValueList:
        """One page of a list; without values when there is no such page."""
        offset = (number - 1) * MANY
        values = self._store.values(node, property_, direction, offset, MANY) if 0 <= offset < total else ()
        return ValueList(node, direction, property_, tuple(values), total, self._names, number)

    def lists(self, node: NamedNode, direction: Direction) -> Iterator[ValueList]:
        """The first page of each list of a node in one direction."""
        counted = self._store.properties(node, direction)
        for property_ in sorted(counted, key=str):
            yield self.list(node, direction, property_, counted[property_])

    def lists_of(self, parts: Iterable[NamedNode]) -> Iterator[ValueList]:
        """The outgoing lists of parts."""
        return (each for part in parts for each in self.lists(part, "outgoing"))

    def labels(self, lists: Iterable[ValueList]) -> Iterator[Triple]:
        """The names, in all languages, of the nodes that have these lists and of those in them."""
        mentioned = dict.fromkeys(node for each in lists for node in (each.node, *each.values))
        for node in mentioned:
            if isinstance(node, NamedNode):
                property_, texts = self._store.names(node)
                yield from (Triple(node, property_, text) for text in texts)

    def document(self, document: NamedNode, node: NamedNode) -> Iterator[Triple]:
        """What a document is about, the dataset it is from (VoID, section 5.2), and its licence."""
        dataset, license_ = NamedNode(self._base + "dataset"), _term("dcterms", "license")
        yield Triple(document, _term("foaf", "primaryTopic"), node)
        yield Triple(document, _term("void", "inDataset"), dataset)
        yield from (Triple(document, license_, each) for each in self._store.objects(dataset, license_))


def _is_tombstone(store: Store, node: NamedNode) -> bool:
    deprecated = any(getattr(each, "value", "") in ("true", "1") for each in store.objects(node, DEPRECATED))
    return deprecated or bool(store.objects(node, REPLACED_BY) and not store.objects(node, _TYPE))


def _epitaph(store: Store, node: NamedNode) -> str:
    """Why and when a thing was withdrawn, as far as its tombstone tells."""
    reasons = [each for name in _REASONS for each in store.objects(node, name) if isinstance(each, Literal)]
    dates = [
        each.value for each in store.objects(node, _term("dcterms", "modified")) if isinstance(each, Literal)
    ]
    when = f" on {dates[0]}" if dates else ""
    return " ".join([f"<{node.value}> was withdrawn{when}.", *([best(reasons, ()).value] if reasons else [])])


def _successors(store: Store, node: NamedNode) -> list[NamedNode]:
    """What took the place of a thing: of a chain its end, of a circle nothing."""
    found: dict[NamedNode, None] = {}
    seen, due = {node}, [node]
    while due and len(seen) <= MANY:
        for each in store.objects(due.pop(), REPLACED_BY):
            if isinstance(each, NamedNode) and each not in seen:
                seen.add(each)
                if _is_tombstone(store, each):
                    due.append(each)
                elif store.contains(each):
                    found[each] = None
    return sorted(found, key=str)


def _is_part(node: NamedNode, whole: NamedNode) -> bool:
    return node.value.startswith(f"{whole.value}#")


def _rest(cut: ValueList) -> Iterator[Triple]:
    """Where the rest of a list is, and how many values it has in all."""
    yield Triple(cut.node, _term("rdfs", "seeAlso"), cut.page(2))
    yield from _collection(cut, cut.page(2))


def _view(shown: ValueList) -> Iterator[Triple]:
    """A page of a list, with its neighbours."""
    here, number = shown.page(shown.number), shown.number
    yield from _collection(shown, here)
    yield Triple(here, _TYPE, _term("hydra", "PartialCollectionView"))
    if number * MANY < shown.total:
        yield Triple(here, _term("hydra", "next"), shown.page(number + 1))
    if number > 1:
        yield Triple(here, _term("hydra", "previous"), shown.page(number - 1))


def _collection(shown: ValueList, view: NamedNode) -> Iterator[Triple]:
    """A list as a collection with a page of it."""
    whole = NamedNode(shown.address)
    yield Triple(whole, _TYPE, _term("hydra", "Collection"))
    yield Triple(whole, _term("hydra", "totalItems"), Literal(shown.total))
    yield Triple(whole, _term("hydra", "view"), view)


def _term(prefix: str, name: str) -> NamedNode:
    return NamedNode(PREFIXES[prefix] + name)
