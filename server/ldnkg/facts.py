"""Statements as tuples of shared terms: what is built is read dozens of times, and must fit into memory.

A triple of the engine holds texts of its own, and each look at one of its terms copies them. Of facts, all
that name a term hold the same object. A large graph is held in numbers: each term once, each statement as the
numbers of its terms, and a fact is made when it is looked at (`Rows`, `Packed`).
"""

from array import array
from collections import ChainMap, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, MutableMapping, Sequence
from functools import cached_property, partial
from heapq import merge
from itertools import chain, groupby, islice
from typing import NamedTuple, Protocol, TypeVar, cast

from pyoxigraph import BlankNode, Literal, NamedNode, Quad, Store, Triple

Subject = NamedNode | BlankNode | Triple
Term = NamedNode | BlankNode | Literal | Triple
_Key = TypeVar("_Key")

_STRING = NamedNode("http://www.w3.org/2001/XMLSchema#string")
_BATCH = 100_000
"""So many literals are tried at once."""


class Statement(Protocol):
    """What is stated: a triple of the engine, or a fact."""

    @property
    def subject(self) -> Subject: ...  # noqa: D102 - RDF 1.1, section 3.1
    @property
    def predicate(self) -> NamedNode: ...  # noqa: D102 - RDF 1.1, section 3.1
    @property
    def object(self) -> Term: ...  # noqa: D102 - RDF 1.1, section 3.1


class Fact(NamedTuple):
    """A triple; as a text it is one in N-Triples, without the mark at its end."""

    subject: Subject
    predicate: NamedNode
    object: Term

    def __str__(self) -> str:
        return f"{self.subject} {self.predicate} {self.object}"


class Filed(NamedTuple):
    """A fact in a named graph; as a text it is one in N-Quads, without the mark at its end."""

    triple: Fact
    graph_name: NamedNode

    def __str__(self) -> str:
        return f"{self.triple} {self.graph_name}"


_fact = partial(tuple.__new__, Fact)
"""What Fact._make does, without a step of Python for each."""


class Terms(Sequence[Term]):
    """Terms by their numbers, which count from 0; of equal ones the one that came first."""

    def __init__(self) -> None:
        self._terms: list[Term] = []
        self._numbers = _Numbers(self._terms)

    def number(self, term: Term) -> int:
        """The number of a term, which has one from now on."""
        return self._numbers[term]

    def known(self, term: Term) -> int | None:
        """The number of a term, if it has one."""
        return self._numbers.get(term)

    # a number or a slice, as the overloads of Sequence have it
    def __getitem__(self, number):  # type: ignore[no-untyped-def]
        return self._terms[number]

    def __iter__(self) -> Iterator[Term]:
        return iter(self._terms)

    def __len__(self) -> int:
        return len(self._terms)


class _Numbers(dict[Term, int]):
    """The number of each term; a new one gets the next."""

    def __init__(self, terms: list[Term]) -> None:
        super().__init__()
        self._terms = terms

    def __missing__(self, term: Term) -> int:
        number = self[term] = len(self._terms)
        self._terms.append(term)
        return number


class Columns(NamedTuple):
    """Statements as the numbers of their terms: one row of three numbers for each."""

    subjects: "array[int]"
    predicates: "array[int]"
    objects: "array[int]"

    @classmethod
    def empty(cls) -> "Columns":
        """No row as yet."""
        return cls(array("I"), array("I"), array("I"))

    def add(self, subject: int, predicate: int, value: int) -> None:
        """One more row."""
        self.subjects.append(subject)
        self.predicates.append(predicate)
        self.objects.append(value)

    def rows(self) -> Iterator[tuple[int, int, int]]:
        """The rows in their order."""
        return zip(*self, strict=True)


class Rows(Sequence[Fact]):
    """Some rows as facts: all, those in a range, or those with these numbers."""

    __slots__ = ("_columns", "_terms", "_which")

    def __init__(
        self, terms: Sequence[Term], columns: Columns, which: "range | array[int] | None" = None
    ) -> None:
        self._terms, self._columns = terms, columns
        self._which = range(len(columns.subjects)) if which is None else which

    def __iter__(self) -> Iterator[Fact]:
        term, which = self._terms.__getitem__, self._which
        if isinstance(which, range):
            part = slice(which.start, which.stop)
            columns: Iterable[Iterable[int]] = (memoryview(each)[part] for each in self._columns)
        else:
            columns = (map(each.__getitem__, which) for each in self._columns)
        return map(_fact, zip(*(map(term, each) for each in columns), strict=True))

    # a number or a slice, as the overloads of Sequence have it
    def __getitem__(self, number):  # type: ignore[no-untyped-def]
        if isinstance(number, slice):
            return [self[each] for each in range(*number.indices(len(self)))]
        row = self._which[number]
        return Fact._make(self._terms[each[row]] for each in self._columns)

    def __len__(self) -> int:
        return len(self._which)


