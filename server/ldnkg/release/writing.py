"""What stands in the folder of a release; `manifest.json` comes last and tells of every other file."""

import json
from collections import Counter
from collections.abc import Callable, Iterable
from contextlib import closing
from dataclasses import asdict, replace
from datetime import UTC, datetime
from functools import partial
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyoxigraph as ox

from ldnkg import __version__, turtle
from ldnkg.beside import MANY, shared
from ldnkg.changes import THINGS, write_things
from ldnkg.counts import hubs, languages, write_counts
from ldnkg.curation import CURATION, write_curation
from ldnkg.dataset import Counts, count, crate_name, dcat, service, undeclared, uses, void
from ldnkg.dumps import Dump, planned
from ldnkg.facets import write_facets
from ldnkg.facts import Fact, Joined, Statement
from ldnkg.iris import PREFIXES
from ldnkg.layout import LAID_OUT, Layout
from ldnkg.pieces import sha256
from ldnkg.query.tallies import TALLIES, write_tallies
from ldnkg.release.downloads import described_files, listed, pack_release
from ldnkg.release.folder import LAYOUT
from ldnkg.release.graph import Graph, Rebase
from ldnkg.search import documents, write_index
from ldnkg.sitemap import write_locations
from ldnkg.store import open_release
from ldnkg.terms import write_terms
from ldnkg.views import HUB, PANELS, all_things, few, write_panels

if TYPE_CHECKING:
    from ldnkg.validate import Report

_Added = dict[ox.NamedNode, frozenset[Fact]]
"""What the build says of the graph, by the named graph that it stands in."""


def write(
    folder: Path, graph: Graph, report: "Report", canonical: str, progress: Callable[[str, int, int], None]
) -> None:
    """Write every file of a release; `canonical` is the base that the sources and the report have."""
    move, apart = Rebase(canonical, graph.base), len(graph.triples) > MANY
    (folder / "dumps").mkdir()
    graph.triples.by_subject  # noqa: B018 - sorted once, and not in every copy of this process
    dumping = planned(
        folder / "dumps",
        graph.quads,
        graph.triples,
        base=graph.base,
        prefixes=graph.prefixes,
        context=graph.context,
    )
    tasks: list[Callable[[], Any]] = [*dumping, *_indexing(folder, graph, report, move)]
    tasks.append(partial(count, graph.triples, graph.base))
    done = shared(tasks, apart=apart, progress=partial(progress, "Writing the dumps and indexing"))
    dumps, counts = list(chain.from_iterable(done[: len(dumping)])), done[-1]
    added = _write_description(folder, graph, counts, dumps)
    tasks = [
        partial(_write_store, folder, added),
        partial(_write_counts, folder, graph, added),
        partial(_pack, folder, graph, report, move, dumps),
    ]
    *_, files = shared(tasks, apart=apart, progress=partial(progress, "Loading the store, and packing"))
    tasks = [
        partial(_write_tallies, folder),
        partial(_write_facets, folder, graph),
        partial(_write_panels, folder, graph),
    ]
    shared(tasks, apart=apart, progress=partial(progress, "Counting"))
    downloads = listed(folder, files)
    _write_json(folder / "manifest.json", _manifest(folder, graph, counts) | {"downloads": downloads})


def _indexing(folder: Path, graph: Graph, report: "Report", move: Rebase) -> list[Callable[[], Any]]:
    """What needs the graph alone: search, terms, digests, and what curators ask."""
    return [
        lambda: write_index(folder / "search.sqlite", documents(graph.triples, graph.base)),
        partial(
            write_terms,
            folder / "terms",
            graph.quads,
            graph.triples,
            base=graph.base,
            dataset=graph.dataset,
            prefixes=graph.prefixes,
            context=graph.context,
        ),
        partial(write_things, folder / THINGS, graph.triples, graph.base),
        partial(
            write_curation,
            folder / CURATION,
            graph.triples,
            graph.base,
            files=graph.files,
            problems=[replace(each, node=move.text(each.node or "")) for each in report.problems],
        ),
    ]


def _write_counts(folder: Path, graph: Graph, added: _Added) -> None:
    """What counts the description, too."""
    write_counts(folder / "counts.sqlite", Joined(graph.triples, chain(*added.values())), graph.base)
    write_locations(folder / "counts.sqlite", graph.triples, graph.base)


def _write_tallies(folder: Path) -> None:
    write_tallies(folder / TALLIES, ox.Store.read_only(str(folder / "store")))


def _write_facets(folder: Path, graph: Graph) -> None:
    with closing(open_release(folder)) as store:
        layout = Layout(store)
        (folder / LAID_OUT).write_text(layout.written(), encoding="utf-8")
        write_facets(folder / "search.sqlite", graph.triples, layout)


