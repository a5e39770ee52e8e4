"""`ldnkg load`: the current release into the store that `ldnkg serve --store` reads from."""

import os
from dataclasses import replace
from pathlib import Path

import click

from ldnkg import loading
from ldnkg.cli import options
from ldnkg.endpoint import Address, Endpoint, Patience, Shelves, marker
from ldnkg.errors import BuildFailed, StoreUnreachable
from ldnkg.places import releases_root
from ldnkg.release import Release, current, whole

_SILENCE = 600.0
"""Seconds that a store may be silent: to put a graph in place of a large one, or to count it, takes long."""


@click.command("load", short_help="Put the release into a store elsewhere.")
@click.option(
    "--graph-store",
    metavar="URL",
    envvar="LDNKG_GRAPH_STORE",
    show_envvar=True,
    help="Where graphs are put (SPARQL 1.1 Graph Store HTTP Protocol).",
)
@click.option(
    "--file",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write one file of N-Quads instead, for a bulk loader; .gz is compressed.",
)
@click.option("--count", is_flag=True, help="Load nothing: count what --store holds, as after a bulk loader.")
@click.option(
    "--media-type",
    default="text/turtle",
    show_default=True,
    help="How the triples are announced; N-Triples are Turtle, too, and every store knows that.",
)
@options.store
@options.releases
@click.option(
    "--release",
    "single",
    type=options.FOLDER,
    help="Load this release, such as one that is not current yet: its folder. [default: the current one]",
)
def command(
    graph_store: str | None,
    file: Path | None,
    count: bool,
    media_type: str,
    store: str | None,
    releases: Path | None,
    single: Path | None,
) -> None:
    """Put the current release, or another, into a store; servers change to it when all is there.

    \b
    ldnkg load --graph-store http://db.example:8890/sparql-graph-crud-auth   # Virtuoso
    ldnkg load --graph-store http://db.example:3030/ds/data                  # Fuseki, GraphDB …
    ldnkg load --file release.nq.gz                                          # for a bulk loader
    ldnkg load --count --store http://db.example:3030/ds/sparql              # after it

    Name and password are taken from LDNKG_STORE_USER and LDNKG_STORE_PASSWORD, or from the URL. With --store
    the triples are counted there, and servers take the release only if all have arrived.
    """
    if (graph_store is not None) + (file is not None) + count != 1:
        raise click.UsageError("Say where to: with --graph-store or with --file; or --count.")
    release = current(releases_root(releases)) if single is None else _whole(single)
    if file is not None:
        _write(release, file)
        return
    target, there = (_endpoint(url) if url else None for url in (graph_store, store))
    try:
        if target is not None:
            with options.progress("Loading") as progress:
                found = loading.put(release, Shelves(target, media_type), progress=progress, endpoint=there)
        elif there is not None:
            found = loading.count(release, there)
        else:
            raise click.UsageError("Say with --store where to count.")
    except StoreUnreachable as fault:
        asked = [each.address.url for each in (target, there) if each]
        raise StoreUnreachable(f"{fault} Asked at {' and '.join(asked)}.") from fault
    click.echo(f"Release {release.id}: {found:,} triples in {len(release.manifest['graphs'])} graphs.")
    if not release.manifest.get("answered"):
        click.echo(
            "Panels are asked of the store with each page; `ldnkg build --panels all` answers them before."
        )


def _whole(folder: Path) -> Release:
    """The release in a folder; raises NoRelease when it is not whole."""
    release = whole(folder.resolve())
    release.confirm(elsewhere=False)
    return release


def _endpoint(url: str) -> Endpoint:
    patience = Patience.from_environment(os.environ)
    longer = replace(patience, read_seconds=max(_SILENCE, patience.read_seconds))
    return Endpoint(Address.read(url, os.environ), longer)


def _write(release: Release, path: Path) -> None:
    try:
        with options.progress("Writing") as progress:
            count = loading.write(release, path, progress=progress)
    except OSError as fault:
        raise BuildFailed(f"{path} cannot be written: {fault.strerror or fault}.") from fault
    click.echo(
        f"Release {release.id}: {count:,} quads in {path}. Load it into a store that is new or has none of"
    )
    click.echo("these graphs, then count with `ldnkg load --count`; how, stands in docs/stores.md:")
    for name in (*release.manifest["graphs"], marker(release.manifest["base"])):
        click.echo(f"  {name}")
