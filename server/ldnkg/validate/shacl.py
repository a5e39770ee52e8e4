"""SHACL validation by pySHACL, shape by shape, over a pyoxigraph store or an rdflib graph.

pySHACL's own `focus_nodes=` filters the nodes of nested shapes too, so that `sh:node` always holds; therefore
each shape with targets is run here on those of its focus nodes that are wanted. Terms reach pySHACL as they
are written, in the shapes and in the data: rdflib's parser would rewrite literals.
"""

import logging
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple
from zlib import crc32

import pyoxigraph as ox
import rdflib
from pyshacl.errors import ReportableRuntimeError
from pyshacl.graph_abstraction import DataGraph
from pyshacl.shape import Shape
from pyshacl.validator import Validator
from rdflib import SH, BNode, URIRef
from rdflib.term import IdentifiedNode, Node

from ldnkg.beside import MANY, several
from ldnkg.iris import local_name
from ldnkg.sources import Problem, Severity, Sources
from ldnkg.validate import cores
from ldnkg.validate.data import to_graph, to_term
from ldnkg.validate.index import Index
from ldnkg.validate.scope import Scope
from ldnkg.validate.together import together

Progress = Callable[[int, int], None]

_NON_VALIDATING = {str(each) for each in (SH.name, SH.description, SH.order, SH.group, SH.defaultValue)}
"""SHACL, section 2.3.2. pySHACL asks each predicate of a shape, each time, whether it is a constraint."""

_PART = 200_000
"""For each so many statements of the graph a shape makes one task, so that memory is bounded."""

_SEVERITIES: dict[object, Severity] = {SH.Warning: "warning", SH.Info: "info"}


class Finding(NamedTuple):
    """A problem, and the validation result it was read from: pySHACL's text, node and triples."""

    problem: Problem
    result: tuple[str, Node, list[tuple[Node, Node, Any]]] | None


def run(
    sources: Sources,
    index: Index,
    scope: Scope,
    data: Callable[[], DataGraph],
    progress: Progress | None = None,
) -> tuple[list[Problem], list[ox.Triple]]:
    """The problems within a scope, and the validation report on them (SHACL, section 3.6).

    Whole-graph constraints, those on the data set itself, are always evaluated; of what they find, what
    concerns the scope is kept. `data` gives what is validated when it is ready. `progress` is told how many
    of how many tasks are done: in a large graph a shape makes several.
    """
    with _literals_as_written(), together():
        try:
            validation = _Validation(sources, index, scope, data())
        except ReportableRuntimeError as fault:  # shapes that break the rules for shapes
            return [Problem("shapes", None, None, "violation", "shapes", _sentence(fault))], []
        found: dict[int, list[Finding]] = {}
        due = len(index) if scope.wanted is None else 0
        for done, number in enumerate(_turns(due, validation.tasks, validation.is_clean), 1):
            found[number] = list(validation.findings(number))
            if progress:
                progress(max(done, number + 1), validation.tasks)
        findings = [finding for _, some in sorted(found.items()) for finding in some]
        results = [finding.result for finding in findings if finding.result]
        report, _ = Validator.create_validation_report(validation.shapes, not results, results)
        return [finding.problem for finding in findings], [_to_triple(each) for each in report]


def _turns(statements: int, count: int, is_clean: Callable[[int], bool]) -> Iterable[int]:
    """The shapes that this process sees to: all, or those that a second one has not found clean."""
    return cores.shared(count, is_clean) if statements > MANY and several() else range(count)


