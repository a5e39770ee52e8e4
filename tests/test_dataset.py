"""The description of a release says what its files hold: every number is counted again, from the files."""

import gzip
import hashlib
import re
from collections import Counter, defaultdict
from pathlib import Path

import pyoxigraph as ox
import pytest
from conftest import LIGHTS, write
from served import BASE

from ldnkg.codings import CODINGS
from ldnkg.iris import PREFIXES
from ldnkg.release import Release, build
from ldnkg.sources import load

MEDIA_TYPES = "https://www.iana.org/assignments/media-types/"
GONE = """\
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .

<https://example.org/lights/id/light/gone> owl:deprecated true ;
    skos:prefLabel "Gone"@en .
"""


class Described:
    """A release and its description, in a store to ask."""

    def __init__(self, release: Release, base: str) -> None:
        self.release, self.folder = release, release.path
        self.base, self.dataset = base, ox.NamedNode(f"{base}dataset")
        self.store = ox.Store()
        for name in ("void.ttl", "dataset.ttl"):
            self.store.load((self.folder / name).read_bytes(), format=ox.RdfFormat.TURTLE)

    def values(self, subject: ox.NamedNode | str, name: str) -> list[str]:
        """The values of a property such as `void:triples`."""
        node = ox.NamedNode(subject) if isinstance(subject, str) else subject
        prefix, _, local = name.partition(":")
        pattern = self.store.quads_for_pattern(node, ox.NamedNode(PREFIXES[prefix] + local), None)
        return [quad.object.value for quad in pattern if not isinstance(quad.object, ox.Triple)]

    def value(self, subject: ox.NamedNode | str, name: str) -> str:
        """The one value of a property."""
        (found,) = self.values(subject, name)
        return found

    def ask(self, query: str) -> list[list[str]]:
        """The rows of a SELECT query, as the texts of their terms."""
        prologue = "".join(f"PREFIX {name}: <{PREFIXES[name]}> " for name in ("void", "void-ext"))
        found = self.store.query(prologue + query)
        assert isinstance(found, ox.QuerySolutions)
        return [[str(getattr(term, "value", "")) for term in row] for row in found]

    def files(self) -> dict[str, str]:
        """The distributions that are files, by the name of the file."""
        found = {}
        for each in self.values(self.dataset, "dcat:distribution"):
            for url in self.values(each, "dcat:downloadURL"):
                found[url.removeprefix(f"{self.base}download/")] = each
        return found

    def held(self) -> list[ox.Triple]:
        """The triples of the whole graph, read from the address that the description gives."""
        assert f"{self.base}download/graph.nt" in self.values(self.dataset, "void:dataDump")
        body = (self.folder / "dumps" / "graph.nt").read_bytes()
        return [quad.triple for quad in ox.parse(body, format=ox.RdfFormat.N_TRIPLES)]


