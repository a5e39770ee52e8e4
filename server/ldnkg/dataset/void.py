"""The dataset as VoID describes it (W3C Note of 2011)."""

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping

from pyoxigraph import Literal, NamedNode, Triple

from ldnkg.dataset.counting import Counts
from ldnkg.dataset.terms import TYPE, download, term, typed
from ldnkg.dumps import Dump
from ldnkg.iris import curie

_FORMATS = "http://www.w3.org/ns/formats/"
_FEATURES = {
    "text/turtle": "Turtle",
    "application/ld+json": "JSON-LD",
    "application/n-triples": "N-Triples",
    "application/rdf+xml": "RDF_XML",
    "application/n-quads": "N-Quads",
}


def void(
    dataset: NamedNode, counts: Counts, dumps: Iterable[Dump], base: str, prefixes: Mapping[str, str]
) -> Iterator[Triple]:
    """Sizes, partitions, the endpoint, which IRIs are its own, and each RDF dump once.

    A dump is named without its compressed siblings: they hold the same, and come by content negotiation.
    """
    yield Triple(dataset, TYPE, term("void:Dataset"))
    yield from _sizes(dataset, counts)
    yield Triple(dataset, term("void:sparqlEndpoint"), NamedNode(base + "sparql"))
    yield Triple(dataset, term("void:uriSpace"), Literal(base))
    yield Triple(dataset, term("void:uriRegexPattern"), Literal(things(base)))
    yield Triple(dataset, term("foaf:homepage"), NamedNode(base))
    for dump in dumps:
        feature = _FEATURES.get(dump.media_type)
        if feature and not dump.coding:
            yield Triple(dataset, term("void:feature"), NamedNode(_FORMATS + feature))
            yield Triple(dataset, term("void:dataDump"), download(dump.name, base))
    yield from _partitions(dataset, "class", "void:entities", counts.classes, prefixes)
    yield from _partitions(dataset, "property", "void:triples", counts.properties, prefixes)


def things(base: str) -> str:
    """The pattern of the IRIs that `void:entities` counts (XPath and XQuery Functions, section 5.6.1).

    >>> things("https://lights.example/")
    '^https://lights\\\\.example/id/[^#]*$'
    """
    return "^" + re.sub(r"[\\.?*+(){}\[\]|^$]", r"\\\g<0>", base) + "id/[^#]*$"


def _sizes(dataset: NamedNode, counts: Counts) -> Iterator[Triple]:
    sizes = {
        "triples": counts.triples,
        "entities": counts.entities,
        "distinctSubjects": counts.subjects,
        "distinctObjects": counts.objects,
        "classes": len(counts.classes),
        "properties": len(counts.properties),
    }
    for name, size in sizes.items():
        yield Triple(dataset, term(f"void:{name}"), typed(str(size), "integer"))


def _partitions(
    dataset: NamedNode, kind: str, unit: str, uses: Mapping[str, int], prefixes: Mapping[str, str]
) -> Iterator[Triple]:
    """How often each class or property is used."""
    for iri, number in uses.items():
        part = NamedNode(f"{dataset.value}#{kind}-{_slug(iri, prefixes)}")
        yield Triple(dataset, term(f"void:{kind}Partition"), part)
        yield Triple(part, term(f"void:{kind}"), NamedNode(iri))
        yield Triple(part, term(unit), typed(str(number), "integer"))


def _slug(iri: str, prefixes: Mapping[str, str]) -> str:
    """A name for a term that an IRI may end in."""
    short = curie(iri, prefixes)
    return short.replace(":", "-") if short else hashlib.sha256(iri.encode()).hexdigest()[:16]
