"""How a thing is laid out, as its shapes say it (SHACL, section 2.3.2; the roles are of the DASH vocabulary).

The shapes of all classes of a thing count, of their superclasses too: `sh:group` makes the sections,
`sh:order` the order in them, `sh:name` the name of a field, `dash:KeyInfoRole` the columns of a listing,
`hydra:variable` the parameter by which a list is narrowed to those with one value (Hydra Core Vocabulary,
section 5.3: what maps a variable to a property). A property shape that only lays out, for links that come
in, is one whose path is an `sh:inversePath`; one that is `dash:hidden` stands in no section and no listing,
and search does not find it (see ldnkg.search.hidden).
"""

import json
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby
from math import inf
from typing import Any, Self, TypeVar

from pyoxigraph import BlankNode, Literal, NamedNode

from ldnkg.counts import Term
from ldnkg.describe import best, label
from ldnkg.iris import PREFIXES, local_name
from ldnkg.store import Direction, Row, Store

LAID_OUT = "layout.json"
"""The name of the file."""

_Said = TypeVar("_Said")
Step = tuple[Direction, NamedNode]

TAKEN = frozenset(("q", "page", "sort", "all", "format", "release", "kind", "query"))
"""What a parameter of an address that narrows a list may not be called: these have other meanings."""

_NAME = re.compile(r"[a-z][a-z0-9-]{0,31}")
_UNGROUPED = Literal("Details", language="en")
_KEY = NamedNode(PREFIXES["dash"] + "KeyInfoRole")
_NIL = NamedNode(PREFIXES["rdf"] + "nil")
_FIRST, _REST = PREFIXES["rdf"] + "first", PREFIXES["rdf"] + "rest"
_INVERSE = PREFIXES["sh"] + "inversePath"

_PREFIXES = "".join(
    f"PREFIX {each}: <{PREFIXES[each]}>\n" for each in ("dash", "hydra", "owl", "rdf", "rdfs", "sh")
)
_TARGETS = f"""{_PREFIXES}
SELECT DISTINCT ?class ?shape WHERE {{
  {{
    SELECT DISTINCT ?node ?target WHERE {{
      {{ ?node sh:targetClass ?target }}
      UNION {{ ?node a sh:NodeShape, ?kind FILTER(?kind IN (rdfs:Class, owl:Class)) BIND(?node AS ?target) }}
    }}
  }}
  ?target ^rdfs:subClassOf* ?class .
  ?node sh:node*/sh:property ?shape .
}}"""
_RANKS = f"""{_PREFIXES}
SELECT ?class (MIN(?order) AS ?rank) WHERE {{
  ?shape a sh:NodeShape ; sh:targetClass ?class ; sh:order ?order .
}} GROUP BY ?class"""
_SHAPES = f"""{_PREFIXES}
SELECT DISTINCT ?shape ?path ?name ?order ?group ?title ?rank ?role ?variable ?hidden
  ?node ?part ?value WHERE {{
  {{
    ?shape sh:path ?path .
    FILTER NOT EXISTS {{ ?shape sh:deactivated true }}
    OPTIONAL {{ ?shape sh:name ?name }}
    OPTIONAL {{ ?shape sh:order ?order }}
    OPTIONAL {{ ?shape dash:propertyRole ?role }}
    OPTIONAL {{ ?shape hydra:variable ?variable }}
    OPTIONAL {{ ?shape dash:hidden ?hidden }}
    OPTIONAL {{
      ?shape sh:group ?group .
      OPTIONAL {{ ?group rdfs:label ?title }}
      OPTIONAL {{ ?group sh:order ?rank }}
    }}
  }}
  UNION {{
    VALUES ?part {{ rdf:first rdf:rest sh:inversePath }}
    ?node ?part ?value .
  }}
}}"""
"""Shapes, and the nodes of their paths, in one answer: blank nodes keep their names within one alone."""


@dataclass(frozen=True)
class Field:
    """What one property shape lays out: the values at the end of a path from the thing, under a name.

    `key`: a column of listings. `order` is its `sh:order`; without one it comes last. `variable` is the
    parameter that narrows a list by it, if one does; a hidden field is for that alone.
    """

    path: tuple[Step, ...]
    name: Literal
    key: bool = False
    order: float = inf
    variable: str | None = None
    hidden: bool = False

    @property
    def slug(self) -> str:
        """What it is called in an address."""
        return self.variable or local_name(self.path[-1][1].value)


