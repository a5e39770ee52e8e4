"""Content codings (RFC 9110, section 8.4.1). CODINGS is the only list: for answers, dumps, static files."""

import gzip
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import BinaryIO

import brotli
import zstandard


@dataclass(frozen=True)
class Coding:
    """One way to compress: its name in HTTP, the suffix and media type of a file that is compressed so.

    `quick` is for what waits for an answer, `thorough` for what is written once, `stream` for what is too
    large to be in memory, as quickly; none stores a time.
    """

    token: str
    suffix: str
    media_type: str
    quick: Callable[[bytes], bytes]
    thorough: Callable[[bytes], bytes]
    stream: Callable[[BinaryIO, BinaryIO], object]

    def __reduce__(self) -> tuple[object, ...]:
        """Another process has the same list."""
        return _by_token, (self.token,)


_CHUNK = 2**20


def _brotli(source: BinaryIO, target: BinaryIO) -> None:
    packer = brotli.Compressor(quality=5)
    for piece in iter(partial(source.read, _CHUNK), b""):
        target.write(packer.process(piece))
    target.write(packer.finish())


def _gzip(source: BinaryIO, target: BinaryIO) -> None:
    with gzip.GzipFile(filename="", mode="wb", compresslevel=6, fileobj=target, mtime=0) as packed:
        shutil.copyfileobj(source, packed, _CHUNK)


CODINGS = (
    Coding(
        "br",
        "br",
        "application/x-brotli",
        lambda data: brotli.compress(data, quality=5),
        lambda data: brotli.compress(data, quality=8, lgwin=24),
        _brotli,
    ),
    Coding(
        "zstd",
        "zst",
        "application/zstd",
        lambda data: zstandard.ZstdCompressor(level=6).compress(data),
        lambda data: zstandard.ZstdCompressor(level=12).compress(data),
        lambda source, target: zstandard.ZstdCompressor(level=6).copy_stream(source, target),
    ),
    Coding(
        "gzip",
        "gz",
        "application/gzip",
        lambda data: gzip.compress(data, 6, mtime=0),
        lambda data: gzip.compress(data, 9, mtime=0),
        _gzip,
    ),
)
"""In our order of preference, which breaks ties."""


def _by_token(token: str) -> Coding:
    return next(each for each in CODINGS if each.token == token)
