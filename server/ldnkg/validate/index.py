"""Every statement of the sources with its place: how a fault of the graph becomes a line in a file."""

from typing import NamedTuple

import pyoxigraph as ox

from ldnkg.iris import PREFIXES
from ldnkg.sources import Problem, Severity, SourceFile, Sources

RDF_TYPE = PREFIXES["rdf"] + "type"


class Statement(NamedTuple):
    """One triple of a file; a blank subject is written `_:label`."""

    file: SourceFile
    subject: str
    predicate: str
    object: ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple


class Index:
    """The statements of all files, and for each subject the files that describe it and its types."""

    def __init__(self, sources: Sources) -> None:
        self.base = sources.base
        self.statements: list[Statement] = []
        self.files: dict[str, list[SourceFile]] = {}
        self.types: dict[str, set[str]] = {}
        for file in sources.files:
            for triple in file.triples:
                self._add(Statement(file, name(triple.subject), triple.predicate.value, triple.object))

    def _add(self, statement: Statement) -> None:
        self.statements.append(statement)
        files = self.files.setdefault(statement.subject, [])
        if statement.file not in files[-1:]:
            files.append(statement.file)
        if statement.predicate == RDF_TYPE:
            self.types.setdefault(statement.subject, set()).add(name(statement.object))

    def problem(
        self,
        rule: str,
        message: str,
        node: str,
        path: str | None = None,
        value: str | None = None,
        *,
        severity: Severity = "violation",
        file: SourceFile | None = None,
    ) -> Problem | None:
        """A problem at the line of a node, or of its property `path`; None if no file describes the node.

        `file` says which, when several do.
        """
        files = [file] if file else self.files.get(node, [])
        found = [(each.positions.get((node, path)), each) for each in files]
        found.sort(key=lambda each: each[0] is None)
        if not found:
            return None
        line, where = found[0]
        line = line or where.positions.get((node, None))
        return Problem(where.name, line, None, severity, rule, message, node, value)


def name(term: object) -> str:
    """A node as its IRI or `_:label`, a literal as its text."""
    return str(term) if isinstance(term, ox.BlankNode | ox.Triple) else str(getattr(term, "value", term))
