"""The hash namespaces: every term of `ont`, `vocab` and `shapes` in one document, with an anchor each."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from urllib.parse import quote

from flask import Blueprint, Response, render_template
from pyoxigraph import Literal, NamedNode

from ldnkg import describe
from ldnkg.counts import Term
from ldnkg.formats import Format
from ldnkg.iris import PREFIXES, curie, local_name
from ldnkg.terms import NAMES, Terms
from ldnkg.web import answers
from ldnkg.web.pages import term_name
from ldnkg.web.request import languages, link, node, opened

blueprint = Blueprint("terms", __name__)

_SAFE = "/:@!$&'()*+,;=-._~?%"
_KNOWN = (PREFIXES["xsd"], PREFIXES["rdf"] + "langString")
"""Datatypes that need no link."""
_SHOWN = 160
"""An example shows so many characters of a text."""


@blueprint.get("/ont", defaults={"suffix": None})
@blueprint.get("/ont.<suffix>")
def ont(suffix: str | None) -> Response:
    """What the words mean: classes and properties."""
    return _namespace("ont", suffix)


@blueprint.get("/vocab", defaults={"suffix": None})
@blueprint.get("/vocab.<suffix>")
def vocab(suffix: str | None) -> Response:
    """The closed lists."""
    return _namespace("vocab", suffix)


@blueprint.get("/shapes", defaults={"suffix": None})
@blueprint.get("/shapes.<suffix>")
def shapes(suffix: str | None) -> Response:
    """What a valid record is."""
    return _namespace("shapes", suffix)


def _namespace(name: str, suffix: str | None) -> Response:
    def body(format_: Format) -> str | bytes:
        return _page(name) if format_.kind == "page" else _data(name, format_)

    return answers.negotiated(f"/{name}", suffix, body)


def _data(name: str, format_: Format) -> bytes:
    """The document as it was written with the release; NotAcceptable if its format cannot hold it."""
    terms = opened().terms
    file = terms.folder / f"{name}.{format_.suffix}"
    return file.read_bytes() if file.is_file() else answers.graph(terms.triples(name), format_, node(name))


def _page(name: str) -> str:
    reading = Reading(name, opened().terms)
    return render_template(
        f"terms/{name}.html",
        name=name,
        it=reading,
        terms=opened().terms,
        document=opened().terms.document(name),
        own_id=reading.own_id,
        variants=answers.variants(f"/{name}"),
    )


@dataclass(frozen=True)
class Reference:
    """How a page names a term: its words, its prefixed name, where it leads."""

    name: Literal
    short: str
    href: str | None


class Reading:
    """The page of one namespace for the reader of this request."""

    def __init__(self, name: str, terms: Terms) -> None:
        here = opened()
        self.space = f"{here.base}{name}#"
        self._terms, self._languages = terms, languages()
        self._base, self._prefixes = here.base, here.prefixes
        self._known: dict[NamedNode, Reference] = {}
        self._placed: set[NamedNode] = set()

    def of(self, term: NamedNode) -> Reference:
        """How the page names a term."""
        if term not in self._known:
            self._known[term] = self._reference(term)
        return self._known[term]

    def best(self, texts: Iterable[Literal]) -> Literal | None:
        """The text in the reader's language."""
        found = list(texts)
        return describe.best(found, self._languages) if found else None

    def property(self, term: NamedNode) -> Literal:
        """The name of a property in words."""
        return self.best(self._terms.names(term)) or term_name(term)

    def pieces(self, value: Term) -> tuple[str | NamedNode | Literal, ...]:
        """A value to be written piece by piece."""
        return self._terms.words.written(value)

    def cut(self, text: Literal) -> Literal:
        """The beginning of a long text."""
        if len(text.value) <= _SHOWN:
            return text
        return Literal(text.value[:_SHOWN].rstrip() + " …", language=text.language)

    def own_id(self, name: str) -> str:
        """An id of the page itself: one that is no term's."""
        while NamedNode(self.space + name) in self._terms.words:
            name += "_"
        return name

    def twins(self, terms: list[NamedNode]) -> set[NamedNode]:
        """Those of these terms whose name another one has too."""
        named = Counter(self.of(each).name.value for each in set(terms))
        return {each for each in terms if named[self.of(each).name.value] > 1}

    def place(self, term: Term) -> str | None:
        """The id of the place of a term on this page: its local name, at the first place that asks."""
        if not isinstance(term, NamedNode) or not term.value.startswith(self.space) or term in self._placed:
            return None
        self._placed.add(term)
        return term.value.removeprefix(self.space) or None

    def segments(self, class_: NamedNode) -> list[str]:
        """The segments of the lists of a class."""
        return self._segments.get(class_, [])

    def prefix(self) -> str | None:
        """The prefix that the release declares for the namespace."""
        return next((each for each, space in self._prefixes.items() if space == self.space), None)

    def vocabularies(
        self, entries: Iterable[Iterable[tuple[NamedNode, Iterable[NamedNode]]]]
    ) -> list[tuple[str, int]]:
        """The vocabularies that these alignments lead to, by prefix, and how many links lead there."""
        found = Counter(
            short.partition(":")[0] if (short := curie(each.value, self._prefixes)) else _site(each.value)
            for alignments in entries
            for _, terms in alignments
            for each in terms
        )
        return sorted(found.items(), key=lambda each: (-each[1], each[0]))

    @cached_property
    def _segments(self) -> dict[NamedNode, list[str]]:
        found: dict[NamedNode, list[str]] = {}
        for segment, class_, _ in opened().store.types():
            found.setdefault(class_, []).append(segment)
        return found

    def _reference(self, term: NamedNode) -> Reference:
        is_word = any(term.value.startswith(f"{self._base}{name}#") for name in NAMES)
        short = curie(term.value, self._prefixes)
        name = self.best(self._terms.names(term))
        if name is None or (short and not term.value.startswith(self._base)):
            name = Literal(local_name(term.value) if is_word else short or term.value)
        href = None if term.value.startswith(_KNOWN) else link(term.value)
        if href and term.value.startswith(self.space):
            href = "#" + quote(term.value.removeprefix(self.space), safe=_SAFE)
        return Reference(
            name, short or (term.value.removeprefix(self._base) if is_word else term.value), href
        )


def _site(iri: str) -> str:
    """The site of an IRI that has no prefix."""
    return iri.partition("://")[2].partition("/")[0] or iri
