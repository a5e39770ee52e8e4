"""`ldnkg query`: the current release answers on the command line."""

import csv
import io
import json
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import LIGHTS, write
from pyoxigraph import RdfFormat, parse

from ldnkg.release import build
from ldnkg.sources import load

BASE = "https://lights.example/"
QUERY = f"SELECT ?light ?height {{ ?light <{BASE}ont#height> ?height }} ORDER BY ?height"


@pytest.fixture(scope="module")
def releases(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("command")
    build(load(write(folder / "lights", LIGHTS)), folder / "releases", BASE)
    return folder / "releases"


def run(releases: Path, *arguments: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "ldnkg.cli", "query", "--releases", str(releases), *arguments]
    return subprocess.run(command, input=stdin, capture_output=True, text=True, timeout=60)


def test_a_person_sees_a_table_with_short_names(releases: Path) -> None:
    done = run(releases, QUERY)
    assert done.returncode == 0, done.stderr
    assert "light:eddystone" in done.stdout
    assert "2 rows" in done.stdout


def test_a_script_gets_csv_and_json(releases: Path) -> None:
    rows = list(csv.reader(io.StringIO(run(releases, QUERY, "--format", "csv").stdout)))
    assert rows[1][0] == f"{BASE}id/light/eddystone"
    found = json.loads(run(releases, QUERY, "--format", "json").stdout)
    assert len(found["results"]["bindings"]) == 2


def test_a_query_may_come_from_a_file_or_from_stdin(releases: Path, tmp_path: Path) -> None:
    (tmp_path / "heights.rq").write_text(QUERY, encoding="utf-8")
    from_file = run(releases, "--file", str(tmp_path / "heights.rq"), "--format", "tsv")
    assert from_file.stdout.splitlines()[0] == "?light\t?height"
    assert run(releases, "--file", "-", "--format", "tsv", stdin=QUERY).stdout == from_file.stdout


def test_a_graph_is_turtle(releases: Path) -> None:
    done = run(releases, f"DESCRIBE <{BASE}id/light/pharos>")
    subjects = {quad.subject.value for quad in parse(done.stdout, format=RdfFormat.TURTLE)}
    assert f"{BASE}id/light/pharos" in subjects


def test_a_wrong_query_is_shown_with_a_mark_where_it_is_wrong(releases: Path) -> None:
    done = run(releases, "SELECT * {\n ?s zz:p ?o }")
    assert (done.returncode, done.stdout) == (2, "")
    text, mark, sentence = done.stderr.splitlines()
    assert text.index("zz:p") == mark.index("^")
    assert sentence.startswith("ldnkg: The prefix zz: is not declared")
    far = run(releases, "SELECT * { " + "?s ?p ?o . " * 5000 + "?s zz:p ?o }")
    text, mark, _ = far.stderr.splitlines()
    assert text.index("zz:p") == mark.index("^") < 200


def test_a_query_over_its_time_is_one_sentence(releases: Path) -> None:
    done = run(
        releases, "--seconds", "0.3", "SELECT * { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l } ORDER BY ?z"
    )
    assert done.returncode == 2
    assert done.stderr.startswith("ldnkg: The query ran longer than 0.3 seconds")


def test_without_a_release_the_remedy_is_told(tmp_path: Path) -> None:
    done = run(tmp_path / "none", QUERY)
    assert done.returncode == 2
    assert "ldnkg build" in done.stderr
    assert "Traceback" not in done.stderr


def test_without_a_query_the_usage_is_told(releases: Path) -> None:
    done = run(releases)
    assert done.returncode == 2
    assert "--file" in done.stderr
