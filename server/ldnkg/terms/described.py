"""What the page of the ontology tells of a class, a property, a borrowed term and a prefix."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pyoxigraph import NamedNode

from ldnkg.counts import Term
from ldnkg.terms.entries import Entry
from ldnkg.terms.rules import Rule
from ldnkg.terms.shape import Demand, Shape
from ldnkg.terms.uses import Step
from ldnkg.terms.words import Piece, term

Aimed = tuple[tuple[NamedNode, ...], Demand]
"""A property shape, with the classes that it is for."""


@dataclass(frozen=True)
class Class:
    """One class. `demands` are those of its own shapes, `inherited` those of the classes above it.

    `of` are the properties whose values are members, by the shapes; `meant` those that the ontology means for
    members, or for values that are members, and no shape does. `used`: how many members have each property.
    """

    entry: Entry
    above: tuple[NamedNode, ...]
    below: tuple[NamedNode, ...]
    shapes: tuple[Shape, ...]
    demands: tuple[Demand, ...]
    inherited: tuple[tuple[NamedNode, tuple[Demand, ...]], ...]
    of: tuple[NamedNode, ...]
    meant: tuple[NamedNode, ...]
    members: int
    examples: Sequence[NamedNode]
    used: Mapping[Step, int]

    @property
    def unshaped(self) -> list[tuple[NamedNode, int]]:
        """The properties that members have and no shape speaks of, the most frequent first."""
        told = (*self.demands, *(each for _, found in self.inherited for each in found))
        known = {each.step for each in told} | {(term("rdf:type"), False)}
        found = [(step[0], count) for step, count in self.used.items() if step not in known and not step[1]]
        return sorted(found, key=lambda each: (-each[1], each[0].value))


@dataclass(frozen=True)
class Property:
    """One property. `demands` are the property shapes whose path it is, with the classes that they are for.

    `ends`: what the values are by these shapes, each once. `parts`: the longer paths in which it stands.
    """

    entry: Entry
    above: tuple[NamedNode, ...]
    below: tuple[NamedNode, ...]
    inverse: tuple[NamedNode, ...]
    demands: tuple[Aimed, ...]
    ends: tuple[Rule, ...]
    domain: tuple[Term, ...]
    range: tuple[Term, ...]
    parts: tuple[tuple[tuple[Piece, ...], tuple[Aimed, ...]], ...]
    triples: int
    examples: Sequence[tuple[NamedNode, Term]]

    @property
    def domain_besides(self) -> tuple[Term, ...]:
        """The declared domain that no shape has."""
        return tuple(each for each in self.domain if all(each not in classes for classes, _ in self.demands))

    @property
    def range_besides(self) -> tuple[Term, ...]:
        """The declared range that no shape has."""
        known = {value for rule in self.ends for value in rule.values}
        return tuple(each for each in self.range if each not in known)


@dataclass(frozen=True)
class Borrowed:
    """A term of another vocabulary that the words or the shapes use."""

    entry: Entry
    is_class: bool
    classes: tuple[NamedNode, ...]
    used: int


@dataclass(frozen=True)
class Prefix:
    """A prefix with its namespace."""

    node: NamedNode
    prefix: tuple[Term, ...]
    namespace: tuple[Term, ...]
