"""Work in a second process, which is a copy of this one, so that two processors share a build."""

import multiprocessing
import os
import traceback
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection
from typing import Any, TypeVar

_Result = TypeVar("_Result")


def several() -> bool:
    """Whether there is a second processor, and a way to give it a copy of this process."""
    there = os.sched_getaffinity(0) if hasattr(os, "sched_getaffinity") else ()
    return len(there) > 1 and "fork" in multiprocessing.get_all_start_methods()


@contextmanager
def running(process: "multiprocessing.context.ForkProcess") -> Iterator[None]:
    """The process runs beside the block, and not longer."""
    with warnings.catch_warnings():
        # of threads that the copy lacks; it needs none of them
        warnings.simplefilter("ignore", DeprecationWarning)
        process.start()
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


def _tell(work: Callable[[], object], there: Connection) -> None:
    """What the copy does."""
    try:
        there.send((work(), None))
    except BaseException as fault:
        fault.add_note(traceback.format_exc())
        there.send((None, fault))


def _told(here: Connection) -> Any:
    try:
        result, fault = here.recv()
    except EOFError as end:
        raise OSError("a process of the build has ended before its time; it may have lacked memory") from end
    if fault is not None:
        raise fault
    return result
