"""What becomes of the pages of a version, counted while one is staged, and whether the staged one does harm.

Workers count for themselves and say so in their beats; whoever judges adds them up. Counts are compared with
a test that may be looked at all the time, so that looking every second halts nothing by chance.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields
from typing import Final

FAULT: Final = "-fault"
"""How the reasons end of pages that newshole itself failed on."""


@dataclass(slots=True)
class Figures:
    """Counts of one version: the `pages` that its rules were asked about, those of them that `faults` left as
    they were and those that were `composed`; the `slots` of ads in these, and the pages `with_ads`. Of pages
    whose views are measured, how many, and the `density` of all together. Of the slots that readers were
    `shown`, as browsers tell, those that became `viewable`."""

    pages: int = 0
    faults: int = 0
    composed: int = 0
    slots: int = 0
    with_ads: int = 0
    measured: int = 0
    density: float = 0.0
    shown: int = 0
    viewable: int = 0

    def add_page(self, untouched: str | None, ads: int, density: float | None) -> None:
        """Count a page: why it was left `untouched`, how many `ads` it has, and their share of it if that is
        known."""
        self.pages += 1
        if untouched is not None:
            self.faults += untouched.endswith(FAULT)
            return
        self.composed += 1
        self.slots += ads
        self.with_ads += ads > 0
        if density is not None:
            self.measured += 1
            self.density += density


@dataclass(frozen=True, slots=True)
class Limits:
    """When what is staged does harm: `alarm` is the p-value below which a rate is worse, `pages`, `composed`
    and `shown` are how many there have to be of each version. Ads may grow `denser` by this factor; faults
    have to be `faults` of the pages more, and viewability lower by the factor `viewable`."""

    alarm: float = 0.001
    pages: int = 20
    composed: int = 100
    shown: int = 500
    denser: float = 1.25
    faults: float = 0.002
    viewable: float = 0.9


LIMITS: Final = Limits()


def total(figures: Iterable[Figures]) -> Figures:
    """The counts of several workers together."""
    added = Figures()
    for each in figures:
        for one in fields(Figures):
            setattr(added, one.name, getattr(added, one.name) + getattr(each, one.name))
    return added


def verdict(candidate: Figures, stable: Figures, limits: Limits = LIMITS) -> str | None:
    """Why the staged version is to be halted, in words; None where nothing speaks against it."""
    return (
        _faulty(candidate, stable, limits)
        or _empty(candidate, stable, limits)
        or _dense(candidate, stable, limits)
        or _unseen(candidate, stable, limits)
    )


def _faulty(candidate: Figures, stable: Figures, limits: Limits) -> str | None:
    if candidate.pages < limits.pages or stable.pages == 0:
        return None
    ours, theirs = candidate.faults / candidate.pages, stable.faults / stable.pages
    p = _p_of_more((candidate.faults, candidate.pages), (stable.faults, stable.pages))
    if ours <= theirs + limits.faults or p >= limits.alarm:
        return None
    return f"newshole fails on {ours:.1%} of its pages, and on {theirs:.1%} under the rules in service"


def _empty(candidate: Figures, stable: Figures, limits: Limits) -> str | None:
    if candidate.pages < limits.composed or stable.pages < limits.composed:
        return None
    if candidate.composed == 0 < stable.composed:
        return f"nothing was put into any of its {candidate.pages} pages"
    if candidate.slots == 0 < stable.slots and candidate.composed >= limits.composed:
        return f"there is no ad in any of its {candidate.composed} pages"
    return None


def _dense(candidate: Figures, stable: Figures, limits: Limits) -> str | None:
    if min(candidate.composed, stable.composed) < limits.composed:
        return None
    ours, theirs = candidate.slots / candidate.composed, stable.slots / stable.composed
    if theirs > 0 and ours > theirs * limits.denser:
        return f"a page has {ours:.2f} ads, and {theirs:.2f} under the rules in service"
    if min(candidate.measured, stable.measured) < limits.composed:
        return None
    ours, theirs = candidate.density / candidate.measured, stable.density / stable.measured
    if theirs > 0 and ours > theirs * limits.denser:
        return f"ads are {ours:.1%} of a page, and {theirs:.1%} under the rules in service"
    return None


def _unseen(candidate: Figures, stable: Figures, limits: Limits) -> str | None:
    if min(candidate.shown, stable.shown) < limits.shown:
        return None
    unseen, others = candidate.shown - candidate.viewable, stable.shown - stable.viewable
    ours, theirs = candidate.viewable / candidate.shown, stable.viewable / stable.shown
    p = _p_of_more((max(unseen, 0), candidate.shown), (max(others, 0), stable.shown))
    if ours >= theirs * limits.viewable or p >= limits.alarm:
        return None
    return f"{ours:.0%} of its ads were viewable, and {theirs:.0%} under the rules in service"


def _p_of_more(ours: tuple[int, int], theirs: tuple[int, int]) -> float:
    """The p-value of as many cases among ours as their number lets expect, each pair cases and their number;
    1 where there are fewer."""
    (cases, number), (others, of) = ours, theirs
    if cases * of <= others * number:
        return 1.0
    from newshole.experiments.analysis.mismatch import (
        sequential_p,  # while a version is staged, and never else
    )

    share = number / (number + of)
    return sequential_p((cases, others), (share, 1 - share))
