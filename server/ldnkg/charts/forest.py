"""Estimates with their intervals against a line of no difference, each scale by itself."""

from dataclasses import dataclass

from ldnkg.charts.axis import Axis, linear, number
from ldnkg.counts import Term
from ldnkg.store import Row
from ldnkg.views import Shown


@dataclass(frozen=True)
class Estimate:
    """One row of a plot: the estimate, and its interval where there is one, in percent of the width."""

    row: Row
    x: float
    low: float | None
    high: float | None


@dataclass(frozen=True)
class Scale:
    """Estimates of one measure in one unit. `zero` is where there is no difference."""

    measure: Term | None
    unit: Term | None
    zero: float
    axis: Axis
    estimates: tuple[Estimate, ...]


def forest(it: Shown) -> tuple[Scale, ...]:
    """A scale for each ?measure and ?unit of rows with ?estimate, and perhaps ?low and ?high.

    ?null is the value of no difference, such as 1 for a ratio; without it 0. Scales are never mixed.
    """
    scales: dict[tuple[Term | None, Term | None], list[Row]] = {}
    for row in it.rows:
        if number(row.get("estimate")) is not None:
            scales.setdefault((row.get("measure"), row.get("unit")), []).append(row)
    return tuple(_scale(measure, unit, rows) for (measure, unit), rows in scales.items())


def _scale(measure: Term | None, unit: Term | None, rows: list[Row]) -> Scale:
    null = next((value for row in rows if (value := number(row.get("null"))) is not None), 0.0)
    known = [
        value
        for row in rows
        for name in ("estimate", "low", "high")
        if (value := number(row.get(name))) is not None
    ]
    axis = linear(known, including=null)
    return Scale(measure, unit, axis.at(null), axis, tuple(_estimate(row, axis) for row in rows))


def _estimate(row: Row, axis: Axis) -> Estimate:
    low, high = number(row.get("low")), number(row.get("high"))
    both = low is not None and high is not None
    return Estimate(
        row,
        axis.at(number(row["estimate"]) or 0.0),
        axis.at(low) if both and low is not None else None,
        axis.at(high) if both and high is not None else None,
    )
