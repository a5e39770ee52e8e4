"""One thing in every format: choose (RFC 9110, section 12), mark for caches, link (RFC 8288)."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from flask import Response, g, request
from pyoxigraph import NamedNode, Triple
from werkzeug.exceptions import NotFound

from ldnkg.dumps import statements
from ldnkg.formats import FORMATS, Format, serialise
from ldnkg.negotiate import negotiate
from ldnkg.signposts import Signposts, header, linkset, linkset_json, uri
from ldnkg.web.caching import FRESH, fresh, keep, quickly, settled, tag_name
from ldnkg.web.narrowing import parameters
from ldnkg.web.request import opened

__all__ = ["FRESH", "DOCUMENTS", "fresh", "graph", "negotiated", "quickly", "variant", "variants"]

DOCUMENTS = tuple(each for each in FORMATS if each.kind != "dataset")
"""The formats of every document."""


def negotiated(
    path: str,
    suffix: str | None,
    body: Callable[[Format], str | bytes],
    among: tuple[Format, ...] = DOCUMENTS,
    signposts: Callable[[Signposts], Signposts] = lambda plain: plain,
) -> Response:
    """The answer for what stands at `path` (below the mount point, as it is spelt in links, without suffix).

    `body` writes it in any format but a link set, and `signposts` adds to the links that every page has; both
    are called only when the client's copy is not good any more (else 304). Raises NotAcceptable, and NotFound
    for a suffix that is none of `among`.
    """
    g.variants = variants(path, among)
    format_ = _chosen(suffix, among)
    response = Response(mimetype=format_.media_type)
    if suffix is None:
        response.content_location = variant(path, format_)
        if "format" not in request.args:
            response.vary.add("Accept")
    name = tag_name(format_, negotiated=suffix is None and "format" not in request.args)
    if settled(response, name, by_language=format_.worded):
        return response
    told = signposts(_plain(path, among))
    links = told.links(format_)
    g.signposts = [replace(each, target=uri(each.target)) for each in links]
    for value in header(links, opened().base):
        response.headers.add("Link", value)
    if format_.kind != "links":
        return keep(response, body(format_))
    write = linkset if format_.suffix == "linkset" else linkset_json
    return keep(response, write(told.everything()))


def graph(triples: Iterable[Triple], format_: Format, first: NamedNode) -> bytes:
    """Triples in one of the RDF formats, or as a table of the statements about `first`."""
    here = opened()
    if format_.kind == "table":
        return statements(list(triples), here.prefixes, first)
    return serialise(triples, format_, prefixes=here.prefixes, context=here.context, first=first)


def variants(path: str, among: tuple[Format, ...] = DOCUMENTS) -> list[tuple[Format, str]]:
    """Each format of what stands at `path`, with its own address."""
    return [(each, variant(path, each)) for each in among]


def variant(path: str, format_: Format) -> str:
    """The address of one variant, with all that this request asks for besides the format."""
    return f"{request.script_root}{path}.{format_.suffix}{parameters()}"


def address(path: str) -> str:
    """The whole address of what stands at a path below the mount point."""
    return opened().base[:-1] + path


def iris(nodes: Iterable[object]) -> Sequence[str]:
    """The IRIs among some terms."""
    return tuple(each.value for each in nodes if isinstance(each, NamedNode))


def _plain(path: str, among: tuple[Format, ...]) -> Signposts:
    """What every document tells about itself."""
    dataset = opened().dataset
    return Signposts(
        page=address(path) + parameters(),
        variants=[(each, f"{address(path)}.{each.suffix}{parameters()}") for each in among],
        license=dataset.license.value if dataset.license else None,
        authors=iris(dataset.creators),
        describedby=(address("/dataset"),),
    )


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
