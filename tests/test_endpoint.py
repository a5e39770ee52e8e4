"""A remote store: its client asks patiently, but not for ever, and tells what is wrong."""

import gzip
import json
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pyoxigraph as ox
import pytest
from click.testing import CliRunner
from conftest import LIGHTS, write
from served import BASE

from ldnkg import loading
from ldnkg.cli import commands
from ldnkg.endpoint import Address, Breaker, Endpoint, Lease, Patience, Shelves, marker
from ldnkg.endpoint.authorization import answer
from ldnkg.errors import (
    AnswerTooLarge,
    CannotServe,
    QueryTimeout,
    StoreFault,
    StoreOutdated,
    StoreUnreachable,
)
from ldnkg.release import Release, build
from ldnkg.sources import load

JSON = "application/sparql-results+json"
Reply = tuple[int, dict[str, str], bytes]
Replies = Callable[[dict[str, Any]], Reply]


class Server:
    """An endpoint that says what a test wants it to; `heard` are the requests."""

    def __init__(self, replies: Replies) -> None:
        self.heard: list[dict[str, Any]] = []
        self.silence = threading.Event()
        server = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                request = {"method": self.command, "path": self.path, "body": body, "headers": self.headers}
                server.heard.append(request)
                try:
                    status, headers, told = replies(request)
                except ConnectionAbortedError:
                    self.close_connection = True
                    return
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(told)))
                self.end_headers()
                for piece in [told] if type(told) is bytes else (bytes([each]) for each in told):
                    self.wfile.write(piece)
                    if piece is not told:
                        server.silence.wait(0.04)

            do_PUT = do_DELETE = do_GET = do_POST

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}/sparql"
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    def close(self) -> None:
        self.silence.set()
        self._server.shutdown()
        self._server.server_close()


@contextmanager
def endpoint(replies: Replies, patience: Patience | None = None) -> Iterator[tuple[Endpoint, Server]]:
    with closing(Server(replies)) as server:
        asked = Endpoint(Address.read(server.url, {}), patience)
        yield asked, server
        asked.close()


def table(*rows: dict[str, Any], names: tuple[str, ...] = ("x",)) -> bytes:
    return json.dumps({"head": {"vars": names}, "results": {"bindings": rows}}).encode()


def literal(value: str, datatype: str = "") -> dict[str, str]:
    told = {"type": "literal", "value": value}
    return told | {"datatype": f"http://www.w3.org/2001/XMLSchema#{datatype}"} if datatype else told


def good(*rows: dict[str, Any]) -> Replies:
    return lambda request: (200, {"Content-Type": JSON}, table(*rows))


def values(found: Any) -> list[str]:
    return [str(row[0]) for row in found]


@pytest.fixture(scope="module")
def release(tmp_path_factory: pytest.TempPathFactory) -> Release:
    folder = tmp_path_factory.mktemp("lights")
    return build(load(write(folder / "lights", LIGHTS)), folder / "releases", BASE)


def test_a_query_is_sent_with_the_graphs_it_is_about_and_no_other() -> None:
    with endpoint(good({"x": literal("one")})) as (asked, server):
        assert values(asked.table("SELECT ?x {}", ["urn:g:1", "urn:g:2"])) == ['"one"']
        sent = parse_qs(server.heard[0]["body"].decode())
    assert sent["query"] == ["SELECT ?x {}"]
    assert sent["default-graph-uri"] == ["urn:g:1", "urn:g:2"]
    assert sent["named-graph-uri"] == ["urn:ldnkg:nowhere"]  # for some engines none means every graph


def test_values_have_one_form_whichever_engine_writes_them() -> None:
    told = [literal("1", "boolean"), literal("50.0", "decimal"), literal("007", "integer"), literal("a")]
    with endpoint(good(*({"x": each} for each in told))) as (asked, _):
        found = values(asked.table("SELECT ?x {}", ["urn:g"]))
    assert [each.partition("^")[0] for each in found] == ['"true"', '"50"', '"7"', '"a"']


