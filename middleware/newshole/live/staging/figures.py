"""What becomes of the pages of a version, counted while one is staged, and whether the staged one does harm.

Workers count for themselves and say so in their beats; whoever judges adds them up. Pages differ, and a few
of them have most of the views: so views are told to people, and judged are addresses, each counting once
whatever its views. Where two versions are compared, it is by a test that may be looked at all the time, so
that looking every second halts nothing by chance.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, field, fields
from typing import Final

FAULT: Final = "-fault"
"""How the reasons end of pages that newshole itself failed on."""

MOST_PAGES: Final = 512
"""Addresses of a version that a worker counts one by one; the one that was met first goes for another."""


@dataclass(slots=True)
class Spread:
    """A figure of `number` addresses: the `total` and the `squares` of what it is at each."""

    number: float = 0
    total: float = 0.0
    squares: float = 0.0

    def __add__(self, other: Spread) -> Spread:
        return Spread(self.number + other.number, self.total + other.total, self.squares + other.squares)

    def __truediv__(self, by: int) -> Spread:
        return Spread(self.number / by, self.total / by, self.squares / by)

    @property
    def mean(self) -> float:
        return self.total / self.number if self.number else 0.0

    @property
    def noise(self) -> float:
        """The variance of the mean, 0 where there are not two addresses."""
        if self.number < 2:
            return 0.0
        return max(self.squares / self.number - self.mean**2, 0.0) / (self.number - 1)

    def add(self, value: float) -> None:
        """Count an address."""
        self.number += 1
        self.total += value
        self.squares += value * value


@dataclass(slots=True)
class Views:
    """Counts of views: the `pages` that rules were asked about, those of them that `faults` left as they were
    and those that were `composed`; the `slots` of ads in these, and the pages `with_ads`. Of pages whose
    views are measured, how many, and the `density` of all together. As browsers tell: of the slots that
    readers were `shown` those that became `viewable`, and of those that an ad server was `asked` for the ones
    that it left `unfilled`."""

    pages: int = 0
    faults: int = 0
    composed: int = 0
    slots: int = 0
    with_ads: int = 0
    measured: int = 0
    density: float = 0.0
    shown: int = 0
    viewable: int = 0
    asked: int = 0
    unfilled: int = 0

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


@dataclass(slots=True)
class Figures(Views):
    """The views of one version, and how its addresses differ, each of 1 or less but for `ads`: how many of
    their views `failed`, were `put` (composed), of these had any ad, the `ads` of one and the share of it
    that they `cover`, how many of the ads shown were `unseen`, and of those asked for `vacant`."""

    failed: Spread = field(default_factory=Spread)
    put: Spread = field(default_factory=Spread)
    advertised: Spread = field(default_factory=Spread)
    ads: Spread = field(default_factory=Spread)
    cover: Spread = field(default_factory=Spread)
    unseen: Spread = field(default_factory=Spread)
    vacant: Spread = field(default_factory=Spread)

    def add_address(self, views: Views) -> None:
        """Count an address by its views."""
        if views.pages:
            self.failed.add(views.faults / views.pages)
            self.put.add(views.composed / views.pages)
        if views.composed:
            self.advertised.add(views.with_ads / views.composed)
            self.ads.add(views.slots / views.composed)
        if views.measured:
            self.cover.add(views.density / views.measured)
        if views.shown:
            self.unseen.add(max(1 - views.viewable / views.shown, 0.0))
        if views.asked:
            self.vacant.add(views.unfilled / views.asked)


@dataclass(frozen=True, slots=True)
class Limits:
    """When what is staged does harm: `alarm` is the p-value below which a figure is worse, `pages` how many
    views there have to be, `shown` and `asked` how many ads, and `addresses` how many of those whose ads are
    compared. Ads may grow `denser` by this factor; faults have to be `faults` of the pages more, viewability
    lower by the factor `viewable` and fill by `filled`. The test of what varies is the sharpest at `planned`
    addresses."""

    alarm: float = 0.001
    pages: int = 20
    addresses: int = 20
    shown: int = 500
    asked: int = 100
    denser: float = 1.25
    faults: float = 0.002
    viewable: float = 0.9
    filled: float = 0.9
    planned: int = 100


LIMITS: Final = Limits()


def total(figures: Iterable[Figures]) -> Figures:
    """The counts of several workers together."""
    added = Figures()
    for each in figures:
        for one in fields(Figures):
            setattr(added, one.name, getattr(added, one.name) + getattr(each, one.name))
    return added


def shared(figures: Figures, workers: int) -> Figures:
    """The counts of all workers, with no more addresses than each of them has met: for it may be the same
    ones that they have."""
    of = max(workers, 1)
    for name in ("failed", "put", "advertised", "ads", "cover", "unseen", "vacant"):
        setattr(figures, name, getattr(figures, name) / of)
    return figures


def verdict(candidate: Figures, stable: Figures, limits: Limits = LIMITS) -> str | None:
    """Why the staged version is to be halted, in words; None where nothing speaks against it."""
    return (
        _faulty(candidate, stable, limits)
        or _empty(candidate, stable, limits)
        or _dense(candidate, stable, limits)
        or _unseen(candidate, stable, limits)
        or _vacant(candidate, stable, limits)
    )


def _faulty(candidate: Figures, stable: Figures, limits: Limits) -> str | None:
    if candidate.pages < limits.pages or stable.pages == 0:
        return None
    ours, theirs = candidate.failed, stable.failed
    if ours.mean <= theirs.mean + limits.faults or _p_of_more(ours, theirs) >= limits.alarm:
        return None
    told = candidate.faults / candidate.pages, stable.faults / stable.pages
    return f"newshole fails on {told[0]:.1%} of its pages, and on {told[1]:.1%} under the rules in service"


def _empty(candidate: Figures, stable: Figures, limits: Limits) -> str | None:
    if candidate.pages < limits.pages or stable.pages < limits.pages:
        return None
    if candidate.composed == 0 and _p_of_less(candidate.put, stable.put) < limits.alarm:
        return f"nothing was put into any of its {candidate.pages} pages"
    has_no_ad = candidate.composed > 0 == candidate.slots
    if has_no_ad and _p_of_less(candidate.advertised, stable.advertised) < limits.alarm:
        return f"there is no ad in any of its {candidate.composed} pages"
    return None


def _dense(candidate: Figures, stable: Figures, limits: Limits) -> str | None:
    if _is_above(candidate.ads, stable.ads, limits):
        ours, theirs = candidate.ads.mean, stable.ads.mean
        return f"a page has {ours:.2f} ads, and {theirs:.2f} under the rules in service"
    if _is_above(candidate.cover, stable.cover, limits):
        ours, theirs = candidate.cover.mean, stable.cover.mean
        return f"ads are {ours:.1%} of a page, and {theirs:.1%} under the rules in service"
    return None


def _unseen(candidate: Figures, stable: Figures, limits: Limits) -> str | None:
    if min(candidate.shown, stable.shown) < limits.shown:
        return None
    fell = _fallen(candidate.unseen, stable.unseen, limits.viewable, limits.alarm)
    return fell and f"{fell[0]:.0%} of its ads were viewable, and {fell[1]:.0%} under the rules in service"


def _vacant(candidate: Figures, stable: Figures, limits: Limits) -> str | None:
    if min(candidate.asked, stable.asked) < limits.asked:
        return None
    fell = _fallen(candidate.vacant, stable.vacant, limits.filled, limits.alarm)
    return fell and f"{fell[0]:.0%} of its ads were filled, and {fell[1]:.0%} under the rules in service"


def _fallen(ours: Spread, theirs: Spread, to: float, alarm: float) -> tuple[float, float] | None:
    """The shares that are left beside two others, where ours is lower by the factor `to`, and more than
    chance; else None."""
    left = 1 - ours.mean, 1 - theirs.mean
    return left if left[0] < left[1] * to and _p_of_more(ours, theirs) < alarm else None


def _is_above(ours: Spread, theirs: Spread, limits: Limits) -> bool:
    """Whether a mean is above another one by the factor `denser`, and more than chance."""
    if min(ours.number, theirs.number) < limits.addresses or theirs.mean <= 0:
        return False
    above = ours.mean - theirs.mean * limits.denser
    if above <= 0:
        return False
    from newshole.experiments.analysis.sequences import reach  # while a version is staged, and never else

    noise = math.sqrt(ours.noise + theirs.noise * limits.denser**2)
    fewer = min(ours.number, theirs.number)
    return above > noise * reach(fewer / limits.planned, limits.alarm)


def _p_of_less(ours: Spread, theirs: Spread) -> float:
    """The p-value of as little among ours as their share lets expect; see `_p_of_more`."""
    rest = (Spread(each.number, each.number - each.total) for each in (ours, theirs))
    return _p_of_more(*rest)


def _p_of_more(ours: Spread, theirs: Spread) -> float:
    """The p-value of as much among ours as their number lets expect, each address of both from 0 to 1; 1
    where there is less."""
    if not ours.number or ours.total * theirs.number <= theirs.total * ours.number:
        return 1.0
    from newshole.experiments.analysis.mismatch import sequential_p  # as above

    share = ours.number / (ours.number + theirs.number)
    return sequential_p((ours.total, theirs.total), (share, 1 - share))
