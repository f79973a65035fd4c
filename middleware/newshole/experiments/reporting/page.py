"""A readout as one HTML page: everything in one file, without scripts, for screens, phones and paper."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from newshole import __version__
from newshole.experiments.analysis.readout import Comparison, Readout
from newshole.experiments.analysis.revenue import Revenue
from newshole.experiments.analysis.verdict import sentences
from newshole.experiments.reporting.pictures import forest_picture, trend_picture
from newshole.experiments.reporting.words import (
    CHECKS,
    OUTCOMES,
    change,
    method,
    name_of,
    period,
    span_of,
    value,
)

_PAGES: Final = Environment(
    loader=FileSystemLoader(Path(__file__).parent),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


def page(readout: Readout, revenue: Sequence[Revenue] = ()) -> str:
    """The report as a page. Raises UsageError where matplotlib is missing."""
    return _PAGES.get_template("page.html.j2").render(
        trend=trend_picture(readout) if readout.is_sound else "",
        forest=forest_picture(readout),
        version=__version__,
        **shown(readout, revenue),
    )


def shown(readout: Readout, revenue: Sequence[Revenue] = ()) -> dict[str, Any]:
    """What a page shows of a readout in words and tables, by the names that its template has for it."""
    return {
        "readout": readout,
        "design": readout.design,
        "sentences": list(sentences(readout)),
        "period": period(readout),
        "checks": [(CHECKS[each.code], each) for each in readout.checks],
        "metrics": [_row(each, readout) for each in readout.comparisons],
        "places": list(places(readout)),
        "revenue": list(earned(readout, revenue)),
        "method": list(method(readout)),
    }


def places(readout: Readout) -> Iterator[tuple[str, list[str]]]:
    """For each copy of a block, how often it was viewable in 1,000 page views of each arm; without those that
    hardly ever were."""
    found = {(each.block, each.position, each.arm): each.viewable for each in readout.placements}
    for block, position in dict.fromkeys((each.block, each.position) for each in readout.placements):
        rates = [
            1000 * found.get((block, position, arm), 0) / readout.views[arm]
            if readout.views.get(arm)
            else 0.0
            for arm in readout.design.shares
        ]
        if max(rates) >= 1:
            yield f"{block} {position}", [f"{rate:,.0f}" for rate in rates]


def earned(readout: Readout, revenue: Sequence[Revenue]) -> Iterator[tuple[str, list[str]]]:
    """For each position what each arm earned in 1,000 page views, and at last in all positions together."""
    arms = tuple(readout.design.shares)
    amounts = {(each.position, each.arm): each.amount for each in revenue}
    positions = dict.fromkeys(each.position for each in revenue)
    for position in positions:
        yield position, [_rate(amounts.get((position, arm), 0.0), arm, readout) for arm in arms]
    if len(positions) > 1:
        totals = {arm: sum(each.amount for each in revenue if each.arm == arm) for arm in arms}
        yield "all", [_rate(amount, arm, readout) for arm, amount in totals.items()]


def _rate(amount: float, arm: str, readout: Readout) -> str:
    views = readout.views.get(arm, 0)
    return f"{1000 * amount / views:,.2f}" if views else "–"


def _row(found: Comparison, readout: Readout) -> dict[str, Any]:
    return {
        "name": name_of(found, readout),
        "is_primary": found.metric.name == readout.design.primary,
        "control": value(found.metric, found.control_value),
        "value": value(found.metric, found.arm_value),
        "lift": change(found.lift.value),
        "interval": span_of(found.interval),
        "outcome": found.outcome,
        "said": OUTCOMES[found.outcome],
    }
