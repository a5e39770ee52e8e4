"""The editor of the query page in a real browser, and the same work without a script."""

import csv
import re
import shutil
import tracemalloc
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urljoin

import engines
import pytest
from asked import ASKING, served
from axe_playwright_python.sync_playwright import Axe
from conftest import write
from flask.testing import FlaskClient
from playwright.sync_api import Browser, Page, Route, expect, sync_playwright
from served import BASE, client_of, html

from ldnkg.errors import BadQuery
from ldnkg.query.packing import pack, unpack

EDITOR = Path(__file__).parents[1] / "server" / "ldnkg" / "web" / "static" / "npm"
QUERY = "SELECT ?light ?height { ?light <ONT#height> ?height } ORDER BY ?height"


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The base of a site below a path."""
    with served(tmp_path_factory.mktemp("editor"), "/lights/") as where:
        yield where


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Debian's Chromium."""
    with sync_playwright() as playwright:
        yield playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])


@pytest.fixture
def page(browser: Browser, base: str) -> Iterator[Page]:
    """A page that may ask nobody but the site, and that nothing complains of."""
    context = browser.new_context(accept_downloads=True)
    opened = context.new_page()
    complaints: list[str] = []
    asked: list[str] = []
    opened.on("console", lambda message: complaints.append(message.text))
    opened.on("pageerror", lambda error: complaints.append(str(error)))
    opened.on("request", lambda request: asked.append(request.url))
    opened.add_init_script(
        "addEventListener('securitypolicyviolation', (e) => console.error('refused', e.violatedDirective))"
    )
    yield opened
    context.close()
    assert [each for each in complaints if "status of 400" not in each] == []
    assert asked
    assert [each for each in asked if not each.startswith(base)] == []


def type_query(page: Page, text: str) -> None:
    """Put a text in the place of what the editor holds, by keyboard."""
    page.locator(".CodeMirror").click()
    page.keyboard.press("Control+a")
    page.keyboard.type(text)


def run(page: Page) -> None:
    """Ask, and wait for what comes."""
    page.keyboard.press("Control+Enter")
    expect(page.locator("#status")).not_to_have_text(re.compile("^$|Running"))


def test_the_editor_is_there() -> None:
    assert (EDITOR / "yasqe.min.js").is_file(), "run `make assets`: the query page is tested with it"


def test_a_class_is_completed_its_prefix_declared_and_the_answer_has_names(page: Page, base: str) -> None:
    page.goto(base + "sparql")
    type_query(page, "SELECT ?x { ?x a ex:Li")
    page.get_by_role("option").filter(has_text="ex:Light").wait_for()
    assert "lighthouse · 2" in page.get_by_role("option").first.inner_text()
    page.keyboard.press("Enter")
    page.keyboard.type(" }")
    expect(page.locator("#query")).to_have_value(re.compile("PREFIX"))
    assert (
        page.locator("#query")
        .input_value()
        .startswith(f"PREFIX ex: <{base}ont#>\nSELECT ?x {{ ?x a ex:Light")
    )
    run(page)
    assert page.locator("#status").inner_text() == "2 rows, complete"
    result = page.locator("#result")
    assert result.get_by_role("link", name="Eddystone").get_attribute("href") == "/lights/doc/light/eddystone"
    assert "light:eddystone" in result.inner_text()


def test_what_is_typed_before_the_terms_are_there_declares_its_prefix_once(page: Page, base: str) -> None:
    waiting: list[Route] = []
    page.route("**/terms.json*", lambda route: waiting.append(route))
    page.goto(base + "sparql")
    type_query(page, "SELECT ?x { ?x a ex:Li")
    waiting[0].continue_()
    page.get_by_role("option").filter(has_text="ex:Light").wait_for()
    page.keyboard.press("Enter")
    page.keyboard.type(" }")
    expect(page.locator("#query")).to_have_value(f"PREFIX ex: <{base}ont#>\nSELECT ?x {{ ?x a ex:Light }}")


def test_a_property_is_found_by_its_name(page: Page, base: str) -> None:
    page.goto(base + "sparql")
    type_query(page, "SELECT * { ?x kept")
    page.keyboard.press("Control+Space")
    page.get_by_role("option").filter(has_text="ex:keptBy").wait_for()
    page.keyboard.press("Enter")
    expect(page.locator("#query")).to_have_value(re.compile("ex:keptBy"))


