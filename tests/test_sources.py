"""What a folder of Turtle becomes, and what is said when a file of it is wrong."""

from pathlib import Path

import pytest
from pyoxigraph import BlankNode, Literal, NamedNode

from ldnkg import places
from ldnkg.errors import NoSources
from ldnkg.sources import Sources, load, quads

BASE = "https://example.org/lights/"
HEIGHT = NamedNode(BASE + "ont#height")


def change(folder: Path, name: str, old: str, new: str) -> None:
    """Replace a piece of one file."""
    text = (folder / name).read_text(encoding="utf-8")
    assert old in text
    (folder / name).write_text(text.replace(old, new), encoding="utf-8")


def graph_of(sources: Sources, subject: str) -> set[str]:
    """The names of the graphs, without the base, that speak of a subject."""
    return {
        quad.graph_name.value.removeprefix(BASE)
        for quad in quads(sources)
        if quad.triple.subject == NamedNode(BASE + subject) and isinstance(quad.graph_name, NamedNode)
    }


def test_the_files_come_in_order_of_folder_and_name(lights: Path) -> None:
    assert [file.name for file in load(lights).files] == [
        "ontology/lights.ttl",
        "shapes/light.ttl",
        "graph/dataset.ttl",
        "graph/keeper/winstanley.ttl",
        "graph/light/eddystone.ttl",
        "graph/light/pharos.ttl",
    ]


def test_the_base_is_what_the_data_set_says(lights: Path) -> None:
    sources = load(lights)
    assert (sources.base, sources.dataset) == (BASE, NamedNode(BASE + "dataset"))


def test_numbers_keep_their_digits(lights: Path) -> None:
    values = [quad.triple.object for quad in quads(load(lights)) if quad.triple.predicate == HEIGHT]
    assert [value.value for value in values if isinstance(value, Literal)] == ["49.0", "103.0"]


def test_the_prefixes_are_ours_and_the_ontologys(lights: Path) -> None:
    prefixes = load(lights).prefixes
    assert prefixes["light"] == BASE + "id/light/"
    assert prefixes["skos"] == "http://www.w3.org/2004/02/skos/core#"


def test_a_prefix_that_turtle_cannot_write_is_left_out(lights: Path) -> None:
    change(lights, "ontology/lights.ttl", 'sh:prefix "light"', 'sh:prefix "my light"')
    assert BASE + "id/light/" not in load(lights).prefixes.values()


def test_each_file_has_its_named_graph(lights: Path) -> None:
    vocabulary = "<https://example.org/lights/vocab#lit> <https://example.org/x> 1 ."
    (lights / "ontology" / "vocab.ttl").write_text(vocabulary, encoding="utf-8")
    (lights / "ontology" / "alignments.ttl").write_text(vocabulary, encoding="utf-8")
    (lights / "graph" / "queries").mkdir()
    (lights / "graph" / "queries" / "q.ttl").write_text(vocabulary, encoding="utf-8")
    sources = load(lights)
    assert graph_of(sources, "vocab#lit") == {
        "graph/ontology",
        "graph/vocabulary",
        "graph/alignments",
        "graph/queries",
    }
    assert graph_of(sources, "shapes#Light") == {"graph/shapes"}
    assert graph_of(sources, "id/light/pharos") == {"graph/curated"}
    assert graph_of(sources, "dataset") == {"graph/dataset"}


def test_blank_nodes_of_two_files_never_meet(lights: Path) -> None:
    for name in ("a", "b"):
        text = '_:same <https://example.org/name> "x" .'
        (lights / "shapes" / f"{name}.ttl").write_text(text, encoding="utf-8")
    named = [
        quad.triple.subject for quad in quads(load(lights)) if quad.triple.predicate.value.endswith("/name")
    ]
    assert len(named) == 2
    assert all(isinstance(node, BlankNode) for node in named)
    assert named[0] != named[1]


def test_broken_turtle_is_told_with_its_place_and_hides_nothing(lights: Path) -> None:
    change(lights, "graph/light/pharos.ttl", "ex:height 103.0 ;", "ex:height 103.0 ;;; ?")
    change(lights, "graph/keeper/winstanley.ttl", "skos:prefLabel", "skoss:prefLabel")
    sources = load(lights)
    assert [(each.file, each.line, each.column, each.rule) for each in sources.problems] == [
        ("graph/keeper/winstanley.ttl", 5, 5, "syntax"),
        ("graph/light/pharos.ttl", 7, 25, "syntax"),
    ]
    assert str(sources.problems[0]).startswith("graph/keeper/winstanley.ttl:5:5: syntax: ")
    assert "graph/light/eddystone.ttl" in {file.name for file in sources.files}


