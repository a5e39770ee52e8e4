"""The example queries of a graph: data that asks a question, with a query and the answer it must give.

A `sh:SPARQLExecutable` (SHACL Advanced Features, section 5) holds its text in `sh:select`, `sh:ask` or
`sh:construct`; for DESCRIBE, of which SHACL has no word, in `sh:describe` as the examples of others do.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from pyoxigraph import Literal, NamedNode

from ldnkg.counts import LABELS, Term
from ldnkg.iris import PREFIXES
from ldnkg.query.guard import inspect
from ldnkg.query.limits import Limits
from ldnkg.store import Store

TEXTS = tuple(NamedNode(PREFIXES["sh"] + name) for name in ("select", "ask", "construct", "describe"))
QUESTION = NamedNode(PREFIXES["rdfs"] + "comment")
EXPECTED = NamedNode(PREFIXES["dash"] + "expectedResult")
KEYWORDS = NamedNode(PREFIXES["schema"] + "keywords")
_PREFIXES = NamedNode(PREFIXES["sh"] + "prefixes")

SHOWN = (*TEXTS, QUESTION, EXPECTED, KEYWORDS, _PREFIXES)
"""The properties that `Example` tells of."""

_FIND = f"""
PREFIX sh: <{PREFIXES["sh"]}>
SELECT DISTINCT ?example {{
  VALUES ?kind {{
    sh:SPARQLExecutable sh:SPARQLSelectExecutable sh:SPARQLAskExecutable sh:SPARQLConstructExecutable
  }}
  ?example a ?kind ; {"|".join(each.value.replace(PREFIXES["sh"], "sh:") for each in TEXTS)} ?text .
  FILTER(isIRI(?example))
}}
ORDER BY ?example
"""


@dataclass(frozen=True)
class Example:
    """One example query: `text` as the graph has it, without the prefixes that it takes from `sh:prefixes`.

    `questions` are the question in each language, else the name of the query; `expected` is the recorded
    answer: CSV of a table, `true` or `false`, triples in Turtle; None when none is recorded.
    """

    node: NamedNode
    text: str
    questions: tuple[Literal, ...]
    keywords: tuple[Literal, ...]
    expected: str | None

    def runnable(self, prefixes: Mapping[str, str]) -> str:
        """The text with the prefixes that it leaves undeclared written out (SHACL, section 5.2.1).

        Raises BadQuery and QueryRefused for one that does not run here, such as one that asks elsewhere.
        """
        used = inspect(self.text, Limits()).undeclared
        lines = sorted(f"PREFIX {prefix}: <{prefixes.get(prefix, '')}>\n" for prefix in used)
        return "".join(lines) + self.text.strip() + "\n"


def read(store: Store) -> tuple[Example, ...]:
    """The example queries of a graph that have a question or a name, in the order of their IRIs."""
    nodes = (row["example"] for row in store.select(_FIND))
    found = (example(store, node) for node in nodes if isinstance(node, NamedNode))
    return tuple(each for each in found if each)


def example(store: Store, node: NamedNode) -> Example | None:
    """What the graph says of one example query; None when it has no text, or neither question nor name."""
    text = next((value for each in TEXTS for value in _texts(store, node, each)), None)
    questions = next((found for each in (QUESTION, *LABELS) if (found := _texts(store, node, each))), ())
    if text is None or not questions:
        return None
    expected = next(iter(_texts(store, node, EXPECTED)), None)
    return Example(
        node, text.value, questions, _texts(store, node, KEYWORDS), expected.value if expected else None
    )


def by_keyword(examples: tuple[Example, ...]) -> dict[Literal | None, tuple[Example, ...]]:
    """The examples under each of their keywords, in alphabetical order; under None, last, those without."""
    found: dict[Literal | None, list[Example]] = defaultdict(list)
    for each in examples:
        for keyword in each.keywords or (None,):
            found[keyword].append(each)
    ordered = sorted(
        found, key=lambda keyword: (keyword is None, keyword.value.casefold() if keyword else "")
    )
    return {keyword: tuple(found[keyword]) for keyword in ordered}


def _texts(store: Store, node: NamedNode, property_: NamedNode) -> tuple[Literal, ...]:
    values: list[Term] = store.objects(node, property_)
    return tuple(each for each in values if isinstance(each, Literal))
