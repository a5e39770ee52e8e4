"""What is promised when the store is not asked, does not answer, or is not there."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NoReturn

import pytest
from conftest import write

from contract.cases import Site
from contract.invariants import of_every_answer
from contract.transport import Headers, in_process
from contract.world import BASE, EVERYTHING, FILES, LISTS, REDIRECTS, THINGS
from ldnkg.errors import StoreUnreachable
from ldnkg.release import build
from ldnkg.site import Site as Releases
from ldnkg.sources import load
from ldnkg.web import create_app

ACCEPTS: tuple[Headers, ...] = (
    (),
    (("Accept", "text/html"),),
    (("Accept", "text/plain"),),
    (("Accept", "application/problem+json"),),
    (("Accept", "text/turtle"),),
)


class Broken:
    """A store that raises whatever it is asked."""

    def __init__(self, fault: Exception) -> None:
        self._fault = fault

    def __getattr__(self, name: str) -> NoReturn:
        raise self._fault


@contextmanager
def broken(releases: Releases, fault: Exception) -> Iterator[None]:
    """The site with a store that raises."""
    with releases.opened() as opened:
        store, opened.store = opened.store, Broken(fault)
        try:
            yield
        finally:
            opened.store = store


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Site:
    folder = tmp_path_factory.mktemp("failures")
    build(load(write(folder / "sources", FILES)), folder / "releases", BASE)
    app = create_app(folder / "releases")
    found = Site("application", in_process(app, host="lights.example", raw=False), BASE)
    found.releases = app.extensions["site"]  # type: ignore[attr-defined]
    return found


def test_a_copy_that_is_still_good_is_told_so_without_the_store(site: Site) -> None:
    targets = [each.variant(suffix) for each in (*THINGS, *LISTS) for suffix in each.variants]
    found = []
    for target in (*targets, *(each.target for each in (*THINGS, *LISTS))):
        for coding in ("identity", "gzip", "br"):
            asked: Headers = (("Accept-Encoding", coding),)
            whole = site.fetch("GET", target, asked)
            if whole.status != 200:
                found.append(f"{target} is {whole.status}")
                continue
            with broken(site.releases, RuntimeError("the store is asked")):  # type: ignore[attr-defined]
                again = site.fetch("GET", target, (*asked, ("If-None-Match", whole.one("ETag") or "")))
                if again.status != 304:
                    found.append(f"{target} {coding} is {again.status}")
    assert found == []


@pytest.mark.parametrize("fault", [StoreUnreachable("The store does not answer."), RuntimeError("secret")])
def test_a_store_that_fails_is_a_fault_of_the_server_and_never_a_404(site: Site, fault: Exception) -> None:
    expected = 503 if isinstance(fault, StoreUnreachable) else 500
    found = []
    with broken(site.releases, fault):  # type: ignore[attr-defined]
        for number, headers in enumerate(ACCEPTS):
            for target in (f"/doc/light/l{number:03}", f"/doc/light/unknown{number}", "/id/light/eddystone"):
                answer = site.fetch("GET", target, headers)
                if answer.status not in (expected, 406) or b"secret" in answer.body:
                    found.append(f"{target} is {answer.status}: {answer.body[:80]!r}")
                judged = of_every_answer("GET", dict(headers), answer, site)
                found += [each for each in judged if each != "a fault that nobody thought of"]
    assert found == []


def test_without_a_release_every_route_is_503_and_says_when_to_ask_again(tmp_path: Path) -> None:
    site = Site("application", in_process(create_app(tmp_path), host="lights.example", raw=False), BASE)
    found = []
    for target in EVERYTHING:
        for headers in ACCEPTS:
            answer = site.fetch("GET", target, headers)
            if target.startswith("/static/") or target in REDIRECTS:
                continue
            found += [f"{target}: {each}" for each in of_every_answer("GET", dict(headers), answer, site)]
            if answer.status not in ((200,) if target == "/metrics" else (503, 406)):  # it tells of the fault
                found.append(f"{target} is {answer.status}")
    assert found == []
