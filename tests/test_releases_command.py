"""`ldnkg releases` lists what is kept and removes what is not wanted, and says so."""

from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from conftest import EDDYSTONE, write

from ldnkg.cli import commands
from ldnkg.errors import UnknownRelease
from ldnkg.release import build, current
from ldnkg.sources import load

BASE = "https://lights.example/"


@pytest.fixture
def ids(lights: Path, tmp_path: Path) -> list[str]:
    """Three releases, the oldest first."""
    found = []
    for height in ("49.0", "50.0", "51.0"):
        write(lights, {"graph/light/eddystone.ttl": EDDYSTONE.replace("49.0", height)})
        found.append(build(load(lights), tmp_path / "releases", BASE).id)
    return found


def run(tmp_path: Path, *arguments: str) -> Result:
    command = ["releases", "--releases", str(tmp_path / "releases"), *arguments]
    return CliRunner().invoke(commands, command, catch_exceptions=False)


def listed(tmp_path: Path) -> list[str]:
    return [line.split()[3] for line in run(tmp_path).output.splitlines()]


def test_the_releases_are_listed_the_newest_first(ids: list[str], tmp_path: Path) -> None:
    lines = run(tmp_path).output.splitlines()
    assert listed(tmp_path) == ids[::-1]
    assert lines[0].endswith("current") and "1.0.0" in lines[0] and " MB" in lines[0]
    assert not any(line.endswith("current") for line in lines[1:])


def test_all_but_the_newest_are_removed(ids: list[str], tmp_path: Path) -> None:
    told = run(tmp_path, "--keep", "2").output
    assert told.startswith("Removed 1 release, ") and ids[0] in told
    assert listed(tmp_path) == ids[:0:-1]
    assert "Nothing was removed" in run(tmp_path, "--keep", "9").output
    assert run(tmp_path, "--keep", "0").exit_code == 2


def test_the_current_one_is_kept_whatever_its_base(ids: list[str], lights: Path, tmp_path: Path) -> None:
    other = build(load(lights), tmp_path / "releases", "https://other.example/").id
    assert run(tmp_path).output.count("not shown (https://lights.example/)") == len(ids)
    run(tmp_path, "--keep", "1")
    assert listed(tmp_path) == [other] == [current(tmp_path / "releases").id]


def test_a_release_is_removed_by_its_id_but_not_the_current_one(ids: list[str], tmp_path: Path) -> None:
    assert ids[1] in run(tmp_path, "remove", ids[1], ids[1]).output
    assert listed(tmp_path) == [ids[2], ids[0]]
    for unfit, why in ((ids[2], "is the current one"), (ids[1], "no release"), ("../lights", "no release")):
        with pytest.raises(UnknownRelease, match=why):
            run(tmp_path, "remove", ids[0], unfit)
    assert listed(tmp_path) == [ids[2], ids[0]] and (tmp_path / "lights").is_dir()
