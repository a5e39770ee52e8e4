"""What a bounded memory keeps."""

from hypothesis import given
from hypothesis import strategies as st

from ldnkg.cache import Cache


def test_what_was_used_last_is_kept() -> None:
    cache = Cache[bytes](80, len)
    for name in "abcdefgh":
        cache.put(name, b"x" * 10)
    assert cache.get("a") == b"x" * 10
    cache.put("i", b"y" * 10)
    assert cache.get("a") is not None
    assert cache.get("b") is None


def test_a_new_value_is_kept_though_all_others_were_used() -> None:
    cache = Cache[bytes](80, len)
    for name in "abcdefgh":
        cache.put(name, b"x" * 10)
        cache.get(name)
    cache.put("i", b"y" * 10)
    assert cache.get("i") is not None
    assert [name for name in "abcdefgh" if cache.get(name) is None] == ["a"]


def test_one_large_value_does_not_drive_out_the_others() -> None:
    cache = Cache[bytes](80, len)
    cache.put("small", b"x")
    cache.put("large", b"x" * 11)
    assert (cache.get("small"), cache.get("large")) == (b"x", None)


@given(st.lists(st.tuples(st.integers(0, 9), st.binary(max_size=20))))
def test_it_never_holds_more_than_it_may(values: list[tuple[int, bytes]]) -> None:
    cache = Cache[bytes](80, len)
    latest = {}
    for key, value in values:
        cache.put(key, value)
        latest[key] = value
        kept = {each: cache.get(each) for each in latest}
        assert sum(len(each) for each in kept.values() if each is not None) <= 80
        assert all(each in (None, latest[key]) for key, each in kept.items())
