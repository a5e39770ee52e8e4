"""The application as `ldnkg serve` starts it in each of its processes."""

import atexit
import gc
import os
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ldnkg.web.asgi import Asgi


def create_asgi() -> "Asgi":
    """The application of `ldnkg.web`.

    The collector of cycles waits until it is made, and leaves out what was: modules last as long as the
    process, and to look through them took a sixth of the time of their import.
    """
    atexit.register(_end)  # before all others, so that it comes last
    gc.disable()
    try:
        from ldnkg import web

        return web.create_asgi()
    finally:
        gc.freeze()
        gc.enable()


def _end() -> None:
    """End without taking the interpreter apart: a thread of the server that asks for it then would abort."""
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0)
