"""A strip of counts by mark, in the order of MARKS."""

from dataclasses import dataclass

from pyoxigraph import Literal, NamedNode

from ldnkg.iris import local_name
from ldnkg.viewers import MARKS
from ldnkg.views import Shown

_GAP = 0.2
"""Percent of the width between two bars."""


@dataclass(frozen=True)
class Bar:
    """One bar of a strip; `x` and `width` are percentages of the strip's width."""

    mark: str
    count: int
    x: float
    width: float


def balance(it: Shown) -> tuple[Bar, ...]:
    """The bars for rows of ?mark, such as `view:harm`, and ?count; marks that are not known are left out."""
    counts = {
        local_name(mark.value): int(count.value)
        for mark, count in ((row.get("mark"), row.get("count")) for row in it.rows)
        if isinstance(mark, NamedNode) and isinstance(count, Literal) and count.value.isdecimal()
    }
    total = sum(counts.get(each, 0) for each in MARKS)
    bars: list[Bar] = []
    for mark in MARKS:
        if count := counts.get(mark, 0):
            x = 100 * sum(each.count for each in bars) / total
            width = max(100 * count / total - _GAP, _GAP)
            bars.append(Bar(mark, count, round(x, 2), round(width, 2)))
    return tuple(bars)
