"""Each test sent to the endpoint over HTTP, and the answer compared with what the W3C expects."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from conftest import LIGHTS, write
from flask.testing import FlaskClient
from pyoxigraph import NamedNode, RdfFormat, Store
from w3c import protocol
from w3c.answers import Answer, Table, cells, expected, same, table, triples_of
from w3c.manifests import SITE, Case, described, file_of, fill, graphs
from werkzeug.test import TestResponse

from ldnkg.query import Limits
from ldnkg.release import build
from ldnkg.sources import load
from ldnkg.web import create_app

NOTHING = f"{SITE}an-empty-graph"
"""A graph for tests that have no data: with no graph named at all, the union of all would be asked."""

_ACCEPT = {
    "json": "application/sparql-results+json",
    "xml": "application/sparql-results+xml",
    "tsv": "text/tab-separated-values",
    "csv": "text/csv",
}
_GRAPHS = {
    "text/turtle": RdfFormat.TURTLE,
    "application/n-triples": RdfFormat.N_TRIPLES,
    "application/rdf+xml": RdfFormat.RDF_XML,
}


@contextmanager
def endpoint(folder: Path) -> Iterator[FlaskClient]:
    """The site with all graphs of the tests in its store, answering with real workers."""
    release = build(load(write(folder / "lights", LIGHTS)), folder / "releases", SITE)
    store = Store(str(release.path / "store"))
    for name, file in [*graphs(), *protocol.graphs()]:
        fill(store, name, file)
    for name in (NOTHING, protocol.EMPTY):
        store.add_graph(NamedNode(name))
    store.flush()
    del store
    _forget_the_store(release.path / "manifest.json")
    app = create_app(folder / "releases", Limits(seconds=30))
    try:
        yield app.test_client()
    finally:
        app.extensions["site"].close()


def _forget_the_store(manifest: Path) -> None:
    """The manifest no longer tells of the store's files, which are not as the build wrote them."""
    told = json.loads(manifest.read_bytes())
    told["files"] = {name: file for name, file in told["files"].items() if not name.startswith("store/")}
    manifest.write_text(json.dumps(told), encoding="utf-8")


def run(client: FlaskClient, case: Case) -> str | None:
    """None when a test passes, else what is wrong."""
    if case.is_update:
        return _refused(client, case)
    match case.kind:
        case "QueryEvaluationTest":
            return _evaluated(client, case)
        case "CSVResultFormatTest":
            return _as_csv(client, case)
        case "PositiveSyntaxTest" | "PositiveSyntaxTest11":
            response = _sent(client, _text(case), {"default-graph-uri": [NOTHING]}, "*/*")
            return None if response.status_code == 200 else _told(response)
        case "NegativeSyntaxTest" | "NegativeSyntaxTest11":
            response = _sent(client, _text(case), {"default-graph-uri": [NOTHING]}, "*/*")
            return None if response.status_code == 400 else f"{response.status_code} and not 400"
        case "ServiceDescriptionTest" | "ProtocolTest":
            return protocol.run(client, case, described(case.folder))
    raise ValueError(f"{case.iri} is a {case.kind}")


def _evaluated(client: FlaskClient, case: Case) -> str | None:
    """The answer in every format that holds all of it is the expected one."""
    assert case.result, case.iri
    wanted = expected(case.result)
    assert not isinstance(wanted, list), case.iri
    if isinstance(wanted, frozenset):
        return _graph(client, case, wanted)
    for suffix in ("json", "xml", "tsv"):
        response = _sent(client, _located(case), _dataset(case), _ACCEPT[suffix])
        if response.status_code != 200:
            return _told(response)
        if not (suffix == "tsv" and isinstance(wanted, bool)):  # TSV has no booleans
            if fault := _different(table(response.data, suffix), wanted, case, suffix):
                return fault
    return None


def _graph(client: FlaskClient, case: Case, wanted: Answer) -> str | None:
    for media_type, format_ in _GRAPHS.items():
        response = _sent(client, _located(case), _dataset(case), media_type)
        if response.status_code != 200:
            return f"{media_type}: {_told(response)}"
        if fault := _different(triples_of(response.data, format_, SITE), wanted, case, media_type):
            return fault
    return None


def _as_csv(client: FlaskClient, case: Case) -> str | None:
    assert case.result
    response = _sent(client, _located(case), _dataset(case), _ACCEPT["csv"])
    found, wanted = cells(response.text), expected(case.result)
    return None if found == wanted else f"{found} and not {wanted}"


def _refused(client: FlaskClient, case: Case) -> str | None:
    """An update does nothing here, whether it is sent as one or as a query."""
    assert case.query, case.iri
    update = file_of(case.query).read_text(encoding="utf-8")
    as_update = client.post("/sparql", data=update.encode(), content_type="application/sparql-update")
    as_query = client.post("/sparql", data=update.encode(), content_type="application/sparql-query")
    if as_update.status_code != 403 or as_query.status_code not in (400, 403):
        return f"{as_update.status_code} as an update, {as_query.status_code} as a query"
    return None


def _different(found: Answer, wanted: Answer, case: Case, format_: str) -> str | None:
    if isinstance(wanted, Table) and "ORDER BY" in _text(case).rpartition("}")[2].upper():
        wanted = Table(wanted.names, wanted.rows, ordered=True)
    if same(found, wanted, lax=case.lax):
        return None
    return f"{format_}: {_short(found)} and not {_short(wanted)}"


def _short(answer: Answer) -> str:
    if isinstance(answer, bool):
        return str(answer)
    rows = answer.rows if isinstance(answer, Table) else answer
    return "; ".join(sorted(str(each) for each in rows))[:2000]


def _text(case: Case) -> str:
    assert case.query, case.iri
    return file_of(case.query).read_text(encoding="utf-8")


def _located(case: Case) -> str:
    """The query with its own file as the base: over HTTP it has no place that it comes from."""
    return f"BASE <{case.query}>\n{_text(case)}"


def _dataset(case: Case) -> dict[str, list[str]]:
    """The graphs of a test: those that its query names, else those of the manifest, else none."""
    if re.search(r"^\s*FROM\b", _text(case), re.IGNORECASE | re.MULTILINE):
        return {}
    if case.default or case.named:
        return {"default-graph-uri": list(case.default), "named-graph-uri": list(case.named)}
    return {"default-graph-uri": [NOTHING]}


def _sent(client: FlaskClient, query: str, fields: dict[str, list[str]], accept: str) -> TestResponse:
    """By GET, by form or as it is: each way gets its share of the tests."""
    headers = {"Accept": accept}
    way = len(query) % 3
    if way == 0:
        return client.get("/sparql", query_string={"query": query, **fields}, headers=headers)
    if way == 1:
        return client.post("/sparql", data={"query": query, **fields}, headers=headers)
    return client.post(
        "/sparql",
        query_string=fields,
        data=query.encode(),
        content_type="application/sparql-query",
        headers=headers,
    )


def _told(response: TestResponse) -> str:
    problem = response.get_json(silent=True) or {}
    return f"{response.status_code} {problem.get('detail', '')}"
