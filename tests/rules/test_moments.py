"""Moments as people write them."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from newshole.errors import UsageError
from newshole.rules.moments import is_left_out, is_twice, read_moment

BERLIN = ZoneInfo("Europe/Berlin")


def test_a_moment_is_of_the_clocks_of_a_zone_unless_it_has_an_offset() -> None:
    assert read_moment(" 2026-12-01T06:00 ", BERLIN) == datetime(2026, 12, 1, 5, tzinfo=UTC)
    assert read_moment("2026-12-01T06:00+02:00", BERLIN) == datetime(2026, 12, 1, 4, tzinfo=UTC)
    assert read_moment("2026-07-01", BERLIN) == datetime(2026, 6, 30, 22, tzinfo=UTC)


@pytest.mark.parametrize("written", ["", "soon", "2026-13-01", "0001-01-01T00:00", "9999-12-31T23:59-12:00"])
def test_what_is_no_moment_is_told_with_one_that_is(written: str) -> None:
    with pytest.raises(UsageError, match="; write it as 2026-12-01T06:00"):
        read_moment(written, BERLIN)


def test_clocks_leave_an_hour_out_in_spring_and_show_one_twice_in_autumn() -> None:
    told = {
        written: (is_left_out(at), is_twice(at))
        for written in ("2026-03-29T02:30", "2026-10-25T02:30", "2026-10-25T03:30")
        for at in (read_moment(written, BERLIN),)
    }
    assert list(told.values()) == [(True, False), (False, True), (False, False)]
