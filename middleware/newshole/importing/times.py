"""When a block of Ad Inserter is there: dates, days of the week, hours, the age of the post."""

from __future__ import annotations

import re
from typing import Any, Final

from newshole.importing.drafts import Draft

_DATE: Final = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})?\s*(?:T?([0-9]{1,2}):([0-9]{2})(?::[0-9]{2})?)?")
_DAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def carry_times(draft: Draft, ids: dict[str, str]) -> None:
    """The schedule of the block; `ids` are those of the blocks that may stand in for it."""
    scheduling = draft.options["scheduling"] or ("1" if draft.options.number("after_days") else "0")
    if scheduling in ("1", "3"):
        _carry_age(draft, is_young=scheduling == "3")
    elif scheduling in ("2", "4"):
        _carry_schedule(draft, is_outside=scheduling == "4")
    elif scheduling in ("5", "6"):
        dates = f"{draft.options['start_date']} to {draft.options['end_date']}"
        draft.turn_off(
            "scheduling",
            f"it is for stories by the day they were published ({dates}), and here only their age is asked",
            'say when: {path: "/2026/03/**"} where the address has the day',
        )
    if scheduling in ("2", "4", "5", "6"):
        _carry_fallback(draft, ids)


def _carry_age(draft: Draft, *, is_young: bool) -> None:
    """So many days after the story was published, or no longer than these."""
    written = draft.options["after_days"]
    try:
        hours = round(float(written or "0") * 24)
    except (ValueError, OverflowError):
        hours = 0
    if not 0 < hours < 100_000:
        draft.turn_off("after_days", "it is no number of days", "say when: {published: {within: 2 days}}")
        return
    amount, unit = (hours // 24, "day") if hours % 24 == 0 else (hours, "hour")
    age = f"{amount} {unit}{'s' * (amount > 1)}"
    draft.require("published", {"published": {"within" if is_young else "before": age}})


def _carry_schedule(draft: Draft, *, is_outside: bool) -> None:
    """Between two moments, or outside of them; without dates between two hours of each day."""
    written = {key: _moment(draft, key) for key in ("start", "end")}
    if None in written.values():
        draft.turn_off("scheduling", "its dates are not understood", "say when: {from: …, until: …}")
        return
    (first, start), (last, end) = written["start"], written["end"]  # type: ignore[misc]  # just looked at
    schedule: dict[str, Any] = {}
    if first or last:
        bounds = {"from": _at(first, start), "until": _at(last, end)}
        schedule.update({key: moment for key, moment in bounds.items() if moment})
    elif start or end:
        schedule["hours"] = f"{start or '00:00'}-{end or '24:00'}"
    if days := _days(draft):
        schedule["weekdays"] = days
    if not draft.options["weekdays"]:
        draft.turn_off("weekdays", "it is on no day", "say schedule: {weekdays: […]}")
    elif not schedule:
        if is_outside:
            draft.turn_off("scheduling", "it is outside of all times", "say when it is to be there")
    else:
        key = "none" if is_outside else "schedule"
        draft.require(key, {"none": [{"schedule": schedule}]} if is_outside else {"schedule": schedule})


def _moment(draft: Draft, side: str) -> tuple[str, str] | None:
    """A day and a time of it, each empty where there is none; None where they cannot be read."""
    parts = (draft.options[f"{side}_date"], draft.options[f"{side}_time"])
    found = _DATE.fullmatch(" ".join(part for part in parts if part))
    if found is None:
        return None
    time = f"{int(found[2]):02}:{found[3]}" if found[2] else ""
    return found[1] or "", time


def _at(day: str, time: str) -> str:
    return f"{day} {time}" if day and time and time != "00:00" else day


def _days(draft: Draft) -> list[str]:
    """The days of the week, none where it is all of them; 0 is Monday."""
    chosen = {each.strip() for each in draft.options["weekdays"].split(",")}
    days = [name for n, name in enumerate(_DAYS) if str(n) in chosen]
    return days if len(days) < len(_DAYS) else []


def _carry_fallback(draft: Draft, ids: dict[str, str]) -> None:
    """The block that stands in at other times."""
    number = draft.options["fallback"]
    if not draft.options.number("fallback"):
        return
    if number in ids and number != draft.number:
        draft.rule["fallback"] = ids[number]
    else:
        draft.note("fallback", f"there is no block {number}", "say fallback: with the id of another block")
