"""Rules, compiled: what the planner, the blocks and the site read. Made by `compile`, never by hand."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final, Literal, TypeAlias

from newshole.experiments.assignment import Holdout
from newshole.page.screen import Metrics
from newshole.rules.capping import Frequency
from newshole.rules.consent import BY_STATE, IN_BROWSER, Consent, waits, waits_by
from newshole.rules.experiments import Experiment
from newshole.rules.kinds import BlockOptions
from newshole.rules.layout import NO_BOUNDS, NOTHING_OWN, Distance, Layout, Own, Rooms, Side, with_rooms
from newshole.rules.library_model import FeedWritten, StoryEntry
from newshole.rules.sensitivity import Policy
from newshole.rules.spans import Age
from newshole.rules.targeting import Condition, all_hold
from newshole.rules.telling import NOTHING_TOLD, Telling
from newshole.types import Reader, Reason, Story

MOST_COMBINATIONS: Final = 64
"""Combinations of overrides that are kept for one site's rules."""


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
    `frequency` and `dismissed` are for the reader's browser; None where a block may not be closed.
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
    frequency: Frequency | None = None
    dismissed: Age | None = None

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
    """One entry of `overrides`, or an arm of an experiment, as what it changes: fields of `Rules` and of its
    `Layout`, and blocks by id. `name` is "" for an arm.

    Blocks in `drop` are left out, and those that are not in `only`, where that is given.
    """

    name: str
    path: str
    when: tuple[Condition, ...] = ()
    fields: Mapping[str, Any] = field(default_factory=dict)
    layout: Mapping[str, Any] = field(default_factory=dict)
    clear: Rooms = field(default_factory=dict)
    blocks: Mapping[str, Change] = field(default_factory=dict)
    drop: frozenset[str] = frozenset()
    only: tuple[str, ...] | None = None

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
class Feed:
    """A feed that is asked for what is new `every` so many seconds."""

    url: str
    every: float = 600.0


def feed_of(written: str | FeedWritten) -> Feed:
    """A feed as the rules write it."""
    whole = FeedWritten(url=written) if isinstance(written, str) else written
    return Feed(whole.url, whole.every.length.total_seconds())


@dataclass(frozen=True, slots=True)
class Learning:
    """What is kept of the stories that a site has beside those of the rules: at most `most`, none older than
    `oldest` in seconds. `has_traffic` says whether they are learned from the pages that pass. Their pictures
    may also be on `image_hosts`, host patterns compiled. `feeds` tell of stories too."""

    has_traffic: bool = True
    most: int = 10_000
    oldest: float = 730 * 86_400.0
    image_hosts: tuple[re.Pattern[str], ...] = ()
    feeds: tuple[Feed, ...] = ()


@dataclass(frozen=True, slots=True)
class Rules:
    """The rules of one site, ready to use.

    `articles` is empty where the rules leave it to newshole to tell an article. `hosts` are lower-case
    host patterns, compiled; none means every host. `language` is None for the page's own.
    """

    name: str
    site: str
    blocks: tuple[Block, ...]
    layout: Layout = NO_BOUNDS
    articles: tuple[Articles, ...] = ()
    hosts: tuple[re.Pattern[str], ...] = ()
    timezone: str = "UTC"
    language: str | None = None
    stories: tuple[StoryEntry, ...] = ()
    pinned: tuple[str, ...] = ()
    learning: Learning = Learning()
    elsewhere: tuple[Elsewhere, ...] = ()
    existing: tuple[tuple[str, str], ...] = ()
    """Kinds of units ("ad", "promo"), each with the CSS selector of what the site has of it in stories."""
    paragraph_words: int = 0
    """Words from which on a paragraph counts as one."""
    composes_hydrated: bool = False
    """Whether pages that a script draws again are composed all the same."""
    composes_amp: bool = False
    """Whether AMP pages get the ads that are for them."""
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
    """Lower-case names of the meta elements that some `when` looks at, or that some block shows."""
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
    consent: Consent = IN_BROWSER
    """Who tells what readers have agreed to."""
    overrides: tuple[Override, ...] = ()
    experiments: tuple[Experiment, ...] = ()
    """Their arms are the last of `overrides`."""
    holdout: Holdout | None = None
    measures_always: bool = False
    """Whether views are measured where there are no experiments."""
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

    def named(self, active: tuple[int, ...]) -> tuple[str, ...]:
        """The names of these overrides, of those that have one."""
        return tuple(name for n in active if (name := self.overrides[n].name))

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

    @property
    def variants(self) -> tuple[Rules, ...]:
        """The rules as they are, and under each override alone."""
        return (self, *(self.under((n,)) for n in range(len(self.overrides))))

    @property
    def is_measured(self) -> bool:
        """Whether views of its pages are measured, where events are kept."""
        return self.measures_always or bool(self.experiments)

    def entries(self) -> Iterator[Entry]:
        """The entries of `articles` and then of `pages`: of those that a page meets the first is its own."""
        yield from self.articles
        yield from self.pages

    @property
    def whens(self) -> tuple[tuple[Condition, ...], ...]:
        """The conditions that hold together, for each thing that has some; of what overrides change too."""
        whens = [each.when for each in self.blocks]
        whens += [each.when for each in self.entries()]
        whens += [each.when for each in self.overrides]
        whens += [when for each in self.experiments for when in each.unchanging]
        for override in self.overrides:
            changed = (change.fields.get("when", ()) for change in override.blocks.values())
            whens += [(*override.when, *when) for when in changed if when]
        return (*whens, *self._waiting)

    @property
    def _waiting(self) -> Iterator[tuple[Condition, ...]]:
        """The conditions of ads that wait for a reader's word, where the server decides: with each word the
        page is another."""
        if not self.consent.is_served:
            return
        yield from ((*each.when, *BY_STATE) for each in self.blocks if waits(each.options))
        waiting = {each.id for each in self.blocks if waits(each.options)}
        for override in self.overrides:
            changes = override.blocks.items()
            if any(name in waiting or waits_by(each.options.get("serve")) for name, each in changes):
                yield (*override.when, *BY_STATE)

    @property
    def conditions(self) -> tuple[Condition, ...]:
        """Every condition that there is."""
        return tuple(condition for when in self.whens for condition in when)
