"""Narrow a list to what has some values, count what could be chosen further, and put it in order."""

import sqlite3
from array import array
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from pathlib import Path

from ldnkg.cache import Cache
from ldnkg.facets.sets import members, of, unpacked

KIND = "kind"
"""The facet that everything has: the segment of its address that tells its type."""
COMMONEST = 100
"""So many values of a facet are counted in a long list, those that most things have at all."""
_FEW, _TALLIED = 2000, 3000
"""Of a set with so few members all is counted that they have, but for the rarest of so many values."""
_REMEMBERED = 64 * 2**20
"""Bytes that are kept of sets and of orders, each."""


@dataclass(frozen=True)
class Facet:
    """A way to narrow a list: its name in addresses, and in words."""

    name: str
    label: str


@dataclass(frozen=True)
class Choice:
    """A value of a facet: its name in addresses, its IRI if it has one, and how many have it in a list."""

    key: str
    iri: str | None
    label: str
    count: int


class Facets:
    """The tables of ldnkg.facets in a `search.sqlite`, opened read-only. Threads may share it."""

    def __init__(self, path: Path) -> None:
        where = f"{path.resolve().as_uri()}?mode=ro&immutable=1"
        self._database = sqlite3.connect(where, uri=True, check_same_thread=False)
        self._sets = Cache[int](_REMEMBERED, lambda bits: bits.bit_length() // 8 + 64)
        self._tallies: Cache[Mapping[str, list[Choice]]] = Cache(_REMEMBERED // 8, _size)
        self._orders: Cache[array[int]] = Cache(_REMEMBERED, lambda order: len(order) * 4 + 64)

    def of(self, kind: str) -> tuple[Facet, ...]:
        """The facets of a kind, in their order."""
        return self._of.get(kind, ())

    @cached_property
    def all(self) -> tuple[Facet, ...]:
        """The facets of all kinds; of several with one name the first."""
        return tuple({each.name: each for found in self._of.values() for each in reversed(found)}.values())

    @cached_property
    def _of(self) -> Mapping[str, tuple[Facet, ...]]:
        found: dict[str, tuple[Facet, ...]] = {}
        rows = self._database.execute("SELECT kind, name, label FROM facet ORDER BY kind, position, name")
        for kind, name, label in rows:
            found[kind] = (*found.get(kind, ()), Facet(name, label))
        return found

    def sortable(self, kind: str) -> frozenset[str]:
        """What the members of a kind can be put in order by."""
        rows = self._database.execute("SELECT DISTINCT name FROM ordering WHERE kind = ?", (kind,))
        return frozenset(name for (name,) in rows)

    def choice(self, facet: str, key: str) -> Choice | None:
        """A value by its name in addresses, with the count of all that have it; None where there is none."""
        query = "SELECT key, iri, label, count FROM choice WHERE facet = ? AND key = ?"
        row = self._database.execute(query, (facet, key)).fetchone()
        return Choice(*row) if row else None

    def having(self, facet: str, key: str) -> int:
        """The set of those that have a value; empty for one that does not exist."""
        known = self._sets.get((facet, key))
        if known is None:
            query = "SELECT members FROM choice WHERE facet = ? AND key = ?"
            row = self._database.execute(query, (facet, key)).fetchone()
            if row is None:
                return 0
            known = unpacked(row[0])
            self._sets.put((facet, key), known)
        return known

    def narrowed(self, chosen: Mapping[str, str], among: int | None = None) -> int:
        """The set of those, of some or of all, that have every one of these values."""
        found = [self.having(facet, key) for facet, key in chosen.items()]
        for each in found:
            among = each if among is None else among & each
        return among or 0

    def choices(self, facet: str, among: int) -> list[Choice]:
        """The values that some of a set have: the latest number first, else the commonest first."""
        few = among.bit_count() <= _FEW
        told = self._tally(among).get(facet, []) if few else self._counted(facet, among)
        if all(each.iri is None and each.label.isdecimal() for each in told):
            return sorted(told, key=lambda each: -int(each.label))
        return sorted(told, key=lambda each: (-each.count, each.label.casefold()))[:COMMONEST]

    def _counted(self, facet: str, among: int) -> list[Choice]:
        """The commonest values of a facet, as far as some of a set have them."""
        query = "SELECT key, iri, label FROM choice WHERE facet = ? ORDER BY count DESC, key LIMIT ?"
        rows = self._database.execute(query, (facet, COMMONEST)).fetchall()
        counts = ((self.having(facet, row[0]) & among).bit_count() for row in rows)
        return [
            Choice(key, iri, label, count)
            for (key, iri, label), count in zip(rows, counts, strict=True)
            if count
        ]

    def _tally(self, among: int) -> Mapping[str, list[Choice]]:
        """All values that the members of a small set have, by their facets."""
        known = self._tallies.get(among)
        if known is None:
            known = defaultdict(list)
            counts: Counter[int] = Counter()
            for number in members(among):
                row = self._database.execute(
                    "SELECT choices FROM tagged WHERE document = ?", (number,)
                ).fetchone()
                counts.update(memoryview(row[0]).cast("I") if row else ())
            for id_, count in counts.most_common(_TALLIED):
                query = "SELECT facet, key, iri, label FROM choice WHERE id = ?"
                facet, key, iri, label = self._database.execute(query, (id_,)).fetchone()
                known[facet].append(Choice(key, iri, label, count))
            self._tallies.put(among, known)
        return known

    def page(self, among: int, kind: str, by: str, *, descending: bool, offset: int, limit: int) -> list[int]:
        """Some of a set of members of a kind, in order."""
        order = self._order(kind, by, descending)
        if among.bit_count() == len(order):
            return list(order[offset : offset + limit])
        held = among.to_bytes(among.bit_length() // 8 + 1, "little")
        found = (each for each in order if each >> 3 < len(held) and held[each >> 3] >> (each & 7) & 1)
        return list(islice(found, offset, offset + limit))

    def set_of(self, numbers: Sequence[int]) -> int:
        """The set of some numbers."""
        return of(numbers)

    def those(self, numbers: Iterable[int], among: int) -> list[int]:
        """The numbers that are in a set, in the order that they come in."""
        held = among.to_bytes(among.bit_length() // 8 + 1, "little")
        return [each for each in numbers if each >> 3 < len(held) and held[each >> 3] >> (each & 7) & 1]

    def close(self) -> None:
        """Let go of the file."""
        self._database.close()

    def _order(self, kind: str, by: str, descending: bool) -> "array[int]":
        key = kind, by, descending
        known = self._orders.get(key)
        if known is None:
            known = array("I")
            query = "SELECT members FROM ordering WHERE kind = ? AND name = ? AND descending = ?"
            if row := self._database.execute(query, key).fetchone():
                known.frombytes(row[0])
            self._orders.put(key, known)
        return known


def _size(tally: Mapping[str, list[Choice]]) -> int:
    """About how many bytes it takes."""
    return 300 * sum(map(len, tally.values())) + 64
