"""Blocks as they are written: what every block has, whatever its kind, and the model of each kind."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Final, Literal, TypeAlias

from pydantic import ConfigDict, Discriminator, Tag, create_model
from pydantic.fields import FieldInfo

from newshole.page.outline import STACKS
from newshole.rules.capping import FrequencyWritten
from newshole.rules.conditions import When
from newshole.rules.kinds.ad import Ad
from newshole.rules.kinds.follow import Follow
from newshole.rules.kinds.html import Html
from newshole.rules.kinds.newsletter import Newsletter
from newshole.rules.kinds.paid import Paid
from newshole.rules.kinds.source import Source
from newshole.rules.kinds.stories import Stories
from newshole.rules.kinds.strip import Strip
from newshole.rules.kinds.video import Video
from newshole.rules.layout import Distance
from newshole.rules.layout_model import ClearWritten, StoryBounds
from newshole.rules.places import (
    AnyDistance,
    Distances,
    Place,
    RepeatWritten,
    UnitKind,
)
from newshole.rules.quantities import Lasting
from newshole.rules.words import (
    BlockId,
    Flag,
    Most,
    OneOrSeveral,
    Pattern,
    Rank,
    Selector,
    Several,
    Text,
)
from newshole.rules.written import Conflict, Written, just_one, one_of


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
    frequency: FrequencyWritten | None = None
    """How often a reader sees the block, counted in the reader's browser."""
    dismissed: Lasting | None = None
    """A reader may close the block, which then stays away so long; the reader's browser keeps that."""

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


KindName = Literal["ad", "stories", "follow", "video", "source", "strip", "newsletter", "paid", "html"]


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


class PaidBlock(BlockWritten, Paid):
    """What says that a story was paid for."""

    kind: Literal["paid"]


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
    "paid": PaidBlock,
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
    | Annotated[PaidBlock, Tag("(paid)")]
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