@pytest.fixture(scope="module", params=["lighthouses", "curated"])
def described(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Described:
    if request.param == "curated":
        return Described(request.getfixturevalue("curated"), BASE)
    folder = tmp_path_factory.mktemp("described")
    sources = write(folder / "lights", LIGHTS | {"graph/light/gone.ttl": GONE})
    return Described(build(load(sources), folder / "releases", BASE), BASE)


def test_the_numbers_are_those_of_the_file(described: Described) -> None:
    triples = described.held()
    counted = {
        "void:triples": len(triples),
        "void:distinctSubjects": len({each.subject for each in triples}),
        "void:distinctObjects": len({each.object for each in triples}),
        "void:properties": len({each.predicate for each in triples}),
    }
    assert {name: int(described.value(described.dataset, name)) for name in counted} == counted


def test_things_are_what_the_pattern_matches_but_for_tombstones(described: Described) -> None:
    pattern = re.compile(described.value(described.dataset, "void:uriRegexPattern"))
    space = described.value(described.dataset, "void:uriSpace")
    triples = described.held()
    subjects = {each.subject.value for each in triples if isinstance(each.subject, ox.NamedNode)}
    things = {iri for iri in subjects if pattern.search(iri) and iri.startswith(space)}
    deprecated = {
        each.subject.value
        for each in triples
        if each.predicate.value == PREFIXES["owl"] + "deprecated" and isinstance(each.subject, ox.NamedNode)
    }
    assert int(described.value(described.dataset, "void:entities")) == len(things - deprecated)
    assert not pattern.search(f"{BASE}id/light/eddystone#lamp")
    assert not pattern.search("https://lightsXexample/id/light/eddystone")


@pytest.mark.parametrize(
    ("kind", "size", "total"),
    [("class", "void:entities", "void:classes"), ("property", "void:triples", "void:properties")],
    ids=["class", "property"],
)
def test_every_partition_has_the_size_of_its_term(
    described: Described, kind: str, size: str, total: str
) -> None:
    rdf_type = ox.NamedNode(PREFIXES["rdf"] + "type")
    counted = Counter(
        each.object if kind == "class" else each.predicate
        for each in described.held()
        if kind == "property" or each.predicate == rdf_type
    )
    partitions = described.values(described.dataset, f"void:{kind}Partition")
    told = {described.value(part, f"void:{kind}"): int(described.value(part, size)) for part in partitions}
    assert told == {str(getattr(term, "value", term)): number for term, number in counted.items()}
    assert int(described.value(described.dataset, total)) == len(told)


def test_the_properties_of_each_class_and_what_they_lead_to_are_counted(described: Described) -> None:
    triples, rdf_type = described.held(), PREFIXES["rdf"] + "type"
    classes: dict[object, set[str]] = defaultdict(set)
    for each in triples:
        if each.predicate.value == rdf_type and isinstance(each.object, ox.NamedNode):
            classes[each.subject].add(each.object.value)
    uses: Counter[tuple[str, str]] = Counter()
    values: Counter[tuple[str, str, str]] = Counter()
    for each in triples:
        for class_ in classes.get(each.subject, ()):
            uses[class_, each.predicate.value] += 1
            literal = isinstance(each.object, ox.Literal) and {each.object.datatype.value}
            for kind in literal or classes.get(each.object, set()):
                values[class_, each.predicate.value, kind] += 1
    told = described.ask(
        """SELECT ?class ?property ?n { ?dataset a void:Dataset ; void:classPartition ?part .
           ?part void:class ?class ; void:propertyPartition [ void:property ?property ; void:triples ?n ] }"""
    )
    assert {tuple(row[:2]): int(row[2]) for row in told} == uses
    told = described.ask(
        """SELECT ?class ?property ?kind ?n { ?part void:class ?class ; void:propertyPartition ?uses .
           ?uses void:property ?property ; void:classPartition|void-ext:datatypePartition ?values .
           ?values void:class|void-ext:datatype ?kind ; void:triples ?n }"""
    )
    assert {tuple(row[:3]): int(row[3]) for row in told} == values


def test_every_dump_is_a_distribution_with_its_size_and_checksum(described: Described) -> None:
    files = described.files()
    dumps = {file.name: file for file in (described.folder / "dumps").iterdir()}
    assert {name for name in files if not name.endswith(".zip")} == set(dumps)
    for name, file in dumps.items():
        body = file.read_bytes()
        assert int(described.value(files[name], "dcat:byteSize")) == len(body)
        checksum = described.value(files[name], "spdx:checksum")
        assert described.value(checksum, "spdx:checksumValue") == hashlib.sha256(body).hexdigest()
        assert described.value(checksum, "spdx:algorithm") == PREFIXES["spdx"] + "checksumAlgorithm_sha256"


def test_a_compressed_distribution_says_how_and_of_what(described: Described) -> None:
    files = described.files()
    for coding in CODINGS:
        file = files[f"graph.ttl.{coding.suffix}"]
        assert described.values(file, "dcat:compressFormat") == [MEDIA_TYPES + coding.media_type]
        assert described.values(file, "dcat:mediaType") == [MEDIA_TYPES + "text/turtle"]
    assert described.values(files["graph.ttl"], "dcat:compressFormat") == []
    packed = (described.folder / "dumps" / "graph.ttl.gz").read_bytes()
    assert gzip.decompress(packed) == (described.folder / "dumps" / "graph.ttl").read_bytes()


def test_every_distribution_has_licence_title_and_date(described: Described) -> None:
    (license_,) = described.values(described.dataset, "dcterms:license")
    issued = described.values(described.dataset, "dcterms:issued")
    for each in described.values(described.dataset, "dcat:distribution"):
        assert described.values(each, "dcterms:license") == [license_]
        assert len(described.values(each, "dcterms:title")) == 1
        assert described.values(each, "dcat:accessURL")
    assert all(described.values(each, "dcterms:issued") == issued for each in described.files().values())


def test_the_zip_is_a_distribution_that_has_its_checksum_elsewhere(described: Described) -> None:
    (name,) = (name for name in described.files() if name.endswith(".zip"))
    assert described.values(described.files()[name], "dcat:packageFormat") == [
        MEDIA_TYPES + "application/zip"
    ]
    sums = (described.folder / "SHA256SUMS").read_text(encoding="utf-8")
    assert f"{hashlib.sha256((described.folder / name).read_bytes()).hexdigest()}  {name}\n" in sums


def test_rdf_dumps_are_named_once_each(described: Described) -> None:
    """The compressed ones hold the same, and VoID takes several dumps for parts of a whole."""
    dumps = described.values(described.dataset, "void:dataDump")
    assert {each.removeprefix(f"{BASE}download/") for each in dumps} == {
        f"graph.{suffix}" for suffix in ("ttl", "jsonld", "nt", "rdf", "nq")
    }
    assert len(described.values(described.dataset, "void:feature")) == len(dumps)


def test_the_endpoint_is_a_service_of_the_dataset(described: Described) -> None:
    service = f"{BASE}sparql"
    assert described.values(described.dataset, "void:sparqlEndpoint") == [service]
    ways = described.values(described.dataset, "dcat:distribution")
    assert [each for each in ways if described.values(each, "dcat:accessService") == [service]]
    assert PREFIXES["dcat"] + "DataService" in described.values(service, "rdf:type")
    assert described.values(service, "dcat:endpointURL") == [service]
    assert described.values(service, "dcat:endpointDescription") == [service]
    assert described.values(service, "dcat:servesDataset") == [described.dataset.value]


def test_the_dataset_is_in_a_series_and_has_this_version(described: Described) -> None:
    series = described.value(described.dataset, "dcat:inSeries")
    assert series == f"{BASE}dataset/series"
    assert described.values(series, "rdf:type") == [PREFIXES["dcat"] + "DatasetSeries"]
    version = described.value(described.dataset, "dcat:version")
    own = described.value(described.dataset, "dcat:hasVersion")
    assert own == f"{BASE}dataset/{version}"
    assert described.value(own, "dcat:isVersionOf") == described.dataset.value
    assert described.values(own, "dcat:inSeries") == [series]
    assert (
        described.value(described.dataset, "owl:versionInfo")
        == version
        == described.release.manifest["version"]
    )


def test_people_find_the_page(described: Described) -> None:
    assert described.values(described.dataset, "dcat:landingPage") == [f"{BASE}dataset.html"]
    assert described.values(described.dataset, "foaf:homepage") == [BASE]


def test_the_description_has_no_blank_node(described: Described) -> None:
    assert not any(isinstance(term, ox.BlankNode) for quad in described.store for term in quad.triple)


def test_the_same_sources_give_the_same_files(lights: Path, tmp_path: Path) -> None:
    one, other = (build(load(lights), tmp_path / name, BASE) for name in ("one", "other"))
    for name in ("void.ttl", "dataset.ttl", "croissant.json", "SHA256SUMS", "lighthouses-1.0.0.zip"):
        assert (one.path / name).read_bytes() == (other.path / name).read_bytes(), name


def test_a_dataset_that_says_little_is_described_all_the_same(tmp_path: Path) -> None:
    said = "<https://example.org/lights/dataset> a <http://www.w3.org/ns/dcat#Dataset> ;\n"
    said += '    <http://purl.org/dc/terms/title> "Φάροι"@el ;\n'
    said += '    <http://rdfs.org/ns/void#uriSpace> "https://example.org/lights/" .\n'
    sources = write(tmp_path / "lights", LIGHTS | {"graph/dataset.ttl": said})
    release = build(load(sources), tmp_path / "releases", BASE)
    described = Described(release, BASE)
    assert described.values(described.dataset, "dcat:hasVersion") == [f"{BASE}dataset/{release.id}"]
    assert described.values(described.dataset, "dcat:version") == []
    assert f"dataset-{release.id}.zip" in described.files()
