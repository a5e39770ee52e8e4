"""A release described for machines, with numbers counted from its very files.

VoID, DCAT 3 and SPARQL 1.1 Service Description as RDF, Croissant (which is schema.org too) as JSON-LD, and
the release packed as an RO-Crate.
The numbers are about the dumps, so about what the curators wrote; the description itself is not counted.
Nothing in it is a blank node, and nothing in it tells the time: the same sources give the same description.
"""

from ldnkg.dataset.about import About, Agent, about
from ldnkg.dataset.checksums import SUMS, sums
from ldnkg.dataset.counting import Counts, count
from ldnkg.dataset.crate import Part, crate_name, write_crate
from ldnkg.dataset.croissant import croissant
from ldnkg.dataset.dcat import dcat
from ldnkg.dataset.service import service, undeclared
from ldnkg.dataset.terms import download
from ldnkg.dataset.void import uses, void

__all__ = [
    "SUMS",
    "About",
    "Agent",
    "Counts",
    "Part",
    "about",
    "count",
    "crate_name",
    "croissant",
    "dcat",
    "download",
    "service",
    "sums",
    "undeclared",
    "uses",
    "void",
    "write_crate",
]
