"""A query as part of an address: compressed (RFC 1951) and written in the alphabet of RFC 4648, section 5.

The address says all: no server has to remember it, so it holds as long as the site does.
"""

import base64
import binascii
import zlib

from ldnkg.errors import BadQuery


def pack(text: str) -> str:
    """The short form of a text.

    >>> unpack(pack("ASK { ?s ?p ?o }"), 100)
    'ASK { ?s ?p ?o }'
    """
    packer = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    data = packer.compress(text.encode("utf-8", "surrogatepass")) + packer.flush()
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def unpack(packed: str, most: int) -> str:
    """The text of a short form that has at most so many bytes; raises BadQuery for anything else."""
    try:
        data = base64.b64decode(packed + "=" * (-len(packed) % 4), altchars=b"-_", validate=True)
        unpacker = zlib.decompressobj(-zlib.MAX_WBITS)
        text = unpacker.decompress(data, most + 1)
        if not unpacker.eof or unpacker.unused_data or len(text) > most:
            raise ValueError
        return text.decode("utf-8")
    except (binascii.Error, zlib.error, ValueError):
        raise BadQuery("This address does not hold a query: it was cut or changed on its way.") from None
