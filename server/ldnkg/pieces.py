"""Documents in pieces: a large one goes to the disk as it is made, though its head tells of the rest."""

import hashlib
import shutil
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import NamedTuple


class Pieces(NamedTuple):
    """A document: its body piece by piece, and what stands before it, known when the whole body is there."""

    head: Callable[[], str]
    body: Iterable[str]
    tail: str = ""

    def text(self) -> str:
        """The whole document."""
        body = "".join(self.body)
        return f"{self.head()}{body}{self.tail}"

    def write(self, file: Path) -> None:
        """Write the document; only a piece of it is in memory at a time."""
        body = file.with_name(f"{file.name}.body")
        try:
            _write(body, self.body)
            _write(file, [self.head()])
            with body.open("rb") as source, file.open("ab") as target:
                shutil.copyfileobj(source, target, 2**20)
                target.write(self.tail.encode())
        finally:
            body.unlink(missing_ok=True)


def sha256(file: Path) -> str:
    """The SHA-256 of a file in hex, read in pieces."""
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _write(file: Path, pieces: Iterable[str]) -> None:
    with file.open("w", encoding="utf-8", newline="\n") as target:
        target.writelines(pieces)
