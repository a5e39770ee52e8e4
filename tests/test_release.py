"""A release is whole or not there: the same from the same sources, and untouched by builds that fail."""

import hashlib
import json
import resource
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterable
from pathlib import Path

import pyoxigraph as ox
import pytest
from conftest import LIGHTS, ROOT, write

from ldnkg import __version__
from ldnkg.errors import BadSources, BuildFailed, DamagedRelease, NoRelease
from ldnkg.release import LAYOUT, Release, build, current
from ldnkg.sources import load
from ldnkg.store import open_release

BASE = "http://localhost:8000/"
CANONICAL = "https://example.org/lights/"
BUILD = """
import os, sys
from pathlib import Path
from ldnkg.release import build
from ldnkg.sources import load
sources, releases, base, moment = sys.argv[1:]
heard = []
def progress(what, done, of):
    heard.append(what)
    if len(heard) == int(moment):
        os.kill(os.getpid(), 9)
build(load(Path(sources)), Path(releases), base, progress=progress)
print(len(heard))
"""


def built(sources: Path, releases: Path, base: str = BASE) -> Release:
    return build(load(sources), releases, base)


def run(
    sources: Path, releases: Path, moment: int, **options: Callable[[], None]
) -> subprocess.CompletedProcess[str]:
    """A build in a process of its own, which kills itself when it has heard of progress `moment` times."""
    command = [sys.executable, "-c", BUILD, str(sources), str(releases), BASE, str(moment)]
    return subprocess.run(command, capture_output=True, text=True, preexec_fn=options.get("before"))


def contents(folder: Path) -> dict[str, bytes]:
    return {str(file.relative_to(folder)): file.read_bytes() for file in folder.rglob("*") if file.is_file()}


def kept(releases: Path) -> set[str]:
    """The releases in a folder, and what a build has left beside them that is none of its journals."""
    return {each.name for each in releases.iterdir()} - {".lock", "changes", "current", "history.jsonl"}


def stored(quads: Iterable[ox.Quad]) -> set[ox.Quad]:
    """The quads as the store gives them back: numbers in their shortest form."""
    store = ox.Store()
    store.extend(quads)
    return set(store)


def changed(lights: Path, height: str = "50.0") -> Path:
    """The lighthouses with one fact that is new."""
    return write(
        lights, {"graph/light/eddystone.ttl": LIGHTS["graph/light/eddystone.ttl"].replace("49.0", height)}
    )


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> Release:
    """A release of the lighthouses that tests only read."""
    folder = tmp_path_factory.mktemp("first")
    return built(write(folder / "lights", LIGHTS), folder / "releases")


def test_two_builds_in_two_places_are_the_same_byte_for_byte(first: Release, tmp_path: Path) -> None:
    again = built(write(tmp_path / "elsewhere", LIGHTS), tmp_path / "releases")
    assert again.id == first.id
    for part in ("dumps", "void.ttl", "dataset.ttl", "context.jsonld", "report.ttl", "report.json"):
        one, other = first.path / part, again.path / part
        assert (
            (contents(one) == contents(other)) if one.is_dir() else (one.read_bytes() == other.read_bytes())
        )


def test_the_id_does_not_depend_on_how_blank_nodes_and_files_are_named(
    first: Release, tmp_path: Path
) -> None:
    moved = {name.replace("shapes/light", "shapes/zzz"): text for name, text in LIGHTS.items()}
    assert built(write(tmp_path / "lights", moved), tmp_path / "releases").id == first.id


def test_another_fact_base_or_context_gives_another_id(first: Release, lights: Path, tmp_path: Path) -> None:
    assert built(lights, tmp_path / "a", "https://lights.example/").id != first.id
    write(lights, {"ontology/context.jsonld": '{"@context": {}}'})
    assert built(lights, tmp_path / "b").id != first.id
    (lights / "ontology" / "context.jsonld").unlink()
    assert built(changed(lights), tmp_path / "c").id != first.id


def test_every_iri_and_text_is_at_the_base_of_the_site(first: Release) -> None:
    for name, body in contents(first.path).items():
        if not name.startswith(("store/", "dumps/")) or name.endswith((".ttl", ".nq", ".csv")):
            assert CANONICAL.encode() not in body, name
    assert f"<{BASE}id/light/eddystone>".encode() in (first.path / "dumps" / "graph.nq").read_bytes()


def test_the_context_of_the_sources_is_moved_to_the_base(lights: Path, tmp_path: Path) -> None:
    context = {"@context": {"height": f"{CANONICAL}ont#height"}}
    write(lights, {"ontology/context.jsonld": json.dumps(context)})
    moved = (built(lights, tmp_path / "releases").path / "context.jsonld").read_text(encoding="utf-8")
    assert json.loads(moved) == {"@context": {"height": f"{BASE}ont#height"}}


