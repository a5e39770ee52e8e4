"""What every term has, whatever it is: its names, what it means, its matches, and all else."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from pyoxigraph import Literal, NamedNode

from ldnkg.counts import LABELS, Term
from ldnkg.terms.words import Words, term

DEFINITIONS = ("skos:definition", "rdfs:comment", "dcterms:description", "sh:description")
NOTES = (
    "skos:scopeNote",
    "skos:editorialNote",
    "skos:historyNote",
    "skos:changeNote",
    "skos:note",
    "skos:example",
)
MATCHES = tuple(f"skos:{kind}Match" for kind in ("exact", "close", "broad", "narrow", "related")) + (
    "owl:equivalentClass",
    "owl:equivalentProperty",
    "owl:sameAs",
    "rdfs:subClassOf",
    "rdfs:subPropertyOf",
)
"""The properties that align a term with one of another vocabulary, the closest first."""

_TOLD = frozenset(
    [
        *LABELS,
        *(
            term(each)
            for each in (*DEFINITIONS, *NOTES, *MATCHES, "rdfs:isDefinedBy", "rdf:type", "skos:altLabel")
        ),
    ]
)


@dataclass(frozen=True)
class Entry:
    """One term. `alignments`: terms of others by the property that links to them. `rest`: all else."""

    node: NamedNode
    labels: tuple[Literal, ...]
    synonyms: tuple[Literal, ...]
    definitions: tuple[Literal, ...]
    notes: tuple[Literal, ...]
    types: tuple[NamedNode, ...]
    alignments: tuple[tuple[NamedNode, tuple[NamedNode, ...]], ...]
    rest: Mapping[NamedNode, tuple[Term, ...]]


def entry(words: Words, node: NamedNode, base: str, told: frozenset[NamedNode] = frozenset()) -> Entry:
    """A term; `told` are the properties that the caller tells of."""
    rest = {
        property_: tuple(values)
        for property_, found in words.said(node).items()
        if property_ not in _TOLD | told and (values := found)
    }
    for name in MATCHES:  # what is ours, or an expression, is no alignment
        ours = [each for each in words.values(node, name) if not _is_foreign(each, base)]
        if term(name) in told:
            ours = [each for each in ours if not isinstance(each, NamedNode)]
        if ours:
            rest[term(name)] = tuple(ours)
    return Entry(
        node=node,
        labels=tuple(words.names(node)),
        synonyms=tuple(words.texts(node, "skos:altLabel")),
        definitions=tuple(words.texts(node, *DEFINITIONS)),
        notes=tuple(words.texts(node, *NOTES)),
        types=tuple(words.nodes(node, "rdf:type")),
        alignments=tuple(_alignments(words, node, base)),
        rest=rest,
    )


def _alignments(
    words: Words, node: NamedNode, base: str
) -> Iterator[tuple[NamedNode, tuple[NamedNode, ...]]]:
    for name in MATCHES:
        if found := [each for each in words.nodes(node, name) if _is_foreign(each, base)]:
            yield term(name), tuple(found)


def _is_foreign(value: Term, base: str) -> bool:
    return isinstance(value, NamedNode) and not value.value.startswith(base)
