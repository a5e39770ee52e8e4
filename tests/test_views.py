"""Panels: queries beside the shapes, and the pages that show them."""

import sqlite3
from contextlib import closing
from pathlib import Path
from xml.etree import ElementTree

import pytest
from conftest import LIGHTS, ROOT, write
from flask.testing import FlaskClient
from pyoxigraph import NamedNode, RdfFormat, parse
from served import BASE, client_of, hrefs, html, words
from stored import store_of_files

import ldnkg
from ldnkg.iris import PREFIXES
from ldnkg.release import build, current
from ldnkg.sources import load
from ldnkg.validate import validate
from ldnkg.viewers import MARKS, RUNGS, VIEWERS
from ldnkg.views import PANELS, Overviews, Panels, columns

LIGHT = NamedNode("https://example.org/lights/ont#Light")
EDDYSTONE = NamedNode("https://example.org/lights/id/light/eddystone")
VOCAB = "https://example.org/lights/vocab#"
HEAD = """
@prefix ex: <https://example.org/lights/ont#> .
@prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix shp: <https://example.org/lights/shapes#> .
@prefix v: <https://example.org/lights/vocab#> .
@prefix view: <urn:ldnkg:view:> .
"""
TOLD = """
shp:told a view:Panel ;
    view:as view:Table ;
    view:onPage ex:Light ;
    sh:description "Who kept it."@en ;
    sh:name "Told"@en ;
    sh:order 2 ;
    sh:select "SELECT ?keeper ?yearsKept { $this ex:keptBy ?keeper BIND(3 AS ?yearsKept) }" .
"""
EMPTY = """
shp:nothing a view:Panel ;
    view:as view:Gaps ;
    view:onPage ex:Light ;
    %s
    sh:name "Nothing"@en ;
    sh:order 1 ;
    sh:select "SELECT ?gap { $this ex:nothing ?gap }" .
"""
MARKED = """
v:dark view:mark view:harm .
v:lit view:rung 2 .
"""


def files(panels: str, ontology: str = "") -> dict[str, str]:
    made = dict(LIGHTS) | {"shapes/panels.ttl": HEAD + panels}
    made["ontology/lights.ttl"] += ontology and "@prefix view: <urn:ldnkg:view:> .\n" + ontology
    return made


def site(path: Path, panels: str, ontology: str = "") -> FlaskClient:
    write(path / "sources", files(panels, ontology))
    return client_of(path / "sources", path / "releases")


def page(client: FlaskClient, path: str = "/doc/light/eddystone") -> ElementTree.Element:
    return html(client.get(path, base_url=BASE, headers={"Accept": "text/html"}))


def headings(element: ElementTree.Element) -> list[str]:
    return [words(each) for each in element.iter("h2")]


def faults(path: Path, panels: str, ontology: str = "") -> list[str]:
    """What `ldnkg check` says of the panels."""
    write(path, files(panels, ontology))
    return [each.message for each in validate(load(path)).problems if each.rule == "panel"]


def test_a_strip_of_counts_says_what_it_counts(tmp_path: Path) -> None:
    strip = """
        shp:counted a view:Panel ; view:as view:Balance ; view:onPage ex:Light ; view:part view:strip ;
            sh:name "Reports"@en ; sh:description "Some are old."@en ;
            sh:select "SELECT ?mark ?count { VALUES (?mark ?count) { (view:harm 2) (view:supports 7) } }" .
    """
    header = page(site(tmp_path, strip)).find(".//header")
    assert header is not None
    assert words(header).endswith("Reports: 7 for, 2 harm. Some are old.")


def test_a_panel_shows_the_rows_of_its_query_about_the_thing(tmp_path: Path) -> None:
    shown = page(site(tmp_path, TOLD))
    (section,) = [each for each in shown.iter("section") if each.get("aria-labelledby") == "panel-told"]
    assert words(section).startswith("Told Who kept it. ")
    (table,) = section.iter("table")
    assert [words(each) for each in table.iter("th")] == ["Keeper", "Years kept", "Henry Winstanley"]


