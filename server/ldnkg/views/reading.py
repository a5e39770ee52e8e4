"""Which panels there are, and the rows of one."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby
from math import inf

from pyoxigraph import Literal, NamedNode

from ldnkg.counts import MANY, Term
from ldnkg.iris import PREFIXES, local_name
from ldnkg.query import Limits, inspect
from ldnkg.query.tokens import Token, tokens_of
from ldnkg.store import Row, Store
from ldnkg.viewers import LISTING, PLACES
from ldnkg.views.kept import Overviews

_MOST = 100
"""So many rows of a drawing are shown."""
_STEERING = frozenset("mark place null less more sign stage last strong paragraph".split())
"""Names of variables that steer a drawing."""

_PANELS = f"""
PREFIX rdfs: <{PREFIXES["rdfs"]}>
PREFIX sh: <{PREFIXES["sh"]}>
PREFIX view: <{PREFIXES["view"]}>
SELECT ?panel ?place ?target ?where ?as ?text ?name ?description ?empty ?order ?title ?rank ?part {{
  VALUES ?place {{ {" ".join(f"view:{place}" for place in PLACES)} }}
  ?panel a view:Panel ; ?place ?target ; view:as ?as ; sh:select ?text .
  ?target ^rdfs:subClassOf* ?where .
  OPTIONAL {{ ?panel sh:name ?name }}
  OPTIONAL {{ ?panel sh:description ?description }}
  OPTIONAL {{ ?panel view:whenEmpty ?empty }}
  OPTIONAL {{ ?panel sh:order ?order }}
  OPTIONAL {{ ?panel view:part ?part }}
  OPTIONAL {{ ?panel sh:group ?group . ?group rdfs:label ?title OPTIONAL {{ ?group sh:order ?rank }} }}
}}
"""
_MARKED = f"""
PREFIX view: <{PREFIXES["view"]}>
SELECT ?concept ?mark ?rung {{
  {{ ?concept view:mark ?mark }} UNION {{ ?concept view:rung ?rung }}
}}
"""


_TELLS = f"""
PREFIX view: <{PREFIXES["view"]}>
SELECT ?panel ?property {{ ?panel view:tells ?property }}
"""
_FLAGS = f"""
PREFIX sh: <{PREFIXES["sh"]}>
PREFIX view: <{PREFIXES["view"]}>
SELECT ?flag ?text {{ ?flag a view:Flag ; sh:select ?text }}
"""
_FLAGGED = 10_000
"""So many things can be flagged."""


@dataclass(frozen=True)
class Panel:
    """One panel: its query, the name of what shows its rows (`Table`), and where on the page it stands.

    `empty` is said where there are no rows; without it such a panel is left out. `part` is where it stands in
    the frame of the page: `strip`, `short`, `aside`, or in order with all others.
    """

    node: NamedNode
    viewer: str
    text: str
    name: Literal
    description: Literal | None = None
    empty: Literal | None = None
    part: str = "body"
    place: tuple[float, float, str] = (inf, inf, "")

    @property
    def most(self) -> int:
        """So many rows are shown, of a list as many as of any other; its query has all."""
        return MANY if self.viewer in LISTING else _MOST

    @property
    def key(self) -> str:
        """What tells it from the other panels, in addresses."""
        return local_name(self.node.value)

    def query(self, this: NamedNode, prefixes: Mapping[str, str]) -> str:
        """The query about one thing, as it can be sent to any endpoint.

        Raises BadQuery for a text that is no query, and QueryRefused for one that asks elsewhere.
        """
        used, pieces = self._read
        lines = [f"PREFIX {prefix}: <{prefixes.get(prefix, '')}>\n" for prefix in used]
        return "".join(lines) + f"<{this.value}>".join(pieces) + "\n"

    @cached_property
    def columns(self) -> tuple[str, ...]:
        """The variables of its rows, in their order."""
        return columns(self.text)

    @cached_property
    def _read(self) -> tuple[list[str], list[str]]:
        """The prefixes that the text does not declare, and its pieces between one `$this` and the next."""
        text = self.text.strip()
        return sorted(inspect(text, Limits()).undeclared), _pieces(text)


@dataclass(frozen=True)
class Shown:
    """A panel with its rows, of `total` in all: `columns` are the variables in the order of the query."""

    panel: Panel
    this: NamedNode
    query: str
    columns: tuple[str, ...]
    rows: tuple[Row, ...]
    total: int

    @property
    def anchor(self) -> str:
        """Where it stands on its page."""
        return f"panel-{self.panel.key}"

    @cached_property
    def told(self) -> tuple[str, ...]:
        """The columns that a table shows: those with a value that do not only steer a drawing."""
        filled = {name for row in self.rows for name in row}
        return tuple(each for each in self.columns if each in filled and each not in _STEERING)

    @property
    def spanned(self) -> int:
        """How many columns, from the first on, have one value in each run of rows with one first value."""
        runs = [rows for _, rows in self.groups(self.told[0])]
        if all(len(rows) == 1 for rows in runs):
            return 0
        same = [len({row.get(name) for row in rows}) == 1 for name in self.told for rows in runs]
        per_column = [all(same[at : at + len(runs)]) for at in range(0, len(same), len(runs))]
        return next((at for at, each in enumerate(per_column) if not each), len(per_column))

    def groups(self, name: str) -> list[tuple[Term | None, tuple[Row, ...]]]:
        """The rows in runs with the same value of one column."""
        return runs(self.rows, name)


def runs(rows: Iterable[Row], name: str) -> list[tuple[Term | None, tuple[Row, ...]]]:
    """Rows in runs with the same value of one column."""
    together = groupby(rows, key=lambda row: row.get(name))
    return [(value, tuple(each)) for value, each in together]


class Panels:
    """The panels and marks of a store, read once; what is `kept` is not asked again."""

    def __init__(self, store: Store, prefixes: Mapping[str, str], kept: Overviews | None = None) -> None:
        self._store, self._prefixes, self._kept = store, prefixes, kept
        self._at: dict[tuple[str, Term], list[Panel]] = {}
        rows: dict[tuple[Term, Term, Term], Row] = {}
        for row in store.select(_PANELS):
            rows.setdefault((row["panel"], row["place"], row["where"]), row)
        for (_, place, where), row in rows.items():
            self._at.setdefault((local_name(_text(place)), where), []).append(_panel(row))
        self._over = {
            row["panel"]: row["target"]
            for row in rows.values()
            if local_name(_text(row["place"])) != "onPage"
        }
        self.marks: dict[Term, str] = {}
        """The mark of each concept that has one."""
        self.rungs: dict[Term, int] = {}
        """The rung of each concept that has one."""
        for row in store.select(_MARKED):
            if "mark" in row:
                self.marks[row["concept"]] = local_name(_text(row["mark"]))
            else:
                self.rungs[row["concept"]] = int(_number(row["rung"]))

    @cached_property
    def flags(self) -> dict[Term, Term]:
        """The concept, such as a retraction, that is shown beside each name of a thing; at most _FLAGGED.

        The queries of `view:Flag` select `?thing` and `?flag`; they are asked once a release.
        """
        if self._kept:
            return self._kept.flags()
        found: dict[Term, Term] = {}
        for row in self._store.select(_FLAGS):
            panel = Panel(NamedNode("urn:ldnkg:view:Flag"), "Table", _text(row["text"]), Literal(""))
            for each in self._store.select(panel.query(panel.node, self._prefixes))[:_FLAGGED]:
                if "thing" in each and "flag" in each:
                    found.setdefault(each["thing"], each["flag"])
        return found

    @cached_property
    def _tells(self) -> dict[Term, list[NamedNode]]:
        found: dict[Term, list[NamedNode]] = {}
        for row in self._store.select(_TELLS):
            if isinstance(property_ := row["property"], NamedNode):
                found.setdefault(row["panel"], []).append(property_)
        return found

    def told(self, classes: Iterable[NamedNode]) -> frozenset[NamedNode]:
        """The properties that the panels of a page tell, so that its record does not repeat them."""
        return frozenset(each for panel in self.on_page(classes) for each in self._tells.get(panel.node, ()))

    def named(self, key: str) -> Panel | None:
        """The panel with that key."""
        return next((each for panels in self._at.values() for each in panels if each.key == key), None)

    def where(self, panel: Panel) -> NamedNode | None:
        """The class or dataset whose list, or first page, a panel is on; None for one on pages of things."""
        found = self._over.get(panel.node)
        return found if isinstance(found, NamedNode) else None

    def on_page(self, classes: Iterable[NamedNode]) -> tuple[Panel, ...]:
        """The panels of a thing that has these classes, each once, in order."""
        return self._placed(("onPage", each) for each in classes)

    def on_list(self, class_: NamedNode) -> tuple[Panel, ...]:
        """The panels of the list of a class."""
        return self._placed([("onList", class_)])

    def on_home(self, dataset: NamedNode) -> tuple[Panel, ...]:
        """The panels of the first page."""
        return self._placed([("onHome", dataset)])

    def on_quality(self, dataset: NamedNode) -> tuple[Panel, ...]:
        """The panels of the page for curators."""
        return self._placed([("onQuality", dataset)])

    def shown(self, panel: Panel, this: NamedNode) -> Shown:
        """A panel about one thing, with at most `most` rows. Raises what `Panel.query` raises."""
        query = panel.query(this, self._prefixes)
        rows, total = (self._kept and self._kept.rows(panel.node, this)) or self._asked(panel, query)
        return Shown(panel, this, query, panel.columns, rows, total)

    def _asked(self, panel: Panel, query: str) -> tuple[tuple[Row, ...], int]:
        rows = self._store.select(query)
        return tuple(rows[: panel.most]), len(rows)

    def _placed(self, keys: Iterable[tuple[str, Term]]) -> tuple[Panel, ...]:
        found = {panel.node: panel for key in keys for panel in self._at.get(key, ())}
        return tuple(sorted(found.values(), key=lambda each: each.place))


def columns(text: str) -> tuple[str, ...]:
    """The variables of a SELECT clause in their order; of `SELECT *` all, but for `$this`.

    >>> columns("PREFIX a: <b:> SELECT DISTINCT ?x (COUNT(?y) AS ?n) { ?x a:p ?y }")
    ('x', 'n')
    """
    tokens = iter(tokens_of(text))
    for token in tokens:
        if token.keyword == "SELECT":
            rest = list(tokens)
            named = _selected(iter(rest)) if rest[:1] and rest[0].text != "*" else _variables(rest)
            return tuple(dict.fromkeys(named))
    return ()


def _variables(tokens: Iterable[Token]) -> Iterator[str]:
    yield from (each.text[1:] for each in tokens if each.kind == "variable" and each.text[1:] != "this")


def _selected(tokens: Iterator[Token]) -> Iterator[str]:
    depth, before = 0, ""
    for token in tokens:
        if token.text == "{" or (depth == 0 and token.keyword in ("WHERE", "FROM")):
            return
        depth += {"(": 1, ")": -1}.get(token.text, 0)
        if token.kind == "variable" and (depth == 0 or (depth == 1 and before == "AS")):
            yield token.text[1:]
        before = token.keyword


def _pieces(text: str) -> list[str]:
    """What stands before, between and behind each `$this` (or `?this`)."""
    pieces, done = [], 0
    for token in tokens_of(text):
        if token.kind == "variable" and token.text[1:] == "this":
            pieces.append(text[done : token.start])
            done = token.start + len(token.text)
    return [*pieces, text[done:]]


def _panel(row: Row) -> Panel:
    node = row["panel"]
    assert isinstance(node, NamedNode)  # noqa: S101 - the shapes have IRIs
    name = row.get("name")
    return Panel(
        node,
        local_name(_text(row["as"])),
        _text(row["text"]),
        name if isinstance(name, Literal) else Literal(local_name(node.value)),
        _literal(row.get("description")),
        _literal(row.get("empty")),
        local_name(_text(row["part"])) if "part" in row else "body",
        (_number(row.get("rank")), _number(row.get("order")), node.value),
    )


def _literal(term: Term | None) -> Literal | None:
    return term if isinstance(term, Literal) else None


def _text(term: Term) -> str:
    return str(getattr(term, "value", term))


def _number(term: Term | None) -> float:
    try:
        return float(_text(term)) if term is not None else inf
    except ValueError:
        return inf
