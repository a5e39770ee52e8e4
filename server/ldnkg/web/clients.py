"""Who asks: the address that a query counts for, behind proxies or not. Values in, values out."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from ldnkg.errors import CannotServe

_FOR = re.compile(r'\bfor="?\[?([^\s";,\]]+)', re.IGNORECASE)
_PORT = re.compile(r"^(\d+\.\d+\.\d+\.\d+):\d+$")


@dataclass(frozen=True)
class Proxies:
    """The proxies whose word is taken for it, and the one header field in which they tell who asks.

    Only one field is read: a proxy that sets one passes the other on as the client wrote it.
    """

    networks: tuple[IPv4Network | IPv6Network, ...] = ()
    field: str = "X-Forwarded-For"

    @classmethod
    def from_environment(cls, environ: Mapping[str, str]) -> "Proxies":
        """`LDNKG_TRUSTED_PROXIES` (addresses or networks, with commas) and `LDNKG_PROXY_HEADER`.

        Raises CannotServe for what is no address, and for a field other than X-Forwarded-For and Forwarded.
        """
        texts = [each.strip() for each in environ.get("LDNKG_TRUSTED_PROXIES", "").split(",")]
        field = environ.get("LDNKG_PROXY_HEADER", cls.field)
        if field.lower() not in ("x-forwarded-for", "forwarded"):
            raise CannotServe(f"LDNKG_PROXY_HEADER is {field!r}: set it to X-Forwarded-For or Forwarded.")
        try:
            return cls(tuple(ip_network(each) for each in texts if each), field)
        except ValueError as fault:
            raise CannotServe(f"LDNKG_TRUSTED_PROXIES: {fault}.") from fault


def asking(peer: str, told: str, proxies: Proxies) -> str:
    """The client: the peer, or whom trusted proxies name, from the last one backwards; IPv6 as its /64.

    `told` is the value of the proxies' header field. What stands before the first address that is not
    trusted may be made up, and is passed over.

    >>> proxies = Proxies((ip_network("10.0.0.0/8"),))
    >>> asking("10.0.0.1", "1.1.1.1, 192.0.2.7, 10.0.0.2", proxies), asking("192.0.2.9", "1.1.1.1", proxies)
    ('192.0.2.7', '192.0.2.9')
    """
    hops = _hops(told, proxies.field)
    current = peer
    while hops and _trusted(current, proxies):
        try:
            current = str(ip_address(_PORT.sub(r"\1", hops.pop())))
        except ValueError:  # `unknown`, or nonsense
            break
    return _network(current)


def _hops(told: str, field: str) -> list[str]:
    if field.lower() == "forwarded":  # RFC 7239
        return [found[1] if (found := _FOR.search(each)) else "" for each in told.split(",") if each.strip()]
    return [each.strip().strip("[]") for each in told.split(",") if each.strip()]


def _trusted(address: str, proxies: Proxies) -> bool:
    try:
        found = ip_address(address)
    except ValueError:
        return False
    return any(found in network for network in proxies.networks)


def _network(address: str) -> str:
    try:
        found = ip_address(address)
    except ValueError:
        return address
    if isinstance(found, IPv6Address):
        mapped = found.ipv4_mapped
        return str(mapped or ip_network((found, 64), strict=False))
    return address
