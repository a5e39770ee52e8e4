"""The options that commands share, each with its environment variable."""

import re
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import click

from ldnkg.errors import CannotServe

FOLDER = click.Path(file_okay=False, path_type=Path)

sources = click.option(
    "--sources",
    type=FOLDER,
    envvar="LDNKG_SOURCES",
    show_envvar=True,
    help="Folder that holds ontology/, shapes/ and graph/. [default: the checkout's, else the wheel's]",
)
releases = click.option(
    "--releases",
    type=FOLDER,
    envvar="LDNKG_RELEASES",
    show_envvar=True,
    help="Folder for releases. [default: releases/ in a checkout, else the user's data folder]",
)
base = click.option(
    "--base",
    envvar="LDNKG_BASE",
    show_envvar=True,
    metavar="URL",
    help="Base of every IRI and link of the site, such as https://example.org/kg/.",
)
store = click.option(
    "--store",
    envvar="LDNKG_STORE",
    show_envvar=True,
    metavar="URL",
    help="SPARQL endpoint that holds the graph, filled by `ldnkg load`. [default: the release's folder]",
)


def checked_base(text: str) -> str:
    """A base fit to make IRIs of, ending in `/`; raises CannotServe for anything else (RFC 3986, section 3).

    >>> checked_base("https://example.org/kg")
    'https://example.org/kg/'
    """
    try:
        parts = urlsplit(text)
        port_fits = parts.port != 0
    except ValueError:
        parts, port_fits = urlsplit(""), False
    fits = parts.scheme in ("http", "https") and parts.hostname and port_fits
    if not fits or parts.query or parts.fragment or re.search(r'[\s<>"{}|\\^`?#@]', text):
        raise CannotServe(
            f"The base {text!r} will not do: give one such as https://example.org/kg/ with --base."
        )
    return text.rstrip("/") + "/"


@contextmanager
def progress(first: str) -> Iterator[Callable[[str, int, int], None]]:
    """A bar on stderr when that is a terminal; silence else.

    It hears what is being done, and how many of how many steps of it are.
    """
    if not sys.stderr.isatty():
        yield lambda what, done, of: None
        return
    from rich.console import Console
    from rich.progress import Progress as Bar

    with Bar(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(first, total=None)
        yield lambda what, done, of: bar.update(task, description=what, completed=done, total=of)
