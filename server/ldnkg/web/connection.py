"""The connection of a request, where the server lets it be seen: is the client still there; cut it."""

import asyncio
import os
import socket
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any

CONNECTION = "ldnkg.connection"
"""The key in a WSGI environ."""


class Connection:
    """A client's connection to a server that speaks ASGI; `client` and `server` are address and port."""

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        receive: Callable[[], Awaitable[Any]],
        client: tuple[str, Any],
        server: tuple[str, Any],
    ) -> None:
        self._loop, self._receive = loop, receive
        self._ends = (client[0], int(client[1])), (server[0], int(server[1]))
        self._watched = self._gone = False

    def gone(self) -> bool:
        """Whether the client is known to have closed it; to be called when the request has been read."""
        if not self._watched:
            self._watched = True
            asyncio.run_coroutine_threadsafe(self._watch(), self._loop)
        return self._gone

    def cut(self) -> None:
        """Close it in the middle of an answer, so that the client sees that the answer is not whole.

        ASGI has no message for that, so the socket is looked for among those of this process.
        """
        for name in os.listdir("/dev/fd"):
            with suppress(OSError, ValueError), socket.socket(fileno=os.dup(int(name))) as found:
                if (found.getpeername()[:2], found.getsockname()[:2]) == self._ends:
                    found.shutdown(socket.SHUT_RDWR)

    async def _watch(self) -> None:
        while not self._gone:
            message = await self._receive()
            self._gone = message["type"] == "http.disconnect"
