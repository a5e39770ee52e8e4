"""The graph that a release publishes: the sources at another base, the same wherever it is built."""

import hashlib
from array import array
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby
from typing import cast

from pyoxigraph import BlankNode, CanonicalizationAlgorithm, Dataset, Literal, NamedNode, Quad, Triple

from ldnkg import iris
from ldnkg.dataset import About, about
from ldnkg.facts import Columns, Fact, Filed, Packed, Rows, Statement, Term, arranged
from ldnkg.formats import context_for
from ldnkg.iris import PREFIXES, Prefixes
from ldnkg.release.folder import LAYOUT
from ldnkg.sources import Sources, released

_EXAMPLE = NamedNode(PREFIXES["void"] + "exampleResource")
_VERSION_INFO, _VERSION = NamedNode(PREFIXES["owl"] + "versionInfo"), NamedNode(PREFIXES["dcat"] + "version")


class Quads(Collection[Filed]):
    """Every quad once, in the order of their lines in N-Quads, held in numbers (see ldnkg.facts)."""

    def __init__(self, terms: list[Term], columns: Columns, graphs: "array[int]") -> None:
        self._terms, self._columns, self._graphs = terms, columns, graphs

    def __iter__(self) -> Iterator[Filed]:
        names = map(cast("list[NamedNode]", self._terms).__getitem__, self._graphs)
        return map(Filed, Rows(self._terms, self._columns), names)

    def __len__(self) -> int:
        return len(self._graphs)

    def __contains__(self, quad: object) -> bool:
        return isinstance(quad, Filed) and quad in self.within(quad.graph_name)

    @property
    def lines(self) -> Iterator[str]:
        """The quads in N-Quads, sorted."""
        return (f"{quad} .\n" for quad in self)

    @cached_property
    def sizes(self) -> Mapping[NamedNode, int]:
        """The named graphs, and how many triples each has."""
        return {cast(NamedNode, self._terms[each]): count for each, count in Counter(self._graphs).items()}

    def within(self, *names: NamedNode) -> Iterator[Filed]:
        """The quads of some named graphs."""
        numbers = {each for each in set(self._graphs) if self._terms[each] in names}
        rows = array("I", (row for row, each in enumerate(self._graphs) if each in numbers))
        facts = Rows(self._terms, self._columns, rows)
        return (
            Filed(fact, cast(NamedNode, self._terms[self._graphs[row]]))
            for fact, row in zip(facts, rows, strict=True)
        )

    @cached_property
    def union(self) -> Packed:
        """The triples of all named graphs, each once."""
        columns = self._columns
        if len(self.sizes) > 1:
            columns = Columns.empty()
            for row, _ in groupby(self._columns.rows()):
                columns.add(*row)
        return Packed(self._terms, columns, in_order=True)


@dataclass(frozen=True)
class Graph:
    """Every quad once, with what writing it needs; `base`, prefixes and context are those of the site."""

    quads: Quads
    base: str
    prefixes: Mapping[str, str]
    context: str
    dataset: NamedNode
    files: Mapping[str, str]
    """The source file of each thing."""
    answered: bool = False
    """Whether the panels of every page are rows of the release, not only those that take long."""

    @cached_property
    def id(self) -> str:
        """A name that comes from the content alone: 16 hex digits of SHA-256.

        The content is the layout, the base, the JSON-LD context, which shapes a dump too, and the N-Quads;
        and whether panels are answered, since no folder changes that is there.
        """
        found = hashlib.sha256(f"{LAYOUT}\n{self.base}\n{self.context}\n".encode())
        for line in self.quads.lines:
            found.update(line.encode())
        found.update(b"panels\n" if self.answered else b"")
        return found.hexdigest()[:16]

    @property
    def triples(self) -> Packed:
        """The union of the named graphs."""
        return self.quads.union

    @cached_property
    def description(self) -> list[Fact]:
        """What the curators say in the graph of the dataset's description."""
        return [quad.triple for quad in self.quads.within(self.description_name)]

    @property
    def description_name(self) -> NamedNode:
        """The named graph of the dataset's description."""
        return NamedNode(f"{self.base}graph/dataset")

    @property
    def partitions_name(self) -> NamedNode:
        """The named graph of what each class has: part of the description, but too long for its page."""
        return NamedNode(f"{self.base}graph/partitions")

    @property
    def names(self) -> list[str]:
        """All named graphs of the release."""
        named = {each.value for each in self.quads.sizes}
        return sorted(named | {self.description_name.value, self.partitions_name.value})

    @property
    def version(self) -> str | None:
        """The version of the data, if they tell."""
        return self._told(_VERSION_INFO) or self._told(_VERSION)

    @property
    def edition(self) -> str:
        """What tells this release from others: the version of the data, else the id."""
        return self.version or self.id

    @cached_property
    def about(self) -> About:
        """What the graph says of the dataset."""
        return about(self.dataset, self.version, self.triples)

    @property
    def start(self) -> str | None:
        """A thing to begin with, if the data name one (`void:exampleResource`)."""
        return self._told(_EXAMPLE)

    def _told(self, name: NamedNode) -> str | None:
        """The first value of a property of the dataset, in the order of their texts."""
        found = (
            each.object for each in self.description if (each.subject, each.predicate) == (self.dataset, name)
        )
        return min((each.value for each in found if not isinstance(each, Triple)), default=None)


