"""What the body of a query is made of: triple patterns in their groups (SPARQL 1.1, section 18.2)."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal as Choice

from pyoxigraph import Literal, NamedNode


@dataclass(frozen=True)
class Joint:
    """What may join patterns: a variable, or a blank node. `scope` tells those of subqueries apart."""

    name: str
    scope: int = 0

    @property
    def is_variable(self) -> bool:
        """Whether it is a variable of the query, and no blank node."""
        return self.name.startswith("?")


@dataclass(frozen=True)
class Path:
    """A property path that no join and no turning round can replace (section 18.2.2.4).

    `sign` is `|`, `*`, `+`, `?`, `!`, or, inside of another path, `/` or `^`.
    """

    sign: str
    parts: tuple["Path | NamedNode", ...]

    @property
    def is_endless(self) -> bool:
        """Whether it may have any length."""
        return self.sign in ("*", "+") or any(
            isinstance(each, Path) and each.is_endless for each in self.parts
        )

    def properties(self) -> Iterator[NamedNode]:
        """The properties in it, in the order of writing."""
        for each in self.parts:
            if isinstance(each, NamedNode):
                yield each
            else:
                yield from each.properties()


Node = Joint | NamedNode | Literal


@dataclass(frozen=True)
class Pattern:
    """A triple pattern; `number` counts those of the query from 1, as they are written."""

    number: int
    subject: Node
    predicate: Node | Path
    object: Node

    @property
    def joints(self) -> frozenset[Joint]:
        """What it may be joined by."""
        nodes = (self.subject, self.predicate, self.object)
        return frozenset(each for each in nodes if isinstance(each, Joint))


@dataclass(frozen=True)
class Filter:
    """A FILTER: its variables, whether it asks for equality, and whether it searches texts.

    `equals` are the variables that are compared with a literal by `=`.
    """

    joints: frozenset[Joint]
    is_equality: bool = False
    is_search: bool = False
    equals: tuple[tuple[Joint, Literal], ...] = ()
    groups: tuple["Group", ...] = ()


@dataclass(frozen=True)
class Bind:
    """A BIND: its variable with those of the expression."""

    joints: frozenset[Joint]
    groups: tuple["Group", ...] = ()


@dataclass(frozen=True)
class Values:
    """Inline data: variables, number of rows, and the IRIs in them."""

    joints: frozenset[Joint]
    rows: int
    nodes: tuple[NamedNode, ...] = ()


Kind = Choice["group", "union", "optional", "minus", "graph", "select"]


@dataclass(frozen=True)
class Group:
    """A group of parts. Those of a union are its branches.

    `seen` is what a subquery shows of itself, `rows` how many rows it has at most, where it says so.
    """

    kind: Kind
    parts: tuple["Part", ...]
    seen: frozenset[Joint] | None = None
    rows: int | None = None

    @property
    def joints(self) -> frozenset[Joint]:
        """What may join it with its neighbours."""
        if self.seen is not None:
            return self.seen
        return frozenset[Joint]().union(*(each.joints for each in self.parts))

    def inner(self) -> Iterator["Group"]:
        """The groups in it, and in its filters, one level down."""
        for each in self.parts:
            if isinstance(each, Group):
                yield each
            elif isinstance(each, Filter | Bind):
                yield from each.groups

    def groups(self) -> Iterator["Group"]:
        """It, and every group inside."""
        yield self
        for each in self.inner():
            yield from each.groups()

    def patterns(self) -> Iterator[Pattern]:
        """The patterns that give its rows: not those of filters, and not those that MINUS takes away."""
        for each in self.parts:
            if isinstance(each, Pattern):
                yield each
            elif isinstance(each, Group) and each.kind != "minus":
                yield from each.patterns()


Part = Pattern | Filter | Bind | Values | Group


@dataclass(frozen=True)
class Shape:
    """A query as its body lays it out.

    `used` are the variables outside of the body that are asked for, `named` those that AS gives a value,
    `ordered`, `limited` and `grouped` say which modifiers it has.
    """

    where: Group
    used: tuple[Joint, ...] = ()
    named: frozenset[Joint] = frozenset()
    ordered: bool = False
    limited: bool = False
    grouped: bool = False

    @property
    def patterns(self) -> tuple[Pattern, ...]:
        """Every triple pattern, in the order of writing."""
        found = (each for each in self.parts if isinstance(each, Pattern))
        return tuple(sorted(found, key=lambda each: each.number))

    @property
    def parts(self) -> Iterator[Part]:
        """Every part of every group."""
        return (each for group in self.where.groups() for each in group.parts)
