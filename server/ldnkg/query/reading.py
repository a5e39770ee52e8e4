"""Tokens one after the other, and the terms and paths that they make (SPARQL 1.1, sections 4.1 and 9)."""

import re
from collections.abc import Callable

from pyoxigraph import Literal, NamedNode

from ldnkg.iris import PREFIXES
from ldnkg.query.grammar import symbol_of
from ldnkg.query.guard import Prologue
from ldnkg.query.patterns import Joint, Path
from ldnkg.query.tokens import ESCAPE, Token, character

_XSD = PREFIXES["xsd"]
_TYPE = NamedNode(PREFIXES["rdf"] + "type")
_ESCAPES = {"t": "\t", "b": "\b", "n": "\n", "r": "\r", "f": "\f"}


class Unreadable(Exception):
    """Something that is not expected here."""


class Scope:
    """The variables of one SELECT: those that it shows are the ones around it."""

    def __init__(self, number: int = 0, outer: "Scope | None" = None, shown: frozenset[str] | None = None):
        self.number, self.outer, self.shown = number, outer, shown

    def joint(self, name: str) -> Joint:
        """The variable of that name."""
        if self.outer and (self.shown is None or name in self.shown):
            return self.outer.joint(name)
        return Joint(f"?{name}", self.number)


class Reader:
    """Reads the tokens of one query from left to right; raises Unreadable where it does not know on."""

    def __init__(self, declared: Prologue) -> None:
        self._declared, self._tokens = declared, declared.rest
        self._at = 0
        self._scope = Scope()

    @property
    def _here(self) -> Token:
        if self._at >= len(self._tokens):
            raise Unreadable
        return self._tokens[self._at]

    def _is(self, wanted: str) -> bool:
        if self._at >= len(self._tokens):
            return False
        token = self._tokens[self._at]
        return token.keyword == wanted or (token.kind == "mark" and token.text == wanted)

    def _take(self, wanted: str = "") -> Token:
        token = self._here
        if wanted and not self._is(wanted):
            raise Unreadable
        self._at += 1
        return token

    def _joint(self, token: Token) -> Joint:
        if token.kind != "variable":
            raise Unreadable
        return self._scope.joint(token.text[1:])

    def _iri(self, token: Token) -> NamedNode:
        if token.kind not in ("iri", "name") or symbol_of(token) == "bnode":
            raise Unreadable
        return NamedNode(self._declared.iri(token))

    def _literal(self) -> Literal:
        sign = self._take().text if self._here.text in ("+", "-") and self._here.kind == "mark" else ""
        token = self._take()
        if token.kind == "number":
            kind = "double" if "e" in token.text.lower() else "decimal" if "." in token.text else "integer"
            return Literal(sign + token.text, datatype=NamedNode(_XSD + kind))
        if token.keyword in ("TRUE", "FALSE"):
            return Literal(token.keyword.lower(), datatype=NamedNode(_XSD + "boolean"))
        if token.kind != "string" or sign:
            raise Unreadable
        value = _unescaped(token.text)
        if self._at < len(self._tokens) and self._here.kind == "language":
            return Literal(value, language=self._take().text[1:])
        if [each.text for each in self._tokens[self._at : self._at + 2]] == ["^", "^"]:
            self._at += 2
            return Literal(value, datatype=self._iri(self._take()))
        return Literal(value)

    def _path(self) -> Path | NamedNode:
        return self._row("|", lambda: self._row("/", self._step))

    def _row(self, sign: str, part: Callable[[], Path | NamedNode]) -> Path | NamedNode:
        parts = [part()]
        while self._is(sign):
            self._take()
            parts.append(part())
        return parts[0] if len(parts) == 1 else Path(sign, tuple(parts))

    def _step(self) -> Path | NamedNode:
        if self._is("^"):
            self._take()
            return Path("^", (self._step(),))
        token = self._take()
        if token.text == "(" and token.kind == "mark":
            path = self._path()
            self._take(")")
        elif token.text == "!" and token.kind == "mark":
            path = Path("!", (self._step(),))
        elif token.text == "a" and token.kind == "word":
            path = _TYPE
        else:
            path = self._iri(token)
        while self._here.kind == "mark" and self._here.text in ("*", "+", "?"):
            path = Path(self._take().text, (path,))
        return path


def _unescaped(text: str) -> str:
    """The value of a string as it stands in a query.

    >>> _unescaped('"a\\\\"b\\\\u00e9"')
    'a"bé'
    """
    quotes = 3 if text[:3] in ('"""', "'''") and len(text) > 5 else 1
    inner = re.sub(ESCAPE, character, text[quotes:-quotes])
    return re.sub(r"\\(.)", lambda found: _ESCAPES.get(found[1], found[1]), inner, flags=re.DOTALL)
