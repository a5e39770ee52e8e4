"""Lists and results that are narrowed and sorted by their addresses."""

import csv
import io
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
import rdflib
from conftest import EDDYSTONE, LIGHTS, ONTOLOGY, SHAPES, write
from flask.testing import FlaskClient
from served import BASE, client_of, hrefs, html, tree, words

HYDRA = rdflib.Namespace("http://www.w3.org/ns/hydra/core#")

FACETS = """
shp:Light-built a sh:PropertyShape ;
    dash:propertyRole dash:KeyInfoRole ;
    hydra:variable "year" ;
    sh:name "built"@en ;
    sh:order 4 ;
    sh:path ex:built .

shp:Light-town a sh:PropertyShape ;
    dash:hidden true ;
    hydra:variable "town" ;
    sh:name "town of a keeper"@en ;
    sh:path ( ex:keptBy ex:town ) .

shp:Light-taken a sh:PropertyShape ;
    hydra:variable "page" ;
    sh:name "taken"@en ;
    sh:path ex:page .

shp:Keeper-town a sh:PropertyShape ;
    hydra:variable "town" ;
    sh:name "home"@en ;
    sh:path ex:town .
"""
TERMS = """
ex:built a owl:DatatypeProperty ;
    rdfs:label "built"@en ;
    skos:definition "When it was built."@en .

ex:town a owl:DatatypeProperty ;
    rdfs:label "town"@en ;
    skos:definition "Where a keeper lives."@en .

ex:page a owl:DatatypeProperty ;
    rdfs:label "page"@en ;
    skos:definition "A page of the log."@en .
"""
LIGHT = """\
@prefix ex: <https://example.org/lights/ont#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix v: <https://example.org/lights/vocab#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .

<https://example.org/lights/id/light/{slug}> a ex:Light ;
    ex:built "{built}"^^xsd:date ;
    {height}
    ex:keptBy <https://example.org/lights/id/keeper/{keeper}> ;
    ex:state v:{state} ;
    skos:prefLabel "{name}"@en .
"""
KEEPER = """\
@prefix ex: <https://example.org/lights/ont#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .

<https://example.org/lights/id/keeper/{slug}> a ex:Keeper ;
    ex:town "{town}" ;
    skos:prefLabel "{slug} the keeper"@en .
"""
COAST = (
    ("ada", "Ada light", "1850-01-01", "ex:height 9.5 ;", "lit", "one"),
    ("bee", "Bee light", "1850-06-01", "ex:height 30.0 ;", "dark", "two"),
    ("cod", "Cod light", "1901-01-01", "", "lit", "two"),
)


@pytest.fixture(scope="module")
def coast(tmp_path_factory: pytest.TempPathFactory) -> FlaskClient:
    """Three lights in two states, built in two years, kept by people of two towns."""
    fields = "slug name built height state keeper".split()
    files = {
        f"graph/light/{each[0]}.ttl": LIGHT.format(**dict(zip(fields, each, strict=True))) for each in COAST
    }
    files |= {
        f"graph/keeper/{slug}.ttl": KEEPER.format(slug=slug, town=town)
        for slug, town in (("one", "Rye"), ("two", "Deal"))
    }
    kept = {name: text for name, text in LIGHTS.items() if not name.startswith("graph/") or "dataset" in name}
    shapes = SHAPES.replace(
        "shp:Light-height, ", "shp:Light-height, shp:Light-built, shp:Light-town, shp:Light-taken, "
    )
    shapes = shapes.replace("shp:Keeper-label, ", "shp:Keeper-label, shp:Keeper-town, ") + FACETS
    terms = {"ontology/lights.ttl": ONTOLOGY + TERMS}
    folder = tmp_path_factory.mktemp("coast")
    sources = write(folder / "lights", kept | files | terms | {"shapes/light.ttl": shapes})
    return client_of(sources, folder / "releases")


def listed(client: FlaskClient, path: str) -> list[str]:
    """The names in the list, in order."""
    return [words(each) for each in html(client.get(path)).findall(".//tbody//th")]


def offered(client: FlaskClient, path: str) -> dict[str, dict[str, str]]:
    """What a page offers: facet, value, count."""
    page = html(client.get(path))
    return {
        words(each.find("summary")): {  # type: ignore[arg-type]
            words(item.find("a")): words(item.find("span"))  # type: ignore[arg-type]
            for item in each.findall(".//li")
        }
        for each in page.findall(".//nav[@class='facets']/details")
    }


def test_a_list_offers_the_values_of_its_facets_with_counts(coast: FlaskClient) -> None:
    assert offered(coast, "/class/light") == {
        "State": {"Lit": "2", "Dark": "1"},
        "Built": {"1901": "1", "1850": "2"},
        "Town of a keeper": {"Deal": "2", "Rye": "1"},
    }


