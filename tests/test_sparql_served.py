"""The endpoint as clients meet it: a real server, real connections, large answers, clients that leave."""

import asyncio
import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from urllib.parse import quote

import engines
import pytest
from bench.processes import free_port
from conftest import LIGHTS, PHAROS, write
from prometheus_client.parser import text_string_to_metric_families
from served import client_of

from ldnkg.query import Limits
from ldnkg.web.connection import CONNECTION, Connection

FOREVER = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }"
ROWS = "SELECT ?a ?b ?c { ?a ?p ?x . ?b ?q ?y . ?c ?r ?z } LIMIT "
LARGE, TOO_LARGE = f"{ROWS} 8000", f"{ROWS} 50000"
SETTINGS = {
    "LDNKG_QUERY_SECONDS": "20",
    "LDNKG_QUERY_SHARE": "2",
    "LDNKG_QUERY_ANSWER_BYTES": "6000000",
    "LDNKG_TRUSTED_PROXIES": "127.0.0.1",
}


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """A server of the lighthouses, with small budgets, that trusts a proxy at 127.0.0.1."""
    folder = tmp_path_factory.mktemp("served")
    port = free_port()
    command = [
        sys.executable,
        "-m",
        "ldnkg.cli",
        "serve",
        "--port",
        str(port),
        "--releases",
        str(folder / "r"),
    ]
    command += ["--sources", str(write(folder / "lights", LIGHTS))]
    with subprocess.Popen(command, env={**os.environ, **SETTINGS}, start_new_session=True) as process:
        try:
            until(lambda: process.poll() is not None or answers(port))
            yield port
        finally:
            os.killpg(process.pid, signal.SIGTERM)


def until(true: Callable[[], object]) -> None:
    """Wait for something to become true."""
    for _ in range(1200):
        if true():
            return
        time.sleep(0.05)
    raise AssertionError("waited in vain")


def answers(port: int) -> bool:
    try:
        return get(port, "/health").status == 200
    except OSError:
        return False


def path(query: str, format_: str = "json") -> str:
    return f"/sparql?query={quote(query)}&format={format_}"


def connected(port: int, source: str = "127.0.0.1") -> http.client.HTTPConnection:
    return http.client.HTTPConnection("127.0.0.1", port, timeout=60, source_address=(source, 0))


def get(port: int, target: str, source: str = "127.0.0.1", **headers: str) -> http.client.HTTPResponse:
    """The answer with its body read, which is in `body`."""
    with closing(connected(port, source)) as connection:
        connection.request("GET", target, headers=headers)
        response = connection.getresponse()
        response.body = response.read()  # type: ignore[attr-defined]
        return response


def count(port: int, name: str, **labels: str) -> float:
    """A sample of /metrics; 0 for one that is not there yet."""
    text = get(port, "/metrics").body.decode()  # type: ignore[attr-defined]
    samples = [one for family in text_string_to_metric_families(text) for one in family.samples]
    return sum(one.value for one in samples if one.name == name and labels.items() <= one.labels.items())


def test_a_small_answer_is_sent_whole_with_its_length(port: int) -> None:
    response = get(port, path("ASK {}"))
    assert response.headers["Content-Length"]
    assert "Transfer-Encoding" not in response.headers


@pytest.mark.parametrize("coding", ["identity", "gzip, br, zstd"])
def test_a_large_answer_is_sent_in_pieces_and_is_whole(port: int, coding: str) -> None:
    response = get(port, path(LARGE), **{"Accept-Encoding": coding})
    assert response.headers["Transfer-Encoding"] == "chunked"
    assert "Content-Encoding" not in response.headers
    assert "Accept-Encoding" in response.headers["Vary"]
    assert len(json.loads(response.body)["results"]["bindings"]) == 8000  # type: ignore[attr-defined]


def test_an_answer_that_fails_on_the_way_is_an_error_for_the_client(port: int) -> None:
    for _ in range(2):
        with closing(connected(port)) as connection:
            connection.request("GET", path(TOO_LARGE))
            response = connection.getresponse()
            assert response.status == 200
            with pytest.raises((http.client.IncompleteRead, ConnectionError)):
                response.read()


def test_curl_takes_an_answer_that_fails_on_the_way_for_an_error(port: int) -> None:
    command = ["curl", "-sS", "-o", "/dev/null", f"http://127.0.0.1:{port}{path(TOO_LARGE, 'csv')}"]
    run = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert run.returncode == 18, run.stderr


def test_only_the_connection_of_the_failed_answer_is_cut(port: int) -> None:
    with closing(connected(port)) as other:
        other.request("GET", path("ASK {}"))
        other.getresponse().read()
        test_an_answer_that_fails_on_the_way_is_an_error_for_the_client(port)
        other.request("GET", path("ASK {}"))
        assert other.getresponse().status == 200


