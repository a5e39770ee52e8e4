"""What is counted and put in order once, at release time, so that no page has to: `counts.sqlite`.

In it are the values of every list longer than MANY, the members of every type in order of their names, the
parts of every thing, the names of all that has one, and the literals that the store changes (`50.0` to `50`)
as they were written. With it the cost of a page depends neither on the size of the graph nor on the degree of
a node (see ldnkg.store, which reads it).
"""

import re
import sqlite3
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import closing
from operator import attrgetter
from pathlib import Path

from pyoxigraph import BlankNode, Literal, NamedNode, Triple

from ldnkg.facts import Facts, Statement, as_stored, facts
from ldnkg.iris import PREFIXES
from ldnkg.turtle.writing import natural

MANY = 50
"""A list with more values than this is paged."""
ANY = ""
"""In place of a property: all together."""

LABELS: tuple[NamedNode, ...] = (
    NamedNode(PREFIXES["skos"] + "prefLabel"),
    NamedNode(PREFIXES["rdfs"] + "label"),
    NamedNode(PREFIXES["dcterms"] + "title"),
)
"""The properties that name a thing, the better one first."""

DEPRECATED = NamedNode(PREFIXES["owl"] + "deprecated")
REPLACED_BY = NamedNode(PREFIXES["dcterms"] + "isReplacedBy")
"""What makes a tombstone."""

Term = NamedNode | BlankNode | Literal | Triple
_Key = tuple[str, str, str]  # node, direction, property
_Types = tuple[str, str, int]  # segment, class, members

_TYPE = NamedNode(PREFIXES["rdf"] + "type")
_STRING = NamedNode(PREFIXES["xsd"] + "string")
_LANGUAGES = ("en", None)

_SCHEMA = """
CREATE TABLE degree (
    id INTEGER PRIMARY KEY, node TEXT NOT NULL, direction TEXT NOT NULL, property TEXT NOT NULL,
    count INTEGER NOT NULL, UNIQUE (node, direction, property)
);
CREATE TABLE value (
    degree INTEGER NOT NULL, position INTEGER NOT NULL, term TEXT NOT NULL, PRIMARY KEY (degree, position)
) WITHOUT ROWID;
CREATE TABLE member (
    segment TEXT NOT NULL, position INTEGER NOT NULL, iri TEXT NOT NULL, PRIMARY KEY (segment, position)
) WITHOUT ROWID;
CREATE TABLE part (
    owner TEXT NOT NULL, position INTEGER NOT NULL, iri TEXT NOT NULL, PRIMARY KEY (owner, position)
) WITHOUT ROWID;
CREATE TABLE written (node TEXT NOT NULL, property TEXT NOT NULL, stored TEXT NOT NULL, term TEXT NOT NULL);
CREATE INDEX written_of ON written (node);
CREATE TABLE name (
    iri TEXT NOT NULL, position INTEGER NOT NULL, property TEXT NOT NULL, text TEXT NOT NULL, language TEXT,
    PRIMARY KEY (iri, position)
) WITHOUT ROWID;
CREATE TABLE spread (
    property TEXT PRIMARY KEY, triples INTEGER NOT NULL, outgoing INTEGER NOT NULL, incoming INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE type (segment TEXT PRIMARY KEY, class TEXT NOT NULL, count INTEGER NOT NULL) WITHOUT ROWID;
"""
"""`spread` has the most values of one subject and the most subjects of one value, by property.

Of a name `language` is the tag, `""` without; a text that has another datatype is a term of
N-Triples.
"""


def write_counts(path: Path, triples: Collection[Statement], base: str) -> None:
    """Write `counts.sqlite` for a graph, whose things stand below `{base}id/`."""
    triples = facts(triples)
    called = names(triples)
    things, parts = _things(triples, base)
    with closing(sqlite3.connect(path)) as database:
        database.executescript(_SCHEMA)
        _write_degrees(database, triples, called)
        database.executemany("INSERT INTO spread VALUES (?, ?, ?, ?)", _spreads(triples))
        database.executemany("INSERT INTO member VALUES (?, ?, ?)", _in_order(things, called))
        database.executemany("INSERT INTO part VALUES (?, ?, ?)", _in_order(parts, {}))
        database.executemany("INSERT INTO type VALUES (?, ?, ?)", _types(triples, things, base))
        database.executemany("INSERT INTO name VALUES (?, ?, ?, ?, ?)", _named(triples))
        database.executemany("INSERT INTO written VALUES (?, ?, ?, ?)", sorted(_written(triples)))
        database.commit()


