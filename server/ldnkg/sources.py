"""The three folders of Turtle, parsed: what the curators wrote, file by file, and where each thing stands."""

import re
from array import array
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from importlib.abc import Traversable
from typing import Literal

import pyoxigraph as ox

from ldnkg import turtle
from ldnkg.errors import NoSources
from ldnkg.facts import Columns, Fact, Filed, Rows, Terms
from ldnkg.iris import PREFIXES
from ldnkg.places import KINDS, Kind

Severity = Literal["violation", "warning", "info"]

DATASET_FILE = "graph/dataset.ttl"
CONTEXT_FILE = "ontology/context.jsonld"

_TYPE = ox.NamedNode(PREFIXES["rdf"] + "type")
_DATASET = ox.NamedNode(PREFIXES["dcat"] + "Dataset")
_URI_SPACE = ox.NamedNode(PREFIXES["void"] + "uriSpace")
_DECLARE, _PREFIX, _NAMESPACE = (
    ox.NamedNode(PREFIXES["sh"] + name) for name in ("declare", "prefix", "namespace")
)
_EXECUTABLE = ox.NamedNode(PREFIXES["sh"] + "SPARQLExecutable")
_EXECUTABLES = tuple(
    ox.NamedNode(f"{PREFIXES['sh']}SPARQL{form}Executable") for form in ("Ask", "Construct", "Select")
)
_PREFIX_NAME = re.compile(r"[A-Za-z](?:[\w-]*\w)?", re.ASCII)


@dataclass(frozen=True)
class Problem:
    """One thing to correct: where, which rule, and a sentence that says what is wrong and what is right.

    Lines and columns count from 1; None where there is no one place. `node` and `value` are IRIs or the text
    of literals.
    """

    file: str
    line: int | None
    column: int | None
    severity: Severity
    rule: str
    message: str
    node: str | None = None
    value: str | None = None

    def __str__(self) -> str:
        place = ":".join(str(part) for part in (self.file, self.line, self.column) if part)
        return f"{place}: {self.rule}: {self.message}"


@dataclass(frozen=True)
class SourceFile:
    """One Turtle file: `name` is its path below the root, with forward slashes.

    `numbers` are its triples as numbers of `terms`, which all files share; its text stays where it is.
    """

    kind: Kind
    name: str
    path: Traversable
    terms: Terms
    numbers: Columns

    @property
    def triples(self) -> Sequence[Fact]:
        """What the file says, in its order."""
        return Rows(self.terms, self.numbers)

    @property
    def text(self) -> str:
        """The text of the file."""
        return self.path.read_bytes().decode("utf-8")

    @cached_property
    def positions(self) -> dict[tuple[str, str | None], int]:
        """As turtle.positions gives them; read when first asked for."""
        return turtle.positions(self.text)


@dataclass(frozen=True)
class Sources:
    """Everything below one root. A file that does not parse is in `problems` and not in `files`.

    `base` is the canonical base, `""` while no file says it; `dataset` the IRI of the data set; `context` the
    text of the JSON-LD context, if there is one; `prefixes` are ours and those that the ontology declares.
    `terms` are those of all files.
    """

    terms: Terms
    files: tuple[SourceFile, ...]
    base: str
    prefixes: Mapping[str, str]
    dataset: ox.NamedNode | None
    context: str | None
    problems: tuple[Problem, ...]

    def __len__(self) -> int:
        """How many triples all files have."""
        return sum(len(file.triples) for file in self.files)

    def graph_name(self, file: SourceFile) -> ox.NamedNode:
        """The canonical name of the named graph that a file belongs to."""
        return ox.NamedNode(f"{self.base}graph/{_graph(file)}")


def load(root: Traversable) -> Sources:
    """Every `*.ttl` below the three folders of `root`, in order of their names.

    A file that is wrong never hides another: see `problems`. Raises NoSources when a folder is missing, or a
    file cannot be read.
    """
    terms = Terms()
    try:
        found = list(_found(root, terms))
        context = _context(root)
    except OSError as fault:
        raise NoSources(f"The sources cannot be read: {fault.filename or root}: {fault.strerror}.") from fault
    files = [each for each in found if isinstance(each, SourceFile)]
    problems = [each for each in found if isinstance(each, Problem)]
    dataset, base = _dataset(files)
    if all(problem.file != DATASET_FILE for problem in problems):
        problems += _base_faults(files, dataset, base)
    prefixes = {**PREFIXES, **_declared(files)}
    return Sources(terms, tuple(files), base, prefixes, dataset, context, tuple(problems))


def quads(sources: Sources) -> Iterator[Filed]:
    """Every triple in the named graph of its file, with terms as they are written."""
    for file in sources.files:
        graph = sources.graph_name(file)
        yield from (Filed(fact, graph) for fact in Rows(sources.terms, released(file)))


def released(file: SourceFile) -> Columns:
    """The triples of a file with what follows from them.

    An example query is also an `sh:SPARQLExecutable`, of which its class is a subclass (SHACL Advanced
    Features, section 5): that is the class by which programs ask for examples.
    """
    terms, columns = file.terms, file.numbers
    type_, executables = terms.known(_TYPE), {terms.known(each) for each in _EXECUTABLES} - {None}
    if executables.isdisjoint(columns.objects):
        return columns
    more = Columns(*(array("I", each) for each in columns))
    for subject, predicate, value in columns.rows():
        if predicate == type_ and value in executables:
            more.add(subject, predicate, terms.number(_EXECUTABLE))
    return more


