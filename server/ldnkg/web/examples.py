"""The example queries as pages: one for each, chosen as a template by its class, and a list by keyword."""

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass, replace

from flask import Blueprint, Flask, Response, render_template, url_for
from pyoxigraph import Literal, NamedNode

from ldnkg.errors import KnowledgeError, NoRelease
from ldnkg.query import Query, inspect
from ldnkg.query.examples import SHOWN, Example, by_keyword, example
from ldnkg.query.highlight import spans
from ldnkg.query.protocol import Request
from ldnkg.query.snippets import Snippet, snippets
from ldnkg.web import caching
from ldnkg.web.answered import Shown, in_languages, short, shown
from ldnkg.web.answers import fresh
from ldnkg.web.errors import Problem, problem
from ldnkg.web.explained import costs
from ldnkg.web.request import link, opened
from ldnkg.web.view import Section, View

blueprint = Blueprint("examples", __name__)

ROWS = 100
"""As many rows as the page of an example shows."""


@dataclass(frozen=True)
class Linked:
    """An example in a list: its question, its page, and the address that asks it."""

    question: Literal
    page: str
    run: str


@dataclass(frozen=True)
class Page:
    """All that the page of an example shows; without `query` it cannot run here, and `problem` says why.

    `expected` is the recorded answer as rows of a table, when it is one; `cost` says what a first run costs,
    where that is much.
    """

    example: Example
    question: Literal
    query: Query | None = None
    run: str = ""
    cost: str | None = None
    snippets: tuple[Snippet, ...] = ()
    found: Shown | None = None
    problem: Problem | None = None
    expected: tuple[tuple[str, ...], ...] = ()


def register(app: Flask) -> None:
    """Give the templates their words."""
    app.jinja_env.globals.update(example=page, spans=spans, short=short, besides=besides)


@blueprint.get("/sparql/examples")
def index() -> Response:
    """The examples by keyword."""
    return fresh(
        Response(mimetype="text/html"),
        "examples",
        lambda: render_template("sparql/examples.html", catalogue=catalogue()),
        by_language=True,
    )


def catalogue() -> dict[Literal | None, tuple[Linked, ...]]:
    """The examples that run here, under each of their keywords."""
    groups = {key: tuple(_linked(group)) for key, group in by_keyword(opened().examples).items()}
    return {key: group for key, group in groups.items() if group}


def page(node: NamedNode) -> Page | None:
    """What the page of an example query shows; None for one without text or question."""
    found = example(opened().store, node)
    if found is None:
        return None
    shown_ = Page(found, in_languages(found.questions))
    try:
        text = found.runnable(opened().prefixes)
        query = inspect(text, opened().queries.limits, opened().base)
    except KnowledgeError as fault:
        return replace(shown_, problem=problem(fault))
    asked = Request(text, False, (), (), None, False)
    shown_ = replace(
        shown_,
        query=query,
        run=url_for("sparql.endpoint", query=text),
        cost=costs(query),
        snippets=tuple(snippets(query, opened().base + "sparql")),
        expected=_table(found.expected or "") if query.form == "SELECT" else (),
    )
    try:
        answer = opened().queries.run(query, query.suffix, rows=ROWS, truncate=True)
        return replace(shown_, found=shown(asked, query, answer))
    except NoRelease:
        raise
    except KnowledgeError as fault:
        caching.passing()
        return replace(shown_, problem=problem(fault))


def besides(view: View) -> Iterator[Section]:
    """The sections of an example's page without what `page` tells of; none is empty."""
    for each in view.sections:
        facts = tuple(values for values in each.facts if values.path[0][1] not in SHOWN)
        if facts or each.tables:
            yield replace(each, facts=facts)


def _linked(group: tuple[Example, ...]) -> Iterator[Linked]:
    for each in group:
        try:
            text = each.runnable(opened().prefixes)
        except KnowledgeError:
            continue
        where = link(each.node.value) or each.node.value
        yield Linked(in_languages(each.questions), where, url_for("sparql.endpoint", query=text))


def _table(text: str) -> tuple[tuple[str, ...], ...]:
    return tuple(tuple(row) for row in csv.reader(io.StringIO(text)))
