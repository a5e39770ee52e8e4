"""How to cite a page of a release: plain, BibTeX, RIS and CSL-JSON.

RIS is of Research Information Systems (2012), CSL-JSON of citeproc (csl-data.json 1.0.2).
"""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date

_ESCAPED = {
    "\\": r"\textbackslash{}",
    "{": r"\{",
    "}": r"\}",
    "&": r"\&",
    "%": r"\%",
    "$": r"\$",
    "#": r"\#",
    "_": r"\_",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
}


@dataclass(frozen=True)
class Citation:
    """What is cited: a page, in which dataset, which edition and release of it, by whom, when, where."""

    key: str
    title: str
    dataset: str
    creators: tuple[str, ...]
    edition: str
    release: str
    issued: date
    url: str
    license: str | None = None


def plain(it: Citation) -> str:
    """One line of text."""
    creators = "; ".join(it.creators)
    who = f"{creators} ({it.issued.year}). " if creators else ""
    title = it.title if it.title.endswith((".", "!", "?")) else f"{it.title}."
    edition = it.edition if creators else f"{it.edition}, {it.issued.year}"
    rights = f" Licence: {it.license}." if it.license else ""
    return f"{who}{title} In: {it.dataset}, {edition}, release {it.release}. {it.url}.{rights}"


def bibtex(it: Citation) -> str:
    """A `@misc` entry (biblatex reads it as well)."""
    fields = {
        "author": " and ".join(f"{{{_tex(each)}}}" for each in it.creators),
        "title": f"{{{_tex(it.title)}}}",
        "howpublished": f"In: {_tex(it.dataset)}, {_tex(it.edition)}, release {_tex(it.release)}",
        "year": str(it.issued.year),
        "month": str(it.issued.month),
        "url": it.url,
        "note": _tex(f"Licence: {it.license}") if it.license else "",
    }
    lines = [f"  {name} = {{{value}}}" for name, value in fields.items() if value]
    return f"@misc{{{it.key},\n" + ",\n".join(lines) + "\n}\n"


def ris(it: Citation) -> str:
    """A record of type DATA; lines end as the format wants it."""
    lines = [
        ("TY", "DATA"),
        *(("AU", each) for each in it.creators),
        ("TI", it.title),
        ("T2", it.dataset),
        ("ET", f"{it.edition}, release {it.release}"),
        ("PY", str(it.issued.year)),
        ("DA", it.issued.strftime("%Y/%m/%d/")),
        ("UR", it.url),
        *([("N1", f"Licence: {it.license}")] if it.license else []),
        ("ER", ""),
    ]
    return "".join(f"{tag}  - {_line(value)}\r\n" for tag, value in lines)


def csl(it: Citation) -> str:
    """An array of one item."""
    item = {
        "id": it.key,
        "type": "dataset",
        "title": it.title,
        "container-title": it.dataset,
        "author": [{"literal": each} for each in it.creators],
        "version": f"{it.edition}, release {it.release}",
        "issued": {"date-parts": [[it.issued.year, it.issued.month, it.issued.day]]},
        "URL": it.url,
    }
    return json.dumps([item], ensure_ascii=False, indent=1) + "\n"


STYLES: Mapping[str, tuple[str, str, Callable[[Citation], str]]] = {
    "txt": ("Plain text", "text/plain", plain),
    "bib": ("BibTeX", "application/x-bibtex", bibtex),
    "ris": ("RIS", "application/x-research-info-systems", ris),
    "csl.json": ("CSL-JSON", "application/vnd.citationstyles.csl+json", csl),
}
"""Each style by the suffix of its files: its name, its media type, and what writes it."""


def key_of(text: str) -> str:
    """A key that every program takes.

    >>> key_of("light/a%2Fb c")
    'light-a-2Fb-c'
    """
    return re.sub("[^A-Za-z0-9]+", "-", text).strip("-") or "page"


def _tex(text: str) -> str:
    return "".join(_ESCAPED.get(each, each) for each in _line(text))


def _line(text: str) -> str:
    return " ".join(text.split())
