"""When a feed is asked again."""

from __future__ import annotations

import pytest

from newshole.library.feeds.visits import LONGEST_WAIT, RAREST, Visited, asked_for

NOW = 1_721_418_000.0  # Fri, 19 Jul 2024 19:40:00 GMT


def pause(visited: Visited, every: float = 600.0, *, asked: float = 0.0, chance: float = 0.5) -> float:
    return visited.pause(every, asked=asked, chance=chance)


def test_a_feed_is_asked_as_often_as_its_rule_says_give_or_take_a_little() -> None:
    assert pause(Visited()) == 600
    assert (pause(Visited(), chance=0), pause(Visited(), chance=1)) == (540, 660)
    assert pause(Visited(), 1) == 60


def test_one_that_fails_is_asked_ever_more_rarely() -> None:
    visited, pauses = Visited(), []
    for _ in range(100):
        visited = visited.failed()
        pauses.append(pause(visited))
    assert pauses[:3] == [1200, 2400, 4800]
    assert pauses == sorted(pauses)
    assert pauses[-1] == RAREST
    assert pause(visited, RAREST * 2) == RAREST * 2
    assert pause(visited.answered()) == 600


def test_a_feed_may_ask_to_be_left_alone_for_a_day_at_most() -> None:
    assert pause(Visited(), asked=3600) == 3600
    assert pause(Visited(), asked=10.0**9) == LONGEST_WAIT


@pytest.mark.parametrize(
    ("written", "seconds"),
    [
        ("120", 120.0),
        (" 0 ", 0.0),
        ("Fri, 19 Jul 2024 19:41:00 GMT", 60.0),
        ("Fri, 19 Jul 2024 19:00:00 GMT", 0.0),
        ("", 0.0),
        ("soon", 0.0),
        ("-5", 0.0),
        ("٣", 0.0),
        ("9" * 5000, 999_999_999.0),
    ],
)
def test_retry_after_is_seconds_or_a_date(written: str, seconds: float) -> None:
    assert asked_for(written, NOW) == seconds


def test_what_was_read_is_asked_for_with_its_validators() -> None:
    assert Visited().conditions == {}
    visited = Visited().read(b"feed", {"ETag": '"1"', "Last-Modified": "Fri, 19 Jul 2024 19:40:00 GMT"})
    assert visited.conditions == {
        "If-None-Match": '"1"',
        "If-Modified-Since": "Fri, 19 Jul 2024 19:40:00 GMT",
    }
    assert visited.knows(b"feed")
    assert not visited.knows(b"feed ")
    assert visited.failed().conditions == visited.conditions
