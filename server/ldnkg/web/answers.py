"""One thing in every format: choose (RFC 9110, section 12), mark for caches (RFC 9111), link (RFC 8288)."""

from collections.abc import Callable, Iterable
from urllib.parse import quote, urlencode

from flask import Response, g, request
from pyoxigraph import NamedNode, Triple
from werkzeug.exceptions import NotFound

from ldnkg import __version__
from ldnkg.formats import FORMATS, Format, serialise
from ldnkg.negotiate import negotiate
from ldnkg.web.request import languages, opened

THINGS = tuple(each for each in FORMATS if each.kind in ("page", "graph"))
"""The formats of a thing."""
LISTS = tuple(each for each in FORMATS if each.kind in ("page", "graph", "table"))
"""The formats of a list: a thing has more to say than a table holds."""

FRESH = 300
"""Seconds for which a copy may be used without asking."""
_HEADER_SAFE = "%/:?#@!$&()*+,;=-._~"


def negotiated(
    path: str,
    suffix: str | None,
    body: Callable[[Format], str | bytes],
    among: tuple[Format, ...] = THINGS,
    about: NamedNode | None = None,
) -> Response:
    """The answer for what stands at `path` (below the mount point, as it is spelt in links, without suffix).

    `body` writes it, and is not called when the client's copy is still good (304). Raises NotAcceptable, and
    NotFound for a suffix that is none of `among`.
    """
    g.variants = variants(path, among)
    format_ = _chosen(suffix, among)
    response = Response(mimetype=format_.media_type)
    if suffix is None:
        response.content_location = variant(path, format_)
        if "format" not in request.args:
            response.vary.add("Accept")
    for where, relation in _links(path, among, about):
        response.headers.add("Link", f"<{quote(where, safe=_HEADER_SAFE)}>; {relation}")
    return fresh(response, format_.suffix, lambda: body(format_), by_language=format_.kind == "page")


def fresh(
    response: Response, name: str, body: Callable[[], str | bytes], *, by_language: bool = False
) -> Response:
    """The response with its validator, and its body if the client has not got it (RFC 9110, section 13)."""
    if by_language:
        response.vary.add("Accept-Language")
        name = "-".join([name, *(quote(tag, safe="") for tag in languages())])
    response.set_etag(f"{opened().release.id}-{__version__}-{name}")
    response.cache_control.public = True
    response.cache_control.max_age = FRESH
    response.make_conditional(request)
    if response.status_code != 304:
        response.set_data(body())
    return response


def graph(triples: Iterable[Triple], format_: Format, first: NamedNode | None = None) -> bytes:
    """Triples in one of the RDF formats, with the prefixes and the context of this release."""
    here = opened()
    return serialise(triples, format_, prefixes=here.prefixes, context=here.context, first=first)


def variants(path: str, among: tuple[Format, ...] = THINGS) -> list[tuple[Format, str]]:
    """Each format of what stands at `path`, with its own address."""
    return [(each, variant(path, each)) for each in among]


def variant(path: str, format_: Format) -> str:
    """The address of one variant, with the query of this request but for the format."""
    query = urlencode([(key, value) for key, value in request.args.items(multi=True) if key != "format"])
    return f"{request.script_root}{path}.{format_.suffix}{'?' if query else ''}{query}"


def _chosen(suffix: str | None, among: tuple[Format, ...]) -> Format:
    """The format to answer in: the suffix beats `?format=`, which beats Accept."""
    wanted = suffix or request.args.get("format")
    if wanted is None:
        return negotiate(request.headers.get("Accept"), among)
    for each in among:
        if each.suffix == wanted:
            return each
    raise NotFound(
        f"There is no variant {wanted!r}: choose one of {', '.join(each.suffix for each in among)}."
    )


def _links(path: str, among: tuple[Format, ...], about: NamedNode | None) -> Iterable[tuple[str, str]]:
    """Where to go from here: the other formats, the thing itself, the dataset and its licence."""
    for each in among:
        yield variant(path, each), f'rel="alternate"; type="{each.media_type}"'
    yield f"{request.script_root}/dataset", 'rel="describedby"'
    if about is not None:
        yield about.value, 'rel="cite-as"'
    if license_ := opened().dataset.license:
        yield license_.value, 'rel="license"'
