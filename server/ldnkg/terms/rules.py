"""What a shape demands, in words (SHACL, section 4: the constraint components)."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from pyoxigraph import BlankNode, Literal, NamedNode

from ldnkg.counts import Term
from ldnkg.iris import PREFIXES
from ldnkg.terms.paths import path_pieces
from ldnkg.terms.words import Piece, Words, joined, term

ANY = "any number"
"""The cardinality of what may be absent and may be repeated."""
_DEEP = 16
_NUMBERS = "zero one two three four five six seven eight nine ten eleven twelve".split()
_KINDS = {
    "IRI": "an IRI",
    "BlankNode": "a blank node",
    "Literal": "a literal",
    "BlankNodeOrIRI": "an IRI or a blank node",
    "BlankNodeOrLiteral": "a literal or a blank node",
    "IRIOrLiteral": "an IRI or a literal",
}
_SIMPLE = {
    "sh:class": "a",
    "sh:datatype": "",
    "sh:hasValue": "has the value",
    "sh:minInclusive": "from",
    "sh:minExclusive": "above",
    "sh:maxInclusive": "to",
    "sh:maxExclusive": "below",
    "sh:minLength": "characters at least",
    "sh:maxLength": "characters at most",
    "sh:pattern": "matches",
    "sh:flags": "with the flags",
    "sh:equals": "the same as",
    "sh:disjoint": "none shared with",
    "sh:lessThan": "less than",
    "sh:lessThanOrEquals": "at most that of",
}
_LISTS = {"sh:in": "one of", "sh:languageIn": "in one of the languages"}
_JOINED = {"sh:and": "all of", "sh:or": "at least one of", "sh:xone": "just one of"}
_TOLD = frozenset(
    term(name)
    for name in (
        *_SIMPLE,
        *_LISTS,
        *_JOINED,
        *("sh:not sh:node sh:nodeKind sh:uniqueLang sh:closed sh:ignoredProperties sh:property").split(),
        *("sh:qualifiedValueShape sh:qualifiedMinCount sh:qualifiedMaxCount").split(),
        *("sh:qualifiedValueShapesDisjoint sh:minCount sh:maxCount sh:path sh:name sh:message").split(),
        *(
            "sh:description sh:severity sh:deactivated sh:order sh:group sh:sparql sh:rule sh:defaultValue"
        ).split(),
        *("sh:targetClass sh:targetNode sh:targetSubjectsOf sh:targetObjectsOf sh:prefixes").split(),
        *("rdf:type rdfs:label rdfs:comment rdfs:isDefinedBy skos:prefLabel skos:definition").split(),
        *("dash:propertyRole dash:viewer dash:editor").split(),
    )
)
"""What is told elsewhere, or demands nothing."""


@dataclass(frozen=True)
class Rule:
    """One demand on values: `a` Keeper, `from` 0, `one of` these, `none of` other shapes' demands.

    The words may be empty. `parts` are the demands of shapes that are joined.
    """

    words: str
    values: tuple[Piece, ...] = ()
    parts: tuple[tuple["Rule", ...], ...] = ()


def rules(words: Words, shape: Term) -> tuple[Rule, ...]:
    """What a shape demands of its values, but for how many there are; see `cardinality`."""
    return _Reader(words, shape).rules(shape)


class _Reader:
    """Reads one shape, with the shapes without a name that hang from it: each once, as deep as _DEEP."""

    def __init__(self, words: Words, shape: Term) -> None:
        self._words, self._shape = words, shape
        self._seen: set[Term] = set()
        self._depth = 0

    def rules(self, shape: Term) -> tuple[Rule, ...]:
        """What a shape demands, in the order of the specification."""
        if shape in self._seen or self._depth > _DEEP:
            return (Rule("…"),)
        self._seen.add(shape)
        self._depth += 1
        found = (*self._simple(shape), *self._shaped(shape), *self._unknown(shape))
        self._depth -= 1
        return found

    def _simple(self, shape: Term) -> Iterator[Rule]:
        """Demands on the values themselves."""
        words = self._words
        for name, said in _SIMPLE.items():
            yield from (Rule(said, words.written(value)) for value in words.values(shape, name))
        for kind in words.nodes(shape, "sh:nodeKind"):
            told = _KINDS.get(kind.value.removeprefix(PREFIXES["sh"]))
            yield Rule(told) if told else Rule("of the kind", (kind,))
        for name, said in _LISTS.items():
            for value in words.values(shape, name):
                yield Rule(said, joined(", ", map(words.written, words.members(value))))
        if any(_is_true(each) for each in words.values(shape, "sh:uniqueLang")):
            yield Rule("one value a language")

    def _shaped(self, shape: Term) -> Iterator[Rule]:
        """Demands that are made by way of other shapes."""
        words = self._words
        for value in words.values(shape, "sh:node"):
            lists = schemes(words, value)
            yield Rule("from the list", _row(lists)) if lists else self._by("conforms to", [value])
        yield from (self._by("not", [value]) for value in words.values(shape, "sh:not"))
        for name, said in _JOINED.items():
            for value in words.values(shape, name):
                yield self._by(said, words.members(value))
        for value in words.values(shape, "sh:qualifiedValueShape"):
            least, most = (words.values(shape, f"sh:qualified{end}Count") for end in ("Min", "Max"))
            yield self._by(f"{_amount(least, most)} of which:", [value])
        if shape != self._shape or isinstance(shape, BlankNode):
            yield from (self._part(each) for each in words.values(shape, "sh:property"))

    def _unknown(self, shape: Term) -> Iterator[Rule]:
        """Components that the specification does not have, as they are written."""
        for property_, values in self._words.said(shape).items():
            for value in values if property_ not in _TOLD else ():
                yield Rule("", (property_, " ", *self._words.written(value)))

    def _by(self, said: str, shapes: Iterable[Term]) -> Rule:
        """A demand that shapes make: those with a name are named, the demands of others stand here."""
        named: list[NamedNode] = []
        parts: list[tuple[Rule, ...]] = []
        for each in shapes:
            if isinstance(each, NamedNode):
                named.append(each)
            else:
                parts.append((self._part(each),) if self._words.values(each, "sh:path") else self.rules(each))
        return Rule(said, _row(named), tuple(parts))

    def _part(self, shape: Term) -> Rule:
        """A demand on the values of a path."""
        path = self._words.values(shape, "sh:path")
        if isinstance(shape, NamedNode) or not path:
            return Rule("has", self._words.written(shape))
        inner = self.rules(shape)
        parts = (inner,) if inner else ()
        return Rule(cardinality(self._words, shape), path_pieces(self._words, path[0]), parts)


def schemes(words: Words, shape: Term) -> list[NamedNode]:
    """The closed lists that the values of a shape must be in, if that is what it demands."""
    found: list[NamedNode] = []
    for part in [*words.values(shape, "sh:property"), shape]:
        if words.values(part, "sh:path") == [term("skos:inScheme")]:
            found += words.nodes(part, "sh:hasValue")
            for each in words.values(part, "sh:in"):
                found += [value for value in words.members(each) if isinstance(value, NamedNode)]
    return found


def cardinality(words: Words, shape: Term) -> str:
    """How many values there are, in words: `exactly one`, `at least two`, `any number`."""
    return _amount(words.values(shape, "sh:minCount"), words.values(shape, "sh:maxCount"))


def _amount(least: Iterable[Term], most: Iterable[Term]) -> str:
    """How many, between two counts that may be missing; where there are several, the strictest counts."""
    low = max(_counts(least), default=0)
    high = min(_counts(most), default=None)
    if high is None:
        return f"at least {_number(low)}" if low else ANY
    if high == 0:
        return "none"
    if low == high:
        return f"exactly {_number(low)}"
    return f"{_number(low)} to {_number(high)}" if low else f"at most {_number(high)}"


def _counts(values: Iterable[Term]) -> list[int]:
    return [int(each.value) for each in values if isinstance(each, Literal) and each.value.isdecimal()]


def _number(count: int) -> str:
    return _NUMBERS[count] if count < len(_NUMBERS) else f"{count:,}"


def _row(nodes: Iterable[NamedNode]) -> tuple[Piece, ...]:
    return joined(", ", ((each,) for each in nodes))


def _is_true(value: Term) -> bool:
    return isinstance(value, Literal) and value.value in ("true", "1")
