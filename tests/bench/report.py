"""The report: tables, bars, targets and the machine, in Markdown."""

import os
import platform
import subprocess
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path

from bench.builds import Built
from bench.documents import NAMES, Documents
from bench.figures import bars, ratio, table
from bench.growth import Grown
from bench.load import CONNECTIONS, HEAD
from bench.questions import QUESTIONS, Answers
from bench.targets import Target

_TIMES = ["requests", "p50 ms (of the rounds)", "p95 ms", "p99 ms"]


def opening(root: Path, command: str) -> str:
    """What this is, of which version, on what."""
    return (
        "# Benchmarks\n\n"
        f"Written by `{command}`.\n\n"
        "Every figure comes from real servers over HTTP on one machine, asked in turn in the same run.\n"
        "Of several rounds the median counts, with the least and the most beside it. Rates of a machine\n"
        "that does other things too mean little by themselves: read the ratios (of what was asked in turn,\n"
        "the median of each turn's), and the processor time.\n\n"
        f"{_machine(root)}\n"
    )


def documents(found: Documents) -> str:
    """Documents: rates, ratios, first times."""
    head, text = ["answer", *HEAD, "of the constant body"], ""
    for format_, name in NAMES.items():
        ceiling = found.of("constant", format_).rate
        rows = [
            [server, *rate.cells, f"{rate.rate.over(ceiling):.0%}"]
            for (server, of), rate in found.warm.items()
            if of == format_
        ]
        text += f"\n### {name}, {found.sizes[format_]:,} bytes\n\n" + table(head, rows)
        rates = {server: rate.rate.median for (server, of), rate in found.warm.items() if of == format_}
        text += "\n" + bars("Answers a second:", rates, "/s")
    cold = [[NAMES[format_], *times.cells] for format_, times in found.cold.items()]
    return (
        "\n## Documents of the curated graph\n\n"
        f"`{found.path}`, with Brotli, {CONNECTIONS} connections. *ldnkg* is the document, from memory;\n"
        "*304* the same with its validator; *constant* the same bytes from the same server with the same\n"
        "settings; *constant in a thread* the same through the site's own adapter; *nginx* the same\n"
        "bytes as files, *same fields* with all the header fields of the document; *export behind nginx*\n"
        "`ldnkg export`, its answers kept as its README says, by the address of a variant or negotiated;\n"
        "*as the export* its very bytes and header fields as files.\n"
        f"{text}\n### The first time\n\n"
        "Every condition and trial once, on a new server, one request after the other.\n\n"
        f"{table(['document', *_TIMES], cold)}{_missing(found.missing)}"
    )


def answers(found: Answers, size: str, triples: int) -> str:
    """Queries: medians of every server, and how many times the others' ours are."""
    text = ""
    for mode, what in (("new", "Each text is new"), ("repeated", "One text again and again")):
        rows = []
        for question in QUESTIONS:
            cells = []
            for server in found.servers:
                cells.append(_median(found, question, mode, server))
            rows.append([question, *cells])
        text += f"\n### {what}: p50 / p95 in ms; in brackets ours over theirs\n\n"
        text += table(["query", *found.servers], rows)
        text += "\n" + bars("Medians:", _medians(found, mode), "ms")
    points = [[server, *rate.cells] for server, rate in found.points.items()]
    differ = [f"{question}: {told}" for question in QUESTIONS if (told := _differ(found, question))]
    return (
        f"\n## SPARQL at {size} ({triples:,} triples)\n{text}"
        f"\n### Point queries of 8 clients\n\n{table(['server', *HEAD], points)}"
        + "".join(f"\nThe servers differ in the number of rows: {each}.\n" for each in differ)
        + "".join(f"\n{server} failed at {of}: {why}.\n" for (of, server), why in found.failed.items())
        + _missing(found.missing)
    )


def growth(found: Mapping[str, Grown]) -> str:
    """Pages of graphs of several sizes."""
    rows = [
        [size, grown.first.text(".2f"), *grown.pages.cells[1:], *grown.search.cells[1:]]
        for size, grown in found.items()
    ]
    head = ["size", "first page, s", "page p50 ms", "p95", "p99", "search p50 ms", "p95", "p99"]
    return (
        "\n## A growing graph\n\nFrom the start of a server to its first page; the same pages of each"
        f" size, which nobody has asked for before; searches.\n\n{table(head, rows)}"
    )


def builds(found: Mapping[str, Built]) -> str:
    """Builds of several sizes."""
    rows = [
        [
            size,
            f"{built.triples:,}",
            f"{built.seconds:.1f}",
            f"{built.processor:.1f}",
            f"{built.memory / 1e6:,.0f}",
            f"{built.bytes / 1e6:,.0f}",
        ]
        for size, built in found.items()
    ]
    head = ["size", "triples", "seconds", "processor seconds", "peak memory MB", "release MB"]
    speed = {size: built.triples / built.seconds for size, built in found.items()}
    return f"\n## Builds\n\n{table(head, rows)}\n" + bars("Speed:", speed, "triples/s")


def targets(found: Iterable[Target]) -> str:
    """What was to be reached."""
    return "\n## Targets\n\n" + table(["target", "found", ""], [each.cells for each in found])


def _median(found: Answers, question: str, mode: str, server: str) -> str:
    times = found.times.get((question, mode, server))
    if not times or not times.pooled:
        return "–"
    mine = found.p50(question, mode, "ldnkg")
    told = "" if server == "ldnkg" else f" ({ratio(mine, times.at(50)):.2f})"
    return f"{times.at(50):.2f} / {times.at(95):.2f}{told}"


def _medians(found: Answers, mode: str) -> dict[str, float]:
    return {
        f"{question}, {server}": found.p50(question, mode, server)
        for question in QUESTIONS
        for server in found.servers
        if server != "rdflib-endpoint"
    }


def _differ(found: Answers, question: str) -> str:
    counts = {server: rows for (of, server), rows in found.rows.items() if of == question}
    return (
        ", ".join(f"{server} {rows}" for server, rows in counts.items())
        if len(set(counts.values())) > 1
        else ""
    )


def _missing(missing: Mapping[str, str]) -> str:
    return "".join(f"\n{name} could not be measured: {why}.\n" for name, why in missing.items())


def _machine(root: Path) -> str:
    """Processors, memory, kernel, Python, version of the program, load."""
    cpu = next(
        (
            line.partition(":")[2].strip()
            for line in Path("/proc/cpuinfo").read_text().splitlines()
            if line.startswith("model name")
        ),
        platform.machine(),
    )
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    commit = subprocess.run(
        ["git", "-C", str(root), "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=False
    ).stdout.strip()
    time = datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC")
    load = ", ".join(f"{each:.1f}" for each in os.getloadavg())
    rows = [
        ["processors", f"{os.cpu_count()} × {cpu}"],
        ["memory", f"{memory:.0f} GiB"],
        ["system", f"{platform.system()} {platform.release()}, Python {platform.python_version()}"],
        ["commit", commit or "unknown"],
        ["time", time],
        ["load when it began (1, 5, 15 minutes)", load],
    ]
    return table(["machine", ""], rows)
