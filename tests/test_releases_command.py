"""`ldnkg releases` lists, checks and removes what is kept, changes to another release, and says so."""

import errno
import fcntl
import json
import os
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from conftest import EDDYSTONE, LIGHTS, write

from ldnkg import changes, history
from ldnkg.cli import commands
from ldnkg.errors import BuildFailed, DamagedRelease, NoRelease, UnknownRelease
from ldnkg.release import LAYOUT, build, current, keeping, make_current, named
from ldnkg.sources import load
from ldnkg.web import create_app

BASE = "https://lights.example/"


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[str]]:
    """A folder with three releases, and their ids, the oldest first."""
    folder, found = tmp_path_factory.mktemp("three"), []
    for height in ("49.0", "50.0", "51.0"):
        lights = write(folder / "lights", LIGHTS | {"graph/light/eddystone.ttl": at_height(height)})
        found.append(build(load(lights), folder / "releases", BASE).id)
    return folder / "releases", found


@pytest.fixture
def ids(original: tuple[Path, list[str]], tmp_path: Path) -> list[str]:
    """Three releases that a test may change, the oldest first."""
    folder, found = original
    shutil.copytree(folder, tmp_path / "releases", symlinks=True)
    return found


def at_height(height: str) -> str:
    """What the sources of these releases say of Eddystone."""
    return EDDYSTONE.replace("49.0", height)


def run(tmp_path: Path, *arguments: str) -> Result:
    command = ["releases", "--releases", str(tmp_path / "releases"), *arguments]
    return CliRunner().invoke(commands, command, catch_exceptions=False)


def listed(tmp_path: Path) -> list[str]:
    return [line.split()[3] for line in run(tmp_path).stdout.splitlines()]


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


def test_a_release_is_removed_by_its_id_but_not_the_current_one(
    ids: list[str], lights: Path, tmp_path: Path
) -> None:
    assert ids[1] in run(tmp_path, "remove", ids[1], ids[1]).output
    assert listed(tmp_path) == [ids[2], ids[0]]
    for unfit, why in ((ids[2], "is the current one"), (ids[1], "no release"), ("../lights", "no release")):
        with pytest.raises(UnknownRelease, match=why):
            run(tmp_path, "remove", ids[0], unfit)
    assert listed(tmp_path) == [ids[2], ids[0]] and lights.is_dir()


def test_releases_are_listed_and_removed_when_none_can_be_served(ids: list[str], tmp_path: Path) -> None:
    folder = tmp_path / "releases"
    (folder / ids[2] / "manifest.json").write_text("{", encoding="utf-8")
    lines = run(tmp_path).output.splitlines()
    (line,) = [each for each in lines if ids[2] in each]
    assert line.endswith("current, damaged: its manifest.json cannot be read") and len(lines) == 3
    (folder / "current").unlink()
    told = run(tmp_path)
    assert "current" not in told.stdout and "No release here is current" in told.stderr
    assert run(tmp_path, "check").exit_code == run(tmp_path, "check", ids[2]).exit_code == 1
    assert run(tmp_path, "check", ids[0]).exit_code == 0
    run(tmp_path, "remove", ids[2], ids[0])
    assert listed(tmp_path) == [ids[1]]
    assert run(tmp_path, "check").exit_code == 1, "it is whole, but not current"
    run(tmp_path, "switch", ids[1])
    assert run(tmp_path, "check").exit_code == 0


def test_without_a_release_there_is_nothing_to_list_check_or_switch_to(tmp_path: Path) -> None:
    for arguments in ((), ("check",), ("switch", "0123456789abcdef")):
        with pytest.raises(NoRelease, match="ldnkg build"):
            run(tmp_path, *arguments)


def test_a_limit_and_a_command_are_not_given_together(ids: list[str], tmp_path: Path) -> None:
    assert run(tmp_path, "--keep", "1", "remove", ids[0]).exit_code == 2
    assert len(listed(tmp_path)) == 3


def test_whole_releases_are_told_whole_the_newest_first(ids: list[str], tmp_path: Path) -> None:
    told = run(tmp_path, "check")
    assert told.exit_code == 0
    lines = told.output.splitlines()
    assert [line.split()[0].rstrip(":") for line in lines] == ids[::-1]
    assert all(": whole, " in line for line in lines) and "(current)" in lines[0]
    assert run(tmp_path, "check", ids[1], "--releases", str(tmp_path / "releases")).output == lines[1] + "\n"


def cut(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:-1])


def scrambled(file: Path) -> None:
    file.write_bytes(b"x" * file.stat().st_size)


def unlinked(file: Path) -> None:
    file.unlink()


