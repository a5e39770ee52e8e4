"""The open release: one for each request from first to last, the newest for the next."""

from contextlib import closing
from pathlib import Path

import pytest
from conftest import EDDYSTONE

from ldnkg.endpoint import Endpoint
from ldnkg.errors import NoRelease
from ldnkg.query import Pool
from ldnkg.release import build
from ldnkg.site import Opened, Site
from ldnkg.sources import load

BASE = "https://lights.example/"


def test_a_request_keeps_its_release_and_the_next_gets_the_newest(
    lights: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    closed: list[str] = []
    close = Opened.close

    def noted(opened: Opened) -> None:
        closed.append(opened.release.id)
        close(opened)

    monkeypatch.setattr(Opened, "close", noted)
    releases = tmp_path / "releases"
    old = build(load(lights), releases, BASE).id
    site = Site(releases)
    with site.opened() as first, site.opened() as again:
        assert first is again
        (lights / "graph/light/eddystone.ttl").write_text(EDDYSTONE.replace("49.0", "51.0"), encoding="utf-8")
        new = build(load(lights), releases, BASE).id
        with site.opened() as second:
            assert (first.release.id, second.release.id) == (old, new)
            assert first.store.types() == second.store.types()
        assert closed == []
    assert closed == [old]
    site.close()
    assert closed == [old, new]


def test_an_engine_out_of_reach_does_not_keep_a_site_from_being_warmed(lights: Path, tmp_path: Path) -> None:
    release = build(load(lights), tmp_path / "releases", BASE)
    nowhere = Endpoint.from_environment({}, "http://127.0.0.1:1/sparql")
    with closing(Opened(release, Pool(release.path, endpoint=nowhere), nowhere)) as opened:
        opened.warm(lambda: False, lambda: False)


def test_without_a_release_there_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(NoRelease, match="ldnkg build"), Site(tmp_path).opened():
        pass
