"""What pool and worker say to each other: a head in JSON and a body of bytes, each behind its length."""

import json
import struct
from collections.abc import Callable
from typing import IO, Any

_LENGTHS = struct.Struct(">QQ")

Head = dict[str, Any]


def send(stream: IO[bytes], head: Head, body: bytes = b"") -> None:
    """Write one frame and flush it."""
    text = json.dumps(head).encode()
    stream.write(_LENGTHS.pack(len(text), len(body)) + text)
    stream.write(body)
    stream.flush()


def receive(read: Callable[[int], bytes]) -> tuple[Head, bytes]:
    """One frame, by a function that reads just so many bytes; raises EOFError when the other side is gone."""
    head, body = _LENGTHS.unpack(_whole(read(_LENGTHS.size), _LENGTHS.size))
    return json.loads(_whole(read(head), head)), _whole(read(body), body)


def _whole(found: bytes, size: int) -> bytes:
    if len(found) < size:
        raise EOFError
    return found
