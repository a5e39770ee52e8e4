"""The classes and the properties of a release, with what its shapes demand of them and how they are used."""

from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property

from pyoxigraph import NamedNode

from ldnkg.terms.described import Aimed, Borrowed, Class, Prefix, Property
from ldnkg.terms.entries import Entry, entry
from ldnkg.terms.shape import Demand
from ldnkg.terms.shapes import Shapes
from ldnkg.terms.tree import Branch, tree
from ldnkg.terms.uses import Uses
from ldnkg.terms.words import Piece, Words, term
from ldnkg.turtle.writing import natural

_CLASSES = ("owl:Class", "rdfs:Class", "rdfs:Datatype")
_PROPERTIES = ("owl:ObjectProperty", "owl:DatatypeProperty", "owl:AnnotationProperty", "rdf:Property")
_DOMAIN, _RANGE = ("rdfs:domain", "schema:domainIncludes"), ("rdfs:range", "schema:rangeIncludes")
_SHARED = 2
"""A class of others is a branch of the tree when so many of ours stand below it and below none of ours."""


class Ontology:
    """All classes and properties."""

    def __init__(self, words: Words, shapes: Shapes, uses: Uses, base: str) -> None:
        self._words, self._shapes, self._uses, self._base = words, shapes, uses, base
        self._space = base + "ont#"

    @cached_property
    def classes(self) -> tuple[Class, ...]:
        """The classes of the namespace, in order of their names."""
        return tuple(self._class(node) for node in self._ours(self._typed(_CLASSES, _PROPERTIES)))

    @cached_property
    def properties(self) -> tuple[Property, ...]:
        """The properties of the namespace, in order of their names."""
        return tuple(self._property(node) for node in self._ours(self._typed(_PROPERTIES, ())))

    @cached_property
    def class_tree(self) -> tuple[Branch, ...]:
        """The classes below their superclasses."""
        return self._tree([each.entry.node for each in self.classes], "rdfs:subClassOf")

    @cached_property
    def property_tree(self) -> tuple[Branch, ...]:
        """The properties below their superproperties."""
        return self._tree([each.entry.node for each in self.properties], "rdfs:subPropertyOf")

    @cached_property
    def borrowed(self) -> tuple[Borrowed, ...]:
        """The classes and properties of others that are described here, or that a shape is about."""
        classes = {node: True for node in self._foreign(self._typed(_CLASSES, _PROPERTIES))}
        classes |= {node: True for node in self._foreign(self._shapes.by_class)}
        properties = [*self._typed(_PROPERTIES, ()), *(node for node in self._shapes.by_property)]
        found = classes | {node: False for node in self._foreign(properties)}
        return tuple(
            self._borrowed(node, found[node]) for node in sorted(found, key=lambda each: natural(each.value))
        )

    @property
    def alignments(self) -> Iterator[tuple[tuple[NamedNode, tuple[NamedNode, ...]], ...]]:
        """The alignments of each class and each property."""
        yield from (each.entry.alignments for each in self.classes)
        yield from (each.entry.alignments for each in self.properties)

    @cached_property
    def prefixes(self) -> tuple[Prefix, ...]:
        """The prefixes that are declared (SHACL, section 5.2.1)."""
        nodes = (each for each in self._words.having("rdf:type", term("sh:PrefixDeclaration")))
        return tuple(
            Prefix(
                each,
                tuple(self._words.values(each, "sh:prefix")),
                tuple(self._words.values(each, "sh:namespace")),
            )
            for each in self._ours(node for node in nodes if isinstance(node, NamedNode))
        )

    @cached_property
    def others(self) -> tuple[Entry, ...]:
        """What else stands in the namespace."""
        known = {each.entry.node for each in self.classes} | {each.entry.node for each in self.properties}
        known |= {each.node for each in self.prefixes}
        rest = (each for each in self._words.subjects() if isinstance(each, NamedNode) and each not in known)
        return tuple(entry(self._words, each, self._base) for each in self._ours(rest))

    def _typed(self, wanted: Iterable[str], unwanted: Iterable[str]) -> list[NamedNode]:
        kinds = {term(name) for name in unwanted}
        found = dict.fromkeys(node for name in wanted for node in self._words.having("rdf:type", term(name)))
        return [
            node
            for node in found
            if isinstance(node, NamedNode) and not kinds & set(self._words.values(node, "rdf:type"))
        ]

    def _ours(self, nodes: Iterable[NamedNode]) -> list[NamedNode]:
        return sorted((each for each in nodes if each.value.startswith(self._space)), key=self._words.order)

    def _foreign(self, nodes: Iterable[NamedNode]) -> list[NamedNode]:
        return [each for each in nodes if not each.value.startswith(self._base)]

    def _tree(self, nodes: Sequence[NamedNode], name: str) -> tuple[Branch, ...]:
        """Ours below ours; below a class of another vocabulary those that have nothing else above them."""
        above: dict[NamedNode, list[NamedNode]] = {}
        shared: dict[NamedNode, list[NamedNode]] = {}
        for node in nodes:
            upper = self._words.nodes(node, name)
            above[node] = [each for each in upper if each.value.startswith(self._space)]
            for other in upper if not above[node] else ():
                shared.setdefault(other, []).append(node)
        for other, lower in shared.items():
            for node in lower if len(lower) >= _SHARED else ():
                above[node].append(other)
        return tree(nodes, above, self._words.order)

    def _class(self, node: NamedNode) -> Class:
        words, told = self._words, frozenset((term("rdfs:subClassOf"),))
        demands = self._shapes.of_class(node)
        shaped = {each.step[0] for each in demands if each.step}
        meant = (each for name in (*_DOMAIN, *_RANGE) for each in words.having(name, node))
        of = dict.fromkeys(
            each.step[0]
            for each in self._shapes.demands
            if each.step and not each.step[1] and node in words.values(each.node, "sh:class")
        )
        return Class(
            entry=self._entry(node, told),
            above=tuple(self._ours(words.nodes(node, "rdfs:subClassOf"))),
            below=self._below(node, "rdfs:subClassOf"),
            shapes=self._shapes.by_class.get(node, ()),
            demands=demands,
            inherited=tuple(
                (upper, found) for upper in self._ancestors(node) if (found := self._shapes.of_class(upper))
            ),
            of=tuple(of),
            meant=tuple(
                each
                for each in dict.fromkeys(meant)
                if isinstance(each, NamedNode) and each not in shaped and each not in of
            ),
            members=self._uses.members.get(node, 0),
            examples=self._uses.instances.get(node, ()),
            used=dict(self._uses.carriers.get(node, {})),
        )

    def _ancestors(self, node: NamedNode) -> list[NamedNode]:
        """The classes above a class, the nearest first."""
        found, waiting = [node], [node]
        while waiting:
            for each in self._words.nodes(waiting.pop(0), "rdfs:subClassOf"):
                if each not in found:
                    found.append(each)
                    waiting.append(each)
        return found[1:]

    def _property(self, node: NamedNode) -> Property:
        words = self._words
        told = frozenset(term(each) for each in ("rdfs:subPropertyOf", "owl:inverseOf", *_DOMAIN, *_RANGE))
        demands = self._shapes.by_property.get(node, [])
        inverse = [*words.nodes(node, "owl:inverseOf"), *words.having("owl:inverseOf", node)]
        return Property(
            entry=self._entry(node, told),
            above=tuple(self._ours(words.nodes(node, "rdfs:subPropertyOf"))),
            below=self._below(node, "rdfs:subPropertyOf"),
            inverse=tuple(each for each in dict.fromkeys(inverse) if isinstance(each, NamedNode)),
            demands=tuple(self._aimed(each) for each in demands),
            ends=tuple(dict.fromkeys(rule for each in demands for rule in each.rules)),
            domain=tuple(dict.fromkeys(words.values(node, *_DOMAIN))),
            range=tuple(dict.fromkeys(words.values(node, *_RANGE))),
            parts=self._parts(node),
            triples=self._uses.triples.get(node, 0),
            examples=self._uses.statements.get(node, ()),
        )

    def _parts(self, node: NamedNode) -> tuple[tuple[tuple[Piece, ...], tuple[Aimed, ...]], ...]:
        """The paths of shapes that go by a property and are more than it, each with its shapes."""
        found: dict[tuple[Piece, ...], list[Aimed]] = {}
        for each in self._shapes.by_longer_path.get(node, ()):
            found.setdefault(each.path, []).append(self._aimed(each))
        return tuple((path, tuple(aimed)) for path, aimed in found.items())

    def _aimed(self, demand: Demand) -> Aimed:
        return self._shapes.classes.get(demand.node, ()), demand

    def _borrowed(self, node: NamedNode, is_class: bool) -> Borrowed:
        classes = (
            each
            for demand in self._shapes.by_property.get(node, ())
            for each in self._shapes.classes.get(demand.node, ())
        )
        counted = self._uses.members if is_class else self._uses.triples
        return Borrowed(
            entry(self._words, node, self._base),
            is_class,
            tuple(dict.fromkeys(classes)),
            counted.get(node, 0),
        )

    def _below(self, node: NamedNode, name: str) -> tuple[NamedNode, ...]:
        return tuple(
            self._ours(each for each in self._words.having(name, node) if isinstance(each, NamedNode))
        )

    def _entry(self, node: NamedNode, told: frozenset[NamedNode]) -> Entry:
        return entry(self._words, node, self._base, told)
