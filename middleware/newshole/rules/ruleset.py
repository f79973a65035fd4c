"""Rules, compiled: what the planner, the blocks and the site read. Made by `compile`, never by hand."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final, Literal, TypeAlias

from newshole.page.screen import Metrics
from newshole.rules.kinds import BlockOptions, StoryEntry
from newshole.rules.sensitivity import Policy
from newshole.rules.targeting import Condition, all_hold
from newshole.rules.telling import NOTHING_TOLD, Telling
from newshole.types import Reader, Reason, Story

MOST_COMBINATIONS: Final = 64
"""Combinations of overrides that are kept for one site's rules."""

Measure: TypeAlias = Literal["units", "paragraphs", "words", "px", "screens", "of"]
Side: TypeAlias = Literal["before", "after"]


@dataclass(frozen=True, slots=True)
class Distance:
    """A distance in the text, such as `350 words`; one of a `device` holds on that alone.

    `selector` is the CSS of what is counted where the measure is "of" (`5 of ".post"`). Only screens come in
    fractions.
    """

    amount: float
    measure: Measure
    selector: str = ""
    device: str | None = None

    def __str__(self) -> str:
        if self.measure == "px":
            return f"{self.amount:g} px"
        if self.measure == "of":
            return f'{self.amount:g} of "{self.selector}"'
        return f"{self.amount:g} {self.measure if self.amount != 1 else self.measure[:-1]}"


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
class Clear:
    """The room that a block must leave `before` a unit of `kind` and `after` it.

    "never" is written as 1 unit, for it forbids just the gap that touches the unit.
    """

    kind: str
    before: tuple[Bound, ...] = ()
    after: tuple[Bound, ...] = ()


Rooms: TypeAlias = Mapping[tuple[str, Side], tuple[Bound, ...]]
"""The same by kind and side."""


def rooms_of(clear: tuple[Clear, ...]) -> Rooms:
    """Every side by itself."""
    above: Rooms = {(each.kind, "before"): each.before for each in clear}
    return {**above, **{(each.kind, "after"): each.after for each in clear}}


def with_rooms(clear: tuple[Clear, ...], rooms: Rooms) -> tuple[Clear, ...]:
    """The rooms with others in the place of theirs, side by side."""
    found = {**rooms_of(clear), **rooms}
    kinds = dict.fromkeys(kind for (kind, _), bounds in found.items() if bounds)
    return tuple(
        Clear(kind, found.get((kind, "before"), ()), found.get((kind, "after"), ())) for kind in kinds
    )


@dataclass(frozen=True, slots=True)
class Density:
    """At most this `share` of the body's height, from 0 to 1, may be ads on a `device`."""

    path: str
    device: str
    share: float

    def __str__(self) -> str:
        return f"{self.share:.0%} on {self.device}"


@dataclass(frozen=True, slots=True)
class Layout:
    """Bounds over all blocks of a page; an empty tuple or None bounds nothing."""

    gap: tuple[Bound, ...] = ()
    ads_apart: tuple[Bound, ...] = ()
    start: tuple[Bound, ...] = ()
    end: tuple[Bound, ...] = ()
    story: tuple[Bound, ...] = ()
    clear: tuple[Clear, ...] = ()
    density: tuple[Density, ...] = ()
    blocks: Limit | None = None
    ads: Limit | None = None


@dataclass(frozen=True, slots=True)
class Avoid:
    """No place near units: of the kinds `near`, or those whose text has a pattern; nearer than `within`.

    With `is_wanted` it is the other way round: no place that is not so near to such a text.
    """

    path: str
    within: tuple[Distance, ...]
    near: tuple[str, ...] = ()
    text: str = ""
    is_wanted: bool = False

    def __str__(self) -> str:
        what = f'text like "{self.text}"' if self.text else " or ".join(self.near)
        within = " or ".join(f"{each} on {each.device}" if each.device else str(each) for each in self.within)
        return f"{'a' if self.is_wanted else 'no'} {what} within {within}"


@dataclass(frozen=True, slots=True)
class Own:
    """What one block asks for beside the layout; None where the layout's own bound holds for it too.

    `clear` goes over the layout's kind by kind. `needs` and `excludes` hold ids and kinds of blocks.
    """

    gap: tuple[Bound, ...] | None = None
    start: tuple[Bound, ...] | None = None
    end: tuple[Bound, ...] | None = None
    story: tuple[Bound, ...] | None = None
    clear: tuple[Clear, ...] = ()
    avoid: tuple[Avoid, ...] = ()
    inside: str | None = None
    not_inside: str | None = None
    most: Limit | None = None
    needs: tuple[str, ...] = ()
    excludes: tuple[str, ...] = ()
    group: str | None = None

    def over(self, layout: Layout) -> Layout:
        """The layout as it is for the block."""
        kinds = {each.kind for each in self.clear}
        return replace(
            layout,
            gap=layout.gap if self.gap is None else self.gap,
            start=layout.start if self.start is None else self.start,
            end=layout.end if self.end is None else self.end,
            story=layout.story if self.story is None else self.story,
            clear=(*(each for each in layout.clear if each.kind not in kinds), *self.clear),
        )