def test_a_cell_without_a_value_has_no_heading_either(tmp_path: Path) -> None:
    """On a phone each value has the heading of its column before it."""
    query = "SELECT ?row ?here ?there { VALUES (?row ?here ?there) { (1 2 UNDEF) (3 UNDEF 4) } }"
    panel = TOLD.replace("SELECT ?keeper ?yearsKept { $this ex:keptBy ?keeper BIND(3 AS ?yearsKept) }", query)
    (table,) = [
        each for each in page(site(tmp_path, panel)).iter("table") if "There" in map(words, each.iter("th"))
    ]
    cells = [(each.get("data-label"), words(each)) for each in table.iter("td")]
    assert cells == [("Here", "2"), (None, ""), (None, ""), ("There", "4")]


def test_with_panels_the_facts_stand_below_them_folded(tmp_path: Path) -> None:
    shown = page(site(tmp_path, TOLD))
    assert headings(shown)[:2] == ["Told", "All that is recorded"]
    folded = [words(each) for each in shown.iter("summary")]
    assert "Facts" in folded


def test_what_a_panel_tells_is_not_repeated_in_the_record(tmp_path: Path) -> None:
    telling = TOLD.replace("view:onPage ex:Light ;", "view:onPage ex:Light ; view:tells ex:keptBy ;")
    for panels, times in ((TOLD, 1), (telling, 0)):
        shown = page(site(tmp_path / str(times), panels))
        record = [words(each) for each in shown.iter("details")]
        assert sum("Winstanley" in each for each in record) == times


def test_a_record_of_which_panels_tell_all_has_no_heading_over_nothing(tmp_path: Path) -> None:
    said = set(parse(LIGHTS["graph/light/eddystone.ttl"], RdfFormat.TURTLE))
    properties = " , ".join(sorted({str(each.predicate) for each in said}))
    telling = TOLD.replace("view:onPage ex:Light ;", f"view:onPage ex:Light ; view:tells {properties} ;")
    for panels, times in ((TOLD, 1), (telling, 0)):
        shown = page(site(tmp_path / str(times), panels))
        assert [each.get("id") for each in shown.iter("h2")].count("recorded") == times


def test_a_panel_without_rows_is_left_out_or_says_so(tmp_path: Path) -> None:
    silent = page(site(tmp_path / "a", TOLD + EMPTY % ""))
    spoken = page(site(tmp_path / "b", TOLD + EMPTY % 'view:whenEmpty "Nothing is known."@en ;'))
    assert "Nothing" not in headings(silent)
    assert headings(spoken)[:2] == ["Nothing", "Told"]
    assert "Nothing is known." in words(spoken)


@pytest.mark.parametrize(
    ("viewer", "name", "shown"), [("Table", "row", 50), ("Gaps", "gap", 50), ("Facts", "name", 51)]
)
def test_a_panel_lists_no_more_than_any_list_and_tells_that_there_is_more(
    tmp_path: Path, viewer: str, name: str, shown: int
) -> None:
    rows = " ".join(f"('no {number:03}' 1)" for number in range(51))
    panel = f"""
    shp:told a view:Panel ; view:as view:{viewer} ; view:onPage ex:Light ; sh:name "Told"@en ;
        sh:select "SELECT ?{name} ?value {{ VALUES (?{name} ?value) {{ {rows} }} }}" .
    """
    said = words(page(site(tmp_path, panel)))
    assert [f"no {number:03}" in said for number in range(51)] == [True] * shown + [False] * (51 - shown)
    assert (f"{shown} of 51 rows are shown; the query behind this has all." in said) == (shown < 51)


