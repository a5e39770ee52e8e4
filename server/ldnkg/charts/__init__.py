"""Drawings of the rows of a panel: where each mark stands, never how it looks. Templates and styles do that."""

from ldnkg.charts.balance import balance

__all__ = ["balance"]
