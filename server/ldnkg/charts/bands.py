"""Ranges on a scale by powers of ten: doses, concentrations."""

from dataclasses import dataclass

from ldnkg.charts.axis import Axis, number, powers
from ldnkg.store import Row
from ldnkg.views import Shown


@dataclass(frozen=True)
class Band:
    """One range; an end that is not known is open, at the border. `usual` is a value inside it."""

    row: Row
    left: float
    right: float
    usual: float | None
    open_left: bool
    open_right: bool


@dataclass(frozen=True)
class Bands:
    """Ranges on one scale."""

    axis: Axis
    bands: tuple[Band, ...]


def bands(it: Shown) -> Bands:
    """The drawing of rows with ?low, ?high and ?usual, of which each may be missing, but not all."""
    names = ("low", "high", "usual")
    known = [[number(row.get(name)) for name in names] for row in it.rows]
    axis = powers(
        (value for values in known for value in values if value),
        below=any(high and not low for low, high, _ in known),
        above=any(low and not high for low, high, _ in known),
    )
    drawn = []
    for row, (low, high, usual) in zip(it.rows, known, strict=True):
        if low or high or usual:
            drawn.append(
                Band(
                    row,
                    axis.at(low or (high and axis.low) or usual or axis.low),
                    axis.at(high or (low and axis.high) or usual or axis.high),
                    axis.at(usual) if usual else None,
                    open_left=bool(high and not low),
                    open_right=bool(low and not high),
                )
            )
    return Bands(axis, tuple(drawn))
