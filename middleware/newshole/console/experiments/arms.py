"""What the arms of an experiment change on one page, each beside control."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace

from newshole.console.preview.views import Asked, reader_of, rules_asked, view_of
from newshole.console.site import ConsoleSite
from newshole.errors import UsageError
from newshole.explaining.page import Page
from newshole.review.changes import PageChange, compared
from newshole.review.impact import measured
from newshole.review.pictures import Sketch, pair, sketches
from newshole.review.slots import Slot
from newshole.rules.experiments import Experiment
from newshole.site import Composition, Site


@dataclass(frozen=True, slots=True)
class ArmOnPage:
    """A page in one arm: what differs from control, None in control itself, and both as sketches."""

    arm: str
    asked: Asked
    composition: Composition
    change: PageChange | None = None
    pictures: tuple[Sketch, Sketch] | None = None


async def arms_on(site: ConsoleSite, experiment: Experiment, url: str, device: str) -> list[ArmOnPage]:
    """A page in every arm, control first. Raises UsageError where it cannot be had, or the experiment is not
    about it."""
    asked = [Asked(url, device, arm=(f"{experiment.name}:{arm}",)) for arm in experiment.arms]
    rules = await rules_asked(site, asked[0])
    page = (await view_of(site, asked[0], device)).page
    found = await asyncio.to_thread(_composed, site, measured(rules), page, asked)
    control = found[0].composition
    if experiment.name not in control.arms:
        raise UsageError(
            f"{experiment.name} is not about this page, or not now: choose one that its conditions let in"
        )
    return [found[0], *(_beside(control, each, device) for each in found[1:])]


def _composed(site: ConsoleSite, rules: Site, page: Page, asked: list[Asked]) -> list[ArmOnPage]:
    own = rules.rules_for(page.url)
    return [
        ArmOnPage(
            each.arm[0].partition(":")[2],
            each,
            site.compose(page, reader_of(each, each.device, own), rules),
        )
        for each in asked
    ]


def _beside(control: Composition, each: ArmOnPage, device: str) -> ArmOnPage:
    change = compared(each.asked.url, control, each.composition, device)
    return replace(each, change=change, pictures=sketches(control, each.composition, change.changes, device))


def drawn(arms: Sequence[ArmOnPage]) -> list[str]:
    """A picture of each arm; that of control has marks where the first of the others differs."""
    pairs = [pair(*each.pictures, (arms[0].arm, each.arm)) for each in arms if each.pictures is not None]
    return [*(before for before, _ in pairs[:1]), *(after for _, after in pairs)]


def lit(arms: Sequence[ArmOnPage]) -> list[tuple[str, int] | None]:
    """For each arm the block and the gap of the first change: in control, where the first of the others that
    changes anything has it from. None where there is none."""
    changes = [each.change.changes[0] if each.change and each.change.changes else None for each in arms]
    first = next((each for each in changes if each is not None), None)
    slots = [first.before if first else None, *(each.after if each else None for each in changes[1:])]
    return [_gap(arm.composition, slot) for arm, slot in zip(arms, slots, strict=False)]


def _gap(composition: Composition, slot: Slot | None) -> tuple[str, int] | None:
    placed = () if composition.plan is None or slot is None else composition.plan.placements
    found = (
        (each.block.id, each.spot.index)
        for each in placed
        if slot is not None and (each.block.id, each.spot.offset) == (slot.block, slot.offset)
    )
    return next(found, None)