class Facts(Collection[Fact]):
    """A graph, each fact once, which is sorted by subject and by predicate when that is first asked for."""

    def __init__(self, facts: Iterable[Fact]) -> None:
        self._facts: Sequence[Fact] = tuple(dict.fromkeys(facts))

    def __iter__(self) -> Iterator[Fact]:
        return iter(self._facts)

    def __len__(self) -> int:
        return len(self._facts)

    def __contains__(self, fact: object) -> bool:
        return isinstance(fact, Fact) and fact in self.by_subject.get(fact.subject, ())

    @cached_property
    def by_subject(self) -> Mapping[Subject, Sequence[Fact]]:
        """What is said of each subject."""
        found: dict[Subject, list[Fact]] = defaultdict(list)
        for fact in self._facts:
            found[fact.subject].append(fact)
        return dict(found)

    @cached_property
    def by_predicate(self) -> Mapping[NamedNode, Sequence[Fact]]:
        """What is said with each predicate."""
        found: dict[NamedNode, list[Fact]] = defaultdict(list)
        for fact in self._facts:
            found[fact.predicate].append(fact)
        return dict(found)

    def having(self, *predicates: NamedNode) -> Iterable[Fact]:
        """What is said with one of these predicates."""
        return chain.from_iterable(self.by_predicate.get(each, ()) for each in predicates)

    def values(self, subject: Term, predicate: NamedNode) -> Iterable[Term]:
        """The values of a property of a node."""
        said = () if isinstance(subject, Literal) else self.by_subject.get(subject, ())
        return [each.object for each in said if each.predicate == predicate]

    @property
    def lines(self) -> Iterator[str]:
        """The graph in N-Triples, sorted."""
        return iter(sorted(f"{fact} .\n" for fact in self._facts))


class Packed(Facts):
    """A graph in numbers: what is said of a subject stands together, each fact once.

    `in_order` tells that the rows are in the order of their lines in N-Triples.
    """

    def __init__(self, terms: Sequence[Term], columns: Columns, *, in_order: bool = False) -> None:
        self.terms, self.columns, self._in_order = terms, columns, in_order
        self._facts = Rows(terms, columns)

    @cached_property
    def by_subject(self) -> "Groups":
        """What is said of each subject."""
        return Groups(self.terms, self.columns)

    @cached_property
    def by_predicate(self) -> Mapping[NamedNode, Sequence[Fact]]:
        """What is said with each predicate."""
        found: dict[int, array[int]] = defaultdict(lambda: array("I"))
        for row, predicate in enumerate(self.columns.predicates):
            found[predicate].append(row)
        return {
            cast(NamedNode, self.terms[predicate]): Rows(self.terms, self.columns, rows)
            for predicate, rows in found.items()
        }

    @property
    def lines(self) -> Iterator[str]:
        """The graph in N-Triples, sorted."""
        return (f"{fact} .\n" for fact in self) if self._in_order else super().lines

    def values(self, subject: Term, predicate: NamedNode) -> Iterable[Term]:
        """The values of a property of a node."""
        _, predicates, objects = self.columns
        wanted = self._predicates.get(predicate)
        rows = range(0) if isinstance(subject, Literal) else self.by_subject.rows(subject)
        return [self.terms[objects[row]] for row in rows if predicates[row] == wanted]

    @cached_property
    def _predicates(self) -> Mapping[Term, int]:
        return {self.terms[each]: each for each in set(self.columns.predicates)}

    def naming(self, *kinds: type) -> Iterator[Fact]:
        """The facts whose subject or object is of one of these kinds of term."""
        numbers = {number for number, term in enumerate(self.terms) if isinstance(term, kinds)}
        subjects, _, objects = self.columns
        rows = array("I")
        if not (numbers.isdisjoint(subjects) and numbers.isdisjoint(objects)):
            ends = enumerate(zip(subjects, objects, strict=True))
            rows.extend(row for row, each in ends if not numbers.isdisjoint(each))
        return iter(Rows(self.terms, self.columns, rows))


