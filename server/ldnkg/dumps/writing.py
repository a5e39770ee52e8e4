"""Write the dumps into a folder, and tell of each its size and its checksum.

One body is in memory at a time, with what it is compressed to; the compressors run beside each other, which
Python's lock allows them.
"""

import hashlib
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Literal

from ldnkg.codings import CODINGS, Coding
from ldnkg.dumps.tables import Things, table, things_by_segment
from ldnkg.errors import NotAcceptable
from ldnkg.facts import Filed, Statement
from ldnkg.formats import FORMATS, GRAPHS, Format, serialise

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


@dataclass(frozen=True)
class _Planned:
    """A file that is not yet written."""

    name: str
    label: str
    kind: Kind
    format: Format
    body: Callable[[], bytes]


def write_dumps(
    folder: Path,
    quads: Iterable[Filed],
    triples: Collection[Statement],
    *,
    base: str,
    prefixes: Mapping[str, str],
    context: str | None,
    progress: Callable[[int, int], None] = lambda done, of: None,
) -> list[Dump]:
    """Write every dump of a graph into `folder`, and say which; `triples` are its quads without their graphs.

    `progress` hears how many of how many are done.

    A format that cannot hold a term of the graph, such as a control character in RDF/XML, is left out.
    """
    plan = [*_whole(quads, triples, prefixes, context), *_tabled(things_by_segment(triples, base), prefixes)]
    written: list[Dump] = []
    with ThreadPoolExecutor(len(CODINGS)) as compressors:
        for done, each in enumerate(plan):
            progress(done, len(plan))
            file = folder / each.name
            with suppress(NotAcceptable):
                file.write_bytes(each.body())
                written += pack(file, each.label, each.kind, each.format.media_type, compressors)
    return written


def _whole(
    quads: Iterable[Filed], triples: Collection[Statement], prefixes: Mapping[str, str], context: str | None
) -> Iterator[_Planned]:
    """The whole graph in every format that can hold it."""
    for each in FORMATS:
        name, label = f"graph.{each.suffix}", f"Whole graph, {each.label}"
        if each in GRAPHS:
            body = partial(serialise, triples, each, prefixes=prefixes, context=context)
            yield _Planned(name, label, "graph", each, body)
        elif each.kind == "dataset":
            yield _Planned(name, label, "graph", each, partial(_nquads, quads))


def _tabled(tables: Mapping[str, Things], prefixes: Mapping[str, str]) -> Iterator[_Planned]:
    """A table for each type of thing."""
    (csv,) = (each for each in FORMATS if each.kind == "table")
    for segment, things in sorted(tables.items()):
        label = f"Table of {segment}, {csv.label}"
        yield _Planned(f"{segment}.csv", label, "table", csv, partial(table, things, prefixes))


def _nquads(quads: Iterable[Filed]) -> bytes:
    """N-Quads, sorted, each quad once."""
    return "".join(sorted({f"{quad} .\n" for quad in quads})).encode()


def pack(file: Path, label: str, kind: Kind, media_type: str, compressors: Executor) -> list[Dump]:
    """A file that is there, and beside it the same in every coding: what is now to download."""
    body = file.read_bytes()
    plain = Dump(file.name, label, kind, media_type, len(body), hashlib.sha256(body).hexdigest())
    thorough = len(body) <= _LARGE
    packed = compressors.map(lambda each: (each.thorough if thorough else each.quick)(body), CODINGS)
    return [plain, *(_sibling(file, plain, *each) for each in zip(CODINGS, packed, strict=True))]


def _sibling(file: Path, plain: Dump, coding: Coding, data: bytes) -> Dump:
    name = f"{file.name}.{coding.suffix}"
    (file.parent / name).write_bytes(data)
    label, digest = f"{plain.label}, {coding.token}", hashlib.sha256(data).hexdigest()
    return replace(plain, name=name, label=label, bytes=len(data), sha256=digest, coding=coding)
