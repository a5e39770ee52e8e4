"""Every shape has been seen to fail, by a file that breaks just that; the curated graph breaks none."""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pyoxigraph
import pytest
from rdflib import RDF, RDFS, SH, BNode, Graph, URIRef
from rdflib.term import Node

from ldnkg.sources import Sources, load
from ldnkg.validate import validate

ROOT = Path(__file__).resolve().parents[1]
BROKEN = sorted((ROOT / "tests" / "broken").glob("*.ttl"))
SHAPES = "https://w3id.org/ldn-kg/shapes#"
DATASET = "https://w3id.org/ldn-kg/dataset"

LAYOUT = {SH.path, SH.name, SH.description, SH.order, SH.group, SH.message, SH.severity, SH.deactivated}
"""What SHACL lets a shape say without constraining anything."""

TARGETS = {SH.targetClass, SH.targetNode, SH.targetSubjectsOf, SH.targetObjectsOf}

PARTS = {SH.property, SH.sparql}
"""What has an IRI of its own, and so a broken file of its own."""

WARNINGS = {
    "GraphAdvice-percent-count https://w3id.org/ldn-kg/id/trial/penn-state-crohn-rct#r4-a1": (
        "5 of 18 is 28%, the record says 30%: both were recalled, not read, and are marked unverified."
    ),
}
"""Warnings that the curated graph keeps: the rule and the thing, with the reason."""


@dataclass(frozen=True)
class Finding:
    """One validation result: the rules that failed (with the nested ones), and the node that breaks them."""

    rules: frozenset[str]
    node: str
    warning: bool


def subjects(file: Path) -> set[str]:
    """The IRIs that a file describes."""
    triples = pyoxigraph.parse(path=str(file), format=pyoxigraph.RdfFormat.TURTLE)
    return {each.subject.value for each in triples if isinstance(each.subject, pyoxigraph.NamedNode)}


def promised(file: Path) -> set[str]:
    """The rules that a broken file says it breaks."""
    return set(re.findall(r"^# breaks: (\S+)$", file.read_text(encoding="utf-8"), re.MULTILINE))


def findings(sources: Sources) -> list[Finding]:
    """What the shapes say, each result with the rules nested in it; other checks name no shape."""
    triples = validate(sources).graph
    report = Graph().parse(
        data=pyoxigraph.serialize(triples, format=pyoxigraph.RdfFormat.N_TRIPLES), format="nt"
    )
    results = [each for each in report.objects(None, SH.result) if report.value(each, SH.sourceShape)]
    return [finding(report, each) for each in results]


def finding(report: Graph, result: Node) -> Finding:
    nested = [rule(report, each) for each in report.transitive_objects(result, SH.detail)]
    focus, value = str(report.value(result, SH.focusNode)), str(report.value(result, SH.value))
    warning = report.value(result, SH.resultSeverity) == SH.Warning
    return Finding(frozenset(nested), value if focus == DATASET else focus, warning)


def rule(report: Graph, result: Node | None) -> str:
    """The rule that a result names: its SPARQL constraint, else its shape."""
    source = report.value(result, SH.sourceConstraint) or report.value(result, SH.sourceShape)
    return str(source).removeprefix(SHAPES)


def constrained(shapes: Graph) -> Iterator[str]:
    """Local names of everything in the shapes that has an IRI and can fail."""
    for shape in {*shapes.subjects(RDF.type, SH.NodeShape), *shapes.subjects(RDF.type, SH.PropertyShape)}:
        says = {each for each in shapes.predicates(shape) if str(each).startswith(str(SH))}
        if not isinstance(shape, BNode) and says - LAYOUT - TARGETS - PARTS:
            yield str(shape).removeprefix(SHAPES)
    for constraint in shapes.subjects(RDF.type, SH.SPARQLConstraint):
        yield str(constraint).removeprefix(SHAPES)


@pytest.fixture(scope="module")
def shapes() -> Graph:
    graph = Graph()
    for file in sorted((ROOT / "shapes").glob("*.ttl")):
        graph.parse(file)
    return graph


@pytest.fixture(scope="module")
def curated() -> Sources:
    return load(ROOT)


@pytest.fixture(scope="module")
def of_curated(curated: Sources) -> list[Finding]:
    return findings(curated)


@pytest.fixture(scope="module")
def of_broken(tmp_path_factory: pytest.TempPathFactory) -> list[Finding]:
    """One validation of all broken files: each has subjects of its own, so each result has one origin."""
    root = tmp_path_factory.mktemp("broken")
    for kind in ("ontology", "shapes"):
        (root / kind).symlink_to(ROOT / kind)
    (root / "graph").mkdir()
    for each in [*(ROOT / "graph").iterdir(), ROOT / "tests" / "broken"]:
        (root / "graph" / each.name).symlink_to(each)
    return findings(load(root))


def test_broken_files_share_no_subject_with_each_other_or_with_the_graph(curated: Sources) -> None:
    owners = Counter(subject for file in BROKEN for subject in subjects(file))
    known = {triple.subject for file in curated.files for triple in file.triples}
    shared = [each for each, count in owners.items() if count > 1 or pyoxigraph.NamedNode(each) in known]
    assert shared == []


@pytest.mark.parametrize("file", BROKEN, ids=lambda file: file.stem)
def test_a_broken_file_breaks_just_what_it_says(file: Path, of_broken: list[Finding]) -> None:
    own = subjects(file)
    found = {name for each in of_broken if each.node in own for name in each.rules}
    assert found == promised(file)


def test_broken_files_break_nothing_else(of_broken: list[Finding], of_curated: list[Finding]) -> None:
    own = {subject for file in BROKEN for subject in subjects(file)}
    assert {each for each in of_broken if each.node not in own} == set(of_curated)


def test_no_shape_is_without_a_broken_file_of_its_name(shapes: Graph) -> None:
    assert set(constrained(shapes)) == {file.stem for file in BROKEN}


def test_a_broken_file_is_named_after_a_shape_that_it_breaks() -> None:
    assert [file.name for file in BROKEN if file.stem not in promised(file)] == []


def test_the_curated_graph_conforms(of_curated: list[Finding]) -> None:
    assert [each for each in of_curated if not each.warning] == []


def test_every_warning_left_has_a_reason(of_curated: list[Finding]) -> None:
    assert {f"{name} {each.node}" for each in of_curated for name in each.rules if each.warning} == set(
        WARNINGS
    )


def test_every_target_class_has_an_instance(shapes: Graph, curated: Sources) -> None:
    kind = pyoxigraph.NamedNode(str(RDF.type))
    triples = [triple for file in curated.files for triple in file.triples if triple.predicate == kind]
    types = {triple.object.value for triple in triples if isinstance(triple.object, pyoxigraph.NamedNode)}
    assert {str(each) for each in shapes.objects(None, SH.targetClass)} - types == set()


def test_every_shape_is_reachable_and_says_what_is_right(shapes: Graph) -> None:
    reached = {each for part in PARTS for each in shapes.objects(None, part)}
    orphans = [each for each in shapes.subjects(RDF.type, SH.PropertyShape) if each not in reached]
    silent = [
        name for name in constrained(shapes) if not any(shapes.objects(URIRef(SHAPES + name), SH.message))
    ]
    assert (orphans, silent) == ([], [])


def test_every_group_has_a_label_and_an_order(shapes: Graph) -> None:
    groups = set(shapes.objects(None, SH.group))
    assert groups == set(shapes.subjects(RDF.type, SH.PropertyGroup))
    assert [
        each for each in groups if not (shapes.value(each, SH.order) and shapes.value(each, RDFS.label))
    ] == []
