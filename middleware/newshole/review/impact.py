"""What new rules would do to the pages of a site, one after the other: changes, pictures, and prices."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final, Literal, TypeAlias

from newshole.explaining.page import Page
from newshole.explaining.untouched import is_fault
from newshole.review.changes import PageChange, compared, goodness
from newshole.review.pictures import Sketch, sketches
from newshole.review.price import Prices, Pricing
from newshole.site import Composition, Site
from newshole.types import DEVICES, Facts, Reader

Order: TypeAlias = Literal["lost", "gained", "denser"]


@dataclass(frozen=True, slots=True)
class PageImpact:
    """One page by the old rules and by the new ones, on each device; `pictures` only where anything changes,
    before and after."""

    url: str
    title: str
    section: str
    changes: Mapping[str, PageChange]
    pictures: Mapping[str, tuple[Sketch, Sketch]]

    @property
    def has_changed(self) -> bool:
        return any(each.has_changed for each in self.changes.values())

    @property
    def is_fault(self) -> bool:
        """Whether newshole itself fails on it by the new rules."""
        return any(is_fault(each.after.untouched) for each in self.changes.values())


class Study:
    """Pages by the rules in service and by new ones. `device` is the one that bounds are priced for; blocks
    show `facts`."""

    def __init__(self, old: Site, new: Site, *, facts: Facts, device: str) -> None:
        self.old, self.new, self.facts = measured(old), measured(new), facts
        self._pricing = Pricing(new, device, facts=facts)

    def add(self, page: Page) -> PageImpact:
        """What becomes of one more page; not in two threads at a time."""
        found = self._on_devices(page)
        changes = {device: compared(page.url, *sides, device) for device, sides in found.items()}
        self._pricing.add(page.body, page.url, page.content_type, self.new.kept_out(page.policies, page.url))
        story = found[DEVICES[0]][1].story
        pictures = {
            device: sketches(*sides, changes[device].changes, device)
            for device, sides in found.items()
            if changes[device].has_changed
        }
        return PageImpact(page.url, story.title, story.section, changes, pictures)

    def prices(self) -> Prices:
        """What each bound of the new rules costs, over the pages so far."""
        return self._pricing.prices()

    def _on_devices(self, page: Page) -> dict[str, tuple[Composition, Composition]]:
        """The page on every device: made once where no rule looks at that, for then it is the same on all."""
        if "device" in self.old.reader_facts | self.new.reader_facts:
            return {device: self._composed(page, device) for device in DEVICES}
        return dict.fromkeys(DEVICES, self._composed(page, DEVICES[0]))

    def _composed(self, page: Page, device: str) -> tuple[Composition, Composition]:
        return self._by(self.old, page, device), self._by(self.new, page, device)

    def _by(self, site: Site, page: Page, device: str) -> Composition:
        return site.compose(
            page.body,
            url=page.url,
            content_type=page.content_type,
            reader=Reader(device=device),
            facts=self.facts,
            words=site.kept_out(page.policies, page.url),
        )


def measured(site: Site) -> Site:
    """The same rules, under which heights are always estimated: density and pictures need them."""
    return Site(*(replace(each, reads_heights=True) for each in site.rules))


_ORDERS: Final[Mapping[Order, Callable[[PageChange], tuple[Any, ...]]]] = {
    "lost": goodness,
    "gained": lambda page: (-page.count("gained"), -page.count("moved"), page.source),
    "denser": lambda page: (-_denser(page), page.source),
}


def worst_first(pages: Iterable[PageImpact], order: Order = "lost") -> list[PageImpact]:
    """The pages that change, by what is worst on any device; those on which newshole fails before all."""
    key = _ORDERS[order]
    changed = (page for page in pages if page.has_changed or page.is_fault)
    return sorted(changed, key=lambda page: (not page.is_fault, min(map(key, page.changes.values()))))


def left(pages: Iterable[PageImpact], device: str) -> dict[str, tuple[int, int]]:
    """Why pages are left untouched, and how many before and after; what more pages are left for first."""
    sides = [page.changes[device] for page in pages]
    before = Counter(each.before.untouched for each in sides if each.before.untouched is not None)
    after = Counter(each.after.untouched for each in sides if each.after.untouched is not None)
    reasons = sorted(before | after, key=lambda reason: (before[reason] - after[reason], reason))
    return {reason: (before[reason], after[reason]) for reason in reasons}


def _denser(page: PageChange) -> float:
    return (page.after.density or 0.0) - (page.before.density or 0.0)
