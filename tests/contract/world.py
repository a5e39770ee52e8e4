"""The graph that the matrix is served from, and what the contract promises about it."""

from dataclasses import dataclass
from urllib.parse import quote_plus

from conftest import EDDYSTONE, LIGHTS

from contract.oracle import FORMATS, VARIANTS
from ldnkg.query.packing import pack

BASE = "https://lights.example/"
MOUNTED = "https://lights.example/kg/"
_ASKED = "ASK {}"
LONG = 119
"""So many lights more are kept by one keeper: three pages of them."""

_MERGED = """\
@prefix dcterms: <http://purl.org/dc/terms/> .
@prefix ex: <https://example.org/lights/ont#> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix v: <https://example.org/lights/vocab#> .

<https://example.org/lights/id/light/smeaton> a ex:Light ;
    ex:state v:dark ;
    dcterms:isReplacedBy <https://example.org/lights/id/light/eddystone> ;
    owl:deprecated true ;
    skos:prefLabel "Smeaton's tower"@en .
"""
_WITHDRAWN = """\
@prefix ex: <https://example.org/lights/ont#> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix v: <https://example.org/lights/vocab#> .

<https://example.org/lights/id/light/atlantis> a ex:Light ;
    ex:state v:dark ;
    owl:deprecated true ;
    skos:changeNote "There never was such a light."@en ;
    skos:prefLabel "Atlantis light"@en .
"""

_PANELS = """\
@prefix ex: <https://example.org/lights/ont#> .
@prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix shp: <https://example.org/lights/shapes#> .
@prefix view: <urn:ldnkg:view:> .

shp:keepers a view:Panel ;
    view:as view:Table ;
    view:onHome <https://example.org/lights/dataset> ;
    view:onQuality <https://example.org/lights/dataset> ;
    sh:name "Keepers"@en ;
    sh:select "SELECT DISTINCT ?keeper { ?light ex:keptBy ?keeper }" .

shp:heights a view:Panel ;
    view:as view:Columns ;
    view:onList ex:Light ;
    sh:name "Heights"@en ;
    sh:select "SELECT ?label (COUNT(?light) AS ?count) { ?light ex:height ?label } GROUP BY ?label" .

shp:lamps a view:Panel ;
    view:as view:Table ;
    view:onPage ex:Light ;
    sh:name "Lamps"@en ;
    sh:select "SELECT ?lamp { $this ex:lamp ?lamp }" .
"""

FILES = (
    LIGHTS
    | {
        f"graph/light/l{number:03}.ttl": EDDYSTONE.replace("eddystone", f"l{number:03}").replace(
            '"Eddystone"', f'"Light {number:03}"'
        )
        for number in range(LONG)
    }
    | {
        "shapes/panels.ttl": _PANELS,
        "graph/light/smeaton.ttl": _MERGED,
        "graph/light/atlantis.ttl": _WITHDRAWN,
    }
)
"""The sources: the lighthouses, many more of them, one that was merged and one that was withdrawn."""


@dataclass(frozen=True)
class Resource:
    """What stands at a path, as links spell it, below the mount point.

    `variants` are the suffixes that it is negotiated among, the default first; a fixed one has none.
    """

    path: str
    variants: tuple[str, ...] = ()
    query: str = ""
    media_type: str = ""
    about: str = ""
    """The path of the thing that a document is about."""
    signposts: frozenset[str] = frozenset()
    """The relations that its Link fields must have."""
    validated: bool = True
    """Whether it has ETag and Last-Modified, and may be kept."""
    needs: frozenset[str] = frozenset()
    """What a site must be able to do besides, to have it."""

    @property
    def target(self) -> str:
        return self.path + (f"?{self.query}" if self.query else "")

    def variant(self, suffix: str) -> str:
        """The address of one variant."""
        return f"{self.path}.{suffix}" + (f"?{self.query}" if self.query else "")

    def media_types(self) -> tuple[str, ...]:
        return tuple(VARIANTS[each] for each in self.variants)


_ALL = tuple(FORMATS)
_SIGNPOSTS = frozenset({"alternate", "describedby", "license", "cite-as", "type", "linkset"})

