"""A release that an interrupted copy left in pieces: the one before is served on, and its fault told."""

import shutil
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest
from asgi import ask
from conftest import EDDYSTONE, LIGHTS, write
from flask.testing import FlaskClient
from prometheus_client.parser import text_string_to_metric_families

from ldnkg.errors import DamagedRelease, NoRelease
from ldnkg.release import Release, build, current
from ldnkg.site import Site
from ldnkg.site import folder as site_folder
from ldnkg.sources import load
from ldnkg.web import create_app
from ldnkg.web.asgi import Asgi, Layers
from ldnkg.web.front import Front

BASE = "https://lights.example/"
PATHS = ("/", "/doc/light/eddystone", "/class/light", "/search?q=eddystone", "/dataset", "/changes.atom")


def cut(path: Path) -> None:
    with path.open("r+b") as file:
        file.truncate(min(1000, path.stat().st_size - 1))


def cut_store(release: Path) -> None:
    for file in (release / "store").glob("*.sst"):
        cut(file)


def scrambled_store(release: Path) -> None:
    """Every file has its size."""
    (file,) = (release / "store").glob("MANIFEST-*")
    file.write_bytes(b"\0" * file.stat().st_size)


def scrambled_search(release: Path) -> None:
    file = release / "search.sqlite"
    file.write_bytes(b"x" * file.stat().st_size)


def scrambled_layout(release: Path) -> None:
    file = release / "layout.json"
    file.write_bytes(b"x" * file.stat().st_size)


def cut_file(name: str) -> Callable[[Path], None]:
    def damage(release: Path) -> None:
        cut(release / name)

    damage.__name__ = f"cut {name}"
    return damage


def without_store(release: Path) -> None:
    shutil.rmtree(release / "store")


def without_panels(release: Path) -> None:
    (release / "panels.sqlite").unlink()


def without_all(release: Path) -> None:
    shutil.rmtree(release)


DAMAGES = (
    cut_store,
    scrambled_store,
    scrambled_search,
    scrambled_layout,
    *map(
        cut_file,
        (
            "counts.sqlite",
            "search.sqlite",
            "panels.sqlite",
            "curation.sqlite",
            "layout.json",
            "manifest.json",
        ),
    ),
    without_store,
    without_panels,
    without_all,
)
damages = pytest.mark.parametrize("damage", DAMAGES, ids=lambda each: each.__name__)


@pytest.fixture(scope="module")
def originals(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str, str]:
    """A folder with two releases, and their ids; the second is current."""
    folder = tmp_path_factory.mktemp("two")
    sources = write(folder / "lights", LIGHTS)
    old = build(load(sources), folder / "releases", BASE).id
    write(sources, {"graph/light/eddystone.ttl": EDDYSTONE.replace("49.0", "51.0")})
    return folder / "releases", old, build(load(sources), folder / "releases", BASE).id


class Folder:
    """A folder with an old release, which is current, and a new one."""

    def __init__(self, path: Path, old: str, new: str) -> None:
        self.path, self.old, self.new = path, old, new
        self.switch(old)

    def switch(self, name: str | None) -> None:
        """Let `current` lead there, or nowhere."""
        with suppress(FileNotFoundError):
            (self.path / "current").unlink()
        if name:
            (self.path / "current").symlink_to(name)


@pytest.fixture
def folder(originals: tuple[Path, str, str], tmp_path: Path) -> Folder:
    path, old, new = originals
    shutil.copytree(path, tmp_path / "releases", symlinks=True)
    return Folder(tmp_path / "releases", old, new)


def metrics(client: FlaskClient) -> dict[str, float]:
    answer = client.get("/metrics")
    assert answer.status_code == 200
    families = text_string_to_metric_families(answer.text)
    return {one.name: one.value for each in families for one in each.samples}


