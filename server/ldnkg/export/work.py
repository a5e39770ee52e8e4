"""The work of an export, shared out among processes, each with the site open for itself."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from functools import cache
from multiprocessing import get_context
from pathlib import Path
from typing import Self, TypeVar

from ldnkg.codings import CODINGS, Coding
from ldnkg.errors import CannotExport
from ldnkg.export.asking import ask
from ldnkg.export.writing import CHOICES, Writer, Written
from ldnkg.iris import mount
from ldnkg.release import current
from ldnkg.web import create_app, exported

Progress = Callable[[str, int, int], None]
_Result = TypeVar("_Result")

_BATCH = 20
"""Addresses at a time: enough to make the way to a process worth it."""
_PACKED = (".gz", ".br", ".zst", ".zip", ".png", ".ico", CHOICES)
"""What is compressed already, or no client asks for."""
_SMALL = 512
"""Bytes that fit in one packet anyhow."""
_OF_ALL = ("access-control-", "cache-control", "content-security-policy", "referrer-policy", "x-")
"""How the names of the fields begin that are the same for every document."""


class Workers:
    """As many processes as `jobs`."""

    def __init__(self, releases: Path, folder: Path, jobs: int) -> None:
        self._place = (releases, folder)
        self._pool = ProcessPoolExecutor(jobs, get_context("spawn"))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._pool.shutdown(cancel_futures=True)

    def write(self, addresses: Sequence[str], written: Written, progress: Progress) -> None:
        """Write what stands at these addresses, and add to `written` what came of it."""
        for done, found in self._spread(_write, addresses):
            written.add(found)
            progress("Writing", done, len(addresses))

    def compress(self, names: Sequence[str], codings: Sequence[Coding], progress: Progress) -> dict[str, int]:
        """Put beside each file its compressed forms, where these are smaller; gives their sizes in bytes."""
        packed: dict[str, int] = {}
        tokens = tuple(each.token for each in codings)
        for done, sizes in self._spread(_compress, names if tokens else (), tokens):
            packed |= sizes
            progress("Compressing", done, len(names))
        return packed

    def _spread(
        self, task: Callable[..., _Result], items: Sequence[str], *more: object
    ) -> Iterator[tuple[int, _Result]]:
        """What the task makes of all items, a batch at a time, and how many of them are done."""
        batches = [items[at : at + _BATCH] for at in range(0, len(items), _BATCH)]
        futures = [self._pool.submit(task, *self._place, batch, *more) for batch in batches]
        try:
            for number, future in enumerate(futures, 1):  # in their order: the same release, the same files
                yield min(number * _BATCH, len(items)), future.result()
        except BrokenProcessPool as fault:
            raise CannotExport(
                "A process of the export was killed: give it more memory, or fewer --jobs."
            ) from fault


def fixed(releases: Path) -> list[str]:
    """The addresses of the site that are there whatever the graph says."""
    return list(exported.addresses(create_app(releases, as_files=True)))


def fields(releases: Path) -> dict[str, str]:
    """The header fields that the site sends with every document, and before it: files know no methods."""
    app, first = create_app(releases, as_files=True), f"{_mount(releases)}/"
    answers = (ask(app, first, method=method) for method in ("OPTIONS", "GET"))
    return {
        name: value for answer in answers for name, value in answer.fields if name.lower().startswith(_OF_ALL)
    }


def _write(releases: Path, folder: Path, addresses: Iterable[str]) -> Written:
    return _writer(releases, folder).write(addresses)


@cache
def _writer(releases: Path, folder: Path) -> Writer:
    """The site, opened once a process."""
    base: str = current(releases).manifest["base"]
    return Writer(create_app(releases, as_files=True), base, _mount(releases), folder)


def _mount(releases: Path) -> str:
    """The path of the base, without its last slash."""
    base: str = current(releases).manifest["base"]
    return mount(base)


def _compress(_: Path, folder: Path, names: Iterable[str], tokens: Sequence[str]) -> dict[str, int]:
    sizes = {}
    for name in names:
        body = b"" if name.endswith(_PACKED) else (folder / name).read_bytes()
        for coding in CODINGS if len(body) > _SMALL else ():
            beside = folder / f"{name}.{coding.suffix}"
            if coding.token not in tokens or beside.exists():
                continue
            packed = coding.thorough(body)
            if len(packed) < len(body):
                beside.write_bytes(packed)
                sizes[f"{name}.{coding.suffix}"] = len(packed)
    return sizes
