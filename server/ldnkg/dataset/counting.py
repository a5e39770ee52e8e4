"""How much there is in a graph."""

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from pyoxigraph import NamedNode, Triple

from ldnkg.counts import withdrawn
from ldnkg.iris import PREFIXES

_TYPE = NamedNode(PREFIXES["rdf"] + "type")


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
