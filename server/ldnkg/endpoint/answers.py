"""Reading what an endpoint answers, so that it is the same whichever engine gives it.

Engines keep numbers, dates and truth values by what they mean and write them each in its own way (`1` or
`true`; `50.0` or `50`), and some name blank nodes as no standard allows. Here all of that gets one form: the
one in which pyoxigraph stores it, as in a release that is read from its folder.
"""

import io
import re
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any

import pyoxigraph as ox

from ldnkg.counts import Term
from ldnkg.errors import StoreFault

_XSD = "http://www.w3.org/2001/XMLSchema#"
_TEXTS = frozenset((f"{_XSD}string", "http://www.w3.org/1999/02/22-rdf-syntax-ns#langString"))
_BLANK = re.compile(rb'("bnode"\s*,\s*"value"\s*:\s*")([^"\\]*)(")')
_NODE = ox.NamedNode("urn:x")
_ROWS = 500
"""So many rows get their form at once."""

Row = tuple[Term | None, ...]


class Table:
    """The rows of a SELECT query, each with as many values as there are variables, read as they come."""

    def __init__(self, solutions: ox.QuerySolutions) -> None:
        self.names = [each.value for each in solutions.variables]
        self._solutions = solutions

    def __iter__(self) -> Iterator[Row]:
        rows = _faults(tuple(row) for row in self._solutions)
        while some := list(islice(rows, _ROWS)):
            stored = _stored({term for row in some for term in row if term is not None and _may_differ(term)})
            yield from (
                tuple(stored.get(term, term) if term is not None else None for term in row) for row in some
            )


def table(body: io.BufferedReader) -> Table | bool:
    """The answer to a SELECT or ASK query in SPARQL 1.1 Query Results JSON; raises StoreFault."""
    try:
        found = ox.parse_query_results(io.BufferedReader(_Named(body)), format=ox.QueryResultsFormat.JSON)
    except (SyntaxError, ValueError) as fault:
        raise _nonsense(fault) from None
    return bool(found) if isinstance(found, ox.QueryBoolean) else Table(found)


def _faults(found: Iterable[Any]) -> Iterator[Any]:
    try:
        yield from found
    except (SyntaxError, ValueError) as fault:
        raise _nonsense(fault) from None


def _nonsense(fault: Exception) -> StoreFault:
    return StoreFault(f"The store answers what is no result of a query ({str(fault)[:200]}).")


def _may_differ(term: Term) -> bool:
    return isinstance(term, ox.Literal) and term.datatype.value not in _TEXTS


def _stored(literals: Iterable[Term]) -> dict[Term, Term]:
    """What pyoxigraph makes of each of these, where that is another."""
    numbered = {ox.NamedNode(f"urn:x:{number}"): each for number, each in enumerate(literals)}
    if not numbered:
        return {}
    store = ox.Store()
    store.extend(ox.Quad(node, _NODE, each) for node, each in numbered.items())
    return {numbered[quad.subject]: quad.object for quad in store}


class _Named(io.RawIOBase):
    """The same bytes of JSON, with names of blank nodes that are letters and digits.

    A quotation mark within a string has a backslash before it, so nothing in a text looks like a binding.
    """

    def __init__(self, body: io.BufferedReader) -> None:
        self._body, self._held, self._ready, self._ended = body, b"", b"", False

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        while not self._ready and not self._ended:
            piece = self._body.read1(2**16)
            self._ended = not piece
            data = self._held + piece
            cut = len(data) if self._ended else data.rfind(b"{") + 1  # a binding stands in one pair of braces
            self._ready, self._held = _BLANK.sub(_renamed, data[:cut]), data[cut:]
        piece, self._ready = self._ready[: len(buffer)], self._ready[len(buffer) :]
        buffer[: len(piece)] = piece
        return len(piece)


def _renamed(match: re.Match[bytes]) -> bytes:
    """`nodeID://b10000` is `b6e6f...` in hex where it is not a name already, so that two stay two."""
    name = match[2] if re.fullmatch(rb"[A-Za-z][A-Za-z0-9]*", match[2]) else b"x" + match[2].hex().encode()
    return match[1] + name + match[3]
