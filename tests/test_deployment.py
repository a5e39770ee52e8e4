"""The files in `server/deploy/`: what they name is there, and they ask of the program what it has."""

import json
import re
import shlex
import subprocess
import sys
from fnmatch import fnmatch
from pathlib import Path, PurePosixPath

import pytest
from bench.processes import free_port
from conftest import LIGHTS, ROOT, write
from test_replicas import running, serving

from ldnkg.cli.serve import command as serve
from ldnkg.release import build
from ldnkg.sources import load

DEPLOY = ROOT / "server" / "deploy"
VARIABLE = re.compile(r"\bLDNKG_[A-Z_]+")


def text(name: str) -> str:
    """A file of the deployment without its comments, and without line ends that are escaped."""
    whole = (DEPLOY / name).read_text(encoding="utf-8")
    return re.sub(r"^\s*#.*\n|\s#\s.*$", "", whole, flags=re.MULTILINE).replace("\\\n", " ")


def instructions(*names: str) -> list[str]:
    """What follows these words in the Dockerfile, in its order."""
    found = (line.strip().partition(" ") for line in text("Dockerfile").splitlines())
    return [rest.strip() for name, _, rest in found if name in names]


def copied() -> list[str]:
    """The sources of each COPY from this checkout."""
    copies = (shlex.split(each) for each in instructions("COPY"))
    return [source for words in copies if not words[0].startswith("--from") for source in words[:-1]]


