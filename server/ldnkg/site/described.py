"""What a dataset says about itself."""

from dataclasses import dataclass
from typing import TypeGuard

from pyoxigraph import Literal, NamedNode

from ldnkg.iris import PREFIXES, leads_on
from ldnkg.store import Store


@dataclass(frozen=True)
class Dataset:
    """What the dataset says about itself; None or empty where it is silent."""

    title: Literal
    description: Literal | None
    version: str | None
    license: NamedNode | None
    citation: Literal | None
    rights: tuple[Literal, ...]
    """What a reader has to know on every page."""
    notes: tuple[Literal, ...]
    """What a user of the data has to know."""
    starts: tuple[NamedNode, ...]
    """Things that are good to look at first."""
    creators: tuple[NamedNode, ...]
    """Who made it."""
    contact: NamedNode | None
    """Where problems are reported (`dcat:contactPoint`): a mail address or a page elsewhere."""


def described(store: Store, base: str) -> Dataset:
    """The description of `{base}dataset` (DCAT 3, VoID) in the store of a release."""

    def all_of(prefix: str, name: str) -> list[object]:
        return list(store.objects(NamedNode(base + "dataset"), NamedNode(PREFIXES[prefix] + name)))

    def texts(prefix: str, name: str) -> tuple[Literal, ...]:
        return tuple(each for each in all_of(prefix, name) if isinstance(each, Literal))

    def text(prefix: str, name: str) -> Literal | None:
        return next(iter(texts(prefix, name)), None)

    version, licenses = text("dcat", "version"), all_of("dcterms", "license")
    return Dataset(
        title=text("dcterms", "title") or Literal(base),
        description=text("dcterms", "description"),
        version=version.value if version else None,
        license=next((each for each in licenses if isinstance(each, NamedNode)), None),
        citation=text("dcterms", "bibliographicCitation"),
        rights=texts("dcterms", "rights"),
        notes=texts("skos", "scopeNote"),
        starts=tuple(each for each in all_of("void", "exampleResource") if isinstance(each, NamedNode)),
        creators=tuple(each for each in all_of("dcterms", "creator") if isinstance(each, NamedNode)),
        contact=next((each for each in all_of("dcat", "contactPoint") if _is_elsewhere(each, base)), None),
    )


def _is_elsewhere(term: object, base: str) -> TypeGuard[NamedNode]:
    """Whether a term is an address that leads out of this site."""
    return isinstance(term, NamedNode) and leads_on(term.value) and not term.value.startswith(base)
