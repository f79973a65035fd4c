"""Rules, compiled: what the planner, the blocks and the site read. Made by `compile`, never by hand."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from newshole.page.screen import Metrics
from newshole.rules.kinds import BlockOptions, StoryEntry
from newshole.rules.targeting import Condition

Measure: TypeAlias = Literal["units", "paragraphs", "words"]
Side: TypeAlias = Literal["before", "after"]


@dataclass(frozen=True, slots=True)
class Distance:
    """A distance in the text, such as `350 words`."""

    amount: int
    measure: Measure

    def __str__(self) -> str:
        return f"{self.amount} {self.measure if self.amount != 1 else self.measure[:-1]}"


@dataclass(frozen=True, slots=True)
class Bound:
    """A distance that must hold, and the path of the rule that asks for it ("layout.gap[0]")."""

    path: str
    distance: Distance


@dataclass(frozen=True, slots=True)
class Limit:
    """At most `most` of something on a page, and the path of the rule that says so."""

    path: str
    most: int


@dataclass(frozen=True, slots=True)
class Layout:
    """Bounds over all blocks of a page; an empty tuple or None bounds nothing.

    `after_heading` is the room that a block must leave below a heading, `before_heading` the room above
    one; "never" is written as 1 unit, for it forbids just the gap that touches the heading.
    """

    gap: tuple[Bound, ...] = ()
    start: tuple[Bound, ...] = ()
    end: tuple[Bound, ...] = ()
    story: tuple[Bound, ...] = ()
    before_heading: tuple[Bound, ...] = ()
    after_heading: tuple[Bound, ...] = ()
    blocks: Limit | None = None
    ads: Limit | None = None


@dataclass(frozen=True, slots=True)
class Stack:
    """One of the named stacks of `page.outline.STACKS`."""

    path: str
    name: str


@dataclass(frozen=True, slots=True)
class Anchor:
    """Right `side` of the units of `kind` ("unit" for any) that `nth` picks: 1 the first, -1 the last."""

    path: str
    side: Side
    kind: str
    nth: tuple[int, ...] = (1,)


@dataclass(frozen=True, slots=True)
class At:
    """The nearest allowed gap to a point of the body: a distance from its start, or `percent` of it."""

    path: str
    distance: Distance | None = None
    percent: float | None = None


Place: TypeAlias = Stack | Anchor | At


@dataclass(frozen=True, slots=True)
class Repeat:
    """Up to `most` further copies, one per `every`, counted from `start`, or from the place where None."""

    path: str
    every: Distance
    start: Distance | None = None
    most: int | None = None


@dataclass(frozen=True, slots=True)
class Block:
    """One configured thing to insert.

    `prefer` holds the places in the order of preference, one entry where the rules say `place`; it is
    empty where the block has a `repeat` alone. `options` is the model of the block's kind in `kinds`.
    """

    id: str
    kind: str
    options: BlockOptions
    prefer: tuple[Place, ...] = ()
    repeat: Repeat | None = None
    priority: int = 0
    exact: bool = False
    when: tuple[Condition, ...] = ()

    @property
    def path(self) -> str:
        return f"blocks.{self.id}"


@dataclass(frozen=True, slots=True)
class Articles:
    """One entry of `articles`: pages that meet every condition; `body` is a CSS selector, None to find it."""

    when: tuple[Condition, ...]
    body: str | None = None


@dataclass(frozen=True, slots=True)
class Rules:
    """The rules of one site, ready to use.

    `articles` is empty where the rules leave it to newshole to tell an article. `hosts` are lower-case
    host patterns, compiled; none means every host. `language` is None for the page's own.
    """

    name: str
    site: str
    blocks: tuple[Block, ...]
    layout: Layout = Layout()
    articles: tuple[Articles, ...] = ()
    hosts: tuple[re.Pattern[str], ...] = ()
    timezone: str = "UTC"
    language: str | None = None
    stories: tuple[StoryEntry, ...] = ()
    pinned: tuple[str, ...] = ()
    digest: str = ""
    facts_used: frozenset[str] = field(default_factory=frozenset)
    """Reader facts that some `when` looks at, such as "device"."""
    metrics: Metrics = field(default_factory=Metrics)
    """How the site sets its stories, which heights are estimated from."""
    host_names: tuple[str, ...] = ()
    """`hosts` as they are written ("*.news.example")."""