THINGS = (
    Resource("/doc/light/eddystone", _ALL, about="/id/light/eddystone", signposts=_SIGNPOSTS),
    Resource("/doc/light/pharos", _ALL, about="/id/light/pharos", signposts=_SIGNPOSTS),
    Resource("/doc/keeper/winstanley", _ALL, about="/id/keeper/winstanley", signposts=_SIGNPOSTS),
)
LISTS = (
    Resource("/class/light", _ALL, signposts=frozenset({"alternate", "license", "linkset"})),
    Resource("/class/light", _ALL, "page=2", signposts=frozenset({"alternate", "license", "linkset"})),
    Resource("/class/light", _ALL, "state=lit&sort=-height", signposts=frozenset({"alternate", "license"})),
    Resource("/doc/keeper/winstanley/incoming/ex:keptBy", _ALL, signposts=frozenset({"alternate"})),
    Resource("/doc/keeper/winstanley/incoming/ex:keptBy", _ALL, "page=3", signposts=frozenset({"alternate"})),
)
DATASET = Resource("/dataset", _ALL, signposts=frozenset({"alternate", "license"}))
TERMS = tuple(
    Resource(path, _ALL, signposts=frozenset({"alternate", "license"}))
    for path in ("/ont", "/vocab", "/shapes")
)
SEARCHES = tuple(
    Resource("/search", ("html", "json"), query, signposts=links, needs=frozenset({"endpoint"}))
    for query, links in (
        ("q=eddystone+rocks", frozenset({"alternate", "license"})),
        ("q=light&kind=light&state=lit", frozenset({"alternate", "license", "next"})),
        ("q=light&kind=light&state=lit&page=2", frozenset({"alternate", "license", "next", "prev"})),
    )
)
NEGOTIATED = (*THINGS, *LISTS, DATASET, *TERMS, *SEARCHES)

