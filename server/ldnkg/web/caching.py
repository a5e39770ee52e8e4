"""Validators, content codings and remembered answers (RFC 9110, sections 8 and 13; RFC 9111).

A release never changes, so an answer depends on the release, the software, the address and what was
negotiated. All of that is in its tag: whether a client's copy is still good is known without the store, and
an answer that was made once is kept by its tag.
"""

import hashlib
from collections.abc import Callable
from functools import wraps
from urllib.parse import quote

from flask import Flask, Response, g, request
from werkzeug.datastructures import Headers
from werkzeug.wrappers import Response as AnyResponse

from ldnkg import __version__
from ldnkg.cache import Kept
from ldnkg.codings import Coding
from ldnkg.errors import NotAcceptable
from ldnkg.formats import Format
from ldnkg.negotiate import negotiate, negotiate_coding
from ldnkg.web.conditional import conditional
from ldnkg.web.narrowing import parameters
from ldnkg.web.request import languages, opened, sent_below
from ldnkg.web.targets import split_suffix

_View = Callable[..., AnyResponse]

FRESH = 300
"""Seconds for which a copy may be used without asking."""
_STALE = 86_400
"""Seconds for which a copy may be used while a new one is fetched, or cannot be had (RFC 5861)."""
LASTING = f"public, max-age={FRESH}, stale-while-revalidate={_STALE}, stale-if-error={_STALE}"
"""What caches may do with an answer of a release (RFC 9111, section 5.2.2)."""
SMALL = 500
"""What is not kept is compressed from so many bytes on."""


def register(app: Flask) -> None:
    """Compress whatever was not compressed on the way."""
    app.after_request(_compressed)


def quickly(among: tuple[Format, ...]) -> Callable[[_View], _View]:
    """Let a view that negotiates `among` answer from memory, or with 304, before it looks into the store."""

    def decorated(view: _View) -> _View:
        @wraps(view)
        def answer(**values: str) -> AnyResponse:
            return _known(among) or view(**values)

        return answer

    return decorated


def settled(response: Response, variant: str, *, by_language: bool = False) -> bool:
    """Give the response its validators; whether nothing is left to do: it is 304, or remembered.

    `variant` tells the answers at this address apart, but for the language of its words and the coding.
    """
    _validate(response, variant, by_language=by_language)
    return _done(response)


def confirmed(response: Response, variant: str, *, by_language: bool = False) -> bool:
    """As `settled`, for an answer that may fail instead: only a copy with this very tag makes it 304.

    Only a success has a tag, so whoever sends it had one. `*` and dates say nothing of that: what they ask
    is to be answered when it is known that there is an answer (`conditional`).
    """
    _validate(response, variant, by_language=by_language)
    asked = request.if_none_match
    named = not asked.star_tag and asked.contains_weak(g.tag)
    return (named or opened().answers.get(g.tag) is not None) and _done(response)


def passing() -> None:
    """Let the answer to this request hold for it alone: what it lacks may be there the next time."""
    g.passing = True


def keep(response: Response, body: str | bytes) -> Response:
    """The response with its body, compressed as was negotiated, and remembered if it is not `passing`."""
    data = body.encode() if isinstance(body, str) else body
    if coding := _coding():
        data = coding.quick(data)
        response.headers["Content-Encoding"] = coding.token
    response.set_data(data)
    if "passing" in g:
        del response.headers["ETag"], response.headers["Cache-Control"]
        response.cache_control.no_store = True
        return response
    opened().answers.put(g.tag, Kept(tuple(response.headers), data))
    return response


def fresh(
    response: Response, name: str, body: Callable[[], str | bytes], *, by_language: bool = False
) -> Response:
    """The response with its validators, and its body if the client has not got it."""
    return response if settled(response, name, by_language=by_language) else keep(response, body())


def validated(response: Response) -> Response:
    """The response with a tag made from its bytes, for what does not depend on the release alone."""
    digest = hashlib.sha256(response.get_data()).hexdigest()[:32]
    response.set_etag(f"{digest}-{_coded()}")
    response.vary.add("Accept-Encoding")
    public(response)
    conditional(response)
    return response


