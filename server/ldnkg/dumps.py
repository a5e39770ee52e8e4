"""The whole graph as files, each with a gzip beside it: the same quads give the same bytes, anywhere.

`graph.nq` tells which named graph a triple stands in; the other formats hold the union. `{segment}.csv` is a
table of the things `{base}id/{segment}/…`.
"""

import gzip
import hashlib
import re
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from pyoxigraph import Literal, NamedNode, Quad, Triple

from ldnkg.counts import LABELS, Term
from ldnkg.formats import FORMATS, GRAPHS, Format, serialise
from ldnkg.iris import PREFIXES, curie
from ldnkg.turtle.writing import natural

_TYPE = NamedNode(PREFIXES["rdf"] + "type")
_XSD_NUMBERS = tuple(PREFIXES["xsd"] + name for name in ("integer", "decimal", "double", "float"))
_NUMBER = re.compile(r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?", re.ASCII)
_FORMULA = tuple("=+-@\t\r\n")
_LEVEL = 9


@dataclass(frozen=True)
class Dump:
    """One file to download: `name` in the folder, what is in it, its size in bytes and its SHA-256 in hex."""

    name: str
    label: str
    media_type: str
    bytes: int
    sha256: str
    compressed: bool


def write_dumps(
    folder: Path,
    quads: Collection[Quad],
    *,
    base: str,
    prefixes: Mapping[str, str],
    context: str | None,
    progress: Callable[[int, int], None] = lambda done, of: None,
) -> list[Dump]:
    """Write every dump into `folder`, and say which; `progress` hears how many of how many are done."""
    triples = {quad.triple for quad in quads}
    tables = _tables(triples, base)
    written: list[Dump] = []
    whole = [each for each in FORMATS if each in GRAPHS or each.kind == "dataset"]
    of = len(whole) + len(tables)
    for format_ in whole:
        if format_.kind == "dataset":
            body = "".join(sorted(f"{quad} .\n" for quad in set(quads))).encode()
        else:
            body = serialise(triples, format_, prefixes=prefixes, context=context)
        written += _write(folder, f"graph.{format_.suffix}", f"Whole graph, {format_.label}", format_, body)
        progress(len(written) // 2, of)
    (csv,) = (each for each in FORMATS if each.kind == "table")
    for segment, things in sorted(tables.items()):
        written += _write(folder, f"{segment}.csv", f"Table of {segment}, CSV", csv, table(things, prefixes))
        progress(len(written) // 2, of)
    return written


def table(things: Mapping[str, Iterable[Triple]], prefixes: Mapping[str, str]) -> bytes:
    r"""A table (RFC 4180, in UTF-8) with a row for each thing and a column for each property.

    Several values of a cell stand in natural order with ` | ` between them; a `|` of a value is written `\|`.
    Numbers are bare, all else is quoted, so that readers can tell the identifier `"007"` from a number. Text
    that a spreadsheet would run as a formula has an apostrophe before it.
    """
    rows = {iri: _by_property(triples) for iri, triples in things.items()}
    properties = sorted(
        {name for row in rows.values() for name in row}, key=lambda name: _rank(name, prefixes)
    )
    header = ["iri", *(curie(name.value, prefixes) or name.value for name in properties)]
    lines = [[_quoted(text) for text in header]] + [
        [_quoted(iri), *(_cell(rows[iri].get(name, ())) for name in properties)]
        for iri in sorted(rows, key=natural)
    ]
    return "".join(",".join(line) + "\r\n" for line in lines).encode()


def _tables(triples: Iterable[Triple], base: str) -> dict[str, dict[str, list[Triple]]]:
    """The triples of each thing, parts left out, by the segment of its type."""
    shape = re.compile(re.escape(base) + r"id/([^/#]+)/[^#]+")
    tables: dict[str, dict[str, list[Triple]]] = defaultdict(lambda: defaultdict(list))
    for triple in triples:
        if isinstance(triple.subject, NamedNode) and (found := shape.fullmatch(triple.subject.value)):
            tables[found[1]][triple.subject.value].append(triple)
    return tables


def _by_property(triples: Iterable[Triple]) -> dict[NamedNode, list[Term]]:
    values: dict[NamedNode, list[Term]] = defaultdict(list)
    for triple in triples:
        values[triple.predicate].append(triple.object)
    return values


def _rank(name: NamedNode, prefixes: Mapping[str, str]) -> tuple[int, str]:
    """A key that puts the names of things first, then their types, then the rest by their short forms."""
    front = [*LABELS, _TYPE]
    return front.index(name) if name in front else len(front), curie(name.value, prefixes) or name.value


def _cell(values: Collection[Term]) -> str:
    """The values of one property of one thing."""
    if len(values) == 1 and _is_number(only := next(iter(values))):
        return _text(only)
    texts = sorted((_text(value).replace("|", r"\|") for value in values), key=natural)
    return _quoted(" | ".join(texts)) if texts else ""


def _is_number(value: Term) -> bool:
    """Whether a value is a number that every reader of CSV understands: not NaN, not INF."""
    return (
        isinstance(value, Literal)
        and value.datatype.value in _XSD_NUMBERS
        and _NUMBER.fullmatch(value.value) is not None
    )


def _text(value: Term) -> str:
    return str(value) if isinstance(value, Triple) else value.value


def _quoted(text: str) -> str:
    """A text in quotes, which no spreadsheet takes for a formula.

    >>> print(_quoted('=1+1'), _quoted('-1.5'), _quoted('5" long'))
    "'=1+1" "-1.5" "5"" long"
    """
    numbers = all(_NUMBER.fullmatch(part) for part in text.split(" | "))
    safe = "'" + text if text.startswith(_FORMULA) and not numbers else text
    return '"' + safe.replace('"', '""') + '"'


def _write(folder: Path, name: str, label: str, format_: Format, body: bytes) -> Iterator[Dump]:
    """Write a file and its gzip (RFC 1952), which holds no time and no name."""
    packed = gzip.compress(body, _LEVEL, mtime=0)
    for file, kind, data in ((name, label, body), (f"{name}.gz", f"{label}, gzip", packed)):
        (folder / file).write_bytes(data)
        digest = hashlib.sha256(data).hexdigest()
        yield Dump(file, kind, format_.media_type, len(data), digest, data is packed)