DOWNLOADS = (
    Resource("/download/graph.nt", media_type="application/n-triples"),
    Resource("/download/graph.nq", media_type="application/n-quads"),
    Resource("/download/light.csv", media_type="text/csv"),
)
STATIC = Resource("/static/site.css", media_type="text/css")
FIXED = (
    Resource("/", media_type="text/html"),
    Resource("/suggest", query="q=eddy", media_type="application/json", validated=False),
    Resource("/health", media_type="application/json", validated=False),
    Resource("/metrics", media_type="text/plain", validated=False),
    Resource("/changes", media_type="text/html", validated=False),
    Resource("/changes.atom", media_type="application/atom+xml", validated=False),
    Resource("/timemap/light/eddystone", media_type="application/link-format", validated=False),
    Resource("/dataset/series", media_type="text/html", validated=False),
    Resource("/sitemap.xml", media_type="application/xml"),
    Resource("/sitemap/1.xml", media_type="application/xml"),
    Resource("/robots.txt", media_type="text/plain"),
    Resource("/context.jsonld", media_type="application/ld+json"),
    Resource("/sparql/examples", media_type="text/html"),
    Resource("/neighbourhood/light/eddystone", media_type="text/html"),
    Resource("/panel/heights.svg", media_type="image/svg+xml"),
    Resource("/panel/heights.png", media_type="image/png"),
    Resource("/quality", media_type="text/html"),
    Resource("/cite.csl.json", media_type="application/vnd.citationstyles.csl+json"),
    Resource("/sparql/terms.json", media_type="application/json"),
    *DOWNLOADS,
    STATIC,
)
REDIRECTS = {
    "/id/light/eddystone": (303, "/doc/light/eddystone"),
    "/id/keeper/winstanley": (303, "/doc/keeper/winstanley"),
    "/.well-known/void": (303, "/dataset"),
    "/graph/curated": (303, "/dataset#graph-curated"),
    f"/sparql/q/{pack(_ASKED)}": (301, "/sparql?query=" + quote_plus(_ASKED)),
    "/panel/keepers": (303, "/sparql"),
    "/favicon.ico": (301, "/static/favicon.svg"),
}
MISSING = (
    "/id/light/nowhere",
    "/id/light/",
    "/id/",
    "/id/light",
    "/id/light/eddystone.ttl",
    "/id/light/eddystone/",
    "/doc/light/nowhere",
    "/neighbourhood/light/nowhere",
    "/neighbourhood/",
    "/doc/light/nowhere.ttl",
    "/doc/light/nowhere.xyz",
    "/doc/light/eddystone.xyz",
    "/doc/light/eddystone.nq",
    "/doc/light/eddystone.ttl.ttl",
    "/doc/light/eddystone.TTL",
    "/doc/light/eddystone.",
    "/doc/light/eddystone/",
    "/doc/light//eddystone",
    "/doc//light/eddystone",
    "//doc/light/eddystone",
    "/doc/light/eddystone/outgoing",
    "/doc/light/eddystone/outgoing/",
    "/graph/nowhere",
    "/graph/",
    "/doc/light/eddystone/outgoing/ex:nothing",
    "/doc/light/eddystone/outgoing/nothing:at-all",
    "/doc/light/eddystone/outgoing/%00",
    "/doc/light/eddystone/sideways/ex:height",
    "/doc/light/eddystone/incoming/ex:height",
    "/doc/keeper/winstanley/incoming/ex:keptBy?page=4",
    "/doc/keeper/winstanley/incoming/ex:keptBy?page=0",
    "/doc/keeper/winstanley/incoming/ex:keptBy?page=abc",
    "/doc/light/eddystone?format=xyz",
    "/doc/light/eddystone?format=",
    "/doc/light/eddystone?format=text/turtle%0d%0aX-Evil:1",
    "/doc/light/eddystone%00",
    "/doc/light/eddystone%0d%0aX-Evil:%201",
    "/doc/light/eddystone%0AX-Evil:1",
    "/doc/light/eddystone%5c..%5cpharos",
    "/doc/light/%ff%fe",
    "/doc/light/../light/eddystone",
    "/doc/light/%2e%2e/light/eddystone",
    "/doc/light/.%2e/",
    "/doc/",
    "/doc",
    "/doc/.ttl",
    "/class/",
    "/class/nothing",
    "/class/nothing.ttl",
    "/class/light.xyz",
    "/class/light/",
    "/class/light?page=99",
    "/class/light?page=0",
    "/class/light?page=-1",
    "/class/light?page=abc",
    "/class/light?page=",
    "/class/light?page=1e1",
    "/class/light?page=%D9%A1",
    "/class/light?page=" + "9" * 400,
    "/ont.xyz",
    "/ont/",
    "/vocab.nq",
    "/dataset.xyz",
    "/dataset/",
    "/download/",
    "/download/nothing.nt",
    "/download/../manifest.json",
    "/download/%2e%2e/%2e%2e/etc/passwd",
    "/download/..%2fmanifest.json",
    "/download/store/CURRENT",
    "/download/search.sqlite",
    "/download/graph.nt%00",
    "/static/../__init__.py",
    "/static/%2e%2e/__init__.py",
    "/static/..%2f__init__.py",
    "/static/nothing.css",
    "/static/",
    "/search?q=light&page=999",
    "/search?q=light&page=abc",
    "/health/",
    "/nowhere",
    "/timemap/light/nowhere",
    "/changes/light/nowhere",
    "/changes.xyz",
    "/dataset/series.xyz",
    "/dataset/0.0.0",
    "/sitemap/0.xml",
    "/sitemap/99.xml",
    "/sitemap/x.xml",
    "/.well-known/",
    "/.well-known/nothing",
    "/.git/config",
    "//",
    "//dataset",
    "//class/light",
    "//example.com",
    "//example.com/%2e%2e",
    "///example.com",
    "/%5Cexample.com",
    "/%5c%5cexample.com/",
    "/%2F%2Fexample.com",
    "/%2f/example.com",
    "/;/example.com",
    "/%0d%0aLocation:%20https://example.com",
    "/%E5%98%8A%E5%98%8DX-Evil:1",
    "/%",
    "/%zz",
    "/doc/light/%",
    "/doc/light/%zz",
    "/id/light/%E0%A4%A",
)
"""What is not there, however it is asked for."""
MERGED = ("/id/light/smeaton", "/doc/light/smeaton", "/doc/light/smeaton.ttl")
WITHDRAWN = ("/id/light/atlantis", "/doc/light/atlantis", "/doc/light/atlantis.ttl")
EVERYTHING = (
    *(each.target for each in (*NEGOTIATED, *FIXED)),
    *REDIRECTS,
    "/sparql",
    "/sparql?query=ASK%20%7B%7D",
    "/sparql?query=ASK%20%7B%7D&explain=true",
)
"""A target of every route."""