@dataclass(frozen=True)
class Group:
    """A section: its heading and its fields, in order."""

    label: Literal
    fields: tuple[Field, ...]


@dataclass(frozen=True)
class _Placed:
    """A field in the section it belongs to; sections with the same heading and order are one."""

    rank: float
    heading: Literal
    field: Field

    @property
    def place(self) -> tuple[float, str, float, str]:
        """Where it stands among others."""
        return self.rank, str(self.heading), self.field.order, self.field.name.value

    @classmethod
    def kept(cls, told: Any) -> Self:
        """What was written."""
        rank, heading, path, name, *rest = told
        steps = tuple((direction, NamedNode(property_)) for direction, property_ in path)
        return cls(rank, _literal(heading), Field(steps, _literal(name), *rest))

    def written(self) -> list[Any]:
        """It as JSON."""
        it = self.field
        path = [(direction, property_.value) for direction, property_ in it.path]
        names = [_told(self.heading), path, _told(it.name)]
        return [self.rank, *names, it.key, it.order, it.variable, it.hidden]


class Layout:
    """What the shapes of a store say, asked once: when a release is made, which keeps it in `layout.json`."""

    def __init__(self, store: Store) -> None:
        placed = _placed(store)
        self._ranks = {row["class"]: _number(row.get("rank")) for row in store.select(_RANKS)}
        self._of: dict[Term, list[_Placed]] = defaultdict(list)
        self._sorted: dict[tuple[NamedNode, ...], list[_Placed]] = {}
        for row in store.select(_TARGETS):
            if found := placed.get(row["shape"]):
                self._of[row["class"]].append(found)

    @classmethod
    def kept(cls, text: str) -> Self:
        """The layout that was written as this text."""
        told, self = json.loads(text), cls.__new__(cls)
        fields = [_Placed.kept(each) for each in told["fields"]]
        self._ranks = {NamedNode(name): rank for name, rank in told["ranks"].items()}
        self._of = {NamedNode(name): [fields[at] for at in places] for name, places in told["of"].items()}
        self._sorted = {}
        return self

    def written(self) -> str:
        """All of it as JSON text."""
        fields = list(dict.fromkeys(each for placed in self._of.values() for each in placed))
        number = {each: at for at, each in enumerate(fields)}
        of = {name: [number[each] for each in placed] for name, placed in _by_iri(self._of)}
        ranks = dict(_by_iri(self._ranks))
        told = {"fields": [each.written() for each in fields], "of": of, "ranks": ranks}
        return json.dumps(told, ensure_ascii=False)

    def rank(self, class_: NamedNode) -> float:
        """The place of a class among others: the `sh:order` of its node shape; without one, the last."""
        return self._ranks.get(class_, inf)

    def sections(self, classes: Iterable[NamedNode]) -> tuple[Group, ...]:
        """The sections of a thing that has these classes; fields without a group come last."""
        seen = [each for each in self._placed(classes) if not each.field.hidden]
        together = groupby(seen, key=lambda each: each.place[:2])
        return tuple(_group(list(each)) for _, each in together)

    def fields(self, classes: Iterable[NamedNode]) -> tuple[Field, ...]:
        """The fields of all sections."""
        return tuple(each.field for each in self._placed(classes) if not each.field.hidden)

    def hidden(self, classes: Iterable[NamedNode]) -> frozenset[Step]:
        """The steps that are `dash:hidden`: no page tells them, not even under *Also said*."""
        placed = (each.field for each in self._placed(classes))
        return frozenset(each.path[0] for each in placed if each.hidden and len(each.path) == 1)

    def columns(self, classes: Iterable[NamedNode]) -> tuple[Field, ...]:
        """The columns of a listing of things that have these classes, by `sh:order`."""
        keys = [each for each in self.fields(classes) if each.key]
        return tuple(sorted(keys, key=lambda each: each.order))

    def facets(self, classes: Iterable[NamedNode]) -> tuple[Field, ...]:
        """The fields that a listing of things with these classes is narrowed by, in order; each name once."""
        found = [each.field for each in self._placed(classes) if each.field.variable]
        ordered = sorted(found, key=lambda each: each.order)
        return tuple({each.slug: each for each in reversed(ordered)}.values())[::-1]

    def _placed(self, classes: Iterable[NamedNode]) -> list[_Placed]:
        """The fields of these classes in order, each path once; sorted once for all things that have them."""
        key = tuple(name for name in classes if name in self._of)
        if key not in self._sorted:
            found = sorted((each for name in key for each in self._of[name]), key=lambda each: each.place)
            self._sorted[key] = list({each.field.path: each for each in reversed(found)}.values())[::-1]
        return self._sorted[key]


