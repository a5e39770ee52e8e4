"""The formats we write. FORMATS is the only list: for negotiation, suffixes, links, dumps and commands."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pyoxigraph import NamedNode

from ldnkg import turtle
from ldnkg.facts import Facts, Statement
from ldnkg.formats import jsonld, rdfxml
from ldnkg.formats.context import context_for
from ldnkg.pieces import Pieces

__all__ = ["FORMATS", "GRAPHS", "JSON", "Format", "Kind", "context_for", "serialise", "write"]

Kind = Literal["page", "graph", "table", "links", "dataset"]
"""For people; triples; rows; links to go on by; triples with the names of their graphs, for whole dumps."""


@dataclass(frozen=True)
class Format:
    """One way to write an answer: file suffix without dot, media type without parameters, name."""

    suffix: str
    media_type: str
    label: str
    kind: Kind

    @property
    def worded(self) -> bool:
        """Whether a negotiated document has words in the reader's language in it: pages, and plain JSON."""
        return self.kind == "page" or self == JSON


FORMATS = (
    Format("html", "text/html", "HTML", "page"),
    Format("ttl", "text/turtle", "Turtle", "graph"),
    Format("jsonld", "application/ld+json", "JSON-LD", "graph"),
    Format("nt", "application/n-triples", "N-Triples", "graph"),
    Format("rdf", "application/rdf+xml", "RDF/XML", "graph"),
    Format("csv", "text/csv", "CSV", "table"),
    Format("linkset", "application/linkset", "Link set", "links"),
    Format("linkset.json", "application/linkset+json", "Link set, JSON", "links"),
    Format("nq", "application/n-quads", "N-Quads", "dataset"),
)
"""In our order of preference, which breaks ties."""
JSON = Format("json", "application/json", "JSON", "table")
"""For programs that do not read RDF; no document about a thing is written so."""

GRAPHS = tuple(each for each in FORMATS if each.kind == "graph")
"""The formats that `serialise` writes."""


def serialise(
    triples: Iterable[Statement],
    format_: Format,
    *,
    prefixes: Mapping[str, str],
    context: str | None = None,
    first: NamedNode | None = None,
) -> bytes:
    """The triples in one of GRAPHS, in UTF-8, each once; the same triples give the same bytes.

    `first` is what the document is about: it leads. `context` is the text of a JSON-LD context document.
    Raises NotAcceptable when the format cannot hold a term, such as a control character in RDF/XML.
    """
    if format_.suffix == "ttl":
        return turtle.write(triples, prefixes, first).encode()
    if format_.suffix == "jsonld":
        return jsonld.write(triples, prefixes, context, first).encode()
    if format_.suffix == "nt":
        return "".join(_lines(triples)).encode()
    return rdfxml.write(triples, prefixes, first).encode()


def write(
    file: Path,
    triples: Collection[Statement],
    format_: Format,
    *,
    prefixes: Mapping[str, str],
    context: str | None = None,
) -> None:
    """Write the bytes that `serialise` gives to a file, which need not all fit into memory.

    What NotAcceptable leaves of the file is to be removed.
    """
    if format_.suffix == "ttl":
        try:
            turtle.pieces(triples, prefixes).write(file)
        except RecursionError:  # as turtle.write does
            turtle.pieces(triples, prefixes, nest=False).write(file)
    elif format_.suffix == "jsonld":
        jsonld.pieces(triples, prefixes, context).write(file)
    elif format_.suffix == "nt":
        Pieces(str, _lines(triples)).write(file)
    else:
        rdfxml.pieces(triples, prefixes).write(file)


def _lines(triples: Iterable[Statement]) -> Iterable[str]:
    """N-Triples, sorted, each once."""
    return triples.lines if isinstance(triples, Facts) else sorted({f"{triple} .\n" for triple in triples})
