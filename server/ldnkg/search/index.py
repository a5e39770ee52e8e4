"""Read `search.sqlite`. No input makes it fail, and none makes it work on more than MOST things."""

import re
import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import log2
from pathlib import Path

from ldnkg.search.spelling import WORD, bare, key, meant, slips, spellable, words

MOST = 1000
"""Of more things that match, those that most leads to are put in order, no others."""

_BEGINNINGS = (1, 0.75, 0.5)
_BEGINNING = 1.5
"""How much it counts that a name begins with what was asked for."""
_MOST_WORDS, _LONGEST_WORD, _MOST_LIKE = 16, 64, 200
_SUGGESTED, _FEW = 300, 300
_SCHEME = re.compile(r"https?://[^/]+/|[A-Za-z][\w.-]*[:\s]\s*")
_NAMES = "{label synonyms identifiers} : "

_MATCHING = "SELECT rowid, label, synonyms, standing FROM document WHERE document MATCH ? LIMIT ?"
_MATCHES = "SELECT rowid, label, synonyms, standing FROM document WHERE document MATCH ? AND rowid = ?"
_COMMON = "SELECT count(*) FROM (SELECT 1 FROM document WHERE document MATCH ? LIMIT ?)"
_SCORED = """
SELECT rowid, bm25(document, 100, 30, 10, 1) * standing FROM document WHERE document MATCH ?
"""
_SHOWN = "SELECT iri, shown, segment, others, {} FROM document WHERE document MATCH ? AND rowid = ?"
_SNIPPET = "snippet(document, 3, '', '', '…', 24)"

Piece = tuple[str, bool]
"""Some text, and whether it is what was looked for."""


@dataclass(frozen=True)
class Hit:
    """One thing found: its name, the other name or identifier that matched, some of its text.

    `marked` is the name in pieces, `also` what matched; `excerpt` the text, if it has any of the words.
    """

    iri: str
    label: str
    segment: str
    snippet: str
    matched: str | None = None
    marked: tuple[Piece, ...] = ()
    also: tuple[Piece, ...] = ()
    excerpt: tuple[Piece, ...] = ()


@dataclass(frozen=True)
class Hits:
    """One page of what was found; `total` counts all."""

    hits: list[Hit]
    total: int


@dataclass(frozen=True)
class Found:
    """The numbers of the documents that match, best first; `more` than MOST match where it says so.

    `asked` is what they were looked for with: where nothing is called as was typed, what was meant. They have
    all the words of it, or `some`. Without a `match` they are what has that identifier.
    """

    numbers: Sequence[int]
    asked: str
    match: str
    more: bool = False
    some: bool = False

    @property
    def identified(self) -> bool:
        """Whether it is one thing that has just this identifier."""
        return bool(self.numbers) and not self.match


@dataclass(frozen=True)
class Entry:
    """What one thing is called: its name, and its other names and identifiers in lower case."""

    iri: str
    label: str
    segment: str
    others: Sequence[str]


