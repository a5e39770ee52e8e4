"""Pages of a long list, and the links between them."""

from dataclasses import dataclass
from urllib.parse import urlencode

from flask import request
from werkzeug.exceptions import NotFound

from ldnkg.web.narrowing import told_or_sent


@dataclass(frozen=True)
class Pager:
    """Page `number` (from 1) of the list at `path` (below the mount point), `size` of `total` on each."""

    path: str
    number: int
    size: int
    total: int

    @property
    def last(self) -> int:
        """The number of the last page; an empty list has one page."""
        return max(1, -(-self.total // self.size))

    @property
    def offset(self) -> int:
        """How many values stand on the pages before."""
        return (self.number - 1) * self.size

    @property
    def next(self) -> str | None:
        """The address of the next page, if there is one."""
        return self.at(self.number + 1) if self.number < self.last else None

    @property
    def previous(self) -> str | None:
        """The address of the page before, if there is one."""
        return self.at(self.number - 1) if self.number > 1 else None

    def at(self, number: int) -> str:
        """The address of another page of the same list, with what else the query asks for."""
        others = [(key, value) for key, value in told_or_sent() if key != "page"]
        return f"{request.script_root}{self.path}?{urlencode([*others, ('page', number)])}"


def page_number() -> int:
    """The page asked for with `?page=`, 1 without; what is no number from 1 is not found."""
    text = request.args.get("page", "1")
    if not (text.isascii() and text.isdecimal() and 1 <= len(text) <= 9 and int(text) > 0):
        raise NotFound(f"There is no page {text!r}: pages are numbered from 1.")
    return int(text)