def hubs(path: Path, more_than: int) -> list[NamedNode]:
    """The nodes that more triples than this lead to, as a `counts.sqlite` has them."""
    asked = "SELECT node FROM degree WHERE direction = 'incoming' GROUP BY node HAVING sum(count) > ?"
    with closing(sqlite3.connect(path)) as database:
        return [NamedNode(node) for (node,) in database.execute(f"{asked} ORDER BY node", (more_than,))]


def names(triples: Iterable[Statement], among: tuple[NamedNode, ...] = LABELS) -> dict[str, str]:
    """The best name of each IRI that has one: English, else without language, else any; see LABELS.

    `among` are other properties to take a text from, the better one first.
    """
    best: dict[str, tuple[tuple[int, int, str], str]] = {}
    for triple in facts(triples).having(*among):
        if isinstance(triple.subject, NamedNode) and isinstance(triple.object, Literal):
            rank = (_language_rank(triple.object), among.index(triple.predicate), triple.object.value)
            known = best.get(triple.subject.value)
            if known is None or rank < known[0]:
                best[triple.subject.value] = (rank, triple.object.value)
    return {iri: name for iri, (_, name) in best.items()}


def withdrawn(triples: Iterable[Statement]) -> set[str]:
    """The things of which only a tombstone is left.

    That is a node that is `owl:deprecated`, or one without a type that something replaces
    (`dcterms:isReplacedBy`): it is no thing to list, to count or to find.
    """
    graph = facts(triples)
    replaced = {each.subject for each in graph.having(REPLACED_BY)}
    untyped = replaced and replaced - {each.subject for each in graph.having(_TYPE)}
    deprecated = {
        each.subject
        for each in graph.having(DEPRECATED)
        if str(getattr(each.object, "value", "")) in ("true", "1")
    }
    return {each.value for each in deprecated | untyped if isinstance(each, NamedNode)}


def languages(triples: Iterable[Statement]) -> set[str]:
    """The language tags of all texts."""
    return {
        triple.object.language
        for triple in triples
        if isinstance(triple.object, Literal) and triple.object.language
    }


def _language_rank(literal: Literal) -> int:
    return _LANGUAGES.index(literal.language) if literal.language in _LANGUAGES else len(_LANGUAGES)


def _write_degrees(database: sqlite3.Connection, graph: Facts, called: Mapping[str, str]) -> None:
    """Every count of a node that has one long list in that direction, and the values of the long lists."""
    degrees = Counter(key for key, _ in _ends(graph))
    hubs = {key[:2] for key, count in degrees.items() if count > MANY}
    rows = sorted((*key, count) for key, count in degrees.items() if key[:2] in hubs)
    database.executemany(
        "INSERT INTO degree VALUES (?, ?, ?, ?, ?)", ((number, *row) for number, row in enumerate(rows))
    )
    long = {
        (node, direction, name): number
        for number, (node, direction, name, count) in enumerate(rows)
        if count > MANY
    }
    values: dict[int, list[Term]] = defaultdict(list)
    for key, value in _ends(graph):
        if key in long:
            values[long[key]].append(value)
    for number, found in values.items():
        found.sort(key=lambda term: _order(term, called))
        database.executemany(
            "INSERT INTO value VALUES (?, ?, ?)",
            ((number, position, str(term)) for position, term in enumerate(found)),
        )


def _spreads(graph: Facts) -> Iterator[tuple[str, int, int, int]]:
    """The longest lists of each property in each direction, and of all together, as rows."""
    yield ANY, len(graph), max(map(len, graph.by_subject.values()), default=0), len(graph)
    for property_, said in graph.by_predicate.items():
        yield property_.value, len(said), _most(said, "subject"), _most(said, "object")


def _most(said: Iterable[Statement], end: str) -> int:
    """In how many statements that stands at one end which stands there most often."""
    return max(Counter(map(attrgetter(end), said)).values())


