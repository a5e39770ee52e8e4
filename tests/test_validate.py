"""What is found in sources that are wrong in one way, and where it is said to stand."""

from collections.abc import Collection
from dataclasses import replace
from pathlib import Path

import pytest
from conftest import ROOT
from pyoxigraph import Literal, NamedNode, Triple

from ldnkg.sources import Problem, Sources, load
from ldnkg.validate import Engine, Report, validate

BASE = "https://example.org/lights/"
SH = "http://www.w3.org/ns/shacl#"
PHAROS = "graph/light/pharos.ttl"
WINSTANLEY = "graph/keeper/winstanley.ttl"
ENGINES: tuple[Engine, ...] = ("oxigraph", "rdflib")


def change(folder: Path, name: str, old: str, new: str) -> None:
    """Replace a piece of one file."""
    text = (folder / name).read_text(encoding="utf-8")
    assert old in text
    (folder / name).write_text(text.replace(old, new), encoding="utf-8")


def add(folder: Path, name: str, statement: str) -> None:
    """A statement more at the end of a file."""
    with (folder / name).open("a", encoding="utf-8") as file:
        file.write(f"\n{statement}\n")


def problems(folder: Path, engine: Engine = "oxigraph", only: Collection[str] | None = None) -> list[Problem]:
    return list(validate(load(folder), engine=engine, only=only).problems)


def places(found: list[Problem]) -> set[tuple[str, int | None, str]]:
    return {(problem.file, problem.line, problem.rule) for problem in found}


def conforms(report: Report) -> list[object]:
    return [triple.object for triple in report.graph if triple.predicate == NamedNode(SH + "conforms")]


def results(report: Report) -> list[Triple]:
    return [triple for triple in report.graph if triple.predicate == NamedNode(SH + "result")]


def test_sources_that_are_right_conform(lights: Path) -> None:
    report = validate(load(lights))
    assert report.problems == ()
    assert report.conforms
    assert conforms(report) == [Literal(True)]


BROKEN = {
    "a height is a decimal": (PHAROS, "103.0", '"103"', 7, "Light-height"),
    "one height": (PHAROS, "103.0", "103.0, 104.0", 7, "Light-height"),
    "a state is in the list": (PHAROS, "v:dark", "v:state", 8, "Light-state"),
    "a state is needed": (PHAROS, "ex:state v:dark ;", "", 6, "Light-state"),
    "a label in a language": (PHAROS, '"@en', '"', 9, "Light-label"),
    "one label a language": (PHAROS, "@el", "@en", 9, "Light-label"),
    "keepers are keepers": (
        "graph/light/eddystone.ttl",
        "<https://example.org/lights/id/keeper/winstanley>",
        "light:pharos",
        8,
        "Light-keptBy",
    ),
}


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("broken", BROKEN.values(), ids=BROKEN)
def test_a_broken_shape_is_told_with_its_file_and_line(
    lights: Path, broken: tuple[str, str, str, int, str], engine: Engine
) -> None:
    file, old, new, line, rule = broken
    change(lights, file, old, new)
    assert places(problems(lights, engine)) == {(file, line, rule)}


def test_a_problem_reads_as_one_sentence_with_its_place(lights: Path) -> None:
    change(lights, PHAROS, "103.0", '"high"')
    (problem,) = problems(lights)
    assert str(problem) == (
        "graph/light/pharos.ttl:7: Light-height: A height is one xsd:decimal in metres, such as 49.0."
    )
    assert (problem.node, problem.value) == (BASE + "id/light/pharos", "high")


def test_a_subclass_is_checked_like_its_class(lights: Path) -> None:
    add(
        lights,
        "ontology/lights.ttl",
        'ex:Beacon a owl:Class ; rdfs:label "beacon"@en ; rdfs:subClassOf ex:Light .',
    )
    change(lights, PHAROS, "a ex:Light", "a ex:Beacon")
    change(lights, PHAROS, "103.0", '"high"')
    assert places(problems(lights)) == {(PHAROS, 7, "Light-height")}


