"""Faults of a query that follows the grammar: what variables, aggregates, IRIs and labels may not do.

Only asked about a query that the engine has refused, to say why (SPARQL 1.1, sections 11, 18.2 and 19.6).
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from pyoxigraph import NamedNode

from ldnkg.query.grammar import FUNCTIONS, symbol_of
from ldnkg.query.tokens import LETTERS, Token, bad_escape

_AFTER_GROUP = ("HAVING", "ORDER", "LIMIT", "OFFSET", "VALUES")


@dataclass(frozen=True)
class Fault:
    """What is wrong, and the offset of where."""

    start: int
    sentence: str


def first_fault(tokens: Sequence[Token], engine: str) -> Fault | None:
    """The first fault that is found; `engine` is the engine's message."""
    found = [*_names(tokens), *_escapes(tokens), *_grouping(tokens), *_aggregates(tokens)]
    found += [*_taken(tokens), *_labels(tokens), *_rows(tokens), *_arguments(tokens)]
    if "IRI parsing failed" in engine:
        found += _iris(tokens)
    return min(found, key=lambda each: each.start, default=None)


def _names(tokens: Sequence[Token]) -> Iterator[Fault]:
    for before, token in zip(tokens, tokens[1:], strict=False):
        if (
            before.keyword == "PREFIX"
            and token.kind == "name"
            and token.text.find(":") != len(token.text) - 1
        ):
            yield Fault(token.start, "A prefix is declared as a name and one colon behind it")
        if token.kind == "name" and token.text.startswith("_:") and ":" in token.text[2:]:
            yield Fault(token.start, "The label of a blank node has no second colon")


def _escapes(tokens: Sequence[Token]) -> Iterator[Fault]:
    for token in tokens:
        if token.kind in ("string", "iri") and "\\" in token.text:
            if found := bad_escape(token.text, LETTERS if token.kind == "string" else ""):
                yield Fault(token.start + found[0], found[1])


def _iris(tokens: Sequence[Token]) -> Iterator[Fault]:
    for token in tokens:
        if token.kind == "iri" and not _is_iri(token.text[1:-1]):
            yield Fault(token.start, f"{token.shown} is no IRI")


def _is_iri(text: str) -> bool:
    absolute = text if re.match("[A-Za-z][A-Za-z0-9+.-]*:", text) else f"http://a/{text}"
    try:
        NamedNode(absolute)
    except ValueError:
        return False
    return not re.search("%(?![0-9A-Fa-f]{2})", text)


def _grouping(tokens: Sequence[Token]) -> Iterator[Fault]:
    """Variables in SELECT that are neither grouped by nor inside an aggregate (section 11.4)."""
    for at, token in enumerate(tokens):
        if token.keyword != "SELECT":
            continue
        body = next(i for i in range(at, len(tokens)) if tokens[i].text == "{" and tokens[i].kind == "mark")
        shown, behind = tokens[at + 1 : body], list(_level(tokens, _closing(tokens, body) + 1))
        keys = _keys(behind)
        if not keys and not any(symbol_of(each) == "aggregate" for each in (*shown, *behind)):
            continue
        if any(each.text == "*" and depth == 0 for each, depth in _depths(shown)):
            yield Fault(token.start, "SELECT * cannot be grouped: list the variables that GROUP BY has")
            continue
        yield from _ungrouped(shown, {each.text[1:] for each in keys if each.kind == "variable"})


def _keys(behind: Sequence[Token]) -> list[Token]:
    """What stands in GROUP BY; of an expression only the name that AS gives it."""
    start = next((i + 2 for i, each in enumerate(behind) if each.keyword == "GROUP"), len(behind))
    keys = []
    for number, (token, depth) in enumerate(_depths(behind[start:])):
        if token.keyword in _AFTER_GROUP and depth == 0:
            break
        if depth == 0 or behind[start + number - 1].keyword == "AS":
            keys.append(token)
    return _single(behind[start : start + 3]) or keys


def _single(tokens: Sequence[Token]) -> list[Token]:
    """The variable of `( ?x )`, which is one in brackets."""
    alone = [each.text for each in tokens[::2]] == ["(", ")"] and tokens[1].kind == "variable"
    return [tokens[1]] if alone else []


def _ungrouped(shown: Sequence[Token], grouped: set[str]) -> Iterator[Fault]:
    known, inside = set(grouped), 0
    for number, (token, depth) in enumerate(_depths(shown)):
        if inside and depth < inside:
            inside = 0
        if not inside and symbol_of(token) == "aggregate":
            inside = depth + 1
        if token.kind == "variable":
            if shown[number - 1].keyword == "AS":
                known.add(token.text[1:])
            elif not (inside and depth >= inside) and token.text[1:] not in known:
                sentence = (
                    f"{token.shown} is not in GROUP BY: group by it, or say which value with an aggregate"
                    f" such as (SAMPLE({token.shown}) AS {token.shown}1)"
                )
                yield Fault(token.start, sentence)


