"""What looking does to a test, by simulation: how often nothing is taken for something, and the reverse."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt
import pytest
from scipy import stats

from newshole.experiments.analysis.effects import Estimate, Lift, difference, mean, ratio
from newshole.experiments.analysis.families import holm
from newshole.experiments.analysis.mismatch import ALARM, sequential_p
from newshole.experiments.analysis.moments import Moments
from newshole.experiments.analysis.planning import (
    Baseline,
    cost_of_looking,
    days,
    smallest_effect,
    units_per_arm,
)
from newshole.experiments.analysis.sequences import always_valid, always_valid_p, reach
from newshole.experiments.analysis.stages import bounds, spent

Numbers = npt.NDArray[np.float64]
Draw = Callable[[np.random.Generator, int], Numbers]

PLANNED = 20_000
LOOKS = 1_000

DRAWS: dict[str, Draw] = {
    "normal": lambda rng, n: rng.normal(size=n),
    "clicks of 0.5%": lambda rng, n: (rng.random(n) < 0.005).astype(float),
    "clicks of 5%": lambda rng, n: (rng.random(n) < 0.05).astype(float),
    "log-normal": lambda rng, n: np.exp(2 * rng.normal(size=n)),
    "Pareto 2.1": lambda rng, n: rng.pareto(2.1, n),
    "money of one reader in 50": lambda rng, n: (
        (rng.random(n) < 0.02).astype(float) * np.exp(1.5 * rng.normal(size=n))
    ),
}


def arm(values: Numbers) -> Moments:
    centre = float(values.mean())
    return Moments(len(values), y=centre, yy=float(((values - centre) ** 2).sum()))


def scores(one: Numbers, other: Numbers, at: npt.NDArray[np.int_]) -> Numbers:
    """The difference in standard errors after each of these counts of units."""
    sums = [np.cumsum(each)[at - 1] / at for each in (one, other)]
    squares = [np.cumsum(each * each)[at - 1] / at for each in (one, other)]
    spread = sum((q - m * m) / (at - 1) for m, q in zip(sums, squares, strict=True))
    return np.divide(np.abs(sums[1] - sums[0]), np.sqrt(spread), out=np.zeros(len(at)), where=spread > 0)


@pytest.mark.slow
@pytest.mark.parametrize("name", DRAWS)
def test_peeking_a_thousand_times_finds_nothing_in_nothing(name: str) -> None:
    rng = np.random.default_rng(20261128)
    at = np.unique(np.linspace(PLANNED / LOOKS, PLANNED, LOOKS).astype(int))
    allowed = np.array([reach(n / PLANNED) for n in at])
    rounds, naive, found = 2_000, 0, 0
    for _ in range(rounds):
        z = scores(DRAWS[name](rng, PLANNED), DRAWS[name](rng, PLANNED), at)
        naive += bool((z > stats.norm.isf(0.025)).any())
        found += bool((z > allowed).any())
    print(f"{name}: always valid {found / rounds:.1%}, naive {naive / rounds:.1%}")
    assert found / rounds <= 0.05
    assert naive / rounds > 0.3


@pytest.mark.parametrize("name", ["clicks of 0.5%", "money of one reader in 50"])
def test_a_lift_is_not_found_in_nothing_by_peeking(name: str) -> None:
    """What reports judge is the lift: a quotient, which is far from normal where control has little."""
    rng = np.random.default_rng(21)
    rounds, size, found = 300, 4_000, 0
    at = np.unique(np.linspace(20, size, 60).astype(int))
    for _ in range(rounds):
        arms = [_cumulated(DRAWS[name](rng, size), at) for _ in range(2)]
        found += any(
            always_valid(Lift(mean(one), mean(other)), n / size).excludes(0)
            for n, one, other in zip(at, *arms, strict=True)
        )
    print(f"{name}: {found / rounds:.1%}")
    assert found / rounds <= 0.05


def _cumulated(values: Numbers, at: npt.NDArray[np.int_]) -> list[Moments]:
    """The moments of the first of these, for each count."""
    sums, squares = np.cumsum(values), np.cumsum(values * values)
    return [Moments.of_sums((n, sums[n - 1], 0.0, squares[n - 1], 0.0, 0.0)) for n in map(int, at)]


@pytest.mark.slow
@pytest.mark.parametrize("name", ["normal", "clicks of 5%", "clicks of 0.5%"])
def test_one_look_is_wrong_in_one_of_twenty(name: str) -> None:
    rng = np.random.default_rng(5)
    rounds, size = 20_000, 4_000
    found = 0
    for _ in range(rounds):
        one, other = (mean(arm(DRAWS[name](rng, size))) for _ in range(2))
        found += difference(one, other).p_value() < 0.05
    print(f"{name}: {found / rounds:.2%}")
    assert 0.045 <= found / rounds <= 0.055


@pytest.mark.slow
def test_views_of_one_reader_are_not_independent() -> None:
    rng = np.random.default_rng(6)
    rounds, readers = 20_000, 1_000
    by_reader = by_view = 0
    for _ in range(rounds):
        arms, naive = [], []
        for _ in range(2):
            views = rng.geometric(0.25, readers)
            clicks = rng.binomial(views, rng.beta(2, 18, readers))
            arms.append(ratio(_pairs(clicks, views)))
            share, total = clicks.sum() / views.sum(), views.sum()
            naive.append(Estimate(share, share * (1 - share) / total))
        by_reader += difference(arms[0], arms[1]).p_value() < 0.05
        by_view += difference(naive[0], naive[1]).p_value() < 0.05
    print(f"by reader {by_reader / rounds:.2%}, by view {by_view / rounds:.2%}")
    assert 0.045 <= by_reader / rounds <= 0.055
    assert by_view / rounds > 0.07


def _pairs(ys: npt.NDArray[np.int_], xs: npt.NDArray[np.int_]) -> Moments:
    y, x = float(ys.mean()), float(xs.mean())
    off_y, off_x = ys - y, xs - x
    return Moments(len(ys), y, x, float(off_y @ off_y), float(off_x @ off_x), float(off_y @ off_x))


def test_bounds_are_the_published_ones() -> None:
    """Of five equal looks, as `ldbounds` and the literature have them."""
    assert bounds([0.2, 0.4, 0.6, 0.8, 1.0]) == pytest.approx(
        [4.8769, 3.3569, 2.6803, 2.2898, 2.0310], abs=2e-4
    )


def test_one_look_spends_all_at_once() -> None:
    assert bounds([1.0]) == pytest.approx([stats.norm.isf(0.025)], abs=1e-9)
    assert spent(1.0) == pytest.approx(0.05)


@pytest.mark.slow
@pytest.mark.parametrize(("effect", "low", "high"), [(0.0, 0.045, 0.055), (1.0, 0.78, 0.82)])
def test_a_few_planned_looks_have_the_error_and_the_power_they_should(
    effect: float, low: float, high: float
) -> None:
    rng = np.random.default_rng(8)
    looks = [0.2, 0.4, 0.6, 0.8, 1.0]
    limits = np.array(bounds(looks))
    # A test with these looks takes 1.0284 times the units of one look for a power of 80%: Jennison and
    # Turnbull 2000, table 2.4, K = 5, O'Brien and Fleming.
    drift = effect * math.sqrt(1.0284) * (stats.norm.isf(0.025) + stats.norm.isf(0.2))
    rounds = 40_000
    steps = rng.normal(drift * np.diff([0.0, *looks]), np.sqrt(np.diff([0.0, *looks])), (rounds, 5))
    z = np.cumsum(steps, axis=1) / np.sqrt(looks)
    found = (np.abs(z) > limits).any(axis=1).mean()
    print(f"effect {effect}: {found:.2%}")
    assert low <= found <= high


def test_an_always_valid_interval_is_narrowest_where_it_was_planned() -> None:
    widths = {n: reach(n) / math.sqrt(n) for n in (0.25, 0.5, 1.0, 2.0)}
    assert sorted(widths, key=widths.__getitem__, reverse=True) == [0.25, 0.5, 1.0, 2.0]
    tuned = reach(1.0)
    assert all(reach(n) > tuned for n in (0.3, 0.6, 1.5, 3.0))
    assert tuned == pytest.approx(3.035, abs=0.001)


@pytest.mark.parametrize("value", [0.5, 1.0, 2.0, 3.0, 3.5, 6.0])
@pytest.mark.parametrize("progress", [0.1, 1.0, 3.0])
def test_the_p_value_is_below_alpha_where_0_is_outside(value: float, progress: float) -> None:
    found = Estimate(value, 1.0)
    is_found = always_valid(found, progress).excludes(0)
    assert is_found is (always_valid_p(found, progress) < 0.05)


def test_nothing_is_excluded_before_anything_is_known() -> None:
    assert not always_valid(Estimate(5.0, 0.0), 0.5).excludes(0)
    assert not always_valid(Estimate(5.0, 1.0), 0.0).excludes(0)
    assert always_valid_p(Estimate(5.0, 0.0), 0.5) == 1.0


@pytest.mark.slow
def test_lost_units_are_found_and_whole_ones_are_left_in_peace() -> None:
    rng = np.random.default_rng(9)
    at = np.linspace(100, 100_000, LOOKS).astype(int)
    shares = (0.5, 0.5)

    def alarms(rounds: int, keep: float) -> float:
        found = 0
        for _ in range(rounds):
            is_arm = rng.random(at[-1]) < 0.5
            is_kept = ~is_arm | (rng.random(at[-1]) < keep)
            ones, zeros = np.cumsum(is_arm & is_kept)[at - 1], np.cumsum(~is_arm)[at - 1]
            found += any(
                sequential_p((int(zero), int(one)), shares) < ALARM
                for zero, one in zip(zeros, ones, strict=True)
            )
        return found / rounds

    lost, whole = alarms(300, 0.95), alarms(1_500, 1.0)
    print(f"5% of one arm lost, 50,000 units an arm: found in {lost:.1%}; without loss {whole:.2%}")
    assert lost >= 0.99
    assert whole <= 0.001


@pytest.mark.slow
def test_twelve_metrics_together_are_wrong_in_one_of_twenty() -> None:
    rng = np.random.default_rng(10)
    draws = rng.random((20_000, 12))
    raised = sum(min(holm(list(each))) < 0.05 for each in draws) / len(draws)
    naive = float((draws.min(axis=1) < 0.05).mean())
    print(f"Holm {raised:.2%}, uncorrected {naive:.1%}")
    assert raised <= 0.055
    assert naive == pytest.approx(0.46, abs=0.02)


@pytest.mark.parametrize(
    ("given_", "want"),
    [
        ([0.01, 0.04, 0.03, 0.005], [0.03, 0.06, 0.06, 0.02]),  # the textbook example of Holm's method
        ([], []),
        ([0.9, 0.8], [1.0, 1.0]),
    ],
)
def test_holm_raises_p_values_in_order(given_: Sequence[float], want: Sequence[float]) -> None:
    assert holm(given_) == pytest.approx(list(want))


def test_a_plan_has_the_power_it_says() -> None:
    clicks = Baseline(0.05, 0.05 * 0.95)
    once = units_per_arm(clicks, 0.03, looks="once")
    assert once == pytest.approx(331_398, abs=2)  # (1.95996 + 0.84162)² × 2 × 0.0475 / 0.0015²
    z = 0.0015 / math.sqrt(2 * 0.0475 / once)
    assert stats.norm.sf(stats.norm.isf(0.025) - z) == pytest.approx(0.8, abs=1e-4)
    assert smallest_effect(clicks, once, looks="once") == pytest.approx(0.03, rel=1e-4)
    assert units_per_arm(clicks, 0.03) / once == pytest.approx(cost_of_looking(), rel=1e-4)
    with pytest.raises(ValueError, match="nothing"):
        units_per_arm(clicks, 0.0)


@pytest.mark.slow
def test_looking_all_the_time_has_the_power_that_was_planned_for() -> None:
    rng = np.random.default_rng(13)
    size = units_per_arm(Baseline(1.0, 4.0), 0.1)
    at = np.unique(np.linspace(size / LOOKS, size, LOOKS).astype(int))
    allowed = np.array([reach(n / size) for n in at])
    found = taken = 0.0
    rounds = 1_000
    for _ in range(rounds):
        is_out = scores(rng.normal(1.0, 2.0, size), rng.normal(1.1, 2.0, size), at) > allowed
        found += bool(is_out.any())
        taken += at[int(is_out.argmax())] / size if is_out.any() else 1.0
    print(f"power {found / rounds:.1%} with {cost_of_looking():.2f} × the units of one look; ", end="")
    print(f"ends after {taken / rounds * cost_of_looking():.2f} × on average")
    assert found / rounds >= 0.8


def test_a_test_runs_whole_weeks() -> None:
    assert days(10_000, 1_000) == 14
    assert days(1, 1_000) == 7
