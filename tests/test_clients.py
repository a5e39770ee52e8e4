"""Clients that people use, as they come, against two real servers: nothing here speaks HTTP by itself.

The lighthouses stand on one server, the harbours that they light on another. The clients in JavaScript are
those of tests/clients/package.json, which server/install/clients.sh fetches.
"""

import io
import json
import os
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pandas
import pytest
import rdflib
import SPARQLWrapper as wrapper
from bench.processes import free_port
from conftest import LIGHTS, ROOT, write
from rdflib.namespace import RDF, SKOS
from rdflib.plugins.stores.sparqlstore import SPARQLStore

PACKAGES = ROOT / "tests" / "clients" / "node_modules" / "@comunica"
HEIGHTS = {"Eddystone": 49.0, "Pharos of Alexandria": 103.0}

PLYMOUTH = """\
@prefix ex: <https://example.org/harbours/ont#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .

<https://example.org/harbours/id/harbour/plymouth> a ex:Harbour ;
    ex:litBy <{lights}id/light/eddystone> ;
    skos:prefLabel "Plymouth"@en .
"""
OBAN = """\
@prefix ex: <https://example.org/harbours/ont#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .

<https://example.org/harbours/id/harbour/oban> a ex:Harbour ;
    skos:prefLabel "Oban"@en .
"""
HARBOURS = {
    "ontology/harbours.ttl": """\
@prefix ex: <https://example.org/harbours/ont#> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .

ex:Harbour a owl:Class ;
    rdfs:label "harbour"@en ;
    skos:definition "A place where ships are safe."@en .

ex:litBy a owl:ObjectProperty ;
    rdfs:label "lit by"@en ;
    skos:definition "The light by which ships find the harbour."@en .
""",
    "shapes/harbour.ttl": """\
@prefix ex: <https://example.org/harbours/ont#> .
@prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix shp: <https://example.org/harbours/shapes#> .

shp:Harbour a sh:NodeShape ;
    sh:targetClass ex:Harbour .
""",
    "graph/harbour/oban.ttl": OBAN,
    "graph/dataset.ttl": """\
@prefix dcat: <http://www.w3.org/ns/dcat#> .
@prefix dcterms: <http://purl.org/dc/terms/> .
@prefix void: <http://rdfs.org/ns/void#> .

<https://example.org/harbours/dataset> a dcat:Dataset, void:Dataset ;
    dcterms:title "Harbours"@en ;
    void:uriSpace "https://example.org/harbours/" .
""",
}


@contextmanager
def serving(folder: Path, sources: dict[str, str]) -> Iterator[str]:
    """`ldnkg serve` with these sources on a port of its own; gives its base."""
    port = free_port()
    base = f"http://localhost:{port}/"
    command = [sys.executable, "-m", "ldnkg.cli", "serve", "--port", str(port), "--base", base]
    command += ["--releases", str(folder / "releases"), "--sources", str(write(folder / "sources", sources))]
    with subprocess.Popen(command, start_new_session=True) as process:
        try:
            wait(process, f"{base}health")
            yield base
        finally:
            os.killpg(process.pid, signal.SIGTERM)


def wait(process: subprocess.Popen[bytes], address: str) -> None:
    """Until the server answers."""
    for _ in range(1200):
        assert process.poll() is None, "the server has ended"
        try:
            with urllib.request.urlopen(address) as answer:
                answer.read()
                return
        except OSError:
            time.sleep(0.05)
    raise AssertionError("the server does not answer")


