"""Asking an endpoint what a client asks, so that it means there what it means here.

The text has been read by our own parser before, so its faults are told with their places. The dataset is
said with each query, graph by graph. What only one engine knows is refused: functions of its own may read
files or reach out. Whatever gives triples is asked for as rows (`ldnkg.query.template`), DESCRIBE too, which
each engine understands in its own way: of rows engines tell when they cut them.
"""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, TypeVar

from pyoxigraph import NamedNode, Store, Triple

from ldnkg.endpoint import Endpoint, Lease
from ldnkg.endpoint.answers import Row, Table
from ldnkg.errors import BadQuery, QueryRefused, StoreFault
from ldnkg.query.graphs import Found, Graphs, Solutions
from ldnkg.query.guard import Prologue, prologue
from ldnkg.query.template import template
from ldnkg.query.tokens import Token, fault, place, tokens_of

_XSD = "http://www.w3.org/2001/XMLSchema#"
_THEIRS = (
    "bif:",
    "sql:",
    "java:",
    "http://www.openlinksw.com/schemas/",
    "http://jena.apache.org/",
    "http://jena.hpl.hp.com/",
    "https://qlever.cs.uni-freiburg.de/",
    "http://www.ontotext.com/",
    "http://aws.amazon.com/neptune/",
)
"""Name spaces in which engines have functions and properties that do something."""
_BEFORE_CALLS = frozenset("( ) , = ! < > + - * / & |".split())
_CLAUSES = frozenset("FILTER HAVING BY ASC DESC IN BIND AS SELECT DISTINCT REDUCED".split())
_TAILS = frozenset("GROUP HAVING ORDER".split())
_Read = TypeVar("_Read")
_OPEN, _CLOSED = ("{", "("), ("}", ")")
_AT_ONCE = 200
"""So many nodes are asked about in one query."""


def at_endpoint(endpoint: Endpoint, graphs: Collection[str], lease: Lease) -> Graphs:
    """These graphs at an endpoint. What is found is of the release of the lease, or it is StoreOutdated."""
    return _AtEndpoint(endpoint, graphs, lease)


class _AtEndpoint:
    """The named graphs of a release at an endpoint."""

    def __init__(self, endpoint: Endpoint, graphs: Collection[str], lease: Lease) -> None:
        self.names = frozenset(graphs)
        self._endpoint, self._lease = endpoint, lease
        self._parser = Store()

    def query(self, request: Mapping[str, Any], base: str) -> Found:
        text = request["text"]
        self._parser.query(text, base_iri=base)  # for its SyntaxError
        tokens = tokens_of(text)
        told = prologue(tokens, base)
        _refuse_glued(text, told)
        refuse_theirs(text, told)
        text, default, named = self._dataset(text, told, request)
        text = _with_base(text, tokens, base)
        try:
            if request["form"] == "DESCRIBE":
                return self._described(text, default, named)
            if request["form"] == "CONSTRUCT":
                made = template(text)
                return made.triples(_read(self._rows(made.select, made.names, default, named)))
            return self._table(text, request, default, named)
        except StoreFault as refusal:
            raise _of_query(refusal) from None

    def about(self, nodes: Iterable[NamedNode], properties: Iterable[NamedNode] = ()) -> Iterator[Triple]:
        among = f" VALUES ?p {{ {' '.join(map(str, properties))} }}" if properties else ""
        yield from self._triples(_about(nodes, among), sorted(self.names))

    def confirm(self) -> None:
        self._lease.confirm()

    def _table(
        self, text: str, request: Mapping[str, Any], default: Sequence[str], named: Sequence[str]
    ) -> Found:
        if request["form"] == "SELECT":
            text = within(text, request["rows"] + 1)
        found = self._endpoint.table(text, default, named)
        return Solutions(found.names, _read(found)) if isinstance(found, Table) else found

    def _dataset(
        self, text: str, told: Prologue, request: Mapping[str, Any]
    ) -> tuple[str, Sequence[str], Sequence[str]]:
        """The query without its FROM, the graphs that make the default graph, and the named ones."""
        text, default, named = without_from(text, told)
        if request["default_graphs"] or request["named_graphs"]:
            return text, request["default_graphs"], request["named_graphs"]
        if default or named:
            return text, default, named
        return text, sorted(self.names), sorted(self.names)

    def _described(self, text: str, default: Sequence[str], named: Sequence[str]) -> Iterator[Triple]:
        """The triples of what is described, and of blank nodes there: those that Oxigraph gives."""
        found = self._found(as_select(text), default, named)
        nodes = dict.fromkeys(term for row in found for term in row if isinstance(term, NamedNode))
        yield from self._triples(_about(nodes), default)

    def _triples(self, queries: Iterable[str], graphs: Sequence[str]) -> Iterator[Triple]:
        """The triples that these queries find, in rows of three values."""
        for query in queries:
            for row in self._rows(query, ("s", "p", "o"), graphs):
                yield Triple(*row)  # type: ignore[arg-type]  # a pattern has found it

    def _rows(
        self, query: str, names: Sequence[str], default: Sequence[str], named: Sequence[str] = ()
    ) -> Iterator[Row]:
        """The values of these variables in each row."""
        found = self._found(query, default, named)
        try:
            places = [found.names.index(each) for each in names]
        except ValueError as fault:
            raise StoreFault("The store does not give the variables that it was asked for.") from fault
        return (tuple(row[place] for place in places) for row in found)

    def _found(self, query: str, default: Sequence[str], named: Sequence[str] = ()) -> Table:
        found = self._endpoint.table(query, default, named)
        if isinstance(found, bool):
            raise StoreFault("The store answers a question for values with yes or no.")
        return found


