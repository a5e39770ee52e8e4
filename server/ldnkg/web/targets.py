"""What a request target names: the thing, the list, the variant. Values in, values out; no Flask.

WSGI hands over a path with its percent signs decoded (PEP 3333), so that `/doc/a/b%2Fc` and `/doc/a/b/c`
look alike, though they are different IRIs (RFC 3986, section 2.2). Many servers add the target as it was
sent; where one does not, the spellings that may have been meant are tried in turn.
"""

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, unquote, urlsplit

from ldnkg.formats import FORMATS, Format

_UNRESERVED = re.compile(r"%(2D|2E|5F|7E|3\d|[46][1-9A-F]|[57]\d|[57]A)", re.IGNORECASE)
_NON_ASCII = re.compile(r"(?:%[89A-F][0-9A-F])+", re.IGNORECASE)
_PCHAR = "/:@!$&'()*+,;=-._~"
_LIST = re.compile(r"(?P<name>.+?)/(?P<direction>incoming|outgoing)/(?P<property>.+)", re.DOTALL)


@dataclass(frozen=True)
class Target:
    """What a path below `/doc/` asks for: the thing `id/{name}`, perhaps one of its lists."""

    name: str
    direction: str | None = None
    property: str | None = None


def raw_path(environ: Mapping[str, Any]) -> str | None:
    """The path as the client sent it, below the mount point, or None if the server does not tell.

    >>> raw_path({"RAW_URI": "/kg/doc/a%2Fb?page=2", "SCRIPT_NAME": "/kg"})
    '/doc/a%2Fb'
    """
    sent: str | None = environ.get("RAW_URI") or environ.get("REQUEST_URI")
    if sent is None:
        return None
    path = sent if sent.startswith("/") else urlsplit(sent).path
    path = path.partition("?")[0].removeprefix(environ.get("SCRIPT_NAME", "")) or "/"
    return path.encode("latin-1", "replace").decode("utf-8", "replace")


def spelt(path: str, *, raw: bool) -> str:
    """A path as links spell it: of a decoded one what must be escaped is escaped again (RFC 3986, 3.3).

    >>> spelt("50%/é", raw=False), spelt("50%25", raw=True)
    ('50%25/%C3%A9', '50%25')
    """
    return quote(path, safe=_PCHAR + "%" if raw else _PCHAR, errors="surrogateescape")


def target(name: str) -> Target:
    """What stands behind `/doc/`, taken apart.

    >>> target("light/eddystone")
    Target(name='light/eddystone', direction=None, property=None)
    >>> target("keeper/henry/incoming/ex:keptBy").property
    'ex:keptBy'
    """
    found = _LIST.fullmatch(name)
    return Target(**found.groupdict()) if found else Target(name)


def split_suffix(path: str, also: Collection[Format] = ()) -> tuple[str, str | None]:
    """A path without its suffix, and the suffix, if it is that of one of our formats or `also` of these.

    >>> split_suffix("light/st.paul"), split_suffix("light/eddystone.ttl")
    (('light/st.paul', None), ('light/eddystone', 'ttl'))
    """
    for each in sorted(
        (*FORMATS, *also), key=lambda each: -len(each.suffix)
    ):  # `.linkset.json` before `.json`
        stem = path.removesuffix(f".{each.suffix}")
        if stem != path and stem:
            return stem, each.suffix
    return path, None


def spellings(name: str, *, raw: bool) -> Iterator[str]:
    """The ways an IRI may have spelt this part of a request target, likeliest first.

    A raw target is what was sent: only escapes that never change a meaning are undone (RFC 3986, section
    6.2.2; RFC 3987, section 5.3.2). A decoded one may have lost escapes: they are put back.

    >>> list(spellings("a%2Fb%41", raw=True))
    ['a%2Fb%41', 'a%2FbA']
    >>> list(spellings("light/a/b(c", raw=False))
    ['light/a/b(c', 'light/a%2Fb(c', 'light/a%2Fb%28c']
    """
    seen = set()
    for each in _as_sent(name) if raw else _as_decoded(name):
        if each not in seen:
            seen.add(each)
            yield each


def _as_sent(name: str) -> Iterator[str]:
    yield name
    plain = _UNRESERVED.sub(lambda found: unquote(found[0]), name)
    yield plain
    yield _NON_ASCII.sub(lambda found: unquote(found[0], errors="replace"), plain)


def _as_decoded(name: str) -> Iterator[str]:
    kind, slash, slug = name.partition("/")
    for safe in (_PCHAR, _PCHAR.replace("/", ""), "-._~"):
        escaped = kind + slash + quote(slug, safe=safe, errors="surrogateescape")
        yield _NON_ASCII.sub(lambda found: unquote(found[0], errors="replace"), escaped)
        yield escaped