def ignored(path: str) -> bool:
    """Whether `.dockerignore` keeps a path from the image: its last line about it or a folder above."""
    names = [path, *map(str, PurePosixPath(path).parents)]
    said = False
    for line in (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines():
        pattern = line.lstrip("!").removeprefix("**/")
        if pattern and not line.startswith("#"):
            hits = (
                name
                for name in names
                if fnmatch(name, pattern) or "**/" in line and fnmatch(PurePosixPath(name).name, pattern)
            )
            if any(hits):
                said = not line.startswith("!")
    return said


def health() -> list[str]:
    """The command of the image's health check."""
    (said,) = instructions("HEALTHCHECK")
    found: list[str] = json.loads(said[said.index("[") :])
    return found


def options(words: list[str]) -> dict[str, object]:
    """What `ldnkg serve` makes of its arguments; raises click's error for what it does not know."""
    with serve.make_context("serve", words) as context:
        return context.params


@pytest.mark.parametrize("source", copied())
def test_the_image_is_made_of_what_is_here_and_not_kept_from_it(source: str) -> None:
    assert (ROOT / source).exists()
    assert not ignored(source)


def test_every_file_that_the_program_is_made_of_is_in_the_image() -> None:
    listed = subprocess.run(
        ["git", "ls-files", "server/ldnkg", "ontology", "shapes", "graph"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    ).stdout.splitlines()
    assert listed
    assert [name for name in listed if ignored(name)] == []
    assert all(any(name == each or name.startswith(f"{each}/") for each in copied()) for name in listed)


@pytest.mark.parametrize(
    "path",
    [
        ".git/config",
        ".venv/bin/python",
        ".bench/x",
        ".env",
        "tests/conftest.py",
        "graph/a/__pycache__/x",
        "server/ldnkg/web/static/npm/yasqe.min.js",
    ],
)
def test_nothing_else_of_a_checkout_gets_into_the_image(path: str) -> None:
    assert ignored(path)


def test_a_container_serves_its_own_release_on_the_port_that_it_exposes() -> None:
    (command,) = map(json.loads, instructions("CMD"))
    assert command[0] == "ldnkg"
    assert command[1] == serve.name
    environment = dict(each.split("=", 1) for line in instructions("ENV") for each in shlex.split(line))
    (built,) = (line for line in instructions("RUN") if "ldnkg build" in line)
    with pytest.MonkeyPatch.context() as patch:
        for name, value in environment.items():
            if name.startswith("LDNKG_"):
                patch.setenv(name, value)
        asked = options(command[2:])
    assert asked["no_build"]
    assert asked["host"] == "0.0.0.0"
    assert [str(asked["port"])] == instructions("EXPOSE")
    assert f"--releases {asked['releases']} " in built
    assert any(words.split()[-1] == str(asked["releases"]) for words in instructions("COPY"))


def test_every_port_of_a_replica_is_the_one_that_it_exposes() -> None:
    (port,) = instructions("EXPOSE")
    assert set(re.findall(r"\.1[12]:(\d+)/", text("compose.yaml"))) == {port}


def test_nginx_gets_the_addresses_of_both_replicas_in_place_of_its_own() -> None:
    said, compose = text("nginx.conf"), text("compose.yaml")
    exchanged = dict(re.findall(r"s/([^/]+)/([^/]+)/", compose.replace("${NETWORK:-10.83.29}", "10.83.29")))
    assert set(exchanged) == set(re.findall(r"server ([\d.:]+) ", said))
    addresses = re.findall(r"ipv4_address: \"\$\{NETWORK:-([\d.]+)\}(\.\d+)\"", compose)
    one, two, nginx = ("".join(each) for each in addresses)
    assert [each.partition(":")[0] for each in exchanged.values()] == [one, two]
    assert f"LDNKG_TRUSTED_PROXIES: {nginx}" in compose.replace("${NETWORK:-10.83.29}", "10.83.29")


def test_compose_names_files_that_are_there() -> None:
    compose = text("compose.yaml")
    (context,), (dockerfile,) = (
        re.findall(r"context: (\S+)", compose),
        re.findall(r"dockerfile: (\S+)", compose),
    )
    assert (DEPLOY / context).resolve() == ROOT
    assert (ROOT / dockerfile).resolve() == DEPLOY / "Dockerfile"
    (mounted,) = re.findall(r'volumes: \["\./([^:]+):([^:]+):ro"\]', compose)
    assert (DEPLOY / mounted[0]).is_file()
    assert f"{mounted[1]} > /etc/nginx/conf.d/default.conf" in compose


@pytest.mark.parametrize("port", ["8001", "8002"])
def test_the_unit_serves_on_the_ports_that_nginx_asks(port: str) -> None:
    unit = text("ldnkg@.service")
    (command,) = re.findall(r"^ExecStart=(.*)$", unit, re.MULTILINE)
    words = shlex.split(command.replace("%i", port))
    assert Path(words[0]).name == "ldnkg"
    assert words[1] == serve.name
    asked = options(words[2:])
    assert asked["no_build"]
    assert f"server {asked['host']}:{asked['port']} " in text("nginx.conf")


def test_every_variable_is_one_that_the_program_reads() -> None:
    program = "".join(file.read_text(encoding="utf-8") for file in (ROOT / "server" / "ldnkg").rglob("*.py"))
    said = {name for file in DEPLOY.iterdir() for name in VARIABLE.findall(text(file.name))}
    assert said
    assert said - set(VARIABLE.findall(program)) == set()


def test_the_health_check_tells_a_container_that_answers_from_one_that_does_not(tmp_path: Path) -> None:
    build(load(write(tmp_path / "sources", LIGHTS)), tmp_path / "releases", "http://lights.example/")
    port = free_port()
    program, *arguments = health()
    assert program == "python"
    (exposed,) = instructions("EXPOSE")
    assert exposed in arguments[-1]
    check = [sys.executable, *arguments[:-1], arguments[-1].replace(exposed, str(port))]
    with running(serving(tmp_path / "releases", port), port):
        assert subprocess.run(check, timeout=30).returncode == 0
    nowhere = "http://127.0.0.1:1/sparql"
    with running(serving(tmp_path / "releases", port), port, LDNKG_STORE=nowhere):
        assert subprocess.run(check, timeout=30).returncode == 1
    assert subprocess.run(check, timeout=30, stderr=subprocess.DEVNULL).returncode == 1
