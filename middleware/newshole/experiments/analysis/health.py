"""Whether a test is sound, before anyone looks at what it found.

A check that breaks a test leaves it without a winner; the others are to be known and looked into.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise
from typing import Final

from newshole.experiments.analysis import mismatch
from newshole.experiments.analysis.design import Design
from newshole.experiments.analysis.reading import DOUBLES, HOURS, VERSIONS, Happening, Span, Units, expose
from newshole.experiments.events.sinks.sink import Table

TOLERATED: Final = 0.001
"""The share of units, views or events that may be wrong without harm."""

LONGEST_GAP: Final = 12
"""Hours without any exposure that are no night, nor a story that nobody reads."""

_HOUR: Final = 3_600_000


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that must be right with a test: `code` names it, `said` tells people what was found.

    `breaks` says that the test is worth nothing where it is not.
    """

    code: str
    is_right: bool
    said: str
    breaks: bool = True


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of a test before its checks: its units, what happened on its views, and of each arm the
    views, and those that browsers reported."""

    units: Units
    happened: Sequence[Happening]
    seen: Mapping[str, tuple[int, int]]


def checks(design: Design, table: Table, span: Span, known: Known) -> Iterator[Check]:
    """Every check of a test."""
    yield _shares(design, known.units)
    yield _known(design, known.units)
    yield _crossed(design, known.units)
    yield _reported(design, known.seen)
    yield _doubles(table, span)
    yield _gaps(table, span)
    yield _clocks(known.happened)
    yield _versions(table, span)


def _shares(design: Design, found: Units) -> Check:
    counts = [found.by_arm.get(arm, 0) for arm in design.shares]
    p = mismatch.sequential_p(counts, list(design.shares.values()))
    told = ", ".join(f"{count:,} in {arm}" for arm, count in zip(design.shares, counts, strict=True))
    planned = " : ".join(f"{share:.0%}" for share in design.shares.values())
    return Check("shares", p >= mismatch.ALARM, f"{told}, planned {planned} (p = {p:.2g})")


def _known(design: Design, found: Units) -> Check:
    unknown = sorted(set(found.by_arm) - set(design.shares))
    if not unknown:
        return Check("arms", True, "every arm is one of the rules")
    count = sum(found.by_arm[arm] for arm in unknown)
    return Check("arms", False, f"{count:,} in {', '.join(unknown)}, which the rules do not have")


def _crossed(design: Design, found: Units) -> Check:
    total = sum(found.by_arm.get(arm, 0) for arm in design.shares) + found.crossed
    said = f"{found.crossed:,} of {total:,} met more than one arm and are left out"
    return Check("crossed", found.crossed <= TOLERATED * total, said)


def _reported(design: Design, seen: Mapping[str, tuple[int, int]]) -> Check:
    """Whether browsers report as many of each arm's views: a script that breaks in one arm would not."""
    views = [seen.get(arm, (0, 0)) for arm in design.shares]
    shares = [view / max(sum(view for view, _ in views), 1) for view, _ in views]
    told = ", ".join(
        f"{reported / view:.1%} of {arm}"
        for arm, (view, reported) in zip(design.shares, views, strict=True)
        if view
    )
    is_told = all(shares) and any(reported for _, reported in views)
    p = mismatch.fixed_p([reported for _, reported in views], shares) if is_told else 1.0
    return Check("reported", p >= mismatch.ALARM, f"browsers reported {told or 'nothing yet'}")


def _doubles(table: Table, span: Span) -> Check:
    ((total, doubles),) = expose(table, span).ask(DOUBLES)
    said = f"{doubles:,} of {total:,} exposures tell of a view that another one tells of"
    return Check("doubles", doubles <= TOLERATED * total, said)


def _gaps(table: Table, span: Span) -> Check:
    hours = [int(hour) for (hour,) in expose(table, span).ask(HOURS)]
    gaps = [(later - hour, hour) for hour, later in pairwise(hours)]
    longest, at = max(gaps, default=(0, 0))
    lost = longest // _HOUR - 1
    if lost < LONGEST_GAP:
        return Check("gaps", True, f"no gap of {LONGEST_GAP} hours or more in the exposures", breaks=False)
    since = datetime.fromtimestamp(at / 1000 + 3600, UTC)
    said = f"no exposure for {lost} hours from {since:%Y-%m-%d %H:%M} UTC on: was something down?"
    return Check("gaps", False, said, breaks=False)


def _clocks(happened: Sequence[Happening]) -> Check:
    total, early = sum(each.times for each in happened), sum(each.early for each in happened)
    said = f"{early:,} of {total:,} events are older than the view that they belong to"
    return Check("clocks", early <= TOLERATED * total, said, breaks=False)


def _versions(table: Table, span: Span) -> Check:
    count = len(table.ask(VERSIONS, span.asked))
    said = f"{count} versions of the rules meanwhile: see that none changed the arms"
    if count <= 1:
        said = "the rules stayed the same"
    return Check("versions", count <= 1, said, breaks=False)
