"""The usual mistakes: how the place where a query leaves the grammar looks, and what to write instead."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from ldnkg.query.grammar import AGGREGATES, FUNCTIONS, Grammar, symbol_of
from ldnkg.query.tokens import ESCAPE, Token, bad_escape, place, short, unended

_EXPRESSION = frozenset("var iri name string number TRUE FALSE function aggregate ( ! + - NOT EXISTS".split())
_GROUPS: tuple[tuple[frozenset[str], str], ...] = (
    (_EXPRESSION, "an expression"),
    (frozenset("var iri name bnode string number TRUE FALSE ( [ + -".split()), "a term"),
    (frozenset("var iri name a ! ^ (".split()), "a property"),
    (frozenset("{ OPTIONAL MINUS GRAPH FILTER BIND VALUES".split()), "a pattern such as FILTER or OPTIONAL"),
    (frozenset("= ! < > NOT IN".split()), "a comparison"),
    (frozenset("* / + -".split()), "arithmetic"),
    (frozenset("( function aggregate NOT EXISTS iri name".split()), "a condition in brackets"),
    (frozenset("iri name".split()), "an IRI"),
)
_NAMES = {
    "var": "a variable",
    "string": "a string",
    "number": "a number",
    "language": "a language tag",
    "bnode": "a blank node",
    "function": "a function",
    "aggregate": "an aggregate such as COUNT",
    "iri": "an IRI in angle brackets",
    "name": "a prefixed name",
    "end": "the end of the query",
}
_LOOKALIKES = str.maketrans("“”„«»‘’‚´−–—‐", '"' * 5 + "'" * 4 + "-" * 4)
_FORMS = ("SELECT", "ASK", "CONSTRUCT", "DESCRIBE", "PREFIX", "BASE")
_ESCAPED = re.compile(r"&(lt|gt|amp|quot|#[0-9]+|#x[0-9A-Fa-f]+);")
BARE = "An IRI stands in angle brackets, such as <http://example.org/a>"
_CLOSING = {"{": "}", "(": ")", "[": "]"}


@dataclass(frozen=True)
class Stop:
    """Where the grammar is left: the tokens, the number of the one that does not fit, and what would."""

    text: str
    tokens: Sequence[Token]
    at: int
    expected: frozenset[str]

    @property
    def here(self) -> Token:
        """The token that does not fit; an empty one at the end of the query."""
        if self.at < len(self.tokens):
            return self.tokens[self.at]
        return Token("end", "", len(self.text.rstrip()))

    def around(self, distance: int) -> Token:
        """The token so many before or behind; an empty one where there is none."""
        at = self.at + distance
        return self.tokens[at] if 0 <= at < len(self.tokens) else Token("end", "", len(self.text))


def told(expected: frozenset[str]) -> tuple[str, ...]:
    """Symbols of the grammar in words for people, what belongs together in one.

    >>> told(frozenset({"iri", "name", "}"}))
    ('an IRI', '}')
    """
    left, words = set(expected), []
    for group, word in _GROUPS:
        if group <= expected and group & left:
            words.append(word)
            left -= group
    words += sorted(_NAMES[each] for each in left if each in _NAMES)
    return (*words, *sorted(each for each in left if each not in _NAMES))


def where(stop: Stop) -> Token:
    """The token to point at: that of the mistake, which may be one before the one that does not fit."""
    if _ESCAPED.match(stop.text, stop.around(-1).start) or _strings(stop):
        return stop.around(-1)
    return stop.here


def sentence(stop: Stop) -> str:
    """The usual mistake that this is, else what stands where what should."""
    rules = (
        _spelt_out,
        _characters,
        _escaped,
        _strings,
        _iris,
        _prologue,
        _misspelt,
        _brackets,
        _operators,
        _lists,
        _triples,
        _several,
    )
    for rule in rules:
        if found := rule(stop):
            return found
    here = f"“{stop.here.shown}” stands" if stop.here.text else "The query ends"
    return f"{here} where {_either(told(stop.expected))} should be"


def _either(words: Sequence[str]) -> str:
    return (
        " or ".join(filter(None, [", ".join(words[:-1]), words[-1]])) if len(words) < 9 else "something else"
    )


def _spelt_out(stop: Stop) -> str | None:
    """A word, a variable or a name with a character spelt by its number (section 19.2)."""
    token = stop.around(1) if stop.here.text in ("?", "$") else stop.here
    found = re.search(ESCAPE, token.text) if token.kind == "word" else None
    if not found:
        return None
    if token.keyword in Grammar().keywords() | FUNCTIONS.keys() | AGGREGATES:
        return f"A keyword cannot be spelt with an escape such as {found[0]}: write {token.keyword}"
    return f"An escape such as {found[0]} can stand in strings and in IRIs in angle brackets only"


def _characters(stop: Stop) -> str | None:
    """Characters that only look like those of SPARQL, or that cannot be seen."""
    here = stop.here.text
    if here.isascii():
        return None
    plain = unicodedata.normalize("NFKC", here).translate(_LOOKALIKES)
    shown = f"{short(here)} (U+{ord(here[0]):04X} {unicodedata.name(here[0], 'without a name')})"
    if plain.isascii() and plain.isprintable() and plain.strip():
        return f"The character {shown} only looks right: write {short(plain)}"
    if plain.isspace():
        return f"The character {shown} is no space here: write an ordinary one"
    return f"The character {shown} cannot stand here" if stop.here.kind == "mark" else None


def _escaped(stop: Stop) -> str | None:
    for token in (stop.here, stop.around(-1)):
        if found := _ESCAPED.match(stop.text, token.start):
            return f"The query is escaped for HTML: send the character itself and not {found[0]}"
    return None


def _strings(stop: Stop) -> str | None:
    """Three quotes whose end is missing, which are read as an empty string and another."""
    before = stop.around(-1)
    glued = before.start + len(before.text) == stop.here.start
    return unended(before, stop.here.text) if glued else None


def _iris(stop: Stop) -> str | None:
    if stop.here.kind == "name" and stop.text.startswith("//", stop.here.start + len(stop.here.text)):
        return BARE
    if stop.here.text == "<" and "iri" in stop.expected:
        inside = re.match(r'[^<>"{}|^`\x00-\x20]*', stop.text[stop.here.start + 1 :])
        if inside and (wrong := bad_escape(inside[0], "")):
            return f"The IRI that begins here is none. {wrong[1]}"
        return "The IRI that begins here does not end, or has a space, a quote or a brace in it"
    if stop.here.text == "<>" and "=" in stop.expected:
        return "Unequal is written !="
    return None


def _prologue(stop: Stop) -> str | None:
    if stop.here.text.lower() in ("@prefix", "@base"):
        return f"SPARQL declares with {stop.here.text[1:].upper()}, without @ and without a dot at the end"
    if stop.here.text == "." and stop.around(-1).kind == "iri" and "PREFIX" in stop.expected:
        return "No dot follows a declaration in SPARQL"
    if stop.around(-1).keyword == "PREFIX" and stop.here.kind == "word":
        return f"A prefix is declared with a colon: PREFIX {stop.here.shown}: <…>"
    return None


def _misspelt(stop: Stop) -> str | None:
    """A word that is no keyword or function, beside those it may stand for."""
    word = stop.here.keyword
    known = Grammar().keywords() | FUNCTIONS.keys() | AGGREGATES
    if not word or word in known:
        return None
    called = stop.around(1).text == "(" and "function" in stop.expected
    among = FUNCTIONS.keys() | AGGREGATES if called else frozenset(filter(str.isupper, stop.expected))
    near = get_close_matches(word, sorted(among), 2, 0.7)
    hint = f": is {' or '.join(near)} meant?" if near else ""
    if called:
        return f"There is no function {stop.here.shown}{hint}"
    if word in ("AND", "OR") and "&" in stop.expected:
        return f"{word} is written {'&&' if word == 'AND' else '||'}"
    return f"“{stop.here.shown}” is no word of SPARQL{hint}" if near else None


def _brackets(stop: Stop) -> str | None:
    """Brackets that are not closed, or not opened."""
    opened: list[Token] = []
    for token in stop.tokens[: stop.at]:
        if token.kind == "mark" and token.text in _CLOSING:
            opened.append(token)
        elif token.kind == "mark" and token.text in _CLOSING.values():
            opened.pop()
    closing = stop.here.text in _CLOSING.values() or not stop.here.text
    if stop.here.text and closing and all(_CLOSING[each.text] != stop.here.text for each in opened):
        return _closes_nothing(stop, opened)
    if closing and opened and _CLOSING[opened[-1].text] in stop.expected:
        line, column = place(stop.text, opened[-1].start)
        return f"The {opened[-1].text} of line {line}, column {column} is not closed"
    if stop.around(-1).keyword in ("FILTER", "HAVING", "BIND") and "(" in stop.expected:
        word = stop.around(-1).keyword
        return f"{word} takes an expression in brackets: {word}({'1 AS ?x' if word == 'BIND' else '?x = 1'})"
    if stop.around(-1).keyword in ("OPTIONAL", "MINUS", "UNION") and "{" in stop.expected:
        return f"{stop.around(-1).keyword} takes patterns in braces: {stop.around(-1).keyword} {{ … }}"
    return None


def _closes_nothing(stop: Stop, opened: Sequence[Token]) -> str:
    here = stop.here.text
    (opening,) = (each for each, other in _CLOSING.items() if other == here)
    said = f"This {here} closes nothing: it is one too many"
    if not opened or (meant := _CLOSING[opened[-1].text]) not in stop.expected:
        return f"{said}, or a {opening} is missing before it"
    line, column = place(stop.text, opened[-1].start)
    return (
        f"{said}, a {opening} is missing before it, or {meant} is meant, for the {opened[-1].text} of "
        f"line {line}, column {column}"
    )


def _operators(stop: Stop) -> str | None:
    here, before = stop.here.text, stop.around(-1).text
    if here == before == "=":
        return "Equal is written with one ="
    if before in ("&", "|") and before in stop.expected:
        return f"{'And' if before == '&' else 'Or'} is written {before * 2}"
    if here == ")" and "AS" in stop.expected and "," not in stop.expected:
        return "An expression needs a name here, such as (COUNT(?x) AS ?count)"
    return None


def _lists(stop: Stop) -> str | None:
    if stop.here.text == "," and "var" in stop.expected:
        return "Variables are listed without commas"
    if symbol_of(stop.here) in ("aggregate", "function") and {"var", "("} <= stop.expected <= {
        "var", "(", "*", "DISTINCT", "REDUCED", "FROM", "WHERE", "{"
    }:  # fmt: skip
        return f"An expression in SELECT stands in brackets with a name: ({stop.here.text}(…) AS ?name)"
    return None


def _triples(stop: Stop) -> str | None:
    """Triples without their end, or not whole."""
    starts = symbol_of(stop.here) in {"var", "iri", "name", "bnode", "string", "number", "a", "["}
    if starts and {".", ";", ","} <= stop.expected:
        return "A . is missing before this, between two triples, or a ; where the subject stays the same"
    if stop.here.text in ("}", ".", ";", ",", ""):
        if {"string", "bnode", "["} <= stop.expected and "}" not in stop.expected:
            return "The triple is not whole: its object is missing"
        if {"a", "^"} <= stop.expected:
            return "The triple is not whole: its property and object are missing"
    return None


def _several(stop: Stop) -> str | None:
    word = stop.here.keyword
    if "end" in stop.expected and (word in _FORMS or stop.here.text == ";"):
        return "One request asks one query: another begins here"
    if "end" in stop.expected and word in ("GROUP", "HAVING", "ORDER", "LIMIT", "OFFSET"):
        return "The order is GROUP BY, HAVING, ORDER BY, then LIMIT and OFFSET"
    return None
