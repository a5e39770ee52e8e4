"""Triples in memory, to be asked by subject and by object."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from math import inf

from pyoxigraph import Literal, NamedNode

from ldnkg.counts import LABELS, Term
from ldnkg.facts import Statement
from ldnkg.iris import PREFIXES, local_name
from ldnkg.turtle.writing import natural

_NUMBER = re.compile(r"[+-]?(?:\d{1,300}(?:\.\d*)?|\.\d+)", re.ASCII)
_DEEP = 32
"""Nodes nested deeper than this are not followed."""

Piece = str | NamedNode | Literal
"""What an expression is written with: signs, and terms that may be linked."""


def term(name: str) -> NamedNode:
    """The IRI of a prefixed name of PREFIXES.

    >>> term("rdf:type").value
    'http://www.w3.org/1999/02/22-rdf-syntax-ns#type'
    """
    prefix, _, local = name.partition(":")
    return NamedNode(PREFIXES[prefix] + local)


class Words:
    """Triples, each once, to be asked by prefixed names; answers come in natural order of their texts."""

    def __init__(self, triples: Iterable[Statement]) -> None:
        self._said: dict[Term, dict[NamedNode, list[Term]]] = {}
        self._by: dict[NamedNode, dict[Term, list[Term]]] = defaultdict(lambda: defaultdict(list))
        for each in sorted(dict.fromkeys(triples), key=lambda each: natural(str(each.object))):
            self._said.setdefault(each.subject, {}).setdefault(each.predicate, []).append(each.object)
        for subject in sorted(self._said, key=lambda node: natural(str(node))):
            for property_, values in self._said[subject].items():
                for value in values:
                    self._by[property_][value].append(subject)

    def __contains__(self, node: Term) -> bool:
        return node in self._said

    def subjects(self) -> Iterator[Term]:
        """Everything that something is said about."""
        return iter(self._said)

    def said(self, node: Term) -> Mapping[NamedNode, list[Term]]:
        """All that is said about a node, by property."""
        found = self._said.get(node, {})
        return {each: found[each] for each in sorted(found, key=str)}

    def values(self, node: Term, *names: str) -> list[Term]:
        """The values of the first property, then those of the second, and so on."""
        found = self._said.get(node, {})
        return [value for name in names for value in found.get(term(name), ())]

    def nodes(self, node: Term, *names: str) -> list[NamedNode]:
        """Those values that are IRIs."""
        return [value for value in self.values(node, *names) if isinstance(value, NamedNode)]

    def texts(self, node: Term, *names: str) -> list[Literal]:
        """Those values that are literals."""
        return [value for value in self.values(node, *names) if isinstance(value, Literal)]

    def having(self, name: str, value: Term) -> list[Term]:
        """The nodes that have this value."""
        return self._by.get(term(name), {}).get(value, [])

    def pairs(self, name: str) -> Iterator[tuple[Term, Term]]:
        """The subject and the object of every triple with this property."""
        for value, subjects in self._by.get(term(name), {}).items():
            yield from ((subject, value) for subject in subjects)

    def names(self, node: Term) -> list[Literal]:
        """The texts of the first of LABELS that a node has."""
        for property_ in LABELS:
            values = self._said.get(node, {}).get(property_, ())
            if texts := [value for value in values if isinstance(value, Literal)]:
                return texts
        return []

    def order(self, node: NamedNode) -> tuple[tuple[list[str | int], str], str]:
        """A key that sorts terms by their English names, else by the ends of their IRIs."""
        english = (each.value for each in self.names(node) if (each.language or "en").startswith("en"))
        return natural(next(english, local_name(node.value)).casefold()), node.value

    def members(self, cell: Term) -> list[Term]:
        """The members of a list (RDF Schema, section 5.2), as far as it is one."""
        found, seen = [], set()
        while cell not in seen and (first := self.values(cell, "rdf:first")):
            seen.add(cell)
            found.append(first[0])
            cell = next(iter(self.values(cell, "rdf:rest")), term("rdf:nil"))
        return found

    def written(self, value: Term) -> tuple[Piece, ...]:
        """A value for people to read; a blank node or a list as Turtle writes it (section 2.7 and 2.8)."""
        return self._written(value, set(), 0)

    def _written(self, value: Term, seen: set[Term], depth: int) -> tuple[Piece, ...]:
        if isinstance(value, NamedNode | Literal):
            return (value,)
        if value not in self._said:
            return ("[]",)
        if value in seen or depth > _DEEP:
            return ("[…]",)
        seen.add(value)
        if members := self.members(value):
            return ("( ", *joined(" ", [self._written(each, seen, depth + 1) for each in members]), " )")
        parts: list[tuple[Piece, ...]] = []
        for property_, values in self.said(value).items():
            objects = joined(", ", [self._written(each, seen, depth + 1) for each in values])
            parts.append((property_, " ", *objects))
        return ("[ ", *joined(" ; ", parts), " ]")


def number(values: Iterable[Term]) -> float:
    """The first of these values that is a number; the greatest there is, if none is one.

    >>> number([Literal("first"), Literal("2.5")])
    2.5
    """
    for value in values:
        if isinstance(value, Literal) and _NUMBER.fullmatch(value.value):
            return float(value.value)
    return inf


def joined(sign: str, parts: Iterable[tuple[Piece, ...]]) -> tuple[Piece, ...]:
    """The parts with a sign between them."""
    found: list[Piece] = []
    for each in parts:
        found += [sign, *each] if found else each
    return tuple(found)
