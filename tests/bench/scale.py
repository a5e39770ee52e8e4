"""The curated graph, larger: the same ontology and shapes, and as many copies of its records as a size needs.

What is written down of one study is copied: trials, claims, papers, sources and what else grows with a
literature. What they are about stays (conditions, substances, instruments …), so that it becomes a hub, as it
would. People, journals and organisations are copied, and links to them go to the earlier copies far more
often: most are named once and some everywhere. A seed and a size give the same bytes on every machine; one
copy is in memory at a time.
"""

import hashlib
import random
import re
import shutil
from pathlib import Path

import pyoxigraph as ox

from ldnkg.facts import Fact
from ldnkg.sources import Sources, load

SIZES = {"curated": 0, "100k": 100_000, "1m": 1_000_000, "10m": 10_000_000}
"""Triples, by the name of a size."""

_OWN = {"trial", "claim", "paper", "source", "conflict"}
"""Kinds of thing that a copy has its own of."""
_POPULAR = {"person", "journal", "organization", "entity"}
"""Kinds of thing that a copy has its own of, and mostly links to those of earlier ones."""
_SKEW = 3
"""How much the earlier copies are preferred: the exponent of a number between 0 and 1."""

_MADE = "made"
_LABEL = "http://www.w3.org/2004/02/skos/core#prefLabel"
_IDENTIFYING = {"identifierValue", "doi", "pmid", "pmcid", "identifier"}
"""Local names of properties whose values tell one record from another."""
_GAP = "\ue000"
"""Stands for a number that a copy puts there: no text has this character, which is for private use."""
_DIGITS = re.compile(r"[0-9]{4,}(?!.*[0-9]{4,})")


def sources(root: Path, folder: Path, size: str, seed: int = 1) -> Path:
    """A folder of sources with at least so many triples, copied from those at `root`, if not there yet."""
    found = load(root)
    made = _made(found, size, seed)
    if (folder / _MADE).is_file() and (folder / _MADE).read_text(encoding="utf-8") == made:
        return folder
    shutil.rmtree(folder, ignore_errors=True)
    for kind in ("ontology", "shapes", "graph"):
        shutil.copytree(root / kind, folder / kind)
    template, copy = _Template(found), 0
    left = SIZES[size] - sum(len(file.triples) for file in found.files)
    while left > 0 and template.count:
        copy += 1
        left -= template.count
        text = template.text(copy, random.Random(f"{seed}/{copy}"))
        (folder / "graph" / f"copy-{copy:05}.ttl").write_text(text, encoding="utf-8")
    (folder / _MADE).write_text(made, encoding="utf-8")
    return folder


def _made(found: Sources, size: str, seed: int) -> str:
    """What a folder was made of: other sources, another size, seed or generator make another."""
    told = hashlib.sha256(Path(__file__).read_bytes())
    for file in found.files:
        told.update(f"{file.name}\n{file.text}".encode())
    return f"{size} {seed} {told.hexdigest()}\n"


class _Template:
    """The records that are copied, as N-Triples with gaps; `count` is the triples of a copy."""

    def __init__(self, sources: Sources) -> None:
        files = [file for file in sources.files if _kind(file.name) in _OWN | _POPULAR]
        self._space = re.compile(re.escape(f"{sources.base}id/") + r"([^/#]+)/([^/#]+)(.*)", re.DOTALL)
        self._copied = {tuple(file.name.removesuffix(".ttl").split("/")[1:]) for file in files}
        self._popular: dict[str, str] = {}
        self._numbers: dict[str, tuple[int, int, list[str]]] = {}
        self._alike: dict[tuple[str, int, str], list[str]] = {}
        lines = [self._line(triple) for file in files for triple in file.triples]
        self.count = len(lines)
        self._text = "".join(lines)

    def text(self, copy: int, chance: random.Random) -> str:
        """One copy; its number is from 1."""
        gaps = {name: str(int(copy * chance.random() ** _SKEW)) for name in self._popular.values()}
        gaps = {name: "" if number == "0" else f"-x{number}" for name, number in gaps.items()}
        numbers = {name: _number(copy, *told) for name, told in self._numbers.items()}
        return self._text.format_map({"own": f"-x{copy}", "copy": str(copy)} | gaps | numbers)

    def _line(self, triple: Fact) -> str:
        subject = self._node(triple.subject, itself=True)
        return f"{subject} {_escaped(str(triple.predicate))} {self._object(triple)} .\n"

    def _object(self, triple: Fact) -> str:
        value, name = triple.object, triple.predicate.value
        if isinstance(value, ox.NamedNode):
            return self._node(value)
        if isinstance(value, ox.Literal) and name == _LABEL:
            text = _escaped(str(ox.Literal(f"{value.value} ({_GAP})", language=value.language)))
            return text.replace(_GAP, "{copy}")
        if isinstance(value, ox.Literal) and re.split(r"[/#]", name)[-1] in _IDENTIFYING:
            return self._identifier(value)
        return _escaped(str(value))

    def _node(self, node: object, *, itself: bool = False) -> str:
        """A node with the gap for the copy that is meant."""
        found = self._space.fullmatch(getattr(node, "value", ""))
        if not found or (found[1], found[2]) not in self._copied:
            return _escaped(str(node))
        gap = "own"
        if found[1] in _POPULAR and not itself:
            key = f"{found[1]}/{found[2]}"
            gap = self._popular.setdefault(key, f"p{len(self._popular)}")
        head = _escaped(str(node)).removesuffix(">").removesuffix(_escaped(found[3]))
        return f"{head}{{{gap}}}{_escaped(found[3])}>"

    def _identifier(self, value: ox.Literal) -> str:
        """Another of the same kind: its last long number is one that nothing has, else a number is added."""
        found = _DIGITS.search(value.value)
        start, end = found.span() if found else (len(value.value), len(value.value))
        head, tail = value.value[:start], value.value[end:]
        alike = self._alike.setdefault((head, end - start, tail), [])
        gap = f"n{len(self._numbers)}"
        alike.append(gap)
        self._numbers[gap] = (end - start, len(alike), alike)
        text = str(ox.Literal(head + _GAP + tail, language=value.language, datatype=None))
        return _escaped(text).replace(_GAP, f"{{{gap}}}")


def _number(copy: int, width: int, place: int, alike: list[str]) -> str:
    """The number of one of some identifiers that differ in their number alone; they count down from 99…9."""
    return str(10**width - 1 - copy * len(alike) - place) if width else f"{copy:05}"


def _kind(name: str) -> str:
    parts = name.split("/")
    return parts[1] if len(parts) == 3 else ""


def _escaped(text: str) -> str:
    return text.replace("{", "{{").replace("}", "}}")
