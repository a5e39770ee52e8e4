"""Choose the format that an Accept header likes best (RFC 9110, section 12)."""

import re
from collections.abc import Iterator

from ldnkg.errors import NotAcceptable
from ldnkg.formats import Format

_MEMBER = re.compile(r'(?:"(?:\\.|[^"\\])*"?|[^,"])+')
_PARAMETER = re.compile(r'(?:"(?:\\.|[^"\\])*"?|[^;"])+')
_RANGE = re.compile(r"([!#$%&'*+.^_`|~\w-]+)/([!#$%&'*+.^_`|~\w-]+)", re.ASCII)
_QUALITY = re.compile(r"0(?:\.[0-9]{0,3})?|1(?:\.0{0,3})?")
_LONGEST = 8192
"""A longer field is read to here: choosing costs no more for a hostile one."""


def negotiate(accept: str | None, among: tuple[Format, ...]) -> Format:
    """The format of `among` with the highest quality; of equals, the one that stands first there.

    The most specific range counts for a format (RFC 9110, section 12.5.1). Parameters other than `q` are
    ignored, and so is a member of the list that is malformed. No field, or an empty one, accepts everything.
    Raises NotAcceptable when the field accepts none of them.

    >>> from ldnkg.formats import FORMATS
    >>> negotiate("text/html;q=0, */*", FORMATS).suffix
    'ttl'
    >>> negotiate('application/ld+json;profile="http://www.w3.org/ns/json-ld#compacted"', FORMATS).suffix
    'jsonld'
    """
    if accept is None or not accept.strip():
        return among[0]
    ranges = dict(_ranges(accept[:_LONGEST]))
    best = max(among, key=lambda each: _quality(each.media_type, ranges))
    if not _quality(best.media_type, ranges):
        known = ", ".join(each.media_type for each in among)
        raise NotAcceptable(f"Nothing that is accepted can be written here; ask for one of {known}.")
    return best


def _quality(media_type: str, ranges: dict[str, float]) -> float:
    """The quality of a media type by the most specific range that matches it; 0 when none does."""
    kind = media_type.partition("/")[0]
    return next((ranges[each] for each in (media_type, f"{kind}/*", "*/*") if each in ranges), 0.0)


def _ranges(accept: str) -> Iterator[tuple[str, float]]:
    """Each media range in lower case with its quality, the worst first, so that of equals the best stays."""
    found = []
    for member in _MEMBER.findall(accept):
        media_range, _, parameters = member.partition(";")
        quality = _weight(_PARAMETER.findall(parameters))
        if _RANGE.fullmatch(media_range.strip()) and quality is not None:
            found.append((media_range.strip().lower(), quality))
    yield from sorted(found, key=lambda each: each[1])


def _weight(parameters: list[str]) -> float | None:
    """The quality that a member of the list says, 1 where it says none, None where it is malformed."""
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name.strip().lower() == "q":
            value = value.strip()
            return float(value) if _QUALITY.fullmatch(value) else None
    return 1.0