@damages
def test_a_server_goes_on_with_the_release_it_has_and_tells_what_is_wrong_with_the_other(
    folder: Folder, damage: Callable[[Path], None], capsys: pytest.CaptureFixture[str]
) -> None:
    client = create_app(folder.path).test_client()
    assert client.get("/health").get_json() == {"status": "ready", "release": folder.old}
    assert metrics(client)["ldnkg_release_fault"] == 0
    damage(folder.path / folder.new)
    folder.switch(folder.new)
    assert {path: client.get(path).status_code for path in PATHS} == dict.fromkeys(PATHS, 200)
    health = client.get("/health")
    assert health.status_code == 200 and health.json is not None
    assert (health.json["status"], health.json["release"]) == ("degraded", folder.old)
    assert "ldnkg build" in health.json["fault"]
    assert metrics(client)["ldnkg_release_fault"] == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert health.json["fault"] in line and folder.old in line


@damages
def test_a_server_that_has_no_other_release_says_what_is_wrong_with_this_one(
    folder: Folder, damage: Callable[[Path], None]
) -> None:
    damage(folder.path / folder.new)
    folder.switch(folder.new)
    client = create_app(folder.path).test_client()
    for path in (*PATHS, "/health", "/sparql?query=ASK%7B%7D"):
        answer = client.get(path, headers={"Accept": "application/json"})
        assert answer.status_code == 503 and answer.json is not None, path
        assert "ldnkg build" in answer.json["detail"], path
    assert metrics(client)["ldnkg_release_fault"] == 1


def test_without_a_link_the_release_that_is_open_is_served(folder: Folder) -> None:
    client = create_app(folder.path).test_client()
    client.get("/")
    folder.switch(None)
    assert {path: client.get(path).status_code for path in PATHS} == dict.fromkeys(PATHS, 200)
    assert client.get("/health").get_json()["status"] == "degraded"