def without(folder: Path) -> None:
    shutil.rmtree(folder)


DAMAGES = (
    (cut, "search.sqlite", "search.sqlite has "),
    (scrambled, "dumps/graph.ttl", "dumps/graph.ttl has other bytes"),
    (unlinked, "panels.sqlite", "panels.sqlite is not there"),
    (without, "store", "store is not there"),
    (scrambled, "store/CURRENT", "store/CURRENT has other bytes"),
    (scrambled, "manifest.json", "manifest.json is not JSON"),
    (unlinked, "manifest.json", "manifest.json is not there"),
)
damages = pytest.mark.parametrize(
    ("damage", "name", "says"), DAMAGES, ids=lambda each: getattr(each, "__name__", None)
)


@damages
def test_a_damaged_file_has_a_line_and_what_to_do(
    ids: list[str], tmp_path: Path, damage: Callable[[Path], None], name: str, says: str
) -> None:
    damage(tmp_path / "releases" / ids[0] / name)
    told = run(tmp_path, "check")
    assert told.exit_code == 1
    *whole, line, fault, remedy = told.output.splitlines()
    assert len(whole) == 2 and all(": whole, " in each for each in whole)
    assert line == f"{ids[0]}: damaged."
    assert fault.startswith(f"  {says}") and f"ldnkg releases remove {ids[0]}" in remedy
    assert run(tmp_path, "check", ids[1]).exit_code == 0


def test_every_damaged_file_of_the_current_release_is_told(ids: list[str], tmp_path: Path) -> None:
    for name in ("layout.json", "things.sqlite"):
        cut(tmp_path / "releases" / ids[2] / name)
    told = run(tmp_path, "check", ids[2])
    line, *faults, remedy = told.output.splitlines()
    assert line == f"{ids[2]} (current): damaged."
    assert [fault.split()[0] for fault in faults] == ["layout.json", "things.sqlite"]
    assert "ldnkg build" in remedy and "ldnkg releases switch" in remedy


def test_a_manifest_of_another_release_is_damage(ids: list[str], tmp_path: Path) -> None:
    folder = tmp_path / "releases"
    shutil.rmtree(folder / ids[0])
    shutil.copytree(folder / ids[1], folder / ids[0])
    assert "manifest.json is not that of this release" in run(tmp_path, "check", ids[0]).output


@pytest.mark.parametrize("name", ["../secret", "/etc/hostname"])
def test_a_manifest_that_names_a_file_outside_its_folder_is_damage(
    ids: list[str], tmp_path: Path, name: str
) -> None:
    (tmp_path / "releases" / "secret").write_text("12345", encoding="utf-8")
    manifest = tmp_path / "releases" / ids[0] / "manifest.json"
    told = json.loads(manifest.read_bytes())
    told["files"][name] = {"bytes": 1, "sha256": ""}
    manifest.write_text(json.dumps(told), encoding="utf-8")
    assert f"  {name} is no file of a release\n" in run(tmp_path, "check", ids[0]).output


def test_a_release_without_triples_is_whole_for_those_whose_store_is_elsewhere(
    ids: list[str], tmp_path: Path
) -> None:
    without(tmp_path / "releases" / ids[0] / "store")
    elsewhere = ("--store", "http://db.example/sparql")
    assert run(tmp_path, "check", *elsewhere).exit_code == 0
    with pytest.raises(DamagedRelease, match="LDNKG_STORE"):
        run(tmp_path, "switch", ids[0])
    assert named(tmp_path / "releases").id == ids[2]
    run(tmp_path, "switch", ids[0], *elsewhere)
    assert named(tmp_path / "releases").id == ids[0]


def of_another_version(releases: Path, id_: str) -> None:
    for file in (releases / id_ / "manifest.json", releases / history.JOURNAL):
        first, rest = file.read_text(encoding="utf-8").split(f'"layout": {LAYOUT}', 1)
        file.write_text(f'{first}"layout": 1{rest}', encoding="utf-8")


def test_a_release_of_another_version_is_checked_and_not_made_current(ids: list[str], tmp_path: Path) -> None:
    of_another_version(tmp_path / "releases", ids[0])
    assert "whole, " in (told := run(tmp_path, "check", ids[0]).output) and "another version" in told
    assert "made by another version" in run(tmp_path).output
    with pytest.raises(NoRelease, match="another version"):
        run(tmp_path, "switch", ids[0])
    assert current(tmp_path / "releases").id == ids[2]