def test_a_shape_whose_class_has_only_subclass_instances_is_no_problem(lights: Path) -> None:
    warden = 'ex:Warden a owl:Class ; rdfs:label "warden"@en ; rdfs:subClassOf ex:Keeper .'
    add(lights, "ontology/lights.ttl", warden)
    change(lights, WINSTANLEY, "a ex:Keeper", "a ex:Warden")
    assert problems(lights) == []


def test_the_sentence_is_that_of_the_shape_not_of_one_nested_in_it(lights: Path) -> None:
    change(lights, "shapes/light.ttl", "A light has one state", "One state")
    change(lights, PHAROS, "v:dark", "v:state")
    assert [problem.message for problem in problems(lights)] == ["One state of the list v:state."]


@pytest.mark.parametrize("engine", ENGINES)
def test_an_engine_sees_a_literal_as_it_is_written(lights: Path, engine: Engine) -> None:
    """rdflib would make +00:00 of the Z."""
    since = 'shp:Keeper-since a sh:PropertyShape ; sh:path skos:note ; sh:pattern "Z$" .'
    add(lights, "shapes/light.ttl", f"shp:Keeper sh:property shp:Keeper-since . {since}")
    note = f'skos:note "1698-11-14T12:00:00Z"^^<{XSD}dateTime> ; a ex:Keeper'
    change(lights, WINSTANLEY, "a ex:Keeper", note)
    assert problems(lights, engine) == []


def test_a_warning_does_not_keep_a_graph_from_conforming(lights: Path) -> None:
    change(lights, "shapes/light.ttl", "sh:maxCount 1 ;", "sh:maxCount 1 ; sh:severity sh:Warning ;")
    change(lights, PHAROS, "103.0", "103.0, 104.0")
    report = validate(load(lights))
    assert [problem.severity for problem in report.problems] == ["warning"]
    assert report.conforms


GRAPH_SHAPE = '''
shp:Graph a sh:NodeShape ;
    sh:sparql shp:Graph-heights ;
    sh:targetNode <https://example.org/lights/dataset> .

shp:Graph-heights a sh:SPARQLConstraint ;
    sh:message "Nothing is higher than 100 m."@en ;
    sh:prefixes <https://example.org/lights/ont> ;
    sh:select """SELECT $this ?value ?path
        WHERE { ?value ex:height ?h FILTER(?h > 100) BIND(ex:height AS ?path) }""" .
'''


@pytest.mark.parametrize("engine", ENGINES)
def test_what_breaks_a_constraint_on_the_whole_graph_is_told_at_its_own_place(
    lights: Path, engine: Engine
) -> None:
    add(lights, "shapes/light.ttl", GRAPH_SHAPE)
    (problem,) = problems(lights, engine)
    assert (problem.file, problem.line, problem.rule) == (PHAROS, 7, "Graph-heights")
    assert problem.message == "Nothing is higher than 100 m."


def test_a_shape_without_a_name_goes_by_that_of_its_owner(lights: Path) -> None:
    change(
        lights,
        "shapes/light.ttl",
        "sh:targetClass ex:Keeper",
        "sh:property [ sh:path ex:height ; sh:minCount 1 ] ; sh:targetClass ex:Keeper",
    )
    assert places(problems(lights)) == {(WINSTANLEY, 4, "Keeper")}


@pytest.mark.parametrize(
    "fault",
    ['sh:path ex:height ; sh:pattern "("', "sh:minCount true", 'sh:sparql [ sh:select "SELECT nonsense" ]'],
)
def test_a_shape_that_cannot_be_used_is_told_and_hides_no_other(lights: Path, fault: str) -> None:
    add(
        lights,
        "shapes/light.ttl",
        f"shp:Bad a sh:NodeShape ; sh:targetClass ex:Light ; sh:property [ sh:path ex:height ; {fault} ] .",
    )
    change(lights, PHAROS, "v:dark", "v:state")
    found = problems(lights)
    assert (PHAROS, 8, "Light-state") in places(found)
    assert {problem.file for problem in found if problem.rule == "Bad"} == {"shapes/light.ttl"}


