"""What must hold in any graph as a whole, whatever it is about; SHACL looks at one node at a time."""

from collections.abc import Callable, Iterator

import pyoxigraph as ox

from ldnkg.iris import PREFIXES
from ldnkg.sources import DATASET_FILE, Problem, SourceFile
from ldnkg.validate.index import RDF_TYPE, Index, name
from ldnkg.validate.literals import ill_typed

Check = Callable[[Index], Iterator[Problem | None]]

_OWL, _RDF, _RDFS, _SH = (PREFIXES[each] for each in ("owl", "rdf", "rdfs", "sh"))
_CLASS_TYPES = {_OWL + "Class", _RDFS + "Class"}
_PROPERTY_TYPES = {
    _RDF + "Property",
    *(_OWL + kind for kind in ("ObjectProperty", "DatatypeProperty", "AnnotationProperty")),
}
_REPLACED_BY = PREFIXES["dcterms"] + "isReplacedBy"
_DEPRECATED = PREFIXES["owl"] + "deprecated"
_SPACES = ("ont", "vocab", "shapes")
"""What follows the base in the names of terms, lists and shapes: each is one page."""
_LABELS = {_RDFS + "label", PREFIXES["skos"] + "prefLabel", PREFIXES["dcterms"] + "title"}


def dangling_links(index: Index) -> Iterator[Problem | None]:
    """Links to things of ours without a type, and to terms of ours that nothing describes.

    Of two tombstones one may lead to the other, so that a chain of replacements stays as it grew.
    """
    things = index.base + "id/"
    terms = tuple(f"{index.base}{space}#" for space in _SPACES)
    withdrawn = {each.subject for each in index.having(_DEPRECATED)}
    wrong = [
        each
        for each in index.terms
        if isinstance(each, ox.NamedNode)
        and (iri := each.value).startswith(index.base)
        and (
            (iri.startswith(things) and iri not in index.types)
            or (iri.startswith(terms) and iri not in index.files)
        )
    ]
    for file, subject, predicate, value in index.found("objects", wrong):
        iri = name(value)
        if predicate != RDF_TYPE and not (predicate == _REPLACED_BY and iri in index.files):
            sentence = (
                f"<{iri}> was merged or withdrawn; link to what takes its place, or take the link away."
                if iri in withdrawn
                else f"<{iri}> is linked to, but nothing says what it is; describe it or correct the link."
            )
            yield index.problem("dangling-link", sentence, subject, predicate, iri, file=file)


def undeclared_terms(index: Index) -> Iterator[Problem | None]:
    """Classes and properties of ours that are in use and not in the ontology."""
    used = {each for types in index.types.values() for each in types if each.startswith(index.base)}
    classes = [ox.NamedNode(each) for each in used - _declared(index, _CLASS_TYPES)]
    for file, subject, predicate, value in index.found("objects", classes):
        if predicate == RDF_TYPE:
            sentence = f"<{name(value)}> is no class of the ontology; declare it there or use another."
            yield index.problem("undeclared-class", sentence, subject, predicate, name(value), file=file)
    known = _declared(index, _PROPERTY_TYPES)
    unknown = (each for each in index.predicates if each.startswith(index.base) and each not in known)
    for file, subject, predicate, _ in index.having(*unknown):
        sentence = f"<{predicate}> is no property of the ontology; declare it there or use another."
        yield index.problem("undeclared-property", sentence, subject, predicate, predicate, file=file)


def targets_without_instance(index: Index) -> Iterator[Problem | None]:
    """Shapes that check nothing, because no thing has the class they target or one below it."""
    below: dict[str, set[str]] = {}
    for _, subject, _, value in index.having(_RDFS + "subClassOf"):
        below.setdefault(name(value), set()).add(subject)
    used = {each for types in index.types.values() for each in types}
    for file, subject, predicate, value in index.having(_SH + "targetClass"):
        if not used & _closure(name(value), below):
            sentence = f"Nothing is a <{name(value)}>, so this shape checks nothing; correct the class."
            yield index.problem("target-class", sentence, subject, predicate, name(value), file=file)


def blank_nodes(index: Index) -> Iterator[Problem | None]:
    """Blank nodes outside of the shapes: nobody could link to them."""
    sentence = "A blank node has no name to link to; give it an IRI, such as that of its owner with #part."
    blank = [each for each in index.terms if isinstance(each, ox.BlankNode)]
    seen: set[str] = set()
    for file, subject, predicate, value in index.found("objects", blank):
        if file.kind != "shapes" and name(value) not in seen:
            seen.add(name(value))
            yield index.problem("blank-node", sentence, subject, predicate, file=file)
    for file, subject, _, _ in index.found("subjects", blank):
        if file.kind != "shapes" and subject not in seen:
            seen.add(subject)
            yield index.problem("blank-node", sentence, subject, file=file)


