"""What the endpoint says about itself: SPARQL 1.1 Service Description."""

from collections.abc import Iterable, Iterator

from pyoxigraph import Literal, NamedNode, Triple

from ldnkg.iris import PREFIXES, local_name
from ldnkg.query.limits import Limits

_FORMATS = "http://www.w3.org/ns/formats/"
_RESULTS = (
    "SPARQL_Results_JSON SPARQL_Results_XML SPARQL_Results_CSV SPARQL_Results_TSV "
    "Turtle JSON-LD N-Triples RDF_XML"
).split()

_EXPLAIN = (
    "With explain=true beside the query it does not run: the answer is its shape, as JSON or HTML. "
    "That has its triple patterns with the triples that fit each alone, what joins them, what may be slow, "
    "and what is not in the graph with what is near it."
)


def described(base: str, graphs: Iterable[str], limits: Limits) -> Iterator[Triple]:
    """The triples of the service `{base}sparql`, whose dataset has these named graphs."""
    service, dataset = NamedNode(f"{base}sparql"), NamedNode(f"{base}sparql#dataset")
    union = NamedNode(f"{base}sparql#union")
    a = NamedNode(PREFIXES["rdf"] + "type")
    comment = NamedNode(PREFIXES["rdfs"] + "comment")
    yield Triple(service, a, _sd("Service"))
    yield Triple(service, _sd("endpoint"), service)
    yield Triple(service, _sd("supportedLanguage"), _sd("SPARQL11Query"))
    yield Triple(service, _sd("feature"), _sd("UnionDefaultGraph"))
    yield Triple(service, comment, Literal(told(limits), language="en"))
    yield Triple(service, comment, Literal(_EXPLAIN, language="en"))
    for name in _RESULTS:
        yield Triple(service, _sd("resultFormat"), NamedNode(_FORMATS + name))
    yield Triple(service, _sd("defaultDataset"), dataset)
    yield Triple(service, _sd("availableGraphs"), dataset)
    yield Triple(dataset, a, _sd("Dataset"))
    yield Triple(dataset, a, _sd("GraphCollection"))
    yield Triple(dataset, _sd("defaultGraph"), union)
    yield Triple(union, a, _sd("Graph"))
    for graph in graphs:
        named = NamedNode(f"{base}sparql#graph-{local_name(graph)}")
        yield Triple(dataset, _sd("namedGraph"), named)
        yield Triple(named, a, _sd("NamedGraph"))
        yield Triple(named, _sd("name"), NamedNode(graph))


def told(limits: Limits) -> str:
    """The budgets of a query as a sentence.

    >>> told(Limits())
    'A query may run 10 seconds in 512 MiB and give 100,000 rows or triples, in 50 MB; more is an error, \
never a cut. One client may have 16 queries at once. Answers are kept, \
in 64 MiB, for who asks the same again.'
    """
    return (
        f"A query may run {limits.seconds:g} seconds in {limits.memory_bytes / 2**20:,.0f} MiB "
        f"and give {limits.rows:,} rows or triples, in {limits.answer_bytes / 1e6:g} MB; "
        "more is an error, never a cut. "
        f"One client may have {limits.share} queries at once. "
        f"Answers are kept, in {limits.cache_bytes / 2**20:,.4g} MiB, for who asks the same again."
    )


def _sd(name: str) -> NamedNode:
    return NamedNode(PREFIXES["sd"] + name)
