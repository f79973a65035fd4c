"""Estimates and their differences: against an independent package, and against what is known to be true."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy import stats

from newshole.experiments.analysis.effects import (
    Estimate,
    Interval,
    Lift,
    adjusted,
    difference,
    gap,
    mean,
    ratio,
    within_arms,
)
from newshole.experiments.analysis.moments import Moments

NUMBERS = st.lists(st.floats(-1e6, 1e6), min_size=3, max_size=40)


def moments(ys: Sequence[float], xs: Sequence[float] | None = None) -> Moments:
    return Moments.of(zip(ys, xs or [0.0] * len(ys), strict=True))


@given(ys=NUMBERS, cut=st.integers(0, 40))
def test_moments_of_two_parts_add_up_to_those_of_all(ys: list[float], cut: int) -> None:
    pairs = [(y, y / 2 + n) for n, y in enumerate(ys)]
    parts, whole = Moments.of(pairs[:cut]) + Moments.of(pairs[cut:]), Moments.of(pairs)
    assert parts.count == whole.count
    scale = max(abs(y) for y in ys) ** 2 * len(ys) + 1
    for name in ("y", "x", "yy", "xx", "xy"):
        assert getattr(parts, name) == pytest.approx(getattr(whole, name), rel=1e-9, abs=1e-9 * scale)


@given(one=NUMBERS, other=NUMBERS)
def test_the_difference_of_means_is_welch_s(one: list[float], other: list[float]) -> None:
    assume(min(float(np.std(each)) for each in (one, other)) > 1e-3)
    found = difference(mean(moments(one)), mean(moments(other)))
    want = stats.ttest_ind(other, one, equal_var=False)
    assert found.p_value() == pytest.approx(want.pvalue, rel=1e-7, abs=1e-12)
    assert found.interval() == pytest.approx(tuple(want.confidence_interval()), rel=1e-7, abs=1e-3)


def test_the_difference_of_means_agrees_to_nine_digits() -> None:
    rng = np.random.default_rng(7)
    one, other = rng.gamma(2, 3, 400), rng.gamma(2, 3.3, 300)
    found = difference(mean(moments(list(one))), mean(moments(list(other))))
    want = stats.ttest_ind(other, one, equal_var=False)
    assert found.p_value() == pytest.approx(want.pvalue, rel=1e-9)
    assert found.freedom == pytest.approx(want.df, rel=1e-9)
    assert found.interval() == pytest.approx(tuple(want.confidence_interval()), rel=1e-9)


def test_a_ratio_has_the_spread_that_repetition_shows() -> None:
    rng = np.random.default_rng(11)
    found = []
    for _ in range(3_000):
        views = rng.geometric(0.3, 400)
        found.append(ratio(moments(list(rng.binomial(views, 0.1)), list(views))))
    spread = np.var([each.value for each in found])
    assert np.mean([each.variance for each in found]) == pytest.approx(spread, rel=0.08)


@pytest.mark.slow
def test_the_interval_of_a_lift_holds_the_truth_as_often_as_it_says() -> None:
    rng = np.random.default_rng(12)
    held = 0
    for _ in range(2_000):
        control, arm = rng.gamma(0.5, 10.0, 400), rng.gamma(0.5, 11.0, 400)
        held += not Lift(mean(moments(list(control))), mean(moments(list(arm)))).interval().excludes(0.1)
    assert 0.935 <= held / 2_000 <= 0.965


@pytest.mark.slow
def test_there_is_a_lift_exactly_where_there_is_a_difference() -> None:
    rng = np.random.default_rng(14)
    for _ in range(300):
        control, arm = (mean(moments(list(rng.poisson(0.05, 300).astype(float)))) for _ in range(2))
        found, plain = Lift(control, arm), difference(control, arm)
        assert found.p_value() == plain.p_value()
        if math.isfinite(found.interval().low):
            assert found.interval().excludes(0) is plain.interval().excludes(0)


def test_one_click_against_ten_is_no_settled_loss() -> None:
    control, arm = mean(moments([1.0] * 10 + [0.0] * 990)), mean(moments([1.0] + [0.0] * 999))
    found = Lift(control, arm)
    assert found.value == pytest.approx(-0.9)
    assert found.score == pytest.approx(9 / math.sqrt(11), rel=0.01)
    assert not found.within(3.03).excludes(0)


def test_the_gap_of_two_ratios_has_the_error_it_should_where_there_is_none() -> None:
    rng = np.random.default_rng(15)
    found = 0
    for _ in range(2_000):
        arms = []
        for _ in range(2):
            views = rng.geometric(0.2, 300)
            arms.append(moments(list(views * (rng.random(300) < 0.6)), list(views)))
        found += gap(arms[0], arms[1]).p_value() < 0.05
    assert 0.035 <= found / 2_000 <= 0.065


def test_a_lift_over_next_to_nothing_is_not_known() -> None:
    control, arm = mean(moments([1.0] + [0.0] * 999)), mean(moments([1.0] * 3 + [0.0] * 997))
    assert Lift(control, arm).interval() == Interval(-math.inf, math.inf)


@pytest.mark.parametrize("correlation", [0.0, 0.3, 0.6, 0.9])
def test_what_was_before_takes_out_its_share_of_the_variance(correlation: float) -> None:
    rng = np.random.default_rng(3)
    before = rng.normal(10, 3, 200_000)
    after = (
        4 + correlation * (before - 10) / 3 * 2 + rng.normal(0, 2 * math.sqrt(1 - correlation**2), 200_000)
    )
    arm, other = (moments(list(after[half::2]), list(before[half::2])) for half in (0, 1))
    kept = adjusted(arm, within_arms(arm, other)).variance / mean(arm).variance
    assert kept == pytest.approx(1 - correlation**2, abs=0.02)


def test_what_was_before_does_not_move_an_effect() -> None:
    rng = np.random.default_rng(4)
    before = rng.normal(10, 3, 40_000)
    after = before + rng.normal(0, 1, 40_000)
    after[1::2] += 0.5
    arm, other = (moments(list(after[half::2]), list(before[half::2])) for half in (0, 1))
    both = within_arms(arm, other)
    assert difference(adjusted(arm, both), adjusted(other, both)).value == pytest.approx(0.5, abs=0.05)


@pytest.mark.parametrize("units", [[], [1.0], [2.0, 2.0, 2.0]], ids=["none", "one", "all the same"])
def test_of_too_little_nothing_is_known(units: list[float]) -> None:
    found = difference(mean(moments(units)), mean(moments(units)))
    assert found.interval() == Interval(-math.inf, math.inf)
    assert found.p_value() == 1.0


def test_a_share_of_nothing_is_not_known() -> None:
    nothing = mean(moments([0.0, 0.0, 0.0]))
    found = Lift(nothing, mean(moments([1.0, 2.0, 3.0])))
    assert found.interval() == Interval(-math.inf, math.inf)
    assert found.p_value() == 1.0
    assert ratio(moments([0.0, 0.0], [0.0, 0.0])) == Estimate(0.0, 0.0, 1)
