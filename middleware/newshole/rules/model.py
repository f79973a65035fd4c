"""The keys of a rules file. What a value may be is said in `words` and `kinds`, here is what stands where."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any, Final, Literal, TypeAlias

from pydantic import BeforeValidator, ConfigDict, Discriminator, Field, Tag, create_model
from pydantic.fields import FieldInfo

from newshole.page.outline import STACKS
from newshole.rules.conditions import When, late_facts
from newshole.rules.contradictions import contradictions
from newshole.rules.kinds import Ad, Follow, Html, Newsletter, Source, Stories, StoryEntry, Strip, Video
from newshole.rules.named import same_names, unknown_blocks
from newshole.rules.places import (
    A_DISTANCE,
    AnyDistance,
    Clearance,
    Distances,
    PerDevice,
    PixelsByDevice,
    Place,
    RepeatWritten,
    Share,
    ShareByDevice,
    UnitKind,
)
from newshole.rules.relations import relations
from newshole.rules.ruleset import Distance
from newshole.rules.screens import ScreensWritten
from newshole.rules.signals import Sensitivity
from newshole.rules.telling import VaryWritten
from newshole.rules.words import (
    BlockId,
    Count,
    EntryName,
    Flag,
    Host,
    Most,
    OneOrSeveral,
    OwnLanguage,
    Pattern,
    Pixels,
    Rank,
    RulePath,
    Selector,
    Several,
    Text,
    Timezone,
    Url,
)
from newshole.rules.written import Conflict, Written, expected, found_in, just_one, nearest, one_of


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
    """URLs of `stories`, in the order in which `source: pinned` shows them."""

    @classmethod
    def conflicts(cls, written: Mapping[str, object]) -> Iterator[Conflict]:
        known = [each.get("url") for each in found_in(written, "stories") if isinstance(each, dict)]
        for n, url in enumerate(found_in(written, "pinned")):
            if isinstance(url, str) and url not in known:
                meant = nearest(url, [each for each in known if isinstance(each, str)])
                hint = f'; did you mean "{meant}"?' if meant else ""
                sentence = f'no story of "stories" has the url "{url}"{hint}'
                yield Conflict(sentence, ("pinned", n), lacks=("stories",))


class AvoidWritten(Written):
    """Where a block does not stand: near units of a kind, or near a text."""

    model_config = just_one("near", "text", "no_text")
    near: OneOrSeveral[UnitKind] | None = None
    text: Pattern | None = None
    """A text that has this pattern, in the syntax of RE2."""
    no_text: Pattern | None = None
    """Anywhere but near a text that has this pattern."""
    within: AnyDistance = Distance(1, "units")
    """What is nearer than this is near: 1 unit is the one beside the place."""

    @classmethod
    def conflicts(cls, written: Mapping[str, object]) -> Iterator[Conflict]:
        yield from one_of(written, "near", "text", "no_text")


class BlockWritten(Written):
    """What every block has, whatever its kind."""

    kind: str
    place: Place | None = None
    """Where the block stands."""
    prefer: Several[Place] | None = None
    """Places in the order of preference, in the place of `place`."""
    repeat: RepeatWritten | None = None
    priority: Rank = 0
    """A higher one is never given up for any number of lower ones."""
    exact: Flag = False
    """There or not at all; otherwise the nearest allowed gap will do."""
    required: Flag = False
    """Before every priority."""
    when: When | None = None
    gap: Distances | None = None
    """Between this block and any other in the body, in the place of the layout's."""
    start: Distances | None = None
    """In the place of the layout's."""
    end: Distances | None = None
    """In the place of the layout's."""
    story: StoryBounds | None = None
    """In the place of the layout's."""
    clear: ClearWritten | None = None
    """Over the layout's, thing by thing."""
    avoid: Several[AvoidWritten] | None = None
    inside: Selector | None = None
    """Only in elements that this CSS selects."""
    not_inside: Selector | None = None
    """Not in elements that this CSS selects."""
    max: Most | None = None
    """At most so many copies on a page, whatever asks for them."""
    needs: OneOrSeveral[Text] | None = None
    """Blocks or kinds that must be on the page too."""
    excludes: OneOrSeveral[Text] | None = None
    """Blocks or kinds that must not be on the page too."""
    group: Text | None = None
    """Of the blocks of one group only one is on a page."""
    fallback: BlockId | None = None
    """The block that stands in where this one has nothing to show or may not come."""

    @classmethod
    def conflicts(cls, written: Mapping[str, object]) -> Iterator[Conflict]:
        yield from super().conflicts(written)
        if "place" in written and "prefer" in written:
            yield Conflict('"prefer" and "place" do not go together; keep one', ("prefer", "[key]"))
        if "repeat" in written and _is_stacked(written):
            yield Conflict(
                '"repeat" needs a place in the text, or none: copies are not counted from a stack',
                ("repeat", "[key]"),
            )


