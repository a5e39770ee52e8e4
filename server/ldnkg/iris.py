"""How this package reads and shortens IRIs. Nothing here knows a subject or a host.

The layout below a base is fixed: `{base}id/{type}/{slug}` names a thing (a fragment names a part of it),
`{base}ont#`, `{base}vocab#` and `{base}shapes#` hold the terms, `{base}dataset` is the dataset.
"""

import re
import string
from collections.abc import Mapping, Sequence
from functools import cached_property
from urllib.parse import quote, urlsplit


class Prefixes(dict[str, str]):
    """Prefixes that do not change, which `curie` looks up instead of trying each.

    >>> obo = Prefixes({"obo": "http://h/obo/", "chebi": "http://h/obo/CHEBI_"})
    >>> curie("http://h/obo/CHEBI_7465", obo), curie("http://h/obo/CHEBI_", obo), curie("http://h/", obo)
    ('chebi:7465', 'obo:CHEBI_', None)
    """

    @classmethod
    def of(cls, prefixes: Mapping[str, str]) -> "Prefixes":
        """These prefixes; those that are so already stay the same."""
        return prefixes if isinstance(prefixes, cls) else cls(prefixes)

    @cached_property
    def by_stem(self) -> Mapping[str, Sequence[tuple[str, str]]]:
        """Namespaces and their prefixes by the end of the last character that no local name has.

        A namespace may go on from there: `…/obo/CHEBI_`. The longest comes first.
        """
        found: dict[str, list[tuple[str, str]]] = {}
        for prefix, space in self.items():
            if space:
                found.setdefault(_stem(space), []).append((space, prefix))
        return {
            stem: sorted(spaces, key=lambda each: (len(each[0]), each[1]), reverse=True)
            for stem, spaces in found.items()
        }


PREFIXES: Mapping[str, str] = Prefixes(
    {
        "adms": "http://www.w3.org/ns/adms#",
        "bibo": "http://purl.org/ontology/bibo/",
        "dash": "http://datashapes.org/dash#",
        "dcat": "http://www.w3.org/ns/dcat#",
        "dcterms": "http://purl.org/dc/terms/",
        "foaf": "http://xmlns.com/foaf/0.1/",
        "hydra": "http://www.w3.org/ns/hydra/core#",
        "owl": "http://www.w3.org/2002/07/owl#",
        "prov": "http://www.w3.org/ns/prov#",
        "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
        "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
        "schema": "https://schema.org/",
        "sd": "http://www.w3.org/ns/sparql-service-description#",
        "sh": "http://www.w3.org/ns/shacl#",
        "skos": "http://www.w3.org/2004/02/skos/core#",
        "spdx": "http://spdx.org/rdf/terms#",
        "view": "urn:ldnkg:view:",
        "void": "http://rdfs.org/ns/void#",
        "void-ext": "http://ldf.fi/void-ext#",
        "xsd": "http://www.w3.org/2001/XMLSchema#",
    }
)
"""Prefixes that every document may use; the sources add their own with `sh:declare`."""

_NAMED = string.ascii_letters + string.digits + "_-"
_PATH = "%/:@!$&'()*+,;=-._~"
"""What stands in a path as it is (RFC 3986, section 3.3)."""
_LOCAL = re.compile(r"[A-Za-z_](?:[\w-]*\w)?|[0-9]+", re.ASCII)
_WEB = re.compile("https?://", re.IGNORECASE)
_ATOM = r"[\w+'-]+"
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_MAILBOX = re.compile(rf"mailto:({_ATOM}(?:\.{_ATOM})*@{_LABEL}(?:\.{_LABEL})+)", re.ASCII | re.IGNORECASE)
_ADDRESS = 254
"""No address to which mail can be sent has more characters (RFC 5321, section 4.5.3.1.3)."""


