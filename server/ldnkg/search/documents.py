"""What can be found of each thing and term: its names, its identifiers and its texts."""

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from statistics import fmean

from pyoxigraph import Literal, NamedNode

from ldnkg.counts import LABELS, names, withdrawn
from ldnkg.facts import Facts, Statement, facts
from ldnkg.iris import PREFIXES, local_name
from ldnkg.search.hidden import hidden, told
from ldnkg.search.narrower import SUBCLASS, SUBPROPERTY, narrower

_TYPE = NamedNode(PREFIXES["rdf"] + "type")
_IDENTIFIER_CLASS = NamedNode(PREFIXES["adms"] + "Identifier")
_SYNONYMS = {NamedNode(PREFIXES["skos"] + name) for name in ("altLabel", "hiddenLabel")} | set(LABELS)
_BIBO = "asin coden doi eissn handle identifier isbn isbn10 isbn13 issn lccn oclcnum pmid sici upc"
_IDENTIFIERS = {NamedNode(PREFIXES["bibo"] + name) for name in _BIBO.split()} | {
    NamedNode(PREFIXES["dcterms"] + "identifier"),
    NamedNode(PREFIXES["schema"] + "identifier"),
    NamedNode(PREFIXES["skos"] + "notation"),
}
_TEXT_TYPES = {PREFIXES["xsd"] + "string", PREFIXES["rdf"] + "langString"}
TERMS = ("ont", "vocab")
"""What stands in place of a type for the terms of the ontology and the entries of lists."""
_CODE = re.compile(r"(?=\S*\d)\S+")


@dataclass(frozen=True)
class Document:
    """What can be found of one thing or term.

    `segment` is the part of its IRI that tells its type, `weight` how much is said about it, `links` how
    often other things lead to it, `usual` how often they lead to a thing of its type, on average.
    """

    iri: str
    segment: str
    label: str
    synonyms: Sequence[str] = ()
    identifiers: Sequence[str] = ()
    text: Sequence[str] = ()
    weight: int = 0
    links: int = 0
    usual: float = 0


def documents(triples: Collection[Statement], base: str) -> Iterator[Document]:
    """A document for each thing with its parts and for each term with a label, with what pages tell of it.

    What most else leads to comes first, then what most is said about, then in order of the IRIs.
    """
    graph = facts(triples)
    called = names(graph)
    owners = re.compile(re.escape(base) + rf"(?:id/([^/#]+)/[^#]+|({'|'.join(TERMS)})#.+)")
    about = _by_owner(graph, owners)
    identifying = _Identifying(
        properties=narrower(graph, SUBPROPERTY, _IDENTIFIERS), nodes=_identifier_nodes(graph)
    )
    links, said, untold = _links(graph), graph.by_subject, hidden(graph)
    for iri in withdrawn(graph):
        about.pop(iri, None)
    weights = {iri: sum(len(said[each]) for each in parts) for iri, parts in about.items()}
    ordered = sorted(about, key=lambda iri: (-links[iri], -weights[iri], iri))
    found = filter(None, map(owners.fullmatch, ordered))
    listed = [each for each in found if each[1] or each[0] in called]
    usual = _usual(links, listed)
    for each in listed:
        iri, segment = each[0], each[1] or each[2]
        own = told(NamedNode(iri), about[iri], said, untold)
        document = _document(iri, segment, called.get(iri, local_name(iri)), own, identifying)
        yield replace(document, links=links[iri], usual=usual[segment])


@dataclass(frozen=True)
class _Identifying:
    """What holds identifiers: properties, and nodes that stand for one."""

    properties: Collection[NamedNode]
    nodes: Collection[NamedNode]


def _links(graph: Facts) -> Counter[str]:
    """How often each IRI is what a triple leads to, but for those that tell how it was made (PROV-O)."""
    links: Counter[str] = Counter()
    for node, count in Counter(each.object for each in graph if isinstance(each.object, NamedNode)).items():
        links[node.value] = count
    made = [each for each in graph.by_predicate if each.value.startswith(PREFIXES["prov"])]
    links.subtract(each.object.value for each in graph.having(*made) if isinstance(each.object, NamedNode))
    return links


def _usual(links: Counter[str], found: Iterable[re.Match[str]]) -> dict[str, float]:
    """How often the things of each type are led to, on average."""
    counts: dict[str, list[int]] = defaultdict(list)
    for each in found:
        counts[each[1] or each[2]].append(links[each[0]])
    return {segment: fmean(numbers) for segment, numbers in counts.items()}


def _by_owner(graph: Facts, owners: re.Pattern[str]) -> dict[str, list[NamedNode]]:
    """The subjects that make each thing, itself and its parts, and each term; nothing else's."""
    about: dict[str, list[NamedNode]] = defaultdict(list)
    for subject in graph.by_subject:
        if isinstance(subject, NamedNode):
            iri = subject.value
            if owners.fullmatch(iri):
                about[iri].append(subject)
            elif owners.fullmatch(thing := iri.partition("#")[0]):
                about[thing].append(subject)
    return about


def _identifier_nodes(graph: Facts) -> set[NamedNode]:
    """The nodes of class adms:Identifier, or of one that is narrower."""
    classes = narrower(graph, SUBCLASS, {_IDENTIFIER_CLASS})
    return {
        triple.subject
        for triple in graph.having(_TYPE)
        if triple.object in classes and isinstance(triple.subject, NamedNode)
    }


def _document(
    iri: str, segment: str, label: str, triples: Sequence[Statement], identifying: _Identifying
) -> Document:
    """One thing or term, with every text of its own and of its parts in the field where it belongs."""
    fields: dict[str, set[str]] = defaultdict(set)
    for triple in triples:
        if isinstance(triple.object, Literal) and triple.object.value != label:
            if where := _where(iri, triple, triple.object, identifying):
                fields[where].add(triple.object.value)
    synonyms, identifiers, text = (sorted(fields[name]) for name in ("synonyms", "identifiers", "text"))
    return Document(iri, segment, label, synonyms, identifiers, text, len(triples))


def _where(iri: str, triple: Statement, literal: Literal, identifying: _Identifying) -> str | None:
    """The field of the index that a literal belongs to; none for numbers, dates and the like."""
    own = isinstance(triple.subject, NamedNode) and triple.subject.value == iri
    if own and triple.predicate in _SYNONYMS:
        return "synonyms"
    if triple.predicate in identifying.properties:
        return "identifiers"
    if triple.subject in identifying.nodes and literal.language is None and _CODE.fullmatch(literal.value):
        return "identifiers"
    return "text" if literal.datatype.value in _TEXT_TYPES else None
