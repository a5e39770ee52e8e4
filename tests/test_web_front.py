"""The memory before the application: the same bytes as from the application, where they are right."""

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from asgi import Answer, ask
from conftest import LIGHTS, write

from ldnkg.release import build
from ldnkg.release.keeping import switch
from ldnkg.sources import load
from ldnkg.web import create_app
from ldnkg.web.asgi import Asgi, Layers
from ldnkg.web.front import Front

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

BASE = "http://localhost/"
PATH = "/doc/light/eddystone"


class Served:
    """The site behind its memory; `calls` counts what reaches the application."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.releases, self.calls = folder, folder / "releases", 0
        if not self.releases.exists():
            self.build(LIGHTS)
        app = create_app(self.releases)
        self.client = app.test_client()
        inner = app.wsgi_app

        def counted(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
            self.calls += 1
            return inner(environ, start_response)

        self._asgi = Asgi(counted, Layers(front=Front(app.extensions["site"].newest)), threads=2)

    def build(self, sources: dict[str, str]) -> None:
        build(load(write(self.folder / "lights", sources)), self.releases, BASE)

    def get(self, path: str = PATH, method: str = "GET", query: str = "", **headers: str) -> Answer:
        """An answer: its status, its header fields, its body."""
        return ask(self._asgi, path, method, query, **headers)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the release is that all tests share which need no other."""
    return tmp_path_factory.mktemp("front")


@pytest.fixture
def served(folder: Path) -> Served:
    return Served(folder)


@pytest.fixture
def fresh(tmp_path: Path) -> Served:
    """A site of its own, to build releases of."""
    return Served(tmp_path)


class Known:
    """A memory of one answer of the release `one`; `current` and `now` are what it is told."""

    def __init__(self) -> None:
        self.current, self.now, self.looks = "one", 0.0, 0
        self.front = Front(self._look, lambda: self.now)
        self.learn("one")

    def learn(self, release: str, *headers: tuple[bytes, bytes]) -> None:
        fields = [(b"etag", f'"{release}-1"'.encode()), (b"cache-control", b"public")]
        self.front.learn(_scope(*headers), 200, fields, release.encode(), lambda status: lambda seconds: None)

    def body(self) -> bytes | None:
        """What is given for the request again."""
        found = self.front.find(_scope())
        return found.body["body"] if found else None

    def _look(self) -> str:
        self.looks += 1
        return self.current


def _modified(answer: Answer) -> bytes:
    return dict(answer.fields)[b"last-modified"]


def _scope(*headers: tuple[bytes, bytes]) -> dict[str, object]:
    return {"method": "GET", "raw_path": b"/doc/x", "query_string": b"", "headers": headers}


def test_it_looks_for_another_release_only_each_hundredth_of_a_second() -> None:
    known = Known()
    looks = known.looks
    assert [known.body() for _ in range(100)] == [b"one"] * 100 and known.looks == looks
    known.current, known.now = "two", 0.0099
    assert known.body() == b"one"
    known.now = 0.01
    assert known.body() is None


def test_after_an_answer_of_the_new_release_none_of_the_former_is_given() -> None:
    known = Known()
    assert known.body() == b"one"
    known.current = "two"
    known.front.learn(_scope((b"accept", b"x/y")), 404, [], b"", None)
    assert known.body() is None


def test_a_release_that_is_current_again_is_asked_for_anew() -> None:
    known = Known()
    known.current, known.now = "two", 1.0
    assert known.body() is None
    known.current, known.now = "one", 2.0
    assert known.body() is None, "its last change was the switch"


@pytest.mark.parametrize("accept", ["text/turtle", "text/html", "application/ld+json"])
def test_an_answer_is_given_again_to_the_byte_without_the_application(served: Served, accept: str) -> None:
    first = served.get(accept=accept)
    assert first.status == 200 and served.calls == 1
    assert served.get(accept=accept, user_agent="another") == first
    assert served.calls == 1


def test_a_copy_that_is_still_good_is_confirmed_without_the_application(served: Served) -> None:
    copy = served.get(accept="text/turtle")
    first = served.get(accept="text/turtle", if_none_match=copy.tag)
    assert first.status == 304 and served.calls == 2
    assert served.get(accept="text/turtle", if_none_match=copy.tag) == first
    assert served.calls == 2


def test_what_is_known_stays_known_while_copies_are_confirmed(served: Served) -> None:
    tag = served.get("/doc/light/pharos", accept="text/turtle").tag
    served.get(accept="text/turtle")
    served.get("/doc/light/pharos", accept="text/turtle", if_none_match=tag)
    served.get("/class/light", accept="text/turtle")
    calls = served.calls
    served.get(accept="text/turtle")
    served.get("/doc/light/pharos", accept="text/turtle")
    assert served.calls == calls


def test_the_links_of_an_answer_are_one_field_that_says_all_of_them(served: Served) -> None:
    said = served.client.get(PATH, headers={"Accept": "text/turtle"}).headers.getlist("Link")
    assert len(said) > 1
    assert [value for name, value in served.get(accept="text/turtle").fields if name == b"link"] == [
        ", ".join(said).encode()
    ]


