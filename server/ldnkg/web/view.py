"""What a page shows of a thing, as its shapes say it: sections of facts, and tables of things and of parts.

Values in, values out; no Flask. Lists are read to at most MANY values, so that the page of a hub costs what
any page costs.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from math import inf
from typing import TypeGuard

from pyoxigraph import Literal, NamedNode

from ldnkg.counts import LABELS, MANY, Term
from ldnkg.iris import PREFIXES
from ldnkg.layout import Field, Layout, Step
from ldnkg.store import DIRECTIONS, Direction, Store
from ldnkg.turtle.writing import natural

Name = Callable[[NamedNode], Literal]

_TYPE = NamedNode(PREFIXES["rdf"] + "type")
_IN_SCHEME = NamedNode(PREFIXES["skos"] + "inScheme")
_IN_TITLE: frozenset[Step] = frozenset(("outgoing", each) for each in (_TYPE, *LABELS))
_NUMBERS = frozenset(NamedNode(PREFIXES["xsd"] + name) for name in ("integer", "decimal"))
_DEPTH = 3
"""Parts of parts of parts are shown in their place, what is deeper as a link."""
_COLUMNS = 9
"""What fits beside a name on a wide screen."""


@dataclass(frozen=True)
class Words:
    """The reader's names for things, and for the properties that link them."""

    thing: Name
    property: Name
    expect: Callable[[Iterable[NamedNode]], None]
    """Told which names of things are about to be asked for."""


@dataclass(frozen=True)
class Values:
    """A list of values: its name, what is shown of it, how many there are, and how they were reached."""

    name: Literal
    shown: tuple[Term, ...]
    total: int
    path: tuple[Step, ...]


@dataclass(frozen=True)
class Row:
    """A thing or a part as a row of a table: a cell for each column, and what no column says.

    `anchor` is what the row is called for links within the page: nothing for a thing, nor for a part that has
    another row before.
    """

    node: NamedNode
    cells: tuple[tuple[Term, ...], ...]
    facts: tuple[Values, ...] = ()
    tables: tuple["Table", ...] = ()
    anchor: str = ""


@dataclass(frozen=True)
class Table:
    """Things or parts with the same columns, under the headings of the closed list that groups them."""

    values: Values
    columns: tuple[Literal, ...]
    groups: tuple[tuple[NamedNode | None, tuple[Row, ...]], ...]
    of_parts: bool
    slugs: tuple[str, ...] = ()
    """What the columns are called in addresses."""


@dataclass(frozen=True)
class Section:
    """What one group of the shapes lays out: facts first, then tables."""

    name: Literal
    facts: tuple[Values, ...]
    tables: tuple[Table, ...]