def test_the_manifest_tells_of_every_file(first: Release) -> None:
    files = contents(first.path)
    del files["manifest.json"]
    assert first.manifest["files"] == {
        name: {"bytes": len(body), "sha256": hashlib.sha256(body).hexdigest()} for name, body in files.items()
    }
    assert (first.manifest["base"], first.manifest["version"]) == (BASE, "1.0.0")
    assert first.manifest["software"] == __version__
    assert first.manifest["prefixes"]["light"] == BASE + "id/light/"
    triples = (first.path / "dumps" / "graph.nt").read_bytes().count(b" .\n")
    assert first.manifest["counts"] == {"triples": triples, "entities": 3}
    assert first.path.name == first.id


def test_the_store_holds_the_dump_and_the_description_each_triple_once(first: Release) -> None:
    dumped = stored(ox.parse((first.path / "dumps" / "graph.nq").read_bytes(), format=ox.RdfFormat.N_QUADS))
    described = set()
    for name in ("void.ttl", "dataset.ttl"):
        parsed = ox.parse((first.path / name).read_bytes(), format=ox.RdfFormat.TURTLE)
        described |= {quad.triple for quad in stored(parsed)}
    held = set(ox.Store.read_only(str(first.path / "store")))
    assert dumped <= held
    assert {quad.triple for quad in held} == {quad.triple for quad in dumped} | described
    assert len({quad.triple for quad in held}) == len(held)
    own = {ox.NamedNode(f"{BASE}graph/{name}") for name in ("dataset", "partitions")}
    assert {quad.graph_name for quad in held - dumped} == own


def test_a_release_opens_as_a_store(first: Release) -> None:
    store = open_release(first.path)
    keeper = ox.NamedNode(BASE + "id/keeper/winstanley")
    assert store.properties(keeper, "incoming") == {ox.NamedNode(BASE + "ont#keptBy"): 1}
    assert store.contains(ox.NamedNode(BASE + "dataset"))
    eddystone, height = ox.NamedNode(BASE + "id/light/eddystone"), ox.NamedNode(BASE + "ont#height")
    assert [str(term) for term in store.objects(eddystone, height)] == [
        '"49.0"^^<http://www.w3.org/2001/XMLSchema#decimal>'
    ]
    store.close()


def test_blank_nodes_have_the_names_of_rdfc(first: Release) -> None:
    nquads = (first.path / "dumps" / "graph.nq").read_text(encoding="utf-8")
    assert "_:c14n0 <http://www.w3.org/ns/shacl#inversePath>" in nquads


def test_a_release_that_is_there_is_not_written_again(lights: Path, tmp_path: Path) -> None:
    releases = tmp_path / "releases"
    one = built(lights, releases)
    other = built(changed(lights), releases)
    assert current(releases).id == other.id
    before = (one.path / "manifest.json").stat().st_mtime_ns
    assert built(changed(lights, "49.0"), releases).id == one.id == current(releases).id
    assert (one.path / "manifest.json").stat().st_mtime_ns == before


def test_current_is_a_relative_link_so_that_the_folder_can_move(lights: Path, tmp_path: Path) -> None:
    built(lights, tmp_path / "releases")
    (tmp_path / "releases").rename(tmp_path / "moved")
    assert current(tmp_path / "moved").manifest["base"] == BASE


def test_no_release_is_said_to_be_none(tmp_path: Path) -> None:
    with pytest.raises(NoRelease, match="ldnkg build"):
        current(tmp_path)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("{", "is not JSON"),
        ("", "is not JSON"),
        ("\x80", "is not JSON"),
        ("[]", "is not an object"),
        ("{}", "does not .* id, time, base,.* layout"),
        (f'{{"layout": {LAYOUT}, "base": ["x"]}}', "does not .* id, time, base,"),
    ],
)
def test_a_release_with_a_broken_manifest_is_said_to_be_damaged_and_can_be_built_again(
    text: str, why: str, lights: Path, tmp_path: Path
) -> None:
    release = built(lights, tmp_path)
    file = release.path / "manifest.json"
    file.write_text(text, encoding="latin-1")
    with pytest.raises(DamagedRelease, match=f"{release.id} is damaged: {file} {why}.*ldnkg build"):
        current(tmp_path)
    assert built(lights, tmp_path).manifest["downloads"] == release.manifest["downloads"]
    assert current(tmp_path).id == release.id


