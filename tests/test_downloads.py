"""Files of a release over HTTP: in every coding, in ranges, checked, and never anything else."""

import gzip
import hashlib
import html as entities
import json
import re
import shutil
import subprocess
from pathlib import Path

import brotli
import pytest
import zstandard
from conftest import LIGHTS, ONTOLOGY, write
from flask.testing import FlaskClient
from pyoxigraph import RdfFormat, parse
from served import BASE, client_of, html, links, words
from werkzeug.test import TestResponse

from ldnkg.codings import CODINGS
from ldnkg.formats import FORMATS

GRAPH = "/download/graph.ttl"
UNPACK = {"br": brotli.decompress, "zstd": zstandard.decompress, "gzip": gzip.decompress}


def get(client: FlaskClient, path: str = GRAPH, **fields: str) -> TestResponse:
    """The answer to a GET with these header fields, `_` for `-`."""
    headers = {name.replace("_", "-"): value for name, value in fields.items()}
    return client.get(path, headers=headers, buffered=True)


@pytest.fixture(scope="module")
def whole(client: FlaskClient) -> TestResponse:
    """The Turtle of the whole graph, not compressed."""
    return get(client)


def listed(client: FlaskClient) -> dict[str, str]:
    """The checksum of each file that can be downloaded."""
    lines = get(client, "/download/SHA256SUMS").text.splitlines()
    return {name: digest for digest, name in (line.split("  ") for line in lines)}


@pytest.mark.parametrize("coding", CODINGS, ids=lambda coding: coding.token)
def test_a_file_comes_in_the_coding_that_is_asked_for(
    client: FlaskClient, whole: TestResponse, coding: object
) -> None:
    token = coding.token  # type: ignore[attr-defined]
    response = get(client, Accept_Encoding=token)
    assert response.headers["Content-Encoding"] == token
    assert response.mimetype == "text/turtle"
    assert UNPACK[token](response.data) == whole.data
    assert response.content_length == len(response.data) < len(whole.data)


def test_a_cache_may_not_mix_codings(client: FlaskClient, whole: TestResponse) -> None:
    answers = [whole, *(get(client, Accept_Encoding=each.token) for each in CODINGS)]
    assert all(each.vary.as_set() == {"accept-encoding"} for each in answers)
    tags = {each.get_etag() for each in answers}
    assert len(tags) == len(answers)
    assert not any(weak for _, weak in tags)


@pytest.mark.parametrize(
    "field", ["identity", "gzip;q=0", "deflate", "", "br;q=0, zstd;q=0, gzip;q=0, *;q=0.5"]
)
def test_a_file_comes_bare_to_who_wants_it_so(client: FlaskClient, whole: TestResponse, field: str) -> None:
    response = get(client, Accept_Encoding=field)
    assert "Content-Encoding" not in response.headers
    assert response.data == whole.data


def test_no_coding_that_is_accepted_is_406(client: FlaskClient) -> None:
    assert get(client, Accept_Encoding="deflate, *;q=0").status_code == 406


@pytest.mark.parametrize("coding", CODINGS, ids=lambda coding: coding.token)
def test_a_compressed_file_is_a_file_and_never_compressed_again(
    client: FlaskClient, whole: TestResponse, coding: object
) -> None:
    response = get(client, f"{GRAPH}.{coding.suffix}", Accept_Encoding="gzip, br, zstd")  # type: ignore[attr-defined]
    assert "Content-Encoding" not in response.headers
    assert response.mimetype == coding.media_type  # type: ignore[attr-defined]
    assert UNPACK[coding.token](response.data) == whole.data  # type: ignore[attr-defined]


@pytest.mark.parametrize("format_", [each for each in FORMATS if each.kind in ("graph", "dataset")], ids=str)
def test_the_whole_graph_is_there_in_every_format_and_opens_in_a_browser(
    client: FlaskClient, format_: object
) -> None:
    response = get(client, f"/download/graph.{format_.suffix}")  # type: ignore[attr-defined]
    assert (response.status_code, response.mimetype) == (200, format_.media_type)  # type: ignore[attr-defined]
    assert "Content-Disposition" not in response.headers


