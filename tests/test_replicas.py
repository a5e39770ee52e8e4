"""Replicas of a site behind nginx: one after the other gets a new release, and no reader sees a failure."""

import json
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.parse
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event, Thread

import pytest
from bench.processes import free_port
from conftest import EDDYSTONE, LIGHTS, ROOT, write

from ldnkg.release import build
from ldnkg.release.keeping import switch
from ldnkg.sources import load

BASE = "http://lights.example/"
FRAME = """\
daemon off;
master_process off;
pid {work}/pid;
error_log {work}/error.log warn;
events {{ worker_connections 64; }}
http {{
    access_log off;
    client_body_temp_path {work}/body;
    proxy_temp_path {work}/proxy;
    fastcgi_temp_path {work}/fastcgi;
    uwsgi_temp_path {work}/uwsgi;
    scgi_temp_path {work}/scgi;
    include {work}/site.conf;
}}
"""
TARGETS = ("/doc/light/eddystone.ttl", "/", "/sparql?query=ASK%7B%7D&format=json", "/class/light.csv")


@contextmanager
def running(command: list[str], port: int, **environment: str) -> Iterator["subprocess.Popen[bytes]"]:
    """The program while the block runs, listening."""
    with subprocess.Popen(command, env=os.environ | environment, stdout=subprocess.DEVNULL) as process:
        try:
            until(lambda: connects(port))
            yield process
        finally:
            process.terminate()


def connects(port: int) -> bool:
    with socket.socket() as trial:
        return trial.connect_ex(("127.0.0.1", port)) == 0


def until(happens: object, seconds: float = 60) -> None:
    assert callable(happens)
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if happens():
            return
        time.sleep(0.05)
    raise AssertionError("it did not happen")


def release_of(port: int) -> str:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/health", timeout=10) as answer:
        return str(answer.read())


def serving(releases: Path, port: int) -> list[str]:
    return [
        sys.executable,
        "-m",
        "ldnkg.cli",
        "serve",
        "--no-build",
        "--releases",
        str(releases),
        "--port",
        str(port),
        "--base",
        BASE,
    ]


class Load:
    """Readers who ask all the time; `failures` are what they were told instead of 200."""

    def __init__(self, port: int) -> None:
        self.failures: list[str] = []
        self.asked = 0
        self._port, self._stop = port, Event()
        self._threads = [Thread(target=self._ask, args=(number,)) for number in range(3)]

    def __enter__(self) -> "Load":
        for each in self._threads:
            each.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        for each in self._threads:
            each.join()

    def _ask(self, number: int) -> None:
        while not self._stop.is_set():
            target = TARGETS[(self.asked + number) % len(TARGETS)]
            self.asked += 1
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{self._port}{target}", timeout=20) as answer:
                    answer.read()
            except OSError as fault:
                self.failures.append(f"{target}: {fault}")


@pytest.fixture
def releases(tmp_path: Path) -> tuple[Path, Path]:
    """Two folders, each with the same two releases; the older one is current."""
    write(tmp_path / "sources", LIGHTS)
    older = build(load(tmp_path / "sources"), tmp_path / "a", BASE)
    write(
        tmp_path / "sources",
        {"graph/light/eddystone.ttl": EDDYSTONE.replace('"Eddystone"', '"New Eddystone"')},
    )
    build(load(tmp_path / "sources"), tmp_path / "a", BASE)
    switch(tmp_path / "a", older.id)
    shutil.copytree(tmp_path / "a", tmp_path / "b", symlinks=True)
    return tmp_path / "a", tmp_path / "b"


def newest(folder: Path) -> str:
    now = os.readlink(folder / "current")
    (other,) = [
        each.name
        for each in folder.iterdir()
        if (each / "manifest.json").is_file() and each.name not in (now, "current")
    ]
    return other