@pytest.fixture(scope="module")
def lights(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The base of the server of the lighthouses."""
    with serving(tmp_path_factory.mktemp("lights"), LIGHTS) as base:
        yield base


@pytest.fixture(scope="module")
def harbours(lights: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The base of the server of the harbours, which name lights of the other."""
    sources = HARBOURS | {"graph/harbour/plymouth.ttl": PLYMOUTH.format(lights=lights)}
    with serving(tmp_path_factory.mktemp("harbours"), sources) as base:
        yield base


def prologue(base: str) -> str:
    return f"PREFIX ex: <{base}ont#> PREFIX skos: <{SKOS}> "


def heights(base: str) -> str:
    """A query for each light with its name and height."""
    return prologue(base) + (
        "SELECT ?name ?height WHERE { ?light ex:height ?height ; skos:prefLabel ?name "
        "FILTER(LANG(?name) = 'en') } ORDER BY ?name"
    )


def wrapped(base: str, query: str, method: str, format_: str) -> wrapper.SPARQLWrapper:
    client = wrapper.SPARQLWrapper(f"{base}sparql")
    client.setQuery(query)
    client.setMethod(method)
    client.setReturnFormat(format_)
    return client


WAYS = pytest.mark.parametrize(
    ("method", "body"),
    [("GET", wrapper.URLENCODED), ("POST", wrapper.URLENCODED), ("POST", wrapper.POSTDIRECTLY)],
    ids=["GET", "form", "direct"],
)


@WAYS
def test_sparqlwrapper_selects(lights: str, method: str, body: str) -> None:
    client = wrapped(lights, heights(lights), method, wrapper.JSON)
    client.setRequestMethod(body)
    answer: Any = client.queryAndConvert()
    found = answer["results"]["bindings"]
    assert {row["name"]["value"]: float(row["height"]["value"]) for row in found} == HEIGHTS


@WAYS
def test_sparqlwrapper_asks(lights: str, method: str, body: str) -> None:
    for least, answer in ((100, True), (200, False)):
        query = f"{prologue(lights)} ASK {{ ?light ex:height ?height FILTER(?height > {least}) }}"
        client = wrapped(lights, query, method, wrapper.JSON)
        client.setRequestMethod(body)
        said: Any = client.queryAndConvert()
        assert said["boolean"] is answer


@WAYS
@pytest.mark.parametrize("format_", [wrapper.TURTLE, wrapper.N3, wrapper.RDFXML, wrapper.XML, wrapper.JSONLD])
def test_sparqlwrapper_constructs_and_describes(lights: str, method: str, body: str, format_: str) -> None:
    pharos = rdflib.URIRef(f"{lights}id/light/pharos")
    for query in (f"CONSTRUCT WHERE {{ <{pharos}> ?p ?o }}", f"DESCRIBE <{pharos}>"):
        client = wrapped(lights, query, method, format_)
        client.setRequestMethod(body)
        graph: Any = client.queryAndConvert()
        if isinstance(graph, bytes):
            graph = rdflib.Graph().parse(data=graph, format="turtle")
        assert (pharos, RDF.type, rdflib.URIRef(f"{lights}ont#Light")) in graph


def test_sparqlwrapper_raises_what_is_wrong_with_a_query(lights: str) -> None:
    with pytest.raises(wrapper.SPARQLExceptions.QueryBadFormed, match="line 1"):
        wrapped(lights, "SELECT * WHERE { ?s ?p", "GET", wrapper.JSON).query()


@pytest.fixture(params=["GET", "POST", "POST_FORM"])
def stored(request: pytest.FixtureRequest, lights: str) -> rdflib.Graph:
    """The endpoint as a graph of rdflib."""
    store = SPARQLStore(f"{lights}sparql", method=request.param)
    return rdflib.Graph(store)


def test_rdflib_asks_the_endpoint_as_a_graph(stored: rdflib.Graph, lights: str) -> None:
    light = rdflib.URIRef(f"{lights}ont#Light")
    names = {str(stored.value(each, SKOS.prefLabel, any=True)) for each in stored.subjects(RDF.type, light)}
    assert "Eddystone" in names and len(names) == 2
    pharos = rdflib.URIRef(f"{lights}id/light/pharos")
    assert (pharos, RDF.type, light) in stored
    assert (pharos, RDF.type, SKOS.Concept) not in stored


def test_rdflib_queries_the_endpoint(stored: rdflib.Graph, lights: str) -> None:
    found = [(str(name), float(height)) for name, height in stored.query(heights(lights))]  # type: ignore[misc]
    assert dict(found) == HEIGHTS
    assert stored.query(f"ASK {{ <{lights}id/light/pharos> ?p ?o }}").askAnswer
    pharos = rdflib.URIRef(f"{lights}id/light/pharos")
    described = stored.query(f"DESCRIBE <{pharos}>").graph
    assert described is not None and (pharos, SKOS.prefLabel, None) in described


def test_rdflib_counts_every_triple_and_reads_them_all(stored: rdflib.Graph) -> None:
    assert len(stored) == len(set(stored.triples((None, None, None)))) > 100


def test_pandas_reads_answers_and_downloads(lights: str) -> None:
    query = quote(heights(lights))
    answer = pandas.read_csv(f"{lights}sparql?query={query}&format=csv")
    assert dict(zip(answer["name"], answer["height"], strict=True)) == HEIGHTS
    assert answer["height"].mean() == 76.0
    table = pandas.read_csv(f"{lights}download/light.csv")
    assert set(table["ex:height"]) == set(HEIGHTS.values())


def test_pandas_reads_by_post(lights: str) -> None:
    client = wrapped(lights, heights(lights), "POST", wrapper.CSV)
    answer: Any = client.queryAndConvert()
    assert len(pandas.read_csv(io.BytesIO(answer))) == 2


@pytest.fixture(scope="session")
def node() -> str:
    """The Node that the clients run in."""
    found = Path(sys.executable).with_name("node")
    if os.environ.get("CI") != "true" and not (found.exists() and PACKAGES.exists()):
        pytest.skip("the clients in JavaScript are not here: run `make clients`")
    return str(found)


def comunica(node: str, client: str, *arguments: str, accept: str = "application/sparql-results+json") -> str:
    """What Comunica prints; anything on its standard error is a failure."""
    program = PACKAGES / client / "bin" / "query.js"
    command = [node, str(program), *arguments, "-t", accept]
    run = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert (run.returncode, run.stderr) == (0, "")
    return run.stdout


def rows(printed: str) -> set[tuple[str, ...]]:
    """The values of a result in the order of its variables."""
    answer = json.loads(printed)
    names = answer["head"]["vars"]
    return {tuple(row[name]["value"] for name in names) for row in answer["results"]["bindings"]}


def test_comunica_selects(node: str, lights: str) -> None:
    printed = comunica(node, "query-sparql", f"sparql@{lights}sparql", heights(lights))
    assert {(name, float(height)) for name, height in rows(printed)} == set(HEIGHTS.items())


def test_comunica_finds_out_by_itself_what_the_address_is(node: str, lights: str) -> None:
    """Without a type of source it reads the service description there."""
    printed = comunica(node, "query-sparql", f"{lights}sparql", heights(lights))
    assert {name for name, _ in rows(printed)} == set(HEIGHTS)


def test_comunica_asks_and_constructs(node: str, lights: str) -> None:
    source, pharos = f"sparql@{lights}sparql", f"{lights}id/light/pharos"
    assert (
        json.loads(comunica(node, "query-sparql", source, f"ASK {{ <{pharos}> ?p ?o }}"))["boolean"] is True
    )
    query = f"CONSTRUCT {{ <{pharos}> ?p ?o }} WHERE {{ <{pharos}> ?p ?o }}"
    printed = comunica(node, "query-sparql", source, query, accept="text/turtle")
    assert (rdflib.URIRef(pharos), SKOS.prefLabel, None) in rdflib.Graph().parse(
        data=printed, format="turtle"
    )


def test_comunica_joins_our_endpoint_with_another(node: str, lights: str, harbours: str) -> None:
    query = (
        f"PREFIX h: <{harbours}ont#> {prologue(lights)} SELECT ?harbour ?height WHERE "
        "{ ?place h:litBy ?light ; skos:prefLabel ?harbour . ?light ex:height ?height }"
    )
    sources = f"sparql@{lights}sparql", f"sparql@{harbours}sparql"
    printed = comunica(node, "query-sparql", *sources, query)
    assert {(name, float(height)) for name, height in rows(printed)} == {("Plymouth", 49.0)}


def test_comunica_asks_each_endpoint_what_the_query_says(node: str, lights: str, harbours: str) -> None:
    """`SERVICE`, which our endpoint refuses, is for the client to follow: it needs no source besides."""
    query = (
        f"PREFIX h: <{harbours}ont#> {prologue(lights)} SELECT ?harbour ?height WHERE "
        f"{{ SERVICE <{lights}sparql> {{ ?light ex:height ?height }} "
        f"SERVICE <{harbours}sparql> {{ ?place h:litBy ?light ; skos:prefLabel ?harbour }} }}"
    )
    printed = comunica(node, "query-sparql", "-q", query)
    assert {(name, float(height)) for name, height in rows(printed)} == {("Plymouth", 49.0)}


def test_comunica_follows_links_from_a_keeper_to_the_lights_kept(node: str, lights: str) -> None:
    """The height is told in the document of the light only, which the document of the keeper leads to."""
    keeper = f"{lights}id/keeper/winstanley"
    query = prologue(lights) + (
        "SELECT ?name ?height WHERE "
        f"{{ ?light ex:keptBy <{keeper}> ; ex:height ?height ; skos:prefLabel ?name }}"
    )
    printed = comunica(node, "query-sparql-link-traversal", keeper, query)
    assert {(name, float(height)) for name, height in rows(printed)} == {("Eddystone", 49.0)}


def test_comunica_follows_links_from_one_site_to_another(node: str, lights: str, harbours: str) -> None:
    harbour = f"{harbours}id/harbour/plymouth"
    query = f"PREFIX h: <{harbours}ont#> {prologue(lights)}" + (
        f"SELECT ?height WHERE {{ <{harbour}> h:litBy ?light . ?light ex:height ?height }}"
    )
    printed = comunica(node, "query-sparql-link-traversal", harbour, query)
    assert {float(height) for (height,) in rows(printed)} == {49.0}