def test_many_links_are_told_in_lines_that_clients_take() -> None:
    links = [("Link", f'<https://lights.example/{number:04}>; rel="item"') for number in range(1000)]

    def application(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        start_response("200 OK", links)
        return [b""]

    fields = [value.decode() for _, value in ask(Asgi(application, threads=1), "/").fields]
    assert max(map(len, fields)) <= 4096 and len(fields) < 20
    assert ", ".join(fields) == ", ".join(value for _, value in links)


def test_fields_in_another_order_have_a_memory_of_their_own(served: Served) -> None:
    """In which order a client sends its fields stays the same, and to sort them takes time."""
    first = served.get(accept="text/turtle", accept_encoding="br")
    assert served.get(accept_encoding="br", accept="text/turtle") == first
    assert served.get(accept_encoding="br", accept="text/turtle") == first
    assert served.calls == 2


def test_a_copy_is_confirmed_also_when_nobody_has_asked_for_the_whole(folder: Path) -> None:
    tag = Served(folder).get(accept="text/turtle").tag
    started = Served(folder)
    for _ in range(2):
        assert started.get(accept="text/turtle", if_none_match=tag).status == 304
    assert started.calls == 1
    assert started.get(accept="text/turtle").status == 200


@pytest.mark.parametrize(
    "changed",
    [
        {"accept": "application/n-triples"},
        {"accept": "text/turtle", "accept_encoding": "gzip"},
        {"accept": "text/turtle", "accept_language": "de"},
        {"accept": "text/turtle", "query": "page=2"},
        {"accept": "text/turtle", "method": "HEAD"},
        {"accept": "text/turtle", "if_none_match": '"another"'},
        {"accept": "text/turtle", "if_match": '"another"'},
        {"accept": "text/turtle", "range": "bytes=0-9"},
        {"accept": "text/turtle", "if_modified_since": "Sat, 01 Jan 2050 00:00:00 GMT"},
        {"accept": "text/turtle", "accept_datetime": "Sat, 01 Jan 2000 00:00:00 GMT"},
    ],
    ids=lambda changed: next(reversed(changed)),
)
def test_whatever_asks_for_something_else_reaches_the_application(
    served: Served, changed: dict[str, str]
) -> None:
    served.get(accept="text/turtle")
    served.get(**changed)
    assert served.calls == 2


def test_a_new_release_is_seen_at_once(fresh: Served) -> None:
    copy = fresh.get(accept="text/turtle")
    assert fresh.get(accept="text/turtle", if_none_match=copy.tag).status == 304
    fresh.build({name: text.replace("Eddystone", "Smeaton") for name, text in LIGHTS.items()})
    assert fresh.get(accept="text/turtle", if_none_match=copy.tag).status == 200
    assert b"Smeaton" in fresh.get(accept="text/turtle").body


def test_an_answer_is_not_given_with_the_date_it_had_before_its_release_was_put_back(fresh: Served) -> None:
    """What readers are told of the last change must not go back."""
    fresh.get(accept="text/turtle")
    former = fresh.client.get("/health").get_json()["release"]
    fresh.build({name: text.replace("Eddystone", "Smeaton") for name, text in LIGHTS.items()})
    fresh.get("/doc/light/pharos")
    switch(fresh.releases, former)
    known = fresh.get("/doc/light/pharos")
    assert former in known.tag
    assert _modified(fresh.get(accept="text/turtle")) == _modified(known)


def test_what_a_client_sends_counts_as_memory() -> None:
    """An answer is kept by the fields that it was asked with, which may be longer than it is."""
    known, given = Known(), 0
    for number in range(1_000):
        known.learn("one", (b"accept", b"x" * 100_000 + str(number).encode()))
    for number in range(1_000):
        scope = _scope((b"accept", b"x" * 100_000 + str(number).encode()))
        given += known.front.find(scope) is not None
    assert 0 < given * 100_000 <= 32 * 2**20


@pytest.mark.parametrize(
    "path",
    ["/doc/light/nowhere", "/health", "/metrics", "/id/light/eddystone", "/changes", "/dataset/series"],
)
def test_what_does_not_hold_for_the_whole_release_is_asked_each_time(served: Served, path: str) -> None:
    served.get(path)
    served.get(path)
    assert served.calls == 2


def test_a_dated_release_is_asked_each_time_since_its_neighbours_come_and_go(fresh: Served) -> None:
    former = fresh.client.get("/health").get_json()["release"]
    fresh.build({name: text.replace("Eddystone", "Smeaton") for name, text in LIGHTS.items()})
    for release in (former, fresh.client.get("/health").get_json()["release"]):
        fresh.calls = 0
        for _ in range(2):
            assert fresh.get(query=f"release={release}").status == 200
        assert fresh.calls == 2


def test_what_is_given_again_is_counted_too(served: Served) -> None:
    for _ in range(3):
        served.get(accept="text/turtle")
    told = served.client.get("/metrics").text
    assert 'ldnkg_requests_total{endpoint="entities.document",method="GET",status="200"} 3.0' in told
    assert 'ldnkg_request_seconds_count{endpoint="entities.document"} 3.0' in told
