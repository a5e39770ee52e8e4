"""The description of a release says what its files hold."""

import hashlib
from collections import Counter
from pathlib import Path

import pyoxigraph as ox
import pytest

from ldnkg.dataset import count, dcat, void
from ldnkg.dumps import Dump, write_dumps
from ldnkg.iris import PREFIXES
from ldnkg.sources import load, quads

BASE = "https://example.org/lights/"
DATASET = ox.NamedNode(BASE + "dataset")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "dumps").mkdir()
    return tmp_path / "dumps"


@pytest.fixture
def dumps(lights: Path, folder: Path) -> list[Dump]:
    sources = load(lights)
    return write_dumps(folder, set(quads(sources)), base=BASE, prefixes=sources.prefixes, context=None)


@pytest.fixture
def described(lights: Path, dumps: list[Dump]) -> ox.Store:
    """The whole description, in a store to ask."""
    sources = load(lights)
    triples = {triple for file in sources.files for triple in file.triples}
    store = ox.Store()
    found = [*void(DATASET, count(triples, BASE), dumps, BASE, sources.prefixes)]
    found += dcat(DATASET, triples, dumps, BASE)
    store.extend(ox.Quad(each.subject, each.predicate, each.object) for each in found)
    return store


def values(store: ox.Store, subject: ox.NamedNode, name: str) -> list[str]:
    prefix, _, local = name.partition(":")
    pattern = store.quads_for_pattern(subject, ox.NamedNode(PREFIXES[prefix] + local), None)
    return [quad.object.value for quad in pattern if not isinstance(quad.object, ox.Triple)]


def held(folder: Path) -> list[ox.Triple]:
    """The triples of the N-Triples dump, read back."""
    body = (folder / "graph.nt").read_bytes()
    return [quad.triple for quad in ox.parse(body, format=ox.RdfFormat.N_TRIPLES)]


def test_the_numbers_are_those_of_the_file(described: ox.Store, folder: Path) -> None:
    triples = held(folder)
    assert values(described, DATASET, "void:triples") == [str(len(triples))]
    assert values(described, DATASET, "void:distinctSubjects") == [
        str(len({each.subject for each in triples}))
    ]
    assert values(described, DATASET, "void:distinctObjects") == [str(len({each.object for each in triples}))]
    assert values(described, DATASET, "void:properties") == [str(len({each.predicate for each in triples}))]
    assert values(described, DATASET, "void:entities") == ["3"]  # two lights and a keeper; a lamp is a part


@pytest.mark.parametrize(
    ("kind", "size"), [("class", "void:entities"), ("property", "void:triples")], ids=["class", "property"]
)
def test_every_partition_has_the_size_of_its_term(
    described: ox.Store, folder: Path, kind: str, size: str
) -> None:
    rdf_type = ox.NamedNode(PREFIXES["rdf"] + "type")
    terms = [
        each.object if kind == "class" else each.predicate
        for each in held(folder)
        if kind == "property" or each.predicate == rdf_type
    ]
    partitions = values(described, DATASET, f"void:{kind}Partition")
    told = {
        values(described, ox.NamedNode(part), f"void:{kind}")[0]: values(described, ox.NamedNode(part), size)
        for part in partitions
    }
    assert told == {str(term.value): [str(number)] for term, number in Counter(terms).items()}  # type: ignore[union-attr]
    assert values(described, DATASET, f"void:{'classes' if kind == 'class' else 'properties'}") == [
        str(len(told))
    ]


def test_every_file_is_a_distribution_with_its_size_and_checksum(described: ox.Store, folder: Path) -> None:
    names = []
    for iri in values(described, DATASET, "dcat:distribution"):
        file = ox.NamedNode(iri)
        (url,) = values(described, file, "dcat:downloadURL")
        names.append(url.removeprefix(BASE + "download/"))
        body = (folder / names[-1]).read_bytes()
        assert values(described, file, "dcat:byteSize") == [str(len(body))]
        (checksum,) = values(described, file, "spdx:checksum")
        digest = hashlib.sha256(body).hexdigest()
        assert values(described, ox.NamedNode(checksum), "spdx:checksumValue") == [digest]
        assert values(described, file, "dcterms:license") == [
            "https://creativecommons.org/publicdomain/zero/1.0/"
        ]
        assert len(values(described, file, "dcat:compressFormat")) == (1 if url.endswith(".gz") else 0)
    assert sorted(names) == sorted(file.name for file in folder.iterdir())


def test_the_description_names_the_endpoint_and_the_dumps_in_rdf(described: ox.Store) -> None:
    assert values(described, DATASET, "void:sparqlEndpoint") == [BASE + "sparql"]
    assert f"{BASE}download/graph.ttl.gz" in values(described, DATASET, "void:dataDump")
    assert f"{BASE}download/light.csv" not in values(described, DATASET, "void:dataDump")


def test_the_description_has_no_blank_node(described: ox.Store) -> None:
    assert not any(isinstance(term, ox.BlankNode) for quad in described for term in quad.triple)
