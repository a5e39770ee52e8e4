"""What the endpoint tells of itself, to clients that know nothing but its address.

The patterns of the first three queries are those with which SIB's sparql-editor and sparql-llm ask endpoints.
"""

import csv
import io
from collections.abc import Iterator
from pathlib import Path

import engines
import pytest
import rdflib
from asked import ASKING
from conftest import write
from flask.testing import FlaskClient
from rdflib.compare import to_isomorphic
from rdflib.namespace import RDF, RDFS, VOID
from served import BASE, client_of

from ldnkg.formats import GRAPHS
from ldnkg.iris import PREFIXES
from ldnkg.query import Limits
from ldnkg.query.description import told
from ldnkg.query.results import RESULTS

SD = rdflib.Namespace(PREFIXES["sd"])
SERVICE = rdflib.URIRef(f"{BASE}sparql")
READ = {"ttl": "turtle", "jsonld": "json-ld", "nt": "nt", "rdf": "xml"}
PROLOGUE = "".join(f"PREFIX {name}: <{space}>\n" for name, space in PREFIXES.items())

EXAMPLES = """SELECT DISTINCT ?sq ?comment ?query
WHERE {
  ?sq a sh:SPARQLExecutable ;
    rdfs:comment ?comment ;
    sh:select|sh:ask|sh:construct|sh:describe ?query .
} ORDER BY ?sq"""
DECLARED = (
    "SELECT ?prefix ?namespace WHERE { [] sh:namespace ?namespace ; sh:prefix ?prefix } ORDER BY ?prefix"
)
SCHEMA = """SELECT DISTINCT ?subjectClass ?prop ?objectClass ?objectDatatype ?triples
WHERE {
  {
    OPTIONAL { ?graph sd:graph ?graphDesc . ?graphDesc void:classPartition ?cp }
    ?cp void:class ?subjectClass ; void:propertyPartition ?pp .
    ?pp void:property ?prop .
    OPTIONAL { ?pp void:triples ?triples }
    OPTIONAL {
      { ?pp void:classPartition [ void:class ?objectClass ] }
      UNION { ?pp void-ext:datatypePartition [ void-ext:datatype ?objectDatatype ] }
    }
  } UNION {
    ?linkset void:subjectsTarget [ void:class ?subjectClass ] ;
      void:linkPredicate ?prop ;
      void:objectsTarget [ void:class ?objectClass ] .
  }
}"""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FlaskClient]:
    """Lighthouses with examples of each form of query."""
    folder = tmp_path_factory.mktemp("told")
    client = client_of(write(folder / "sources", ASKING), folder / "releases")
    yield client
    client.application.extensions["site"].close()


def rows(client: FlaskClient, query: str) -> list[dict[str, str]]:
    answer = client.get("/sparql", query_string={"query": PROLOGUE + query, "format": "csv"})
    assert answer.status_code == 200, answer.text
    return list(csv.DictReader(io.StringIO(answer.text)))


def description(client: FlaskClient, suffix: str = "ttl") -> rdflib.Graph:
    """The service description, read by another program than wrote it."""
    body = client.get("/sparql", query_string={"format": suffix}).data
    return rdflib.Graph().parse(data=body, format=READ[suffix])


def size(graph: rdflib.Graph, node: rdflib.term.Node | None) -> int:
    """The number of triples that a description gives."""
    return int(str(graph.value(node, VOID.triples)))


def test_every_example_is_found_with_its_question_whatever_its_form(site: FlaskClient) -> None:
    found = rows(site, EXAMPLES)
    forms = {each["sq"].rpartition("/")[2]: each["query"].split()[0] for each in found}
    assert forms == {
        "all": "DESCRIBE",
        "elsewhere": "SELECT",
        "endless": "SELECT",
        "kept": "CONSTRUCT",
        "quoted": "ASK",
        "tall": "SELECT",
    }
    assert all(each["comment"] for each in found)


def test_an_example_runs_with_the_prefixes_that_the_endpoint_declares(site: FlaskClient) -> None:
    declared = {each["prefix"]: each["namespace"] for each in rows(site, DECLARED)}
    (tall,) = {each["query"] for each in rows(site, EXAMPLES) if each["sq"].endswith("/tall")}
    query = f"PREFIX ex: <{declared['ex']}> {tall}"
    answer = site.get("/sparql", query_string={"query": query, "format": "csv"})
    assert list(csv.reader(io.StringIO(answer.text)))[1:] == [[f"{BASE}id/light/pharos", "103"]]


def test_every_prefix_is_declared_once(site: FlaskClient) -> None:
    declared = [(each["prefix"], each["namespace"]) for each in rows(site, DECLARED)]
    ours = {"ex": f"{BASE}ont#", "light": f"{BASE}id/light/"}
    assert declared == sorted((dict(PREFIXES) | ours).items())


