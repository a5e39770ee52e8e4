"""The curated graph in a real browser: every kind of page, and three readers on their way through it."""

import re
import shutil
from collections.abc import Iterator
from itertools import pairwise
from threading import Thread

import html5lib
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect, sync_playwright
from werkzeug.serving import make_server

from ldnkg.places import sources_root
from ldnkg.release import build
from ldnkg.sources import load
from ldnkg.web import create_app

PATHS = (
    "/ /doc/condition/multiple-sclerosis /doc/condition/fibromyalgia /doc/condition/crohn-disease "
    "/doc/trial/penn-state-crohn-rct /doc/trial/odense-final-fibromyalgia /doc/claim/c0032 "
    "/doc/conflict/k0004 /doc/source/seed-article /doc/paper/cree-2010 /doc/paper/wang-burns-2009-retracted "
    "/doc/mechanism/ogf-ogfr-axis /doc/target/tlr4 /doc/substance/naltrexone "
    "/doc/dose-band/low-dose-naltrexone "
    "/doc/person/alexoff-a /class/condition /class/trial /class/claim /class/paper /search?q=crohn /quality "
    "/neighbourhood/condition/multiple-sclerosis /sparql /sparql/examples /dataset"
).split()
HEAVIEST = 100_000
"""Bytes of a page without compression, but for what it embeds for search engines."""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The curated graph on a port; gives its address."""
    releases = tmp_path_factory.mktemp("curated")
    sources = load(sources_root())
    build(sources, releases, "http://ldn.example/")
    app = create_app(releases)
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Debian's Chromium."""
    with sync_playwright() as playwright:
        yield playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])


@pytest.fixture(params=[True, False], ids=["with scripts", "without scripts"])
def page(browser: Browser, request: pytest.FixtureRequest) -> Iterator[Page]:
    context = browser.new_context(java_script_enabled=request.param)
    yield context.new_page()
    context.close()


@pytest.mark.parametrize("path", PATHS)
def test_every_kind_of_page_fits_complains_of_nothing_and_is_light(
    browser: Browser, site: str, path: str
) -> None:
    page = browser.new_page(viewport={"width": 320, "height": 800})
    complaints: list[str] = []
    asked: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("request", lambda request: asked.append(request.url))
    answer = page.goto(site + path)
    assert answer and answer.status == 200
    widest = page.evaluate(
        "[...document.querySelectorAll('main *')]"
        ".filter(e => !e.closest('.scroll, pre, .drawing, .yasqe, svg'))"
        ".filter(e => e.getBoundingClientRect().right > innerWidth + 1)"
        ".map(e => e.outerHTML.slice(0, 120))[0] || ''"
    )
    assert (page.evaluate("document.documentElement.scrollWidth"), widest) == (320, "")
    assert [each for each in asked if not each.startswith(site)] == []
    assert complaints == []
    body = answer.body()
    assert (
        len(re.sub(b'<script type="application/ld.json">.*?</script>', b"", body, flags=re.DOTALL)) < HEAVIEST
    )
    parser = html5lib.HTMLParser(strict=True)
    parser.parse(body.decode())
    page.close()


@pytest.mark.parametrize("path", PATHS)
def test_axe_finds_no_barrier_on_any_kind_of_page(browser: Browser, site: str, path: str) -> None:
    """By day every rule; by night what can differ then: contrast."""
    context = browser.new_context(color_scheme="light", bypass_csp=True)
    page = context.new_page()
    page.goto(site + path, wait_until="networkidle")
    for each in page.locator("details.recorded").all():
        each.evaluate("each => each.open = true")
    found = Axe().run(page).response["violations"]
    page.emulate_media(color_scheme="dark")
    found += Axe().run(page, options={"runOnly": ["color-contrast"]}).response["violations"]
    assert [(each["id"], each["nodes"][0]["html"]) for each in found] == []
    context.close()


