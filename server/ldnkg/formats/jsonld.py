"""Write triples as JSON-LD 1.1, compacted by the terms of a context and framed on what the document is about.

Each document brings the part of the context that it uses, so that reading it needs no other document. Numbers
stay strings, typed by the context: readers of JSON differ about `4.0`. IRIs of nodes are written in full.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from pyoxigraph import Literal, NamedNode, Triple

from ldnkg.errors import NotAcceptable
from ldnkg.facts import Statement
from ldnkg.formats.context import Definition, Terms, prefix_entry, read
from ldnkg.formats.subjects import About, Node, Ordered, Term, by_subject
from ldnkg.iris import PREFIXES, Prefixes, curie
from ldnkg.pieces import Pieces

_TYPE = NamedNode(PREFIXES["rdf"] + "type")
_XSD_STRING = PREFIXES["xsd"] + "string"
_written = json.JSONEncoder(ensure_ascii=False).encode
_DEPTH = 8
"""Objects are nested no deeper, so that a chain of a thousand nodes can be written, and read."""


def write(
    triples: Iterable[Statement],
    prefixes: Mapping[str, str],
    context: str | None = None,
    first: NamedNode | None = None,
) -> str:
    """The triples as a JSON-LD document: the object of `first`, or without it a flat `@graph`.

    What `first` leads to stands where it is first mentioned, what has only literals (a label) at each
    mention, the rest in `@included`. Raises NotAcceptable for triple terms, which JSON-LD cannot hold.
    """
    if first is None:
        return pieces(triples, prefixes, context).text()
    document = _Document(by_subject(triples, first), prefixes, read(context))
    body = document.framed(first)
    return _indented({"@context": document.told(), **body}, "\n") + "\n"


def pieces(triples: Iterable[Statement], prefixes: Mapping[str, str], context: str | None = None) -> Pieces:
    """The document that `write` gives of a graph; NotAcceptable is raised on the way."""
    document = _Document(by_subject(triples, None), prefixes, read(context))

    def head() -> str:
        told = _indented(document.told(), "\n ")
        return f'{{\n "@context": {told},\n "@graph": ['

    return Pieces(head, _listed(document.flat()), "]\n}\n")


def _listed(objects: Iterable[dict[str, Any]]) -> Iterator[str]:
    """Objects as the members of a list that is a member of the document."""
    line, mark = "\n  ", ""
    for each in objects:
        yield f"{mark}{line}{_indented(each, line)}"
        mark = ","
    if mark:
        yield "\n "


class _Document:
    """One document in the making; `context` collects the entries that it uses."""

    def __init__(self, about: About, prefixes: Mapping[str, str], terms: Terms) -> None:
        self.context: dict[str, Any] = {}
        self._about, self._terms = about, terms
        taken = {*terms.names, *(iri.partition(":")[0] for iri in _iris(about))}
        free = {prefix: space for prefix, space in prefixes.items() if prefix and prefix not in taken}
        self._prefixes = Prefixes.of(prefixes if len(free) == len(prefixes) else free)
        self._names: dict[str, str] = {}
        self._left: dict[Node, None] = {}
        self._labels: set[Node] = set()

    def told(self) -> dict[str, Any]:
        """The context of the document: what it has used up to now."""
        return {"@version": 1.1, **dict(sorted(self.context.items()))}

    def flat(self) -> Iterator[dict[str, Any]]:
        """Every subject an object of its own, side by side."""
        return (self._object(subject, 0) for subject in self._about)

    def framed(self, first: NamedNode) -> dict[str, Any]:
        """The object of `first` with what it leads to inside."""
        self._left = dict.fromkeys(self._about)
        self._labels = {node for node, said in self._about.items() if _is_literal(said)}
        body = self._object(first, _DEPTH)
        rest = []
        while self._left:
            rest.append(self._object(next(iter(self._left)), _DEPTH))
        return {**body, "@included": rest} if rest else body

    def _object(self, subject: Node, depth: int) -> dict[str, Any]:
        """All that is said of a subject, with what it leads to down to `depth`."""
        self._left.pop(subject, None)
        written = {self._keyword("@id"): _id(subject)}
        for predicate, values in self._about.get(subject, {}).items():
            if predicate == _TYPE and not any(isinstance(value, Literal) for value in values):
                written[self._keyword("@type")] = _one([self._class(value) for value in values])
                continue
            by_term: dict[Definition, list[Term]] = {}
            for value in values:
                by_term.setdefault(self._term(predicate.value, value), []).append(value)
            for term, some in by_term.items():
                written[term.name] = self._values(term, some, depth)
        return written

    def _values(self, term: Definition, values: Sequence[Term], depth: int) -> Any:
        """Values as a term has them: one, a list, or a map of these by language."""
        if not term.languages:
            found = [self._value(term, value, depth) for value in values]
            return found if term.many else _one(found)
        texts: dict[str, list[str]] = {}
        for value in values:
            if isinstance(value, Literal) and value.language:
                texts.setdefault(value.language, []).append(value.value)
        return {tag: texts[tag] if term.many else _one(texts[tag]) for tag in sorted(texts)}

    def _value(self, term: Definition, value: Term, depth: int) -> Any:
        """One value; a bare string when the term says the rest of it (JSON-LD 1.1, section 4.2)."""
        if isinstance(value, Triple):
            raise NotAcceptable("JSON-LD cannot hold a triple as a value: ask for Turtle.")
        if isinstance(value, Literal):
            return value.value if term.fits(value) else self._literal(value)
        if depth and (value in self._left or value in self._labels):
            return self._object(value, depth - 1)
        return _id(value) if term.fits(value) else {self._keyword("@id"): _id(value)}

    def _literal(self, literal: Literal) -> dict[str, str]:
        """A literal that says all about itself."""
        if not literal.language:
            typed = literal.datatype.value != _XSD_STRING
            kind = {self._keyword("@type"): self._name(literal.datatype.value)} if typed else {}
            return {**kind, "@value": literal.value}
        direction = {"@direction": str(literal.direction)} if literal.direction else {}
        return {"@language": literal.language, **direction, "@value": literal.value}

    def _term(self, iri: str, value: Term) -> Definition:
        """The term for a value of a property: one that fits, else one that takes any value, else none's."""
        terms = self._terms.of.get(iri, ())
        fitting = [each for each in terms if each.fits(value)] or [
            each for each in terms if not each.languages
        ]
        return self._used(fitting) or Definition(self._name(iri), iri)

    def _class(self, node: Term) -> str:
        """A class by its term or its name."""
        if not isinstance(node, NamedNode):
            return str(node)
        term = self._used(self._terms.of.get(node.value, ()))
        return term.name if term else self._name(node.value)

    def _used(self, terms: Sequence[Definition]) -> Definition | None:
        """The first of these terms, which the document's context now has."""
        if not terms:
            return None
        self.context[terms[0].name] = terms[0].written()
        return terms[0]

    def _keyword(self, keyword: str) -> str:
        """A keyword by the context's own word for it."""
        alias = self._terms.aliases.get(keyword, keyword)
        if alias != keyword:
            self.context[alias] = keyword
        return alias

    def _name(self, iri: str) -> str:
        """A property, class or datatype as a compact IRI, or in full where no prefix fits."""
        if iri not in self._names:
            self._names[iri] = curie(iri, self._prefixes) or iri
            prefix, _, _ = self._names[iri].partition(":")
            if prefix in self._prefixes:
                self.context[prefix] = prefix_entry(self._prefixes[prefix])
        return self._names[iri]


