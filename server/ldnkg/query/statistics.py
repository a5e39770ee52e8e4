"""How often classes and properties are used: the partitions of VoID, as the release counts them."""

from collections.abc import Mapping
from dataclasses import dataclass

from pyoxigraph import Literal, NamedNode

from ldnkg.iris import PREFIXES
from ldnkg.store import Store

_MOST = 5000
_PARTITIONS = f"""
PREFIX void: <{PREFIXES["void"]}>
SELECT ?dataset ?term ?count {{
  ?dataset void:%sPartition ?part .
  ?part void:%s ?term ; void:%s ?count .
}}
ORDER BY DESC(?count) ?term
LIMIT {_MOST}
"""
_UNION = f"""
PREFIX sd: <{PREFIXES["sd"]}>
PREFIX void: <{PREFIXES["void"]}>
SELECT ?size {{ ?service sd:defaultDataset/sd:defaultGraph/void:triples ?size }}
"""


@dataclass(frozen=True)
class Statistics:
    """The triples of the default graph, the entities of each class, the triples of each property.

    Those used most come first, those used least are left out where there are more than 5,000. Of classes and
    properties, the description of the dataset, which holds these numbers, is not counted.
    """

    triples: int
    classes: Mapping[str, int]
    properties: Mapping[str, int]


def read(store: Store, dataset: NamedNode) -> Statistics:
    """What VoID says about the dataset."""
    size = NamedNode(PREFIXES["void"] + "triples")
    sizes = store.objects(dataset, size)
    for row in store.select(_UNION):
        sizes += [row["size"]]
    triples = max((int(each.value) for each in sizes if isinstance(each, Literal)), default=0)
    partitions = (
        _partitions(store, dataset, *each) for each in (("class", "entities"), ("property", "triples"))
    )
    return Statistics(triples, *partitions)


def _partitions(store: Store, dataset: NamedNode, kind: str, unit: str) -> dict[str, int]:
    found = {}
    for row in store.select(_PARTITIONS % (kind, kind, unit), dataset=dataset):
        term, count = row["term"], row["count"]
        if isinstance(term, NamedNode) and isinstance(count, Literal):
            found[term.value] = int(count.value)
    return found
