"""IRIs and literals that have broken publishers: a graph of them, as Turtle.

Each thing `id/odd/{slug}` has a label and links to and from `id/odd/hub`. What is said of the things in PLAIN
can be written in every format; RDF/XML cannot hold what is said of those in NO_XML.
"""

from conftest import LIGHTS, ONTOLOGY

OWN = "https://example.org/lights/"

# fmt: off
SLUGS = (
    # reserved characters, as they are and escaped
    *("a%2Fb", "c/d", "e%23f", "%23", "what%3F", "50%25", "100%2525", "%25zz", "g+h"),
    *("i%2Bj", "(k)", "%28l%29", "m%20n", "it's", "o%27p", "say%22q%22", "r,s", "t;u", "v=w"),
    *("x&y", "z%26a", "b@c", "d!e", "$f", "*g*", "~h", "i:j", "k%3Al", "m.n", "...", "..o"),
    *("p..q", "-", "_", ".r", "s.", "%5B1%5D", "%7B2%7D", "%7C", "%5C", "%5E", "%60"),
    *("%3Cscript%3E", "a%0Ab", "a%0D%0AX-Evil:1", "a%00b", "http://remote.example/"),
    *("//remote.example", "a//b", "%2F%2Fother.example", "end/"),
    # letters of the world, composed and not, from right to left, escaped and not
    *("Φάρος", "café", "cafe\u0301-nfd", "caf%C3%A9-escaped", "日本", "😀", "שלום", "مرحبا"),
    *("\u202eesrever", "a\u2066b\u2069", "z\u200dw", "\ufeffbom", "İstanbul", "ß", "%E2%82"),
    *("%FF", "%FE"),
    # like our own addresses
    *("x.ttl", "x.html", "x.nt", "x.linkset", "x.linkset.json", "x.csv", "ttl", ".ttl"),
    *("incoming", "outgoing", "search", "y/incoming", "y/incoming/z", "y/outgoing/ex:height"),
    *("page=2", "format=ttl", "index.html", "null", "None", "0", "-1", "id", "doc", "class"),
    *("constructor", "__proto__"),
    # long
    *("l" * 2000, "é" * 900, "%20" * 300, "/".join(["deep"] * 40)),
)
"""The names of things, as they stand in their IRIs."""
# fmt: on

PROPERTIES = (
    f"{OWN}ont#a%2Fb",
    f"{OWN}ont#1st",
    f"{OWN}ont#x.y-z",
    f"{OWN}ont#ex:height",
    "http://other.example/p?a=b&c=d#e%2Ff",
    "http://other.example/p%20q",
    "http://other.example/it's(x)y",
    "http://other.example/100%25x",
    "urn:odd:property",
    "tag:other.example,2026:p",
    "http://other.example/a+b",
    "http://other.example/Straße/z",
)
"""Properties with a name that XML can have at their ends."""
NO_XML_PROPERTIES = (
    f"{OWN}ont#",
    f"{OWN}ont#123",
    "http://other.example/ns/",
    "http://other.example/x%20",
    "urn:odd:1",
    "http://other.example/ναι",
)

TEXTS = (
    "",
    " ",
    "\n",
    " leading and trailing ",
    "one\ntwo\r\nthree\rfour",
    "tab\there",
    "quotes \" and ' and \"\"\" and '''",
    "back\\slash \\n \\u0041 \\",
    "</script><script>alert(1)</script>",
    "<!-- comment --> -->",
    "]]> <![CDATA[ x ]]>",
    "&amp; &lt; &#38; &nbsp; &",
    "<b onclick=alert(1)>bold</b>",
    "{{ 7*7 }} {% raw %} ${x} #{y}",
    "\u202etxet desrever\u202c",
    "\u0301lone combining",
    "e\u0301 and é",
    "\u2028line\u2029paragraph\u0085next",
    "\ufeffbom",
    "😀👩‍🔬🏳️‍🌈 \U0010fffd",
    "שלום עולם مرحبا",
    "=1+1",
    "+1",
    "-1",
    "@SUM(A1)",
    "\t=1+1",
    "\r=1+1",
    '=HYPERLINK("http://remote.example/","x")',
    "a | b",
    "a \\| b",
    "007",
    "1e5",
    "javascript:alert(1)",
    "%s %d {} \\x00",
    "'; DROP TABLE x; --",
    "a" * 300 + " " + "unbreakable" * 50,
)
"""Texts that every format can hold."""
CONTROLS = ("\u0001", "a\u0008b", "\u000b", "\u000c", "\u001b[31m", "\u001f", "\ufffe", "\uffff", "x\u0000y")
"""Texts that XML cannot hold."""
LONG = "One light after another. " * 4000 + "\n\n" + "<&>\"'" * 200
"""A hundred thousand characters."""

