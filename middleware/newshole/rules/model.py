"""The keys of a rules file. What a value may be is said in `words` and `kinds`, here is what stands where."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal

from pydantic import Field

from newshole.rules.block_model import BLOCKS, AnyBlock, Defaults
from newshole.rules.conditions import When, late_facts
from newshole.rules.consent_model import ConsentKey, untold
from newshole.rules.contradictions import contradictions
from newshole.rules.experiment_model import ExperimentWritten, HoldoutWritten
from newshole.rules.fairness import unfair
from newshole.rules.layout_model import LayoutWritten
from newshole.rules.library_model import FeedEntry, StoryEntry
from newshole.rules.named import same_names, unknown_blocks
from newshole.rules.places import (
    PerDevice,
    PixelsByDevice,
    Place,
)
from newshole.rules.quantities import AgeText
from newshole.rules.relations import relations
from newshole.rules.screens import ScreensWritten
from newshole.rules.signals import Sensitivity
from newshole.rules.spans import Age
from newshole.rules.telling import VaryWritten
from newshole.rules.words import (
    BlockId,
    Count,
    EntryName,
    Flag,
    Host,
    OneOrSeveral,
    OwnLanguage,
    Pixels,
    RulePath,
    Selector,
    Several,
    Shelved,
    Text,
    Timezone,
    Url,
)
from newshole.rules.written import Conflict, Written, found_in, meant


class ArticleWritten(When):
    """One kind of article page, and where its story is."""

    body: Selector | None = None
    """The element that holds the story's text; found by itself where absent."""

    @classmethod
    def conflicts(cls, written: Mapping[str, object]) -> Iterator[Conflict]:
        yield from super().conflicts(written)
        for at in late_facts(written):
            sentence = f'"{at[-1]}" is known only once a page is taken for an article; say it of blocks'
            yield Conflict(sentence, (*at, "[key]"))


class PageWritten(When):
    """One kind of page that is no article, and the blocks that go onto it."""

    name: EntryName
    blocks: Several[BlockId]
    """Those of them with a place that needs no story: a selector, `page-top`, `page-bottom`."""
    fragments: Flag = False
    """Also where a script fetches a part of a page."""


class OverrideWritten(Written):
    """A change over all of the rules where conditions hold; a later one goes over an earlier one."""

    name: EntryName
    when: When | None = None
    changes: dict[RulePath, Any] = Field(default_factory=dict, alias="set")
    """Values by the paths of rules: `layout.ads`, `blocks.inline-ad.serve`."""
    drop: OneOrSeveral[BlockId] | None = None
    """Blocks that are left out."""
    only: OneOrSeveral[BlockId] | None = None
    """All other blocks are left out."""

    @classmethod
    def conflicts(cls, written: Mapping[str, object]) -> Iterator[Conflict]:
        ways = ("set", "drop", "only")
        if not any(way in written for way in ways):
            yield Conflict('needs "set", "drop" or "only"', lacks=ways)


class Library(Written):
    """The stories that the site has."""

    stories: tuple[StoryEntry, ...] = ()
    pinned: tuple[Url, ...] = ()
    """URLs of stories, in the order in which `source: pinned` shows them."""
    learn: Flag = True
    """Whether stories are learned from the pages that pass."""
    most: Shelved = 10_000
    """So many learned stories are kept; the oldest go first."""
    oldest: AgeText = Age(2, "year")
    """Learned stories that are older are let go."""
    feeds: tuple[FeedEntry, ...] = ()
    """Feeds that tell of the site's stories, by their addresses."""
    images: OneOrSeveral[Host] | None = None
    """Hosts beside the site's own from which pictures of learned stories are shown."""

    @classmethod
    def conflicts(cls, written: Mapping[str, object]) -> Iterator[Conflict]:
        if written.get("learn", True) is not False or written.get("feeds"):
            return  # any story may come to be known
        known = [each.get("url") for each in found_in(written, "stories") if isinstance(each, dict)]
        for n, url in enumerate(found_in(written, "pinned")):
            if isinstance(url, str) and url not in known:
                hint = meant(url, [each for each in known if isinstance(each, str)])
                sentence = f'no story of "stories" has the url "{url}"{hint}'
                yield Conflict(sentence, ("pinned", n), lacks=("stories",))


class ExistingWritten(Written):
    """What the site has in its stories itself, where newshole does not see it by itself."""

    ads: OneOrSeveral[Selector] | None = None
    """Elements that are ads."""
    promos: OneOrSeveral[Selector] | None = None
    """Elements that are promos: related stories, calls to follow, sign-ups."""


