"""The request of the SPARQL 1.1 Protocol, section 2.1, as values: decoded once, and checked to be UTF-8."""

from dataclasses import dataclass
from urllib.parse import parse_qsl, urlencode

from ldnkg.errors import BadQuery

PARAMETERS = ("default-graph-uri", "named-graph-uri", "format", "truncate", "explain")
"""What can be said beside a query."""

_FIELDS = 1000
_YES, _NO = {"yes", "true", "1", "on"}, {"no", "false", "0", "off", ""}


@dataclass(frozen=True)
class Request:
    """What a client asks of the endpoint; `query` is None when it sent none."""

    query: str | None
    update: bool
    default_graphs: tuple[str, ...]
    named_graphs: tuple[str, ...]
    format: str | None
    truncate: bool
    explain: bool = False
    """Whether the shape of the query is wanted, and not its answer: an addition to the protocol."""

    def in_format(self, suffix: str) -> str:
        """The query string that asks for the same, in the format with this suffix."""
        fields = [
            *([] if self.query is None else [("query", self.query)]),
            *(("default-graph-uri", graph) for graph in self.default_graphs),
            *(("named-graph-uri", graph) for graph in self.named_graphs),
            *([("truncate", "yes")] if self.truncate else []),
            *([("explain", "true")] if self.explain else []),
            ("format", suffix),
        ]
        return urlencode(fields)


def read(query_string: bytes, form: bytes = b"", direct: bytes | None = None) -> Request:
    """The request in a raw query string, a raw body of a form, and a body that is the query itself.

    Raises BadQuery for what is not UTF-8, for more than one query, and for a yes or no that is neither.

    >>> read(b"query=ASK%7B%3Ca:%252F%3E+%3Fp%20%3Fo}&truncate=yes").query
    'ASK{<a:%2F> ?p ?o}'
    """
    fields = _fields(query_string) + _fields(form)
    queries = _all(fields, "query") + (() if direct is None else (_text(direct),))
    if len(queries) > 1:
        raise BadQuery(f"The request has {len(queries)} queries: send one.")
    return Request(
        query=queries[0].removeprefix("\ufeff") if queries else None,  # a byte order mark is none of its text
        update=_all(fields, "update") != (),
        default_graphs=_all(fields, "default-graph-uri"),
        named_graphs=_all(fields, "named-graph-uri"),
        format=dict(fields).get("format"),
        truncate=_said(fields, "truncate"),
        explain=_said(fields, "explain"),
    )


def _said(fields: list[tuple[str, str]], name: str) -> bool:
    """Whether a parameter says yes; raises BadQuery for one that says neither yes nor no."""
    value = dict(fields).get(name, "no").strip().lower()
    if value in _YES or value in _NO:
        return value in _YES
    raise BadQuery(f"The parameter {name} is yes or no, not {value[:40]!r}.")


def _fields(text: bytes) -> list[tuple[str, str]]:
    try:
        return parse_qsl(
            _text(text), keep_blank_values=True, encoding="utf-8", errors="strict", max_num_fields=_FIELDS
        )
    except UnicodeDecodeError as fault:
        raise _not_utf8(fault) from None
    except ValueError:
        raise BadQuery(f"The request has more than {_FIELDS} parameters.") from None


def _text(text: bytes) -> str:
    try:
        return text.decode("utf-8")
    except UnicodeDecodeError as fault:
        raise _not_utf8(fault) from None


def _not_utf8(fault: UnicodeDecodeError) -> BadQuery:
    return BadQuery(f"The request is not UTF-8: byte 0x{fault.object[fault.start]:02X} at {fault.start + 1}.")


def _all(fields: list[tuple[str, str]], name: str) -> tuple[str, ...]:
    return tuple(value for key, value in fields if key == name)
