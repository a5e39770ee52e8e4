"""How often the words of a release are used, and by what: counted once, at release time.

What the words say of each other is no use of them, but for the members of classes and the triples of
properties: these are all counted, as VoID counts them.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import cast

from pyoxigraph import Literal, NamedNode

from ldnkg.counts import Term
from ldnkg.facts import Statement
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
    """The uses of these words in a graph without duplicates."""
    counted = _Counted(triples, frozenset(words), base)
    return Uses(
        members=Counter(each.object for each in counted.typings if isinstance(each.object, NamedNode)),
        triples=Counter(each.predicate for each in triples if each.predicate in counted.words),
        values=counted.values(),
        carriers=counted.carriers(),
        instances=counted.instances(),
        statements=counted.statements(),
    )


class _Counted:
    """A graph in which words are counted."""

    def __init__(self, triples: Collection[Statement], words: frozenset[NamedNode], base: str) -> None:
        self.words = words
        self._triples, self._things = triples, base + "id/"
        self._spaces = tuple(f"{base}{name}#" for name in NAMES)
        self.typings = [each for each in triples if each.predicate == _TYPE and each.object in words]
        self._said = Counter(each.subject for each in triples)

    def values(self) -> dict[NamedNode, Counter[NamedNode]]:
        """How often each word is a value of what is no word itself."""
        found: dict[NamedNode, Counter[NamedNode]] = defaultdict(Counter)
        for each in self._triples:
            value = each.object
            if isinstance(value, NamedNode) and value in self.words and self._is_thing(each.subject):
                if each.predicate != _TYPE:
                    found[value][each.predicate] += 1
        return found

    def carriers(self) -> dict[NamedNode, Counter[Step]]:
        """How many members of each class have a property, or are a value of it."""
        classes: dict[Term, list[NamedNode]] = defaultdict(list)
        for each in self.typings:
            if isinstance(each.object, NamedNode):
                classes[each.subject].append(each.object)
        ends = {(each.subject, each.predicate, False) for each in self._triples if each.subject in classes}
        ends |= {
            (each.object, each.predicate, True)
            for each in self._triples
            if isinstance(each.object, NamedNode) and each.object in classes
        }
        found: dict[NamedNode, Counter[Step]] = defaultdict(Counter)
        for node, property_, backwards in ends:
            for class_ in classes[node] if property_ in self.words else ():
                found[class_][property_, backwards] += 1
        return found

    def instances(self) -> dict[NamedNode, list[NamedNode]]:
        """For each class some members."""
        members: dict[NamedNode, list[NamedNode]] = defaultdict(list)
        for each in self.typings:
            if isinstance(each.subject, NamedNode) and isinstance(each.object, NamedNode):
                members[each.object].append(each.subject)
        return {name: self._best(found, EXAMPLES) for name, found in members.items()}

    def statements(self) -> dict[NamedNode, list[tuple[NamedNode, Term]]]:
        """For each property the triple that shows it best, one with a short value where there is one.

        The order of the texts is looked at only where all else is equal: it costs the most.
        """
        best: dict[NamedNode, tuple[tuple[object, ...], list[Statement]]] = {}
        for each in self._triples:
            name = each.predicate
            if name in self.words and isinstance(each.subject, NamedNode):
                rank = self._worth(each)
                known = best.get(name)
                if known is None or rank < known[0]:
                    best[name] = rank, [each]
                elif rank == known[0]:
                    known[1].append(each)
        found = {name: min(equals, key=_texts) for name, (_, equals) in best.items()}
        return {name: [(cast(NamedNode, each.subject), each.object)] for name, each in found.items()}

    def _worth(self, triple: Statement) -> tuple[object, ...]:
        """The less the better, of the whole graph: short values, then as `_rank`."""
        long = isinstance(triple.object, Literal) and len(triple.object.value) > _LONG
        return long, *self._place(triple.subject)

    def _best(self, nodes: Iterable[NamedNode], count: int) -> list[NamedNode]:
        return sorted(nodes, key=self._rank)[:count]

    def _rank(self, node: Subject) -> tuple[object, ...]:
        """Things before their parts before other nodes, the best described first."""
        return *self._place(node), natural(str(node)[1:-1])

    def _place(self, node: Subject) -> tuple[int, int]:
        value = str(node)
        return (not value.startswith(self._things, 1)) * 2 + ("#" in value), -self._said[node]

    def _is_thing(self, node: Subject) -> bool:
        return isinstance(node, NamedNode) and not node.value.startswith(self._spaces)


def _texts(triple: Statement) -> tuple[object, ...]:
    """The order of triples that are equal in all else."""
    return natural(str(triple.subject)[1:-1]), natural(str(triple.object))
