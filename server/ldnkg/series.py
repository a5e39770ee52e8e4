"""The releases as a series of datasets (DCAT 3, section 11): the series, its versions, what each of them has.

A version is `{base}dataset/{name}`, by the name of its moment; `{base}dataset` is what they are versions of.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from pyoxigraph import Literal, NamedNode, Triple

from ldnkg.changes import Kind
from ldnkg.counts import Term
from ldnkg.history import History, Moment
from ldnkg.iris import PREFIXES

_TYPE = NamedNode(PREFIXES["rdf"] + "type")
_DATE_TIME = NamedNode(PREFIXES["xsd"] + "dateTime")


def series_of(base: str) -> NamedNode:
    """The series of all versions."""
    return NamedNode(f"{base}dataset/series")


def version_of(base: str, moment: Moment) -> NamedNode:
    """The version that began at a moment."""
    return NamedNode(f"{base}dataset/{moment.name}")


def series(history: History, base: str, title: Literal) -> Iterator[Triple]:
    """The series itself, with its first and its last version."""
    whole = series_of(base)
    yield Triple(whole, _TYPE, _dcat("DatasetSeries"))
    yield Triple(
        whole, _dcterms("title"), Literal(f"{title.value}: releases", language=title.language or "en")
    )
    for name, moments in (("first", history.moments[:1]), ("last", history.moments[-1:])):
        yield from (Triple(whole, _dcat(name), version_of(base, each)) for each in moments)


def version(moment: Moment, history: History, base: str, notes: str | None) -> Iterator[Triple]:
    """A version in its series: when it was issued, what was before it, what is other since then."""
    here, dataset = version_of(base, moment), NamedNode(f"{base}dataset")
    yield Triple(here, _TYPE, _dcat("Dataset"))
    yield Triple(here, _dcat("inSeries"), series_of(base))
    yield Triple(here, _dcat("isVersionOf"), dataset)
    yield Triple(dataset, _dcat("hasVersion"), here)
    yield Triple(here, _dcterms("identifier"), Literal(moment.release))
    yield Triple(here, _dcterms("issued"), Literal(moment.time.isoformat(), datatype=_DATE_TIME))
    if moment.version:
        yield Triple(here, _dcat("version"), Literal(moment.version))
    if before := history.before(moment):
        yield Triple(here, _dcat("prev"), version_of(base, before))
        yield Triple(here, _dcat("previousVersion"), version_of(base, before))
    if notes:
        yield Triple(here, NamedNode(PREFIXES["adms"] + "versionNotes"), Literal(notes, language="en"))


def described(said: Iterable[Triple], moment: Moment, base: str) -> list[Triple]:
    """What a release says about the dataset, said about the version: its files are those of the release."""
    dataset, here = f"{base}dataset", version_of(base, moment).value

    def moved(iri: str) -> str:
        if iri == dataset or iri.startswith(f"{dataset}#"):
            return here + iri.removeprefix(dataset)
        return f"{iri}?release={moment.name}" if iri.startswith(f"{base}download/") else iri

    def term(value: Term) -> Term:
        return NamedNode(moved(value.value)) if isinstance(value, NamedNode) else value

    return [
        Triple(NamedNode(moved(each.subject.value)), each.predicate, term(each.object))
        for each in said
        if isinstance(each.subject, NamedNode)
    ]


def told(totals: Mapping[Kind, int]) -> str:
    """How many things changed, in words.

    >>> told({"added": 3, "changed": 1, "removed": 0})
    '3 things added, 1 changed, 0 removed'
    """
    words: Sequence[tuple[Kind, str]] = (("added", "added"), ("changed", "changed"), ("removed", "removed"))
    first, *rest = [f"{totals.get(kind, 0):,} {word}" for kind, word in words]
    number, _, word = first.partition(" ")
    return ", ".join([f"{number} {'thing' if number == '1' else 'things'} {word}", *rest])


def _dcat(name: str) -> NamedNode:
    return NamedNode(PREFIXES["dcat"] + name)


def _dcterms(name: str) -> NamedNode:
    return NamedNode(PREFIXES["dcterms"] + name)
