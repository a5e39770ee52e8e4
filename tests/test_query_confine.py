"""A worker has no rights that a query does not need: the kernel refuses the rest."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from canary import Canary
from conftest import LIGHTS, write
from served import BASE

from ldnkg.query import Limits, Pool, frames, inspect, landlock
from ldnkg.release import build
from ldnkg.sources import load

PROBE = """
import ctypes, os, signal, socket, subprocess, sys, threading
from pathlib import Path
from ldnkg.endpoint import Address, Endpoint
from ldnkg.query import Limits, worker

class Probe:
    '''In the place of the engine: it does what it is told to, and says whether it could.'''
    def __init__(self, release, limits, endpoint):
        pass
    def answer(self, request):
        try:
            return {"could": repr(eval(request["do"]))}, b""
        except OSError as fault:
            return {"refused": type(fault).__name__}, b""

worker.Engine = Probe
port = sys.argv[2:]
endpoint = Endpoint(Address(f"http://127.0.0.1:{port[0]}/sparql")) if port else None
worker.main(Path(sys.argv[1]), Limits(), endpoint)
"""


@pytest.fixture(scope="module")
def release(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("confine")
    path = build(load(write(folder / "lights", LIGHTS)), folder / "releases", BASE).path
    (path / "victim").write_text("x")
    return path


Ask = Callable[[str], dict[str, str]]


@pytest.fixture(scope="module")
def worker(release: Path) -> Iterator[Ask]:
    """Has a real worker do what an expression says, and gives what came of it."""
    with probed(str(release)) as ask:
        yield ask


@contextmanager
def probed(*arguments: str) -> Iterator[Ask]:
    """A worker for a release, and for an endpoint at a port if that is said."""
    command = [sys.executable, "-c", PROBE, *arguments]
    environment = {**os.environ, "SECRET": "of the server"}
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment) as process:
        assert process.stdin and process.stdout
        stdin, stdout = process.stdin, process.stdout
        assert frames.receive(stdout.read) == ({}, b"")

        def ask(expression: str) -> dict[str, str]:
            frames.send(stdin, {"do": expression})
            return frames.receive(stdout.read)[0]

        yield ask
        process.kill()


def test_a_worker_can_read_the_release_and_python(worker: Ask, release: Path) -> None:
    assert "could" in worker(f"open('{release}/manifest.json').read()[:1]")
    assert "could" in worker("__import__('colorsys').__name__"), "a module that is imported late"
    assert "could" in worker("open('/proc/self/statm').read()")


@pytest.mark.parametrize(
    "expression",
    [
        "socket.socket()",
        "socket.socket(type=socket.SOCK_DGRAM)",
        "socket.socket(socket.AF_UNIX)",
        "socket.socketpair()",
        "socket.create_connection(('127.0.0.1', {port}))",
        "socket.socket(type=socket.SOCK_DGRAM).sendto(b'x', ('127.0.0.1', {port}))",
        "socket.getaddrinfo('canary.invalid', {port})",
        "os.execv('/bin/true', ['true'])",
        "subprocess.run(['/bin/true'])",
        "os.kill(os.getppid(), 0)",
        "os.pidfd_open(os.getppid())",
        "os.write(os.open('{release}/victim', os.O_RDWR), b'y')",
    ],
)
def test_a_worker_has_no_network_no_programs_no_other_processes(
    worker: Ask, release: Path, expression: str
) -> None:
    with Canary() as canary:
        assert "refused" in worker(expression.format(port=canary.port, release=release))
        assert canary.heard(0.05) == []


@pytest.mark.parametrize(
    "expression",
    [
        "open('/etc/passwd').read()",
        "open('/proc/{parent}/environ').read()",
        "open('/proc/{parent}/mem', 'rb').read(1)",
        "open('/proc/self/root/etc/passwd').read()",
        "open('{release}/../../lights/graph/dataset.ttl').read()",
        "os.listdir('/')",
        "os.listdir('/home')",
        "open('{release}/new', 'w')",
        "open('{release}/victim', 'r+')",
        "open('/tmp/ldnkg-new', 'w')",
        "os.symlink('/etc/passwd', '{release}/link')",
        "os.unlink('{release}/victim')",
        "os.truncate('{release}/victim', 0)",
    ],
)
def test_a_worker_opens_nothing_else_where_the_kernel_can_see_to_it(
    worker: Ask, release: Path, expression: str
) -> None:
    told = worker(expression.format(parent=os.getpid(), release=release))
    since = 3 if "truncate" in expression else 1
    assert "refused" in told or landlock.version() < since


def test_a_worker_cannot_trace_its_server(worker: Ask) -> None:
    told = worker(f"ctypes.CDLL(None, use_errno=True).ptrace(16, {os.getpid()}, None, None)")
    assert told["could"] == "-1"


def test_a_worker_does_not_get_the_secrets_of_the_server(
    release: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LDNKG_SECRET", "of the server")
    with closing(Pool(release, Limits(workers=1))) as pool:
        pool.run(inspect("ASK {}", Limits()), "json")
        environment = b"".join(Path(f"/proc/{pid}/environ").read_bytes() for pid in pool.pids())
    assert environment
    assert b"of the server" not in environment
    assert b"LDNKG_" not in environment


def test_without_landlock_a_worker_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(landlock, "version", lambda: 0)
    assert landlock.read_only([Path("/")]) is False


def test_a_worker_of_a_remote_store_reaches_its_port_and_nothing_else(release: Path) -> None:
    with Canary() as store, Canary() as other, probed(str(release), str(store.port)) as ask:
        reach = "socket.create_connection(('127.0.0.1', {}), 2) and 1"
        assert "could" in ask(reach.format(store.port))
        if landlock.version() >= 4:
            assert "refused" in ask(reach.format(other.port))
        assert "refused" in ask("socket.socket().bind(('127.0.0.1', 0))")
        assert "refused" in ask("subprocess.run(['true'])")
        if landlock.version():
            assert "refused" in ask("open('/etc/passwd').read()")
