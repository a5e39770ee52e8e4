"""What can go wrong, and nothing else.

* KnowledgeError
  - NoSources        the folder of ontology, shapes and graph is not there      (exit 2)
  - BadSources       sources do not parse or break a shape                      (exit 1, the build fails)
    + BadTurtle      one text does not parse or cannot be formatted
  - BuildFailed      a release could not be written: disk, rights               (exit 2)
  - NoRelease        there is no complete release to open                       (exit 2, 503)
    + DamagedRelease there is one, but a file of it cannot be read              (exit 2, 503)
  - CannotExport     the site does not fit into files, or not there             (exit 2)
  - CannotServe      the address is taken or not ours                           (exit 2)
  - UnknownEntity    nothing in the graph has this IRI                          (404)
  - Withdrawn        a thing was merged with another, or should not be there     (301, 410)
  - UnknownRelease   no release that is kept has this name                      (exit 2, 404)
  - NotAcceptable    no format we write suits the client                        (406)
  - BadQuery         the query does not parse                                   (400)
  - QueryRefused     the query asks for what is refused                         (403)
  - QueryTimeout     the query ran past its time or memory                      (503)
  - AnswerTooLarge   the answer is over its row or byte budget                  (413)
  - Busy             too many queries at once                                   (503)
  - OverShare        too many queries of one client at once                     (429)
  - ClientGone       the one who asked has closed the connection                (nobody is told)
  - StoreUnreachable the store does not answer                                  (exit 2, 503)
    + StoreOutdated  the store holds another release, or is being loaded        (503)
  - StoreFault       the store answers what it should not                       (exit 2, 502)

Nothing but what is unknown becomes a 404. The message of each is a sentence for the person who has to act.
"""

import unicodedata
from collections.abc import Sequence
from typing import Any

_SHOWN = 160
"""Characters of a line that are shown."""


class KnowledgeError(Exception):
    """Anything this package raises on purpose; `str()` is a sentence that says what to do."""


class NoSources(KnowledgeError):
    """The folder of sources is missing or lacks what it must hold."""


class BadSources(KnowledgeError):
    """Sources that do not parse or break a shape; `problems` lists them as `ldnkg.sources.Problem`."""

    def __init__(self, message: str, problems: tuple[Any, ...] = ()) -> None:
        super().__init__(message)
        self.problems = problems


class BadTurtle(BadSources):
    """A text that is not Turtle, or not to be formatted; `line` and `column` count from 1."""

    def __init__(self, message: str, line: int | None = None, column: int | None = None) -> None:
        super().__init__(message)
        self.line, self.column = line, column


class BuildFailed(KnowledgeError):
    """A release could not be written; the current one is untouched."""


class NoRelease(KnowledgeError):
    """No complete release is there to open."""


class DamagedRelease(NoRelease):
    """A release whose files are not as they were written; `why` says it of one file, without its name."""

    def __init__(self, message: str, why: str = "") -> None:
        super().__init__(message)
        self.why = why


class CannotExport(KnowledgeError):
    """The site cannot be written as files: the folder is not ours, or two addresses need one name."""


class CannotServe(KnowledgeError):
    """The server cannot start on this address."""


class UnknownEntity(KnowledgeError):
    """Nothing in the graph has this IRI; `iri` is the one asked for."""

    def __init__(self, iri: str) -> None:
        self.iri = iri.encode("utf-8", "replace").decode()  # a request may hold bytes that are no text
        super().__init__(f"Nothing in the graph has the IRI <{self.iri}>.")


class Withdrawn(KnowledgeError):
    """A thing of which only its tombstone is left; `replacements` are the IRIs that took its place."""

    def __init__(self, message: str, replacements: tuple[str, ...] = ()) -> None:
        super().__init__(message)
        self.replacements = replacements


class UnknownRelease(KnowledgeError):
    """No release that is kept has this id or version, or it is not one to do this with."""


class NotAcceptable(KnowledgeError):
    """No format we write suits the Accept header."""


class BadQuery(KnowledgeError):
    """A query that does not parse; `line` and `column` count from 1, `text` is the line as written.

    Columns count code points, those of the whole line. `expected` says what could stand there instead, for
    people to read.
    """

    def __init__(
        self,
        message: str,
        line: int | None = None,
        column: int | None = None,
        text: str = "",
        expected: Sequence[str] = (),
    ) -> None:
        super().__init__(message)
        self.line, self.column, self.text, self.expected = line, column, text, tuple(expected)

    @property
    def shown(self) -> str:
        """The line; of a long one what is around the column, with an ellipsis where it is cut."""
        start, end = self._window()
        return "…" * (start > 0) + self.text[start:end] + "…" * (end < len(self.text))

    @property
    def before(self) -> str:
        """What `shown` has before the column."""
        start, end = self._window()
        at = (self.column or 1) - 1
        return "…" * (start > 0) + self.text[start : min(at, end)].ljust(at - start)

    @property
    def pointer(self) -> str:
        """A line to set below `shown`, a caret under the column: tabs kept, wide characters twice as wide."""
        return "".join(map(_blank, self.before)) + "^"

    def _window(self) -> tuple[int, int]:
        at = min((self.column or 1) - 1, len(self.text))
        start = max(0, min(at - _SHOWN // 2, len(self.text) - _SHOWN))
        return start, start + _SHOWN


class QueryRefused(KnowledgeError):
    """A query that asks for what is refused: SERVICE, LOAD, an update, a graph outside the dataset."""


class QueryTimeout(KnowledgeError):
    """A query that ran past its time or memory and was stopped."""


class AnswerTooLarge(KnowledgeError):
    """An answer over its row or byte budget."""


class Busy(KnowledgeError):
    """Too many queries at once; `retry_after` is in seconds."""

    def __init__(self, message: str, retry_after: int = 1) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class OverShare(Busy):
    """Too many queries of one client at once."""


class ClientGone(KnowledgeError):
    """The client has closed its connection: nobody waits for the answer."""


class StoreUnreachable(KnowledgeError):
    """The store does not answer; `retry_after` is in seconds."""

    def __init__(self, message: str, retry_after: int = 5) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class StoreOutdated(StoreUnreachable):
    """The store holds another release than the one that is served, or is being loaded."""


class StoreFault(KnowledgeError):
    """The store answers what it should not; `status` is that of its answer, if that was the fault."""

    def __init__(self, message: str, status: int | None = None) -> None:
        super().__init__(message)
        self.status = status


def _blank(character: str) -> str:
    """As much space as a terminal gives a character (Unicode Standard Annex 11)."""
    if character == "\t":
        return "\t"
    if unicodedata.combining(character) or unicodedata.category(character) == "Cf":
        return ""
    return "  " if unicodedata.east_asian_width(character) in "WF" else " "