def test_an_answer_is_downloaded_and_its_permalink_asks_again(page: Page, base: str, tmp_path: Path) -> None:
    query = QUERY.replace("ONT", base + "ont")
    page.goto(base + "sparql")
    type_query(page, query)
    run(page)
    with page.expect_download() as download:
        page.locator("#result").get_by_role("link", name="CSV").click()
    download.value.save_as(tmp_path / download.value.suggested_filename)
    text = (tmp_path / "answer.csv").read_text(encoding="utf-8")
    rows = list(csv.reader(text.splitlines()))
    assert rows[1:] == [[f"{base}id/light/eddystone", "49"], [f"{base}id/light/pharos", "103"]]
    where = page.get_by_role("link", name="Permalink of this query").get_attribute("href") or ""
    assert len(urljoin(base, where)) < len(page.url)
    page.goto(urljoin(base, where))
    page.get_by_role("heading", name="2 rows, complete").wait_for()
    assert page.locator("#query").input_value() == query


def test_the_permalink_of_an_example_is_its_own_address(page: Page, base: str) -> None:
    page.goto(base + "sparql")
    page.get_by_role("link", name="Which lights are taller than 50 m?").first.click()
    page.get_by_role("heading", name="1 row, complete").wait_for()
    page.get_by_role("link", name="Permalink of this query").click()
    assert page.url == base + "doc/query/tall"


def test_the_place_of_a_fault_is_marked_in_the_editor(page: Page, base: str) -> None:
    page.goto(base + "sparql")
    type_query(page, "SELECT ?x {\n?x ?y ;; ?z ) }")
    assert page.locator(".parseErrorIcon").count() == 0, (
        "its own mark speaks to a mouse alone, in refused styles"
    )
    expect(page.locator("#syntax")).to_have_text(re.compile("^Line 2: "))
    run(page)
    assert page.locator("#status").inner_text() == "400: Bad Request"
    assert page.locator("#result pre").inner_text().rstrip().endswith("^")
    marked = page.locator(".CodeMirror .failed")
    assert "?x ?y" in marked.inner_text()
    page.locator(".CodeMirror").click()
    page.keyboard.press("Control+a")
    page.keyboard.type("ASK {}")
    expect(page.locator("#syntax")).to_be_empty()
    assert page.locator(".CodeMirror .failed").count() == 0


def test_the_keyboard_gets_in_and_out(page: Page, base: str) -> None:
    page.goto(base + "sparql")
    page.locator(".CodeMirror").wait_for()
    for _ in range(30):
        page.keyboard.press("Tab")
        if page.evaluate("!!document.activeElement.closest('.CodeMirror')"):
            break
    page.keyboard.press("Tab")
    assert page.evaluate("!!document.activeElement.closest('.CodeMirror')"), "Tab indents"
    assert "press Esc, then Tab" in page.locator("#keys").inner_text()
    page.keyboard.press("Escape")
    assert page.locator("#status").inner_text() == "Tab now leaves the editor."
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Run the query"


def test_going_back_brings_back_what_was_asked(page: Page, base: str) -> None:
    page.goto(base + "sparql")
    for text in ("ASK { ?s ?p 1 }", "ASK { ?s ?p 2 }"):
        type_query(page, text)
        with page.expect_response("**/sparql?query=*"):
            page.keyboard.press("Control+Enter")
        page.wait_for_url("**/sparql?query=*")
    page.wait_for_url("**p+2*")
    page.go_back()
    expect(page.locator("#query")).to_have_value("ASK { ?s ?p 1 }")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(
    "path", ["sparql?query=ASK{", "sparql?query=SELECT*{?s+?p+?o}", "sparql/examples", "doc/query/tall"]
)
def test_no_barrier_that_axe_can_find_and_no_need_to_scroll_sideways(
    browser: Browser, base: str, path: str, scheme: str
) -> None:
    context = browser.new_context(color_scheme=scheme, bypass_csp=True)  # type: ignore[arg-type]
    page = context.new_page()
    page.goto(base + path)
    if path.startswith("sparql?"):
        page.locator(".CodeMirror").wait_for()
        page.wait_for_load_state("networkidle")
    found = Axe().run(page).response["violations"]
    assert [(each["id"], each["nodes"][0]["html"]) for each in found] == []
    for width in (320, 390, 1280):
        page.set_viewport_size({"width": width, "height": 800})
        assert page.evaluate("document.documentElement.scrollWidth") <= width
    context.close()


