"""What every page of HTML may use: labels, links, the dataset, the kinds of things."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from flask import Flask, g, request
from jinja2 import Template
from pyoxigraph import Literal, NamedNode

from ldnkg import describe
from ldnkg.counts import Term
from ldnkg.formats import GRAPHS
from ldnkg.iris import PREFIXES, curie, local_name, mailbox
from ldnkg.site import Opened
from ldnkg.store import Direction
from ldnkg.web.request import address, in_release, languages, link, opened
from ldnkg.web.view import Values, Words

NUMBERS = frozenset(PREFIXES["xsd"] + name for name in ("integer", "decimal", "double", "float"))
_NOT_HTML = re.compile("[^\t\n\r\x20-\x7e\xa0-\ud7ff\ue000-\ufdcf\ufdf0-\ufffd\U00010000-\U0010ffff]")
"""Controls and no characters, which a page may not hold even when they are escaped (HTML, section 13.1)."""


@dataclass(frozen=True)
class Kind:
    """One kind of thing: the segment of its addresses, the name of its class, how many there are."""

    segment: str
    class_: NamedNode
    label: Literal
    count: int
    href: str | None


class _Page(Template):
    """A template whose text is HTML, whatever the data holds."""

    def render(self, *args: object, **values: object) -> str:
        """The text, with a replacement character for each that HTML may not hold."""
        return _NOT_HTML.sub("\ufffd", super().render(*args, **values))


def register(app: Flask) -> None:
    """Give the templates their words."""
    app.jinja_env.template_class = _Page
    app.jinja_env.tests["iri"] = lambda value: isinstance(value, NamedNode)
    app.jinja_env.tests["number"] = lambda value: (
        isinstance(value, Literal) and value.datatype.value in NUMBERS
    )
    app.jinja_env.filters["capitalise"] = capitalise
    app.jinja_env.globals.update(
        address=address,
        graphs=GRAPHS,
        kinds=kinds,
        label=label,
        link=link,
        more=more,
        opened=opened,
        plain_id=str,
        term_name=term_name,
    )


def label(node: NamedNode) -> Literal:
    """The name of an IRI in the reader's language."""
    return names().of(node)


def names() -> "Names":
    """The names of things in the reader's language; the same until the end of the request."""
    found: Names | None = g.get("names")
    if found is None:
        found = g.names = Names(opened(), languages())
    return found


class Names:
    """The names that a request needs, each looked up once; those that others needed are known."""

    def __init__(self, here: Opened, spoken: tuple[str, ...]) -> None:
        self._here, self._spoken = here, spoken
        self._known: dict[NamedNode, Literal] = {}

    def of(self, node: NamedNode) -> Literal:
        """The name of an IRI."""
        found = self._known.get(node)
        if found is None:
            key = (node.value, self._spoken)
            found = self._here.names.get(key)
            if found is None:
                found = self._label(node)
                self._here.names.put(key, found)
            self._known[node] = found
        return found

    def expect(self, nodes: Iterable[NamedNode]) -> None:
        """Get ready to be asked for the names of these, which takes less time than one by one."""
        new = {node for node in nodes if node not in self._known}
        known = self._here.names
        self._here.store.expect_names(each for each in new if known.get((each.value, self._spoken)) is None)

    def _label(self, node: NamedNode) -> Literal:
        """The name of an IRI; of a foreign one without a name its prefixed name, or its address."""
        here = self._here
        found = describe.label(here.store, node, self._spoken)
        if node.value.startswith(here.base) or found.value != local_name(node.value):
            return found
        known = mailbox(node.value) or curie(node.value, here.prefixes)
        return Literal(known or re.sub("^https?://", "", node.value))


def term_name(term: NamedNode) -> Literal:
    """The name of a property or class; without one the words of its local name: `exact match`."""
    _, texts = opened().store.names(term)
    if texts:
        return describe.best(texts, languages())
    return Literal(re.sub("(?<=[a-z])(?=[A-Z])", " ", local_name(term.value)).lower())


def kinds(most: int | None = None) -> list[Kind]:
    """The kinds of things in the order of their shapes; others by how much the shapes say of them."""
    here = opened()
    return [
        Kind(segment, class_, term_name(class_), count, link(f"{here.base}class/{segment}"))
        for segment, class_, count in here.kinds[:most]
    ]


WORDS = Words(thing=label, property=term_name, expect=lambda nodes: names().expect(nodes))


def capitalise(text: str) -> str:
    """The text with its first letter as a capital, the others as they are.

    >>> capitalise("dose of LDN")
    'Dose of LDN'
    """
    return text[:1].upper() + text[1:]


def shown(value: Term) -> str:
    """The words that a page shows for a value."""
    return label(value).value if isinstance(value, NamedNode) else str(getattr(value, "value", value))


def more(node: NamedNode, values: Values) -> str | None:
    """Where the whole of a list is, if the page shows a part of it."""
    if values.total <= len(values.shown) or len(values.path) != 1:
        return None
    return request.script_root + list_path(node, *values.path[0]) + in_release()


def list_path(node: NamedNode, direction: Direction, property_: NamedNode) -> str:
    """The address of a list of a thing or a part, below the mount point."""
    return describe.list_path(node, direction, property_, opened().base, opened().prefixes)
