"""Real engines that hold the graph of a site: Virtuoso and Apache Jena Fuseki, each started when asked for.

`LDNKG_TEST_STORE=virtuoso` (or `fuseki`) has every site of the tests read its graph from that engine.
"""

import atexit
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from threading import Lock, current_thread, main_thread
from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest
import urllib3
from bench.processes import bound, free_port
from bench.tools import Tools
from flask import Flask
from virtuoso import SETTINGS

from ldnkg import loading
from ldnkg.endpoint import Address, Endpoint, Patience, Shelves
from ldnkg.query import Limits
from ldnkg.release import Release, current
from ldnkg.web import create_app

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment
    from werkzeug.test import TestResponse

ROOT = Path(__file__).resolve().parents[1]
CHOSEN = "LDNKG_TEST_STORE"
NAMES = ("virtuoso", "fuseki")
FUSEKI = ROOT / ".bench" / "fuseki.jar"
_START = 120.0
"""Seconds that an engine may take to start."""
_PATIENCE = 120.0
"""Seconds that it may be silent: processors may be busy with other tests."""


@dataclass
class Engine:
    """An engine that runs: where it is asked, and where its graphs are put. What was stopped can start again.

    Sites of one base share its graphs, so each is loaded when it is asked and another was before (`hold`).
    """

    name: str
    command: list[str]
    port: int
    query: str
    graphs: str
    folder: Path
    environ: Mapping[str, str] = field(default_factory=dict)
    process: "subprocess.Popen[bytes] | None" = None
    held: dict[str, str] = field(default_factory=dict)
    lock: Lock = field(default_factory=Lock)

    @property
    def url(self) -> str:
        """The SPARQL endpoint."""
        return f"http://127.0.0.1:{self.port}{self.query}"

    @property
    def shelves(self) -> Shelves:
        """Its graph store; the password is that of a fresh Virtuoso."""
        address = Address(f"http://127.0.0.1:{self.port}{self.graphs}", "dba", "dba")
        return Shelves(Endpoint(address, Patience(read_seconds=_PATIENCE)))

    def endpoint(self, patience: Patience | None = None) -> Endpoint:
        """A client of it."""
        return Endpoint(Address(self.url), patience or Patience(read_seconds=_PATIENCE))

    def start(self) -> None:
        """Return when it answers. It ends with the thread that starts it, so that is the main one."""
        assert current_thread() is main_thread()
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(
                bound(self.command),
                cwd=self.folder,
                env={**os.environ, **self.environ},
                stdout=log,
                stderr=log,
            )
        atexit.register(self.stop)
        until = time.monotonic() + _START
        while not self._answers():
            assert time.monotonic() < until, (self.folder / "log").read_text(errors="replace")[-2000:]
            assert self.process.poll() is None, (self.folder / "log").read_text(errors="replace")[-2000:]
            time.sleep(0.1)

    def stop(self) -> None:
        """End it at once, as when its machine fails."""
        if self.process:
            self.process.kill()
            self.process.wait()
            self.process = None

    def load(self, release: Release) -> None:
        """Put a release into it, as `ldnkg load` does, but for the waiting: nobody reads yet."""
        loading.put(release, self.shelves, wait=lambda seconds: None)

    def hold(self, release: Release) -> None:
        """See to it that the release is in it."""
        base = release.manifest["base"]
        with self.lock:
            if self.held.get(base) != release.id:
                self.load(release)
                self.held[base] = release.id

    def add(self, name: str, triples: str) -> None:
        """Add N-Triples to a graph."""
        shelves = self.shelves._endpoint
        where = f"{shelves.address.url}?graph={quote(name, safe='')}"
        told = shelves.send("POST", where, triples.encode(), {"Content-Type": "text/turtle"})
        assert told.status in (200, 201, 204), told.status
        told.close()

    def _answers(self) -> bool:
        try:
            asked = urllib3.request("GET", f"{self.url}?query=ASK%20%7B%7D", retries=False, timeout=5.0)
        except (urllib3.exceptions.HTTPError, OSError):
            return False
        return asked.status == 200


def chosen() -> Engine | None:
    """The engine that the environment names for every site of the tests."""
    name = os.environ.get(CHOSEN)
    return engine(name) if name else None


def app_of(releases: Path, limits: Limits | None = None, on: Engine | None = None) -> Flask:
    """The site of a folder of releases, its graph in this engine, or in the chosen one, if any."""
    found = on or chosen()
    app = create_app(releases, limits, endpoint=found.endpoint() if found else None)
    if found:
        app.wsgi_app = _Holding(app.wsgi_app, releases, found)  # type: ignore[method-assign]
    return app


class _Holding:
    """A site that sees before each request that the engine holds its current release."""

    def __init__(self, app: "WSGIApplication", releases: Path, engine: Engine) -> None:
        self._app, self._releases, self._engine = app, releases, engine

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> "Iterable[bytes]":
        if self._engine.process:
            self._engine.hold(current(self._releases))
        return self._app(environ, start_response)


@dataclass(frozen=True)
class Difference:
    """What an engine does otherwise: its words in `docs/stores.md`, and a query that shows it.

    `right` are the rows as the standard has them, and all other engines. It is asked of the curated graph.
    """

    engine: str
    told: str
    query: str
    right: tuple[str, ...]


