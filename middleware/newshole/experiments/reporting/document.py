"""A readout as data: a document for JSON, and a table for spreadsheets."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import asdict
from math import isfinite
from typing import Any, Final

from newshole.experiments.analysis.effects import Interval
from newshole.experiments.analysis.readout import Comparison, Readout
from newshole.experiments.analysis.revenue import Revenue
from newshole.experiments.analysis.verdict import verdict
from newshole.experiments.reporting.words import moment

COLUMNS: Final = (
    "experiment", "metric", "role", "arm", "units", "control_value", "value", "lift", "low", "high", "p",
    "outcome",
)  # fmt: skip


def record(readout: Readout, revenue: Sequence[Revenue] = ()) -> dict[str, Any]:
    """Everything that the report says, for JSON; what is not known yet is null."""
    design = readout.design
    return {
        "experiment": design.name,
        "hypothesis": design.hypothesis or None,
        "unit": design.unit,
        "since": moment(readout.span.since),
        "until": moment(readout.span.until),
        "verdict": verdict(readout),
        "sound": readout.is_sound,
        "checks": [asdict(check) for check in readout.checks],
        "planned": readout.planned,
        "progress": readout.progress,
        "looks": list(design.looks) or "always",
        "alpha": design.alpha,
        "arms": [
            {
                "arm": arm,
                "share": share,
                "units": readout.units.by_arm.get(arm, 0),
                "views": readout.views.get(arm, 0),
            }
            for arm, share in design.shares.items()
        ],
        "metrics": [_compared(each, readout) for each in readout.comparisons],
        "trend": [
            {
                "day": moment(each.day).date().isoformat(),
                "arm": each.arm,
                "progress": each.progress,
                "lift": each.lift,
                **_ends(each.interval),
            }
            for each in readout.trend
        ],
        "placements": [each._asdict() for each in readout.placements],
        "revenue": [each._asdict() for each in revenue],
    }


def table(readout: Readout) -> str:
    """The comparisons in CSV, a line for each metric and arm, figures in full."""
    written = io.StringIO()
    writer = csv.DictWriter(written, COLUMNS, extrasaction="ignore", lineterminator="\n")
    writer.writeheader()
    for each in readout.comparisons:
        units = readout.units.by_arm.get(each.arm, 0)
        writer.writerow({"experiment": readout.design.name, "units": units, **_compared(each, readout)})
    return written.getvalue()


def _compared(found: Comparison, readout: Readout) -> dict[str, Any]:
    return {
        "metric": found.metric.name,
        "role": "primary" if found.metric.name == readout.design.primary else "guardrail",
        "arm": found.arm,
        "control_value": found.control_value,
        "value": found.arm_value,
        "lift": found.lift.value,
        **_ends(found.interval),
        "p": found.p,
        "outcome": found.outcome,
        "variance_saved": found.saved,
    }


def _ends(interval: Interval) -> dict[str, float | None]:
    return {
        "low": interval.low if isfinite(interval.low) else None,
        "high": interval.high if isfinite(interval.high) else None,
    }