WHOLE = {
    "a link to nothing": (
        PHAROS,
        "v:dark",
        "v:dark ; ex:keptBy light:nobody",
        8,
        {"dangling-link", "Light-keptBy"},
    ),
    "a term nobody described": (PHAROS, "v:dark", "v:drak", 8, {"dangling-link", "Light-state"}),
    "a property that is not declared": (PHAROS, "ex:height", "ex:hieght", 7, {"undeclared-property"}),
    "a class that is not declared": (
        WINSTANLEY,
        "a ex:Keeper",
        "a ex:Keeper, ex:Man",
        4,
        {"undeclared-class"},
    ),
    "a property used as a class": (
        WINSTANLEY,
        "a ex:Keeper",
        "a ex:Keeper, ex:lamp",
        4,
        {"undeclared-class"},
    ),
    "a shape for nothing": (
        "shapes/light.ttl",
        "sh:targetClass ex:Keeper",
        "sh:targetClass ex:Lapm",
        76,
        {"target-class", "dangling-link"},
    ),
    "a blank node": (PHAROS, "v:dark", 'v:dark ; ex:lamp [ skos:prefLabel "x" ]', 8, {"blank-node"}),
    "a subject that is not ours": (
        PHAROS,
        "light:pharos a",
        "<https://example.org/else> skos:note 'x' . light:pharos a",
        6,
        {"foreign-subject", "wrong-file"},
    ),
    "a thing in the file of another": (
        PHAROS,
        "light:pharos a",
        "light:eddystone ex:height 49.1 . light:pharos a",
        6,
        {"wrong-file", "Light-height"},
    ),
    "a thing without a name": (
        WINSTANLEY,
        "skos:prefLabel",
        "skos:note",
        4,
        {"missing-label", "Keeper-label"},
    ),
    "a date that is none": (
        WINSTANLEY,
        "a ex:Keeper",
        'skos:note "2026-02-30"^^<http://www.w3.org/2001/XMLSchema#date> ; a ex:Keeper',
        4,
        {"ill-typed"},
    ),
}


@pytest.mark.parametrize("broken", WHOLE.values(), ids=WHOLE)
def test_the_graph_as_a_whole_is_checked(lights: Path, broken: tuple[str, str, str, int, set[str]]) -> None:
    file, old, new, line, rules = broken
    change(lights, file, old, new)
    found = problems(lights)
    assert places(found) >= {(file, line, rule) for rule in rules - {"Light-height", "wrong-file"}}
    assert {problem.rule for problem in found} == rules - (
        {"wrong-file"} if "foreign-subject" in rules else set()
    )


def test_a_name_without_a_page_is_not_sent_to_a_file_of_its_own(lights: Path) -> None:
    change(lights, WINSTANLEY, "lights/id/keeper/winstanley", "lights/keeper/winstanley")
    (problem,) = [each for each in problems(lights) if each.rule == "wrong-file"]
    assert "<https://example.org/lights/id/keeper/winstanley>; call it that" in problem.message


def test_a_link_to_a_tombstone_is_told_from_one_to_nothing(lights: Path) -> None:
    (lights / WINSTANLEY).write_text(
        "<https://example.org/lights/id/keeper/winstanley> <http://www.w3.org/2002/07/owl#deprecated> true .",
        encoding="utf-8",
    )
    messages = {each.message for each in problems(lights) if each.rule == "dangling-link"}
    assert messages
    assert all("merged or withdrawn" in each for each in messages)


def test_a_term_that_would_have_no_page_is_a_warning(lights: Path) -> None:
    add(
        lights,
        "ontology/lights.ttl",
        "<https://example.org/lights/terms/Buoy> a owl:Class ; rdfs:label 'buoy' .",
    )
    (problem,) = problems(lights)
    assert (problem.file, problem.rule, problem.severity) == ("ontology/lights.ttl", "no-page", "warning")
    assert "https://example.org/lights/ont#" in problem.message


