"""The documents of the hash namespaces as triples: between them they say all that the sources say of words.

A document tells of every term of its namespace. A word of another vocabulary that the ontology, the
alignments or the lists tell of stands with them. All that the files of shapes say stands with the shapes.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator

from pyoxigraph import BlankNode, NamedNode

from ldnkg.counts import Term
from ldnkg.facts import Fact, Filed, Statement
from ldnkg.terms.words import term
from ldnkg.turtle.writing import Subject

NAMES = ("ont", "vocab", "shapes")
"""The hash namespaces, `{base}ont#` and so on; the document of each is the IRI without the hash."""

_HOME = {"ontology": "ont", "alignments": "ont", "vocabulary": "vocab", "shapes": "shapes"}
"""Which document tells of the words of others that a named graph tells of."""
_LICENCE = term("dcterms:license")
_Words = dict[Subject, list[tuple[str, Fact]]]  # what is said of a node, and the home of its graph


def documents(quads: Iterable[Filed], base: str, dataset: NamedNode) -> dict[str, frozenset[Fact]]:
    """The triples of each of NAMES, with blank nodes whole; of the document, its dataset and licence."""
    homes = {NamedNode(f"{base}graph/{name}"): home for name, home in _HOME.items()}
    words: _Words = defaultdict(list)
    licences = []
    for triple, graph in quads:
        if graph in homes:
            words[triple.subject].append((homes[graph], triple))
        if triple[:2] == (dataset, _LICENCE):
            licences.append(triple)
    said: dict[str, set[Fact]] = {name: set() for name in NAMES}
    named = [node for node in words if not isinstance(node, BlankNode)]
    reached = {part for node in named for part in _tell(said, words, node, base)}
    for node in words:  # what hangs from nothing
        if isinstance(node, BlankNode) and node not in reached:
            _tell(said, words, node, base)
    about = {name: _about(name, said[name], base, dataset, licences) for name in NAMES}
    return {name: frozenset({*said[name], *about[name]}) for name in NAMES}


def _tell(said: dict[str, set[Fact]], words: _Words, node: Subject, base: str) -> set[Subject]:
    """Add what is said of a node to the documents it stands in; gives it and the blank nodes below it."""
    own = _document(node, base)
    below = _below(words, node)
    for part in below:
        for home, triple in words[part]:
            for name in {own or home, home} if home == "shapes" else {own or home}:
                said[name].add(triple)
    return below


def _below(words: _Words, node: Subject) -> set[Subject]:
    """A node, and the blank nodes that it leads to over blank nodes alone."""
    found, waiting = {node}, [node]
    while waiting:
        for _, triple in words[waiting.pop()]:
            value = triple.object
            if isinstance(value, BlankNode) and value in words and value not in found:
                found.add(value)
                waiting.append(value)
    return found


def _document(node: Term, base: str) -> str | None:
    """The one of NAMES that a node belongs to: as a term of its namespace, or as the document itself."""
    if isinstance(node, NamedNode) and node.value.startswith(base):
        name, mark, rest = node.value[len(base) :].partition("#")
        return name if name in NAMES and (mark or not rest) else None
    return None


def _about(
    name: str, said: Iterable[Statement], base: str, dataset: NamedNode, licences: Iterable[Statement]
) -> Iterator[Fact]:
    """What a document is part of (VoID, section 5.2), and the dataset's licence if it has none of its own."""
    document = NamedNode(base + name)
    yield Fact(document, term("void:inDataset"), dataset)
    if not any((each.subject, each.predicate) == (document, _LICENCE) for each in said):
        yield from (Fact(document, _LICENCE, each.object) for each in licences)
