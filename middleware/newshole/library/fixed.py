"""The stories that the rules name, as entries; and the library of a site that has no others."""

from __future__ import annotations

import datetime as dt
from functools import lru_cache
from zoneinfo import ZoneInfo

from newshole.library.entry import Entry
from newshole.library.item import FIXED
from newshole.library.same import Same
from newshole.library.shelf import Shelf
from newshole.library.snapshot import Snapshot
from newshole.rules.library_model import StoryEntry
from newshole.rules.ruleset import Rules
from newshole.rules.sensitivity import Policy, level_told
from newshole.types import Story


def fixed_entries(rules: Rules) -> tuple[Entry, ...]:
    """The stories that the rules name, in their order; addresses stay as they are written."""
    return _entries(rules.stories, rules.sensitivity, rules.timezone, rules.language or "")


def fixed_stories(rules: Rules) -> Snapshot:
    """The library of a site that has no other stories than those of the rules, made once."""
    return _stocked(Same(rules.stories), Same(rules.sensitivity), rules.timezone, rules.language or "")


@lru_cache(maxsize=32)
def _stocked(
    stories: Same[tuple[StoryEntry, ...]], policy: Same[Policy | None], timezone: str, language: str
) -> Snapshot:
    return Shelf(_entries(stories.value, policy.value, timezone, language)).snapshot(0.0)


def _entries(
    stories: tuple[StoryEntry, ...], policy: Policy | None, timezone: str, language: str
) -> tuple[Entry, ...]:
    return tuple(
        Entry(
            url=each.url,
            title=each.title,
            image=each.image or "",
            section=each.section or "",
            tags=each.tags,
            language=each.language or "",
            published=_aware(each.published, ZoneInfo(timezone)),
            level=_level(each, policy, language),
            source=FIXED,
        )
        for each in stories
    )


def _level(story: StoryEntry, policy: Policy | None, language: str) -> str:
    """How sensitive a story is, as far as the rules tell that by what they say of it."""
    told = Story(title=story.title, section=story.section or "", tags=story.tags)
    return level_told(policy, told, story.language or language)


def _aware(published: dt.datetime | dt.date | None, zone: ZoneInfo) -> dt.datetime | None:
    """A moment with its zone; a day is its beginning."""
    if published is None:
        return None
    if not isinstance(published, dt.datetime):
        published = dt.datetime.combine(published, dt.time())
    return published if published.tzinfo else published.replace(tzinfo=zone)
