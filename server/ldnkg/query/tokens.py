"""The tokens of a query, and where in its text they stand.

They are those of SPARQL 1.1, section 19.8, read as the engine reads them: a keyword needs no space behind it
(`SERVICE<…>`), and may be spelt in any case. Marks of two characters, such as `&&`, are two tokens.
"""

import re
from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

from ldnkg.errors import BadQuery

ESCAPE = r"\\u[0-9A-Fa-f]{4}|\\U[0-9A-Fa-f]{8}"
_W = r"\w\u00b7\u0300-\u036f\u203f\u2040"  # what a name may have beside marks of its own (PN_CHARS)
TOKEN = re.compile(
    rf"""
    (?P<space>    [ \t\r\n]++ | \#[^\r\n]*+ )
  | (?P<string>   \"\"\"(?:[^"\\]|\\.|"(?!""))*+\"\"\" | '''(?:[^'\\]|\\.|'(?!''))*+'''
                | "(?:[^"\\\r\n]|\\.)*+" | '(?:[^'\\\r\n]|\\.)*+' )
  | (?P<unclosed> ["'] )
  | (?P<iri>      <(?:[^<>"{{}}|^`\\\x00-\x20]|{ESCAPE})*+> )
  | (?P<variable> [?$][{_W}]++ )
  | (?P<language> @[A-Za-z]++(?:-[A-Za-z0-9]++)*+ )
  | (?P<number>   (?:[0-9]++(?:\.[0-9]++|\.(?=[eE][+-]?[0-9]))?|\.[0-9]++)(?:[eE][+-]?[0-9]++)? )
  | (?P<name>     (?:_|[^\W\d_](?:[{_W}.-]{{0,99}}[{_W}-])?)?:
                  (?:[{_W}:-]|%[0-9A-Fa-f]{{2}}|\\[_~.!$&'()*+,;=/?\#@%-]|\.++(?=[{_W}:%\\-]))*+ )
  | (?P<word>     (?:[^\W\d]|{ESCAPE})(?:\w|{ESCAPE})*+ )
  | (?P<mark>     . )
    """,
    re.VERBOSE | re.DOTALL,
)
"""A piece of any text: every character belongs to one. The kind is the name of its group."""


_ESCAPES = re.compile(r"\\(?:u[0-9A-Fa-f]{0,4}|U[0-9A-Fa-f]{0,8}|([^uU]))", re.DOTALL)
"""What an escape may look like, right or wrong."""
LETTERS = "tbnrf\"'\\"
"""What stands behind the backslash of an escape in a string, beside `u` and `U`."""
_SHOWN = 60
"""Characters of a token that a message shows."""


class Token(NamedTuple):
    """One token: `kind` is the name of its pattern, `start` its offset in code points.

    `keyword` is the word in capitals, its escapes resolved; nothing for what is not a word.
    """

    kind: str
    text: str
    start: int
    keyword: str = ""

    @property
    def shown(self) -> str:
        """The text as messages show it."""
        return short(self.text)


def short(text: str) -> str:
    """A text, or the beginning of a long one with an ellipsis."""
    return text if len(text) <= _SHOWN else text[:_SHOWN] + "…"


def tokens_of(text: str) -> list[Token]:
    """The tokens of a query without spaces and comments; raises BadQuery for a string that does not end."""
    return [token for token in pieces_of(text) if token.kind != "space"]


def pieces_of(text: str) -> list[Token]:
    """The same with spaces and comments, so that nothing of the text is left out."""
    pieces: list[Token] = []
    for match in TOKEN.finditer(text):
        kind, own = match.lastgroup, match[0]
        if kind == "unclosed":  # at once: to look for the end of each string that has none takes long
            raise _unclosed(text, [*pieces, Token(kind, own, match.start())])
        pieces.append(Token(str(kind), own, match.start(), _keyword(own) if kind == "word" else ""))
    return pieces


def _unclosed(text: str, pieces: Sequence[Token]) -> BadQuery:
    """The complaint about the string that the last piece begins, or one before whose quotes were misread."""
    for before, piece in pairwise(pieces):
        if long := unended(before, piece.text):
            return fault(text, before.start, long)
    return fault(text, pieces[-1].start, 'The string that begins here does not end; a quote in one is \\"')


def unended(before: Token, rest: str) -> str | None:
    """What to say when `rest` follows at once on an empty string, and is no other: three quotes begin one."""
    if before.text not in ('""', "''") or rest[:1] != before.text[0]:
        return None
    quotes = before.text + rest[0]
    return f"The string that begins here with {quotes} does not end: it ends with {quotes}, too"


def _keyword(word: str) -> str:
    return (re.sub(ESCAPE, character, word) if "\\" in word else word).upper()


def place(text: str, offset: int) -> tuple[int, int]:
    """The line and column of an offset in a text, both counted from 1.

    >>> place("ab\\ncd", 4)
    (2, 2)
    """
    before = text[:offset]
    return before.count("\n") + 1, offset - before.rfind("\n")


def line_of(text: str, line: int) -> str:
    """One line of a text as it was written, counted from 1; nothing when there is no such line."""
    lines = text.split("\n")
    return lines[line - 1].rstrip("\r") if 0 < line <= len(lines) else ""


def character(escape: re.Match[str]) -> str:
    """What an escape of section 19.2 stands for; nothing where there is no such character."""
    code = int(escape[0][2:], 16)
    return chr(code) if code <= 0x10FFFF else ""


def bad_escape(text: str, letters: str) -> tuple[int, str] | None:
    """The offset of the first escape in a text that stands for no character, and a sentence about it.

    `letters` are those that may stand behind a backslash beside `u` and `U`.

    >>> bad_escape(r"a\\\\b\\uD8", "\\\\")
    (4, 'The escape \\\\uD8 is not whole: \\\\u takes 4 hexadecimal digits, \\\\U takes 8')
    """
    for found in re.finditer(_ESCAPES, text):
        if found[1] and found[1] in letters:
            continue
        if found[1]:
            return found.start(), f"The escape {found[0]} stands for no character"
        if not re.fullmatch(ESCAPE, found[0]):
            return found.start(), (
                f"The escape {found[0]} is not whole: \\u takes 4 hexadecimal digits, \\U takes 8"
            )
        code = int(found[0][2:], 16)
        if code > 0x10FFFF:
            return found.start(), f"The escape {found[0]} stands for no character: the last is \\U0010FFFF"
        if 0xD800 <= code < 0xE000:
            return found.start(), _half(code, text[found.end() :])
    return None


def _half(code: int, rest: str) -> str:
    """What to write for one of two surrogates, as JSON has them."""
    said = f"The escape \\u{code:04X} stands for half a character"
    second = re.match(r"\\u([dD][c-fC-F][0-9A-Fa-f]{2})", rest)
    if code >= 0xDC00 or not second:
        return f"{said}: write the character itself"
    whole = 0x10000 + ((code - 0xD800) << 10) + int(second[1], 16) - 0xDC00
    return f"{said}: write \\U{whole:08X} for it and the next"


def fault(text: str, offset: int, sentence: str, expected: tuple[str, ...] = ()) -> BadQuery:
    """The complaint about what stands at an offset."""
    line, column = place(text, offset)
    return BadQuery(
        f"{sentence} (line {line}, column {column}).", line, column, line_of(text, line), expected
    )
