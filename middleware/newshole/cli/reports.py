"""What `newshole report` prints: the verdict, then whether it can be believed, then the figures."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from newshole.cli.tables import Screen
from newshole.experiments.analysis.readout import Comparison, Readout
from newshole.experiments.analysis.revenue import Revenue
from newshole.experiments.analysis.verdict import verdict
from newshole.experiments.reporting.page import earned, places
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

_STYLES: Final = {"better": "green", "worse": "red"}


def show_report(readout: Readout, revenue: Sequence[Revenue]) -> None:
    """Print a readout."""
    screen, design = Screen(), readout.design
    screen.say(f"{design.name}, {period(readout)}", style="dim")
    screen.say(verdict(readout), style="bold", hang=0)
    if design.hypothesis:
        screen.say(f"The idea: {design.hypothesis}")
    _show_health(screen, readout)
    _show_arms(screen, readout)
    if readout.is_sound:
        _show_metrics(screen, readout)
        _show_by_arm(screen, readout, "viewable in 1,000 page views", list(places(readout)))
        _show_by_arm(screen, readout, "earned in 1,000 page views", list(earned(readout, revenue)))
    screen.say()
    for sentence in method(readout):
        screen.say(sentence, style="dim", hang=0)


def _show_health(screen: Screen, readout: Readout) -> None:
    screen.say()
    screen.say("Is the test sound?", style="bold")
    for check in readout.checks:
        mark, style = ("✓", "") if check.is_right else ("✕", "bold red") if check.breaks else ("!", "yellow")
        screen.say(f"{mark} {CHECKS[check.code]}: {check.said}", style=style, indent=2)


def _show_arms(screen: Screen, readout: Readout) -> None:
    screen.say()
    rows = [
        (arm, f"{share:.0%}", f"{readout.units.by_arm.get(arm, 0):,}", f"{readout.views.get(arm, 0):,}")
        for arm, share in readout.design.shares.items()
    ]
    screen.table(("arm", "share>", f"{readout.design.units}>", "page views>"), rows)


def _show_metrics(screen: Screen, readout: Readout) -> None:
    """Each metric in two lines, for their names and intervals are too long for a table."""
    screen.say()
    screen.say("What changed", style="bold")
    for each in readout.comparisons:
        decides = ", which decides" if each.metric.name == readout.design.primary else ""
        style = _STYLES.get(each.outcome, "")
        screen.say(f"{name_of(each, readout)}{decides}: {OUTCOMES[each.outcome]}", style=style, indent=2)
        screen.say(_figures(each, readout), indent=6)


def _figures(found: Comparison, readout: Readout) -> str:
    control, arm = value(found.metric, found.control_value), value(found.metric, found.arm_value)
    told = f"{control} in {readout.design.control}, {arm} in {found.arm}"
    return f"{change(found.lift.value)} ({span_of(found.interval)}): {told}"


def _show_by_arm(screen: Screen, readout: Readout, head: str, rows: list[tuple[str, list[str]]]) -> None:
    if rows:
        screen.say()
        heads = [head, *(f"{arm}>" for arm in readout.design.shares)]
        screen.table(heads, [(name, *told) for name, told in rows])
