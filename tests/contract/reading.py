"""Read the bodies of answers, each format by a parser of its own; what does not parse is a ValueError."""

import csv
import gzip
import io
import json
import re
from typing import Any
from xml.etree import ElementTree

import brotli
import pyoxigraph as ox
import rdflib
import zstandard

from contract import oracle
from contract.transport import Answer

OXIGRAPH = {
    "text/turtle": ox.RdfFormat.TURTLE,
    "application/ld+json": ox.RdfFormat.JSON_LD,
    "application/n-triples": ox.RdfFormat.N_TRIPLES,
    "application/n-quads": ox.RdfFormat.N_QUADS,
    "application/rdf+xml": ox.RdfFormat.RDF_XML,
}
_VOID = "area base br col embed hr img input link meta source track wbr".split()


def decoded(answer: Answer) -> bytes:
    """The body without its content coding."""
    match answer.one("Content-Encoding"):
        case "gzip":
            return gzip.decompress(answer.body)
        case "br":
            return bytes(brotli.decompress(answer.body))
        case "zstd":
            return zstandard.ZstdDecompressor().decompressobj().decompress(answer.body)
        case None:
            return answer.body
    raise ValueError(f"Content-Encoding is {answer.one('Content-Encoding')!r}")


def parse(answer: Answer) -> Any:
    """What the body says: triples, an element, rows, links, or JSON, by its media type."""
    text = decoded(answer).decode("utf-8")
    match answer.media_type:
        case "text/html":
            return page(text)
        case "text/csv":
            return list(csv.reader(io.StringIO(text, newline=""), strict=True))
        case "application/linkset":
            return oracle.links([text])
        case media_type if media_type in OXIGRAPH:
            return triples(text, media_type)
        case media_type if media_type.endswith("json"):
            return json.loads(text)
    raise ValueError(f"nobody reads {answer.media_type!r}")


def page(text: str) -> ElementTree.Element:
    """A page as a tree; one that is not well-formed is a ValueError."""
    text = re.sub(r"<!DOCTYPE html>", "", text, flags=re.IGNORECASE)
    text = re.sub(rf"<({'|'.join(_VOID)})\b([^>]*?)/?>", r"<\1\2/>", text)
    try:
        return ElementTree.fromstring(text)
    except ElementTree.ParseError as fault:
        raise ValueError(f"the page is not well-formed: {fault}") from fault


def triples(text: str, media_type: str) -> frozenset[ox.Triple]:
    """The triples of a document, blank nodes by their canonical names."""
    try:
        found = ox.Dataset(ox.parse(text.encode(), format=OXIGRAPH[media_type]))
    except SyntaxError as fault:
        raise ValueError(f"{media_type} does not parse: {fault}") from fault
    found.canonicalize(ox.CanonicalizationAlgorithm.UNSTABLE)
    return frozenset(quad.triple for quad in found)


def by_rdflib(text: str, media_type: str) -> set[tuple[str, str, str]]:
    """The triples as rdflib reads them, each term in N-Triples."""
    graph = rdflib.Graph().parse(data=text, format=media_type)
    return {(str(s), str(p), o.n3()) for s, p, o in graph}
