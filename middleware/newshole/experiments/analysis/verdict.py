"""A readout in a sentence or two that a newsroom understands."""

from __future__ import annotations

from collections.abc import Iterator

from newshole.experiments.analysis.readout import Comparison, Readout

_WRONG = {
    "shares": "The arms do not have the shares of readers that they should",
    "crossed": "Too many readers met more than one arm",
    "reported": "Browsers report fewer page views of one arm than of another",
}


def verdict(readout: Readout) -> str:
    """What to make of an experiment, in plain words."""
    return " ".join(_sentences(readout))


def _sentences(readout: Readout) -> Iterator[str]:
    wrong = [check for check in readout.checks if not check.is_right]
    if wrong:
        yield "This test is broken, so it has no winner."
        yield from (f"{_WRONG[check.code]}: {check.said}." for check in wrong)
        return
    for each in readout.primary:
        yield _of_primary(each, readout)
    yield from (_of_guardrail(each) for each in readout.harmed)


def _of_primary(found: Comparison, readout: Readout) -> str:
    label, control = found.metric.label, readout.design.control
    if found.outcome == "open":
        return f"Not known yet whether “{found.arm}” changes {label}: {_so_far(found, readout)}."
    if found.outcome == "no-difference":
        most = max(abs(found.interval.low), abs(found.interval.high))
        return f"“{found.arm}” changes {label} by less than {most:.1%}, so by too little to matter."
    more = "more" if found.lift.value > 0 else "fewer"
    return (
        f"“{found.arm}” has {abs(found.lift.value):.1%} {more} {label} than “{control}” "
        f"(between {found.interval.low:+.1%} and {found.interval.high:+.1%})."
    )


def _so_far(found: Comparison, readout: Readout) -> str:
    share = f"{min(readout.progress, 1):.0%} of the planned readers are in"
    if found.interval.high - found.interval.low > 2:
        return share
    return f"{share}, and it may be anything from {found.interval.low:+.1%} to {found.interval.high:+.1%}"


def _of_guardrail(found: Comparison) -> str:
    return (
        f"But “{found.arm}” is worse in {found.metric.label}: {found.lift.value:+.1%} "
        f"(between {found.interval.low:+.1%} and {found.interval.high:+.1%})."
    )
