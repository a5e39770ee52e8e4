"""The answers of SELECT and ASK as text: SPARQL 1.1 Query Results JSON, XML, CSV and TSV.

Written here and not by the engine, so that rows can be counted, a cut be marked, and a byte budget be kept.
"""

import csv
import io
import json
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any, assert_never

from pyoxigraph import BlankNode, Literal, NamedNode, Triple

from ldnkg.errors import NotAcceptable
from ldnkg.formats import Format

Term = NamedNode | BlankNode | Literal | Triple

RESULTS = (
    Format("json", "application/sparql-results+json", "SPARQL results JSON", "table"),
    Format("xml", "application/sparql-results+xml", "SPARQL results XML", "table"),
    Format("csv", "text/csv", "CSV", "table"),
    Format("tsv", "text/tab-separated-values", "TSV", "table"),
)
"""The formats of a table or a yes or no, in order of preference."""

_XSD_STRING = "http://www.w3.org/2001/XMLSchema#string"
_BATCH = 500
"""So many rows are a piece."""
_quoted = json.JSONEncoder(ensure_ascii=False).encode
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True)
class Table:
    """Rows of terms, None where unbound. `more` is a page about what a cut means, when there is one."""

    variables: tuple[str, ...]
    rows: Sequence[Sequence[Term | None]]
    more: str | None = None

    def __len__(self) -> int:
        return len(self.rows)


def write(answer: Table | bool, suffix: str) -> Iterator[str]:
    """A table or a yes or no in the format of RESULTS with this suffix, in pieces.

    Raises NotAcceptable when the format cannot hold a character of the answer (control characters in XML).
    """
    writers: dict[str, Callable[[Table | bool], Iterator[str]]] = {
        "json": _json,
        "xml": _xml,
        "csv": _csv,
        "tsv": _tsv,
    }
    return writers[suffix](answer)


def _json(answer: Table | bool) -> Iterator[str]:
    """SPARQL 1.1 Query Results JSON Format."""
    if isinstance(answer, bool):
        yield json.dumps({"head": {}, "boolean": answer})
        return
    head: dict[str, Any] = {"vars": answer.variables} | ({"link": [answer.more]} if answer.more else {})
    yield f'{{"head": {json.dumps(head, ensure_ascii=False)}, "results": {{"bindings": [\n'
    names = [f"{_quoted(name)}: " for name in answer.variables]
    for start in range(0, len(answer.rows), _BATCH):
        rows = (_json_row(names, row) for row in answer.rows[start : start + _BATCH])
        yield (",\n" if start else "") + ",\n".join(rows)
    yield "\n]}}\n" if answer.rows else "]}}\n"


def _json_row(names: Sequence[str], row: Sequence[Term | None]) -> str:
    terms = (name + _json_term(term) for name, term in zip(names, row, strict=True) if term is not None)
    return f"{{{', '.join(terms)}}}"


def _json_term(term: Term) -> str:
    if isinstance(term, NamedNode):
        return f'{{"type": "uri", "value": {_quoted(term.value)}}}'
    if isinstance(term, Literal):
        if term.language:
            return (
                f'{{"type": "literal", "xml:lang": {_quoted(term.language)}, "value": {_quoted(term.value)}}}'
            )
        datatype = term.datatype.value
        typed = "" if datatype == _XSD_STRING else f'"datatype": {_quoted(datatype)}, '
        return f'{{"type": "literal", {typed}"value": {_quoted(term.value)}}}'
    if isinstance(term, BlankNode):
        return f'{{"type": "bnode", "value": {_quoted(term.value)}}}'
    parts = ", ".join(f'"{name}": {_json_term(part)}' for name, part in _parts(term))
    return f'{{"type": "triple", "value": {{{parts}}}}}'


def _xml(answer: Table | bool) -> Iterator[str]:
    """SPARQL Query Results XML Format (Second Edition)."""
    yield '<?xml version="1.0" encoding="UTF-8"?>\n<sparql xmlns="http://www.w3.org/2005/sparql-results#">\n<head>'
    if isinstance(answer, bool):
        yield f"</head>\n<boolean>{str(answer).lower()}</boolean>\n</sparql>\n"
        return
    yield from (f'<variable name="{escape(name)}"/>' for name in answer.variables)
    yield f'<link href="{escape(answer.more)}"/>' if answer.more else ""
    yield "</head>\n<results>\n"
    for row in answer.rows:
        yield "<result>"
        for name, term in zip(answer.variables, row, strict=True):
            if term:
                yield f'<binding name="{escape(name)}">{_xml_term(term)}</binding>'
        yield "</result>\n"
    yield "</results>\n</sparql>\n"


def _xml_term(term: Term) -> str:
    match term:
        case NamedNode(value=value):
            return f"<uri>{_xml_text(value)}</uri>"
        case BlankNode(value=value):
            return f"<bnode>{value}</bnode>"
        case Literal(value=value, language=str(language)):
            return f'<literal xml:lang="{language}">{_xml_text(value)}</literal>'
        case Literal(value=value, datatype=datatype):
            typed = "" if datatype.value == _XSD_STRING else f' datatype="{escape(datatype.value)}"'
            return f"<literal{typed}>{_xml_text(value)}</literal>"
        case Triple():
            parts = "".join(f"<{name}>{_xml_term(part)}</{name}>" for name, part in _parts(term))
            return f"<triple>{parts}</triple>"
    assert_never(term)


def _xml_text(text: str) -> str:
    if found := _NOT_XML.search(text):
        raise NotAcceptable(
            f"XML cannot hold the character U+{ord(found[0]):04X} of this answer: ask for JSON."
        )
    return escape(text, quote=False).replace("\r", "&#xD;")


def _csv(answer: Table | bool) -> Iterator[str]:
    """SPARQL 1.1 Query Results CSV and TSV Formats, section 3; for a boolean, a row with it alone."""
    if isinstance(answer, bool):
        yield f"boolean\r\n{str(answer).lower()}\r\n"
        return
    line = io.StringIO()
    writer = csv.writer(line)
    writer.writerow(answer.variables)
    for row in answer.rows:
        writer.writerow([_csv_term(term) for term in row])
        yield line.getvalue()
        line.seek(0)
        line.truncate()
    yield line.getvalue()


def _csv_term(term: Term | None) -> str:
    if term is None:
        return ""
    return str(term) if isinstance(term, BlankNode | Triple) else term.value


def _tsv(answer: Table | bool) -> Iterator[str]:
    """SPARQL 1.1 Query Results CSV and TSV Formats, section 4: terms as in Turtle."""
    if isinstance(answer, bool):
        yield f"?boolean\n{str(answer).lower()}\n"
        return
    yield "\t".join(f"?{name}" for name in answer.variables) + "\n"
    for row in answer.rows:
        yield "\t".join("" if term is None else str(term).replace("\t", "\\t") for term in row) + "\n"


def _parts(triple: Triple) -> tuple[tuple[str, Term], ...]:
    return ("subject", triple.subject), ("predicate", triple.predicate), ("object", triple.object)
