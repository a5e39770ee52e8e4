"""Validation of whole sources: what does not parse, what breaks a shape, what cannot hold in any graph."""

from collections.abc import Collection
from dataclasses import dataclass

import pyoxigraph as ox

from ldnkg.sources import Problem, Sources
from ldnkg.validate import addresses, panels
from ldnkg.validate.data import Engine, prepared
from ldnkg.validate.index import Index
from ldnkg.validate.report import report
from ldnkg.validate.scope import Scope
from ldnkg.validate.shacl import Progress, run
from ldnkg.validate.whole import check

__all__ = ["Engine", "Progress", "Report", "validate"]


@dataclass(frozen=True)
class Report:
    """What a validation found: `problems` in order of file and line, and the SHACL report as triples."""

    problems: tuple[Problem, ...]
    graph: tuple[ox.Triple, ...]

    @property
    def conforms(self) -> bool:
        """Whether nothing is a violation; warnings do not keep a graph from being released."""
        return all(problem.severity != "violation" for problem in self.problems)


def validate(
    sources: Sources,
    *,
    only: Collection[str] | None = None,
    engine: Engine = "oxigraph",
    progress: Progress | None = None,
) -> Report:
    """Everything that is wrong with the sources, or what concerns the files named in `only`.

    These are names such as `graph/trial/x.ttl`; what such a file describes is validated with everything that
    links to it, all other data as context. A file of `ontology/` or `shapes/` concerns everything. `progress`
    is told how many of how many shapes are done. While the base is unknown, or an ontology or a shapes file
    does not parse, the other checks have nothing to stand on and wait.
    """
    index = Index(sources)
    scope = Scope(sources, index, only)
    plain = list(sources.problems)
    broken: list[Problem] = []
    results: list[ox.Triple] = []
    if sources.base and all(problem.file.startswith("graph/") for problem in plain):
        with prepared(sources, engine) as data:
            plain = [
                each
                for each in [
                    *plain,
                    *check(index),
                    *filter(None, addresses.check(index)),
                    *filter(None, panels.check(sources, index)),
                ]
                if scope.concerns(each)
            ]
            broken, results = run(sources, index, scope, data, progress)
    problems = sorted(
        dict.fromkeys(plain + broken),
        key=lambda each: (each.file, each.line or 0, each.rule, each.message, each.value or ""),
    )
    return Report(tuple(problems), tuple(report(results, plain, sources)))
