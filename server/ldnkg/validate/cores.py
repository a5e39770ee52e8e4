"""Two processes for one list of tasks: a second one finds out which of them are clean."""

import multiprocessing
import os
from collections.abc import Callable, Iterator
from multiprocessing.connection import Connection
from multiprocessing.sharedctypes import Synchronized

from ldnkg.beside import running

_Clean = Callable[[int], bool]


def shared(count: int, is_clean: _Clean) -> Iterator[int]:
    """The tasks from 0 to `count` that this process has to see to.

    A copy of this process takes tasks, too; those of its tasks that are not clean come last. It tells nothing
    else, so that whatever is wrong is found here. If it ends before its time, all that it took come.
    """
    context = multiprocessing.get_context("fork")
    following: Synchronized[int] = context.Value("i", 0)
    here, there = context.Pipe(duplex=False)
    mine: set[int] = set()
    with running(context.Process(target=_help, args=(count, following, is_clean, there), daemon=True)):
        there.close()
        for number in _taken(count, following):
            mine.add(number)
            yield number
        try:
            clean: set[int] = here.recv()
        except EOFError:
            clean = set()
        here.close()
    yield from sorted(set(range(count)) - mine - clean)


def _help(count: int, following: "Synchronized[int]", is_clean: _Clean, there: Connection) -> None:
    """What the copy does, as long as the process that it is a copy of is there."""
    parent = os.getppid()
    clean = set()
    for number in _taken(count, following):
        if os.getppid() != parent:
            return
        if is_clean(number):
            clean.add(number)
    there.send(clean)


def _taken(count: int, following: "Synchronized[int]") -> Iterator[int]:
    """The tasks that nobody else has taken."""
    while True:
        with following.get_lock():
            number = following.value
            following.value += 1
        if number >= count:
            return
        yield number
