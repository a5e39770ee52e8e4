"""What a monitoring system asks for: requests and their times, in the text format of Prometheus."""

import time
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator
from functools import partial
from itertools import accumulate
from threading import Lock

from flask import Flask, Response, g, request
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Gauge, Info, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.registry import Collector
from prometheus_client.utils import floatToGoString

from ldnkg import __version__
from ldnkg.errors import NoRelease
from ldnkg.site import Site
from ldnkg.web.front import COUNTED, Count
from ldnkg.web.request import opened, site

_BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)
_COUNTS = (
    ("killed", "stopped while they ran.", "reason"),
    ("refused", "turned away.", "reason"),
    ("cache", "whose answer was known, or on its way (hit), or had to be found (miss).", "result"),
)
"""What of the tally only grows: its name, what it counts, and by what."""
_LABELS = ("endpoint", "method", "status")
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


class _Times:
    """How often one kind of answer took how long, in the buckets; an answer costs a microsecond to count."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._counts = [0] * (len(_BUCKETS) + 1)
        self._seconds = 0.0

    def note(self, took: float) -> None:
        """Count one answer that took so many seconds."""
        place = bisect_left(_BUCKETS, took)
        with self._lock:
            self._counts[place] += 1
            self._seconds += took

    def told(self) -> tuple[list[int], float]:
        """The count of each bucket, the last without a bound, and all seconds."""
        with self._lock:
            return list(self._counts), self._seconds


class _Requests(Collector):
    """Answers by endpoint, method and status, and their times by endpoint."""

    def __init__(self) -> None:
        self._times: defaultdict[tuple[str, str, int], _Times] = defaultdict(_Times)

    def of(self, endpoint: str, method: str, status: int) -> _Times:
        """What counts answers of one kind."""
        return self._times[endpoint, method, int(status)]

    def collect(self) -> Iterator[Metric]:
        counter = CounterMetricFamily("ldnkg_requests", "Answers sent.", labels=_LABELS)
        together: dict[str, tuple[list[int], float]] = {}
        for (endpoint, method, status), times in list(self._times.items()):
            counts, seconds = times.told()
            counter.add_metric([endpoint, method, str(status)], sum(counts))
            others, more = together.get(endpoint, ([0] * len(counts), 0.0))
            together[endpoint] = (
                [one + other for one, other in zip(counts, others, strict=True)],
                seconds + more,
            )
        yield counter
        histogram = HistogramMetricFamily("ldnkg_request_seconds", "Time to answer.", labels=_LABELS[:1])
        for endpoint, (counts, seconds) in together.items():
            bounds = [*map(floatToGoString, _BUCKETS), "+Inf"]
            histogram.add_metric([endpoint], list(zip(bounds, accumulate(counts), strict=True)), seconds)
        yield histogram


def register(app: Flask) -> None:
    """Count what is asked, and tell it at `/metrics`, for this process. Two applications count apart."""
    registry, requests = CollectorRegistry(), _Requests()
    registry.register(requests)
    registry.register(_Queries(app))
    info = Info("ldnkg_release", "What is served.", registry=registry)
    told = "Whether the current release cannot be opened: 1 while that before it is served, or none."
    fault = Gauge("ldnkg_release_fault", told, registry=registry)

    @app.before_request
    def begin() -> None:
        g.begun = time.perf_counter()

    @app.after_request
    def count(response: Response) -> Response:
        counted = partial(counter, request.endpoint or "none", request.method)
        counted(response.status_code)(time.perf_counter() - g.begun if "begun" in g else 0.0)
        request.environ[COUNTED] = counted
        return response

    def counter(endpoint: str, method: str, status: int) -> Count:
        return requests.of(endpoint, method if method in _METHODS else "other", status).note

    app.extensions["counter"] = counter

    @app.get("/metrics")
    def metrics() -> Response:
        try:
            release = {"id": opened().release.id}
        except NoRelease:
            release = {}
        info.info({**release, "software": __version__})
        fault.set(site().fault is not None)
        response = Response(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)
        response.cache_control.no_store = True
        return response