class ParagraphWritten(Written):
    """What counts as a paragraph."""

    min_words: Count
    """One with fewer words is text, but not counted."""


class ElsewhereWritten(Written):
    """What a script of the site adds to a page in the browser, so that blocks keep away from it."""

    name: BlockId
    place: Place
    height: PerDevice[Pixels, PixelsByDevice]
    """In CSS pixels."""
    ad: Flag = True
    """Whether it counts as an ad."""


class RulesWritten(Written):
    """Where newshole puts blocks on a news site's pages."""

    site: Text | None = None
    """The site's name; that of the file where absent."""
    hosts: OneOrSeveral[Host] | None = None
    """The hosts that these rules are for, `*.` for any below; all where absent."""
    extends: Text | None = None
    """Another file, or a pack's name: the keys of this file go over that one's."""
    timezone: Timezone = "UTC"
    """In which dates are shown."""
    language: OwnLanguage = "auto"
    """Of labels and dates; `auto` for that of each page."""
    vary: VaryWritten | None = None
    """What tells the facts of readers, in front of the site."""
    consent: ConsentKey = "browser"
    """Who tells what readers have agreed to: the page's consent platform, in the browser, or the server."""
    articles: Several[ArticleWritten] | None = None
    """Which pages are articles; told by itself where absent."""
    layout: LayoutWritten = LayoutWritten()
    paragraph: ParagraphWritten | None = None
    """What counts as a paragraph, for places and distances."""
    hydrated: Literal["leave", "compose"] = "leave"
    """Pages that a script draws again in the browser, and with them what was put into them."""
    amp: Literal["leave", "compose"] = "leave"
    """AMP pages: with `compose` they get ads that are served by `amp`, and nothing else."""
    existing: ExistingWritten | None = None
    """The site's own ads and promos in its stories, beside those that are recognised."""
    elsewhere: Several[ElsewhereWritten] | None = None
    """What the browser will add: an anchor ad, an outstream player, a widget."""
    sensitivity: Sensitivity | None = None
    """What tells that a story is sensitive, and what that changes; `standard` for the ready policy."""
    screen: ScreensWritten | None = None
    """How the site sets its stories, where pixels and screens count; `newshole measure` says it."""
    library: Library = Library()
    defaults: Defaults | None = None
    blocks: dict[BlockId, AnyBlock] = Field(default_factory=dict)
    """What is put on pages, by ids of the operator's choice; those of one place stand in this order."""
    pages: Several[PageWritten] | None = None
    """Which pages that are no articles get blocks, and which."""
    overrides: Several[OverrideWritten] | None = None
    """Changes over all of these rules, for some stories or for some time."""
    experiments: dict[EntryName, ExperimentWritten] = Field(default_factory=dict)
    """Tests of rule values, by names of the operator's choice."""
    holdout: HoldoutWritten | None = None
    """Readers who are in no experiment."""
    measure: Literal["experiments", "always"] = "experiments"
    """Where views are measured: in rules with experiments, or always."""

    @classmethod
    def conflicts(cls, written: Mapping[str, object]) -> Iterator[Conflict]:
        yield from unknown_blocks(written)
        for key in ("pages", "overrides"):
            yield from same_names(written, key)
        yield from contradictions(written)
        yield from untold(written)
        yield from unfair(written)
        yield from unreached(found_in(written, "articles"))
        blocks = written.get("blocks")
        if isinstance(blocks, Mapping):
            named = {str(name): each for name, each in blocks.items() if isinstance(each, Mapping)}
            yield from relations(named, {kind: model.key_names() for kind, model in BLOCKS.items()})


def unreached(articles: Sequence[object]) -> Iterator[Conflict]:
    """The first entry behind one that takes every page, and each that asks for what an earlier one does."""
    asked = [
        {key: value for key, value in each.items() if key != "body"} if isinstance(each, dict) else None
        for each in articles
    ]
    for n, entry in enumerate(asked[:-1]):
        if entry == {}:
            yield Conflict(f"never reached: articles[{n}] takes every page", ("articles", n + 1))
            return
    for n, later in enumerate(asked):
        for earlier_n, earlier in enumerate(asked[:n]):
            if earlier and later and earlier.items() <= later.items():
                sentence = f"never reached: articles[{earlier_n}] takes all of its pages"
                yield Conflict(sentence, ("articles", n))
                break