def _found(root: Traversable, terms: Terms) -> Iterator[SourceFile | Problem]:
    """Every file, or what is wrong with it; raises NoSources when a folder is missing."""
    for kind in KINDS:
        if not (root / kind).is_dir():
            raise NoSources(f"There is no {kind}/ in {root}.")
        for name, file in _turtle_files(root / kind, kind):
            yield _parsed(kind, name, file, terms)


def _turtle_files(folder: Traversable, name: str) -> Iterator[tuple[str, Traversable]]:
    """The Turtle files at and below a folder, each with its path from the root."""
    for each in sorted(folder.iterdir(), key=lambda each: each.name):
        path = f"{name}/{each.name}"
        if each.is_dir():
            yield from _turtle_files(each, path)
        elif each.name.endswith(".ttl"):
            yield path, each


def _parsed(kind: Kind, name: str, file: Traversable, terms: Terms) -> SourceFile | Problem:
    """A file with its triples, or what is wrong with it. Its blank nodes are its own."""
    try:
        text = file.read_bytes().decode("utf-8")
        parser = ox.parse(text, format=ox.RdfFormat.TURTLE, rename_blank_nodes=True)
        found = Columns.empty()
        for each in parser:
            found.add(terms.number(each.subject), terms.number(each.predicate), terms.number(each.object))
    except UnicodeDecodeError as fault:
        line = fault.object[: fault.start].count(b"\n") + 1
        return Problem(name, line, None, "violation", "encoding", "The file is not UTF-8; save it as UTF-8.")
    except SyntaxError as fault:
        return Problem(name, fault.lineno, fault.offset, "violation", "syntax", turtle.reason(fault))
    return SourceFile(kind, name, file, terms, found)


def _dataset(files: Iterable[SourceFile]) -> tuple[ox.NamedNode | None, str]:
    """The data set of graph/dataset.ttl and its base, with the slash that its `void:uriSpace` may lack."""
    spaces = _spaces(files)
    subject, space = min(spaces, key=lambda each: not each[0].value.startswith(each[1]), default=(None, ""))
    return subject, f"{space.rstrip('/')}/" if space else ""


def _spaces(files: Iterable[SourceFile]) -> list[tuple[ox.NamedNode, str]]:
    """Each data set of graph/dataset.ttl with a `void:uriSpace` of it, as they are written."""
    triples = [triple for file in files if file.name == DATASET_FILE for triple in file.triples]
    sets = [each.subject for each in triples if each.predicate == _TYPE and each.object == _DATASET]
    return [
        (each.subject, each.object.value)
        for each in triples
        if each.predicate == _URI_SPACE
        and each.subject in sets
        and isinstance(each.subject, ox.NamedNode)
        and isinstance(each.object, ox.Literal)
    ]


def _base_faults(files: Iterable[SourceFile], dataset: ox.NamedNode | None, base: str) -> Iterator[Problem]:
    """What is wrong with how graph/dataset.ttl says the base: not at all, twice, or without a slash."""
    if dataset is None or not base:
        sentence = (
            "Nothing says which IRIs are ours. Add to this file: <https://example.org/kg/dataset> "
            'a dcat:Dataset ; void:uriSpace "https://example.org/kg/" . (A text, and no IRI.)'
        )
        yield Problem(DATASET_FILE, None, None, "violation", "base", sentence)
        return
    spaces = [space for _, space in _spaces(files)]
    if len(spaces) > 1:
        sentence = f'The IRIs of one data set begin alike: keep one void:uriSpace, such as "{base}".'
    elif spaces != [base]:
        sentence = f'The void:uriSpace ends in one slash: write "{base}".'
    else:
        return
    (file,) = (each for each in files if each.name == DATASET_FILE)
    line = file.positions.get((dataset.value, _URI_SPACE.value))
    yield Problem(DATASET_FILE, line, None, "violation", "base", sentence, dataset.value)


def _declared(files: Iterable[SourceFile]) -> dict[str, str]:
    """The prefixes that the ontology declares (SHACL, section 5.2.1), by name."""
    triples = [triple for file in files if file.kind == "ontology" for triple in file.triples]
    declared = {triple.object for triple in triples if triple.predicate == _DECLARE}
    parts: dict[str, dict[str, str]] = {}
    for triple in triples:
        if triple.subject in declared and isinstance(triple.object, ox.Literal):
            parts.setdefault(str(triple.subject), {})[triple.predicate.value] = triple.object.value
    pairs = [(each.get(_PREFIX.value, ""), each.get(_NAMESPACE.value, "")) for each in parts.values()]
    return {prefix: space for prefix, space in sorted(pairs) if space and _PREFIX_NAME.fullmatch(prefix)}


def _context(root: Traversable) -> str | None:
    """The text of the JSON-LD context, if the ontology has one."""
    file = root / CONTEXT_FILE
    return file.read_text(encoding="utf-8") if file.is_file() else None


def _graph(file: SourceFile) -> str:
    """The last part of the name of the graph that a file belongs to."""
    special = {
        "ontology/vocab.ttl": "vocabulary",
        "ontology/alignments.ttl": "alignments",
        DATASET_FILE: "dataset",
    }
    if file.name.startswith("graph/queries/"):
        return "queries"
    return special.get(file.name) or ("curated" if file.kind == "graph" else file.kind)
