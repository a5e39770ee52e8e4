"""What a monitoring system is told."""

from collections.abc import Mapping
from pathlib import Path

import pytest
from asgi import stall
from conftest import LIGHTS, write
from flask.testing import FlaskClient
from prometheus_client.parser import text_string_to_metric_families
from served import client_of

from ldnkg import web


@pytest.fixture
def fresh(tmp_path: Path) -> FlaskClient:
    """A client of a site that nobody has asked yet."""
    return client_of(write(tmp_path / "lights", LIGHTS), tmp_path / "releases")


def told(client: FlaskClient) -> Mapping[tuple[str, frozenset[tuple[str, str]]], float]:
    """Every sample, by its name and labels."""
    families = text_string_to_metric_families(client.get("/metrics").text)
    return {(one.name, frozenset(one.labels.items())): one.value for each in families for one in each.samples}


def test_requests_are_counted_by_endpoint_method_and_status(fresh: FlaskClient) -> None:
    fresh.get("/doc/light/eddystone")
    fresh.head("/doc/light/eddystone")
    fresh.get("/doc/light/nowhere")
    fresh.open("/doc/light/eddystone", method="WEIRD")
    found = told(fresh)

    def count(**labels: str) -> float:
        return found["ldnkg_requests_total", frozenset(labels.items())]

    assert count(endpoint="entities.document", method="GET", status="200") == 1
    assert count(endpoint="entities.document", method="HEAD", status="200") == 1
    assert count(endpoint="entities.document", method="GET", status="404") == 1
    assert count(endpoint="none", method="other", status="405") == 1


@pytest.mark.parametrize(("method", "counted"), [("POST", "POST"), ("WEIRD", "other")])
def test_a_request_that_does_not_come_is_counted(
    fresh: FlaskClient, monkeypatch: pytest.MonkeyPatch, method: str, counted: str
) -> None:
    monkeypatch.setattr("ldnkg.web.asgi._PATIENCE", 0.01)
    monkeypatch.setattr("ldnkg.site.Site.warm", lambda site: None)
    monkeypatch.setattr(web, "create_app", lambda: fresh.application)
    server = web.create_asgi()
    assert stall(server, "/sparql", method, Content_Length="11").status == 408
    found = told(fresh)
    labels = {"endpoint": "none", "method": counted, "status": "408"}
    assert found["ldnkg_requests_total", frozenset(labels.items())] == 1
    assert found["ldnkg_request_seconds_sum", frozenset({("endpoint", "none")})] >= 0.01


def test_times_are_told_for_each_endpoint(fresh: FlaskClient) -> None:
    fresh.get("/")
    found = told(fresh)
    assert found["ldnkg_request_seconds_count", frozenset({("endpoint", "home.show")})] == 1


def test_it_tells_what_is_served_and_is_never_kept(fresh: FlaskClient) -> None:
    release = fresh.get("/health").get_json()["release"]
    response = fresh.get("/metrics")
    assert f'id="{release}"' in response.text
    assert response.cache_control.no_store


def test_two_sites_in_one_process_count_apart(fresh: FlaskClient, client: FlaskClient) -> None:
    client.get("/")
    assert not any(name == "ldnkg_requests_total" for name, _ in told(fresh))