def test_the_query_behind_a_panel_is_one_link_away_and_gives_the_same_rows(tmp_path: Path) -> None:
    client = site(tmp_path, TOLD)
    links = [where for where in hrefs(page(client)) if where.startswith("/panel/told")]
    (csv,) = [where for where in links if "format=csv" in where]
    found = client.get(csv, base_url=BASE)
    assert found.status_code == 303
    answer = client.get(found.headers["Location"], base_url=BASE)
    assert answer.text == f"keeper,yearsKept\r\n{BASE}id/keeper/winstanley,3\r\n"


@pytest.mark.parametrize(
    "path",
    [
        "/panel/nothing",
        "/panel/told?of=light/nowhere",
        "/panel/told",
        "/panel/told?of=%3E%20x",
        "/panel/told?of=light/a%22b",
        "/panel/told?of=keeper/winstanley",
    ],
)
def test_a_panel_or_thing_that_is_not_there_is_not_found(tmp_path: Path, path: str) -> None:
    assert site(tmp_path, TOLD).get(path, base_url=BASE).status_code == 404


DRAWN = """
shp:drawn a view:Panel ;
    view:as view:%s ;
    view:onPage ex:Light ;
    sh:name "Drawn <&>"@en ;
    sh:select "SELECT * { BIND($this AS ?outcome) VALUES (%s) { %s } }" .
"""


@pytest.mark.parametrize(
    ("viewer", "variables", "rows"),
    [
        ("Columns", "?label ?count ?series", "('1' 2 'a') ('1' 1 'b') ('2' 0 'a')"),
        ("Heat", "?row ?column ?mark ?count", "('r' 'c' <urn:ldnkg:view:harm> 40)"),
        ("Forest", "?estimate ?low ?high ?at ?note", "(1.5 1.0 2.0 'x' 'n') (2 UNDEF UNDEF 'y <b>' '<i>')"),
        ("Arms", "?arm ?value ?unit", "('a' 88 '%') ('b' 40 '%')"),
        ("Path", "?step ?from ?relation ?to ?sign", "(1 'a' 'raises' 'b' 'up') (2 'b' 'lowers' 'c' 'down')"),
    ],
)
def test_a_drawing_is_to_be_had_as_a_picture_by_itself(
    tmp_path: Path, viewer: str, variables: str, rows: str
) -> None:
    client = site(tmp_path, DRAWN % (viewer, variables, rows))
    links = [where for where in hrefs(page(client)) if where.startswith("/panel/drawn")]
    assert {where.partition("?")[0] for where in links} == {
        "/panel/drawn",
        "/panel/drawn.svg",
        "/panel/drawn.png",
    }
    vector = client.get("/panel/drawn.svg?of=light/eddystone", base_url=BASE)
    drawing = ElementTree.fromstring(vector.text)
    assert vector.mimetype == "image/svg+xml"
    assert float(drawing.get("height") or 0) > 200
    assert "Drawn <&>" in words(drawing)
    raster = client.get("/panel/drawn.png?of=light/eddystone", base_url=BASE)
    assert (raster.mimetype, raster.data[:8]) == ("image/png", b"\x89PNG\r\n\x1a\n")
    assert int.from_bytes(raster.data[16:20], "big") == 1920


def test_what_is_no_drawing_is_no_picture(tmp_path: Path) -> None:
    client = site(tmp_path, TOLD)
    assert client.get("/panel/told.svg?of=light/eddystone", base_url=BASE).status_code == 404
    assert not [where for where in hrefs(page(client)) if ".svg" in where]


def test_panels_of_lists_and_of_the_first_page(tmp_path: Path) -> None:
    panels = TOLD.replace("view:onPage ex:Light", "view:onList ex:Light")
    panels += (
        TOLD.replace("shp:told", "shp:first")
        .replace("view:onPage ex:Light", "view:onHome <https://example.org/lights/dataset>")
        .replace("$this ex:keptBy", "?any ex:keptBy")
    )
    client = site(tmp_path, panels.replace("{ $this ex:keptBy", "{ ?light a $this ; ex:keptBy"))
    assert "Told" in headings(page(client, "/class/light"))
    assert "Told" not in headings(page(client, "/class/keeper"))
    assert headings(page(client, "/"))[1] == "Told"
    assert headings(page(client))[0] == "Facts"


