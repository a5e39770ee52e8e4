"""`ldnkg serve` as a newcomer meets it: a real process on a real port."""

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest
from bench.processes import free_port
from conftest import EDDYSTONE

from ldnkg.cli import serve
from ldnkg.errors import BuildFailed
from ldnkg.release import build
from ldnkg.sources import load

WAIT = 60.0


def command(*arguments: object) -> list[str]:
    return [sys.executable, "-m", "ldnkg.cli", "serve", *map(str, arguments)]


@contextmanager
def served(*arguments: object) -> Iterator[subprocess.Popen[str]]:
    """The server as a process, ended with the block whatever happens."""
    with subprocess.Popen(
        command(*arguments), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
    ) as process:
        try:
            yield process
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGTERM)


def fetch(url: str, **headers: str) -> tuple[int, str]:
    """Status and body; redirects are followed."""
    try:
        with urlopen(Request(url, headers=headers), timeout=10) as response:
            return response.status, response.read().decode()
    except HTTPError as fault:
        with fault:
            return fault.code, fault.read().decode()


def until(true: Callable[[], object], process: subprocess.Popen[str]) -> None:
    """Wait for something to become true, as long as the process lives."""
    for _ in range(int(WAIT / 0.1)):
        try:
            if true():
                return
        except OSError:
            pass
        assert process.poll() is None, process.communicate()
        time.sleep(0.1)
    raise AssertionError("waited in vain")


def release(base: str) -> str:
    return str(json.loads(fetch(base + "health")[1])["release"])


def test_serve_builds_serves_reopens_and_stops_cleanly(lights: Path, tmp_path: Path) -> None:
    port, releases = free_port(), tmp_path / "releases"
    base = f"http://localhost:{port}/"
    where = ("--sources", lights, "--releases", releases, "--port", port)
    with served(*where) as process:
        until(lambda: fetch(base + "health")[0] == 200, process)
        status, page = fetch(base + "id/light/eddystone", Accept="text/turtle")
        assert status == 200
        assert f"{base}id/light/" in page
        first = release(base)
        changed = lights / "graph/light/eddystone.ttl"
        changed.write_text(EDDYSTONE.replace("49.0", "51.0"), encoding="utf-8")
        build = [sys.executable, "-m", "ldnkg.cli", "build", "--sources", lights, "--releases", releases]
        subprocess.run([*map(str, build), "--base", base], check=True, capture_output=True)
        until(lambda: release(base) != first, process)
        assert "51.0" in fetch(base + "doc/light/eddystone.nt")[1]
        process.send_signal(signal.SIGTERM)
        said, complaints = process.communicate(timeout=20)
        assert process.returncode == 0, complaints
        assert "Traceback" not in complaints
    assert len(re.findall(re.escape(base), said)) >= 4
    assert "curl" in said


def test_escapes_in_the_target_survive_the_server(lights: Path, tmp_path: Path) -> None:
    odd = EDDYSTONE.replace("light:eddystone", "<https://example.org/lights/id/light/a%2Fb>").replace(
        "light/eddystone#", "light/a%2Fb#"
    )
    (lights / "graph/light/a%2Fb.ttl").write_text(odd, encoding="utf-8")
    port = free_port()
    with served("--sources", lights, "--releases", tmp_path / "r", "--port", port) as process:
        until(lambda: fetch(f"http://localhost:{port}/health")[0] == 200, process)
        status, page = fetch(f"http://localhost:{port}/id/light/a%2Fb", Accept="application/n-triples")
        assert status == 200
        assert f"<http://localhost:{port}/id/light/a%2Fb>" in page


def raw(port: int, sent: bytes) -> bytes:
    """The first line of what comes back for bytes that need not be HTTP."""
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        connection.sendall(sent)
        return connection.recv(1000).partition(b"\r\n")[0]


def test_what_is_no_http_is_refused_and_has_no_line_in_the_access_log(lights: Path, tmp_path: Path) -> None:
    """The HTTP server tells the program nothing of it (`docs/operations.md` says so)."""
    port, log = free_port(), tmp_path / "access.log"
    where = ("--sources", lights, "--releases", tmp_path / "r", "--port", port, "--access-log", log)
    with served(*where) as process:
        until(lambda: fetch(f"http://localhost:{port}/health")[0] == 200, process)
        assert raw(port, b"GARBAGE\r\n\r\n").startswith(b"HTTP/1.1 400 ")
        assert raw(port, b"GET / HTTP/1.1\r\nno field\r\n\r\n").startswith(b"HTTP/1.1 400 ")
        assert raw(port, b"GET / HTTP/1.1\r\n" + b"A: b\r\n" * 5000 + b"\r\n").startswith(b"HTTP/1.1 431 ")
        fetch(f"http://localhost:{port}/robots.txt")
        until(lambda: "/robots.txt" in log.read_text(encoding="utf-8"), process)
        lines = [json.loads(line) for line in log.read_text(encoding="utf-8").splitlines()]
        assert {(line["target"], line["status"]) for line in lines} == {
            ("/health", 200),
            ("/robots.txt", 200),
        }


