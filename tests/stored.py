"""A store made of sources, without a release around it."""

from pathlib import Path

import pyoxigraph as ox
from conftest import write

from ldnkg.counts import write_counts
from ldnkg.sources import Sources, load, quads
from ldnkg.store import Store, open_release


def store_of(sources: Sources, path: Path) -> Store:
    """The store of these sources, with their own base, in a folder that is not there yet."""
    path.mkdir()
    found = list(quads(sources))
    graph = ox.Store(str(path / "store"))
    graph.bulk_extend(ox.Quad(*each.triple, each.graph_name) for each in found)
    graph.flush()
    del graph
    write_counts(path / "counts.sqlite", dict.fromkeys(quad.triple for quad in found), sources.base)
    return open_release(path)


def store_of_files(files: dict[str, str], path: Path) -> Store:
    """The store of a folder of sources with these files."""
    return store_of(load(write(path / "sources", files)), path / "release")
