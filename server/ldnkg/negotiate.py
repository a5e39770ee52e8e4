"""Choose the format and the content coding that a client likes best (RFC 9110, section 12)."""

import re

from ldnkg.codings import CODINGS, Coding
from ldnkg.errors import NotAcceptable
from ldnkg.formats import Format

_MEMBER = re.compile(r'(?:"(?:\\.|[^"\\])*"?|[^,"])+')
_PARAMETER = re.compile(r'(?:"(?:\\.|[^"\\])*"?|[^;"])+')
_TOKEN = re.compile(r"[!#$%&'*+.^_`|~\w-]+", re.ASCII)
_RANGE = re.compile(f"{_TOKEN.pattern}/{_TOKEN.pattern}", re.ASCII)
_QUALITY = re.compile(r"0(?:\.[0-9]{0,3})?|1(?:\.0{0,3})?")
_LONGEST = 65_536
"""A longer field is read to the last comma before here: choosing costs no more for a hostile one."""


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
    ranges = _members(accept, _RANGE)
    best = max(among, key=lambda each: _quality(each.media_type, ranges))
    if not _quality(best.media_type, ranges):
        known = ", ".join(each.media_type for each in among)
        raise NotAcceptable(f"Nothing that is accepted can be written here; ask for one of {known}.")
    return best


def negotiate_coding(accept_encoding: str | None, among: tuple[Coding, ...] = CODINGS) -> Coding | None:
    """The coding of `among` with the highest quality, or None for no coding (RFC 9110, section 12.5.3).

    Of equals the one that stands first is taken, and no coding only if it is liked better. No field accepts
    none of ours. Raises NotAcceptable when the field forbids all, and the bare body too.

    >>> negotiate_coding("gzip, deflate, br, zstd").token, negotiate_coding("gzip;q=1, br;q=0.5").token
    ('br', 'gzip')
    >>> negotiate_coding("identity") is None, negotiate_coding("gzip;q=0") is None
    (True, True)
    """
    accepted = _members((accept_encoding or "").replace("x-gzip", "gzip"), _TOKEN)
    wide = accepted.get("*", 0.0)
    best = max(among, key=lambda each: accepted.get(each.token, wide))
    quality = accepted.get(best.token, wide)
    if quality and quality >= accepted.get("identity", 0.0):
        return best
    if not accepted.get("identity", accepted.get("*", 1.0)):
        known = ", ".join(each.token for each in among)
        raise NotAcceptable(f"Nothing that is accepted can be sent here; accept one of {known}, identity.")
    return None


def _quality(media_type: str, ranges: dict[str, float]) -> float:
    """The quality of a media type by the most specific range that matches it; 0 when none does."""
    kind = media_type.partition("/")[0]
    return next((ranges[each] for each in (media_type, f"{kind}/*", "*/*") if each in ranges), 0.0)


def _members(field: str, form: re.Pattern[str]) -> dict[str, float]:
    """Each member of a list that has this form, in lower case, with its quality; of equals the best."""
    found = []
    if len(field) > _LONGEST:
        field = field[:_LONGEST].rpartition(",")[0]
    for member in _MEMBER.findall(field):
        name, _, parameters = member.partition(";")
        quality = _weight(_PARAMETER.findall(parameters))
        if form.fullmatch(name.strip()) and quality is not None:
            found.append((name.strip().lower(), quality))
    return dict(sorted(found, key=lambda each: each[1]))


def _weight(parameters: list[str]) -> float | None:
    """The quality that a member of the list says, 1 where it says none, None where it is malformed."""
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name.strip().lower() == "q":
            value = value.strip()
            return float(value) if _QUALITY.fullmatch(value) else None
    return 1.0
