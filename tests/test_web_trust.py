"""Citations, what the shapes say of a record, which file to edit, and the page for curators."""

import json
import re
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from conftest import LIGHTS, write
from flask.testing import FlaskClient
from served import BASE, client_of, html, words

from ldnkg.citation import Citation, bibtex, csl, key_of, plain, ris
from ldnkg.curation import CURATION, Curation

WARNED = """
shp:Light-tall a sh:PropertyShape ;
    sh:message "A light is seldom higher than 60 m."@en ;
    sh:maxInclusive 60 ;
    sh:path ex:height ;
    sh:severity sh:Warning .

shp:Light sh:property shp:Light-tall .
"""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> FlaskClient:
    path = tmp_path_factory.mktemp("trust")
    files = dict(LIGHTS)
    files["shapes/light.ttl"] += WARNED
    files["graph/light/pharos.ttl"] = re.sub(
        r"(ex:height) [^ ;]+", r"\1 103.0", files["graph/light/pharos.ttl"]
    )
    if "ex:height" not in files["graph/light/pharos.ttl"]:
        files["graph/light/pharos.ttl"] = files["graph/light/pharos.ttl"].replace(
            "a ex:Light ;", "a ex:Light ;\n    ex:height 103.0 ;"
        )
    write(path / "sources", files)
    return client_of(path / "sources", path / "releases")


def section(site: FlaskClient, path: str, anchor: str) -> str:
    page = html(site.get(path, base_url=BASE, headers={"Accept": "text/html"}))
    (found,) = [each for each in page.iter("section") if each.get("aria-labelledby") == anchor]
    return words(found)


def test_a_page_says_which_file_to_correct_and_that_it_conforms(site: FlaskClient) -> None:
    told = section(site, "/doc/light/eddystone", "cite")
    assert "graph/light/eddystone.ttl" in told
    assert "conforms to the shapes, without a remark" in told


def test_a_remark_of_the_shapes_stands_on_the_page_with_its_line(site: FlaskClient) -> None:
    told = section(site, "/doc/light/pharos", "cite")
    assert "A light is seldom higher than 60 m." in told
    assert re.search(r"warning, graph/light/pharos\.ttl, line \d+", told)


def test_every_style_cites_the_thing_in_its_release(site: FlaskClient) -> None:
    release = site.get("/health", base_url=BASE).json
    assert release
    for style, media_type in (
        ("txt", "text/plain"),
        ("bib", "application/x-bibtex"),
        ("ris", "application/x-research-info-systems"),
        ("csl.json", "application/vnd.citationstyles.csl+json"),
    ):
        answer = site.get(f"/cite.{style}?of=light/eddystone", base_url=BASE)
        assert (answer.status_code, answer.mimetype) == (200, media_type)
        assert f"{BASE}id/light/eddystone" in answer.text
        assert release["release"] in answer.text
        assert answer.headers["Content-Disposition"] == f'attachment; filename="light-eddystone.{style}"'


def test_without_a_thing_the_dataset_is_cited(site: FlaskClient) -> None:
    (item,) = json.loads(site.get("/cite.csl.json", base_url=BASE).text)
    assert item["URL"] == f"{BASE}dataset"


@pytest.mark.parametrize(
    "path", ["/cite.doc", "/cite.bib?of=light/nowhere", "/cite.bib?of=%3Cx%3E", "/cite.a/b"]
)
def test_what_is_not_there_is_not_cited(site: FlaskClient, path: str) -> None:
    assert site.get(path, base_url=BASE).status_code == 404


def test_citations_of_two_things_are_not_confused_by_caches(site: FlaskClient) -> None:
    first, second = (
        site.get(f"/cite.txt?of=light/{each}", base_url=BASE) for each in ("eddystone", "pharos")
    )
    assert first.headers["ETag"] != second.headers["ETag"]
    assert first.text != second.text


def test_the_page_for_curators_has_remarks_and_coverage(site: FlaskClient) -> None:
    assert "A light is seldom higher than 60 m." in section(site, "/quality", "validation")
    assert re.search(r"Lighthouse 2 .*State ?2 ?100 %", section(site, "/quality", "coverage"))


def test_what_nothing_links_to_is_counted(tmp_path: Path) -> None:
    write(tmp_path / "sources", LIGHTS)
    client_of(tmp_path / "sources", tmp_path / "releases")
    curation = Curation(tmp_path / "releases" / "current" / CURATION)
    try:
        total, alone = curation.alone(1)
        assert (total, [each.value for each in alone]) == (2, [f"{BASE}id/light/eddystone"])
        assert {p.value.rpartition("#")[2]: n for p, n in curation.coverage()["keeper"]}["prefLabel"] == 1
        assert curation.file_of(f"{BASE}id/keeper/winstanley") == "graph/keeper/winstanley.ttl"
    finally:
        curation.close()


CITED = Citation(
    key="k",
    title="Light & shade: 50% of {all}\nlights_#1",
    dataset="Lights",
    creators=("Trinity House", "A. Keeper"),
    edition="version 1",
    release="abc",
    issued=date(2026, 11, 5),
    url="https://lights.example/id/light/a",
    license="CC0",
)


def test_a_title_that_is_a_sentence_has_one_full_stop_and_nobody_stands_before_it() -> None:
    said = plain(replace(CITED, title="The light is lit.", creators=()))
    assert said.startswith("The light is lit. In: Lights, version 1, 2026, release abc.")


def test_bibtex_escapes_what_tex_would_read() -> None:
    entry = bibtex(CITED)
    assert r"title = {{Light \& shade: 50\% of \{all\} lights\_\#1}}" in entry
    assert "author = {{Trinity House} and {A. Keeper}}" in entry
    assert entry.count("{") - entry.count(r"\{") == entry.count("}") - entry.count(r"\}")


def test_ris_has_one_field_a_line_and_ends() -> None:
    lines = ris(CITED).split("\r\n")
    assert (lines[0], lines[-2], lines[-1]) == ("TY  - DATA", "ER  - ", "")
    assert all(re.match(r"[A-Z][A-Z0-9]  - ", each) for each in lines[:-1])
    assert [each for each in lines if each.startswith("AU")] == ["AU  - Trinity House", "AU  - A. Keeper"]


def test_csl_is_json_with_a_date_in_parts() -> None:
    (item,) = json.loads(csl(CITED))
    assert item["issued"] == {"date-parts": [[2026, 11, 5]]}
    assert [each["literal"] for each in item["author"]] == ["Trinity House", "A. Keeper"]


def test_a_plain_citation_is_one_sentence_a_part() -> None:
    assert plain(CITED).startswith("Trinity House; A. Keeper (2026). Light & shade")
    assert plain(CITED).endswith("https://lights.example/id/light/a. Licence: CC0.")


def test_keys_hold_letters_digits_and_hyphens() -> None:
    assert key_of("light/ä b%20") == "light-b-20"
    assert key_of("%%%") == "page"
