"""What is narrower than a class or a property, at any depth."""

from collections import defaultdict
from collections.abc import Collection

from pyoxigraph import NamedNode

from ldnkg.facts import Facts
from ldnkg.iris import PREFIXES

SUBCLASS, SUBPROPERTY = (NamedNode(PREFIXES["rdfs"] + name) for name in ("subClassOf", "subPropertyOf"))


def narrower(graph: Facts, link: NamedNode, wide: Collection[NamedNode]) -> set[NamedNode]:
    """These classes or properties and all that such links lead from."""
    links: dict[object, list[NamedNode]] = defaultdict(list)
    for triple in graph.having(link):
        if isinstance(triple.subject, NamedNode):
            links[triple.object].append(triple.subject)
    found, fresh = set(wide), list(wide)
    while fresh:
        fresh = [each for each in links[fresh.pop()] if each not in found] + fresh
        found.update(fresh)
    return found