def test_a_fault_is_told_once_however_often_it_is_looked_at(
    folder: Folder, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(site_folder, "_AGAIN", 0.0)
    client = create_app(folder.path).test_client()
    client.get("/")
    for name in ("0123456789ab", folder.old, "ba9876543210"):
        folder.switch(name)
        for _ in range(3):
            client.get("/health")
    assert len(capsys.readouterr().err.splitlines()) == 2


def test_a_good_release_is_taken_up_without_a_restart(folder: Folder) -> None:
    client = create_app(folder.path).test_client()
    client.get("/")
    folder.switch("0123456789ab")
    assert client.get("/health").get_json()["status"] == "degraded"
    folder.switch(folder.new)
    assert client.get("/health").get_json() == {"status": "ready", "release": folder.new}
    assert metrics(client)["ldnkg_release_fault"] == 0
    folder.switch("0123456789ab")
    assert client.get("/health").get_json()["release"] == folder.new
    folder.switch(folder.new)
    assert client.get("/health").get_json() == {"status": "ready", "release": folder.new}


def test_a_copy_that_is_completed_in_its_place_is_taken_up(
    folder: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = create_app(folder.path).test_client()
    client.get("/")
    file = folder.path / folder.new / "search.sqlite"
    whole = file.read_bytes()
    cut(file)
    folder.switch(folder.new)
    assert client.get("/health").get_json()["release"] == folder.old
    file.write_bytes(whole)
    monkeypatch.setattr(site_folder, "_AGAIN", 0.0)
    assert client.get("/health").get_json() == {"status": "ready", "release": folder.new}


def test_a_broken_release_is_not_opened_again_for_each_request(
    folder: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(site_folder, "_AGAIN", 1e9)
    tried: list[Release] = []
    confirm = Release.confirm

    def noted(release: Release) -> None:
        tried.append(release)
        confirm(release)

    monkeypatch.setattr(Release, "confirm", noted)
    site = Site(folder.path)
    cut_store(folder.path / folder.new)
    for name in (folder.old, folder.new):
        folder.switch(name)
        for _ in range(3):
            with site.opened() as opened:
                assert opened.release.id == folder.old
    assert [each.id for each in tried] == [folder.old, folder.new]
    site.close()


def test_the_newest_release_is_the_one_that_is_served(folder: Folder) -> None:
    site = Site(folder.path)
    for name, served in (
        (folder.old, folder.old),
        ("0123456789ab", folder.old),
        (None, folder.old),
        (f"./{folder.new}", folder.new),
        (None, folder.new),
    ):
        folder.switch(name)
        with site.opened() as opened:
            assert opened.release.id == served
        assert site.newest() == served
    site.close()


@pytest.mark.parametrize(
    "damage", [cut_store, cut_file("manifest.json"), without_all], ids=lambda each: each.__name__
)
def test_the_history_ends_with_the_release_that_is_served(
    folder: Folder, damage: Callable[[Path], None]
) -> None:
    site = Site(folder.path)
    with site.opened():
        damage(folder.path / folder.new)
    folder.switch(folder.new)
    with site.opened():
        assert [each.release for each in site.history().moments] == [folder.old]
    folder.switch(folder.old)
    with site.opened():
        assert site.history().moments[-1].release == folder.old
    site.close()


def test_known_answers_are_given_while_their_release_is_served(folder: Folder) -> None:
    app = create_app(folder.path)
    site: Site = app.extensions["site"]
    asked: list[str] = []

    def noted(environ: dict[str, object], start: object) -> object:
        asked.append(str(environ["PATH_INFO"]))
        return app.wsgi_app(environ, start)  # type: ignore[arg-type]

    server = Asgi(noted, Layers(Front(site.newest, clock=iter(range(10_000)).__next__)))  # type: ignore[arg-type]
    target = "/doc/light/eddystone.ttl"
    bodies = [ask(server, target)[2]]
    cut_store(folder.path / folder.new)
    folder.switch(folder.new)
    bodies += [ask(server, target)[2] for _ in range(3)]
    assert bodies == [bodies[0]] * 4
    assert len(asked) == 2, "the first request after the switch finds out, then answers are known again"
    folder.switch(folder.old)
    assert ask(server, target)[2] == bodies[0]


def test_a_former_release_that_is_damaged_is_503_with_a_sentence(folder: Folder) -> None:
    folder.switch(folder.new)
    cut_store(folder.path / folder.old)
    client = create_app(folder.path).test_client()
    answer = client.get(f"/doc/light/eddystone?release={folder.old}", headers={"Accept": "application/json"})
    assert answer.status_code == 503 and "is damaged" in answer.get_json()["detail"]
    assert client.get("/doc/light/eddystone").status_code == 200


@pytest.mark.parametrize("damage", [cut_store, scrambled_layout, without_store])
def test_a_build_makes_a_release_anew_that_is_damaged(
    lights: Path, tmp_path: Path, damage: Callable[[Path], None]
) -> None:
    release = build(load(lights), tmp_path / "releases", BASE)
    layout = (release.path / "layout.json").read_bytes()
    damage(release.path)
    again = build(load(lights), tmp_path / "releases", BASE)
    assert again.id == release.id
    assert (again.path / "layout.json").read_bytes() == layout
    with Site(tmp_path / "releases").opened() as opened:
        assert opened.index.find("eddystone").numbers
        assert opened.store.types()


def test_a_build_leaves_a_whole_release_as_it_is(lights: Path, tmp_path: Path) -> None:
    first = build(load(lights), tmp_path / "releases", BASE).path.stat().st_ino
    assert build(load(lights), tmp_path / "releases", BASE).path.stat().st_ino == first


def test_a_release_with_a_cut_file_is_named_damaged(folder: Folder) -> None:
    cut(folder.path / folder.old / "search.sqlite")
    with pytest.raises(DamagedRelease, match=rf"{folder.old} is damaged: .*search\.sqlite has 1,000 bytes"):
        current(folder.path)


def test_a_release_whose_triples_are_elsewhere_is_whole(folder: Folder) -> None:
    without_store(folder.path / folder.old)
    assert current(folder.path).id == folder.old
    with pytest.raises(NoRelease), Site(folder.path).opened():
        pass
