"""Statements as tuples of shared terms: what is built is read dozens of times, and must fit into memory.

A triple of the engine holds texts of its own, and each look at one of its terms copies them. Of facts, all
that name a term hold the same object.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from itertools import chain
from typing import NamedTuple, Protocol, cast

from pyoxigraph import BlankNode, Literal, NamedNode, Quad, Triple

Subject = NamedNode | BlankNode | Triple
Term = NamedNode | BlankNode | Literal | Triple


class Statement(Protocol):
    """What is stated: a triple of the engine, or a fact."""

    @property
    def subject(self) -> Subject: ...  # noqa: D102
    @property
    def predicate(self) -> NamedNode: ...  # noqa: D102
    @property
    def object(self) -> Term: ...  # noqa: D102


class Fact(NamedTuple):
    """A triple; as a text it is one in N-Triples, without the mark at its end."""

    subject: Subject
    predicate: NamedNode
    object: Term

    def __str__(self) -> str:
        return f"{self.subject} {self.predicate} {self.object}"


class Filed(NamedTuple):
    """A fact in a named graph; as a text it is one in N-Quads, without the mark at its end."""

    triple: Fact
    graph_name: NamedNode

    def __str__(self) -> str:
        return f"{self.triple} {self.graph_name}"


class Shared:
    """Terms, of equal ones the one that came first."""

    def __init__(self) -> None:
        self._known: dict[Term, Term] = {}

    def fact(self, statement: Statement) -> Fact:
        """A statement of the engine as a fact."""
        known = self._known
        terms = (statement.subject, statement.predicate, statement.object)
        return Fact._make([known.setdefault(term, term) for term in terms])

    def filed(self, quad: Quad) -> Filed:
        """A quad in a named graph as a fact in it."""
        name = cast(NamedNode, quad.graph_name)
        return Filed(self.fact(quad), cast(NamedNode, self._known.setdefault(name, name)))


class Facts(Collection[Fact]):
    """A graph, each fact once, which is sorted by subject and by predicate when that is first asked for."""

    def __init__(self, facts: Iterable[Fact]) -> None:
        self._facts = tuple(dict.fromkeys(facts))

    def __iter__(self) -> Iterator[Fact]:
        return iter(self._facts)

    def __len__(self) -> int:
        return len(self._facts)

    def __contains__(self, fact: object) -> bool:
        return isinstance(fact, Fact) and fact in self.by_subject.get(fact.subject, ())

    @cached_property
    def by_subject(self) -> Mapping[Subject, Sequence[Fact]]:
        """What is said of each subject."""
        found: dict[Subject, list[Fact]] = defaultdict(list)
        for fact in self._facts:
            found[fact.subject].append(fact)
        return dict(found)

    @cached_property
    def by_predicate(self) -> Mapping[NamedNode, Sequence[Fact]]:
        """What is said with each predicate."""
        found: dict[NamedNode, list[Fact]] = defaultdict(list)
        for fact in self._facts:
            found[fact.predicate].append(fact)
        return dict(found)

    def having(self, *predicates: NamedNode) -> Iterable[Fact]:
        """What is said with one of these predicates."""
        return chain.from_iterable(self.by_predicate.get(each, ()) for each in predicates)


def facts(statements: Iterable[Statement]) -> Facts:
    """These statements as a graph; one that is a graph already stays as it is."""
    if isinstance(statements, Facts):
        return statements
    return Facts(Fact(each.subject, each.predicate, each.object) for each in statements)