def _group(placed: list[_Placed]) -> Group:
    return Group(placed[0].heading, tuple(each.field for each in placed))


def _placed(store: Store) -> Mapping[Term, _Placed]:
    """Each property shape with a path that we can follow, as a field in its place."""
    told = store.select(_SHAPES)
    paths = _Paths(row for row in told if "node" in row)
    rows: dict[Term, list[Row]] = defaultdict(list)
    for row in told:
        if "shape" in row:
            rows[row["shape"]].append(row)
    placed = {}
    for shape, found in rows.items():
        path = paths.steps(found[0]["path"])
        if path:
            texts = _literals(found, "name")
            name = best(texts, ()) if texts else label(store, path[-1][1], ())
            key = any(row.get("role") == _KEY for row in found)
            rank, heading = _number(found[0].get("rank")), _literals(found, "title")
            hidden = str(getattr(found[0].get("hidden"), "value", "")) in ("true", "1")
            field = Field(path, name, key, _number(found[0].get("order")), _variable(found), hidden)
            placed[shape] = _Placed(rank, best(heading, ()) if heading else _UNGROUPED, field)
    return placed


class _Paths:
    """The paths of the shapes that are not one property (SHACL, section 2.3.1)."""

    def __init__(self, rows: Iterable[Row]) -> None:
        self._parts = {(row["node"], str(row["part"])[1:-1]): row["value"] for row in rows}

    def steps(self, path: Term) -> tuple[Step, ...]:
        """The steps of a path: a property, an inverse one, or a sequence of these; of another, none."""
        if isinstance(path, NamedNode):
            return (("outgoing", path),)
        inverse = self._parts.get((path, _INVERSE))
        if isinstance(inverse, NamedNode):
            return (("incoming", inverse),)
        members = [self.steps(each) for each in self._members(path)]
        return tuple(step for each in members for step in each) if all(members) else ()

    def _members(self, cell: Term) -> Iterator[Term]:
        """The members of a list."""
        seen: set[Term] = set()
        while isinstance(cell, BlankNode) and cell not in seen and (cell, _FIRST) in self._parts:
            seen.add(cell)
            yield self._parts[cell, _FIRST]
            cell = self._parts.get((cell, _REST), _NIL)


def _variable(rows: Iterable[Row]) -> str | None:
    """The parameter that narrows a list by a shape, if one of those that are named can."""
    return next(filter(narrows, sorted(each.value for each in _literals(rows, "variable"))), None)


def narrows(variable: str) -> bool:
    """Whether a parameter of this name can narrow a list: fit for an address, and without another meaning."""
    return bool(_NAME.fullmatch(variable)) and variable not in TAKEN


def _by_iri(of: Mapping[Term, _Said]) -> Iterator[tuple[str, _Said]]:
    """What is said of classes that have an IRI: of others no page is made."""
    yield from ((name.value, said) for name, said in of.items() if isinstance(name, NamedNode))


def _told(text: Literal) -> tuple[str, str | None]:
    return text.value, text.language


def _literal(told: tuple[str, str | None]) -> Literal:
    text, language = told
    return Literal(text, language=language) if language else Literal(text)


def _literals(rows: Iterable[Row], name: str) -> list[Literal]:
    """The texts that a variable has in these rows."""
    return [value for row in rows if isinstance(value := row.get(name), Literal)]


def _number(order: Term | None) -> float:
    """An `sh:order` as a number; the last place for what is none."""
    try:
        return float(order.value) if isinstance(order, Literal) else inf
    except ValueError:
        return inf
