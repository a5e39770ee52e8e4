"""Write triples as Turtle 1.1: the same triples always give the same text, whatever their order.

Terms are written in the shortest form that loses nothing, also not in readers that turn numbers into values:
`49.0` stays as it is, `"01"^^xsd:integer` is not shortened. Blank nodes are nested where they can be.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from pyoxigraph import BlankNode, CanonicalizationAlgorithm, Dataset, Literal, NamedNode, Quad, Triple

from ldnkg.facts import Facts, Packed, Said, Statement
from ldnkg.iris import PREFIXES, Prefixes, curie
from ldnkg.pieces import Pieces

Subject = NamedNode | BlankNode | Triple
Term = NamedNode | BlankNode | Literal | Triple
_About = Mapping[Subject, Mapping[NamedNode, list[Term]]]
_Triples = Sequence[tuple[Subject, NamedNode, Term]]

_RDF, _XSD = PREFIXES["rdf"], PREFIXES["xsd"]
_TYPE, _FIRST, _REST, _NIL = (NamedNode(_RDF + name) for name in ("type", "first", "rest", "nil"))
_NUMBERS = re.compile(r"([0-9]{1,4000})")  # no int has more digits
_WIDTH = 110
_NAMES = 200_000
"""So many names are remembered."""
_STEP = "    "
_SHORT = {
    _XSD + "integer": re.compile(r"0|-?[1-9][0-9]*"),
    _XSD + "decimal": re.compile(r"-?(?:0|[1-9][0-9]*)\.[0-9]+"),
    _XSD + "boolean": re.compile(r"true|false"),
}
_ESCAPES = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t", "\b": "\\b", "\f": "\\f"}
_UNSAFE = "\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff"
_IN_LINE = re.compile(rf'[\\"\n\t{_UNSAFE}]')
_IN_LONG = re.compile(rf'\\|"(?="|\Z)|[{_UNSAFE}]')


def write(triples: Iterable[Statement], prefixes: Mapping[str, str], first: NamedNode | None = None) -> str:
    """The triples as a Turtle document, which begins with the prefixes that it uses.

    `first` leads; the other subjects follow in natural order of their IRIs (`#s2` before `#s10`), `a` before
    the other predicates, objects in natural order. A graph name is left out.
    """
    triples = triples if isinstance(triples, Facts) else list(triples)
    try:
        return pieces(triples, prefixes, first).text()
    except RecursionError:  # brackets nested hundreds deep: write them flat
        return pieces(triples, prefixes, first, nest=False).text()


def pieces(
    triples: Iterable[Statement],
    prefixes: Mapping[str, str],
    first: NamedNode | None = None,
    nest: bool = True,
) -> Pieces:
    """The document that `write` gives; without `nest` all blank nodes are labelled.

    What is nested too deep raises RecursionError on the way.
    """
    about, unnamed = _about(triples)
    shared = _shared(unnamed, nest)
    if shared:
        about, unnamed = _canonical(about)
        shared = _shared(unnamed, nest)
    ordered = sorted(shared, key=lambda node: natural(node.value))
    labels = {node: f"_:b{number}" for number, node in enumerate(ordered, 1)}
    writer = _Writer(about, unnamed, prefixes, labels)
    return Pieces(writer.head, writer.body(first))


def natural(text: str) -> tuple[list[str | int], str]:
    """A key that sorts the numbers in texts by value.

    >>> sorted(["s10", "s2", "s02"], key=natural)
    ['s02', 's2', 's10']
    """
    parts: list[str | int] = list(_NUMBERS.split(text))
    parts[1::2] = map(int, parts[1::2])
    return parts, text


class _Writer:
    """One document in the making."""

    def __init__(
        self, about: _About, unnamed: _Triples, prefixes: Mapping[str, str], labels: dict[BlankNode, str]
    ) -> None:
        self.about, self.unnamed, self.labels = about, unnamed, labels
        self.prefixes = Prefixes.of(prefixes)
        self.used: set[str] = set()
        self.names: dict[str, str] = {}

    def head(self) -> str:
        """The prefixes that are used."""
        used = sorted(self.used)
        header = "".join(f"@prefix {prefix}: <{self.prefixes[prefix]}> .\n" for prefix in used)
        return f"{header}\n" if header and self.about else header

    def body(self, first: NamedNode | None) -> Iterator[str]:
        """A paragraph for each subject, and a line between two."""
        for number, each in enumerate(self.paragraphs(first)):
            before = "\n" if number else ""
            yield f"{before}{self.statements(*each, '')} .\n"

    def paragraphs(self, first: NamedNode | None) -> Iterator[tuple[str, Subject]]:
        """The subjects that are not nested in another, as written, in order."""
        named = [each for each in self.about if isinstance(each, NamedNode)]
        for iri in sorted(named, key=lambda iri: (iri != first, natural(iri.value))):
            yield self.name(iri.value), iri
        blank = dict.fromkeys(each for each, _, _ in self.unnamed if isinstance(each, BlankNode))
        for node in sorted(blank.keys() & self.labels, key=lambda node: natural(self.labels[node])):
            yield self.labels[node], node
        nested = {value for _, _, value in self.unnamed}
        roots = [node for node in blank if node not in nested and node not in self.labels]
        for node in sorted(roots, key=lambda node: natural(self.statements("[]", node, ""))):
            yield "[]", node

    def statements(self, lead: str, subject: Subject, indent: str) -> str:
        """What is said of a subject, `lead` before it and no mark after it."""
        values = self.about[subject]
        names = {("a" if each == _TYPE else self.name(each.value)): each for each in values}
        lines: list[str] = []
        for name in sorted(names, key=lambda name: (name != "a", name)):
            before = f"{indent}{_STEP}" if lines or not lead else f"{lead} "
            lines.append(self.line(f"{before}{name}", values[names[name]], indent + _STEP))
        return " ;\n".join(lines)

    def line(self, lead: str, values: list[Term], indent: str) -> str:
        """A predicate with its objects: in one line where they fit, else one object a line."""
        if len(values) == 1:
            return f"{lead} {self.term(values[0], indent)}"
        texts = sorted((self.term(value, indent + _STEP) for value in values), key=natural)
        line = f"{lead} {', '.join(texts)}"
        if len(line) <= _WIDTH - len(" ;") and "\n" not in line:
            return line
        return f"{lead}\n{indent}{_STEP}" + f",\n{indent}{_STEP}".join(texts)

    def term(self, term: Term, indent: str) -> str:
        """A term as written; lines after its first begin with `indent`."""
        if isinstance(term, NamedNode):
            return "()" if term == _NIL else self.name(term.value)
        if isinstance(term, Literal):
            return self.literal(term)
        if isinstance(term, BlankNode):
            return self.labels.get(term) or self.nested(term, indent)
        return self.quoted(term)

    def name(self, iri: str) -> str:
        """An IRI, as a prefixed name where there is one."""
        text = self.names.get(iri)
        if text is None:
            short = curie(iri, self.prefixes)
            if short is not None:
                self.used.add(short.partition(":")[0])
            if len(self.names) >= _NAMES:
                self.names.clear()
            text = self.names[iri] = short or f"<{iri}>"
        return text

    def literal(self, literal: Literal) -> str:
        """A literal with its language or datatype; numbers and booleans bare where that loses nothing."""
        datatype, value = literal.datatype.value, literal.value
        if datatype in _SHORT and _SHORT[datatype].fullmatch(value):
            return value
        if literal.language:
            direction = f"--{literal.direction}" if literal.direction else ""
            return f"{_string(value)}@{literal.language}{direction}"
        return _string(value) if datatype == _XSD + "string" else f"{_string(value)}^^{self.name(datatype)}"

    def nested(self, node: BlankNode, indent: str) -> str:
        """A blank node that stands in one place only: as a list, or as what is said of it in brackets."""
        if node not in self.about:
            return "[]"
        items = self.items(node)
        if items is None:
            return f"[\n{self.statements('', node, indent)}\n{indent}]"
        texts = [self.term(item, indent + _STEP) for item in items]
        line = f"( {' '.join(texts)} )"
        if len(indent + line) <= _WIDTH - len(" ;") and "\n" not in line:
            return line
        inner = f"\n{indent}{_STEP}"
        return f"({inner}{inner.join(texts)}\n{indent})"

    def items(self, node: BlankNode) -> list[Term] | None:
        """The members of the list that begins at a node; None if it is not whole or more is said of it."""
        items: list[Term] = []
        cell: Term = node
        while cell != _NIL:
            values = (
                {} if cell in self.labels or not isinstance(cell, BlankNode) else self.about.get(cell, {})
            )
            if values.keys() != {_FIRST, _REST} or any(len(each) != 1 for each in values.values()):
                return None
            items.append(values[_FIRST][0])
            cell = values[_REST][0]
        return items

    def quoted(self, triple: Statement) -> str:
        """A triple term (RDF 1.2 Turtle, section 2.11)."""
        parts = (triple.subject, triple.predicate, triple.object)
        return f"<<( {' '.join(self.term(part, '') for part in parts)} )>>"


def _string(text: str) -> str:
    """A string in quotes; in three, with its lines as they are, when it has more than one (section 2.5.1)."""
    if "\n" in text:
        return f'"""{_IN_LONG.sub(_escape, text)}"""'
    return f'"{_IN_LINE.sub(_escape, text)}"'


def _escape(match: re.Match[str]) -> str:
    """One character as an escape sequence (section 6.4)."""
    return _ESCAPES.get(match[0]) or f"\\u{ord(match[0]):04X}"


def _about(triples: Iterable[Statement]) -> tuple[_About, _Triples]:
    """What is said of each subject, each triple once, and the triples with a blank node or a triple term."""
    if isinstance(triples, Packed):
        return Said(triples), list(triples.naming(BlankNode, Triple))
    return _grouped((each.subject, each.predicate, each.object) for each in triples)


def _grouped(triples: Iterable[tuple[Subject, NamedNode, Term]]) -> tuple[_About, _Triples]:
    about: dict[Subject, dict[NamedNode, list[Term]]] = {}
    unnamed = []
    for triple in dict.fromkeys(triples):
        subject, predicate, value = triple
        about.setdefault(subject, {}).setdefault(predicate, []).append(value)
        if isinstance(value, BlankNode | Triple) or isinstance(subject, BlankNode):
            unnamed.append(triple)
    return about, unnamed


def _canonical(about: _About) -> tuple[_About, _Triples]:
    """The same graph with the blank node labels of RDF Dataset Canonicalization 1.0."""
    triples = (
        (subject, predicate, value)
        for subject, values in about.items()
        for predicate, objects in values.items()
        for value in objects
    )
    dataset = Dataset(Quad(*each) for each in triples)
    dataset.canonicalize(CanonicalizationAlgorithm.RDFC_1_0)
    return _grouped((quad.subject, quad.predicate, quad.object) for quad in dataset)


def _shared(unnamed: _Triples, nest: bool) -> set[BlankNode]:
    """The blank nodes that need a label: named in more than one place, or reached only from themselves."""
    parents: dict[BlankNode, list[Subject | None]] = {}
    for subject, _, value in unnamed:
        for node, parent in _mentioned(value, subject):
            parents.setdefault(node, []).append(parent)
    nodes = {*parents, *(each for each, _, _ in unnamed if isinstance(each, BlankNode))}
    if not nest:
        return nodes
    single = {node: each[0] for node, each in parents.items() if len(each) == 1 and each[0] is not None}
    return {node for node in nodes if node in parents and node not in single} | _circular(single)


def _mentioned(value: Term, subject: Subject) -> Iterator[tuple[BlankNode, Subject | None]]:
    """The blank nodes in an object, each with the subject it can be nested under: none in a triple term."""
    if isinstance(value, BlankNode):
        yield value, subject
    elif isinstance(value, Triple):
        for part in (value.subject, value.object):
            for node, _ in _mentioned(part, subject):
                yield node, None


def _circular(parent: Mapping[BlankNode, Subject | None]) -> set[BlankNode]:
    """The nodes that are among their own ancestors, where each has one parent."""
    circular: set[BlankNode] = set()
    done: set[BlankNode] = set()
    for start in parent:
        path: dict[BlankNode, int] = {}
        node: Subject | None = start
        while isinstance(node, BlankNode) and node in parent and node not in done and node not in path:
            path[node] = len(path)
            node = parent[node]
        if isinstance(node, BlankNode) and node in path:
            circular.update(list(path)[path[node] :])
        done.update(path)
    return circular
