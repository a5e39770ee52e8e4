"""The process that a query runs in: `python -m ldnkg.query.worker RELEASE LIMITS`, driven by the pool.

It reads requests on stdin and writes answers on stdout (`ldnkg.query.frames`), one at a time, until stdin
ends. An answer is one frame or more: the head is on the first, `last` says which is the last. When stdin
ends it ends too, in the middle of a query if need be, so that no worker outlives the server.
"""

import json
import os
import select
import signal
import sys
import threading
import time
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from ldnkg.endpoint import STORE, Address, Breaker, Endpoint, Patience
from ldnkg.errors import BadQuery, KnowledgeError
from ldnkg.query import confine, frames, landlock
from ldnkg.query.evaluate import Engine
from ldnkg.query.frames import Head
from ldnkg.query.limits import Limits

_GRACE = 1.0  # seconds: the pool stops a query that takes too long before the connection is given up
_FRAME = 2**16  # bytes of an answer that are sent at once: no more of it is held than that


def main(release: Path, limits: Limits, endpoint: Endpoint | None = None) -> None:
    """Answer requests on stdin until it ends, from the folder of the release or from an endpoint."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the server, which ends us
    _confine(release, endpoint)
    threading.Thread(target=_end_with_stdin, daemon=True).start()
    try:
        engine = Engine(release, limits, endpoint)
    except (OSError, ValueError, KeyError) as fault:
        frames.send(sys.stdout.buffer, _told(fault))
        return
    confine.with_memory(limits.memory_bytes)
    frames.send(sys.stdout.buffer, {})
    with suppress(EOFError):
        while True:
            request, _ = frames.receive(sys.stdin.buffer.read)
            _answer(engine, request)


def _confine(release: Path, endpoint: Endpoint | None) -> None:
    """Leave to this process its own files and no socket; with an endpoint, connections to its port."""
    confine.without_network(but_connect=endpoint is not None)
    files = [release.resolve(), *landlock.own_files()]
    if endpoint is None:
        landlock.read_only(files)
    else:
        landlock.read_only([*files, *landlock.name_files()], ports=[endpoint.address.port])


def _endpoint(limits: Limits) -> Endpoint | None:
    """The endpoint that the environment names, which may be silent for as long as a query may take."""
    if STORE not in os.environ:
        return None
    patience = Patience.from_environment(os.environ)
    address = Address.read(os.environ[STORE], os.environ)
    always = Breaker(sys.maxsize, 0)  # whether to ask at all is up to the pool
    return Endpoint(address, replace(patience, read_seconds=limits.seconds + _GRACE, connections=1), always)


def _end_with_stdin() -> None:
    """Wait until nobody can write to stdin any more, without reading from it."""
    poll = select.poll()
    poll.register(sys.stdin, 0)
    while not any(event & select.POLLHUP for _, event in poll.poll()):
        pass
    os._exit(0)


def _answer(engine: Engine, request: Head) -> None:
    try:
        head, pieces = engine.answer(request)
        begun = time.monotonic()
        body = bytearray()
        for piece in pieces:
            for at in range(0, len(piece), _FRAME):
                body += piece[at : at + _FRAME]
                if len(body) >= _FRAME:
                    frames.send(sys.stdout.buffer, head | {"last": False}, body)
                    head, body = {}, bytearray()
        timings = head.get("timings", {}) | {"serialisation": time.monotonic() - begun}
        frames.send(sys.stdout.buffer, head | {"last": True, "timings": timings}, body)
    except MemoryError:
        os._exit(1)
    except Exception as fault:
        frames.send(sys.stdout.buffer, _told(fault))


def _told(fault: Exception) -> Head:
    """An exception as a head: ours by name, one of the disk as the store's, any other as a fault of ours."""
    if isinstance(fault, BadQuery):
        arguments = [str(fault), fault.line, fault.column, fault.text, fault.expected]
        return {"error": "BadQuery", "arguments": arguments}
    if isinstance(fault, KnowledgeError):
        return {"error": type(fault).__name__, "arguments": [str(fault)]}
    if isinstance(fault, OSError):
        return {"error": "StoreUnreachable", "arguments": [f"The store could not be read: {fault}."]}
    return {"error": "KnowledgeError", "arguments": [f"The query could not be answered: {fault!r}."]}


if __name__ == "__main__":
    budgets = Limits(**json.loads(sys.argv[2]))
    main(Path(sys.argv[1]), budgets, _endpoint(budgets))
