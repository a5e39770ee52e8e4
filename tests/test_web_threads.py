"""The threads of requests: all work is done, no more at once than there are threads, the warm one first."""

from functools import partial
from queue import SimpleQueue
from threading import Event, get_ident

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


def test_what_finds_no_free_thread_waits_and_is_done() -> None:
    threads, gate, told = Threads(2), Event(), SimpleQueue[int]()
    for number in range(50):
        threads.run(partial(_after, gate, told, number))
    assert told.empty()
    gate.set()
    assert {told.get(timeout=10) for _ in range(50)} == set(range(50))
