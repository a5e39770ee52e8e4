"""The endpoint's side of HTTP: SPARQL 1.1 Protocol, section 2.1, with the contract's formats."""

import json
from collections.abc import Iterator
from functools import partial
from urllib.parse import quote, urlencode

from contract import oracle
from contract.cases import Case, Site, needs, status
from contract.negotiation import BROWSERS, CLIENTS, HOSTILE
from contract.reading import OXIGRAPH, parse
from contract.transport import Answer, Headers

TABLES = {
    "json": "application/sparql-results+json",
    "xml": "application/sparql-results+xml",
    "csv": "text/csv",
    "tsv": "text/tab-separated-values",
    "html": "text/html",
}
_ALIASES = ("application/json", "application/xml")
GRAPHS = {suffix: oracle.FORMATS[suffix] for suffix in (*oracle.GRAPHS, "html")}
QUERIES = {
    "SELECT ?c { ?s <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> ?c } ORDER BY ?c LIMIT 5": TABLES,
    "ASK { ?s ?p 'no such thing' }": TABLES,
    "CONSTRUCT { ?s a ?c } WHERE { ?s a ?c } LIMIT 5": GRAPHS,
    "DESCRIBE <https://lights.example/id/light/eddystone>": GRAPHS,
}
DESCRIPTION = {suffix: oracle.FORMATS[suffix] for suffix in oracle.GRAPHS} | {"html": "text/html"}
_BROKEN = "SELECT ?s WHERE {\n  ?s ?p \n}"
_REFUSED = (
    "SELECT * { SERVICE <http://remote.example/> { ?s ?p ?o } }",
    "SELECT * FROM <file:///etc/passwd> { ?s ?p ?o }",
    "INSERT DATA { <a:b> <a:c> <a:d> }",
    "LOAD <http://remote.example/>",
)


def answers(site: Site) -> Iterator[Case]:
    """Each kind of query × GET, form and direct POST × Accept × `?format=`."""
    for query, formats in QUERIES.items():
        types = tuple(formats.values())
        aliases = _ALIASES if formats is TABLES else ()
        for accept in (None, *BROWSERS.values(), *CLIENTS.values(), *HOSTILE.values(), *types, *aliases):
            for method, target, headers, body in _sent(query, accept):
                yield Case(
                    target,
                    partial(answered, accept, (*types, *aliases), method),
                    method,
                    headers,
                    body,
                    needs("endpoint"),
                )
        for suffix, media_type in formats.items():
            for wanted in (suffix, media_type):
                yield Case(
                    "/sparql?" + urlencode({"query": query, "format": wanted}),
                    partial(fixed, media_type),
                    headers=(("Accept", "image/png"),),
                    needs=needs("endpoint"),
                )
        yield Case(
            "/sparql?" + urlencode({"query": query, "format": "xyz"}),
            status(406),
            needs=needs("endpoint"),
        )


def _sent(query: str, accept: str | None) -> Iterator[tuple[str, str, Headers, bytes]]:
    """The three ways of the protocol to send a query; hostile fields one way only."""
    headers: Headers = () if accept is None else (("Accept", accept),)
    yield "GET", "/sparql?query=" + quote(query, safe=""), headers, b""
    if accept is None or accept in CLIENTS.values():
        yield "HEAD", "/sparql?" + urlencode({"query": query}), headers, b""
        form = (*headers, ("Content-Type", "application/x-www-form-urlencoded"))
        yield "POST", "/sparql", form, urlencode({"query": query}).encode()
        direct = (*headers, ("Content-Type", "application/sparql-query; charset=UTF-8"))
        yield "POST", "/sparql", direct, query.encode()


def answered(accept: str | None, types: tuple[str, ...], method: str, answer: Answer) -> Iterator[str]:
    expected = oracle.choice(accept, types)
    if "accept" not in oracle.names(answer.one("Vary")):
        yield f"Vary is {answer.one('Vary')!r}"
    if expected is None:
        if answer.status != 406:
            yield f"should be 406, not {answer.media_type}"
        return
    yield from fixed(expected, answer, method, varies=True)
    if method in ("GET", "HEAD") and answer.status == 200 and not answer.one("Content-Location"):
        yield "has no Content-Location"
    if method == "POST" and "no-store" not in (answer.one("Cache-Control") or ""):
        yield f"Cache-Control is {answer.one('Cache-Control')!r}"


def fixed(expected: str, answer: Answer, method: str = "GET", *, varies: bool = False) -> Iterator[str]:
    if (answer.status, answer.media_type) != (200, expected):
        yield f"should be 200 {expected}, not {answer.media_type}"
        return
    if not varies and "accept" in oracle.names(answer.one("Vary")):
        yield "does not depend on Accept, but says so in Vary"
    if answer.all("Content-Disposition"):
        yield "is forced upon a browser as a file"
    if method != "HEAD" and (answer.media_type in OXIGRAPH or "json" in expected or "html" in expected):
        parse(answer)


def description(site: Site) -> Iterator[Case]:
    """Without a query: the service description in RDF, and the form for those who like HTML better."""
    for accept in (None, *BROWSERS.values(), *CLIENTS.values(), *HOSTILE.values(), *DESCRIPTION.values()):
        yield Case(
            "/sparql",
            partial(answered, accept, tuple(DESCRIPTION.values()), "GET"),
            headers=() if accept is None else (("Accept", accept),),
            needs=needs("endpoint"),
        )


def faults(site: Site) -> Iterator[Case]:
    """What is wrong with a query is told as the contract's table says, in the client's language."""
    for accept in (
        None,
        "*/*;q=0.1, text/plain",
        "application/sparql-results+json, application/problem+json;q=0.9",
        "application/sparql-results+json",
    ):
        headers: Headers = () if accept is None else (("Accept", accept),)
        if accept is not None:  # a browser gets the form again, with the fault in it
            yield Case("/sparql?query=" + quote(_BROKEN), broken, headers=headers, needs=needs("endpoint"))
            for query in _REFUSED:
                yield Case(
                    "/sparql?query=" + quote(query),
                    status(403),
                    headers=headers,
                    needs=needs("endpoint"),
                )
        for method, target, expected in (
            ("GET", "/sparql?update=CLEAR%20ALL", 405),
            ("GET", "/sparql?query=ASK%7B%7D&query=ASK%7B%7D", 400),
            ("GET", "/sparql?query=%ff", 400),
            ("GET", "/sparql?query=", 400),
            ("GET", "/sparql?query=%00", 400),
        ):
            yield Case(
                target,
                status(expected),
                method,
                headers or (("Accept", "application/json"),),
                needs=needs("endpoint"),
            )
    form = (("Content-Type", "application/x-www-form-urlencoded"), ("Accept", "application/problem+json"))
    for body, expected in ((b"", 400), (b"update=CLEAR+ALL", 403), (b"query=%ff", 400), (b"\xff", 400)):
        yield Case(
            "/sparql",
            status(expected),
            "POST",
            form,
            body,
            needs("endpoint"),
        )


def broken(answer: Answer) -> Iterator[str]:
    if answer.status != 400:
        yield "should be 400"
    elif answer.media_type == "application/problem+json":
        told = json.loads(answer.text)
        if (told.get("line"), told.get("text")) != (3, "}"):
            yield f"the fault is at {told.get('line')}: {told.get('text')!r}"
