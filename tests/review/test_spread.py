"""Means and their intervals."""

from __future__ import annotations

import pytest

from newshole.review.spread import Bootstrap, Mean


def test_the_same_figures_give_the_same_interval() -> None:
    figures = [0, 1, 2, 0, 3, 1, 0, 2]
    assert Bootstrap(8).mean(figures) == Bootstrap(8).mean(figures)


def test_the_interval_holds_the_mean_and_is_as_wide_as_theory_has_it() -> None:
    figures = [float(n % 5) for n in range(400)]  # mean 2, variance 2
    mean = Bootstrap(400).mean(figures)
    assert mean.value == 2
    assert mean.low == pytest.approx(2 - 1.96 * (2 / 400) ** 0.5, abs=0.02)
    assert mean.high == pytest.approx(2 + 1.96 * (2 / 400) ** 0.5, abs=0.02)


@pytest.mark.parametrize("figures", [[], [0, 0, 0], [2, 2]])
def test_what_does_not_vary_is_certain(figures: list[float]) -> None:
    value = figures[0] if figures else 0
    assert Bootstrap(len(figures)).mean(figures) == Mean(value, value, value)
