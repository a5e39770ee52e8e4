"""Counts side by side, each column in parts: years by phase, sizes by state."""

from collections import Counter
from dataclasses import dataclass

from pyoxigraph import Literal

from ldnkg.charts.axis import Axis, linear, number
from ldnkg.counts import Term
from ldnkg.views import Shown

_GAP = 0.3
"""The part of a column's place that stays free."""
_HEIGHT = 180.0
_SPAN = 60
"""So far may the first and the last number be apart, for those between them to be drawn."""
_LABELS = 14
"""So many labels have room below the columns."""
_PATTERNS = 5
"""Parts differ by pattern; those beyond have the last one."""


@dataclass(frozen=True)
class Part:
    """One part of a column, in percent of the width and units of the height; `pattern` from 1 on."""

    series: Term | None
    count: int
    y: float
    height: float
    pattern: int


@dataclass(frozen=True)
class Column:
    """One column with its parts from the ground up."""

    label: Term
    x: float
    width: float
    parts: tuple[Part, ...]

    @property
    def count(self) -> int:
        """All of it."""
        return sum(each.count for each in self.parts)


@dataclass(frozen=True)
class Columns:
    """A drawing of columns; `height` is that of the drawing, `ticks` are heights with their numbers."""

    columns: tuple[Column, ...]
    series: tuple[Term | None, ...]
    height: float
    every: int
    """One of so many labels has room."""
    ticks: tuple[tuple[float, str], ...]


def columns(it: Shown) -> Columns:
    """The drawing of rows with ?label, ?count and perhaps ?series, in their order; the series by ?place."""
    counts: Counter[tuple[Term, Term | None]] = Counter()
    labels: dict[Term, None] = {}
    places: dict[Term | None, float] = {}
    for row in it.rows:
        if "label" in row:
            labels.setdefault(row["label"])
            places.setdefault(row.get("series"), number(row.get("place")) or 0.0)
            counts[row["label"], row.get("series")] += int(number(row.get("count")) or 0)
    labels = _without_gaps(labels)
    ordered = sorted(places, key=lambda each: places[each])
    series = {each: min(at, _PATTERNS) for at, each in enumerate(ordered, start=1)}
    totals = [sum(counts[label, each] for each in series) for label in labels]
    axis = linear(totals, wanted=4)
    place = 100 / max(len(labels), 1)
    drawn = tuple(
        Column(
            label,
            round(place * (at + _GAP / 2), 2),
            round(place * (1 - _GAP), 2),
            _parts(label, series, counts, axis),
        )
        for at, label in enumerate(labels)
    )
    return Columns(
        drawn,
        tuple(series),
        _HEIGHT,
        -(-len(labels) // _LABELS) or 1,
        tuple(
            (round(_HEIGHT * (1 - tick / axis.high), 1), f"{tick:g}")
            for tick in axis.ticks
            if tick == int(tick)
        ),
    )


def _without_gaps(labels: dict[Term, None]) -> dict[Term, None]:
    """Labels that are whole numbers with those between them, so that years without anything are seen."""
    numbers = [number(each) for each in labels]
    whole = [int(each) for each in numbers if each is not None and each == int(each)]
    if len(whole) < len(labels) or not whole or max(whole) - min(whole) > _SPAN:
        return labels
    known = {int(number(each) or 0): each for each in labels}
    return {known.get(each, Literal(str(each))): None for each in range(min(whole), max(whole) + 1)}


def _parts(
    label: Term, series: dict[Term | None, int], counts: Counter[tuple[Term, Term | None]], axis: Axis
) -> tuple[Part, ...]:
    parts: list[Part] = []
    for each, pattern in series.items():
        if count := counts[label, each]:
            below = sum(part.count for part in parts)
            height = round(_HEIGHT * count / axis.high, 1)
            parts.append(
                Part(each, count, round(_HEIGHT * (1 - below / axis.high) - height, 1), height, pattern)
            )
    return tuple(parts)
