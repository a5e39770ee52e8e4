"""The same queries over HTTP to us and to other SPARQL servers on the same data, in turn."""

import itertools
import json
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

from bench import peers
from bench.client import Client
from bench.documents import documents
from bench.figures import Times
from bench.load import Load, Rate
from bench.peers import BASE, Endpoint, Place
from bench.tools import Missing

_PREFIXES = f"PREFIX ldn: <{BASE}ont#> PREFIX skos: <http://www.w3.org/2004/02/skos/core#> "
_HUB = f"<{BASE}id/condition/multiple-sclerosis>"
_REPEATS = 40
_PATIENCE = 2.0
"""Requests of a kind in a round, fewer where they take longer than so many seconds."""

QUESTIONS = {
    "point": "SELECT ?p{0} ?o{0} {{ <{1}> ?p{0} ?o{0} }}",
    "join": (
        "SELECT ?trial{0} ?label ?regimen {{ ?trial{0} ldn:studiesCondition HUB ; skos:prefLabel ?label ;"
        " ldn:hasArm ?arm . ?arm ldn:hasRegimen ?regimen }} LIMIT 100"
    ),
    "path": "SELECT ?below{0} {{ ?below{0} skos:broader+ HUB }}",
    "aggregate": (
        "SELECT ?condition{0} (COUNT(?trial) AS ?n) {{ ?trial a ldn:ClinicalTrial ; ldn:studiesCondition"
        " ?condition{0} }} GROUP BY ?condition{0} ORDER BY DESC(?n) ?condition{0} LIMIT 20"
    ),
    "text": (
        "SELECT ?claim{0} ?label {{ ?claim{0} a ldn:Claim ; skos:prefLabel ?label"
        ' FILTER CONTAINS(LCASE(STR(?label)), "placebo") }} LIMIT 20'
    ),
    "CONSTRUCT": (
        "CONSTRUCT {{ ?trial{0} ?p ?o }} WHERE {{ ?trial{0} ldn:studiesCondition HUB ; ?p ?o }} LIMIT 500"
    ),
}
"""Each with a gap in the name of a variable, so that every text is new, and one for a thing."""
LOOK_UPS = ("point", "join", "path")


@dataclass
class Answers:
    """What was measured, by question, mode (`new` texts, or one `repeated`) and server; rows to compare."""

    times: dict[tuple[str, str, str], Times] = field(default_factory=dict)
    points: dict[str, Rate] = field(default_factory=dict)
    rows: dict[tuple[str, str], int] = field(default_factory=dict)
    failed: dict[tuple[str, str], str] = field(default_factory=dict)
    missing: dict[str, str] = field(default_factory=dict)

    @property
    def servers(self) -> list[str]:
        """Those that answered, in the order in which they were started."""
        return list(dict.fromkeys(server for _, _, server in self.times))

    def p50(self, question: str, mode: str, server: str) -> float:
        """The median in milliseconds; NaN where nothing was measured."""
        return self.times.get((question, mode, server), Times()).at(50)


def measure(
    found: Answers,
    place: Place,
    sources: Path,
    releases: Path,
    load: Load,
    rounds: int,
    wanted: frozenset[str],
) -> Iterator[str]:
    """Fill `found`: all servers run side by side and are asked in turn; says what is being done."""
    things = [path.replace("/doc/", f"{BASE}id/") for path in documents(releases, "trial", "condition")]
    numbers = itertools.count(1)
    release = (releases / "current").resolve()
    with ExitStack() as stack:
        servers = [stack.enter_context(peers.ours(place, sources, releases))]
        for name in peers.SPARQL:
            if name in wanted:
                yield f"SPARQL: starting {name}"
                try:
                    servers.append(stack.enter_context(peers.SPARQL[name](place, release)))
                except (Missing, OSError, subprocess.CalledProcessError) as fault:
                    found.missing[name] = str(fault)
        for number in range(rounds):
            for question, mode in itertools.product(QUESTIONS, ("new", "repeated")):
                yield f"SPARQL, round {number + 1} of {rounds}: {question}, {mode}"
                for server in servers:
                    _ask(found, server, question, mode, things, numbers)
            for server in servers:
                _points(found, server, things, load, numbers)


def _ask(
    found: Answers, server: Endpoint, question: str, mode: str, things: list[str], numbers: Iterator[int]
) -> None:
    """One round of one question to one server, one request after the other."""
    client, times, until = Client(server.port), [], time.monotonic() + _PATIENCE
    text = _texts(question, things, numbers)
    same = _text(question, 0, things[0])
    for number in range(_REPEATS + 1):
        try:
            got = client.get(_path(server, same if mode == "repeated" else text()), _accept(question))
        except (OSError, ValueError) as fault:
            found.failed[question, server.name] = f"{type(fault).__name__}: {fault}"
            return
        if got.status != 200:
            found.failed[question, server.name] = f"status {got.status}"
            return
        if number or time.monotonic() > until:  # the first answer of a block only wakes the server
            times.append(got.milliseconds)
        if time.monotonic() > until:
            break
    if mode == "repeated":
        found.rows[question, server.name] = _rows(got.body, question)
    found.times.setdefault((question, mode, server.name), Times()).add(times)
    client.close()


def _points(found: Answers, server: Endpoint, things: list[str], load: Load, numbers: Iterator[int]) -> None:
    """Point queries of several clients at once, none of them twice as far as can be."""
    text = _texts("point", things, numbers)
    cycle = [_path(server, text()) for _ in range(5000)]
    rate = found.points.setdefault(server.name, Rate())
    load.run(rate, server.port, server.pid, "/", _accept("point"), cycle=cycle, connections=8)


def _texts(question: str, things: list[str], numbers: Iterator[int]) -> Callable[[], str]:
    def text() -> str:
        number = next(numbers)
        return _text(question, number, things[number % len(things)])

    return text


def _text(question: str, number: int, thing: str) -> str:
    return _PREFIXES + QUESTIONS[question].format(number, thing).replace("HUB", _HUB)


def _path(server: Endpoint, text: str) -> str:
    return f"{server.path}?query={quote(text)}"


def _accept(question: str) -> dict[str, str]:
    return {
        "Accept": "application/n-triples" if question == "CONSTRUCT" else "application/sparql-results+json"
    }


def _rows(body: bytes, question: str) -> int:
    if question == "CONSTRUCT":
        return len(set(body.split(b"\n")) - {b""})
    return len(json.loads(body)["results"]["bindings"])