@pytest.mark.parametrize("taken", ["q", "page", "two words", "Größe"])
def test_a_facet_that_no_address_could_hold_is_a_warning(lights: Path, taken: str) -> None:
    hydra = "http://www.w3.org/ns/hydra/core#variable"
    add(lights, "shapes/light.ttl", f'shp:Light-state <{hydra}> "{taken}" .')
    (problem,) = problems(lights)
    assert (problem.file, problem.rule, problem.severity) == ("shapes/light.ttl", "facet", "warning")
    assert repr(taken) in problem.message


def test_saying_a_thing_in_two_files_is_a_problem(lights: Path) -> None:
    text = (lights / WINSTANLEY).read_text(encoding="utf-8")
    (lights / "graph" / "more.ttl").write_text(text, encoding="utf-8")
    found = problems(lights)
    assert places(found) == {("graph/more.ttl", 4, "repeated"), ("graph/more.ttl", 5, "repeated")}
    assert WINSTANLEY in found[0].message


def test_a_query_stands_in_the_folder_of_queries(lights: Path) -> None:
    query = '<https://example.org/lights/id/query/q1> <http://www.w3.org/2004/02/skos/core#note> "x" .'
    (lights / "graph" / "queries").mkdir()
    for name in ("q1", "q2"):
        (lights / "graph" / "queries" / f"{name}.ttl").write_text(query, encoding="utf-8")
    assert places(problems(lights)) == {
        ("graph/queries/q2.ttl", 1, "wrong-file"),
        ("graph/queries/q2.ttl", 1, "repeated"),
    }


XSD = "http://www.w3.org/2001/XMLSchema#"
RIGHT = [
    "date 2024-02-29",
    "date 2026-08-16Z",
    "dateTime 2026-08-16T12:05:34.5+02:00",
    "gYear 1912",
    "integer +01",
]
RIGHT += ["decimal .5", "double 1e-5", "boolean 1", "anyURI https://example.org/", "gYearMonth 2026-12"]
WRONG = ["date 2026-13-01", "date 2026-02-29", "date 2026-08-16T12:05:34Z", "dateTime 2026-08-16", "gYear 26"]
WRONG += [
    "decimal 1,5",
    "integer 1.0",
    "boolean yes",
    "anyURI a b",
    "gYearMonth 2026-13",
    "date 2026-08-16\n",
]


@pytest.mark.parametrize("literal", RIGHT + WRONG)
def test_a_literal_has_the_form_of_its_datatype(lights: Path, literal: str) -> None:
    datatype, text = literal.split(" ", 1)
    quoted = text.replace("\n", "\\n")
    change(lights, WINSTANLEY, "skos:prefLabel", f'skos:note "{quoted}"^^<{XSD}{datatype}> ; skos:prefLabel')
    assert [problem.rule for problem in problems(lights)] == ([] if literal in RIGHT else ["ill-typed"])


def test_a_file_that_does_not_parse_hides_no_other_and_casts_no_shadow(lights: Path) -> None:
    add(lights, WINSTANLEY, "oops")
    change(lights, PHAROS, "103.0", '"high"')
    assert places(problems(lights)) == {(WINSTANLEY, 7, "syntax"), (PHAROS, 7, "Light-height")}


@pytest.mark.parametrize("file", ["ontology/lights.ttl", "shapes/light.ttl", "graph/dataset.ttl"])
def test_without_ontology_shapes_or_base_only_that_is_told(lights: Path, file: str) -> None:
    add(lights, file, "oops")
    change(lights, PHAROS, "103.0", '"high"')
    assert [(problem.file, problem.rule) for problem in problems(lights)] == [(file, "syntax")]


