"""Places and bounds, from as they are written to as the planner reads them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Final, Literal

from newshole.rules.block_model import AvoidWritten, BlockWritten
from newshole.rules.layout import Avoid, Bound, Clear, Density, Distance, Layout, Limit, Own
from newshole.rules.layout_model import ClearWritten, LayoutWritten, Sides
from newshole.rules.model import ElsewhereWritten, ExistingWritten
from newshole.rules.places import ByDevice, Percent, PixelsByDevice, PointPlace, RepeatWritten
from newshole.rules.ruleset import Anchor, At, Between, Block, Elsewhere, Place, Repeat, Selected, Stack
from newshole.rules.written import listed
from newshole.types import DEVICES

_NEVER: Final = Distance(1, "units")


def layout_of(written: LayoutWritten) -> Layout:
    """The bounds over all blocks of a page."""
    return Layout(
        gap=_bounds("layout.gap", written.gap),
        ads_apart=_bounds("layout.ads_apart", written.ads_apart),
        start=_bounds("layout.start", written.start),
        end=_bounds("layout.end", written.end),
        story=_bounds("layout.story.min", None if written.story is None else written.story.min),
        clear=_clear("layout.clear", written.clear),
        density=tuple(_densities("layout.density", written.density)),
        blocks=None if written.blocks is None else Limit("layout.blocks", written.blocks),
        ads=None if written.ads is None else Limit("layout.ads", written.ads),
    )


def own_of(path: str, written: BlockWritten) -> Own:
    """What one block asks for beside the layout."""
    story = None if written.story is None else written.story.min
    return Own(
        gap=_own(f"{path}.gap", written.gap),
        start=_own(f"{path}.start", written.start),
        end=_own(f"{path}.end", written.end),
        story=_own(f"{path}.story.min", story),
        clear=_clear(f"{path}.clear", written.clear),
        avoid=tuple(_avoid(f"{path}.avoid[{n}]", each) for n, each in enumerate(written.avoid or ())),
        inside=written.inside,
        not_inside=written.not_inside,
        most=None if written.max is None else Limit(f"{path}.max", written.max),
        needs=listed(written.needs),
        excludes=listed(written.excludes),
        group=written.group,
    )


def place_of(path: str, written: str | PointPlace) -> Place:
    """Where a block stands."""
    if isinstance(written, str):
        return Stack(path, written)
    if written.selector is not None:
        nth = () if written.nth == "all" else listed(written.nth)
        return Selected(path, written.selector, written.where or "after", nth)
    if written.between is not None:
        low, high = written.between
        return Between(path, low.amount, high.amount)
    if isinstance(written.at, Percent):
        return At(path, percent=written.at.amount)
    if written.at is not None:
        return At(path, _by_device(written.at))
    if written.after is not None:
        return Anchor(path, "after", written.after, listed(written.nth))
    return Anchor(path, "before", written.before or "unit", listed(written.nth))


def repeat_of(path: str, written: RepeatWritten) -> Repeat:
    """The further copies of a block."""
    start = () if written.start is None else _by_device(written.start)
    return Repeat(path, _by_device(written.every), start, written.max)


def elsewhere(written: ElsewhereWritten) -> Elsewhere:
    """What the browser adds to a page."""
    height = written.height
    heights = (
        (height.mobile or 0, height.desktop or 0) if isinstance(height, PixelsByDevice) else (height, height)
    )
    return Elsewhere(
        written.name, place_of(f"elsewhere.{written.name}.place", written.place), heights, written.ad
    )


def existing(written: ExistingWritten | None) -> tuple[tuple[str, str], ...]:
    """The kinds of units that the site's own elements are, with their selectors."""
    if written is None:
        return ()
    ads = (("ad", selector) for selector in listed(written.ads))
    return (*ads, *(("promo", selector) for selector in listed(written.promos)))


def distances(layout: Layout, blocks: Iterable[Block], there: Iterable[Elsewhere]) -> Iterator[Distance]:
    """Every distance that places and bounds ask for."""
    yield from _of_layout(layout)
    for block in blocks:
        yield from _of_layout(block.own.over(layout))
        for avoid in block.own.avoid:
            yield from avoid.within
        if block.repeat is not None:
            yield from (*block.repeat.every, *block.repeat.start)
    places = (place for block in blocks for place in block.prefer)
    for place in (*places, *(each.place for each in there)):
        yield from place.distance if isinstance(place, At) else ()


def _of_layout(layout: Layout) -> Iterator[Distance]:
    rooms = (bounds for each in layout.clear for bounds in (each.before, each.after))
    for bounds in (layout.gap, layout.ads_apart, layout.start, layout.end, layout.story, *rooms):
        yield from (each.distance for each in bounds)


def _by_device(written: Any) -> tuple[Distance, ...]:  # noqa: ANN401 - a distance, or one for each device
    """The distances, each with the device that it is for."""
    if not isinstance(written, ByDevice):
        return (written,)
    found = {device: getattr(written, device) for device in DEVICES}
    return tuple(
        Distance(each.amount, each.measure, each.selector, device)
        for device, each in found.items()
        if each is not None
    )


def _bounds(path: str, written: Any) -> tuple[Bound, ...]:  # noqa: ANN401 - one or several distances
    if isinstance(written, tuple):
        return tuple(bound for n, each in enumerate(written) for bound in _bounds(f"{path}[{n}]", each))
    if written is None:
        return ()
    return tuple(
        Bound(path if each.device is None else f"{path}.{each.device}", each) for each in _by_device(written)
    )


def _own(path: str, written: Any) -> tuple[Bound, ...] | None:  # noqa: ANN401 - one or several distances
    return None if written is None else _bounds(path, written)


def _clear(path: str, written: ClearWritten | None) -> tuple[Clear, ...]:
    kinds = () if written is None else type(written).model_fields
    found = ((kind, getattr(written, kind)) for kind in kinds)
    return tuple(_cleared(f"{path}.{kind}", kind, room) for kind, room in found if room is not None)


def _cleared(path: str, kind: str, written: Sides | Distance | Literal["never"]) -> Clear:
    """The room above a thing and below it."""
    if isinstance(written, Sides):
        return Clear(kind, _room(f"{path}.before", written.before), _room(f"{path}.after", written.after))
    return Clear(kind, _room(path, written), _room(path, written))


def _room(path: str, written: Distance | Literal["never"] | None) -> tuple[Bound, ...]:
    return _bounds(path, _NEVER if written == "never" else written)


def _densities(path: str, written: Any) -> Iterator[Density]:  # noqa: ANN401 - a share, or one for each device
    for device in DEVICES:
        by_device = isinstance(written, ByDevice)
        share = getattr(written, device) if by_device else written
        if share is not None:
            yield Density(f"{path}.{device}" if by_device else path, device, share.amount / 100)


def _avoid(path: str, written: AvoidWritten) -> Avoid:
    text = written.text or written.no_text or ""
    within = _by_device(written.within)
    return Avoid(path, within, listed(written.near), text, is_wanted=written.no_text is not None)
