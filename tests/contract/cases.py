"""Families of cases, and how one is run: every fault is collected, so that one run shows them all."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from urllib.parse import urljoin, urlsplit

from contract.invariants import of_every_answer
from contract.transport import Answer, Headers, Send

NEEDS = frozenset(
    {
        "accept",  # negotiates by Accept
        "codings",  # negotiates by Accept-Encoding
        "languages",  # negotiates by Accept-Language
        "conditions",  # ETag, Last-Modified, 304 and 412
        "ranges",  # byte ranges
        "links",  # Link header fields
        "headers",  # CORS, CSP and the others on every answer
        "methods",  # 405 with Allow, OPTIONS
        "problems",  # bodies of faults as the client likes them
        "queries",  # reads `?format=`, `?page=`
        "endpoint",  # /sparql, /search, /suggest, /health
        "targets",  # refuses what is no target of ours: escapes, lengths, dots
        "endless",  # hands over a target of any length
    }
)
"""What a case may need of the site; a host of files cannot keep all of it."""

Judge = Callable[[Answer], Iterable[str]]
_SHOWN = 80


@dataclass
class Site:
    """Something to ask, the base that it answers for, and what it can do."""

    name: str
    send: Send
    base: str
    can: frozenset[str] = NEEDS
    asked: Counter[str] = field(default_factory=Counter)
    seen: set[tuple[str, str]] = field(default_factory=set)

    @cached_property
    def mount(self) -> str:
        """The path of the base, without slash at its end."""
        return urlsplit(self.base).path.rstrip("/")

    def fetch(
        self, method: str, target: str, headers: Headers = (), body: bytes = b"", *, mounted: bool = False
    ) -> Answer:
        """The answer for a target below the mount point, or, `mounted`, as links of the site spell it."""
        self.seen.add((method, target))
        return self.send(method, target if mounted else self.mount + target, headers, body)

    def follow(self, reference: str, headers: Headers = (), method: str = "GET") -> Answer:
        """The answer where a link of the site leads; a redirect is not followed."""
        whole = urljoin(self.base, reference)
        origin = self.base[: -len(urlsplit(self.base).path)]
        assert whole.startswith(origin + "/"), f"{reference} leads off the site"
        return self.fetch(method, whole.removeprefix(origin).partition("#")[0], headers, mounted=True)


@dataclass(frozen=True)
class Case:
    """A request, and what is wrong with its answer (one sentence for each fault)."""

    target: str
    judge: Judge
    method: str = "GET"
    headers: Headers = ()
    body: bytes = b""
    needs: frozenset[str] = frozenset()

    def __str__(self) -> str:
        said = " ".join(f"[{name}: {value[:_SHOWN]}]" for name, value in self.headers)
        return f"{self.method} {self.target[:_SHOWN]} {said}".strip()


Family = Callable[[Site], Iterator[Case]]


def status(*expected: int) -> Judge:
    """A judge that wants one of these statuses."""

    def judge(answer: Answer) -> Iterator[str]:
        if answer.status not in expected:
            yield f"should be {' or '.join(map(str, expected))}"

    return judge


def needs(*names: str) -> frozenset[str]:
    """What a case needs; a misspelt one is a fault of the test."""
    assert NEEDS.issuperset(names), names
    return frozenset(names)


def faults(family: Family, site: Site) -> list[str]:
    """What is wrong with the answers to the cases of a family that the site can keep."""
    found: list[str] = []
    for case in family(site):
        if case.needs <= site.can:
            site.asked[family.__name__] += 1
            answer = site.fetch(case.method, case.target, case.headers, case.body)
            judged = [*_judged(case, answer), *of_every_answer(case.method, dict(case.headers), answer, site)]
            found += [f"{case}\n    → {answer.status}: {sentence}" for sentence in judged]
    return found


def _judged(case: Case, answer: Answer) -> Iterator[str]:
    """What the case's judge says; what it cannot read is a fault of the answer."""
    try:
        yield from case.judge(answer)
    except (AssertionError, AttributeError, LookupError, ValueError) as fault:
        yield f"cannot be read: {fault!r}"
