"""An answer that is larger than the buffer: its beginning is here, the rest comes while it is sent."""

import os
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from threading import Condition, Thread

from ldnkg.query.tally import Luck

_PIECE = 2**16


@dataclass(frozen=True)
class Answer:
    """What a query gave, whole.

    `rows` counts rows or triples in `body`; `truncated` says that there were more. `timings` are in seconds:
    queue, evaluation, serialisation. `luck` says whether the query ran for it; None for what is never kept.
    """

    body: bytes
    media_type: str
    rows: int
    truncated: bool
    timings: dict[str, float]
    luck: Luck | None = None


class Stream:
    """What a query gives, piece by piece; the same is told of it as of an `Answer`, except for its end.

    The worker writes to disk at its own pace, so that it is free for the next query however slowly the pieces
    are taken. `more` gives the next bytes, or none at the end, unless the function it is given tells that
    nobody wants them; then `end` lets the worker go, and `closed` is called at the very end. Rows are counted
    before, so that what can still go wrong is the time, the memory and the bytes of writing.
    """

    def __init__(
        self,
        answer: Answer,
        more: Callable[[Callable[[], bool]], bytes],
        end: Callable[[], None],
        closed: Callable[[], None],
    ) -> None:
        self.media_type, self.rows, self.truncated = answer.media_type, answer.rows, answer.truncated
        self.timings, self.luck = answer.timings, answer.luck
        self._first, self._more, self._end, self._closed = answer.body, more, end, closed
        self._file = tempfile.TemporaryFile(buffering=0)
        self._size = 0
        self._ended = self._unwanted = False
        self._fault: Exception | None = None
        self._grown = Condition()
        self._thread = Thread(target=self._fill, daemon=True)
        self._thread.start()

    def __iter__(self) -> Iterator[bytes]:
        """The pieces from the first to the last; raises what ended the query, when it did not end well."""
        for at in range(0, len(self._first), _PIECE):
            yield self._first[at : at + _PIECE]
        at = 0
        while self._has(at + 1):
            piece = os.pread(self._file.fileno(), _PIECE, at)
            at += len(piece)
            yield piece

    def whole(self) -> Answer:
        """The answer once all of it is there, and the stream closed; raises what ended the query before."""
        try:
            return Answer(b"".join(self), self.media_type, self.rows, self.truncated, self.timings, self.luck)
        finally:
            self.close()

    def wait(self) -> int:
        """Wait for the end, and give the number of bytes; raises what ended the query."""
        while self._has(self._size + 1):
            pass
        return len(self._first) + self._size

    def close(self) -> None:
        """Let go of the file, and of the worker if it still writes."""
        if not self._file.closed:
            self._unwanted = True
            self._thread.join()
            self._file.close()
            self._closed()

    def _fill(self) -> None:
        fault: Exception | None = None
        try:
            while piece := self._more(lambda: self._unwanted):
                while piece:
                    piece = piece[self._file.write(piece) :]
                with self._grown:
                    self._size = self._file.tell()
                    self._grown.notify_all()
        except Exception as failed:
            fault = failed
        self._end()
        with self._grown:
            self._fault, self._ended = fault, True
            self._grown.notify_all()

    def _has(self, size: int) -> bool:
        """Wait for so many bytes on disk; False when the end comes before."""
        with self._grown:
            self._grown.wait_for(lambda: self._size >= size or self._ended)
            if self._size < size and self._fault:
                raise self._fault
            return self._size >= size
