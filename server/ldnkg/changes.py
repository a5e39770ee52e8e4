"""What changed from one release to the next: which things are new, other than they were, or gone.

Each release holds a digest of everything that is said about each of its things (`things.sqlite`). Beside the
releases, `changes/` holds the comparison of neighbours, computed when a release becomes current and never at
a request. A file there is replaced whole; lost, it is computed again from the digests.
"""

import hashlib
import os
import sqlite3
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Literal as Choice
from typing import cast

from pyoxigraph import BlankNode, NamedNode

from ldnkg.counts import Term, names
from ldnkg.facts import Statement, Subject, facts
from ldnkg.history import History, Moment
from ldnkg.iris import local_name, path_of

Kind = Choice["added", "changed", "removed"]
KINDS: tuple[Kind, ...] = ("added", "changed", "removed")

THINGS = "things.sqlite"
"""The name of the digests in the folder of a release."""

_FOLDER = "changes"
_NESTED = 8
"""Blank nodes in blank nodes are told apart to this depth."""

_THINGS = "CREATE TABLE thing (iri TEXT PRIMARY KEY, digest BLOB NOT NULL, name TEXT NOT NULL) WITHOUT ROWID"
_SCHEMA = """
CREATE TABLE moment (position INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
CREATE TABLE change (
    moment INTEGER NOT NULL, position INTEGER NOT NULL, kind TEXT NOT NULL, iri TEXT NOT NULL,
    path TEXT NOT NULL, name TEXT NOT NULL, PRIMARY KEY (moment, position)
) WITHOUT ROWID;
CREATE INDEX change_of ON change (path, moment);
CREATE TABLE total (moment INTEGER NOT NULL, kind TEXT NOT NULL, count INTEGER NOT NULL);
"""
_COMPARED = """
SELECT 0, iri, name FROM new.thing WHERE iri NOT IN (SELECT iri FROM old.thing)
UNION ALL SELECT 1, n.iri, n.name FROM new.thing n JOIN old.thing o USING (iri) WHERE o.digest != n.digest
UNION ALL SELECT 2, iri, name FROM old.thing WHERE iri NOT IN (SELECT iri FROM new.thing)
ORDER BY 1, 3, 2
"""

_UNREADABLE = (sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_ERROR, sqlite3.SQLITE_NOTADB)
"""What SQLite tells of a file that is not there, or not as it was written."""


@dataclass(frozen=True)
class Change:
    """What happened to a thing at a moment; `path` is that of its document, `name` its name then."""

    moment: str
    kind: Kind
    iri: str
    path: str
    name: str


def write_things(path: Path, triples: Collection[Statement], base: str) -> None:
    """Write the digest of each thing `{base}id/…` of a graph, made of its own triples and its parts'."""
    graph = facts(triples)
    said = graph.by_subject
    whole: dict[str, list[NamedNode]] = defaultdict(list)
    for subject in said:
        if isinstance(subject, NamedNode) and subject.value.startswith(f"{base}id/"):
            whole[subject.value.partition("#")[0]].append(subject)
    called = names(graph)
    rows = (
        (iri, _digest(said, parts), called.get(iri, local_name(iri))) for iri, parts in sorted(whole.items())
    )
    with closing(sqlite3.connect(path)) as database:
        database.execute(_THINGS)
        database.executemany("INSERT INTO thing VALUES (?, ?, ?)", rows)
        database.commit()


def _digest(said: Mapping[Subject, Sequence[Statement]], subjects: Iterable[NamedNode]) -> bytes:
    """16 bytes of SHA-256 over sorted N-Triples, in which a blank node stands as what is said about it."""

    def written(term: Term, depth: int) -> str:
        if not isinstance(term, BlankNode):
            return str(term)
        about = said.get(term, ()) if depth < _NESTED else ()
        return (
            f"[{' ; '.join(sorted(f'{each.predicate} {written(each.object, depth + 1)}' for each in about))}]"
        )

    lines = (
        f"{each.subject} {each.predicate} {written(each.object, 0)} .\n"
        for subject in subjects
        for each in said[subject]
    )
    return hashlib.sha256("".join(sorted(lines)).encode()).digest()[:16]


def compare(releases: Path, history: History, base: str, layout: int) -> None:
    """Bring the comparison of neighbours in the history up to date, in one step.

    Only for one who writes alone. What was compared before is taken over; what cannot be, as the digests of
    a release are damaged, is tried again the next time. Raises OSError or sqlite3.Error when it cannot be
    written.
    """
    path = _path(releases, base, layout)
    with _reading(path) as former:
        known = _pairs(former)
        wanted = [each.name for each in history.moments]
        there = [name for (name,) in former.execute("SELECT name FROM moment ORDER BY position")]
        if there == wanted and known.keys() == set(pairwise(wanted)):
            return
        path.parent.mkdir(exist_ok=True)
        fresh = path.with_suffix(".new")
        fresh.unlink(missing_ok=True)
        with closing(sqlite3.connect(fresh)) as database:
            database.executescript(_SCHEMA)
            database.executemany("INSERT INTO moment VALUES (?, ?)", enumerate(wanted))
            before: Moment | None = None
            for place, moment in enumerate(history.moments):
                if before:
                    copied = known.get((before.name, moment.name))
                    rows = (
                        _compared(releases, before, moment, base) if copied is None else _rows(former, copied)
                    )
                    if rows is not None:
                        _fill(database, place, rows)
                before = moment
            database.commit()
        _durable(fresh)
        fresh.replace(path)
        _durable(path.parent)


