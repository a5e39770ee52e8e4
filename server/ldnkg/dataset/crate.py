"""A release in one file: a zip that is an RO-Crate 1.2 (w3id.org/ro/crate/1.2).

In it is what somebody needs who finds nothing but this file in an archive: the graph with its named graphs
(N-Quads), the same to read (Turtle), the tables, what the words mean and what is valid, and the descriptions.
The other formats are left out: any RDF library makes them of these. The licence is named, not copied.

The same files give the same bytes: no time is in it, and the order is that of the names.
"""

import hashlib
import json
import re
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any
from urllib.parse import quote
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from ldnkg.dataset.about import About, Agent
from ldnkg.dataset.checksums import SUMS, sums
from ldnkg.pieces import sha256

_VERSION = "https://w3id.org/ro/crate/1.2"
_METADATA, _PREVIEW = "ro-crate-metadata.json", "ro-crate-preview.html"
_START_OF_TIME = (1980, 1, 1, 0, 0, 0)
_PLAIN_FILE = 0o100644 << 16


@dataclass(frozen=True)
class Part:
    """A file that goes into the crate: its path there, the file, what it is, its address on the web."""

    path: str
    file: Path
    label: str
    media_type: str
    address: str


def crate_name(about: About, version: str) -> str:
    """The name of the zip: words of the title, and the version or release, fit for every file system.

    Of a title without Latin letters nothing is left; then it is `dataset`.
    """
    title = re.sub(r"[^a-z0-9]+", "-", about.title.lower()).strip("-")[:60] or "dataset"
    return f"{title}-{re.sub(r'[^A-Za-z0-9.+_-]+', '-', version)[:40]}.zip"


def write_crate(zipped: Path, about: About, parts: Sequence[Part]) -> None:
    """Write the zip with these parts, their description and their checksums."""
    ordered = sorted(parts, key=lambda part: part.path)
    digests = {part.path: sha256(part.file) for part in ordered}
    own = {
        _METADATA: json.dumps(_metadata(about, ordered, digests), ensure_ascii=False, indent=1) + "\n",
        _PREVIEW: _preview(about, ordered),
    }
    own[SUMS] = sums(digests | {name: _digest(text) for name, text in own.items()})
    files = {part.path: part.file for part in ordered}
    with ZipFile(zipped, "w") as archive:
        for path in sorted([*own, *files]):
            if path in own:
                archive.writestr(_entry(path), own[path])
            else:
                _add(archive, path, files[path])


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _entry(path: str) -> ZipInfo:
    entry = ZipInfo(path, _START_OF_TIME)
    entry.compress_type = ZIP_DEFLATED
    entry.create_system, entry.external_attr = 3, _PLAIN_FILE  # as on Unix, wherever it is made
    return entry


def _add(archive: ZipFile, path: str, file: Path) -> None:
    entry = _entry(path)
    entry.file_size = file.stat().st_size
    with file.open("rb") as source, archive.open(entry, "w") as target:
        shutil.copyfileobj(source, target)


def _metadata(about: About, parts: Sequence[Part], digests: Mapping[str, str]) -> dict[str, Any]:
    """The crate as JSON-LD: the descriptor, the root, its files, and what these point to.

    The specification wants a date and a licence at the root: they are those of the curators, or missing.
    """
    root: dict[str, Any] = {
        "@id": "./",
        "@type": "Dataset",
        "name": about.title,
        "description": about.description,
        "identifier": about.iri.value,
        "url": about.iri.value,
        "hasPart": [{"@id": quote(each.path)} for each in parts] + [{"@id": SUMS}],
        "datePublished": about.issued.value if about.issued else None,
        "license": {"@id": about.license.value} if about.license else None,
        "version": about.version,
        "creditText": about.citation,
        "inLanguage": list(about.languages),
        "keywords": ", ".join(about.keywords) or None,
        "author": [{"@id": each.iri} for each in about.creators],
        "publisher": [{"@id": each.iri} for each in about.publishers],
    }
    descriptor = {
        "@id": _METADATA,
        "@type": "CreativeWork",
        "about": {"@id": "./"},
        "conformsTo": {"@id": _VERSION},
    }
    preview = {
        "@id": _PREVIEW,
        "@type": "CreativeWork",
        "about": {"@id": "./"},
        "encodingFormat": "text/html",
    }
    checksums = {"@id": SUMS, "@type": "File", "name": "Checksums", "encodingFormat": "text/plain"}
    said = {name: value for name, value in root.items() if value not in (None, [])}
    files = [_file(each, digests[each.path]) for each in parts]
    return {
        "@context": f"{_VERSION}/context",
        "@graph": [descriptor, said, *files, checksums, preview, *_pointed_to(about)],
    }


def _file(part: Part, digest: str) -> dict[str, Any]:
    return {
        "@id": quote(part.path),
        "@type": "File",
        "name": part.label,
        "encodingFormat": part.media_type,
        "contentSize": str(part.file.stat().st_size),
        "sha256": digest,
        "contentUrl": part.address,
    }


def _pointed_to(about: About) -> list[dict[str, str]]:
    """The licence and the agents, each once."""
    found: dict[str, dict[str, str]] = {}
    if about.license:
        name = about.license_name or about.license.value
        found[about.license.value] = {"@id": about.license.value, "@type": "CreativeWork", "name": name}
    for agent in (*about.creators, *about.publishers):
        found[agent.iri] = _agent(agent)
    return list(found.values())


def _agent(agent: Agent) -> dict[str, str]:
    return {"@id": agent.iri, "@type": agent.role, "name": agent.name}


def _preview(about: About, parts: Sequence[Part]) -> str:
    """A page for people who have unpacked the crate."""
    facts = {
        "Version": about.version,
        "Issued": about.issued.value if about.issued else None,
        "Licence": about.license.value if about.license else None,
        "How to cite": about.citation,
        "On the web": about.iri.value,
    }
    rows = "".join(f"<dt>{name}</dt><dd>{escape(told)}</dd>\n" for name, told in facts.items() if told)
    files = "".join(
        f'<li><a href="{escape(quote(each.path))}">{escape(each.path)}</a>: {escape(each.label)}</li>\n'
        for each in parts
    )
    return (
        '<!DOCTYPE html>\n<html lang="en-GB">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(about.title)}</title>\n</head>\n<body>\n<h1>{escape(about.title)}</h1>\n"
        f"<p>{escape(about.description)}</p>\n<dl>\n{rows}</dl>\n<h2>Files</h2>\n<ul>\n{files}</ul>\n"
        f"<p>Check them with <code>sha256sum -c {SUMS}</code>.</p>\n</body>\n</html>\n"
    )
