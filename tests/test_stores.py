"""The same site over real engines: its promises, the answers to example queries, and an engine that dies."""

import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import engines
import pytest
from conftest import LIGHTS, write
from flask.testing import FlaskClient
from pyoxigraph import BlankNode
from served import BASE

from ldnkg.endpoint import Patience
from ldnkg.errors import KnowledgeError
from ldnkg.places import sources_root
from ldnkg.query import Limits, inspect
from ldnkg.query.evaluate import Engine
from ldnkg.query.examples import read
from ldnkg.release import Release, build, current
from ldnkg.sources import load
from ldnkg.store import open_release
from ldnkg.web import create_app

ROOT = Path(__file__).parents[1]
PROMISES = ("entities", "lists", "head", "facets", "trust")
"""The tests of the web that run over Virtuoso each time; `make test-stores` runs all, over both engines."""
DIFFERENT: dict[str, frozenset[str]] = {
    "virtuoso": frozenset(
        (
            "approvals-of-naltrexone",
            "contradictions-about-fibromyalgia",
            "doses-by-condition",
            "low-dose-regimens",
        )
    ),
    "fuseki": frozenset(),
}
"""The example queries that an engine answers otherwise (docs/stores.md)."""

pytestmark = pytest.mark.skipif(
    engines.CHOSEN in os.environ, reason="these tests choose their engines themselves"
)


def test_the_promises_of_the_web_hold_over_virtuoso() -> None:
    files = [str(ROOT / f"tests/test_web_{name}.py") for name in PROMISES]
    files.append(str(ROOT / "tests/test_sparql_protocol.py"))
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *files]
    environ = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    told = subprocess.run(
        command, cwd=ROOT, env={**environ, engines.CHOSEN: "virtuoso"}, capture_output=True, text=True
    )
    assert told.returncode == 0, told.stdout[-6000:]


@pytest.fixture(scope="module")
def curated(tmp_path_factory: pytest.TempPathFactory) -> Release:
    folder = tmp_path_factory.mktemp("curated")
    return build(load(sources_root()), folder, "http://localhost:8000/")


@pytest.mark.parametrize("name", engines.NAMES)
def test_example_queries_are_answered_alike_but_for_those_that_are_listed(
    curated: Release, name: str
) -> None:
    there = engines.engine(name)
    there.load(curated)
    limits = Limits(seconds=60)
    here, far = Engine(curated.path, limits), Engine(curated.path, limits, there.endpoint())
    with closing(open_release(curated.path)) as store:
        texts = {
            each.node.value.rpartition("/")[2]: each.runnable(curated.manifest["prefixes"])
            for each in read(store)
        }
    assert len(texts) > 10
    different = {slug for slug, text in texts.items() if answered(here, text) != answered(far, text)}
    assert different == DIFFERENT[name]


def answered(engine: Engine, text: str) -> object:
    """The rows or triples in any order, without the names of blank nodes; of a failure its kind."""
    query = inspect(text, Limits(), "http://localhost:8000/")
    request: dict[str, Any] = {
        "text": text,
        "form": query.form,
        "graphs": query.graphs,
        "undeclared": query.undeclared,
        "columns": query.columns,
        "suffix": query.suffix,
        "default_graphs": (),
        "named_graphs": (),
        "rows": 100_000,
        "truncate": False,
    }
    try:
        found, _ = engine._collect(engine._evaluate(request), request)
    except KnowledgeError as fault:
        return type(fault).__name__
    if isinstance(found, bool):
        return found
    rows = found if isinstance(found, list) else found.rows
    return Counter(tuple(None if isinstance(each, BlankNode) else each for each in row) for row in rows)


@pytest.fixture
def dying(tmp_path: Path) -> Iterator[tuple[FlaskClient, engines.Engine]]:
    """A site whose engine is its own, to be killed."""
    build(load(write(tmp_path / "lights", LIGHTS)), tmp_path / "releases", BASE)
    engine = engines.fresh("fuseki")
    engine.start()
    engine.load(current(tmp_path / "releases"))
    endpoint = engine.endpoint(Patience(connect_seconds=2, read_seconds=5, failures=2, pause_seconds=1))
    app = create_app(tmp_path / "releases", Limits(seconds=20), endpoint=endpoint)
    yield app.test_client(), engine
    app.extensions["site"].close()
    engine.stop()


def test_while_the_engine_is_down_what_is_known_is_given_and_all_else_is_503_until_it_is_back(
    dying: tuple[FlaskClient, engines.Engine],
) -> None:
    client, engine = dying
    query = "/sparql?query=SELECT%20*%20%7B%20%3Fs%20%3Fp%20%3Fo%20%7D%20LIMIT%202"
    known = client.get("/doc/light/pharos.ttl")
    asked = client.get(query)
    assert (known.status_code, asked.status_code) == (200, 200)
    assert client.get("/health").status_code == 200
    engine.stop()
    again = client.get("/doc/light/pharos.ttl")
    assert (again.status_code, again.data) == (200, known.data)
    assert "stale-if-error" in again.headers["Cache-Control"]
    assert client.get(query).data == asked.data
    for path in (
        "/doc/light/eddystone.ttl",
        "/doc/light/nowhere",
        "/sparql?query=ASK%20%7B%3Fs%20%3Fp%201%7D",
    ):
        for _ in range(3):  # at first it is asked, then it is left alone
            down = client.get(path)
            assert down.status_code == 503, path
            assert int(down.headers["Retry-After"]) >= 1
            assert "cannot be reached" in down.text and str(engine.port) not in down.text
    assert client.get("/download/graph.nt").status_code == 200
    health = client.get("/health")
    assert health.status_code == 503
    assert health.get_json()["live"] is True and "cannot be reached" in health.get_json()["reason"]
    engine.start()  # it has forgotten everything
    until_it_is_asked = 30
    for _ in range(until_it_is_asked):
        empty = client.get("/doc/light/eddystone.ttl")
        if "ldnkg load" in empty.text:
            break
        time.sleep(0.2)
    assert empty.status_code == 503 and "ldnkg load" in empty.text
    engine.load(current(client.application.extensions["site"]._releases))
    assert client.get("/doc/light/eddystone.ttl").status_code == 200
    assert client.get("/health").get_json()["status"] == "ready"
