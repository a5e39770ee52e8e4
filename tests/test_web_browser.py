"""The pages in a real browser, on a phone and on a desk, by day and by night."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Thread

import pytest
from axe_playwright_python.sync_playwright import Axe
from conftest import EDDYSTONE, LIGHTS, write
from playwright.sync_api import Browser, sync_playwright
from werkzeug.serving import make_server

from ldnkg.release import build
from ldnkg.sources import load
from ldnkg.web import create_app

PATHS = (
    "/ /doc/light/eddystone /doc/keeper/winstanley /class/light /class/light?state=lit&sort=-height /ont "
    "/vocab /shapes /search /search?q=light /search?q=nothing /dataset "
    "/sparql /nowhere /changes /changes/light/eddystone /timemap/light/eddystone /dataset/series"
).split()


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The site about lighthouses on a port; gives its address."""
    folder = tmp_path_factory.mktemp("browser")
    write(folder / "lights", LIGHTS)
    with serving(folder) as where:
        yield where


@contextmanager
def serving(folder: Path) -> Iterator[str]:
    """The site of the sources in `lights` of a folder, on a port; gives its address."""
    build(load(folder / "lights"), folder / "releases", "http://lights.example/")
    server = make_server("127.0.0.1", 0, create_app(folder / "releases"), threaded=True)
    thread = Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Debian's Chromium."""
    with sync_playwright() as playwright:
        yield playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])


@pytest.mark.parametrize("path", PATHS)
def test_a_page_fits_the_screen_asks_nobody_else_and_complains_of_nothing(
    browser: Browser, site: str, path: str
) -> None:
    page = browser.new_page(viewport={"width": 390, "height": 800})
    complaints: list[str] = []
    asked: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("request", lambda request: asked.append(request.url))
    status = page.goto(site + path)
    expected = [] if status and status.ok else ["the server responded with a status of 404"]
    for width in (320, 390, 1280):
        page.set_viewport_size({"width": width, "height": 800})
        assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert all(url.startswith(site) for url in asked)
    assert len(complaints) == len(expected), complaints
    page.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("path", PATHS)
def test_a_page_has_no_barrier_that_axe_can_find(browser: Browser, site: str, path: str, scheme: str) -> None:
    context = browser.new_context(color_scheme=scheme, bypass_csp=True)  # type: ignore[arg-type]
    page = context.new_page()
    page.goto(site + path)
    found = Axe().run(page).response["violations"]
    assert [(each["id"], each["nodes"][0]["html"]) for each in found] == []
    context.close()


def test_a_reader_without_javascript_searches_and_arrives(browser: Browser, site: str) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(site)
    page.locator("#find-q").fill("Rocks")
    page.keyboard.press("Enter")
    page.get_by_role("link", name="Eddystone").first.click()
    assert page.url == site + "/doc/light/eddystone"
    page.get_by_role("link", name="Henry Winstanley").click()
    assert page.title() == "Henry Winstanley · Lighthouses"
    context.close()


@pytest.mark.parametrize("path", ["/ont#keptBy", "/vocab#dark", "/shapes#Keeper-label"])
def test_a_link_to_a_term_lands_on_it_and_marks_it(browser: Browser, site: str, path: str) -> None:
    context = browser.new_context(viewport={"width": 1280, "height": 300})
    page = context.new_page()
    page.goto(site + path)
    term = page.locator(":target")
    assert term.get_attribute("id") == path.partition("#")[2]
    box = term.bounding_box()
    assert box and 0 <= box["y"] < 300
    colour = term.evaluate("each => getComputedStyle(each.cells ? each.cells[0] : each).backgroundColor")
    assert colour not in ("rgba(0, 0, 0, 0)", "rgb(255, 255, 255)")
    context.close()


@pytest.mark.parametrize("path", ["/class/light", "/search?q=light"])
def test_on_a_phone_a_link_leads_past_the_filters_to_the_list(browser: Browser, site: str, path: str) -> None:
    context = browser.new_context(viewport={"width": 390, "height": 300}, reduced_motion="reduce")
    page = context.new_page()
    page.goto(site + path)
    page.get_by_role("link", name="Past the filters to the list").click()
    box = page.locator("#list a").first.bounding_box()
    assert box and 0 <= box["y"] < 300
    page.set_viewport_size({"width": 1280, "height": 800})
    assert not page.get_by_role("link", name="Past the filters to the list").is_visible()
    context.close()


def test_a_page_prints_without_its_navigation(browser: Browser, site: str) -> None:
    page = browser.new_page()
    page.goto(site + "/doc/light/eddystone")
    page.emulate_media(media="print")
    assert not page.get_by_role("navigation", name="Main").is_visible()
    assert page.get_by_role("heading", level=1).is_visible()
    page.close()


