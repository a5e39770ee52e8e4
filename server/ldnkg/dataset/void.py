"""The dataset as VoID describes it (W3C Note of 2011).

Which properties the members of a class have, and what these lead to, is told as partitions of partitions, in
the way in which SPARQL editors and agents ask for it. VoID has no word for datatypes: that part is of its
extension at http://ldf.fi/void-ext#.
"""

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping

from pyoxigraph import Literal, NamedNode, Triple

from ldnkg.dataset.counting import Counts
from ldnkg.dataset.terms import FORMATS, TYPE, download, term, typed
from ldnkg.dumps import Dump
from ldnkg.iris import curie


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
        feature = FORMATS.get(dump.media_type)
        if feature and dump.kind == "graph" and not dump.coding:
            yield Triple(dataset, term("void:feature"), feature)
            yield Triple(dataset, term("void:dataDump"), download(dump.name, base))
    yield from _partitions(dataset, "class", "void:entities", counts.classes, prefixes)
    yield from _partitions(dataset, "property", "void:triples", counts.properties, prefixes)


def uses(dataset: NamedNode, counts: Counts, prefixes: Mapping[str, str]) -> Iterator[Triple]:
    """The properties that the members of each class have, and the classes and datatypes of their values."""
    for use, number in counts.uses.items():
        class_ = _part(dataset, "class", use[0], prefixes)
        yield from _partition(class_, "void:property", use[1], "void:triples", number, prefixes)
        values = _part(class_, "property", use[1], prefixes)
        for iri, found in counts.links.get(use, {}).items():
            yield from _partition(values, "void:class", iri, "void:triples", found, prefixes)
        for iri, found in counts.datatypes.get(use, {}).items():
            yield from _partition(values, "void-ext:datatype", iri, "void:triples", found, prefixes)


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
    dataset: NamedNode, kind: str, unit: str, counted: Mapping[str, int], prefixes: Mapping[str, str]
) -> Iterator[Triple]:
    """How often each class or property is used."""
    for iri, number in counted.items():
        yield from _partition(dataset, f"void:{kind}", iri, unit, number, prefixes)


def _partition(
    whole: NamedNode, name: str, iri: str, unit: str, number: int, prefixes: Mapping[str, str]
) -> Iterator[Triple]:
    """The part of a dataset that one class, property or datatype makes, and its size."""
    part = _part(whole, name.partition(":")[2], iri, prefixes)
    yield Triple(whole, term(f"{name}Partition"), part)
    yield Triple(part, term(name), NamedNode(iri))
    yield Triple(part, term(unit), typed(str(number), "integer"))


def _part(whole: NamedNode, kind: str, iri: str, prefixes: Mapping[str, str]) -> NamedNode:
    """The IRI of a part; the part of a part has a longer one."""
    joint = "-" if "#" in whole.value else "#"
    return NamedNode(f"{whole.value}{joint}{kind}-{_slug(iri, prefixes)}")


def _slug(iri: str, prefixes: Mapping[str, str]) -> str:
    """A name for a term that an IRI may end in."""
    short = curie(iri, prefixes)
    return short.replace(":", "-") if short else hashlib.sha256(iri.encode()).hexdigest()[:16]
