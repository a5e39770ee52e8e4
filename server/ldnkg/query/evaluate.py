"""Evaluate one query on one release, within its budgets; only ever called in a worker."""

import json
import time
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from pathlib import Path
from typing import Any, TypeVar

from pyoxigraph import NamedNode, Store, Triple

from ldnkg import formats
from ldnkg.endpoint import Endpoint, Lease
from ldnkg.errors import AnswerTooLarge, BadQuery
from ldnkg.iris import PREFIXES
from ldnkg.query import results
from ldnkg.query.afar import at_endpoint
from ldnkg.query.faults import explained, without_function
from ldnkg.query.graphs import Found, Graphs, Solutions, in_folder, refuse_others, solutions
from ldnkg.query.limits import Limits
from ldnkg.query.results import RESULTS, Table
from ldnkg.query.tallies import TALLIES, Tallies

_LABELS = [
    NamedNode(PREFIXES["rdfs"] + "label"),
    NamedNode(PREFIXES["skos"] + "prefLabel"),
    NamedNode(PREFIXES["dcterms"] + "title"),
]

_T = TypeVar("_T")
_Answer = Table | bool | list[Triple]


class Engine:
    """The graphs of one release, in its folder, opened read-only, or at an endpoint; raises OSError."""

    def __init__(self, release: Path, limits: Limits, endpoint: Endpoint | None = None) -> None:
        manifest = json.loads((release / "manifest.json").read_text(encoding="utf-8"))
        self.base: str = manifest["base"]
        self._prefixes: Mapping[str, str] = manifest["prefixes"]
        self._context = (release / "context.jsonld").read_text(encoding="utf-8")
        self._graphs = _graphs(release, manifest, endpoint)
        self._tallies = Tallies(release / TALLIES)
        self._limits = limits

    def answer(self, request: Mapping[str, Any]) -> tuple[dict[str, Any], Iterator[bytes]]:
        """The head (media type, rows, truncated, timings) and the body in pieces, for a request of the pool.

        The rows are counted before the head is given; the bytes while the pieces are (AnswerTooLarge).
        Without a suffix the query is only read, for its faults.
        """
        begun = time.monotonic()
        if not request["suffix"]:
            self._read(request)
            return {"media_type": "", "rows": 0, "truncated": False}, iter(())
        try:
            known = self._known(request)
            found, more = self._collect(self._evaluate(request) if known is None else known, request)
        except RuntimeError as fault:
            raise without_function(request["text"], str(fault)) or fault from None
        self._graphs.confirm()
        format_ = _format(request["suffix"], found)
        head = {
            "media_type": format_.media_type,
            "rows": 1 if isinstance(found, bool) else len(found),
            "truncated": more,
            "timings": {"evaluation" if known is None else "statistics": time.monotonic() - begun},
        }
        return head, _within(self._limits.answer_bytes, self._written(found, format_))

    def _read(self, request: Mapping[str, Any]) -> None:
        """Raise BadQuery for a query that the engine does not take; nothing of the graphs is read."""
        try:
            Store().query(request["text"], base_iri=self.base)
        except SyntaxError as fault:
            raise self._explained(request, fault) from None

    def _explained(self, request: Mapping[str, Any], fault: SyntaxError) -> BadQuery:
        return explained(request["text"], str(fault), request["undeclared"], self._prefixes)

    def _known(self, request: Mapping[str, Any]) -> Solutions | None:
        """The answer from what the release has counted, if it has, and the default graph is asked."""
        chosen = any(request[name] for name in ("default_graphs", "named_graphs", "graphs", "undeclared"))
        found = None if chosen else self._tallies.answer(request["text"], self.base)
        return None if found is None else solutions(found)

    def _evaluate(self, request: Mapping[str, Any]) -> Found:
        """What is found in the graphs of the protocol, of the query, or in all (Protocol, 2.1.4)."""
        chosen = {*request["default_graphs"], *request["named_graphs"]}
        refuse_others(chosen or request["graphs"], self._graphs.names)
        try:
            return self._graphs.query(request, self.base)
        except SyntaxError as fault:
            raise self._explained(request, fault) from None

    def _collect(self, result: Found, request: Mapping[str, Any]) -> tuple[_Answer, bool]:
        """The whole answer, or its beginning and True where the client wants it cut; else AnswerTooLarge."""
        if isinstance(result, bool):
            return result, False
        if isinstance(result, Solutions):
            names, order = _ordered(result.names, request["columns"])
            rows, more = _budgeted((tuple(row[number] for number in order) for row in result.rows), request)
            return Table(names, rows, f"{self.base}sparql#truncated" if more else None), more
        return _budgeted(
            self._described(result) if request["form"] == "DESCRIBE" else _distinct(result), request
        )

    def _described(self, triples: Iterable[Triple]) -> Iterator[Triple]:
        """What the engine describes, the `#parts` it points to, and the labels of all that is pointed to."""
        seen = set(triples)
        fresh = seen
        while fresh:
            parts = {
                triple.object
                for triple in fresh
                if isinstance(triple.subject, NamedNode)
                and isinstance(triple.object, NamedNode)
                and triple.object.value.startswith(triple.subject.value.partition("#")[0] + "#")
            }
            fresh = set(self._graphs.about(parts)) - seen
            seen |= fresh
        objects = {triple.object for triple in seen if isinstance(triple.object, NamedNode)}
        yield from seen | set(self._graphs.about(objects, _LABELS))

    def _written(self, answer: _Answer, format_: formats.Format) -> Iterable[bytes]:
        if isinstance(answer, list):
            return [formats.serialise(answer, format_, prefixes=self._prefixes, context=self._context)]
        return map(str.encode, results.write(answer, format_.suffix))


