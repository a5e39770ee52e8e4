"""`ldnkg check` as a person and a script see it."""

import json
import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import ROOT
from pyoxigraph import NamedNode, RdfFormat, parse

PHAROS = "graph/light/pharos.ttl"
SH = "http://www.w3.org/ns/shacl#"
CHECK = [sys.executable, "-m", "ldnkg.cli", "check"]


def check(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the command in a folder of sources."""
    command = [*CHECK, "--sources", str(folder), *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


@pytest.fixture
def broken(lights: Path) -> Path:
    """The lights with a height that is no number, a keeper that does not parse, and a state too many."""
    for name, old, new in (
        (PHAROS, "103.0", '"high"'),
        ("graph/keeper/winstanley.ttl", "skos:prefLabel", "skoss:prefLabel"),
    ):
        text = (lights / name).read_text(encoding="utf-8")
        (lights / name).write_text(text.replace(old, new), encoding="utf-8")
    return lights


def test_sources_that_are_right_pass_in_silence(lights: Path) -> None:
    run = check(lights)
    assert (run.returncode, run.stdout) == (0, "")


def test_the_closing_line_counts_files_and_problems(broken: Path) -> None:
    closing = check(broken).stderr
    assert closing.startswith("5 files checked in ")
    assert closing.endswith(" s: 2 violations, 0 warnings.\n")


def test_each_problem_is_one_line_with_file_line_rule_and_sentence(broken: Path) -> None:
    run = check(broken)
    syntax, height = run.stdout.splitlines()
    assert run.returncode == 1
    assert syntax.startswith("graph/keeper/winstanley.ttl:5:5: syntax: ")
    assert (
        height
        == "graph/light/pharos.ttl:7: Light-height: A height is one xsd:decimal in metres, such as 49.0."
    )


def test_a_warning_is_marked_and_passes(broken: Path) -> None:
    shapes = broken / "shapes" / "light.ttl"
    text = shapes.read_text(encoding="utf-8").replace(
        "sh:maxCount 1 ;", "sh:maxCount 1 ; sh:severity sh:Warning ;"
    )
    shapes.write_text(text, encoding="utf-8")
    run = check(broken, PHAROS)
    assert run.returncode == 0
    assert run.stdout.endswith("such as 49.0. [warning]\n")


def test_a_shape_that_cannot_be_used_is_told_once_and_on_stdout(lights: Path) -> None:
    shapes = lights / "shapes" / "light.ttl"
    text = shapes.read_text(encoding="utf-8").replace("sh:maxCount 1", "sh:maxCount -1")
    shapes.write_text(text, encoding="utf-8")
    run = check(lights)
    assert "cannot be evaluated" in run.stdout
    assert [line.partition(" ")[2][:7] for line in run.stderr.splitlines()] == ["files c"]


def test_json_has_every_field_of_every_problem(broken: Path) -> None:
    run = check(broken, "--format", "json")
    report = json.loads(run.stdout)
    assert run.returncode == 1
    assert report["conforms"] is False
    assert report["problems"][1] == {
        "file": PHAROS,
        "line": 7,
        "column": None,
        "severity": "violation",
        "rule": "Light-height",
        "message": "A height is one xsd:decimal in metres, such as 49.0.",
        "node": "https://example.org/lights/id/light/pharos",
        "value": "high",
    }


def test_turtle_is_the_shacl_report(broken: Path) -> None:
    run = check(broken, "--format", "ttl")
    triples = list(parse(run.stdout, format=RdfFormat.TURTLE))
    shapes = [each.object for each in triples if each.predicate == NamedNode(SH + "sourceShape")]
    assert run.returncode == 1
    assert sum(each.predicate == NamedNode(SH + "result") for each in triples) == 2
    assert shapes == [NamedNode("https://example.org/lights/shapes#Light-height")]


@pytest.mark.parametrize("path", [PHAROS, "graph/light", "{root}/graph/light/pharos.ttl", "./graph/light/"])
def test_a_path_is_a_file_or_folder_from_here_or_from_the_root(broken: Path, path: str) -> None:
    run = check(broken, path.format(root=broken))
    assert [line.split(":")[0] for line in run.stdout.splitlines()] == [PHAROS]


def test_a_path_from_the_root_works_anywhere(broken: Path, tmp_path: Path) -> None:
    command = [*CHECK, "--sources", str(broken), PHAROS]
    run = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (run.returncode, len(run.stdout.splitlines())) == (1, 1)


@pytest.mark.parametrize("arguments", [["graph/nowhere.ttl"], ["--format", "xml"]])
def test_what_cannot_be_done_is_exit_code_2(lights: Path, arguments: list[str]) -> None:
    run = check(lights, *arguments)
    assert (run.returncode, run.stdout) == (2, "")
    assert "Traceback" not in run.stderr


def test_missing_sources_are_one_sentence_and_exit_code_2(tmp_path: Path) -> None:
    run = check(tmp_path)
    assert run.returncode == 2
    assert run.stderr.startswith("ldnkg: There is no ontology/")
    assert len(run.stderr.splitlines()) == 1


def test_a_terminal_shows_progress_on_stderr_only(lights: Path) -> None:
    terminal, end = pty.openpty()
    command = [*CHECK, "--sources", str(lights)]
    environment = {**os.environ, "TERM": "xterm"}
    run = subprocess.run(command, stdout=subprocess.PIPE, stderr=end, env=environment, check=False)
    os.close(end)
    shown = os.read(terminal, 100_000)
    os.close(terminal)
    assert (run.returncode, run.stdout) == (0, b"")
    assert b"Shapes" in shown


def test_the_curated_graph_and_one_file_of_it_check() -> None:
    assert check(ROOT).returncode == 0
    assert check(ROOT, "graph/condition/multiple-sclerosis.ttl").returncode == 0
