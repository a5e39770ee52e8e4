"""How much there is in a graph."""

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from pyoxigraph import Literal, NamedNode, Triple

from ldnkg.counts import withdrawn
from ldnkg.facts import Facts, Statement, Term, facts
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
    """The counts of a graph. A thing is a node `{base}id/…` that is no part of another."""
    graph = facts(triples)
    subjects = {each.value for each in graph.by_subject if isinstance(each, NamedNode)}
    things = [
        each for each in subjects - withdrawn(graph) if each.startswith(f"{base}id/") and "#" not in each
    ]
    classes = _classes(graph)
    uses, links, datatypes = _uses(graph, classes)
    return Counts(
        triples=len(graph),
        entities=len(things),
        subjects=len(graph.by_subject),
        objects=len({each.object for each in graph}),
        classes=Counter(name for each in classes.values() for name in each),
        properties={name.value: len(found) for name, found in graph.by_predicate.items()},
        uses=uses,
        links=links,
        datatypes=datatypes,
    )


def _classes(graph: Facts) -> dict[object, tuple[str, ...]]:
    """The classes of each node that has one."""
    classes: dict[object, tuple[str, ...]] = {}
    for triple in graph.having(_TYPE):
        if isinstance(triple.object, NamedNode):
            classes[triple.subject] = (*classes.get(triple.subject, ()), triple.object.value)
    return classes


def _uses(
    graph: Facts, classes: Mapping[object, tuple[str, ...]]
) -> tuple[Counter[Use], dict[Use, Counter[str]], dict[Use, Counter[str]]]:
    """The properties of each class, and what they lead to: `uses`, `links` and `datatypes` of Counts."""
    uses: Counter[Use] = Counter()
    links: dict[Use, Counter[str]] = defaultdict(Counter)
    datatypes: dict[Use, Counter[str]] = defaultdict(Counter)
    for predicate, found in graph.by_predicate.items():
        ends = Counter((classes.get(each.subject, ()), _kind(each.object, classes)) for each in found)
        for (subjects, (objects, datatype)), number in ends.items():
            for use in ((class_, predicate.value) for class_ in subjects):
                uses[use] += number
                for name in objects:
                    links[use][name] += number
                if datatype:
                    datatypes[use][datatype] += number
    return uses, links, datatypes


def _kind(value: Term, classes: Mapping[object, tuple[str, ...]]) -> tuple[tuple[str, ...], str | None]:
    """The classes of a node, the datatype of a literal."""
    if isinstance(value, Literal):
        return (), value.datatype.value
    return (() if isinstance(value, Triple) else classes.get(value, ())), None
