"""`make bench`: how long the pages and documents of the site take, as a table in Markdown.

Each figure is asked of a real server process over HTTP, one request after the other. Cold: documents that
were not asked for before, each once. Warm: the same one again and again. 304: with its validator.
"""

import os
import tempfile
from pathlib import Path

from bench import bombs, hub
from bench.latency import Sample, sample, server, serving, tag

from ldnkg.release import current
from ldnkg.store import open_release

ROOT = Path(__file__).resolve().parents[2]
LINKS = int(os.environ.get("BENCH_LINKS", "200000"))
REPEATS = 300
ACCEPT = {"HTML": "text/html", "Turtle": "text/turtle", "JSON-LD": "application/ld+json"}
CODED = {"Accept-Encoding": "br"}


def main() -> None:
    """Measure, and print the report."""
    with tempfile.TemporaryDirectory() as folder:
        print("## Documents of the curated graph\n")
        _head("document")
        _curated(Path(folder))
        print(f"\n## A hub of {LINKS:,} incoming links beside a small thing\n")
        _head("page")
        _hub(Path(folder))
        print(f"\n## {bombs.CLIENTS} clients that send query bombs\n")
        with serving(ROOT, Path(folder) / "bombs") as (port, pid):
            bombs.report(port, pid, _documents(Path(folder) / "bombs", "condition", "trial"))


def _curated(folder: Path) -> None:
    """Cold, warm and 304, for each format, over conditions and trials; and the largest page."""
    with server(ROOT, folder / "curated") as port:
        paths = _documents(folder / "curated", "condition", "trial")
        for name, accept in ACCEPT.items():
            headers = {"Accept": accept, **CODED}
            _row(f"{name}, cold", sample(port, paths, headers, skip=3))
            _row(f"{name}, warm", sample(port, paths[:1] * REPEATS, headers, skip=3))
            known = {**headers, "If-None-Match": tag(port, paths[0], headers)}
            _row(f"{name}, 304", sample(port, paths[:1] * REPEATS, known, skip=3))
        constant = {"Accept": "text/plain"}
        _row("robots.txt, for comparison", sample(port, ["robots.txt"] * REPEATS, constant, skip=3))


def _hub(folder: Path) -> None:
    """The page of the hub and of a small thing in turn, never from memory: each time another address."""
    with server(hub.sources(folder / "hub", LINKS), folder / "hub-releases") as port:
        figures = {}
        for name, path in (("small thing", hub.SMALL), ("hub", hub.HUB)):
            for kind, accept in ACCEPT.items():
                # an unknown release would be refused; a page number that a thing does not have is passed over
                cold = [f"{path}?page={number}" for number in range(1, REPEATS)]
                figures[name, kind] = sample(port, cold, {"Accept": accept}, skip=3)
                _row(f"{name}, {kind}", figures[name, kind])
        for kind in ACCEPT:
            ratio = figures["hub", kind].p50 / figures["small thing", kind].p50
            print(f"\n{kind}: the hub takes {ratio:.2f} times as long.")


def _documents(releases: Path, *kinds: str) -> list[str]:
    """The addresses of the documents of some kinds of thing."""
    release = current(releases)
    store = open_release(release.path)
    nodes = [node for kind in kinds for node in store.members(kind, 0, 1000)[0]]
    base = release.manifest["base"]
    return [node.value.replace(f"{base}id/", "doc/") for node in nodes]


def _head(what: str) -> None:
    print(f"| {what} | requests | status | bytes (median) | p50 ms | p95 ms |\n|---|---|---|---|---|---|")


def _row(what: str, found: Sample) -> None:
    print(
        f"| {what} | {found.count} | {found.status} | {found.bytes:,} | {found.p50:.2f} | {found.p95:.2f} |",
        flush=True,
    )


main()
