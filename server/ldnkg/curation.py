"""What curators ask of a release: which file to edit, what the shapes say of it, what is missing where.

`curation.sqlite` is written with a release, so that no page has to look through the graph.
"""

import re
import sqlite3
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pyoxigraph import NamedNode

from ldnkg.counts import withdrawn
from ldnkg.facts import Facts, Statement, Subject, facts
from ldnkg.sources import Problem

CURATION = "curation.sqlite"
"""The name of the file."""

_SCHEMA = """
CREATE TABLE described (iri TEXT PRIMARY KEY, file TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE problem (
    position INTEGER PRIMARY KEY, iri TEXT NOT NULL, severity TEXT NOT NULL, rule TEXT NOT NULL,
    message TEXT NOT NULL, file TEXT NOT NULL, line INTEGER
);
CREATE INDEX problem_of ON problem (iri);
CREATE TABLE coverage (
    segment TEXT NOT NULL, property TEXT NOT NULL, members INTEGER NOT NULL, PRIMARY KEY (segment, property)
) WITHOUT ROWID;
CREATE TABLE alone (position INTEGER PRIMARY KEY, segment TEXT NOT NULL, iri TEXT NOT NULL);
"""


@dataclass(frozen=True)
class Finding:
    """One result of the validation: the node, how severe, which rule, in words, and where it is written."""

    iri: str
    severity: str
    rule: str
    message: str
    file: str
    line: int | None


def write_curation(
    path: Path,
    triples: Collection[Statement],
    base: str,
    *,
    files: Mapping[str, str],
    problems: Iterable[Problem],
) -> None:
    """Write the file: `files` has the source file of each thing; the nodes of `problems` are below `base`."""
    graph = facts(triples)
    things = _things(graph, base)
    with closing(sqlite3.connect(path)) as database:
        database.executescript(_SCHEMA)
        database.executemany("INSERT INTO described VALUES (?, ?)", sorted(files.items()))
        database.executemany(
            "INSERT INTO problem (iri, severity, rule, message, file, line) VALUES (?, ?, ?, ?, ?, ?)",
            (
                (each.node or "", each.severity, each.rule, each.message, each.file, each.line)
                for each in problems
            ),
        )
        database.executemany("INSERT INTO coverage VALUES (?, ?, ?)", _coverage(graph, things))
        database.executemany("INSERT INTO alone (segment, iri) VALUES (?, ?)", _alone(graph, things))
        database.commit()


class Curation:
    """`curation.sqlite`, open to read. Threads may share it."""

    def __init__(self, path: Path) -> None:
        where = f"{path.resolve().as_uri()}?mode=ro&immutable=1"
        self._database = sqlite3.connect(where, uri=True, check_same_thread=False)

    def file_of(self, iri: str) -> str | None:
        """The source file that describes a thing, such as `graph/light/eddystone.ttl`."""
        rows = self._rows("SELECT file FROM described WHERE iri = ?", iri)
        return rows[0][0] if rows else None

    def findings(self, iri: str | None = None, most: int = 200) -> list[Finding]:
        """What the validation found of a thing and its parts, or of everything."""
        columns = "SELECT iri, severity, rule, message, file, line FROM problem"
        if iri is None:
            rows = self._rows(f"{columns} ORDER BY position LIMIT ?", most)
        else:
            within = f"{columns} WHERE iri = ? OR (iri > ? AND iri < ?) ORDER BY position LIMIT ?"
            rows = self._rows(within, iri, f"{iri}#", f"{iri}$", most)
        return [Finding(*row) for row in rows]

    def coverage(self) -> dict[str, list[tuple[NamedNode, int]]]:
        """For each kind of thing, its properties with how many members have them, the most frequent first."""
        found: dict[str, list[tuple[NamedNode, int]]] = defaultdict(list)
        order = "SELECT segment, property, members FROM coverage ORDER BY segment, members DESC, property"
        for segment, property_, members in self._rows(order):
            found[segment].append((NamedNode(property_), members))
        return dict(found)

    def alone(self, most: int = 100) -> tuple[int, list[NamedNode]]:
        """How many things nothing links to, and the first of them."""
        (total,) = self._rows("SELECT count(*) FROM alone")[0]
        return total, [
            NamedNode(iri) for (iri,) in self._rows("SELECT iri FROM alone ORDER BY position LIMIT ?", most)
        ]

    def close(self) -> None:
        """Let go of the file."""
        self._database.close()

    def _rows(self, query: str, *values: str | int) -> list[tuple[Any, ...]]:
        return self._database.execute(query, values).fetchall()


def _things(graph: Facts, base: str) -> dict[str, str]:
    """The segment of each thing that is described."""
    shape = re.compile(re.escape(base) + r"id/([^/#]+)/[^#]+")
    subjects = {each.value for each in graph.by_subject if isinstance(each, NamedNode)}
    found = ((iri, shape.fullmatch(iri)) for iri in subjects - withdrawn(graph))
    return {iri: match[1] for iri, match in found if match}


def _coverage(graph: Facts, things: Mapping[str, str]) -> Iterator[tuple[str, str, int]]:
    said = (
        (things[subject.value], property_.value)
        for subject, found in graph.by_subject.items()
        if isinstance(subject, NamedNode) and subject.value in things
        for property_ in {each.predicate for each in found}
    )
    members = Counter(said)
    yield from ((*key, count) for key, count in sorted(members.items()))


def _alone(graph: Facts, things: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    linked: set[NamedNode] = set()
    for each in graph:
        value = each.object
        if isinstance(value, NamedNode) and value not in linked and not _is_part(each.subject, value):
            linked.add(value)
    yield from sorted((segment, iri) for iri, segment in things.items() if NamedNode(iri) not in linked)


def _is_part(node: Subject, whole: NamedNode) -> bool:
    return isinstance(node, NamedNode) and node.value.partition("#")[0] == whole.value