def _ends(graph: Facts) -> Iterator[tuple[_Key, Term]]:
    """The triples of IRIs that have many, as values of their subjects and of their objects."""
    for subject, said in graph.by_subject.items():
        if isinstance(subject, NamedNode) and len(said) > MANY:
            yield from (((subject.value, "outgoing", each.predicate.value), each.object) for each in said)
    degrees = Counter(each.object for each in graph)
    hubs: dict[Term, str] = {
        node: node.value for node, count in degrees.items() if isinstance(node, NamedNode) and count > MANY
    }
    for each in graph:
        if iri := hubs.get(each.object):
            yield (iri, "incoming", each.predicate.value), each.subject


def _order(term: Term, called: Mapping[str, str]) -> tuple[object, str]:
    """A key that sorts terms by their names, numbers in them by value; of equals, by the terms themselves."""
    value = str(term) if isinstance(term, Triple) else term.value
    return natural(called.get(value, value).casefold()), str(term)


def _things(graph: Facts, base: str) -> tuple[dict[str, list[str]], dict[str, list[str]]]:
    """The things by the segment of their type, and the parts by the thing they are parts of."""
    shape = re.compile(re.escape(base) + r"id/([^/#]+)/[^#]+(#.*)?")
    things: dict[str, list[str]] = defaultdict(list)
    parts: dict[str, list[str]] = defaultdict(list)
    subjects = {each.value for each in graph.by_subject if isinstance(each, NamedNode)}
    for iri in subjects - withdrawn(graph):
        if found := shape.fullmatch(iri):
            if found[2]:
                parts[iri.partition("#")[0]].append(iri)
            else:
                things[found[1]].append(iri)
    return things, parts


def _in_order(lists: Mapping[str, list[str]], called: Mapping[str, str]) -> Iterator[tuple[str, int, str]]:
    """Each list with its IRIs in order of their names, as rows."""
    for name, iris in sorted(lists.items()):
        ordered = sorted(iris, key=lambda iri: _order(NamedNode(iri), called))
        yield from ((name, position, iri) for position, iri in enumerate(ordered))


def _types(graph: Facts, things: Mapping[str, list[str]], base: str) -> Iterator[_Types]:
    """For each segment the class that most of its members have; of equals, one of ours."""
    segments = {iri: segment for segment, iris in things.items() for iri in iris}
    classes: dict[str, Counter[str]] = defaultdict(Counter)
    for triple in graph.having(_TYPE):
        if isinstance(triple.object, NamedNode):
            if segment := segments.get(triple.subject.value if isinstance(triple.subject, NamedNode) else ""):
                classes[segment][triple.object.value] += 1
    for segment, members in sorted(classes.items()):
        best = min(members, key=lambda name: (-members[name], not name.startswith(base), name))
        yield segment, best, len(things[segment])


def _named(graph: Facts) -> Iterator[tuple[str, int, str, str, str | None]]:
    """The texts of the first of LABELS that an IRI has, in natural order, as rows."""
    named: set[str] = set()
    for property_ in LABELS:
        texts: dict[str, list[Literal]] = defaultdict(list)
        for each in graph.having(property_):
            if isinstance(each.subject, NamedNode) and isinstance(each.object, Literal):
                texts[each.subject.value].append(each.object)
        for iri in sorted(texts.keys() - named):
            ordered = sorted(texts[iri], key=lambda text: natural(str(text)))
            yield from ((iri, at, property_.value, *_told(text)) for at, text in enumerate(ordered))
        named |= texts.keys()


def _told(text: Literal) -> tuple[str, str | None]:
    """A text and its language, as they are kept."""
    if text.direction or (not text.language and text.datatype != _STRING):
        return str(text), None
    return text.value, text.language or ""


def _written(triples: Facts) -> Iterator[tuple[str, str, str, str]]:
    """The literals of nodes that the store gives in another form, or that look like one of these, as rows."""
    changed = dict(as_stored(each.object for each in triples if isinstance(each.object, Literal)))
    ambiguous = set(changed.values())
    for triple in triples if changed else ():
        if isinstance(triple.object, Literal):
            stored = changed.get(triple.object, triple.object)
            if stored in ambiguous and isinstance(triple.subject, NamedNode):
                yield triple.subject.value, triple.predicate.value, str(stored), str(triple.object)
