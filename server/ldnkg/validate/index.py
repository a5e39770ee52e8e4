"""Every statement of the sources with its place: how a fault of the graph becomes a line in a file."""

from collections.abc import Iterable, Iterator
from typing import Any, Literal, NamedTuple

import pyoxigraph as ox

from ldnkg.iris import PREFIXES
from ldnkg.sources import Problem, Severity, SourceFile, Sources

RDF_TYPE = PREFIXES["rdf"] + "type"

Place = Literal["subjects", "predicates", "objects"]


class Statement(NamedTuple):
    """One triple of a file; a blank subject is written `_:label`."""

    file: SourceFile
    subject: str
    predicate: str
    object: ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple


class Index:
    """The statements of all files, and for each subject the files that describe it and its types.

    Nodes have one name, which all statements share, and subjects with the same files or types share these.
    """

    def __init__(self, sources: Sources) -> None:
        self.base = sources.base
        self.terms = sources.terms
        self._sources = sources
        self.files: dict[str, tuple[SourceFile, ...]] = {}
        self.types: dict[str, frozenset[str]] = {}
        self._names = ["" if isinstance(each, ox.Literal) else name(each) for each in sources.terms]
        alike: dict[object, Any] = {}
        type_ = sources.terms.known(ox.NamedNode(RDF_TYPE))
        for file in sources.files:
            for number in dict.fromkeys(file.numbers.subjects):
                subject = self._names[number]
                files = (*self.files.get(subject, ()), file)
                self.files[subject] = alike.setdefault(tuple(each.name for each in files), files)
            for number, predicate, value in file.numbers.rows():
                if predicate == type_:
                    subject = self._names[number]
                    types = self.types.get(subject, frozenset()) | {name(sources.terms[value])}
                    self.types[subject] = alike.setdefault(types, types)

    def __len__(self) -> int:
        return sum(len(file.numbers.subjects) for file in self._sources.files)

    @property
    def predicates(self) -> set[str]:
        """Every predicate of a statement."""
        return {self._names[each] for file in self._sources.files for each in set(file.numbers.predicates)}

    def found(self, place: Place, terms: Iterable[object]) -> Iterator[Statement]:
        """The statements that have one of these terms in a place, file by file; most files have none."""
        numbers = {self._sources.terms.known(each) for each in terms}  # type: ignore[arg-type]
        for file in self._sources.files:
            column = getattr(file.numbers, place)
            if not numbers.isdisjoint(column):
                yield from (self._statement(file, row) for row, each in enumerate(column) if each in numbers)

    def having(self, *predicates: str) -> Iterator[Statement]:
        """The statements with one of these predicates."""
        return self.found("predicates", map(ox.NamedNode, predicates))

    def _statement(self, file: SourceFile, row: int) -> Statement:
        subject, predicate, value = (column[row] for column in file.numbers)
        return Statement(file, self._names[subject], self._names[predicate], self.terms[value])

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
        files = (file,) if file else self.files.get(node, ())
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