def _write_panels(folder: Path, graph: Graph) -> None:
    with closing(open_release(folder)) as store:
        write_panels(
            folder / PANELS,
            store,
            {**PREFIXES, **graph.prefixes},
            ox.NamedNode(f"{graph.base}dataset"),
            all_things(store) if graph.answered else [*hubs(folder / "counts.sqlite", HUB), *few(store)],
        )


def _pack(folder: Path, graph: Graph, report: "Report", move: Rebase, dumps: list[Dump]) -> list[Dump]:
    """Write what describes the dumps, the zip and the checksums; gives all that can be downloaded."""
    _write_report(folder, report, move, graph)
    files = [*dumps, *described_files(folder, graph, dumps)]
    return [*files, *pack_release(folder, graph, files)]


def _write_description(folder: Path, graph: Graph, counts: Counts, dumps: list[Dump]) -> _Added:
    """Write `void.ttl` and `dataset.ttl`, each with what the curators say; gives what is added to that."""
    archive = crate_name(graph.about, graph.edition)
    parts = _facts(uses(graph.dataset, counts, graph.prefixes))
    sizes = _facts(void(graph.dataset, counts, dumps, graph.base, graph.prefixes))
    files = _facts(dcat(graph.about, dumps, graph.base, graph.edition, archive))
    sizes |= _facts(undeclared(graph.dataset, graph.prefixes, graph.triples))
    sizes |= _service(graph, sizes | files, parts)
    for name, triples in (("void.ttl", sizes | parts), ("dataset.ttl", files)):
        text = turtle.write({*graph.description, *triples}, graph.prefixes, graph.dataset)
        (folder / name).write_text(text, encoding="utf-8")
    return {graph.description_name: sizes | files, graph.partitions_name: parts}


def _facts(triples: Iterable[Statement]) -> frozenset[Fact]:
    return frozenset(Fact(each.subject, each.predicate, each.object) for each in triples)


def _service(graph: Graph, described: frozenset[Fact], parts: frozenset[Fact]) -> frozenset[Fact]:
    """The service description, which counts itself: its own size does not depend on the numbers in it."""
    graphs = Counter({each.value: count for each, count in graph.quads.sizes.items()})
    graphs[graph.partitions_name.value] = len(parts)

    def told(more: int, union: int) -> frozenset[Fact]:
        name = graph.description_name.value
        sizes = {**graphs, name: graphs[name] + more}
        return _facts(service(graph.base, dict(sorted(sizes.items())), union))

    draft = described | told(0, 0)
    new = {each for each in draft | parts if each not in graph.triples}
    return told(len(draft - frozenset(graph.description)), len(graph.triples) + len(new))


def _write_store(folder: Path, added: _Added) -> None:
    """The database: the graph, read from its dump, and its description in named graphs of their own."""
    store = ox.Store(str(folder / "store"))
    # what bulk_load reads gets blank nodes of other names than the dump has
    store.bulk_extend(ox.parse(path=folder / "dumps" / "graph.nq", format=ox.RdfFormat.N_QUADS))
    for name, triples in added.items():
        store.bulk_extend(ox.Quad(*each, name) for each in triples)
    store.optimize()
    store.flush()


def _write_report(folder: Path, report: "Report", move: Rebase, graph: Graph) -> None:
    """The validation report, which for a release has nothing worse than warnings."""
    text = turtle.write([move.fact(triple) for triple in report.graph], graph.prefixes)
    (folder / "report.ttl").write_text(text, encoding="utf-8")
    problems = json.loads(move.text(json.dumps([asdict(problem) for problem in report.problems])))
    _write_json(folder / "report.json", {"conforms": report.conforms, "problems": problems})


def _manifest(folder: Path, graph: Graph, counts: Counts) -> dict[str, Any]:
    """What a server and a mirror have to know of a release; the time is in UTC."""
    files = sorted(file for file in folder.rglob("*") if file.is_file())
    manifest = {
        "id": graph.id,
        "version": graph.version,
        "time": datetime.now(UTC).isoformat(timespec="seconds"),
        "base": graph.base,
        "software": __version__,
        "layout": LAYOUT,
        "counts": {"triples": counts.triples, "entities": counts.entities},
        "prefixes": graph.prefixes,
        "graphs": graph.names,
        "languages": sorted(languages(graph.triples)),
        "files": {str(file.relative_to(folder)): _told(file) for file in files},
    }
    told = {"start": graph.start} if graph.start else {}
    return manifest | told | ({"answered": True} if graph.answered else {})


def _told(file: Path) -> dict[str, Any]:
    """The size of a file in bytes and its SHA-256 in hex."""
    return {"bytes": file.stat().st_size, "sha256": sha256(file)}


def _write_json(path: Path, what: Any) -> None:
    path.write_text(json.dumps(what, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
