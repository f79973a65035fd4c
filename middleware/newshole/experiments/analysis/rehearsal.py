"""A rehearsal of a test that changes nothing (A/A), on units as they are: how often is something found?

Each run assigns the same units anew, by the experiment's own way under a salt of its own, and looks at the
primary metric as they come in. What is found is false: a sound way of looking finds it in 5 of 100 runs.
"""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final, TypeAlias

from newshole.experiments.analysis.design import Design, estimate
from newshole.experiments.analysis.distributions import NORMAL
from newshole.experiments.analysis.effects import Interval, Lift
from newshole.experiments.analysis.mismatch import ALARM, sequential_p
from newshole.experiments.analysis.moments import Moments
from newshole.experiments.analysis.sequences import always_valid_p
from newshole.experiments.assignment import Allocation, assigned
from newshole.experiments.metrics import BY_NAME

Unit: TypeAlias = tuple[str, float, float]
"""The id of a unit, what was measured of it, and what that is divided by."""

_MADE_UP: Final = (1.2, 2.0)
"""Ads in view a page view, and page views a reader beside the first, of readers who are made up."""


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """In how many of `runs` something was found: at the end alone (`fixed`), at any of the `looks` by a rule
    for one look (`peeked`), by an always-valid one (`always`), and by the check of the arms' shares."""

    runs: int
    looks: int
    units: int
    fixed: int
    peeked: int
    always: int
    mismatched: int


def made_up(count: int, seed: int) -> list[Unit]:
    """Readers as news sites have them: most read a page or two, some very many, and see more ads on each."""
    rng = random.Random(seed)  # noqa: S311 - a simulation
    return [_reader(n, rng) for n in range(count)]


def rehearse(
    design: Design, allocation: Allocation, units: Sequence[Unit], *, runs: int, looks: int, seed: int
) -> Rehearsal:
    """Run an A/A so many times on these units, looking so many times."""
    rng = random.Random(seed)  # noqa: S311 - a simulation
    found = [0, 0, 0, 0]
    for _ in range(runs):
        salt = f"rehearsal-{rng.getrandbits(64):x}"
        order = rng.sample(units, len(units))
        run = _run(design, replace(allocation, salt=salt), order, looks)
        found = [count + told for count, told in zip(found, run, strict=True)]
    return Rehearsal(runs, looks, len(units), *found)


def chance(count: int, runs: int) -> Interval:
    """Where the share of runs may be in truth, with a confidence of 95% (Wilson 1927)."""
    z, share = NORMAL.inv_cdf(0.975), count / runs
    middle = (share + z * z / (2 * runs)) / (1 + z * z / runs)
    half = z * math.sqrt(share * (1 - share) / runs + (z / (2 * runs)) ** 2) / (1 + z * z / runs)
    return Interval(max(0.0, middle - half), min(1.0, middle + half))


def _reader(n: int, rng: random.Random) -> Unit:
    views = 1 + int(rng.gammavariate(0.6, _MADE_UP[1] / 0.6))
    rate = _MADE_UP[0] * rng.gammavariate(4.0, 0.25)
    return f"reader-{n}", float(sum(_poisson(rate, rng) for _ in range(views))), float(views)


def _poisson(rate: float, rng: random.Random) -> int:
    """Knuth's way, which is good for small rates."""
    edge, count, product = math.exp(-rate), 0, rng.random()
    while product > edge:
        count += 1
        product *= rng.random()
    return count


def _run(
    design: Design, allocation: Allocation, units: Sequence[Unit], looks: int
) -> tuple[bool, bool, bool, bool]:
    """Whether one run finds something: at its end, peeked at, always-valid, and in its shares."""
    sums = {number: [0.0] * 6 for number in range(len(design.shares))}
    every = max(1, len(units) // looks)
    end = peeked = always = mismatched = False
    for n, unit in enumerate(units, 1):
        number = assigned(allocation, unit[0])
        if number is not None:
            _add(sums[number], unit)
        if n % every == 0:
            change = _change(design, sums)
            end = change.p_value() < design.alpha
            peeked |= end
            always |= always_valid_p(change, n / len(units), design.alpha) < design.alpha
            counts = [round(own[0]) for own in sums.values()]
            mismatched |= sequential_p(counts, list(design.shares.values())) < ALARM
    return end, peeked, always, mismatched


def _add(sums: list[float], unit: Unit) -> None:
    _, y, x = unit
    for at, more in enumerate((1.0, y, x, y * y, x * x, y * x)):
        sums[at] += more


def _change(design: Design, sums: dict[int, list[float]]) -> Lift:
    """The lift of the second arm against control."""
    control, arm = (estimate(BY_NAME[design.primary], Moments.of_sums(sums[number])) for number in (0, 1))
    return Lift(control, arm)
