"""What of a release can be downloaded: the dumps, what describes them, all in one zip, and the checksums."""

import json
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from pyoxigraph import NamedNode

from ldnkg import turtle
from ldnkg.dataset import SUMS, Part, crate_name, croissant, download, sums, write_crate
from ldnkg.dumps import Dump, Kind, pack, things_by_segment
from ldnkg.pieces import sha256
from ldnkg.release.graph import Graph

_TURTLE, _JSON_LD, _JSON = "text/turtle", "application/ld+json", "application/json"
_DESCRIPTIONS = (
    ("dataset.ttl", "The dataset and its files, DCAT 3", _TURTLE),
    ("void.ttl", "The graph in numbers, VoID", _TURTLE),
    ("croissant.json", "The tables and their columns, Croissant 1.0", _JSON_LD),
    ("ontology.ttl", "Ontology, closed lists and alignments, Turtle", _TURTLE),
    ("shapes.ttl", "Shapes, SHACL", _TURTLE),
    ("context.jsonld", "Context of our JSON-LD", _JSON_LD),
    ("report.ttl", "Validation report, SHACL", _TURTLE),
    ("report.json", "Validation report, JSON", _JSON),
)
_WORDS = {"ontology.ttl": ("ontology", "vocabulary", "alignments"), "shapes.ttl": ("shapes",)}
"""The named graphs of which these files are made."""
_PACKED = ("graph.nq", "graph.ttl")
"""The dumps of the whole graph that go into the zip."""


def described_files(folder: Path, graph: Graph, dumps: Sequence[Dump]) -> list[Dump]:
    """Write what describes the dumps and is not yet in the folder, and tell of all descriptions."""
    for name, parts in _WORDS.items():
        graphs = (NamedNode(f"{graph.base}graph/{part}") for part in parts)
        triples = [quad.triple for quad in graph.quads.within(*graphs)]
        (folder / name).write_text(turtle.write(triples, graph.prefixes), encoding="utf-8")
    (folder / "context.jsonld").write_text(graph.context, encoding="utf-8")
    told = json.dumps(_croissant(graph, dumps), ensure_ascii=False, indent=1)
    (folder / "croissant.json").write_text(told + "\n", encoding="utf-8")
    return [
        file
        for name, label, media_type in _DESCRIPTIONS
        for file in pack(folder / name, label, "description", media_type)
    ]


def pack_release(folder: Path, graph: Graph, files: Sequence[Dump]) -> Iterator[Dump]:
    """Write the zip and then the checksums of everything, and tell of both."""
    archive = folder / crate_name(graph.about, graph.edition)
    write_crate(archive, graph.about, list(_parts(folder, graph, files)))
    yield _single(archive, "Release as an RO-Crate 1.2, zip", "release", "application/zip")
    digests = {each.name: each.sha256 for each in files} | {archive.name: sha256(archive)}
    (folder / SUMS).write_text(sums(digests), encoding="utf-8")
    yield _single(folder / SUMS, "Checksums of all files, for sha256sum", "release", "text/plain")


def listed(folder: Path, files: Sequence[Dump]) -> list[dict[str, Any]]:
    """The files as the manifest tells of them, each with its compressed siblings.

    `path` is where a file is in the folder, `bytes` its size, `sha256` its checksum in hex.
    """
    return [
        {
            "name": each.name,
            "label": each.label,
            "kind": each.kind,
            "media_type": each.media_type,
            **_told(folder, each),
            "siblings": [
                {"name": other.name, "coding": other.coding.token, **_told(folder, other)}
                for other in files
                if other.coding and other.name == f"{each.name}.{other.coding.suffix}"
            ],
        }
        for each in files
        if each.coding is None
    ]


def _told(folder: Path, file: Dump) -> dict[str, Any]:
    path = _where(folder, file).relative_to(folder)
    return {"path": str(path), "bytes": file.bytes, "sha256": file.sha256}


def _croissant(graph: Graph, dumps: Sequence[Dump]) -> dict[str, Any]:
    tables = things_by_segment(graph.triples, graph.base)
    return croissant(graph.about, dumps, tables, graph.triples, graph.base, graph.prefixes)


def _parts(folder: Path, graph: Graph, files: Iterable[Dump]) -> Iterator[Part]:
    """What goes into the zip; why, says ldnkg.dataset.crate."""
    for each in files:
        if each.coding or (each.kind == "graph" and each.name not in _PACKED):
            continue
        path = f"tables/{each.name}" if each.kind == "table" else each.name
        address = download(each.name, graph.base).value
        yield Part(path, _where(folder, each), each.label, each.media_type, address)


def _where(folder: Path, file: Dump) -> Path:
    """Dumps have a folder of their own, as there can be a type of thing of any name."""
    return folder / "dumps" / file.name if file.kind in ("graph", "table") else folder / file.name


def _single(file: Path, label: str, kind: Kind, media_type: str) -> Dump:
    return Dump(file.name, label, kind, media_type, file.stat().st_size, sha256(file))
