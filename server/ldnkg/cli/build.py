"""`ldnkg build`: a release of the sources, made current when it is complete."""

from importlib.abc import Traversable
from pathlib import Path

import click

from ldnkg.cli import options
from ldnkg.errors import BadSources, BuildFailed
from ldnkg.places import KINDS, releases_root, sources_root
from ldnkg.release import Release, build
from ldnkg.sources import load

_MOST_SHOWN = 20
_BASE = "http://localhost:8000/"


@click.command("build", short_help="Make a release of the sources.")
@options.sources
@options.releases
@options.base
@click.option(
    "--panels",
    type=click.Choice(["some", "all"]),
    envvar="LDNKG_PANELS",
    show_envvar=True,
    default="some",
    show_default=True,
    help="Which are answered now: those that take long, or all, for a site with a store elsewhere.",
)
def command(sources: Path | None, releases: Path | None, base: str | None, panels: str) -> None:
    """Validate the sources and make a release of them; the current one stays if that fails.

    Without --base its IRIs begin with http://localhost:8000/. Former releases are kept, and the site shows
    them; `ldnkg releases` lists them, goes back to one, and removes them.

    Exit code 0: the release is current. 1: the sources do not conform. 2: it could not be written.
    """
    where = options.checked_base(base or _BASE)
    try:
        release = build_release(sources, releases_root(releases), where, answered=panels == "all")
    except BadSources as fault:
        _show(fault)
        raise
    counts = release.manifest["counts"]
    click.echo(
        f"Release {release.id}: {counts['triples']:,} triples, {counts['entities']:,} things, at {where}"
    )


def build_release(sources: Path | None, releases: Path, base: str, *, answered: bool = False) -> Release:
    """Load the sources, make their release and make it current; progress is shown on a terminal."""
    root = sources_root(sources)
    _check_apart(root, releases)
    with options.progress("Reading") as progress:
        return build(load(root), releases, base, answered=answered, progress=progress)


def _check_apart(root: Traversable, releases: Path) -> None:
    """Raise BuildFailed when the next build would read its releases as sources."""
    for kind in KINDS:
        folder = root / kind
        if isinstance(folder, Path) and releases.resolve().is_relative_to(folder.resolve()):
            raise BuildFailed(f"{releases} is in the sources ({kind}/): name another folder with --releases.")


def _show(fault: BadSources) -> None:
    """The first problems, one a line."""
    for problem in fault.problems[:_MOST_SHOWN]:
        click.echo(str(problem), err=True)
