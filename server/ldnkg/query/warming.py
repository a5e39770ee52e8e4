"""Ask queries before anybody does, so that their answers are known by then."""

import time
from collections.abc import Callable, Iterable
from contextlib import suppress

from ldnkg.errors import KnowledgeError
from ldnkg.query.guard import inspect
from ldnkg.query.pool import Pool
from ldnkg.query.stream import Stream

_PAUSE = 0.1  # seconds between looks whether others have ended
_PATIENCE = 30.0  # seconds after which workers start on a busy site, too


def warm(
    pool: Pool, texts: Iterable[str], base: str, stop: Callable[[], bool], busy: Callable[[], bool]
) -> None:
    """Start the first workers, then ask these queries one by one; no more when `stop` says so.

    Both wait while the site is `busy`, for visitors need the processors. A query is asked when no other runs,
    and given up when another waits or when it fails.
    """
    begun = time.monotonic()
    while busy() and not stop() and time.monotonic() - begun < _PATIENCE:
        time.sleep(_PAUSE)
    pool.warm()
    for text in texts:
        while (busy() or _others(pool, "running") or _others(pool, "waiting")) and not stop():
            time.sleep(_PAUSE)
        if stop():
            return
        with suppress(KnowledgeError):
            query = inspect(text, pool.limits, base)
            answer = pool.ask(query, query.suffix, gone=lambda: stop() or _others(pool, "waiting"))
            if isinstance(answer, Stream):
                answer.close()


def _others(pool: Pool, what: str) -> bool:
    return any(pool.tally.counts(what).values())
