"""Former releases are kept, and it is known which was current when."""

import json
import os
import subprocess
import sys
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from conftest import EDDYSTONE, LIGHTS, write

from ldnkg import changes, history
from ldnkg.errors import UnknownRelease
from ldnkg.history import Entry, History
from ldnkg.release import LAYOUT, build, current
from ldnkg.release.keeping import kept, remove
from ldnkg.sources import load

BASE = "https://lights.example/"
START = datetime(2026, 11, 1, tzinfo=UTC)
KILLED = """
import os, sys
from pathlib import Path
from ldnkg import history
from ldnkg.release import build
from ldnkg.sources import load
sources, releases, base = sys.argv[1:]
history.record = lambda releases: os.kill(os.getpid(), 9) if kill(releases) else None
kill = lambda releases: os.readlink(releases / "current") != before
before = os.readlink(Path(releases) / "current")
build(load(Path(sources)), Path(releases), base)
"""


def built(sources: Path, releases: Path, height: str = "49.0", base: str = BASE) -> str:
    """The id of the release in which Eddystone has that height."""
    write(sources, {"graph/light/eddystone.ttl": EDDYSTONE.replace("49.0", height)})
    return build(load(sources), releases, base).id


def told(releases: Path) -> list[str]:
    """The names of the moments, the oldest first."""
    return [each.name for each in history.read(releases).moments]


def dated(releases: Path, *ids: str, base: str = BASE) -> None:
    """A journal in which these releases became current, a day apart."""
    lines = [
        Entry((START + timedelta(days=day)).isoformat(), id_, base, "1.0.0", LAYOUT)
        for day, id_ in enumerate(ids)
    ]
    text = "".join(json.dumps(each.__dict__) + "\n" for each in lines)
    (releases / history.JOURNAL).write_text(text, encoding="utf-8")


def test_each_time_that_a_release_becomes_current_is_a_moment(lights: Path, tmp_path: Path) -> None:
    releases = tmp_path / "releases"
    first = built(lights, releases)
    second = built(lights, releases, "50.0")
    assert built(lights, releases) == first
    assert told(releases) == [first, second, f"{first}.2"]
    assert history.read(releases).moments[-1].version == "1.0.0"


def test_the_same_release_again_is_no_new_moment(lights: Path, tmp_path: Path) -> None:
    releases = tmp_path / "releases"
    first = built(lights, releases)
    journal = (releases / history.JOURNAL).read_bytes()
    assert built(lights, releases) == first
    assert (releases / history.JOURNAL).read_bytes() == journal


def test_what_was_current_at_a_time(lights: Path, tmp_path: Path) -> None:
    releases = tmp_path / "releases"
    first, second = built(lights, releases), built(lights, releases, "50.0")
    dated(releases, first, second)
    found = history.read(releases)
    for hours, name in ((-1, first), (0, first), (23, first), (24, second), (9_999, second)):
        assert found.at(START + timedelta(hours=hours)).name == name
    assert found.before(found.moments[0]) is None and found.after(found.moments[1]) is None
    assert (found.before(found.moments[1]), found.after(found.moments[0])) == found.moments


def test_a_release_is_named_by_its_id_or_as_the_newest_of_its_version(lights: Path, tmp_path: Path) -> None:
    releases = tmp_path / "releases"
    first, second = built(lights, releases), built(lights, releases, "50.0")
    found = history.read(releases)
    assert found.named(first) == found.moments[0]
    assert found.named("1.0.0") == found.moments[1]
    assert found.moments[1].release == second
    assert found.named("../" + first) is found.named("") is found.named("current") is None


@pytest.mark.parametrize("torn", ['{"time": "2026-', "\x00\x00", "[]", '{"release": 1}', "{}", "[" * 100_000])
def test_a_torn_line_is_passed_over_and_the_next_stands_alone(
    lights: Path, tmp_path: Path, torn: str
) -> None:
    releases = tmp_path / "releases"
    first = built(lights, releases)
    with (releases / history.JOURNAL).open("a", encoding="utf-8") as journal:
        journal.write(torn)
    second = built(lights, releases, "50.0")
    assert told(releases) == [first, second]
    last = (releases / history.JOURNAL).read_text(encoding="utf-8").splitlines()[-1]
    assert json.loads(last)["release"] == second