def test_a_closed_connection_cancels_its_query(port: int) -> None:
    before = count(port, "ldnkg_queries_killed_total", reason="client gone")
    with closing(connected(port)) as connection:
        connection.request("GET", path(FOREVER))
        until(lambda: count(port, "ldnkg_queries_running", lane="slow") == 1)
    until(lambda: count(port, "ldnkg_queries_killed_total", reason="client gone") == before + 1)
    until(lambda: count(port, "ldnkg_queries_running", lane="slow") == 0)


def test_a_client_that_does_not_read_holds_no_worker(port: int) -> None:
    with socket.create_connection(("127.0.0.1", port)) as slow:
        slow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        slow.sendall(f"GET {path(LARGE)} HTTP/1.1\r\nHost: lights.example\r\n\r\n".encode())
        assert slow.recv(15).startswith(b"HTTP/1.1 200")
        until(lambda: count(port, "ldnkg_queries_running") == 0)
        assert get(port, path("ASK {}")).status == 200


def test_a_client_over_its_share_is_told_so_and_others_are_served(port: int) -> None:
    with closing(connected(port, "127.0.0.2")) as one, closing(connected(port, "127.0.0.2")) as two:
        for number, each in enumerate((one, two), 1):
            each.request("GET", path(f"{FOREVER} LIMIT {number}"))
        until(lambda: count(port, "ldnkg_queries_running") + count(port, "ldnkg_queries_waiting") == 2)
        refused = get(port, path("ASK { FILTER(1 = 1) }"), "127.0.0.2")
        assert refused.status == 429
        assert int(refused.headers["Retry-After"]) >= 1
        assert "2 queries of yours" in json.loads(refused.body)["detail"]  # type: ignore[attr-defined]
        made_up = get(port, path("ASK { FILTER(2 = 2) }"), "127.0.0.2", **{"X-Forwarded-For": "192.0.2.1"})
        assert made_up.status == 429
        assert get(port, path("ASK { FILTER(4 = 4) }"), "127.0.0.3").status == 200
        proxied = {"X-Forwarded-For": "127.0.0.2"}
        assert get(port, path("ASK { FILTER(3 = 3) }"), **proxied).status == 429
    until(lambda: count(port, "ldnkg_queries_running") + count(port, "ldnkg_queries_waiting") == 0)


def test_a_body_without_a_length_is_read_as_far_as_it_may_go(port: int) -> None:
    with closing(connected(port)) as connection:
        headers = {"Content-Type": "application/sparql-query"}
        connection.request("POST", "/sparql", iter([b"ASK", b" {}"]), headers, encode_chunked=True)
        assert json.loads(connection.getresponse().read())["boolean"] is True
    with closing(connected(port)) as connection:
        connection.request("POST", "/sparql", iter([b"#" * 60_000] * 2), headers, encode_chunked=True)
        assert connection.getresponse().status == 413


def test_where_a_connection_cannot_be_cut_a_large_answer_is_proved_before_its_status(tmp_path: Path) -> None:
    sources = write(tmp_path / "lights", LIGHTS)
    client_of(sources, tmp_path / "releases")
    client = engines.app_of(tmp_path / "releases", Limits(seconds=60, answer_bytes=6_000_000)).test_client()
    whole = client.get(path(LARGE), buffered=True)
    assert whole.content_length == len(whole.data)
    assert len(json.loads(whole.data)["results"]["bindings"]) == 8000
    failed = client.get(path(TOO_LARGE))
    assert failed.status_code == 413
    assert "6,000,000 bytes" in failed.get_json()["detail"]


def test_a_release_stays_open_until_its_large_answer_is_sent(tmp_path: Path) -> None:
    folder = write(tmp_path / "lights", LIGHTS)
    client_of(folder, tmp_path / "releases")
    client = engines.app_of(tmp_path / "releases").test_client()
    answer = client.get(path(LARGE), environ_overrides={CONNECTION: Staying()})
    assert answer.content_length is None
    write(folder, {"graph/light/pharos.ttl": PHAROS.replace("103.0", "104.0")})
    client_of(folder, tmp_path / "releases")
    client.get("/health")
    assert len(json.loads(answer.data)["results"]["bindings"]) == 8000
    answer.close()


class Staying:
    """A connection of a client that waits."""

    def gone(self) -> bool:
        return False


def test_a_connection_that_is_cut_ends_for_its_client_and_for_no_other() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        clients = [socket.create_connection(server.getsockname(), timeout=5) for _ in range(2)]
        accepted = [server.accept()[0] for _ in range(2)]
        loop = asyncio.new_event_loop()
        Connection(loop, asyncio.Event().wait, clients[0].getsockname(), server.getsockname()).cut()
        assert clients[0].recv(1) == b""
        accepted[1].send(b"x")
        assert clients[1].recv(1) == b"x"
        loop.close()
        for each in (*clients, *accepted):
            each.close()
