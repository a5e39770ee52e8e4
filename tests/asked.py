"""Lighthouses with example queries, served on a port of this machine under the base they are built for."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Thread

import engines
from conftest import LIGHTS, write
from werkzeug.serving import make_server

from ldnkg.query import Limits
from ldnkg.release import build
from ldnkg.sources import load

HEAD = """\
@prefix dash: <http://datashapes.org/dash#> .
@prefix q: <https://example.org/lights/id/query/> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix schema: <https://schema.org/> .
@prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .

"""

TALL = """\
q:tall a sh:SPARQLSelectExecutable ;
    dash:expectedResult "light,height\\nhttps://example.org/lights/id/light/pharos,103.0\\n" ;
    rdfs:comment "Which lights are taller than 50 m?"@en, "Welche Türme sind höher als 50 m?"@de ;
    schema:keywords "height"@en, "towers"@en ;
    sh:prefixes <https://example.org/lights/ont> ;
    sh:select "SELECT ?light ?height WHERE { ?light ex:height ?height FILTER(?height > 50) }" ;
    skos:editorialNote "Written for a test."@en ;
    skos:prefLabel "Tall lights"@en .
"""

QUOTED = r'''
q:quoted a sh:SPARQLAskExecutable ;
    dash:expectedResult "true" ;
    rdfs:comment "Does a query with every kind of quote arrive as it was sent?"@en ;
    sh:ask """ASK { # it's "all" there: \\ $HOME `id` %2F + é 灯
  FILTER(STRLEN("a'\\"\\\\b") = 5 && STRLEN('é灯%2F+&') = 7) }""" ;
    skos:prefLabel "Quotes"@en .
'''

KEPT = """\
q:kept a sh:SPARQLConstructExecutable ;
    rdfs:comment "Who keeps what?"@en ;
    schema:keywords "towers"@en ;
    sh:construct "CONSTRUCT { ?keeper ex:keptBy ?light } WHERE { ?light ex:keptBy ?keeper }" ;
    skos:prefLabel "Kept lights"@en .
"""

ALL = """\
q:all a sh:SPARQLExecutable ;
    rdfs:comment "What is said of Pharos?"@en ;
    sh:describe "DESCRIBE light:pharos" ;
    skos:prefLabel "All about Pharos"@en .
"""

ELSEWHERE = """\
q:elsewhere a sh:SPARQLSelectExecutable ;
    rdfs:comment "What do others know about our lights?"@en ;
    sh:select "SELECT * WHERE { SERVICE <http://example.org/sparql> { ?s ?p ?o } }" ;
    skos:prefLabel "Lights elsewhere"@en .
"""

ENDLESS = """\
q:endless a sh:SPARQLSelectExecutable ;
    dash:expectedResult "n\\n1\\n" ;
    rdfs:comment "How many ways are there through everything?"@en ;
    sh:select "SELECT (COUNT(*) AS ?many) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l . ?m ?n ?o }" ;
    skos:prefLabel "Everything"@en .
"""

ASKING = LIGHTS | {
    f"graph/query/{name}.ttl": HEAD + text
    for name, text in {
        "tall": TALL,
        "quoted": QUOTED,
        "kept": KEPT,
        "all": ALL,
        "elsewhere": ELSEWHERE,
        "endless": ENDLESS,
    }.items()
}


@contextmanager
def served(folder: Path, path: str = "/", sources: dict[str, str] = ASKING) -> Iterator[str]:
    """The site of these sources on a free port, below a path; gives its base."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        base = f"http://127.0.0.1:{listening.getsockname()[1]}{path}"
        build(load(write(folder / "sources", sources)), folder / "releases", base)
        app = engines.app_of(folder / "releases", Limits(seconds=2))
        server = make_server("127.0.0.1", 0, app, threaded=True, fd=listening.fileno())
        thread = Thread(target=server.serve_forever)
        thread.start()
        yield base
        server.shutdown()
        thread.join()
        server.server_close()
        app.extensions["site"].close()
