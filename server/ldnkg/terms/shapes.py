"""The shapes of a release, by what they are for and by the properties that they are about."""

from functools import cached_property

from pyoxigraph import NamedNode

from ldnkg.counts import Term
from ldnkg.terms.entries import Entry, entry
from ldnkg.terms.shape import Demand, Reader, Shape
from ldnkg.terms.words import Words, number, term


class Shapes:
    """All shapes."""

    def __init__(self, words: Words, base: str) -> None:
        self._words, self._base = words, base

    @cached_property
    def all(self) -> tuple[Shape, ...]:
        """The node shapes; those that nothing is aimed at come last."""
        reader = Reader(self._words)
        found = [reader.shape(node) for node in reader.nodes()]
        return tuple(sorted(found, key=lambda each: not each.targets))

    @cached_property
    def by_class(self) -> dict[NamedNode, tuple[Shape, ...]]:
        """The shapes whose target is a class, by class."""
        found: dict[NamedNode, tuple[Shape, ...]] = {}
        for shape in self.all:
            for how, target in shape.targets:
                if how == "every" and isinstance(target, NamedNode):
                    found[target] = (*found.get(target, ()), shape)
        return found

    @property
    def parts(self) -> tuple[tuple[str, tuple[Shape, ...]], ...]:
        """The shapes by what they are for: classes, something else, what other shapes refer to."""
        classes = {each.node for found in self.by_class.values() for each in found}
        parts = {
            "Of classes": tuple(each for each in self.all if each.node in classes),
            "Of other things": tuple(each for each in self.all if each.targets and each.node not in classes),
            "Of values": tuple(each for each in self.all if not each.targets),
        }
        return tuple((title, found) for title, found in parts.items() if found)

    @cached_property
    def groups(self) -> tuple[Entry, ...]:
        """The groups of properties (SHACL, section 2.3.2.4), in order."""
        nodes = self._words.having("rdf:type", term("sh:PropertyGroup"))
        ours = [each for each in nodes if isinstance(each, NamedNode) and self._is_ours(each)]
        ordered = sorted(ours, key=lambda each: number(self._words.values(each, "sh:order")))
        return tuple(entry(self._words, each, self._base) for each in ordered)

    @cached_property
    def others(self) -> tuple[Entry, ...]:
        """What else stands in the namespace."""
        queries = [each for shape in self.all for each in shape.queries]
        queries += [each for demand in self.demands for each in demand.queries]
        known: set[Term] = {each.node for each in self.all} | {each.node for each in self.demands}
        known |= {each.node for each in queries} | {each.node for each in self.groups}
        rest = [
            each
            for each in self._words.subjects()
            if isinstance(each, NamedNode) and self._is_ours(each) and each not in known
        ]
        return tuple(entry(self._words, each, self._base) for each in sorted(rest, key=self._words.order))

    @cached_property
    def demands(self) -> tuple[Demand, ...]:
        """The property shapes of all node shapes, each once."""
        return tuple({each.node: each for shape in self.all for each in shape.demands}.values())

    def of_class(self, class_: NamedNode) -> tuple[Demand, ...]:
        """What is demanded of the members of a class by the shapes for it and the shapes these refer to."""
        found: dict[Term, Demand] = {}
        by_node = {shape.node: shape for shape in self.all}
        waiting: list[Term] = [shape.node for shape in self.by_class.get(class_, ())]
        seen: set[Term] = set()
        while waiting:
            node = waiting.pop(0)
            if node not in seen and node in by_node:
                seen.add(node)
                found |= {each.node: each for each in by_node[node].demands}
                waiting += self._words.values(node, "sh:node")
        return tuple(found.values())

    @cached_property
    def by_property(self) -> dict[NamedNode, list[Demand]]:
        """The property shapes by the property that is their path, forwards."""
        found: dict[NamedNode, list[Demand]] = {}
        for each in self.demands:
            if each.step and not each.step[1]:
                found.setdefault(each.step[0], []).append(each)
        return found

    @cached_property
    def by_longer_path(self) -> dict[NamedNode, list[Demand]]:
        """The other property shapes by the properties in their paths."""
        found: dict[NamedNode, list[Demand]] = {}
        for each in self.demands:
            if len(each.path) > 1:
                for piece in dict.fromkeys(each.path):
                    if isinstance(piece, NamedNode):
                        found.setdefault(piece, []).append(each)
        return found

    @cached_property
    def classes(self) -> dict[Term, tuple[NamedNode, ...]]:
        """The classes that the property shapes are for."""
        found: dict[Term, tuple[NamedNode, ...]] = {}
        for class_ in self.by_class:
            for each in self.of_class(class_):
                found[each.node] = (*found.get(each.node, ()), class_)
        return found

    def _is_ours(self, node: NamedNode) -> bool:
        return node.value.startswith(self._base + "shapes#")