def test_one_file_is_checked_with_what_links_to_it(lights: Path) -> None:
    change(
        lights,
        WINSTANLEY,
        "a ex:Keeper ;",
        'a ex:Lamp ; skos:note "2026-13-01"^^<http://www.w3.org/2001/XMLSchema#date> ;',
    )
    change(lights, PHAROS, "103.0", '"high"')
    assert places(problems(lights, only=[WINSTANLEY])) == {
        (WINSTANLEY, 4, "ill-typed"),
        ("graph/light/eddystone.ttl", 8, "Light-keptBy"),
    }
    assert places(problems(lights, only=[PHAROS])) == {(PHAROS, 7, "Light-height")}


def test_nested_shapes_are_checked_in_one_file_too(lights: Path) -> None:
    change(lights, PHAROS, "v:dark", "v:state")
    assert places(problems(lights, only=[PHAROS])) == {(PHAROS, 8, "Light-state")}


def test_constraints_on_the_whole_graph_are_kept_to_the_files_asked_for(lights: Path) -> None:
    add(lights, "shapes/light.ttl", GRAPH_SHAPE)
    assert places(problems(lights, only=[PHAROS])) == {(PHAROS, 7, "Graph-heights")}
    assert problems(lights, only=[WINSTANLEY]) == []


def test_a_file_of_shapes_concerns_everything(lights: Path) -> None:
    change(lights, PHAROS, "103.0", '"high"')
    assert places(problems(lights, only=["shapes/light.ttl"])) == {(PHAROS, 7, "Light-height")}


def test_the_report_has_a_result_for_each_problem(lights: Path) -> None:
    change(lights, PHAROS, "103.0", '"high"')
    change(lights, WINSTANLEY, "a ex:Keeper", "a ex:Keeper, ex:Man")
    report = validate(load(lights))
    assert len(results(report)) == len(report.problems) == 2
    assert len(set(report.graph)) == len(report.graph)
    assert conforms(report) == [Literal(False)]


def test_many_problems_are_all_found(lights: Path) -> None:
    text = (lights / PHAROS).read_text(encoding="utf-8").replace("103.0", '"high"')
    for number in range(900):
        copy = text.replace("light:pharos", f"light:p{number}")
        (lights / "graph" / "light" / f"p{number}.ttl").write_text(copy, encoding="utf-8")
    assert len(problems(lights)) == 900


def test_a_report_on_what_no_shape_can_state_does_not_conform(lights: Path) -> None:
    change(lights, WINSTANLEY, "a ex:Keeper", "a ex:Keeper, ex:Man")
    assert conforms(validate(load(lights))) == [Literal(False)]


def test_progress_counts_the_shapes(lights: Path) -> None:
    told: list[tuple[int, int]] = []
    validate(load(lights), progress=lambda done, total: told.append((done, total)))
    assert told == [(number, len(told)) for number in range(1, len(told) + 1)]
    assert told


@pytest.fixture(scope="module")
def curated_and_broken(tmp_path_factory: pytest.TempPathFactory) -> Sources:
    """The curated graph with every example of how to break it."""
    root = tmp_path_factory.mktemp("sources")
    (root / "graph").mkdir()
    for name in ("ontology", "shapes"):
        (root / name).symlink_to(ROOT / name)
    for each in (ROOT / "graph").iterdir():
        (root / "graph" / each.name).symlink_to(each)
    (root / "graph" / "broken").symlink_to(ROOT / "tests" / "broken")
    return load(root)


def test_the_curated_graph_conforms() -> None:
    assert [str(each) for each in validate(load(ROOT)).problems if each.severity == "violation"] == []


def test_both_engines_agree_on_the_curated_graph_and_all_broken_examples(curated_and_broken: Sources) -> None:
    """But for the digits of a value: pyoxigraph gives 137.0 back as 137."""
    oxigraph, rdflib = (
        [replace(each, value=None) for each in validate(curated_and_broken, engine=engine).problems]
        for engine in ENGINES
    )
    assert set(oxigraph) == set(rdflib)
    assert len({problem.rule for problem in oxigraph}) > 100