@pytest.mark.parametrize(
    ("field", "part", "told"),
    [
        ("bytes=0-0", slice(0, 1), "bytes 0-0/{}"),
        ("bytes=10-19", slice(10, 20), "bytes 10-19/{}"),
        ("bytes=10-", slice(10, None), "bytes 10-{last}/{}"),
        ("bytes=-7", slice(-7, None), "bytes {tail}-{last}/{}"),
        ("bytes=-99999999", slice(None), "bytes 0-{last}/{}"),
        ("bytes=10-99999999", slice(10, None), "bytes 10-{last}/{}"),
    ],
)
def test_a_range_is_just_those_bytes(
    client: FlaskClient, whole: TestResponse, field: str, part: slice, told: str
) -> None:
    response = get(client, Range=field)
    size = len(whole.data)
    assert (response.status_code, response.data) == (206, whole.data[part])
    assert response.headers["Content-Range"] == told.format(size, last=size - 1, tail=size - 7)
    assert response.content_length == len(response.data)
    assert response.headers["ETag"] == whole.headers["ETag"]


@pytest.mark.parametrize(
    "field", ["bytes=0-1,5-6", "lines=1-2", "bytes=5-2", "bytes=a-b", "bytes", "bytes=" + "9" * 5000]
)
def test_what_is_no_single_range_of_bytes_gets_the_whole(
    client: FlaskClient, whole: TestResponse, field: str
) -> None:
    response = get(client, Range=field)
    assert (response.status_code, response.data) == (200, whole.data)
    assert response.headers["Accept-Ranges"] == "bytes"


def test_a_range_beyond_the_end_is_416_with_the_length(client: FlaskClient, whole: TestResponse) -> None:
    response = get(client, Range="bytes=99999999-")
    assert response.status_code == 416
    assert response.headers["Content-Range"] == f"bytes */{len(whole.data)}"
    assert response.get_json()["status"] == 416


def test_a_range_of_a_coding_is_of_its_bytes(client: FlaskClient) -> None:
    packed = get(client, Accept_Encoding="gzip")
    first = get(client, Accept_Encoding="gzip", Range="bytes=0-99")
    rest = get(client, Accept_Encoding="gzip", Range="bytes=100-", If_Range=packed.headers["ETag"])
    assert first.headers["Content-Encoding"] == rest.headers["Content-Encoding"] == "gzip"
    assert first.data + rest.data == packed.data


def test_a_part_is_not_mended_with_bytes_of_another_file(client: FlaskClient, whole: TestResponse) -> None:
    """`If-Range` compares strongly: another tag, a weak one and another date get the whole (13.1.5)."""
    tag, date = whole.headers["ETag"], whole.headers["Last-Modified"]
    other = get(client, Accept_Encoding="gzip").headers["ETag"]
    for field in (tag, date):
        assert get(client, Range="bytes=0-9", If_Range=field).status_code == 206
    for field in (other, f"W/{tag}", "Wed, 01 Jan 2200 00:00:00 GMT", "nonsense", '""'):
        response = get(client, Range="bytes=0-9", If_Range=field)
        assert (response.status_code, response.data) == (200, whole.data), field


def test_a_copy_that_is_still_good_is_not_sent_again(client: FlaskClient, whole: TestResponse) -> None:
    tag, date = whole.headers["ETag"], whole.headers["Last-Modified"]
    for fields in ({"If_None_Match": tag}, {"If_None_Match": f"W/{tag}"}, {"If_Modified_Since": date}):
        response = get(client, **fields)
        assert (response.status_code, response.data) == (304, b"")
        assert response.headers["ETag"] == tag
        assert response.vary.as_set() == {"accept-encoding"}
    assert get(client, If_None_Match='"other"', If_Modified_Since=date).status_code == 200
    assert get(client, If_None_Match=tag, Accept_Encoding="gzip").status_code == 200
    assert get(client, If_None_Match=tag, Range="bytes=0-9").status_code == 304


