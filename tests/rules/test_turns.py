"""When conditions turn by themselves: never before the moment that is told."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newshole.rules.spans import WEEKDAYS, Age, Hours, Window, next_turn
from newshole.rules.targeting import age, any_of, condition, none_of, times
from newshole.rules.turns import next_turn as next_turn_of
from newshole.types import Reader, Story

MINUTE = timedelta(minutes=1)
ZONES = [ZoneInfo(name) for name in ("Europe/Warsaw", "America/New_York", "Asia/Kathmandu", "Asia/Beirut")]

# Around the days on which clocks are put forward or back, and on plain ones.
DAYS = (datetime(2026, 3, 27, tzinfo=UTC), datetime(2026, 10, 23, tzinfo=UTC))
at_minutes = st.builds(
    lambda day, minute: day + minute * MINUTE, st.sampled_from(DAYS), st.integers(0, 9 * 1440)
)
hours = st.tuples(st.integers(0, 1439), st.integers(1, 1440)).filter(lambda each: each[0] != each[1] % 1440)


@st.composite
def windows(draw: st.DrawFn) -> Window:
    start = draw(st.none() | at_minutes)
    return Window(
        draw(st.sampled_from(ZONES)),
        start,
        draw(st.none() | at_minutes.filter(lambda end: start is None or end > start)),
        tuple(draw(st.sets(st.sampled_from(WEEKDAYS), max_size=3))),
        tuple(Hours(*each) for each in draw(st.lists(hours, max_size=2))),
    )


@given(window=windows(), now=at_minutes)
def test_a_window_is_as_it_is_until_it_turns_and_not_a_minute_longer(window: Window, now: datetime) -> None:
    turn = next_turn(window, now)
    holds, at = window.holds(now), now
    end = now + timedelta(days=3) if turn is None else min(turn, now + timedelta(days=3))
    while at < end:
        assert window.holds(at) == holds
        at += 7 * MINUTE
    if turn is not None:
        assert window.holds(turn - MINUTE) == holds
        assert window.holds(turn) != holds


@pytest.mark.parametrize(
    ("window", "now", "turn"),
    [
        (Window(ZONES[0], weekdays=("sun",)), "2026-03-30T12:00", "2026-04-04T22:00"),
        (Window(ZONES[0], datetime(2026, 12, 1, tzinfo=UTC), weekdays=("sun",)),
         "2026-03-30T12:00", "2026-12-05T23:00"),
        (Window(ZONES[0], end=datetime(2026, 1, 1, tzinfo=UTC)), "2026-03-30T12:00", None),
        # Clocks go from 02:00 to 03:00, which is in hours that begin at 02:30.
        (Window(ZONES[0], hours=(Hours(150, 600),)), "2026-03-29T00:00", "2026-03-29T01:00"),
    ],
)  # fmt: skip
def test_the_next_turn_is_found_however_far_away(window: Window, now: str, turn: str | None) -> None:
    asked = datetime.fromisoformat(now).replace(tzinfo=UTC)
    assert next_turn(window, asked) == (turn and datetime.fromisoformat(turn).replace(tzinfo=UTC))


NOW = datetime(2026, 3, 30, 12, tzinfo=UTC)
NIGHT = times("schedule", "schedule", (Window(ZONES[0], hours=(Hours(22 * 60, 6 * 60),)),))
LATER = times("from", "from", (Window(ZONES[0], NOW + 5 * MINUTE),))
FRESH = age("published", Age(2, "hour"), None)
WORLD = condition("section", "section", ("World",))
MOBILE = condition("device", "device", ("mobile",))


def turn_of(*when: object, published: datetime | None = NOW, section: str = "World") -> datetime | None:
    story = Story(published=published, section=section)
    return next_turn_of(when, story, Reader(now=NOW + timedelta(seconds=30)), "/news")  # type: ignore[arg-type]


def test_the_earliest_condition_turns_them_all() -> None:
    assert turn_of(FRESH, LATER) == NOW + 5 * MINUTE
    assert turn_of(FRESH, WORLD) == NOW + timedelta(hours=2)
    assert turn_of(WORLD) is None


def test_what_does_not_hold_whatever_the_time_never_turns() -> None:
    assert turn_of(LATER, MOBILE) is None
    assert turn_of(WORLD, LATER, section="City") is None


def test_alternatives_and_exclusions_turn_with_their_parts() -> None:
    assert turn_of(any_of("any", ((WORLD,), (LATER, MOBILE), (FRESH,)))) == NOW + timedelta(hours=2)
    assert turn_of(none_of("none", (LATER, WORLD))) == NOW + 5 * MINUTE
    assert turn_of(none_of("none", (LATER, MOBILE))) is None


def test_a_story_without_a_date_and_one_that_is_old_turn_no_more() -> None:
    assert turn_of(FRESH, published=None) is None
    assert turn_of(FRESH, published=NOW - timedelta(hours=3)) is None
    assert turn_of(age("published", None, None), published=NOW) is None


def test_hours_turn_by_the_clocks_of_the_zone() -> None:
    local = datetime.combine(NOW.date(), time(22), ZONES[0])
    assert turn_of(NIGHT) == local
