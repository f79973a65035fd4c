"""When a block is there."""

from __future__ import annotations

from typing import Any

import pytest

from tests.importing.exports import CODE, loaded, one, whole


def when(**options: Any) -> Any:
    return one(**options).rule.get("when")


@pytest.mark.parametrize(
    ("options", "age"),
    [
        ({"scheduling": "1", "after_days": "3"}, {"before": "3 days"}),
        ({"after_days": "1"}, {"before": "1 day"}),
        ({"scheduling": "3", "after_days": "2"}, {"within": "2 days"}),
        ({"scheduling": "3", "after_days": "0.5"}, {"within": "12 hours"}),
    ],
)
def test_days_since_publication_are_an_age(options: dict[str, str], age: dict[str, str]) -> None:
    made = one(own=options)
    assert (made.rule["when"], made.draft.outcome) == ({"published": age}, "whole")


@pytest.mark.parametrize("days", ["", "soon", "-1", "1e9", "nan", "inf"])
def test_days_that_are_none_are_off(days: str) -> None:
    assert one(scheduling="3", after_days=days).off == ["after_days"]


DATES = {
    "start_date": "2026-03-12", "end_date": "2026-03-15", "start_time": "06:30:00", "end_time": "00:00:00",
}  # fmt: skip


def test_dates_are_a_schedule() -> None:
    assert when(scheduling="2", **DATES) == {"schedule": {"from": "2026-03-12 06:30", "until": "2026-03-15"}}
    assert when(scheduling="4", **DATES) == {
        "none": [{"schedule": {"from": "2026-03-12 06:30", "until": "2026-03-15"}}]
    }
    assert when(scheduling="2", start_date="2026-03-12 08:00") == {"schedule": {"from": "2026-03-12 08:00"}}


def test_hours_and_weekdays_are_a_schedule() -> None:
    assert when(scheduling="2", start_time="7:00", end_time="10:30:00", weekdays="0,1,6") == {
        "schedule": {"hours": "07:00-10:30", "weekdays": ["mon", "tue", "sun"]}
    }
    assert when(scheduling="2", weekdays="5,6") == {"schedule": {"weekdays": ["sat", "sun"]}}
    assert when(scheduling="2") is None


def test_the_time_zone_is_to_be_named() -> None:
    imported = one(scheduling="2", weekdays="5").imported
    assert "\ntimezone: UTC\n" in imported.rules
    assert "scheduling" in [each.option for each in imported.general]
    assert "timezone:" not in one().imported.rules


@pytest.mark.parametrize(
    ("options", "option"),
    [
        ({"scheduling": "2", "start_date": "tomorrow"}, "scheduling"),
        ({"scheduling": "2", "weekdays": ""}, "weekdays"),
        ({"scheduling": "4"}, "scheduling"),
        ({"scheduling": "5", **DATES}, "scheduling"),
        ({"scheduling": "6", **DATES}, "scheduling"),
        ({"scheduling": "2", "start_date": "2026-03-15", "end_date": "2026-03-12"}, "newshole check"),
        ({"scheduling": "2", "start_date": "2026-02-31"}, "newshole check"),
    ],
)
def test_times_that_cannot_be_said_are_off(options: dict[str, str], option: str) -> None:
    assert one(own=options).off == [option]


def test_the_block_for_other_times_stands_in() -> None:
    spring = {
        "code": CODE,
        "name": "Spring",
        "display_type": "3",
        "scheduling": "2",
        "fallback": "7",
        **DATES,
    }
    house = {"code": CODE, "name": "House", "display_type": "0"}
    imported = whole({1: spring, 7: house})
    assert [each.outcome for each in imported.drafts] == ["whole", "whole"]
    blocks = {each.id: each for each in loaded(imported).blocks}
    assert blocks["spring"].fallback == "house"
    paused = whole({1: spring, 7: {**house, "disable_insertion": "1"}})
    assert [each.outcome for each in paused.drafts] == ["partly", "off"]
    assert [each.option for each in whole({1: spring}).drafts[0].notes] == ["fallback"]