def test_a_condition_that_fails_is_412(client: FlaskClient, whole: TestResponse) -> None:
    past = "Thu, 01 Jan 1970 00:00:00 GMT"
    for fields in (
        {"If_Match": '"other"'},
        {"If_Match": f"W/{whole.headers['ETag']}"},
        {"If_Unmodified_Since": past},
    ):
        assert get(client, Range="bytes=0-9", **fields).status_code == 412
    assert get(client, If_Match=whole.headers["ETag"], If_Unmodified_Since=past).status_code == 200
    assert get(client, If_Match="*").status_code == 200


def test_head_tells_the_same_without_the_bytes(client: FlaskClient) -> None:
    for fields in ({}, {"Accept-Encoding": "br"}):
        got = client.get(GRAPH, headers=fields, buffered=True)
        head = client.head(GRAPH, headers={**fields, "Range": "bytes=0-9"}, buffered=True)
        assert (head.status_code, head.data) == (200, b"")
        assert dict(head.headers) | {"Date": ""} == dict(got.headers) | {"Date": ""}


def test_a_file_may_be_kept_for_a_while(whole: TestResponse) -> None:
    assert whole.cache_control.public
    assert whole.cache_control.max_age == 300
    assert not whole.cache_control.no_cache
    assert whole.last_modified is not None


def test_a_file_leads_back_to_its_dataset(whole: TestResponse) -> None:
    found = links(whole)
    assert found["collection"] == found["describedby"] == {"/dataset"}
    assert found["license"] == {"https://creativecommons.org/publicdomain/zero/1.0/"}


def test_the_checksums_are_of_every_file(client: FlaskClient) -> None:
    found = listed(client)
    assert {"graph.nq", "graph.nq.zst", "light.csv.gz", "croissant.json", "lighthouses-1.0.0.zip"} <= set(
        found
    )
    for name, digest in found.items():
        assert hashlib.sha256(get(client, f"/download/{name}").data).hexdigest() == digest, name


