"""Terms and addresses that the descriptions are made of."""

from urllib.parse import quote

from pyoxigraph import Literal, NamedNode

from ldnkg.iris import PREFIXES

TYPE = NamedNode(PREFIXES["rdf"] + "type")


FORMATS = {
    media_type: NamedNode(f"http://www.w3.org/ns/formats/{name}")
    for media_type, name in (
        ("text/turtle", "Turtle"),
        ("application/ld+json", "JSON-LD"),
        ("application/n-triples", "N-Triples"),
        ("application/rdf+xml", "RDF_XML"),
        ("application/n-quads", "N-Quads"),
        ("application/sparql-results+json", "SPARQL_Results_JSON"),
        ("application/sparql-results+xml", "SPARQL_Results_XML"),
        ("text/csv", "SPARQL_Results_CSV"),
        ("text/tab-separated-values", "SPARQL_Results_TSV"),
    )
}
"""The W3C's names of file formats, by media type."""


def term(name: str) -> NamedNode:
    """The IRI of a prefixed name such as `void:triples`."""
    prefix, _, local = name.partition(":")
    return NamedNode(PREFIXES[prefix] + local)


def typed(text: str, datatype: str) -> Literal:
    """A literal with a datatype of XML Schema, such as `integer`."""
    return Literal(text, datatype=NamedNode(PREFIXES["xsd"] + datatype))


def download(name: str, base: str) -> NamedNode:
    """Where a file is fetched from. A percent sign of its name is part of the name."""
    return NamedNode(f"{base}download/{quote(name)}")


def distribution(name: str, dataset: NamedNode) -> NamedNode:
    """The IRI of a file as a distribution of the dataset."""
    return NamedNode(f"{dataset.value}#file-{quote(name)}")
