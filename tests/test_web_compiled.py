"""Templates are kept compiled, where nobody else could put code in their place."""

import os
from pathlib import Path

import pytest
from flask import Flask

from ldnkg.web import compiled


@pytest.fixture
def app(tmp_path: Path) -> Flask:
    """An application with one template."""
    folder = tmp_path / "templates"
    folder.mkdir(mode=0o755)
    (folder / "light.html").write_text("{{ 1 + 1 }} lights", encoding="utf-8")
    return Flask("lights", root_path=str(tmp_path))


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of the user for what can be made again."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache"


def kept(app: Flask) -> list[Path]:
    """What is kept beside the templates after the page was made."""
    compiled.register(app)
    assert app.jinja_env.get_template("light.html").render() == "2 lights"
    return list(Path(app.root_path, "templates/__pycache__").glob("*"))


def test_a_template_is_compiled_once(app: Flask) -> None:
    (first,) = kept(app)
    before = first.stat().st_mtime_ns
    assert kept(Flask("lights", root_path=app.root_path)) == [first]
    assert first.stat().st_mtime_ns == before


def test_a_template_that_has_changed_is_compiled_anew(app: Flask) -> None:
    kept(app)
    Path(app.root_path, "templates/light.html").write_text("{{ 1 + 2 }} lights", encoding="utf-8")
    again = Flask("lights", root_path=app.root_path)
    compiled.register(again)
    assert again.jinja_env.get_template("light.html").render() == "3 lights"


@pytest.mark.parametrize("length", [0, 1, 10, 60, 200])
def test_what_is_damaged_is_compiled_anew(app: Flask, length: int) -> None:
    (file,) = kept(app)
    whole = file.read_bytes()
    file.write_bytes(whole[:length])
    assert kept(Flask("lights", root_path=app.root_path)) == [file]
    assert file.read_bytes() == whole


def test_another_user_may_read_what_is_kept(app: Flask) -> None:
    (file,) = kept(app)
    assert file.stat().st_mode & 0o777 == 0o644


@pytest.mark.parametrize("open_to_others", ["templates", "templates/__pycache__"])
@pytest.mark.parametrize("mode", [0o775, 0o777])
def test_where_others_can_write_the_own_cache_keeps_them(
    app: Flask, cache: Path, open_to_others: str, mode: int
) -> None:
    Path(app.root_path, "templates/__pycache__").mkdir(mode=0o755)
    Path(app.root_path, open_to_others).chmod(mode)
    assert kept(app) == []
    (file,) = (cache / "ldnkg/templates").iterdir()
    assert (cache / "ldnkg").stat().st_mode & 0o777 == 0o700
    before = file.stat().st_mtime_ns
    assert kept(Flask("lights", root_path=app.root_path)) == []
    assert file.stat().st_mtime_ns == before


def test_a_template_that_others_have_changed_is_not_taken_for_the_kept_one(app: Flask, cache: Path) -> None:
    Path(app.root_path, "templates").chmod(0o777)
    kept(app)
    Path(app.root_path, "templates/light.html").write_text("{{ 1 + 2 }} lights", encoding="utf-8")
    again = Flask("lights", root_path=app.root_path)
    compiled.register(again)
    assert again.jinja_env.get_template("light.html").render() == "3 lights"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")
def test_templates_of_another_user_are_kept_in_the_own_cache(app: Flask, cache: Path) -> None:
    os.chown(Path(app.root_path, "templates"), 12345, 12345)
    assert kept(app) == []
    assert len(list((cache / "ldnkg/templates").iterdir())) == 1


def test_templates_that_cannot_be_kept_beside_them_are_kept_in_the_own_cache(
    app: Flask, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("os.access", lambda path, mode: False)
    assert kept(app) == []
    assert len(list((cache / "ldnkg/templates").iterdir())) == 1


@pytest.mark.parametrize("open_to_others", [".", "ldnkg", "ldnkg/templates"])
def test_nothing_is_kept_in_a_cache_that_others_can_write(
    app: Flask, cache: Path, open_to_others: str
) -> None:
    Path(app.root_path, "templates").chmod(0o777)
    (cache / "ldnkg/templates").mkdir(parents=True)
    (cache / open_to_others).chmod(0o777)
    assert kept(app) == []
    assert app.jinja_env.bytecode_cache is None


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")
@pytest.mark.parametrize("given", [".", "ldnkg", "ldnkg/templates"])
def test_nothing_is_kept_in_a_cache_of_another_user(app: Flask, cache: Path, given: str) -> None:
    Path(app.root_path, "templates").chmod(0o777)
    (cache / "ldnkg/templates").mkdir(parents=True)
    os.chown(cache / given, 12345, 12345)
    assert kept(app) == []
    assert app.jinja_env.bytecode_cache is None


@pytest.mark.parametrize("link", ["ldnkg", "ldnkg/templates"])
def test_nothing_is_kept_behind_a_link(app: Flask, cache: Path, tmp_path: Path, link: str) -> None:
    for name in ("elsewhere", "other"):
        (tmp_path / name).mkdir(mode=0o755)
    Path(app.root_path, "templates/__pycache__").symlink_to(tmp_path / "other")
    (cache / link).parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    (cache / link).symlink_to(tmp_path / "elsewhere")
    assert kept(app) == []
    assert app.jinja_env.bytecode_cache is None


def test_a_user_without_a_home_keeps_nothing(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    def nowhere() -> Path:
        raise RuntimeError("no home")

    Path(app.root_path, "templates").chmod(0o777)
    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.setattr(Path, "home", nowhere)
    assert kept(app) == []
    assert app.jinja_env.bytecode_cache is None
