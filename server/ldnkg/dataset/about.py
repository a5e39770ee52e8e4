"""What the curators say of the dataset: the words that every description repeats."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal as Choice

from pyoxigraph import Literal, NamedNode

from ldnkg.counts import names
from ldnkg.dataset.terms import TYPE, term
from ldnkg.facts import Facts, Statement, facts

Role = Choice["Organization", "Person"]


@dataclass(frozen=True)
class Agent:
    """Who made or published something."""

    iri: str
    name: str
    role: Role


@dataclass(frozen=True)
class About:
    """The dataset in words; None or empty where the curators are silent."""

    iri: NamedNode
    title: str
    description: str
    version: str | None
    license: NamedNode | None
    license_name: str | None
    issued: Literal | None
    citation: str
    languages: tuple[str, ...]
    keywords: tuple[str, ...]
    creators: tuple[Agent, ...]
    publishers: tuple[Agent, ...]


def about(dataset: NamedNode, version: str | None, triples: Iterable[Statement]) -> About:
    """What a graph says of the dataset, in English where it can choose."""
    graph = facts(triples)
    said: dict[NamedNode, list[NamedNode | Literal]] = defaultdict(list)
    for each in sorted(graph.by_subject.get(dataset, ()), key=str):
        if isinstance(each.object, NamedNode | Literal):
            said[each.predicate].append(each.object)
    called = names(graph)
    title = called.get(dataset.value) or dataset.value
    licenses = [each for each in said[term("dcterms:license")] if isinstance(each, NamedNode)]
    dates = [each for each in said[term("dcterms:issued")] if isinstance(each, Literal)]
    persons = _persons(graph)

    def texts(name: str) -> tuple[str, ...]:
        found = [each for each in said[term(name)] if isinstance(each, Literal)]
        return tuple(each.value for each in sorted(found, key=lambda each: each.language not in (None, "en")))

    def agents(name: str) -> tuple[Agent, ...]:
        found = [each.value for each in said[term(name)]]
        return tuple(
            Agent(iri, called.get(iri, iri), "Person" if iri in persons else "Organization") for iri in found
        )

    return About(
        iri=dataset,
        title=title,
        description=next(iter(texts("dcterms:description")), title),
        version=version,
        license=licenses[0] if licenses else None,
        license_name=called.get(licenses[0].value) if licenses else None,
        issued=dates[0] if dates else None,
        citation=next(iter(texts("dcterms:bibliographicCitation")), _citation(title, version, dataset)),
        languages=texts("dcterms:language"),
        keywords=texts("dcat:keyword"),
        creators=agents("dcterms:creator"),
        publishers=agents("dcterms:publisher"),
    )


def _citation(title: str, version: str | None, dataset: NamedNode) -> str:
    """How to cite a dataset whose curators do not say it."""
    return f"{title}{f', version {version}' if version else ''}. {dataset.value}"


def _persons(graph: Facts) -> frozenset[str]:
    """The IRIs of people, by the local name of their class, as in FOAF, schema.org and PROV."""
    return frozenset(
        each.subject.value
        for each in graph.having(TYPE)
        if isinstance(each.subject, NamedNode)
        and isinstance(each.object, NamedNode)
        and each.object.value.endswith(("/Person", "#Person"))
    )
