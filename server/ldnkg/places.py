"""Where things are when nobody says: the sources and the releases."""

import os
from importlib.abc import Traversable
from importlib.resources import files
from pathlib import Path
from typing import Literal

from ldnkg.errors import NoSources

Kind = Literal["ontology", "shapes", "graph"]
KINDS: tuple[Kind, ...] = ("ontology", "shapes", "graph")

_CHECKOUT = Path(__file__).parents[2]


def sources_root(option: Path | None = None) -> Traversable:
    """The folder that holds `ontology/`, `shapes/` and `graph/`.

    The one asked for, else what the wheel brought, else the checkout. Raises NoSources when one of the three
    is not in it.
    """
    root = option or _installed() or _CHECKOUT
    missing = [kind for kind in KINDS if not (root / kind).is_dir()]
    if missing:
        folders = " and ".join(f"{kind}/" for kind in missing)
        either = "" if len(missing) == len(KINDS) else "make it, which may be empty, or "
        raise NoSources(f"There is no {folders} in {root}; {either}name another folder with --sources.")
    return root


def folder(kind: Kind) -> Traversable:
    """The folder of one kind of Turtle, in the package or at the root of the checkout."""
    return sources_root() / kind


def releases_root(option: Path | None = None) -> Path:
    """The folder for releases, which need not exist yet.

    The one asked for, else `releases/` in a checkout, else the user's data folder (XDG Base Directory
    Specification: `$XDG_DATA_HOME`, or `~/.local/share`).
    """
    if option:
        return option
    if (_CHECKOUT / "pyproject.toml").is_file():
        return _CHECKOUT / "releases"
    return _of_user("XDG_DATA_HOME", ".local/share") / "ldnkg" / "releases"


def cache_root() -> Path:
    """The user's folder for what can be made again: `$XDG_CACHE_HOME`, or `~/.cache`.

    Raises RuntimeError for a user without a home.
    """
    return _of_user("XDG_CACHE_HOME", ".cache")


def _of_user(variable: str, otherwise: str) -> Path:
    """A base folder of the XDG Base Directory Specification; a relative one does not count there."""
    named = os.environ.get(variable, "")
    return Path(named) if os.path.isabs(named) else Path.home() / otherwise


def _installed() -> Traversable | None:
    """The package itself, if the data folders are mapped into it, as they are in a wheel."""
    package = files("ldnkg")
    return package if (package / "graph").is_dir() else None