def tag_name(format_: Format, *, negotiated: bool) -> str:
    """How a variant is called in tags. An address with a suffix may be that of a thing called so, too."""
    return f"any.{format_.suffix}" if negotiated else format_.suffix


def _known(among: tuple[Format, ...]) -> Response | None:
    """The remembered answer, or 304, for a request whose variant can be told from itself."""
    sent, _ = sent_below("/")
    if not sent.isascii() or "%" in sent:  # which of several spellings is meant only the store can tell
        return None
    path, suffix = split_suffix(sent, among)
    wanted = suffix or request.args.get("format")
    try:
        format_ = (
            _named(wanted, among) if wanted is not None else negotiate(request.headers.get("Accept"), among)
        )
    except NotAcceptable:
        return None
    if format_ is None:
        return None
    response = Response(mimetype=format_.media_type)
    if suffix is None:
        where = quote(f"{request.script_root}/{path}", safe="/:@!$&'()*+,;=-._~")
        response.content_location = f"{where}.{format_.suffix}{parameters()}"
        if wanted is None:
            response.vary.add("Accept")
    name, by_language = tag_name(format_, negotiated=wanted is None), format_.worded
    tag = _tag(name, by_language=by_language)
    has_it = not request.if_none_match.star_tag and request.if_none_match.contains_weak(tag)
    if not has_it and opened().answers.get(tag) is None:
        return None
    return response if settled(response, name, by_language=by_language) else None


def _named(suffix: str, among: tuple[Format, ...]) -> Format | None:
    return next((each for each in among if each.suffix == suffix), None)


def _tag(variant: str, *, by_language: bool) -> str:
    """The strong validator of an answer: release, software, variant, languages, coding, address."""
    sent, _ = sent_below("/")
    spoken = [quote(each, safe="") for each in languages()] if by_language else []
    return tag(opened().release.id, "-".join([variant, *spoken]), _coded(), f"{sent}{parameters()}")


def tag(release: str, variant: str, coded: str, address: str) -> str:
    """The tag of an answer of a release, in one coding, at an address."""
    digest = hashlib.sha256(address.encode("utf-8", "surrogateescape")).hexdigest()[:16]
    return "-".join([release, __version__, variant, coded, digest])


def _validate(response: Response, variant: str, *, by_language: bool) -> None:
    """Give the response its tag and its date, and let it be kept."""
    response.vary.add("Accept-Encoding")
    if by_language:
        response.vary.add("Accept-Language")
    g.tag = _tag(variant, by_language=by_language)
    response.set_etag(g.tag)
    response.last_modified = opened().modified
    public(response)


def _done(response: Response) -> bool:
    """Whether a response with its validators is 304, or remembered and therefore filled."""
    if conditional(response).status_code == 304:
        return True
    kept = opened().answers.get(g.tag)
    if kept:
        _repeat(response, kept)
    return kept is not None


def _coding() -> Coding | None:
    """The content coding of this answer (raises NotAcceptable when even no coding is forbidden)."""
    if "coding" not in g:
        g.coding = negotiate_coding(request.headers.get("Accept-Encoding"))
    coding: Coding | None = g.coding
    return coding


def _coded() -> str:
    """How the coding of this answer is called in tags."""
    coding = _coding()
    return coding.token if coding else "identity"


def public(response: AnyResponse) -> None:
    """Let any cache keep the response for a while."""
    response.headers["Cache-Control"] = LASTING


def _repeat(response: Response, kept: Kept) -> None:
    """Fill a response with one that was made before."""
    response.headers = Headers(kept.headers)
    response.set_data(kept.body)


def _compressed(response: Response) -> Response:
    """Compress an answer that is not kept: an error, a result. Files come with their codings."""
    if response.direct_passthrough or response.is_streamed or response.status_code in (204, 206, 304):
        return response
    response.vary.add("Accept-Encoding")
    try:
        coding = _coding()
    except NotAcceptable:
        coding = None
    if coding and "Content-Encoding" not in response.headers and len(response.get_data()) >= SMALL:
        response.set_data(coding.quick(response.get_data()))
        response.headers["Content-Encoding"] = coding.token
    return response