def refuse_theirs(text: str, told: Prologue) -> None:
    """Raise QueryRefused for a function or a property of one engine's own.

    A call is an IRI before a bracket where an expression may stand; casts of XML Schema are SPARQL's own.
    """
    before, is_tail = "", False
    for token, after in zip(told.rest, [*told.rest[1:], None], strict=True):
        if token.kind in ("iri", "name") and not token.text.startswith("_:"):
            iri = told.iri(token)
            may_call = is_tail or before in _BEFORE_CALLS or before in _CLAUSES
            called = may_call and after is not None and after.text == "("
            if iri.lower().startswith(_THEIRS) or (called and not iri.startswith(_XSD)):
                line, column = place(text, token.start)
                raise QueryRefused(
                    f"<{iri}> is refused: functions and properties of one engine's own are not for use here "
                    f"(line {line}, column {column})."
                )
        before = token.keyword or token.text
        is_tail = before in _TAILS or (is_tail and before not in "{}")


def _refuse_glued(text: str, told: Prologue) -> None:
    """Raise BadQuery for a keyword that a prefix follows without a space: engines read that differently."""
    for token in told.rest:
        prefix = token.text.partition(":")[0]
        if token.kind == "name" and prefix != "_" and prefix not in told.prefixes:
            raise fault(text, token.start, "Here a keyword and a name need a space between them")


def without_from(text: str, told: Prologue) -> tuple[str, list[str], list[str]]:
    """The query with spaces in place of FROM and FROM NAMED, and the graphs of both (section 13.2)."""
    default: list[str] = []
    named: list[str] = []
    tokens = list(told.rest)
    for at, token in enumerate(tokens):
        if token.text == "{" and token.kind == "mark" and not _is_template(tokens, at):
            break
        if token.keyword == "FROM":
            is_named = tokens[at + 1].keyword == "NAMED"
            last = tokens[at + 1 + is_named]
            (named if is_named else default).append(told.iri(last))
            end = last.start + len(last.text)
            text = text[: token.start] + re.sub(r"[^\n]", " ", text[token.start : end]) + text[end:]
    return text, default, named


def within(text: str, rows: int) -> str:
    """The SELECT query for that many rows at most, if it does not limit or sort them itself.

    Some engines find all of them before they send the first; Virtuoso sorts no more than 10,000 for a LIMIT.

    >>> within("SELECT * { ?s ?p ?o } VALUES ?s { <urn:x> }", 5)
    'SELECT * { ?s ?p ?o } LIMIT 5 VALUES ?s { <urn:x> }'
    """
    depth, at = 0, len(text)
    for token in tokens_of(text):
        depth += (token.text in _OPEN) - (token.text in _CLOSED)
        if depth == 0 and token.keyword in ("LIMIT", "ORDER"):
            return text
        if depth == 0 and token.keyword == "VALUES":
            at = token.start
            break
    return f"{text[:at]}LIMIT {rows} {text[at:]}" if at < len(text) else f"{text}\nLIMIT {rows}"


def as_select(text: str) -> str:
    """The SELECT query for what a DESCRIBE query describes, in the same text but for its head.

    >>> as_select("DESCRIBE <urn:a> ?x WHERE { ?x ?y ?z } LIMIT 1")
    'SELECT DISTINCT (<urn:a> AS ?ldnkg0) ?x WHERE { ?x ?y ?z } LIMIT 1'
    >>> as_select("DESCRIBE <urn:a>")
    'SELECT DISTINCT (<urn:a> AS ?ldnkg0) {}'
    """
    tokens = prologue(tokens_of(text), "").rest
    head, rest = tokens[0], list(tokens[1:])
    listed = []
    while rest and (rest[0].kind in ("iri", "name", "variable") or rest[0].text == "*"):
        listed.append(rest.pop(0))
    start = text[: head.start] + "SELECT DISTINCT " + " ".join(_selected(listed))
    behind = text[listed[-1].start + len(listed[-1].text) :]
    has_pattern = bool(rest) and (rest[0].text == "{" or rest[0].keyword == "WHERE")
    return start + behind if has_pattern else f"{start} {{}}{behind}"


def _about(nodes: Iterable[NamedNode], among: str = "") -> Iterator[str]:
    """The queries for the triples of these nodes."""
    rest = iter(nodes)
    while some := " ".join(map(str, islice(rest, _AT_ONCE))):
        yield f"SELECT ?s ?p ?o {{ VALUES ?s {{ {some} }}{among} ?s ?p ?o }}"


def _selected(listed: Iterable[Token]) -> Iterator[str]:
    for number, token in enumerate(listed):
        is_value = token.kind in ("iri", "name")
        yield f"({token.text} AS ?ldnkg{number})" if is_value else token.text


def _is_template(tokens: Sequence[Token], at: int) -> bool:
    """Whether the bracket opens the template of CONSTRUCT, after which FROM may follow."""
    return at == 1 and tokens[0].keyword == "CONSTRUCT"


def _with_base(text: str, tokens: Iterable[Token], base: str) -> str:
    """The query with our base, if one of its IRIs is relative."""
    relative = any(
        token.kind == "iri" and not re.match(r"<[A-Za-z][A-Za-z0-9+.-]*:", token.text) for token in tokens
    )
    return f"BASE <{base}> {text}" if relative else text


def _read(found: Iterable[_Read]) -> Iterator[_Read]:
    try:
        yield from found
    except StoreFault as refusal:
        raise _of_query(refusal) from None


def _of_query(told: StoreFault) -> Exception:
    """400 says that the engine does not take the query (Protocol, 2.1.6), and our own parser does."""
    return BadQuery(f"The store does not take this query. {told}") if told.status == 400 else told
