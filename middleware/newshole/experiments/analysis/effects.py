"""What an arm changed: the estimate of each arm, their difference, and how sure it is at a fixed horizon.

The unit is always that of the assignment, a reader or a story. A metric such as clicks per view, which has
another unit below, is a ratio of two means over readers; to treat views as independent finds winners in
one of nine A/A tests.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final, NamedTuple

from newshole.experiments.analysis.distributions import t_bound, t_tail
from newshole.experiments.analysis.moments import Moments


class Interval(NamedTuple):
    """From one end to the other; both infinite where nothing is known yet."""

    low: float
    high: float

    def excludes(self, value: float) -> bool:
        """Whether a value lies outside."""
        return not self.low <= value <= self.high


UNKNOWN: Final = Interval(-math.inf, math.inf)
"""Where nothing is known yet."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """A value, the variance of that estimate, and the degrees of freedom of the variance."""

    value: float
    variance: float
    freedom: float = math.inf

    @property
    def error(self) -> float:
        """The standard error."""
        return math.sqrt(self.variance)

    @property
    def score(self) -> float:
        """How many standard errors the value is from 0; 0 where nothing is known yet."""
        known = self.variance and self.freedom > 0
        return abs(self.value) / self.error if known else 0.0

    def within(self, reach: float) -> Interval:
        """What is at most so many standard errors away; everything where nothing is known yet."""
        if not self.variance or self.freedom <= 0:
            return UNKNOWN
        return Interval(self.value - reach * self.error, self.value + reach * self.error)

    def interval(self, alpha: float = 0.05) -> Interval:
        """The confidence interval at 1 - alpha, for one look at a horizon that was fixed before."""
        return self.within(t_bound(alpha, self.freedom)) if self.freedom > 0 else UNKNOWN

    def p_value(self) -> float:
        """Of the hypothesis that the value is 0, two-sided; 1 where nothing is known yet."""
        return t_tail(self.score, self.freedom) if self.freedom > 0 else 1.0


@dataclass(frozen=True, slots=True)
class Lift:
    """How much more an arm has than control as a share of control, 0.03 for 3% more.

    It is 0 exactly where both have the same, so whether there is one is asked of their difference, and its
    interval is Fieller's (1954): all shares that the difference between the arm and that share of control
    allows. The variance that the delta method gives to the quotient itself is far too small where an arm has
    little by chance: with rare clicks it finds something in every tenth A/A test, with money in every third.
    """

    control: Estimate
    arm: Estimate

    @property
    def value(self) -> float:
        """The lift; 0 where control has nothing."""
        return self.arm.value / self.control.value - 1 if self.control.value else 0.0

    @property
    def difference(self) -> Estimate:
        """The difference that says whether there is a lift; of no variance where control has nothing."""
        return difference(self.control, self.arm) if self.control.value else Estimate(0.0, 0.0)

    @property
    def score(self) -> float:
        """How many standard errors the difference is from 0; 0 where nothing is known yet."""
        return self.difference.score

    def within(self, reach: float) -> Interval:
        """The lifts that are at most so many standard errors away; everything where nothing is known yet, and
        where control may be 0 as far as is known."""
        one, other, squared = self.control, self.arm, reach * reach
        scale = one.value**2 - squared * one.variance
        if not self.difference.variance or self.difference.freedom <= 0 or scale <= 0:
            return UNKNOWN
        middle = one.value * other.value / scale
        half = reach * math.sqrt(other.variance * scale + one.variance * other.value**2) / scale
        return Interval(middle - half - 1, middle + half - 1)

    def interval(self, alpha: float = 0.05) -> Interval:
        """The confidence interval at 1 - alpha, for one look at a horizon that was fixed before."""
        freedom = self.difference.freedom
        return self.within(t_bound(alpha, freedom)) if freedom > 0 else UNKNOWN

    def p_value(self) -> float:
        """Of the hypothesis that there is none, two-sided; 1 where nothing is known yet."""
        return self.difference.p_value()


def mean(arm: Moments) -> Estimate:
    """The mean of y over the units of an arm."""
    return Estimate(arm.y, _over(arm.variance_y, arm.count), arm.count - 1)


def ratio(arm: Moments) -> Estimate:
    """The sum of y over the sum of x, both over the units of an arm, by the delta method.

    Deng, Knoblich and Lu 2018, "Applying the Delta Method in Metric Analytics", eq. 3. 0 where all x are 0.
    """
    if not arm.x:
        return Estimate(0.0, 0.0, arm.count - 1)
    value = arm.y / arm.x
    spread = arm.variance_y - 2 * value * arm.covariance + value * value * arm.variance_x
    return Estimate(value, _over(max(spread, 0.0), arm.count) / arm.x**2, arm.count - 1)


def adjusted(arm: Moments, all_arms: Moments) -> Estimate:
    """The mean of y, without what x of before the experiment says of it (CUPED).

    `all_arms` are the moments of all arms' units together. Deng, Xu, Kohavi and Walker 2013, "Improving the
    Sensitivity of Online Controlled Experiments by Utilizing Pre-Experiment Data", eq. 3 and 4; the slope is
    that within arms, so an effect on y does not bend it.
    """
    if not all_arms.xx:
        return mean(arm)
    slope = all_arms.xy / all_arms.xx
    spread = arm.variance_y - 2 * slope * arm.covariance + slope * slope * arm.variance_x
    value = arm.y - slope * (arm.x - all_arms.x)
    return Estimate(value, _over(max(spread, 0.0), arm.count), arm.count - 2)


def within_arms(*arms: Moments) -> Moments:
    """The moments of all units about their own arm's means, as `adjusted` asks for them."""
    together = Moments()
    for arm in arms:
        together += arm
    return Moments(
        together.count,
        together.y,
        together.x,
        sum(arm.yy for arm in arms),
        sum(arm.xx for arm in arms),
        sum(arm.xy for arm in arms),
    )


def difference(control: Estimate, arm: Estimate) -> Estimate:
    """How much more an arm has than control; degrees of freedom after Welch 1947."""
    variance = control.variance + arm.variance
    return Estimate(arm.value - control.value, variance, _welch(control, arm, variance))


def gap(control: Moments, arm: Moments) -> Estimate:
    """The difference of two ratios, with the variance that it has where there is none (a score test).

    So it is known even where all units of an arm are alike, such as with a script that reports nothing.
    """
    if not control.x or not arm.x:
        return Estimate(0.0, 0.0)
    both = control + arm
    variance = sum(_about(both.y / both.x, each) for each in (control, arm))
    return Estimate(arm.y / arm.x - control.y / control.x, variance)


def _about(value: float, arm: Moments) -> float:
    """The variance of an arm's ratio if its expectation were this value."""
    spread = (arm.yy - 2 * value * arm.xy + value * value * arm.xx) / arm.count
    return _over(max(spread, 0.0) + (arm.y - value * arm.x) ** 2, arm.count) / arm.x**2


def _over(variance: float, count: int) -> float:
    return variance / count if count > 1 else 0.0


def _welch(one: Estimate, other: Estimate, variance: float) -> float:
    """The degrees of freedom of a sum of two independent estimates (Welch-Satterthwaite)."""
    parts = [each.variance**2 / each.freedom for each in (one, other) if each.freedom > 0]
    return variance**2 / sum(parts) if variance and sum(parts) else math.inf
