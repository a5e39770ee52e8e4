"""Templates as Python code, kept beside them as Python keeps its modules: in `__pycache__`.

To compile those of one page takes a tenth of a second. What is kept there is run, so it is read only from a
folder in which nobody but the owner of the templates can write, as it is with the templates themselves.
Where that cannot be (a package of another user, a umask of 002), they are kept in the user's own cache: there
nobody else can put code for a template, whoever can write the templates.
"""

import os
import stat
import sys
from collections.abc import MutableMapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import flask.templating
import jinja2
from flask import Flask
from jinja2.bccache import Bucket, FileSystemBytecodeCache

from ldnkg.places import cache_root

_OTHERS = stat.S_IWGRP | stat.S_IWOTH


class Environment(flask.templating.Environment):
    """That of Flask, whose templates look into one dictionary for what all of them have."""

    def make_globals(self, d: MutableMapping[str, Any] | None) -> MutableMapping[str, Any]:
        """The dictionary itself; a chain of two is searched at each import of a macro."""
        return {**self.globals, **d} if d else self.globals


def register(app: Flask) -> None:
    """Keep the templates of the application compiled, where that can be done safely."""
    app.jinja_environment = Environment
    if folder := _folder(Path(app.root_path, app.template_folder or "", "__pycache__")):
        app.jinja_env.bytecode_cache = _Kept(folder)


def _folder(beside: Path) -> Path | None:
    """The folder beside the templates, else one of the user's; None where neither is safe."""
    with suppress(OSError):
        beside.mkdir(mode=0o755, exist_ok=True)
    private = is_private(beside)
    if private and os.access(beside, os.W_OK):
        return beside
    with suppress(OSError, RuntimeError):  # RuntimeError: a user without a home
        own = cache_root().resolve() / "ldnkg" / "templates"
        for each in (own.parent.parent, own.parent, own):
            each.mkdir(mode=0o700, exist_ok=True)
        if is_own(own):
            return own
    return beside if private else None


def is_private(folder: Path) -> bool:
    """Whether it is a folder of the owner of the one it is in, and others can change neither of the two."""
    try:
        inner, outer = folder.lstat(), folder.parent.stat()
    except OSError:
        return False
    closed = not (inner.st_mode | outer.st_mode) & _OTHERS
    trusted = inner.st_uid == outer.st_uid and inner.st_uid in (0, os.geteuid())
    return stat.S_ISDIR(inner.st_mode) and closed and trusted


def is_own(folder: Path) -> bool:
    """Whether it is the user's, and nobody else but root can put anything at its path.

    No part of the path is a link; each is a folder of the user or of root, and closed to others or sticky, so
    that they cannot move what is not theirs.
    """
    try:
        inner, *outer = (each.lstat() for each in (folder, *folder.parents))
    except OSError:
        return False
    user = os.geteuid()
    closed = all(not each.st_mode & _OTHERS or each.st_mode & stat.S_ISVTX for each in outer)
    known = all(stat.S_ISDIR(each.st_mode) and each.st_uid in (0, user) for each in (inner, *outer))
    return inner.st_uid == user and not inner.st_mode & _OTHERS and closed and known


class _Kept(FileSystemBytecodeCache):
    """One file a template, for this Python and this Jinja; where it cannot be written it is not."""

    def __init__(self, folder: Path) -> None:
        super().__init__(str(folder), f"%s.{sys.implementation.cache_tag}.jinja-{jinja2.__version__}")

    def load_bytecode(self, bucket: Bucket) -> None:
        """The code of a template; one whose file is damaged is compiled anew."""
        try:
            super().load_bytecode(bucket)
        except Exception:  # whatever bytes that are no code may lead to
            bucket.reset()

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep the code of a template, for all to read; one that has changed since has another checksum."""
        with suppress(OSError):
            super().dump_bytecode(bucket)
            Path(self._get_cache_filename(bucket)).chmod(0o644)
