"""What the arms of an experiment change on one page, each beside control."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace

from newshole.console.site import ConsoleSite
from newshole.console.views import Asked, reader_of, rules_asked, view_of
from newshole.errors import UsageError
from newshole.explaining.page import Page
from newshole.review.changes import PageChange, compared
from newshole.review.impact import measured
from newshole.review.pictures import Sketch, sketches
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