_Row = tuple[str, str, str, str]  # kind, iri, path, name


def _pairs(database: sqlite3.Connection) -> dict[tuple[str, str], int]:
    """The neighbours that a file compares, each with the position of the later one."""
    query = (
        "SELECT a.name, b.name, b.position FROM moment a JOIN moment b ON b.position = a.position + 1 "
        "WHERE b.position IN (SELECT moment FROM total)"
    )
    return {(former, later): position for former, later, position in database.execute(query)}


def _rows(database: sqlite3.Connection, position: int) -> list[_Row]:
    query = "SELECT kind, iri, path, name FROM change WHERE moment = ? ORDER BY position"
    return database.execute(query, (position,)).fetchall()


def _compared(releases: Path, before: Moment, after: Moment, base: str) -> list[_Row] | None:
    """What is other in one release than in another, by their digests; None when those cannot be read."""
    try:
        with closing(sqlite3.connect(":memory:", uri=True)) as database:
            for name, moment in (("old", before), ("new", after)):
                where = (releases / moment.release / THINGS).resolve().as_uri()
                database.execute(f"ATTACH ? AS {name}", (f"{where}?mode=ro&immutable=1",))
            found = database.execute(_COMPARED).fetchall()
    except sqlite3.DatabaseError as fault:
        if fault.sqlite_errorcode not in _UNREADABLE:
            raise
        return None
    return [(KINDS[kind], iri, path_of(iri, base) or "/", name) for kind, iri, name in found]


def _fill(database: sqlite3.Connection, moment: int, rows: Sequence[_Row]) -> None:
    numbered = ((moment, position, *row) for position, row in enumerate(rows))
    database.executemany("INSERT INTO change VALUES (?, ?, ?, ?, ?, ?)", numbered)
    totals = ((moment, kind, sum(row[0] == kind for row in rows)) for kind in KINDS)
    database.executemany("INSERT INTO total VALUES (?, ?, ?)", totals)


class Changes:
    """What a file of comparisons tells, open to read."""

    def __init__(self, database: sqlite3.Connection) -> None:
        self._database = database

    def totals(self, moment: str) -> dict[Kind, int]:
        """How many things are new, changed and gone at a moment; empty when nothing was before it."""
        query = "SELECT kind, count FROM total WHERE moment = (SELECT position FROM moment WHERE name = ?)"
        return dict(self._database.execute(query, (moment,)))

    def at(self, moment: str, offset: int, limit: int) -> list[Change]:
        """Some of the changes at a moment: what is new, then what changed, then what is gone, by name."""
        query = (
            "SELECT kind, iri, path, change.name FROM change JOIN moment m ON m.position = change.moment "
            "WHERE m.name = ? AND change.position >= ? ORDER BY change.position LIMIT ?"
        )
        rows = self._database.execute(query, (moment, offset, limit))
        return [Change(moment, cast(Kind, kind), *rest) for kind, *rest in rows]

    def of(self, path: str) -> list[Change]:
        """What happened to the thing whose document is at a path, the oldest first."""
        query = (
            "SELECT m.name, kind, iri, path, change.name FROM change JOIN moment m ON m.position = moment "
            "WHERE path = ? ORDER BY moment"
        )
        rows = self._database.execute(query, (path,))
        return [Change(moment, cast(Kind, kind), *rest) for moment, kind, *rest in rows]


def present(history: History, changes: Sequence[Change], *, now: bool) -> list[tuple[Moment, Kind | None]]:
    """The moments at which a thing was there, and what happened to it then, the oldest first.

    `changes` are its own, `now` tells whether it is in the current release.
    """
    kinds = {each.moment: each.kind for each in changes}
    there = changes[0].kind != "added" if changes else now
    found: list[tuple[Moment, Kind | None]] = []
    for moment in history.moments:
        kind = kinds.get(moment.name)
        there = there if kind is None else kind != "removed"
        if there:
            found.append((moment, kind))
    return found


@contextmanager
def opened(releases: Path, base: str, layout: int) -> Iterator[Changes]:
    """The comparisons of the releases with this base and layout; empty as long as there are none."""
    with _reading(_path(releases, base, layout)) as database:
        yield Changes(database)


@contextmanager
def _reading(path: Path) -> Iterator[sqlite3.Connection]:
    """A file of comparisons, or an empty one in its place; a file is never written to once it is there."""
    try:
        database = sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro&immutable=1", uri=True)
        database.execute("SELECT 1 FROM total LIMIT 1")
    except sqlite3.Error:
        database = sqlite3.connect(":memory:")
        database.executescript(_SCHEMA)
    with closing(database):
        yield database


def _path(releases: Path, base: str, layout: int) -> Path:
    """The file for a base and a layout: what has others is not compared."""
    name = hashlib.sha256(f"{layout}\n{base}".encode()).hexdigest()[:16]
    return releases / _FOLDER / f"{name}.sqlite"


def _durable(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
