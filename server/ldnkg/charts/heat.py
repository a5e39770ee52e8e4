"""How many in each cell of a table, and which way each of them points."""

from collections import Counter
from dataclasses import dataclass

from ldnkg.charts.axis import number
from ldnkg.counts import Term
from ldnkg.iris import local_name
from ldnkg.viewers import MARKS
from ldnkg.views import Shown

_SHADES = (1, 3, 6, 10)
"""From so many on, a cell has the first, second … shade."""


@dataclass(frozen=True)
class Cell:
    """One cell: how many of each mark, in the order of MARKS, and its shade from 0 to 4."""

    marks: tuple[tuple[str, int], ...]

    @property
    def count(self) -> int:
        """All of them."""
        return sum(count for _, count in self.marks)

    @property
    def shade(self) -> int:
        """How dark it is."""
        return sum(self.count >= least for least in _SHADES)


@dataclass(frozen=True)
class Heat:
    """Rows with a cell for each column."""

    columns: tuple[Term, ...]
    rows: tuple[tuple[Term, tuple[Cell, ...]], ...]


def heat(it: Shown) -> Heat:
    """The table of rows with ?row, ?column, ?mark (such as `view:harm`), ?count; columns by ?place."""
    counts: Counter[tuple[Term, Term, str]] = Counter()
    columns: dict[Term, float] = {}
    rows: dict[Term, None] = {}
    for each in it.rows:
        if "row" in each and "column" in each and "mark" in each:
            mark = local_name(str(getattr(each["mark"], "value", "")))
            counts[each["row"], each["column"], mark] += int(number(each.get("count")) or 0)
            columns.setdefault(each["column"], number(each.get("place")) or 0.0)
            rows.setdefault(each["row"])
    ordered = tuple(sorted(columns, key=lambda each: columns[each]))
    return Heat(
        ordered,
        tuple(
            (
                row,
                tuple(Cell(tuple((mark, counts[row, column, mark]) for mark in MARKS)) for column in ordered),
            )
            for row in rows
        ),
    )
