"""Write triples as RDF 1.1 XML Syntax: one element a subject, its properties inside.

Written here because an engine's writer leaves characters and names as they are that no XML parser reads back.
"""

import re
from collections.abc import Iterable, Mapping
from itertools import count
from xml.sax.saxutils import escape, quoteattr

from pyoxigraph import BlankNode, Literal, NamedNode

from ldnkg.errors import NotAcceptable
from ldnkg.facts import Statement
from ldnkg.formats.subjects import Node, Term, by_subject
from ldnkg.iris import PREFIXES
from ldnkg.pieces import Pieces

_RDF = PREFIXES["rdf"]
_XSD_STRING = PREFIXES["xsd"] + "string"
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_SPLIT = re.compile(r"(.*?)([A-Za-z_][\w.\-]*)", re.ASCII | re.DOTALL)
"""A namespace and the longest XML name in ASCII that ends an IRI."""
_RESERVED = {
    _RDF + name
    for name in "RDF Description ID about resource nodeID datatype parseType li bagID aboutEach".split()
}
"""Names that are syntax and no properties (section 5.1)."""


def write(triples: Iterable[Statement], prefixes: Mapping[str, str], first: NamedNode | None = None) -> str:
    """The triples as RDF/XML, `first` before the other subjects.

    Raises NotAcceptable for what XML cannot hold: control characters, predicates that end in no XML name
    (section 5.1.4), triple terms.
    """
    return pieces(triples, prefixes, first).text()


def pieces(
    triples: Iterable[Statement], prefixes: Mapping[str, str], first: NamedNode | None = None
) -> Pieces:
    """The document that `write` gives; NotAcceptable is raised on the way."""
    names = _Names(prefixes)
    about = by_subject(triples, first)
    body = (_element(subject, values, names) for subject, values in about.items())
    return Pieces(lambda: _head(names), body, "</rdf:RDF>\n")


def _head(names: "_Names") -> str:
    spaces = "".join(
        f"\n    xmlns:{prefix}={quoteattr(space)}" for prefix, space in sorted(names.used.items())
    )
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<rdf:RDF{spaces}>\n'


class _Names:
    """Qualified names for predicates, and the namespaces that they use."""

    def __init__(self, prefixes: Mapping[str, str]) -> None:
        self.used = {"rdf": _RDF}
        own = sorted(
            (prefix, space) for prefix, space in prefixes.items() if prefix and not prefix.startswith("xml")
        )
        self._prefixes = {space: prefix for prefix, space in reversed(own)} | {_RDF: "rdf"}
        self._known: dict[str, str] = {}

    def __getitem__(self, iri: str) -> str:
        if iri not in self._known:
            self._known[iri] = self._named(iri)
        return self._known[iri]

    def _named(self, iri: str) -> str:
        found = _SPLIT.fullmatch(iri)
        if not found or not found[1] or iri in _RESERVED:
            raise NotAcceptable(f"RDF/XML has no name for the predicate <{iri}>: ask for Turtle.")
        space, local = _xml(found[1]), found[2]
        prefix = self._prefixes.get(space)
        if prefix is None or self.used.get(prefix, space) != space:
            free = (f"ns{number}" for number in count(1) if f"ns{number}" not in self.used)
            prefix = self._prefixes[space] = next(free)
        self.used[prefix] = space
        return f"{prefix}:{local}"


def _element(subject: Node, values: Mapping[NamedNode, list[Term]], names: _Names) -> str:
    """A subject with all that is said about it."""
    lines = [
        f"    {_property(names[predicate.value], value)}\n"
        for predicate, objects in values.items()
        for value in objects
    ]
    about = "about" if isinstance(subject, NamedNode) else "nodeID"
    return f"  <rdf:Description rdf:{about}={_node(subject)}>\n{''.join(lines)}  </rdf:Description>\n"


def _property(name: str, value: Term) -> str:
    """One property element (section 2.2 to 2.10)."""
    match value:
        case NamedNode():
            return f"<{name} rdf:resource={_node(value)}/>"
        case BlankNode():
            return f"<{name} rdf:nodeID={_node(value)}/>"
        case Literal(language=str(language), direction=None):
            kind = f" xml:lang={quoteattr(language)}"
        case Literal(language=None, datatype=datatype):
            kind = "" if datatype.value == _XSD_STRING else f" rdf:datatype={quoteattr(_xml(datatype.value))}"
        case _:
            raise NotAcceptable(f"RDF/XML cannot hold the value {value}: ask for Turtle.")
    return f"<{name}{kind}>{escape(_xml(value.value), {chr(13): '&#xD;'})}</{name}>"


def _node(node: Node) -> str:
    """A node as the value of an attribute; a blank node's label must begin with a letter (section 5.1.3)."""
    return quoteattr(_xml(node.value) if isinstance(node, NamedNode) else f"b{node.value}")


def _xml(text: str) -> str:
    if found := _NOT_XML.search(text):
        raise NotAcceptable(
            f"XML cannot hold the character U+{ord(found[0]):04X} of this answer: ask for Turtle."
        )
    return text