def _is_stacked(written: Mapping[str, object]) -> bool:
    """Whether every place of a block is a named stack or an element that a selector finds."""
    prefer = written.get("prefer", written.get("place"))
    places = prefer if isinstance(prefer, (list, tuple)) else [prefer]
    return bool(places) and all(_is_counted_from_nowhere(place) for place in places)


def _is_counted_from_nowhere(place: object) -> bool:
    """Whether a place is none in the text: a stack, or an element anywhere."""
    return (isinstance(place, str) and place in STACKS) or (
        isinstance(place, Mapping) and "selector" in place
    )


KindName = Literal["ad", "stories", "follow", "video", "source", "strip", "newsletter", "html"]


class UnknownBlock(BlockWritten):
    """A block whose kind is missing or wrong, so that only what every block has can be checked."""

    model_config = ConfigDict(extra="ignore")
    kind: KindName

    @classmethod
    def conflicts(cls, written: Mapping[str, object]) -> Iterator[Conflict]:  # noqa: ARG003 - first the kind
        return iter(())


class AdBlock(BlockWritten, Ad):
    """An ad slot."""

    kind: Literal["ad"]


class StoriesBlock(BlockWritten, Stories):
    """A list of stories."""

    kind: Literal["stories"]


class FollowBlock(BlockWritten, Follow):
    """A call to follow the site in a network."""

    kind: Literal["follow"]


class VideoBlock(BlockWritten, Video):
    """A video promo."""

    kind: Literal["video"]


class SourceBlock(BlockWritten, Source):
    """Where a syndicated story came from."""

    kind: Literal["source"]


class StripBlock(BlockWritten, Strip):
    """A thin strip of weather and date."""

    kind: Literal["strip"]


class NewsletterBlock(BlockWritten, Newsletter):
    """A sign-up for a newsletter."""

    kind: Literal["newsletter"]


class HtmlBlock(BlockWritten, Html):
    """The operator's own snippet."""

    kind: Literal["html"]


def _partly(model: type[BlockWritten], name: str) -> type[Written]:
    """The same keys, none of them needed and none judged beside another one."""
    fields: dict[str, Any] = {}
    for key, field in model.model_fields.items():
        if key != "kind":
            copied = FieldInfo.merge_field_infos(field, default=None, default_factory=None)
            fields[key] = (field.annotation | None, copied)  # type: ignore[operator]  # an annotation, never None
    made: type[Written] = create_model(name, __base__=Written, __doc__=model.__doc__, **fields)
    return made


BLOCKS: Final[Mapping[str, type[BlockWritten]]] = {
    "ad": AdBlock,
    "stories": StoriesBlock,
    "follow": FollowBlock,
    "video": VideoBlock,
    "source": SourceBlock,
    "strip": StripBlock,
    "newsletter": NewsletterBlock,
    "html": HtmlBlock,
}
"""The model of a block by its kind."""

PARTS: Final = {name: _partly(model, f"{model.__name__}Defaults") for name, model in BLOCKS.items()}
"""The same with every key left to choice."""


def _kind_form(written: object) -> str:
    kind = written.get("kind") if isinstance(written, dict) else None
    return f"({kind})" if isinstance(kind, str) and kind in BLOCKS else "(unknown)"


AnyBlock: TypeAlias = Annotated[
    Annotated[AdBlock, Tag("(ad)")]
    | Annotated[StoriesBlock, Tag("(stories)")]
    | Annotated[FollowBlock, Tag("(follow)")]
    | Annotated[VideoBlock, Tag("(video)")]
    | Annotated[SourceBlock, Tag("(source)")]
    | Annotated[StripBlock, Tag("(strip)")]
    | Annotated[NewsletterBlock, Tag("(newsletter)")]
    | Annotated[HtmlBlock, Tag("(html)")]
    | Annotated[UnknownBlock, Tag("(unknown)")],
    Discriminator(_kind_form),
]

Defaults: type[Written] = create_model(
    "Defaults",
    __base__=Written,
    __doc__="What blocks of a kind have where they do not say it themselves.",
    **{name: (model | None, None) for name, model in PARTS.items()},  # type: ignore[call-overload]
)


class ExistingWritten(Written):
    """What the site has in its stories itself, where newshole does not see it by itself."""

    ads: OneOrSeveral[Selector] | None = None
    """Elements that are ads."""
    promos: OneOrSeveral[Selector] | None = None
    """Elements that are promos: related stories, calls to follow, sign-ups."""


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
    articles: Several[ArticleWritten] | None = None
    """Which pages are articles; told by itself where absent."""
    layout: LayoutWritten = LayoutWritten()
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

    @classmethod
    def conflicts(cls, written: Mapping[str, object]) -> Iterator[Conflict]:
        yield from unknown_blocks(written)
        for key in ("pages", "overrides"):
            yield from same_names(written, key)
        yield from contradictions(written)
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