class _Validation:
    """One run of pySHACL: its shapes, its data, and how to read what it finds."""

    def __init__(self, sources: Sources, index: Index, scope: Scope, data: DataGraph) -> None:
        self.index, self.scope, self.data = index, scope, data
        self.dataset = URIRef(sources.dataset.value) if sources.dataset else None
        shapes = to_graph(sources, {"ontology"}) + to_graph(sources, {"shapes"}, _NON_VALIDATING)
        validator = Validator(self.data, shacl_graph=shapes)
        self.shapes = validator.shacl_graph
        self.executor = validator.make_executor()
        self._each = list(self.shapes.shapes)
        self._parts = 1 + len(index) // _PART
        self.tasks = len(self._each) * self._parts
        self._targets: tuple[int, list[list[IdentifiedNode]]] = -1, []

    def findings(self, task: int) -> Iterator[Finding]:
        """What breaks one shape, on one part of its focus nodes.

        A shape that cannot be evaluated is itself a finding, and hides no other.
        """
        number, part = divmod(task, self._parts)
        shape = self._each[number]
        try:
            _, results = shape.validate(self.executor, self.data, focus=self._focus(number)[part])
        except Exception as fault:  # whatever the engine raises is a fault of this shape: name it, go on
            yield Finding(self.unusable(shape, fault), None)
            return
        for result in results:
            problem = self.problem(result)
            if self.scope.concerns(problem):
                yield Finding(problem, result)

    def is_clean(self, task: int) -> bool:
        """Whether nothing breaks one shape, on one part of its focus nodes."""
        return not list(self.findings(task))

    def _focus(self, number: int) -> list[list[IdentifiedNode]]:
        """The focus nodes of a shape that are due, in parts which every process makes alike."""
        if self._targets[0] != number:
            parts: list[list[IdentifiedNode]] = [[] for _ in range(self._parts)]
            targets = self._each[number].focus_nodes(self.data)
            for node in filter(self.is_due, targets):
                parts[crc32(node.encode()) % self._parts].append(node)
            self._targets = number, parts
        return self._targets[1]

    def is_due(self, node: Node) -> bool:
        """Whether a focus node is to be validated."""
        return node == self.dataset or self.scope.is_wanted(_name(node))

    def problem(self, result: tuple[str, Node, list[tuple[Node, Node, Any]]]) -> Problem:
        """A validation result as a problem with its place."""
        _, itself, triples = result
        said: dict[Node, list[Node]] = {}
        for subject, predicate, value in triples:
            if subject == itself:  # other subjects are results of nested shapes, its sh:detail
                said.setdefault(predicate, []).append(value[1] if isinstance(value, tuple) else value)
        rule = (said.get(SH.sourceConstraint) or said[SH.sourceShape])[0]
        value, path = (said[each][0] if each in said else None for each in (SH.value, SH.resultPath))
        node = said[SH.focusNode][0]
        if (
            node == self.dataset
            and SH.sourceConstraint in said
            and value
            and _name(value) in self.index.files
        ):
            node = value  # a constraint on the whole graph names what breaks it
        return self.placed(
            rule,
            _message(said.get(SH.resultMessage, [])),
            _name(node),
            str(path) if isinstance(path, URIRef) else None,
            None if value is None else _name(value),
            _SEVERITIES.get(said[SH.resultSeverity][0], "violation"),
        )

    def placed(
        self, rule: Node, message: str, node: str, path: str | None, value: str | None, severity: Severity
    ) -> Problem:
        """A problem at the line of its node, else at that of the shape."""
        shape = self.named(rule)
        label = local_name(shape) if shape else "shape"
        found = self.index.problem(label, message, node, path, value, severity=severity)
        if found is None and shape:
            found = self.index.problem(label, message, shape, severity=severity)
        return found or Problem("shapes", None, None, severity, label, message, node, value)

    def unusable(self, shape: Shape, fault: Exception) -> Problem:
        """The problem of a shape that the engine cannot evaluate."""
        sentence = f"This shape cannot be evaluated: {_sentence(fault)}"
        return self.placed(shape.node, sentence, self.named(shape.node) or "", None, None, "violation")

    def named(self, shape: Node) -> str | None:
        """The IRI of a shape, or of the nearest one that a shape without an IRI is part of."""
        seen = {shape}
        while isinstance(shape, BNode):
            owners = [each for each in self.shapes.graph.subjects(None, shape) if each not in seen]
            if not owners:
                return None
            shape = min(owners, key=str)
            seen.add(shape)
        return str(shape)


@contextmanager
def _literals_as_written() -> Iterator[None]:
    """Keep rdflib from rewriting literals, and from logging the ill-typed ones, which are our problems.

    So are the errors of pySHACL, which it raises, and logs besides.
    """
    log, engine = logging.getLogger("rdflib.term"), logging.getLogger("pyshacl.validator")
    before = rdflib.NORMALIZE_LITERALS, log.disabled
    rdflib.NORMALIZE_LITERALS, log.disabled = False, True
    engine.addFilter(_is_no_error)
    try:
        yield
    finally:
        rdflib.NORMALIZE_LITERALS, log.disabled = before
        engine.removeFilter(_is_no_error)


def _is_no_error(record: logging.LogRecord) -> bool:
    return record.levelno < logging.ERROR


def _to_triple(triple: tuple[Node, Node, Node]) -> ox.Triple:
    """A triple of the report in pyoxigraph's terms."""
    return ox.Triple(*map(to_term, triple))  # type: ignore[arg-type]


def _name(node: Node) -> str:
    """A node as Index names it."""
    return f"_:{node}" if isinstance(node, BNode) else str(node)


def _message(messages: Iterable[Node]) -> str:
    """The English sentence of a result, else the first in order."""
    ordered = sorted(messages, key=lambda each: (getattr(each, "language", None) != "en", str(each)))
    return str(ordered[0]) if ordered else "This breaks the shape."


def _sentence(fault: Exception) -> str:
    """What an exception says, in one line."""
    return " ".join(str(fault).split()) or type(fault).__name__