def test_a_concept_is_shown_with_its_mark_and_its_rung(tmp_path: Path) -> None:
    client = site(
        tmp_path,
        TOLD.replace(
            "BIND(3 AS ?yearsKept)",
            f"VALUES ?yearsKept {{ <{VOCAB}lit> <{VOCAB}dark> }}",
        ),
        MARKED,
    )
    shown = page(client)
    tags = [each for each in shown.iter("span") if "t-harm" in (each.get("class") or "").split()]
    assert [words(each) for each in tags] == ["dark"]
    drawn = [each.get("href", "") for each in shown.iter("use")]
    assert {each.rpartition("#")[2] for each in drawn if "marks.svg" in each} == {"harm", "r2"}


FLAGGED = f"""
shp:flag a view:Flag ;
    sh:select "SELECT ?thing ?flag {{ ?light ex:keptBy ?thing BIND(<{VOCAB}dark> AS ?flag) }}" .
"""


def test_a_flag_stands_beside_every_name_of_the_thing(tmp_path: Path) -> None:
    client = site(tmp_path, FLAGGED, MARKED)
    for path in ("/doc/light/eddystone", "/class/light", "/class/keeper"):
        tags = [
            each for each in page(client, path).iter("span") if "tag" in (each.get("class") or "").split()
        ]
        assert "dark" in [words(each) for each in tags], path


OVER = """
shp:%s a view:Panel ;
    view:as view:Table ;
    view:%s %s ;
    sh:name "Over all"@en ;
    sh:select "SELECT ?light ?height { ?light a ex:Light ; ex:height ?height } ORDER BY ?light" .
"""


def test_what_stands_over_all_is_asked_when_the_release_is_made(tmp_path: Path) -> None:
    dataset, base = "<https://example.org/lights/dataset>", BASE
    over = [("home", "onHome", dataset), ("list", "onList", "ex:Light"), ("quality", "onQuality", dataset)]
    also = f"shp:quality view:onHome {dataset} ."  # one panel in two places is kept once
    client = site(tmp_path, "".join(OVER % each for each in over) + TOLD + also)
    release = current(tmp_path / "releases").path
    with closing(sqlite3.connect(release / PANELS)) as database:
        kept = database.execute("SELECT panel, this FROM shown ORDER BY panel").fetchall()
        database.execute('UPDATE shown SET rows = \'[{"light": "\\"kept\\""}]\'')
        database.commit()
    assert kept == [
        (f"{base}shapes#home", f"{base}dataset"),
        (f"{base}shapes#list", f"{base}ont#Light"),
        (f"{base}shapes#quality", f"{base}dataset"),
        *(
            (f"{base}shapes#told", f"{base}id/light/{name}") for name in ("eddystone", "pharos")
        ),  # a small kind
    ]
    for path in ("/", "/class/light", "/quality"):
        sections = [
            each
            for each in page(client, path).iter("section")
            if (each.get("aria-labelledby") or "").startswith("panel-")
        ]
        assert sections
        for section in sections:
            assert [words(each) for each in section.iter("th")] == ["Light", "kept"]


def test_a_hostile_label_in_a_panel_is_text(tmp_path: Path) -> None:
    client = site(tmp_path, TOLD.replace("BIND(3 AS", "BIND('<script>alert(1)</script>' AS"))
    assert "<script>alert" not in client.get("/doc/light/eddystone", base_url=BASE).text


