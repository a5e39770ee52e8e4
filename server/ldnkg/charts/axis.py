"""Scales: from numbers to percentages of the width, with ticks at round numbers."""

from collections.abc import Iterable
from dataclasses import dataclass
from math import ceil, floor, isfinite, log10

from ldnkg.counts import Term

_INSET = 3.0
"""Percent of the width that stays free on each side."""


@dataclass(frozen=True)
class Axis:
    """A scale from `low` to `high`; `log` for powers of ten."""

    low: float
    high: float
    ticks: tuple[float, ...]
    log: bool = False

    def at(self, value: float) -> float:
        """Where a value stands, in percent of the width; what is outside stands at the border."""
        low, high = self.low, self.high
        if self.log:
            value, low, high = log10(value), log10(low), log10(high)
        part = min(max((value - low) / (high - low), 0.0), 1.0)
        return round(_INSET + part * (100 - 2 * _INSET), 2)

    def marks(self) -> tuple[tuple[float, str], ...]:
        """Each tick: where it stands, and its number."""
        return tuple((self.at(each), written(each)) for each in self.ticks)

    def few(self, most: int = 4) -> tuple[tuple[float, str], ...]:
        """The ticks at even distances of which there are at most so many: what fits on a phone."""
        return self.marks()[:: ceil(len(self.ticks) / most)]


def linear(values: Iterable[float], *, including: float = 0.0, wanted: int = 5) -> Axis:
    """A scale for values and one more number, with about as many ticks as wanted, each a round number.

    >>> linear([0.3, -1.2]).ticks
    (-1.5, -1.0, -0.5, 0.0, 0.5)
    """
    known = [*values, including]
    low, high = min(known), max(known)
    step = _round((high - low or abs(high) or 1.0) / wanted)
    first, last = floor(low / step), ceil(high / step)
    last = max(last, first + 1)
    ticks = tuple(round(step * each, 10) for each in range(first, last + 1))
    return Axis(ticks[0], ticks[-1], ticks)


def powers(values: Iterable[float], *, below: bool = False, above: bool = False) -> Axis:
    """A scale by powers of ten for values greater than zero, with room for what is open on a side."""
    known = [each for each in values if each > 0] or [1.0]
    first, last = floor(log10(min(known))), ceil(log10(max(known)))
    first, last = first - below, max(last, first + 1) + above
    return Axis(10.0**first, 10.0**last, tuple(10.0**each for each in range(first, last + 1)), log=True)


def number(term: Term | None) -> float | None:
    """The number that a literal holds, None for anything else."""
    try:
        value = float(getattr(term, "value", ""))
    except ValueError:
        return None
    return value if isfinite(value) else None


def written(value: float) -> str:
    """A number as people write it, with a minus sign.

    >>> written(-1.50), written(20.0), written(0.001)
    ('−1.5', '20', '0.001')
    """
    return f"{value:.10f}".rstrip("0").rstrip(".").replace("-", "\u2212")


def _round(step: float) -> float:
    """The next step of 1, 2, 5 times a power of ten.

    >>> _round(0.34), _round(17)
    (0.5, 20.0)
    """
    power = 10.0 ** floor(log10(step))
    return next(each * power for each in (1, 2, 5, 10) if each * power >= step * 0.999)
