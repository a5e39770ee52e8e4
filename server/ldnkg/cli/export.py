"""`ldnkg export`: the whole site as files, for any file host."""

import os
import time
from collections.abc import Sequence
from pathlib import Path

import click

from ldnkg.cli import options
from ldnkg.codings import CODINGS, Coding
from ldnkg.places import releases_root

_MOST_SHOWN = 10
_TOKENS = [each.token for each in CODINGS]


def _chosen(context: click.Context, parameter: click.Parameter, text: str) -> Sequence[Coding]:
    """The codings named in a list with commas."""
    tokens = [each.strip() for each in text.split(",") if each.strip() not in ("", "none")]
    if unknown := [each for each in tokens if each not in _TOKENS]:
        raise click.BadParameter(f"{unknown[0]!r} is none of {', '.join(_TOKENS)}.")
    return [each for each in CODINGS if each.token in tokens]


@click.command("export", short_help="Write the site as files.")
@click.argument("folder", metavar="DIR", type=options.FOLDER)
@options.releases
@click.option(
    "--root",
    type=click.Path(path_type=Path),
    help="Where the host will have DIR, for its configuration. [default: DIR]",
)
@click.option(
    "--codings",
    callback=_chosen,
    default="gzip",
    show_default=True,
    metavar="LIST",
    help=f"Compressed forms to write beside each file, of {','.join(_TOKENS)}; none for none.",
)
@click.option(
    "--jobs",
    type=click.IntRange(1, 64),
    default=os.cpu_count() or 1,
    help="Processes that write. [default: one for each core]",
)
def command(
    folder: Path, releases: Path | None, root: Path | None, codings: Sequence[Coding], jobs: int
) -> None:
    """Write the current release to DIR as files, with configurations for nginx, Apache and Caddy.

    DIR is new, empty, or a former export, which is replaced in one step. Exit code 0: it is written. 2: it
    could not be, and DIR is as it was.
    """
    from ldnkg.export import export

    begin = time.monotonic()
    with options.progress("Reading") as progress:
        done = export(
            releases_root(releases), folder, codings=codings, root=root, jobs=jobs, progress=progress
        )
    for what, names in (
        ("Leads nowhere", [f"{page} → {link}" for page, link in done.broken]),
        ("Differs only by capitals", done.alike),
    ):
        for name in names[:_MOST_SHOWN]:
            click.echo(f"{what}: {name}", err=True)
        if len(names) > _MOST_SHOWN:
            click.echo(f"… and {len(names) - _MOST_SHOWN:,} more.", err=True)
    click.echo(
        f"Release {done.release.id} in {folder}: {done.files:,} files, {done.bytes:,} bytes, "
        f"in {time.monotonic() - begin:.0f} s. {folder / '.hosting' / 'README.md'} tells how to serve it."
    )
