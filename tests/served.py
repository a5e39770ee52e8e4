"""A site made of sources, for the tests of the web: built for real, asked through Flask's client."""

import re
from collections import defaultdict
from pathlib import Path
from xml.etree import ElementTree

import engines
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from ldnkg.release import build
from ldnkg.sources import load

BASE = "https://lights.example/"
VOID = {"meta", "link", "input", "br", "img", "hr"}


def client_of(sources: Path, releases: Path, base: str = BASE) -> FlaskClient:
    """A client of the site that these sources make, its graph in the chosen engine, if any (`engines`)."""
    build(load(sources), releases, base)
    return engines.app_of(releases).test_client()


def html(response: TestResponse) -> ElementTree.Element:
    """The page as a tree; a page that is not well-formed fails the test."""
    assert response.mimetype == "text/html", response.mimetype
    return tree(response.text)


def tree(text: str) -> ElementTree.Element:
    """The text of a page as a tree."""
    text = re.sub(r"<!DOCTYPE html>", "", text)
    text = re.sub(rf"<({'|'.join(VOID)})\b([^>]*)>", r"<\1\2/>", text)
    return ElementTree.fromstring(text)


def links(response: TestResponse) -> dict[str, set[str]]:
    """The targets of the Link header fields by relation (RFC 8288)."""
    found: dict[str, set[str]] = defaultdict(set)
    for value in response.headers.getlist("Link"):
        for where, relation in re.findall(r'<([^>]*)>; rel="([^"]*)"', value):
            found[relation].add(where)
    return found


def title(page: ElementTree.Element) -> str:
    """The text of the page's one heading of the first level."""
    (heading,) = page.iter("h1")
    return words(heading)


def hrefs(page: ElementTree.Element) -> dict[str, str]:
    """The links of a page: where they lead, and their words."""
    return {each.get("href", ""): words(each) for each in page.iter("a")}


def words(element: ElementTree.Element) -> str:
    """All text of an element, with single spaces."""
    return " ".join("".join(element.itertext()).split())