def compared(releases: Path) -> list[object]:
    """All that stands in the comparisons of releases."""
    (file,) = (releases / "changes").glob("*.sqlite")
    with closing(sqlite3.connect(file)) as database:
        names = ("moment", "change", "total")
        return [row for name in names for row in database.execute(f"SELECT * FROM {name}")]


def test_to_switch_tells_the_same_as_to_build_again(ids: list[str], lights: Path, tmp_path: Path) -> None:
    built, switched = tmp_path / "built", tmp_path / "releases"
    shutil.copytree(switched, built, symlinks=True)
    assert build(load(lights), built, BASE).id == ids[0]
    told = run(tmp_path, "switch", ids[0])
    assert told.exit_code == 0 and ids[0] in told.output and ids[2] in told.output
    names = [[each.name for each in history.read(folder).moments] for folder in (built, switched)]
    assert names[0] == names[1] == [*ids, f"{ids[0]}.2"]
    assert compared(built) == compared(switched)
    assert sorted(each.name for each in built.iterdir()) == sorted(each.name for each in switched.iterdir())
    assert os.readlink(switched / "current") == ids[0]


def test_a_server_follows_back_and_forward(ids: list[str], tmp_path: Path) -> None:
    client = create_app(tmp_path / "releases").test_client()
    seen = []
    for id_ in (ids[0], ids[2], ids[0]):
        run(tmp_path, "switch", id_)
        assert client.get("/health").get_json() == {"status": "ready", "release": id_}
        seen.append(client.get("/doc/light/eddystone.ttl").text.partition("ex:height ")[2].split()[0])
    assert seen == ["49.0", "51.0", "49.0"]
    told = client.get("/changes.json").get_json()["releases"]
    assert [each["release"] for each in told] == [
        *(f"{ids[0]}.3", f"{ids[2]}.2", f"{ids[0]}.2"),
        *ids[::-1],
    ]
    assert [each["changed"] for each in told[:3]] == [1, 1, 1]
    assert client.get(f"/doc/light/eddystone.ttl?release={ids[2]}").status_code == 200
    assert client.get("/timemap/light/eddystone").text.count("memento") >= 6


def date(releases: Path, ids: list[str]) -> None:
    """Let these releases be of former days, each of its own."""
    lines = []
    for day, id_ in enumerate(ids, 1):
        file = releases / id_ / "manifest.json"
        manifest = json.loads(file.read_text(encoding="utf-8")) | {"time": f"2026-11-0{day}T12:00:00+00:00"}
        file.write_text(json.dumps(manifest), encoding="utf-8")
        lines.append(json.dumps({**manifest, "release": id_}) + "\n")
    (releases / history.JOURNAL).write_text("".join(lines), encoding="utf-8")


def test_a_copy_of_the_release_that_was_left_is_not_taken_for_good(ids: list[str], tmp_path: Path) -> None:
    folder, where = tmp_path / "releases", "/doc/light/eddystone.ttl"
    date(folder, ids)
    client = create_app(folder).test_client()
    copy = client.get(where)
    assert copy.headers["Last-Modified"] == "Tue, 03 Nov 2026 12:00:00 GMT"
    run(tmp_path, "switch", ids[0])
    for each in (client, create_app(folder).test_client()):
        now = each.get(where, headers={"If-Modified-Since": copy.headers["Last-Modified"]})
        assert (now.status_code, "49.0" in now.text) == (200, True)
        good = each.get(where, headers={"If-Modified-Since": now.headers["Last-Modified"]})
        assert good.status_code == 304


def test_the_date_of_a_release_is_its_own_unless_it_was_put_back(ids: list[str], tmp_path: Path) -> None:
    folder = tmp_path / "releases"
    date(folder, ids)
    assert history.put_back(folder, ids[2]) is None
    for id_ in (ids[0], ids[1], ids[2], ids[0]):
        run(tmp_path, "switch", id_)
        assert history.put_back(folder, id_) == history.read(folder).moments[-1].time
    run(tmp_path, "remove", ids[1], ids[2])
    assert history.put_back(folder, ids[0]), "the one that was left is gone, and copies of it are not"


def state(releases: Path) -> list[object]:
    """All that a switch could change."""
    files = (releases / history.JOURNAL, *(releases / "changes").iterdir())
    link = (releases / "current").lstat()
    return [link.st_ino, link.st_mtime_ns, *(file.read_bytes() for file in files)]


