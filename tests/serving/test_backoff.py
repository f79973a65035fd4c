"""How long a worker that ended is waited for."""

from __future__ import annotations

from newshole.serving.backoff import LONG, MOST, Backoff


def test_each_failure_waits_twice_as_long_up_to_a_bound() -> None:
    backoff = Backoff()
    assert [backoff.after(0) for _ in range(4)] == [0.5, 1, 2, 4]
    assert {backoff.after(1) for _ in range(20)} >= {MOST}
    assert backoff.after(1) == MOST


def test_one_that_lasted_is_followed_at_once_and_forgives_what_was_before() -> None:
    backoff = Backoff()
    backoff.after(0)
    backoff.after(0)
    assert backoff.after(LONG) == 0
    assert backoff.after(0) == 0.5