def test_blank_nodes_are_told_apart_whatever_they_are_called() -> None:
    names = ("nodeID://b1", "nodeID://b2", "nodeID://b1", "b3")
    with endpoint(good(*({"x": {"type": "bnode", "value": each}} for each in names))) as (asked, _):
        found = values(asked.table("SELECT ?x {}", ["urn:g"]))
    assert found[0] == found[2] and len(set(found)) == 3


def test_a_text_that_looks_like_a_blank_node_stays_a_text() -> None:
    text = '"bnode", "value": "nodeID://b1"'
    with endpoint(good({"x": literal(text)})) as (asked, _):
        assert values(asked.table("SELECT ?x {}", ["urn:g"])) == [str(ox.Literal(text))]


def test_a_connection_that_breaks_before_an_answer_is_tried_once_more() -> None:
    def replies(request: dict[str, Any]) -> Reply:
        if len(server.heard) == 1:
            raise ConnectionAbortedError
        return good()(request)

    with endpoint(replies) as (asked, server):
        assert values(asked.table("SELECT ?x {}", ["urn:g"])) == []
        assert len(server.heard) == 2


def test_triples_are_not_added_twice() -> None:
    def replies(request: dict[str, Any]) -> Reply:
        raise ConnectionAbortedError

    with endpoint(replies) as (asked, server):
        with pytest.raises(StoreUnreachable):
            asked.send("POST", server.url, b"<urn:x> <urn:x> <urn:x> .", {"Content-Type": "text/turtle"})
        assert len(server.heard) == 1


def test_a_silence_is_not_waited_for_and_not_repeated() -> None:
    silence = threading.Event()

    def replies(request: dict[str, Any]) -> Reply:
        silence.wait(20)
        return good()(request)

    with endpoint(replies, Patience(read_seconds=0.2)) as (asked, server):
        with pytest.raises(StoreUnreachable, match="not answered"):
            asked.table("SELECT ?x {}", ["urn:g"])
        assert len(server.heard) == 1
        silence.set()


@pytest.mark.parametrize(
    ("status", "headers", "body", "fault", "told"),
    [
        (503, {"Retry-After": "7"}, b"", StoreUnreachable, "503"),
        (500, {}, b"Virtuoso 37000 Error", StoreFault, "Virtuoso 37000 Error"),
        (401, {"WWW-Authenticate": 'Basic realm="x"'}, b"", StoreFault, "LDNKG_STORE_PASSWORD"),
        (302, {"Location": "http://127.0.0.1:1/"}, b"", StoreFault, "302"),
        (200, {"Content-Type": "text/html"}, b"<p>Hello", StoreFault, "text/html"),
        (200, {"Content-Type": JSON}, b"[]", StoreFault, "no result"),
        (200, {"Content-Type": JSON, "X-SPARQL-MaxRows": "5"}, table(), AnswerTooLarge, "5 rows"),
        (200, {"Content-Type": JSON, "X-SQL-State": "S1TAT"}, table(), QueryTimeout, "longer"),
    ],
)
def test_what_is_no_answer_is_a_fault_that_says_so(
    status: int, headers: dict[str, str], body: bytes, fault: type[Exception], told: str
) -> None:
    with endpoint(lambda request: (status, headers, body)) as (asked, _):
        with pytest.raises(fault, match=told) as found:
            values(asked.table("SELECT ?x {}", ["urn:g"]))
        assert "127.0.0.1" not in str(found.value)


def test_an_answer_that_ends_in_the_middle_is_a_fault() -> None:
    whole = table({"x": literal("one")}, {"x": literal("two")})
    with endpoint(lambda request: (200, {"Content-Type": JSON}, whole[:-20])) as (asked, _):
        with pytest.raises(StoreFault, match="no result"):
            values(asked.table("SELECT ?x {}", ["urn:g"]))


