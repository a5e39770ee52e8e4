"""IRIs and literals that have broken publishers: each thing is reached, read back, and harms nobody."""

import csv
import io
import re
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import quote, urljoin
from xml.etree import ElementTree

import pyoxigraph as ox
import pytest
import rdflib
import torture
from bench.processes import free_port
from conftest import write
from contract import oracle
from contract.cases import Site
from contract.invariants import of_every_answer
from contract.reading import decoded, parse
from contract.transport import Answer, OverTcp, in_process
from test_serve import fetch, served, until

from ldnkg.release import build
from ldnkg.sources import load
from ldnkg.web import create_app

BASE = "https://lights.example/"
SITES = ("application", "raw", "server")
Triples = frozenset[ox.Triple]


@pytest.fixture(scope="module")
def sources(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write(tmp_path_factory.mktemp("torture") / "sources", torture.files())


@pytest.fixture(scope="module")
def sites(sources: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Site]]:
    """The site without and with the target as it was sent, and a server over TCP."""
    releases = tmp_path_factory.mktemp("torture") / "releases"
    build(load(sources), releases, BASE)
    app, port = create_app(releases), free_port()
    with ExitStack() as stack:
        where = ("--sources", sources, "--releases", releases, "--base", BASE, "--port", port)
        process = stack.enter_context(served(*where))
        until(lambda: fetch(f"http://localhost:{port}/health")[0] == 200, process)
        over = OverTcp("127.0.0.1", port, name="lights.example")
        stack.callback(over.close)
        yield {
            "application": Site("application", in_process(app, host="lights.example", raw=False), BASE),
            "raw": Site("raw", in_process(app, host="lights.example", raw=True), BASE),
            "server": Site("server", over, BASE),
        }


@pytest.fixture(scope="module")
def told() -> dict[str, Triples]:
    """What the source says of each thing, by its IRI on the site."""
    text = torture.graph().replace(torture.OWN, BASE)
    found: dict[str, set[ox.Triple]] = {}
    for quad in ox.parse(text.encode(), format=ox.RdfFormat.TURTLE):
        assert isinstance(quad.subject, ox.NamedNode)
        found.setdefault(quad.subject.value.partition("#")[0], set()).add(quad.triple)
    return {name: frozenset(triples) for name, triples in found.items()}


def target(slug: str, below: str = "id") -> str:
    """The request target of a thing: its IRI as a URI (RFC 3987, section 3.1)."""
    return f"/{below}/odd/" + quote(slug, safe="%/:@!$&'()*+,;=-._~")


def faults(site: Site, slug: str, told: Triples) -> Iterator[str]:
    """What goes wrong on the way from a thing to its document and all its variants, and back."""
    there = site.fetch("GET", target(slug))
    where = there.one("Location") or ""
    if there.status != 303 or not oracle.URI.fullmatch(where) or where != target(slug, "doc"):
        yield f"leads to {where!r} with {there.status}"
        return
    document = site.follow(where)
    yield from of_every_answer("GET", {}, document, site)
    if document.status != 200:
        yield f"its document is {document.status}"
        return
    yield from _links(site, slug, document)
    yield from _page(parse(document))
    known: dict[str, Triples] = {}
    for suffix, media_type in oracle.FORMATS.items():
        answer = site.follow(f"{where}.{suffix}")
        yield from of_every_answer("GET", {}, answer, site)
        if suffix == "rdf" and slug in torture.NO_XML:
            if answer.status != 406:
                yield f"RDF/XML cannot hold it, but is {answer.status}"
        elif (answer.status, answer.media_type) != (200, media_type):
            yield f"as {suffix} it is {answer.status} {answer.media_type}"
        elif suffix in oracle.GRAPHS:
            known[suffix] = parse(answer)
            yield from _read(suffix, answer, known, told)
        elif suffix == "csv":
            yield from _table(answer, slug)
        elif parse(answer) is None:
            yield f"as {suffix} it says nothing"


