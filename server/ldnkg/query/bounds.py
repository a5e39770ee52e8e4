"""How many look-ups a query takes at most, in the order in which the engine goes through its patterns.

The engine begins with the pattern that it takes for the smallest, by what is fixed in it and by nothing else,
and looks each further one up for each row (`Optimizer::reorder_joins` of its crate `sparopt`; the tests hold
it to that). So with the longest list that each property has, which the release has counted, there is a number
of look-ups that no row exceeds. It is a promise, not an estimate: what cannot be promised has none.
"""

import math
import sqlite3
from collections.abc import Collection, Iterable
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from pyoxigraph import Literal, NamedNode

from ldnkg.counts import ANY, MANY
from ldnkg.held import Direction
from ldnkg.iris import PREFIXES
from ldnkg.query.patterns import Group, Joint, Node, Part, Pattern, Shape
from ldnkg.query.patterns import Path as Steps

_TYPE = NamedNode(PREFIXES["rdf"] + "type")
_SIZES = {
    (True, True, True): 1,
    (True, True, False): 10,
    (True, False, True): 2,
    (False, True, True): 1_000,
    (True, False, False): 100,
    (False, False, True): 10_000,
    (False, True, False): 1_000_000,
    (False, False, False): 1_000_000_000,
}
"""For how large the engine takes a pattern whose subject, predicate and object are fixed, or not."""
_ENDLESS = 1_000
"""So many times larger it takes a path of any length than one step of it."""
_PATTERNS = 8
"""With so many patterns the engine's sizes stay exact in 64 bits."""


class Spread(NamedTuple):
    """The triples of a property, the most values of one subject, and the most subjects of one value."""

    triples: int
    outgoing: int
    incoming: int


_NONE = Spread(0, 0, 0)


class _Step(NamedTuple):
    """What a pattern takes for one row: its look-ups, and the most triples that they find, where known."""

    look_ups: int
    fan: int | None

    @property
    def badness(self) -> float:
        """What makes one step worse than another."""
        return math.inf if self.fan is None else self.look_ups + self.fan


class Bounds:
    """The bounds of a release, from its `counts.sqlite`; raises sqlite3.Error where there is none."""

    def __init__(self, path: Path) -> None:
        where = f"{path.resolve().as_uri()}?mode=ro&immutable=1"
        self._counts = sqlite3.connect(where, uri=True, check_same_thread=False)
        rows = self._counts.execute("SELECT property, triples, outgoing, incoming FROM spread")
        self._spreads = {name: Spread(*numbers) for name, *numbers in rows}

    def look_ups(self, shape: Shape, limit: int | None) -> int | None:
        """The most look-ups that a query of this shape takes; None where nothing is promised.

        `limit` are the rows after which the engine stops: those of a LIMIT without ORDER BY and DISTINCT.
        """
        parts = shape.where.parts
        patterns = [each for each in parts if isinstance(each, Pattern)]
        groups = (each.parts for each in parts if isinstance(each, Group))
        optionals = [each for inside in groups for each in inside if isinstance(each, Pattern)]
        if not (_is_simple(parts) and patterns and len(patterns) + len(optionals) <= _PATTERNS):
            return None
        return _sum(self._steps(patterns) + self._optional_steps(patterns, optionals), limit)

    def _steps(self, patterns: list[Pattern]) -> list[_Step]:
        """Patterns in the order of the engine; of those that it takes for equal, the worst comes first."""
        left, bound, steps = list(patterns), set[Joint](), list[_Step]()
        while left:
            joined = [each for each in left if each.joints & bound] if steps else left
            if not joined:
                return [_Step(1, None)]
            sizes = [_size(each, bound) for each in joined]
            smallest = min(sizes)
            equal = [each for each, size in zip(joined, sizes, strict=True) if size == smallest]
            found = [(self._step(each, bound), each) for each in equal]
            step, pattern = max(found, key=lambda each: each[0].badness)
            steps.append(step)
            bound |= pattern.joints
            left.remove(pattern)
        return steps

    def _optional_steps(self, patterns: list[Pattern], optionals: list[Pattern]) -> list[_Step]:
        """Patterns that are looked up for each row, and take none away."""
        sure = frozenset[Joint]().union(*(each.joints for each in patterns))
        maybe: set[Joint] = set()
        steps = []
        for each in optionals:
            step = self._step(each, sure)
            is_looked_up = isinstance(each.subject, Joint) and not isinstance(each.predicate, Steps)
            if step.fan is None or not (is_looked_up and each.joints & sure) or each.joints & maybe:
                return [_Step(1, None)]
            steps.append(_Step(step.look_ups, max(step.fan, 1)))
            maybe |= each.joints - sure
        return steps

    def _step(self, pattern: Pattern, bound: Collection[Joint]) -> _Step:
        """What a pattern takes for one row, where these variables have values."""
        predicate = pattern.predicate
        subject, object_ = (_fixed(each, bound) for each in (pattern.subject, pattern.object))
        if isinstance(predicate, Steps):
            return self._along(pattern, predicate, bound)
        if isinstance(predicate, Joint):
            return _Step(1, self._whatever(pattern, fixed=subject, ends=object_))
        if isinstance(predicate, Literal):
            return _Step(1, None)
        spread = self._spreads.get(predicate.value, _NONE)
        if subject and object_:
            return _Step(1, 1)
        if subject:
            return _Step(1, self._most(pattern.subject, "outgoing", predicate, spread.outgoing))
        if object_:
            return _Step(1, self._most(pattern.object, "incoming", predicate, spread.incoming))
        return _Step(1, spread.triples)

    def _along(self, pattern: Pattern, path: Steps, bound: Collection[Joint]) -> _Step:
        """A path of any length goes over each triple of its properties once, and asks at each node."""
        subject, object_ = pattern.subject, pattern.object
        if path.sign == "^":
            return self._step(Pattern(pattern.number, object_, path.parts[0], subject), bound)
        if path.sign == "|":
            steps = [self._step(replace(pattern, predicate=each), bound) for each in path.parts]
            fans = [each.fan for each in steps if each.fan is not None]
            return _Step(sum(each.look_ups for each in steps), sum(fans) if len(fans) == len(steps) else None)
        if not (_is_followed(path) and (_fixed(subject, bound) or _fixed(object_, bound))):
            return _Step(1, None)
        edges = sum(self._spreads.get(each.value, _NONE).triples for each in path.properties())
        return _Step(2 * edges + 1, edges + 1)

    def _whatever(self, pattern: Pattern, *, fixed: bool, ends: bool) -> int | None:
        """The triples of a node with any property."""
        if fixed:
            return self._most(pattern.subject, "outgoing", None, self._spreads[ANY].outgoing)
        if ends and not isinstance(pattern.object, Joint):
            return self._most(pattern.object, "incoming", None, MANY * len(self._spreads))
        return None

    def _most(self, node: Node, direction: Direction, property_: NamedNode | None, most: int) -> int:
        """The triples of a node; `most` is the promise where it is not known yet, or has only short lists."""
        if isinstance(node, Joint) or most <= 1:
            return most
        lists = self._long(node, direction) if isinstance(node, NamedNode) else {}
        if not lists:
            return most if property_ is None or isinstance(node, Literal) else min(most, MANY)
        return sum(lists.values()) if property_ is None else lists.get(property_.value, 0)

    def _long(self, node: NamedNode, direction: Direction) -> dict[str, int]:
        """The lengths of the lists of a node that has a long one."""
        asked = "SELECT property, count FROM degree WHERE node = ? AND direction = ?"
        return dict(self._counts.execute(asked, (node.value, direction)))


