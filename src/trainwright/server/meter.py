"""What Prometheus scrapes: the API's own requests, and the state of runs, alerts and webhooks."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.process_collector import ProcessCollector
from prometheus_client.registry import Collector
from starlette.types import Scope

from trainwright import __version__
from trainwright.spec.status import RunStatus
from trainwright.store import Database
from trainwright.store.repositories import Alerts, Deliveries, Runs

CONTENT_TYPE = CONTENT_TYPE_LATEST
_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
_METHODS = frozenset(("DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"))
_OTHER = "(other)"
_PARAMETER = re.compile(r"\{(\w+)(?::\w+)?\}")


class Meter:
    """Counts requests as they are answered, and reads the rest when it is scraped.

    Args:
        database: Where runs, alerts and deliveries are.
    """

    def __init__(self, database: Database) -> None:
        self._registry = CollectorRegistry()
        self._requests = Counter(
            "trainwright_http_requests",
            "Requests answered.",
            ("method", "route", "status"),
            registry=self._registry,
        )
        self._seconds = Histogram(
            "trainwright_http_request_seconds",
            "Time until the answer was sent.",
            ("method", "route"),
            buckets=_BUCKETS,
            registry=self._registry,
        )
        ProcessCollector(registry=self._registry)
        self._registry.register(_State(database))

    def count(self, scope: Scope, status: int, seconds: float) -> None:
        """Note that a request was answered."""
        if scope["type"] != "http":
            return
        # never what strangers choose: each path and each method would be a series of its own
        route = _template(scope)
        method = scope["method"] if scope["method"] in _METHODS else _OTHER
        self._requests.labels(method, route, str(status)).inc()
        self._seconds.labels(method, route).observe(seconds)

    def text(self) -> bytes:
        """Everything in Prometheus' text format."""
        return generate_latest(self._registry)


def _template(scope: Scope) -> str:
    """The path of the request with its parameters' names, such as `/api/v1/runs/{run_id}`.

    A route knows the end of its path only, as routers are mounted below prefixes.
    """
    end = getattr(scope.get("route"), "path", None)
    if end is None:
        return _OTHER
    values = scope.get("path_params", {})
    filled = _PARAMETER.sub(lambda found: str(values.get(found[1], "")), end)
    path: str = scope["path"]
    if not path.endswith(filled):
        return _OTHER
    return path[: len(path) - len(filled)] + _PARAMETER.sub(r"{\1}", end)


class _State(Collector):
    """What the database knows, read at each scrape."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def describe(self) -> Iterator[Metric]:
        """Nothing is read before the first scrape."""
        return iter(())

    def collect(self) -> Iterator[Metric]:
        yield _gauge("info", "The platform's version.", "version", {__version__: 1})
        with self._database.session(write=False) as session:
            runs = Runs(session).count_by_status()
            alerts = Alerts(session).count_open()
            deliveries = Deliveries(session).counts()
        every = {str(status): runs.get(status, 0) for status in RunStatus}
        yield _gauge("runs", "Runs by status.", "status", every)
        opened = {severity: alerts.get(severity, 0) for severity in ("info", "warning", "error")}
        yield _gauge("alerts_open", "Open alerts by severity.", "severity", opened)
        states = {"waiting": 0, "dead": 0}
        for (_, status), count in deliveries.items():
            states[status] += count
        text = "Webhook deliveries that are not made."
        yield _gauge("webhook_deliveries", text, "status", states)


def _gauge(name: str, text: str, label: str, values: Mapping[str, int]) -> GaugeMetricFamily:
    family = GaugeMetricFamily(f"trainwright_{name}", text, labels=(label,))
    for key, value in values.items():
        family.add_metric((key,), value)
    return family
