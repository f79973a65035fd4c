"""Tests that are judged at planned moments: by what was known then, with bounds that are narrower."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from newshole.experiments.analysis.design import ENOUGH, Design, planned_units
from newshole.experiments.analysis.effects import Estimate
from newshole.experiments.analysis.families import holm
from newshole.experiments.analysis.looking import DAY, Judging, judging, trend
from newshole.experiments.analysis.moments import Moments
from newshole.experiments.analysis.planning import Baseline, units_per_arm
from newshole.experiments.analysis.stages import bounds, stage_p


def design(*looks: float, planned: int = 1000) -> Design:
    shares = {"control": 0.5, "wide": 0.5}
    return Design("t", shares, "ad_viewable_per_view", planned=planned, min_effect=0.05, looks=looks)


def growing(a_day: int, days: int) -> dict[str, dict[int, Moments]]:
    """Both arms at the end of each day."""
    by_day = {n * DAY: Moments(a_day * (n + 1), 2.0, 1.0, a_day * (n + 1), 1.0, 0.0) for n in range(days)}
    return {"control": by_day, "wide": by_day}


def test_before_its_only_look_nothing_is_said() -> None:
    found = judging(design(1.0), growing(100, 9), 1000, 10 * DAY)
    assert found.looks == ()
    assert math.isinf(found.interval(Estimate(0.5, 0.01), 0.05).high)
    assert found.p_value(Estimate(0.5, 0.01), 0.05) == 1


def test_what_comes_after_the_only_look_does_not_count() -> None:
    found = judging(design(1.0), growing(100, 14), 1000, 20 * DAY)
    assert (found.until, found.looks) == (10 * DAY, (1.0,))
    interval = found.interval(Estimate(0.0, 1.0, 1e9), 0.05)
    assert interval.high == pytest.approx(1.95996, abs=1e-4)


def test_each_planned_look_waits_for_its_units() -> None:
    plan = design(0.5, 1.0)
    assert judging(plan, growing(100, 4), 1000, 20 * DAY).looks == ()
    first = judging(plan, growing(120, 6), 1000, 20 * DAY)
    assert (first.until, first.looks) == (5 * DAY, (0.6,))
    both = judging(plan, growing(120, 12), 1000, 20 * DAY)
    assert (both.until, both.looks) == (9 * DAY, (0.6, 1.0))
    assert first.interval(Estimate(0.0, 1.0), 0.05).high > both.interval(Estimate(0.0, 1.0), 0.05).high > 1.96


def test_a_test_without_planned_looks_is_judged_by_all_there_is() -> None:
    found = judging(design(), growing(100, 4), 1000, 20 * DAY)
    assert found == Judging(20 * DAY, 0.4)


@pytest.mark.parametrize("looks", [(0.5,), (0.6, 1.0), (0.3, 0.6, 1.0)])
def test_the_p_value_at_a_look_is_below_alpha_exactly_beyond_its_bound(looks: tuple[float, ...]) -> None:
    for alpha in (0.01, 0.05):
        bound = bounds(looks, alpha)[-1]
        assert stage_p(bound, looks) == pytest.approx(alpha, rel=1e-6)
        assert stage_p(bound + 0.01, looks) < alpha < stage_p(bound - 0.01, looks)
    between = bounds(looks, 0.015)[-1]
    assert stage_p(between, looks) == pytest.approx(0.015, rel=0.05)
    assert stage_p(0.0, looks) == 1
    assert stage_p(40.0, looks) == 1e-6


def test_the_plan_is_made_by_the_first_days_and_stays() -> None:
    plan = design(planned=0)
    early = Moments(ENOUGH - 1, 2.0, 1.0, 9_000.0, 1.0, 0.0)
    first = Moments(ENOUGH, 2.0, 1.0, 1_000.0, 0.0, 0.0)
    late = Moments(9_000, 2.0, 1.0, 90_000.0, 0.0, 0.0)
    found = planned_units(plan, {0: early, DAY: first, 2 * DAY: late})
    assert found == planned_units(plan, {0: early, DAY: first})
    assert found == units_per_arm(Baseline(2.0, 1_000 / (ENOUGH - 1)), 0.05)
    assert planned_units(plan, {}) == 10_000
    assert planned_units(design(planned=77), {0: late}) == 77


def test_a_day_on_which_an_arm_was_not_seen_has_it_as_it_was() -> None:
    by_day = growing(100, 3)
    by_day = {"control": by_day["control"], "wide": {0: by_day["wide"][0]}}
    points = list(trend(design(), by_day, 1000))
    assert [(each.day, each.progress) for each in points] == [(0, 0.1), (DAY, 0.1), (2 * DAY, 0.1)]


@pytest.mark.parametrize("looks", [(), (1.0,), (0.5, 1.0), (0.2, 1.0)])
def test_few_units_that_look_alike_do_not_end_a_test(looks: tuple[float, ...]) -> None:
    alike = {0: Moments(20, 2.0, 1.0, 0.1, 0.0, 0.0)}
    plan = design(*looks, planned=0)
    found = judging(plan, {"control": alike, "wide": alike}, planned_units(plan, alike), DAY)
    assert found.looks == (() if looks else None)
    assert found.progress < 0.05


@pytest.mark.parametrize("guardrails", [(), ("read_through",), ("read_through", "scroll_depth", "dwell")])
def test_a_plan_has_its_power_beside_guardrails_that_do_not_change(guardrails: tuple[str, ...]) -> None:
    plan = replace(design(1.0, planned=0), guardrails=guardrails, min_effect=0.01)
    size = planned_units(plan, {0: Moments(ENOUGH, 2.0, 1.0, 1_000.0, 0.0, 0.0)})
    drift = 0.01 * 2.0 / math.sqrt(2 * (1_000 / (ENOUGH - 1)) / size)
    rng = np.random.default_rng(16)
    scores = rng.normal(0, 1, (4_000, 1 + len(guardrails)))
    scores[:, 0] += drift
    p_values = 2 * stats.norm.sf(np.abs(scores))
    found = np.mean([holm(list(each))[0] < 0.05 for each in p_values])
    assert found >= 0.78
