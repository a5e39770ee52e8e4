"""The dataset as Croissant 1.0 describes it (mlcommons.org/croissant/1.0), which is schema.org and more.

The whole graph is there as files, each table with its columns, their meanings as the ontology gives them, and
the types of their values. Identifiers are absolute, so that the description means the same in a page.
"""

from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import quote

from pyoxigraph import NamedNode

from ldnkg.counts import names
from ldnkg.dataset.about import About, Agent
from ldnkg.dataset.terms import distribution, download
from ldnkg.dumps import Column, Dump, Things, columns
from ldnkg.facts import Statement, facts
from ldnkg.iris import PREFIXES

_TEXT = "sc:Text"
_TYPES = {
    PREFIXES["rdfs"] + "Resource": "sc:URL",
    PREFIXES["xsd"] + "anyURI": "sc:URL",
    PREFIXES["xsd"] + "boolean": "sc:Boolean",
    PREFIXES["xsd"] + "date": "sc:Date",
    PREFIXES["xsd"] + "dateTime": "sc:DateTime",
    PREFIXES["xsd"] + "decimal": "sc:Float",
    PREFIXES["xsd"] + "double": "sc:Float",
    PREFIXES["xsd"] + "float": "sc:Float",
    PREFIXES["xsd"] + "integer": "sc:Integer",
}
_MEANINGS = tuple(
    NamedNode(PREFIXES[prefix] + name)
    for prefix, name in (("skos", "definition"), ("rdfs", "comment"), ("dcterms", "description"))
)
_IN_CR = (
    "citeAs column equivalentProperty extract field fileObject fileProperty fileSet format includes "
    "isLiveDataset jsonPath key md5 parentField path recordSet references regex repeated replace "
    "samplingRate separator source subField transform"
).split()
_CONTEXT: Mapping[str, Any] = {
    "@language": "en",
    "@vocab": "https://schema.org/",
    "cr": "http://mlcommons.org/croissant/",
    "dct": "http://purl.org/dc/terms/",
    "rai": "http://mlcommons.org/croissant/RAI/",
    "sc": "https://schema.org/",
    **{name: f"cr:{name}" for name in _IN_CR},
    "conformsTo": "dct:conformsTo",
    "data": {"@id": "cr:data", "@type": "@json"},
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    "examples": {"@id": "cr:examples", "@type": "@json"},
}
"""The context that the specification gives in its appendix."""


def croissant(
    about: About,
    dumps: Iterable[Dump],
    tables: Mapping[str, Things],
    triples: Iterable[Statement],
    base: str,
    prefixes: Mapping[str, str],
) -> dict[str, Any]:
    """The description as JSON; `tables` are those of the dumps, `triples` say what their columns mean."""
    graph = facts(triples)
    words = _Words(names(graph), names(graph, _MEANINGS))
    return _without_gaps(
        {
            "@context": _CONTEXT,
            "@id": about.iri.value,
            "@type": "sc:Dataset",
            "conformsTo": "http://mlcommons.org/croissant/1.0",
            "name": about.title,
            "description": about.description,
            "url": about.iri.value,
            "license": about.license.value if about.license else None,
            "version": about.version,
            "datePublished": about.issued.value if about.issued else None,
            "citeAs": about.citation,
            "inLanguage": list(about.languages),
            "keywords": list(about.keywords),
            "creator": [_agent(each) for each in about.creators],
            "publisher": [_agent(each) for each in about.publishers],
            "distribution": [_file(about, each, base) for each in dumps if not each.coding],
            "recordSet": [
                _records(about, segment, things, words, columns(things, prefixes))
                for segment, things in sorted(tables.items())
            ],
        }
    )


class _Words:
    """The names and the meanings of terms, by IRI."""

    def __init__(self, called: Mapping[str, str], meant: Mapping[str, str]) -> None:
        self._called, self._meant = called, meant

    def of(self, iri: str, otherwise: str) -> str:
        """A sentence or a name for a term; `otherwise` where the graph has none."""
        name, meaning = self._called.get(iri), self._meant.get(iri)
        return f"{name}: {meaning}" if name and meaning else meaning or name or otherwise


def _agent(agent: Agent) -> dict[str, str]:
    return {"@type": f"sc:{agent.role}", "@id": agent.iri, "name": agent.name, "url": agent.iri}


def _file(about: About, dump: Dump, base: str) -> dict[str, Any]:
    return {
        "@type": "cr:FileObject",
        "@id": distribution(dump.name, about.iri).value,
        "name": dump.name,
        "description": dump.label,
        "contentUrl": download(dump.name, base).value,
        "contentSize": f"{dump.bytes} B",
        "encodingFormat": dump.media_type,
        "sha256": dump.sha256,
    }


def _records(
    about: About, segment: str, things: Things, words: _Words, shown: Iterable[Column]
) -> dict[str, Any]:
    """A table: what its rows are, and its columns; the IRI is the key."""
    records = f"{about.iri.value}#records-{segment}"
    file = distribution(f"{segment}.csv", about.iri).value
    fields = [_field(records, file, column, words) for column in shown]
    return {
        "@type": "cr:RecordSet",
        "@id": records,
        "name": segment,
        "description": words.of(_commonest_class(things), f"The things of the type {segment}."),
        "key": {"@id": fields[0]["@id"]},
        "field": fields,
    }


def _field(records: str, file: str, column: Column, words: _Words) -> dict[str, Any]:
    iri = column.property.value if column.property else None
    return _without_gaps(
        {
            "@type": "cr:Field",
            "@id": f"{records}/{quote(column.name, safe=':')}",
            "name": column.name,
            "description": words.of(iri, column.name) if iri else "What the row is about.",
            "dataType": _TYPES.get(column.datatype or "", _TEXT),
            "equivalentProperty": iri,
            "source": {"fileObject": {"@id": file}, "extract": {"column": column.name}},
        }
    )


def _commonest_class(things: Things) -> str:
    """The class of most of the things; of equals the first."""
    kinds: dict[str, int] = {}
    for triples in things.values():
        for each in triples:
            if each.predicate.value == PREFIXES["rdf"] + "type" and isinstance(each.object, NamedNode):
                kinds[each.object.value] = kinds.get(each.object.value, 0) + 1
    return min(kinds, key=lambda iri: (-kinds[iri], iri), default="")


def _without_gaps(members: Mapping[str, Any]) -> dict[str, Any]:
    """The members that say something."""
    return {name: value for name, value in members.items() if value not in (None, [])}
