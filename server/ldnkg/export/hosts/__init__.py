"""What a file host needs to serve an export as the server does: configurations, made of what was written."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from importlib.resources import files
from pathlib import Path

from ldnkg.codings import CODINGS, Coding
from ldnkg.export.writing import Written
from ldnkg.iris import mount

FOLDER = ".hosting"
"""Where in an export the configurations are; hosts hide what begins with a dot."""

ONE_RELEASE = (
    "This copy of the site is made of files: it has one release and no former one. "
    "Ask without the parameter release."
)
"""What is told to who asks for a document as it was in another release."""


@dataclass(frozen=True)
class Hosted:
    """An export as its host sees it.

    `root` is the folder that it will have there, `stamp` changes with any byte of it, `fields` are the header
    fields of every answer.
    """

    base: str
    root: Path
    stamp: str
    fields: Mapping[str, str]
    written: Written
    codings: Sequence[Coding]

    @property
    def mount(self) -> str:
        """The path of the base, without the last slash."""
        return mount(self.base)

    @property
    def types(self) -> list[str]:
        """Every media type that is sent, with its parameters."""
        return sorted(
            {*self.written.suffixes.values()} | {each.type for each in self.written.single.values()}
        )

    @property
    def cache(self) -> str:
        """How long a copy may be used."""
        return self.fields.get("Cache-Control", "")

    @property
    def always(self) -> dict[str, str]:
        """The header fields of every answer, faults too."""
        return {name: value for name, value in self.fields.items() if name != "Cache-Control"}


def stamp(written: Written) -> str:
    """What tells one content of an export from any other, in 16 hex digits."""
    told = json.dumps(sorted((name, digest) for name, (_, digest) in written.files.items()))
    return hashlib.sha256(told.encode()).hexdigest()[:16]


def write(folder: Path, site: Hosted) -> dict[str, int]:
    """Write the configurations; gives the sizes of the files in bytes, by name."""
    from ldnkg.export.hosts import apache, caddy, nginx, readme

    texts = {
        f"{FOLDER}/nginx.conf": nginx.configuration(site),
        f"{FOLDER}/nginx-cached.conf": nginx.cached(site),
        f"{FOLDER}/facts.js": nginx.facts(site),
        **{f"{FOLDER}/{name}": text for name, text in nginx.singles(site).items()},
        f"{FOLDER}/negotiate.js": shipped("negotiate.js"),
        f"{FOLDER}/site.js": shipped("site.js"),
        f"{FOLDER}/Caddyfile": caddy.configuration(site),
        f"{FOLDER}/README.md": readme.text(site),
        ".htaccess": apache.configuration(site),
        ".nojekyll": "",
    }
    for name, text in texts.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    return {name: len(text.encode()) for name, text in texts.items()}


def shipped(name: str) -> str:
    """The text of a file of this package: a script that nginx runs, or the README."""
    return (files("ldnkg.export.hosts") / name).read_text(encoding="utf-8")


def told(site: Hosted) -> dict[str, object]:
    """What a script has to know of an export."""
    return {
        "mount": site.mount,
        "stamp": site.stamp,
        "cache": site.cache,
        "kept": max(site.written.kept, default=""),
        "suffixes": list(site.written.suffixes),
        "types": site.types,
        "dated": ONE_RELEASE,
        "pages": {address: each.refusal for address, each in site.written.pages.items()},
        "codings": [{"token": each.token, "suffix": each.suffix} for each in CODINGS],
        "moved": {
            each.address: asdict(each) for each in sorted(site.written.moved, key=lambda it: it.address)
        },
    }
