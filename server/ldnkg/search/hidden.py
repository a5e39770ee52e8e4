"""What no page tells: the values of properties that a shape calls `dash:hidden` (see ldnkg.layout).

The shapes are read from the graph itself: search is indexed beside the store, and a layout needs one.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence

from pyoxigraph import Literal, NamedNode

from ldnkg.facts import Fact, Facts, Subject, Term
from ldnkg.iris import PREFIXES
from ldnkg.search.narrower import SUBCLASS, narrower

Hidden = Mapping[NamedNode, Collection[NamedNode]]
"""The properties that are hidden of the things of each class."""

_TYPE = NamedNode(PREFIXES["rdf"] + "type")
_HIDDEN = NamedNode(PREFIXES["dash"] + "hidden")
_PATH, _PROPERTY, _NODE, _TARGET, _DEACTIVATED, _NODE_SHAPE = (
    NamedNode(PREFIXES["sh"] + name)
    for name in ("path", "property", "node", "targetClass", "deactivated", "NodeShape")
)
_CLASSES = {NamedNode(PREFIXES["rdfs"] + "Class"), NamedNode(PREFIXES["owl"] + "Class")}


def hidden(graph: Facts) -> Hidden:
    """The properties that shapes hide, by the classes of the things that they hide them of.

    The shapes of a class are those of its superclasses, too, and those that they refer to with `sh:node`.
    A path of several steps hides nothing: each of them is a fact of its own. What one shape hides is hidden,
    even if another shows it.
    """
    found: dict[NamedNode, set[NamedNode]] = defaultdict(set)
    for shape in {each.subject for each in graph.having(_HIDDEN) if _is_true(each.object)}:
        if any(map(_is_true, graph.values(shape, _DEACTIVATED))):
            continue
        paths = [each for each in graph.values(shape, _PATH) if isinstance(each, NamedNode)]
        for class_ in narrower(graph, SUBCLASS, _targets(graph, shape)):
            found[class_].update(paths)
    return found


def told(
    thing: NamedNode, nodes: Iterable[NamedNode], said: Mapping[Subject, Sequence[Fact]], hidden: Hidden
) -> list[Fact]:
    """What pages tell of a thing by the `nodes` that make it: itself and its parts.

    A part that nothing but what is hidden leads to from the thing is hidden with it.
    """
    if not hidden:
        return [each for node in nodes for each in said[node]]
    seen: dict[NamedNode, list[Fact]] = {}
    unseen: list[Fact] = []
    for node in nodes:
        without = {
            name for each in said[node] if each.predicate == _TYPE for name in _of(hidden, each.object)
        }
        seen[node] = [each for each in said[node] if each.predicate not in without]
        if without:
            unseen += (each for each in said[node] if each.predicate in without)
    if unseen:
        shown = _reached([thing], seen)
        for node in _reached([each.object for each in unseen], seen) - shown:
            del seen[node]
    return [each for facts in seen.values() for each in facts]


def _reached(starts: Iterable[Term], said: Mapping[NamedNode, Iterable[Fact]]) -> set[NamedNode]:
    """The nodes among those that something is said about that one comes to from some of them."""
    found: set[NamedNode] = set()
    fresh = list(starts)
    while fresh:
        node = fresh.pop()
        if isinstance(node, NamedNode) and node in said and node not in found:
            found.add(node)
            fresh += (each.object for each in said[node])
    return found


def _of(hidden: Hidden, class_: Term) -> Collection[NamedNode]:
    return hidden.get(class_, ()) if isinstance(class_, NamedNode) else ()


def _targets(graph: Facts, shape: Subject) -> set[NamedNode]:
    """The classes whose things a property shape is about (SHACL, section 2.1.3)."""
    owners = [each.subject for each in graph.having(_PROPERTY) if each.object == shape]
    for owner in owners:  # which grows as it is walked through
        referring = (each.subject for each in graph.having(_NODE) if each.object == owner)
        owners += (each for each in referring if each not in owners)
    found = {class_ for owner in owners for class_ in graph.values(owner, _TARGET)}
    for owner in owners:
        types = set(graph.values(owner, _TYPE))
        if _NODE_SHAPE in types and types & _CLASSES:
            found.add(owner)
    return {each for each in found if isinstance(each, NamedNode)}


def _is_true(value: Term) -> bool:
    return isinstance(value, Literal) and value.value in ("true", "1")
