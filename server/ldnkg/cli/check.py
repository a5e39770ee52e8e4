"""`ldnkg check`: what is wrong with the sources, one line a problem."""

import json
import sys
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from importlib.abc import Traversable
from pathlib import Path

import click

from ldnkg import turtle
from ldnkg.cli import options
from ldnkg.places import sources_root
from ldnkg.sources import Sources, load
from ldnkg.validate import Progress, Report, validate


@click.command("check", short_help="Parse and validate the sources.")
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path), metavar="[PATH]...")
@click.option(
    "--format",
    "form",
    type=click.Choice(["human", "json", "ttl"]),
    default="human",
    show_default=True,
    help="A line a problem, a JSON object, or the SHACL validation report.",
)
@options.sources
def command(paths: tuple[Path, ...], form: str, sources: Path | None) -> None:
    """Parse and validate all sources, or what concerns the files and folders named.

    \b
    ldnkg check
    ldnkg check graph/trial graph/dataset.ttl

    Exit code 0: nothing is wrong, or warnings only. 1: something is. 2: the check could not run.
    """
    begun = time.monotonic()
    root = sources_root(sources)
    loaded = load(root)
    only = _named(root, paths, loaded) if paths else None
    with _progress() as progress:
        report = validate(loaded, only=only, progress=progress)
    sys.stdout.write(_written(report, form, loaded))
    click.echo(_summary(report, len(only or loaded.files), time.monotonic() - begun), err=True)
    if not report.conforms:
        sys.exit(1)


def _named(root: Traversable, paths: Iterable[Path], sources: Sources) -> list[str]:
    """The names of the source files at and below the paths, each from here or from the root."""
    names = [file.name for file in sources.files] + [problem.file for problem in sources.problems]
    found: list[str] = []
    for path in paths:
        below = _below(root, path)
        some = [name for name in names if name == below or name.startswith(f"{below}/") or below == "."]
        if not some:
            raise click.UsageError(f"No source file at {path}; the sources are in {root}.")
        found += some
    return list(dict.fromkeys(found))


def _below(root: Traversable, path: Path) -> str:
    """A path as seen from the root of the sources."""
    there = Path(str(root)).resolve()
    here = path.resolve()
    return here.relative_to(there).as_posix() if here.is_relative_to(there) else path.as_posix()


def _written(report: Report, form: str, sources: Sources) -> str:
    """The report as text in the form asked for."""
    if form == "ttl":
        return turtle.write(report.graph, sources.prefixes)
    if form == "json":
        problems = [asdict(problem) for problem in report.problems]
        return (
            json.dumps({"conforms": report.conforms, "problems": problems}, indent=2, ensure_ascii=False)
            + "\n"
        )
    marks = {"violation": "", "warning": " [warning]", "info": " [info]"}
    return "".join(f"{problem}{marks[problem.severity]}\n" for problem in report.problems)


def _summary(report: Report, files: int, seconds: float) -> str:
    """The closing line: how much was checked, what was found, how long it took."""
    found = Counter(problem.severity for problem in report.problems)
    counts = ", ".join(
        f"{found[each]:,} {each}{'' if found[each] == 1 else 's'}" for each in ("violation", "warning")
    )
    return f"{files:,} {'file' if files == 1 else 'files'} checked in {seconds:.1f} s: {counts}."


@contextmanager
def _progress() -> Iterator[Progress | None]:
    """A bar on stderr when that is a terminal; None else."""
    if not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import Progress as Bar

    with Bar(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("Shapes", total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)
