"""Who may run: places and shares, without a query."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest

from ldnkg.errors import Busy, ClientGone, OverShare
from ldnkg.query import Limits, Tally
from ldnkg.query.lanes import Lane, Lanes, Visit

LIMITS = Limits(workers=2, slow=2, queue=8, share=4, seconds=5)


def stays() -> bool:
    return False


def lanes(limits: Limits = LIMITS) -> Lanes:
    return Lanes(limits, Tally())


def placed(places: Lanes, client: str, lane: Lane) -> Visit:
    """A visit that has got a place."""
    visit = places.visit(client)
    visit.take(lane, stays)
    return visit


@contextmanager
def waiting(visit: Visit, lane: Lane) -> Iterator[threading.Thread]:
    """The visit waits for a place while the block runs."""
    thread = threading.Thread(target=visit.take, args=(lane, stays))
    thread.start()
    yield thread
    thread.join(timeout=5)
    assert not thread.is_alive()


def until_waiting(tally: Tally, count: int) -> None:
    while sum(tally.counts("waiting").values()) < count:
        threading.Event().wait(0.01)


def test_one_client_never_has_all_places_for_long_queries() -> None:
    places = lanes()
    first = placed(places, "a", "quick")
    second = placed(places, "a", "quick")
    assert first.move()
    assert not second.move()
    assert placed(places, "b", "slow").lane == "slow"


def test_where_there_is_but_one_place_any_client_may_have_it() -> None:
    assert placed(lanes(replace(LIMITS, slow=1)), "a", "slow").lane == "slow"


def test_the_client_with_the_fewest_places_goes_first() -> None:
    tally = Tally()
    places = Lanes(replace(LIMITS, slow=3), tally)
    a, _, c = placed(places, "a", "slow"), placed(places, "b", "slow"), placed(places, "c", "slow")
    again, fresh = places.visit("a"), places.visit("d")
    with waiting(again, "slow") as last:
        until_waiting(tally, 1)
        with waiting(fresh, "slow"):
            until_waiting(tally, 2)
            c.end()
        assert fresh.lane == "slow"
        assert last.is_alive()
        a.end()


def test_a_long_query_does_not_overtake_one_that_waits() -> None:
    tally = Tally()
    places = Lanes(replace(LIMITS, slow=1), tally)
    running, short = placed(places, "a", "slow"), placed(places, "b", "quick")
    with waiting(places.visit("c"), "slow"):
        until_waiting(tally, 1)
        assert not short.move()
        running.end()


def test_clients_that_send_long_queries_leave_one_place_to_others() -> None:
    places = lanes()
    for client in ("a", "b"):
        visit = placed(places, client, "quick")
        visit.is_long()
        visit.end()
    placed(places, "a", "quick")
    with pytest.raises(ClientGone):
        places.visit("b").take("quick", lambda: True)
    assert placed(places, "c", "quick").lane == "quick"


def test_a_share_that_is_used_up_is_told_and_is_the_clients_own() -> None:
    places = lanes()
    visits = [places.visit("a") for _ in range(LIMITS.share)]
    with pytest.raises(OverShare, match="4 queries of yours") as caught:
        places.visit("a")
    assert caught.value.retry_after >= 1
    places.visit("b")
    visits[0].end()
    places.visit("a")


def test_a_full_house_turns_everybody_away_and_counts_it() -> None:
    tally = Tally()
    places = Lanes(replace(LIMITS, share=100), tally)
    for number in range(LIMITS.inside):
        places.visit(str(number))
    with pytest.raises(Busy):
        places.visit("late")
    assert tally.counts("refused") == {"queue": 1}


def test_long_queries_that_wait_leave_room_for_short_ones() -> None:
    tally = Tally()
    places = Lanes(replace(LIMITS, slow=1, queue=2), tally)
    running, second, third = placed(places, "a", "slow"), places.visit("b"), places.visit("c")
    with waiting(second, "slow"), waiting(third, "slow") as _:
        until_waiting(tally, 2)
        with pytest.raises(Busy):
            places.visit("d").take("slow", stays)
        running.end()
        while not (second.lane or third.lane):
            threading.Event().wait(0.01)
        (second if second.lane else third).end()


def test_who_closes_the_connection_waits_no_more() -> None:
    places = lanes(replace(LIMITS, slow=1))
    placed(places, "a", "slow")
    with pytest.raises(ClientGone):
        places.visit("b").take("slow", lambda: True)