def test_a_release_of_another_layout_is_not_opened_but_made_anew(
    lights: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as former:
        for module in ("ldnkg.release", "ldnkg.release.graph", "ldnkg.release.writing"):
            former.setattr(f"{module}.LAYOUT", 0)
        old = built(lights, tmp_path)
    with pytest.raises(NoRelease, match="another version"):
        current(tmp_path)
    assert built(lights, tmp_path).id != old.id


def test_sources_that_do_not_conform_change_nothing(lights: Path, tmp_path: Path) -> None:
    before = built(lights, tmp_path / "releases")
    broken = LIGHTS["graph/light/eddystone.ttl"].replace("ex:state v:lit ;", "")
    with pytest.raises(BadSources, match="1 violation.*Light-state") as caught:
        built(write(lights, {"graph/light/eddystone.ttl": broken}), tmp_path / "releases")
    assert [problem.file for problem in caught.value.problems] == ["graph/light/eddystone.ttl"]
    assert current(tmp_path / "releases").id == before.id
    assert kept(tmp_path / "releases") == {before.id}


def test_a_context_that_is_no_json_stops_the_build(lights: Path, tmp_path: Path) -> None:
    with pytest.raises(BadSources, match="JSON-LD context"):
        built(write(lights, {"ontology/context.jsonld": "{"}), tmp_path / "releases")
    assert [each.name for each in (tmp_path / "releases").iterdir()] == [".lock"]


def test_no_triple_of_the_curated_graph_stands_in_two_graphs(tmp_path: Path) -> None:
    store = ox.Store.read_only(str(built(ROOT, tmp_path).path / "store"))
    assert len({quad.triple for quad in store}) == len(store), "counts would double"


def test_a_build_that_is_killed_at_any_moment_changes_nothing(lights: Path, tmp_path: Path) -> None:
    releases = tmp_path / "releases"
    before = built(lights, releases)
    files = contents(before.path)
    changed(lights)
    moments = int(run(lights, tmp_path / "other", 0).stdout)
    assert moments > 10
    for moment in (1, moments // 3, moments // 2, moments - 2, moments - 1, moments):
        assert run(lights, releases, moment).returncode == -signal.SIGKILL
        assert current(releases).id == before.id
        assert contents(before.path) == files
    (releases / ".current-killed").symlink_to("nowhere")
    after = built(lights, releases)
    assert after.id != before.id
    assert kept(releases) == {before.id, after.id}


@pytest.mark.parametrize("size", [2_000, 20_000, 60_000], ids=["in the dumps", "later", "in the store"])
def test_a_full_disk_changes_nothing_and_is_said_in_a_sentence(
    lights: Path, tmp_path: Path, size: int
) -> None:
    releases = tmp_path / "releases"
    before = built(lights, releases)
    changed(lights)
    full = run(lights, releases, 0, before=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (size, size)))
    assert full.returncode == 1
    last = full.stderr.strip().splitlines()[-1]
    assert "BuildFailed" in last and "make room" in last
    assert current(releases).id == before.id
    assert kept(releases) == {before.id}


def test_a_folder_that_is_a_file_is_said_in_a_sentence(lights: Path, tmp_path: Path) -> None:
    (tmp_path / "releases").write_text("", encoding="utf-8")
    with pytest.raises(BuildFailed, match="--releases"):
        built(lights, tmp_path / "releases")


def test_two_builds_at_once_wait_for_each_other(lights: Path, tmp_path: Path) -> None:
    releases = tmp_path / "releases"
    other = write(tmp_path / "other", LIGHTS)
    changed(other)
    found: list[str] = []
    threads = [
        threading.Thread(target=lambda each=each: found.append(built(each, releases).id))
        for each in (lights, other)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(found)) == 2
    assert kept(releases) == set(found)
    assert current(releases).id in found


def test_the_command_tells_what_it_built(lights: Path, tmp_path: Path) -> None:
    command = [
        sys.executable,
        "-m",
        "ldnkg.cli",
        "build",
        "--sources",
        str(lights),
        "--releases",
        str(tmp_path / "r"),
    ]
    done = subprocess.run([*command, "--base", "https://lights.example"], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    release = current(tmp_path / "r")
    assert f"Release {release.id}: {release.manifest['counts']['triples']} triples, 3 things" in done.stdout
    assert release.manifest["base"] == "https://lights.example/"


def test_the_command_lists_what_is_wrong(lights: Path, tmp_path: Path) -> None:
    write(lights, {"graph/light/broken.ttl": "oops"})
    command = [
        sys.executable,
        "-m",
        "ldnkg.cli",
        "build",
        "--sources",
        str(lights),
        "--releases",
        str(tmp_path / "r"),
    ]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 1
    assert "graph/light/broken.ttl:1" in done.stderr
    assert "Traceback" not in done.stderr
