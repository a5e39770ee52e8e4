"""A query's shape in words: what each pattern may cost, what joins them, and what looks like a mistake.

Nothing here runs the query. Numbers are those of the whole dataset, also where the query asks a part of it.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from math import prod
from typing import Literal as Choice

from pyoxigraph import Literal, NamedNode

from ldnkg.errors import BadQuery
from ldnkg.query.apart import apart
from ldnkg.query.cost import cost
from ldnkg.query.estimates import Estimate, Estimates
from ldnkg.query.faults import explained
from ldnkg.query.grammar import Grammar
from ldnkg.query.guard import Query
from ldnkg.query.patterns import Bind, Filter, Group, Joint, Path, Pattern, Shape, Values
from ldnkg.query.shape import LONGEST, MOST_TOKENS, shape
from ldnkg.query.tallies import Use
from ldnkg.query.tokens import tokens_of

MANY = 10_000
"""Rows from which on it matters how a query is written."""
_MOST = 20
"""So many notices are given; who has more will see to these first."""


@dataclass(frozen=True)
class Told:
    """A triple pattern, how many triples fit it alone, and which variables join it to which others."""

    pattern: Pattern
    estimate: Estimate
    joins: tuple[tuple[str, tuple[int, ...]], ...]


@dataclass(frozen=True)
class Notice:
    """What may be slow, or not what was meant; `patterns` are the numbers of those that it is about.

    A `warning` may cost the time that a query has; a `note` is smaller.
    """

    kind: Choice["product", "path", "order", "search", "minus", "unbound", "cost", "known"]
    level: Choice["warning", "note"]
    sentence: str
    patterns: tuple[int, ...] = ()


@dataclass(frozen=True)
class Explanation:
    """The patterns of a query in the order of writing, and what there is to say about them."""

    patterns: tuple[Told, ...]
    notices: tuple[Notice, ...]


def sound_shape(query: Query, base: str, prefixes: Mapping[str, str]) -> Shape:
    """The shape of a query that has not run; raises BadQuery where it leaves the grammar, or is too long."""
    if len(query.text) <= LONGEST:
        tokens = tokens_of(query.text)
        if len(tokens) <= MOST_TOKENS and (query.undeclared or Grammar().read(tokens)):
            raise explained(query.text, "", query.undeclared, prefixes)
    found = shape(query.text, base)
    if found is None:
        raise BadQuery(
            f"This query cannot be explained: it has more than {MOST_TOKENS:,} words or "
            f"{LONGEST:,} characters, or is written in a way that only the engine reads. "
            "It may run all the same."
        )
    return found


def explain(
    shape_: Shape, estimates: Estimates, uses: Mapping[NamedNode, Use] | None = None, *, known: bool = False
) -> Explanation:
    """What the shape of a query tells, by these estimates and how properties are used.

    `known` says that the release has counted the answer.
    """
    patterns = shape_.patterns
    counted = {each.number: estimates.of(each) for each in patterns}
    holders: dict[Joint, list[int]] = {}
    for each in patterns:
        for joint in each.joints:
            holders.setdefault(joint, []).append(each.number)
    told = tuple(Told(each, counted[each.number], _joins(each, holders)) for each in patterns)
    first = _known() if known else _cost(shape_, counted, uses or {})
    notices = chain(
        _products(shape_, counted),
        _paths(shape_),
        _order(shape_, counted),
        _searches(shape_, counted),
        _minus(shape_),
        _unbound(shape_),
    )
    return Explanation(told, (*first, *islice(notices, _MOST)))


def _joins(
    pattern: Pattern, holders: Mapping[Joint, Sequence[int]]
) -> tuple[tuple[str, tuple[int, ...]], ...]:
    """The variables that the pattern shares, in the order of their names, and with which others."""
    others = {
        joint.name: tuple(each for each in holders[joint] if each != pattern.number)
        for joint in pattern.joints
    }
    return tuple(sorted((name, numbers) for name, numbers in others.items() if numbers))


def _known() -> Iterator[Notice]:
    yield Notice("known", "note", "The release has counted this: the graph is not read.")


def _cost(shape_: Shape, counted: Mapping[int, Estimate], uses: Mapping[NamedNode, Use]) -> Iterator[Notice]:
    """What the first run reads, where that is much."""
    found = cost(shape_, counted, uses)
    if found and found.sentence:
        yield Notice("cost", "note", found.sentence)


def _products(shape_: Shape, counted: Mapping[int, Estimate]) -> Iterator[Notice]:
    """Parts of one group that nothing joins: each row of one goes with each of the other."""
    for found in apart(shape_.where, counted):
        numbers = [each for part in found.parts for each in part.patterns]
        sizes = [part.size for part in found.parts]
        known = [each for each in sizes if each is not None]
        rows = prod(known)
        product = " × ".join(f"{each:,}" for each in known)
        about = f" (by the smallest count of each, {product} = {rows:,})" if len(known) == len(sizes) else ""
        listed = " and ".join(_numbered(part.patterns) if part.patterns else "VALUES" for part in found.parts)
        if found.by_filter:
            yield Notice(
                "product",
                "note",
                f"Only a filter joins {listed}: each row of one is tried with each of the other{about}.",
                tuple(numbers),
            )
        else:
            small = len(known) == len(sizes) and rows < MANY
            yield Notice(
                "product",
                "note" if small else "warning",
                f"A cartesian product: {listed} share no variable, so that each row of one goes "
                f"with each row of the other{about}.",
                tuple(numbers),
            )


def _paths(shape_: Shape) -> Iterator[Notice]:
    """Paths of any length whose ends nothing else fixes."""
    for pattern in shape_.patterns:
        path = pattern.predicate
        if not isinstance(path, Path) or not path.is_endless:
            continue
        ends = {pattern.subject, pattern.object}
        others = (each for each in shape_.parts if each is not pattern and not isinstance(each, Group))
        joined = {joint for each in others if not isinstance(each, Filter) for joint in each.joints}
        if any(isinstance(each, NamedNode | Literal) or each in joined for each in ends):
            continue
        yield Notice(
            "path",
            "warning",
            f"{_numbered([pattern.number], capital=True)} is a path of any length with both ends open: it is "
            "followed from every node. Fix one end, or join it to another pattern.",
            (pattern.number,),
        )


def _order(shape_: Shape, counted: Mapping[int, Estimate]) -> Iterator[Notice]:
    smallest = _smallest(shape_.where, counted)
    if shape_.ordered and not shape_.limited and not shape_.grouped and smallest and smallest >= MANY:
        yield Notice(
            "order",
            "warning",
            "ORDER BY without LIMIT: all rows are found and sorted before the first is sent, and no pattern "
            f"has fewer than {smallest:,} triples.",
        )


def _searches(shape_: Shape, counted: Mapping[int, Estimate]) -> Iterator[Notice]:
    for group in shape_.where.groups():
        for each in group.parts:
            smallest = _smallest(group, counted)
            if isinstance(each, Filter) and each.is_search and smallest and smallest >= MANY:
                yield Notice(
                    "search",
                    "note",
                    "A filter reads texts one by one, and nothing beside it narrows them down: no pattern "
                    f"has fewer than {smallest:,} triples.",
                )


def _minus(shape_: Shape) -> Iterator[Notice]:
    """MINUS without a common variable, which by section 8.3.3 takes nothing away."""
    for group in shape_.where.groups():
        joints: set[Joint] = set()
        for each in group.parts:
            if not isinstance(each, Group) or each.kind != "minus":
                joints |= set() if isinstance(each, Filter) else each.joints
            elif not any(joint.is_variable for joint in joints & each.joints):
                numbers = tuple(pattern.number for pattern in each.patterns())
                sentence = "MINUS shares no variable with what stands before it, and so takes nothing away."
                yield Notice("minus", "note", sentence, numbers)


def _unbound(shape_: Shape) -> Iterator[Notice]:
    """Variables that are asked for or filtered by, and that nothing gives a value."""
    bound = set(shape_.named)
    used = dict.fromkeys(shape_.used)
    for each in shape_.parts:
        if isinstance(each, Filter | Bind):
            used.update(dict.fromkeys(sorted(each.joints, key=lambda joint: joint.name)))
        else:
            bound |= each.joints
    for joint in used:
        if joint not in bound:
            yield Notice("unbound", "note", f"{joint.name} has no value: it stands in no pattern.")


def _smallest(group: Group, counted: Mapping[int, Estimate]) -> int | None:
    """The triples of the most selective pattern that a group must fit; None where one is not known."""
    if any(isinstance(each, Values | Group) for each in group.parts if not _is_aside(each)):
        return None
    numbers = [counted[each.number].number for each in group.parts if isinstance(each, Pattern)]
    known = [each for each in numbers if each is not None]
    return min(known) if known and len(known) == len(numbers) else None


def _is_aside(part: object) -> bool:
    return isinstance(part, Group) and part.kind in ("optional", "minus")


def _numbered(numbers: Iterable[int], *, capital: bool = False) -> str:
    """Patterns by their numbers, in words.

    >>> _numbered([1]), _numbered([1, 2, 4])
    ('pattern 1', 'patterns 1, 2, 4')
    """
    listed = [str(each) for each in sorted(numbers)]
    word = ("pattern" if len(listed) == 1 else "patterns") + " " + ", ".join(listed)
    return word.capitalize() if capital else word
