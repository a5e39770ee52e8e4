"""Every thing of the curated graph is the same in every format, whoever reads it."""

import re
from collections.abc import Callable, Iterator
from contextlib import closing
from urllib.parse import unquote, urlsplit

import engines
import pytest
import rdflib
from contract.transport import Send, in_process
from pyoxigraph import NamedNode, RdfFormat, Triple, parse
from stored import store_of

from ldnkg.describe import describe
from ldnkg.formats import GRAPHS, Format, serialise
from ldnkg.iris import path_of
from ldnkg.places import sources_root
from ldnkg.release import build
from ldnkg.sources import Sources, load
from ldnkg.store import Store

READ = {
    "ttl": RdfFormat.TURTLE,
    "jsonld": RdfFormat.JSON_LD,
    "nt": RdfFormat.N_TRIPLES,
    "rdf": RdfFormat.RDF_XML,
}
BY_SUFFIX = {each.suffix: each for each in GRAPHS}
Documents = dict[NamedNode, set[Triple]]


@pytest.fixture(scope="module")
def sources() -> Sources:
    return load(sources_root())


@pytest.fixture(scope="module")
def store(sources: Sources, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    with closing(store_of(sources, tmp_path_factory.mktemp("curated") / "release")) as opened:
        yield opened


@pytest.fixture(scope="module")
def site(sources: Sources, tmp_path_factory: pytest.TempPathFactory) -> Send:
    """The site of a release of these sources, at their own base."""
    releases = tmp_path_factory.mktemp("released")
    build(sources, releases, sources.base)
    return in_process(engines.app_of(releases), host="localhost", raw=False)


@pytest.fixture(scope="module")
def documents(sources: Sources, store: Store) -> Documents:
    """What the document about each thing says."""
    things = [node for segment, _, count in store.types() for node in store.members(segment, 0, count)[0]]
    return {
        node: set(describe(store, node, base=sources.base, prefixes=sources.prefixes).triples())
        for node in things
    }


def body(sources: Sources, documents: Documents, node: NamedNode, suffix: str) -> bytes:
    """The document about a thing in one format."""
    return serialise(
        documents[node], BY_SUFFIX[suffix], prefixes=sources.prefixes, context=sources.context, first=node
    )


def test_every_property_that_a_file_gives_a_thing_is_in_the_document_about_it(
    sources: Sources, documents: Documents
) -> None:
    told = {(each.subject, each.predicate) for triples in documents.values() for each in triples}
    things = f"{sources.base}id/"
    untold = {
        (each.subject, each.predicate)
        for file in sources.files
        for each in file.triples
        if isinstance(each.subject, NamedNode) and each.subject.value.startswith(things)
    } - told
    assert len(documents) > 1000
    assert untold == set()


@pytest.mark.parametrize("format_", GRAPHS, ids=lambda each: each.suffix)
def test_every_thing_reads_back_as_it_was(sources: Sources, documents: Documents, format_: Format) -> None:
    for node, triples in documents.items():
        text = body(sources, documents, node, format_.suffix)
        assert {quad.triple for quad in parse(text, format=READ[format_.suffix])} == triples, node.value


def test_over_http_every_thing_is_these_very_bytes_in_every_format(
    sources: Sources, documents: Documents, site: Send, record_property: Callable[[str, object], None]
) -> None:
    compared = 0
    for node in documents:
        path = urlsplit(sources.base).path.rstrip("/") + (path_of(node.value, sources.base) or "")
        for format_ in GRAPHS:
            answer = site("GET", f"{path}.{format_.suffix}", (), b"")
            assert (answer.status, answer.media_type) == (200, format_.media_type), answer
            assert answer.body == body(sources, documents, node, format_.suffix), (path, format_.suffix)
            compared += 1
    record_property("documents compared", compared)
    assert compared == len(documents) * len(GRAPHS)


@pytest.mark.parametrize(("suffix", "name"), [("rdf", "xml"), ("jsonld", "json-ld"), ("ttl", "turtle")])
def test_rdflib_reads_the_same_of_a_sample_of_every_type(
    sources: Sources,
    store: Store,
    documents: Documents,
    suffix: str,
    name: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(rdflib, "NORMALIZE_LITERALS", False)
    ends = [(segment, offset) for segment, _, count in store.types() for offset in (0, count - 1)]
    for node in (store.members(segment, offset, 1)[0][0] for segment, offset in ends):
        found = rdflib.Graph().parse(data=body(sources, documents, node, suffix), format=name)
        lines = rdflib.Graph().parse(data=body(sources, documents, node, "nt"), format="nt")
        assert set(found) == set(lines), node.value


@pytest.mark.parametrize("kind", ["trial", "target", "paper"])
def test_every_link_within_a_page_leads_to_one_place(
    sources: Sources, site: Send, store: Store, kind: str
) -> None:
    """Parts of a thing stand on its page; one without a row there is named, and is no link.

    The retraction of a paper is listed twice: a link leads to the first row.
    """
    for node in store.members(kind, 0, 1000)[0]:
        path = urlsplit(sources.base).path.rstrip("/") + (path_of(node.value, sources.base) or "")
        answer = site("GET", f"{path}.html", (), b"")
        assert answer.status == 200, answer
        text = answer.body.decode()
        linked = {unquote(each) for each in re.findall(r'href="#([^"]*)"', text)}
        places = re.findall(r'\sid="([^"]*)"', text)
        assert linked <= set(places), node
        assert len(places) == len(set(places)), node


def test_a_range_has_its_unit_where_a_phone_shows_no_headings(site: Send) -> None:
    page = site("GET", "/doc/substance/naltrexone.html", (), b"").body.decode()
    assert page.count('data-label="Range, mg"') > 2
    assert 'data-label="Range"' not in page
