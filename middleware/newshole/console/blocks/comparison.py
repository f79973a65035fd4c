"""What a draft changes on one page of the site, beside what readers get there now, in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from newshole.console.blocks.placing import STACKS
from newshole.console.preview.views import Asked, View, view_of
from newshole.console.site import ConsoleSite
from newshole.errors import NewsholeError, RulesError
from newshole.explaining.untouched import left_untouched
from newshole.review.changes import Change, changes
from newshole.review.slots import Slot, slots_of
from newshole.types import DEVICES


@dataclass(frozen=True, slots=True)
class Difference:
    """A page on a device: what changes in words, and where it is left untouched, why."""

    device: str
    changes: tuple[str, ...]
    untouched: str


@dataclass(frozen=True, slots=True)
class Comparison:
    """A page at `url` on each device; `wrong` where it cannot be compared, and why."""

    url: str
    differences: tuple[Difference, ...] = ()
    wrong: str = ""


async def compared(site: ConsoleSite, url: str, draft: str) -> Comparison:
    """What a draft changes on a page. Raises StoreError."""
    try:
        found = [await _on_device(site, url, draft, device) for device in DEVICES]
    except RulesError:
        return Comparison(url, wrong="the draft has a mistake elsewhere: mend it under Rules first")
    except NewsholeError as error:
        return Comparison(url, wrong=str(error))
    return Comparison(url, tuple(found))


async def _on_device(site: ConsoleSite, url: str, draft: str, device: str) -> Difference:
    before = await view_of(site, Asked(url), device)
    after = await view_of(site, Asked(url, draft=draft), device)
    reason = after.composition.untouched
    told = tuple(map(in_words, changes(_slots(before), _slots(after))))
    return Difference(device, told, left_untouched(reason, url) if reason else "")


def _slots(view: View) -> Sequence[Slot]:
    plan = view.composition.plan
    return slots_of(plan) if plan is not None and view.composition.untouched is None else ()


def in_words(change: Change) -> str:
    """One change: the block, and from where to where."""
    before, after = (_where(slot) if slot else "" for slot in (change.before, change.after))
    if before and after:
        return f"{change.block} moves: it was {before}, it will be {after}"
    return f"{change.block} comes {after}" if after else f"{change.block} goes: it was {before}"


def _where(slot: Slot) -> str:
    words = STACKS.get(slot.where, slot.where)
    return words[:1].lower() + words[1:]
