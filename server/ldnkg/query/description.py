"""What the endpoint says about itself: SPARQL 1.1 Service Description."""

from collections.abc import Iterator

from pyoxigraph import BlankNode, Literal, NamedNode, Triple

from ldnkg.iris import PREFIXES
from ldnkg.query.limits import Limits
from ldnkg.store import Store

_TOLD = f"""
PREFIX sd: <{PREFIXES["sd"]}>
SELECT ?subject ?predicate ?object {{
  %s (sd:defaultDataset|sd:defaultGraph|sd:namedGraph|sd:graph)* ?subject .
  ?subject ?predicate ?object
}}
"""
"""With the service itself, no variable: Virtuoso would begin such a path at every node of the graph."""

_EXPLAIN = (
    "With explain=true beside the query it does not run: the answer is its shape, as JSON or HTML. "
    "That has its triple patterns with the triples that fit each alone, what joins them, what may be slow, "
    "and what is not in the graph with what is near it."
)


def described(store: Store, base: str, limits: Limits) -> Iterator[Triple]:
    """The triples of the service `{base}sparql`: what the release tells of it, and the budgets of a query."""
    service = NamedNode(f"{base}sparql")
    for row in store.select(_TOLD % service):
        subject, predicate = row["subject"], row["predicate"]
        if isinstance(subject, NamedNode | BlankNode) and isinstance(predicate, NamedNode):
            yield Triple(subject, predicate, row["object"])
    for text in (told(limits), _EXPLAIN):
        yield Triple(service, NamedNode(PREFIXES["rdfs"] + "comment"), Literal(text, language="en"))


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
