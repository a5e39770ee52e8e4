"""What is said about a thing in one release and not in another: claims, not lines.

Two descriptions in, values out. Of a list that a description cuts only its first values are compared, and the
difference says so. Blank nodes are left out, for their names mean nothing in another release.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal as Choice

from pyoxigraph import BlankNode, Literal, NamedNode, Triple

from ldnkg.counts import Term
from ldnkg.describe import Description, ValueList
from ldnkg.store import Direction

Fate = Choice["added", "removed", "changed", "same"]
Holds = Callable[[Triple], bool]
"""Whether a release says a triple, asked of values that a cut list may have pushed out of sight."""

_SHORT, _WORDS = 80, 1_000
"""Two texts are merged when they have so many characters at least, and so many words at most."""

_Key = tuple[str, Direction, str]


@dataclass(frozen=True)
class Pair:
    """A value and what came in its place."""

    before: Term
    after: Term


@dataclass(frozen=True)
class Run:
    """Some words of a text that stayed, went or came."""

    fate: Fate
    text: str


@dataclass(frozen=True)
class Change:
    """What happened to the values of one property of a node, which had `before` of them and has `after`.

    `is_whole` tells whether all of them were compared.
    """

    node: NamedNode
    direction: Direction
    predicate: NamedNode
    replaced: tuple[Pair, ...]
    removed: tuple[Term, ...]
    added: tuple[Term, ...]
    before: int
    after: int
    is_whole: bool

    def triples(self) -> tuple[list[Triple], list[Triple]]:
        """What is no longer said, and what is new."""
        gone = (*(each.before for each in self.replaced), *self.removed)
        new = (*(each.after for each in self.replaced), *self.added)
        return [self._triple(each) for each in gone], [self._triple(each) for each in new]

    def _triple(self, value: Term) -> Triple:
        if self.direction == "incoming" and isinstance(value, NamedNode):
            return Triple(value, self.predicate, self.node)
        return Triple(self.node, self.predicate, value)


@dataclass(frozen=True)
class Part:
    """A part of the thing that is new, gone or other than it was."""

    node: NamedNode
    fate: Fate
    changes: tuple[Change, ...]


@dataclass(frozen=True)
class Difference:
    """What changed about a thing: its own values, its parts, and what links to it from elsewhere."""

    node: NamedNode
    fate: Fate
    own: tuple[Change, ...]
    parts: tuple[Part, ...]
    incoming: tuple[Change, ...]

    def triples(self) -> tuple[list[Triple], list[Triple]]:
        """What is no longer said, and what is new, each triple once and in order."""
        every = [*self.own, *(change for part in self.parts for change in part.changes), *self.incoming]
        both = [each.triples() for each in every]
        gone = {triple for removed, _ in both for triple in removed}
        new = {triple for _, added in both for triple in added}
        return sorted(gone, key=str), sorted(new, key=str)

    @property
    def is_whole(self) -> bool:
        """Whether every list was compared to its end."""
        every = [*self.own, *(change for part in self.parts for change in part.changes), *self.incoming]
        return all(each.is_whole for each in every)


def difference(
    before: Description | None,
    after: Description | None,
    *,
    said_before: Holds = lambda triple: False,
    said_after: Holds = lambda triple: False,
) -> Difference:
    """The difference of two descriptions of a thing; None stands for a release that does not have it.

    Raises ValueError when there is none at all, or they are about different things.
    """
    both = [each for each in (before, after) if each]
    if len({each.node for each in both}) != 1:
        raise ValueError("A difference is between two descriptions of one thing.")
    node = both[0].node
    old, new = _lists(before), _lists(after)
    changes = [
        change
        for key in dict.fromkeys([*new, *old])
        if (change := _change(old.get(key), new.get(key), node, said_before, said_after))
    ]
    own = tuple(each for each in changes if each.node == node and each.direction == "outgoing")
    incoming = tuple(each for each in changes if each.node == node and each.direction == "incoming")
    parts = tuple(_parts([each for each in changes if each.node != node], old, new))
    fate: Fate = "added" if not before else "removed" if not after else "changed" if changes else "same"
    return Difference(node, fate, own, parts, incoming)


def merged(pair: Pair) -> tuple[Run, ...]:
    """Two long texts as one, in which the words that are gone and those that are new are marked.

    Empty for what is no text, too short to need it, too long to be compared, or other altogether.

    >>> old, new = ("The lamp of the tower was lit by " + each + " in that year." for each in ("oil", "gas"))
    >>> [run.text for run in merged(Pair(Literal(old), Literal(new)))]
    ['The lamp of the tower was lit by', 'oil', 'gas', 'in that year.']
    """
    before, after = pair.before, pair.after
    if not (isinstance(before, Literal) and isinstance(after, Literal)):
        return ()
    old, new = before.value.split(), after.value.split()
    if not (_SHORT <= len(before.value) + len(after.value) and len(old) + len(new) <= _WORDS):
        return ()
    matcher = SequenceMatcher(None, old, new, autojunk=False)
    runs: list[Run] = []
    for operation, i, j, k, m in matcher.get_opcodes():
        if operation == "equal":
            runs.append(Run("same", " ".join(old[i:j])))
            continue
        both: tuple[tuple[Fate, list[str]], ...] = (("removed", old[i:j]), ("added", new[k:m]))
        runs += [Run(fate, " ".join(words)) for fate, words in both if words]
    return tuple(runs) if any(run.fate == "same" for run in runs) else ()


def _lists(description: Description | None) -> dict[_Key, ValueList]:
    """The lists of a description by what they are lists of."""
    lists = description.lists if description else ()
    return {(each.node.value, each.direction, each.predicate.value): each for each in lists}


def _parts(changes: Iterable[Change], old: Iterable[_Key], new: Iterable[_Key]) -> Iterator[Part]:
    """The changes by the part that they are about."""
    of_part: dict[NamedNode, list[Change]] = {}
    for each in changes:
        of_part.setdefault(each.node, []).append(each)
    were, are = {node for node, _, _ in old}, {node for node, _, _ in new}
    for node, found in of_part.items():
        fate: Fate = "removed" if node.value not in are else "changed" if node.value in were else "added"
        yield Part(node, fate, tuple(found))


def _change(
    old: ValueList | None, new: ValueList | None, whole: NamedNode, said_before: Holds, said_after: Holds
) -> Change | None:
    """What happened to one list, if something did."""
    some = new or old
    assert some  # noqa: S101 - a key is of one of them
    were, are = _values(old, whole), _values(new, whole)
    removed = [each for each in were if each not in set(are)]
    added = [each for each in are if each not in set(were)]
    if new and new.is_cut:
        removed = [each for each in removed if not said_after(_said(some, each))]
    if old and old.is_cut:
        added = [each for each in added if not said_before(_said(some, each))]
    is_whole = not ((old and old.is_cut) or (new and new.is_cut))
    before, after = old.total if old else 0, new.total if new else 0
    if not removed and not added and (is_whole or before == after):
        return None
    pairs = list(_pairs(removed, added))
    gone, come = {each.before for each in pairs}, {each.after for each in pairs}
    return Change(
        some.node,
        some.direction,
        some.predicate,
        tuple(pairs),
        tuple(each for each in removed if each not in gone),
        tuple(each for each in added if each not in come),
        before,
        after,
        is_whole,
    )


def _values(values: ValueList | None, whole: NamedNode) -> Sequence[Term]:
    """The values that mean the same in both releases; of links to the thing, those from elsewhere."""
    found = [each for each in (values.values if values else ()) if not isinstance(each, BlankNode)]
    if values and values.direction == "incoming":
        return [each for each in found if not str(each).startswith(f"<{whole.value}#")]
    return found


def _said(values: ValueList, value: Term) -> Triple:
    subject, object_ = (values.node, value) if values.direction == "outgoing" else (value, values.node)
    assert isinstance(subject, NamedNode)  # noqa: S101 - blank nodes are left out
    return Triple(subject, values.predicate, object_)


def _pairs(removed: Iterable[Term], added: Iterable[Term]) -> Iterator[Pair]:
    """One value that came in the place of one: of texts, in the same language; of all else, the only ones."""
    came, went = list(added), list(removed)
    for kind in dict.fromkeys(_kind(each) for each in went):
        old = [each for each in went if _kind(each) == kind]
        new = [each for each in came if _kind(each) == kind]
        if len(old) == len(new) == 1:
            yield Pair(old[0], new[0])


def _kind(term: Term) -> tuple[str, str]:
    """What one value must share with another to have taken its place."""
    if isinstance(term, Literal):
        return "literal", term.language or ""
    return "node", ""
