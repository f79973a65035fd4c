"""Our distributions against those of an independent package."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from newshole.experiments.analysis.distributions import t_bound, t_tail


def close(value: float) -> object:
    return pytest.approx(value, rel=1e-9, abs=1e-15)


# Below that the other one rounds to 1, with one degree of freedom.
@given(t=st.floats(-40, 40).filter(lambda t: abs(t) > 1e-4), freedom=st.floats(1, 1e6))
def test_the_tails_of_student_s_t_agree(t: float, freedom: float) -> None:
    assert t_tail(t, freedom) == close(2 * stats.t.sf(abs(t), freedom))


@given(tail=st.floats(1e-9, 0.999), freedom=st.floats(1, 1e6))
def test_the_bounds_of_student_s_t_agree(tail: float, freedom: float) -> None:
    assert t_bound(tail, freedom) == close(stats.t.isf(tail / 2, freedom))


def test_without_end_of_freedom_t_is_normal() -> None:
    assert t_tail(1.5, math.inf) == pytest.approx(2 * stats.norm.sf(1.5), rel=1e-12)
    assert t_bound(0.05, math.inf) == pytest.approx(stats.norm.isf(0.025), rel=1e-12)
