"""The larger graphs that `make bench` measures: sound, the same everywhere, with hubs."""

from collections import Counter
from pathlib import Path

import pyoxigraph as ox
import pytest
from bench import scale

from ldnkg.sources import Sources, load
from ldnkg.validate.index import Index
from ldnkg.validate.whole import check

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def larger(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The curated graph with at least 100,000 triples."""
    return scale.sources(ROOT, tmp_path_factory.mktemp("scale") / "first", "100k")


@pytest.fixture(scope="module")
def found(larger: Path) -> Sources:
    return load(larger)


def test_a_larger_graph_has_the_size_that_was_asked_for(found: Sources) -> None:
    assert 100_000 <= sum(len(file.triples) for file in found.files) < 150_000


def test_no_copy_leads_nowhere_or_repeats_another(found: Sources) -> None:
    assert not [str(problem) for problem in check(Index(found)) if problem.severity == "violation"]


def test_no_two_records_share_an_identifier(found: Sources) -> None:
    shared = {value for value, count in Counter(_identifiers(found)).items() if count > 1}
    assert shared <= set(_identifiers(load(ROOT)))


def test_the_same_seed_gives_the_same_bytes(larger: Path, tmp_path: Path) -> None:
    again = scale.sources(ROOT, tmp_path / "again", "100k")
    assert _copies(again) == _copies(larger)
    assert _copies(scale.sources(ROOT, tmp_path / "other", "100k", seed=2)) != _copies(larger)


def test_what_the_studies_are_about_becomes_a_hub(found: Sources) -> None:
    before, after = _links(load(ROOT), "id/condition/"), _links(found, "id/condition/")
    assert set(before) == set(after)
    assert max(after.values()) > 2 * max(before.values())


def _copies(folder: Path) -> list[bytes]:
    return [file.read_bytes() for file in sorted((folder / "graph").glob("copy-*.ttl"))]


def _identifiers(sources: Sources) -> list[tuple[str, str]]:
    """DOIs and numbers in PubMed, with the property that has them."""
    return [
        (triple.predicate.value, str(triple.object))
        for file in sources.files
        if file.kind == "graph"
        for triple in file.triples
        if triple.predicate.value.endswith(("doi", "pmid", "pmcid"))
    ]


def _links(sources: Sources, below: str) -> Counter[str]:
    """How many links lead to each thing below a path."""
    start = sources.base + below
    return Counter(
        triple.object.value
        for file in sources.files
        for triple in file.triples
        if isinstance(triple.object, ox.NamedNode) and triple.object.value.startswith(start)
    )
