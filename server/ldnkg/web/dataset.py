"""The dataset as a whole: its description (DCAT 3, VoID) and its files to download."""

from dataclasses import dataclass, replace
from pathlib import Path

from flask import Blueprint, Response, redirect, render_template, send_file, url_for
from pyoxigraph import Triple
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response as AnyResponse

from ldnkg.formats import FORMATS, Format
from ldnkg.signposts import Signposts
from ldnkg.web import answers
from ldnkg.web.request import node, opened

blueprint = Blueprint("dataset", __name__)

_TOLD = (".ttl", ".json", ".jsonld")


@dataclass(frozen=True)
class File:
    """A file of the release: where it is in the folder, its size and its SHA-256 in hex."""

    path: str
    bytes: int
    sha256: str


@blueprint.get("/dataset", defaults={"suffix": None})
@blueprint.get("/dataset.<suffix>")
def about(suffix: str | None) -> Response:
    """What the dataset is, its numbers and its files."""
    here = node("dataset")

    def body(format_: Format) -> str | bytes:
        if format_.kind == "page":
            return render_template("dataset.html", files=_files(), variants=answers.variants("/dataset"))
        return answers.graph(_description(), format_, here)

    def signposts(plain: Signposts) -> Signposts:
        files = tuple(answers.address(url_for("dataset.download", name=name)) for name in _files())
        return replace(plain, cite_as=here.value, describedby=(), items=files)

    return answers.negotiated("/dataset", suffix, body, signposts=signposts)


@blueprint.get("/.well-known/void")
def void() -> AnyResponse:
    """Where programs look for a VoID description (VoID, section 7.2)."""
    return redirect(url_for("dataset.about"), 303)


@blueprint.get("/download/<path:name>")
def download(name: str) -> Response:
    """One file of the release, whole or in ranges of bytes (RFC 9110, section 14)."""
    file = _files().get(name)
    if file is None:
        raise NotFound(f"This release has no file {name} to download; see {url_for('dataset.about')}.")
    response = send_file(
        opened().release.path / file.path, mimetype=_media_type(name), conditional=True, etag=file.sha256
    )
    response.cache_control.public = True
    response.cache_control.max_age = answers.FRESH
    return response


def _files() -> dict[str, File]:
    """The files to download, by name: the dumps, and what the release says about itself."""
    told = opened().release.manifest["files"]
    paths = [path for path in told if path.startswith("dumps/") or "/" not in path and path.endswith(_TOLD)]
    return {Path(path).name: File(path, told[path]["bytes"], told[path]["sha256"]) for path in sorted(paths)}


def _description() -> list[Triple]:
    """The named graph that describes the dataset."""
    query = f"SELECT ?s ?p ?o WHERE {{ GRAPH <{opened().base}graph/dataset> {{ ?s ?p ?o }} }}"
    return [Triple(row["s"], row["p"], row["o"]) for row in opened().store.select(query)]  # type: ignore[arg-type]


def _media_type(name: str) -> str:
    suffix = name.rpartition(".")[2]
    own = {each.suffix: each.media_type for each in FORMATS} | {
        "gz": "application/gzip",
        "json": "application/json",
    }
    return own.get(suffix, "application/octet-stream")
