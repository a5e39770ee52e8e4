"""The grammar of SPARQL 1.1 queries, to tell where a query leaves it and what could stand there.

The engine says whether a query is right; where one goes wrong it only knows roughly, for it notes how far it
has looked ahead. So the query is read once more, by its tokens, with the productions of section 19.8. They
are LL(1): each next token has one way to go on. What only a meaning tells apart is left out (`scopes`).
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ldnkg.query.tokens import Token

_MANY = 99
_BY_COUNT = (
    (0, 0, "RAND NOW UUID STRUUID"),
    (0, 1, "BNODE"),
    (1, 1, "STR LANG DATATYPE BOUND IRI URI ABS CEIL FLOOR ROUND STRLEN UCASE LCASE ENCODE_FOR_URI"),
    (1, 1, "YEAR MONTH DAY HOURS MINUTES SECONDS TIMEZONE TZ MD5 SHA1 SHA256 SHA384 SHA512"),
    (1, 1, "ISIRI ISURI ISBLANK ISLITERAL ISNUMERIC SUBJECT PREDICATE OBJECT ISTRIPLE"),
    (1, 1, "LANGDIR HASLANG HASLANGDIR"),
    (1, 2, "ADJUST"),
    (2, 2, "LANGMATCHES CONTAINS STRSTARTS STRENDS STRBEFORE STRAFTER STRLANG STRDT SAMETERM"),
    (2, 3, "REGEX SUBSTR"),
    (3, 3, "IF TRIPLE STRLANGDIR"),
    (3, 4, "REPLACE"),
    (0, _MANY, "CONCAT COALESCE"),
)
FUNCTIONS = {name: (least, most) for least, most, names in _BY_COUNT for name in names.split()}
"""The functions of SPARQL 1.1, section 17.4, and those that the engine has of SPARQL 1.2: the least and the
most arguments of each."""

AGGREGATES = frozenset("COUNT SUM MIN MAX AVG SAMPLE GROUP_CONCAT".split())

END = "end"

_RULES = """
Query          = Prologue ( Select | Construct | Describe | Ask ) Values? end
Prologue       = ( BASE iri | PREFIX name iri )*
Select         = Projection Dataset* Where Modifiers
SubSelect      = Projection Where Modifiers Values?
Projection     = SELECT ( DISTINCT | REDUCED )? ( ( var | '(' Expression AS var ')' )+ | '*' )
Construct      = CONSTRUCT ( Template Dataset* Where | Dataset* WHERE Template ) Modifiers
Describe       = DESCRIBE ( ( var | Iri )+ | '*' ) Dataset* Where? Modifiers
Ask            = ASK Dataset* Where Modifiers
Dataset        = FROM NAMED? Iri
Where          = WHERE? Group
Modifiers      = ( GROUP BY Key+ )? ( HAVING Constraint+ )? ( ORDER BY Order+ )? Slice?
Key            = var | Builtin | Call | '(' Expression ( AS var )? ')'
Order          = var | ( ASC | DESC ) '(' Expression ')' | Constraint
Slice          = LIMIT number ( OFFSET number )? | OFFSET number ( LIMIT number )?
Values         = VALUES Data
Data           = var '{' Value* '}' | '(' var* ')' '{' ( '(' Value* ')' )* '}'
Value          = Iri | Literal | UNDEF
Group          = '{' ( SubSelect | Patterns ) '}'
Patterns       = Triples? ( Pattern '.'? Triples? )*
Pattern        = Group ( UNION Group )* | OPTIONAL Group | MINUS Group | GRAPH ( var | Iri ) Group
               | FILTER Constraint | BIND '(' Expression AS var ')' | Values
Template       = '{' Triples? '}'
Triples        = Subject ( '.' Triples? )?
Subject        = Term Properties | '(' ( ')' Properties | Node+ ')' Properties? )
               | '[' ( ']' Properties | Properties ']' Properties? )
Properties     = Verb Objects ( ';' ( Verb Objects )? )*
Verb           = var | Path
Objects        = Node ( ',' Node )*
Node           = Term | '(' Node* ')' | '[' Properties? ']'
Term           = var | Iri | Literal | bnode
Path           = Sequence ( '|' Sequence )*
Sequence       = Step ( '/' Step )*
Step           = '^'? ( Iri | a | '!' Negated | '(' Path ')' ) ( '?' | '*' | '+' )?
Negated        = Single | '(' ( Single ( '|' Single )* )? ')'
Single         = '^'? ( Iri | a )
Constraint     = '(' Expression ')' | Builtin | Call
Expression     = Both ( '|' '|' Both )*
Both           = Relation ( '&' '&' Relation )*
Relation       = Sum ( ( '=' | '!' '=' | '<' '='? | '>' '='? ) Sum | NOT? IN List )?
Sum            = Product ( ( '+' | '-' ) Product )*
Product        = Unary ( ( '*' | '/' ) Unary )*
Unary          = ( '!' | '+' | '-' )? Atom
Atom           = var | '(' Expression ')' | Builtin | Iri Arguments? | Literal
Builtin        = function Arguments | NOT? EXISTS Group
               | aggregate '(' DISTINCT? ( '*' | Expression ) ( ';' SEPARATOR '=' string )? ')'
