"""The text of Turtle 1.1: where things stand in it, how to write it, and its one normal form."""

from ldnkg.turtle.normal import normal_form
from ldnkg.turtle.reading import Token, positions, reason, tokens
from ldnkg.turtle.writing import pieces, write

__all__ = ["Token", "normal_form", "pieces", "positions", "reason", "tokens", "write"]
