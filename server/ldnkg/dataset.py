"""The description of a release for machines: VoID and DCAT 3, with numbers counted from its very files.

The numbers are about the dumps, so about what the curators wrote; the description itself is not counted.
Nothing in it is a blank node, and nothing in it tells the time: the same sources give the same description.
"""

import hashlib
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass

from pyoxigraph import Literal, NamedNode, Triple

from ldnkg.counts import withdrawn
from ldnkg.dumps import Dump
from ldnkg.iris import PREFIXES, curie

_TYPE = NamedNode(PREFIXES["rdf"] + "type")
_MEDIA_TYPES = "https://www.iana.org/assignments/media-types/"
_FORMATS = "http://www.w3.org/ns/formats/"
_FEATURES = {
    "text/turtle": "Turtle",
    "application/ld+json": "JSON-LD",
    "application/n-triples": "N-Triples",
    "application/rdf+xml": "RDF_XML",
    "application/n-quads": "N-Quads",
}


@dataclass(frozen=True)
class Counts:
    """How much there is: distinct triples, things, subjects, objects; uses of each class and property."""

    triples: int
    entities: int
    subjects: int
    objects: int
    classes: Mapping[str, int]
    properties: Mapping[str, int]


def count(triples: Collection[Triple], base: str) -> Counts:
    """The counts of a graph without duplicates. A thing is a node `{base}id/…` that is no part of another."""
    subjects = {str(triple.subject) for triple in triples}
    gone = {f"<{iri}>" for iri in withdrawn(triples)}
    things = [each for each in subjects - gone if each.startswith(f"<{base}id/") and "#" not in each]
    typed = (
        triple.object.value
        for triple in triples
        if triple.predicate == _TYPE and isinstance(triple.object, NamedNode)
    )
    return Counts(
        triples=len(triples),
        entities=len(things),
        subjects=len(subjects),
        objects=len({str(triple.object) for triple in triples}),
        classes=Counter(typed),
        properties=Counter(triple.predicate.value for triple in triples),
    )


def void(
    dataset: NamedNode, counts: Counts, dumps: Iterable[Dump], base: str, prefixes: Mapping[str, str]
) -> Iterator[Triple]:
    """The dataset as VoID describes it (W3C Note of 2011): sizes, partitions, dumps, endpoint."""
    yield Triple(dataset, _TYPE, _void("Dataset"))
    sizes = {
        "triples": counts.triples,
        "entities": counts.entities,
        "distinctSubjects": counts.subjects,
        "distinctObjects": counts.objects,
        "classes": len(counts.classes),
        "properties": len(counts.properties),
    }
    for name, size in sizes.items():
        yield Triple(dataset, _void(name), _integer(size))
    yield Triple(dataset, _void("sparqlEndpoint"), NamedNode(base + "sparql"))
    for dump in dumps:
        if feature := _FEATURES.get(dump.media_type):
            yield Triple(dataset, _void("feature"), NamedNode(_FORMATS + feature))
            yield Triple(dataset, _void("dataDump"), _download(dump, base))
    kinds = (("class", "entities", counts.classes), ("property", "triples", counts.properties))
    for kind, unit, uses in kinds:
        for iri, number in uses.items():
            part = NamedNode(f"{dataset.value}#{kind}-{_slug(iri, prefixes)}")
            yield Triple(dataset, _void(f"{kind}Partition"), part)
            yield Triple(part, _void(kind), NamedNode(iri))
            yield Triple(part, _void(unit), _integer(number))


def dcat(
    dataset: NamedNode, curated: Collection[Triple], dumps: Iterable[Dump], base: str
) -> Iterator[Triple]:
    """The dataset and each of its files as DCAT 3 describes them, with the licence that the curators gave."""
    licence = NamedNode(PREFIXES["dcterms"] + "license")
    licences = [each for each in curated if each.subject == dataset and each.predicate == licence]
    yield Triple(dataset, _TYPE, _dcat("Dataset"))
    for dump in dumps:
        file = NamedNode(f"{dataset.value}#file-{dump.name}")
        yield Triple(dataset, _dcat("distribution"), file)
        yield from _distribution(file, dump, base)
        yield from (Triple(file, licence, each.object) for each in licences)


def _distribution(file: NamedNode, dump: Dump, base: str) -> Iterator[Triple]:
    """One file to download, with its checksum as SPDX writes it."""
    checksum = NamedNode(f"{file.value}-checksum")
    yield Triple(file, _TYPE, _dcat("Distribution"))
    yield Triple(file, NamedNode(PREFIXES["dcterms"] + "title"), Literal(dump.label, language="en"))
    yield Triple(file, _dcat("downloadURL"), _download(dump, base))
    yield Triple(file, _dcat("mediaType"), NamedNode(_MEDIA_TYPES + dump.media_type))
    if dump.compressed:
        yield Triple(file, _dcat("compressFormat"), NamedNode(_MEDIA_TYPES + "application/gzip"))
    yield Triple(file, _dcat("byteSize"), _typed(str(dump.bytes), "nonNegativeInteger"))
    yield Triple(file, _spdx("checksum"), checksum)
    yield Triple(checksum, _TYPE, _spdx("Checksum"))
    yield Triple(checksum, _spdx("algorithm"), _spdx("checksumAlgorithm_sha256"))
    yield Triple(checksum, _spdx("checksumValue"), _typed(dump.sha256, "hexBinary"))


def _download(dump: Dump, base: str) -> NamedNode:
    return NamedNode(f"{base}download/{dump.name}")


def _slug(iri: str, prefixes: Mapping[str, str]) -> str:
    """A name of a term for use in an IRI: `rdf-type`, or a hash where no prefix fits."""
    short = curie(iri, prefixes)
    return short.replace(":", "-") if short else hashlib.sha256(iri.encode()).hexdigest()[:16]


def _integer(number: int) -> Literal:
    return _typed(str(number), "integer")


def _typed(text: str, datatype: str) -> Literal:
    return Literal(text, datatype=NamedNode(PREFIXES["xsd"] + datatype))


def _void(name: str) -> NamedNode:
    return NamedNode(PREFIXES["void"] + name)


def _dcat(name: str) -> NamedNode:
    return NamedNode(PREFIXES["dcat"] + name)


def _spdx(name: str) -> NamedNode:
    return NamedNode(PREFIXES["spdx"] + name)
