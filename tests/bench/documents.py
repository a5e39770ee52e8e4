"""Documents over HTTP: how many a second, beside a constant body and nginx, and how long the first time."""

import json
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

from bench import peers
from bench.client import Client, Got
from bench.constant import FIELDS
from bench.figures import Times
from bench.load import Load, Rate
from bench.peers import Endpoint, Place
from bench.tools import Missing

from ldnkg.release import current
from ldnkg.store import open_release

ACCEPT = {"html": "text/html", "ttl": "text/turtle", "jsonld": "application/ld+json"}
NAMES = {"html": "HTML", "ttl": "Turtle", "jsonld": "JSON-LD"}
CODED = {"Accept-Encoding": "br"}
ALIKE = ", same fields"
"""Behind the name of a server that sends a body with all the header fields of the document."""
EXPORT, CHOSEN = "export behind nginx", "export behind nginx, negotiated"
FILES = "nginx, as the export"
"""nginx that sends the bytes and header fields of the export as plain files."""
_OWN = frozenset("connection content-length content-type date server server-timing".split())
"""The fields that a server makes itself, and one that is not the same each time."""
_TURNS = 3
"""So often in a round are the document and what bounds its rate asked for in turn, others once."""
_SKIPPED = 3
"""First answers of a server that do not count: its modules and templates are loaded with them."""


@dataclass
class Documents:
    """What was measured: `warm` by server and format, `cold` by format; why a peer is `missing`."""

    path: str = ""
    sizes: dict[str, int] = field(default_factory=dict)
    warm: dict[tuple[str, str], Rate] = field(default_factory=dict)
    cold: dict[str, Times] = field(default_factory=dict)
    missing: dict[str, str] = field(default_factory=dict)

    def of(self, server: str, format_: str) -> Rate:
        """The rate of a server in a format, to be measured or measured."""
        return self.warm.setdefault((server, format_), Rate())


def measure(
    found: Documents,
    place: Place,
    sources: Path,
    releases: Path,
    load: Load,
    rounds: int,
    wanted: frozenset[str],
) -> Iterator[str]:
    """Fill `found`, round after round, each server in turn; says what is being done."""
    paths = documents(releases, "condition", "trial")
    for number in range(rounds):
        with ExitStack() as stack:
            site = stack.enter_context(peers.ours(place, sources, releases))
            yield f"documents, round {number + 1} of {rounds}: cold"
            _cold(found, site, paths, number)
            _choose(found, site, paths, place.work / "bodies")
            servers = _servers(found, stack, place, wanted)
            both = _export(found, stack, place, releases, wanted)
            for format_, accept in ACCEPT.items():
                yield f"documents, round {number + 1} of {rounds}: {NAMES[format_]}"
                headers = {"Accept": accept, **CODED}
                known = headers | {"If-None-Match": Client(site.port).get(found.path, headers).header("ETag")}
                for turn in range(_TURNS):
                    load.run(found.of("ldnkg", format_), site.port, site.pid, found.path, headers)
                    load.run(found.of("304", format_), site.port, site.pid, found.path, known)
                    asked = servers if turn == 0 else {"constant": servers["constant"]}
                    _constants(found, load, format_, headers, asked)
                if both:
                    export, files = both
                    where = f"{found.path}.{format_}"
                    load.run(found.of(FILES, format_), files.port, files.pid, f"/{FIELDS}/{format_}", CODED)
                    load.run(found.of(EXPORT, format_), export.port, export.pid, where, CODED)
                    load.run(found.of(CHOSEN, format_), export.port, export.pid, found.path, headers)


def _constants(
    found: Documents, load: Load, format_: str, headers: Mapping[str, str], servers: Mapping[str, Endpoint]
) -> None:
    """The same body from servers that only send it, without and with the other fields of the document."""
    for name, server in servers.items():
        load.run(found.of(name, format_), server.port, server.pid, f"/{format_}", headers)
        if name != "constant in a thread":
            where = f"/{FIELDS}/{format_}"
            load.run(found.of(name + ALIKE, format_), server.port, server.pid, where, headers)


