"""Work in a second process: its result comes back, and so does whatever goes wrong there."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from ldnkg import beside


@pytest.fixture(autouse=True, params=["apart", "here"])
def processors(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """With a second processor, and without."""
    monkeypatch.setattr(beside, "several", lambda: request.param == "apart")
    monkeypatch.setattr(beside, "processors", lambda: 2)


def test_the_result_comes_back() -> None:
    with beside.beside(lambda: [1, 2]) as result:
        assert result() == [1, 2]


def test_what_is_raised_is_raised_here() -> None:
    def fail() -> None:
        raise ValueError("no light")

    with pytest.raises(ValueError, match="no light"), beside.beside(fail) as result:
        result()


def test_a_process_that_ends_before_its_time_is_an_error_of_the_system(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(beside, "several", lambda: True)
    with pytest.raises(OSError, match="ended before its time"), beside.beside(lambda: os._exit(1)) as result:
        result()


def test_tasks_give_their_results_in_order_and_tell_how_many_are_done() -> None:
    told: list[tuple[int, int]] = []
    tasks = [lambda number=number: number * number for number in range(5)]
    assert beside.shared(tasks, progress=lambda done, of: told.append((done, of))) == [0, 1, 4, 9, 16]
    assert told == [(done, 5) for done in range(6)]


def test_what_a_task_raises_is_raised_here() -> None:
    def fail() -> None:
        raise ValueError("no light")

    with pytest.raises(ValueError, match="no light"):
        beside.shared([fail, lambda: None])


def test_a_task_whose_process_ends_before_its_time_is_an_error_of_the_system(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(beside, "several", lambda: True)
    monkeypatch.setattr(beside, "processors", lambda: 2)
    with pytest.raises(OSError, match="ended before its time"):
        beside.shared([lambda: os._exit(1), lambda: None])


def test_tasks_of_other_processes_leave_nothing_here(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(beside, "several", lambda: True)
    monkeypatch.setattr(beside, "processors", lambda: 2)
    seen: list[int] = []
    assert beside.shared([lambda: seen.append(1), lambda: seen.append(2)]) == [None, None]
    assert seen == []


def test_work_that_is_done_away_tells_how_far_it_is() -> None:
    def work(progress: beside.Progress) -> str:
        progress(1, 2)
        return "lit"

    told: list[tuple[int, int]] = []
    assert beside.away(work, lambda done, of: told.append((done, of))) == "lit"
    assert told == [(1, 2)]


def test_work_that_is_done_away_may_have_copies_of_its_own() -> None:
    def work(_: beside.Progress) -> list[int]:
        return beside.shared([lambda: 1, lambda: 2])

    assert beside.away(work, lambda done, of: None) == [1, 2]


def test_what_is_raised_away_is_raised_here() -> None:
    def fail(_: beside.Progress) -> None:
        raise ValueError("no light")

    with pytest.raises(ValueError, match="no light"):
        beside.away(fail, lambda done, of: None)


def test_a_process_that_has_opened_a_database_is_not_copied(tmp_path: Path) -> None:
    """Asked of a process of its own: other tests have opened one in this."""
    ask = (
        "import pyoxigraph; from ldnkg import beside; beside.processors = lambda: 2\n"
        "print(beside.several()); store = pyoxigraph.Store({!r}); print(beside.several())\n"
        "del store; print(beside.several())"
    )
    command = [sys.executable, "-c", ask.format(str(tmp_path / "store"))]
    told = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()
    assert told == ["True", "False", "False"]
