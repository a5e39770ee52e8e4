"""The whole graph as files, each with a gzip beside it: the same quads give the same bytes, anywhere.

`graph.nq` tells which named graph a triple stands in; the other formats hold the union. `{segment}.csv` is a
table of the things `{base}id/{segment}/…`.
"""

import gzip
import hashlib
import re
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from pyoxigraph import Literal, NamedNode, Quad, Triple

from ldnkg.counts import LABELS, Term, withdrawn
from ldnkg.errors import NotAcceptable
from ldnkg.formats import FORMATS, GRAPHS, Format, serialise
from ldnkg.iris import PREFIXES, curie
from ldnkg.turtle.writing import natural

_TYPE = NamedNode(PREFIXES["rdf"] + "type")
_XSD_NUMBERS = tuple(PREFIXES["xsd"] + name for name in ("integer", "decimal", "double", "float"))
_NUMBER = re.compile(r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?", re.ASCII)
_FORMULA = tuple("=+-@\t\r\n")
_LEVEL = 9

_Things = Mapping[str, Iterable[Triple]]  # what is said about each thing, by its IRI
_Planned = tuple[str, str, Format, Callable[[], bytes]]


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
    """Write every dump into `folder`, and say which; `progress` hears how many of how many are done.

    A format that cannot hold a term of the graph, such as a control character in RDF/XML, is left out.
    """
    triples = {quad.triple for quad in quads}
    plan = _whole(quads, triples, prefixes, context) + _tabled(_tables(triples, base), prefixes)
    written: list[Dump] = []
    for done, (name, label, format_, body) in enumerate(plan):
        progress(done, len(plan))
        with suppress(NotAcceptable):
            written += _write(folder, name, label, format_, body())
    return written


def table(things: _Things, prefixes: Mapping[str, str]) -> bytes:
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


def _whole(
    quads: Iterable[Quad], triples: Collection[Triple], prefixes: Mapping[str, str], context: str | None
) -> list[_Planned]:
    """The whole graph in every format that can hold it, not yet written."""
    plan: list[_Planned] = []
    for each in FORMATS:
        name, label = f"graph.{each.suffix}", f"Whole graph, {each.label}"
        if each in GRAPHS:
            body = partial(serialise, triples, each, prefixes=prefixes, context=context)
            plan.append((name, label, each, body))
        elif each.kind == "dataset":
            plan.append((name, label, each, partial(_nquads, quads)))
    return plan


def _tabled(tables: Mapping[str, _Things], prefixes: Mapping[str, str]) -> list[_Planned]:
    """A table for each type of thing, not yet written."""
    (csv,) = (each for each in FORMATS if each.kind == "table")
    return [
        (f"{segment}.csv", f"Table of {segment}, {csv.label}", csv, partial(table, things, prefixes))
        for segment, things in sorted(tables.items())
    ]


def _nquads(quads: Iterable[Quad]) -> bytes:
    """N-Quads, sorted, each quad once."""
    return "".join(sorted({f"{quad} .\n" for quad in quads})).encode()


def _tables(triples: Collection[Triple], base: str) -> Mapping[str, _Things]:
    """The triples of each thing, parts left out, by the segment of its type."""
    shape = re.compile(re.escape(base) + r"id/([^/#]+)/[^#]+")
    gone = withdrawn(triples)
    tables: dict[str, dict[str, list[Triple]]] = defaultdict(lambda: defaultdict(list))
    for triple in triples:
        if isinstance(triple.subject, NamedNode) and triple.subject.value not in gone:
            if found := shape.fullmatch(triple.subject.value):
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
