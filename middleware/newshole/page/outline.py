"""What the planner sees of a page: units, gaps and the named stacks, at byte offsets."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

UNIT_KINDS: Final = (
    "paragraph", "heading", "image", "video", "embed", "list", "quote", "table", "code", "other",
)  # fmt: skip

STACKS: Final = (
    "page-top", "headline-before", "headline-after", "body-start", "body-end", "body-after", "page-bottom",
)  # fmt: skip
"""The named stacks, in the order in which they stand on a page as a rule."""


@dataclass(frozen=True, slots=True)
class Unit:
    """A run of body content that must not be split: bytes `start` to `end` of the page, of one of `UNIT_KINDS`.

    `words` counts what a reader sees of it. A paragraph without visible text is of kind "other".
    """

    kind: str
    start: int
    end: int
    words: int


@dataclass(frozen=True, slots=True)
class Gap:
    """A place between units `unit - 1` and `unit`, at a byte offset, where a block may go.

    `words` and `paragraphs` count what stands in the body before it.
    """

    offset: int
    unit: int
    words: int
    paragraphs: int


@dataclass(frozen=True, slots=True)
class Outline:
    """The story body as planning sees it.

    `gaps` lie strictly between two units, in document order; a place without a known tag edge is no gap.
    `stacks` maps each of `STACKS` that the page has to its byte offset. `body` is the byte span of the
    units, from the first one's start to the last one's end.
    """

    units: tuple[Unit, ...]
    gaps: tuple[Gap, ...]
    stacks: Mapping[str, int]
    body: tuple[int, int]
    words: int
    paragraphs: int
