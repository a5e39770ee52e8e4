"""The value of each arm on one line for each outcome, each unit by itself."""

from dataclasses import dataclass

from ldnkg.charts.axis import Axis, linear, number
from ldnkg.counts import Term
from ldnkg.store import Row
from ldnkg.views import Shown, runs

_SHAPES = 4
"""Arms differ by shape; those beyond have the last one."""


@dataclass(frozen=True)
class Value:
    """The value of one arm: where it stands, its shape, and its row."""

    row: Row
    x: float
    shape: int


@dataclass(frozen=True)
class Outcome:
    """One line: its heading, its values in the order of the arms, and where the line begins and ends."""

    heading: Term | None
    values: tuple[Value, ...]

    @property
    def left(self) -> float:
        """Where its line begins."""
        return min(each.x for each in self.values)

    @property
    def right(self) -> float:
        """Where its line ends."""
        return max(each.x for each in self.values)


@dataclass(frozen=True)
class Arms:
    """Outcomes in one unit; `shapes` has each arm with its shape."""

    unit: Term | None
    axis: Axis
    shapes: tuple[tuple[Term, int], ...]
    outcomes: tuple[Outcome, ...]


def arms(it: Shown) -> tuple[Arms, ...]:
    """A drawing for each ?unit of rows with ?outcome, ?arm and ?value; percentages run from 0 to 100."""
    usable = [row for row in it.rows if number(row.get("value")) is not None and "arm" in row]
    shapes: dict[Term, int] = {}
    for row in usable:
        shapes.setdefault(row["arm"], min(len(shapes) + 1, _SHAPES))
    units: dict[Term | None, list[Row]] = {}
    for row in usable:
        units.setdefault(row.get("unit"), []).append(row)
    return tuple(_unit(unit, rows, shapes) for unit, rows in units.items())


def _unit(unit: Term | None, rows: list[Row], shapes: dict[Term, int]) -> Arms:
    values = [value for row in rows if (value := number(row["value"])) is not None]
    percent = getattr(unit, "value", "") == "%"
    axis = Axis(0.0, 100.0, (0.0, 25.0, 50.0, 75.0, 100.0)) if percent else linear(values)
    outcomes = tuple(
        Outcome(
            heading, tuple(Value(row, axis.at(number(row["value"]) or 0.0), shapes[row["arm"]]) for row in of)
        )
        for heading, of in runs(rows, "outcome")
    )
    return Arms(
        unit,
        axis,
        tuple((arm, shape) for arm, shape in shapes.items() if any(row["arm"] == arm for row in rows)),
        outcomes,
    )
