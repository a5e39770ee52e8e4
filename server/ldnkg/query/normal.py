"""What makes two queries the same, and whether one that is asked again gives the same answer."""

import re
from collections.abc import Iterable, Sequence
from itertools import takewhile
from typing import Literal

from ldnkg.query.tokens import TOKEN, Token

Varies = Literal["nothing", "labels", "values"]
"""What is other from call to call: nothing; the labels of blank nodes, which mean nothing; what is said."""

_CHANGING = re.compile("RAND|NOW|UUID")
_LOOSE = frozenset("{}()[];,")
"""Marks that begin and end no other token, so that spaces beside them mean nothing."""


def normal(text: str) -> str:
    """The query with no comment, and with one space where spaces or comments part tokens that need it.

    Strings and IRIs stay as they are. Two queries with the same normal form mean the same; not all that mean
    the same have the same. A space beside a mark such as `<` or `|` stays: the mark may be half of another.

    >>> normal("SELECT  * # all\\n{ ?s ?p 'a  #b' ; ex:q <c#d> . }")
    "SELECT * {?s ?p 'a  #b';ex:q <c#d> .}"
    """
    parts: list[str] = []
    before: tuple[str, str] | None = None
    spaced = opens = False  # `opens`: what follows a mark `<` must not become an IRI
    for match in TOKEN.finditer(text):
        token = str(match.lastgroup), match[0]
        if token[0] == "space":
            spaced = True
            continue
        if spaced and before and (opens or not _joins(before, token)):
            parts.append(" ")
            opens = False
        parts.append(match[0])
        opens = opens or token == ("mark", "<")
        before, spaced = token, False
    return "".join(parts)


def varies(tokens: Sequence[Token], form: str | None) -> Varies:
    """What may be other when the query of these tokens is asked again of the same data.

    A word only has to hold the name of a function that changes: the engine reads `FILTERNOW()` as two words.
    """
    words = [token.keyword for token in tokens]
    if any(_CHANGING.search(word) for word in words):
        return "values"
    if any("BNODE" in word for word in words) or (form == "CONSTRUCT" and _mints(tokens)):
        return "labels"
    return "nothing"


def _mints(tokens: Iterable[Token]) -> bool:
    """Whether there are blank nodes in the template, which are new ones for each answer (section 16.2.1)."""
    template = takewhile(lambda token: token.keyword != "WHERE", tokens)
    return any(token.text in ("[", "(") or token.text.startswith("_:") for token in template)


def _joins(before: tuple[str, str], after: tuple[str, str]) -> bool:
    """Whether two tokens can stand side by side as they can with spaces between."""
    return (_is_loose(before) and _is_whole(after)) or (_is_whole(before) and _is_loose(after))


def _is_loose(token: tuple[str, str]) -> bool:
    return token[0] == "mark" and token[1] in _LOOSE


def _is_whole(token: tuple[str, str]) -> bool:
    """Whether this is no mark that may be half of another, as in `{|`."""
    return token[0] != "mark" or token[1] in _LOOSE or token[1] == "."