def test_what_cannot_be_served_is_refused_and_nothing_changes(
    ids: list[str], lights: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "releases"
    other = build(load(lights), folder, "https://other.example/").id
    run(tmp_path, "switch", ids[2], "--base", BASE)
    cut(folder / ids[1] / "dumps/graph.ttl")
    before = state(folder)
    for unfit, kind, why in (
        (ids[1], DamagedRelease, r"dumps/graph\.ttl has"),
        (other, UnknownRelease, "--base https://other.example/"),
        ("0123456789abcdef", UnknownRelease, "no release"),
        ("../lights", UnknownRelease, "no release"),
        ("current", UnknownRelease, "no release"),
    ):
        with pytest.raises(kind, match=why):
            run(tmp_path, "switch", unfit)
    assert state(folder) == before


def test_another_base_has_to_be_named(ids: list[str], lights: Path, tmp_path: Path) -> None:
    other = build(load(lights), tmp_path / "releases", "http://localhost:8000/").id
    with pytest.raises(UnknownRelease, match=f"has the base {BASE} and not http://localhost:8000/"):
        run(tmp_path, "switch", ids[2])
    with pytest.raises(UnknownRelease, match="http://elsewhere.example/"):
        run(tmp_path, "switch", ids[2], "--base", "http://elsewhere.example")
    run(tmp_path, "switch", ids[2], "--base", BASE)
    assert [each.release for each in history.read(tmp_path / "releases").moments] == [*ids]
    with pytest.raises(UnknownRelease, match="--base"):
        run(tmp_path, "switch", other)


def test_to_switch_to_the_current_one_changes_nothing(ids: list[str], tmp_path: Path) -> None:
    before = state(tmp_path / "releases")
    assert "already" in run(tmp_path, "switch", ids[2]).output
    assert state(tmp_path / "releases") == before


def gone(releases: Path, id_: str) -> None:
    shutil.rmtree(releases / id_)


def without_manifest(releases: Path, id_: str) -> None:
    scrambled(releases / id_ / "manifest.json")


def without_link(releases: Path, id_: str) -> None:
    (releases / "current").unlink()


@pytest.mark.parametrize("damage", [gone, without_manifest, without_link])
def test_a_release_that_is_lost_can_be_left(
    ids: list[str], tmp_path: Path, damage: Callable[[Path, str], None]
) -> None:
    folder = tmp_path / "releases"
    damage(folder, ids[2])
    run(tmp_path, "switch", ids[1])
    assert current(folder).id == ids[1]
    assert history.read(folder).moments[-1].release == ids[1]


@pytest.mark.parametrize("damage", [unlinked, scrambled, lambda file: file.write_bytes(b"")])
def test_a_release_that_cannot_be_compared_can_be_left_and_is_compared_when_it_is_mended(
    ids: list[str], lights: Path, tmp_path: Path, damage: Callable[[Path], None]
) -> None:
    folder = tmp_path / "releases"
    file = folder / ids[2] / "things.sqlite"
    whole = file.read_bytes()
    damage(file)
    run(tmp_path, "switch", ids[0])
    back = f"{ids[0]}.2"
    with changes.opened(folder, BASE, LAYOUT) as told:
        assert told.totals(ids[2])["changed"] == 1, "it was compared when it became current"
        assert told.totals(back) == {}
    file.write_bytes(whole)
    assert build(load(lights), folder, BASE).id == ids[0], "the current one: the history is as it was"
    with changes.opened(folder, BASE, LAYOUT) as told:
        assert told.totals(back)["changed"] == 1


def test_nobody_builds_while_the_current_release_is_changed(
    ids: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def made(releases: Path, id_: str) -> None:
        with (releases / ".lock").open("w") as lock, pytest.raises(BlockingIOError):
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        make_current(releases, id_)

    monkeypatch.setattr(keeping, "make_current", made)
    run(tmp_path, "switch", ids[0])
    assert current(tmp_path / "releases").id == ids[0]


def test_a_folder_that_cannot_be_written_is_told(
    ids: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(releases: Path, id_: str) -> None:
        raise OSError(errno.EROFS, os.strerror(errno.EROFS))

    monkeypatch.setattr(keeping, "make_current", refused)
    with pytest.raises(BuildFailed, match=r"Read-only.*who may write.*as it was"):
        run(tmp_path, "switch", ids[0])


def test_a_release_is_loaded_before_it_is_current(ids: list[str], tmp_path: Path) -> None:
    file, folder = tmp_path / "all.nq", tmp_path / "releases" / ids[0]
    command = ["load", "--release", str(folder), "--file", str(file)]
    told = CliRunner().invoke(commands, command, catch_exceptions=False)
    assert ids[0] in told.output and ids[0] in file.read_text(encoding="utf-8")
    without(folder / "store")
    with pytest.raises(DamagedRelease, match="store is not there"):
        CliRunner().invoke(commands, command, catch_exceptions=False)
