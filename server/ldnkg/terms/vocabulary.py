"""The closed lists of a release (SKOS), with what takes their values and how often each is used."""

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from functools import cached_property

from pyoxigraph import Literal, NamedNode

from ldnkg.counts import Term
from ldnkg.iris import PREFIXES
from ldnkg.terms.entries import Entry, entry
from ldnkg.terms.shape import Demand
from ldnkg.terms.shapes import Shapes
from ldnkg.terms.tree import Branch, tree
from ldnkg.terms.uses import Uses
from ldnkg.terms.words import Words, number, term

_BROADER = frozenset(term(f"skos:{name}") for name in ("broader", "narrower"))
_PLACE = frozenset(term(f"skos:{name}") for name in ("inScheme", "topConceptOf", "notation")) | _BROADER
_NUMBERS = frozenset(NamedNode(PREFIXES["xsd"] + name) for name in ("integer", "decimal"))
_IN = ("skos:inScheme", "skos:topConceptOf")
_ENDS = ("rdfs:range", "schema:rangeIncludes")


@dataclass(frozen=True)
class Concept:
    """One value of a list: `uses` says how often it is the value of each property."""

    entry: Entry
    notations: tuple[Literal, ...]
    schemes: tuple[NamedNode, ...]
    broader: tuple[NamedNode, ...]
    narrower: tuple[NamedNode, ...]
    uses: Mapping[NamedNode, int]

    @property
    def used(self) -> int:
        """How often it is used in all."""
        return sum(self.uses.values())


@dataclass(frozen=True)
class Scheme:
    """One closed list: its concepts as a tree, and the properties that take them, with their shapes.

    `used`: how often each concept is used; one that is in several lists, by the properties of this list.
    `entry` is None for the concepts that are in no list.
    """

    entry: Entry | None
    branches: tuple[Branch, ...]
    properties: tuple[NamedNode, ...]
    demands: tuple[Demand, ...]
    used: Mapping[NamedNode, int]


class Vocabulary:
    """All closed lists."""

    def __init__(self, words: Words, shapes: Shapes, uses: Uses, base: str) -> None:
        self._words, self._shapes, self._uses, self._base = words, shapes, uses, base
        self._space = base + "vocab#"

    @cached_property
    def concepts(self) -> Mapping[NamedNode, Concept]:
        """The concepts of the namespace, and those of others that are in one of its lists."""
        typed = self._words.having("rdf:type", term("skos:Concept"))
        placed = [node for name in _IN for node, _ in self._words.pairs(name)]
        return {
            node: self._concept(node)
            for node in dict.fromkeys([*typed, *placed])
            if isinstance(node, NamedNode) and (self._is_ours(node) or self._schemes(node))
        }

    @cached_property
    def schemes(self) -> tuple[Scheme, ...]:
        """The lists in order of their names; the concepts that are in none come last."""
        found = dict.fromkeys(
            [
                *self._words.having("rdf:type", term("skos:ConceptScheme")),
                *(scheme for each in self.concepts.values() for scheme in each.schemes),
            ]
        )
        nodes = [each for each in found if isinstance(each, NamedNode) and self._is_ours(each)]
        lists = [self._scheme(node) for node in sorted(nodes, key=self._words.order)]
        alone = [node for node, each in self.concepts.items() if not each.schemes and self._is_ours(node)]
        return (*lists, self._alone(alone)) if alone else tuple(lists)

    @cached_property
    def others(self) -> tuple[Entry, ...]:
        """What else stands in the namespace."""
        known = {*self.concepts, *(each.entry.node for each in self.schemes if each.entry)}
        rest = [
            each
            for each in self._words.subjects()
            if isinstance(each, NamedNode) and each.value.startswith(self._space) and each not in known
        ]
        return tuple(entry(self._words, each, self._base) for each in sorted(rest, key=self._words.order))

    def _is_ours(self, node: NamedNode) -> bool:
        return node.value.startswith(self._space)

    def _schemes(self, node: NamedNode) -> tuple[NamedNode, ...]:
        found = self._words.nodes(node, *_IN)
        found += [
            each for each in self._words.having("skos:hasTopConcept", node) if isinstance(each, NamedNode)
        ]
        return tuple(dict.fromkeys(each for each in found if self._is_ours(each)))

    def _concept(self, node: NamedNode) -> Concept:
        words = self._words
        narrower = (*words.nodes(node, "skos:narrower"), *words.having("skos:broader", node))
        broader = (*words.nodes(node, "skos:broader"), *words.having("skos:narrower", node))
        return Concept(
            entry=entry(words, node, self._base, _PLACE),
            notations=tuple(words.texts(node, "skos:notation")),
            schemes=self._schemes(node),
            broader=tuple(each for each in dict.fromkeys(broader) if isinstance(each, NamedNode)),
            narrower=tuple(each for each in dict.fromkeys(narrower) if isinstance(each, NamedNode)),
            uses=self._uses.values.get(node, {}),
        )

    def _scheme(self, node: NamedNode) -> Scheme:
        members = [each for each, concept in self.concepts.items() if node in concept.schemes]
        demands = [each for each in self._shapes.demands if self._takes(each, node, members)]
        named = [each for name in _ENDS for each in self._words.having(name, node)]
        properties = dict.fromkeys([*(each.step[0] for each in demands if each.step), *named])
        taking = {each for each in properties if isinstance(each, NamedNode)}
        return Scheme(
            entry=entry(self._words, node, self._base, frozenset((term("skos:hasTopConcept"),))),
            branches=self._branches(members),
            properties=tuple(each for each in properties if isinstance(each, NamedNode)),
            demands=tuple(demands),
            used={each: self._used(each, taking) for each in members},
        )

    def _alone(self, nodes: Sequence[NamedNode]) -> Scheme:
        """The concepts that are in no list."""
        return Scheme(None, self._branches(nodes), (), (), {each: self._used(each, set()) for each in nodes})

    def _takes(self, demand: Demand, scheme: NamedNode, members: Sequence[NamedNode]) -> bool:
        """Whether a property shape takes values of a list: by the list, or by some of its concepts."""
        if scheme in demand.lists:
            return True
        named = {value for rule in demand.rules if rule.words == "one of" for value in rule.values}
        return not named.isdisjoint(members)

    def _branches(self, nodes: Sequence[NamedNode]) -> tuple[Branch, ...]:
        within = frozenset(nodes)
        above = {node: [each for each in self.concepts[node].broader if each in within] for node in nodes}
        return tree(nodes, above, self._place)

    def _used(self, node: NamedNode, taking: Set[NamedNode]) -> int:
        """How often a concept is used; one that is in several lists, how often by these properties."""
        concept = self.concepts[node]
        if len(concept.schemes) < 2 or not taking:
            return concept.used
        return sum(count for property_, count in concept.uses.items() if property_ in taking)

    def _place(self, node: NamedNode) -> tuple[float, object]:
        """The order of concepts: by the number that is said of them, such as a rank, then by their names."""
        said = self._words.said(node).values()
        numbers = [each for values in said for each in values if _is_number(each)]
        return number(numbers), self._words.order(node)


def _is_number(value: Term) -> bool:
    return isinstance(value, Literal) and value.datatype in _NUMBERS