_XSD = "http://www.w3.org/2001/XMLSchema#"
DIFFERENCES = {
    "optional first": Difference(
        "virtuoso",
        "a group that begins with OPTIONAL finds nothing",
        "SELECT ?it { band:low-dose-naltrexone ldn:doseClass ?it { OPTIONAL { ?it ldn:nothing ?b } } }",
        ("<http://localhost:8000/vocab#low-dose>",),
    ),
    "no step": Difference(
        "virtuoso",
        "a path that may have no step (`p/q*`, `p/q?`) before a constant loses rows",
        "SELECT (COUNT(DISTINCT ?a) AS ?n) { ?a a ldn:ClaimConflict ; skos:prefLabel ?b ;"
        " ldn:conflictReason ?c ; ldn:conflictSide/ldn:claimCondition/skos:broader* con:fibromyalgia }",
        (f'"4"^^<{_XSD}integer>',),
    ),
    "comparison": Difference(
        "virtuoso",
        "a comparison as a value is 0 or 1",
        "SELECT (1 < 2 AS ?it) {}",
        (f'"true"^^<{_XSD}boolean>',),
    ),
    "division": Difference(
        "virtuoso",
        "whole numbers are divided without a rest",
        "SELECT (3 / 2 AS ?it) {}",
        (f'"1.5"^^<{_XSD}decimal>',),
    ),
    "unbound": Difference(
        "virtuoso",
        "a function of what has no value takes it for an empty text",
        "SELECT (COALESCE(CONCAT('a', ?nothing), 'none') AS ?it) {}",
        ('"none"',),
    ),
    "duration": Difference(
        "virtuoso",
        "durations and integers above 64 bits are not kept",
        f"SELECT ('P1Y'^^<{_XSD}duration> AS ?it) {{}}",
        (f'"P1Y"^^<{_XSD}duration>',),
    ),
    "letters": Difference(
        "virtuoso",
        "a variable with other letters than those of ASCII is 400",
        "SELECT ?é { VALUES ?é { 'one' } }",
        ('"one"',),
    ),
    "dots": Difference(
        "fuseki",
        "an IRI with `/../` or `/./` is another one",
        "SELECT (<http://x.example/a/../b> AS ?it) {}",
        ("<http://x.example/a/../b>",),
    ),
}
"""All that excuses a test over an engine, by a name of its own."""


def differs(name: str) -> pytest.MarkDecorator:
    """A test that an engine fails for a difference; it is an error if the engine no longer does."""
    it = DIFFERENCES[name]
    return pytest.mark.xfail(os.environ.get(CHOSEN) == it.engine, reason=it.told, strict=True)


def settled(ask: Callable[[], "TestResponse"]) -> "TestResponse":
    """The answer when the chosen engine, if any, holds the current release: meanwhile it is 503."""
    response = ask()
    while chosen() and response.status_code == 503:
        response = ask()
    return response


@cache
def engine(name: str) -> Engine:
    """The engine of that name, running until the tests end."""
    made = fresh(name)
    made.start()
    return made


def fresh(name: str) -> Engine:
    """An engine of one's own, not yet started."""
    return {"virtuoso": virtuoso, "fuseki": _fuseki}[name]()


def _folder(name: str) -> Path:
    """A folder for an engine, for as long as the tests run."""
    folder = Path(tempfile.mkdtemp(prefix=f"{name}-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


def options(releases: Path) -> list[str]:
    """How a server is told of the chosen engine, if any, which holds the current release then."""
    found = chosen()
    if found is None:
        return []
    found.hold(current(releases))
    return ["--store", found.url]


def virtuoso(more: str = "") -> Engine:
    """Virtuoso with small buffers, as Debian has it, or unpacked into `.bench` as for `make bench`.

    `more` are further settings of it. Not yet started.
    """
    folder, port = _folder("virtuoso"), free_port()
    environ: dict[str, str] = {}
    program = shutil.which("virtuoso-t")
    if program is None:
        tools = Tools(ROOT / ".bench")
        program, environ = str(tools.debian("virtuoso", "virtuoso-t")), tools.libraries("virtuoso")
    text = SETTINGS.format(port=port, sql=free_port(), folder=folder, buffers=10_000, dirty=6_000)
    (folder / "v.ini").write_text(text + more, encoding="utf-8")
    command = [program, "+foreground", "+configfile", str(folder / "v.ini")]
    return Engine("virtuoso", command, port, "/sparql", "/sparql-graph-crud-auth", folder, environ)


def _fuseki() -> Engine:
    """Apache Jena Fuseki with its graphs in memory; the jar is fetched by `server/install/fuseki.sh`."""
    folder, port = _folder("fuseki"), free_port()
    if not FUSEKI.exists():
        subprocess.run(["sh", str(ROOT / "server/install/fuseki.sh"), str(FUSEKI)], check=True)
    (folder / "fuseki.ttl").write_text(_FUSEKI, encoding="utf-8")
    command = ["java", "-Xmx1g", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-jar", str(FUSEKI)]
    command += ["--port", str(port), "--localhost", "--config", "fuseki.ttl"]
    return Engine("fuseki", command, port, "/ds/sparql", "/ds/data", folder)


_FUSEKI = """\
PREFIX fuseki: <http://jena.apache.org/fuseki#>
PREFIX ja: <http://jena.hpl.hp.com/2005/11/Assembler#>
[] a fuseki:Server ; fuseki:services ( <#service> ) .
<#service> a fuseki:Service ; fuseki:name "ds" ; fuseki:dataset <#dataset> ;
    fuseki:endpoint [ fuseki:operation fuseki:query ; fuseki:name "sparql" ] ,
        [ fuseki:operation fuseki:gsp-rw ; fuseki:name "data" ] .
<#dataset> a ja:MemoryDataset .
"""