def documents(releases: Path, *kinds: str) -> list[str]:
    """The paths of the documents of some kinds of thing."""
    release = current(releases)
    store = open_release(release.path)
    nodes = [node for kind in kinds for node in store.members(kind, 0, 1000)[0]]
    base = release.manifest["base"]
    store.close()
    return [node.value.replace(f"{base}id/", "/doc/") for node in nodes]


def _cold(found: Documents, site: Endpoint, paths: list[str], number: int) -> None:
    """Each document once, the formats in turn; another one comes first in every round."""
    client = Client(site.port)
    for path in paths[:_SKIPPED]:
        for accept in ACCEPT.values():
            client.get(path, {"Accept": accept, **CODED})
    times: dict[str, list[float]] = {format_: [] for format_ in ACCEPT}
    formats = list(ACCEPT.items())
    formats = formats[number % 3 :] + formats[: number % 3]
    for path in paths[_SKIPPED:]:
        for format_, accept in formats:
            got = client.get(path, {"Accept": accept, **CODED})
            assert got.status == 200, (path, got.status)
            times[format_].append(got.milliseconds)
    client.close()
    for format_, each in times.items():
        found.cold.setdefault(format_, Times()).add(each)


def _choose(found: Documents, site: Endpoint, paths: list[str], folder: Path) -> None:
    """The document of middle size, and its bodies as files for the servers that only send bytes."""
    client = Client(site.port)
    if not found.path:
        by_size = sorted(paths, key=lambda path: len(client.get(path, _headers("ttl")).body))
        found.path = by_size[len(by_size) // 2]
    for format_ in ACCEPT:
        got = client.get(found.path, _headers(format_))
        found.sizes[format_] = len(got.body)
        _keep(folder, format_, got)
    client.close()


def _keep(folder: Path, format_: str, got: Got) -> None:
    """Write the body and the header fields of an answer."""
    (folder / FIELDS).mkdir(parents=True, exist_ok=True)
    (folder / format_).write_bytes(got.body)
    fields = [(name, value) for name, value in got.fields if name.lower() not in _OWN]
    (folder / FIELDS / format_).write_text(json.dumps(fields), encoding="utf-8")


def _servers(
    found: Documents, stack: ExitStack, place: Place, wanted: frozenset[str]
) -> Mapping[str, Endpoint]:
    """What else sends these bytes."""
    bodies = place.work / "bodies"
    servers = {
        "constant": stack.enter_context(peers.constant(place, bodies, "loop")),
        "constant in a thread": stack.enter_context(peers.constant(place, bodies, "threads")),
    }
    if "nginx" in wanted:
        try:
            servers["nginx"] = stack.enter_context(peers.nginx(place, bodies))
        except (Missing, OSError) as fault:
            found.missing["nginx"] = str(fault)
    return servers


def _export(
    found: Documents, stack: ExitStack, place: Place, releases: Path, wanted: frozenset[str]
) -> tuple[Endpoint, Endpoint] | None:
    """The export of the release behind nginx, and nginx with its answers as files, if wanted and there."""
    if "nginx" not in wanted:
        return None
    try:
        export, folder = stack.enter_context(peers.exported(place, releases)), place.work / "of-export"
        client = Client(export.port)
        for format_ in ACCEPT:
            got = client.get(f"{found.path}.{format_}", CODED)
            assert got.header("Content-Encoding") == CODED["Accept-Encoding"], got.head
            _keep(folder, format_, got)
        client.close()
        return export, stack.enter_context(peers.nginx(place, folder))
    except (Missing, OSError, subprocess.CalledProcessError) as fault:
        found.missing[EXPORT] = str(fault)
        return None


def _headers(format_: str) -> dict[str, str]:
    return {"Accept": ACCEPT[format_], **CODED}
