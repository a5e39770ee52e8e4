"""What a monitoring system asks for: requests and their times, in the text format of Prometheus."""

import time
from collections.abc import Iterator
from functools import partial

from flask import Flask, Response, g, request
from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    Counter,
    Histogram,
    Info,
    generate_latest,
)
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from ldnkg import __version__
from ldnkg.site import Site
from ldnkg.web.front import COUNTED, Count
from ldnkg.web.request import opened

_BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)
_COUNTS = (
    ("killed", "stopped while they ran.", "reason"),
    ("refused", "turned away.", "reason"),
    ("cache", "whose answer was known, or on its way (hit), or had to be found (miss).", "result"),
)
"""What of the tally only grows: its name, what it counts, and by what."""
_METHODS = frozenset("GET HEAD OPTIONS POST PUT PATCH DELETE".split())


class _Queries(Collector):
    """The queries at the endpoint: how many run and wait now; what became of the others (`_COUNTS`)."""

    def __init__(self, app: Flask) -> None:
        self._site: Site = app.extensions["site"]

    def collect(self) -> Iterator[Metric]:
        running = GaugeMetricFamily("ldnkg_queries_running", "Queries that run now.", labels=["lane"])
        for lane, count in self._site.tally.counts("running").items():
            running.add_metric([lane], count)
        yield running
        if endpoint := self._site.endpoint:
            told = "Whether the store of the graph is asked: 0 while it is left alone after failures."
            yield GaugeMetricFamily("ldnkg_store_asked", told, float(endpoint.breaker.reason is None))
        waiting = sum(self._site.tally.counts("waiting").values())
        yield GaugeMetricFamily("ldnkg_queries_waiting", "Queries that wait for a place.", waiting)
        for name, told, label in _COUNTS:
            counter = CounterMetricFamily(f"ldnkg_queries_{name}", f"Queries {told}", labels=[label])
            for which, count in self._site.tally.counts(name).items():
                counter.add_metric([which], count)
            yield counter


def register(app: Flask) -> None:
    """Count what is asked, and tell it at `/metrics`, for this process. Two applications count apart."""
    registry = CollectorRegistry()
    told = ["endpoint", "method", "status"]
    requests = Counter("ldnkg_requests", "Answers sent.", told, registry=registry)
    seconds = Histogram(
        "ldnkg_request_seconds", "Time to answer.", ["endpoint"], registry=registry, buckets=_BUCKETS
    )
    registry.register(_Queries(app))
    info = Info("ldnkg_release", "What is served.", registry=registry)

    @app.before_request
    def begin() -> None:
        g.begun = time.perf_counter()

    @app.after_request
    def count(response: Response) -> Response:
        endpoint = request.endpoint or "none"
        method = request.method if request.method in _METHODS else "other"
        requests.labels(endpoint, method, response.status_code).inc()
        if "begun" in g:
            seconds.labels(endpoint).observe(time.perf_counter() - g.begun)
        request.environ[COUNTED] = partial(counter, endpoint, method)
        return response

    def counter(endpoint: str, method: str, status: int) -> Count:
        counted, timed = requests.labels(endpoint, method, int(status)), seconds.labels(endpoint)

        def note(took: float) -> None:
            counted.inc()
            timed.observe(took)

        return note

    app.extensions["counter"] = counter

    @app.get("/metrics")
    def metrics() -> Response:
        info.info({"id": opened().release.id, "software": __version__})
        response = Response(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)
        response.cache_control.no_store = True
        return response
