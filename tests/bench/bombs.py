"""Pages and light queries while ten clients send query bombs: what everybody else notices of it.

Each bomb is another text, so that none is known from before. Every client has an address of its own on this
machine; pages are never from memory: each time another address.
"""

import http.client
import itertools
import os
import random
import statistics
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from urllib.parse import quote

from bench.processes import measured

BOMBS = {
    "cartesian product": "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }",
    "deep path": "SELECT (COUNT(*) AS ?n) { ?a (!<x:x>)+ ?b . ?b (!<x:y>)* ?c }",
    "huge ORDER BY": "SELECT * { ?a ?b ?c . ?d ?e ?f } ORDER BY ?f DESC(?a) LIMIT 10",
    "regex on everything": (
        'SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f FILTER REGEX(CONCAT(STR(?c), STR(?f)), "(a|ab)*c$") }'
    ),
    "gigantic GROUP_CONCAT": (
        "SELECT (GROUP_CONCAT(CONCAT(STR(?c), STR(?f))) AS ?x) { ?a ?b ?c . ?d ?e ?f }"
    ),
    "million-row CONSTRUCT": "CONSTRUCT { ?a ?b ?f } { ?a ?b ?c . ?d ?e ?f } LIMIT 1000000",
}
LIGHT = (
    "SELECT ?label { ?thing <http://www.w3.org/2004/02/skos/core#prefLabel> ?label } LIMIT 20",
    "SELECT ?p (COUNT(*) AS ?n) { <http://www.w3.org/2004/02/skos/core#Concept> ?p ?o } GROUP BY ?p",
    "ASK { ?s a <http://www.w3.org/2002/07/owl#Class> }",
    "DESCRIBE ?s { ?s a <http://www.w3.org/2002/07/owl#Ontology> } LIMIT 1",
)
CLIENTS = 10
SECONDS = float(os.environ.get("BENCH_SECONDS", "40"))


@dataclass
class Watched:
    """What one kind of request took, in milliseconds, and how often it failed."""

    times: list[float] = field(default_factory=list)
    failed: Counter[str] = field(default_factory=Counter)

    def row(self) -> str:
        """Requests, p50, p95, worst, failures: cells of a table."""
        cuts = statistics.quantiles(self.times, n=20, method="inclusive")
        failures = sum(self.failed.values())
        return (
            f"{len(self.times)} | {statistics.median(self.times):.1f} | {cuts[18]:.1f} "
            f"| {max(self.times):.0f} | {failures}"
        )


def report(port: int, pid: int, pages: Sequence[str]) -> None:
    """Print the tables for the server at this port, whose process is `pid`."""
    numbers = itertools.count(1)
    _watch(port, pages, numbers, 3)  # nobody's first request counts
    print("| asked | state | requests | p50 ms | p95 ms | worst ms | failed |\n|---|---|---|---|---|---|---|")
    peaks, outcomes = [], Counter[str]()
    for state, bombers, seconds in (("idle", 0, SECONDS / 4), ("loaded", CLIENTS, SECONDS)):
        with measured(pid) as memory, _bombed(port, bombers, outcomes):
            page, light = _watch(port, pages, numbers, seconds)
        for what, watched in (("entity page", page), ("light query", light)):
            print(f"| {what} | {state} | {watched.row()} |", flush=True)
        peaks.append(f"{state} {memory.peak / 2**20:,.0f} MiB")
    print(f"\nPeak memory of all processes together: {', '.join(peaks)}.\n")
    print(f"Bombs: {', '.join(f'{count} × {what}' for what, count in outcomes.most_common())}.\n")
    _killed(port)


@contextmanager
def _bombed(port: int, clients: int, outcomes: Counter[str]) -> Iterator[None]:
    """So many clients send bombs while the block runs."""
    stop = threading.Event()
    threads = [
        threading.Thread(target=_bomber, args=(port, number, stop, outcomes)) for number in range(clients)
    ]
    for each in threads:
        each.start()
    time.sleep(2)
    yield
    stop.set()
    for each in threads:
        each.join()


def _watch(
    port: int, pages: Sequence[str], numbers: Iterator[int], seconds: float
) -> tuple[Watched, Watched]:
    """Pages and light queries in turn, each in a thread of its own."""
    page, light = Watched(), Watched()
    until = time.monotonic() + seconds

    def page_path() -> str:
        number = next(numbers)
        return f"/{pages[number % len(pages)]}?page={number + 1}"

    def light_path() -> str:
        return f"/sparql?query={quote(random.choice(LIGHT))}%23{random.random()}"

    threads = [
        threading.Thread(target=_ask, args=(port, page_path, page, until)),
        threading.Thread(target=_ask, args=(port, light_path, light, until)),
    ]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    return page, light


def _ask(port: int, path: Callable[[], str], watched: Watched, until: float) -> None:
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=60)) as connection:
        while time.monotonic() < until:
            begun = time.perf_counter()
            connection.request("GET", path())
            response = connection.getresponse()
            response.read()
            watched.times.append((time.perf_counter() - begun) * 1000)
            if response.status != 200:
                watched.failed[str(response.status)] += 1
            time.sleep(0.01)


def _bomber(port: int, number: int, stop: threading.Event, outcomes: Counter[str]) -> None:
    """One client that sends one bomb after the other."""
    kinds = itertools.cycle(
        list(BOMBS.items())[number % len(BOMBS) :] + list(BOMBS.items())[: number % len(BOMBS)]
    )
    while not stop.is_set():
        _, query = next(kinds)
        status, _ = bomb(port, query, f"127.0.0.{number + 10}")
        outcomes[status] += 1
        time.sleep(0.05)


def bomb(port: int, query: str, address: str = "127.0.0.9") -> tuple[str, float]:
    """Send one bomb; what came back, and after how many seconds."""
    path = f"/sparql?query={quote(f'{query} # {random.random()}')}"
    begun = time.monotonic()
    source = (address, 0)
    with closing(
        http.client.HTTPConnection("127.0.0.1", port, timeout=90, source_address=source)
    ) as connection:
        try:
            connection.request("GET", path, headers={"Accept": "text/plain, */*;q=0.1"})
            response = connection.getresponse()
            text = response.read().decode()
        except (http.client.HTTPException, OSError) as fault:
            return f"connection broken ({type(fault).__name__})", time.monotonic() - begun
    why = {"longer": "time", "memory": "memory", "Too many": "queue", "more than": "rows", "yours": "share"}
    reason = next((short for words, short in why.items() if response.status != 200 and words in text), "")
    return f"{response.status} {reason}".strip(), time.monotonic() - begun


def _killed(port: int) -> None:
    """From the limit to the answer, and from the answer to that of the next query, alone on the server."""
    limit = float(os.environ.get("LDNKG_QUERY_SECONDS", "10"))
    late, back = [], []
    for _ in range(3):
        _, took = bomb(port, BOMBS["cartesian product"])
        late.append((took - limit) * 1000)
        begun = time.monotonic()
        bomb(port, LIGHT[0])
        back.append((time.monotonic() - begun) * 1000)
    print(f"From the limit to the answer that says so: at most {max(late):.0f} ms.")
    print(f"From that answer to the next query's: at most {max(back):.0f} ms.")
