"""The shape of a query: its groups and triple patterns (SPARQL 1.1, sections 5, 18.2 and 19.8).

What cannot be read has no shape: that says nothing about whether the engine takes it. Time grows with the
number of tokens, which is bounded; depth with that of brackets, which `guard` has bounded.
"""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from itertools import pairwise
from typing import get_args

from pyoxigraph import Literal, NamedNode

from ldnkg.iris import PREFIXES
from ldnkg.query.grammar import symbol_of
from ldnkg.query.guard import Form, Prologue, prologue
from ldnkg.query.patterns import Bind, Filter, Group, Joint, Kind, Node, Part, Path, Pattern, Shape, Values
from ldnkg.query.reading import Reader, Scope, Unreadable
from ldnkg.query.tokens import Token, tokens_of

LONGEST, MOST_TOKENS = 20_000, 2_000
"""Characters and tokens of a query that has a shape."""

_RDF = PREFIXES["rdf"]
_FIRST, _REST, _NIL = NamedNode(_RDF + "first"), NamedNode(_RDF + "rest"), NamedNode(_RDF + "nil")
_SEARCHES = frozenset("REGEX CONTAINS STRSTARTS STRENDS".split())
_PARTS = ("OPTIONAL", "MINUS", "GRAPH", "FILTER", "BIND", "VALUES")
_MODIFIERS = ("GROUP", "HAVING", "ORDER", "LIMIT", "OFFSET", "VALUES")


def shape(text: str, base: str) -> Shape | None:
    """The shape of a query whose tokens `guard` has let pass; None if it is too long, or cannot be read."""
    return shape_of(tokens_of(text), base) if len(text) <= LONGEST else None


def shape_of(tokens: Sequence[Token], base: str) -> Shape | None:
    """The shape of a query of these tokens, as `shape` gives it."""
    if len(tokens) > MOST_TOKENS:
        return None
    with suppress(Unreadable, ValueError, RecursionError):  # ValueError: what is no IRI
        return _Groups(prologue(tokens, base)).query()
    return None


