"""The endpoint's page for people: a query in a form, examples beside it, its answer or its fault below."""

from contextlib import suppress

from flask import render_template, url_for
from pyoxigraph import Literal, QueryBoolean, QueryResultsFormat, parse_query_results

from ldnkg.errors import BadQuery, KnowledgeError, QueryRefused
from ldnkg.formats import FORMATS, GRAPHS, Format
from ldnkg.query import Answer, Query, description, inspect
from ldnkg.query.protocol import Request
from ldnkg.query.results import RESULTS
from ldnkg.web.errors import Problem
from ldnkg.web.request import opened

PAGE = next(each for each in FORMATS if each.kind == "page")
ROWS = 1000
"""As many rows as a page shows; its downloads have all."""

_START = "SELECT ?thing ?class\nWHERE {\n  ?thing a ?class .\n}\nLIMIT 20\n"
_EXAMPLES = """
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
PREFIX sh: <http://www.w3.org/ns/shacl#>
PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
SELECT ?example (SAMPLE(?any) AS ?text) (SAMPLE(?comment) AS ?question) {
  VALUES ?kind {
    sh:SPARQLExecutable sh:SPARQLSelectExecutable sh:SPARQLAskExecutable sh:SPARQLConstructExecutable
  }
  ?example a ?kind ; sh:select|sh:ask|sh:construct ?any ; rdfs:comment|skos:prefLabel ?comment .
}
GROUP BY ?example
ORDER BY ?example
"""


def empty() -> str:
    """The page before a query."""
    return _page(_START)


def answered(asked: Request, query: Query, answer: Answer) -> str:
    """The page with an answer: that of a graph query in Turtle, any other in SPARQL results JSON."""
    variants = [(each, address(asked, each)) for each in (GRAPHS if query.is_graph else RESULTS)]
    if query.is_graph:
        return _page(query.text, answer=answer, variants=variants, turtle=answer.body.decode())
    return _page(query.text, answer=answer, variants=variants, **_read(answer.body))


def failed(text: str, fault: KnowledgeError, problem: Problem) -> str:
    """The page with what is wrong, and where."""
    place = fault if isinstance(fault, BadQuery) and fault.line else None
    caret = " " * len(f"{place.line} | ") + _blank(place.text, place.column or 1) + "^" if place else ""
    return _page(text, problem=problem, place=place, caret=caret)


def address(asked: Request, format_: Format) -> str:
    """Where this request is answered in one format, whatever Accept says."""
    return f"{url_for('sparql.endpoint')}?{asked.in_format(format_.suffix)}"


def examples() -> list[tuple[Literal, str]]:
    """The questions of the graph's example queries that run here, each with its query."""
    found = []
    for row in opened().store.select(_EXAMPLES):
        question, text = row["question"], row["text"]
        if isinstance(question, Literal) and isinstance(text, Literal):
            with suppress(BadQuery, QueryRefused):
                found.append((question, _runnable(text.value)))
    return found


def _page(text: str, **values: object) -> str:
    limits = opened().queries.limits
    return render_template(
        "sparql/console.html",
        query=text,
        examples=[(question, url_for("sparql.endpoint", query=query)) for question, query in examples()],
        endpoint=opened().base + "sparql",
        limits=description.told(limits),
        **values,
    )


def _read(body: bytes) -> dict[str, object]:
    """The yes or no, or the names and rows, in SPARQL results JSON.

    A function of its own, since the engine's object has to end in the thread that made it, whatever comes.
    """
    found = parse_query_results(body, format=QueryResultsFormat.JSON)
    if isinstance(found, QueryBoolean):
        return {"boolean": bool(found)}
    return {"names": [each.value for each in found.variables], "rows": [tuple(row) for row in found]}


def _runnable(text: str) -> str:
    """An example with the prefixes that `sh:prefixes` gives it written out (SHACL, section 5.2.1).

    Raises QueryRefused for one that asks another endpoint too.
    """
    here = opened()
    used = inspect(text, here.queries.limits).undeclared
    lines = [f"PREFIX {prefix}: <{here.prefixes.get(prefix, '')}>\n" for prefix in used]
    return "".join(sorted(lines)) + text.strip() + "\n"


def _blank(text: str, column: int) -> str:
    """What stands before a column, with all but its tabs blank, so that a caret below it lines up."""
    return "".join("\t" if character == "\t" else " " for character in text[: column - 1].ljust(column - 1))