def test_sources_that_are_newer_are_built_and_broken_ones_are_not_served(
    lights: Path, tmp_path: Path
) -> None:
    releases, port = tmp_path / "releases", free_port()
    base = f"http://localhost:{port}/"
    where = ("--sources", lights, "--releases", releases, "--port", port)
    ids = []
    for text in (EDDYSTONE, EDDYSTONE.replace("49.0", "50.0"), EDDYSTONE.replace("49.0", "oops")):
        (lights / "graph/light/eddystone.ttl").write_text(text, encoding="utf-8")
        with served(*where) as process:
            until(lambda: fetch(base + "health")[0] == 200, process)
            ids.append(release(base))
            process.send_signal(signal.SIGTERM)
            _, complaints = process.communicate(timeout=20)
    assert ids[0] != ids[1] == ids[2]
    assert "former release" in complaints


def test_a_disk_that_refuses_a_new_release_leaves_the_former_one_served(
    lights: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def refused(*_: object, **__: object) -> None:
        raise BuildFailed("The disk is full.")

    base = "https://lights.example/"
    former = build(load(lights), tmp_path / "releases", base)
    monkeypatch.setattr("ldnkg.cli.build.build_release", refused)
    monkeypatch.setattr(serve, "_newer", lambda *_: True)
    assert serve._fresh_release(lights, tmp_path / "releases", base, elsewhere=False).id == former.id
    assert "The disk is full. The former release is served." in capsys.readouterr().err
    with pytest.raises(BuildFailed):
        serve._fresh_release(lights, tmp_path / "releases", "https://other.example/", elsewhere=False)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--base", "localhost:8000"], "base"),
        (["--base", "ftp://example.org/"], "base"),
        (["--base", "http://exa mple/"], "base"),
        (["--base", "http://example.org/?x"], "base"),
        (["--host", "999.1.1.1"], "--host"),
        (["--host", "192.0.2.1"], "--host"),
        (["--sources", "/nowhere"], "/nowhere"),
        (["--access-log", "/nowhere/access.log"], "/nowhere/access.log"),
    ],
)
def test_a_start_that_cannot_be_is_one_sentence(arguments: list[str], says: str, tmp_path: Path) -> None:
    run = subprocess.run(
        command("--releases", tmp_path, "--port", free_port(), *arguments),
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert run.returncode == 2, run.stderr
    assert says in run.stderr
    assert run.stderr.count("\n") == 1
    assert "Traceback" not in run.stderr


def test_a_port_in_use_is_one_sentence(lights: Path, tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        run = subprocess.run(
            command("--sources", lights, "--releases", tmp_path / "r", "--port", port),
            capture_output=True,
            text=True,
            timeout=60,
        )
    assert run.returncode == 2
    assert f"{port}" in run.stderr
    assert "--port" in run.stderr
    assert run.stderr.count("\n") == 1
    assert not (tmp_path / "r").exists(), "nothing is built in vain"


def test_a_release_is_served_wherever_its_folder_was_copied(lights: Path, tmp_path: Path) -> None:
    """Such as on a read-only disk, under another name, without the folder of releases around it."""
    port = free_port()
    base = f"http://localhost:{port}/"
    built = build(load(lights), tmp_path / "releases", base)
    copy = tmp_path / "mounted"
    shutil.copytree(built.path, copy)
    shutil.rmtree(tmp_path / "releases")
    with served("--release", copy, "--port", port) as process:
        until(lambda: fetch(base + "health")[0] == 200, process)
        assert release(base) == built.id
        status, page = fetch(base + "id/light/eddystone", Accept="text/turtle")
        assert (status, f"{base}id/light/" in page) == (200, True)
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=20)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--sources", "{folder}"], "--sources would have no effect"),
        (["--releases", "{folder}"], "--releases would have no effect"),
        (["--sources", "{folder}", "--releases", "{folder}"], "--sources and --releases would"),
        (["--base", "https://other.example/"], "has the base https://lights.example/"),
    ],
)
def test_what_a_single_release_contradicts_is_refused(
    arguments: list[str], says: str, lights: Path, tmp_path: Path
) -> None:
    built = build(load(lights), tmp_path / "releases", "https://lights.example/")
    others = [each.format(folder=tmp_path) for each in arguments]
    run = subprocess.run(
        command("--release", built.path, "--port", free_port(), *others),
        capture_output=True,
        text=True,
        timeout=20,
    )
    assert run.returncode == 2, run.stderr
    assert says in run.stderr and "leave" in run.stderr
    assert "Traceback" not in run.stderr