class _Groups(Reader):
    """Reads groups and their triples."""

    def __init__(self, declared: Prologue) -> None:
        super().__init__(declared)
        self._patterns = self._made = self._scopes = 0
        self._parts: list[Part] = []
        self._named: set[Joint] = set()  # the variables that AS gives a value
        self._trailing: list[Part] = []  # the VALUES behind the modifiers

    def query(self) -> Shape:
        """The shape of the whole query."""
        form = self._take().keyword
        template = self._skipped() if form == "CONSTRUCT" and self._is("{") else []
        head, _ = self._expression("{", *_MODIFIERS, "")
        has_body = self._is("{")
        if form not in get_args(Form) or not (has_body or form == "DESCRIBE"):
            raise Unreadable
        where = self._group("group") if has_body else Group("group", ())
        words, behind = self._modifiers()
        if self._at < len(self._tokens):
            raise Unreadable
        return Shape(
            Group(where.kind, (*where.parts, *self._trailing), where.seen),
            tuple(dict.fromkeys((*template, *head, *behind))),
            frozenset(self._named),
            ordered="ORDER" in words,
            limited="LIMIT" in words,
            grouped="GROUP" in words,
        )

    def _modifiers(self) -> tuple[set[str], list[Joint]]:
        """The words of the modifiers to the end of the SELECT, and the variables in them."""
        words: set[str] = set()
        joints: list[Joint] = []
        while self._at < len(self._tokens) and not self._is("}"):
            if self._is("VALUES"):
                self._trailing.append(self._values())
                continue
            words.add(self._take().keyword)
            joints += self._expression(*_MODIFIERS, "}", "")[0]
        return words, joints

    # ---------- Groups ----------

    def _group(self, kind: Kind) -> Group:
        """What stands between two braces."""
        self._take("{")
        if self._is("SELECT"):
            group = self._subquery()
        else:
            outer, self._parts = self._parts, []
            while not self._is("}"):
                self._part()
            group, self._parts = Group(kind, tuple(self._parts)), outer
        self._take("}")
        return group

    def _subquery(self) -> Group:
        """A subquery: the variables that it does not show are not those around it."""
        self._take("SELECT")
        outer, trailing, self._trailing = self._scope, self._trailing, []
        start = self._at
        self._expression("{")
        shown = None if self._is_star(start) else frozenset(self._projected(start))
        counts = any(symbol_of(each) == "aggregate" for each in self._tokens[start : self._at])
        self._scopes += 1
        self._scope = Scope(self._scopes, outer, shown)
        inner = self._group("group")
        behind = self._at
        words, _ = self._modifiers()
        rows = 1 if counts and "GROUP" not in words else self._limit(behind)
        parts = (*inner.parts, *self._trailing)
        self._scope, self._trailing = outer, trailing
        seen = inner.joints if shown is None else frozenset(outer.joint(each) for each in shown)
        return Group("select", parts, seen, rows)

    def _limit(self, start: int) -> int | None:
        """The number behind LIMIT, if one is among the tokens from one up to here."""
        for before, token in pairwise(self._tokens[start : self._at]):
            if before.keyword == "LIMIT" and token.text.isdecimal():
                return int(token.text[:18])
        return None

    def _is_star(self, start: int) -> bool:
        words = [each.keyword or each.text for each in self._tokens[start : start + 2]]
        return "*" in words[:1] or (words[0] in ("DISTINCT", "REDUCED") and words[1] == "*")

    def _projected(self, start: int) -> Iterator[str]:
        """The names that a SELECT shows, whose projection begins at a token and ends here."""
        depth = 0
        for number in range(start, self._at):
            token = self._tokens[number]
            if token.kind == "mark":
                depth += (token.text in "({[") - (token.text in ")}]")
            if token.kind == "variable" and (depth == 0 or self._tokens[number - 1].keyword == "AS"):
                yield token.text[1:]

    def _part(self) -> None:
        """One part of a group; a triples block is one part or more."""
        token = self._here
        word = token.keyword
        if self._is("{"):
            self._parts.append(self._union())
        elif word in ("OPTIONAL", "MINUS"):
            self._take()
            self._parts.append(self._of_kind("optional" if word == "OPTIONAL" else "minus"))
        elif word == "GRAPH":
            self._take()
            name = self._node()
            inner = self._group("graph")
            seen = inner.joints | ({name} if isinstance(name, Joint) else set())
            self._parts.append(Group("graph", (inner,) if inner.seen is not None else inner.parts, seen))
        elif word == "FILTER":
            self._take()
            self._parts.append(self._filter())
        elif word == "BIND":
            self._take()
            joints, groups = self._bracketed()
            self._parts.append(Bind(frozenset(joints), groups))
        elif word == "VALUES":
            self._parts.append(self._values())
        elif self._is("."):
            self._take()
        else:
            self._triples()

    def _of_kind(self, kind: Kind) -> Group:
        """A group behind a word; a subquery is one part of it."""
        group = self._group(kind)
        return Group(kind, (group,)) if group.kind == "select" else group

    def _union(self) -> Group:
        branches = [self._group("group")]
        while self._is("UNION"):
            self._take()
            branches.append(self._group("group"))
        return Group("union", tuple(branches)) if len(branches) > 1 else branches[0]

    def _values(self) -> Values:
        self._take("VALUES")
        joints, single = [], self._here.kind == "variable"
        if single:
            joints.append(self._joint(self._take()))
        else:
            self._take("(")
            while not self._is(")"):
                joints.append(self._joint(self._take()))
            self._take(")")
        self._take("{")
        rows, nodes = 0, []
        while not self._is("}"):
            token = self._take()
            rows += token.text == "(" or (
                single and token.kind not in ("language",) and token.text not in "^+-"
            )
            if token.kind in ("iri", "name") and self._tokens[self._at - 2].text != "^":
                nodes.append(self._iri(token))
        self._take("}")
        return Values(frozenset(joints), rows, tuple(nodes))

    # ---------- Expressions: only what they mention ----------

    def _filter(self) -> Filter:
        start = self._at
        if self._is("(") and self._here.kind == "mark":
            joints, groups = self._bracketed()
        else:
            joints, groups = [], ()
            while not groups and not self._is("("):
                if self._is("{"):
                    groups = (self._group("group"),)
                else:
                    self._take()
            if not groups:
                joints, groups = self._bracketed()
        tokens = self._tokens[start : self._at]
        words = {each.keyword for each in tokens}
        equal = any(
            each.kind == "mark" and each.text == "=" and (not number or tokens[number - 1].text not in "!<>")
            for number, each in enumerate(tokens)
        )
        return Filter(
            frozenset(joints),
            equal or bool(words & {"SAMETERM", "IN"}),
            bool(words & _SEARCHES),
            tuple(self._compared(start)),
            groups,
        )

    def _compared(self, start: int) -> Iterator[tuple[Joint, Literal]]:
        """`?x = "text"` in what was read since a token."""
        end = self._at
        for number in range(start, end - 2):
            first, mark, last = self._tokens[number : number + 3]
            before, behind = self._tokens[number - 1].text, self._tokens[min(number + 3, end - 1)].text
            if mark.text != "=" or before not in ("(", "&", "|"):
                continue
            if first.kind == "variable" and last.kind in ("string", "number"):
                self._at = number + 2
                literal = self._literal()
                yield self._joint(first), literal
                self._at = end
            elif first.kind in ("string", "number") and last.kind == "variable" and behind in (")", "&", "|"):
                self._at = number
                literal = self._literal()
                yield self._joint(last), literal
                self._at = end

    def _bracketed(self) -> tuple[list[Joint], tuple[Group, ...]]:
        """The variables between two round brackets, and the groups behind EXISTS."""
        self._take("(")
        found = self._expression(")")
        self._take(")")
        return found

    def _expression(self, *ends: str) -> tuple[list[Joint], tuple[Group, ...]]:
        """The variables up to one of these words or marks outside of brackets; `""`: up to the end, too."""
        joints: list[Joint] = []
        groups: list[Group] = []
        depth = 0
        while True:
            if self._at == len(self._tokens) and "" in ends and depth == 0:
                return joints, tuple(groups)
            token = self._here
            word = token.keyword or (token.text if token.kind == "mark" else " ")
            if depth == 0 and word in ends:
                return joints, tuple(groups)
            if word == "{":
                groups.append(self._group("group"))
                continue
            self._take()
            depth += (word == "(") - (word == ")")
            if token.kind == "variable":
                joints.append(self._joint(token))
                if self._tokens[self._at - 2].keyword == "AS":
                    self._named.add(joints[-1])

    def _skipped(self) -> list[Joint]:
        """The variables of a template."""
        self._take("{")
        joints, _ = self._expression("}")
        self._take("}")
        return joints

    # ---------- Triples ----------

    def _triples(self) -> None:
        subject = self._node()
        if not self._ends():
            self._properties(subject)

    def _ends(self) -> bool:
        """Whether no property comes next."""
        return (self._here.kind == "mark" and self._here.text in ".}]{") or self._here.keyword in _PARTS

    def _properties(self, subject: Node) -> None:
        while not self._ends():
            path = self._joint(self._take()) if self._here.kind == "variable" else self._path()
            self._add(subject, path, self._node())
            while self._is(","):
                self._take()
                self._add(subject, path, self._node())
            if not self._is(";"):
                return
            while self._is(";"):
                self._take()

    def _node(self) -> Node:
        token = self._here
        if token.kind == "variable":
            return self._joint(self._take())
        if token.kind == "mark" and token.text in ("[", "("):
            self._take()
            return self._blank() if token.text == "[" else self._list()
        if token.kind == "name" and token.text.startswith("_:"):
            return Joint(self._take().text)
        if token.kind in ("iri", "name"):
            return self._iri(self._take())
        return self._literal()

    def _blank(self) -> Joint:
        joint = self._new("[]")
        if not self._is("]"):
            self._properties(joint)
        self._take("]")
        return joint

    def _list(self) -> Node:
        first: Joint | None = None
        last: Joint | None = None
        while not self._is(")"):
            link = self._new("()")
            if last:
                self._pattern(last, _REST, link)
            first, last = first or link, link
            self._pattern(link, _FIRST, self._node())
        self._take(")")
        if last:
            self._pattern(last, _REST, _NIL)
        return first or _NIL

    def _new(self, sign: str) -> Joint:
        self._made += 1
        return Joint(f"{sign}{self._made}")

    def _add(self, subject: Node, path: Path | Node, object_: Node) -> None:
        """The patterns that a path stands for (section 18.2.2.4): one for each step."""
        if isinstance(path, Path) and path.sign == "^":
            self._add(object_, path.parts[0], subject)
        elif isinstance(path, Path) and path.sign == "/":
            for each in path.parts[:-1]:
                joint = self._new("/")
                self._add(subject, each, joint)
                subject = joint
            self._add(subject, path.parts[-1], object_)
        else:
            self._pattern(subject, path, object_)

    def _pattern(self, subject: Node, predicate: Path | Node, object_: Node) -> None:
        self._patterns += 1
        self._parts.append(Pattern(self._patterns, subject, predicate, object_))
