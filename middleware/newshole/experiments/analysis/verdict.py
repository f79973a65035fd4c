"""A readout in a few sentences that a newsroom understands."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import isfinite
from typing import Final

from newshole.experiments.analysis.readout import Comparison, Readout

WRONG: Final = {
    "shares": "The arms do not have the shares of {units} that they should",
    "arms": "Some {units} are in arms that the rules do not have",
    "crossed": "Too many {units} met more than one arm",
    "reported": "Browsers report fewer page views of one arm than of another",
    "doubles": "Views were counted twice",
}
"""What is wrong with a test where a check that it cannot do without is not right."""


def verdict(readout: Readout) -> str:
    """What to make of an experiment, in plain words."""
    return " ".join(sentences(readout))


def sentences(readout: Readout) -> Iterator[str]:
    """The same, sentence by sentence, the most important first."""
    wrong = [check for check in readout.checks if check.breaks and not check.is_right]
    if wrong:
        yield "This test is broken, so it has no winner."
        units = readout.design.units
        yield from (f"{WRONG[check.code].format(units=units)}: {check.said}." for check in wrong)
        return
    for each in readout.primary:
        yield _of_primary(each, readout)
    yield from (_of_guardrail(each) for each in readout.harmed)
    winners = [each.arm for each in readout.primary if each.outcome == "better"]
    watched = [each for each in readout.guardrails if each.arm in winners]
    if winners and all(each.outcome != "worse" for each in watched):
        yield _of_unharmed(winners, watched)


def _of_primary(found: Comparison, readout: Readout) -> str:
    label, control = found.metric.label, readout.design.control
    if found.outcome == "open":
        return f"Not known yet whether “{found.arm}” changes {label}: {_so_far(found, readout)}."
    if found.outcome == "no-difference":
        most = max(abs(found.interval.low), abs(found.interval.high))
        return f"“{found.arm}” changes {label} by less than {most:.1%}, so by too little to matter."
    worth = "an improvement" if found.outcome == "better" else "a loss"
    return f"“{found.arm}” {changed(found)} compared with “{control}”: {worth}."


def changed(found: Comparison) -> str:
    """What an arm does to a metric, with the interval: "raises … by 3.1% (somewhere from +1% to +5%)"."""
    verb = "raises" if found.lift.value > 0 else "lowers"
    return (
        f"{verb} {found.metric.label} by {abs(found.lift.value):.1%} "
        f"(somewhere from {found.interval.low:+.1%} to {found.interval.high:+.1%})"
    )


def _so_far(found: Comparison, readout: Readout) -> str:
    share = f"{min(readout.progress, 1):.0%} of the planned {readout.design.units} are in"
    if readout.judging.looks == ():
        return f"{share}, and its first look is planned at {readout.design.looks[0]:.0%}"
    if not isfinite(found.interval.high) or found.interval.high - found.interval.low > 2:
        return share
    between = f"from {found.interval.low:+.1%} to {found.interval.high:+.1%}"
    if found.interval.excludes(0):
        alone = f"Alone it would count as a change ({between})"
        return f"{share}. {alone}; beside the other comparisons it may be chance"
    return f"{share}, and it may be anything {between}"


def _of_guardrail(found: Comparison) -> str:
    return f"But “{found.arm}” {changed(found)}: a loss."


def _of_unharmed(winners: Sequence[str], watched: Sequence[Comparison]) -> str:
    """What the guardrails of the arms that won say, of which none is worse for sure."""
    still_open = dict.fromkeys(each.metric.label for each in watched if each.outcome == "open")
    if still_open:
        return f"Not settled yet: whether it costs anything in {'; '.join(still_open)}."
    names = " and ".join(f"“{arm}”" for arm in winners)
    return f"No guardrail is worse with {names}." if watched else "No guardrail was watched."
