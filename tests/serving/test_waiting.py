"""Who waits longest, and whose time is over."""

from __future__ import annotations

from newshole.serving.waiting import Waiting


def test_the_first_in_has_waited_longest() -> None:
    waiting: Waiting[str] = Waiting(10)
    waiting.add("a", 0)
    waiting.add("b", 1)
    assert waiting.longest() == "a"
    waiting.discard("a")
    assert (waiting.longest(), len(waiting)) == ("b", 1)


def test_nobody_waits_longest_where_nobody_waits() -> None:
    waiting: Waiting[str] = Waiting(10)
    waiting.discard("a")
    assert (waiting.longest(), waiting.over(100)) == (None, [])


def test_those_whose_time_is_over_wait_no_longer() -> None:
    waiting: Waiting[str] = Waiting(10)
    for moment, name in enumerate("abc"):
        waiting.add(name, moment)
    assert waiting.over(9) == []
    assert waiting.over(11) == ["a", "b"]
    assert "a" not in waiting
    assert "c" in waiting


def test_one_that_waits_already_gets_no_more_time() -> None:
    waiting: Waiting[str] = Waiting(10)
    waiting.add("a", 0)
    waiting.add("a", 9)
    assert waiting.over(10) == ["a"]