def test_a_patient_comes_from_the_first_page_to_the_trials_and_the_checked_article(
    page: Page, site: str
) -> None:
    page.goto(site)
    page.get_by_role("link", name="multiple sclerosis", exact=True).first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Multiple sclerosis")
    expect(page.locator(".short")).to_contain_text("not known")
    trials = page.get_by_role("region", name="Table: Trials")
    expect(trials).to_contain_text("No difference")
    expect(trials).to_contain_text("Favours the intervention")
    trials.get_by_role("link", name="17-week crossover trial").click()
    expect(page.get_by_role("heading", name="Unwanted effects by arm")).to_be_visible()
    page.go_back()
    page.get_by_role("link", name="Low-Dose Naltrexone (LDN) for MS").first.click()
    expect(page.get_by_role("heading", name="The statements, checked")).to_be_visible()
    expect(page.locator(".verdicts > li")).to_have_count(33)


def test_the_page_of_the_drug_shows_names_and_no_keys(page: Page, site: str) -> None:
    """A label is known by its publisher; the key of an interaction says no more than its name."""
    page.goto(f"{site}/doc/substance/naltrexone")
    cautions = page.get_by_role("region", name="Table: Contraindications and interactions")
    expect(cautions.get_by_role("link", name="Naltrexone label at DrugCentral").first).to_be_visible()
    expect(page.get_by_role("main")).not_to_contain_text(re.compile("[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}"))
    for words in ("ms-disease-modifying-therapy", "retracted-filamin-papers", "toljan-2018"):
        expect(page.get_by_role("main")).not_to_contain_text(words)


@pytest.mark.parametrize("width", [320, 390, 1280])
def test_a_scale_of_doses_has_numbers_at_every_width(browser: Browser, site: str, width: int) -> None:
    """Each above a line of the grid, none over another, none cut off; on a phone beside each range."""
    page = browser.new_page(viewport={"width": width, "height": 800})
    page.goto(f"{site}/doc/substance/naltrexone")
    drawn = page.locator("[aria-labelledby=panel-substance-bands]").evaluate(
        """section => [...section.querySelectorAll('svg')]
        .filter(svg => getComputedStyle(svg.closest('thead') || svg).position !== 'absolute')
        .map(svg => [...svg.querySelectorAll('text')].filter(each => each.getBoundingClientRect().width)
        .map(each => [each.textContent, each.getBoundingClientRect()])
        .map(([text, box]) => [text, box.left - section.getBoundingClientRect().left,
        section.getBoundingClientRect().right - box.right, box.left, box.right]))"""
    )
    scales = [each for each in drawn if each]
    assert len(scales) == (1 if width == 1280 else 5)
    for scale in scales:
        assert {"0.0001", "0.01", "1", "100"} <= {each[0] for each in scale}
        assert all(each[1] >= 0 and each[2] >= 0 for each in scale)
        assert all(before[4] < after[3] for before, after in pairwise(scale))
    page.close()


@pytest.mark.parametrize("width", [1280, 1600])
@pytest.mark.parametrize(
    "thing",
    [
        "trial/odense-final-fibromyalgia",
        "trial/ucsf-ms-qol-crossover",
        "trial/allodynic-at-06",
        "claim/c0032",
    ],
)
def test_no_space_stands_empty_beside_the_facts_at_a_glance(
    browser: Browser, site: str, width: int, thing: str
) -> None:
    page = browser.new_page(viewport={"width": width, "height": 900})
    page.goto(f"{site}/doc/{thing}")
    head = page.locator("main .two")
    design, beside = head.locator("> aside").bounding_box(), head.locator("> div").bounding_box()
    assert design and beside
    over = beside["y"] + beside["height"] <= design["y"]
    assert over or design["height"] - beside["height"] < 150
    facts = head.locator("> aside dd")
    expect(facts.nth(7)).to_be_visible()
    assert all(each.evaluate("dd => dd.scrollWidth <= dd.clientWidth") for each in facts.all())
    page.close()


@pytest.mark.parametrize("width", [1100, 1280, 1900])
@pytest.mark.parametrize("path", ["/search?q=pain", "/class/trial"])
def test_what_is_found_stands_beside_its_facets(browser: Browser, site: str, path: str, width: int) -> None:
    page = browser.new_page(viewport={"width": width, "height": 900})
    page.goto(f"{site}{path}")
    facets, found = (
        page.locator("main .facets").bounding_box(),
        page.locator("main .listing > section").bounding_box(),
    )
    assert facets and found
    assert facets["x"] + facets["width"] <= found["x"] and abs(facets["y"] - found["y"]) < 100
    page.close()


