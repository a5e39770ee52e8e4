"""`ldnkg format`: the one normal form of Turtle, written in place."""

import os
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

import click

from ldnkg import turtle
from ldnkg.cli import options
from ldnkg.errors import BadTurtle
from ldnkg.places import KINDS, sources_root


@click.command("format", short_help="Rewrite Turtle in its normal form.")
@click.argument("paths", nargs=-1, type=click.Path(exists=True, path_type=Path), metavar="[PATH]...")
@click.option("--check", is_flag=True, help="Change nothing; list the files that differ, with exit code 1.")
@options.sources
def command(paths: tuple[Path, ...], check: bool, sources: Path | None) -> None:
    """Rewrite Turtle in its normal form: all sources, or the files and folders named.

    What does not parse stays as it is and is listed with exit code 1.
    """
    root = Path(str(sources_root(sources))) if not paths else Path()
    files = list(_turtle_files(paths or [root / kind for kind in KINDS]))
    changed, faults = 0, 0
    for file in files:
        try:
            changed += _formatted(file, write=not check)
        except (BadTurtle, UnicodeDecodeError, OSError) as fault:
            faults += 1
            click.echo(_line(file, fault), err=True)
    verb = "would change" if check else "changed"
    many = f"{len(files):,} file{'s' if len(files) != 1 else ''}"
    click.echo(f"{many}: {changed:,} {verb}, {faults:,} cannot be formatted.", err=True)
    if faults or (check and changed):
        sys.exit(1)


def _turtle_files(paths: Iterable[Path]) -> Iterator[Path]:
    """The Turtle files at and below the paths, in order."""
    for path in paths:
        yield from [path] if path.is_file() else sorted(path.rglob("*.ttl"))


def _formatted(file: Path, write: bool) -> bool:
    """Whether the file is not in normal form; then its name is printed, and with `write` it is rewritten."""
    text = file.read_bytes().decode("utf-8")
    normal = turtle.normal_form(text)
    if normal == text:
        return False
    click.echo(os.path.relpath(file))
    if write:
        file.write_bytes(normal.encode("utf-8"))
    return True


def _line(file: Path, fault: BadTurtle | UnicodeDecodeError | OSError) -> str:
    """A file that cannot be formatted, and why."""
    if isinstance(fault, OSError):
        return f"{os.path.relpath(file)}: {fault.strerror}."
    if isinstance(fault, UnicodeDecodeError):
        return f"{os.path.relpath(file)}: The file is not UTF-8; save it as UTF-8."
    place = ":".join(str(part) for part in (os.path.relpath(file), fault.line, fault.column) if part)
    return f"{place}: {fault}"
