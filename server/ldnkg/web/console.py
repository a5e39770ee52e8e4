"""The endpoint's page for people: a query in a form, examples beside it, its answer or its fault below."""

from flask import render_template, url_for

from ldnkg.errors import AnswerTooLarge, BadQuery, KnowledgeError, QueryTimeout
from ldnkg.formats import FORMATS, Format
from ldnkg.query import Answer, Query, description
from ldnkg.query.protocol import Request
from ldnkg.web import editor, explained
from ldnkg.web.answered import address, permalink, shown
from ldnkg.web.errors import Problem
from ldnkg.web.examples import catalogue
from ldnkg.web.request import opened

__all__ = ["DATA", "PAGE", "ROWS", "address", "answered", "empty", "explaining", "failed"]

PAGE = next(each for each in FORMATS if each.kind == "page")
DATA = Format("json", "application/json", "JSON", "table")
"""How a program reads the shape of a query."""
ROWS = 1000
"""As many rows as a page shows; its downloads have all."""

_START = "SELECT ?thing ?class\nWHERE {\n  ?thing a ?class .\n}\nLIMIT 20\n"


def empty() -> str:
    """The page before a query."""
    return _page(_START)


def answered(asked: Request, query: Query, answer: Answer) -> str:
    """The page with an answer: that of a graph query in Turtle, any other in SPARQL results JSON."""
    whole = asked.default_graphs or asked.named_graphs  # a permalink has the query and nothing else
    found = shown(asked, query, answer)
    return _page(
        query.text,
        found=found,
        permalink=None if whole else permalink(query.text),
        plan=explained.beside(query, answer, found.title.lower(), empty=found.is_empty),
    )


def explaining(asked: Request, query: Query, format_: Format) -> str:
    """How a query would run, in one of PAGE and DATA; raises BadQuery where it cannot be read."""
    if format_ is DATA:
        return explained.as_json(query)
    return _page(query.text, plan=explained.before(query), data=address(asked, DATA))


def failed(text: str, fault: KnowledgeError, problem: Problem) -> str:
    """The page with what is wrong, and where."""
    place = fault if isinstance(fault, BadQuery) and fault.line else None
    caret = " " * len(f"{place.line} | ") + _blank(place.before) + "^" if place else ""
    stopped = isinstance(fault, QueryTimeout | AnswerTooLarge)
    plan = explained.instead(text) if stopped else None
    return _page(text, problem=problem, place=place, caret=caret, plan=plan)


def _page(text: str, **values: object) -> str:
    return render_template(
        "sparql/console.html",
        query=text,
        shown=explained.shown,
        catalogue=catalogue(),
        editor=editor.files(),
        endpoint=opened().base + "sparql",
        limits=description.told(opened().queries.limits),
        terms=url_for("editor.terms"),
        **values,
    )


def _blank(text: str) -> str:
    """The text with all but its tabs blank, so that a caret below it lines up."""
    return "".join("\t" if character == "\t" else " " for character in text)
