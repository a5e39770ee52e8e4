"""The folder `terms/` of a release: each document in each RDF format, and what the pages are made of.

`terms.json` holds the uses of the words, and the names of all that the documents and the examples mention.
"""

import json
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import pyoxigraph as ox
from pyoxigraph import NamedNode, Triple

from ldnkg.counts import LABELS, Term
from ldnkg.errors import NotAcceptable
from ldnkg.facts import Filed, Statement, facts
from ldnkg.formats import GRAPHS, serialise
from ldnkg.terms.documents import NAMES, documents
from ldnkg.terms.uses import Uses, count_uses

_FILE = "terms.json"


def write_terms(
    folder: Path,
    quads: Iterable[Filed],
    triples: Collection[Statement],
    *,
    base: str,
    dataset: NamedNode,
    prefixes: Mapping[str, str],
    context: str | None,
) -> None:
    """Write the folder for a graph; `triples` are its quads without their graphs, each once.

    A format that cannot hold a term of a document is left out.
    """
    folder.mkdir()
    said = documents(quads, base, dataset)
    for name, found in said.items():
        for each in GRAPHS:
            with suppress(NotAcceptable):
                body = serialise(
                    found, each, prefixes=prefixes, context=context, first=NamedNode(base + name)
                )
                (folder / f"{name}.{each.suffix}").write_bytes(body)
    words = set(_mentioned(triple for found in said.values() for triple in found))
    graph = facts(triples)
    uses = count_uses(graph, words, base)
    shown = words | set(_shown(uses))
    names = {each for each in graph.having(*LABELS) if each.subject in shown}
    told = {"names": _lines(names), "uses": _as_json(uses)}
    (folder / _FILE).write_text(
        json.dumps(told, ensure_ascii=False, sort_keys=True, indent=0), encoding="utf-8"
    )


def read_terms(folder: Path) -> tuple[dict[str, list[Triple]], list[Triple], Uses]:
    """The triples of each of NAMES, those that name what is mentioned, and the uses, as they were written."""
    told = json.loads((folder / _FILE).read_text(encoding="utf-8"))
    said = {name: _triples([(folder / f"{name}.nt").read_text(encoding="utf-8")]) for name in NAMES}
    return said, _triples(told["names"]), _from_json(told["uses"])


def _mentioned(triples: Iterable[Statement]) -> Iterator[NamedNode]:
    for triple in triples:
        for each in (triple.subject, triple.predicate, triple.object):
            if isinstance(each, NamedNode):
                yield each


def _shown(uses: Uses) -> Iterator[NamedNode]:
    """The things that are examples."""
    for nodes in uses.instances.values():
        yield from nodes
    for statements in uses.statements.values():
        yield from (each for pair in statements for each in pair if isinstance(each, NamedNode))


def _lines(triples: Iterable[Statement]) -> list[str]:
    """The triples as N-Triples, sorted."""
    return sorted(f"{triple} ." for triple in triples)


def _triples(lines: Iterable[str]) -> list[Triple]:
    return [quad.triple for quad in ox.parse("\n".join(lines), format=ox.RdfFormat.N_TRIPLES)]


def _as_json(uses: Uses) -> dict[str, Any]:
    return {
        "members": {name.value: count for name, count in uses.members.items()},
        "triples": {name.value: count for name, count in uses.triples.items()},
        "values": {name.value: _counts(found) for name, found in uses.values.items()},
        "carriers": {
            name.value: {
                f"{'^' * backwards}{each.value}": count for (each, backwards), count in found.items()
            }
            for name, found in uses.carriers.items()
        },
        "instances": {name.value: [each.value for each in found] for name, found in uses.instances.items()},
        "statements": [f"{Triple(subject, name, value)} ." for name, subject, value in _statements(uses)],
    }


def _statements(uses: Uses) -> Iterator[tuple[NamedNode, NamedNode, Term]]:
    for name in sorted(uses.statements, key=str):
        yield from ((name, *pair) for pair in uses.statements[name])


def _counts(found: Mapping[NamedNode, int]) -> dict[str, int]:
    return {name.value: count for name, count in found.items()}


def _from_json(told: Mapping[str, Any]) -> Uses:
    statements: dict[NamedNode, list[tuple[NamedNode, Term]]] = {}
    for each in _triples(told["statements"]):
        if isinstance(each.subject, NamedNode):
            statements.setdefault(each.predicate, []).append((each.subject, each.object))
    return Uses(
        members=_by_node(told["members"]),
        triples=_by_node(told["triples"]),
        values={NamedNode(name): _by_node(found) for name, found in told["values"].items()},
        carriers={
            NamedNode(name): {
                (NamedNode(each.removeprefix("^")), each.startswith("^")): count
                for each, count in found.items()
            }
            for name, found in told["carriers"].items()
        },
        instances={
            NamedNode(name): [NamedNode(each) for each in found] for name, found in told["instances"].items()
        },
        statements=statements,
    )


def _by_node(counts: Mapping[str, int]) -> dict[NamedNode, int]:
    return {NamedNode(name): count for name, count in counts.items()}
