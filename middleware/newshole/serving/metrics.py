"""What a worker and the parent tell of themselves, beside what newshole tells of pages."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from prometheus_client.metrics_core import CounterMetricFamily, GaugeMetricFamily, Metric

from newshole.serving.admission import Admission
from newshole.serving.protocol import CLOSED, State

METRICS: Final = {
    "newshole_requests": "Requests that were answered, of every kind.",
    "newshole_requests_in_flight": "Requests that are being answered.",
    "newshole_requests_refused": "Requests that were told to come back, for too many were in flight.",
    "newshole_connections": "Connections of clients.",
    "newshole_connections_closed": "Connections that newshole closed, by why.",
    "newshole_workers": "Workers by their state.",
    "newshole_workers_ended": "Workers that ended without being told to.",
    "newshole_reloads": "Times that rules and settings were read again, by what came of it.",
}
"""Every metric of the server, and what it tells; counters end in `_total` where they are shown."""


def of_worker(state: State, admission: Admission) -> Iterator[Metric]:
    """The metrics of one worker's server."""
    yield _counter("newshole_requests", state.total_requests)
    yield _gauge("newshole_requests_in_flight", admission.in_flight)
    yield _counter("newshole_requests_refused", admission.refused)
    yield _gauge("newshole_connections", len(state.connections))
    yield _counted("newshole_connections_closed", "reason", {each: state.closed[each] for each in CLOSED})


def of_parent(states: Mapping[str, int], ended: int, reloads: Mapping[str, int]) -> Iterator[Metric]:
    """The metrics of the parent; `states` counts workers, `reloads` how readings again went."""
    workers = GaugeMetricFamily("newshole_workers", METRICS["newshole_workers"], labels=["state"])
    for state, count in states.items():
        workers.add_metric([state], count)
    yield workers
    yield _counter("newshole_workers_ended", ended)
    yield _counted("newshole_reloads", "outcome", reloads)


def _counter(name: str, value: float) -> Metric:
    return CounterMetricFamily(name, METRICS[name], value=value)


def _gauge(name: str, value: float) -> Metric:
    return GaugeMetricFamily(name, METRICS[name], value=value)


def _counted(name: str, label: str, counts: Mapping[str, int]) -> Metric:
    family = CounterMetricFamily(name, METRICS[name], labels=[label])
    for each, value in sorted(counts.items()):
        family.add_metric([each], value)
    return family