def wrong_places(index: Index) -> Iterator[Problem | None]:
    """Subjects of the graph that are not ours, or that stand in the file of another thing."""
    for subject, files in index.files.items():
        whole = subject.partition("#")[0]
        for file in files:
            if file.kind != "graph" or subject.startswith("_:"):
                continue
            due = _due(file, index.base)
            if not subject.startswith(index.base):
                sentence = f"<{subject}> is not below {index.base}; describe only what is ours."
                yield index.problem("foreign-subject", sentence, subject, file=file)
            elif due and whole != due:
                sentence = (
                    f"This file is for <{due}>; describe <{subject}> in a file of its own."
                    if _is_thing(whole, index.base)
                    else f"This file is for <{due}>; call it that, for <{subject}> would have no page."
                )
                yield index.problem("wrong-file", sentence, subject, file=file)


def terms_without_page(index: Index) -> Iterator[Problem | None]:
    """Terms of ours in the ontology whose names do not begin like those that pages are made for."""
    spaces = {index.base + each for each in _SPACES}
    for subject, files in index.files.items():
        file = files[0]
        if (
            file.kind == "ontology"
            and subject.startswith(index.base)
            and subject.partition("#")[0] not in spaces
        ):
            sentence = (
                f"<{subject}> would have no page: call terms {index.base}ont#… "
                f"and the values of lists {index.base}vocab#…"
            )
            yield index.problem("no-page", sentence, subject, severity="warning", file=file)


def missing_labels(index: Index) -> Iterator[Problem | None]:
    """Typed things in ontology and graph that pages could only show as an IRI."""
    labelled = {each.subject for each in index.having(*_LABELS)}
    sentence = "Give it a name to be shown by: a skos:prefLabel, rdfs:label or dcterms:title."
    for subject, types in index.types.items():
        machinery = all(each.startswith(_SH) for each in types)
        file = index.files[subject][0]
        if subject not in labelled and not machinery and file.kind != "shapes":
            yield index.problem("missing-label", sentence, subject, file=file)


def repeated_triples(index: Index) -> Iterator[Problem | None]:
    """Statements that a second file makes again, so that correcting one would not be enough."""
    first: dict[tuple[str, str, object], SourceFile] = {}
    several = [ox.NamedNode(node) for node, files in index.files.items() if len(files) > 1]
    for file, subject, predicate, value in index.found("subjects", several):
        before = first.setdefault((subject, predicate, value), file)
        if before is not file:
            sentence = f"The same is said in {before.name}; say it once."
            yield index.problem("repeated", sentence, subject, predicate, name(value), file=file)


CHECKS: tuple[Check, ...] = (
    dangling_links,
    undeclared_terms,
    targets_without_instance,
    blank_nodes,
    wrong_places,
    terms_without_page,
    missing_labels,
    repeated_triples,
    ill_typed,
)


def check(index: Index) -> Iterator[Problem]:
    """Every problem that the checks of this module find."""
    for each in CHECKS:
        yield from filter(None, each(index))


def _declared(index: Index, kinds: set[str]) -> set[str]:
    """The terms of one of these types in the ontology."""
    return {
        term
        for term, types in index.types.items()
        if types & kinds and any(file.kind == "ontology" for file in index.files[term])
    }


def _is_thing(iri: str, base: str) -> bool:
    """Whether an IRI is that of a thing with a page: `{base}id/{type}/{slug}`."""
    return iri.startswith(base + "id/") and "/" in iri.removeprefix(base + "id/").strip("/")


def _closure(start: str, below: dict[str, set[str]]) -> set[str]:
    """A class and all below it."""
    found, due = {start}, [start]
    while due:
        new = below.get(due.pop(), set()) - found
        found |= new
        due.extend(new)
    return found


def _due(file: SourceFile, base: str) -> str | None:
    """The IRI that a file must describe by its name: that of `graph/<type>/<slug>.ttl`; else None."""
    if file.name == DATASET_FILE:
        return f"{base}dataset"
    parts = file.name.removesuffix(".ttl").split("/")
    if len(parts) != 3:
        return None
    kind = "query" if parts[1] == "queries" else parts[1]
    return f"{base}id/{kind}/{parts[2]}"
