"""What makes two queries the same, and whether one that is asked again gives the same answer."""

import re
from collections.abc import Iterable, Sequence
from itertools import takewhile
from typing import Literal

from ldnkg.query.tokens import Token

Varies = Literal["nothing", "labels", "values"]
"""What is other from call to call: nothing; the labels of blank nodes, which mean nothing; what is said."""

_CHANGING = re.compile("RAND|NOW|UUID")
_LOOSE = frozenset("{}()[];,")
"""Marks that begin and end no other token, so that spaces beside them mean nothing."""


def normal(pieces: Iterable[Token]) -> str:
    """A query with no comment, and with one space where spaces or comments part tokens that need it.

    Strings and IRIs stay as they are. Two queries with the same normal form mean the same; not all that mean
    the same have the same. A space beside a mark such as `<` or `|` stays: the mark may be half of another.

    >>> from ldnkg.query.tokens import pieces_of
    >>> normal(pieces_of("SELECT  * # all\\n{ ?s ?p 'a  #b' ; ex:q <c#d> . }"))
    "SELECT * {?s ?p 'a  #b';ex:q <c#d> .}"
    """
    parts: list[str] = []
    before: Token | None = None
    spaced = opens = False  # `opens`: what follows a mark `<` must not become an IRI
    for token in pieces:
        if token.kind == "space":
            spaced = True
            continue
        if spaced and before and (opens or not _joins(before, token)):
            parts.append(" ")
            opens = False
        parts.append(token.text)
        opens = opens or (token.text == "<" and token.kind == "mark")
        before, spaced = token, False
    return "".join(parts)


def varies(tokens: Sequence[Token], form: str | None) -> Varies:
    """What may be other when the query of these tokens is asked again of the same data.

    A word only has to hold the name of a function that changes: the engine reads `FILTERNOW()` as two words.
    """
    words = " ".join([token.keyword for token in tokens if token.kind == "word"])
    if _CHANGING.search(words):
        return "values"
    if "BNODE" in words or (form == "CONSTRUCT" and _mints(tokens)):
        return "labels"
    return "nothing"


def _mints(tokens: Iterable[Token]) -> bool:
    """Whether there are blank nodes in the template, which are new ones for each answer (section 16.2.1)."""
    template = takewhile(lambda token: token.keyword != "WHERE", tokens)
    return any(token.text in ("[", "(") or token.text.startswith("_:") for token in template)


def _joins(before: Token, after: Token) -> bool:
    """Whether two tokens can stand side by side as they can with spaces between."""
    return (_is_loose(before) and _is_whole(after)) or (_is_whole(before) and _is_loose(after))


def _is_loose(token: Token) -> bool:
    return token.kind == "mark" and token.text in _LOOSE


def _is_whole(token: Token) -> bool:
    """Whether this is no mark that may be half of another, as in `{|`."""
    return token.kind != "mark" or token.text in _LOOSE or token.text == "."
