"""What to answer when a server asks who is there: Basic (RFC 7617) and Digest (RFC 7616)."""

import base64
import hashlib
import secrets
from collections.abc import Iterable
from urllib.request import parse_http_list, parse_keqv_list

from ldnkg.endpoint.address import Address

_HASHES = {"MD5": hashlib.md5, "SHA-256": hashlib.sha256}


def answer(challenges: Iterable[str], address: Address, method: str, target: str) -> str | None:
    """The `Authorization` for a request to `target`; None without a name, or for schemes we do not know.

    `challenges` are the values of `WWW-Authenticate`; a digest is preferred: it does not tell the password.
    """
    if address.user is None:
        return None
    told = [each.strip().partition(" ") for each in challenges]
    for scheme, _, rest in told:
        if scheme.lower() == "digest":
            fields = parse_keqv_list(parse_http_list(rest))
            if fields.get("algorithm", "MD5").upper() in _HASHES and "nonce" in fields:
                return _digest(fields, address, method, target)
    if any(scheme.lower() == "basic" for scheme, _, _ in told):
        pair = f"{address.user}:{address.password or ''}".encode()
        return f"Basic {base64.b64encode(pair).decode()}"
    return None


def _digest(fields: dict[str, str], address: Address, method: str, target: str) -> str:
    """RFC 7616, section 3.4, with a fresh nonce of our own, so that it is always the first use of it."""
    algorithm = fields.get("algorithm", "MD5").upper()

    def hashed(*parts: str) -> str:
        return _HASHES[algorithm](":".join(parts).encode()).hexdigest()

    realm, nonce, own = fields.get("realm", ""), fields["nonce"], secrets.token_hex(16)
    secret = hashed(str(address.user), realm, address.password or "")
    sent = {"username": str(address.user), "realm": realm, "nonce": nonce, "uri": target}
    if "auth" in [each.strip() for each in fields.get("qop", "").split(",")]:
        response = hashed(secret, nonce, "00000001", own, "auth", hashed(method, target))
        counted = f', qop=auth, nc=00000001, cnonce="{own}"'
    else:
        response, counted = hashed(secret, nonce, hashed(method, target)), ""
    if "opaque" in fields:
        sent["opaque"] = fields["opaque"]
    quoted = ", ".join(f'{name}="{_escaped(value)}"' for name, value in sent.items())
    return f'Digest {quoted}, algorithm={algorithm}, response="{response}"{counted}'


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace('"', '\\"')
