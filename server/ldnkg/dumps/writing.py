"""Write the dumps into a folder, and tell of each its size and its checksum.

A file goes to the disk as it is made. The compressors run beside each other, which Python's lock allows them;
a large file they read piece by piece.
"""

from collections.abc import Callable, Collection, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Literal

from ldnkg.codings import CODINGS, Coding
from ldnkg.dumps.tables import rows, things_by_segment
from ldnkg.errors import NotAcceptable
from ldnkg.facts import Filed, Statement
from ldnkg.formats import FORMATS, GRAPHS, Format, write
from ldnkg.pieces import Pieces, sha256

_LARGE = 32 * 2**20
"""Bytes from which on a file is compressed quickly: else that were half of the work of a large release."""

Kind = Literal["graph", "table", "description", "release"]
"""What a file holds: the whole graph, the things of one type, what describes these, or all together."""


@dataclass(frozen=True)
class Dump:
    """One file to download: `name` in the folder, what is in it, its size in bytes and its SHA-256 in hex.

    The media type is that of the file before it was compressed with `coding`.
    """

    name: str
    label: str
    kind: Kind
    media_type: str
    bytes: int
    sha256: str
    coding: Coding | None = None


Planned = Callable[[], list[Dump]]
"""Writes a dump and its siblings, and says which; none for a format that cannot hold a term of the graph."""


def planned(
    folder: Path,
    quads: Iterable[Filed],
    triples: Collection[Statement],
    *,
    base: str,
    prefixes: Mapping[str, str],
    context: str | None,
) -> list[Planned]:
    """What writes each dump of a graph into `folder`, in their order, for processes that share the work.

    `triples` are its quads without their graphs. A format that cannot hold a term of the graph, such as a
    control character in RDF/XML, is left out.
    """
    tasks: list[Planned] = []
    for each in FORMATS:
        if each in GRAPHS:
            body = partial(write, triples=triples, format_=each, prefixes=prefixes, context=context)
        elif each.kind == "dataset":
            body = partial(_write_quads, quads)
        else:
            continue
        label = f"Whole graph, {each.label}"
        tasks.append(partial(_written, folder / f"graph.{each.suffix}", label, "graph", each, body))
    return [*tasks, partial(_write_tables, folder, triples, base, prefixes)]


def _written(
    file: Path, label: str, kind: Kind, format_: Format, body: Callable[[Path], object]
) -> list[Dump]:
    """A file that `body` writes, and its siblings."""
    try:
        body(file)
    except NotAcceptable:
        file.unlink(missing_ok=True)
        return []
    return pack(file, label, kind, format_.media_type)


def _write_tables(
    folder: Path, triples: Collection[Statement], base: str, prefixes: Mapping[str, str]
) -> list[Dump]:
    """A table for each type of thing."""
    (csv,) = (each for each in FORMATS if each.kind == "table")
    written: list[Dump] = []
    for segment, things in sorted(things_by_segment(triples, base).items()):
        body = Pieces(str, rows(things, prefixes)).write
        label = f"Table of {segment}, {csv.label}"
        written += _written(folder / f"{segment}.csv", label, "table", csv, body)
    return written


def _write_quads(quads: Iterable[Filed], file: Path) -> None:
    """N-Quads, sorted, each quad once."""
    sorted_ = getattr(quads, "lines", None)
    Pieces(str, sorted({f"{quad} .\n" for quad in quads}) if sorted_ is None else sorted_).write(file)


def pack(file: Path, label: str, kind: Kind, media_type: str) -> list[Dump]:
    """A file that is there, and beside it the same in every coding: what is now to download."""
    plain = Dump(file.name, label, kind, media_type, file.stat().st_size, sha256(file))
    with ThreadPoolExecutor(len(CODINGS)) as compressors:
        return [plain, *compressors.map(partial(_sibling, file, plain), CODINGS)]


def _sibling(file: Path, plain: Dump, coding: Coding) -> Dump:
    packed = file.with_name(f"{file.name}.{coding.suffix}")
    if plain.bytes > _LARGE:
        with file.open("rb") as source, packed.open("wb") as target:
            coding.stream(source, target)
    else:
        packed.write_bytes(coding.thorough(file.read_bytes()))
    label, size = f"{plain.label}, {coding.token}", packed.stat().st_size
    return replace(plain, name=packed.name, label=label, bytes=size, sha256=sha256(packed), coding=coding)
