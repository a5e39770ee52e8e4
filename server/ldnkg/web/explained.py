"""How a query runs, as a page and a program are told it: before, or beside its answer."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from flask import request
from pyoxigraph import Literal, NamedNode

from ldnkg.iris import PREFIXES
from ldnkg.query import Answer, Query
from ldnkg.query.estimates import Estimate, Estimates
from ldnkg.query.explain import Explanation, Notice, Told, explain, sound_shape
from ldnkg.query.hints import Hint
from ldnkg.query.patterns import Joint, Node, Path, Shape
from ldnkg.query.shape import shape
from ldnkg.web.answered import short
from ldnkg.web.request import opened

_LONGEST = 80
"""Characters of a literal that a page shows."""
_BARE = frozenset(PREFIXES["xsd"] + name for name in ("integer", "decimal", "boolean"))
_MADE = {"[]": "_:b", "()": "_:list", "/": "_:step"}
"""How nodes are called that the query gives no name: by brackets, by a list, between two steps of a path."""


@dataclass(frozen=True)
class Row:
    """A triple pattern as a page shows it."""

    number: int
    terms: tuple[str, str, str]
    count: str
    joins: str


@dataclass(frozen=True)
class Plan:
    """What a page tells: the patterns, what to mind, what may be meant instead, and how it went.

    `found` is how much, empty for a query that has not run, and `took` how long, in words. A page that may be
    kept has no times, for its tag promises each of its bytes: a script takes them from the header there.
    """

    rows: tuple[Row, ...]
    notices: tuple[Notice, ...]
    hints: tuple[Hint, ...] = ()
    found: str = ""
    took: str = ""

    @property
    def warnings(self) -> int:
        """How many things there are to mind."""
        return len(self.notices)


def before(query: Query) -> Plan:
    """What can be told of a query that has not run; raises BadQuery where it cannot be read."""
    here = opened()
    return _plan(found := _sound(query), hints=here.known.hints(found), query=query)


def beside(query: Query, answer: Answer, found: str, *, empty: bool) -> Plan | None:
    """What is told beside an answer of which `found` tells how much it is; hints only where that is nothing.

    None for a query whose shape cannot be told.
    """
    here = opened()
    shape_ = shape(query.text, here.base)
    if shape_ is None:
        return None
    took = timed(answer.timings) if request.method == "POST" else ""
    return _plan(shape_, hints=here.known.hints(shape_) if empty else (), found=found, took=took, query=query)


def instead(text: str) -> Plan | None:
    """What is told of a query that ran and was stopped."""
    shape_ = shape(text, opened().base)
    return _plan(shape_) if shape_ else None


def costs(query: Query) -> str | None:
    """What the first run of a query costs, in a sentence; None for one that is cheap, or not known."""
    shape_ = shape(query.text, opened().base)
    notices = _explained(shape_, query).notices if shape_ else ()
    return next((each.sentence for each in notices if each.kind == "cost"), None)


def as_json(query: Query) -> str:
    """What can be told before the query runs, as a JSON object; terms are in the syntax of SPARQL."""
    here = opened()
    shape_ = _sound(query)
    explanation = _explained(shape_, query)
    told = {
        "query": query.text,
        "form": query.form,
        "dataset": {"triples": here.statistics.triples},
        "patterns": [_pattern(each) for each in explanation.patterns],
        "notices": [
            {"kind": each.kind, "level": each.level, "detail": each.sentence, "patterns": each.patterns}
            for each in explanation.notices
        ],
        "hints": [
            {
                "kind": each.kind,
                "term": str(each.term),
                "detail": each.reason,
                "near": list(map(str, each.near)),
            }
            for each in here.known.hints(shape_)
        ],
    }
    return json.dumps(told, ensure_ascii=False, indent=2) + "\n"


def timed(timings: Mapping[str, float]) -> str:
    """How long a query took, of times in seconds; the script of the page says it alike.

    >>> timed({"queue": 0.0001, "evaluation": 0.0102})
    'It took 10.3 ms: queue 0.1, evaluation 10.2.'
    >>> timed({})
    'The answer was known, and the query did not run again.'
    """
    if not timings:
        return "The answer was known, and the query did not run again."
    phases = ", ".join(f"{name} {seconds * 1000:.1f}" for name, seconds in timings.items())
    return f"It took {sum(timings.values()) * 1000:.1f} ms: {phases}."


def spelt(node: Node | Path, iri: Callable[[NamedNode], str] = str) -> str:
    """A term or path as SPARQL writes it; `iri` writes an IRI."""
    if isinstance(node, Path):
        return _path(node, iri)
    if isinstance(node, NamedNode):
        return iri(node)
    if isinstance(node, Literal):
        return node.value if node.datatype.value in _BARE else str(node)
    for sign, name in _MADE.items():
        if node.name.startswith(sign):
            return name + node.name.removeprefix(sign)
    return node.name


def shown(node: Node | Path) -> str:
    """A term as a page shows it: an IRI by its prefixed name, a long text by its beginning."""
    text = spelt(node, short)
    return text if len(text) <= _LONGEST or not isinstance(node, Literal) else text[:_LONGEST] + "…"


def _sound(query: Query) -> Shape:
    return sound_shape(query, opened().base, opened().prefixes)


def _explained(shape_: Shape, query: Query | None = None) -> Explanation:
    chosen = any(name in request.args for name in ("default-graph-uri", "named-graph-uri"))
    part = chosen or bool(query and query.graphs)
    here = opened()
    estimates = Estimates(here.store, here.statistics, part=part)
    known = query is not None and not part and here.tallies.knows(query.text)
    return explain(shape_, estimates, here.tallies.properties, known=known)


def _plan(
    shape_: Shape,
    hints: tuple[Hint, ...] = (),
    found: str = "",
    took: str = "",
    query: Query | None = None,
) -> Plan:
    explanation = _explained(shape_, query)
    rows = tuple(
        Row(
            each.pattern.number,
            (shown(each.pattern.subject), shown(each.pattern.predicate), shown(each.pattern.object)),
            _counted(each.estimate),
            "; ".join(f"{spelt(Joint(name))} with {_listed(numbers)}" for name, numbers in each.joins),
        )
        for each in explanation.patterns
    )
    return Plan(rows, explanation.notices, hints, found, took)


def _counted(estimate: Estimate) -> str:
    """An estimate in words.

    >>> _counted(Estimate("at most", 1200)), _counted(Estimate("unknown"))
    ('at most 1,200', 'not known')
    """
    if estimate.number is None:
        return "not known"
    return f"at most {estimate.number:,}" if estimate.kind == "at most" else f"{estimate.number:,}"


def _listed(numbers: tuple[int, ...]) -> str:
    return ", ".join(map(str, numbers))


def _pattern(told: Told) -> dict[str, object]:
    pattern = told.pattern
    return {
        "number": pattern.number,
        "subject": spelt(pattern.subject),
        "predicate": spelt(pattern.predicate),
        "object": spelt(pattern.object),
        "triples": {"kind": told.estimate.kind, "number": told.estimate.number},
        "joins": {spelt(Joint(name)): numbers for name, numbers in told.joins},
    }


def _path(path: Path, iri: Callable[[NamedNode], str]) -> str:
    parts = [
        f"({_path(each, iri)})" if isinstance(each, Path) and len(each.parts) > 1 else spelt(each, iri)
        for each in path.parts
    ]
    if path.sign in ("|", "/"):
        return path.sign.join(parts)
    return path.sign + parts[0] if path.sign in ("^", "!") else parts[0] + path.sign