HEAT = """
@prefix ex: <https://example.org/lights/ont#> .
@prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix shp: <https://example.org/lights/shapes#> .
@prefix view: <urn:ldnkg:view:> .

shp:heat a view:Panel ;
    view:as view:Heat ;
    view:onPage ex:Light ;
    sh:name "Heat"@en ;
    sh:select '''SELECT ?row ?column ?mark ?count ?place {
        VALUES ?row { "long" "the encephalomyelitis of light-keepers" "a" }
        VALUES (?place ?column) {
            (1 "Comparatively observational") (2 "Randomised") (3 "Controlled or observational") (4 "b")
            (5 "Pharmacokinetics") (6 "Opinion")
        }
        BIND("supports" AS ?mark) BIND(12 AS ?count) $this a ex:Light
    } ORDER BY ?row ?place''' .
"""
BROKEN = """
[...document.querySelectorAll("table.heat th")].flatMap((cell) => {
  const walker = document.createTreeWalker(cell, NodeFilter.SHOW_TEXT), broken = [];
  while (walker.nextNode())
    for (const word of walker.currentNode.data.matchAll(/[\\w]+/g)) {
      const range = document.createRange();
      range.setStart(walker.currentNode, word.index);
      range.setEnd(walker.currentNode, word.index + word[0].length);
      if (range.getClientRects().length > 1) broken.push(word[0]);
    }
  return broken;
})
"""
"""The words in the headings of a heat map that stand in two lines."""


def test_no_word_breaks_inside_in_a_heat_map(browser: Browser, tmp_path: Path) -> None:
    write(tmp_path / "lights", LIGHTS | {"shapes/heat.ttl": HEAT})
    with serving(tmp_path) as site:
        page = browser.new_page()
        page.goto(f"{site}/doc/light/eddystone")
        for width in (320, 390, 700, 820, 1000, 1280):
            page.set_viewport_size({"width": width, "height": 800})
            assert page.evaluate(BROKEN) == [], width
            assert page.evaluate("document.documentElement.scrollWidth") <= width
        page.close()


NAMED = """
@prefix dash: <http://datashapes.org/dash#> .
@prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix shp: <https://example.org/lights/shapes#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
shp:Light sh:property shp:Light-called .
shp:Light-called dash:propertyRole dash:KeyInfoRole ; sh:name "also called"@en ; sh:path skos:altLabel .
"""
APART = """
[...document.querySelectorAll("span.lang")].filter((tag) => {
  const text = [...tag.previousElementSibling.getClientRects()].at(-1), own = tag.getBoundingClientRect();
  return own.top >= text.bottom || own.left < text.right;
}).length
"""
"""How many languages do not stand behind their text, in its last line."""


def test_the_language_of_a_text_stands_behind_it_on_a_phone_too(browser: Browser, tmp_path: Path) -> None:
    french = EDDYSTONE.replace(
        '"Eddystone Rocks"@en', '"Phare d’Eddystone aux rochers rouges de Rame Head"@fr'
    )
    write(tmp_path / "lights", LIGHTS | {"shapes/named.ttl": NAMED, "graph/light/eddystone.ttl": french})
    query = "SELECT%20*%20%7B%20?light%20?called%20?name%20FILTER(LANG(?name)%20=%20%22fr%22)%20%7D"
    with serving(tmp_path) as site:
        page = browser.new_page()
        for path in ("/class/light", "/doc/light/eddystone", f"/sparql?query={query}"):
            page.goto(site + path)
            for width in (320, 390, 1280):
                page.set_viewport_size({"width": width, "height": 800})
                assert page.locator("span.lang").count()
                assert page.evaluate(APART) == 0, (path, width)
        page.close()


def test_the_browser_is_there(tmp_path: Path) -> None:
    assert shutil.which("chromium"), "install chromium: the pages are tested in it"


def test_a_name_is_completed_by_keyboard_as_a_combobox(browser: Browser, site: str) -> None:
    page = browser.new_page()
    page.goto(site)
    field = page.locator("header input[name=q]")
    field.press_sequentially("light")
    options = page.locator("header [role=option]")
    options.nth(1).wait_for()
    assert field.get_attribute("aria-expanded") == "true"
    assert page.locator("header [role=status]").text_content() == (
        f"{options.count()} suggestions. Choose with the arrow keys."
    )
    chosen = page.locator("header [aria-selected=true]")
    for key, at in (("ArrowDown", 0), ("ArrowDown", 1), ("End", options.count() - 1), ("ArrowDown", 0),
                    ("ArrowUp", options.count() - 1), ("Home", 0)):  # fmt: skip
        field.press(key)
        assert chosen.get_attribute("id") == options.nth(at).get_attribute("id")
        assert field.get_attribute("aria-activedescendant") == chosen.get_attribute("id")
    assert not Axe().run(page).response["violations"]
    field.press("Escape")
    assert (field.get_attribute("aria-expanded"), field.input_value()) == ("false", "light")
    field.fill("rocks")
    page.get_by_role("option", name="Eddystone").wait_for()
    field.press("ArrowDown")
    field.press("Enter")
    page.wait_for_url(site + "/doc/light/eddystone")
    page.close()


def test_a_name_is_completed_by_touch(browser: Browser, site: str) -> None:
    context = browser.new_context(has_touch=True, viewport={"width": 320, "height": 600})
    page = context.new_page()
    page.goto(site)
    page.locator("#find-q").tap()
    page.keyboard.type("phar")
    page.get_by_role("option", name="Pharos").tap()
    page.wait_for_url(site + "/doc/light/pharos")
    context.close()


def test_enter_without_a_choice_searches(browser: Browser, site: str) -> None:
    page = browser.new_page()
    page.goto(site)
    page.locator("#find-q").press_sequentially("light")
    page.locator(".big [role=option]").first.wait_for()
    page.keyboard.press("Enter")
    page.wait_for_url(site + "/search?q=light")
    page.close()
