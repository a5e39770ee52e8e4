"""Commands of the README and of two guides run as they are printed, and answer what is printed below them."""

import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import pytest
from bench.processes import free_port
from conftest import ROOT

README = (ROOT / "README.md").read_text(encoding="utf-8")
SPARQL = (ROOT / "docs" / "sparql.md").read_text(encoding="utf-8")
SEARCH = (ROOT / "docs" / "search.md").read_text(encoding="utf-8")
PRINTED = "http://localhost:8000/"


def examples(text: str = README) -> list[tuple[str, str]]:
    """The commands in the console blocks of a text, each with the output printed below it."""
    blocks = re.findall(r"^```console\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    runs = [run for block in blocks for run in re.split(r"^\$ ", block, flags=re.MULTILINE) if run]
    return [(command, shown) for command, _, shown in (run.partition("\n") for run in runs)]


@pytest.fixture(scope="module")
def releases(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the server of this file builds its release."""
    return tmp_path_factory.mktemp("releases")


@pytest.fixture(scope="module")
def server(releases: Path) -> Iterator[str]:
    """The curated graph, served as the README says; gives the base."""
    port = free_port()
    base = f"http://localhost:{port}/"
    command = [sys.executable, "-m", "ldnkg.cli", "serve", "--port", str(port), "--releases", str(releases)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as process:
        try:
            for _ in range(600):
                try:
                    urlopen(base + "health", timeout=5).close()
                    break
                except (URLError, ConnectionError):
                    assert process.poll() is None, "the server stopped"
                    time.sleep(0.1)
            yield base
        finally:
            process.terminate()


def pattern(shown: str) -> str:
    """A regular expression for printed output, in which … stands for anything."""
    return ".*".join(re.escape(part) for part in shown.strip().split("…"))


@pytest.mark.parametrize(
    ("command", "shown"), [*examples(), *examples(SPARQL), *examples(SEARCH)], ids=lambda text: text[:40]
)
def test_the_readme_tells_the_truth(command: str, shown: str, server: str, releases: Path) -> None:
    if command.startswith("make "):
        targets = subprocess.run(["make", "--dry-run", command.split()[1]], cwd=ROOT, capture_output=True)
        assert targets.returncode == 0
        return
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    run = subprocess.run(
        ["bash", "-c", command.replace(PRINTED, server)],
        cwd=ROOT,
        env={**os.environ, "PATH": path, "LDNKG_RELEASES": str(releases)},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert run.returncode == 0, run.stderr
    answer = run.stdout.replace(server, PRINTED).replace("\r", "")
    assert re.search(pattern(shown), answer, re.DOTALL), answer


def test_the_readme_has_ten_lines_to_try() -> None:
    assert sum("curl" in command or "ldnkg query" in command for command, _ in examples()) >= 10


@pytest.mark.parametrize("program", re.findall(r"^```python\n(.*?)^```$", SPARQL, re.MULTILINE | re.DOTALL))
def test_the_programs_that_ask_the_endpoint_print_something(program: str, server: str) -> None:
    command = [sys.executable, "-c", program.replace(PRINTED, server)]
    run = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert run.returncode == 0, run.stderr
    assert len(run.stdout.splitlines()) >= 3