def nginx_before(ports: tuple[int, int], front: int, work: Path) -> list[str]:
    """The command of an nginx with the configuration that we ship, on one port before two others."""
    said = (ROOT / "server" / "deploy" / "nginx.conf").read_text(encoding="utf-8")
    said = said.replace("127.0.0.1:8001", f"127.0.0.1:{ports[0]}").replace(
        "127.0.0.1:8002", f"127.0.0.1:{ports[1]}"
    )
    work.mkdir()
    (work / "site.conf").write_text(
        said.replace("listen 80;", f"listen 127.0.0.1:{front};"), encoding="utf-8"
    )
    (work / "nginx.conf").write_text(FRAME.format(work=work), encoding="utf-8")
    nginx = shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin:/sbin")
    assert nginx, "install nginx: replicas are tested behind it"
    return [nginx, "-c", str(work / "nginx.conf"), "-e", str(work / "error.log")]


def test_one_replica_after_the_other_is_switched_and_restarted_without_a_failed_request(
    tmp_path: Path, releases: tuple[Path, Path]
) -> None:
    ports = (free_port(), free_port())
    front = free_port()
    wanted = newest(releases[0])
    with (
        running(serving(releases[0], ports[0]), ports[0]),
        running(serving(releases[1], ports[1]), ports[1]) as second,
        running(nginx_before(ports, front, tmp_path / "nginx"), front),
    ):
        with Load(front) as load:
            until(lambda: load.asked > 30)
            switch(releases[0], wanted)  # the first is switched while it runs
            until(lambda: wanted in release_of(ports[0]))
            second.terminate()  # the second is taken away, and comes back with the new release
            second.wait(30)
            switch(releases[1], wanted)
            with running(serving(releases[1], ports[1]), ports[1]):
                until(lambda: wanted in release_of(ports[1]))
                before = load.asked
                until(lambda: load.asked > before + 30)
                with urllib.request.urlopen(f"http://127.0.0.1:{front}/doc/light/eddystone.ttl") as answer:
                    assert b"New Eddystone" in answer.read()
        assert load.failures == []


def test_a_long_query_is_answered_behind_nginx_and_takes_no_replica_away(
    tmp_path: Path, releases: tuple[Path, Path]
) -> None:
    ports, front = (free_port(), free_port()), free_port()
    long = urllib.parse.urlencode({"query": f"ASK {{}} #{'x' * 60_000}"})
    with (
        running(serving(releases[0], ports[0]), ports[0]),
        running(nginx_before(ports, front, tmp_path / "nginx"), front),
    ):
        for target in (f"/sparql?{long}", "/health"):
            with urllib.request.urlopen(f"http://127.0.0.1:{front}{target}", timeout=20) as answer:
                assert answer.status == 200


def test_one_server_takes_a_new_release_under_load_without_a_failed_request(
    tmp_path: Path, releases: tuple[Path, Path]
) -> None:
    folder, port, log = releases[0], free_port(), tmp_path / "access.log"
    before, after = os.readlink(folder / "current"), newest(folder)
    with running([*serving(folder, port), "--access-log", str(log)], port):
        with Load(port) as readers:
            for name in (after, before, after):
                done = readers.asked
                until(lambda: readers.asked > done + 20)  # noqa: B023 - called in this round
                switch(folder, name)
                until(lambda: name in release_of(port))  # noqa: B023
                done = readers.asked
                until(lambda: readers.asked > done + 20)  # noqa: B023
        assert readers.failures == []
        until(lambda: len(log.read_text(encoding="utf-8").splitlines()) >= readers.asked)
    lines = [json.loads(line) for line in log.read_text(encoding="utf-8").splitlines()]
    assert {line["status"] for line in lines} == {200}
    assert {line["release"] for line in lines} == {before, after}


def test_a_copy_on_a_read_only_disk_is_served_and_never_built(tmp_path: Path) -> None:
    from click.testing import CliRunner

    from ldnkg.cli import commands

    told = CliRunner().invoke(
        commands, ["serve", "--no-build", "--releases", str(tmp_path / "none"), "--port", str(free_port())]
    )
    assert told.exit_code == 1
    assert "There is no release" in str(told.output) + str(told.exception)
