"""How names are compared: without case, accents and possessives, and with a slip of the hand forgiven."""

import re
import unicodedata
from collections.abc import Iterator

WORD = re.compile(r"[^\W_]+")

_POSSESSIVE = re.compile(r"(?:(?<=\w)['’‘ʼ＇´`′]s|(?<=s)['’‘ʼ＇´`′])(?!\w)", re.IGNORECASE)
_FRONT = 7
"""So many letters of a word decide which words may have been meant (the prefix scheme of SymSpell)."""
_SHORTEST, _FORGIVING = 4, 5
"""Shorter words are taken as they are; from the second length on two slips are forgiven."""
_LONGEST = 32


def bare(text: str) -> str:
    """A text in composed characters without the endings of possessives.

    >>> bare("Fresnel's lamp, Douglas’ lamp and O'Brien’s")
    "Fresnel lamp, Douglas lamp and O'Brien"
    """
    return _POSSESSIVE.sub("", unicodedata.normalize("NFC", text))


def key(name: str) -> str:
    """A name without regard to case, accents, possessives and spaces around it.

    >>> key(" Sjögren ") == key("sjogren") == key("Sjögren's")
    True
    """
    plain = unicodedata.normalize("NFKD", bare(name).casefold())
    return " ".join("".join(each for each in plain if not unicodedata.combining(each)).split())


def words(name: str) -> list[str]:
    """The words of a name, as they are compared."""
    return WORD.findall(key(name))


def spellable(word: str) -> bool:
    """Whether a word is one that may be spelt wrongly: no number, no code, neither short nor endless."""
    return word.isalpha() and _SHORTEST <= len(word) <= _LONGEST


def slips(word: str) -> Iterator[str]:
    """The beginning of a word, whole and with each of its letters left out.

    Two words that share one of these differ by a letter left out, put in, replaced or moved.

    >>> sorted(set(slips("lamp")) & set(slips("lmap")))
    ['lap', 'lmp']
    """
    front = word[:_FRONT]
    yield from dict.fromkeys((front, *(front[:at] + front[at + 1 :] for at in range(len(front)))))


def meant(word: str, known: str) -> tuple[bool, int] | None:
    """How unlikely it is that a known word was meant: whether only its beginning is like, and how far it is.

    None when it is too far, and when the known word begins just so: then nothing was spelt wrongly.

    >>> meant("lgiht", "light"), meant("lanp", "lamp")
    ((False, 1), (False, 1))
    >>> meant("lihgt", "lighthouse"), meant("light", "lighthouse")
    ((True, 1), None)
    """
    most = 1 if len(word) < _FORGIVING else 2
    if (whole := _distance(word, known)) <= most:
        return False, whole
    lengths = range(len(word) - 1, min(len(word) + 2, len(known)))
    nearest = min((_distance(word, known[:length]) for length in lengths), default=most + 1)
    return (True, nearest) if 0 < nearest <= most else None


def _distance(one: str, other: str) -> int:
    """Letters left out, put in, replaced, or exchanged with their neighbour (optimal string alignment)."""
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, letter in enumerate(one, 1):
        last, row = row, [i]
        for j, against in enumerate(other, 1):
            cost = min(last[j] + 1, row[j - 1] + 1, last[j - 1] + (letter != against))
            if i > 1 and j > 1 and letter == other[j - 2] and one[i - 2] == against:
                cost = min(cost, before[j - 2] + 1)
            row.append(cost)
        before = last
    return row[-1]
