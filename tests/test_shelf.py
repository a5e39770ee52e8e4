"""What is costly to open stays open for a while, and is closed only when nobody uses it."""

import pytest

from ldnkg.shelf import Shelf


def test_what_was_used_last_stays_open_and_what_is_in_use_is_not_closed() -> None:
    opened: list[str] = []
    closed: list[str] = []
    shelf = Shelf[str](2, lambda key: opened.append(key) or key.upper(), closed.append)  # type: ignore[func-returns-value]
    with shelf.lent("a") as first, shelf.lent("a") as again:
        assert first is again
        for key in "bcb":
            with shelf.lent(key):
                pass
        assert closed == []
    assert closed == ["A"]
    with shelf.lent("d"):
        assert closed == ["A", "C"]
        shelf.drop("d")
        assert closed == ["A", "C"]
    assert closed == ["A", "C", "D"]
    shelf.close()
    shelf.drop("never")
    assert opened == ["a", "b", "c", "d"] and closed == ["A", "C", "D", "B"]


def test_what_cannot_be_opened_leaves_nothing_behind() -> None:
    def refuse(key: str) -> str:
        raise OSError(key)

    shelf = Shelf(2, refuse, lambda value: None)
    for _ in range(2):
        with pytest.raises(OSError, match="a"), shelf.lent("a"):
            pass
    shelf.close()
