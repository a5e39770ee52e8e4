"""How shapes lay a page out."""

from collections import defaultdict
from math import inf
from pathlib import Path
from typing import cast

import pytest
from conftest import LIGHTS, SHAPES
from pyoxigraph import BlankNode, NamedNode
from stored import store_of_files

from ldnkg.counts import Term
from ldnkg.layout import Field, Group, Layout
from ldnkg.store import Row, Store

EX = "https://example.org/lights/ont#"
LIGHT, KEEPER, LAMP = (NamedNode(EX + name) for name in ("Light", "Keeper", "Lamp"))
KEPT_BY, HEIGHT, STATE = (NamedNode(EX + name) for name in ("keptBy", "height", "state"))
LABEL = NamedNode("http://www.w3.org/2004/02/skos/core#prefLabel")


def layout_with(path: Path, shapes: str = "", ontology: str = "") -> Layout:
    """The layout of the lighthouses with more shapes and more ontology."""
    files = dict(LIGHTS)
    files["shapes/light.ttl"] += shapes
    files["ontology/lights.ttl"] += ontology
    store = store_of_files(files, path)
    try:
        return Layout(store)
    finally:
        store.close()


@pytest.fixture(scope="module")
def layout(tmp_path_factory: pytest.TempPathFactory) -> Layout:
    return layout_with(tmp_path_factory.mktemp("layout"))


def said(groups: tuple[Group, ...]) -> dict[str, list[str]]:
    """The names of the fields by the heading of their section."""
    return {group.label.value: [field.name.value for field in group.fields] for group in groups}


def test_a_layout_that_was_kept_is_the_same(layout: Layout) -> None:
    kept = Layout.kept(layout.written())
    for classes in ([LIGHT], [KEEPER], [LIGHT, KEEPER]):
        assert kept.sections(classes) == layout.sections(classes) != ()
        assert kept.columns(classes) == layout.columns(classes)
        assert kept.facets(classes) == layout.facets(classes)
        assert [kept.rank(each) for each in classes] == [layout.rank(each) for each in classes]


def test_groups_and_fields_stand_in_the_order_of_the_shapes(layout: Layout) -> None:
    sections = said(layout.sections([LIGHT]))
    assert sections == {"Facts": ["label", "state", "height"], "People": ["kept by"]}
    assert list(sections) == ["Facts", "People"]


def test_a_property_leads_out_and_an_inverse_path_in(layout: Layout) -> None:
    paths = {field.name.value: field.path for field in layout.fields([LIGHT, KEEPER])}
    assert paths["kept by"] == (("outgoing", KEPT_BY),)
    assert paths["lights kept"] == (("incoming", KEPT_BY),)


def test_key_information_makes_the_columns_of_a_listing(layout: Layout) -> None:
    assert [field.path for field in layout.columns([LIGHT])] == [
        (("outgoing", STATE),),
        (("outgoing", HEIGHT),),
    ]


def test_a_class_without_shapes_has_no_sections(layout: Layout) -> None:
    assert not layout.sections([LAMP])
    assert not layout.columns([])


def test_the_shapes_of_several_classes_are_merged_and_a_path_stands_once(layout: Layout) -> None:
    sections = said(layout.sections([KEEPER, LIGHT]))
    assert sections == {"Facts": ["label", "state", "height"], "People": ["kept by", "lights kept"]}


def test_a_sequence_is_followed_step_by_step(tmp_path: Path) -> None:
    sequence = """
shp:Light-colleagues a sh:PropertyShape ;
    sh:name "colleagues"@en ;
    sh:path ( ex:keptBy [ sh:inversePath ex:keptBy ] ) .
shp:Light sh:property shp:Light-colleagues .
"""
    fields = {field.name.value: field for field in layout_with(tmp_path, sequence).fields([LIGHT])}
    assert fields["colleagues"].path == (("outgoing", KEPT_BY), ("incoming", KEPT_BY))


@pytest.mark.parametrize(
    "path",
    [
        "[ sh:zeroOrMorePath ex:keptBy ]",
        "[ sh:alternativePath ( ex:keptBy ex:state ) ]",
        "( ex:lamp [ sh:oneOrMorePath ex:state ] )",
    ],
)
def test_a_path_that_no_page_can_follow_makes_no_field(tmp_path: Path, path: str) -> None:
    shapes = f'shp:Light-odd sh:name "odd" ; sh:path {path} . shp:Light sh:property shp:Light-odd .'
    assert "odd" not in {field.name.value for field in layout_with(tmp_path, shapes).fields([LIGHT])}


