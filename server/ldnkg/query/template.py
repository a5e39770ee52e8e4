"""CONSTRUCT as a SELECT query for another engine, and a template that is filled here.

Virtuoso cuts what CONSTRUCT gives at `ResultSetMaxRows` and does not tell; of SELECT it tells. So rows are
what is asked for, and the triples are made of them here as section 16.2 has it: blank nodes of the template
are new with each row, and what is no triple is left out.
"""

import secrets
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from pyoxigraph import BlankNode, NamedNode, QueryTriples, Store, Triple

from ldnkg.counts import Term
from ldnkg.endpoint.answers import Row
from ldnkg.query.guard import prologue
from ldnkg.query.tokens import Token, tokens_of

_ROWS = 500
"""So many rows are filled in at once."""
_OPEN, _CLOSED = ("{", "(", "["), ("}", ")", "]")


@dataclass(frozen=True)
class Template:
    """The triples of a CONSTRUCT query: `select` gives the rows that they are made of."""

    select: str
    names: Sequence[str]
    head: str
    text: str

    def triples(self, rows: Iterable[Row]) -> Iterator[Triple]:
        """The triples, with values for `names` in each row; one that comes again may be given again."""
        store, rest = Store(), iter(rows)
        marked = f"urn:ldnkg:blank:{secrets.token_hex(8)}:"
        names = " ".join(f"?{each}" for each in self.names)
        while some := list(islice(rest, _ROWS)):
            values = "".join(f"({' '.join(_spelt(term, marked) for term in row)})" for row in some)
            filled = f"{self.head}CONSTRUCT {{{self.text}}} WHERE {{ VALUES ({names}) {{{values}}} }}"
            found = store.query(filled)
            assert isinstance(found, QueryTriples)  # noqa: S101 - it says CONSTRUCT
            yield from (made for each in found if (made := _unmarked(each, marked)))


def template(text: str) -> Template:
    """The template of a CONSTRUCT query that has no FROM.

    >>> template("CONSTRUCT { ?s a ?c } WHERE { ?s ?p ?c } LIMIT 2").select
    'SELECT ?s ?c WHERE { ?s ?p ?c } LIMIT 2'
    >>> template("CONSTRUCT WHERE { ?s a ?c }").select
    'SELECT ?s ?c WHERE { ?s a ?c }'
    """
    tokens = prologue(tokens_of(text), "").rest
    first = next(at for at, token in enumerate(tokens) if token.text == "{")
    last = _end(tokens, first)
    inside = text[tokens[first].start + 1 : tokens[last].start]
    is_short = tokens[first - 1].keyword == "WHERE"
    pattern = first - 1 if is_short else last + 1
    head, behind = text[: tokens[0].start], text[tokens[pattern].start :]
    wanted = dict.fromkeys(each.text[1:] for each in tokens[first:last] if each.kind == "variable")
    given = {each.text[1:] for each in tokens[pattern:] if each.kind == "variable"}
    names = [each for each in wanted if each in given]
    chosen = " ".join(f"?{each}" for each in names) or "(1 AS ?ldnkg0)"
    return Template(f"{head}SELECT {chosen} {behind}", names, head, inside)


def _end(tokens: Sequence[Token], start: int) -> int:
    """Where the bracket that opens at `start` closes."""
    depth = 0
    for at in range(start, len(tokens)):
        depth += (tokens[at].text in _OPEN) - (tokens[at].text in _CLOSED)
        if depth == 0:
            return at
    return len(tokens) - 1


def _spelt(term: Term | None, marked: str) -> str:
    """A value as VALUES takes it: there a blank node cannot stand."""
    if isinstance(term, BlankNode):
        return f"<{marked}{term.value}>"
    return "UNDEF" if term is None else str(term)


def _unmarked(triple: Triple, marked: str) -> Triple | None:
    """The triple with its blank nodes; None if its property is one."""
    if triple.predicate.value.startswith(marked):
        return None
    subject, value = triple.subject, triple.object
    if isinstance(subject, NamedNode) and subject.value.startswith(marked):
        subject = BlankNode(subject.value.removeprefix(marked))
    if isinstance(value, NamedNode) and value.value.startswith(marked):
        value = BlankNode(value.value.removeprefix(marked))
    return Triple(subject, triple.predicate, value)
