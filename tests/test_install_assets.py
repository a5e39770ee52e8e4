"""Fetching what runs in the browser (server/install/assets.sh), with an npm and a pip that do as told."""

import subprocess
from pathlib import Path

from conftest import ROOT

YASQE = "node_modules/@zazuko/yasqe"


def fetched(tmp_path: Path, npm: str) -> subprocess.CompletedProcess[str]:
    """Run a copy of the script beside its own assets; no pip brings another npm."""
    (tmp_path / "install").mkdir(exist_ok=True)
    (tmp_path / "assets").mkdir(exist_ok=True)
    (tmp_path / "assets" / "package-lock.json").touch()
    script = tmp_path / "install" / "assets.sh"
    script.write_text(
        (ROOT / "server" / "install" / "assets.sh").read_text(encoding="utf-8"), encoding="utf-8"
    )
    for name, text in {"npm": npm, "python": "exit 1"}.items():
        program = tmp_path / "venv" / "bin" / name
        program.parent.mkdir(parents=True, exist_ok=True)
        program.write_text(f"#!/bin/sh\n{text}\n", encoding="utf-8")
        program.chmod(0o755)
    command = ["sh", str(script), "venv", "static/npm"]
    (tmp_path / "static").mkdir(exist_ok=True)
    return subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)


WORKING = (
    "mkdir -p node_modules/cytoscape/dist && echo 1 >node_modules/cytoscape/dist/cytoscape.min.js && "
    f"mkdir -p {YASQE}/build && cd {YASQE} && echo MIT >LICENSE && cd build && "
    "echo '.yasqe{}' >yasqe.min.css && "
    "printf 'var Yasqe;\\n//# sourceMappingURL=yasqe.min.js.map' >yasqe.min.js"
)


def test_the_scripts_come_with_their_licences_and_without_a_map_that_is_not_there(
    tmp_path: Path,
) -> None:
    assert fetched(tmp_path, WORKING).returncode == 0
    found = {each.name: each.read_text(encoding="utf-8") for each in (tmp_path / "static/npm").iterdir()}
    assert found["yasqe.min.js"] == "var Yasqe;\n"
    assert set(found) == {"cytoscape.min.js", "yasqe.min.js", "yasqe.min.css", "LICENSES.txt"}
    assert "MIT" in found["LICENSES.txt"]


def test_without_a_network_one_sentence_says_what_is_missing(tmp_path: Path) -> None:
    run = fetched(tmp_path, "echo much noise >&2; exit 1")
    assert run.returncode == 1
    (sentence,) = run.stderr.splitlines()
    assert "are plain until 'make assets' succeeds" in sentence
    assert not (tmp_path / "static" / "npm").exists()


def test_what_is_there_is_not_fetched_again_but_after_a_new_lock_and_then_replaced_whole(
    tmp_path: Path,
) -> None:
    fetched(tmp_path, WORKING)
    assert fetched(tmp_path, "exit 1").returncode == 1, "the lock is newer"
    assert (tmp_path / "static" / "npm" / "yasqe.min.js").exists()
    (tmp_path / "static" / "npm" / "yasqe.min.js").touch()
    lock = tmp_path / "assets" / "package-lock.json"
    before = lock.stat().st_mtime_ns
    run = subprocess.run(
        ["sh", "install/assets.sh", "venv", "static/npm"], cwd=tmp_path, capture_output=True, text=True
    )
    assert (run.returncode, run.stderr, lock.stat().st_mtime_ns) == (0, "", before)