def test_a_list_is_narrowed_by_a_concept_a_year_and_the_end_of_a_path(coast: FlaskClient) -> None:
    assert listed(coast, "/class/light?state=lit") == ["Ada light", "Cod light"]
    assert listed(coast, "/class/light?year=1850") == ["Ada light", "Bee light"]
    assert listed(coast, "/class/light?town=Deal") == ["Bee light", "Cod light"]
    assert listed(coast, "/class/light?town=Deal&state=lit") == ["Cod light"]


def test_counts_are_of_what_is_left_and_of_what_one_could_change_over_to(coast: FlaskClient) -> None:
    found = offered(coast, "/class/light?state=lit")
    assert found["State"] == {"Lit": "2", "Dark": "1"}
    assert found["Town of a keeper"] == {"Deal": "1", "Rye": "1"}


def test_every_link_leads_to_as_many_as_it_says(coast: FlaskClient) -> None:
    page = html(coast.get("/class/light?state=lit"))
    for item in page.findall(".//nav[@class='facets']//li"):
        (anchor,), (count,) = item.findall("a"), item.findall("span")
        if anchor.get("aria-current") is None:
            assert len(listed(coast, anchor.get("href", ""))) == int(words(count))


def test_a_hidden_field_stands_in_no_section_and_no_column(coast: FlaskClient) -> None:
    assert "Town of a keeper" not in words(html(coast.get("/doc/light/ada")))
    assert "Town of a keeper" not in [words(each) for each in html(coast.get("/class/light")).iter("th")]


def test_a_hidden_property_is_not_told_as_one_that_the_shapes_are_silent_about(tmp_path: Path) -> None:
    key = "shp:Light-height a sh:PropertyShape ;"
    shapes = SHAPES.replace(key, f"{key}\n    dash:hidden true ;")
    lights = write(tmp_path / "lights", LIGHTS | {"shapes/light.ttl": shapes})
    page = html(client_of(lights, tmp_path / "releases").get("/doc/light/eddystone"))
    assert "Kept by" in [words(each) for each in page.iter("dt")]
    assert "49" not in [words(each) for each in page.iter("dd")]
    assert "height" not in words(page).lower()


def test_filters_in_force_are_links_that_remove_them(coast: FlaskClient) -> None:
    page = html(coast.get("/class/light?town=Deal&state=lit"))
    chips = {words(each): each.get("href") for each in page.findall(".//ul[@class='chosen']//a")}
    assert chips == {
        "State: lit ×, remove this filter": "/class/light?town=Deal",
        "Town of a keeper: Deal ×, remove this filter": "/class/light?state=lit",
        "Remove all filters": "/class/light",
    }


@pytest.mark.parametrize(
    ("sort", "names"),
    [("name", "Ada Bee Cod"), ("-name", "Cod Bee Ada"), ("height", "Ada Bee Cod"),
     ("-height", "Bee Ada Cod"), ("year", "Ada Bee Cod"), ("-year", "Cod Bee Ada"),
     ("state", "Bee Ada Cod"), ("nonsense", "Ada Bee Cod")],
)  # fmt: skip
def test_a_list_is_sorted_by_any_column_and_what_has_no_value_comes_last(
    coast: FlaskClient, sort: str, names: str
) -> None:
    assert [each.split()[0] for each in listed(coast, f"/class/light?sort={sort}")] == names.split()


def test_a_heading_says_how_the_list_is_sorted_and_leads_to_the_other_way(coast: FlaskClient) -> None:
    heads = html(coast.get("/class/light?sort=height&state=lit")).findall(".//thead//th")
    (height,) = [each for each in heads if each.get("aria-sort")]
    assert (words(height).split()[0], height.get("aria-sort")) == ("Height", "ascending")
    (anchor,) = height.iter("a")
    assert anchor.get("href") == "/class/light?state=lit&sort=-height"


def test_what_one_sees_is_what_one_downloads(coast: FlaskClient) -> None:
    page = coast.get("/class/light?sort=-height&state=lit")
    where = next(each for each in hrefs(html(page)) if ".csv" in each)
    rows = list(csv.DictReader(io.StringIO(coast.get(where).text)))
    assert [row["iri"].rpartition("/")[2] for row in rows] == ["ada", "cod"]
    graph = rdflib.Graph().parse(data=coast.get(where.replace(".csv", ".ttl")).text)
    collection = rdflib.URIRef(BASE + "class/light?state=lit&sort=-height")
    assert graph.value(collection, HYDRA.totalItems) == rdflib.Literal(2)
    assert len(set(graph.objects(collection, HYDRA.member))) == 2


