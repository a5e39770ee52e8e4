"""How often the words of a release are used, and by what: counted once, at release time.

What the words say of each other is no use of them, but for the members of classes and the triples of
properties: these are all counted, as VoID counts them.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from heapq import nsmallest
from typing import cast

from pyoxigraph import Literal, NamedNode

from ldnkg.counts import Term
from ldnkg.facts import Fact, Facts, Statement, facts
from ldnkg.iris import PREFIXES
from ldnkg.terms.documents import NAMES
from ldnkg.turtle.writing import Subject, natural

EXAMPLES = 3
"""So many members of a class are named as examples."""
_LONG = 120
"""A text with more characters makes a poor example."""
_TYPE = NamedNode(PREFIXES["rdf"] + "type")

Step = tuple[NamedNode, bool]
"""A property, and whether it is followed from its value to its subject."""


@dataclass(frozen=True)
class Uses:
    """Counts by IRI; what is not used is not in it.

    `members` of classes, `triples` of properties; `values`: how often a term is the value of each property;
    `carriers`: how many members of a class have each property, or are its value. Examples: `instances` of
    classes, subject and object of `statements` with properties; the best described come first.
    """

    members: Mapping[NamedNode, int] = field(default_factory=dict)
    triples: Mapping[NamedNode, int] = field(default_factory=dict)
    values: Mapping[NamedNode, Mapping[NamedNode, int]] = field(default_factory=dict)
    carriers: Mapping[NamedNode, Mapping[Step, int]] = field(default_factory=dict)
    instances: Mapping[NamedNode, Sequence[NamedNode]] = field(default_factory=dict)
    statements: Mapping[NamedNode, Sequence[tuple[NamedNode, Term]]] = field(default_factory=dict)


def count_uses(triples: Collection[Statement], words: Collection[NamedNode], base: str) -> Uses:
    """The uses of these words in a graph."""
    counted = _Counted(facts(triples), frozenset(words), base)
    return Uses(
        members={name: len(found) for name, found in counted.members.items()},
        triples=counted.triples(),
        values=counted.values(),
        carriers=counted.carriers(),
        instances=counted.instances(),
        statements=counted.statements(),
    )


class _Counted:
    """A graph in which words are counted."""

    def __init__(self, graph: Facts, words: frozenset[NamedNode], base: str) -> None:
        self.words = words
        self._graph, self._things = graph, base + "id/"
        self._spaces = tuple(f"{base}{name}#" for name in NAMES)
        self.members: dict[NamedNode, list[Subject]] = defaultdict(list)
        self._classes: dict[Term, list[NamedNode]] = defaultdict(list)
        for each in graph.having(_TYPE):
            if isinstance(each.object, NamedNode) and each.object in words:
                self.members[each.object].append(each.subject)
                self._classes[each.subject].append(each.object)

    def triples(self) -> dict[NamedNode, int]:
        """How many triples have each word as their property."""
        return {name: len(found) for name, found in self._graph.by_predicate.items() if name in self.words}

    def values(self) -> dict[NamedNode, Counter[NamedNode]]:
        """How often each word is a value of what is no word itself."""
        found: dict[NamedNode, Counter[NamedNode]] = defaultdict(Counter)
        for each in self._graph:
            value = each.object
            if isinstance(value, NamedNode) and value in self.words and self._is_thing(each.subject):
                if each.predicate != _TYPE:
                    found[value][each.predicate] += 1
        return found

    def carriers(self) -> dict[NamedNode, Counter[Step]]:
        """How many members of each class have a property, or are a value of it."""
        found: dict[NamedNode, Counter[Step]] = defaultdict(Counter)
        for property_, said in self._graph.by_predicate.items():
            if property_ in self.words:
                for node in {each.subject for each in said}:
                    for class_ in self._classes.get(node, ()):
                        found[class_][property_, False] += 1
                for value in {each.object for each in said if isinstance(each.object, NamedNode)}:
                    for class_ in self._classes.get(value, ()):
                        found[class_][property_, True] += 1
        return found

    def instances(self) -> dict[NamedNode, list[NamedNode]]:
        """For each class some members."""
        return {
            name: self._best(node for node in found if isinstance(node, NamedNode))
            for name, found in self.members.items()
        }

    def statements(self) -> dict[NamedNode, list[tuple[NamedNode, Term]]]:
        """For each property the triple that shows it best, one with a short value where there is one.

        The order of the texts is looked at only where all else is equal: it costs the most.
        """
        best: dict[NamedNode, tuple[tuple[object, ...], list[Fact]]] = {}
        for subject, said in self._graph.by_subject.items():
            place = self._place(subject) if isinstance(subject, NamedNode) else ()
            for each in said if place else ():
                name = each.predicate
                if name in self.words:
                    rank = (_is_long(each.object), *place)
                    known = best.get(name)
                    if known is None or rank < known[0]:
                        best[name] = rank, [each]
                    elif rank == known[0]:
                        known[1].append(each)
        found = {name: min(equals, key=_texts) for name, (_, equals) in best.items()}
        return {name: [(cast(NamedNode, each.subject), each.object)] for name, each in found.items()}

    def _best(self, nodes: Iterable[NamedNode]) -> list[NamedNode]:
        """Things before their parts before other nodes, the best described first; then by their texts."""
        placed = [(self._place(node), node) for node in nodes]
        least = nsmallest(EXAMPLES, (place for place, _ in placed))
        first = [each for each in placed if each[0] <= least[-1]]
        return [node for _, node in sorted(first, key=lambda each: (each[0], natural(each[1].value)))][
            :EXAMPLES
        ]

    def _place(self, node: NamedNode) -> tuple[int, int]:
        value = node.value
        part = (not value.startswith(self._things)) * 2 + ("#" in value)
        return part, -len(self._graph.by_subject.get(node, ()))

    def _is_thing(self, node: Subject) -> bool:
        return isinstance(node, NamedNode) and not node.value.startswith(self._spaces)


def _is_long(value: Term) -> bool:
    return isinstance(value, Literal) and len(value.value) > _LONG


def _texts(triple: Statement) -> tuple[object, ...]:
    """The order of triples that are equal in all else."""
    return natural(str(triple.subject)[1:-1]), natural(str(triple.object))