def test_a_deactivated_shape_lays_nothing_out(tmp_path: Path) -> None:
    off = layout_with(tmp_path, "shp:Light-height sh:deactivated true .")
    assert "height" not in {field.name.value for field in off.fields([LIGHT])}


def test_what_has_no_group_no_order_and_no_name_comes_last_under_its_label(tmp_path: Path) -> None:
    bare = "shp:Light-lamp a sh:PropertyShape ; sh:path ex:lamp . shp:Light sh:property shp:Light-lamp ."
    assert list(said(layout_with(tmp_path, bare).sections([LIGHT])).items())[-1] == ("Details", ["lamp"])


def test_a_subclass_is_laid_out_by_the_shapes_of_its_superclass(tmp_path: Path) -> None:
    ontology = "ex:Lightship rdfs:subClassOf ex:Ship . ex:Ship rdfs:subClassOf ex:Light ."
    found = layout_with(tmp_path, ontology=ontology).columns([NamedNode(EX + "Lightship")])
    assert [field.name.value for field in found] == ["state", "height"]


def test_a_shape_that_is_its_class_and_one_by_reference_count(tmp_path: Path) -> None:
    shapes = """
<http://www.w3.org/2002/07/owl#Class> a rdfs:Class .
ex:Lamp a sh:NodeShape ; sh:node shp:Keeper .
"""
    found = layout_with(tmp_path, shapes).fields([LAMP])
    assert [field.path for field in found] == [(("outgoing", LABEL),), (("incoming", KEPT_BY),)]


def test_a_field_can_be_made_of_a_path_and_a_name_alone(layout: Layout) -> None:
    made = layout.fields([KEEPER])[0]
    assert Field(made.path, made.name).key is False


def test_without_orders_names_decide(tmp_path: Path) -> None:
    unordered = "\n".join(
        line for line in SHAPES.splitlines() if "sh:order" not in line or line.endswith(".")
    )
    files = {**LIGHTS, "shapes/light.ttl": unordered}
    store = store_of_files(files, tmp_path)
    names = [field.name.value for field in Layout(store).sections([LIGHT])[0].fields]
    store.close()
    assert names == sorted(names)


def test_a_node_shape_may_put_its_class_before_others(tmp_path: Path) -> None:
    layout = layout_with(
        tmp_path, shapes="ex:Lights a sh:NodeShape ; sh:targetClass ex:Light ; sh:order 2 .\n"
    )
    assert layout.rank(LIGHT) == 2
    assert layout.rank(KEEPER) == layout.rank(LAMP) == inf


class Renaming:
    """A store whose blank nodes have new names in each answer, as the standard allows (SPARQL 1.1, 4.1.4)."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def __getattr__(self, name: str) -> object:
        return getattr(self._store, name)

    def select(self, query: str, **bindings: Term) -> list[Row]:
        names: dict[Term, Term] = defaultdict(BlankNode)
        return [
            {name: names[term] if isinstance(term, BlankNode) else term for name, term in row.items()}
            for row in self._store.select(query, **bindings)
        ]


def test_paths_are_told_apart_whatever_an_engine_calls_their_nodes(tmp_path: Path) -> None:
    files = dict(LIGHTS)
    files["shapes/light.ttl"] += """
shp:Light-lit a sh:PropertyShape ;
    sh:name "colleagues"@en ;
    sh:path ( ex:keptBy [ sh:inversePath ex:keptBy ] ) .
shp:Lamp a sh:NodeShape ; sh:targetClass ex:Lamp ; sh:property shp:Lamp-of .
shp:Lamp-of sh:name "lamp of"@en ; sh:path [ sh:inversePath ex:lamp ] .
shp:Light sh:property shp:Light-lit .
"""
    store = store_of_files(files, tmp_path)
    try:
        layout, renamed = Layout(store), Layout(cast(Store, Renaming(store)))
    finally:
        store.close()
    for class_ in (LIGHT, KEEPER, LAMP):
        assert renamed.sections([class_]) == layout.sections([class_])
    assert [each.path for each in renamed.fields([LAMP])] == [(("incoming", NamedNode(EX + "lamp")),)]
