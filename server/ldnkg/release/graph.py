"""The graph that a release publishes: the sources at another base, the same wherever it is built."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from pyoxigraph import BlankNode, CanonicalizationAlgorithm, Dataset, Literal, NamedNode, Quad, Triple

from ldnkg import iris
from ldnkg.dataset import About, about
from ldnkg.facts import Fact, Facts, Filed, Shared, Statement, Term
from ldnkg.formats import context_for
from ldnkg.iris import PREFIXES, Prefixes
from ldnkg.release.folder import LAYOUT
from ldnkg.sources import Sources, quads

_EXAMPLE = NamedNode(PREFIXES["void"] + "exampleResource")
_VERSION_INFO, _VERSION = NamedNode(PREFIXES["owl"] + "versionInfo"), NamedNode(PREFIXES["dcat"] + "version")


@dataclass(frozen=True)
class Graph:
    """Every quad once, with what writing it needs; `base`, prefixes and context are those of the site."""

    quads: frozenset[Filed]
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
        lines = "".join(sorted(f"{quad} .\n" for quad in self.quads)) + ("panels\n" if self.answered else "")
        return hashlib.sha256(f"{LAYOUT}\n{self.base}\n{self.context}\n{lines}".encode()).hexdigest()[:16]

    @cached_property
    def triples(self) -> Facts:
        """The union of the named graphs."""
        return Facts(quad.triple for quad in self.quads)

    @cached_property
    def description(self) -> list[Fact]:
        """What the curators say in the graph of the dataset's description."""
        return [quad.triple for quad in self.quads if quad.graph_name == self.description_name]

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
        named = {quad.graph_name.value for quad in self.quads if isinstance(quad.graph_name, NamedNode)}
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
    found = _canonical(move.filed(quad) for quad in quads(sources))
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
            for subject in dict.fromkeys(triple.subject for triple in file.triples):
                if isinstance(subject, NamedNode) and subject.value.startswith(space):
                    found.setdefault(move.text(subject.value.partition("#")[0]), file.name)
    return found


@dataclass(frozen=True)
class Rebase:
    """Puts the base `new` in place of the base `old`."""

    old: str
    new: str
    known: dict[Term, Term] = field(default_factory=dict)
    """What has become of terms, so that those that were shared still are."""

    def text(self, text: str) -> str:
        """A text with the new base."""
        return iris.rebase(text, self.old, self.new)

    def node(self, node: NamedNode) -> NamedNode:
        """An IRI with the new base."""
        return NamedNode(self.text(node.value)) if self.old in node.value else node

    def term(self, term: Term) -> Term:
        """A term with the new base; literals keep their language, or datatype at the new base."""
        moved = self.known.get(term)
        if moved is None:
            moved = self.known[term] = self._moved(term)
        return moved

    def fact(self, triple: Statement) -> Fact:
        """A triple with the new base."""
        terms = (triple.subject, triple.predicate, triple.object)
        return Fact._make(map(self.term, terms))

    def filed(self, quad: Filed) -> Filed:
        """A quad with the new base, also in the name of its graph."""
        return Filed(self.fact(quad.triple), self.node(quad.graph_name))

    def _moved(self, term: Term) -> Term:
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


def _canonical(quads: Iterable[Filed]) -> frozenset[Filed]:
    """The quads with blank nodes named by RDFC-1.0, so that two builds give them the same names.

    Only the quads with blank nodes go through it: the others have no part in the names (section 4.4).
    """
    found = frozenset(quads)
    labelled = {
        each
        for each in found
        if isinstance(each.triple.subject, BlankNode) or isinstance(each.triple.object, BlankNode)
    }
    dataset = Dataset(Quad(*each.triple, each.graph_name) for each in labelled)
    dataset.canonicalize(CanonicalizationAlgorithm.RDFC_1_0)
    shared = Shared()
    return (found - labelled) | {shared.filed(quad) for quad in dataset}