LITERALS = (
    '"01"^^xsd:integer',
    '"+1"^^xsd:integer',
    '"-0"^^xsd:integer',
    '"+1.0"^^xsd:decimal',
    '"1.50"^^xsd:decimal',
    '".5"^^xsd:decimal',
    '"1e400"^^xsd:double',
    '"1E0"^^xsd:double',
    '"1.0e0"^^xsd:double',
    '"INF"^^xsd:double',
    '"-INF"^^xsd:double',
    '"NaN"^^xsd:double',
    '"1"^^xsd:boolean',
    '"true"^^xsd:boolean',
    '"2026-02-28"^^xsd:date',
    '"2026-02-28Z"^^xsd:date',
    '"2026-02-28T24:00:00"^^xsd:dateTime',
    '"2026-02-28T12:00:00.000+00:00"^^xsd:dateTime',
    '"-0044"^^xsd:gYear',
    '"P1Y"^^xsd:duration',
    '"javascript:alert(1)"^^xsd:anyURI',
    '"<b>x</b>"^^rdf:XMLLiteral',
    '"<b>x</b>"^^rdf:HTML',
    '"{\\"a\\": 1}"^^rdf:JSON',
    '"x"^^<http://other.example/type?a=b#c%2Fd>',
    '"x"^^<urn:type>',
    '"colour"@en-GB',
    '"color"@en-US',
    '"x"@x-private',
    '"x"@de-Latn-DE-1996',
    '"x"@zh-Hant-TW',
    '"שלום"@he',
    '"same"',
    '"same"@en',
    '"same"^^<http://other.example/same>',
)
RESOURCES = (
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)",
    "data:text/html,%3Cscript%3Ealert(1)%3C/script%3E",
    "vbscript:x",
    "file:///etc/passwd",
    "mailto:keeper@lights.example",
    "mailto:keeper@lights.example?bcc=spy@other.example",
    "urn:uuid:00000000-0000-0000-0000-000000000000",
    "http://other.example/?q=a&b=c#d",
    "http://other.example/%22onclick=alert(1)",
    "http://other.example/it's",
    "http://user:password@other.example/",
    "http://[2001:db8::1]/",
    "http://ξ.example/Φ",
    "a:",
)
"""Objects that are IRIs, and where no page may lead unless they are on the web, or one mailbox."""

_OWN_TERMS = [each for each in (*PROPERTIES, *NO_XML_PROPERTIES) if each.startswith(OWN)]
_PREFIXES = f"""\
@prefix ex: <{OWN}ont#> .
@prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .

"""
NO_XML = ("controls", "unnamed")
PLAIN = ("hub", "texts", "long", "literals", "resources", "classes", "many", "labels")
"""The slugs of the things that texts, literals, resources and properties are said of."""


def iri(slug: str) -> str:
    """The IRI of a thing, in Turtle."""
    return f"<{OWN}id/odd/{slug}>"


def quoted(text: str) -> str:
    """A text as a string of Turtle, with escapes for all but printable ASCII and letters."""
    plain = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t"}
    return (
        '"'
        + "".join(plain.get(each) or (each if each.isprintable() else _escape(each)) for each in text)
        + '"'
    )


def _escape(character: str) -> str:
    return f"\\U{ord(character):08X}"


def _said(slug: str, *statements: str) -> str:
    return " ;\n    ".join([f"{iri(slug)} a ex:Odd", *statements]) + " .\n"


def graph(slugs: tuple[str, ...] = SLUGS) -> str:
    """Everything, as one Turtle document."""
    things = [
        _said(
            slug,
            f'skos:prefLabel "Odd {number}"@en',
            f"ex:knows {iri('hub')}",
            f"ex:part <{OWN}id/odd/{slug}#part%2F1>",
        )
        + f'<{OWN}id/odd/{slug}#part%2F1> a ex:Lamp ; skos:prefLabel "Part of {number}"@en .\n'
        for number, slug in enumerate(slugs)
    ]
    known = ", ".join(iri(slug) for slug in slugs)
    many = [f"<{each}> {', '.join(str(number) for number in range(60))}" for each in PROPERTIES]
    return _PREFIXES + "".join(
        [
            *things,
            _said("hub", 'skos:prefLabel "The hub"@en', f"ex:knows {known}"),
            _said("texts", 'skos:prefLabel "Texts"@en', *(f"ex:text {quoted(each)}" for each in TEXTS)),
            _said(
                "labels",
                *(f"skos:prefLabel {quoted(each)}@x-l{n}" for n, each in enumerate(TEXTS) if each.strip()),
            ),
            _said("long", 'skos:prefLabel "Long"@en', f"ex:text {quoted(LONG)}"),
            _said("literals", 'skos:prefLabel "Literals"@en', *(f"ex:text {each}" for each in LITERALS)),
            _said("resources", 'skos:prefLabel "Resources"@en', *(f"ex:text <{each}>" for each in RESOURCES)),
            _said("classes", 'skos:prefLabel "Classes"@en', *(f"a <{each}>" for each in PROPERTIES)),
            _said("many", 'skos:prefLabel "Many"@en', *many),
            _said(
                "controls", 'skos:prefLabel "Controls"@en', *(f"ex:text {quoted(each)}" for each in CONTROLS)
            ),
            _said("unnamed", 'skos:prefLabel "Unnamed"@en', *(f'<{each}> "x"' for each in NO_XML_PROPERTIES)),
        ]
    )


_TERMS = """
ex:Odd a owl:Class ;
    rdfs:label "odd thing"@en ;
    skos:definition "What breaks publishers."@en .
""" + "".join(
    f'<{each}> a owl:Class, owl:DatatypeProperty ; rdfs:label "term {number}"@en .\n'
    for number, each in enumerate((*(f"{OWN}ont#{each}" for each in ("knows", "part", "text")), *_OWN_TERMS))
)
"""The words, so that the sources conform."""


def files(slugs: tuple[str, ...] = SLUGS) -> dict[str, str]:
    """The sources of a site with these things."""
    return LIGHTS | {"ontology/lights.ttl": ONTOLOGY + _TERMS, "graph/torture.ttl": graph(slugs)}
