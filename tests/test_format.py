"""`ldnkg format` as a person and a script see it."""

import subprocess
import sys
from pathlib import Path

import pytest

from ldnkg.turtle import normal_form

NORMAL = '@prefix ex: <https://example.org/> .\n\nex:a ex:p "x" .\n'
MESSY = '@prefix ex: <https://example.org/>. ex:a   ex:p "x".\n'


def run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the command in a folder of sources."""
    command = [sys.executable, "-m", "ldnkg.cli", "format", "--sources", str(folder), *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


@pytest.fixture
def sources(tmp_path: Path) -> Path:
    """One file in normal form and one that is not, in different folders."""
    for name, text in {"ontology/a.ttl": NORMAL, "shapes/b.ttl": NORMAL, "graph/x/c.ttl": MESSY}.items():
        (tmp_path / name).parent.mkdir(parents=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    return tmp_path


def test_check_lists_what_differs_and_changes_nothing(sources: Path) -> None:
    ran = run(sources, "--check")
    assert (ran.returncode, ran.stdout) == (1, "graph/x/c.ttl\n")
    assert (sources / "graph/x/c.ttl").read_text(encoding="utf-8") == MESSY


def test_files_are_rewritten_in_place_and_then_pass(sources: Path) -> None:
    ran = run(sources)
    assert (ran.returncode, ran.stdout) == (0, "graph/x/c.ttl\n")
    assert (sources / "graph/x/c.ttl").read_text(encoding="utf-8") == NORMAL
    again = run(sources, "--check")
    assert (again.returncode, again.stdout) == (0, "")


def test_the_closing_line_counts_files(sources: Path) -> None:
    assert run(sources).stderr == "3 files: 1 changed, 0 cannot be formatted.\n"
    assert run(sources, "graph").stderr.startswith("1 file: ")


@pytest.mark.parametrize("path", ["graph", "graph/x/c.ttl"])
def test_only_the_paths_named_are_formatted(sources: Path, path: str) -> None:
    (sources / "ontology/a.ttl").write_text(MESSY, encoding="utf-8")
    assert run(sources, path).stdout == "graph/x/c.ttl\n"


def test_a_file_outside_the_sources_can_be_named(sources: Path) -> None:
    (sources / "other.ttl").write_text(MESSY, encoding="utf-8")
    assert run(sources, "other.ttl").stdout == "other.ttl\n"


@pytest.mark.parametrize(
    ("text", "place"),
    [(b"<http://e/s> oops .\n", "graph/x/bad.ttl:1:14: "), (b"# \xff", "graph/x/bad.ttl: "),
     (b"<http://e/s> <http://e/p> 1 . # why\n", "graph/x/bad.ttl:1: ")],
)  # fmt: skip
def test_what_cannot_be_formatted_is_told_stays_and_hides_no_other(
    sources: Path, text: bytes, place: str
) -> None:
    bad = sources / "graph/x/bad.ttl"
    bad.write_bytes(text)
    ran = run(sources)
    assert (ran.returncode, ran.stdout) == (1, "graph/x/c.ttl\n")
    assert ran.stderr.startswith(place)
    assert bad.read_bytes() == text


def test_line_ends_of_another_system_become_ours(sources: Path) -> None:
    file = sources / "shapes/b.ttl"
    file.write_bytes(NORMAL.replace("\n", "\r\n").encode())
    run(sources)
    assert file.read_bytes() == NORMAL.encode()


def test_a_path_that_is_not_there_is_exit_code_2(sources: Path) -> None:
    assert run(sources, "nowhere.ttl").returncode == 2


def test_the_normal_form_of_a_normal_file_is_itself() -> None:
    assert normal_form(NORMAL) == NORMAL


def test_a_file_that_cannot_be_read_is_listed_and_the_others_are_rewritten(sources: Path) -> None:
    (sources / "graph" / "lost.ttl").symlink_to("nowhere.ttl")
    ran = run(sources)
    assert (ran.returncode, ran.stdout) == (1, "graph/x/c.ttl\n")
    assert "graph/lost.ttl: No such file or directory." in ran.stderr.splitlines()