def at_base(sources: Sources, base: str, *, answered: bool = False) -> Graph:
    """The graph of sources that conform, with `base` in place of their own in every IRI and every text."""
    move = Rebase(sources.base, base)
    found = _quads(sources, move)
    prefixes = Prefixes({name: move.text(space) for name, space in sources.prefixes.items()})
    words = [triple for file in sources.files if file.kind != "graph" for triple in file.triples]
    context = sources.context or context_for(words, sources.prefixes)
    dataset = sources.dataset or NamedNode(sources.base + "dataset")
    return Graph(
        found, base, prefixes, move.text(context), move.node(dataset), _files(sources, move), answered
    )


def _files(sources: Sources, move: "Rebase") -> dict[str, str]:
    """The file of the graph that first describes each thing; a part belongs to its thing."""
    space = f"{sources.base}id/"
    found: dict[str, str] = {}
    for file in sources.files:
        if file.kind == "graph":
            for number in dict.fromkeys(file.numbers.subjects):
                subject = sources.terms[number]
                if isinstance(subject, NamedNode) and subject.value.startswith(space):
                    found.setdefault(move.text(subject.value.partition("#")[0]), file.name)
    return found


@dataclass(frozen=True)
class Rebase:
    """Puts the base `new` in place of the base `old`."""

    old: str
    new: str

    def text(self, text: str) -> str:
        """A text with the new base."""
        return iris.rebase(text, self.old, self.new)

    def node(self, node: NamedNode) -> NamedNode:
        """An IRI with the new base."""
        return NamedNode(self.text(node.value)) if self.old in node.value else node

    def term(self, term: Term) -> Term:
        """A term with the new base; literals keep their language, or datatype at the new base."""
        if isinstance(term, NamedNode):
            return self.node(term)
        if isinstance(term, Triple):
            return Triple(*self.fact(term))
        if isinstance(term, BlankNode) or (
            self.old not in term.value and self.old not in term.datatype.value
        ):
            return term
        if term.language:
            return Literal(self.text(term.value), language=term.language, direction=term.direction)
        return Literal(self.text(term.value), datatype=self.node(term.datatype))

    def fact(self, triple: Statement) -> Fact:
        """A triple with the new base."""
        terms = (triple.subject, triple.predicate, triple.object)
        return Fact._make(map(self.term, terms))


def _quads(sources: Sources, move: Rebase) -> Quads:
    """The quads of the sources at another base, with their terms in the order of their texts.

    So are the rows then, and what is written line by line needs no sorting any more: no term but a literal
    begins as another does, and what may follow a literal sorts before what may go on with it.
    """
    found = [(released(file), move.node(sources.graph_name(file))) for file in sources.files]
    terms = [move.term(each) for each in sources.terms]
    blank = {number for number, term in enumerate(terms) if isinstance(term, BlankNode)}
    parts: list[tuple[Columns, NamedNode]] = []
    labelled: list[Quad] = []
    for columns, name in found:
        if not (blank.isdisjoint(columns.subjects) and blank.isdisjoint(columns.objects)):
            columns, others = _parted(columns, blank)
            labelled += (Quad(*fact, name) for fact in Rows(terms, others))
        parts.append((columns, name))
    for quad in _canonical(labelled):
        numbers = (array("I", [len(terms) + place]) for place in range(3))
        parts.append((Columns(*numbers), cast(NamedNode, quad.graph_name)))
        terms += quad.triple
    names = {name: len(terms) + place for place, name in enumerate(dict.fromkeys(name for _, name in parts))}
    ranks, ordered = _ranked([*terms, *names])
    rows = (
        (ranks[subject], ranks[predicate], ranks[value], ranks[names[name]])
        for part, name in parts
        for subject, predicate, value in part.rows()
    )
    return Quads(ordered, *arranged(rows, len(ordered)))


def _parted(columns: Columns, numbers: set[int]) -> tuple[Columns, Columns]:
    """The rows without, and with one of these numbers."""
    parts = Columns.empty(), Columns.empty()
    for row in columns.rows():
        parts[not numbers.isdisjoint(row)].add(*row)
    return parts


def _canonical(quads: Iterable[Quad]) -> Dataset:
    """Quads with their blank nodes named by RDFC-1.0, so that two builds give them the same names.

    Quads without blank nodes have no part in the names (section 4.4).
    """
    dataset = Dataset(quads)
    dataset.canonicalize(CanonicalizationAlgorithm.RDFC_1_0)
    return dataset


def _ranked(terms: list[Term]) -> "tuple[array[int], list[Term]]":
    """The place of each term among all in the order of their texts, and these in that order, each once."""
    texts = [str(each) for each in terms]
    ranks, ordered, last = array("I", bytes(4 * len(terms))), [], None
    for number in sorted(range(len(terms)), key=texts.__getitem__):
        if texts[number] != last:
            last = texts[number]
            ordered.append(terms[number])
        ranks[number] = len(ordered) - 1
    return ranks, ordered
