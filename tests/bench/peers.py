"""The servers that are measured, ours and the others, each started on a release and ended after the block."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from bench.client import Client
from bench.constant import FIELDS
from bench.processes import free_port, started
from bench.tools import Missing, Tools
from hosted import CACHED, configuration
from virtuoso import SETTINGS

from ldnkg.export.hosts.nginx import quoted

BASE = "http://localhost:8000/"
"""What every release of the harness is built at, whatever port it is served on."""


@dataclass(frozen=True)
class Endpoint:
    """A server that answers: its port, its process, the path of its SPARQL endpoint."""

    name: str
    port: int
    pid: int
    path: str = "/"
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Place:
    """Where things are: the checkout, the tools, a folder for what the servers write."""

    root: Path
    tools: Tools
    work: Path

    def log(self, name: str) -> Path:
        """Where a server tells what it does."""
        return self.work / f"{name}.log"


@contextmanager
def ours(place: Place, sources: Path, releases: Path) -> Iterator[Endpoint]:
    """`ldnkg serve`."""
    port = free_port()
    command = [sys.executable, "-m", "ldnkg.cli", "serve", "--port", str(port), "--base", BASE]
    command += ["--sources", str(sources), "--releases", str(releases)]
    with started(command, lambda: Client(port).get("/health"), log=place.log("ldnkg")) as pid:
        yield Endpoint("ldnkg", port, pid, "/sparql")


@contextmanager
def constant(place: Place, bodies: Path, where: str) -> Iterator[Endpoint]:
    """The constant bodies of a folder."""
    port = free_port()
    command = [sys.executable, "-m", "bench.constant", str(port), str(bodies), where]
    with started(command, lambda: Client(port).get("/ttl"), log=place.log("constant")) as pid:
        yield Endpoint("constant", port, pid)


@contextmanager
def nginx(place: Place, bodies: Path) -> Iterator[Endpoint]:
    """nginx with one worker, which serves the files of a folder."""
    program = shutil.which("nginx", path="/usr/sbin:/usr/bin:/sbin:/bin")
    if program is None:
        raise Missing("nginx is not installed")
    port, folder = free_port(), place.work / f"nginx-{bodies.name}"
    folder.mkdir(exist_ok=True)
    user = "user root;" if os.geteuid() == 0 else ""  # else its worker may not read what only we may
    apart = "".join(_fields(file, bodies) for file in sorted((bodies / FIELDS).iterdir()))
    text = _NGINX.format(port=port, folder=folder, bodies=bodies, user=user, apart=apart)
    (folder / "nginx.conf").write_text(text, encoding="utf-8")
    command = [program, "-p", str(folder), "-c", "nginx.conf", "-e", "error.log"]
    with started(command, lambda: Client(port).get("/ttl"), log=place.log(folder.name)) as pid:
        yield Endpoint("nginx", port, pid)


def _fields(file: Path, bodies: Path) -> str:
    """A location that sends the body of this name with the header fields in a file."""
    told = json.loads(file.read_bytes())
    fields = "".join(f"add_header {name} {quoted(value)}; " for name, value in told)
    return f"location = /{FIELDS}/{file.name} {{ alias {bodies / file.name}; etag off; {fields}}}\n"


@contextmanager
def exported(place: Place, releases: Path) -> Iterator[Endpoint]:
    """nginx with the configuration of an export, on the export of the current release."""
    program, folder = shutil.which("nginx", path="/usr/sbin:/usr/bin:/sbin:/bin"), place.work / "export"
    if program is None:
        raise Missing("nginx is not installed")
    if not folder.exists():
        command = [sys.executable, "-m", "ldnkg.cli", "export", str(folder), "--releases", str(releases)]
        command += ["--codings", "gzip,br"]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    port, work = free_port(), place.work / "nginx-export"
    work.mkdir(exist_ok=True)
    (work / "nginx.conf").write_text(configuration(folder, work, port, CACHED), encoding="utf-8")
    command = [program, "-c", str(work / "nginx.conf"), "-e", str(work / "error.log")]
    with started(command, lambda: Client(port).get("/"), log=place.log("nginx-export")) as pid:
        yield Endpoint("export", port, pid)


@contextmanager
def oxigraph(place: Place, release: Path) -> Iterator[Endpoint]:
    """`oxigraph serve-read-only` on the very store of the release."""
    port = free_port()
    command = [str(place.tools.python("oxigraph") / "oxigraph"), "serve-read-only", "--union-default-graph"]
    command += ["--location", str(release / "store"), "--bind", f"127.0.0.1:{port}"]
    with started(command, lambda: Client(port).get("/"), log=place.log("oxigraph")) as pid:
        yield Endpoint("oxigraph", port, pid, "/query")


@contextmanager
def rdflib_endpoint(place: Place, release: Path) -> Iterator[Endpoint]:
    """rdflib-endpoint on the dump of the release, in memory."""
    port = free_port()
    command = [str(place.tools.python("rdflib-endpoint") / "rdflib-endpoint"), "serve"]
    command += ["--host", "127.0.0.1", "--port", str(port), str(release / "dumps/graph.nt")]
    with started(command, lambda: Client(port).get("/docs"), log=place.log("rdflib")) as pid:
        yield Endpoint("rdflib-endpoint", port, pid, "/")


@contextmanager
def virtuoso(place: Place, release: Path) -> Iterator[Endpoint]:
    """Virtuoso with 2 GB of buffers, the dump loaded in bulk."""
    program, environ = place.tools.debian("virtuoso", "virtuoso-t"), place.tools.libraries("virtuoso")
    port, sql, folder = free_port(), free_port(), place.work / "virtuoso"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    shutil.copyfile(release / "dumps/graph.nt", folder / "graph.nt")
    text = SETTINGS.format(port=port, sql=sql, folder=folder, buffers=170_000, dirty=130_000)
    (folder / "v.ini").write_text(text, encoding="utf-8")
    command = [str(program), "+foreground", "+configfile", str(folder / "v.ini")]
    ready = lambda: Client(port).get("/sparql?query=ASK%20%7B%7D")  # noqa: E731
    with started(command, ready, log=place.log("virtuoso"), environ=environ) as pid:
        load = f"ld_dir('{folder}', 'graph.nt', 'urn:bench'); rdf_loader_run(); checkpoint;"
        isql = [str(program.parent / "isql-vt"), f"127.0.0.1:{sql}", "dba", "dba", f"exec={load}"]
        subprocess.run(isql, env=environ, check=True, capture_output=True)
        yield Endpoint("Virtuoso", port, pid, "/sparql")
    shutil.rmtree(folder, ignore_errors=True)


Starter = Callable[[Place, Path], AbstractContextManager[Endpoint]]
SPARQL: dict[str, Starter] = {
    "oxigraph": oxigraph,
    "rdflib-endpoint": rdflib_endpoint,
    "virtuoso": virtuoso,
}
"""The other SPARQL servers, by the name that `PEERS` has for them."""
NAMES = (*SPARQL, "nginx")

_NGINX = """\
daemon off;
{user}
worker_processes 1;
pid nginx.pid;
error_log error.log;
events {{ worker_connections 256; }}
http {{
    access_log off;
    sendfile on;
    keepalive_requests 1000000;
    types {{ text/html html; text/turtle ttl; application/ld+json jsonld; }}
    client_body_temp_path {folder}; proxy_temp_path {folder}; fastcgi_temp_path {folder};
    uwsgi_temp_path {folder}; scgi_temp_path {folder};
    server {{
        listen 127.0.0.1:{port};
        root {bodies};
        {apart}
    }}
}}
"""
