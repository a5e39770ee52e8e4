"""The paths of shapes (SHACL, section 2.3.1) as SPARQL writes them (SPARQL 1.1, section 9.1)."""

from pyoxigraph import NamedNode

from ldnkg.counts import Term
from ldnkg.terms.uses import Step
from ldnkg.terms.words import Piece, Words, joined, term

_DEEP, _LONG = 32, 256
"""A path that is nested deeper, or has more pieces, is not written out."""
_REPEATED = {"sh:zeroOrMorePath": "*", "sh:oneOrMorePath": "+", "sh:zeroOrOnePath": "?"}
_ALTERNATIVE, _SEQUENCE, _INVERSE, _ELEMENT = range(4)  # what binds more tightly comes later

_Path = tuple[int, tuple[Piece, ...]]
_UNREADABLE: _Path = (_ELEMENT, ("…",))


def path_pieces(words: Words, path: Term) -> tuple[Piece, ...]:
    """A path in SPARQL's syntax, its properties as nodes; `…` stands for what is no path.

    >>> kept_by = NamedNode("http://h/ont#keptBy")
    >>> path_pieces(Words([]), kept_by) == (kept_by,)
    True
    """
    return _Reader(words).path(path)[1]


def step(words: Words, path: Term) -> Step | None:
    """A path of one property, forwards or backwards, as a step; of another path, None."""
    if isinstance(path, NamedNode):
        return path, False
    inverse = words.values(path, "sh:inversePath")
    return (inverse[0], True) if inverse and isinstance(inverse[0], NamedNode) else None


class _Reader:
    """Reads paths, each node once, so that circles and shared parts cost nothing."""

    def __init__(self, words: Words) -> None:
        self._words = words
        self._known: dict[Term, _Path] = {}

    def path(self, path: Term, depth: int = 0) -> _Path:
        if isinstance(path, NamedNode) and path != term("rdf:nil"):
            return _ELEMENT, (path,)
        if path not in self._known:
            self._known[path] = _UNREADABLE  # for a path that leads back to itself
            found = self._read(path, depth) if depth < _DEEP else _UNREADABLE
            self._known[path] = found if len(found[1]) <= _LONG else _UNREADABLE
        return self._known[path]

    def _read(self, path: Term, depth: int) -> _Path:
        words = self._words
        for name, sign in _REPEATED.items():
            for value in words.values(path, name):
                return _ELEMENT, (*_bound(self.path(value, depth + 1), _ELEMENT + 1), sign)
        for value in words.values(path, "sh:inversePath"):
            return _INVERSE, ("^", *_bound(self.path(value, depth + 1), _ELEMENT))
        for value in words.values(path, "sh:alternativePath"):
            return self._row(value, _ALTERNATIVE, "|", depth)
        return self._row(path, _SEQUENCE, "/", depth)

    def _row(self, members: Term, binding: int, sign: str, depth: int) -> _Path:
        """The paths of a list with a sign between them."""
        parts = [_bound(self.path(each, depth + 1), binding + 1) for each in self._words.members(members)]
        return (binding, joined(sign, parts)) if parts else _UNREADABLE


def _bound(path: _Path, least: int) -> tuple[Piece, ...]:
    """A path as a part of another one: in brackets, unless it binds so tightly or is one property."""
    binding, pieces = path
    return pieces if binding >= least or len(pieces) == 1 else ("(", *pieces, ")")
