"""What stands around a thing: the things that it links to, and that link to it, by property."""

from collections.abc import Iterator
from dataclasses import dataclass

from pyoxigraph import NamedNode

from ldnkg.counts import DEPRECATED, REPLACED_BY
from ldnkg.iris import PREFIXES
from ldnkg.store import Direction, Store

EACH = 8
"""So many neighbours are named for each property and direction; their number is told."""
MOST = 80
"""So many neighbours are named in all."""

_TYPE = NamedNode(PREFIXES["rdf"] + "type")


@dataclass(frozen=True)
class Tie:
    """Neighbours by one property in one direction: some of them, and how many there are.

    A neighbour that is reached over a part of the thing counts for the property that leads to it.
    """

    property: NamedNode
    direction: Direction
    neighbours: tuple[NamedNode, ...]
    total: int


def neighbours(store: Store, thing: NamedNode, base: str) -> tuple[Tie, ...]:
    """The ties of a thing to other things of ours, those with fewest neighbours first."""
    found = sorted(_ties(store, thing, f"{base}id/"), key=lambda each: (each.total, each.property.value))
    kept: list[Tie] = []
    left = MOST
    for each in found:
        if left and each.neighbours:
            kept.append(Tie(each.property, each.direction, each.neighbours[:left], each.total))
            left -= len(kept[-1].neighbours)
    return tuple(kept)


def _ties(store: Store, thing: NamedNode, space: str) -> Iterator[Tie]:
    directions: tuple[Direction, ...] = ("outgoing", "incoming")
    for direction in directions:
        for property_, count in store.properties(thing, direction).items():
            if property_ == _TYPE:
                continue
            values = store.values(thing, property_, direction, 0, 2 * EACH)
            wholes = dict.fromkeys(
                NamedNode(each.value.partition("#")[0])
                for each in values
                if isinstance(each, NamedNode) and each.value.startswith(space)
            )
            wholes.pop(thing, None)
            standing = [each for each in wholes if not _is_tombstone(store, each)]
            yield Tie(property_, direction, tuple(standing[:EACH]), count)


def _is_tombstone(store: Store, node: NamedNode) -> bool:
    """Whether a node was merged or withdrawn (see ldnkg.counts.withdrawn)."""
    if store.objects(node, DEPRECATED):
        return True
    return bool(store.objects(node, REPLACED_BY)) and not store.objects(node, _TYPE)
