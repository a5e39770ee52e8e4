"""A graph with one hub: a keeper of many lights, beside a keeper of one, and what their pages take."""

import os
from pathlib import Path

from bench.figures import ratio, table
from bench.latency import Sample, sample, server
from conftest import LIGHTS, write

LINKS = int(os.environ.get("BENCH_LINKS") or 200_000)
_REPEATS = 300
_ACCEPT = {"HTML": "text/html", "Turtle": "text/turtle", "JSON-LD": "application/ld+json"}
HUB, SMALL = "doc/keeper/hub", "doc/keeper/winstanley"
_HEAD = """\
@prefix ex: <https://example.org/lights/ont#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix v: <https://example.org/lights/vocab#> .

<https://example.org/lights/id/keeper/hub> a ex:Keeper ;
    skos:prefLabel "Keeper of all"@en .
"""
_LIGHT = """\
<https://example.org/lights/id/light/l{0}> a ex:Light ;
    ex:keptBy <https://example.org/lights/id/keeper/hub> ;
    ex:state v:lit ;
    skos:prefLabel "Light {0}"@en .
"""


def sources(folder: Path, links: int) -> Path:
    """The lighthouses with a hub that so many links lead to."""
    text = _HEAD + "".join(_LIGHT.format(number) for number in range(links))
    return write(folder, LIGHTS | {"graph/hub.ttl": text})


def report(folder: Path) -> str:
    """The page of the hub and of a small thing in turn, never from memory: each time another address."""
    figures: dict[tuple[str, str], Sample] = {}
    with server(sources(folder / "hub", LINKS), folder / "hub-releases") as port:
        for kind, accept in _ACCEPT.items():
            for name, path in (("small thing", SMALL), ("hub", HUB)):
                # an unknown release would be refused; a page number that a thing does not have is passed over
                cold = [f"{path}?page={number}" for number in range(1, _REPEATS)]
                figures[name, kind] = sample(port, cold, {"Accept": accept}, skip=3)
    rows = [
        [f"{name}, {kind}", str(found.count), f"{found.bytes:,}", f"{found.p50:.2f}", f"{found.p95:.2f}"]
        for (name, kind), found in figures.items()
    ]
    text = f"\n## A hub of {LINKS:,} incoming links beside a small thing\n\n"
    text += table(["page", "requests", "bytes (median)", "p50 ms", "p95 ms"], rows)
    for kind in _ACCEPT:
        times = ratio(figures["hub", kind].p50, figures["small thing", kind].p50)
        text += f"\n{kind}: the hub takes {times:.2f} times as long.\n"
    return text
