"""A hierarchy as a nested list: every node stands in it, however the links run in circles."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pyoxigraph import NamedNode


@dataclass(frozen=True)
class Branch:
    """A place in the list, and how deep it is; a node that is not `first` here has an earlier place.

    `again`: what is below it stands at the earlier place only.
    """

    node: NamedNode
    depth: int
    first: bool = True
    again: bool = False


def tree(
    nodes: Sequence[NamedNode],
    above: Mapping[NamedNode, Iterable[NamedNode]],
    order: Callable[[NamedNode], Any],
) -> tuple[Branch, ...]:
    """The nodes and what is above them as one list, depth first.

    A node stands below each node above it, what is below it only once.

    >>> tea, assam = NamedNode("http://h/ont#Tea"), NamedNode("http://h/ont#Assam")
    >>> [(each.node.value, each.depth) for each in tree([assam], {assam: [tea]}, str)]
    [('http://h/ont#Tea', 0), ('http://h/ont#Assam', 1)]
    """
    below: dict[NamedNode, dict[NamedNode, None]] = {}
    for node in nodes:
        for upper in above.get(node, ()):
            if upper != node:
                below.setdefault(upper, {})[node] = None
    lower = {node for found in below.values() for node in found}
    every = sorted({*nodes, *below}, key=order)
    found: list[Branch] = []
    seen: set[NamedNode] = set()
    for root in [*(each for each in every if each not in lower), *every]:  # circles have no root
        waiting = [] if root in seen else [(root, 0)]
        while waiting:
            node, depth = waiting.pop()
            found.append(Branch(node, depth, node not in seen, node in seen and node in below))
            if node not in seen:
                seen.add(node)
                ordered = sorted(below.get(node, ()), key=order, reverse=True)
                waiting += [(each, depth + 1) for each in ordered]
    return tuple(found)
