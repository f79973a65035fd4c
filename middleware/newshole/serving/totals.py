"""The metrics of several workers as one: what is counted is added, what is a state tells of its worker.

The counts of workers that have ended stay in the sums, so that no counter ever goes back.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final, TypeAlias

from prometheus_client.metrics_core import Metric
from prometheus_client.parser import text_string_to_metric_families

from newshole.http.metrics import exposition

ADDED: Final = frozenset(
    """newshole_pages_kept newshole_page_cache_pages newshole_page_cache_bytes
    newshole_connections newshole_requests_in_flight newshole_event_segments""".split()
)
"""Gauges that several workers have together."""

SHARED: Final = frozenset({"newshole_info"})
"""Gauges that say the same in each worker."""

Labels: TypeAlias = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Part:
    """The metrics of one worker, or of one site in it, with the labels that their samples get.

    `worker` is its number; None for one that has ended, whose states are over.
    """

    metrics: Iterable[Metric]
    worker: str | None = None
    labels: Labels = ()


@dataclass(slots=True)
class _Family:
    kind: str
    documentation: str
    samples: dict[tuple[str, Labels], float] = field(default_factory=dict)


def total(parts: Iterable[Part]) -> str:
    """One exposition of several."""
    families: dict[str, _Family] = {}
    for part in parts:
        for metric in part.metrics:
            if part.worker is None and metric.type == "gauge":
                continue
            family = families.setdefault(metric.name, _Family(metric.type, metric.documentation))
            _add(family, metric, part)
    return exposition(_metric(name, family) for name, family in sorted(families.items())).decode()


def total_of_workers(reports: Mapping[str, str], past: Iterable[str]) -> str:
    """One exposition of those of workers by their numbers, and of others that have ended or soon will."""
    ended = list(filter(None, past))
    if len(reports) == 1 and not ended:  # its own is the whole
        return next(iter(reports.values()))
    serving = [Part(text_string_to_metric_families(text), number) for number, text in reports.items()]
    return total([*serving, *(Part(text_string_to_metric_families(text)) for text in ended)])


def _add(family: _Family, metric: Metric, part: Part) -> None:
    is_state = metric.type == "gauge" and metric.name not in ADDED | SHARED
    own: Labels = (("worker", str(part.worker)),) if is_state else ()
    for sample in metric.samples:
        labels = (*sample.labels.items(), *part.labels, *own)
        before = family.samples.get((sample.name, labels), 0.0)
        is_same = metric.name in SHARED
        family.samples[sample.name, labels] = max(before, sample.value) if is_same else before + sample.value


def _metric(name: str, family: _Family) -> Metric:
    metric = Metric(name, family.documentation, family.kind)
    for (sample, labels), value in family.samples.items():
        metric.add_sample(sample, dict(labels), value)
    return metric
