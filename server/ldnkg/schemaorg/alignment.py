"""Which terms of schema.org stand for the terms of a graph, as the graph itself says it.

A class, a property or a concept is linked to its counterpart by `rdfs:subClassOf`, `rdfs:subPropertyOf`,
`owl:equivalentClass`, `owl:equivalentProperty`, `skos:exactMatch` or `skos:closeMatch`. Where it has none,
the nearest class or property above it speaks for it. What a graph says of the terms of schema.org themselves
counts too: a class that stands above another is left out, and a property with `schema:domainIncludes` is
said of these classes only. For the common vocabularies that name and describe things, there is a default.
"""

import re
from collections.abc import Iterable, Mapping

from pyoxigraph import NamedNode

from ldnkg.counts import MANY
from ldnkg.iris import PREFIXES
from ldnkg.store import Store

THING = "Thing"
"""The type of what has no other."""


def _term(prefix: str, name: str) -> NamedNode:
    return NamedNode(PREFIXES[prefix] + name)


_SPACES = (PREFIXES["schema"], PREFIXES["schema"].replace("https:", "http:"))
_SUBCLASS, _SUBPROPERTY = _term("rdfs", "subClassOf"), _term("rdfs", "subPropertyOf")
_MATCHES = (_term("skos", "exactMatch"), _term("skos", "closeMatch"))
_SAME = (*_MATCHES, _term("owl", "equivalentClass"), _term("owl", "equivalentProperty"))
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9]*", re.ASCII)
_IN_SCHEME = _term("skos", "inScheme")
_DOMAIN = _term("schema", "domainIncludes")
_DEFAULTS: Mapping[NamedNode, tuple[str, ...]] = {
    _term("adms", "Identifier"): ("PropertyValue",),
    _term("adms", "identifier"): ("identifier",),
    _term("adms", "schemaAgency"): ("propertyID",),
    _term("dcat", "Dataset"): ("Dataset",),
    _term("dcat", "version"): ("version",),
    _term("dcterms", "description"): ("description",),
    _term("dcterms", "license"): ("license",),
    _term("foaf", "Document"): ("CreativeWork",),
    _term("foaf", "Organization"): ("Organization",),
    _term("foaf", "Person"): ("Person",),
    _term("owl", "sameAs"): ("sameAs",),
    _term("rdfs", "comment"): ("description",),
    _term("skos", "Concept"): ("DefinedTerm",),
    _term("skos", "ConceptScheme"): ("DefinedTermSet",),
    _term("skos", "altLabel"): ("alternateName",),
    _term("skos", "definition"): ("description",),
    _term("skos", "exactMatch"): ("sameAs",),
    _term("skos", "inScheme"): ("inDefinedTermSet",),
    _term("skos", "notation"): ("termCode", "value"),
}
_DOMAINS: Mapping[str, frozenset[str]] = {
    "inDefinedTermSet": frozenset({"DefinedTerm"}),
    "propertyID": frozenset({"PropertyValue"}),
    "termCode": frozenset({"DefinedTerm"}),
    "value": frozenset({"PropertyValue"}),
}


class Alignment:
    """The counterparts of terms in schema.org, by their names there; each is looked up once in a release.

    Threads may share it: to look a term up twice changes nothing.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._classes: dict[NamedNode, tuple[str, ...]] = {}
        self._properties: dict[NamedNode, tuple[str, ...]] = {}
        self._above: dict[NamedNode, frozenset[NamedNode]] = {}
        self._domains: dict[str, frozenset[str]] = {}
        self._closed: dict[NamedNode, bool] = {}

    def types(self, classes: Iterable[NamedNode]) -> tuple[str, ...]:
        """The most specific types of what has these classes, in order; `Thing` when there is none."""
        own = set(classes)
        specific = own - {each for name in own for each in self._ancestors(name) - {name}}
        found = {type_ for name in specific or own for type_ in self._of_class(name)}
        general = {above for type_ in found for above in self._types_above(type_) if above != type_}
        return tuple(sorted(found - general)) or (THING,)

    def properties(self, property_: NamedNode, types: Iterable[str]) -> tuple[str, ...]:
        """The properties that stand for one of ours on a thing of these types."""
        if property_ not in self._properties:
            self._properties[property_] = self._nearest(property_, _SUBPROPERTY)
        return tuple(each for each in self._properties[property_] if self._fits(each, types))

    def member(self, concept: NamedNode) -> str | None:
        """The member of an enumeration of schema.org that a concept is, or stands for."""
        linked = (each for link in _MATCHES for each in self._nodes(concept, link))
        return _local(concept) or next((name for each in linked if (name := _local(each))), None)

    def is_closed(self, concept: NamedNode) -> bool:
        """Whether schema.org has the list of a concept as an enumeration: one of the list has a member."""
        return any(self._is_enumeration(each) for each in self._nodes(concept, _IN_SCHEME))

    def _is_enumeration(self, scheme: NamedNode) -> bool:
        if scheme not in self._closed:
            concepts = self._store.values(scheme, _IN_SCHEME, "incoming", 0, MANY)
            self._closed[scheme] = any(self.member(each) for each in concepts if isinstance(each, NamedNode))
        return self._closed[scheme]

    def _of_class(self, name: NamedNode) -> tuple[str, ...]:
        if name not in self._classes:
            self._classes[name] = self._nearest(name, _SUBCLASS)
        return self._classes[name]

    def _nearest(self, term: NamedNode, up: NamedNode) -> tuple[str, ...]:
        """The counterparts of a term, else those of the terms above it, the nearest first."""
        seen, level = {term}, [term]
        while level:
            if found := {name for each in level for name in self._direct(each, up)}:
                return tuple(sorted(found))
            level = sorted({above for each in level for above in self._nodes(each, up)} - seen, key=str)
            seen.update(level)
        return ()

    def _direct(self, term: NamedNode, up: NamedNode) -> set[str]:
        """The counterparts that a term itself has; else its default."""
        linked = [term, *(each for link in (up, *_SAME) for each in self._nodes(term, link))]
        found = {name for each in linked if (name := _local(each))}
        return found or set(_DEFAULTS.get(term, ()))

    def _ancestors(self, name: NamedNode) -> frozenset[NamedNode]:
        """A class and all that stand above it."""
        if name not in self._above:
            seen, ahead = set[NamedNode](), [name]
            while ahead:
                here = ahead.pop()
                if here not in seen:
                    seen.add(here)
                    ahead += self._nodes(here, _SUBCLASS)
            self._above[name] = frozenset(seen)
        return self._above[name]

    def _types_above(self, type_: str) -> frozenset[str]:
        """A type of schema.org and those above it that the graph tells of."""
        return frozenset(name for each in self._ancestors(_term("schema", type_)) if (name := _local(each)))

    def _fits(self, name: str, types: Iterable[str]) -> bool:
        """Whether a property may be said of these types, as far as is known."""
        if name not in self._domains:
            told = {each for node in self._nodes(_term("schema", name), _DOMAIN) if (each := _local(node))}
            self._domains[name] = frozenset(told) or _DOMAINS.get(name, frozenset())
        domain = self._domains[name]
        return not domain or any(domain & self._types_above(each) for each in types)

    def _nodes(self, node: NamedNode, property_: NamedNode) -> list[NamedNode]:
        return [each for each in self._store.objects(node, property_) if isinstance(each, NamedNode)]


def _local(node: NamedNode) -> str | None:
    """The name of a term of schema.org; None for any other."""
    for space in _SPACES:
        if node.value.startswith(space):
            name = node.value.removeprefix(space)
            return name if _NAME.fullmatch(name) else None
    return None
