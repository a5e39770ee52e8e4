"""What the site is to reach, and whether it did in this run."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from bench.builds import Built
from bench.documents import ALIKE, EXPORT, FILES, NAMES, Documents
from bench.figures import ratio
from bench.growth import Grown
from bench.questions import LOOK_UPS, QUESTIONS, Answers


@dataclass(frozen=True)
class Target:
    """A promise, what was found, and whether it holds; None where this run did not measure it."""

    promise: str
    found: str
    met: bool | None

    @property
    def cells(self) -> list[str]:
        """A row of the report."""
        return [self.promise, self.found, {True: "met", False: "**missed**", None: "not measured"}[self.met]]


def of_documents(found: Documents) -> Iterator[Target]:
    """Documents beside the constant body; the first time that they are asked for."""
    for format_, name in NAMES.items():
        ceiling, alike = (found.of(each, format_) for each in ("constant", "constant" + ALIKE))
        for server, least, what in (("ldnkg", 0.6, "warm"), ("304", 0.85, "304")):
            mine = found.of(server, format_)
            part, like = mine.rate.over(ceiling.rate), mine.rate.over(alike.rate)
            work = ceiling.processor.over(mine.processor)
            told = f"{part:.0%} (by processor time {work:.0%}); {like:.0%} of one with the same fields"
            yield Target(f"{name}, {what}: {least:.0%} of the constant body's rate", told, part >= least)
        part = found.of(EXPORT, format_).rate.over(found.of(FILES, format_).rate)
        promise = f"{name}, export behind nginx: nginx's own rate for the same bytes and fields (0.9 of it)"
        yield Target(promise, f"{part:.0%}", part >= 0.9) if part == part else Target(promise, "", None)
        most = 12 if format_ == "html" else 5
        p50 = found.cold[format_].at(50)
        yield Target(f"{name}, cold: p50 under {most} ms", f"{p50:.2f} ms", p50 < most)


def of_answers(found: Answers, size: str) -> Iterator[Target]:
    """Queries beside those of the other servers."""
    for question in LOOK_UPS:
        yield _times_of(found, size, question, "new", "oxigraph", 1.5)
    for question in QUESTIONS:
        yield _times_of(found, size, question, "repeated", "oxigraph", 1.0)
    for question in QUESTIONS:
        yield _times_of(found, size, question, "new", "rdflib-endpoint", 1 / 20)
    for question in LOOK_UPS:
        yield _times_of(found, size, question, "new", "Virtuoso", 1.0)
    yield _times_of(found, size, "aggregate", "repeated", "Virtuoso", 1.0)


def of_growth(found: Mapping[str, Grown]) -> Iterator[Target]:
    """What may not grow with the graph: each size beside the smallest."""
    smallest = next(iter(found), "100k")
    for size in dict.fromkeys((*list(found)[1:], "10m")):
        grown = found.get(size)
        told = ("", "", "")
        if grown:
            pages = ratio(grown.pages.at(95), found[smallest].pages.at(95))
            told = f"{pages:.2f}", f"{grown.search.at(95):.1f} ms", f"{grown.first.median:.2f} s"
        for promise, said, most in (
            (f"Entity page, p95 at {size} at most 1.3 times that at {smallest}", told[0], 1.3),
            (f"Search, p95 under 60 ms at {size}", told[1], 60),
            (f"First page within 1 s of the start at {size}", told[2], 1),
        ):
            yield Target(promise, said, float(said.partition(" ")[0]) <= most if said else None)


def of_builds(found: Mapping[str, Built]) -> Iterator[Target]:
    """Builds within their time and memory."""
    for size, seconds in (("curated", 10), ("1m", 180), ("10m", 1800)):
        promise = f"Build, {size}: under {seconds} s, under 8 GB"
        if built := found.get(size):
            told = f"{built.seconds:.1f} s, {built.memory / 1e9:.2f} GB"
            yield Target(promise, told, built.seconds < seconds and built.memory < 8e9)
        else:
            yield Target(promise, "", None)


def _times_of(found: Answers, size: str, question: str, mode: str, server: str, most: float) -> Target:
    """Our median at most so many times that of another server."""
    times = ratio(found.p50(question, mode, "ldnkg"), found.p50(question, mode, server))
    limit = f"at most {most:g} times" if most >= 1 else f"at most 1/{1 / most:g} of"
    promise = f"{question}, {mode}, {size}: {limit} the median of {server}"
    return Target(
        promise, f"{times:.2f}" if times == times else "", times <= most if times == times else None
    )