def rebase(text: str, old: str, new: str) -> str:
    """`text` with every occurrence of the base `old` replaced by the base `new`.

    >>> rebase("https://w3id.org/x/id/a/b", "https://w3id.org/x/", "http://localhost:8000/")
    'http://localhost:8000/id/a/b'
    """
    return text.replace(old, new)


def local_name(iri: str) -> str:
    """What stands after the last `#`, `/` or `:`, for people to read when there is no label.

    >>> local_name("https://example.org/ont#Light"), local_name("urn:isbn:123")
    ('Light', '123')
    """
    return re.split(r"[#/:]", iri.rstrip("#/"))[-1] or iri


def curie(iri: str, prefixes: Mapping[str, str]) -> str | None:
    """The prefixed name of an IRI, by the longest namespace, if Turtle needs no escape for it; else None.

    >>> curie("http://www.w3.org/2004/02/skos/core#note", PREFIXES)
    'skos:note'
    >>> curie("http://www.w3.org/2004/02/skos/core#a/b", PREFIXES) is None
    True
    """
    for space, prefix in Prefixes.of(prefixes).by_stem.get(_stem(iri), ()):
        if iri.startswith(space) and _LOCAL.fullmatch(local := iri[len(space) :]):
            return f"{prefix}:{local}"
    return None


def mailbox(iri: str) -> str | None:
    """The address that a `mailto:` IRI names, if it names one and nothing else; None for any other IRI.

    Fields such as `?bcc=`, several addresses and percent signs are refused: who follows a link should send to
    what they read (RFC 6068, section 7).

    >>> mailbox("mailto:keeper@lights.example")
    'keeper@lights.example'
    >>> mailbox("mailto:keeper@lights.example?bcc=spy@elsewhere.example") is None
    True
    """
    found = _MAILBOX.fullmatch(iri)
    return found[1] if found and len(found[1]) <= _ADDRESS else None


def leads_on(iri: str) -> bool:
    """Whether a link may lead to a foreign IRI: a page of the web, or the mailbox of one address.

    >>> [leads_on(each) for each in ("https://h/", "mailto:a@h.example", "tel:1", "javascript:alert(1)")]
    [True, True, False, False]
    """
    return _WEB.match(iri) is not None or mailbox(iri) is not None


def _stem(iri: str) -> str:
    """An IRI without what a local name could be made of at its end."""
    return iri.rstrip(_NAMED)


def segment_of(iri: str, base: str) -> str:
    """The part of a thing's IRI that tells its type.

    >>> segment_of("http://h/id/light/eddystone", "http://h/")
    'light'
    """
    return iri.removeprefix(f"{base}id/").partition("/")[0]


def path_of(iri: str, base: str) -> str | None:
    """Where this site answers for an IRI, as a path with its fragment, in ASCII; None for a foreign IRI.

    A thing leads to its document, the space of a type (`{base}id/light/`) to the list of its things, a term
    to its place in the page of its namespace. Percent signs of the IRI stay as they are: they are part of the
    name (RFC 3987, section 3.1).

    >>> path_of("http://h/id/light/a%2Fb#p", "http://h/")
    '/doc/light/a%2Fb#p'
    >>> path_of("http://h/ont#Light", "http://h/"), path_of("http://other/x", "http://h/")
    ('/ont#Light', None)
    >>> path_of("http://h/id/light/", "http://h/")
    '/class/light'
    """
    if not iri.startswith(base):
        return None
    path, mark, fragment = iri[len(base) :].partition("#")
    if path.startswith("id/"):
        segment, slash, name = path[len("id/") :].partition("/")
        path = f"class/{segment}" if segment and slash and not name else f"doc/{segment}{slash}{name}"
    return "/" + quote(path, safe=_PATH) + mark + (fragment and quote(fragment, safe=_PATH + "?"))


def mount(base: str) -> str:
    """The path that a site at this base is below, without the last slash.

    >>> mount("https://lights.example/kg/"), mount("https://lights.example/")
    ('/kg', '')
    """
    return urlsplit(base).path.rstrip("/")