def _links(site: Site, slug: str, document: Answer) -> Iterator[str]:
    """Each link of the document leads where it says, spelt as it is; `cite-as` leads back to it."""
    for link in oracle.links(document.all("Link")):
        whole = urljoin(BASE, link.target)
        if "cite-as" in link.relations and whole != BASE[:-1] + target(slug):
            yield f"is cited as {whole}"
        if whole.startswith(BASE):
            there = site.follow(link.target)
            if there.status not in (200, 303) and not (there.status == 406 and slug in torture.NO_XML):
                yield f"links {link.target} as {sorted(link.relations)}, which is {there.status}"
            if link.relations & {"alternate", "linkset"} and there.media_type not in (
                link.get("type"),
                "application/problem+json",
            ):
                yield f"links {link.target} as {link.get('type')}, which is {there.media_type}"


def _page(root: ElementTree.Element) -> Iterator[str]:
    """A page has no script or style of its own, no handlers, and leads to the web, a mailbox or this site."""
    for each in root.iter():
        if each.tag == "style" or (
            each.tag == "script" and not each.get("src") and not (each.get("type") or "").endswith("json")
        ):
            yield f"has its own <{each.tag}>: {''.join(each.itertext())[:60]!r}"
        if each.tag not in _ELEMENTS:
            yield f"has an element <{each.tag}>"
        for name, value in each.attrib.items():
            if name.startswith("on") or name == "style":
                yield f"has {name}={value!r}"
            if each.tag == "link" and each.get("rel") == "type":
                continue  # the name of a class, which need not be on the web
            if name in ("href", "src", "action") and not _LEADS.match(value):
                yield f"leads to {value!r}"
            if (
                name in ("href", "src", "action")
                and not oracle.URI.fullmatch(value)
                and not value.startswith("http")
            ):
                yield f"{value!r} is no URI"


_LEADS = re.compile(r"https?://[^/]|/(?![/\\])|#|\?|mailto:[\w.]+@[\w.]+$", re.ASCII)
"""How an address begins that a page may lead to; a mailbox is all of it."""
_ELEMENTS = set(
    """
    html head title meta link script body header nav main footer section article aside div span p a ul ol li
    dl dt dd h1 h2 h3 h4 h5 h6 table caption thead tbody tr th td form label input button select option
    textarea details summary code pre em strong small abbr time bdi bdo svg path circle rect line g defs use
    figure figcaption br hr img output datalist b i q cite data sup sub mark template noscript fieldset legend
    """.split()
)


def _read(suffix: str, answer: Answer, known: dict[str, Triples], told: Triples) -> Iterator[str]:
    """The document says what the source says, the same in every format, by two readers."""
    if missing := told - known[suffix]:
        lists = {triple.predicate for triple in known[suffix] if "hydra" in triple.predicate.value}
        if not lists:
            yield f"as {suffix} it lacks {len(missing)}: {str(next(iter(missing)))[:200]}"
    if known[suffix] != known[next(iter(known))]:
        other = known[next(iter(known))] ^ known[suffix]
        yield f"as {suffix} it differs in {len(other)}: {str(next(iter(other)))[:200]}"
    by_rdflib = rdflib.Graph().parse(data=decoded(answer).decode(), format=oracle.FORMATS[suffix])
    if ours := _plain(by_rdflib) ^ _plain_of(known[suffix]):
        yield f"rdflib reads {suffix} otherwise in {len(ours)}: {str(next(iter(ours)))[:300]}"


def _plain(graph: rdflib.Graph) -> set[tuple[str, ...]]:
    """Triples as text, whoever read them."""
    return {
        (str(s), str(p), str(o), str(getattr(o, "language", "") or "").lower(), _datatype(o))
        for s, p, o in graph
    }


def _datatype(term: object) -> str:
    if isinstance(term, rdflib.Literal):
        return str(term.datatype or ("" if term.language else rdflib.XSD.string)).replace(
            str(rdflib.RDF.langString), ""
        )
    return ""


def _plain_of(triples: Triples) -> set[tuple[str, ...]]:
    found: set[tuple[str, ...]] = set()
    for each in triples:
        o = each.object
        language = (o.language or "") if isinstance(o, ox.Literal) else ""
        datatype = o.datatype.value if isinstance(o, ox.Literal) and not language else ""
        found.add((each.subject.value, each.predicate.value, o.value, language.lower(), datatype))  # type: ignore[union-attr]
    return found