def test_an_entry_cannot_lead_out_of_the_folder(lights: Path, tmp_path: Path) -> None:
    releases = tmp_path / "releases"
    first = built(lights, releases)
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "manifest.json").write_text("{}", encoding="utf-8")
    with (releases / history.JOURNAL).open("a", encoding="utf-8") as journal:
        line = Entry("2026-11-01T00:00:00+00:00", "../outside", BASE, None, LAYOUT)
        journal.write(json.dumps(line.__dict__) + "\n")
    assert told(releases) == [first]


def test_without_a_journal_the_manifests_tell(lights: Path, tmp_path: Path) -> None:
    releases = tmp_path / "releases"
    first, second = built(lights, releases), built(lights, releases, "50.0")
    (releases / history.JOURNAL).unlink()
    assert set(told(releases)) == {first, second} and told(releases)[-1] == second
    third = built(lights, releases, "51.0")
    assert set(told(releases)) == {first, second, third} and told(releases)[-1] == third
    assert len((releases / history.JOURNAL).read_text(encoding="utf-8").splitlines()) == 3


def test_times_never_go_back(lights: Path, tmp_path: Path) -> None:
    releases = tmp_path / "releases"
    first = built(lights, releases)
    (releases / history.JOURNAL).write_text(
        json.dumps(Entry("2999-01-01T00:00:00+00:00", first, BASE, None, LAYOUT).__dict__) + "\n",
        encoding="utf-8",
    )
    second = built(lights, releases, "50.0")
    assert [each.release for each in history.read(releases).moments] == [first, second]
    assert history.read(releases).moments[1].time.year == 2999
    dated(releases, second, first, second)
    journal = releases / history.JOURNAL
    journal.write_text("".join(journal.read_text(encoding="utf-8").splitlines(True)[::-1]), encoding="utf-8")
    assert [each.time for each in history.read(releases).moments] == [START + timedelta(days=2)] * 3


def test_a_build_killed_after_the_switch_is_in_the_history_all_the_same(lights: Path, tmp_path: Path) -> None:
    releases = tmp_path / "releases"
    first = built(lights, releases)
    write(lights, {"graph/light/eddystone.ttl": EDDYSTONE.replace("49.0", "50.0")})
    killed = subprocess.run([sys.executable, "-c", KILLED, lights, releases, BASE])
    assert killed.returncode == -9
    second = current(releases).id
    assert second != first and told(releases) == [first, second]
    assert len((releases / history.JOURNAL).read_text(encoding="utf-8").splitlines()) == 1
    with changes.opened(releases, BASE, LAYOUT) as found:
        assert found.totals(second) == {"added": 0, "changed": 1, "removed": 0}
    third = built(lights, releases, "51.0")
    assert told(releases) == [first, second, third]
    assert len((releases / history.JOURNAL).read_text(encoding="utf-8").splitlines()) == 3


def test_releases_of_another_base_take_no_part(lights: Path, tmp_path: Path) -> None:
    releases = tmp_path / "releases"
    first = built(lights, releases)
    other = built(lights, releases, base="https://other.example/")
    assert told(releases) == [other]
    second = built(lights, releases, "50.0")
    assert told(releases) == [first, second]


def test_without_a_current_release_there_is_no_history(tmp_path: Path) -> None:
    assert history.read(tmp_path) == History()


def test_a_reader_sees_a_whole_history_while_builds_switch(lights: Path, tmp_path: Path) -> None:
    releases = tmp_path / "releases"
    first, second = built(lights, releases), built(lights, releases, "50.0")
    stop, seen = threading.Event(), set()

    def watch() -> None:
        while not stop.is_set():
            found = history.read(releases)
            seen.add(found.moments[-1].release)
            with changes.opened(releases, BASE, LAYOUT) as each:
                assert all(each.totals(moment.name) for moment in found.moments[1:])

    watcher = threading.Thread(target=watch)
    watcher.start()
    for height in ("49.0", "50.0") * 3:
        built(lights, releases, height)
    stop.set()
    watcher.join()
    assert {first, second} >= seen
    assert told(releases) == [first, second, *(f"{each}.{n}" for n in (2, 3, 4) for each in (first, second))]


