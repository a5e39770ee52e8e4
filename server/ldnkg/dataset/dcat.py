"""The dataset, its files, its endpoint and its series as DCAT 3 describes them (W3C Recommendation of 2024).

Of the series a release knows only that it belongs to it, and of its versions only its own.
"""

from collections.abc import Iterable, Iterator
from urllib.parse import quote

from pyoxigraph import Literal, NamedNode, Triple

from ldnkg.dataset.about import About
from ldnkg.dataset.terms import TYPE, distribution, download, term, typed
from ldnkg.dumps import Dump

_MEDIA_TYPES = "https://www.iana.org/assignments/media-types/"
_PROTOCOL = NamedNode("https://www.w3.org/TR/sparql11-protocol/")


def dcat(about: About, dumps: Iterable[Dump], base: str, version: str, archive: str) -> Iterator[Triple]:
    """The dataset with each of its files, each under the licence and date that the curators gave.

    `version` ends the IRI of this version, `archive` is the name of the zip of the release. The description
    is in that zip and cannot tell its size; `SHA256SUMS` has its checksum.
    """
    dataset = about.iri
    yield Triple(dataset, TYPE, term("dcat:Dataset"))
    yield Triple(dataset, term("dcat:landingPage"), NamedNode(f"{base}dataset.html"))
    yield from _versions(about, base, version)
    for dump in dumps:
        yield from _distribution(about, dump.name, dump.label, dump.media_type, base)
        yield from _measured(distribution(dump.name, dataset), dump)
    yield from _distribution(about, archive, "Release as an RO-Crate, zip", "application/zip", base)
    packed = NamedNode(_MEDIA_TYPES + "application/zip")
    yield Triple(distribution(archive, dataset), term("dcat:packageFormat"), packed)
    yield from _endpoint(about, base)


def _versions(about: About, base: str, version: str) -> Iterator[Triple]:
    """This version of the dataset, and the series of all (DCAT 3, sections 11 and 12)."""
    dataset, series = about.iri, NamedNode(f"{base}dataset/series")
    own = NamedNode(f"{base}dataset/{quote(version, safe='')}")
    yield Triple(series, TYPE, term("dcat:DatasetSeries"))
    yield Triple(series, term("dcterms:title"), Literal(f"{about.title}: all releases", language="en"))
    yield from _terms_of_use(series, about)
    yield Triple(dataset, term("dcat:inSeries"), series)
    yield Triple(dataset, term("dcat:hasVersion"), own)
    yield Triple(own, TYPE, term("dcat:Dataset"))
    yield Triple(own, term("dcterms:title"), Literal(f"{about.title}, {version}", language="en"))
    yield Triple(own, term("dcat:isVersionOf"), dataset)
    yield Triple(own, term("dcat:inSeries"), series)
    yield Triple(own, term("dcat:version"), Literal(version))
    if about.version:
        yield Triple(dataset, term("dcat:version"), Literal(about.version))
        yield Triple(dataset, term("owl:versionInfo"), Literal(about.version))
    if about.issued:
        yield Triple(own, term("dcterms:issued"), about.issued)


def _distribution(about: About, name: str, label: str, media_type: str, base: str) -> Iterator[Triple]:
    """One file to download."""
    file = distribution(name, about.iri)
    yield Triple(about.iri, term("dcat:distribution"), file)
    yield Triple(file, TYPE, term("dcat:Distribution"))
    yield Triple(file, term("dcterms:title"), Literal(label, language="en"))
    yield Triple(file, term("dcat:downloadURL"), download(name, base))
    yield Triple(file, term("dcat:accessURL"), download(name, base))
    yield Triple(file, term("dcat:mediaType"), NamedNode(_MEDIA_TYPES + media_type))
    yield from _terms_of_use(file, about)
    if about.issued:
        yield Triple(file, term("dcterms:issued"), about.issued)


def _measured(file: NamedNode, dump: Dump) -> Iterator[Triple]:
    """How large a file is, how it is compressed, and its checksum as SPDX 2 writes it.

    IANA has no media type for Brotli: its name begins with `x-`.
    """
    checksum = NamedNode(f"{file.value}-checksum")
    if dump.coding:
        yield Triple(file, term("dcat:compressFormat"), NamedNode(_MEDIA_TYPES + dump.coding.media_type))
    yield Triple(file, term("dcat:byteSize"), typed(str(dump.bytes), "nonNegativeInteger"))
    yield Triple(file, term("spdx:checksum"), checksum)
    yield Triple(checksum, TYPE, term("spdx:Checksum"))
    yield Triple(checksum, term("spdx:algorithm"), term("spdx:checksumAlgorithm_sha256"))
    yield Triple(checksum, term("spdx:checksumValue"), typed(dump.sha256, "hexBinary"))


def _endpoint(about: About, base: str) -> Iterator[Triple]:
    """The SPARQL endpoint: it is described, as SPARQL 1.1 Service Description says, at its own address."""
    service, way = NamedNode(f"{base}sparql"), NamedNode(f"{about.iri.value}#sparql")
    yield Triple(about.iri, term("dcat:distribution"), way)
    yield Triple(way, TYPE, term("dcat:Distribution"))
    yield Triple(way, term("dcterms:title"), Literal("SPARQL endpoint", language="en"))
    yield Triple(way, term("dcat:accessURL"), service)
    yield Triple(way, term("dcat:accessService"), service)
    yield from _terms_of_use(way, about)
    yield Triple(service, TYPE, term("dcat:DataService"))
    yield Triple(service, term("dcterms:title"), Literal(f"SPARQL endpoint of {about.title}", language="en"))
    yield Triple(service, term("dcterms:conformsTo"), _PROTOCOL)
    yield Triple(service, term("dcat:endpointURL"), service)
    yield Triple(service, term("dcat:endpointDescription"), service)
    yield Triple(service, term("dcat:servesDataset"), about.iri)
    yield from _terms_of_use(service, about)


def _terms_of_use(resource: NamedNode, about: About) -> Iterator[Triple]:
    if about.license:
        yield Triple(resource, term("dcterms:license"), about.license)
