"""What pool and worker say to each other: a head in JSON and a body of bytes, each behind its length."""

import json
import struct
from collections.abc import Callable
from typing import IO, Any

_LENGTHS = struct.Struct(">QQ")

Head = dict[str, Any]


def send(stream: IO[bytes], head: Head, body: bytes | bytearray = b"") -> None:
    """Write one frame and flush it."""
    text = json.dumps(head).encode()
    stream.write(_LENGTHS.pack(len(text), len(body)) + text)
    stream.write(body)
    stream.flush()


def receive(read: Callable[[int], bytes]) -> tuple[Head, bytes]:
    """One frame, by a function that reads just so many bytes; raises EOFError when the other side is gone."""
    head, body = _LENGTHS.unpack(_whole(read(_LENGTHS.size), _LENGTHS.size))
    return json.loads(_whole(read(head), head)), _whole(read(body), body)


def taken(arrived: bytearray) -> tuple[Head, bytes] | None:
    """The first frame of what has arrived, which is taken away from it, or None while it is not whole."""
    if len(arrived) < _LENGTHS.size:
        return None
    head, body = _LENGTHS.unpack_from(arrived)
    begin, end = _LENGTHS.size + head, _LENGTHS.size + head + body
    if len(arrived) < end:
        return None
    frame = json.loads(arrived[_LENGTHS.size : begin]), bytes(memoryview(arrived)[begin:end])
    del arrived[:end]
    return frame


def _whole(found: bytes, size: int) -> bytes:
    if len(found) < size:
        raise EOFError
    return found
