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
    for triple in sorted(
        set(triples), key=lambda triple: (triple.predicate.value, natural(str(triple.object)))
    ):
        if isinstance(triple.subject, Triple):
            raise NotAcceptable("This format cannot hold a triple as a subject: ask for Turtle.")
        about.setdefault(triple.subject, {}).setdefault(triple.predicate, []).append(triple.object)
    ordered = sorted(
        about, key=lambda node: (node != first, isinstance(node, BlankNode), natural(node.value))
    )
    return {node: about[node] for node in ordered}
