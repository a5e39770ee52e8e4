"""`make bench`: our server and its peers on the same data, in one run on this machine, as a report.

Variables: SIZE (`curated`, `100k`, `1m`, `10m`; several with commas), PEERS (`oxigraph`, `rdflib-endpoint`,
`virtuoso`, `nginx`, or `none`), PARTS (`builds`, `documents`, `sparql`, `growth`, `hub`, `bombs`), ROUNDS,
DURATION of each load in seconds, REPORT (a file). What it fetches and makes is kept in `.bench/`.
"""

import io
import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import redirect_stdout
from dataclasses import dataclass, field
from pathlib import Path

from bench import bombs, builds, documents, growth, hub, peers, questions, report, scale, targets
from bench.latency import serving
from bench.load import Load
from bench.targets import Target
from bench.tools import Tools

ROOT = Path(__file__).resolve().parents[2]
PARTS = ("builds", "documents", "sparql", "growth", "hub", "bombs")


@dataclass(frozen=True)
class Options:
    """What is to be measured."""

    sizes: tuple[str, ...]
    peers: frozenset[str]
    parts: tuple[str, ...]
    rounds: int
    seconds: float
    report: Path
    command: str

    @classmethod
    def from_environment(cls) -> "Options":
        """As the variables say; raises SystemExit for what is unknown."""
        sizes = _listed("SIZE", "100k", tuple(scale.SIZES))
        wanted = _listed("PEERS", ",".join(peers.NAMES), (*peers.NAMES, "none"))
        parts = _listed("PARTS", ",".join(PARTS), PARTS)
        given = [name for name in ("SIZE", "PEERS", "PARTS", "ROUNDS", "DURATION") if os.environ.get(name)]
        command = " ".join(["make bench", *(f"{name}={os.environ[name]}" for name in given)])
        return cls(
            sizes,
            frozenset(wanted),
            parts,
            int(os.environ.get("ROUNDS") or 5),
            float(os.environ.get("DURATION") or 2),
            Path(os.environ.get("REPORT") or ROOT / "docs/benchmarks.md"),
            command,
        )


@dataclass
class _Run:
    """One run of the harness: its options, its folder, and what it has to say."""

    options: Options
    work: Path
    targets: list[Target] = field(default_factory=list)
    _built: dict[str, builds.Built] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.kept = ROOT / ".bench"
        self.kept.mkdir(exist_ok=True)
        self.place = peers.Place(ROOT, Tools(self.kept / "tools"), self.work)
        self.load = Load(self.place.tools, self.work, self.options.seconds)

    def sections(self) -> Iterator[str]:
        """The report, a part at a time."""
        yield report.opening(ROOT, self.options.command)
        writers = {
            "builds": self.builds,
            "documents": self.documents,
            "sparql": self.sparql,
            "growth": self.growth,
            "hub": self.hub,
            "bombs": self.bombs,
        }
        for part in PARTS:
            if part in self.options.parts:
                yield writers[part]()
        yield report.targets(self.targets)

    def sources(self, size: str) -> Path:
        """Sources of a size."""
        if size == "curated":
            return ROOT
        _progress(f"generating {size}")
        return scale.sources(ROOT, self.kept / f"sources-{size}", size)

    def releases(self, size: str, *, anew: bool = False) -> Path:
        """A folder with a release of a size; one of an earlier run will do, if it is not to be made anew."""
        folder = self.kept / f"releases-{size}"
        if anew or not builds.ready(folder):
            if folder.exists():
                folder.rename(self.work / f"former-{size}")
            sources = self.sources(size)
            _progress(f"building {size}")
            self._built[size] = builds.build(sources, folder)
        return folder

    def builds(self) -> str:
        for size in dict.fromkeys(("curated", *self.options.sizes)):
            self.releases(size, anew=True)
        self.targets += targets.of_builds(self._built)
        return report.builds(self._built)

    def documents(self) -> str:
        releases, rounds = self.releases("curated"), self.options.rounds
        found = documents.Documents()
        arguments = (releases, self.load, rounds, self.options.peers)
        for told in documents.measure(found, self.place, ROOT, *arguments):
            _progress(told)
        self.targets += targets.of_documents(found)
        return report.documents(found)

    def sparql(self) -> str:
        text = ""
        for size in self.options.sizes:
            releases, sources = self.releases(size), self.sources(size)
            arguments = (self.load, self.options.rounds, self.options.peers)
            found = questions.Answers()
            for told in questions.measure(found, self.place, sources, releases, *arguments):
                _progress(f"{size}, {told}")
            self.targets += targets.of_answers(found, size)
            text += report.answers(found, size, builds.triples(releases))
        return text

    def growth(self) -> str:
        found = {size: growth.Grown() for size in self.options.sizes}
        paths = growth.pages(self.releases(self.options.sizes[0]))
        for number in range(self.options.rounds):
            for size, grown in found.items():
                _progress(f"growth, round {number + 1} of {self.options.rounds}: {size}")
                growth.measure(self.place, self.sources(size), self.releases(size), paths, grown)
        self.targets += targets.of_growth(found)
        return report.growth(found)

    def hub(self) -> str:
        _progress(f"a hub of {hub.LINKS:,} links")
        return hub.report(self.work)

    def bombs(self) -> str:
        _progress(f"{bombs.CLIENTS} clients that send query bombs")
        paths = [path[1:] for path in documents.documents(self.releases("curated"), "condition", "trial")]
        with redirect_stdout(io.StringIO()) as told, serving(ROOT, self.work / "bombs") as (port, pid):
            bombs.report(port, pid, paths)
        return f"\n## {bombs.CLIENTS} clients that send query bombs\n\n{told.getvalue()}"


def main() -> None:
    """Measure, write the report, and show it."""
    options = Options.from_environment()
    with tempfile.TemporaryDirectory() as folder:
        text = ""
        for section in _Run(options, Path(folder)).sections():
            text += section
            print(section, flush=True)
    options.report.parent.mkdir(exist_ok=True)
    options.report.write_text(text, encoding="utf-8")
    _progress(f"written to {options.report}\n")


def _listed(name: str, default: str, known: tuple[str, ...]) -> tuple[str, ...]:
    """A variable with commas, of known words."""
    words = tuple(each.strip().lower() for each in (os.environ.get(name) or default).split(","))
    for unknown in (each for each in words if each not in known):
        raise SystemExit(f"{name} has {unknown!r}: choose among {', '.join(known)}.")
    return words


def _progress(what: str) -> None:
    """What is being done, in one line that is written over on a terminal."""
    start, end = ("\r\x1b[K", "") if sys.stderr.isatty() else ("", "\n")
    print(f"{start}bench: {what}", end=end, file=sys.stderr, flush=True)


main()
