"""The terms of a JSON-LD 1.1 context: read from one, or made from an ontology that brings none."""

import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from pyoxigraph import Literal, NamedNode

from ldnkg.errors import BadSources
from ldnkg.facts import Statement
from ldnkg.iris import PREFIXES, local_name

_RDF, _RDFS, _OWL, _SH, _XSD = (PREFIXES[name] for name in ("rdf", "rdfs", "owl", "sh", "xsd"))
_TYPE = _RDF + "type"
_CLASSES = {_OWL + "Class", _RDFS + "Class"}
_PROPERTIES = {_RDF + "Property"} | {
    f"{_OWL}{kind}Property" for kind in ("Object", "Datatype", "Annotation", "Functional")
}
_NAME = re.compile(r"[A-Za-z][\w-]*", re.ASCII)
_OF_OTHER_USE = {"@reverse", "@prefix"}
_CONTAINERS = ("@language", "@set")
_PREFIX_ENDS = tuple(":/?#[]@")


@dataclass(frozen=True)
class Definition:
    """One term. `type` is `@id`, a datatype or None; `languages` and `many` are its containers.

    `languages`: the values stand in a map by language; `many`: they are a list also when there is one.
    """

    name: str
    iri: str
    type: str | None = None
    languages: bool = False
    many: bool = False

    def fits(self, value: object) -> bool:
        """Whether the term says all about a value but its text."""
        if not isinstance(value, Literal):
            return self.type == "@id"
        if value.language:
            return self.languages and value.direction is None
        plain = self.type is None and not self.languages
        return self.type == value.datatype.value or (plain and value.datatype.value == _XSD + "string")

    def written(self) -> dict[str, Any]:
        """The definition as a context has it."""
        kinds = ["@language"] * self.languages + ["@set"] * self.many
        container = {"@container": kinds[0] if len(kinds) == 1 else kinds} if kinds else {}
        return {"@id": self.iri, **({"@type": self.type} if self.type else {}), **container}


@dataclass(frozen=True)
class Terms:
    """What a context offers: its words for keywords, the terms `of` each IRI, and all the `names` it uses."""

    aliases: Mapping[str, str] = field(default_factory=dict)
    of: Mapping[str, Sequence[Definition]] = field(default_factory=dict)
    names: frozenset[str] = frozenset()


@lru_cache(maxsize=8)
def read(text: str | None) -> Terms:
    """The terms of a context document that we can write with; the others are as if they were not there.

    Those others are reverse properties, containers but maps by language and sets, and contexts named by their
    address: nothing is fetched. Raises BadSources for what is not JSON. The last few are remembered: a site
    writes thousands of documents with one context.
    """
    if text is None:
        return Terms()
    try:
        document = json.loads(text)
    except ValueError as fault:
        raise BadSources(f"The JSON-LD context is not JSON: {fault}.") from None
    entries = _entries(document)
    aliases = {value: name for name, value in entries.items() if value in ("@id", "@type")}
    definitions = [term for name in entries if (term := _definition(name, entries))]
    of: dict[str, list[Definition]] = {}
    for term in definitions:
        of.setdefault(term.iri, []).append(term)
    return Terms(aliases, of, frozenset({*aliases.values(), *(term.name for term in definitions)}))


def context_for(triples: Iterable[Statement], prefixes: Mapping[str, str]) -> str:
    """A context document made from the triples of an ontology and its shapes.

    Classes and properties are called by the last part of their IRIs, if that names one of them only; the type
    of values comes from `rdfs:range`, `owl:ObjectProperty`, and the shapes' `sh:datatype` and `sh:class`.
    """
    kinds = _kinds(triples)
    names = Counter(local_name(iri) for iri in kinds)
    taken = {"id", "type", *prefixes}
    terms = {}
    for iri, types in sorted(kinds.items()):
        name = local_name(iri)
        if names[name] == 1 and name not in taken and _NAME.fullmatch(name):
            terms[name] = _made(name, iri, types).written()
    spaces = {prefix: prefix_entry(space) for prefix, space in sorted(prefixes.items())}
    context = {"@version": 1.1, "id": "@id", "type": "@type", **spaces, **dict(sorted(terms.items()))}
    return json.dumps({"@context": context}, ensure_ascii=False, indent=2) + "\n"


