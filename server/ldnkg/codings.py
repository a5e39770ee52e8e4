"""Content codings (RFC 9110, section 8.4.1). CODINGS is the only list: for answers, dumps, static files."""

import gzip
from collections.abc import Callable
from dataclasses import dataclass

import brotli
import zstandard


@dataclass(frozen=True)
class Coding:
    """One way to compress: its name in HTTP, the suffix and media type of a file that is compressed so.

    `quick` is for what waits for an answer, `thorough` for what is written once; neither stores a time.
    """

    token: str
    suffix: str
    media_type: str
    quick: Callable[[bytes], bytes]
    thorough: Callable[[bytes], bytes]

    def __reduce__(self) -> tuple[object, ...]:
        """Another process has the same list."""
        return _by_token, (self.token,)


CODINGS = (
    Coding(
        "br",
        "br",
        "application/x-brotli",
        lambda data: brotli.compress(data, quality=5),
        lambda data: brotli.compress(data, quality=8, lgwin=24),
    ),
    Coding(
        "zstd",
        "zst",
        "application/zstd",
        lambda data: zstandard.ZstdCompressor(level=6).compress(data),
        lambda data: zstandard.ZstdCompressor(level=12).compress(data),
    ),
    Coding(
        "gzip",
        "gz",
        "application/gzip",
        lambda data: gzip.compress(data, 6, mtime=0),
        lambda data: gzip.compress(data, 9, mtime=0),
    ),
)
"""In our order of preference, which breaks ties."""


def _by_token(token: str) -> Coding:
    return next(each for each in CODINGS if each.token == token)
