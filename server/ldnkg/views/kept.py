"""The rows of panels that were asked when the release was made: `panels.sqlite`."""

import json
import sqlite3
from pathlib import Path

from pyoxigraph import NamedNode

from ldnkg.counts import Term
from ldnkg.store import Row, terms

PANELS = "panels.sqlite"
"""The name of the file."""

SCHEMA = """
CREATE TABLE shown (
    panel TEXT NOT NULL, this TEXT NOT NULL, rows TEXT NOT NULL, total INTEGER NOT NULL,
    PRIMARY KEY (panel, this)
) WITHOUT ROWID;
CREATE TABLE flag (thing TEXT PRIMARY KEY, flag TEXT NOT NULL) WITHOUT ROWID;
"""
"""`rows` is a JSON list of objects: the values of a row by the names of its variables, as N-Triples."""


class Overviews:
    """`panels.sqlite`, open to read. Threads may share it."""

    def __init__(self, path: Path) -> None:
        where = f"{path.resolve().as_uri()}?mode=ro&immutable=1"
        self._database = sqlite3.connect(where, uri=True, check_same_thread=False)

    def rows(self, panel: NamedNode, this: NamedNode) -> tuple[tuple[Row, ...], int] | None:
        """The rows of a panel about `this`, and how many its query has; None where they are not kept."""
        asked = "SELECT rows, total FROM shown WHERE panel = ? AND this = ?"
        found = self._database.execute(asked, (panel.value, this.value)).fetchone()
        return (_read(found[0]), found[1]) if found else None

    def flags(self) -> dict[Term, Term]:
        """The flag of each thing that has one."""
        found = self._database.execute("SELECT thing, flag FROM flag").fetchall()
        return (
            dict(zip(*(terms(column) for column in zip(*found, strict=True)), strict=True)) if found else {}
        )

    def close(self) -> None:
        """Let go of the file."""
        self._database.close()


def written(rows: tuple[Row, ...]) -> str:
    """Rows as they are kept."""
    return json.dumps([{name: str(term) for name, term in row.items()} for row in rows], ensure_ascii=False)


def _read(text: str) -> tuple[Row, ...]:
    rows: list[dict[str, str]] = json.loads(text)
    texts = list(dict.fromkeys(each for row in rows for each in row.values()))
    known = dict(zip(texts, terms(texts), strict=True))
    return tuple({name: known[each] for name, each in row.items()} for row in rows)
