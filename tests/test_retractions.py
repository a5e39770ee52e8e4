"""A retracted paper is marked wherever it is used."""

import pyoxigraph as ox
import pytest
from test_graph_counts import ROOT

PREFIXES = """PREFIX ldn: <https://w3id.org/ldn-kg/ont#> PREFIX v: <https://w3id.org/ldn-kg/vocab#>
PREFIX skos: <http://www.w3.org/2004/02/skos/core#>"""


@pytest.fixture(scope="module")
def papers() -> ox.Store:
    """The papers alone."""
    store = ox.Store()
    for file in (ROOT / "graph" / "paper").glob("*.ttl"):
        store.load(path=file, format=ox.RdfFormat.TURTLE)
    return store


def test_the_name_of_a_retracted_paper_says_so(papers: ox.Store) -> None:
    query = f"""{PREFIXES} SELECT ?name WHERE {{
        ?paper ldn:hasNotice ?notice ; skos:prefLabel ?name . ?notice ldn:noticeType v:retraction }}"""
    names = [str(row["name"].value) for row in papers.query(query)]  # type: ignore[union-attr]
    assert len(names) == 2
    assert all(name.endswith(" (retracted)") for name in names)


def test_no_other_paper_is_called_retracted(papers: ox.Store) -> None:
    query = f"""{PREFIXES} ASK {{ ?paper a ldn:Article ; skos:prefLabel ?name
        FILTER(CONTAINS(?name, "(retracted)")) FILTER NOT EXISTS {{ ?paper ldn:hasNotice ?notice }} }}"""
    assert not papers.query(query)