def test_an_answer_that_drips_is_not_waited_for_whenever_its_next_byte_may_come() -> None:
    class Drips(bytes):
        """What the server writes a byte at a time."""

    with endpoint(
        lambda request: (200, {"Content-Type": JSON}, Drips(table())), Patience(read_seconds=0.1)
    ) as (
        asked,
        _,
    ):
        with pytest.raises(StoreUnreachable, match="in the middle"):
            values(asked.table("SELECT ?x {}", ["urn:g"]))


def test_a_query_that_the_store_repeats_in_its_complaint_is_not_told() -> None:
    body = b"Virtuoso 37000 Error SP031\n\nSPARQL query:\ndefine input:default-graph-uri <urn:secret>"
    with endpoint(lambda request: (500, {}, body)) as (asked, _):
        with pytest.raises(StoreFault, match="SP031") as found:
            asked.table("SELECT ?x {}", ["urn:g"])
    assert "secret" not in str(found.value)


def test_an_answer_without_end_is_not_read_to_its_end() -> None:
    rows = ({"x": literal("x" * 1000)} for _ in range(1000))
    reply = (200, {"Content-Type": JSON}, table(*rows))
    with endpoint(lambda request: reply, Patience(answer_bytes=100_000)) as (asked, _):
        with pytest.raises(AnswerTooLarge):
            values(asked.table("SELECT ?x {}", ["urn:g"]))


def test_a_password_is_shown_to_the_store_and_to_nobody_else() -> None:
    def replies(request: dict[str, Any]) -> Reply:
        if "Authorization" not in request["headers"]:
            return (
                401,
                {"WWW-Authenticate": 'Digest realm="SPARQL", nonce="n1", qop="auth", algorithm=MD5'},
                b"",
            )
        return good({"x": literal("in")})(request)

    with closing(Server(replies)) as server:
        address = Address.read(server.url.replace("//", "//me:secret@"), {})
        asked = Endpoint(address)
        assert values(asked.table("SELECT ?x {}", ["urn:g"])) == ['"in"']
        asked.close()
        sent = server.heard[1]["headers"]["Authorization"]
    assert sent.startswith("Digest ") and 'username="me"' in sent and "secret" not in sent
    assert "secret" not in repr(address) + address.url


def test_digests_are_those_of_the_standard(monkeypatch: pytest.MonkeyPatch) -> None:
    """RFC 7616, section 3.9.1."""
    monkeypatch.setattr("secrets.token_hex", lambda _: "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ")
    told = (
        'Digest realm="http-auth@example.org", qop="auth, auth-int", algorithm=MD5, '
        'nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", '
        'opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"'
    )
    address = Address("http://www.example.org/dir/index.html", "Mufasa", "Circle of Life")
    found = answer([told], address, "GET", "/dir/index.html") or ""
    assert 'response="8ca523f5e9506fed4657c9700eebdbec"' in found
    assert answer(['Basic realm="x"'], address, "GET", "/") == "Basic TXVmYXNhOkNpcmNsZSBvZiBMaWZl"
    assert answer(["Negotiate"], address, "GET", "/") is None


@pytest.mark.parametrize(
    "text", ["", "sparql", "ftp://x/", "http://", "http://x/ y", "http://x/#y", "http://[/"]
)
def test_what_is_no_address_is_refused_without_being_repeated(text: str) -> None:
    with pytest.raises(CannotServe, match="will not do"):
        Address.read(text, {})


