"""Drawings of the rows of a panel: where each mark stands. How it looks is for templates and styles."""

from ldnkg.charts.balance import balance

__all__ = ["balance"]
