"""A SPARQL 1.1 endpoint that holds the graph of a release, for those who outgrow one machine.

`Endpoint` asks it (SPARQL 1.1 Protocol), `Shelves` fills it (SPARQL 1.1 Graph Store HTTP Protocol), and
`Lease` sees to it that no answer is made of two releases.
"""

from ldnkg.endpoint.address import STORE, Address, Patience
from ldnkg.endpoint.breaker import Breaker
from ldnkg.endpoint.client import Endpoint
from ldnkg.endpoint.lease import LEASE, Lease, mark, marker
from ldnkg.endpoint.shelves import Shelves

__all__ = [
    "LEASE",
    "STORE",
    "Address",
    "Breaker",
    "Endpoint",
    "Lease",
    "Shelves",
    "Patience",
    "mark",
    "marker",
]
