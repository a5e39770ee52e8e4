"""A listener that ought to hear nothing."""

import selectors
import socket
import threading
import time
from types import TracebackType
from typing import Self


class Canary:
    """One port of this machine, open for TCP and UDP: whoever reaches it is heard, and hung up on."""

    def __init__(self) -> None:
        self._tcp = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._tcp.getsockname()[1]
        self._udp = socket.socket(type=socket.SOCK_DGRAM)
        self._udp.bind(("127.0.0.1", self.port))
        self.url = f"http://127.0.0.1:{self.port}/"
        self._heard: list[str] = []
        self._open = True
        self._thread = threading.Thread(target=self._listen)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._open = False
        self._thread.join()
        self._tcp.close()
        self._udp.close()

    def heard(self, seconds: float = 0.2) -> list[str]:
        """What has come since last asked, or comes within so many seconds."""
        deadline = time.monotonic() + seconds
        while not self._heard and time.monotonic() < deadline:
            time.sleep(0.01)
        time.sleep(0.02 if self._heard else 0)
        found, self._heard = sorted(self._heard), []
        return found

    def _listen(self) -> None:
        with selectors.DefaultSelector() as selector:
            for name, each in (("TCP", self._tcp), ("UDP", self._udp)):
                selector.register(each, selectors.EVENT_READ, name)
            while self._open:
                for key, _ in selector.select(0.02):
                    if key.data == "TCP":
                        self._tcp.accept()[0].close()
                    else:
                        self._udp.recv(100)
                    self._heard.append(key.data)