class Index:
    """A `search.sqlite`, opened read-only. Threads may share it; no input makes it fail."""

    def __init__(self, path: Path) -> None:
        where = f"{path.resolve().as_uri()}?mode=ro&immutable=1"
        self._database = sqlite3.connect(where, uri=True, check_same_thread=False)

    def find(self, q: str) -> Found:
        """What has all the words, or the beginnings of longer ones; else what was meant; else any of them."""
        for match, asked, some in self._ways(q):
            if found := self._ranked(match, asked, MOST):
                return Found(found[:MOST], asked, match, len(found) > MOST, some)
        return Found((), q, "")

    def identified(self, q: str) -> Found | None:
        """The one thing that has this identifier, with its scheme or without (`PMID 1`, `1`, a URL), if any.

        Of several, as a trial and its record in a registry, it is the one that most is said about.
        """
        query = "SELECT document FROM identifier WHERE key = ? ORDER BY weight DESC, document LIMIT 1"
        for spelling in _spellings(_encodable(q).strip()):
            if row := self._database.execute(query, (key(spelling),)).fetchone():
                return Found((int(row[0]),), q, "")
        return None

    def show(self, found: Found, numbers: Sequence[int]) -> list[Hit]:
        """These of the documents that were found, to read."""
        if found.identified:
            return [self._identified(found.asked, each) for each in numbers]
        return [self._hit(found, each, _SNIPPET) for each in numbers]

    def search(self, q: str, limit: int = 20, offset: int = 0) -> Hits:
        """One page of what `find` finds."""
        found = self.find(q)
        return Hits(self.show(found, found.numbers[offset : offset + limit]), len(found.numbers))

    def suggest(self, q: str, limit: int = 10) -> list[Hit]:
        """What has this identifier, what is named so or begins so, and what may have been meant.

        For a box that completes what is typed.
        """
        identified = self.identified(q)
        hits = self.show(identified, identified.numbers) if identified else []
        for asked in self._askings(q):
            if match := " AND ".join(self._terms(asked, _NAMES)):
                match = f"{_NAMES}({match})"
                numbers = self._ranked(match, asked, _SUGGESTED)[: limit + 1]
                hits += [self._hit(Found((), asked, match), each, "''") for each in numbers]
        first = {each.iri: each for each in reversed(hits)}
        return [first[iri] for iri in dict.fromkeys(each.iri for each in hits)][:limit]

    def near(self, name: str, limit: int = 5) -> list[Hit]:
        """What is called nearly so, for a name that is not found: its words, else the beginnings of them."""
        found = WORD.findall(bare(name))
        for part in _BEGINNINGS:
            cut = " ".join(word[: max(2, round(len(word) * part))] for word in found)
            if hits := self.search(cut, limit).hits:
                return hits
        return []

    def iris(self, numbers: Sequence[int]) -> list[str]:
        """The IRIs of documents by their numbers."""
        query = "SELECT iri FROM document WHERE rowid = ?"
        return [str(self._database.execute(query, (each,)).fetchone()[0]) for each in numbers]

    def meant(self, q: str) -> str | None:
        """The query with each word that nothing is called by replaced by the likeliest one; None for none."""
        typed = words(_encodable(q))[:_MOST_WORDS]
        likely = [self._likeliest(word) or word for word in typed]
        return " ".join(likely) if likely != typed else None

    def entries(self) -> Iterator[Entry]:
        """What everything that can be found is called, in order of the IRIs."""
        query = "SELECT iri, shown, segment, synonyms, identifiers FROM document ORDER BY iri"
        for iri, shown, segment, *others in self._database.execute(query):
            names = [each for text in others for each in text.split("\n") if each and each != key(shown)]
            yield Entry(iri, shown, segment, tuple(dict.fromkeys(names)))

    def close(self) -> None:
        """Let go of the file."""
        self._database.close()

    def _ways(self, q: str) -> Iterator[tuple[str, str, bool]]:
        """The ways to match a query, the strictest first: the words they look for, whether some will do."""
        if not (terms := self._terms(q)):
            return
        yield " AND ".join(terms), q, False
        if meant := self.meant(q):
            yield " AND ".join(self._terms(meant)), meant, False
        yield " OR ".join(terms), q, True

    def _terms(self, q: str, columns: str = "") -> list[str]:
        """The words of a query as FTS5 strings, each for all that begins so: no operator comes through.

        A word that more than MOST have as it is stands for itself alone, which costs no look at all of them.
        """
        terms = []
        for word in _typed(q):
            spelt = " OR ".join(f'"{each}"' for each in {word: 0, key(word): 0})
            found = self._database.execute(_COMMON, (f"{columns}({spelt})", MOST + 1)).fetchone()
            star = "" if found[0] > MOST else "*"
            terms.append("(" + " OR ".join(f'"{each}"{star}' for each in {word: 0, key(word): 0}) + ")")
        return terms

    def _askings(self, q: str) -> Iterator[str]:
        """What was typed, and what was meant; that comes first if it differs in a word that was ended."""
        if (meant := self.meant(q)) is None:
            return iter((q,))
        ended = meant.split()[:-1] != words(_encodable(q))[:-1]
        return iter((meant, q) if ended else (q, meant))

    def _ranked(self, match: str, asked: str, most: int) -> list[int]:
        """The numbers of what matches, best first: what is called so, what has other names with it, the rest.

        What is called so stands the higher the more leads to it and to things of its kind, and the more of
        its name was asked for. They are one more than `most` when there are more.
        """
        rows = self._database.execute(_MATCHING, (match, most + 1)).fetchall()
        scores: dict[int, float] = {}
        if 0 < len(rows) <= _FEW:  # the weight of a word costs a look at everything that has it
            scores = dict(self._database.execute(_SCORED, (match,)))
        name, looked_for = key(_encodable(asked)), words(_encodable(asked))
        named = self._named(match, name) if rows else {}
        places = {}
        for number, label, synonyms, standing in (*named.values(), *rows[:most]):
            fit, sure = _fit(label, synonyms, name, looked_for, exact=number in named)
            places[number] = (fit, scores.get(number, 0) if fit else -sure - standing, number)
        ranked = sorted(places, key=places.__getitem__)
        return [*ranked[:most], rows[-1][0]] if len(rows) > most else ranked

    def _named(self, match: str, name: str) -> dict[int, tuple[int, str, str, float]]:
        """What is called just so, among what matches, by its number."""
        query = "SELECT document FROM name WHERE key = ? LIMIT ?"
        called = self._database.execute(query, (name, _SUGGESTED)).fetchall()
        rows = (self._database.execute(_MATCHES, (match, each)).fetchone() for (each,) in called)
        return {row[0]: row for row in rows if row}

    def _hit(self, found: Found, number: int, snippet: str) -> Hit:
        row = self._database.execute(_SHOWN.format(snippet), (found.match, number)).fetchone()
        iri, label, segment, others, text = row
        looked_for = words(_encodable(found.asked))
        matched = _other_name(looked_for, label, others.split("\n"))
        excerpt = marked(text, looked_for)
        return Hit(
            iri,
            label,
            segment,
            text,
            matched,
            marked=marked(label, looked_for),
            also=marked(matched or "", looked_for),
            excerpt=excerpt if any(found for _, found in excerpt) else (),
        )

    def _identified(self, q: str, number: int) -> Hit:
        """A document as what has this identifier."""
        query = "SELECT iri, shown, segment, others FROM document WHERE rowid = ?"
        iri, label, segment, others = self._database.execute(query, (number,)).fetchone()
        spellings = {key(each) for each in _spellings(_encodable(q).strip())}
        matched = next((each for each in others.split("\n") if key(each) in spellings), None)
        return Hit(iri, label, segment, "", matched, ((label, False),))

    def _likeliest(self, word: str) -> str | None:
        """The word of a name that was probably meant; None for one that is right, or like none."""
        known = "SELECT 1 FROM word WHERE word = ?"
        if not spellable(word) or self._database.execute(known, (word,)).fetchone():
            return None
        like = "SELECT uses, word FROM slip WHERE key = ? ORDER BY uses DESC LIMIT ?"
        found = {row for each in slips(word) for row in self._database.execute(like, (each, _MOST_LIKE))}
        ranked = []
        for uses, number in sorted(found, reverse=True)[:_MOST_LIKE]:
            (spelt,) = self._database.execute("SELECT word FROM word WHERE id = ?", (number,)).fetchone()
            if (unlikely := meant(word, spelt)) is not None:
                ranked.append((*unlikely, abs(len(spelt) - len(word)), -uses, spelt))
        return min(ranked)[-1] if ranked else None


