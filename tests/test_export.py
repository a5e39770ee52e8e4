"""The export as a folder: whole, only ours, in one step; every link of it leads somewhere."""

import hashlib
import html
import json
import os
import re
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urldefrag, urljoin, urlsplit

import click
import pytest
import rdflib
from conftest import LIGHTS, PHAROS, write
from hosted import Host, export, nginx
from test_export_nginx import odd_lights

from ldnkg.cli import commands
from ldnkg.errors import CannotExport
from ldnkg.export.names import file_name
from ldnkg.formats import FORMATS
from ldnkg.release import build
from ldnkg.sources import load

BASE = "http://lights.example/"


def release(folder: Path, **files: str) -> Path:
    """A folder of releases with that of the lighthouses and these files, by slug of a light."""
    lights = {f"graph/light/{slug}.ttl": text for slug, text in files.items()}
    build(load(write(folder / "lights", LIGHTS | lights)), folder / "releases", BASE)
    return folder / "releases"


def light(slug: str) -> str:
    """The Turtle of one more light."""
    return PHAROS.replace("light:pharos", f"<https://example.org/lights/id/light/{slug}>").replace(
        "Pharos of Alexandria", f"Light {slug}"
    )


def contents(folder: Path) -> dict[str, str]:
    return {
        str(file.relative_to(folder)): hashlib.sha256(file.read_bytes()).hexdigest()
        for file in folder.rglob("*")
        if file.is_file()
    }


