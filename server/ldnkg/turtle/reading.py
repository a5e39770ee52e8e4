"""The tokens of a Turtle text and the lines its statements stand on.

Parsing is pyoxigraph's; this only says *where*, and so takes any text, broken ones too, without an error.
Turtle 1.1, section 6.5 (grammar): the names of the token kinds are the terminals there, or families of them.
"""

import re
from collections.abc import Iterator
from typing import Literal, NamedTuple, cast
from urllib.parse import urljoin

from ldnkg.iris import PREFIXES

Kind = Literal["comment", "iri", "string", "directive", "blank", "name", "number", "mark", "other"]


class Token(NamedTuple):
    """One token: its kind, its text as written, and the line, from 1, that it begins on."""

    kind: Kind
    text: str
    line: int


_TOKEN = re.compile(
    r"""(?P<comment>\#[^\n\r]*)
    | (?P<iri><[^\x00-\x20<>"{}|^`]*>)
    | (?P<string>\"{3}(?:\"{0,2}(?:[^"\\]|\\.))*\"{3} | '{3}(?:'{0,2}(?:[^'\\]|\\.))*'{3}
        | "(?:[^"\\\n\r]|\\.)*" | '(?:[^'\\\n\r]|\\.)*')
    | (?P<directive>@(?:prefix|base)\b | (?i:prefix|base)(?=\s))
    | (?P<blank>_:[\w·](?:[\w·.-]*[\w·-])?)
    | (?P<name>(?:[^\W\d_](?:[\w·.-]*[\w·-])?)?
        :(?:(?:[\w·:.-]|%[0-9A-Fa-f]{2}|\\.)*(?:[\w·:-]|%[0-9A-Fa-f]{2}|\\.))? | [A-Za-z]+)
    | (?P<number>[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?(?<!\.))
    | (?P<mark>\^\^|@[A-Za-z]+(?:-[A-Za-z0-9]+)*|<<\(?|\)?>>|\{\||\|\}|[][().,;])
    | (?P<space>\s+)
    | (?P<other>.)""",
    re.VERBOSE | re.DOTALL,
)
_OPENING, _CLOSING = {"[", "(", "<<", "<<(", "{|"}, {"]", ")", ">>", ")>>", "|}"}
_UNICODE = re.compile(r"\\u([0-9A-Fa-f]{4})|\\U([0-9A-Fa-f]{8})")


def tokens(text: str) -> Iterator[Token]:
    """Every token of the text but white space; together they hold every comment."""
    line = 1
    for match in _TOKEN.finditer(text):
        if match.lastgroup != "space":
            yield Token(cast(Kind, match.lastgroup), match[0], line)
        line += match[0].count("\n")


def positions(text: str) -> dict[tuple[str, str | None], int]:
    """The line, from 1, of each subject and of each of its predicates.

    The keys are (subject IRI, None) and (subject IRI, predicate IRI); of several places the first counts.
    What is said of a blank node has no key: look up the subject that it stands under.
    """
    lines: dict[tuple[str, str | None], int] = {}
    names = _Names()
    subject: str | None = None
    before = "."  # the mark that says what comes next: a subject, a predicate or an object
    for token in _outer(text):
        if token.kind == "directive" or names.pending:
            names.take(token)
            before = "."
        elif token.kind == "mark":
            before = token.text if token.text in ".;" else before
        elif before == ".":
            subject, before = names.iri(token), ";"
            if subject is not None:
                lines.setdefault((subject, None), token.line)
        elif before == ";":
            predicate, before = names.iri(token), ""
            if subject is not None and predicate is not None:
                lines.setdefault((subject, predicate), token.line)
    return lines


def reason(fault: SyntaxError) -> str:
    """What pyoxigraph found wrong with a text, without the place, which the exception gives apart."""
    return re.sub(r"^Parser error.*?columns? [0-9]+(?: and [0-9]+)?: ", "", fault.msg).strip()


def _outer(text: str) -> Iterator[Token]:
    """The tokens outside of any bracket; what brackets hold is one token of the kind blank."""
    depth = 0
    for token in tokens(text):
        if token.kind == "comment":
            continue
        if token.kind == "mark" and token.text in _OPENING:
            if not depth:
                yield Token("blank", token.text, token.line)
            depth += 1
        elif token.kind == "mark" and token.text in _CLOSING:
            depth = max(0, depth - 1)
        elif not depth:
            yield token


class _Names:
    """The prefixes and the base of a text so far, as its directives declare them."""

    def __init__(self) -> None:
        self.prefixes: dict[str, str] = {}
        self.base = ""
        self.pending: list[Token] = []

    def take(self, token: Token) -> None:
        """One more token of a directive; the IRI at its end completes it."""
        self.pending.append(token)
        if token.kind != "iri":
            return
        iri = self.iri(token) or ""
        if self.pending[0].text.lower().endswith("base"):
            self.base = iri
        else:
            self.prefixes[self.pending[1].text.removesuffix(":")] = iri
        self.pending = []

    def iri(self, token: Token) -> str | None:
        """The IRI that a token stands for, or None for a blank node or a fault."""
        if token.kind == "iri":
            iri = _unescaped(token.text[1:-1])
            return urljoin(self.base, iri) if self.base else iri
        if token.kind != "name":
            return None
        prefix, colon, local = token.text.partition(":")
        if not colon:
            return PREFIXES["rdf"] + "type" if prefix == "a" else None
        return self.prefixes.get(prefix, "") + re.sub(r"\\(.)", r"\1", local)


def _unescaped(iri: str) -> str:
    """An IRI with its numeric escapes resolved (Turtle 1.1, section 6.4)."""
    return _UNICODE.sub(lambda match: chr(int(match[1] or match[2], 16)), iri)
