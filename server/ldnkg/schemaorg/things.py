"""A thing as schema.org describes it.

However much is said about a thing, at most MANY values of each property are read, and at most MANY are told.
A part that a thing has is told in full where it stands; any other thing by its types, its IRI and its name.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from pyoxigraph import Literal, NamedNode

from ldnkg.counts import LABELS, MANY, Term
from ldnkg.dates import latest
from ldnkg.iris import PREFIXES, path_of
from ldnkg.schemaorg.alignment import THING, Alignment
from ldnkg.schemaorg.texts import value
from ldnkg.store import Store

Json = dict[str, Any]
"""An object of JSON."""

_TYPE = NamedNode(PREFIXES["rdf"] + "type")
_MODIFIED = NamedNode(PREFIXES["dcterms"] + "modified")
_ADDRESSES = frozenset({"url", "sameAs", "image", "contentUrl", "license"})
"""Properties whose values are web addresses, and nothing but addresses to a search engine."""
_TEXTS = frozenset({"propertyID", "termCode"})
"""Properties whose values are texts, so that a thing stands there by its name."""
_CONCEPT = "DefinedTerm"
_CODE = "https://schema.org/"


@dataclass(frozen=True)
class Document:
    """What is true of every document of a release: base, name of the dataset, licence, time as W3C has it."""

    base: str
    dataset: str
    license: str | None
    time: str

    def address(self, iri: str) -> str | None:
        """The absolute address of the document that tells of an IRI of this site; None for a foreign one."""
        path = path_of(iri, self.base)
        return None if path is None else self.base[:-1] + path


class Describer:
    """Describes the things of a store; `name` gives the name of an IRI in the reader's language."""

    def __init__(
        self, store: Store, alignment: Alignment, document: Document, name: Callable[[NamedNode], Literal]
    ) -> None:
        self.store, self.document = store, document
        self._alignment, self._name = alignment, name

    def thing(self, node: NamedNode, types: Sequence[str] = ()) -> Json:
        """All that schema.org has words for, about a thing and the page that is about it.

        `types` are those that are known from elsewhere, for want of any in the graph.
        """
        told = self._told(node, types)
        address = self.document.address(node.value)
        told["url"] = _one([each for each in [address, *_many(told.get("url"))] if each])
        if address:
            told["mainEntityOfPage"] = self.page(address, self._modified(node))
        return {key: each for key, each in told.items() if each}

    def page(self, address: str, modified: str | None = None) -> Json:
        """The page at an address: from when it is, under which licence, and what it is part of.

        The dataset stands here by its name alone: its own page tells the rest.
        """
        about = self.document
        licence = {"license": about.license} if about.license else {}
        dataset = {"@id": about.base + "dataset", "name": about.dataset}
        time = modified or about.time
        return {"@type": "WebPage", "@id": address, "dateModified": time, **licence, "isPartOf": dataset}

    def reference(self, node: NamedNode) -> Json:
        """A thing by its types, IRI and name."""
        return self._named(node, self._types(node))

    def name(self, node: NamedNode) -> object:
        """The name of a thing, with its language where it is not that of the page."""
        return value(self._name(node), "name")

    def texts(self, node: NamedNode, names: Sequence[str]) -> tuple[str, list[Literal]]:
        """The first of these names of schema.org that a thing has texts for, and the texts; else `"", []`."""
        types = self._types(node)
        found: dict[str, list[Literal]] = {}
        for property_ in self.store.properties(node, "outgoing"):
            for name in self._alignment.properties(property_, types):
                if name in names:
                    values = self.store.values(node, property_, "outgoing", 0, MANY)
                    found.setdefault(name, []).extend(each for each in values if isinstance(each, Literal))
        return next(((name, found[name]) for name in names if found.get(name)), ("", []))

    def _named(self, node: NamedNode, types: Sequence[str]) -> Json:
        return {"@type": _one(types), "@id": node.value, "name": self.name(node)}

    def _types(self, node: NamedNode) -> tuple[str, ...]:
        return self._alignment.types(
            each for each in self.store.objects(node, _TYPE) if isinstance(each, NamedNode)
        )

    def _told(self, node: NamedNode, types: Sequence[str] = ()) -> Json:
        """The types and the name of a thing or a part, and every property that has a counterpart."""
        found = self._types(node)
        known = tuple(types) if found == (THING,) and types else found
        said: dict[str, list[object]] = {}
        for property_ in self.store.properties(node, "outgoing"):
            names = self._alignment.properties(property_, known)
            if names or property_ in LABELS:
                values = self.store.values(node, property_, "outgoing", 0, MANY)
                for name in names or ("alternateName",):
                    said.setdefault(name, []).extend(self._values(values, name, property_, node))
        said["alternateName"] = [each for each in said.get("alternateName", ()) if each != self.name(node)]
        lists = {name: _one(_distinct(values)) for name, values in said.items() if values}
        return {"@type": _one(known), "@id": node.value, "name": self.name(node), **lists}

    def _values(
        self, values: Iterable[Term], name: str, property_: NamedNode, owner: NamedNode
    ) -> Iterator[object]:
        for each in values:
            if isinstance(each, Literal):
                yield from self._literal(each, name, property_)
            elif isinstance(each, NamedNode):
                yield from self._node(each, name, owner)

    def _literal(self, literal: Literal, name: str, property_: NamedNode) -> Iterator[object]:
        if name == "identifier":
            scheme = value(self._name(property_), "name")
            yield {"@type": "PropertyValue", "propertyID": scheme, "value": literal.value}
        elif name not in _ADDRESSES or _is_web(literal.value):
            yield value(literal, name)

    def _node(self, node: NamedNode, name: str, owner: NamedNode) -> Iterator[object]:
        if name in _ADDRESSES:
            if _is_web(node.value):
                yield node.value
        elif name in _TEXTS:
            yield self.name(node)
        elif node.value.startswith(f"{owner.value}#"):
            yield from self._part(node, name)
        else:
            yield from self._other(node)

    def _other(self, node: NamedNode) -> Iterator[object]:
        """A thing or a concept of the graph, or the address of something else.

        A concept is what it stands for in an enumeration of schema.org, and nothing if that has it not.
        """
        types = self._types(node)
        is_concept = _CONCEPT in types
        if (is_concept or types == (THING,)) and (member := self._alignment.member(node)):
            yield {"@id": _CODE + member}
        elif types != (THING,) or self.store.contains(node):
            if not (is_concept and self._alignment.is_closed(node)):
                yield self._named(node, types)
        elif _is_web(node.value):
            yield node.value

    def _part(self, part: NamedNode, name: str) -> Iterator[object]:
        """A part in full; one that only stands between, with a property of the same name, is passed over.

        That is how schema.org itself passes over a Role (schema.org, introducing Role).
        """
        told = self._told(part)
        if name in told:
            yield from _many(told[name])
        else:
            yield told

    def _modified(self, node: NamedNode) -> str | None:
        """When a thing was changed last, if it says so."""
        return latest(each.value for each in self.store.objects(node, _MODIFIED) if isinstance(each, Literal))


def _one(values: Sequence[Any]) -> Any:
    """A single value by itself; several as a list."""
    return values[0] if len(values) == 1 else list(values)


def _many(values: Any) -> list[Any]:
    """What `_one` made, as a list again."""
    return values if isinstance(values, list) else [] if values is None else [values]


def _distinct(values: Iterable[object]) -> list[object]:
    """The first MANY values, each once."""
    found: list[object] = []
    for each in values:
        if each not in found:
            found.append(each)
    return found[:MANY]


def _is_web(iri: str) -> bool:
    """Whether something is the address of a web page, and neither a script nor a malformed one."""
    try:
        return urlsplit(iri).scheme in ("http", "https")
    except ValueError:
        return False