def test_the_list_of_completions_has_no_barrier_either(browser: Browser, base: str) -> None:
    context = browser.new_context(color_scheme="dark", bypass_csp=True)
    page = context.new_page()
    page.goto(base + "sparql")
    type_query(page, "SELECT ?x { ?x ex:")
    page.get_by_role("option").first.wait_for()
    found = Axe().run(page).response["violations"]
    assert [(each["id"], each["nodes"][0]["html"]) for each in found] == []
    context.close()


def test_without_javascript_the_form_does_the_same_work(browser: Browser, base: str) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(base + "sparql")
    page.get_by_label("Query", exact=True).fill(QUERY.replace("ONT", base + "ont"))
    page.get_by_role("button", name="Run the query").click()
    page.get_by_role("heading", name="2 rows, complete").wait_for()
    assert page.locator("#result").get_by_role("link", name="Eddystone").is_visible()
    with page.expect_download() as download:
        page.get_by_role("link", name="CSV").click()
    assert "103" in download.value.path().read_text(encoding="utf-8")
    page.get_by_role("link", name="Permalink of this query").click()
    page.get_by_role("heading", name="2 rows, complete").wait_for()
    page.get_by_role("link", name="All examples").click()
    page.get_by_role("link", name="Which lights are taller than 50 m?").first.click()
    page.get_by_role("heading", name="1 row, complete").wait_for()
    context.close()


def test_an_example_is_copied_with_one_click(browser: Browser, base: str) -> None:
    context = browser.new_context(permissions=["clipboard-read", "clipboard-write"])
    page = context.new_page()
    page.goto(base + "doc/query/tall")
    page.get_by_role("button", name="Copy").first.click()
    page.get_by_role("button", name="Copied").wait_for()
    assert page.evaluate("navigator.clipboard.readText()").startswith("PREFIX ex:")
    context.close()


@pytest.fixture(scope="module")
def asking(tmp_path_factory: pytest.TempPathFactory) -> FlaskClient:
    """The same site without a browser."""
    folder = tmp_path_factory.mktemp("asking")
    return client_of(write(folder / "lights", ASKING), folder / "releases")


def test_what_can_be_completed_is_what_the_release_counts(asking: FlaskClient) -> None:
    terms = asking.get("/sparql/terms.json").get_json()
    assert terms["prefixes"]["ex"] == BASE + "ont#"
    assert {"term": "ex:Light", "label": "lighthouse", "count": 2} in terms["classes"]
    assert {"term": "ex:keptBy", "label": "kept by", "count": 1} in terms["properties"]
    german = asking.get("/sparql/terms.json", headers={"Accept-Language": "de"})
    assert "Leuchtturm" in [each["label"] for each in german.get_json()["classes"]]
    assert "accept-language" in german.vary.as_set()


@engines.differs("letters")
def test_a_short_address_leads_to_the_query_in_every_format(asking: FlaskClient) -> None:
    text = "SELECT ?x { ?x ?é '灯 + %2F' }"
    answer = asking.get(f"/sparql/q/{pack(text)}")
    assert answer.status_code == 301
    field = html(asking.get(answer.location, headers={"Accept": "text/html"})).findtext(".//textarea")
    assert (field or "").strip() == text
    followed = asking.get(f"/sparql/q/{pack(text)}", headers={"Accept": "text/csv"}, follow_redirects=True)
    assert followed.mimetype == "text/csv"


@pytest.mark.parametrize(
    "packed", ["", "x", "!!", "AAAA", pack("ASK {}")[:-3], pack("x" * 200_000), pack("é")[:-1] + "_"]
)
def test_an_address_that_holds_no_query_is_told_so(asking: FlaskClient, packed: str) -> None:
    assert asking.get(f"/sparql/q/{packed}").status_code in (400, 404 if not packed else 400)


def test_a_bomb_in_an_address_is_not_unpacked() -> None:
    assert unpack(pack("x" * 100), 100) == "x" * 100
    bomb = pack("x" * 50_000_000)
    tracemalloc.start()
    for packed in (pack("x" * 101), bomb):
        with pytest.raises(BadQuery):
            unpack(packed, 100)
    assert tracemalloc.get_traced_memory()[1] < 5_000_000
    tracemalloc.stop()


def test_without_its_files_the_page_is_the_form_alone(tmp_path: Path) -> None:
    client = client_of(write(tmp_path / "lights", ASKING), tmp_path / "releases")
    client.application.static_folder = str(tmp_path)
    page = html(client.get("/sparql", headers={"Accept": "text/html"}))
    assert page.findall(".//textarea[@name='query']")
    assert not [each for each in page.iter() if "npm/" in (each.get("src") or each.get("href") or "")]
