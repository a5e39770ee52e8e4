"""The search of an export in a real browser: a script looks through the names."""

import shutil
from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from conftest import LIGHTS, write
from hosted import export, nginx
from playwright.sync_api import Browser, expect, sync_playwright

from ldnkg.release import build
from ldnkg.sources import load


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The export of the lighthouses on nginx; gives its address."""
    folder = tmp_path_factory.mktemp("browser")
    build(load(write(folder / "lights", LIGHTS)), folder / "releases", "http://lights.example/")
    with nginx(export(folder / "releases", folder / "site"), folder / "nginx") as host:
        yield f"http://127.0.0.1:{host.port}"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        yield playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])


def test_a_reader_searches_from_any_page_and_arrives(browser: Browser, site: str) -> None:
    page = browser.new_page(viewport={"width": 320, "height": 700})
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.goto(f"{site}/doc/light/pharos")
    page.get_by_role("searchbox", name="Search").first.fill("eddy rock")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_have_text("1 found.")
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    page.locator("#hits").get_by_role("link", name="Eddystone").click()
    assert page.url == f"{site}/doc/light/eddystone"
    assert complaints == []
    page.close()


@pytest.mark.parametrize(
    ("q", "first"),
    [
        ("eddystone", "Eddystone"),
        ("EDDYSTONE ROCKS", "Eddystone"),
        ("eddystone’s rocks’", "Eddystone"),
        ("φαρος", "Pharos of Alexandria"),
        ("winst", "Henry Winstanley"),
    ],
)
def test_names_in_any_spelling_are_found(browser: Browser, site: str, q: str, first: str) -> None:
    page = browser.new_page()
    page.goto(f"{site}/search?q={q}")
    expect(page.locator("#hits a").first).to_have_text(first)
    page.close()


def test_markup_in_a_query_stays_text(browser: Browser, site: str) -> None:
    page = browser.new_page()
    page.goto(f"{site}/search?q=%3Cimg%20src%3Dx%3E")
    expect(page.get_by_role("heading", level=1)).to_have_text("<img src=x>")
    expect(page.get_by_role("status")).to_have_text("0 found.")
    page.close()


def test_without_scripts_all_things_are_listed_by_kind(browser: Browser, site: str) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{site}/search?q=eddystone")
    assert page.get_by_text("Where scripts are off").is_visible()
    page.locator("dl.counts").get_by_role("link", name="Lighthouse").click()
    assert page.url == f"{site}/class/light"
    context.close()


@pytest.mark.parametrize("path", ["/search", "/search?q=eddystone", "/sparql", "/404.html"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_pages_of_an_export_have_no_barrier(browser: Browser, site: str, path: str, scheme: str) -> None:
    context = browser.new_context(color_scheme=scheme, bypass_csp=True)  # type: ignore[arg-type]
    page = context.new_page()
    page.goto(site + path)
    found = Axe().run(page).response["violations"]
    assert [(each["id"], each["nodes"][0]["html"]) for each in found] == []
    context.close()
