"""A client of the SPARQL 1.1 Graph Store HTTP Protocol: graphs are put, added to and taken away by name."""

from collections.abc import Iterable, Iterator
from urllib.parse import quote

from pyoxigraph import BlankNode, RdfFormat, Triple, serialize

from ldnkg.endpoint.client import Endpoint
from ldnkg.errors import StoreFault

_CHUNK = 10_000
"""So many triples are sent at once."""
_TOLD = 300


class Shelves:
    """The graphs at a graph store, named by `?graph=` (section 4.2)."""

    def __init__(self, endpoint: Endpoint, media_type: str = "text/turtle") -> None:
        self._endpoint, self._type = endpoint, media_type

    def replace(self, name: str, triples: Iterable[Triple]) -> Iterator[int]:
        """Put these triples in place of the graph; tells after each request how many it took.

        A blank node keeps its identity within one request alone: all triples with one go in the first.
        Raises StoreUnreachable and StoreFault; then the graph may be there in part.
        """
        found = sorted(triples, key=_is_named)
        apart = next((at for at, each in enumerate(found) if _is_named(each)), len(found))
        first = max(apart, min(_CHUNK, len(found)))
        for method, some in _requests(found, first):
            self._send(method, name, some)
            yield len(some)

    def remove(self, name: str) -> None:
        """Take a graph away, if it is there. Raises StoreUnreachable and StoreFault."""
        self._send("DELETE", name, None)

    def _send(self, method: str, name: str, triples: list[Triple] | None) -> None:
        url = self._endpoint.address.url
        where = f"{url}{'&' if '?' in url else '?'}graph={quote(name, safe='')}"
        body = None if triples is None else serialize(triples, format=RdfFormat.N_TRIPLES)
        with self._endpoint.breaker.watching():
            headers = {} if body is None else {"Content-Type": self._type}
            response = self._endpoint.send(method, where, body, headers)
        text = " ".join(response.read(4096).decode("utf-8", "replace").split())[:_TOLD]
        response.close()
        if response.status in (401, 403):
            named = self._endpoint.address.user is not None
            wanted = "check the name and the password in" if named else "give a name and a password with"
            raise StoreFault(
                f"The store does not let this program write ({response.status}): "
                f"{wanted} LDNKG_STORE_USER and LDNKG_STORE_PASSWORD."
            )
        absent = method == "DELETE" and response.status == 404
        if not (200 <= response.status < 300 or absent):
            why = f"({response.status}): {text or 'it does not say why.'}"
            raise StoreFault(f"The store does not take the graph <{name}> {why}", response.status)


def _requests(triples: list[Triple], first: int) -> Iterator[tuple[str, list[Triple]]]:
    yield "PUT", triples[:first]
    for at in range(first, len(triples), _CHUNK):
        yield "POST", triples[at : at + _CHUNK]


def _is_named(triple: Triple) -> bool:
    """Whether no blank node is in a triple."""
    return not (isinstance(triple.subject, BlankNode) or isinstance(triple.object, BlankNode))
