"""How a list is narrowed and sorted by its address, and the links that change that.

`told` is the one place that says which parameters an address may have and in which order: tags, links and
what is remembered all go by it. Parameters that we do not know are left out, a value that nothing has is `-`
whatever it was, so that there are no more variants of a list than there is data for.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from flask import Flask, g, request
from pyoxigraph import Literal, NamedNode

from ldnkg.facets import KIND, Choice, Facet
from ldnkg.formats import JSON
from ldnkg.web.pages import kinds, label
from ldnkg.web.request import opened, sent_below
from ldnkg.web.targets import split_suffix

NOTHING = "-"
"""Instead of a value that nothing has."""
SHOWN = 7
"""So many values of a facet are shown; a link leads to all of them."""
SORT, ALL, NAME = "sort", "all", "name"

_TERMS = {"ont": "term of the ontology", "vocab": "entry of a list"}
_EVERYWHERE = ("page", "release")
_SEARCH, _CLASS = "/search", "/class/"
_LONGEST_QUERY = 500


@dataclass(frozen=True)
class Option:
    """One value that a list may be narrowed to: its words, how many there are, and where the link leads.

    Of the value that is chosen the link leads back to the list without it.
    """

    choice: Choice
    href: str
    chosen: bool = False


@dataclass(frozen=True)
class Options:
    """What a facet offers in this list: some values, and a link to all if these are not all."""

    facet: Facet
    shown: tuple[Option, ...]
    rest: int
    href: str

    @property
    def chosen(self) -> bool:
        """Whether it is open: the list is narrowed by it, or all its values are asked for."""
        return self.facet.name in chosen() or told().get(ALL) == self.facet.name


@dataclass(frozen=True)
class Chip:
    """A filter in force: its facet, its value (None for one that nothing has), and the list without it."""

    facet: Facet
    choice: Choice | None
    href: str


@dataclass(frozen=True)
class Column:
    """How a list can be sorted by a column: the link, and which way it is sorted by it now (`aria-sort`)."""

    href: str
    sorted: str | None


def register(app: Flask) -> None:
    """Give the templates what they show of filters."""
    app.jinja_env.globals.update(called=called, chips=chips, is_narrowed=is_narrowed, plain_list=plain)


def told() -> Mapping[str, str]:
    """The parameters of this address that tell its document from others, in their one order."""
    if "told" not in g:
        g.told = _told()
    known: Mapping[str, str] = g.told
    return known


def tell_nothing() -> None:
    """Let no parameter tell this document from others: it is the same with any."""
    g.told = {}


def parameters(**changed: object) -> str:
    """The query that tells this document from others, with some of it changed or (None) left out.

    It is `""`, or goes from `?` on.
    """
    kept = [(name, value) for name, value in {**told(), **changed}.items() if value is not None]
    ordered = dict(sorted(kept, key=_place))
    return f"?{urlencode(ordered)}" if ordered else ""


def told_or_sent() -> Iterable[tuple[str, str]]:
    """The parameters to keep from page to page: of a list those that are known, else all that were sent."""
    if not _is_list():
        return request.args.items(multi=True)
    known = {name: value for name, value in told().items() if name not in _EVERYWHERE}
    return [(name, request.args[name]) for name in ("format", *_EVERYWHERE) if name in request.args] + [
        *known.items()
    ]


def chosen() -> dict[str, str]:
    """The facets that the list is narrowed by, with their values."""
    return {each.name: told()[each.name] for each in _facets() if each.name in told()}


def is_narrowed() -> bool:
    """Whether this is not the plain list, in its own order."""
    return any(name not in _EVERYWHERE for name in told())


def sorting() -> tuple[str, bool]:
    """The column that the list is sorted by, and whether downwards."""
    by = told().get(SORT, NAME)
    return by.removeprefix("-"), by.startswith("-")


def chips() -> tuple[Chip, ...]:
    """The filters in force."""
    facets = opened().facets
    return tuple(
        Chip(each, facets.choice(each.name, told()[each.name]), _without(each.name))
        for each in _facets()
        if each.name in told()
    )


def options(among: int) -> tuple[Options, ...]:
    """What the list may be narrowed to further; `among` is what it would be without any filter.

    Of a facet that is chosen the other values are counted as if it were not, so that one can change over.
    In what a search finds the facets of most come first.
    """
    here, found, covered = opened().facets, [], {}
    for facet in _facets():
        others = {name: key for name, key in chosen().items() if name != facet.name}
        choices = here.choices(facet.name, here.narrowed(others, among))
        if len(choices) > 1 or facet.name in chosen():
            found.append(_options(facet, choices))
            covered[facet.name] = sum(each.count for each in choices)
    if _is_search():
        found.sort(key=lambda each: (each.facet.name != KIND, -covered[each.facet.name]))
    return tuple(found)


def columns(slugs: Iterable[str]) -> Mapping[str, Column]:
    """The sorting links of a list by the slugs of its columns."""
    by, down = sorting()
    found = {}
    for slug in slugs:
        ways = {slug: None, f"-{slug}": None} if slug == by and not down else {slug: None}
        way = list(ways)[-1]
        href = _here() + parameters(page=None, sort=None if way == NAME else way)
        found[slug] = Column(href, ("descending" if down else "ascending") if slug == by else None)
    return found


def plain() -> str:
    """The list without any filter."""
    return _here() + parameters(page=None, all=None, **{each.name: None for each in _facets()})


def called(facet: Facet, choice: Choice) -> Literal:
    """The words of a value, in the reader's language where it is a thing or a term."""
    if facet.name == KIND:
        return kind_names().get(choice.key, Literal(choice.label))
    return label(NamedNode(choice.iri)) if choice.iri else Literal(choice.label)