class View:
    """One thing as its shapes lay it out.

    Of each list of other things `most` are shown, as tables if that is MANY, else as links. What is `told`
    elsewhere on the page is left out.
    """

    def __init__(
        self,
        store: Store,
        layout: Layout,
        node: NamedNode,
        words: Words,
        most: int = MANY,
        told: Collection[NamedNode] = (),
    ) -> None:
        self.node = node
        self._most, self._told = most, told
        self._store, self._layout, self._words = store, layout, words
        self._own = frozenset(store.parts(node))
        self.anchors: set[NamedNode] = set()
        """The parts with a row in a table, as far as tables were made: links within the page lead there."""

    @cached_property
    def sections(self) -> tuple[Section, ...]:
        """The groups of the shapes in their order, then what the shapes are silent about; none is empty."""
        self._words.expect(self._near())
        classes = types(self._store, self.node)
        seen: set[Step] = {*_IN_TITLE, *(("outgoing", each) for each in self._told)}
        seen |= self._layout.hidden(classes)
        sections = []
        for group in self._layout.sections(classes):
            fields = [each for each in group.fields if len(each.path) > 1 or each.path[0] not in seen]
            seen.update(
                each.path[0] for each in fields if len(each.path) == 1 or each.path[0][0] == "incoming"
            )
            sections.append(self._section(group.label, [self._read(self.node, each) for each in fields]))
        directions: tuple[tuple[Direction, str], ...] = (
            ("outgoing", "Also said"),
            ("incoming", "Linked from"),
        )
        for direction, name in directions:
            rest = self._unlisted(self.node, direction, seen)
            if direction == "outgoing" and not any(each.facts or each.tables for each in sections):
                name = "What is said"
            sections.append(self._section(Literal(name, language="en"), rest))
        return tuple(each for each in sections if each.facts or each.tables)

    def _near(self) -> Iterator[NamedNode]:
        """What the short lists of the thing hold, whose names put them in order."""
        for direction in DIRECTIONS:
            for property_, total in self._store.properties(self.node, direction).items():
                if 1 < total <= MANY:
                    values = self._store.values(self.node, property_, direction, 0, MANY)
                    yield from (each for each in values if isinstance(each, NamedNode))

    def of_list(self, values: Values) -> Section:
        """One list alone, as a section."""
        return self._section(values.name, [values])

    def _section(self, name: Literal, lists: Iterable[Values]) -> Section:
        facts, tables = [], []
        for values in lists:
            if not values.shown:
                continue
            if self._own.issuperset(values.shown):
                tables += self._parts(values, self.node, 1)
            elif self._most == MANY and values.path[-1][0] == "incoming" and (listed := self.things(values)):
                tables.append(listed)
            else:
                facts.append(values)
        return Section(name, tuple(facts), tuple(tables))

    def _read(self, node: NamedNode, field: Field) -> Values:
        """The values at the end of a field's path; of more than MANY, those that come first in the store."""
        found: list[Term] = [node]
        total = 1
        for direction, property_ in field.path:
            nodes = [value for value in found[:MANY] if isinstance(value, NamedNode)]
            read = (self._store.values(each, property_, direction, 0, MANY) for each in nodes)
            found = list(dict.fromkeys(value for values in read for value in values))
            total = len(found)
        if len(field.path) == 1:
            total = self._store.properties(node, direction).get(property_, 0)
        shown = self._sorted(found) if total <= MANY else tuple(found[:MANY])
        if node == self.node and not self._own.issuperset(shown):
            shown = shown[: self._most]
        return Values(field.name, shown, total, field.path)

    def _unlisted(self, node: NamedNode, direction: Direction, seen: Iterable[Step]) -> Iterator[Values]:
        """The lists that no field has named, but for links from the thing's own parts."""
        for property_ in sorted(self._store.properties(node, direction), key=str):
            if (direction, property_) in seen:
                continue
            name = self._words.property(property_)
            if direction == "incoming":
                name = Literal(f"as {name.value}", language=name.language or "en")
            values = self._read(node, Field(path=((direction, property_),), name=name))
            if direction == "outgoing" or not self._own.issuperset(values.shown):
                yield values

    def things(self, values: Values, *, grouped: bool = True) -> Table | None:
        """Things as a table with the key columns of their classes; None if these have none.

        Without `grouped` they stay in the order in which they come.
        """
        nodes = [value for value in values.shown if isinstance(value, NamedNode)]
        classes = dict.fromkeys(each for node in nodes for each in types(self._store, node))
        fields = [each for each in self._layout.columns(classes) if each.path != _back(values.path)]
        told = self._telling(nodes, fields)
        columns = [each for each in told if each in sorted(told, key=lambda each: -told[each])[:_COLUMNS]]
        rows = [Row(node, tuple(self._read(node, each).shown for each in columns)) for node in nodes]
        groups = self._grouped(rows) if grouped else ((None, tuple(rows)),)
        return _table(values, columns, groups, of_parts=False) if fields else None

    def _parts(self, values: Values, owner: NamedNode, depth: int) -> list[Table]:
        """Parts as a table for each class; a part of another part of the list is told there."""
        iris = [value for value in values.shown if isinstance(value, NamedNode)]
        elsewhere = {part for node in iris for part in self._within(node)}
        of_class: dict[tuple[NamedNode, ...], list[NamedNode]] = {}
        for node in iris:
            if node not in elsewhere:
                of_class.setdefault(types(self._store, node), []).append(node)
        tables = []
        for classes, nodes in of_class.items():
            total = len(nodes) if values.total <= MANY else values.total
            named = values if len(of_class) == 1 else replace(values, name=self._rarest(classes, of_class))
            tables.append(self._table_of_parts(replace(named, total=total), classes, nodes, owner, depth))
        return tables

    def _within(self, node: NamedNode) -> Iterator[Term]:
        """The parts of a part, which are told below its row."""
        for property_ in self._store.properties(node, "outgoing"):
            listed = self._store.objects(node, property_)
            if _are_parts(listed, node):
                yield from listed

    def _rarest(self, classes: Iterable[NamedNode], among: Iterable[Iterable[NamedNode]]) -> Literal:
        """The name of the class that tells these parts from others."""
        return self._words.thing(min(classes, key=lambda each: sum(each in other for other in among)))

    def _table_of_parts(
        self,
        values: Values,
        classes: Sequence[NamedNode],
        nodes: Sequence[NamedNode],
        owner: NamedNode,
        depth: int,
    ) -> Table:
        """Parts of one class: a row each; what has no column stands below the row."""
        keys = self._layout.columns(classes) or self._layout.fields(classes)
        keys = tuple(each for each in keys if each.path[0][0] == "outgoing" and each.path[0] not in _IN_TITLE)
        told = self._telling(nodes, keys)
        columns = list(told)[:_COLUMNS]
        seen = {*_IN_TITLE, *(each.path[0] for each in keys if each in columns or each not in told)}
        rows = [self._part(node, columns, seen, owner, depth) for node in nodes]
        return _table(values, columns, self._grouped(rows), of_parts=True)

    def _part(
        self, node: NamedNode, columns: Sequence[Field], seen: set[Step], owner: NamedNode, depth: int
    ) -> Row:
        """One part: what its columns say, and all else that is said about it but the way back."""
        anchor = "" if node in self.anchors else node.value.partition("#")[2]
        self.anchors.add(node)
        classes = types(self._store, node)
        named, seen = self._layout.fields(classes), seen | self._layout.hidden(classes)
        said = [each for each in named if len(each.path) == 1 and each.path[0] not in seen]
        said = [each for each in said if each.path[0][0] == "outgoing"]
        known = seen | {each.path[0] for each in said}
        facts: list[Values] = []
        tables: list[Table] = []
        for values in [*(self._read(node, each) for each in said), *self._unlisted(node, "outgoing", known)]:
            if set(values.shown) <= {self.node, owner}:
                continue
            if depth < _DEPTH and _are_parts(values.shown, node):
                tables += self._parts(values, node, depth + 1)
            else:
                facts.append(values)
        cells = tuple(self._read(node, each).shown for each in columns)
        return Row(node, cells, tuple(facts), tuple(tables), anchor)

    def _telling(self, nodes: Iterable[NamedNode], fields: Iterable[Field]) -> dict[Field, int]:
        """The fields that say something of these nodes, and of how many, in order."""
        nodes = list(nodes)
        told = {
            each: sum(self._tells(node, self._read(node, each).shown) for node in nodes) for each in fields
        }
        return {each: count for each, count in told.items() if count}

    def _tells(self, node: NamedNode, cell: Sequence[Term]) -> bool:
        """Whether a cell says more than the page and the name of its row."""
        name = self._words.thing(node).value
        for value in cell:
            if isinstance(value, Literal):
                known = value.value in name
            elif isinstance(value, NamedNode):
                known = value == self.node or (value in self._own and self._words.thing(value).value in name)
            else:
                known = False
            if not known:
                return True
        return False

    def _grouped(self, rows: Sequence[Row]) -> tuple[tuple[NamedNode | None, tuple[Row, ...]], ...]:
        """The rows by their first cell, without it, where it holds one of a few concepts of a closed list."""
        groups: dict[NamedNode, list[Row]] = {}
        for row in rows:
            first = row.cells[0] if row.cells else ()
            if len(first) != 1 or not self._is_concept(first[0]):
                return ((None, tuple(rows)),)
            groups.setdefault(first[0], []).append(replace(row, cells=row.cells[1:]))
        if not 1 < len(groups) <= len(rows) / 2:
            return ((None, tuple(rows)),)
        ordered = sorted(groups, key=lambda each: (self._rank(each), self._words.thing(each).value))
        return tuple((heading, tuple(groups[heading])) for heading in ordered)

    def _is_concept(self, value: Term) -> TypeGuard[NamedNode]:
        return isinstance(value, NamedNode) and bool(
            self._store.properties(value, "outgoing").get(_IN_SCHEME)
        )

    def _rank(self, concept: NamedNode) -> float:
        """The place of a concept in its list: the number that is said of it, if one is."""
        properties = self._store.properties(concept, "outgoing")
        numbers = [
            float(value.value)
            for property_ in properties
            for value in self._store.objects(concept, property_)
            if isinstance(value, Literal) and value.datatype in _NUMBERS
        ]
        return min(numbers, default=inf)

    def _sorted(self, values: Sequence[Term]) -> tuple[Term, ...]:
        """Things by their names, parts in their own order, texts and numbers as they read."""

        def key(value: Term) -> tuple[list[str | int], str]:
            if isinstance(value, NamedNode) and value not in self._own:
                return natural(self._words.thing(value).value.casefold())
            return natural(str(value) if not isinstance(value, Literal) else value.value.casefold())

        return tuple(sorted(values, key=key))


def types(store: Store, node: NamedNode) -> tuple[NamedNode, ...]:
    """The classes of a node."""
    return tuple(each for each in store.objects(node, _TYPE) if isinstance(each, NamedNode))


def _are_parts(values: Iterable[Term], node: NamedNode) -> bool:
    """Whether all of them are called as parts of a part are."""
    return all(str(each).startswith(f"<{node.value}-") for each in values)


def _back(path: tuple[Step, ...]) -> tuple[Step, ...]:
    """The way back along a path."""
    opposite: dict[Direction, Direction] = {"incoming": "outgoing", "outgoing": "incoming"}
    return tuple((opposite[direction], property_) for direction, property_ in reversed(path))


def _table(
    values: Values,
    columns: Sequence[Field],
    groups: tuple[tuple[NamedNode | None, tuple[Row, ...]], ...],
    *,
    of_parts: bool,
) -> Table:
    """A table; one that is grouped has its first column as headings."""
    shown = tuple(columns if groups[0][0] is None else columns[1:])
    names, slugs = tuple(each.name for each in shown), tuple(each.slug for each in shown)
    return Table(values, names, groups, of_parts, slugs)
