"""The keys of a rules file. What a value may be is said in `words` and `kinds`, here is what stands where."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Final, Literal, TypeAlias, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Discriminator, Field, Tag, create_model
from pydantic.fields import FieldInfo

from newshole.page.outline import STACKS
from newshole.rules.kinds import Ad, Follow, Html, Newsletter, Source, Stories, StoryEntry, Strip, Video
from newshole.rules.places import A_DISTANCE, Clearance, Distances, Place, RepeatWritten
from newshole.rules.screens import ScreensWritten
from newshole.rules.words import (
    BlockId,
    Count,
    Flag,
    Host,
    OneOrSeveral,
    OwnLanguage,
    PathGlob,
    Rank,
    Selector,
    Several,
    T,
    Text,
    Timezone,
    Url,
)
from newshole.rules.written import Conflict, Written, expected, found_in, nearest


class Sides(Written):
    """Room above a heading and below it."""

    before: Clearance | None = None
    after: Clearance | None = None


def _clear_shape(written: object) -> object:
    if not isinstance(written, (str, dict, Sides)):
        raise expected(f'{A_DISTANCE}, "never", or a mapping of "before" and "after"')
    return written


class Clear(Written):
    """Room around things in the story."""

    heading: (
        Annotated[
            Annotated[Clearance, Tag("(both)")] | Annotated[Sides, Tag("(sides)")],
            Discriminator(lambda written: "(both)" if isinstance(written, str) else "(sides)"),
            BeforeValidator(_clear_shape),
        ]
        | None
    ) = None
    """A distance on both sides, `never` for the gap that touches it, or each side by itself."""


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
    blocks: Count | None = None
    """At most so many on a page."""
    ads: Count | None = None
    """At most so many ads on a page."""
    clear: Clear | None = None


class Not(Written):
    """The condition holds where none of these does."""

    excluded: OneOrSeveral[Text] = Field(alias="not")


class NotPath(Written):
    """The condition holds where none of these paths matches."""

    excluded: OneOrSeveral[PathGlob] = Field(alias="not")


DeviceName = Literal["mobile", "desktop", "present"]


class NotDevice(Written):
    """The condition holds on every other device."""

    excluded: OneOrSeveral[DeviceName] = Field(alias="not")


def _when_form(written: object) -> str:
    if isinstance(written, (list, tuple)):
        return "(list)"
    return "(not)" if isinstance(written, (dict, BaseModel)) else "(one)"


N = TypeVar("N", bound=Written)

Fact = Annotated[
    Annotated[T, Tag("(one)")] | Annotated[Several[T], Tag("(list)")] | Annotated[N, Tag("(not)")],
    Discriminator(_when_form),
]
"""What a fact must be: a value, one of a list, or not those of an `N`."""


class When(Written):
    """Conditions, which must all hold: each a value, a list of which one must fit, `present`, or {not: …}."""

    path: Fact[PathGlob, NotPath] | None = None
    """The URL's path: `/world/**` for all below /world, `*` within one part."""
    section: Fact[Text, Not] | None = None
    tag: Fact[Text, Not] | None = None
    type: Fact[Text, Not] | None = None
    """A schema.org or OpenGraph type, such as NewsArticle."""
    language: Fact[Text, Not] | None = None
    """`en` fits en-GB too."""
    device: Fact[DeviceName, NotDevice] | None = None


class ArticleWritten(When):
    """One kind of article page, and where its story is."""

    body: Selector | None = None
    """The element that holds the story's text; found by itself where absent."""


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
    when: When | None = None

    @classmethod
    def conflicts(cls, written: Mapping[str, object]) -> Iterator[Conflict]:
        yield from super().conflicts(written)
        ways = ("place", "prefer", "repeat")
        if not any(way in written for way in ways):
            yield Conflict('needs "place", "prefer" or "repeat"', lacks=ways)
        if "place" in written and "prefer" in written:
            yield Conflict('"prefer" and "place" do not go together; keep one', ("prefer", "[key]"))
        if "repeat" in written and _is_stacked(written):
            yield Conflict(
                '"repeat" needs a place in the text, or none: copies are not counted from a stack',
                ("repeat", "[key]"),
            )


def _is_stacked(written: Mapping[str, object]) -> bool:
    """Whether every place of a block is a named stack."""
    prefer = written.get("prefer", written.get("place"))
    places = prefer if isinstance(prefer, (list, tuple)) else [prefer]
    return bool(places) and all(isinstance(place, str) and place in STACKS for place in places)


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
    articles: Several[ArticleWritten] | None = None
    """Which pages are articles; told by itself where absent."""
    layout: LayoutWritten = LayoutWritten()
    screen: ScreensWritten | None = None
    """How the site sets its stories, where pixels and screens count; `newshole measure` says it."""
    library: Library = Library()
    defaults: Defaults | None = None
    blocks: dict[BlockId, AnyBlock] = Field(default_factory=dict)
    """What is put on pages, by ids of the operator's choice; those of one place stand in this order."""

    @classmethod
    def conflicts(cls, written: Mapping[str, object]) -> Iterator[Conflict]:
        articles = found_in(written, "articles")
        for n, entry in enumerate(articles[:-1]):
            if isinstance(entry, dict) and not entry.keys() - {"body"}:
                yield Conflict(f"never reached: articles[{n}] takes every page", ("articles", n + 1))
                return