def kind_names() -> dict[str, Literal]:
    """What the kinds are called by their segments, words too; put together once a request."""
    if "kind_names" not in g:
        terms = {name: Literal(text, language="en") for name, text in _TERMS.items()}
        g.kind_names = terms | {kind.segment: kind.label for kind in kinds()}
    found: dict[str, Literal] = g.kind_names
    return found


def _options(facet: Facet, choices: list[Choice]) -> Options:
    now = told().get(facet.name)
    whole = told().get(ALL) == facet.name
    made = [
        Option(each, _without(facet.name), True)
        if each.key == now
        else Option(each, _here() + parameters(page=None, all=None, **{facet.name: each.key}))
        for each in choices
    ]
    made.sort(key=lambda each: not each.chosen)
    shown = made if whole or len(made) <= SHOWN + 1 else made[:SHOWN]
    return Options(
        facet, tuple(shown), len(made) - len(shown), _here() + parameters(page=None, all=facet.name)
    )


def _place(parameter: tuple[str, object]) -> tuple[int, str]:
    """Where a parameter stands: the query, the facets by their names, how the list is shown, the release."""
    name, _ = parameter
    order = ("q", "", SORT, ALL, *_EVERYWHERE)
    return order.index(name if name in order else ""), name


def _without(name: str) -> str:
    return _here() + parameters(page=None, all=None, **{name: None})


def _here() -> str:
    """The address of the list without its format and its parameters."""
    path, _ = split_suffix(sent_below("/")[0])
    return f"{request.script_root}/{path}"


def _facets() -> tuple[Facet, ...]:
    """The facets of the list that this address is, if it is one."""
    if _is_search():
        named = (Facet(each.name, each.name.replace("-", " ")) for each in opened().facets.all)
        return (Facet(KIND, KIND), *named)
    kind = _kind()
    return opened().facets.of(kind) if kind else ()


def _is_search() -> bool:
    path = request.path
    return path.startswith(_SEARCH) and split_suffix(path, (JSON,))[0] == _SEARCH


def _is_list() -> bool:
    return _is_search() or _kind() is not None


def _kind() -> str | None:
    """The kind of things that this address lists, if it does; `%61` in it is `a`, as for the router."""
    path = request.path
    return split_suffix(path.removeprefix(_CLASS))[0] if path.startswith(_CLASS) else None


def _told() -> Mapping[str, str]:
    kind = _kind()
    said, found = request.args, {}
    if _is_search() and (q := said.get("q", "").strip()[:_LONGEST_QUERY]):
        found["q"] = q
    facets = _facets()
    for each in facets:
        if key := said.get(each.name):
            found[each.name] = key if opened().facets.choice(each.name, key) else NOTHING
    if kind and (by := said.get(SORT)) and by != NAME:
        if by.removeprefix("-") in opened().facets.sortable(kind):
            found[SORT] = by
    if said.get(ALL) in {each.name for each in facets}:
        found[ALL] = said[ALL]
    found |= {name: said[name] for name in _EVERYWHERE if name in said}
    return dict(sorted(found.items(), key=_place))