def test_a_file_that_is_not_utf8_is_told_with_its_line(lights: Path) -> None:
    (lights / "graph" / "light" / "pharos.ttl").write_bytes(b"# one\n# caf\xe9\n")
    (problem,) = load(lights).problems
    assert (problem.file, problem.line, problem.rule) == ("graph/light/pharos.ttl", 2, "encoding")


def test_line_ends_inside_texts_stay(lights: Path) -> None:
    text = '<https://example.org/lights/id/light/x> <https://example.org/note> """a\r\nb""" .'
    (lights / "graph" / "light" / "x.ttl").write_bytes(text.encode())
    notes = [
        quad.triple.object for quad in quads(load(lights)) if quad.triple.predicate.value.endswith("/note")
    ]
    assert [note.value for note in notes if isinstance(note, Literal)] == ["a\r\nb"]


@pytest.mark.parametrize("missing", ["file", "statement"])
def test_sources_without_a_base_say_what_to_add(lights: Path, missing: str) -> None:
    if missing == "file":
        (lights / "graph" / "dataset.ttl").unlink()
    else:
        change(lights, "graph/dataset.ttl", "void:uriSpace", "void:uriLookupEndpoint")
    sources = load(lights)
    assert sources.base == ""
    assert [(problem.file, problem.rule) for problem in sources.problems] == [("graph/dataset.ttl", "base")]
    assert "void:uriSpace" in sources.problems[0].message


@pytest.mark.parametrize(
    "written",
    [
        '"https://example.org/lights"',
        '"https://example.org/lights//"',
        '"https://b.example/", "https://example.org/lights/"',
    ],
    ids=["no slash", "two slashes", "two spaces"],
)
def test_a_base_that_is_not_quite_one_is_told_once_and_read_as_meant(lights: Path, written: str) -> None:
    change(lights, "graph/dataset.ttl", '"https://example.org/lights/"', written)
    sources = load(lights)
    (problem,) = sources.problems
    assert (problem.file, problem.line, problem.rule) == ("graph/dataset.ttl", 12, "base")
    assert '"https://example.org/lights/"' in problem.message
    assert sources.base == "https://example.org/lights/"


def test_a_broken_description_of_the_data_set_is_one_problem(lights: Path) -> None:
    change(lights, "graph/dataset.ttl", "void:uriSpace", "void:")
    change(lights, "graph/dataset.ttl", "a dcat", "a a dcat")
    assert [problem.rule for problem in load(lights).problems] == ["syntax"]


@pytest.mark.parametrize("kind", places.KINDS)
def test_a_missing_folder_is_named(lights: Path, kind: places.Kind) -> None:
    (lights / kind).rename(lights / "elsewhere")
    with pytest.raises(NoSources, match=f"no {kind}/"):
        load(lights)
    with pytest.raises(NoSources, match=f"no {kind}/.*may be empty.*--sources"):
        places.sources_root(lights)


def test_a_file_that_cannot_be_read_is_named(lights: Path) -> None:
    (lights / "graph" / "lost.ttl").symlink_to("nowhere.ttl")
    with pytest.raises(NoSources, match=r"graph/lost\.ttl: No such file"):
        load(lights)


def test_the_context_comes_along_when_there_is_one(lights: Path) -> None:
    assert load(lights).context is None
    (lights / "ontology" / "context.jsonld").write_text('{"@context": {}}', encoding="utf-8")
    assert load(lights).context == '{"@context": {}}'


def test_the_lines_of_a_file_are_known(lights: Path) -> None:
    (pharos,) = [file for file in load(lights).files if file.name.endswith("pharos.ttl")]
    assert pharos.positions[(BASE + "id/light/pharos", HEIGHT.value)] == 7


def test_releases_stand_in_the_checkout_or_where_one_says(tmp_path: Path) -> None:
    assert places.releases_root(tmp_path) == tmp_path
    assert places.releases_root() == Path(__file__).resolve().parents[1] / "releases"


@pytest.mark.parametrize(
    ("data", "expected"), [("/data", "/data/ldnkg/releases"), ("relative", "~/.local/share/ldnkg/releases")]
)
def test_an_installed_package_keeps_releases_with_the_users_data(
    data: str, expected: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(places, "_CHECKOUT", tmp_path)
    monkeypatch.setenv("XDG_DATA_HOME", data)
    assert places.releases_root() == Path(expected).expanduser()
