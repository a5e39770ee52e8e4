"""The same site over real engines: its promises, the answers to example queries, and an engine that dies."""

import os
import shutil
import socket
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
from contract.families import FAMILIES
from flask import Flask
from flask.testing import FlaskClient
from pyoxigraph import BlankNode
from served import BASE

from ldnkg.endpoint import Patience
from ldnkg.errors import KnowledgeError, StoreFault
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
CONTRACT = ("documents-", "endpoint-", "targets-redirects", "targets-missing", "targets-tombstones")
"""The families of the contract that do (`tests/contract`)."""
PAGES = (
    "",
    "quality",
    "class/trial",
    "class/claim.csv",
    "doc/condition/osteoarthritis",
    "doc/condition/osteoarthritis.ttl",
    "doc/trial/oxytrex-osteoarthritis",
    "doc/claim/c0103",
    "doc/claim/c0103.jsonld",
    "doc/synthesis/bolton-2019",
    "doc/paper/cree-2010",
    "doc/substance/naltrexone",
    "sparql/examples",
    "sparql",
)
"""Pages of the curated graph whose panels, layouts or values some engine gave otherwise."""

pytestmark = pytest.mark.skipif(
    engines.CHOSEN in os.environ, reason="these tests choose their engines themselves"
)


def test_the_promises_of_the_web_and_the_contract_hold_over_virtuoso() -> None:
    files = [str(ROOT / f"tests/test_web_{name}.py") for name in PROMISES]
    files.append(str(ROOT / "tests/test_sparql_protocol.py"))
    matrix = f"{ROOT}/tests/contract/test_matrix.py::test_the_contract_is_kept"
    families = (f"{each.__module__.split('.')[-1]}-{each.__name__}" for each in FAMILIES)
    files += [f"{matrix}[{each}-application]" for each in families if each.startswith(CONTRACT)]
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *files]
    environ = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    told = subprocess.run(
        command, cwd=ROOT, env={**environ, engines.CHOSEN: "virtuoso"}, capture_output=True, text=True
    )
    assert told.returncode == 0, told.stdout[-6000:]


@pytest.fixture(scope="module")
def curated(tmp_path_factory: pytest.TempPathFactory) -> Release:
    folder = tmp_path_factory.mktemp("curated")
    return build(load(sources_root()), folder, "http://localhost:8000/", answered=True)


@pytest.fixture(scope="module", params=engines.NAMES)
def holding(request: pytest.FixtureRequest, curated: Release) -> engines.Engine:
    """An engine that holds the curated graph."""
    there = engines.engine(request.param)
    there.load(curated)
    return there


def test_example_queries_are_answered_alike(curated: Release, holding: engines.Engine) -> None:
    limits = Limits(seconds=60)
    here, far = Engine(curated.path, limits), Engine(curated.path, limits, holding.endpoint())
    with closing(open_release(curated.path)) as store:
        texts = {
            each.node.value.rpartition("/")[2]: each.runnable(curated.manifest["prefixes"])
            for each in read(store)
        }
    assert len(texts) > 10
    assert [slug for slug, text in texts.items() if answered(here, text) != answered(far, text)] == []


def test_pages_are_the_same_to_the_letter(curated: Release, holding: engines.Engine) -> None:
    here, far = create_app(curated.path.parent), create_app(curated.path.parent, endpoint=holding.endpoint())
    differing = []
    for path in PAGES:
        headers = {"Accept": "text/html, */*;q=0.1"}
        one, other = (app.test_client().get(f"/{path}", headers=headers) for app in (here, far))
        assert one.status_code == 200, path
        if (other.status_code, other.data) != (one.status_code, one.data):
            differing.append(f"/{path} {other.status_code}")
    for app in (here, far):
        app.extensions["site"].close()
    assert differing == []


@pytest.mark.parametrize("name", engines.DIFFERENCES)
def test_a_difference_is_told_and_is_one_of_its_engine_alone(
    curated: Release, holding: engines.Engine, name: str
) -> None:
    it = engines.DIFFERENCES[name]
    assert it.told in (ROOT / "docs/stores.md").read_text(encoding="utf-8")
    prefixes = "".join(f"PREFIX {each}: <{space}>\n" for each, space in curated.manifest["prefixes"].items())
    try:
        found = holding.endpoint().table(prefixes + it.query, sorted(curated.manifest["graphs"]))
        rows = [] if isinstance(found, bool) else list(found)
    except StoreFault:  # it does not even read it
        rows = []
    assert (tuple(str(term) for row in rows for term in row) == it.right) is (it.engine != holding.name)


