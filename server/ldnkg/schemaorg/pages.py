"""Pages that are about no single thing: the site, a list of things, a vocabulary."""

from collections.abc import Sequence
from dataclasses import dataclass

from pyoxigraph import Literal, NamedNode

from ldnkg.counts import MANY
from ldnkg.iris import PREFIXES
from ldnkg.schemaorg.texts import value
from ldnkg.schemaorg.things import Describer, Json

_TERMS_OF = tuple(
    NamedNode(PREFIXES[prefix] + name) for prefix, name in (("rdfs", "isDefinedBy"), ("skos", "inScheme"))
)


@dataclass(frozen=True)
class Address:
    """Where a page is, absolutely, and what it is called."""

    url: str
    name: Literal


@dataclass(frozen=True)
class Collection:
    """One page of a list: its members from `offset` (0 first) of `total`, and what the list is about."""

    nodes: Sequence[NamedNode]
    offset: int
    total: int
    about: NamedNode | None = None


def catalogue(describer: Describer, search: str) -> Json:
    """The site as a whole: a web site with its search (`{q}` in the address `search`), and its dataset."""
    base = describer.document.base
    dataset = describer.thing(NamedNode(base + "dataset"), ("Dataset",))
    dataset.pop("mainEntityOfPage", None)
    action = {
        "@type": "SearchAction",
        "target": {"@type": "EntryPoint", "urlTemplate": search},
        "query-input": "required name=q",
    }
    said = {"@type": ["DataCatalog", "WebSite"], "@id": base, "url": base, "name": describer.document.dataset}
    return {**said, "potentialAction": action, "dataset": dataset}


def collection(describer: Describer, page: Address, listed: Collection) -> Json:
    """A page of a list, as a page whose main entity is the list."""
    items = [
        {
            "@type": "ListItem",
            "position": listed.offset + number,
            "url": describer.document.address(each.value) or each.value,
            "name": describer.name(each),
        }
        for number, each in enumerate(listed.nodes[:MANY], start=1)
    ]
    about = {"about": describer.reference(listed.about)} if listed.about else {}
    list_ = {"@type": "ItemList", "numberOfItems": listed.total, "itemListElement": items}
    return {
        **describer.page(page.url),
        "@type": "CollectionPage",
        "url": page.url,
        "name": value(page.name, "name"),
        **about,
        "mainEntity": list_,
    }


def term_set(describer: Describer, page: Address, namespace: NamedNode) -> Json:
    """A hash namespace as a set of terms, of which at most MANY are named."""
    store = describer.store
    terms = dict.fromkeys(
        each
        for property_ in _TERMS_OF
        for each in store.values(namespace, property_, "incoming", 0, MANY)
        if isinstance(each, NamedNode)
    )
    named = [
        {"@type": "DefinedTerm", "@id": each.value, "name": describer.name(each)} for each in [*terms][:MANY]
    ]
    said = {"@type": "DefinedTermSet", "@id": namespace.value, "name": value(page.name, "name")}
    described = describer.thing(namespace)
    return {**described, **said, "url": page.url, **({"hasDefinedTerm": named} if named else {})}
