"""Read the tokens of a query, and refuse what is refused before an engine sees it.

The tokens are those of SPARQL 1.1, section 19.8, read as the engine reads them: a keyword needs no space
behind it (`SERVICE<…>`), and may be spelt in any case. A keyword spelt with the `\\u` escapes of section
19.2 is none to the engine, but is refused all the same, so that the reason given is the right one.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, get_args
from urllib.parse import urljoin

from ldnkg.errors import BadQuery, QueryRefused
from ldnkg.query.faults import explained
from ldnkg.query.grammar import Grammar
from ldnkg.query.limits import Limits
from ldnkg.query.normal import Varies, normal, varies
from ldnkg.query.tokens import ESCAPE, Token, character, fault, pieces_of, place

Form = Literal["SELECT", "ASK", "CONSTRUCT", "DESCRIBE"]

_GLUED = "(?i:^(?:ASK|CONSTRUCT)?FROM(?:NAMED)?)"
_ABSOLUTE = re.compile(r"(?:https?://|urn:)[A-Za-z0-9][A-Za-z0-9_~/:.-]*+(?:#[A-Za-z0-9_~.-]*+)?")
"""An IRI that means itself, whatever the base is, with nothing to decode."""
_UPDATES = ("LOAD", "INSERT", "DELETE", "CLEAR", "CREATE", "DROP", "COPY", "MOVE", "ADD", "WITH")


@dataclass(frozen=True)
class Query:
    """A query whose tokens have been looked at.

    `form` is None when no query form was found: the engine will say what is wrong. `graphs` are the IRIs in
    FROM and FROM NAMED, resolved. `undeclared` has each prefix that is used and not declared, with the offset
    of its first use. `columns` are the variables of `SELECT *` in the order in which they are first written.
    `normal` is the same for queries that differ in spaces and comments alone; `varies` says what is other
    when it is asked again. `tokens` are those without spaces and comments.
    """

    text: str
    form: Form | None
    graphs: tuple[str, ...] = ()
    undeclared: Mapping[str, int] = field(default_factory=dict)
    columns: tuple[str, ...] = ()
    normal: str = ""
    varies: Varies = "values"
    tokens: tuple[Token, ...] = ()

    @property
    def is_graph(self) -> bool:
        """Whether the answer is triples, not a table or a yes or no."""
        return self.form in ("CONSTRUCT", "DESCRIBE")

    @property
    def suffix(self) -> str:
        """The format that its answer is read in where nobody has chosen one."""
        return "ttl" if self.is_graph else "json"


def inspect(text: str, limits: Limits, base: str = "") -> Query:
    """What the tokens of a query tell; relative IRIs in FROM are resolved against `base`.

    Raises QueryRefused for SERVICE and for updates, BadQuery for a query that is too long, nested too deep,
    or has a string that does not end.

    >>> inspect("select * { ?s ?p 'SERVICE' } # SERVICE", Limits()).form
    'SELECT'
    >>> inspect("SELECT * { sErViCe<http://x/>{} }", Limits())
    Traceback (most recent call last):
    ldnkg.errors.QueryRefused: SERVICE is refused: this endpoint asks no other (line 1, column 12).
    """
    _refuse_length(text, limits.query_bytes)
    pieces = pieces_of(text)
    tokens = [token for token in pieces if token.kind != "space"]
    _refuse_depth(text, tokens, limits.nesting)
    may_say = _words(text)
    if may_say("SERVICE"):
        _refuse_service(text, tokens)
    prefixes, own_base, rest = _prologue(tokens, base)
    undeclared = _undeclared(rest, prefixes)
    form = _form(rest)
    if may_say("SERVICE"):
        _refuse_unclear(text, tokens)
    return Query(
        text,
        form,
        _graphs(rest, prefixes, own_base) if may_say("FROM") else (),
        undeclared,
        _columns(rest),
        normal(pieces),
        varies(rest, form),
        tuple(tokens),
    )


def _words(text: str) -> Callable[[str], bool]:
    """Tells whether a text may have a keyword somewhere: most queries need no closer look for most."""
    upper = (re.sub(ESCAPE, character, text) if "\\" in text else text).upper()
    return lambda word: word in upper


def _refuse_length(text: str, most: int) -> None:
    try:
        if len(text.encode()) > most:
            raise BadQuery(f"The query is longer than {most:,} bytes.")
    except UnicodeEncodeError:
        raise BadQuery("The query is not Unicode text: it has half of a surrogate pair.") from None


def _refuse_depth(text: str, tokens: Iterable[Token], most: int) -> None:
    depth = 0
    for token in tokens:
        if token.kind == "mark":
            depth += (token.text in "{([") - (token.text in "})]")
            if depth > most:
                raise fault(text, token.start, f"The query is nested more than {most} brackets deep")


def _refuse_service(text: str, tokens: list[Token]) -> None:
    """Also `SERVICEex:name {`, which the engine reads as the keyword and a name."""
    for before, token, after in zip([None, *tokens], tokens, [*tokens[1:], None], strict=False):
        glued = token.kind == "name" and "SERVICE" in token.text.partition(":")[0].upper()
        called = after is not None and after.text == "{" and not (before and before.keyword == "GRAPH")
        if "SERVICE" in token.keyword or (glued and called):
            line, column = place(text, token.start)
            raise QueryRefused(
                f"SERVICE is refused: this endpoint asks no other (line {line}, column {column})."
            )


def _refuse_unclear(text: str, tokens: list[Token]) -> None:
    """Refuse a query that holds the word and leaves the grammar: the engine may read it in another way.

    What is an IRI to us may be a comparison to it, with a comment behind that holds the quotes which begin a
    string here. While a query keeps to the grammar only one of both can stand there: the readings are one.
    """
    if Grammar().read(tokens):
        raise explained(text, "", {}, {})


def _prologue(tokens: Sequence[Token], base: str) -> tuple[dict[str, str], str, Sequence[Token]]:
    """The prefixes and the base that a query declares, and the tokens after them (section 4.1.1)."""
    prefixes: dict[str, str] = {}
    at = 0
    while True:
        match [token.keyword or token.kind for token in tokens[at : at + 3]]:
            case ["BASE", "iri", *_]:
                base = _resolve(tokens[at + 1].text, base)
                at += 2
            case ["PREFIX", "name", "iri"]:
                prefixes[tokens[at + 1].text.removesuffix(":")] = _resolve(tokens[at + 2].text, base)
                at += 3
            case _:
                return prefixes, base, tokens[at:]


def _resolve(reference: str, base: str) -> str:
    iri = reference[1:-1]
    if _ABSOLUTE.fullmatch(iri):
        return iri
    iri = re.sub(ESCAPE, character, iri)
    try:
        resolved = urljoin(base, iri)
        dropped = iri.endswith("#") and not resolved.endswith("#")  # urllib takes an empty fragment away
        return f"{resolved}#" if dropped else resolved
    except ValueError:  # no IRI that urllib can read, such as http://[
        return iri


def _form(tokens: Sequence[Token]) -> Form | None:
    first = tokens[0].keyword if tokens else ""
    for update in _UPDATES:
        if first.startswith(update):
            raise QueryRefused(f"{update} is refused: the graph is read-only here.")
    return next((form for form in get_args(Form) if first.startswith(form)), None)


def _graphs(tokens: Sequence[Token], prefixes: dict[str, str], base: str) -> tuple[str, ...]:
    """The graphs of FROM and FROM NAMED (section 13.2), also of `FROMex:name`, as the engine reads it."""
    found = []
    for at, token in enumerate(tokens):
        prefix = token.text.partition(":")[0]
        if re.search("FROM(NAMED)?$", token.keyword):
            behind = [each for each in tokens[at + 1 : at + 3] if each.keyword != "NAMED"]
            found += [_iri(each, prefixes, base) for each in behind[:1]]
        elif token.kind == "name" and prefix not in prefixes and re.match(_GLUED, prefix):
            found.append(_iri(token, prefixes, base))
    return tuple(dict.fromkeys(found))


def _iri(token: Token, prefixes: dict[str, str], base: str) -> str:
    if token.kind == "iri":
        return _resolve(token.text, base)
    prefix, _, local = token.text.partition(":")
    if prefix not in prefixes:
        prefix = re.sub(rf"{_GLUED}|(?i:^NAMED)", "", prefix)
    return prefixes.get(prefix, f"{prefix}:") + re.sub(r"\\(.)", r"\1", local)


def _undeclared(tokens: Iterable[Token], prefixes: Mapping[str, str]) -> dict[str, int]:
    found: dict[str, int] = {}
    for token in tokens:
        prefix = token.text.partition(":")[0]
        if token.kind == "name" and prefix != "_" and prefix not in prefixes:
            found.setdefault(prefix, token.start)
    return found


def _columns(tokens: Sequence[Token]) -> tuple[str, ...]:
    """The variables that `SELECT *` may give, as a reader expects their order: SPARQL leaves it open."""
    words = [token.keyword or token.text for token in tokens[:3]]
    if words[:2] == ["SELECT", "*"] or (words[:1] == ["SELECT"] and words[2:] == ["*"]):
        return tuple(dict.fromkeys(token.text[1:] for token in tokens if token.kind == "variable"))
    return ()


@dataclass(frozen=True)
class Prologue:
    """What a query declares: prefixes and base; `rest` are the tokens after that."""

    prefixes: Mapping[str, str]
    base: str
    rest: Sequence[Token]

    def iri(self, token: Token) -> str:
        """The IRI that a token means: one in angle brackets, or a prefixed name."""
        return _iri(token, dict(self.prefixes), self.base)


def prologue(tokens: Sequence[Token], base: str) -> Prologue:
    """What a query of these tokens declares; relative IRIs are resolved against `base`."""
    return Prologue(*_prologue(tokens, base))
