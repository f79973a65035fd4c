"""Stories of feeds as entries of the library."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime

from newshole.library.entry import LONGEST_TITLE, LONGEST_WORD, MOST_TAGS, Entry
from newshole.library.feeds.told import FeedStory
from newshole.library.lead import LATEST, OLDEST
from newshole.library.subject import subject
from newshole.rules.sensitivity import Policy, level_told
from newshole.types import Story


def entries_of(
    stories: Iterable[FeedStory], policy: Policy | None, *, language: str, now: float
) -> Iterator[Entry]:
    """What the library keeps of a feed's stories, judged by the site's policy.

    `language` is the site's, for stories that do not say theirs; `now` is in seconds since 1970. A story that
    is dated in the future, or before there were news sites, is left out.
    """
    today = datetime.fromtimestamp(now, UTC)
    for each in stories:
        if each.published is None or OLDEST <= each.published <= today + LATEST:
            yield _entry(each, policy, language, now)


def _entry(story: FeedStory, policy: Policy | None, language: str, now: float) -> Entry:
    tags = tuple(each[:LONGEST_WORD] for each in story.tags[:MOST_TAGS])
    told = Story(title=story.title, section=story.section, tags=story.tags)
    spoken = story.language.replace("_", "-") or language
    return Entry(
        url=story.url,
        title=story.title[:LONGEST_TITLE],
        image=story.image,
        section=story.section[:LONGEST_WORD],
        tags=tags,
        language=spoken[:LONGEST_WORD],
        published=story.published,
        terms=subject(story.text),
        level=level_told(policy, told, spoken),
        source="feed",
        seen=now,
    )
