"""The answer to a query as a page shows it: a yes or no, a table whose IRIs have names, or Turtle."""

from dataclasses import dataclass

from flask import url_for
from pyoxigraph import Literal, NamedNode, QueryBoolean, QueryResultsFormat, parse_query_results

from ldnkg.counts import Term
from ldnkg.describe import best
from ldnkg.errors import BadQuery, QueryRefused
from ldnkg.formats import GRAPHS, Format
from ldnkg.iris import curie
from ldnkg.query import Answer, Query
from ldnkg.query.packing import pack
from ldnkg.query.protocol import Request
from ldnkg.query.results import RESULTS
from ldnkg.web.request import languages, opened

_LONGEST = 7000
"""Characters of a query in an address; servers and proxies carry 8,000 (RFC 9110, section 4.1)."""


@dataclass(frozen=True)
class Shown:
    """What was found: one of `boolean`, `turtle`, and `names` with `rows` of terms, None where unbound.

    `count` is how many rows or triples are shown, `truncated` that there are more. `variants` are the formats
    that all of it can be had in, each with its address.
    """

    count: int
    truncated: bool
    variants: tuple[tuple[Format, str], ...]
    boolean: bool | None = None
    turtle: str | None = None
    names: tuple[str, ...] = ()
    rows: tuple[tuple[Term | None, ...], ...] = ()

    @property
    def is_empty(self) -> bool:
        """Whether nothing was found: no row, no triple, or the answer no."""
        return not self.count if self.boolean is None else not self.boolean

    @property
    def title(self) -> str:
        """How much it is, in words.

        >>> Shown(1, False, ()).title, Shown(1000, True, (), turtle="").title, Shown(1, False, (), True).title
        ('1 row, complete', 'The first 1,000 triples of more', 'Yes')
        """
        if self.boolean is not None:
            return "Yes" if self.boolean else "No"
        kind = ("row" if self.turtle is None else "triple") + ("" if self.count == 1 else "s")
        number = f"{self.count:,} {kind}"
        return f"The first {number} of more" if self.truncated else f"{number}, complete"


def shown(asked: Request, query: Query, answer: Answer) -> Shown:
    """An answer in the format `Query.suffix` says."""
    variants = tuple((each, address(asked, each)) for each in (GRAPHS if query.is_graph else RESULTS))
    if query.is_graph:
        return Shown(answer.rows, answer.truncated, variants, turtle=answer.body.decode())
    return _read(answer, variants)


def address(asked: Request, format_: Format) -> str:
    """Where this request is answered in one format, whatever Accept says."""
    return f"{url_for('sparql.endpoint')}?{asked.in_format(format_.suffix)}"


def permalink(text: str) -> str | None:
    """An address that asks this query again: that of the example it is, else one that holds the text.

    None for a query that is too long to be part of an address that all software carries.
    """
    for example in opened().examples:
        try:
            if example.runnable(opened().prefixes).split() == text.split():
                return example.node.value
        except (BadQuery, QueryRefused):
            continue
    packed = pack(text)
    return f"{opened().base}sparql/q/{packed}" if len(packed) <= _LONGEST else None


def short(node: NamedNode) -> str:
    """An IRI as a person may type it in a query: its prefixed name, else all of it."""
    return curie(node.value, opened().prefixes) or node.value


def in_languages(texts: tuple[Literal, ...]) -> Literal:
    """The text for this reader."""
    return best(texts, languages())


def _read(answer: Answer, variants: tuple[tuple[Format, str], ...]) -> Shown:
    """What SPARQL results JSON says.

    A function of its own, since the engine's object has to end in the thread that made it, whatever comes.
    """
    found = parse_query_results(answer.body, format=QueryResultsFormat.JSON)
    if isinstance(found, QueryBoolean):
        return Shown(1, False, variants, boolean=bool(found))
    names = tuple(each.value for each in found.variables)
    rows = tuple(tuple(row) for row in found)
    return Shown(answer.rows, answer.truncated, variants, names=names, rows=rows)
