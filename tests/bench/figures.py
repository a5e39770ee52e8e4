"""Figures of repeated measurements, and how they are told: medians, spreads, ratios, bars."""

import statistics
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field


@dataclass
class Figure:
    """What was measured once a round: the median counts, least and most tell how far to trust it."""

    values: list[float] = field(default_factory=list)

    def add(self, value: float) -> None:
        """The value of one more round."""
        self.values.append(value)

    @property
    def median(self) -> float:
        """The one in the middle; NaN of nothing."""
        return statistics.median(self.values) if self.values else float("nan")

    def text(self, form: str = ".2f") -> str:
        """Median, and from what to what it went."""
        if not self.values:
            return "–"
        low, high = min(self.values), max(self.values)
        spread = f" ({low:{form}}–{high:{form}})" if len(self.values) > 1 else ""
        return f"{self.median:{form}}{spread}"

    def over(self, other: "Figure") -> float:
        """How many times another that was measured in turn with this one: the median of each turn's ratio.

        A machine that is slow for a while is slow for both. With other turns it is the ratio of the medians.
        """
        if len(self.values) != len(other.values):
            return ratio(self.median, other.median)
        return Figure([ratio(one, two) for one, two in zip(self.values, other.values, strict=True)]).median


@dataclass
class Times:
    """Milliseconds of single requests, pooled over the rounds, and the medians of each round."""

    pooled: list[float] = field(default_factory=list)
    rounds: Figure = field(default_factory=Figure)

    def add(self, times: Sequence[float]) -> None:
        """The times of one more round."""
        if times:
            self.pooled += times
            self.rounds.add(statistics.median(times))

    def at(self, percent: int) -> float:
        """The time within which so many of a hundred requests were answered; NaN of nothing."""
        if len(self.pooled) < 2:
            return self.pooled[0] if self.pooled else float("nan")
        return statistics.quantiles(self.pooled, n=100, method="inclusive")[percent - 1]

    @property
    def cells(self) -> list[str]:
        """Requests, p50 with the spread of the rounds, p95, p99."""
        low, high = (min(self.rounds.values), max(self.rounds.values)) if self.rounds.values else (0.0, 0.0)
        p50 = f"{self.at(50):.2f} ({low:.2f}–{high:.2f})"
        return [str(len(self.pooled)), p50, f"{self.at(95):.2f}", f"{self.at(99):.2f}"]


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table in Markdown."""
    lines = [f"| {' | '.join(cells)} |" for cells in (head, ["---"] * len(head), *rows)]
    return "\n".join(lines) + "\n"


def bars(title: str, values: Mapping[str, float], unit: str, width: int = 46) -> str:
    """A chart of bars, as text that any reader of Markdown shows."""
    shown = {name: value for name, value in values.items() if value == value}
    if not shown:
        return ""
    most, longest = max(shown.values()), max(map(len, shown))
    lines = [
        f"{name:<{longest}}  {'█' * max(1, round(value / most * width)):<{width}}  {value:,.4g} {unit}"
        for name, value in shown.items()
    ]
    return f"{title}\n\n```text\n" + "\n".join(lines) + "\n```\n"


def ratio(one: float, other: float) -> float:
    """How many times the other; NaN where there is none."""
    return one / other if other and other == other else float("nan")
