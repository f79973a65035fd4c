"""What new rules would change on a page: slots gained, lost and moved; and over many pages."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from newshole.plan.planner import Plan
from newshole.review.slots import Slot, plan_density, slots_of
from newshole.site import Composition, Site
from newshole.types import Reader

What: TypeAlias = Literal["gained", "lost", "moved"]


@dataclass(frozen=True, slots=True)
class Change:
    """One slot that differs; `before` is None where it is gained, `after` where it is lost."""

    what: What
    before: Slot | None
    after: Slot | None

    @property
    def block(self) -> str:
        slot = self.after or self.before
        return slot.block if slot else ""


@dataclass(frozen=True, slots=True)
class Side:
    """A page by one set of rules: its slots, or why it is left untouched; its density where that is known."""

    untouched: str | None
    slots: tuple[Slot, ...]
    density: float | None


@dataclass(frozen=True, slots=True)
class PageChange:
    """One page by the old rules and by the new ones."""

    source: str
    before: Side
    after: Side
    changes: tuple[Change, ...]
    redone: tuple[str, ...]

    @property
    def has_changed(self) -> bool:
        return bool(self.changes or self.redone) or self.before.untouched != self.after.untouched

    def count(self, what: What) -> int:
        return sum(change.what == what for change in self.changes)


@dataclass(frozen=True, slots=True)
class Totals:
    """All pages together; densities are means over the pages where both are known. `redone` are the blocks
    that stand on a page by both rules and show other things by the new ones."""

    pages: int
    changed: int
    gained: int
    lost: int
    moved: int
    before: int
    after: int
    density_before: float | None
    density_after: float | None
    redone: tuple[str, ...]


def page_change(
    source: str, body: bytes, url: str, content_type: str, device: str, old: Site, new: Site
) -> PageChange:
    """What `new` would change on a page that `old` composes now."""
    before, after = (
        site.compose(body, url=url, content_type=content_type, reader=Reader(device=device))
        for site in (old, new)
    )
    return compared(source, before, after, device)


def compared(source: str, before: Composition, after: Composition, device: str) -> PageChange:
    """What differs between two compositions of one page."""
    sides = _side(before, device), _side(after, device)
    found = tuple(changes(sides[0].slots, sides[1].slots))
    return PageChange(source, *sides, found, tuple(_redone(before.plan, after.plan)))


def _redone(before: Plan | None, after: Plan | None) -> Iterator[str]:
    """The blocks that stand on the page by both plans, and are told to show other things."""
    if before is None or after is None:
        return
    shown = {each.block.id: each.block for each in before.placements}
    for block in {each.block.id: each.block for each in after.placements}.values():
        was = shown.get(block.id)
        if was is not None and (was.kind, was.options) != (block.kind, block.options):
            yield block.id


def _side(composition: Composition, device: str) -> Side:
    plan = composition.plan
    if composition.untouched is not None or plan is None:
        return Side(composition.untouched, (), None)
    return Side(None, slots_of(plan), plan_density(plan, device))


def changes(before: Sequence[Slot], after: Sequence[Slot]) -> list[Change]:
    """The slots that differ, down the page; of one block, those that went and those that came are paired by
    how near they are, each pair a move."""
    blocks = dict.fromkeys(slot.block for slot in (*before, *after))
    found = [
        change
        for block in blocks
        for change in _of_block(
            [slot for slot in before if slot.block == block], [slot for slot in after if slot.block == block]
        )
    ]
    return sorted(found, key=_offset)


def _of_block(before: list[Slot], after: list[Slot]) -> Iterable[Change]:
    kept = {slot.offset for slot in before} & {slot.offset for slot in after}
    gone = {slot.offset: slot for slot in before if slot.offset not in kept}
    come = {slot.offset: slot for slot in after if slot.offset not in kept}
    for _, old, new in sorted((abs(old - new), old, new) for old in gone for new in come):
        if old in gone and new in come:
            yield Change("moved", gone.pop(old), come.pop(new))
    yield from (Change("lost", slot, None) for slot in gone.values())
    yield from (Change("gained", None, slot) for slot in come.values())


def _offset(change: Change) -> tuple[int, str]:
    slot = change.after or change.before
    return (slot.offset if slot else 0, change.block)


def in_words(change: Change) -> str:
    """One change: the block, and from where to where."""
    before, after = change.before, change.after
    if before and after:
        return f"{change.block} moves from {before.where} to {after.where}"
    return f"{change.block} {after.where}" if after else f"{change.block} {before.where if before else ''}"


def worst_first(pages: Iterable[PageChange]) -> list[PageChange]:
    """The pages that change: those that lose most first, then those where most moves, then most is gained."""
    return sorted((page for page in pages if page.has_changed), key=goodness)


def goodness(page: PageChange) -> tuple[int, int, int, str]:
    """What pages are sorted by, those that lose most first."""
    gain = len(page.after.slots) - len(page.before.slots)
    return gain, -page.count("lost"), -page.count("moved"), page.source


def totals(pages: Sequence[PageChange]) -> Totals:
    """The figures of all pages together."""
    known = [
        (page.before.density, page.after.density)
        for page in pages
        if page.before.density is not None and page.after.density is not None
    ]
    return Totals(
        len(pages),
        sum(page.has_changed for page in pages),
        sum(page.count("gained") for page in pages),
        sum(page.count("lost") for page in pages),
        sum(page.count("moved") for page in pages),
        sum(len(page.before.slots) for page in pages),
        sum(len(page.after.slots) for page in pages),
        sum(before for before, _ in known) / len(known) if known else None,
        sum(after for _, after in known) / len(known) if known else None,
        tuple(dict.fromkeys(block for page in pages for block in page.redone)),
    )
