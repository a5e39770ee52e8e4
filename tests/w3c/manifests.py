"""The W3C's test manifests, read as values: which query, on which graphs, and what is to come out.

Each file has the IRI that it has on the W3C's site, so that what the manifests, the queries and the expected
results name by relative IRIs is the same thing.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from pyoxigraph import NamedNode, RdfFormat, Store
from pyoxigraph import parse as parse_rdf

ROOT = Path(os.environ.get("W3C_SPARQL_TESTS") or Path(__file__).resolve().parents[3] / "shared/w3c-sparql")
"""The folder of the tests; the default is beside the checkout. It may be absent."""

SITE = "https://w3c.github.io/rdf-tests/sparql/"
SUFFIXES = {".ttl": RdfFormat.TURTLE, ".nt": RdfFormat.N_TRIPLES, ".rdf": RdfFormat.RDF_XML}

LEFT_OUT = {
    "entailment": "the endpoint offers no entailment regime",
    "graph-store-protocol": "the graph is read-only",
    "http-rdf-update": "the graph is read-only",
}
"""Folders of which no test is run, and why. Those of updates are: each is to be refused."""

_MF = "http://www.w3.org/2001/sw/DataAccess/tests/test-manifest#"
_CASES = """
PREFIX mf: <http://www.w3.org/2001/sw/DataAccess/tests/test-manifest#>
PREFIX qt: <http://www.w3.org/2001/sw/DataAccess/tests/test-query#>
PREFIX ut: <http://www.w3.org/2009/sparql/tests/test-update#>
SELECT ?case ?kind ?query ?result (BOUND(?cardinality) AS ?lax)
  (GROUP_CONCAT(DISTINCT COALESCE(STR(?data), "")) AS ?default)
  (GROUP_CONCAT(DISTINCT COALESCE(STR(?graph), "")) AS ?named)
WHERE {
  ?case a ?kind ; mf:name ?name .
  OPTIONAL { ?case mf:action ?action FILTER(isIRI(?action)) }
  OPTIONAL { ?case mf:action/(qt:query|ut:request) ?in }
  BIND(COALESCE(?in, ?action) AS ?query)
  OPTIONAL { ?case mf:result ?result FILTER(isIRI(?result)) }
  OPTIONAL { ?case mf:action/qt:data ?data FILTER(isIRI(?data)) }
  OPTIONAL { ?case mf:action/qt:graphData ?graph FILTER(isIRI(?graph)) }
  OPTIONAL { ?case mf:resultCardinality ?cardinality }
  FILTER(STRSTARTS(STR(?kind), STR(mf:)))
}
GROUP BY ?case ?kind ?query ?result ?cardinality
"""


@dataclass(frozen=True)
class Case:
    """One test. `default` and `named` are the IRIs of its graphs, `lax` is that of REDUCED."""

    iri: str
    kind: str
    query: str | None
    result: str | None
    default: tuple[str, ...]
    named: tuple[str, ...]
    lax: bool
    folder: Path

    @property
    def is_update(self) -> bool:
        """Whether it tests an update, which is to be refused here."""
        return self.query is not None and self.query.endswith(".ru")


def folders() -> list[Path]:
    """The folders with a manifest of which tests are run."""
    found = sorted(each.parent for each in ROOT.glob("sparql1?/*/manifest.ttl"))
    return [each for each in found if each.name not in LEFT_OUT]


def cases(folder: Path) -> list[Case]:
    """The tests of one folder's manifest, in the order of their names."""
    store = described(folder)
    found = [
        Case(
            iri=row["case"].value,
            kind=row["kind"].value.removeprefix(_MF),
            query=row["query"].value if row["query"] else None,
            result=row["result"].value if row["result"] else None,
            default=tuple(sorted(row["default"].value.split())),
            named=tuple(sorted(row["named"].value.split())),
            lax=row["lax"].value == "true",
            folder=folder,
        )
        for row in store.query(_CASES)  # type: ignore[union-attr]
    ]
    return sorted(found, key=lambda case: case.iri)


def described(folder: Path) -> Store:
    """A folder's manifest as a store."""
    store = Store()
    manifest = folder / "manifest.ttl"
    store.load(path=str(manifest), format=RdfFormat.TURTLE, base_iri=iri_of(manifest))
    return store


def iri_of(file: Path) -> str:
    """The IRI of a file of the tests."""
    return SITE + file.relative_to(ROOT).as_posix()


def file_of(iri: str) -> Path:
    """The file that has this IRI."""
    return ROOT / iri.removeprefix(SITE)


def graphs() -> Iterator[tuple[str, Path]]:
    """Every RDF file of the folders whose tests are run, and the name of its graph."""
    for folder in folders():
        for file in sorted(folder.rglob("*")):
            if file.suffix in SUFFIXES and file.name != "manifest.ttl":
                yield iri_of(file), file


def fill(store: Store, name: str, file: Path) -> None:
    """Put a file into a store as one named graph; its blank nodes are its own. An empty one is there too."""
    graph = NamedNode(name)
    store.add_graph(graph)
    store.extend(
        quad.__class__(quad.subject, quad.predicate, quad.object, graph)
        for quad in parse_rdf(
            path=str(file), format=SUFFIXES[file.suffix], base_iri=iri_of(file), rename_blank_nodes=True
        )
    )
