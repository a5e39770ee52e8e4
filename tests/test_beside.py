"""Work in a second process: its result comes back, and so does whatever goes wrong there."""

import os

import pytest

from ldnkg import beside


@pytest.fixture(autouse=True, params=["apart", "here"])
def processors(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """With a second processor, and without."""
    monkeypatch.setattr(beside, "several", lambda: request.param == "apart")


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
