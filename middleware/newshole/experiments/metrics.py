"""What can be measured of an experiment, each metric in the terms of the events that count."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

Per: TypeAlias = Literal["view", "event", "unit"]
Reading: TypeAlias = Literal["count", "sum", "most"]


@dataclass(frozen=True, slots=True)
class Metric:
    """What is taken of a view's events of one `kind`: their number, the sum of their values, or the highest.

    `per` says what that is divided by: the views of a unit, or these events themselves, which makes it a
    ratio, or the unit itself. `label` is for people; `is_more_better` says which way is good.
    """

    name: str
    label: str
    kind: str
    reading: Reading = "count"
    per: Per = "view"
    is_more_better: bool = True


METRICS: Final = (
    Metric("ad_viewable_per_view", "viewable ads per page view", "viewable"),
    Metric("fill", "share of the ads asked for that were filled", "fill", "sum", per="event"),
    Metric("clicks_per_view", "clicks per page view", "click"),
    Metric("scroll_depth", "share of the story scrolled past", "depth", "most"),
    Metric("read_through", "stories read to the end per page view", "read"),
    Metric("dwell", "seconds on the page", "dwell", "most"),
    Metric("views_per_unit", "page views per reader", "exposure", per="unit"),
    Metric("ad_density", "share of the story that is ads", "exposure", "sum", is_more_better=False),
)
"""Every metric that rules may name. The value of an exposure is the density of ads on its page."""

BY_NAME: Final = {metric.name: metric for metric in METRICS}
