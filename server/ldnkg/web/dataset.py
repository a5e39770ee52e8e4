"""The dataset as a whole: its description (DCAT 3, VoID, Croissant) and its files to download."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from flask import Blueprint, Response, redirect, render_template, request, url_for
from markupsafe import Markup
from pyoxigraph import Triple
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response as AnyResponse

from ldnkg.formats import Format
from ldnkg.iris import PREFIXES, local_name
from ldnkg.signposts import Link, Signposts, header
from ldnkg.web import answers
from ldnkg.web.caching import public
from ldnkg.web.conditional import file as whole_or_part
from ldnkg.web.files import File, files, find
from ldnkg.web.request import node, opened

blueprint = Blueprint("dataset", __name__)

_GROUPS = (
    ("graph", "The whole graph"),
    ("release", "Everything at once, and checksums"),
    ("table", "Tables"),
    ("description", "Descriptions"),
)


@dataclass(frozen=True)
class Sizes:
    """How many statements are where, as the release tells it: `described` are those that no dump has.

    `repeated` is how much more the named graphs have in all than there are different statements.
    """

    graphs: Mapping[str, int]
    total: int
    described: int
    repeated: int


@blueprint.get("/dataset", defaults={"suffix": None})
@blueprint.get("/dataset.<suffix>")
def about(suffix: str | None) -> Response:
    """What the dataset is, its numbers and its files."""
    here = node("dataset")

    def body(format_: Format) -> str | bytes:
        if format_.kind == "page":
            return _page()
        return answers.graph(_description(), format_, here)

    def signposts(plain: Signposts) -> Signposts:
        items = tuple(each.address for each in files())
        return replace(plain, cite_as=here.value, describedby=(), items=items)

    return answers.negotiated("/dataset", suffix, body, signposts=signposts)


@blueprint.get("/.well-known/void")
def void() -> AnyResponse:
    """Where programs look for a VoID description (VoID, section 7.2)."""
    return redirect(url_for("dataset.about"), 303)


@blueprint.get("/graph/<path:name>")
def graph(name: str) -> AnyResponse:
    """Where the description of the dataset tells of a named graph, by the name of that graph."""
    if f"{opened().base}graph/{name}" not in opened().release.manifest["graphs"]:
        raise NotFound(
            f"The dataset has no graph of this name; {url_for('dataset.about')} lists those it has."
        )
    return redirect(url_for("dataset.about", _anchor=f"graph-{name}"), 303)


@blueprint.get("/download/<path:name>")
def download(name: str) -> AnyResponse:
    """One file of the release, whole or a range of its bytes, in the coding that the client likes best.

    The tag is the checksum of what is sent, so it differs by coding, and stays when a later release has the
    same file. Ranges are of the coded bytes (RFC 9110, section 14.1).
    """
    file = find(name)
    if file is None:
        raise NotFound(f"This release has no file {name} to download; see {url_for('dataset.about')}.")
    sent = file.accepted(request.headers.get("Accept-Encoding"))
    return whole_or_part(_described(Response(mimetype=file.media_type), file, sent), sent.path)


def _described(response: AnyResponse, file: File, sent: File) -> AnyResponse:
    """The response with what caches and followers of links have to know."""
    response.set_etag(sent.sha256)
    response.last_modified = opened().modified
    public(response)
    if file.siblings:
        response.vary.add("Accept-Encoding")
    if sent is not file and sent.coding:
        response.headers["Content-Encoding"] = sent.coding.token
    links = [Link(answers.address("/dataset"), relation) for relation in ("collection", "describedby")]
    if license_ := opened().dataset.license:
        links.append(Link(license_.value, "license"))
    for value in header(links, opened().base):
        response.headers.add("Link", value)
    return response


def _page() -> str:
    """The files by what they are, and the Croissant description for programs that read pages."""
    listed = files()
    groups = [(title, [each for each in listed if each.kind == kind]) for kind, title in _GROUPS]
    return render_template(
        "dataset.html",
        groups=[(title, found) for title, found in groups if found],
        graphs=[(each, local_name(each)) for each in opened().release.manifest["graphs"]],
        sizes=_sizes(),
        croissant=_embedded(listed),
        variants=answers.variants("/dataset"),
    )


def _sizes() -> Sizes | None:
    """The sizes of the named graphs by their IRI; None where the release does not tell them."""
    rows = opened().store.select(f"""
        PREFIX sd: <{PREFIXES["sd"]}>
        PREFIX void: <{PREFIXES["void"]}>
        SELECT ?name ?size {{
            {{ ?graph sd:name ?name ; sd:graph/void:triples ?size }}
            UNION {{ <{opened().base}sparql#dataset> sd:defaultGraph/void:triples ?size }}
        }}
    """)
    told = {getattr(row.get("name"), "value", None): int(getattr(row["size"], "value", 0)) for row in rows}
    union = told.pop(None, None)
    if union is None:
        return None
    graphs = {name: size for name, size in told.items() if name}
    total, dumped = sum(graphs.values()), opened().release.manifest["counts"]["triples"]
    return Sizes(graphs, total, described=union - dumped, repeated=total - union)


def _embedded(listed: list[File]) -> Markup:
    """Croissant as JSON that cannot leave its element: no `<`, `>` or `&` (HTML, section 4.12.1.3)."""
    (file,) = (each for each in listed if each.name == "croissant.json")
    told = json.loads(file.path.read_text(encoding="utf-8"))
    text = json.dumps(told, ensure_ascii=False, separators=(",", ":"))
    for unsafe in "<>&":
        text = text.replace(unsafe, f"\\u{ord(unsafe):04x}")
    return Markup(text)  # noqa: S704 - made safe above


def _description() -> Iterator[Triple]:
    """The named graph that describes the dataset."""
    query = f"SELECT ?s ?p ?o WHERE {{ GRAPH <{opened().base}graph/dataset> {{ ?s ?p ?o }} }}"
    for row in opened().store.select(query):
        yield Triple(row["s"], row["p"], row["o"])  # type: ignore[arg-type]