def test_a_value_that_nothing_has_is_an_empty_list_with_a_way_back(coast: FlaskClient) -> None:
    response = coast.get("/class/light?state=purple")
    assert response.status_code == 200
    assert "Nothing in this list has all of that" in words(html(response))
    assert "/class/light" in hrefs(html(response))
    assert coast.get("/class/light?state=purple&page=2").status_code == 404


def test_a_name_that_an_address_needs_is_no_facet(coast: FlaskClient) -> None:
    assert "Taken" not in offered(coast, "/class/light")


def test_there_are_no_more_variants_than_there_is_data_for(coast: FlaskClient) -> None:
    def tag(query: str) -> str | None:
        return coast.get(f"/class/light.csv{query}").headers["ETag"]

    plain = tag("")
    assert plain == tag("?bogus=1") == tag("?sort=nonsense") == tag("?sort=name") == tag("?state=")
    assert tag("?state=lit&town=Deal") == tag("?town=Deal&state=lit&x=y")
    assert tag("?state=purple") == tag("?state=pink")
    assert len({plain, tag("?state=lit"), tag("?state=dark"), tag("?state=purple"), tag("?sort=-name")}) == 5
    assert (
        coast.get("/doc/light/ada").headers["ETag"] == coast.get("/doc/light/ada?state=lit").headers["ETag"]
    )


def test_the_canonical_address_is_the_plain_list(coast: FlaskClient) -> None:
    page = html(coast.get("/class/light?state=lit&sort=-height"))
    (canonical,) = (each.get("href") for each in page.iter("link") if each.get("rel") == "canonical")
    assert canonical == BASE + "class/light"


def test_a_narrowed_list_keeps_its_filters_from_page_to_page(tmp_path: Path) -> None:
    files = {
        f"graph/light/l{number:03}.ttl": EDDYSTONE.replace("eddystone", f"l{number:03}")
        for number in range(60)
    }
    client = client_of(write(tmp_path / "lights", LIGHTS | files), tmp_path / "releases")
    (rest,) = {
        each for each in hrefs(html(client.get("/class/light?x=1&sort=-name&state=lit"))) if "page=2" in each
    }
    assert parse_qs(urlsplit(rest).query) == {"state": ["lit"], "sort": ["-name"], "page": ["2"]}
    assert len(listed(client, rest)) == 11


def test_results_are_narrowed_by_kind_and_by_facets_of_all_kinds(coast: FlaskClient) -> None:
    found = offered(coast, "/search?q=light")
    assert list(found)[0] == "Kind"
    assert found["Kind"]["Lighthouse"] == "3"
    assert offered(coast, "/search?q=keeper")["Town"] == {"Deal": "1", "Rye": "1"}
    page = html(coast.get("/search?q=light&kind=light&state=dark"))
    assert [words(each) for each in page.findall(".//ol/li/a")] == ["Bee light"]
    assert {"/search?q=light&kind=light", "/search?q=light&state=dark"} <= set(hrefs(page))


def test_what_was_looked_for_is_marked(coast: FlaskClient) -> None:
    page = html(coast.get("/search?q=bee+light"))
    assert [words(each) for each in page.findall(".//ol/li[1]/a/mark")] == ["Bee", "light"]


def test_a_slip_is_forgiven_and_said(coast: FlaskClient) -> None:
    page = html(coast.get("/search?q=kepeer"))
    assert "This is what was found for keeper." in words(page)
    assert {"/doc/keeper/one", "/doc/keeper/two"} <= set(hrefs(page))


def test_nothing_found_says_how_to_search_and_leads_to_the_lists(coast: FlaskClient) -> None:
    page = html(coast.get("/search?q=qqqqq"))
    assert "How to search" in words(page)
    assert {"/class/light", "/class/keeper"} <= set(hrefs(page))


def test_a_suggestion_tells_its_kind_and_what_matched(client: FlaskClient) -> None:
    (first, *_) = client.get("/suggest?q=rocks").get_json()
    assert (first["label"], first["kind"], first["matched"]) == ("Eddystone", "lighthouse", "Eddystone Rocks")
    assert client.get("/suggest?q=edystone").get_json()[0]["href"] == "/doc/light/eddystone"
    assert client.get("/suggest").get_json() == []


def test_a_site_made_of_files_offers_no_links_that_need_a_server(tmp_path: Path) -> None:
    from ldnkg.web import create_app

    client_of(write(tmp_path / "lights", LIGHTS), tmp_path / "releases")
    text = create_app(tmp_path / "releases", as_files=True).test_client().get("/class/light").text
    assert "state=" not in text and "sort=" not in text and "suggest" not in text
    assert tree(text).findall(".//tbody//th")
