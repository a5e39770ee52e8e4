"""Put the graphs of a release into a graph store, or into a file for it, its mark last."""

import gzip
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import pyoxigraph as ox
from pyoxigraph import NamedNode, Quad, Triple

from ldnkg.endpoint import LEASE, Endpoint, Lease, Shelves, mark, marker
from ldnkg.errors import NoRelease, StoreFault
from ldnkg.held import database
from ldnkg.release import Progress, Release


def put(
    release: Release,
    shelves: Shelves,
    *,
    progress: Progress = lambda what, done, of: None,
    wait: Callable[[float], None] = time.sleep,
    endpoint: Endpoint | None = None,
) -> int:
    """Put every graph of the release in place of what the store has under its name; gives the triples sent.

    With an endpoint they are counted there, and the mark is set only if all have arrived (StoreFault).

    The mark is taken away first and set last. In between `wait` for as long as servers may rely on it:
    they answer from what they remember, or with 503, until all is there. Raises StoreUnreachable, StoreFault,
    and NoRelease when the folder of the release has no triples.
    """
    base = release.manifest["base"]
    with _database(release) as store:
        total, sent = len(store), 0
        shelves.remove(marker(base))
        progress("Waiting for the servers", 0, total)
        wait(LEASE)
        for name in release.manifest["graphs"]:
            for count in shelves.replace(name, _graph(store, name)):
                sent += count
                progress("Loading", sent, total)
    if endpoint is not None and (differing := _differing(release, endpoint)):
        raise StoreFault(f"The release is not all there, and no server will take it from there: {differing}.")
    for _ in shelves.replace(marker(base), [mark(base, release.id)]):
        progress("Loading", total, total)
    return total


def write(release: Release, path: Path, *, progress: Progress = lambda what, done, of: None) -> int:
    """Write every graph of the release, and its mark, as N-Quads; gives how many. Raises OSError, NoRelease.

    A name that ends in `.gz` is compressed. What is there already is replaced when all is written.
    """
    base = release.manifest["base"]
    unfinished = path.with_name(f".{path.name}.unfinished")
    try:
        with _database(release) as store, _file(unfinished, packed=path.suffix == ".gz") as file:
            told = mark(base, release.id)
            last = Quad(told.subject, told.predicate, told.object, NamedNode(marker(base)))
            ox.serialize(_counted(store, len(store), progress), file, format=ox.RdfFormat.N_QUADS)
            ox.serialize([last], file, format=ox.RdfFormat.N_QUADS)
            total = len(store)
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)
    return total + 1


def count(release: Release, endpoint: Endpoint) -> int:
    """How many triples the release has, when an endpoint holds as many of each graph, and the mark.

    Raises StoreFault that says which graphs differ, StoreOutdated without the mark, and StoreUnreachable.
    """
    if differing := _differing(release, endpoint):
        raise StoreFault(f"The store does not hold the release as it is: {differing}.")
    Lease(endpoint, release.manifest["base"], release.id).confirm()
    with _database(release) as store:
        return len(store)


def _differing(release: Release, endpoint: Endpoint) -> str:
    """The graphs in which the endpoint finds another number of triples than the release has, in words."""
    query = "SELECT (COUNT(*) AS ?count) { ?s ?p ?o }"
    differing = []
    with _database(release) as store:
        for name in release.manifest["graphs"]:
            had = sum(1 for _ in _graph(store, name))
            found = endpoint.table(query, [name])
            counts = [] if isinstance(found, bool) else [int(row[0].value) for row in found]  # type: ignore[union-attr]
            if counts != [had]:
                differing.append(f"<{name}> has {sum(counts):,} of {had:,} triples")
    return "; ".join(differing)


@contextmanager
def _database(release: Release) -> Iterator[ox.Store]:
    try:
        store = database(release.path / "store")
    except OSError as fault:
        raise NoRelease(
            f"Release {release.id} has no triples in its folder: make it anew with `ldnkg build`."
        ) from fault
    yield store


def _graph(store: ox.Store, name: str) -> Iterator[Triple]:
    return (quad.triple for quad in store.quads_for_pattern(None, None, None, NamedNode(name)))


@contextmanager
def _file(path: Path, *, packed: bool) -> Iterator[IO[bytes]]:
    if packed:
        with gzip.open(path, "wb", compresslevel=6) as file:
            yield file  # type: ignore[misc]
    else:
        with path.open("wb") as plain:
            yield plain


def _counted(quads: Iterable[Quad], of: int, progress: Progress) -> Iterator[Quad]:
    for done, quad in enumerate(quads):
        if done % 10_000 == 0:
            progress("Writing", done, of)
        yield quad