def _fit(
    label: str, synonyms: str, name: str, looked_for: Sequence[str], *, exact: bool
) -> tuple[int, float]:
    """How well a name fits: 0 it has all words, 1 all names together have them, 2 not; and how surely.

    That is in the measure of `standing`, where 1 is twice as many links: half less each time that the name is
    twice as long as what was asked for, but for _BEGINNING more if it begins so, and 1 more for each further
    word of a whole name.
    """
    if exact:
        return 0, _BEGINNING + len(looked_for) - 1
    if label.startswith(name):
        return 0, _BEGINNING - log2(len(label) / len(name)) / 2
    for fit, text in ((0, label), (1, f"{label} {synonyms}")):
        has = WORD.findall(text)
        if all(any(word.startswith(each) for word in has) for each in looked_for):
            return fit, -log2(max(1, len(text) / len(name))) / 2
    return 2, 0


def marked(text: str, looked_for: Sequence[str]) -> tuple[Piece, ...]:
    """A text in pieces, with the words that begin like one that was looked for apart.

    >>> marked("The Sjögren light", ["sjo"])
    (('The ', False), ('Sjögren', True), (' light', False))
    """
    pieces, at = [], 0
    for word in WORD.finditer(text):
        if key(word[0]).startswith(tuple(looked_for)):
            pieces += [(text[at : word.start()], False), (word[0], True)]
            at = word.end()
    return tuple(each for each in [*pieces, (text[at:], False)] if each[0])


def _other_name(looked_for: Sequence[str], label: str, others: Sequence[str]) -> str | None:
    """The other name or identifier that has the words which the label has not; None when it has them all."""

    def has(name: str, wanted: str) -> bool:
        return any(word.startswith(wanted) for word in words(name))

    missing = [each for each in looked_for if not has(label, each)]
    if not missing:
        return None
    fitting = [each for each in others if has(each, missing[0])]
    return max(fitting, key=lambda name: sum(has(name, each) for each in looked_for), default=None)


def _typed(q: str) -> list[str]:
    """The words of a query as they were typed, but for possessives."""
    return [word[:_LONGEST_WORD] for word in WORD.findall(bare(_encodable(q)))[:_MOST_WORDS]]


def _spellings(identifier: str) -> Iterator[str]:
    """The ways a data set may write an identifier, likeliest first.

    >>> list(_spellings("PMID: 20695007"))
    ['PMID: 20695007', '20695007']
    >>> list(_spellings("http://purl.example.org/obo/MONDO_1"))
    ['http://purl.example.org/obo/MONDO_1', 'obo/MONDO_1', 'MONDO_1', 'MONDO:1']
    """
    bare = _SCHEME.sub("", identifier, count=1) if _SCHEME.match(identifier) else identifier
    last = bare.rpartition("/")[2]
    yield from dict.fromkeys((identifier, bare, last, last.replace("_", ":")))


def _encodable(text: str) -> str:
    """Text without lone surrogates, which UTF-8 cannot carry."""
    return text.encode("utf-8", "ignore").decode("utf-8")