@pytest.mark.parametrize("name", engines.NAMES)
def test_a_triple_that_stands_in_two_graphs_is_one_value_and_one_row(tmp_path: Path, name: str) -> None:
    """The default graph is their merge (SPARQL 1.1, section 13.2), in which a triple stands once.

    No build makes such a release (`ldnkg check` says "say it once"), but an engine may have been loaded so.
    """
    release = build(load(write(tmp_path / "lights", LIGHTS)), tmp_path / "releases", BASE)
    there = engines.engine(name)
    there.load(release)
    triple = f"<{BASE}id/light/pharos> <{BASE}ont#state> <{BASE}vocab#dark>"
    there.add(f"{BASE}graph/ontology", f"{triple} .")
    try:
        graphs = there.endpoint().table(
            f"SELECT ?g {{ GRAPH ?g {{ {triple} }} }}", [], release.manifest["graphs"]
        )
        assert not isinstance(graphs, bool) and len(list(graphs)) == 2
        found = [
            saying(create_app(tmp_path / "releases", endpoint=each)) for each in (None, there.endpoint())
        ]
    finally:
        there.held.clear()
    differing = {what for what in found[0] if found[0][what] != found[1][what]}
    assert differing == ({"SELECT", "COUNT"} if name == "virtuoso" else set())
    told = "a triple that an engine was given in two graphs of a release counts twice | Virtuoso"
    assert told in (ROOT / "docs/stores.md").read_text(encoding="utf-8")


def saying(app: Flask) -> dict[str, object]:
    """What a site says of a light in pages and answers."""
    client = app.test_client()
    light = f"<{BASE}id/light/pharos>"
    queries = {
        "SELECT": f"SELECT ?state {{ {light} <{BASE}ont#state> ?state }}",
        "COUNT": f"SELECT (COUNT(*) AS ?n) {{ {light} ?p ?o }}",
        "CONSTRUCT": f"CONSTRUCT WHERE {{ {light} ?p ?o }}",
        "DESCRIBE": f"DESCRIBE {light}",
    }
    told: dict[str, object] = {
        path: client.get(f"/{path}").data for path in ("doc/light/pharos.html", "class/light.csv")
    }
    for name, query in queries.items():
        accept = "text/csv, application/n-triples"
        answer = client.get("/sparql", query_string={"query": query}, headers={"Accept": accept})
        told[name] = (answer.status_code, sorted(answer.text.splitlines()))
    app.extensions["site"].close()
    return told


@pytest.fixture(scope="module")
def cutting(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FlaskClient]:
    """A site over a Virtuoso that gives at most twenty rows, as Debian's gives 10,000."""
    folder = tmp_path_factory.mktemp("cutting")
    release = build(load(write(folder / "lights", LIGHTS)), folder / "releases", BASE)
    engine = engines.virtuoso("[SPARQL]\nResultSetMaxRows = 20\n")
    engine.start()
    engine.load(release)
    app = create_app(folder / "releases", Limits(seconds=20), endpoint=engine.endpoint())
    yield app.test_client()
    app.extensions["site"].close()
    engine.stop()


@pytest.mark.parametrize(
    "query",
    [
        "SELECT * { ?s ?p ?o }",
        "SELECT * { ?s ?p ?o } LIMIT 500",
        "CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o }",
        "CONSTRUCT WHERE { ?s ?p ?o } LIMIT 500",
        "DESCRIBE ?s { ?s ?p ?o }",
    ],
)
def test_what_an_engine_cuts_is_never_taken_for_the_whole(cutting: FlaskClient, query: str) -> None:
    told = cutting.get("/sparql", query_string={"query": query})
    assert told.status_code == 413 and "at most 20 rows" in told.text
    page = cutting.get("/class/light")  # whose shapes are more
    assert page.status_code == 502 and "at most 20 rows" in page.text
    few = cutting.get("/sparql", query_string={"query": "CONSTRUCT WHERE { ?s ?p ?o } LIMIT 9"})
    assert few.status_code == 200


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


@pytest.mark.skipif(shutil.which("setpriv") is None, reason="setpriv ties them together, of Linux alone")
@pytest.mark.parametrize("name", engines.NAMES)
def test_an_engine_ends_with_the_tests_that_started_it_even_if_they_are_killed(
    tmp_path: Path, name: str
) -> None:
    program = (
        f"import engines, time; it = engines.fresh({name!r}); it.start(); print(it.port, flush=True);"
        " time.sleep(600)"
    )
    environ = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), "TMPDIR": str(tmp_path)}
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, env=environ) as tests:
        assert tests.stdout
        port = int(tests.stdout.readline())
        assert listens(port)
        tests.kill()
    for _ in range(100):
        if not listens(port):
            return
        time.sleep(0.1)
    pytest.fail("it still answers")


def listens(port: int) -> bool:
    """Whether anybody does at this port of this machine."""
    with socket.socket() as trial:
        return trial.connect_ex(("127.0.0.1", port)) == 0


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
