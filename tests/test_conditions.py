"""Conditional requests and ranges of bytes, as values (RFC 9110, sections 13 and 14)."""

from datetime import UTC, datetime

import pytest

from ldnkg.conditions import part, precondition

THEN = datetime(2026, 11, 25, 12, 0, 0, tzinfo=UTC)
BEFORE, AT = "Wed, 25 Nov 2026 11:59:59 GMT", "Wed, 25 Nov 2026 12:00:00 GMT"


@pytest.mark.parametrize(
    ("asked", "status"),
    [
        ({}, None),
        ({"If-None-Match": '"a"'}, 304),
        ({"If-None-Match": 'W/"a"'}, 304),
        ({"If-None-Match": '"x", "a"'}, 304),
        ({"If-None-Match": "*"}, 304),
        ({"If-None-Match": "a"}, None),
        ({"If-None-Match": '"A"'}, None),
        ({"If-None-Match": "", "If-Modified-Since": AT}, None),
        ({"If-None-Match": '"x"', "If-Modified-Since": AT}, None),
        ({"If-Modified-Since": AT}, 304),
        ({"If-Modified-Since": "Wednesday, 25-Nov-26 12:00:00 GMT"}, 304),
        ({"If-Modified-Since": "Wed Nov 25 12:00:00 2026"}, 304),
        ({"If-Modified-Since": BEFORE}, None),
        ({"If-Modified-Since": "yesterday"}, None),
        ({"If-Match": '"a"'}, None),
        ({"If-Match": "*"}, None),
        ({"If-Match": 'W/"a"'}, 412),
        ({"If-Match": '"x"', "If-None-Match": '"a"'}, 412),
        ({"If-Match": '"a"', "If-None-Match": '"a"'}, 304),
        ({"If-Unmodified-Since": BEFORE}, 412),
        ({"If-Unmodified-Since": AT}, None),
        ({"If-Match": '"a"', "If-Unmodified-Since": BEFORE}, None),
    ],
)
def test_conditions_are_asked_in_the_order_of_the_specification(
    asked: dict[str, str], status: int | None
) -> None:
    assert precondition(asked, '"a"', THEN) == status


@pytest.mark.parametrize(
    ("field", "wanted"),
    [
        ("bytes=0-9", range(10)),
        ("bytes=90-", range(90, 100)),
        ("bytes=-10", range(90, 100)),
        ("bytes=-1000", range(100)),
        ("bytes=0-1000", range(100)),
        ("bytes=100-", range(0)),
        ("bytes=9999-", range(0)),
        ("bytes=9999-10000", range(0)),
        ("bytes=0-" + "9" * 5000, range(100)),
        ("bytes=-" + "9" * 5000, range(100)),
        ("bytes=" + "0" * 5000 + "-0", range(1)),
        ("bytes=-0", range(0)),
        ("bytes=9-0", None),
        ("bytes=-", None),
        ("bytes=0-1,5-6", None),
        ("bytes=0-٣", None),
        ("lines=0-9", None),
        ("", None),
    ],
)
def test_a_range_is_these_bytes_or_none_or_all(field: str, wanted: range | None) -> None:
    found = part({"Range": field}, 100, '"a"', THEN)
    assert (found is None) == (wanted is None)
    assert list(found or ()) == list(wanted or ())


@pytest.mark.parametrize(
    ("validator", "continued"),
    [('"a"', True), ('W/"a"', False), ('"b"', False), (AT, True), (BEFORE, False), ("garbage", False)],
)
def test_only_a_copy_of_the_very_same_bytes_is_continued(validator: str, continued: bool) -> None:
    asked = {"Range": "bytes=1-2", "If-Range": validator}
    assert (part(asked, 100, '"a"', THEN) is not None) == continued