class Clock:
    """The time, as a test says it is."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def fail(breaker: Breaker) -> str:
    with pytest.raises(StoreUnreachable) as found, breaker.watching():
        raise StoreUnreachable("It is down.")
    return f"{found.value} {found.value.retry_after}"


def test_after_failures_in_a_row_nobody_asks_for_a_while() -> None:
    clock = Clock()
    breaker = Breaker(3, 10.0, clock)
    for _ in range(2):
        fail(breaker)
    with breaker.watching():
        pass  # one that works, and the count begins anew
    for _ in range(3):
        fail(breaker)
    clock.now = 2.5
    with pytest.raises(StoreUnreachable, match="It is down") as refused, breaker.watching():
        raise AssertionError("it was asked")
    assert refused.value.retry_after == 8


def test_then_one_tries_and_the_others_wait_for_how_it_ends() -> None:
    clock = Clock()
    breaker = Breaker(1, 10.0, clock)
    fail(breaker)
    clock.now = 11
    with breaker.watching():
        with pytest.raises(StoreUnreachable), breaker.watching():
            raise AssertionError("it was asked twice")
    with breaker.watching():
        assert breaker.reason is None


def test_an_answer_that_is_a_fault_is_an_answer() -> None:
    breaker = Breaker(1, 10.0, Clock())
    with pytest.raises(StoreFault), breaker.watching():
        raise StoreFault("It does not know the query.")
    assert breaker.reason is None


def test_a_store_that_holds_another_release_is_not_read() -> None:
    held = ["abc"]
    clock = Clock()

    def replies(request: dict[str, Any]) -> Reply:
        assert parse_qs(request["body"].decode())["default-graph-uri"] == [marker("http://x/")]
        return good(*({"x": literal(each)} for each in held))(request)

    with endpoint(replies) as (asked, server):
        lease = Lease(asked, "http://x/", "abc", clock)
        lease.confirm()
        held[0] = "def"
        lease.confirm()  # within its time
        assert len(server.heard) == 1
        clock.now = 5
        with pytest.raises(
            StoreOutdated, match="holds release def, and the site serves abc: run `ldnkg load`"
        ):
            lease.confirm()
        held.clear()
        with pytest.raises(StoreOutdated, match="is being loaded"):
            lease.confirm()


def test_loading_takes_the_mark_away_first_waits_and_sets_it_last(release: Release) -> None:
    waited: list[int] = []
    with endpoint(lambda request: (204, {}, b"")) as (asked, server):
        count = loading.put(release, Shelves(asked), wait=lambda seconds: waited.append(len(server.heard)))
        sent = [(each["method"], each["path"].partition("graph=")[2]) for each in server.heard]
    mark = "urn%3Aldnkg%3Aloaded%3Ahttps%3A%2F%2Flights.example%2F"
    assert sent[0] == ("DELETE", mark) and waited == [1] and sent[-1] == ("PUT", mark)
    assert {name for _, name in sent[1:-1]} and mark not in {name for _, name in sent[1:-1]}
    triples = [line for each in server.heard[1:-1] for line in each["body"].splitlines()]
    assert len(triples) == count == len(ox.Store.read_only(str(release.path / "store")))


def test_a_store_that_has_lost_triples_gets_no_mark(release: Release) -> None:
    def replies(request: dict[str, Any]) -> Reply:
        if request["method"] == "POST" and b"query=" in request["body"]:
            return good({"x": literal("1", "integer")})(request)
        return 204, {}, b""

    with endpoint(replies) as (asked, server):
        with pytest.raises(StoreFault, match=r"has 1 of \d+ triples"):
            loading.put(release, Shelves(asked), wait=lambda seconds: None, endpoint=asked)
    marks = [each["method"] for each in server.heard if "loaded" in each["path"]]
    assert marks == ["DELETE"]


def test_a_store_that_is_not_there_is_named_where_somebody_loads(release: Release) -> None:
    command = [
        "load",
        "--graph-store",
        "http://me:secret@127.0.0.1:1/data",
        "--releases",
        str(release.path.parent),
    ]
    with pytest.raises(StoreUnreachable, match="127.0.0.1:1/data") as found:
        CliRunner().invoke(commands, command, catch_exceptions=False, standalone_mode=False)
    assert "secret" not in str(found.value)


def test_a_store_that_does_not_let_us_write_is_told_with_exit_code_2(release: Release) -> None:
    with closing(Server(lambda request: (403, {}, b"no"))) as server:
        url = server.url.replace("//", "//me:secret@")
        command = ["load", "--graph-store", url, "--releases", str(release.path.parent)]
        with pytest.raises(StoreFault, match="LDNKG_STORE_PASSWORD"):
            CliRunner().invoke(commands, command, catch_exceptions=False, standalone_mode=False)


@pytest.mark.parametrize("name", ["all.nq", "all.nq.gz"])
def test_a_file_for_bulk_loaders_has_every_graph_and_the_mark(
    release: Release, tmp_path: Path, name: str
) -> None:
    command = ["load", "--file", str(tmp_path / name), "--releases", str(release.path.parent)]
    told = CliRunner().invoke(commands, command, catch_exceptions=False)
    assert told.exit_code == 0 and release.id in told.output
    data = (tmp_path / name).read_bytes()
    data = gzip.decompress(data) if name.endswith(".gz") else data
    found = set(ox.parse(data, format=ox.RdfFormat.N_QUADS))
    graphs = {quad.graph_name.value for quad in found}
    assert graphs == {*release.manifest["graphs"], marker(BASE)}
    assert len(found) == len(ox.Store.read_only(str(release.path / "store"))) + 1


def holding(release: Release, mark: str, lost: int = 0) -> Replies:
    """An engine that holds the release but for so many triples of its largest graph."""
    store = ox.Store.read_only(str(release.path / "store"))
    counts = Counter(quad.graph_name.value for quad in store)
    counts[max(counts, key=lambda name: counts[name])] -= lost

    def replies(request: dict[str, Any]) -> Reply:
        (graph,) = parse_qs(request["body"].decode())["default-graph-uri"]
        row = literal(mark) if graph == marker(BASE) else literal(str(counts[graph]), "integer")
        return good({"x": row})(request)

    return replies


def counting(url: str, release: Release) -> str:
    command = ["load", "--count", "--store", url, "--releases", str(release.path.parent)]
    return CliRunner().invoke(commands, command, catch_exceptions=False, standalone_mode=False).output


def test_what_a_bulk_loader_has_done_can_be_counted(release: Release) -> None:
    with closing(Server(holding(release, release.id))) as server:
        told = counting(server.url, release)
        methods = {each["method"] for each in server.heard}
    assert release.id in told and f"{len(ox.Store.read_only(str(release.path / 'store'))):,} triples" in told
    assert methods == {"POST"} and all(b"query=" in each["body"] for each in server.heard)


def test_triples_that_a_bulk_loader_has_lost_or_doubled_are_told(release: Release) -> None:
    for lost in (1, -1):
        with closing(Server(holding(release, release.id, lost))) as server:
            with pytest.raises(
                StoreFault, match=r"does not hold the release as it is: <.*> has [\d,]+ of [\d,]+"
            ):
                counting(server.url, release)


def test_another_mark_than_that_of_the_release_is_told(release: Release) -> None:
    with closing(Server(holding(release, "def"))) as server:
        with pytest.raises(StoreUnreachable, match="holds release def"):
            counting(server.url, release)


def test_a_store_may_take_longer_to_load_than_for_a_page(
    release: Release, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LDNKG_STORE_READ_SECONDS", "0.01")
    held = holding(release, release.id)

    def slowly(request: dict[str, Any]) -> Reply:
        threading.Event().wait(0.1)
        return held(request)

    with closing(Server(slowly)) as server:
        assert release.id in counting(server.url, release)


def test_where_to_count_must_be_said(release: Release) -> None:
    told = CliRunner().invoke(commands, ["load", "--count", "--releases", str(release.path.parent)])
    assert told.exit_code == 2 and "--store" in told.output


def test_where_to_load_must_be_said_once() -> None:
    told = CliRunner().invoke(commands, ["load"])
    assert told.exit_code == 2 and "--graph-store or with --file" in told.output
