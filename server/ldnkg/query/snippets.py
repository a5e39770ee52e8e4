"""A query as a program sends it: for curl, Python and R. Each piece runs as it stands.

Query texts come from outside: what is pasted into a shell or a program is quoted by its rules.
"""

import json
import shlex
from collections.abc import Iterator
from dataclasses import dataclass

from ldnkg.query.guard import Query


@dataclass(frozen=True)
class Snippet:
    """A piece of program: its language as a name for people and for programs, what it needs, its text."""

    label: str
    language: str
    needs: str
    text: str


def snippets(query: Query, endpoint: str) -> Iterator[Snippet]:
    """How to ask the endpoint this query, and to get a table, a yes or no, or triples."""
    media_type = _media_type(query)
    yield Snippet("curl", "sh", "", _curl(query.text, endpoint, media_type))
    yield Snippet("Python with requests", "python", _needs(query), _requests(query, endpoint, media_type))
    yield Snippet("Python with SPARQLWrapper", "python", "SPARQLWrapper", _wrapper(query, endpoint))
    yield Snippet("R", "r", "R 4.0 or newer, no packages", _r(query, endpoint))


def python_text(text: str) -> str:
    """A text as a literal of Python: as it is between three quotes where that can be.

    >>> python_text("ASK {}\\n") == 'r""' + '"ASK {}\\n"' + '""'
    True
    >>> print(python_text('"'))
    "\\""
    """
    if text.endswith("\n") and '"""' not in text and "\r" not in text:
        return f'r"""{text}"""'
    return json.dumps(text)


def r_text(text: str) -> str:
    """A text as a raw string of R 4, with as many dashes as it needs.

    >>> r_text('a)"b')
    'r"-(a)"b)-"'
    """
    dashes = ""
    while f'){dashes}"' in text:
        dashes += "-"
    return f'r"{dashes}({text}){dashes}"'


def _media_type(query: Query) -> str:
    if query.is_graph:
        return "text/turtle"
    return "application/sparql-results+json" if query.form == "ASK" else "text/csv"


def _needs(query: Query) -> str:
    return "requests and pandas" if query.form == "SELECT" else "requests"


def _curl(text: str, endpoint: str, media_type: str) -> str:
    return (
        f"curl --fail-with-body --silent --show-error {shlex.quote(endpoint)} \\\n"
        f"  --header 'Accept: {media_type}' \\\n"
        f"  --data-urlencode query={shlex.quote(text)}\n"
    )


def _requests(query: Query, endpoint: str, media_type: str) -> str:
    table = query.form == "SELECT"
    imports = "import io\n\nimport pandas\nimport requests\n" if table else "import requests\n"
    tail = {
        "SELECT": "print(pandas.read_csv(io.StringIO(answer.text)))\n",
        "ASK": 'print(answer.json()["boolean"])\n',
    }.get(query.form or "", "print(answer.text)\n")
    return (
        f"{imports}\nquery = {python_text(query.text)}\n"
        f"answer = requests.post(\n    {json.dumps(endpoint)},\n"
        f'    data={{"query": query}},\n    headers={{"Accept": {json.dumps(media_type)}}},\n'
        "    timeout=60,\n)\n"
        "answer.raise_for_status()\n"
        'answer.encoding = "utf-8"\n' + tail
    )


def _wrapper(query: Query, endpoint: str) -> str:
    format_ = "TURTLE" if query.is_graph else "JSON"
    tail = {
        "SELECT": (
            'for row in client.queryAndConvert()["results"]["bindings"]:\n'
            '    print({name: term["value"] for name, term in row.items()})\n'
        ),
        "ASK": 'print(client.queryAndConvert()["boolean"])\n',
    }.get(query.form or "", "print(client.queryAndConvert().decode())\n")
    return (
        f"from SPARQLWrapper import {format_}, POST, SPARQLWrapper\n\n"
        f"client = SPARQLWrapper({json.dumps(endpoint)}, returnFormat={format_})\n"
        "client.setMethod(POST)\n"
        "client.setOnlyConneg(True)\n"
        f"client.setQuery({python_text(query.text)})\n" + tail
    )


def _r(query: Query, endpoint: str) -> str:
    format_ = "ttl" if query.is_graph else "csv"
    read = (
        'cat(readLines(address, encoding = "UTF-8"), sep = "\\n")'
        if query.is_graph
        else 'print(read.csv(address, encoding = "UTF-8"))'
    )
    return (
        f"query <- {r_text(query.text)}\n"
        f'address <- paste0({json.dumps(endpoint)}, "?format={format_}&query=",\n'
        "                  URLencode(query, reserved = TRUE))\n"
        f"{read}\n"
    )
