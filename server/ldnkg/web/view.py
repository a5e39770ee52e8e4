"""What a page shows of a thing, as its shapes say it: sections of facts, and tables of things and of parts.

Values in, values out; no Flask. Lists are read to at most MANY values, so that the page of a hub costs what
any page costs.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from math import inf

from pyoxigraph import Literal, NamedNode

from ldnkg.counts import LABELS, MANY, Term
from ldnkg.iris import PREFIXES
from ldnkg.layout import Field, Layout, Step
from ldnkg.store import Direction, Store
from ldnkg.turtle.writing import natural

Label = Callable[[NamedNode], Literal]

_TYPE = NamedNode(PREFIXES["rdf"] + "type")
_IN_SCHEME = NamedNode(PREFIXES["skos"] + "inScheme")
_IN_TITLE: frozenset[Step] = frozenset(("outgoing", each) for each in (_TYPE, *LABELS))
_NUMBERS = frozenset(NamedNode(PREFIXES["xsd"] + name) for name in ("integer", "decimal"))
_DEPTH = 3


@dataclass(frozen=True)
class Values:
    """A list of values: its name, what is shown of it, how many there are, and how they were reached."""

    name: Literal
    shown: tuple[Term, ...]
    total: int
    path: tuple[Step, ...]


@dataclass(frozen=True)
class Row:
    """A thing or a part as a row of a table: a cell for each column, and what no column says."""

    node: NamedNode
    cells: tuple[tuple[Term, ...], ...]
    facts: tuple[Values, ...] = ()
    tables: tuple["Table", ...] = ()


@dataclass(frozen=True)
class Table:
    """Things or parts with the same columns, under the headings of the closed list that groups them."""

    values: Values
    columns: tuple[Literal, ...]
    groups: tuple[tuple[NamedNode | None, tuple[Row, ...]], ...]
    of_parts: bool


@dataclass(frozen=True)
class Section:
    """What one group of the shapes lays out: facts first, then tables."""

    name: Literal
    facts: tuple[Values, ...]
    tables: tuple[Table, ...]


class View:
    """One thing as its shapes lay it out."""

    def __init__(self, store: Store, layout: Layout, node: NamedNode, label: Label) -> None:
        self.node = node
        self._store, self._layout, self._label = store, layout, label
        self._own = frozenset(store.parts(node))

    @cached_property
    def sections(self) -> tuple[Section, ...]:
        """The groups of the shapes in their order, then what the shapes are silent about; none is empty."""
        seen = set(_IN_TITLE)
        sections = []
        for group in self._layout.sections(types(self._store, self.node)):
            fields = [each for each in group.fields if not seen.issuperset(each.path)]
            seen.update(each.path[0] for each in fields if len(each.path) == 1)
            sections.append(self._section(group.label, [self._read(self.node, each) for each in fields]))
        directions: tuple[tuple[Direction, str], ...] = (
            ("outgoing", "Also said"),
            ("incoming", "Linked from"),
        )
        for direction, name in directions:
            rest = self._unlisted(self.node, direction, seen)
            sections.append(self._section(Literal(name, language="en"), rest))
        return tuple(each for each in sections if each.facts or each.tables)

    def of_list(self, values: Values) -> Section:
        """One list alone, as a section."""
        return self._section(values.name, [values])

    def _section(self, name: Literal, lists: Iterable[Values]) -> Section:
        facts, tables = [], []
        for values in lists:
            if not values.shown:
                continue
            if self._own.issuperset(values.shown):
                tables.append(self._parts(values, self.node, 1))
            elif values.path[-1][0] == "incoming" and (listed := self.things(values)):
                tables.append(listed)
            else:
                facts.append(values)
        return Section(name, tuple(facts), tuple(tables))

    def _read(self, node: NamedNode, field: Field) -> Values:
        """The values at the end of a field's path."""
        total, nodes = 0, [node]
        found: list[Term] = []
        for direction, property_ in field.path:
            total = sum(self._store.properties(each, direction).get(property_, 0) for each in nodes)
            found = [
                value for each in nodes for value in self._store.values(each, property_, direction, 0, MANY)
            ][:MANY]
            nodes = [value for value in found if isinstance(value, NamedNode)]
        return Values(
            field.name, self._sorted(found) if total <= MANY else tuple(found), total, tuple(field.path)
        )

    def _unlisted(self, node: NamedNode, direction: Direction, seen: Iterable[Step]) -> Iterator[Values]:
        """The lists that no field has named, but for links from the thing's own parts."""
        for property_ in sorted(self._store.properties(node, direction), key=str):
            if (direction, property_) in seen:
                continue
            values = self._read(node, Field(path=((direction, property_),), name=self._label(property_)))
            if direction == "outgoing" or not self._own.issuperset(values.shown):
                yield values

    def things(self, values: Values) -> Table | None:
        """Things as a table with the key columns of their classes; None if these have none."""
        nodes = [value for value in values.shown if isinstance(value, NamedNode)]
        fields = self._layout.columns(
            tuple({each: None for node in nodes for each in types(self._store, node)})
        )
        rows = [Row(node, tuple(self._read(node, each).shown for each in fields)) for node in nodes]
        return self._table(values, fields, rows, of_parts=False) if fields else None

    def _parts(self, values: Values, owner: NamedNode, depth: int) -> Table:
        """Parts as a table; a part of another part of the list is told there."""
        iris = [value for value in values.shown if isinstance(value, NamedNode)]
        nodes = [each for each in iris if not any(each.value.startswith(f"{other.value}-") for other in iris)]
        classes = tuple({each: None for node in nodes for each in types(self._store, node)})
        fields = self._layout.columns(classes) or self._layout.fields(classes)
        fields = tuple(
            each for each in fields if each.path[0][0] == "outgoing" and each.path[0] not in _IN_TITLE
        )
        rows = [self._part(node, fields, owner, depth) for node in nodes]
        return self._table(replace(values, total=len(rows)), fields, rows, of_parts=True)

    def _part(self, node: NamedNode, fields: Sequence[Field], owner: NamedNode, depth: int) -> Row:
        """One part: what its columns say, and all else that is said about it but the way back."""
        seen: set[Step] = {*_IN_TITLE, *(each.path[0] for each in fields)}
        facts: list[Values] = []
        tables: list[Table] = []
        named = self._layout.fields(types(self._store, node))
        said = [self._read(node, each) for each in named if each.path[0] not in seen and len(each.path) == 1]
        seen.update(each.path[0] for each in said)
        for values in [*said, *self._unlisted(node, "outgoing", seen)]:
            inner = values.path[0][0] == "incoming" or set(values.shown) <= {self.node, owner}
            if inner or not values.shown:
                continue
            nested = all(
                isinstance(each, NamedNode) and each.value.startswith(f"{node.value}-")
                for each in values.shown
            )
            if nested and depth < _DEPTH:
                tables.append(self._parts(values, node, depth + 1))
            else:
                facts.append(values)
        return Row(node, tuple(self._read(node, each).shown for each in fields), tuple(facts), tuple(tables))

    def _table(
        self, values: Values, fields: Sequence[Field], rows: Sequence[Row], *, of_parts: bool
    ) -> Table:
        """The table without columns that say nothing, grouped by its first if that is a closed list."""
        telling = [
            number
            for number, _ in enumerate(fields)
            if any(row.cells[number] not in ((), (self.node,)) for row in rows)
        ]
        rows = [replace(row, cells=tuple(row.cells[number] for number in telling)) for row in rows]
        columns = tuple(fields[number].name for number in telling)
        headings = [row.cells[0][0] if row.cells and len(row.cells[0]) == 1 else None for row in rows]
        if not self._groups(headings):
            return Table(values, columns, ((None, tuple(rows)),), of_parts)
        groups: dict[NamedNode, list[Row]] = {}
        for heading, row in zip(headings, rows, strict=True):
            assert isinstance(heading, NamedNode)  # noqa: S101 - `_groups` has seen to it
            groups.setdefault(heading, []).append(replace(row, cells=row.cells[1:]))
        ordered = sorted(groups.items(), key=lambda item: (self._rank(item[0]), self._label(item[0]).value))
        return Table(values, columns[1:], tuple((each, tuple(found)) for each, found in ordered), of_parts)

    def _groups(self, headings: Sequence[Term | None]) -> bool:
        """Whether a column is worth grouping by: one concept of a list a row, and few of them."""
        distinct = set(headings)
        return 1 < len(distinct) <= len(headings) / 2 and all(
            isinstance(each, NamedNode) and self._store.properties(each, "outgoing").get(_IN_SCHEME)
            for each in distinct
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
                return natural(self._label(value).value.casefold())
            return natural(str(value) if not isinstance(value, Literal) else value.value.casefold())

        return tuple(sorted(values, key=key))


def types(store: Store, node: NamedNode) -> tuple[NamedNode, ...]:
    """The classes of a node."""
    return tuple(each for each in store.objects(node, _TYPE) if isinstance(each, NamedNode))
