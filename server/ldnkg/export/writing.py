"""Write what stands at an address: its variants, and beside them what a host has to know to choose."""

import hashlib
import html
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, unquote

from ldnkg.errors import CannotExport
from ldnkg.export.asking import Answer, ask
from ldnkg.export.names import LONGEST, file_name

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

CHOICES = ".var"
"""The suffix of the type map of an address whose format is negotiated (Apache, mod_negotiation)."""

PATH = "{path}"
"""What stands for the path of an address in what is common to many."""
_NOTHING = "example/nothing"
"""A media type in which nothing is written: the refusal lists the variants."""
_LINKS = re.compile(r"""(?:href|src)="([^"]*)\"""")
_TARGETS = re.compile(r"<([^>]*)>")


@dataclass(frozen=True)
class Moved:
    """What a host answers where there is no file to send: the status, and where to go; or what is wrong.

    `problem` has the members of a problem details object (RFC 9457), `page` is the file that says it.
    """

    address: str
    status: int
    location: str = ""
    problem: Mapping[str, object] = field(default_factory=dict)
    page: str = ""
    cache: str = ""


@dataclass(frozen=True)
class Single:
    """A file that is all there is at an address, its media type with parameters, Cache-Control and Link.

    `ranges` tells whether it comes in ranges of bytes.
    """

    file: str
    type: str
    cache: str
    link: str
    ranges: bool


@dataclass(frozen=True)
class Page:
    """What is there for people alone: the file, and what a program is told that asks for something else."""

    file: str
    refusal: str


@dataclass
class Written:
    """What came of some addresses."""

    files: dict[str, tuple[int, str]] = field(default_factory=dict)
    """By name: size in bytes, SHA-256 in hex."""
    suffixes: dict[str, str] = field(default_factory=dict)
    """The suffixes of the variants, in our order of preference, with their media types and parameters."""
    links: set[str] | None = None
    """The Link fields of everything that has variants, with PATH in the place of its own path."""
    single: dict[str, Single] = field(default_factory=dict)
    """By address (without escapes): what comes in one form only."""
    pages: dict[str, Page] = field(default_factory=dict)
    """By address (without escapes): what is negotiated and has but one variant, a page."""
    covered: set[str] = field(default_factory=set)
    """The addresses that a host answers with all this."""
    leads: dict[str, str] = field(default_factory=dict)
    """Where the pages lead on this site, and a page that has the link."""
    moved: list[Moved] = field(default_factory=list)
    kept: set[str] = field(default_factory=set)
    """The Cache-Control of redirects from things to documents, if they have one."""
    absent: list[str] = field(default_factory=list)
    """Addresses at which there is nothing, or nothing to keep."""

    def add(self, other: "Written") -> None:
        """Take in what came of other addresses."""
        if both := self.files.keys() & other.files.keys():
            raise CannotExport(f"Two addresses need the file {min(both)}.")
        self.files |= other.files
        self.suffixes |= other.suffixes
        self.links = other.links if self.links is None else self.links & (other.links or self.links)
        self.single |= other.single
        self.pages |= other.pages
        self.covered |= other.covered
        self.leads = other.leads | self.leads
        self.moved += other.moved
        self.kept |= other.kept
        self.absent += other.absent


def type_map(path: str, name: str, answers: Mapping[str, Answer]) -> str:
    """The variants of what stands at `path` by their suffixes, those we prefer first, as a type map.

    Comments in it say where it stands, and which Link fields go with all of them and with each.
    """
    links = {suffix: answer.all("Link") for suffix, answer in answers.items()}
    common = [each for each in next(iter(links.values()), []) if all(each in own for own in links.values())]
    records = [f"# Path: {path}\n" + "".join(f"# Link: {each}\n" for each in common)]
    for rank, (suffix, answer) in enumerate(answers.items()):
        kind = f"{answer.get('Content-Type')}; qs={1 - rank / 1000:.3f}"
        own = "".join(f"# Link: {each}\n" for each in links[suffix] if each not in common)
        records.append(
            f"URI: {quote(name, safe='')}.{suffix}\n# Suffix: {suffix}\nContent-Type: {kind}\n{own}"
        )
    return "\n".join(records)


def _anywhere(link: str, path: str) -> str:
    """A Link field with PATH for its own path, without the page of a list."""
    return re.sub(rf"<{re.escape(path)}(\.[^?>]*)[^>]*>", rf"<{PATH}\1>", link)