NOTHING_OWN: Final = Own()


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
    """The nearest allowed gap to a point of the body: `percent` of it, or a distance from its start, one
    for all devices or one for each."""

    path: str
    distance: tuple[Distance, ...] = ()
    percent: float | None = None


@dataclass(frozen=True, slots=True)
class Between:
    """Anywhere from `low` to `high` percent of the body, the nearer to the middle of it the better."""

    path: str
    low: float
    high: float


Where: TypeAlias = Literal["before", "after", "prepend", "append"]


@dataclass(frozen=True, slots=True)
class Selected:
    """Beside or inside the elements that a CSS `selector` finds on the page, those that `nth` picks: 1 the
    first, -1 the last, all of them where it is empty."""

    path: str
    selector: str
    where: Where
    nth: tuple[int, ...] = (1,)

    @property
    def name(self) -> str:
        return f"{self.where} {self.selector}"


Place: TypeAlias = Stack | Anchor | At | Between | Selected


@dataclass(frozen=True, slots=True)
class Repeat:
    """Up to `most` further copies, one per `every`, counted from `start`, or from the place where None.

    `every` holds one distance, or one for each device.
    """

    path: str
    every: tuple[Distance, ...]
    start: tuple[Distance, ...] = ()
    most: int | None = None


@dataclass(frozen=True, slots=True)
class Block:
    """One configured thing to insert.

    `prefer` holds the places in the order of preference, one entry where the rules say `place`; it is
    empty where the block has a `repeat` alone, or only stands in for another one as its `fallback`. A
    `required` block goes before every priority. `options` is the model of the block's kind in `kinds`.
    """

    id: str
    kind: str
    options: BlockOptions
    prefer: tuple[Place, ...] = ()
    repeat: Repeat | None = None
    priority: int = 0
    exact: bool = False
    when: tuple[Condition, ...] = ()
    own: Own = NOTHING_OWN
    required: bool = False
    fallback: str | None = None

    @property
    def path(self) -> str:
        return f"blocks.{self.id}"


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """What the browser adds to a page: at a `place`, `heights` high in CSS pixels (mobile, desktop)."""

    name: str
    place: Place
    heights: tuple[int, int]
    is_ad: bool = True

    @property
    def path(self) -> str:
        return f"elsewhere.{self.name}"


@dataclass(frozen=True, slots=True)
class Articles:
    """One entry of `articles`: pages that meet every condition; `body` is a CSS selector, None to find it."""

    when: tuple[Condition, ...]
    body: str | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """One entry of `pages`: pages that are no articles and meet every condition get the `blocks` alone;
    with `fragments`, also in answer to a script that fetches a part of a page."""

    path: str
    when: tuple[Condition, ...]
    blocks: frozenset[str]
    fragments: bool = False


Entry: TypeAlias = Articles | Page


@dataclass(frozen=True, slots=True)
class Change:
    """What an override gives one block: fields of `Block`, of its bounds, and of its kind's options."""

    fields: Mapping[str, Any] = field(default_factory=dict)
    own: Mapping[str, Any] = field(default_factory=dict)
    clear: Rooms = field(default_factory=dict)
    options: Mapping[str, Any] = field(default_factory=dict)

    def of(self, block: Block) -> Block:
        """The block, changed."""
        options: Any = block.options
        if self.options:
            options = options.model_copy(update=dict(self.options))
        own = block.own
        if self.own or self.clear:
            own = replace(own, clear=with_rooms(own.clear, self.clear), **self.own)
        return replace(block, options=options, own=own, **self.fields)


