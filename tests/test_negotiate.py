"""Which format a client gets (RFC 9110, section 12.5.1)."""

import gzip
import io

import brotli
import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from ldnkg.codings import CODINGS
from ldnkg.errors import NotAcceptable
from ldnkg.formats import FORMATS, Format
from ldnkg.negotiate import negotiate, negotiate_coding

AMONG = tuple(each for each in FORMATS if each.kind in ("page", "graph"))
FIREFOX = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8"
RDFLIB = "application/rdf+xml,text/rdf+n3;q=0.9,application/xhtml+xml;q=0.5, */*;q=0.1"
JENA = "text/turtle,application/n-triples;q=0.9,application/ld+json;q=0.8,application/rdf+xml;q=0.7,*/*;q=0.3"


@pytest.mark.parametrize(
    ("accept", "suffix"),
    [
        (None, "html"),
        ("", "html"),
        ("  ", "html"),
        ("*/*", "html"),
        ("text/*", "html"),
        (FIREFOX, "html"),
        (RDFLIB, "rdf"),
        (JENA, "ttl"),
        ("text/turtle", "ttl"),
        ("TEXT/Turtle", "ttl"),
        ("image/png, text/turtle", "ttl"),
        ("application/*", "jsonld"),
        ("text/turtle;q=0.5, application/ld+json;q=0.7", "jsonld"),
        ("text/turtle ; Q=0.5 , application/ld+json ; q=0.7", "jsonld"),
        ("text/html, text/turtle", "html"),
        ("text/turtle, text/html", "html"),
    ],
)
def test_the_client_gets_what_it_likes_best(accept: str | None, suffix: str) -> None:
    assert negotiate(accept, AMONG).suffix == suffix


@pytest.mark.parametrize(
    ("accept", "suffix"),
    [
        ("text/*;q=0.3, text/html;q=0.1, application/n-triples;q=0.2", "ttl"),
        ("*/*;q=0.9, text/*;q=0.1", "jsonld"),
        ("text/html;q=0.2, */*;q=0.1", "html"),
        ("*/*, text/html;q=0", "ttl"),
        ("text/*;q=0, */*;q=0.1", "jsonld"),
    ],
)
def test_a_more_specific_range_goes_before_a_wider_one(accept: str, suffix: str) -> None:
    assert negotiate(accept, AMONG).suffix == suffix


@pytest.mark.parametrize(
    "accept",
    [
        'application/ld+json;profile="http://www.w3.org/ns/json-ld#compacted"',
        'application/ld+json; profile="a, text/html; q=1"; q=0.5, text/turtle;q=0.1',
        'application/ld+json;a="\\"",text/turtle;q=0.9',
        "application/ld+json; charset=utf-8",
    ],
)
def test_parameters_do_not_keep_a_format_from_matching(accept: str) -> None:
    assert negotiate(accept, AMONG).suffix == "jsonld"


@pytest.mark.parametrize(
    "accept", ["image/png", "text/turtle;q=0", "*/*;q=0", "text/html;q=0.000", "*/turtle"]
)
def test_what_suits_nobody_is_refused_with_the_list(accept: str) -> None:
    with pytest.raises(NotAcceptable, match="text/html, text/turtle"):
        negotiate(accept, AMONG)


@pytest.mark.parametrize(
    "broken",
    [
        "text",
        "/",
        "text/",
        ";;;",
        ",,,",
        "text/html;q=x",
        "text/html;q=2",
        "text/html;q=",
        "q=1",
        "te xt/html",
    ],
)
def test_a_malformed_member_is_passed_over(broken: str) -> None:
    assert negotiate(f"{broken}, text/turtle;q=0.1", AMONG).suffix == "ttl"


@given(accept=st.text() | st.text(alphabet='*/,;q=01."\\ text/html'))
def test_no_field_is_a_fault_of_ours(accept: str) -> None:
    try:
        assert negotiate(accept, AMONG) in AMONG
    except NotAcceptable:
        pass


@given(better=st.sampled_from(AMONG), worse=st.sampled_from(AMONG))
def test_a_higher_quality_wins_whatever_the_order(better: Format, worse: Format) -> None:
    members = [f"{worse.media_type};q=0.301", f"{better.media_type};q=0.302"]
    assert negotiate(", ".join(members), AMONG) == better
    assert negotiate(", ".join(reversed(members)), AMONG) == better


def test_a_hostile_field_costs_no_more_than_another() -> None:
    assert negotiate("text/turtle," + 'a;"\\' * 1_000_000, AMONG).suffix == "ttl"
    assert negotiate("text/turtle," + "," * 1_000_000, AMONG).suffix == "ttl"


@pytest.mark.parametrize(
    ("accept_encoding", "token"),
    [
        (None, None),
        ("", None),
        ("identity", None),
        ("gzip, deflate, br, zstd", "br"),
        ("zstd, gzip", "zstd"),
        ("x-gzip", "gzip"),
        ("GZip", "gzip"),
        ("br;q=0.5, gzip;q=0.7", "gzip"),
        ("br;q=0, *", "zstd"),
        ("*", "br"),
        ("*;q=0, gzip", "gzip"),
        ("gzip;q=0.5, identity;q=0.8", None),
        ("gzip;q=0", None),
        ("deflate, compress", None),
        ("gzip;q=x, br", "br"),
    ],
)
def test_the_client_gets_the_coding_that_it_likes_best(
    accept_encoding: str | None, token: str | None
) -> None:
    chosen = negotiate_coding(accept_encoding)
    assert (chosen.token if chosen else None) == token


@pytest.mark.parametrize("accept_encoding", ["identity;q=0", "*;q=0", "deflate, *;q=0"])
def test_a_client_that_forbids_every_coding_and_none_is_refused(accept_encoding: str) -> None:
    with pytest.raises(NotAcceptable, match="identity"):
        negotiate_coding(accept_encoding)


def test_a_compressed_body_is_the_body() -> None:
    body = ("light " * 1000).encode()
    unpack = {"br": brotli.decompress, "gzip": gzip.decompress, "zstd": zstandard.decompress}
    for coding in CODINGS:
        for pack in (coding.quick, coding.thorough):
            assert unpack[coding.token](pack(body)) == body
            assert pack(body) == pack(body)


def test_what_is_compressed_piece_by_piece_is_the_same() -> None:
    body = b"".join(b"light %d " % number for number in range(300_000))
    for coding in CODINGS:
        packed = [io.BytesIO(), io.BytesIO()]
        for each in packed:
            coding.stream(io.BytesIO(body), each)
        assert packed[0].getvalue() == packed[1].getvalue()
        reading = {
            "br": brotli.decompress,
            "gzip": gzip.decompress,
            "zstd": lambda data: zstandard.ZstdDecompressor().decompressobj().decompress(data),
        }
        assert reading[coding.token](packed[0].getvalue()) == body