def _graphs(release: Path, manifest: Mapping[str, Any], endpoint: Endpoint | None) -> Graphs:
    if endpoint is None:
        return in_folder(release / "store")
    return at_endpoint(endpoint, manifest["graphs"], Lease(endpoint, manifest["base"], manifest["id"]))


def _ordered(names: list[str], wanted: list[str]) -> tuple[tuple[str, ...], list[int]]:
    """The columns as they are wanted, others behind them, and the number that each has for the engine.

    >>> _ordered(["o", "p", "s"], ["s", "p", "o"])
    (('s', 'p', 'o'), [2, 1, 0])
    """
    places = {name: place for place, name in enumerate(wanted)}
    order = sorted(range(len(names)), key=lambda number: places.get(names[number], len(places) + number))
    return tuple(names[number] for number in order), order


def _distinct(triples: Iterable[Triple]) -> Iterator[Triple]:
    seen = set()
    for triple in triples:
        if triple not in seen:
            seen.add(triple)
            yield triple


def _budgeted(found: Iterable[_T], request: Mapping[str, Any]) -> tuple[list[_T], bool]:
    """What was found, within the row budget, and whether there was more."""
    most: int = request["rows"]
    rows = list(islice(found, most + 1))
    if len(rows) > most and not request["truncate"]:
        raise AnswerTooLarge(
            f"The answer has more than {most:,} rows: page through it with ORDER BY, LIMIT and OFFSET, "
            "or send truncate=yes for its beginning."
        )
    return rows[:most], len(rows) > most


def _format(suffix: str, answer: _Answer) -> formats.Format:
    among = formats.GRAPHS if isinstance(answer, list) else RESULTS
    for format_ in among:
        if format_.suffix == suffix:
            return format_
    raise BadQuery(f"The answer to this query cannot be written as {suffix}.")


def _within(most: int, pieces: Iterable[bytes]) -> Iterator[bytes]:
    size = 0
    for piece in pieces:
        size += len(piece)
        if size > most:
            raise AnswerTooLarge(
                f"The answer has more than {most:,} bytes: page through it with ORDER BY, LIMIT and OFFSET."
            )
        yield piece