@dataclass(frozen=True, slots=True)
class Override:
    """One entry of `overrides`, as what it changes: fields of `Rules` and of its `Layout`, and blocks by id.

    Blocks in `drop` are left out, and those that are not in `only`, where that is given.
    """

    name: str
    when: tuple[Condition, ...] = ()
    fields: Mapping[str, Any] = field(default_factory=dict)
    layout: Mapping[str, Any] = field(default_factory=dict)
    clear: Rooms = field(default_factory=dict)
    blocks: Mapping[str, Change] = field(default_factory=dict)
    drop: frozenset[str] = frozenset()
    only: tuple[str, ...] | None = None

    @property
    def path(self) -> str:
        return f"overrides[{self.name}]"

    def refusal(self, block: str) -> Reason | None:
        """Why a block is left out under this override; None where it is not."""
        if block in self.drop:
            return Reason("dropped", f"{self.path}.drop", "a page without the block", block)
        if self.only is not None and block not in self.only:
            return Reason("dropped", f"{self.path}.only", " or ".join(self.only), block)
        return None

    def of(self, rules: Rules) -> Rules:
        """The rules, changed; their blocks keep their ranks."""
        blocks = tuple(
            self.blocks[block.id].of(block) if block.id in self.blocks else block for block in rules.blocks
        )
        refused = {block.id: reason for block in blocks if (reason := self.refusal(block.id))}
        layout = replace(rules.layout, clear=with_rooms(rules.layout.clear, self.clear), **self.layout)
        return replace(
            rules, **self.fields, blocks=blocks, layout=layout, dropped={**refused, **rules.dropped}
        )


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
    elsewhere: tuple[Elsewhere, ...] = ()
    existing: tuple[tuple[str, str], ...] = ()
    """Kinds of units ("ad", "promo"), each with the CSS selector of what the site has of it in stories."""
    spans: tuple[str, ...] = ()
    """The CSS selectors of elements that distances count, or that blocks stand inside or outside of."""
    reads_texts: bool = False
    """Whether some bound looks at the texts of units."""
    reads_heights: bool = False
    """Whether pixels or screens count for some bound or place."""
    digest: str = ""
    facts_used: frozenset[str] = field(default_factory=frozenset)
    """Reader facts that some `when` looks at, such as "device"."""
    telling: Telling = NOTHING_TOLD
    """What tells those facts, and what pages vary by."""
    metas_used: frozenset[str] = field(default_factory=frozenset)
    """Lower-case names of the meta elements that some `when` looks at."""
    jsonld_used: frozenset[str] = field(default_factory=frozenset)
    """Dotted paths in JSON-LD that some `when` looks at."""
    authors_used: bool = False
    """Whether some `when` looks at who wrote a story."""
    metrics: Metrics = field(default_factory=Metrics)
    """How the site sets its stories, which heights are estimated from."""
    host_names: tuple[str, ...] = ()
    """`hosts` as they are written ("*.news.example")."""
    sensitivity: Policy | None = None
    """What the rules say of sensitive stories; without it none is."""
    overrides: tuple[Override, ...] = ()
    pages: tuple[Page, ...] = ()
    selectors: tuple[str, ...] = ()
    """Every CSS selector that some rule, or some override, looks for on pages."""
    dropped: Mapping[str, Reason] = field(default_factory=dict)
    """Blocks that the overrides leave out, by id, in rules that `under` gives."""
    _combined: dict[tuple[int, ...], Rules] = field(default_factory=dict, repr=False, compare=False)

    def active(self, story: Story, reader: Reader, url: str) -> tuple[int, ...]:
        """The overrides whose conditions all hold, by their number."""
        return tuple(
            n for n, override in enumerate(self.overrides) if all_hold(override.when, story, reader, url)
        )

    def under(self, active: tuple[int, ...]) -> Rules:
        """The rules with these overrides applied, in order, so that the later ones go over the earlier."""
        if not active:
            return self
        made = self._combined.get(active)
        if made is None:
            made = replace(self, _combined={})
            for n in active:
                made = self.overrides[n].of(made)
            if len(self._combined) >= MOST_COMBINATIONS:
                self._combined.clear()
            self._combined[active] = made
        return made

    def entries(self) -> Iterator[Entry]:
        """The entries of `articles` and then of `pages`: of those that a page meets the first is its own."""
        yield from self.articles
        yield from self.pages

    @property
    def conditions(self) -> tuple[Condition, ...]:
        """Every condition that there is, of what overrides change too."""
        changes = (change for override in self.overrides for change in override.blocks.values())
        whens = [each.when for each in self.blocks]
        whens += [each.when for each in self.entries()]
        whens += [each.when for each in self.overrides]
        whens += [change.fields.get("when", ()) for change in changes]
        return tuple(condition for when in whens for condition in when)


def selectors_of(
    blocks: tuple[Block, ...], articles: tuple[Articles, ...], overrides: tuple[Override, ...]
) -> tuple[str, ...]:
    """Every CSS selector that is looked for on some page."""
    changes = (change for override in overrides for change in override.blocks.values())
    places = [each for block in blocks for each in block.prefer]
    places += [each for change in changes for each in change.fields.get("prefer", ())]
    found = [entry.body for entry in articles if entry.body is not None]
    found += [each.selector for each in places if isinstance(each, Selected)]
    return tuple(dict.fromkeys(found))
