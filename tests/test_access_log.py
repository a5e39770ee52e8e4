"""The access log: a line of JSON for each answer, whatever gave it; no reader can be told from it."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from asgi import Answer, ask, stall
from conftest import LIGHTS, write

from ldnkg.release import build
from ldnkg.sources import load
from ldnkg.web import create_app, direct_of
from ldnkg.web.access import LONGEST, AccessLog, network
from ldnkg.web.asgi import Asgi, Layers
from ldnkg.web.clients import Proxies
from ldnkg.web.front import Front

PAGE = "/doc/light/eddystone"
QUERY = urlencode({"query": "SELECT * { ?s a ?o } ORDER BY ?s"})


class Logged:
    """The site with everything before it, and its log."""

    def __init__(self, folder: Path) -> None:
        self.release = build(
            load(write(folder / "lights", LIGHTS)), folder / "releases", "http://localhost/"
        ).id
        self.file = folder / "access.log"
        app = create_app(folder / "releases")
        site = app.extensions["site"]
        self.log = AccessLog(str(self.file), Proxies(), site.newest)
        self.asgi = Asgi(app.wsgi_app, Layers(Front(site.newest), direct_of(app), self.log), threads=2)

    def ask(self, path: str, **said: Any) -> Answer:
        return ask(self.asgi, path, **said)

    def lines(self) -> list[dict[str, Any]]:
        """What was written, when all of it is."""
        self.log.close()
        return [json.loads(line) for line in self.file.read_text(encoding="utf-8").splitlines()]


@pytest.fixture
def logged(tmp_path: Path) -> Iterator[Logged]:
    it = Logged(tmp_path)
    yield it
    it.log.close()


def test_each_answer_has_a_line_whatever_gave_it(logged: Logged) -> None:
    given = [
        logged.ask(PAGE, Accept="text/html"),
        logged.ask(PAGE, Accept="text/html"),
        logged.ask("/sparql", query=QUERY, Accept="text/csv"),
        logged.ask("/nowhere"),
    ]
    lines = logged.lines()
    assert [line["way"] for line in lines] == ["application", "memory", "direct", "application"]
    assert [line["status"] for line in lines] == [200, 200, 200, 404]
    assert [line["bytes"] for line in lines] == [len(each.body) for each in given]
    assert [line["target"] for line in lines] == [PAGE, PAGE, f"/sparql?{QUERY}", "/nowhere"]
    assert {line["release"] for line in lines} == {logged.release}
    assert all(line["milliseconds"] > 0 for line in lines)


def test_a_request_that_does_not_come_has_a_line(logged: Logged, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ldnkg.web.asgi._PATIENCE", 0.01)
    given = stall(logged.asgi, "/sparql", "POST", Content_Length="11", User_Agent="reader/1")
    (line,) = logged.lines()
    assert (
        (line["status"], line["way"], line["method"])
        == (given.status, "none", "POST")
        == (408, "none", "POST")
    )
    assert line["bytes"] == len(given.body) and line["milliseconds"] >= 10
    assert (line["target"], line["agent"], line["client"]) == ("/sparql", "reader/1", "127.0.0.0/24")


def test_what_helps_to_follow_a_request_is_kept_and_nothing_else(logged: Logged) -> None:
    trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    logged.ask(PAGE, User_Agent="reader/1", Traceparent=trace, Cookie="secret", Authorization="secret")
    (line,) = logged.lines()
    assert (line["agent"], line["trace"]) == ("reader/1", trace)
    assert "secret" not in json.dumps(line)


def test_a_reader_is_known_by_the_network_only(logged: Logged) -> None:
    logged.ask(PAGE)
    (line,) = logged.lines()
    assert line["client"] == "127.0.0.0/24"


@pytest.mark.parametrize("sent", ['/a"b\\', "/%0A%22", "/" + "x" * 9000, "/\u00e9"])
def test_whatever_a_client_sends_is_one_line(logged: Logged, sent: str) -> None:
    logged.ask(sent, User_Agent='a"\n{"status": 200}')
    (line,) = logged.lines()
    assert line["target"] == sent.encode().decode("latin-1")[:LONGEST]


def test_a_file_that_is_moved_away_is_begun_anew(logged: Logged) -> None:
    logged.ask(PAGE)
    logged.lines()
    logged.log = AccessLog(str(logged.file), Proxies(), lambda: None)
    logged.file.rename(logged.file.with_suffix(".1"))
    scope = {"method": "GET", "raw_path": b"/", "query_string": b"", "headers": [], "client": ("::1", 1)}
    logged.log.note(scope, 200, 0, 0.0, "memory")
    (line,) = logged.lines()
    assert line["client"] == "::/48"


def test_what_is_no_address_is_no_network() -> None:
    assert network("reader") == ""
