"""`ldnkg load`: the current release into the store that `ldnkg serve --store` reads from."""

import os
from pathlib import Path

import click

from ldnkg import loading
from ldnkg.cli import options
from ldnkg.endpoint import Address, Endpoint, Patience, Shelves, marker
from ldnkg.errors import BuildFailed, StoreUnreachable
from ldnkg.places import releases_root
from ldnkg.release import Release, current


@click.command("load")
@click.option(
    "--graph-store",
    metavar="URL",
    envvar="LDNKG_GRAPH_STORE",
    help="Where graphs are put (SPARQL 1.1 Graph Store HTTP Protocol).",
)
@click.option(
    "--file",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write one file of N-Quads instead, for a bulk loader; .gz is compressed.",
)
@click.option(
    "--media-type",
    default="text/turtle",
    show_default=True,
    help="How the triples are announced; N-Triples are Turtle, too, and every store knows that.",
)
@options.store
@options.releases
def command(
    graph_store: str | None, file: Path | None, media_type: str, store: str | None, releases: Path | None
) -> None:
    """Put the current release into a store; servers change to it when all is there.

    \b
    ldnkg load --graph-store http://db.example:8890/sparql-graph-crud-auth   # Virtuoso
    ldnkg load --graph-store http://db.example:3030/ds/data                  # Fuseki, GraphDB …
    ldnkg load --file release.nq.gz                                          # for a bulk loader

    Name and password are taken from LDNKG_STORE_USER and LDNKG_STORE_PASSWORD, or from the URL. With --store
    the triples are counted there, and servers take the release only if all have arrived.
    """
    if (graph_store is None) == (file is None):
        raise click.UsageError("Say where to: with --graph-store or with --file.")
    release = current(releases_root(releases))
    if file is not None:
        _write(release, file)
        return
    target = Endpoint(Address.read(str(graph_store), os.environ), Patience.from_environment(os.environ))
    there = Endpoint.from_environment(os.environ, store) if store else None
    try:
        with options.progress("Loading") as progress:
            count = loading.put(release, Shelves(target, media_type), progress=progress, endpoint=there)
    except StoreUnreachable as fault:
        asked = [each.address.url for each in (target, there) if each]
        raise StoreUnreachable(f"{fault} Asked at {' and '.join(asked)}.") from fault
    click.echo(f"Release {release.id}: {count:,} triples in {len(release.manifest['graphs'])} graphs.")
    if not release.manifest.get("answered"):
        click.echo(
            "Panels are asked of the store with each page; `ldnkg build --panels all` answers them before."
        )


def _write(release: Release, path: Path) -> None:
    try:
        with options.progress("Writing") as progress:
            count = loading.write(release, path, progress=progress)
    except OSError as fault:
        raise BuildFailed(f"{path} cannot be written: {fault.strerror or fault}.") from fault
    click.echo(
        f"Release {release.id}: {count:,} quads in {path}. Load it into a store that is new or has none of"
    )
    click.echo("these graphs; how, stands in docs/stores.md:")
    for name in (*release.manifest["graphs"], marker(release.manifest["base"])):
        click.echo(f"  {name}")