def _indented(value: Any, line: str) -> str:
    """A value as JSON with an indent of one; `line` begins each of its lines.

    The library's own way to do so takes a third of the time of a whole document.
    """
    if isinstance(value, str):
        return _written(value)
    inner = f"{line} "
    if value and isinstance(value, dict):
        members = [f"{_written(name)}: {_indented(each, inner)}" for name, each in value.items()]
        return f"{{{inner}{f',{inner}'.join(members)}{line}}}"
    if value and isinstance(value, list):
        return f"[{inner}{f',{inner}'.join([_indented(each, inner) for each in value])}{line}]"
    return _written(value)


def _id(node: Node) -> str:
    return node.value if isinstance(node, NamedNode) else str(node)


def _one(values: list[Any]) -> Any:
    """A value alone is not put in a list."""
    return values[0] if len(values) == 1 else values


def _is_literal(said: Mapping[NamedNode, Sequence[Term]]) -> bool:
    """Whether a node says nothing but texts, such as its labels."""
    return all(isinstance(value, Literal) for values in said.values() for value in values)


def _iris(about: About) -> Iterator[str]:
    """Every IRI of a document: a prefix called like the scheme of one would change it (section 4.1.5)."""
    terms: Iterable[Term] = about.terms if isinstance(about, Ordered) else _terms(about)
    for term in terms:
        if isinstance(term, NamedNode):
            yield term.value
        elif isinstance(term, Literal):
            yield term.datatype.value


def _terms(about: About) -> Iterator[Term]:
    for subject, said in about.items():
        yield subject
        yield from said
        yield from (value for values in said.values() for value in values)