def prefix_entry(space: str) -> Any:
    """A prefix as a context has it (JSON-LD 1.1, section 4.1.5): only some endings make a plain one."""
    return space if space[-1:] in _PREFIX_ENDS else {"@id": space, "@prefix": True}


def _entries(document: Any) -> dict[str, Any]:
    """The entries of a context, or of a list of contexts, where the later ones win."""
    found = document.get("@context") if isinstance(document, dict) else None
    contexts = found if isinstance(found, list) else [found]
    return {name: value for each in contexts if isinstance(each, dict) for name, value in each.items()}


def _definition(name: str, entries: Mapping[str, Any]) -> Definition | None:
    """The term with this name, if it is one for properties or classes that we understand."""
    entry = entries[name]
    if isinstance(entry, str) and entry[-1:] not in _PREFIX_ENDS:
        entry = {"@id": entry}
    if not isinstance(entry, dict) or not _NAME.fullmatch(name) or entry.keys() & _OF_OTHER_USE:
        return None
    iri = _expanded(entry.get("@id", name), entries)
    kind = "@id" if entry.get("@type") in ("@id", "@vocab") else _expanded(entry.get("@type"), entries)
    container = entry.get("@container", [])
    containers = container if isinstance(container, list) else [container]
    known = all(each in _CONTAINERS for each in containers) and (kind or "@type" not in entry)
    if iri is None or not known:
        return None
    return Definition(name, iri, kind, "@language" in containers, "@set" in containers)


def _expanded(text: Any, entries: Mapping[str, Any]) -> str | None:
    """An IRI of a context in full; None for keywords and what leads nowhere."""
    if not isinstance(text, str) or text.startswith("@"):
        return None
    prefix, colon, rest = text.partition(":")
    space = entries.get(prefix if colon else "@vocab")
    space = space.get("@id") if isinstance(space, dict) else space
    if not colon:
        return f"{space}{text}" if isinstance(space, str) else None
    return f"{space}{rest}" if isinstance(space, str) and not rest.startswith("//") else text


def _kinds(triples: Iterable[Statement]) -> dict[str, set[str]]:
    """The classes and properties of an ontology and its shapes, with the types that values may have."""
    kinds: dict[str, set[str]] = {}
    ranges: dict[str, set[str]] = defaultdict(set)
    paths: dict[str, str] = {}
    for triple in triples:
        subject, predicate, value = str(triple.subject), triple.predicate.value, triple.object
        if not isinstance(value, NamedNode):
            continue
        if predicate == _TYPE and value.value in _CLASSES | _PROPERTIES and subject.startswith("<"):
            kinds.setdefault(subject[1:-1], set())
            if value.value == _OWL + "ObjectProperty":
                ranges[subject].add("@id")
        elif predicate == _SH + "path":
            kinds.setdefault(value.value, set())
            paths[subject] = str(value)
        elif predicate in (_RDFS + "range", _SH + "datatype"):
            ranges[subject].add(value.value if _is_datatype(value.value) else "@id")
        elif predicate in (_SH + "class", _SH + "node"):
            ranges[subject].add("@id")
    for subject, types in ranges.items():
        iri = paths.get(subject, subject)[1:-1]
        if iri in kinds:
            kinds[iri] |= types
    return kinds


def _is_datatype(iri: str) -> bool:
    return iri.startswith(_XSD) or iri == _RDF + "langString"


def _made(name: str, iri: str, types: set[str]) -> Definition:
    """A term for values of these types; values of several types say theirs themselves."""
    if types == {_RDF + "langString"}:
        return Definition(name, iri, languages=True)
    kind = min(types) if len(types) == 1 and types != {_XSD + "string"} else None
    return Definition(name, iri, kind)
