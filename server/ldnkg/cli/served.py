"""The application as `ldnkg serve` starts it in each of its processes."""

import gc
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ldnkg.web.asgi import Asgi


def create_asgi() -> "Asgi":
    """The application of `ldnkg.web`.

    The collector of cycles waits until it is made, and leaves out what was: modules last as long as the
    process, and to look through them took a sixth of the time of their import.
    """
    gc.disable()
    try:
        from ldnkg import web

        return web.create_asgi()
    finally:
        gc.freeze()
        gc.enable()
