"""Two processes for one validation: nothing is lost, whatever the second one does."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from conftest import LIGHTS, write
from pyoxigraph import Quad, Store
from pyshacl.graph_abstraction import OxigraphDataGraph

from ldnkg.sources import load
from ldnkg.validate import cores, data, shacl, validate

BROKEN = LIGHTS | {
    "graph/keeper/nameless.ttl": "<https://example.org/lights/id/keeper/nameless> a "
    "<https://example.org/lights/ont#Keeper> .\n"
}


def test_what_the_second_process_finds_clean_is_not_looked_at_again() -> None:
    seen = []
    for number in cores.shared(200, lambda number: number % 7 != 0):
        seen.append(number)
    assert len(seen) == len(set(seen))
    assert set(range(0, 200, 7)) <= set(seen)


def test_all_is_seen_to_when_the_second_process_finds_nothing_clean() -> None:
    assert sorted(cores.shared(100, lambda _: False)) == list(range(100))


def test_all_is_seen_to_when_the_second_process_dies() -> None:
    assert sorted(cores.shared(100, lambda _: os._exit(1))) == list(range(100))


def test_two_processes_find_what_one_finds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sources = load(write(tmp_path, BROKEN))
    alone = validate(sources)
    monkeypatch.setattr(shacl, "MANY", 0)
    monkeypatch.setattr(shacl, "several", lambda: True)
    together = validate(sources)
    assert alone.problems == together.problems != ()
    assert len(alone.graph) == len(together.graph)


@pytest.mark.parametrize("large", [0, 10**6])
@pytest.mark.parametrize("part", [20, 10**6])
def test_a_large_graph_is_validated_in_parts_and_on_the_disk_as_a_small_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, large: int, part: int
) -> None:
    sources = load(write(tmp_path, BROKEN))
    plain = validate(sources).problems
    assert plain
    monkeypatch.setattr(data, "_LARGE", large)
    monkeypatch.setattr(shacl, "_PART", part)
    monkeypatch.setattr(shacl, "MANY", 0)
    assert validate(sources).problems == plain


def test_data_in_numbers_are_those_of_the_engine(tmp_path: Path) -> None:
    """With two spellings of one value, of which the engine keeps the value."""
    more = (
        "<https://example.org/lights/id/light/pharos> <https://example.org/lights/ont#depth> 2.50, 2.5, 2 ."
    )
    sources = load(write(tmp_path, LIGHTS | {"graph/light/more.ttl": more}))
    with data.prepared(sources, "oxigraph") as ready:
        ours = ready()
    store = Store()
    store.extend(Quad(*fact) for file in sources.files if file.kind != "shapes" for fact in file.triples)
    theirs = OxigraphDataGraph(store)
    nodes: Iterator[Iterator[Any]] = (map(data.to_node, quad.triple) for quad in store)
    for subject, predicate, value in nodes:
        assert set(ours.objects(subject, predicate)) == set(theirs.objects(subject, predicate))
        assert set(ours.subjects(predicate, value)) == set(theirs.subjects(predicate, value))
        assert set(ours.subject_objects(predicate)) == set(theirs.subject_objects(predicate))
        said = list(ours.predicate_objects(subject))
        assert len(said) == len(set(said))
        assert set(said) == set(theirs.predicate_objects(subject))
