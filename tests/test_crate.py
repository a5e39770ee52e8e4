"""The zip of a release is an RO-Crate, the same each time, that its own reader opens."""

import hashlib
import json
import shutil
import subprocess
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pyoxigraph as ox
import pytest
from conftest import LIGHTS, write
from pyoxigraph import Literal, NamedNode
from rocrate.rocrate import ROCrate
from served import BASE

from ldnkg.dataset import About, crate_name
from ldnkg.release import Release, build
from ldnkg.sources import load

AGENT = """\
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .

<https://example.org/lights/id/agent/smeaton> a <http://xmlns.com/foaf/0.1/Person> ;
    skos:prefLabel "John Smeaton"@en .
"""


@pytest.fixture(scope="module")
def release(tmp_path_factory: pytest.TempPathFactory) -> Release:
    folder = tmp_path_factory.mktemp("crate")
    made_by = "dcterms:creator <https://example.org/lights/id/agent/smeaton> ;\n    dcterms:title"
    dataset = LIGHTS["graph/dataset.ttl"].replace("dcterms:title", made_by)
    files = LIGHTS | {"graph/dataset.ttl": dataset, "graph/agent/smeaton.ttl": AGENT}
    return build(load(write(folder / "lights", files)), folder / "releases", BASE)


@pytest.fixture
def unpacked(release: Release, tmp_path: Path) -> Path:
    with ZipFile(release.path / "lighthouses-1.0.0.zip") as archive:
        assert archive.testzip() is None
        archive.extractall(tmp_path / "crate")
    return tmp_path / "crate"


def entities(folder: Path) -> dict[str, dict[str, Any]]:
    """The entities of the metadata, by their identifiers."""
    graph = json.loads((folder / "ro-crate-metadata.json").read_text(encoding="utf-8"))["@graph"]
    return {each["@id"]: each for each in graph}


def test_its_own_reader_opens_it(unpacked: Path) -> None:
    crate = ROCrate(str(unpacked))
    assert crate.version == "1.2"
    assert crate.name == "Lighthouses"
    assert str(crate.root_dataset["license"].id) == "https://creativecommons.org/publicdomain/zero/1.0/"
    assert [each["name"] for each in crate.root_dataset["author"]] == ["John Smeaton"]
    assert crate.root_dataset["datePublished"] == "2026-11-01"
    assert {each.id for each in crate.data_entities} >= {
        "graph.nq",
        "graph.ttl",
        "tables/light.csv",
        "SHA256SUMS",
    }
    assert crate.preview is not None


def test_every_file_of_it_is_described_with_its_size_and_checksum(unpacked: Path) -> None:
    told = entities(unpacked)
    held = {str(each.relative_to(unpacked)) for each in unpacked.rglob("*") if each.is_file()}
    parts = {each["@id"] for each in told["./"]["hasPart"]}
    assert held == parts | {"ro-crate-metadata.json", "ro-crate-preview.html"}
    for name in parts - {"SHA256SUMS"}:
        body = (unpacked / name).read_bytes()
        assert told[name]["contentSize"] == str(len(body))
        assert told[name]["sha256"] == hashlib.sha256(body).hexdigest()


def test_whatever_it_points_to_is_in_it(unpacked: Path) -> None:
    told = entities(unpacked)
    targets = {
        value["@id"]
        for entity in told.values()
        for values in entity.values()
        for value in (values if isinstance(values, list) else [values])
        if isinstance(value, dict)
    }
    assert targets - {"https://w3id.org/ro/crate/1.2"} <= set(told)
    assert told[f"{BASE}id/agent/smeaton"] == {
        "@id": f"{BASE}id/agent/smeaton",
        "@type": "Person",
        "name": "John Smeaton",
    }


def test_its_files_check_out_when_unpacked(unpacked: Path) -> None:
    command = [shutil.which("sha256sum") or "sha256sum", "-c", "--strict", "SHA256SUMS"]
    done = subprocess.run(command, cwd=unpacked, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "ro-crate-metadata.json: OK" in done.stdout
    assert "tables/light.csv: OK" in done.stdout


def test_it_holds_the_graph_the_words_and_the_shapes_once(release: Release, unpacked: Path) -> None:
    for name in ("graph.nq", "graph.ttl"):
        assert (unpacked / name).read_bytes() == (release.path / "dumps" / name).read_bytes()
    assert not [each for each in unpacked.rglob("*") if each.suffix in {".gz", ".br", ".zst", ".rdf", ".nt"}]
    quads = list(ox.parse((unpacked / "graph.nq").read_bytes(), format=ox.RdfFormat.N_QUADS))
    for name, part in (("ontology.ttl", "ontology"), ("shapes.ttl", "shapes")):
        parsed = ox.Dataset(ox.parse((unpacked / name).read_bytes(), format=ox.RdfFormat.TURTLE))
        expected = ox.Dataset(
            ox.Quad(quad.subject, quad.predicate, quad.object)
            for quad in quads
            if quad.graph_name == ox.NamedNode(f"{BASE}graph/{part}")
        )
        for each in (parsed, expected):
            each.canonicalize(ox.CanonicalizationAlgorithm.RDFC_1_0)
        assert parsed == expected


def test_nothing_in_it_tells_the_time_or_the_machine(release: Release) -> None:
    with ZipFile(release.path / "lighthouses-1.0.0.zip") as archive:
        entries = archive.infolist()
    assert [each.filename for each in entries] == sorted(each.filename for each in entries)
    assert {each.date_time for each in entries} == {(1980, 1, 1, 0, 0, 0)}
    assert {(each.create_system, each.external_attr) for each in entries} == {(3, 0o100644 << 16)}


def test_the_preview_shows_markup_as_text(tmp_path: Path) -> None:
    title = LIGHTS["graph/dataset.ttl"].replace("Lighthouses", "<b>Lights</b> & co")
    sources = write(tmp_path / "lights", LIGHTS | {"graph/dataset.ttl": title})
    release = build(load(sources), tmp_path / "releases", BASE)
    with ZipFile(release.path / "b-lights-b-co-1.0.0.zip") as archive:
        page = archive.read("ro-crate-preview.html").decode()
    assert "<h1>&lt;b&gt;Lights&lt;/b&gt; &amp; co</h1>" in page


@pytest.mark.parametrize(
    ("title", "version", "name"),
    [
        ("LDN Knowledge Graph", "0.1.0", "ldn-knowledge-graph-0.1.0.zip"),
        ("Φάροι", "2026/11 β", "dataset-2026-11-.zip"),
        ("../../etc/passwd", "..", "etc-passwd-...zip"),
        ("x" * 500, "1", "x" * 60 + "-1.zip"),
    ],
)
def test_its_name_is_fit_for_every_file_system(title: str, version: str, name: str) -> None:
    node = NamedNode(f"{BASE}dataset")
    about = About(node, title, title, version, None, None, Literal("2026"), title, (), (), (), ())
    assert crate_name(about, version) == name