class Joined(Facts):
    """A graph and a few facts more."""

    def __init__(self, graph: Facts, more: Iterable[Fact]) -> None:
        self._graph = graph
        self._more = Facts(each for each in more if each not in graph)

    def __iter__(self) -> Iterator[Fact]:
        return chain(self._graph, self._more)

    def __len__(self) -> int:
        return len(self._graph) + len(self._more)

    @cached_property
    def by_subject(self) -> Mapping[Subject, Sequence[Fact]]:
        """What is said of each subject."""
        return _joined(self._graph.by_subject, self._more.by_subject)

    @cached_property
    def by_predicate(self) -> Mapping[NamedNode, Sequence[Fact]]:
        """What is said with each predicate."""
        return _joined(self._graph.by_predicate, self._more.by_predicate)

    @property
    def lines(self) -> Iterator[str]:
        """The graph in N-Triples, sorted."""
        return merge(self._graph.lines, self._more.lines)


def _joined(
    some: Mapping[_Key, Sequence[Fact]], more: Mapping[_Key, Sequence[Fact]]
) -> Mapping[_Key, Sequence[Fact]]:
    both: dict[_Key, Sequence[Fact]] = {key: [*some.get(key, ()), *found] for key, found in more.items()}
    return ChainMap(both, cast(MutableMapping[_Key, Sequence[Fact]], some))


class Said(Mapping[Subject, dict[NamedNode, list[Term]]]):
    """What is said of each subject of a graph by its predicates, put together when it is asked for."""

    def __init__(self, graph: Facts) -> None:
        self._said = graph.by_subject

    def __getitem__(self, subject: Subject) -> dict[NamedNode, list[Term]]:
        found: dict[NamedNode, list[Term]] = {}
        for _, predicate, value in self._said[subject]:
            found.setdefault(predicate, []).append(value)
        return found

    def __iter__(self) -> Iterator[Subject]:
        return iter(self._said)

    def __len__(self) -> int:
        return len(self._said)


class Groups(Mapping[Subject, Sequence[Fact]]):
    """The facts of a packed graph by their subjects, in the order of its rows."""

    def __init__(self, terms: Sequence[Term], columns: Columns) -> None:
        self._terms, self._columns = terms, columns
        self._places: dict[Subject, int] = {}
        self._starts = array("I")
        start = 0
        for subject, rows in groupby(columns.subjects):
            self._places[cast(Subject, terms[subject])] = len(self._starts)
            self._starts.append(start)
            start += sum(1 for _ in rows)
        self._starts.append(start)

    def __getitem__(self, subject: Subject) -> Rows:
        if subject not in self._places:
            raise KeyError(subject)
        return Rows(self._terms, self._columns, self.rows(subject))

    def __iter__(self) -> Iterator[Subject]:
        return iter(self._places)

    def __len__(self) -> int:
        return len(self._places)

    def rows(self, subject: Subject) -> range:
        """The numbers of the rows of a subject."""
        place = self._places.get(subject)
        return range(0) if place is None else range(self._starts[place], self._starts[place + 1])


def arranged(rows: Iterable[tuple[int, int, int, int]], terms: int) -> "tuple[Columns, array[int]]":
    """Rows of the numbers of so many terms, in order and each once: their first three, and their last."""
    width = terms.bit_length()
    mask = (1 << width) - 1
    keys = sorted(((a << width | b) << width | c) << width | d for a, b, c, d in rows)
    columns, last = Columns.empty(), array("I")
    for key, _ in groupby(keys):
        columns.add(key >> 3 * width, key >> 2 * width & mask, key >> width & mask)
        last.append(key & mask)
    return columns, last


def facts(statements: Iterable[Statement]) -> Facts:
    """These statements as a graph; one that is a graph already stays as it is."""
    if isinstance(statements, Facts):
        return statements
    return Facts(Fact(each.subject, each.predicate, each.object) for each in statements)


def as_stored(literals: Iterable[Literal]) -> Iterator[tuple[Literal, Literal]]:
    """The literals of which the engine keeps the value and not the text, each with what it gives back."""
    typed = iter({each for each in literals if not each.language and each.datatype != _STRING})
    while some := list(islice(typed, _BATCH)):
        numbered = {NamedNode(f"urn:x:{number}"): literal for number, literal in enumerate(some)}
        store = Store()
        store.extend(Quad(node, node, literal) for node, literal in numbered.items())
        for quad in store:
            literal = numbered[cast(NamedNode, quad.subject)]
            if quad.object != literal:
                yield literal, cast(Literal, quad.object)