ELSEWHERE = """
shp:elsewhere a view:Panel ;
    view:as view:Facts ;
    view:onPage ex:Light ;
    sh:name "Elsewhere"@en ;
    sh:select '''SELECT ?name ?value ?link {
        VALUES (?name ?value ?link) {
            ("Lists" "List L1" <https://lists.example/L1>) ("Lists" "List L2" UNDEF)
            ("Lists" "List <L3>" <javascript:alert(1)>)
        }
        $this a ex:Light
    } ORDER BY ?value''' .
"""


def test_a_text_leads_where_the_panel_says_and_no_script_does(tmp_path: Path) -> None:
    facts = next(each for each in page(site(tmp_path, ELSEWHERE)).iter("dl") if each.get("class") == "facts")
    assert [words(each) for each in facts.iter("dd")] == ["List <L3>, List L1, List L2"]
    assert [(words(each), each.get("href")) for each in facts.iter("a")] == [
        ("List L1", "https://lists.example/L1")
    ]


def test_first_columns_that_stay_the_same_are_written_once(tmp_path: Path) -> None:
    where = "{ $this ex:keptBy ?keeper BIND('sea' AS ?water) VALUES ?lamp { 1 2 } }"
    query = f"SELECT ?keeper ?water ?lamp {where} ORDER BY ?lamp"
    client = site(tmp_path, TOLD.split("sh:select")[0] + f'sh:select "{query}" .')
    (table,) = [each for each in page(client).iter("table") if words(each).startswith("Keeper")]
    assert [each.get("rowspan") for each in table.iter() if each.get("rowspan")] == ["2", "2"]
    assert [words(each) for each in table.iter("td")] == ["sea", "1", "2"]


def test_the_heading_of_numbers_stands_where_the_numbers_do(tmp_path: Path) -> None:
    where = "{ $this ex:keptBy ?keeper VALUES (?water ?lamp ?mixed) { ('sea' 1 1) ('river' 2 'two') } }"
    query = f"SELECT ?water ?keeper ?lamp ?mixed {where} ORDER BY ?lamp"
    client = site(tmp_path, TOLD.split("sh:select")[0] + f'sh:select "{query}" .')
    (table,) = [each for each in page(client).iter("table") if words(each).startswith("Water")]
    headings = {words(each): each.get("class") for each in table.findall("./thead/tr/th")}
    assert headings == {"Water": None, "Keeper": None, "Lamp": "num", "Mixed": None}
    assert [words(each) for each in table.iter("td") if each.get("class") == "num"] == ["1", "1", "2"]


def test_the_thing_is_put_in_as_an_iri_and_only_where_the_variable_stands(tmp_path: Path) -> None:
    panel = TOLD.replace("BIND(3 AS", "BIND('$this' AS")
    store = store_of_files(files(panel), tmp_path)
    try:
        panels = Panels(store, {**PREFIXES, "ex": "https://example.org/lights/ont#"})
        (told,) = panels.on_page([LIGHT])
        query = panels.shown(told, EDDYSTONE).query
    finally:
        store.close()
    assert f"<{EDDYSTONE.value}> ex:keptBy ?keeper BIND('$this' AS ?yearsKept)" in query
    assert query.startswith("PREFIX ex: <https://example.org/lights/ont#>\n")


def test_columns_are_those_of_the_select_clause() -> None:
    assert columns("SELECT * { $this ?b ?c . ?c ?b ?a }") == ("b", "c", "a")
    assert columns("SELECT (IF(?x, ?y, 1) AS ?z) ?w WHERE { ?w ?x ?y }") == ("z", "w")