def test_a_single_release_takes_its_own_base_and_defaults_of_the_environment(
    lights: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As in a container, whose folder of releases is a default for every command."""
    port = free_port()
    base = f"http://localhost:{port}/"
    built = build(load(lights), tmp_path / "releases", base)
    monkeypatch.setenv("LDNKG_RELEASES", str(tmp_path / "none"))
    monkeypatch.setenv("LDNKG_SOURCES", str(tmp_path / "none"))
    with served("--release", built.path, "--base", base.rstrip("/"), "--port", port) as process:
        until(lambda: fetch(base + "health")[0] == 200, process)
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=20)


def test_a_folder_that_is_no_release_is_not_served(tmp_path: Path) -> None:
    with served("--release", tmp_path, "--port", free_port()) as process:
        _, complaints = process.communicate(timeout=20)
    assert process.returncode == 2 and "no release" in complaints


def test_a_folder_of_releases_is_told_from_a_release(lights: Path, tmp_path: Path) -> None:
    build(load(lights), tmp_path / "releases", "https://lights.example/")
    with served("--release", tmp_path / "releases", "--port", free_port()) as process:
        _, complaints = process.communicate(timeout=20)
    assert process.returncode == 2
    assert f"{tmp_path / 'releases'} is a folder of releases" in complaints and "--releases" in complaints


def without_manifest(release: Path) -> Path:
    (release / "manifest.json").write_text("{", encoding="utf-8")
    return release / "manifest.json"


def without_store(release: Path) -> Path:
    shutil.rmtree(release / "store")
    return release / "store"


@pytest.mark.parametrize("damage", [without_manifest, without_store])
def test_a_damaged_release_is_told_of_and_made_anew_from_sources(
    lights: Path, tmp_path: Path, damage: Callable[[Path], Path]
) -> None:
    port = free_port()
    base = f"http://localhost:{port}/"
    built = build(load(lights), tmp_path, base)
    told = f"Release {built.id} is damaged: {damage(built.path)}"
    for options in (["--releases", tmp_path, "--no-build"], ["--release", built.path]):
        run = subprocess.run(
            command(*options, "--port", port), capture_output=True, text=True, timeout=20, check=False
        )
        assert (run.returncode, told in run.stderr) == (2, True), run.stderr
    with served("--sources", lights, "--releases", tmp_path, "--port", port) as process:
        until(lambda: fetch(base + "health")[0] == 200, process)
        (built.path / "manifest.json").write_text("{}", encoding="utf-8")
        assert release(base) == built.id, "who serves it has read it"
        process.send_signal(signal.SIGTERM)
        _, complaints = process.communicate(timeout=20)
    assert told in complaints and "made anew" in complaints


@pytest.mark.parametrize("options", [("--no-build",), ("--sources", "lights"), ("--release", "current")])
def test_a_release_whose_graph_is_in_a_store_is_served_without_its_own(
    lights: Path, tmp_path: Path, options: tuple[str, ...]
) -> None:
    port, nowhere = free_port(), free_port()
    base = f"http://localhost:{port}/"
    built = build(load(lights), tmp_path, base)
    without_store(built.path)
    which = [str(tmp_path / each) if each in ("lights", "current") else each for each in options]
    where = [] if "--release" in options else ["--releases", tmp_path]
    with served(*which, *where, "--port", port, "--store", f"http://localhost:{nowhere}/sparql") as process:
        until(lambda: fetch(base + "health")[0] == 503, process)
        assert "store" in fetch(base + "health")[1], "it is asked, and tells that the store is not there"
    assert not (built.path / "store").exists()


def test_a_process_that_answers_ends_without_taking_the_interpreter_apart() -> None:
    """Threads of the server that ask for the interpreter while it is taken apart would abort the process."""
    code = """
import atexit, sys, types
import ldnkg
web = sys.modules["ldnkg.web"] = ldnkg.web = types.ModuleType("ldnkg.web")
web.create_asgi = lambda: None
from ldnkg.cli.served import create_asgi
create_asgi()
atexit.register(print, "told of the end")
sys.exit(3)  # what taking it apart would end with
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.stdout, done.stderr, done.returncode) == ("told of the end\n", "", 0)
