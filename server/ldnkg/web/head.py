"""The head of a page: its one address, what it says in a sentence, and what it is to a search engine."""

from collections.abc import Iterable, Sequence

from flask import Flask, request, url_for
from markupsafe import Markup
from pyoxigraph import Literal, NamedNode

from ldnkg import schemaorg
from ldnkg.counts import Term
from ldnkg.describe import best
from ldnkg.formats import Format
from ldnkg.web.narrowing import is_narrowed
from ldnkg.web.pages import Kind, capitalise, label
from ldnkg.web.paging import Pager
from ldnkg.web.request import languages, node, opened

_SENTENCE = 160
"""Characters that a search engine shows of a description."""
_DESCRIPTIONS = ("description", "abstract")
_STATEMENTS = ("text", "headline")
"""What a thing says, where nothing says what it is."""


def register(app: Flask) -> None:
    """Give the templates what they need for their head."""
    app.jinja_env.filters["sentence"] = lambda text: schemaorg.abridged(text, _SENTENCE)
    app.jinja_env.globals.update(
        absolute=absolute,
        canonical_of=canonical_of,
        summary=summary,
        summary_of_kind=summary_of_kind,
        structured_list=structured_list,
        structured_site=structured_site,
        structured_terms=structured_terms,
        structured_thing=structured_thing,
    )


def absolute(endpoint: str, **values: object) -> str:
    """The address of a page on the base of the release, whatever the request was sent to."""
    return opened().base[:-1] + url_for(endpoint, **values).removeprefix(request.script_root)  # type: ignore[arg-type]


def canonical_of(variants: Iterable[tuple[Format, str]], pager: Pager | None) -> str | None:
    """The one absolute address of what these are variants of: no suffix, no query but for a later page.

    A list that is narrowed or sorted is told as the plain list.

    It is on the base of the release, whatever the request was sent to (RFC 6596).
    """
    for each, where in variants or ():
        if each.kind == "page":
            path = where.partition("?")[0].removesuffix(f".{each.suffix}").removeprefix(request.script_root)
            number = pager.number if pager and not is_narrowed() else 1
            return f"{opened().base[:-1]}{path}{f'?page={number}' if number > 1 else ''}"
    return None


def summary(thing: NamedNode) -> str:
    """What a thing is, in its own words or in a statement under its name, else in ours; as long as it is.

    A statement that is the name itself stands under the kind, so that nobody takes it for ours.
    """
    here, kind, named = opened(), _kind(thing), capitalise(label(thing).value)
    name, texts = _describer().texts(thing, (*_DESCRIPTIONS, *_STATEMENTS))
    if not texts:
        return f"{named}{f' ({kind})' if kind else ''}: what {here.dataset.title.value} says about it."
    text = best(texts, languages()).value
    if name in _DESCRIPTIONS:
        return text
    heading = named if capitalise(text) != named else capitalise(kind or "")
    return f"{heading}: {text}" if heading else text


def summary_of_kind(kind: Kind, pager: Pager) -> str:
    """What the members of a kind are, and how many there are."""
    _, texts = _describer().texts(kind.class_, _DESCRIPTIONS)
    what = best(texts, languages()).value if texts else f"{capitalise(kind.label.value)}."
    page = f", page {pager.number} of {pager.last}" if pager.number > 1 else ""
    return f"{what} {pager.total:,} in {opened().dataset.title.value}{page}."


def structured_thing(thing: NamedNode) -> Markup:
    """A thing, as a data block."""
    return _block(_describer().thing(thing))


def structured_site() -> Markup:
    """The site with its search and its dataset, as a data block."""
    search = absolute("search.results") + "?q={q}"
    return _block(schemaorg.catalogue(_describer(), search))


def structured_list(
    name: Literal, url: str, values: Sequence[Term], pager: Pager, about: NamedNode | None = None
) -> Markup:
    """A page of a list, as a data block."""
    nodes = [each for each in values if isinstance(each, NamedNode)]
    listed = schemaorg.Collection(nodes, pager.offset, pager.total, about)
    return _block(schemaorg.collection(_describer(), schemaorg.Address(url, name), listed))


def structured_terms(name: str, title: str, url: str) -> Markup:
    """A hash namespace as a set of terms, as a data block."""
    page = schemaorg.Address(url, Literal(title, language="en"))
    return _block(schemaorg.term_set(_describer(), page, node(name)))


def _describer() -> schemaorg.Describer:
    here = opened()
    license_ = here.dataset.license
    document = schemaorg.Document(
        base=here.base,
        dataset=here.dataset.title.value,
        license=license_.value if license_ else None,
        time=str(here.release.manifest["time"]),
    )
    return schemaorg.Describer(here.store, here.alignment, document, label)


def _kind(thing: NamedNode) -> str | None:
    """The name of the kind that a thing is one of."""
    here = opened()
    for segment, class_, _ in here.store.types():
        if thing.value.startswith(f"{here.base}id/{segment}/"):
            return label(class_).value
    return None


def _block(said: schemaorg.Json) -> Markup:
    """A data block, which is no script to the Content Security Policy (HTML, section 4.12.1)."""
    text = schemaorg.embedded(said)
    return Markup('<script type="application/ld+json">{}</script>').format(Markup(text))  # noqa: S704 - escaped
