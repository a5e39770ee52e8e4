"""Triples in the order that documents have them: subject by subject."""

from collections.abc import Iterable

from pyoxigraph import BlankNode, Literal, NamedNode, Triple

from ldnkg.errors import NotAcceptable
from ldnkg.facts import Statement
from ldnkg.turtle.writing import natural

Term = NamedNode | BlankNode | Literal | Triple
Node = NamedNode | BlankNode
About = dict[Node, dict[NamedNode, list[Term]]]


def by_subject(triples: Iterable[Statement], first: NamedNode | None) -> About:
    """What is said of each subject, each triple once: `first`, then other IRIs, then blank nodes.

    IRIs come in natural order (`#s2` before `#s10`), predicates and objects in that of their text.
    """
    about: About = {}
    for triple in triples:
        if isinstance(triple.subject, Triple):
            raise NotAcceptable("This format cannot hold a triple as a subject: ask for Turtle.")
        said = about.setdefault(triple.subject, {})
        said.setdefault(triple.predicate, []).append(triple.object)
    ordered = sorted(
        about, key=lambda node: (node != first, isinstance(node, BlankNode), natural(node.value))
    )
    return {node: _in_order(about[node]) for node in ordered}


def _in_order(said: dict[NamedNode, list[Term]]) -> dict[NamedNode, list[Term]]:
    """What is said of one subject, predicates and objects in order, each object once."""
    return {
        name: said[name]
        if len(said[name]) == 1
        else sorted(set(said[name]), key=lambda term: natural(str(term)))
        for name in sorted(said, key=lambda name: name.value)
    }
