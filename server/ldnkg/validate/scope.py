"""What a validation is about: everything, or some files with what links to what they describe."""

from collections.abc import Collection, Iterator

import pyoxigraph as ox

from ldnkg.sources import Problem, Sources
from ldnkg.validate.index import Index


class Scope:
    """The nodes to validate, and which problems are worth telling.

    `wanted` is None when all nodes are.
    """

    def __init__(self, sources: Sources, index: Index, only: Collection[str] | None = None) -> None:
        self.only = only if only is not None and all(each.startswith("graph/") for each in only) else None
        self.wanted = None if self.only is None else set(_described(index, self.only))
        self.unparsed = {
            f"{sources.base}id/{problem.file.removeprefix('graph/').removesuffix('.ttl')}"
            for problem in sources.problems
        }

    def is_wanted(self, node: str) -> bool:
        """Whether a node is to be validated."""
        return self.wanted is None or node in self.wanted

    def concerns(self, problem: Problem) -> bool:
        """Whether a problem is of these files and nodes, and no mere shadow of a file that does not parse."""
        missing = problem.value and problem.value.partition("#")[0] in self.unparsed
        if missing or (self.unparsed and problem.rule == "target-class"):
            return False
        return self.only is None or problem.file in self.only or self.is_wanted(problem.node or "")


def _described(index: Index, only: Collection[str]) -> Iterator[str]:
    """What the files describe, and everything that links to it."""
    own = {node for node, files in index.files.items() if any(file.name in only for file in files)}
    yield from own
    for each in index.found("objects", (ox.NamedNode(node) for node in own if not node.startswith("_:"))):
        yield each.subject
