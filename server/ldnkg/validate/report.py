"""The validation report as RDF (SHACL, section 3.6), with the problems that no shape can state."""

from collections.abc import Iterable, Iterator

import pyoxigraph as ox

from ldnkg.iris import PREFIXES
from ldnkg.sources import Problem, Sources

_TYPE = ox.NamedNode(PREFIXES["rdf"] + "type")
_BOOLEAN = ox.NamedNode(PREFIXES["xsd"] + "boolean")


def report(shacl: Iterable[ox.Triple], plain: Iterable[Problem], sources: Sources) -> Iterator[ox.Triple]:
    """The report on the shapes, if there is one, with the other problems as further results.

    It conforms when it has no result at all, warnings included, as the specification says.
    """
    kept = [triple for triple in shacl if triple.predicate != _sh("conforms")]
    roots = [each.subject for each in kept if each.object == _sh("ValidationReport")]
    root = roots[0] if roots else ox.BlankNode()
    for problem in plain:
        result = ox.BlankNode()
        kept += [ox.Triple(root, _sh("result"), result), *_result(result, problem, sources)]
    conforms = all(triple.predicate != _sh("result") for triple in kept)
    yield from kept
    if not roots:
        yield ox.Triple(root, _TYPE, _sh("ValidationReport"))
    yield ox.Triple(root, _sh("conforms"), ox.Literal(str(conforms).lower(), datatype=_BOOLEAN))


def _result(itself: ox.BlankNode, problem: Problem, sources: Sources) -> Iterator[ox.Triple]:
    """A problem as a validation result: its rule is the component, its node or else its file the focus."""
    named = problem.node is not None and not problem.node.startswith("_:")
    values: dict[str, ox.NamedNode | ox.Literal] = {
        "focusNode": ox.NamedNode(problem.node or "") if named else ox.Literal(problem.file),
        "resultMessage": ox.Literal(str(problem)),
        "resultSeverity": _sh(problem.severity.capitalize()),
        "sourceConstraintComponent": ox.NamedNode(f"{sources.base or 'urn:ldnkg:'}check#{problem.rule}"),
    }
    yield ox.Triple(itself, _TYPE, _sh("ValidationResult"))
    for name, value in values.items():
        yield ox.Triple(itself, _sh(name), value)


def _sh(name: str) -> ox.NamedNode:
    """A term of SHACL."""
    return ox.NamedNode(PREFIXES["sh"] + name)