def _table(answer: Answer, slug: str) -> Iterator[str]:
    """The table reads back, names the thing, and holds nothing that a spreadsheet would run."""
    rows = list(csv.reader(io.StringIO(decoded(answer).decode(), newline=""), strict=True))
    if not any(BASE + "id/odd/" + slug in cell for row in rows for cell in row):
        yield "the table does not name the thing"
    for row in rows:
        for cell in row:
            if cell[:1] in ("=", "@", "\t", "\r") or re.match(r"[+-](?![\d.])", cell):
                yield f"a spreadsheet would run {cell[:40]!r}"


def every(site: Site, slugs: tuple[str, ...], told: dict[str, Triples]) -> list[str]:
    """The faults of all these things."""
    found = []
    for slug in slugs:
        try:
            found += [f"{slug[:60]!r}: {fault}" for fault in faults(site, slug, told[f"{BASE}id/odd/{slug}"])]
        except (
            AssertionError,
            ValueError,
            SyntaxError,
            ElementTree.ParseError,
            rdflib.exceptions.Error,
        ) as fault:
            found.append(f"{slug[:60]!r}: {fault!r}"[:400])
    return found


@pytest.fixture(autouse=True)
def _as_written(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rdflib, "NORMALIZE_LITERALS", False)


@pytest.mark.parametrize("site", SITES)
def test_a_thing_of_any_name_is_reached_and_read_back_in_every_format(
    site: str, sites: dict[str, Site], told: dict[str, Triples]
) -> None:
    found = every(sites[site], torture.SLUGS, told)
    assert not found, f"{len(found)} faults\n" + "\n".join(found)


@pytest.mark.parametrize("site", SITES)
def test_any_text_and_any_term_is_read_back_as_it_was_and_stays_text(
    site: str, sites: dict[str, Site], told: dict[str, Triples]
) -> None:
    found = every(sites[site], (*torture.PLAIN, *torture.NO_XML), told)
    assert not found, f"{len(found)} faults\n" + "\n".join(found)


@pytest.mark.parametrize("site", SITES)
def test_every_list_of_any_property_is_paged_to_its_end(site: str, sites: dict[str, Site]) -> None:
    found = []
    for slug in ("many", "hub"):
        first = sites[site].fetch("GET", target(slug, "doc"))
        hrefs = {each.get("href", "") for each in parse(first).iter("a")}
        lists = {each for each in hrefs if "/outgoing/" in each or "/incoming/" in each}
        assert len(lists) >= (len(torture.PROPERTIES) if slug == "many" else 2), sorted(lists)
        for where in lists:
            seen, following = 0, where
            while following:
                answer = sites[site].follow(following)
                if answer.status != 200:
                    found.append(f"{following} is {answer.status}")
                    break
                root = parse(answer)
                found += [f"{following}: {fault}" for fault in _page(root)]
                data = sites[site].follow(
                    following.replace("?page", ".ttl?page") if "?" in following else f"{following}.ttl"
                )
                seen += len(parse(data)) if data.status == 200 else 0
                following = next((a.get("href", "") for a in root.iter("a") if a.get("rel") == "next"), "")
            if seen < 60:
                found.append(f"{where}: {seen} triples")
    assert not found, f"{len(found)} faults\n" + "\n".join(found)


@pytest.mark.parametrize("site", SITES)
def test_every_page_that_shows_such_things_is_sound(site: str, sites: dict[str, Site]) -> None:
    found = []
    pages = [
        "/class/odd",
        "/",
        "/search?q=odd",
        "/search?q=%3Cscript%3E",
        "/search?q=%22%27%3E%3Cb%3E",
        "/ont",
    ]
    pages += [f"/class/odd?page={number}" for number in (2, 3)]
    for path in pages:
        answer = sites[site].fetch("GET", path)
        found += [
            f"{path}: {fault}"
            for fault in (*of_every_answer("GET", {}, answer, sites[site]), *_page(parse(answer)))
        ]
        for each in {a.get("href", "") for a in parse(answer).iter("a")}:
            # RDF/XML has no name for some of the properties in these lists
            expected = (200, 303, 406) if ".rdf" in each else (200, 303)
            if each.startswith("/") and sites[site].follow(each).status not in expected:
                found.append(f"{path}: {each} is {sites[site].follow(each).status}")
    for suffix in oracle.GRAPHS:
        answer = sites[site].fetch("GET", f"/class/odd.{suffix}")
        if answer.status == 200:
            parse(answer)
    assert not found, f"{len(found)} faults\n" + "\n".join(found)