@pytest.mark.parametrize(
    ("panels", "ontology", "sentence"),
    [
        (
            TOLD.replace("view:Table", "view:Chart"),
            "",
            "<urn:ldnkg:view:Chart> is not known here; use one of",
        ),
        (TOLD.replace("{ $this", "{ { $this"), "", "The query of this panel does not parse"),
        (
            TOLD.replace("ex:keptBy", "ux:keptBy"),
            "",
            "The query of this panel does not parse: The prefix ux: is not declared",
        ),
        (FLAGGED.replace("SELECT", "SELECT ?x , "), "", "Variables are listed without commas"),
        (FLAGGED.replace("?flag {", "?flag { ?thing ux:y ?z ."), "", "parse: The prefix ux: is not declared"),
        (TOLD.replace("BIND(3 AS", "SERVICE <http://a/> {} BIND(3 AS"), "", "SERVICE is refused"),
        (
            TOLD.replace("view:Table", "view:Gaps"),
            "",
            "view:Gaps shows ?gap, which this query does not select.",
        ),
        (TOLD.replace("    view:onPage ex:Light ;\n", ""), "", "A panel stands somewhere"),
        (TOLD.replace("    view:as view:Table ;\n", ""), "", "A panel needs <urn:ldnkg:view:as>."),
        (TOLD.replace("SELECT ?keeper ?yearsKept", "CONSTRUCT"), "", "does not parse"),
        (TOLD, MARKED.replace("view:harm", "view:harmless"), "<urn:ldnkg:view:harmless> is not known here"),
        (FLAGGED.replace("?flag {", "{"), "", "A flag shows ?flag, which this query does not select."),
        (TOLD, MARKED.replace("rung 2", "rung 9"), "A rung is a whole number from 1 to 6."),
    ],
)
def test_what_no_page_could_show_is_found_by_check(
    tmp_path: Path, panels: str, ontology: str, sentence: str
) -> None:
    (found,) = faults(tmp_path, panels, ontology)
    assert sentence in found


def test_a_property_of_panels_that_is_misspelt_is_told(tmp_path: Path) -> None:
    (message,) = faults(tmp_path, TOLD + 'shp:told view:ifEmpty "Nobody."@en .')
    assert "ifEmpty> says nothing here" in message
    assert "view:whenEmpty" in message


def test_good_panels_and_marks_are_no_problem(tmp_path: Path) -> None:
    assert faults(tmp_path, TOLD, MARKED) == []


def test_each_viewer_has_a_template_and_each_mark_a_drawing() -> None:
    package = Path(ldnkg.__file__).parent / "web"
    assert {each.stem for each in (package / "templates" / "view").iterdir()} == set(VIEWERS)
    sprite = ElementTree.fromstring((package / "static" / "marks.svg").read_text(encoding="utf-8"))
    assert {each.get("id") for each in sprite} == {*MARKS, *(f"r{number}" for number in range(1, RUNGS + 1))}


def test_the_documentation_names_every_viewer_mark_and_variable() -> None:
    told = (ROOT / "docs" / "panels.md").read_text(encoding="utf-8")
    for viewer, variables in VIEWERS.items():
        assert f"`view:{viewer}`" in told
        for each in variables:
            assert f"`?{each}`" in told
    for each in MARKS:
        assert f"`view:{each}`" in told


def test_a_release_can_have_the_rows_of_every_panel_and_is_another_one_then(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ldnkg.release.writing.few", lambda store: ())  # as if there were many lights
    sources = load(write(tmp_path / "sources", files(TOLD)))
    some = build(sources, tmp_path / "releases", BASE)
    every = build(sources, tmp_path / "releases", BASE, answered=True)
    assert some.id != every.id and every.manifest["answered"] is True
    panel, things = NamedNode(f"{BASE}shapes#told"), ("eddystone", "pharos")
    found = {}
    for release in (some, every):
        with closing(Overviews(release.path / PANELS)) as kept:
            found[release.id] = [kept.rows(panel, NamedNode(f"{BASE}id/light/{each}")) for each in things]
    assert found[some.id] == [None, None]
    one, none = found[every.id]
    assert one is not None
    rows, total = one
    assert [str(each["keeper"]) for each in rows] == [f"<{BASE}id/keeper/winstanley>"] and total == 1
    assert none == ((), 0), "that there is nothing is known, too"
