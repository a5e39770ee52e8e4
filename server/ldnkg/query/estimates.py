"""How many triples fit a pattern, without looking at them: from VoID, and from the lists of a node."""

from dataclasses import dataclass
from typing import Literal as Choice

from pyoxigraph import Literal, NamedNode

from ldnkg.iris import PREFIXES
from ldnkg.query.patterns import Joint, Path, Pattern
from ldnkg.query.statistics import Statistics
from ldnkg.store import Direction, Store

_TYPE = NamedNode(PREFIXES["rdf"] + "type")
_LOOKED = 100
"""So many nodes, and properties that VoID does not list, are looked up for one query."""


@dataclass(frozen=True)
class Estimate:
    """A number of triples: counted, an upper bound, or None where nothing tells it."""

    kind: Choice["counted", "at most", "unknown"]
    number: int | None = None


_UNKNOWN = Estimate("unknown")


class Estimates:
    """The estimates for the patterns of one query. Reads at most so much of the store, whatever they are.

    A query that asks `part` of the dataset finds at most what the whole has.
    """

    def __init__(self, store: Store, statistics: Statistics, *, part: bool = False) -> None:
        self._store, self._statistics, self._part = store, statistics, part
        self._left = _LOOKED
        self._unlisted: dict[NamedNode, Estimate] = {}

    def of(self, pattern: Pattern) -> Estimate:
        """How many triples fit the pattern alone."""
        found = self._of(pattern)
        return Estimate("at most", found.number) if self._part and found.number else found

    def _of(self, pattern: Pattern) -> Estimate:
        predicate = pattern.predicate
        if isinstance(predicate, Path):
            return self._path(pattern, predicate)
        if isinstance(predicate, NamedNode):
            found = self._property(pattern, predicate)
        else:
            found = self._ends(pattern, None) or Estimate("counted", self._statistics.triples)
        if isinstance(pattern.object, Literal) and found.number:
            return Estimate("at most", found.number)
        return Estimate("at most", found.number) if _repeats(pattern) and found.number else found

    def _property(self, pattern: Pattern, property_: NamedNode) -> Estimate:
        class_ = pattern.object
        if property_ == _TYPE and isinstance(class_, NamedNode) and isinstance(pattern.subject, Joint):
            if (count := self._statistics.classes.get(class_.value)) is not None:
                return Estimate("counted", count)
        if found := self._ends(pattern, property_):
            return found
        return self._uses(property_)

    def _uses(self, property_: NamedNode) -> Estimate:
        count = self._statistics.properties.get(property_.value)
        if count is not None:
            return Estimate("counted", count)
        if property_ not in self._unlisted:
            if not self._left:
                return _UNKNOWN
            self._left -= 1
            used = is_used(self._store, property_)
            self._unlisted[property_] = _UNKNOWN if used else Estimate("counted", 0)
        return self._unlisted[property_]

    def _ends(self, pattern: Pattern, property_: NamedNode | None) -> Estimate | None:
        """By the subject or the object, where one of them is a node: its lists are counted."""
        fixed: list[tuple[NamedNode, Direction]] = []
        if isinstance(pattern.subject, NamedNode):
            fixed.append((pattern.subject, "outgoing"))
        if isinstance(pattern.object, NamedNode):
            fixed.append((pattern.object, "incoming"))
        counts = [self._degree(node, direction, property_) for node, direction in fixed]
        known = [each for each in counts if each is not None]
        if not fixed:
            return None
        if not known:
            return _UNKNOWN
        if len(fixed) == 2:
            return Estimate("at most", min(1, *known) if property_ else min(known))
        return Estimate("counted", known[0])

    def _degree(self, node: NamedNode, direction: Direction, property_: NamedNode | None) -> int | None:
        if not self._left:
            return None
        self._left -= 1
        counts = self._store.properties(node, direction)
        return sum(counts.values()) if property_ is None else counts.get(property_, 0)

    def _path(self, pattern: Pattern, path: Path) -> Estimate:
        """Of a choice the sum; of what may have any length, or leaves properties out, nothing is known."""
        if path.sign != "|":
            return _UNKNOWN
        total = 0
        for each in path.parts:
            if isinstance(each, Path):
                return _UNKNOWN
            found = self._property(Pattern(pattern.number, pattern.subject, each, pattern.object), each)
            if found.number is None:
                return _UNKNOWN
            total += found.number
        return Estimate("at most", total)


def is_used(store: Store, property_: NamedNode) -> bool:
    """Whether any triple has the property."""
    return bool(store.select("SELECT ?property ?s { ?s ?property ?o } LIMIT 1", property=property_))


def _repeats(pattern: Pattern) -> bool:
    """Whether one variable stands in two places."""
    places = (pattern.subject, pattern.predicate, pattern.object)
    return len({each for each in places if isinstance(each, Joint)}) < sum(
        isinstance(each, Joint) for each in places
    )
