"""What in a query is nowhere in the graph, and what is near it: for whoever got nothing, or is about to.

What is looked up for one query is bounded, whatever it holds; names are compared with those of classes and
properties that VoID counts, others are found by the full-text index.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher, get_close_matches
from itertools import chain, islice
from typing import Literal as Choice

from pyoxigraph import Literal, NamedNode

from ldnkg.counts import LABELS
from ldnkg.errors import StoreFault
from ldnkg.iris import PREFIXES, local_name, segment_of
from ldnkg.query.estimates import is_used
from ldnkg.query.patterns import Filter, Joint, Path, Shape, Values
from ldnkg.query.statistics import Statistics
from ldnkg.search import Index
from ldnkg.store import Store

_TYPE = NamedNode(PREFIXES["rdf"] + "type")
_NAMES = {*LABELS, *(NamedNode(PREFIXES["skos"] + name) for name in ("altLabel", "hiddenLabel"))}
_DATATYPES = ("integer", "decimal", "double", "boolean", "date", "gYear", "dateTime", "anyURI")
_NUMBERS = frozenset(PREFIXES["xsd"] + name for name in ("integer", "decimal", "double", "float"))
_TERMS, _LITERALS, _LANGUAGES = 30, 10, 20
"""So many terms and literals of a query are looked up, a literal in so many languages."""
_HINTS, _NEAR, _LONGEST = 5, 3, 64
"""So many hints are given, each with so many near terms; of a name so many characters are compared."""
_WORDS, _FOUND = 4, 20
"""So many words of a name are looked up, each for so many things."""
_ALIKE, _LIKE = 0.75, 0.5
"""The part of two names that must be the same, for terms, and for what the index has found already."""
_ABSOLUTE = re.compile("[a-z][a-z0-9+.-]*://.+|urn:.+")
_USED = "SELECT ?property ?value { ?thing ?property ?value } LIMIT 1"
_USED_BY_ANY = "SELECT ?value { ?thing ?property ?value } LIMIT 1"

Role = Choice["class", "property", "iri", "literal"]


@dataclass(frozen=True)
class Hint:
    """A term that fits nothing, why, and what may be meant instead; `near` may be empty."""

    kind: Role
    term: NamedNode | Literal
    reason: str
    near: tuple[NamedNode | Literal, ...] = ()


@dataclass(frozen=True)
class Known:
    """Where hints are looked up: the graph, its statistics, its index, the languages of its texts."""

    store: Store
    statistics: Statistics
    index: Index
    base: str
    languages: tuple[str, ...]

    def hints(self, shape: Shape) -> tuple[Hint, ...]:
        """What the query asks for that is not in the graph; at most a few."""
        return tuple(islice(chain(self._of_nodes(shape), self._of_literals(shape)), _HINTS))

    def _of_nodes(self, shape: Shape) -> Iterator[Hint]:
        for node, role in islice(_nodes(shape).items(), _TERMS):
            if role == "property":
                yield from self._of_property(node)
            elif role == "class":
                yield from self._of_class(node)
            elif not self._is_there(node):
                yield Hint("iri", node, "is nowhere in the graph.", self._near(node))

    def _of_property(self, node: NamedNode) -> Iterator[Hint]:
        if node.value in self.statistics.properties or is_used(self.store, node):
            return
        reason = (
            "is known, but nothing in the graph has it."
            if self._is_there(node)
            else "is no property of this graph."
        )
        yield Hint("property", node, reason, _alike(node, self.statistics.properties))

    def _of_class(self, node: NamedNode) -> Iterator[Hint]:
        if node.value in self.statistics.classes or self.store.properties(node, "incoming").get(_TYPE):
            return
        reason = (
            "is known, but nothing in the graph is one."
            if self._is_there(node)
            else "is no class of this graph."
        )
        yield Hint("class", node, reason, _alike(node, self.statistics.classes))

    def _is_there(self, node: NamedNode) -> bool:
        return self.store.contains(node) or bool(self.store.properties(node, "incoming"))

    def _near(self, node: NamedNode) -> tuple[NamedNode, ...]:
        """Other spellings of the address that are there, else what is called nearly so."""
        tried = dict.fromkeys(_spellings(node, self.base))
        spelt = tuple(each for each in tried if self._is_there(each))
        if spelt:
            return spelt[:_NEAR]
        name = local_name(node.value)[:_LONGEST]
        words = re.findall("[A-Z]*[a-z0-9]+|[A-Z]+", name)[:_WORDS] or [name]
        asked = " ".join(words)
        kind = segment_of(node.value, self.base)
        found = {hit.iri: hit for each in (asked, *words) for hit in self.index.near(each, _FOUND)}
        hits = [
            each for each in found.values() if _is_like(asked, each.label[:_LONGEST], local_name(each.iri))
        ]
        hits.sort(
            key=lambda each: (each.segment == kind, _likeness(name, local_name(each.iri))), reverse=True
        )
        return tuple(NamedNode(each.iri) for each in hits[:_NEAR])

    def _of_literals(self, shape: Shape) -> Iterator[Hint]:
        for literal, property_ in islice(_literals(shape), _LITERALS):
            if self._has(property_, literal):
                continue
            if near := tuple(islice(self._written_otherwise(property_, literal), _NEAR)):
                yield Hint("literal", literal, _difference(literal, near[0]), near)
            elif property_ in _NAMES and literal.value.strip():
                hits = self.index.near(literal.value[:_LONGEST], _NEAR)
                things = tuple(NamedNode(each.iri) for each in hits)
                yield Hint("literal", literal, "is the name of nothing in the graph.", things)

    def _written_otherwise(self, property_: NamedNode | None, literal: Literal) -> Iterator[Literal]:
        """The same characters with another language or datatype, as the graph has them."""
        value = literal.value
        tried = [Literal(value, language=tag) for tag in self.languages[:_LANGUAGES]]
        tried += [
            Literal(value),
            *(Literal(value, datatype=NamedNode(PREFIXES["xsd"] + name)) for name in _DATATYPES),
        ]
        return (each for each in tried if each != literal and self._has(property_, each))

    def _has(self, property_: NamedNode | None, literal: Literal) -> bool:
        try:
            if property_ is None:
                return bool(self.store.select(_USED_BY_ANY, value=literal))
            return bool(self.store.select(_USED, property=property_, value=literal))
        except StoreFault:  # some engines take no text that its datatype does not have; then nothing has it
            return False


def _nodes(shape: Shape) -> dict[NamedNode, Role]:
    """The IRIs in the patterns and VALUES of a query, each with the part it plays first."""
    found: dict[NamedNode, Role] = {}
    for pattern in shape.patterns:
        predicate = pattern.predicate
        if isinstance(predicate, NamedNode):
            found.setdefault(predicate, "property")
        elif isinstance(predicate, Path) and predicate.sign != "!":
            for property_ in predicate.properties():
                found.setdefault(property_, "property")
        if isinstance(pattern.object, NamedNode):
            found.setdefault(pattern.object, "class" if predicate == _TYPE else "iri")
        if isinstance(pattern.subject, NamedNode):
            found.setdefault(pattern.subject, "iri")
    for part in shape.parts:
        if isinstance(part, Values):
            found.update((node, "iri") for node in part.nodes if node not in found)
    return found


def _literals(shape: Shape) -> Iterator[tuple[Literal, NamedNode | None]]:
    """The literals that patterns have as object, or that filters ask to be equal to one."""
    property_of: dict[Joint, NamedNode] = {}
    for pattern in shape.patterns:
        property_ = pattern.predicate if isinstance(pattern.predicate, NamedNode) else None
        if isinstance(pattern.object, Literal) and not isinstance(pattern.predicate, Path):
            yield pattern.object, property_
        if isinstance(pattern.object, Joint) and property_:
            property_of.setdefault(pattern.object, property_)
    for each in shape.parts:
        if isinstance(each, Filter):
            for joint, literal in each.equals:
                if (
                    joint in property_of and literal.datatype.value not in _NUMBERS
                ):  # these are equal by value
                    yield literal, property_of[joint]


def _alike(node: NamedNode, among: Mapping[str, int]) -> tuple[NamedNode, ...]:
    """Terms of the same name in another namespace, else of nearly that name, else with such a word in it."""
    name = local_name(node.value)[:_LONGEST]
    whole, words = _by_name(among)
    for asked, names in ((name.lower(), whole), (name.lower(), words), (_words(name)[-1], words)):
        near = (
            [asked] if asked in names else get_close_matches(asked, _of_length(asked, names), _NEAR, _ALIKE)
        )
        if found := dict.fromkeys(iri for each in near for iri in names[each]):
            return tuple(map(NamedNode, found))[:_NEAR]
    return ()


def _by_name(among: Mapping[str, int]) -> tuple[dict[str, list[str]], dict[str, list[str]]]:
    """IRIs by their local names, and by the words of these, in lower case."""
    whole: dict[str, list[str]] = {}
    words: dict[str, list[str]] = {}
    for iri in among:
        name = local_name(iri)
        whole.setdefault(name.lower(), []).append(iri)
        for word in dict.fromkeys(_words(name)):
            words.setdefault(word, []).append(iri)
    return whole, words


def _words(name: str) -> list[str]:
    """The words of a name in camel case, in lower case.

    >>> _words("hasDOI"), _words("keptBy"), _words("1")
    (['has', 'doi'], ['kept', 'by'], ['1'])
    """
    return [each.lower() for each in re.findall("[A-Z]*[^A-Z_-]*", name) if each] or [name.lower()]


def _of_length(name: str, names: Iterable[str]) -> list[str]:
    """The names that are about as long and have most letters in common: only these are worth comparing."""
    room, letters = max(2, len(name) // 3), set(name)
    return [
        each
        for each in names
        if abs(len(each) - len(name)) <= room and len(letters ^ set(each)) <= len(letters)
    ]


def _spellings(node: NamedNode, base: str) -> Iterator[NamedNode]:
    """Other ways to write an address that people mix up: scheme, end, the document for the thing."""
    scheme, mark, rest = node.value.partition("://")
    other = {"http": "https", "https": "http"}.get(scheme, scheme)
    for iri in (node.value, f"{other}{mark}{rest}"):
        thing = iri.replace(f"{base}doc/", f"{base}id/", 1)
        for each in (iri, iri.rstrip("/#"), f"{iri}/", f"{iri}#", thing, thing.rpartition(".")[0]):
            if each != node.value and _ABSOLUTE.fullmatch(each):
                yield NamedNode(each)


def _is_like(asked: str, *names: str) -> bool:
    """Whether a name has a word in common with one of these, or most of its characters in their order."""
    words = {each for each in asked.lower().split() if len(each) > 2}  # not "of", "a" and "in"
    return any(words & set(each.lower().split()) or _likeness(asked, each) >= _LIKE for each in names)


def _likeness(one: str, other: str) -> float:
    """How much of two names is the same, from 0 to 1."""
    return SequenceMatcher(None, one.lower(), other[:_LONGEST].lower()).ratio()


def _difference(asked: Literal, found: Literal) -> str:
    if found.language and not asked.language:
        return "has no language, and the texts of the graph have one: a literal with a language is another."
    if asked.language and found.language:
        return "is in another language than the text in the graph."
    if asked.language:
        return "has a language, and the graph has this without."
    return "has another datatype than the graph has: these are not the same."