@engines.differs("optional first")
def test_classes_are_told_with_their_properties_and_what_these_lead_to(site: FlaskClient) -> None:
    ont, xsd = f"{BASE}ont#", PREFIXES["xsd"]
    found = {
        (each["prop"].removeprefix(ont), each["objectClass"] or each["objectDatatype"], int(each["triples"]))
        for each in rows(site, SCHEMA)
        if each["subjectClass"] == f"{ont}Light"
    }
    assert found == {
        ("height", f"{xsd}decimal", 2),
        ("keptBy", f"{ont}Keeper", 1),
        ("lamp", f"{ont}Lamp", 1),
        ("state", PREFIXES["skos"] + "Concept", 2),
        (PREFIXES["rdf"] + "type", PREFIXES["owl"] + "Class", 2),
        (PREFIXES["skos"] + "prefLabel", PREFIXES["rdf"] + "langString", 3),
        (PREFIXES["skos"] + "altLabel", PREFIXES["rdf"] + "langString", 1),
        (PREFIXES["skos"] + "exactMatch", "", 1),
    }


def test_the_service_description_says_the_same_in_every_format(site: FlaskClient) -> None:
    graphs = [to_isomorphic(description(site, each.suffix)) for each in GRAPHS]
    assert len(graphs[0]) > 30
    assert all(each == graphs[0] for each in graphs)


def test_the_endpoint_names_its_language_its_features_and_every_format_that_it_writes(
    site: FlaskClient,
) -> None:
    graph = description(site)
    assert graph.value(SERVICE, SD.endpoint) == SERVICE
    assert (SERVICE, RDF.type, SD.Service) in graph
    assert set(graph.objects(SERVICE, SD.supportedLanguage)) == {SD.SPARQL11Query}
    assert set(graph.objects(SERVICE, SD.feature)) == {SD.UnionDefaultGraph}, (
        "no federation, no dereferencing"
    )
    names = {str(each).rpartition("/")[2] for each in graph.objects(SERVICE, SD.resultFormat)}
    tables = {f"SPARQL_Results_{each.suffix.upper()}" for each in RESULTS}
    assert names == tables | {"Turtle", "JSON-LD", "N-Triples", "RDF_XML"}
    assert len(names) == len(RESULTS) + len(GRAPHS)


def test_every_graph_is_told_with_the_size_that_a_query_finds(site: FlaskClient) -> None:
    graph = description(site)
    dataset = graph.value(SERVICE, SD.defaultDataset)
    sizes = {
        str(graph.value(each, SD.name)): size(graph, graph.value(each, SD.graph))
        for each in graph.objects(dataset, SD.namedGraph)
    }
    counted = rows(site, "SELECT ?g (COUNT(*) AS ?n) { GRAPH ?g { ?s ?p ?o } } GROUP BY ?g")
    assert sizes == {each["g"]: int(each["n"]) for each in counted}
    assert {f"{BASE}graph/dataset", f"{BASE}graph/partitions"} < set(sizes)
    (union,) = rows(site, "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }")
    assert size(graph, graph.value(dataset, SD.defaultGraph)) == int(union["n"])


def test_what_the_endpoint_says_at_its_address_a_query_finds_but_for_the_budgets(site: FlaskClient) -> None:
    graph = description(site)
    answer = site.get(
        "/sparql",
        query_string={"query": "CONSTRUCT WHERE { ?s ?p ?o }", "format": "nt"},
    )
    held = rdflib.Graph().parse(data=answer.data, format="nt")
    besides = {
        each for each in set(graph) - set(held) if not any(isinstance(term, rdflib.BNode) for term in each)
    }
    assert {each[:2] for each in besides} == {(SERVICE, RDFS.comment)}
    assert rdflib.Literal(told(Limits()), lang="en") in {each[2] for each in besides}


def test_the_budgets_of_this_server_are_told(site: FlaskClient, tmp_path: Path) -> None:
    client_of(write(tmp_path / "sources", ASKING), tmp_path / "releases")
    small = engines.app_of(tmp_path / "releases", Limits(seconds=3, rows=7)).test_client()
    told = " ".join(map(str, description(small).objects(SERVICE, RDFS.comment)))
    assert "3 seconds" in told and "7 rows" in told
    small.application.extensions["site"].close()


def test_the_dataset_is_found_from_the_service(site: FlaskClient) -> None:
    query = "SELECT ?n { ?service a sd:Service ; dcat:servesDataset [ void:triples ?n ] }"
    assert len(rows(site, query)) == 1