def test_on_a_phone_the_design_of_a_trial_is_one_column(browser: Browser, site: str) -> None:
    page = browser.new_page(viewport={"width": 390, "height": 800})
    page.goto(f"{site}/doc/trial/odense-final-fibromyalgia")
    boxes = [each.bounding_box() for each in page.locator("main .two > aside dd").all()]
    assert len({each["x"] for each in boxes if each}) == 1
    page.close()


@pytest.mark.parametrize(
    ("address", "row"),
    [
        ("/doc/substance/naltrexone#contraindication-3", "contraindication-3"),
        ("/doc/trial/odense-final-fibromyalgia#d2-v2", "d2"),
    ],
    ids=["a part", "a part of a part"],
)
def test_a_link_to_a_part_opens_what_is_folded_around_it(
    browser: Browser, site: str, address: str, row: str
) -> None:
    """On arrival, and when the address changes where the browser itself opens nothing."""
    page = browser.new_page(viewport={"width": 1280, "height": 800}, reduced_motion="reduce")
    page.goto(site + address)
    expect(page.locator(f"#{row}")).to_be_in_viewport()
    page.evaluate("document.querySelectorAll('details').forEach(each => each.open = false); scrollTo(0, 0)")
    expect(page.locator(f"#{row}")).to_be_hidden()
    page.evaluate("dispatchEvent(new HashChangeEvent('hashchange'))")
    expect(page.locator(f"#{row}")).to_be_in_viewport()
    page.close()


@pytest.mark.parametrize("fragment", ["", "#nothing-of-this-name", "#%", "#panel-substance-harms"])
def test_an_address_without_a_part_opens_nothing(browser: Browser, site: str, fragment: str) -> None:
    page = browser.new_page()
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(f"{site}/doc/substance/naltrexone{fragment}")
    expect(page.locator("details.recorded[open]")).to_have_count(0)
    assert complaints == []
    page.close()


def test_a_clinician_comes_from_the_search_over_a_trial_and_its_plot_to_the_source(
    page: Page, site: str
) -> None:
    page.goto(site)
    page.get_by_role("search").first.get_by_role("searchbox").or_(
        page.get_by_role("search").first.get_by_role("combobox")
    ).first.fill("Crohn")
    page.keyboard.press("Enter")
    page.get_by_role("main").get_by_role("link", name="Crohn", exact=False).first.click()
    page.goto(f"{site}/doc/trial/penn-state-crohn-rct")
    plot = page.get_by_role("img", name="Results by arm")
    expect(plot.first).to_be_visible()
    page.get_by_role("region", name="Table: Results", exact=True).get_by_role(
        "link", name="Smith 2011"
    ).first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Smith 2011")
    expect(page.get_by_text("10.1053/j.gastro")).to_have_count(0)


def test_a_researcher_comes_from_an_example_over_a_change_to_csv_and_a_permalink(
    browser: Browser, site: str
) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{site}/sparql/examples")
    page.get_by_role("main").get_by_role("link", name="enrolled the most people", exact=False).first.click()
    page.get_by_role("link", name="Open in the editor").click()
    text = page.locator("textarea[name=query]")
    text.fill(re.sub(r"LIMIT \d+", "LIMIT 3", text.input_value()))
    page.get_by_role("button", name="Run").first.click()
    expect(page.locator("table.found tbody tr")).to_have_count(3)
    permalink = page.locator("a.permalink").first.get_attribute("href")
    csv = page.get_by_role("link", name="CSV").first.get_attribute("href")
    assert permalink and csv
    found = context.request.get(site + csv)
    assert found.headers["content-type"].startswith("text/csv")
    assert found.text().count("\r\n") == 4
    page.goto(site + permalink)
    expect(page.locator("table.found tbody tr")).to_have_count(3)
    context.close()


def test_the_drawing_of_a_neighbourhood_follows_the_keyboard(browser: Browser, site: str) -> None:
    page = browser.new_page()
    page.goto(f"{site}/neighbourhood/condition/multiple-sclerosis")
    expect(page.locator(".drawing canvas").first).to_be_visible()
    page.locator("[data-iri] a").first.focus()
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("/doc/"))
    page.close()