def _aggregates(tokens: Sequence[Token]) -> Iterator[Fault]:
    """Aggregates in FILTER and BIND, where there are no groups yet (section 19.8, note 11)."""
    clauses = ["SELECT"]
    for token in tokens:
        if token.text == "{" and token.kind == "mark":
            clauses.append("")
        elif token.text == "}" and token.kind == "mark":
            clauses.pop()
        elif token.keyword in ("FILTER", "BIND", "SELECT", "HAVING", "ORDER", "GROUP"):
            clauses[-1] = token.keyword
        elif symbol_of(token) == "aggregate" and clauses[-1] in ("FILTER", "BIND", "GROUP"):
            name = token.keyword
            sentence = f"{name} cannot stand in {clauses[-1]}: use HAVING behind GROUP BY, or a subquery"
            yield Fault(token.start, sentence)


def _taken(tokens: Sequence[Token]) -> Iterator[Fault]:
    """Names that AS gives although they have a value already (sections 18.2.1 and 18.2.4.4)."""
    seen: list[set[str]] = [set()]
    for number, token in enumerate(tokens):
        if token.text == "{" and token.kind == "mark":
            seen.append(set())
        elif token.text == "}" and token.kind == "mark":
            inner = seen.pop()
            seen[-1] |= inner
        elif token.kind == "variable":
            name = token.text[1:]
            if tokens[number - 1].keyword == "AS" and name in seen[-1]:
                yield Fault(token.start, f"{token.shown} has a value already: give another name")
            seen[-1].add(name)


def _labels(tokens: Sequence[Token]) -> Iterator[Fault]:
    """Labels of blank nodes that two groups of patterns share (section 5.1.1)."""
    groups, last = [0], 0
    first: dict[str, int] = {}
    for token in tokens:
        opens = token.kind == "mark" and token.text == "{"
        if opens or token.keyword in ("OPTIONAL", "GRAPH", "UNION", "MINUS"):
            last += 1
            groups[-1:] = [last, last] if opens else [last]
        elif token.kind == "mark" and token.text == "}":
            groups.pop()
            last += 1
            groups[-1:] = [last]
        elif symbol_of(token) == "bnode" and first.setdefault(token.text, groups[-1]) != groups[-1]:
            yield Fault(token.start, f"{token.shown} is used in another group already: take a variable")


def _rows(tokens: Sequence[Token]) -> Iterator[Fault]:
    """Rows of VALUES that do not have as many values as there are variables (section 10.2)."""
    for at, token in enumerate(tokens):
        if token.keyword != "VALUES" or tokens[at + 1].text != "(":
            continue
        head = _closing(tokens, at + 1)
        for number in range(head + 2, _closing(tokens, head + 1)):
            if tokens[number].text == "(" and tokens[number].kind == "mark":
                row = tokens[number + 1 : _closing(tokens, number)]
                found = sum(each.kind != "language" and each.text not in "^+-" for each in row)
                found -= sum(each.text == "^" for each in row) // 2
                if found != head - at - 2:
                    yield Fault(
                        tokens[number].start, f"This row has {found} values for {head - at - 2} variables"
                    )


def _arguments(tokens: Sequence[Token]) -> Iterator[Fault]:
    """Calls with too few or too many arguments (section 17.4)."""
    for at, token in enumerate(tokens):
        if token.keyword in FUNCTIONS and tokens[at + 1].text == "(":
            least, most = FUNCTIONS[token.keyword]
            inside = tokens[at + 2 : _closing(tokens, at + 1)]
            commas = sum(each.text == "," and depth == 0 for each, depth in _depths(inside))
            found = commas + bool(inside)
            if not least <= found <= most:
                wanted = f"{least}" if least == most else f"{least} to {most}"
                yield Fault(
                    token.start,
                    f"{token.keyword} takes {wanted} argument{'s' * (wanted != '1')}, and has {found}",
                )


def _depths(tokens: Iterable[Token]) -> Iterator[tuple[Token, int]]:
    """Each token with how many brackets it is in."""
    depth = 0
    for token in tokens:
        if token.kind == "mark" and token.text in ")]}":
            depth -= 1
        yield token, depth
        if token.kind == "mark" and token.text in "([{":
            depth += 1


def _level(tokens: Sequence[Token], start: int) -> Iterator[Token]:
    """The tokens from `start` to the end of the group that they are in."""
    for token, depth in _depths(_from(tokens, start)):
        if depth < 0:
            return
        yield token


def _closing(tokens: Sequence[Token], opening: int) -> int:
    """The number of the bracket that closes the one with the number `opening`."""
    for number, (_, depth) in enumerate(_depths(_from(tokens, opening))):
        if number and depth == 0:
            return opening + number
    return len(tokens)


def _from(tokens: Sequence[Token], start: int) -> Iterator[Token]:
    """The tokens from a number on, not copied: a query may have many brackets."""
    return (tokens[number] for number in range(start, len(tokens)))
