"""Answers that cost nothing, from the same server as the site, with the same settings: the ceiling.

`python -m bench.constant PORT FOLDER [threads]` answers `/name` with the file of that name, which it has
read before: in the event loop, or in a thread behind the site's own adapter. `/fields/name` comes with the
header fields in the file of that name, too.
"""

import json
import multiprocessing
import os
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from granian import Granian
from granian.constants import Interfaces
from granian.log import LogLevels

from ldnkg.web.asgi import Asgi, Message, Receive, Send

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

FIELDS = "fields"
"""The folder beside the bodies with the header fields of each, and the first part of their paths."""
_TYPES = {
    "html": "text/html; charset=utf-8",
    "ttl": "text/turtle; charset=utf-8",
    "jsonld": "application/ld+json",
}


def _bodies() -> dict[str, bytes]:
    files = (each for each in Path(os.environ["BENCH_BODIES"]).iterdir() if each.is_file())
    return {file.name: file.read_bytes() for file in files}


def in_loop() -> Any:
    """An application that answers in the event loop."""
    answers = {f"/{name}": (_fields(name, body), body) for name, body in _bodies().items()}
    for name, body in _bodies().items():
        told = json.loads((Path(os.environ["BENCH_BODIES"]) / FIELDS / name).read_bytes())
        more = [(key.lower().encode(), value.encode("latin-1")) for key, value in told]
        answers[f"/{FIELDS}/{name}"] = [*_fields(name, body), *more], body

    async def application(scope: Message, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            fields, body = answers[scope["path"]]
            await send({"type": "http.response.start", "status": 200, "headers": fields})
            await send({"type": "http.response.body", "body": body, "more_body": False})

    return application


def in_threads() -> Asgi:
    """The same in threads, as the site answers."""
    answers = {f"/{name}": body for name, body in _bodies().items()}

    def application(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        name = environ["PATH_INFO"]
        fields = [(key.decode(), value.decode()) for key, value in _fields(name[1:], answers[name])]
        start_response("200 OK", fields)
        return [answers[name]]

    return Asgi(application)


def _fields(name: str, body: bytes) -> list[tuple[bytes, bytes]]:
    suffix = name.rpartition(".")[2]
    kind = _TYPES.get(suffix, "text/plain")
    return [(b"content-type", kind.encode()), (b"content-length", str(len(body)).encode())]


def main(port: int, folder: str, where: str = "loop") -> None:
    """Serve until SIGTERM."""
    os.environ["BENCH_BODIES"] = folder
    multiprocessing.set_start_method("spawn", force=True)
    factory = "in_threads" if where == "threads" else "in_loop"
    Granian(
        f"bench.constant:{factory}",
        factory=True,
        interface=Interfaces.ASGINL,
        address="127.0.0.1",
        port=port,
        workers=1,
        log_level=LogLevels.error,
    ).serve()


if __name__ == "__main__":
    main(int(sys.argv[1]), *sys.argv[2:])
