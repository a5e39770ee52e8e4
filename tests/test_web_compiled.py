"""Templates are kept compiled, where nobody else could put code in their place."""

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


def kept(app: Flask) -> list[Path]:
    """What is kept after the page was made."""
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
def test_nothing_is_kept_where_others_can_write(app: Flask, open_to_others: str) -> None:
    Path(app.root_path, "templates/__pycache__").mkdir(mode=0o755)
    Path(app.root_path, open_to_others).chmod(0o777)
    assert kept(app) == []
    assert app.jinja_env.bytecode_cache is None


def test_nothing_is_kept_behind_a_link(app: Flask, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir(mode=0o755)
    Path(app.root_path, "templates/__pycache__").symlink_to(tmp_path / "elsewhere")
    assert kept(app) == []
