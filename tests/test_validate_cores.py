"""Two processes for one validation: nothing is lost, whatever the second one does."""

import os
from pathlib import Path

import pytest
from conftest import LIGHTS, write

from ldnkg.sources import load
from ldnkg.validate import cores, shacl, validate

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
    monkeypatch.setattr(shacl, "_MANY", 0)
    monkeypatch.setattr(shacl, "several", lambda: True)
    together = validate(sources)
    assert alone.problems == together.problems != ()
    assert len(alone.graph) == len(together.graph)
