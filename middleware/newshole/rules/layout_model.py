"""The layout of a rules file, as it is written: bounds over all blocks of a page."""

from __future__ import annotations

from typing import Annotated

from pydantic import BeforeValidator, Discriminator, Tag

from newshole.rules.places import (
    A_DISTANCE,
    Clearance,
    Distances,
    PerDevice,
    Share,
    ShareByDevice,
)
from newshole.rules.words import (
    Count,
)
from newshole.rules.written import Written, expected


class Sides(Written):
    """Room above a thing and below it."""

    before: Clearance | None = None
    after: Clearance | None = None


def _clear_shape(written: object) -> object:
    if not isinstance(written, (str, dict, Sides)):
        raise expected(f'{A_DISTANCE}, "never", or a mapping of "before" and "after"')
    return written


Room = Annotated[
    Annotated[Clearance, Tag("(both)")] | Annotated[Sides, Tag("(sides)")],
    Discriminator(lambda written: "(both)" if isinstance(written, str) else "(sides)"),
    BeforeValidator(_clear_shape),
]
"""A distance on both sides, `never` for the gap that touches it, or each side by itself."""


class ClearWritten(Written):
    """Room around things in the story."""

    heading: Room | None = None
    image: Room | None = None
    video: Room | None = None
    embed: Room | None = None
    list: Room | None = None
    quote: Room | None = None
    table: Room | None = None
    other: Room | None = None
    """What is none of these: an aside, a chart, a form, a rule."""


class StoryBounds(Written):
    """How long a story must be."""

    min: Distances
    """Shorter ones get blocks in the stacks only."""


class LayoutWritten(Written):
    """Bounds over all blocks of a page."""

    gap: Distances | None = None
    """Between two places in the body."""
    start: Distances | None = None
    """No place inside the body is nearer to its start."""
    end: Distances | None = None
    """No place inside the body is nearer to its end."""
    story: StoryBounds | None = None
    ads_apart: Distances | None = None
    """Between two ads in the body, beside `gap`."""
    density: PerDevice[Share, ShareByDevice] | None = None
    """At most this part of the body's height may be ads."""
    blocks: Count | None = None
    """At most so many on a page."""
    ads: Count | None = None
    """At most so many ads on a page."""
    clear: ClearWritten | None = None
