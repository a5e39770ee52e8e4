"""Whose share a query counts on."""

import pytest

from ldnkg.errors import CannotServe
from ldnkg.web.clients import Proxies, asking

TRUSTED = Proxies.from_environment({"LDNKG_TRUSTED_PROXIES": "10.0.0.0/8, ::1"})
RFC7239 = Proxies.from_environment({"LDNKG_TRUSTED_PROXIES": "10.0.0.1", "LDNKG_PROXY_HEADER": "Forwarded"})


@pytest.mark.parametrize(
    ("peer", "told", "client"),
    [
        ("192.0.2.1", "", "192.0.2.1"),
        ("192.0.2.1", "1.1.1.1", "192.0.2.1"),
        ("10.0.0.1", "", "10.0.0.1"),
        ("10.0.0.1", "192.0.2.7", "192.0.2.7"),
        ("10.0.0.1", "6.6.6.6, 192.0.2.7", "192.0.2.7"),
        ("10.0.0.1", "6.6.6.6, 192.0.2.7, 10.1.2.3", "192.0.2.7"),
        ("10.0.0.1", "192.0.2.7:4711", "192.0.2.7"),
        ("10.0.0.1", "unknown", "10.0.0.1"),
        ("::1", "2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("::ffff:192.0.2.1", "", "192.0.2.1"),
    ],
)
def test_only_trusted_proxies_tell_who_asks(peer: str, told: str, client: str) -> None:
    assert asking(peer, told, TRUSTED) == client


@pytest.mark.parametrize(
    ("told", "client"),
    [
        ("for=192.0.2.7;proto=https", "192.0.2.7"),
        ('for=6.6.6.6, For="192.0.2.7:80"', "192.0.2.7"),
        ('for="[2001:db8::1]:80"', "2001:db8::/64"),
        ("for=_hidden", "10.0.0.1"),
    ],
)
def test_the_field_of_rfc_7239_is_read_where_it_is_chosen(told: str, client: str) -> None:
    assert asking("10.0.0.1", told, RFC7239) == client


@pytest.mark.parametrize(
    "environ", [{"LDNKG_TRUSTED_PROXIES": "proxy.example"}, {"LDNKG_PROXY_HEADER": "X-Real-IP"}]
)
def test_a_setting_that_cannot_be_is_said_so(environ: dict[str, str]) -> None:
    with pytest.raises(CannotServe):
        Proxies.from_environment(environ)