@pytest.fixture(scope="module")
def releases(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return release(tmp_path_factory.mktemp("release"))


@pytest.fixture(scope="module")
def exported(releases: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return export(releases, tmp_path_factory.mktemp("export") / "site")


def test_a_thing_is_there_in_every_format(exported: Path) -> None:
    for each in FORMATS:
        there = (exported / f"doc/light/eddystone.{each.suffix}").is_file()
        assert there == (each.kind != "dataset"), each.suffix


@pytest.mark.parametrize(
    "name",
    "index.html 404.html robots.txt context.jsonld static/site.css search.html names.json sparql.html "
    "dataset.ttl ont.html class/light.csv download/graph.nq .htaccess .hosting/nginx.conf .hosting/Caddyfile "
    ".hosting/README.md .nojekyll".split(),
)  # fmt: skip
def test_everything_else_is_there_too(exported: Path, name: str) -> None:
    assert (exported / name).is_file()


def test_the_downloads_are_those_of_the_release(exported: Path, releases: Path) -> None:
    manifest = json.loads((releases / "current/manifest.json").read_text())
    told = {Path(name).name: file["sha256"] for name, file in manifest["files"].items() if "dumps/" in name}
    found = contents(exported / "download")
    assert told.items() <= found.items()


def test_two_exports_of_a_release_are_the_same_files(exported: Path, releases: Path, tmp_path: Path) -> None:
    again = contents(export(releases, tmp_path / "site", "--root", str(exported), "--jobs", "1"))
    assert again == contents(exported)


def test_an_export_takes_the_place_of_a_former_one_and_nothing_of_that_stays(tmp_path: Path) -> None:
    export(release(tmp_path / "one", extra=light("extra")), tmp_path / "site")
    assert (tmp_path / "site/doc/light/extra.html").is_file()
    export(release(tmp_path / "two"), tmp_path / "site")
    assert not (tmp_path / "site/doc/light/extra.html").exists()
    assert {each.name for each in tmp_path.iterdir()} == {"one", "two", "site"}


def test_a_folder_of_somebody_else_is_refused_and_left_alone(releases: Path, tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("years of work")
    with pytest.raises(CannotExport, match="empty folder"):
        export(releases, tmp_path)
    assert contents(tmp_path) == {"thesis.txt": hashlib.sha256(b"years of work").hexdigest()}
    with pytest.raises(click.BadParameter, match="is a file"):
        export(releases, tmp_path / "thesis.txt")


def test_an_empty_folder_will_do(releases: Path, tmp_path: Path) -> None:
    assert (export(releases, tmp_path) / "index.html").is_file()


@pytest.mark.parametrize(
    ("address", "why"),
    [
        ("/doc/light/..%2F..%2Fetc", "folder"),
        ("/doc/light/.", "folder"),
        ("/doc/light/a%2F%2Fb", "folder"),
        ("/doc/light/%00", "character"),
        ("/doc/light/a%5Cb", "character"),
        ("/doc/light/%ff", "UTF-8"),
        ("/doc/light/" + "a" * 256, "255 bytes"),
        ("/class/light?page=..", "page"),
    ],
)
def test_what_no_file_can_be_called_is_refused(address: str, why: str) -> None:
    with pytest.raises(CannotExport, match=why):
        file_name(address)


def test_names_that_only_capitals_tell_apart_are_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    export(release(tmp_path, Light=light("Light"), light=light("light")), tmp_path / "site")
    assert "Differs only by capitals: doc/light/light" in capsys.readouterr().err.replace("Light", "light")


def test_the_command_tells_what_it_wrote(
    releases: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    site = export(releases, tmp_path / "site")
    said = capsys.readouterr().out
    files = [file for file in site.rglob("*") if file.is_file() and file.name != ".ldnkg-export.json"]
    assert f"{len(files):,} files, {sum(file.stat().st_size for file in files):,} bytes" in said


def test_without_a_release_there_is_nothing_to_export(tmp_path: Path) -> None:
    result = os.spawnl(  # the exit code is what a script sees
        os.P_WAIT,
        sys.executable,
        sys.executable,
        "-m",
        "ldnkg.cli",
        "export",
        str(tmp_path / "site"),
        "--releases",
        str(tmp_path),
    )
    assert result == 2
    assert not (tmp_path / "site").exists()


@pytest.mark.parametrize("codings", ["none", "gzip", "br,zstd"])
def test_the_compressed_forms_are_a_choice(releases: Path, tmp_path: Path, codings: str) -> None:
    site = export(releases, tmp_path / "site", "--codings", codings)
    suffixes = Counter(
        file.suffix for file in (site / "doc").rglob("*") if file.suffix in (".gz", ".br", ".zst")
    )
    assert set(suffixes) == {"none": set(), "gzip": {".gz"}, "br,zstd": {".br", ".zst"}}[codings]


def test_an_unknown_coding_is_an_error_of_usage() -> None:
    with pytest.raises(Exception, match="deflate"):
        commands.main(["export", "site", "--codings", "deflate"], standalone_mode=False)


@pytest.fixture(scope="module", params=["", "/kg"])
def host(
    tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> Iterator[tuple[Host, str]]:
    """nginx with the export of many odd lights at the very address that is their base; gives the base too."""
    from bench.processes import free_port

    folder, port = tmp_path_factory.mktemp("links"), free_port()
    base = f"http://127.0.0.1:{port}{request.param}/"
    build(load(write(folder / "lights", odd_lights())), folder / "releases", base)
    with nginx(export(folder / "releases", folder / "site"), folder / "nginx", port) as started:
        yield started, base


RDF = {"text/turtle": "turtle", "application/n-triples": "nt", "application/rdf+xml": "xml"}
PAGING = [rdflib.Namespace("http://www.w3.org/ns/hydra/core#")[name] for name in ("next", "previous", "view")]
PAGING += [rdflib.RDFS.seeAlso]


def test_no_internal_link_is_broken(host: tuple[Host, str]) -> None:
    """Each is followed once: of pages, of Link fields, of sitemaps, of lists in RDF, of redirects."""
    server, base = host
    seen, due, broken = {base}, [(base, "")], []
    while due:
        url, page = due.pop()
        reply = server.ask(url.removeprefix(base[: base.index("/", 8)]))
        if reply.status >= 400:
            broken.append(f"{page} → {url}: {reply.status}")
        kind = reply.headers.get("Content-Type", "").partition(";")[0]
        found = re.findall(r"<([^>]*)>", reply.headers.get("Link", ""))
        found += [reply.headers[name] for name in ("Location", "Content-Location") if name in reply.headers]
        if kind == "text/html":
            text = re.sub(r"<pre.*?</pre>", "", reply.body.decode(), flags=re.DOTALL)
            found += [html.unescape(each) for each in re.findall(r'(?:href|src|data-names)="([^"]*)"', text)]
        if kind == "application/xml":
            found += re.findall(r"<loc>([^<]*)</loc>", reply.body.decode())
        if kind in RDF and "/download/" not in url:
            graph = rdflib.Graph().parse(data=reply.body, format=RDF[kind])
            found += [str(each) for name in PAGING for each in graph.objects(None, name)]
        for target in (urldefrag(urljoin(url, each)).url for each in found):
            if target.startswith(base) and target not in seen:
                seen.add(target)
                due.append((target, url))
    assert not broken, "\n".join(broken)
    paths = {urlsplit(each).path for each in seen}
    assert len(paths) > 1000


def test_every_thing_is_reached_by_links(host: tuple[Host, str]) -> None:
    server, base = host
    mount = urlsplit(base).path
    names = json.loads(server.ask(f"{mount}names.json").body)["entries"]
    assert {each[0] for each in names} >= {"Eddystone", "Henry Winstanley", "Light bülk"}
    for _, where, _, _ in names:
        assert server.ask(where.partition("#")[0]).status == 200