def test_sha256sum_accepts_a_folder_of_some_downloads(client: FlaskClient, tmp_path: Path) -> None:
    for name in ("SHA256SUMS", "graph.ttl.gz", "light.csv"):
        (tmp_path / name).write_bytes(get(client, f"/download/{name}").data)
    command = [shutil.which("sha256sum") or "sha256sum", "-c", "SHA256SUMS", "--ignore-missing", "--strict"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert (done.returncode, done.stdout.splitlines()) == (0, ["graph.ttl.gz: OK", "light.csv: OK"])
    (tmp_path / "light.csv").write_bytes(b"changed")
    assert subprocess.run(command, cwd=tmp_path, capture_output=True).returncode == 1


@pytest.mark.parametrize(
    "name",
    [
        "manifest.json",
        "../manifest.json",
        "..%2f..%2fmanifest.json",
        "dumps/graph.ttl",
        "store/CURRENT",
        "search.sqlite",
        "graph.ttl.bz2",
        "graph.ttl/",
        "SHA256SUMS.gz",
        "/etc/passwd",
        "%00",
        "",
    ],
)
def test_what_is_not_listed_has_no_address(client: FlaskClient, name: str) -> None:
    assert get(client, f"/download/{name}").status_code == 404


def test_below_a_path_the_files_are_where_the_descriptions_say(tmp_path: Path) -> None:
    base = "https://lights.example/kg/"
    client = client_of(write(tmp_path / "lights", LIGHTS), tmp_path / "releases", base)
    told = get(client, "/kg/download/croissant.json").get_json(force=True)
    described = get(client, "/kg/dataset.linkset.json").get_json(force=True)["linkset"]
    addresses = {each["contentUrl"] for each in told["distribution"]}
    assert addresses <= {item["href"] for each in described for item in each.get("item", ())}
    for address in addresses:
        assert get(client, address.removeprefix("https://lights.example")).status_code == 200
    assert links(get(client, "/kg/download/graph.ttl"))["collection"] == {"/kg/dataset"}


def test_the_page_shows_each_file_with_size_checksum_and_compressed_siblings(client: FlaskClient) -> None:
    page = html(get(client, "/dataset", Accept="text/html"))
    rows = [row for row in page.iter("tr") if len(row.findall("td")) == 3]
    shown = {}
    for row in rows:
        size, packed, digest = row.findall("td")
        (where,) = (each.get("href", "") for each in row.findall("th/a"))
        body = get(client, where).data
        assert f"{len(body):,} bytes" in words(size)
        assert hashlib.sha256(body).hexdigest() == words(digest)
        shown[where.removeprefix("/download/")] = [each.get("href") for each in packed.iter("a")]
    assert shown["graph.ttl"] == [f"{GRAPH}.{each.suffix}" for each in CODINGS]
    every = {*shown, *(str(where).removeprefix("/download/") for found in shown.values() for where in found)}
    assert every == {*listed(client), "SHA256SUMS"}


def number_of(text: str) -> int:
    return int(text.replace(",", ""))


@pytest.mark.parametrize("again", [0, 1])
def test_the_page_says_why_the_graphs_add_up_to_more_than_the_files(tmp_path: Path, again: int) -> None:
    both = "<https://example.org/lights/dataset> foaf:homepage <https://example.org/lights/> .\n"
    term = f"@prefix foaf: <http://xmlns.com/foaf/0.1/> .\n{ONTOLOGY}{again * both}"
    client = client_of(write(tmp_path / "lights", LIGHTS | {"ontology/lights.ttl": term}), tmp_path / "r")

    page = html(get(client, "/dataset", Accept="text/html"))

    (told,) = (words(each) for each in page.iter("p") if "add up to" in words(each))
    numbers = [number_of(each) for each in re.findall(r"\d[\d,]*\d|\d", told)]
    rows = [each for each in page.iter("tr") if each.get("id", "").startswith("graph-")]
    sizes = [number_of(words(cell)) for row in rows for cell in row.iter("td")]
    dumped = set(get(client, "/download/graph.nt").text.splitlines())
    described = set()
    for name in ("void.ttl", "dataset.ttl"):
        described |= set(parse(get(client, f"/download/{name}").data, format=RdfFormat.TURTLE))
    described = {f"{each.triple} ." for each in described} - dumped
    assert numbers == [sum(sizes), len(dumped), len(described), *[again] * again]
    assert sum(sizes) == len(dumped) + len(described) + again


def test_the_page_holds_croissant_that_cannot_leave_its_element(tmp_path: Path) -> None:
    attack = "</script><script>alert(1)</script><!-- & ]]>"
    dataset = LIGHTS["graph/dataset.ttl"].replace("Lights that ships steer by.", attack)
    client = client_of(
        write(tmp_path / "lights", LIGHTS | {"graph/dataset.ttl": dataset}), tmp_path / "releases"
    )
    page = get(client, "/dataset", Accept="text/html").text
    (held,) = re.findall(r'<script type="application/ld\+json">(.*?)</script>', page, re.DOTALL)
    assert not set("<>&") & set(held)
    assert json.loads(held) == get(client, "/download/croissant.json").get_json(force=True)
    assert json.loads(held)["description"] == attack
    assert entities.escape(attack, quote=False) in page


def test_a_file_name_that_needs_escapes_has_an_address(tmp_path: Path) -> None:
    keeper = LIGHTS["graph/keeper/winstanley.ttl"].replace(
        "/id/keeper/winstanley>", "/id/keeper%2F%C3%B6-ö/x>"
    )
    sources = write(tmp_path / "lights", LIGHTS | {"graph/keeper%2F%C3%B6-ö/x.ttl": keeper})
    client = client_of(sources, tmp_path / "releases")
    told = get(client, "/download/croissant.json").get_json(force=True)
    (address,) = (
        each["contentUrl"] for each in told["distribution"] if each["name"] == "keeper%2F%C3%B6-ö.csv"
    )
    assert address.isascii()
    assert get(client, address.removeprefix(BASE.rstrip("/"))).status_code == 200
    assert get(client, "/dataset.ttl", Accept="text/turtle").status_code == 200
