"""The constraints by which one shape asks for another, each asked once for all nodes instead of for each.

pySHACL evaluates the shapes of `sh:property` and `sh:node` for one value node after the other, and reads the
shape anew each time; that was most of a validation. What is found is the same.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from pyshacl.constraints import CONSTRAINT_PARAMETERS_MAP
from pyshacl.constraints.core.shape_based_constraints import (
    NodeConstraintComponent,
    PropertyConstraintComponent,
)
from pyshacl.shape import Shape
from rdflib.term import IdentifiedNode, Literal, Node

_Value = IdentifiedNode | Literal
Values = Mapping[_Value, set[_Value]]
"""The value nodes of each focus node."""
_Found = tuple[bool, list[Any]]
"""Whether something breaks a shape, and the results."""


@contextmanager
def together() -> Iterator[None]:
    """Within the block pySHACL evaluates these constraints so."""
    ours = {each: kind for kind in (_Property, _Node) for each in kind.constraint_parameters()}
    before = {each: CONSTRAINT_PARAMETERS_MAP[each] for each in ours}
    CONSTRAINT_PARAMETERS_MAP.update(ours)
    try:
        yield
    finally:
        CONSTRAINT_PARAMETERS_MAP.update(before)


class _Property(PropertyConstraintComponent):
    """`sh:property`: the results are those of the other shape (SHACL, section 4.7.2)."""

    def _evaluate_property_shape(
        self, executor: Any, node: Node, data: Any, values: Values, recursive: Any, path: list[Any]
    ) -> _Found:
        shape: Shape | None = self.shape.get_other_shape(node)  # type: ignore[no-untyped-call]
        nodes = _distinct(values)
        if nodes and shape and shape.is_property_shape and not recursive:
            conforms, results = _validated(shape, executor, data, nodes, path)
            return not conforms, results
        return super()._evaluate_property_shape(executor, node, data, values, recursive, path)  # type: ignore


class _Node(NodeConstraintComponent):
    """`sh:node`: what does not conform is asked for again, node by node (SHACL, section 4.7.1)."""

    def _evaluate_node_shape(
        self, executor: Any, node: Node, data: Any, values: Values, recursive: Any, path: list[Any]
    ) -> _Found:
        shape: Shape | None = self.shape.get_other_shape(node)  # type: ignore[no-untyped-call]
        if shape and not shape.is_property_shape and not recursive:
            nodes = list({each for some in values.values() for each in some})
            if _validated(shape, executor, data, nodes, path) == (True, []):
                return False, []
        return super()._evaluate_node_shape(executor, node, data, values, recursive, path)  # type: ignore


def _distinct(values: Values) -> Sequence[_Value]:
    """The value nodes; none if two focus nodes share one, for each of them has results of its own."""
    nodes = [each for some in values.values() for each in some]
    return nodes if len(set(nodes)) == len(nodes) else ()


def _validated(shape: Shape, executor: Any, data: Any, nodes: Sequence[_Value], path: list[Any]) -> _Found:
    found: _Found = shape.validate(executor, data, focus=nodes, _evaluation_path=path[:])
    return found
