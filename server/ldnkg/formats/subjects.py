"""Triples in the order that documents have them: subject by subject."""

from collections.abc import Iterable, Iterator, Mapping
from typing import cast

from pyoxigraph import BlankNode, Literal, NamedNode, Triple

from ldnkg.errors import NotAcceptable
from ldnkg.facts import Packed, Said, Statement
from ldnkg.turtle.writing import natural

Term = NamedNode | BlankNode | Literal | Triple
Node = NamedNode | BlankNode
About = Mapping[Node, dict[NamedNode, list[Term]]]


def by_subject(triples: Iterable[Statement], first: NamedNode | None) -> About:
    """What is said of each subject, each triple once: `first`, then other IRIs, then blank nodes.

    IRIs come in natural order (`#s2` before `#s10`), predicates and objects in that of their text.
    """
    if isinstance(triples, Packed):
        return Ordered(triples, first)
    about: dict[Node, dict[NamedNode, list[Term]]] = {}
    for triple in triples:
        if isinstance(triple.subject, Triple):
            raise NotAcceptable("This format cannot hold a triple as a subject: ask for Turtle.")
        said = about.setdefault(triple.subject, {})
        said.setdefault(triple.predicate, []).append(triple.object)
    return {node: _in_order(about[node]) for node in _sorted(about, first)}


class Ordered(Mapping[Node, dict[NamedNode, list[Term]]]):
    """The same of a graph in numbers, which is put together subject by subject."""

    def __init__(self, graph: Packed, first: NamedNode | None) -> None:
        if any(isinstance(each.subject, Triple) for each in graph.naming(Triple)):
            raise NotAcceptable("This format cannot hold a triple as a subject: ask for Turtle.")
        self.terms = graph.terms
        self._said = Said(graph)
        self._order = _sorted(cast("Iterable[Node]", self._said), first)

    def __getitem__(self, node: Node) -> dict[NamedNode, list[Term]]:
        return _in_order(self._said[node])

    def __iter__(self) -> Iterator[Node]:
        return iter(self._order)

    def __len__(self) -> int:
        return len(self._order)


def _sorted(nodes: Iterable[Node], first: NamedNode | None) -> list[Node]:
    return sorted(nodes, key=lambda node: (node != first, isinstance(node, BlankNode), natural(node.value)))


def _in_order(said: dict[NamedNode, list[Term]]) -> dict[NamedNode, list[Term]]:
    """What is said of one subject, predicates and objects in order, each object once."""
    return {
        name: said[name]
        if len(said[name]) == 1
        else sorted(set(said[name]), key=lambda term: natural(str(term)))
        for name in sorted(said, key=lambda name: name.value)
    }
