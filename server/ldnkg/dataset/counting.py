"""How much there is in a graph."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from pyoxigraph import BlankNode, Literal, NamedNode

from ldnkg.counts import withdrawn
from ldnkg.facts import Statement
from ldnkg.iris import PREFIXES

_TYPE = NamedNode(PREFIXES["rdf"] + "type")


Use = tuple[str, str]
"""A class and a property that its members have."""


@dataclass(frozen=True)
class Counts:
    """How much there is: distinct triples, things, subjects, objects; uses of each class and property.

    `uses` has the triples of a property whose subject is of a class; `links` those of them whose object is of
    a class, `datatypes` those whose object is a literal of a datatype. What has two classes counts for both.
    """

    triples: int
    entities: int
    subjects: int
    objects: int
    classes: Mapping[str, int]
    properties: Mapping[str, int]
    uses: Mapping[Use, int]
    links: Mapping[Use, Mapping[str, int]]
    datatypes: Mapping[Use, Mapping[str, int]]


def count(triples: Collection[Statement], base: str) -> Counts:
    """The counts of a graph without duplicates. A thing is a node `{base}id/…` that is no part of another."""
    subjects = {str(triple.subject) for triple in triples}
    gone = {f"<{iri}>" for iri in withdrawn(triples)}
    things = [each for each in subjects - gone if each.startswith(f"<{base}id/") and "#" not in each]
    classes = _classes(triples)
    uses, links, datatypes = _uses(triples, classes)
    return Counts(
        triples=len(triples),
        entities=len(things),
        subjects=len(subjects),
        objects=len({str(triple.object) for triple in triples}),
        classes=Counter(name for each in classes.values() for name in each),
        properties=Counter(triple.predicate.value for triple in triples),
        uses=uses,
        links=links,
        datatypes=datatypes,
    )


def _classes(triples: Iterable[Statement]) -> dict[object, list[str]]:
    """The classes of each node that has one."""
    classes: dict[object, list[str]] = defaultdict(list)
    for triple in triples:
        if triple.predicate == _TYPE and isinstance(triple.object, NamedNode):
            classes[triple.subject].append(triple.object.value)
    return dict(classes)


def _uses(
    triples: Iterable[Statement], classes: Mapping[object, list[str]]
) -> tuple[Counter[Use], dict[Use, Counter[str]], dict[Use, Counter[str]]]:
    """The properties of each class, and what they lead to: `uses`, `links` and `datatypes` of Counts."""
    uses: Counter[Use] = Counter()
    links: dict[Use, Counter[str]] = defaultdict(Counter)
    datatypes: dict[Use, Counter[str]] = defaultdict(Counter)
    for triple in triples:
        for class_ in classes.get(triple.subject, ()):
            use = class_, triple.predicate.value
            uses[use] += 1
            if isinstance(triple.object, Literal):
                datatypes[use][triple.object.datatype.value] += 1
            elif isinstance(triple.object, NamedNode | BlankNode) and triple.object in classes:
                links[use].update(classes[triple.object])
    return uses, links, datatypes
