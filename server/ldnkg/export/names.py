"""From an address to the name of its file: what a host looks up when it has undone the percent signs."""

import re
from urllib.parse import parse_qsl, unquote_to_bytes

from ldnkg.errors import CannotExport

LONGEST = 255
"""Bytes in the name of a file (POSIX, NAME_MAX of the usual file systems)."""
_PAGE = re.compile(r"[1-9][0-9]*")


def file_name(address: str) -> str:
    """The name of the file for an address below the mount point, with `/` between its folders.

    A page of a list is told by the end of the name; the first is the list itself. Raises CannotExport for
    what no file can be called.

    >>> file_name("/doc/light/b%C3%BClk.ttl"), file_name("/class/light?page=2"), file_name("/")
    ('doc/light/bülk.ttl', 'class/light.page-2', 'index.html')
    """
    path, _, query = address.partition("?")
    try:
        name = unquote_to_bytes(path).decode("utf-8").removeprefix("/") or "index.html"
    except UnicodeDecodeError as fault:
        raise CannotExport(f"{address} is not UTF-8, so that no file can be called so.") from fault
    _check(address, name)
    page = dict(parse_qsl(query)).get("page", "1")
    if not _PAGE.fullmatch(page):
        raise CannotExport(f"{address} asks for a page that has no number.")
    return name if page == "1" else f"{name}.page-{page}"


def _check(address: str, name: str) -> None:
    parts = name.split("/")
    if any(part in ("", ".", "..") for part in parts):
        raise CannotExport(f"{address} has a part that is empty, '.' or '..': hosts take that for a folder.")
    if re.search(r"[\x00-\x1f\x7f\\]", name):
        raise CannotExport(f"{address} has a character that no host finds in the name of a file.")
    if any(len(part.encode()) > LONGEST for part in parts):
        raise CannotExport(f"{address} has a part of more than {LONGEST} bytes: no file can be called so.")