def test_what_changed_is_told_for_things_with_their_parts(lights: Path, tmp_path: Path) -> None:
    releases = tmp_path / "releases"
    built(lights, releases)
    keeper = (
        LIGHTS["graph/keeper/winstanley.ttl"]
        .replace("winstanley", "smeaton")
        .replace("Winstanley", "Smeaton")
    )
    (lights / "graph/light/pharos.ttl").unlink()
    write(lights, {"graph/keeper/smeaton.ttl": keeper})
    lamp = EDDYSTONE.replace("Eddystone lamp", "Eddystone candles")
    write(lights, {"graph/light/eddystone.ttl": lamp})
    second = build(load(lights), releases, BASE).id
    with changes.opened(releases, BASE, LAYOUT) as found:
        assert [(each.kind, each.path, each.name) for each in found.at(second, 0, 50)] == [
            ("added", "/doc/keeper/smeaton", "Henry Smeaton"),
            ("changed", "/doc/light/eddystone", "Eddystone"),
            ("removed", "/doc/light/pharos", "Pharos of Alexandria"),
        ]
        assert found.totals(second) == {"added": 1, "changed": 1, "removed": 1}
        assert [each.kind for each in found.at(second, 1, 1)] == ["changed"]
        assert found.at("nonsense", 0, 50) == [] and found.totals("nonsense") == {}


def test_a_thing_is_present_from_its_addition_to_its_removal(lights: Path, tmp_path: Path) -> None:
    releases = tmp_path / "releases"
    pharos = LIGHTS["graph/light/pharos.ttl"]
    first = built(lights, releases)
    (lights / "graph/light/pharos.ttl").unlink()
    second = built(lights, releases)
    write(lights, {"graph/light/pharos.ttl": pharos.replace("103.0", "100.0")})
    third = built(lights, releases)
    past = history.read(releases)
    with changes.opened(releases, BASE, LAYOUT) as found:
        was = changes.present(past, found.of("/doc/light/pharos"), now=True)
        assert [(moment.name, kind) for moment, kind in was] == [(first, None), (third, "added")]
        never = changes.present(past, found.of("/doc/light/nowhere"), now=False)
        always = changes.present(past, found.of("/doc/light/eddystone"), now=True)
    assert never == [] and [each.name for each, _ in always] == [first, second, third]


def test_comparisons_that_are_lost_are_made_again(lights: Path, tmp_path: Path) -> None:
    releases = tmp_path / "releases"
    built(lights, releases)
    second = built(lights, releases, "50.0")
    (file,) = (releases / "changes").iterdir()
    before = file.read_bytes()
    file.write_bytes(b"torn")
    with changes.opened(releases, BASE, LAYOUT) as found:
        assert found.totals(second) == {}
    built(lights, releases, "50.0")
    assert file.read_bytes() == before


def test_blank_nodes_are_compared_by_what_is_said_about_them(lights: Path, tmp_path: Path) -> None:
    """Their names may change when others are added elsewhere."""
    from pyoxigraph import BlankNode, Literal, NamedNode, Triple

    said = NamedNode(BASE + "ont#said")

    def digests(name: str, text: str) -> bytes:
        node = BlankNode(name)
        path = tmp_path / f"{name}{text}.sqlite"
        light = NamedNode(BASE + "id/light/x")
        changes.write_things(path, {Triple(light, said, node), Triple(node, said, Literal(text))}, BASE)
        return path.read_bytes()

    assert digests("a", "one") == digests("b", "one") != digests("a", "two")


def test_releases_are_listed_and_removed_but_for_the_current_one(lights: Path, tmp_path: Path) -> None:
    releases = tmp_path / "releases"
    first, second, third = (built(lights, releases, height) for height in ("49.0", "50.0", "51.0"))
    assert [each.id for each in kept(releases)] == [third, second, first]
    assert [each.is_current for each in kept(releases)] == [True, False, False]
    assert all(each.bytes > 10_000 for each in kept(releases))
    remove(releases, [second])
    assert told(releases) == [first, third] and not (releases / second).exists()
    with changes.opened(releases, BASE, LAYOUT) as found:
        assert found.totals(third)["changed"] == 1 and found.totals(second) == {}
    for each in (third, second, "..", "current", "changes", "", "a/b", "\x00"):
        with pytest.raises(UnknownRelease):
            remove(releases, [first, each])
    assert told(releases) == [first, third]


def test_what_a_killed_removal_leaves_is_cleared(lights: Path, tmp_path: Path) -> None:
    releases = tmp_path / "releases"
    first, second = built(lights, releases), built(lights, releases, "50.0")
    os.rename(releases / first, releases / f".building-{first}")
    assert told(releases) == [second]
    third = built(lights, releases, "51.0")
    assert told(releases) == [second, third] and not (releases / f".building-{first}").exists()
    with changes.opened(releases, BASE, LAYOUT) as found:
        assert found.totals(second) == {} and found.totals(third)["changed"] == 1
