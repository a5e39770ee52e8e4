"""The hash namespaces: every term of `ont`, `vocab` and `shapes` in one document, with an anchor each."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from flask import Blueprint, Response, render_template
from pyoxigraph import BlankNode, Literal, NamedNode, Triple

from ldnkg.counts import LABELS, Term
from ldnkg.formats import Format
from ldnkg.iris import PREFIXES
from ldnkg.turtle.writing import natural
from ldnkg.web import answers
from ldnkg.web.pages import label
from ldnkg.web.request import node, opened

blueprint = Blueprint("terms", __name__)

_TYPE = NamedNode(PREFIXES["rdf"] + "type")
_IN_SCHEME = NamedNode(PREFIXES["skos"] + "inScheme")
_PROPERTY = NamedNode(PREFIXES["sh"] + "property")
_DEFINITIONS = tuple(
    NamedNode(PREFIXES[prefix] + name)
    for prefix, name in (("skos", "definition"), ("rdfs", "comment"), ("sh", "message"))
)
"""What says in a sentence what a term is."""
_TOLD = (*LABELS, *_DEFINITIONS, _TYPE, NamedNode(PREFIXES["rdfs"] + "isDefinedBy"))
"""What the heading and the first lines of a term have told."""
_GRAPHS = {
    "ont": ("ontology", "alignments"),
    "vocab": ("ontology", "vocabulary", "alignments"),
    "shapes": ("shapes",),
}
"""The named graphs that say something about the terms of a namespace."""

_SAID = "SELECT DISTINCT ?s ?p ?o WHERE {{ VALUES ?g {{ {} }} GRAPH ?g {{ ?s ?p ?o }} }}"


@dataclass(frozen=True)
class Entry:
    """One term: its anchor, and what is said about it by property."""

    node: NamedNode
    anchor: str
    rows: Mapping[NamedNode, Sequence[Term]]


@blueprint.get("/ont", defaults={"suffix": None})
@blueprint.get("/ont.<suffix>")
def ont(suffix: str | None) -> Response:
    """What the words mean: classes and properties."""
    return _namespace("ont", suffix)


@blueprint.get("/vocab", defaults={"suffix": None})
@blueprint.get("/vocab.<suffix>")
def vocab(suffix: str | None) -> Response:
    """The closed lists."""
    return _namespace("vocab", suffix)


@blueprint.get("/shapes", defaults={"suffix": None})
@blueprint.get("/shapes.<suffix>")
def shapes(suffix: str | None) -> Response:
    """What a valid record is."""
    return _namespace("shapes", suffix)


def _namespace(name: str, suffix: str | None) -> Response:
    def body(format_: Format) -> str | bytes:
        about = _about(name)
        if format_.kind != "page":
            return answers.graph(_triples(about), format_, node(name))
        return render_template(
            "terms.html",
            name=name,
            groups=_groups(_entries(name, about)),
            told=_TOLD,
            definitions=_DEFINITIONS,
            variants=answers.variants(f"/{name}"),
        )

    return answers.negotiated(f"/{name}", suffix, body)


def _about(name: str) -> dict[Term, dict[NamedNode, list[Term]]]:
    """What is said about a namespace, its terms, and the blank nodes between them."""
    here = opened()
    graphs = " ".join(f"<{here.base}graph/{each}>" for each in _GRAPHS[name])
    about: dict[Term, dict[NamedNode, list[Term]]] = {}
    for row in here.store.select(_SAID.format(graphs)):
        subject, property_ = row["s"], row["p"]
        ours = isinstance(subject, BlankNode) or subject == node(name) or _anchor(subject, name)
        if ours and isinstance(property_, NamedNode):
            about.setdefault(subject, {}).setdefault(property_, []).append(row["o"])
    return about


def _anchor(term: Term, name: str) -> str | None:
    """The fragment of a term of the namespace."""
    space = f"{opened().base}{name}#"
    return (
        term.value.removeprefix(space)
        if isinstance(term, NamedNode) and term.value.startswith(space)
        else None
    )


def _triples(about: Mapping[Term, Mapping[NamedNode, Sequence[Term]]]) -> Iterator[Triple]:
    for subject, properties in about.items():
        if isinstance(subject, NamedNode | BlankNode):
            for property_, values in properties.items():
                yield from (Triple(subject, property_, value) for value in values)


def _entries(name: str, about: Mapping[Term, Mapping[NamedNode, Sequence[Term]]]) -> list[Entry]:
    """The terms in the order of their anchors, their properties in the order of theirs."""
    found = [
        Entry(
            term, anchor, {each: sorted(about[term][each], key=str) for each in sorted(about[term], key=str)}
        )
        for term in about
        if isinstance(term, NamedNode) and (anchor := _anchor(term, name))
    ]
    return sorted(found, key=lambda each: natural(each.anchor.casefold()))


def _groups(entries: Iterable[Entry]) -> list[tuple[Literal, list[Entry]]]:
    """Concepts by their list, property shapes by the node shape that has them, all else by its class."""
    entries = list(entries)
    owner = {part: each.node for each in entries for part in each.rows.get(_PROPERTY, ())}
    groups: dict[NamedNode, list[Entry]] = {}
    for each in entries:
        lists = [value for value in each.rows.get(_IN_SCHEME, ()) if isinstance(value, NamedNode)]
        classes = [value for value in each.rows.get(_TYPE, ()) if isinstance(value, NamedNode)]
        heading = owner.get(each.node) or (each.node if _PROPERTY in each.rows else None)
        groups.setdefault((lists or [heading] if heading else lists or classes or [_TYPE])[0], []).append(
            each
        )
    named = [(label(heading), found) for heading, found in groups.items()]
    return sorted(named, key=lambda item: item[0].value.casefold())