def _is_simple(parts: Iterable[Part]) -> bool:
    """Whether there are patterns, then patterns that are optional one by one, and nothing else."""
    at_end = False
    for each in parts:
        if isinstance(each, Group):
            at_end = True
            if each.kind != "optional" or len(each.parts) != 1 or not isinstance(each.parts[0], Pattern):
                return False
        elif at_end or not isinstance(each, Pattern):
            return False
    return True


def _sum(steps: Iterable[_Step], limit: int | None) -> int | None:
    """The look-ups of steps one after the other, of which the last stops after so many rows."""
    rows, found, made = 1, 0, 0
    for step in steps:
        if step.fan is None:
            return None
        found += made + rows * step.look_ups
        rows *= step.fan
        made = rows
    return found + (made if limit is None else min(made, limit))


def _size(pattern: Pattern, bound: Collection[Joint]) -> int:
    """For how large the engine takes a pattern."""
    subject, object_ = (_fixed(each, bound) for each in (pattern.subject, pattern.object))
    if isinstance(pattern.predicate, Steps):
        return _path_size(pattern.predicate, subject, object_)
    return _SIZES[subject, _fixed(pattern.predicate, bound), object_] + (pattern.predicate == _TYPE)


def _path_size(path: "Steps | NamedNode", start: bool, end: bool) -> int:
    if isinstance(path, NamedNode):
        return _SIZES[start, True, end]
    if path.sign == "^":
        return _path_size(path.parts[0], end, start)
    if path.sign == "|":
        return sum(_path_size(each, start, end) for each in path.parts)
    if start and end:
        return 1
    return _ENDLESS * _path_size(path.parts[0], start, end)


def _is_followed(path: Steps) -> bool:
    """Whether a path of any length goes over triples of its properties, one at a time."""
    return path.sign in ("*", "+") and _is_step(path.parts[0])


def _is_step(path: "Steps | NamedNode") -> bool:
    """Whether a path goes over one triple; one of any length in another begins anew at each node."""
    return isinstance(path, NamedNode) or (path.sign in ("|", "^") and all(map(_is_step, path.parts)))


def _fixed(node: Node | Steps, bound: Collection[Joint]) -> bool:
    return not isinstance(node, Joint) or node in bound
