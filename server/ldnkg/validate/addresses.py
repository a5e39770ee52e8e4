"""Names of things that no request, or not every server, can tell apart (RFC 3986, sections 2 and 6)."""

import re
from collections import defaultdict
from collections.abc import Iterator
from urllib.parse import quote, unquote_to_bytes

from ldnkg.formats import FORMATS
from ldnkg.sources import Problem
from ldnkg.validate.index import Index

_ESCAPE = re.compile("%[0-9A-Fa-f]{2}")
_UNRESERVED = re.compile(r"[A-Za-z0-9._~-]")
_LIST = re.compile("/(?:incoming|outgoing)/")


def check(index: Index) -> Iterator[Problem | None]:
    """A problem for each thing whose address leads elsewhere, or to nothing that a client can reach."""
    things = {iri: iri.removeprefix(index.base + "id/") for iri in index.files if _is_thing(iri, index.base)}
    for iri, sentence in [*_spelling(things), *_shared(things), *_taken(things)]:
        yield index.problem("address", sentence, iri)


def _is_thing(iri: str, base: str) -> bool:
    return iri.startswith(base + "id/") and "#" not in iri


def _spelling(things: dict[str, str]) -> Iterator[tuple[str, str]]:
    """Escapes and segments that clients rewrite before they ask."""
    for iri, name in things.items():
        for escape in _ESCAPE.findall(name):
            if escape != escape.upper() or _UNRESERVED.fullmatch(chr(int(escape[1:], 16))):
                due = quote(unquote_to_bytes(escape), safe="-._~")
                yield iri, f"Clients write {due} for the {escape} in <{iri}>; write it so too."
        if {".", ".."} & set(name.split("/")):
            yield iri, f"Clients take the dots out of <{iri}> before they ask; name it otherwise."


def _shared(things: dict[str, str]) -> Iterator[tuple[str, str]]:
    """Names that are one when their escapes are undone, as many servers do."""
    same = defaultdict(list)
    for iri, name in things.items():
        same[unquote_to_bytes(name)].append(iri)
    for first, *others in same.values():
        for iri in others:
            yield iri, f"Servers that undo escapes cannot tell <{iri}> from <{first}>; rename one."


def _taken(things: dict[str, str]) -> Iterator[tuple[str, str]]:
    """Names that are the address of a variant or of a list of another thing."""
    for iri in things:
        for each in FORMATS:
            if (other := iri.removesuffix(f".{each.suffix}")) != iri and other in things:
                yield iri, f"<{iri}> is where <{other}> is written as {each.label}; rename one."
        for found in _LIST.finditer(iri):
            if (other := iri[: found.start()]) in things:
                yield iri, f"<{iri}> is the address of a list of <{other}>; rename one."