Call           = Iri Arguments
Arguments      = '(' ( ')' | DISTINCT? Expression ( ',' Expression )* ')' )
List           = '(' ( Expression ( ',' Expression )* )? ')'
Literal        = string ( language | '^' '^' Iri )? | ( '+' | '-' )? number | TRUE | FALSE
Iri            = iri | name
"""

_KINDS = {"iri": "iri", "variable": "var", "string": "string", "number": "number", "language": "language"}


@dataclass(frozen=True)
class Node:
    """A piece of a rule: a symbol, a rule by its name, or other pieces in a row, as a choice or repeated."""

    kind: str
    name: str = ""
    parts: tuple["Node", ...] = ()


class Grammar:
    """The rules, ready to read tokens with."""

    def __init__(self) -> None:
        joined = re.sub(r"\n +\|", " |", _RULES.strip())
        pairs = (line.split("=", 1) for line in joined.splitlines())
        self._rules = {name.strip(): _Rule(text).choice() for name, text in pairs}
        self._starts: dict[Node, tuple[frozenset[str], bool]] = {}

    def keywords(self) -> frozenset[str]:
        """Every keyword of the rules."""
        return frozenset(re.findall(r"(?<![\w'])[A-Z]{2,}(?![\w'])", _RULES))

    def read(self, tokens: Sequence[Token]) -> tuple[int, frozenset[str]] | None:
        """The first token that cannot go on, by its number, and the symbols that could; None when all can.

        That number is the count of tokens when the query ends too early.
        """
        at, hoped = 0, frozenset[str]()
        stack = [Node("rule", "Query")]
        while stack:
            node = stack.pop()
            symbol = symbol_of(tokens[at]) if at < len(tokens) else END
            first, may_be_empty = self._start(node)
            if node.kind == "symbol" and symbol == node.name:
                at, hoped = at + 1, frozenset()
            elif symbol in first:
                stack += self._opened(node, symbol)
            elif may_be_empty:
                hoped |= first
                stack += self._opened(node, None)
            else:
                return at, hoped | first
        return None

    def _opened(self, node: Node, symbol: str | None) -> Iterator[Node]:
        """What has to be read for a node that begins with a symbol, last first; None: that is empty."""
        if node.kind == "rule":
            yield self._rules[node.name]
        elif node.kind == "row":
            yield from reversed(node.parts)
        elif node.kind == "choice":
            yield from (part for part in node.parts if symbol in self._start(part)[0])
        elif symbol:  # optional, repeated
            yield from (node, *node.parts) if node.kind == "repeated" else node.parts

    def _start(self, node: Node) -> tuple[frozenset[str], bool]:
        """The symbols that a node may begin with, and whether it may be empty."""
        if node not in self._starts:
            self._starts[node] = self._worked_out(node)
        return self._starts[node]

    def _worked_out(self, node: Node) -> tuple[frozenset[str], bool]:
        if node.kind == "symbol":
            return frozenset({node.name}), False
        first = frozenset[str]()
        if node.kind == "row":
            for part in node.parts:
                symbols, empty = self._start(part)
                first |= symbols
                if not empty:
                    return first, False
            return first, True
        parts = (self._rules[node.name],) if node.kind == "rule" else node.parts
        starts = [self._start(part) for part in parts]
        first = first.union(*(symbols for symbols, _ in starts))
        return first, node.kind in ("optional", "repeated") or any(empty for _, empty in starts)


class _Rule:
    """The right side of a rule, read from left to right."""

    def __init__(self, text: str) -> None:
        self._words = re.findall(r"'[^']+'|\w+|[()|?*+]", text)
        self._at = 0

    def choice(self) -> Node:
        rows = [self._row()]
        while self._next() == "|":
            self._at += 1
            rows.append(self._row())
        return rows[0] if len(rows) == 1 else Node("choice", parts=tuple(rows))

    def _row(self) -> Node:
        parts: list[Node] = []
        while self._next() not in ("", "|", ")"):
            parts += self._repeated(self._piece())
        return parts[0] if len(parts) == 1 else Node("row", parts=tuple(parts))

    def _piece(self) -> Node:
        word = self._next()
        self._at += 1
        if word == "(":
            inner = self.choice()
            self._at += 1
            return inner
        is_rule = re.fullmatch("[A-Z][a-z]+[A-Za-z]*", word)
        return Node("rule" if is_rule else "symbol", word.strip("'"))

    def _repeated(self, node: Node) -> tuple[Node, ...]:
        sign = self._next()
        if sign not in ("?", "*", "+") or not sign:
            return (node,)
        self._at += 1
        return {
            "?": (Node("optional", parts=(node,)),),
            "*": (Node("repeated", parts=(node,)),),
            "+": (node, Node("repeated", parts=(node,))),
        }[sign]

    def _next(self) -> str:
        return self._words[self._at] if self._at < len(self._words) else ""


def symbol_of(token: Token) -> str:
    """The symbol of the grammar that a token is: its kind, its mark, or its keyword in capitals.

    A word with an escape is none, as the engine reads it.
    """
    if token.kind == "name":
        return "bnode" if token.text.startswith("_:") else "name"
    if token.kind == "word" and "\\" not in token.text:
        word = "a" if token.text == "a" else token.keyword
        return "function" if word in FUNCTIONS else "aggregate" if word in AGGREGATES else word
    return _KINDS.get(token.kind, token.text)
