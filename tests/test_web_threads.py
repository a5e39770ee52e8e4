"""The threads of requests: all work is done, no more at once than there are threads, the warm one first."""

from functools import partial
from queue import SimpleQueue
from threading import Event, active_count, get_ident

from ldnkg.web.threads import Threads


def _after(gate: Event, told: SimpleQueue[int], number: int) -> None:
    gate.wait(10)
    told.put(number)


def test_the_thread_that_became_free_last_goes_first() -> None:
    threads, told = Threads(4), SimpleQueue[int]()
    idents = []
    for _ in range(8):
        threads.run(lambda: told.put(get_ident()))
        idents.append(told.get(timeout=10))
        done = Event()  # the thread is free again when one that came after it has begun
        while len(threads._free) < 4:
            done.wait(0.001)
    assert len(set(idents)) == 1


def test_another_thread_stands_in_for_one_that_waits_apart_and_one_ends_then() -> None:
    threads, gate, told = Threads(1), Event(), SimpleQueue[int]()

    def apart(number: int) -> None:
        with threads.apart():
            _after(gate, told, number)

    before = active_count()
    for number in range(5):
        threads.run(partial(apart, number))
    threads.run(lambda: told.put(-1))
    assert told.get(timeout=10) == -1 and told.empty()
    gate.set()
    assert {told.get(timeout=10) for _ in range(5)} == set(range(5))
    for _ in range(5000):
        if active_count() == before and threads._free:
            break
        threads.run(lambda: None)
        Event().wait(0.001)
    assert (active_count(), len(threads._free)) == (before, 1)


def test_what_finds_no_free_thread_waits_and_is_done() -> None:
    threads, gate, told = Threads(2), Event(), SimpleQueue[int]()
    for number in range(50):
        threads.run(partial(_after, gate, told, number))
    assert told.empty()
    gate.set()
    assert {told.get(timeout=10) for _ in range(50)} == set(range(50))
