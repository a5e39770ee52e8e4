"""The W3C's tests of the protocol and of the service description, sent as their manifests say."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import rdflib
from flask.testing import FlaskClient
from pyoxigraph import Literal, NamedNode, QuerySolutions, Store
from w3c.manifests import ROOT, Case
from werkzeug.test import TestResponse

EMPTY = "http://kasei.us/2009/09/sparql/data/data0.rdf"
"""The graph of the requests that only need to name one."""

_SD = rdflib.Namespace("http://www.w3.org/ns/sparql-service-description#")
_FORMATS = {
    "boolean": ("application/sparql-results+json", "application/sparql-results+xml"),
    "tabular": (
        "application/sparql-results+json",
        "application/sparql-results+xml",
        "text/csv",
        "text/tab-separated-values",
    ),
    "RDF": ("application/rdf+xml", "text/turtle", "application/n-triples", "application/xhtml+xml"),
}
_REQUESTS = """
PREFIX cnt: <http://www.w3.org/2011/content#>
PREFIX ht: <http://www.w3.org/2011/http#>
PREFIX mf: <http://www.w3.org/2001/sw/DataAccess/tests/test-manifest#>
PREFIX rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#>
SELECT ?method ?path ?body ?coding ?boolean ?format
  (GROUP_CONCAT(COALESCE(?header, ""); SEPARATOR="\\n") AS ?headers) (GROUP_CONCAT(?code) AS ?codes)
WHERE {
  $case mf:action/ht:requests/rdf:rest*/rdf:first ?request .
  ?request ht:methodName ?method ; ht:absolutePath ?path ; ht:resp ?answer .
  OPTIONAL { ?request ht:body [ cnt:chars ?body ; cnt:characterEncoding ?coding ] }
  OPTIONAL { ?answer mf:expectedBoolean ?boolean }
  OPTIONAL { ?answer mf:expectedFormat ?format }
  ?answer mf:expectedStatus ?status
  BIND(STRAFTER(STR(?status), "StatusCode") AS ?code)
  OPTIONAL {
    ?request ht:headers/rdf:rest*/rdf:first [ ht:fieldName ?name ; ht:fieldValue ?value ]
    BIND(CONCAT(?name, ": ", ?value) AS ?header)
  }
}
GROUP BY ?request ?method ?path ?body ?coding ?boolean ?format
"""


def graphs() -> Iterator[tuple[str, Path]]:
    """The graphs that the requests name."""
    for number in (1, 2, 3):
        name = f"http://kasei.us/2009/09/sparql/data/data{number}.rdf"
        yield name, ROOT / f"sparql11/protocol/data{number}.nt"


def run(client: FlaskClient, case: Case, manifest: Store) -> str | None:
    """None when a test passes, else what is wrong."""
    if case.kind == "ServiceDescriptionTest":
        return _description(client, case.iri.partition("#")[2])
    found = manifest.query(_REQUESTS.replace("$case", f"<{case.iri}>"))
    assert isinstance(found, QuerySolutions)
    faults = [_answered(client, {each.value: row[each.value] for each in found.variables}) for row in found]
    assert faults, case.iri
    return next((fault for fault in faults if fault), None)


def _answered(client: FlaskClient, row: dict[str, object]) -> str | None:
    given = {name: each.value for name, each in row.items() if isinstance(each, Literal | NamedNode)}
    headers = dict(each.split(": ", 1) for each in given["headers"].splitlines() if each)
    content_type = headers.pop("content-type", None)
    response = client.open(
        given["path"].replace("/sparql/", "/sparql", 1),
        method=given["method"],
        data=given["body"].encode(given["coding"]) if "body" in given else None,
        content_type=content_type,
        headers=headers,
    )
    if f"{response.status_code // 100}xx" not in given["codes"]:
        return f"{response.status_code} and not one of {given['codes']}: {response.text[:300]}"
    if "format" in given and response.mimetype not in _FORMATS[given["format"]]:
        return f"{response.mimetype} is not {given['format']}"
    if "boolean" in given and (response.get_json(force=True)["boolean"] is not (given["boolean"] == "true")):
        return f"{response.text} and not {given['boolean']}"
    return None


def _description(client: FlaskClient, name: str) -> str | None:
    response = client.get("/sparql")
    description = rdflib.Graph().parse(data=_rdf(response), format="turtle")
    services = list(description.subjects(rdflib.RDF.type, _SD.Service))
    if name == "has-endpoint-triple":
        return None if list(description.objects(None, _SD.endpoint)) else "there is no sd:endpoint"
    if name == "conforms-to-schema":
        wrong = [
            each for each in description.predicates() if str(each).startswith(str(_SD)) and not _known(each)
        ]
        return None if len(services) == 1 and not wrong else f"{services}, {wrong}"
    return None if len(description) else "there is no RDF"


def _rdf(response: TestResponse) -> str:
    return response.text if response.mimetype == "text/turtle" else ""


def _known(predicate: rdflib.term.Node) -> bool:
    """Whether the Service Description vocabulary has such a property (section 3.4)."""
    names = (
        "endpoint feature defaultEntailmentRegime entailmentRegime defaultSupportedEntailmentProfile "
        "supportedEntailmentProfile extensionFunction extensionAggregate languageExtension supportedLanguage "
        "propertyFeature defaultDataset availableGraphs resultFormat inputFormat defaultGraph namedGraph "
        "name graph"
    ).split()
    return predicate in {_SD[name] for name in names}