class Writer:
    """Writes what a site answers into a folder; `mount` is the path of its base, without the last slash."""

    def __init__(self, site: "WSGIApplication", base: str, mount: str, folder: Path) -> None:
        self._site, self._mount, self._folder = site, mount, folder
        self._origin = base.removesuffix(f"{mount}/")

    def write(self, addresses: Iterable[str]) -> Written:
        """All variants of what stands at each address (below the mount point, without suffix)."""
        written = Written()
        for address in addresses:
            written.covered.add(address)
            answer = ask(self._site, self._mount + address, _NOTHING)
            if answer.status == 406:
                self._variants(address, json.loads(answer.body), written)
            elif answer.status == 200 and "no-store" not in answer.get("Cache-Control"):
                self._whole(address, answer, written)
            elif 300 <= answer.status < 400 or answer.status == 410:
                self._moved(address, answer, written)
            else:
                written.absent.append(address)
        return written

    def _variants(self, address: str, refusal: Mapping[str, Any], written: Written) -> None:
        """Each variant, and the type map from which hosts choose one."""
        name, path = file_name(address), self._mount + address.partition("?")[0]
        answers = {}
        for variant in refusal["variants"]:
            suffix = variant["href"].partition("?")[0].removeprefix(f"{path}.")
            answer = ask(self._site, variant["href"])
            if answer.status == 200:  # a format may be unable to hold this document
                self._save(f"{name}.{suffix}", answer.body, written)
                self._follow(address, answer, written)
                written.covered.add(variant["href"].removeprefix(self._mount))
                written.suffixes[suffix] = answer.get("Content-Type")
                answers[suffix] = answer
        self._save(name + CHOICES, type_map(path, name.rpartition("/")[2], answers).encode(), written)
        if [each["type"] for each in refusal["variants"]] == ["text/html"]:
            written.pages[unquote(address)] = Page(f"{name}.html", refusal["detail"])
            return
        for answer in answers.values():
            links = {_anywhere(each, path) for each in answer.all("Link")}
            written.links = links if written.links is None else written.links & links

    def _whole(self, address: str, answer: Answer, written: Written) -> None:
        """What comes in one form only; a page without a suffix gets that of HTML."""
        name = file_name(address)
        if answer.get("Content-Type").startswith("text/html") and not name.endswith(".html"):
            name += ".html"
        self._save(name, answer.body, written)
        written.single[unquote(address)] = Single(
            name,
            type=answer.get("Content-Type"),
            cache=answer.get("Cache-Control"),
            link=answer.get("Link"),
            ranges="bytes" in answer.get("Accept-Ranges"),
        )
        self._follow(address, answer, written)

    def _moved(self, address: str, answer: Answer, written: Written) -> None:
        """A redirect that does not follow from the layout, or what was withdrawn."""
        location = answer.get("Location").removeprefix(self._origin)
        if answer.status == 410:
            name = file_name(address) + ".html"
            self._save(name, ask(self._site, self._mount + address, "text/html").body, written)
            written.moved.append(Moved(unquote(address), 410, problem=json.loads(answer.body), page=name))
        elif location != self._mount + address.replace("/id/", "/doc/", 1):
            cache = answer.get("Cache-Control")
            written.moved.append(Moved(unquote(address), answer.status, location, cache=cache))
            written.leads.setdefault(location.removeprefix(self._mount), address)
        else:
            written.kept.add(answer.get("Cache-Control"))

    def _save(self, name: str, body: bytes, written: Written) -> None:
        """A new file. Raises CannotExport when its name is taken or too long."""
        path = self._folder / name
        if len(path.name.encode()) > LONGEST:
            raise CannotExport(f"{name} is too long for the name of a file, which has {LONGEST} bytes.")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("xb") as file:
                file.write(body)
        except (FileExistsError, NotADirectoryError, IsADirectoryError) as fault:
            raise CannotExport(f"Two addresses need the file {name}, or one as a folder.") from fault
        written.files[name] = len(body), hashlib.sha256(body).hexdigest()

    def _follow(self, address: str, answer: Answer, written: Written) -> None:
        """Note where a page and its Link fields lead on this site."""
        found = [target for value in answer.all("Link") for target in _TARGETS.findall(value)]
        if answer.get("Content-Type").startswith("text/html"):
            found += [html.unescape(each) for each in _LINKS.findall(answer.body.decode())]
        for each in found:
            target = each.removeprefix(self._origin)
            if target.startswith(f"{self._mount}/") and not target.startswith("//"):
                written.leads.setdefault(target.removeprefix(self._mount), address)
