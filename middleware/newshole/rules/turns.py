"""When rules change a page by themselves: schedules that begin or end, stories that grow old."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from newshole.rules.ruleset import Rules
from newshole.rules.targeting import Condition, earliest, leaves, minute_of
from newshole.types import Reader, Story


def next_turn(when: Iterable[Condition], story: Story, reader: Reader, url: str) -> datetime | None:
    """The first moment after the reader's minute at which conditions may begin or cease to hold together.

    None for never. It may be one at which they stay as they are, but they never turn before it.
    """
    by_time = []
    for each in when:
        if turns(each):
            by_time.append(each)
        elif not each.holds(story, reader, url):
            return None
    return earliest(_turn(each, story, reader, url) for each in by_time)


def _turn(condition: Condition, story: Story, reader: Reader, url: str) -> datetime | None:
    if condition.turn is not None:
        return condition.turn(story, minute_of(reader))
    return earliest(next_turn(part, story, reader, url) for part in condition.parts)


def turns(condition: Condition) -> bool:
    """Whether time alone may make a condition begin or cease to hold."""
    return condition.turn is not None or any(each.turn is not None for each in leaves((condition,)))


def rules_turn(rules: Rules, under: Rules, story: Story, reader: Reader, url: str) -> datetime | None:
    """The first moment at which the rules may do something else with a page, None for never.

    `under` are the rules under the overrides that are active on it now.
    """
    whens = [each.when for each in rules.entries()]
    whens += [each.when for each in rules.overrides]
    whens += [each.when for each in under.blocks if each.id not in under.dropped]
    return earliest(next_turn(when, story, reader, url) for when in whens)
