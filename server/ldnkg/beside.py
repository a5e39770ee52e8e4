"""Work in a second process, which is a copy of this one, so that two processors share a build."""

import multiprocessing
import os
import traceback
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import partial
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any, TypeVar, cast

_Result = TypeVar("_Result")
Progress = Callable[[int, int], None]
"""Hears how many of how many steps are done."""

MANY = 20_000
"""Triples from which on a second process is worth what it costs to start."""


def several() -> bool:
    """Whether there is a second processor, and a way to give it a copy of this process.

    A process that has opened a database of the engine is not copied: the threads that the engine has started
    by then are not, and whatever would open one in the copy waited for them without end.
    """
    forks = "fork" in multiprocessing.get_all_start_methods()
    return processors() > 1 and forks and not _threads_of_engine()


def _threads_of_engine() -> bool:
    """Whether threads of RocksDB run in this process; taken for granted where the system does not tell."""
    names = []
    for file in Path("/proc/self/task").glob("*/comm"):
        with suppress(OSError):  # that thread has just ended
            names.append(file.read_text())
    return not names or any(name.startswith("rocksdb") for name in names)


def processors() -> int:
    """How many processors a build uses: two at most, for each more takes memory, too."""
    return min(2, len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else 1)


@contextmanager
def running(process: BaseProcess) -> Iterator[None]:
    """The process runs beside the block, and not longer."""
    _start(process)
    try:
        yield
    finally:
        process.kill()
        process.join()


@contextmanager
def beside(work: Callable[[], _Result], *, apart: bool = True) -> Iterator[Callable[[], _Result]]:
    """Work that a copy of this process does while the block runs; what is given waits for its result.

    Without a second processor, or not `apart`, it is done here when the result is asked for. What it raises
    is raised there, with its traceback as a note; OSError if the copy ends before its time. The work may use
    no database of the engine: the threads that these need are not copied.
    """
    if not (apart and several()):
        yield work
        return
    context = multiprocessing.get_context("fork")
    here, there = context.Pipe(duplex=False)
    with running(context.Process(target=_tell, args=(work, there), daemon=True)):
        there.close()
        yield lambda: _told(here)
    here.close()


def away(work: Callable[[Progress], _Result], progress: Progress, *, apart: bool = True) -> _Result:
    """The result of work that a copy of this process does, which may have copies of its own.

    What it has used of memory is free then, and this process has not used what the work has, such as a
    database of the engine. `progress` hears what the work tells. Without a second processor, or not `apart`,
    it is done here.
    """
    if not (apart and several()):
        return work(progress)
    context = multiprocessing.get_context("fork")
    here, there = context.Pipe(duplex=False)
    itself = partial(work, lambda *told: there.send(("progress", told)))
    with running(context.Process(target=_tell, args=(itself, there))):
        there.close()
        found: _Result = _told(here, progress)
    here.close()
    return found


def shared(
    tasks: Sequence[Callable[[], _Result]],
    *,
    apart: bool = True,
    progress: Progress = lambda done, of: None,
) -> list[_Result]:
    """The results of tasks, each done in a copy of this process, as many at once as there are processors.

    What a task has used of memory is free again when it ends. `progress` hears how many of how many are done.
    Without a second processor, or not `apart`, they are done here. Raises what the first to fail raises.
    """
    progress(0, len(tasks))
    results: dict[int, _Result] = {}
    at_once = processors() if apart and several() else 0
    if not at_once:
        for number, work in enumerate(tasks):
            results[number] = work()
            progress(len(results), len(tasks))
    waiting = list(enumerate(tasks)) if at_once else []
    working: dict[Connection, tuple[int, BaseProcess]] = {}
    try:
        while waiting or working:
            while waiting and len(working) < at_once:
                number, work = waiting.pop(0)
                here, process = _started(work)
                working[here] = number, process
            for here in cast("list[Connection]", wait(list(working))):
                number, process = working.pop(here)
                results[number] = _told(here)
                process.join()
                here.close()
                progress(len(results), len(tasks))
    finally:
        for _, process in working.values():
            process.kill()
            process.join()
    return [results[number] for number in range(len(tasks))]


def _started(work: Callable[[], object]) -> tuple[Connection, BaseProcess]:
    """A copy of this process that does some work, and where it tells the result."""
    context = multiprocessing.get_context("fork")
    here, there = context.Pipe(duplex=False)
    process = context.Process(target=_tell, args=(work, there), daemon=True)
    _start(process)
    there.close()
    return here, process


def _start(process: BaseProcess) -> None:
    with warnings.catch_warnings():
        # of threads that the copy lacks; it needs none of them
        warnings.simplefilter("ignore", DeprecationWarning)
        process.start()


def _tell(work: Callable[[], object], there: Connection) -> None:
    """What the copy does."""
    try:
        there.send(("result", work()))
    except BaseException as fault:
        fault.add_note(traceback.format_exc())
        there.send(("fault", fault))


def _told(here: Connection, progress: Progress = lambda done, of: None) -> Any:
    """What the copy tells in the end; how far it is, it may tell before."""
    while True:
        try:
            kind, told = here.recv()
        except EOFError as end:
            raise OSError(
                "a process of the build has ended before its time; it may have lacked memory"
            ) from end
        if kind == "result":
            return told
        if kind == "fault":
            raise told
        progress(*told)
