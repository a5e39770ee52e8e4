"""The endpoint and the prefixes as data of the graph, so that a client can ask for them.

The endpoint is told in the words of SPARQL 1.1 Service Description (W3C Recommendation of 2013), but for the
budgets of a query: these are the server's own and no part of a release.
"""

from collections.abc import Iterable, Iterator, Mapping

from pyoxigraph import Literal, NamedNode, Triple

from ldnkg.dataset.terms import FORMATS, TYPE, term, typed
from ldnkg.facts import Statement, facts
from ldnkg.formats import GRAPHS
from ldnkg.iris import local_name

_RESULTS = (
    "application/sparql-results+json",
    "application/sparql-results+xml",
    "text/csv",
    "text/tab-separated-values",
)


def service(base: str, graphs: Mapping[str, int], triples: int) -> Iterator[Triple]:
    """The endpoint `{base}sparql`: its language, its formats, and its dataset.

    `graphs` are the named graphs with their triples; `triples` is the size of their union, the default graph.
    """
    endpoint, dataset = NamedNode(f"{base}sparql"), NamedNode(f"{base}sparql#dataset")
    yield Triple(endpoint, TYPE, term("sd:Service"))
    yield Triple(endpoint, term("sd:endpoint"), endpoint)
    yield Triple(endpoint, term("sd:supportedLanguage"), term("sd:SPARQL11Query"))
    yield Triple(endpoint, term("sd:feature"), term("sd:UnionDefaultGraph"))
    for media_type in (*_RESULTS, *(each.media_type for each in GRAPHS)):
        yield Triple(endpoint, term("sd:resultFormat"), FORMATS[media_type])
    yield Triple(endpoint, term("sd:defaultDataset"), dataset)
    yield Triple(endpoint, term("sd:availableGraphs"), dataset)
    yield Triple(dataset, TYPE, term("sd:Dataset"))
    yield Triple(dataset, TYPE, term("sd:GraphCollection"))
    union = NamedNode(f"{base}sparql#union")
    yield Triple(dataset, term("sd:defaultGraph"), union)
    yield from _graph(union, triples)
    for name, size in graphs.items():
        named = NamedNode(f"{base}sparql#graph-{local_name(name)}")
        yield Triple(dataset, term("sd:namedGraph"), named)
        yield Triple(named, TYPE, term("sd:NamedGraph"))
        yield Triple(named, term("sd:name"), NamedNode(name))
        content = NamedNode(f"{named.value}-content")
        yield Triple(named, term("sd:graph"), content)
        yield from _graph(content, size)


def undeclared(
    dataset: NamedNode, prefixes: Mapping[str, str], triples: Iterable[Statement]
) -> Iterator[Triple]:
    """Declarations (SHACL, section 5.2.1) of the prefixes that the graph uses and does not declare itself."""
    named = term("sh:prefix")
    declared = {
        each.object.value for each in facts(triples).having(named) if isinstance(each.object, Literal)
    }
    for prefix, space in prefixes.items():
        if prefix not in declared:
            declaration = NamedNode(f"{dataset.value}#prefix-{prefix}")
            yield Triple(dataset, term("sh:declare"), declaration)
            yield Triple(declaration, TYPE, term("sh:PrefixDeclaration"))
            yield Triple(declaration, named, Literal(prefix))
            yield Triple(declaration, term("sh:namespace"), typed(space, "anyURI"))


def _graph(node: NamedNode, triples: int) -> Iterator[Triple]:
    yield Triple(node, TYPE, term("sd:Graph"))
    yield Triple(node, term("void:triples"), typed(str(triples), "integer"))
