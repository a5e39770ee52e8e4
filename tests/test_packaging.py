"""The edges of the build: what a wheel holds, and that it works alone."""

import subprocess
import sys
import venv
from pathlib import Path
from zipfile import ZipFile

import pytest
from conftest import LIGHTS, ROOT, write

KINDS = ("ontology", "shapes", "graph")
DATA = {".ttl", ".jsonld"}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A wheel built from this checkout."""
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder],
        cwd=ROOT,
        check=True,
        capture_output=True,
    )
    (built,) = folder.glob("*.whl")
    return built


def test_the_wheel_holds_every_curated_file_and_no_other(wheel: Path) -> None:
    shipped = {
        name.removeprefix("ldnkg/")
        for name in ZipFile(wheel).namelist()
        if name.startswith(tuple(f"ldnkg/{kind}/" for kind in KINDS))
    }
    curated = {
        str(file.relative_to(ROOT))
        for kind in KINDS
        for file in (ROOT / kind).rglob("*")
        if file.suffix in DATA
    }
    assert shipped == curated


def test_the_wheel_holds_every_template_and_asset(wheel: Path) -> None:
    shipped = {name for name in ZipFile(wheel).namelist() if name.startswith("ldnkg/web/")}
    web = ROOT / "server" / "ldnkg" / "web"
    kept = {
        f"ldnkg/web/{file.relative_to(web)}"
        for file in web.rglob("*")
        if file.is_file() and "__pycache__" not in file.parts
    }
    assert shipped == kept


def test_an_installed_wheel_checks_its_own_graph_and_another(wheel: Path, tmp_path: Path) -> None:
    home = tmp_path / "venv"
    venv.create(home, symlinks=True)
    site = next((home / "lib").glob("python*")) / "site-packages"
    with ZipFile(wheel) as archive:
        archive.extractall(site)
    here = [path for path in sys.path if path.endswith("site-packages")]
    (site / "dependencies.pth").write_text("\n".join(here) + "\n", encoding="utf-8")
    python = str(home / "bin" / "python")
    where = subprocess.run(
        [python, "-c", "import ldnkg; print(ldnkg.__file__)"],
        cwd=tmp_path,
        check=True,
        capture_output=True,
        text=True,
    )
    assert where.stdout.startswith(str(site))
    command = [python, "-c", "from ldnkg.cli import main; main()", "check"]
    lights = write(tmp_path / "lights", LIGHTS)
    for arguments in ([], ["--sources", str(lights)]):
        run = subprocess.run([*command, *arguments], cwd=tmp_path, capture_output=True, text=True)
        assert run.returncode == 0, run.stdout + run.stderr


def test_no_file_names_a_package_registry_or_a_path_of_one_machine() -> None:
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, check=True, capture_output=True, text=True
    ).stdout
    hosts = tuple(
        "".join(parts) for parts in (("py", "pi.org"), ("registry.", "npmjs"), ("files.python", "hosted"))
    )
    found = [
        f"{name}: {host}"
        for name in listed.split("\0")
        if name and (text := (ROOT / name).read_text(encoding="utf-8", errors="replace"))
        for host in (*hosts, str(ROOT))
        if host in text
    ]
    assert found == []
