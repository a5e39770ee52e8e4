"""About how much of the graph a query reads before its first row, by what VoID and the release have counted.

The engine begins with the pattern that fits least, and looks the others up for each row. So the estimate adds
what is read in one piece to what is looked up. It is told as a size, never as a promise.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from pyoxigraph import Literal, NamedNode

from ldnkg.query.estimates import Estimate
from ldnkg.query.patterns import Bind, Filter, Group, Joint, Path, Pattern, Shape, Values
from ldnkg.query.tallies import Use

_TOLD = 100_000
"""Triples from which on it is told."""
_SCAN, LOOK_UP = 0.4e-6, 5e-6
"""Seconds that one triple takes, about, in a row with others and by itself."""
_WORDS = ((1, "less than a second"), (10, "some seconds"))


@dataclass(frozen=True)
class Cost:
    """How many triples are read in one piece, and how many are looked up one by one."""

    scanned: float
    looked_up: float

    @property
    def sentence(self) -> str | None:
        """What to tell before the query runs; None of one that is cheap."""
        triples, seconds = self.scanned + self.looked_up, self.scanned * _SCAN + self.looked_up * LOOK_UP
        if triples < _TOLD:
            return None
        time = next((words for most, words in _WORDS if seconds < most), "perhaps more than a query may take")
        return f"The first run reads about {_rounded(triples):,} triples: {time}."


def cost(shape: Shape, counted: Mapping[int, Estimate], uses: Mapping[NamedNode, Use]) -> Cost | None:
    """What a query costs; None where a number is not known, or the query may stop before it has read all."""
    if shape.limited and not shape.ordered and not shape.grouped:
        return None
    reader = _Reader(counted, uses)
    reader.group(shape.where, frozenset(), 1.0)
    return Cost(reader.scanned, reader.looked_up) if reader.is_known else None


class _Reader:
    """Goes through a query as the engine might."""

    def __init__(self, counted: Mapping[int, Estimate], uses: Mapping[NamedNode, Use]) -> None:
        self._counted, self._uses = counted, uses
        self.scanned = self.looked_up = 0.0
        self.is_known = True

    def group(self, group: Group, bound: frozenset[Joint], rows: float) -> float:
        """Read a group for so many rows that have these variables; gives the rows that come out of it."""
        if group.kind == "union":
            return sum(self.group(each, bound, rows) for each in group.inner())
        for values in (each for each in group.parts if isinstance(each, Values)):
            bound, rows = bound | values.joints, rows * max(values.rows, 1)
        rows = self._patterns([each for each in group.parts if isinstance(each, Pattern)], bound, rows)
        bound |= frozenset[Joint]().union(*(each.joints for each in group.parts if isinstance(each, Pattern)))
        for each in group.parts:
            if isinstance(each, Group) and each.kind == "select":
                rows = max(rows, self.group(each, frozenset(), 1.0))
            elif isinstance(each, Group):
                found = self.group(each, bound, rows)
                rows = rows if each.kind == "minus" else max(found, rows if each.kind == "optional" else 0)
            elif isinstance(each, Filter | Bind):
                for inner in each.groups:
                    self.group(inner, bound | each.joints, rows)
        return min(rows, group.rows) if group.rows is not None else rows

    def _patterns(self, patterns: Iterable[Pattern], bound: frozenset[Joint], rows: float) -> float:
        left = list(patterns)
        while left:
            joined = [each for each in left if each.joints & bound]
            if joined:
                best = min(joined, key=lambda each: self._fan(each, bound))
                rows *= self._fan(best, bound)
                self.looked_up += max(rows, 1)
            else:
                best = min(left, key=self._count)
                rows *= max(self._count(best), 1)
                self.scanned += self._count(best)
            bound |= best.joints
            left.remove(best)
        return rows

    def _count(self, pattern: Pattern) -> float:
        number = self._counted[pattern.number].number
        if number is None or isinstance(pattern.object, Literal):  # how many have that value is not counted
            self.is_known = False
        return number or 0

    def _fan(self, pattern: Pattern, bound: frozenset[Joint]) -> float:
        """How many triples there are for one row."""
        property_ = pattern.predicate
        if isinstance(property_, Path):
            self.is_known = False
        ends = [
            isinstance(each, NamedNode | Literal) or each in bound
            for each in (pattern.subject, pattern.object)
        ]
        use = self._uses.get(property_) if isinstance(property_, NamedNode) else None
        if use is None or all(ends):
            return 1.0
        return use.triples / max(use.subjects if ends[0] else use.objects, 1)


def _rounded(number: float) -> int:
    """A number with two digits that say something.

    >>> _rounded(412345.6)
    410000
    """
    return int(float(f"{number:.1e}"))
