r"""Tables of things (RFC 4180, in UTF-8) that neither a spreadsheet nor a program misreads.

A row for each thing and a column for each property. Several values of a cell stand in natural order with
` | ` between them; a `|` of a value is written `\|`. Numbers are bare, all else is quoted, so that readers
can tell the identifier `"007"` from a number. Text that a spreadsheet would run as a formula has an
apostrophe before it.
"""

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from pyoxigraph import Literal, NamedNode, Triple

from ldnkg.counts import LABELS, Term, withdrawn
from ldnkg.facts import Statement, facts
from ldnkg.iris import PREFIXES, curie
from ldnkg.turtle.writing import natural

_TYPE = NamedNode(PREFIXES["rdf"] + "type")
_XSD_NUMBERS = tuple(PREFIXES["xsd"] + name for name in ("integer", "decimal", "double", "float"))
_NUMBER = re.compile(r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?", re.ASCII)
_FORMULA = tuple("=+-@\t\r\n＝＋－＠")
"""What spreadsheets begin a formula with, in the wide forms of East Asian input too, or skip before one."""
_SEPARATOR = " | "

Things = Mapping[str, Iterable[Statement]]
"""What is said about each thing, by its IRI."""


@dataclass(frozen=True)
class Column:
    """A column of a table: its heading, and the property that it shows; None is the IRI of the thing.

    `datatype` is what all values have if no cell holds more than one: the IRI of a datatype, `rdfs:Resource`
    for IRIs. It is None for a column of mixed or of several values, which is to be read as text.
    """

    name: str
    property: NamedNode | None
    datatype: str | None


def things_by_segment(triples: Collection[Statement], base: str) -> Mapping[str, Things]:
    """The triples of each thing `{base}id/{segment}/…`, parts left out, by the segment of its type."""
    shape = re.compile(re.escape(base) + r"id/([^/#]+)/[^#]+")
    graph = facts(triples)
    gone = withdrawn(graph)
    tables: dict[str, dict[str, Sequence[Statement]]] = defaultdict(dict)
    for subject, said in graph.by_subject.items():
        if isinstance(subject, NamedNode) and subject.value not in gone:
            if found := shape.fullmatch(subject.value):
                tables[found[1]][subject.value] = said
    return tables


def table(things: Things, prefixes: Mapping[str, str], *, in_order: bool = False) -> bytes:
    """The table of these things, those with the first IRIs first, or in the order in which they come."""
    return "".join(rows(things, prefixes, in_order=in_order)).encode()


def rows(things: Things, prefixes: Mapping[str, str], *, in_order: bool = False) -> Iterator[str]:
    """The same line by line."""
    shown = columns(things, prefixes)
    yield _line(quoted(each.name) for each in shown)
    for iri in things if in_order else sorted(things, key=natural):
        row = _by_property(things[iri])
        yield _line([quoted(iri), *(_cell(row.get(each.property, ())) for each in shown if each.property)])


def _line(cells: Iterable[str]) -> str:
    return ",".join(cells) + "\r\n"


def columns(things: Things, prefixes: Mapping[str, str]) -> list[Column]:
    """The columns of the table of these things: the IRI, the names, the types, then the rest."""
    found: dict[NamedNode, set[str | None]] = defaultdict(set)
    for said in things.values():
        for name, cell in _by_property(said).items():
            found[name].add(_datatype(cell))
    named = []
    for name in sorted(found, key=lambda name: _rank(name, prefixes)):
        datatype = found[name].pop() if len(found[name]) == 1 else None
        named.append(Column(curie(name.value, prefixes) or name.value, name, datatype))
    return [Column("iri", None, PREFIXES["rdfs"] + "Resource"), *named]


def _datatype(cell: list[Term]) -> str | None:
    """The datatype of a cell, see Column."""
    (value,) = cell if len(cell) == 1 else (None,)
    if isinstance(value, Literal):
        return value.datatype.value
    return PREFIXES["rdfs"] + "Resource" if isinstance(value, NamedNode) else None


def _by_property(triples: Iterable[Statement]) -> dict[NamedNode, list[Term]]:
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
    return quoted(_SEPARATOR.join(texts)) if texts else ""


def _is_number(value: Term) -> bool:
    """Whether a value is a number that every reader of CSV understands: not NaN, not INF."""
    return (
        isinstance(value, Literal)
        and value.datatype.value in _XSD_NUMBERS
        and _NUMBER.fullmatch(value.value) is not None
    )


def _text(value: Term) -> str:
    return str(value) if isinstance(value, Triple) else value.value


def quoted(text: str) -> str:
    """A text in quotes, which no spreadsheet takes for a formula.

    >>> print(quoted('=1+1'), quoted('-1.5'), quoted('5" long'))
    "'=1+1" "-1.5" "5"" long"
    """
    risky = text.startswith(_FORMULA)
    safe = "'" + text if risky and not all(map(_NUMBER.fullmatch, text.split(_SEPARATOR))) else text
    return '"' + safe.replace('"', '""') + '"'
