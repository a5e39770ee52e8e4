"""What no page could show: panels with a query that does not parse, or a viewer, mark or place that is not
known, and facets whose parameter has another meaning."""

from collections.abc import Iterable, Iterator, Mapping

import pyoxigraph as ox

from ldnkg.errors import BadQuery, QueryRefused
from ldnkg.iris import PREFIXES
from ldnkg.layout import TAKEN, narrows
from ldnkg.query import Limits, inspect
from ldnkg.query.faults import explained
from ldnkg.sources import Problem, Sources
from ldnkg.validate.index import Index, Statement, name
from ldnkg.viewers import MARKS, PARTS, PLACES, RUNGS, VIEWERS

_VIEW = PREFIXES["view"]
_SELECT = PREFIXES["sh"] + "select"
_VARIABLE = PREFIXES["hydra"] + "variable"
_RUNG = _VIEW + "rung"
_KNOWN: Mapping[str, tuple[str, ...]] = {
    _VIEW + "as": tuple(VIEWERS),
    _VIEW + "mark": MARKS,
    _VIEW + "part": PARTS,
}
_PROPERTIES = frozenset(
    _VIEW + each for each in ("as", "mark", "part", "rung", "tells", "whenEmpty", *PLACES)
)


def check(sources: Sources, index: Index) -> Iterator[Problem | None]:
    """A problem for each panel, mark, rung or facet that pages could not show."""
    for each in index.having(_VARIABLE):
        if not narrows(name(each.object)):
            sentence = (
                f"{name(each.object)!r} cannot narrow a list: take a word of a-z, digits and hyphens that is "
                f"none of {', '.join(sorted(TAKEN))}."
            )
            yield index.problem(
                "facet",
                sentence,
                each.subject,
                _VARIABLE,
                name(each.object),
                severity="warning",
                file=each.file,
            )
    misspelt = {each for each in index.predicates - _PROPERTIES if each.startswith(_VIEW)}
    for each in index.having(*misspelt):
        sentence = f"<{each.predicate}> says nothing here; use one of {_listed(_PROPERTIES)}."
        yield index.problem("panel", sentence, each.subject, each.predicate, file=each.file)
    for each in index.having(*_KNOWN, _RUNG):
        if fault := _unknown(each):
            yield index.problem(
                "panel", fault, each.subject, each.predicate, name(each.object), file=each.file
            )
    for each in index.having(_SELECT):
        if _VIEW + "Flag" in index.types.get(each.subject, ()):
            if fault := _parsed(each, sources.prefixes, ("thing", "flag"), "A flag"):
                yield index.problem("panel", fault, each.subject, _SELECT, file=each.file)
    panels: dict[str, dict[str, Statement]] = {}
    for each in index.found("subjects", _instances(index, _VIEW + "Panel")):
        panels.setdefault(each.subject, {})[each.predicate] = each
    for node, said in panels.items():
        if fault := _lacking(said) or _query(said, sources.prefixes):
            yield index.problem("panel", fault, node, _SELECT if _SELECT in said else None)


def _listed(properties: Iterable[str]) -> str:
    return ", ".join(f"view:{each.removeprefix(_VIEW)}" for each in sorted(properties))


def _instances(index: Index, class_: str) -> Iterator[ox.NamedNode | ox.BlankNode]:
    for subject, types in index.types.items():
        if class_ in types:
            blank = subject.startswith("_:")
            yield ox.BlankNode(subject[2:]) if blank else ox.NamedNode(subject)


def _unknown(each: Statement) -> str | None:
    if each.predicate in _KNOWN:
        names = _KNOWN[each.predicate]
        if name(each.object).removeprefix(_VIEW) not in names:
            known = ", ".join(f"view:{known}" for known in names)
            return f"<{name(each.object)}> is not known here; use one of {known}."
    if each.predicate == _RUNG and name(each.object) not in map(str, range(1, RUNGS + 1)):
        return f"A rung is a whole number from 1 to {RUNGS}."
    return None


def _lacking(said: Mapping[str, Statement]) -> str | None:
    if not any(_VIEW + place in said for place in PLACES):
        return f"A panel stands somewhere: give it one of {', '.join(f'view:{place}' for place in PLACES)}."
    for property_ in (_VIEW + "as", _SELECT):
        if property_ not in said:
            return f"A panel needs <{property_}>."
    return None


def _query(said: Mapping[str, Statement], prefixes: Mapping[str, str]) -> str | None:
    """What is wrong with the query of a panel."""
    viewer = name(said[_VIEW + "as"].object).removeprefix(_VIEW)
    return _parsed(said[_SELECT], prefixes, VIEWERS.get(viewer, ()), f"view:{viewer}")


def _parsed(said: Statement, prefixes: Mapping[str, str], variables: Iterable[str], who: str) -> str | None:
    """What is wrong with a query, tried on an empty graph; `who` needs these variables of it."""
    text = name(said.object)
    try:
        used = inspect(text, Limits()).undeclared
        found = ox.Store().query(text, prefixes=dict(prefixes))
    except QueryRefused as fault:
        return str(fault)
    except BadQuery as fault:
        return f"The query of this panel does not parse: {fault}"
    except (SyntaxError, ValueError) as fault:
        undeclared = {prefix: at for prefix, at in used.items() if prefix not in prefixes}
        return f"The query of this panel does not parse: {explained(text, str(fault), undeclared, {})}"
    if not isinstance(found, ox.QuerySolutions):
        return "The query of a panel is a SELECT."
    selected = {each.value for each in found.variables}
    missing = [f"?{each}" for each in variables if each not in selected]
    return f"{who} shows {', '.join(missing)}, which this query does not select." if missing else None
