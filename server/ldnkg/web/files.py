"""The files that a release gives to download, as its manifest lists them: no other file has an address."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ldnkg.codings import CODINGS, Coding
from ldnkg.dataset import download
from ldnkg.negotiate import negotiate_coding
from ldnkg.web.request import opened


@dataclass(frozen=True)
class File:
    """A file of the release: where it is, here and on the web, what is in it, size, and SHA-256 in hex.

    One that is compressed has a `coding`, and the media type of that; one that is not may have `siblings`.
    """

    name: str
    path: Path
    address: str
    label: str
    kind: str
    media_type: str
    bytes: int
    sha256: str
    coding: Coding | None = None
    siblings: tuple["File", ...] = ()

    @property
    def size(self) -> str:
        """The size for people, in decimal units (IEC 80000-13).

        >>> [File("", Path(), "", "", "", "", size, "").size for size in (999, 2_469_572, 340_346)]
        ['999 B', '2.5 MB', '340 kB']
        """
        amount, unit = float(self.bytes), "B"
        for larger in ("kB", "MB", "GB", "TB"):
            if amount < 999.5:
                break
            amount, unit = amount / 1000, larger
        return f"{amount:.0f} {unit}" if amount >= 10 or unit == "B" else f"{amount:.1f} {unit}"

    def accepted(self, accept_encoding: str | None) -> "File":
        """The file itself or its sibling, as the client likes best (raises NotAcceptable).

        A file without siblings is not negotiated: a compressed file is never compressed again.
        """
        if not self.siblings:
            return self
        by_coding = {each.coding: each for each in self.siblings}
        among = tuple(each for each in CODINGS if each in by_coding)
        chosen = negotiate_coding(accept_encoding, among)
        return by_coding[chosen] if chosen else self


def files() -> list[File]:
    """The files that are not compressed, each with its siblings."""
    return [_file(told) for told in opened().release.manifest["downloads"]]


def find(name: str) -> File | None:
    """The file of that name, if it is one to download."""
    return next((each for plain in files() for each in (plain, *plain.siblings) if each.name == name), None)


def _file(told: Mapping[str, Any]) -> File:
    by_token = {each.token: each for each in CODINGS}
    siblings = []
    for each in told["siblings"]:
        coding = by_token[each["coding"]]
        siblings.append(_told({**told, **each, "media_type": coding.media_type}, coding))
    return _told(told, None, tuple(siblings))


def _told(told: Mapping[str, Any], coding: Coding | None, siblings: tuple[File, ...] = ()) -> File:
    here = opened()
    return File(
        name=told["name"],
        path=here.release.path / told["path"],
        address=download(told["name"], here.base).value,
        label=told["label"],
        kind=told["kind"],
        media_type=told["media_type"],
        bytes=told["bytes"],
        sha256=told["sha256"],
        coding=coding,
        siblings=siblings,
    )
