"""Metrics for Prometheus, in a registry of their own that leaves the host's alone."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

if TYPE_CHECKING:
    from prometheus_client.metrics_core import Metric

#: seconds that a person tells apart, from "at once" to "too slow"
_SECONDS = (0.025, 0.05, 0.1, 0.2, 0.4, 0.8, 1.6, 3.2, 6.4)

#: name, help and value of what is counted when it is asked for
Gauges = Callable[[], Iterable[tuple[str, str, float]]]


class Metrics:
    """The metrics of one service. gauges: the state of the library, read at each scrape"""

    def __init__(self, gauges: Gauges) -> None:
        self._registry = CollectorRegistry(auto_describe=False)
        self._searches = Counter(
            "pagelight_searches", "Searches by outcome", ["outcome"], registry=self._registry
        )
        self._seconds = Histogram(
            "pagelight_search_seconds", "Time of a search", buckets=_SECONDS, registry=self._registry
        )
        self._registry.register(_Library(gauges))

    def searched(self, seconds: float, matched: bool) -> None:
        self._searches.labels("matched" if matched else "nothing").inc()
        self._seconds.observe(seconds)

    def refused(self) -> None:
        """A search that ended with an error."""
        self._searches.labels("error").inc()

    def text(self) -> bytes:
        """Prometheus' text format."""
        return generate_latest(self._registry)


class _Library(Collector):
    def __init__(self, gauges: Gauges) -> None:
        self._gauges = gauges

    def collect(self) -> Iterable[Metric]:
        for name, help, value in self._gauges():
            yield GaugeMetricFamily(f"pagelight_{name}", help, value=value)
