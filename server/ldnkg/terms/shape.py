"""One shape: what it is for, and what it demands of things and by property (SHACL, section 2)."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pyoxigraph import Literal, NamedNode

from ldnkg.counts import Term
from ldnkg.terms.paths import path_pieces, step
from ldnkg.terms.rules import ANY, Rule, cardinality, rules, schemes
from ldnkg.terms.uses import Step
from ldnkg.terms.words import Piece, Words, number, term

_TARGETS = {
    "sh:targetClass": "every",
    "sh:targetNode": "the node",
    "sh:targetSubjectsOf": "whatever has",
    "sh:targetObjectsOf": "every value of",
}
_QUERIES = ("sh:select", "sh:ask", "sh:construct", "sh:update")
_SEVERITIES = {term("sh:Warning"): "warning", term("sh:Info"): "info"}


@dataclass(frozen=True)
class Query:
    """A constraint or a rule that is a query: its sentences and its text."""

    node: Term
    labels: tuple[Literal, ...]
    messages: tuple[Literal, ...]
    texts: tuple[Literal, ...]
    severity: str


@dataclass(frozen=True)
class Demand:
    """One property shape: its path, how many values, what they are, its sentences; its place among others.

    `step` is the path if it is one property, forwards or backwards; `owner` the shape that has it; `lists`
    the closed lists that values are from.
    """

    node: Term
    owner: Term
    path: tuple[Piece, ...]
    step: Step | None
    names: tuple[Literal, ...]
    count: str
    rules: tuple[Rule, ...]
    lists: tuple[NamedNode, ...]
    messages: tuple[Literal, ...]
    severity: str
    active: bool
    queries: tuple[Query, ...]
    place: tuple[float, float]

    @property
    def is_silent(self) -> bool:
        """Whether it demands nothing, and only lays out."""
        return not (self.rules or self.messages or self.queries) and self.count == ANY


@dataclass(frozen=True)
class Shape:
    """One node shape: what it is for, what it demands of the node itself and by property.

    `closed` holds the properties that are allowed besides, None where any property is. `users` are the shapes
    that refer to it.
    """

    node: Term
    labels: tuple[Literal, ...]
    notes: tuple[Literal, ...]
    targets: tuple[tuple[str, Term], ...]
    rules: tuple[Rule, ...]
    closed: tuple[NamedNode, ...] | None
    demands: tuple[Demand, ...]
    queries: tuple[Query, ...]
    messages: tuple[Literal, ...]
    severity: str
    active: bool
    users: tuple[NamedNode, ...]


class Reader:
    """Reads shapes from the words of a release."""

    def __init__(self, words: Words) -> None:
        self._words = words

    def nodes(self) -> Iterator[Term]:
        """Every node shape: what is said to be one, has a target, or has property shapes or queries."""
        found = dict.fromkeys(self._words.having("rdf:type", term("sh:NodeShape")))
        for name in (*_TARGETS, "sh:property", "sh:node"):
            for subject, value in self._words.pairs(name):
                found[subject] = None
                if name == "sh:node":
                    found[value] = None
        for node in found:
            aimed = any(self._targets(node))
            if aimed or (isinstance(node, NamedNode) and not self._words.values(node, "sh:path")):
                yield node

    def shape(self, node: Term) -> Shape:
        """One of these, whole."""
        words = self._words
        closed = any(_is(each, "true", "1") for each in words.values(node, "sh:closed"))
        ignored = (
            each for cell in words.values(node, "sh:ignoredProperties") for each in words.members(cell)
        )
        own = [node] if words.values(node, "sh:path") else []
        demands = [self._demand(each, node) for each in [*own, *words.values(node, "sh:property")]]
        demands.sort(key=lambda each: each.place)
        return Shape(
            node=node,
            labels=tuple(words.names(node)),
            notes=tuple(
                words.texts(node, "skos:definition", "rdfs:comment", "sh:description", "skos:scopeNote")
            ),
            targets=tuple(self._targets(node)),
            rules=rules(words, node),
            closed=tuple(each for each in ignored if isinstance(each, NamedNode)) if closed else None,
            demands=tuple(demands),
            queries=self._queries(node),
            messages=tuple(words.texts(node, "sh:message")),
            severity=self._severity(node),
            active=self._is_active(node),
            users=self._users(node),
        )

    def _users(self, node: Term) -> tuple[NamedNode, ...]:
        names = ("sh:node", "sh:not", "sh:qualifiedValueShape")
        found = (user for name in names for user in self._words.having(name, node))
        return tuple(dict.fromkeys(user for user in found if isinstance(user, NamedNode)))

    def _targets(self, node: Term) -> Iterator[tuple[str, Term]]:
        for name, said in _TARGETS.items():
            yield from ((said, value) for value in self._words.values(node, name))
        classes = {term("rdfs:Class"), term("owl:Class")}
        if isinstance(node, NamedNode) and classes & set(self._words.values(node, "rdf:type")):
            yield "every", node  # an implicit class target (SHACL, section 2.1.3.3)

    def _demand(self, node: Term, owner: Term) -> Demand:
        words = self._words
        path = next(iter(words.values(node, "sh:path")), None)
        lists = [scheme for each in words.values(node, "sh:node") for scheme in schemes(words, each)]
        return Demand(
            node=node,
            owner=owner,
            path=path_pieces(words, path) if path else ("…",),
            step=step(words, path) if path else None,
            names=tuple(words.texts(node, "sh:name")),
            count=cardinality(words, node),
            rules=rules(words, node),
            lists=tuple(lists),
            messages=tuple(words.texts(node, "sh:message") or words.texts(node, "sh:description")),
            severity=self._severity(node),
            active=self._is_active(node),
            queries=self._queries(node),
            place=self._place(node),
        )

    def _place(self, node: Term) -> tuple[float, float]:
        """The order of a property shape's group, and its own; the last place where there is none."""
        groups = self._words.values(node, "sh:group")
        ranks = [value for group in groups for value in self._words.values(group, "sh:order")]
        return number(ranks), number(self._words.values(node, "sh:order"))

    def _queries(self, node: Term) -> tuple[Query, ...]:
        """The SPARQL constraints (SHACL, section 5) and the rules (SHACL-AF, section 8) of a shape."""
        words = self._words
        return tuple(
            Query(
                each,
                tuple(words.names(each)),
                tuple(words.texts(each, "sh:message", "rdfs:comment")),
                tuple(words.texts(each, *_QUERIES)),
                self._severity(each) or self._severity(node),
            )
            for each in words.values(node, "sh:sparql", "sh:rule")
        )

    def _severity(self, node: Term) -> str:
        """`warning` or `info`; nothing for a violation, which is what all else is (SHACL, section 2.1.4)."""
        found: Sequence[NamedNode] = self._words.nodes(node, "sh:severity")
        return next((_SEVERITIES[each] for each in found if each in _SEVERITIES), "")

    def _is_active(self, node: Term) -> bool:
        return not any(_is(each, "true", "1") for each in self._words.values(node, "sh:deactivated"))


def _is(value: Term, *texts: str) -> bool:
    return isinstance(value, Literal) and value.value in texts
