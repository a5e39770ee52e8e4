"""Drawings of the rows of a panel: where each mark stands. How it looks is for templates and styles.

Positions are percentages of the width, so that one drawing reads at every width. Only what the rows have is
drawn: no interval where none was given.
"""

from ldnkg.charts.arms import arms
from ldnkg.charts.balance import balance
from ldnkg.charts.bands import bands
from ldnkg.charts.columns import columns
from ldnkg.charts.forest import forest
from ldnkg.charts.heat import heat

__all__ = ["arms", "balance", "bands", "columns", "forest", "heat"]
