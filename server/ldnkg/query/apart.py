"""Parts of a group that nothing joins: what makes a cartesian product."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from ldnkg.query.estimates import Estimate
from ldnkg.query.patterns import Bind, Filter, Group, Joint, Part, Pattern, Values


@dataclass(frozen=True)
class Piece:
    """Parts that are joined: the numbers of their patterns, and about how many rows; None where not known."""

    patterns: tuple[int, ...]
    size: int | None


@dataclass(frozen=True)
class Apart:
    """The pieces of one group; `by_filter` when a filter compares what is in them, but not for equality."""

    parts: tuple[Piece, ...]
    by_filter: bool


def apart(where: Group, counted: Mapping[int, Estimate]) -> Iterator[Apart]:
    """The groups that are in pieces. A piece of one row at most multiplies nothing, and does not count."""
    yield from _of_group(where, frozenset(), counted)


def _of_group(group: Group, around: frozenset[Joint], counted: Mapping[int, Estimate]) -> Iterator[Apart]:
    """`around` are the variables outside: what two parts share with them is joined there."""
    if group.kind != "union":
        pieces = _pieces(group, around, counted, strict=True)
        if len(pieces) > 1:
            by_filter = len(_pieces(group, around, counted, strict=False)) == 1
            yield Apart(tuple(pieces), by_filter)
    for each in group.parts:
        if isinstance(each, Group):
            yield from _of_group(each, _outside(group, each, around), counted)


def _outside(group: Group, inner: Group, around: frozenset[Joint]) -> frozenset[Joint]:
    """The variables that stand around a group in another; a subquery is on its own (section 12)."""
    if inner.kind == "select":
        return frozenset()
    if group.kind == "union":
        return around
    others = (each.joints for each in group.parts if each is not inner)
    return around.union(*others)


def _pieces(
    group: Group, around: frozenset[Joint], counted: Mapping[int, Estimate], *, strict: bool
) -> Sequence[Piece]:
    names = _components([(around, True), *_links(group.parts, strict=strict)])
    members: dict[int, list[Part]] = {}
    for part in group.parts:
        if _multiplies(part) and part.joints:
            members.setdefault(names[next(iter(part.joints))], []).append(part)
    found = [_piece(each, counted) for each in members.values()]
    return [each for each in found if each.size is None or each.size > 1]


def _links(parts: Iterable[Part], *, strict: bool) -> Iterator[tuple[frozenset[Joint], bool]]:
    """What each part joins, and whether it joins what was apart: OPTIONAL and MINUS do not."""
    for part in parts:
        if isinstance(part, Filter):
            if part.is_equality or not strict:
                yield part.joints if strict else _looks_at(part), True
        elif isinstance(part, Group) and part.kind in ("optional", "minus"):
            yield part.joints, not strict
        else:
            yield part.joints, True


def _multiplies(part: Part) -> bool:
    if isinstance(part, Filter | Bind):
        return False
    return not (isinstance(part, Group) and part.kind == "minus")


def _piece(parts: Iterable[Part], counted: Mapping[int, Estimate]) -> Piece:
    numbers: list[int] = []
    sizes: list[int | None] = []
    for part in parts:
        if isinstance(part, Pattern):
            numbers.append(part.number)
            sizes.append(counted[part.number].number)
        elif isinstance(part, Values):
            sizes.append(part.rows)
        elif isinstance(part, Group):
            sizes.append(part.rows)
            numbers += [each.number for each in part.patterns()]
    known = [each for each in sizes if each is not None]
    return Piece(tuple(sorted(numbers)), min(known, default=None))


def _looks_at(part: Filter) -> frozenset[Joint]:
    """The variables of a filter, with those of the patterns behind EXISTS."""
    return part.joints.union(*(each.joints for each in part.groups))


def _components(links: Iterable[tuple[frozenset[Joint], bool]]) -> dict[Joint, int]:
    """Each joint with the number of its component; a link that does not join adds to one it meets."""
    component: dict[Joint, int] = {}
    members: dict[int, set[Joint]] = {}
    for number, (link, joins) in enumerate(links):
        met = sorted({component[each] for each in link if each in component})
        fresh = {each for each in link if each not in component}
        merged = fresh.union(*(members.pop(each) for each in (met if joins else met[:1])))
        members[number] = merged
        component.update(dict.fromkeys(merged, number))
    return component
