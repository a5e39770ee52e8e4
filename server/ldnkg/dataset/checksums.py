"""Checksums of files, as `sha256sum` writes and checks them (GNU coreutils)."""

from collections.abc import Mapping

SUMS = "SHA256SUMS"
"""The name of the file that lists them."""


def sums(digests: Mapping[str, str]) -> str:
    r"""One line a file, sorted by name; file names that come from IRIs need no escape.

    >>> sums({"b": "00", "a": "ff"})
    'ff  a\n00  b\n'
    """
    return "".join(f"{digest}  {name}\n" for name, digest in sorted(digests.items()))
