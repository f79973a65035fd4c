"""What is said of a page above its picture: its story, its size, its overrides, and the reader's arms."""

from __future__ import annotations

from collections.abc import Iterator

from newshole.plan.survey import counted
from newshole.site import Composition
from newshole.types import Story


def told_of(composition: Composition) -> Iterator[tuple[str, str]]:
    """Names and facts in the order in which they are told, without what is not known."""
    yield from _of_story(composition.story)
    if composition.outline is not None:
        outline = composition.outline
        sizes = (("unit", len(outline.units)), ("paragraph", outline.paragraphs), ("word", outline.words))
        yield "body", ", ".join(counted(count, name) for name, count in sizes)
    if composition.overrides:
        yield "overrides", ", ".join(composition.overrides)
    for name, arm in composition.arms.items():
        seen = " (another arm gives another page)" if name in composition.exposures else ""
        yield "experiment", f"{name}: {arm}{seen}"


def _of_story(story: Story) -> Iterator[tuple[str, str]]:
    """What the story says of itself."""
    facts = {
        "title": story.title,
        "section": story.section,
        "language": story.language,
        "types": ", ".join(story.types),
        "authors": ", ".join(story.authors),
        "tags": ", ".join(story.tags),
        "published": story.published and f"{story.published:%Y-%m-%d %H:%M}",
        "taken from": story.origin,
    }
    yield from ((name, fact) for name, fact in facts.items() if fact)
