"""The sites that the matrix asks: the application itself, the same below a path, and a server over TCP."""

from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import engines
import pytest
from bench.processes import free_port
from conftest import write
from test_serve import fetch, served, until

from contract.cases import NEEDS, Site
from contract.transport import OverTcp, in_process
from contract.world import BASE, FILES, MOUNTED
from ldnkg.release import build
from ldnkg.sources import load

_ASKED: Counter[str] = Counter()


@pytest.fixture(scope="session")
def sources(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of sources of the matrix."""
    return write(tmp_path_factory.mktemp("contract") / "sources", FILES)


def _released(sources: Path, releases: Path, base: str) -> Path:
    build(load(sources), releases, base)
    return releases


@pytest.fixture(scope="session")
def sites(sources: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Site]]:
    """The sites by name."""
    own = _released(sources, tmp_path_factory.mktemp("own") / "releases", BASE)
    mounted = _released(sources, tmp_path_factory.mktemp("mounted") / "releases", MOUNTED)
    found = {
        "application": Site(
            "application", in_process(engines.app_of(own), host="lights.example", raw=False), BASE
        ),
        "mounted": Site(
            "mounted", in_process(engines.app_of(mounted), host="lights.example", raw=True), MOUNTED
        ),
    }
    port = free_port()
    with ExitStack() as stack:
        process = stack.enter_context(
            served(
                "--sources", sources, "--releases", own, "--base", BASE, "--port", port, *engines.options(own)
            )
        )
        until(lambda: fetch(f"http://localhost:{port}/health")[0] == 200, process)
        over = OverTcp("127.0.0.1", port, name="lights.example")
        stack.callback(over.close)
        # the server itself refuses a target of more than 64 kB, without the fields that we add
        found["server"] = Site("server", over, BASE, NEEDS - {"endless"})
        yield found
        for site in found.values():
            _ASKED.update({site.name: site.asked.total()})


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Tell how large the matrix was."""
    if _ASKED:
        told = ", ".join(f"{count:,} of the {name}" for name, count in sorted(_ASKED.items()))
        terminalreporter.write_line(f"contract matrix: {_ASKED.total():,} requests: {told}")
