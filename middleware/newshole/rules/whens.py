"""From conditions as they are written to conditions that hold or do not."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any
from zoneinfo import ZoneInfo

from newshole.rules.conditions import When
from newshole.rules.facts import AMOUNTS, FACTS, FLAGS, NAMED
from newshole.rules.quantities import Ages, Range, Schedule
from newshole.rules.spans import Amounts, Window, moment
from newshole.rules.targeting import Condition, age, amount, any_of, condition, flag, none_of, times
from newshole.rules.written import listed


def conditions(path: str, when: When | None, timezone: str) -> tuple[Condition, ...]:
    """What a `when` at `path` of the rules asks for; times are of the clocks in `timezone`."""
    return () if when is None else tuple(_Reading(ZoneInfo(timezone)).conditions(path, when))


def period(
    path: str, start: dt.datetime | dt.date | None, until: dt.datetime | dt.date | None, timezone: str
) -> Iterator[Condition]:
    """The conditions of a `from` and an `until` that stand by themselves."""
    reading = _Reading(ZoneInfo(timezone))
    for key, value in (("from", start), ("until", until)):
        if value is not None:
            yield from reading.of_key(f"{path}.{key}", key, value)


class _Reading:
    """One `when` on its way."""

    def __init__(self, zone: ZoneInfo) -> None:
        self.zone = zone

    def conditions(self, path: str, when: When) -> Iterator[Condition]:
        for name in When.model_fields:
            value = getattr(when, name)
            if value is not None:
                key = When.model_fields[name].alias or name
                yield from self.of_key(f"{path}.{key}", key, value)

    def of_key(self, path: str, key: str, value: Any) -> Iterator[Condition]:  # noqa: ANN401 - as its key has it
        if key in NAMED:
            for name, wanted in value.items():
                yield _words(f"{path}.{name}", key, wanted, name)
        elif key in FACTS:
            yield _words(path, key, value, "")
        elif key in FLAGS:
            yield flag(path, key, wanted=value)
        elif key in AMOUNTS:
            excluded = getattr(value, "excluded", value)
            yield amount(path, key, tuple(map(_amounts, listed(excluded))), negated=excluded is not value)
        elif key == "published":
            yield _age(path, value)
        elif key in ("from", "until"):
            at = moment(value, self.zone)
            yield times(path, key, (Window(self.zone, at) if key == "from" else Window(self.zone, end=at),))
        elif key == "schedule":
            yield times(path, key, tuple(map(self.window, listed(value))))
        else:
            yield from self.combined(path, key, value)

    def combined(self, path: str, key: str, parts: tuple[When, ...]) -> Iterator[Condition]:
        """What a combination asks for; the parts of "all" hold as if they stood by themselves."""
        made = [tuple(self.conditions(f"{path}[{n}]", part)) for n, part in enumerate(parts)]
        if key == "any":
            yield any_of(path, tuple(made))
        for n, part in enumerate(made):
            if key == "all":
                yield from part
            elif key == "none":
                yield none_of(f"{path}[{n}]", part)

    def window(self, written: Schedule) -> Window:
        return Window(
            self.zone,
            None if written.start is None else moment(written.start, self.zone),
            None if written.until is None else moment(written.until, self.zone),
            listed(written.weekdays),
            listed(written.hours),
        )


def _words(path: str, fact: str, value: Any, name: str) -> Condition:  # noqa: ANN401 - one, several or a Not
    excluded = getattr(value, "excluded", value)
    return condition(path, fact, listed(excluded), negated=excluded is not value, name=name)


def _amounts(written: Amounts | Range | str) -> Amounts | str:
    return Amounts(written.min, written.max) if isinstance(written, Range) else written


def _age(path: str, value: Any) -> Condition:  # noqa: ANN401 - an age, "present" or a Not
    excluded = getattr(value, "excluded", value)
    within, before = (excluded.within, excluded.before) if isinstance(excluded, Ages) else (None, None)
    return age(path, within, before, negated=excluded is not value)
