"""The price of every rule: each page is planned again without one bound, and what then stands is counted.

A page is read once. It is planned again for every bound; only where other blocks come out is the plan
proved too, for a slot that the page's markup would not hold is no slot.
"""

from __future__ import annotations

import logging
from collections import Counter
from dataclasses import dataclass, field
from typing import TypeAlias
from urllib.parse import urlsplit

from newshole.composing import Proved, Run, Untouched
from newshole.page.document import Document, Element
from newshole.page.outline import Outline
from newshole.plan.planner import Plan
from newshole.rendering import Look
from newshole.review.relaxing import Relaxable, relaxable
from newshole.review.spread import Bootstrap, Mean
from newshole.review.values import Values
from newshole.rules.ruleset import Rules
from newshole.site import Site
from newshole.types import Facts, Reader

log = logging.getLogger("newshole")

Copies: TypeAlias = Counter[tuple[str, int]]
"""Blocks and the numbers of their copies."""


@dataclass(slots=True)
class Priced:
    """What one bound costs, page by page: the slots and the value that would come without it, which blocks
    come and go, on how many pages anything stands elsewhere, and on how many the search was cut short."""

    rules: str
    bound: Relaxable
    slots: list[int] = field(default_factory=list)
    value: list[float] = field(default_factory=list)
    blocks: Counter[str] = field(default_factory=Counter)
    moved: int = 0
    cut: int = 0


@dataclass(frozen=True, slots=True)
class Cost:
    """What one bound costs in the mean: slots a page, value per 1,000 page views, None without values.

    `blocks` holds those that would come, and with a minus those that would go; `binds` counts the pages where
    anything would stand elsewhere.
    """

    rules: str
    bound: str
    required: str
    slots: Mean
    value: Mean | None
    blocks: dict[str, int]
    binds: int
    cut: int


@dataclass(frozen=True, slots=True)
class Prices:
    """All costs, the dearest first; the pages that were counted, and how many were left untouched and why."""

    costs: tuple[Cost, ...]
    pages: int
    slots: Mean
    value: Mean | None
    untouched: dict[str, int]


class _Remembered(Run):
    """A run that remembers what its plan was made and proved from, to plan the page again."""

    asked: tuple[Document, Element | None, Outline, Look] | None = None

    def prove(self, document: Document, story: Element | None, outlined: Outline, looked: Look) -> Proved:
        self.asked = (document, story, outlined, looked)
        return super().prove(document, story, outlined, looked)

    def under(self, rules: Rules) -> Run:
        """The same page by other rules."""
        return Run(rules, self.page, self.url, self.reader, self.facts, self.words)

    def again(self, rules: Rules, standing: Plan | None) -> Plan | None:
        """The plan by rules with other bounds, proved where other blocks come out than stand now; None where
        none stands."""
        if self.asked is None:
            return None
        *_, outlined, looked = self.asked
        banned = frozenset[tuple[str, int]]() if standing is None else standing.considered.banned
        plan = self.under(rules).planned(outlined, looked, banned)
        if _copies(plan) == _copies(standing):
            return plan
        try:
            return self.under(rules).prove(*self.asked).plan
        except Untouched:
            return None

    def anew(self, rules: Rules, content_type: str) -> Plan | None:
        """The plan by rules that other blocks may meet."""
        try:
            return self.under(rules).compose(content_type)[1].plan
        except Untouched:
            return None


class Pricing:
    """Prices worked out page by page; blocks show `facts`, those of the site where none are given."""

    def __init__(
        self,
        site: Site,
        device: str,
        values: Values | None = None,
        *,
        conditions: bool = False,
        facts: Facts | None = None,
    ) -> None:
        self.site, self.values, self.conditions = site, values, conditions
        self.facts = facts or site.facts
        self._reader = Reader(device=device)
        self._relaxed: dict[int, tuple[Rules, list[tuple[Relaxable, Rules]]]] = {}
        self._priced: dict[tuple[str, str], Priced] = {}
        self._slots: list[int] = []
        self._value: list[float] = []
        self._untouched: Counter[str] = Counter()

    def add(self, body: bytes, url: str, content_type: str, words: str = "") -> None:
        """Count one more page; `words` are for newshole, as `Site.compose` takes them."""
        rules = self.site.rules_for(url)
        if rules is None:
            self._untouched["no-site"] += 1
            return
        run = _Remembered(rules, body, url, self._reader, self.facts, words)
        _, proved, untouched = run.outcome(content_type)
        if untouched is not None and (run.has_failed or run.asked is None):
            self._untouched[untouched] += 1
            return
        # A page where no block has a place counts too, for a bound may have cost it all of its slots.
        standing = None if proved is None else proved.plan
        try:
            again = [
                (bound, run.anew(left, content_type) if bound.is_condition else run.again(left, standing))
                for bound, left in self._without_each(run.rules)
            ]
        except Exception:
            log.exception("pricing failed on %s", urlsplit(url).path)
            self._untouched["plan-fault"] += 1
            return
        for bound, plan in again:
            self._price(run.rules, bound, standing, plan)
        copies = _copies(standing)
        self._slots.append(copies.total())
        self._value.append(self._worth(copies))

    def _without_each(self, rules: Rules) -> list[tuple[Relaxable, Rules]]:
        """Every bound of these rules, and the rules without it; worked out once for all pages."""
        known = self._relaxed.get(id(rules))
        if known is None:
            bounds = relaxable(rules, conditions=self.conditions)
            known = self._relaxed[id(rules)] = rules, [(each, each.out_of(rules)) for each in bounds]
        return known[1]

    def _price(self, rules: Rules, bound: Relaxable, standing: Plan | None, plan: Plan | None) -> None:
        # Pages that other rules of the site are for have no part in what this bound costs.
        priced = self._priced.setdefault((rules.name, bound.path), Priced(rules.name, bound))
        before, after = _copies(standing), _copies(plan)
        priced.slots.append(after.total() - before.total())
        priced.value.append(self._worth(after) - self._worth(before))
        priced.blocks.update(block for block, _ in (after - before).elements())
        priced.blocks.subtract(block for block, _ in (before - after).elements())
        priced.moved += _stands(plan) != _stands(standing)
        priced.cut += plan is not None and plan.cut

    def _worth(self, copies: Copies) -> float:
        if self.values is None:
            return 0.0
        return sum(self.values.of(block, ordinal) for block, ordinal in copies)

    def prices(self) -> Prices:
        """What came out, the dearest bound first."""
        counts = {len(self._slots), *(len(each.slots) for each in self._priced.values())}
        means = {count: Bootstrap(count) for count in counts}
        costs = [self._cost(each, means[len(each.slots)]) for each in self._priced.values()]
        mean = means[len(self._slots)]
        value = None if self.values is None else mean.mean(self._value)
        return Prices(
            tuple(sorted(costs, key=_dearness)),
            len(self._slots),
            mean.mean(self._slots),
            value,
            dict(self._untouched),
        )

    def _cost(self, priced: Priced, mean: Bootstrap) -> Cost:
        blocks = {block: count for block, count in priced.blocks.items() if count}
        value = None if self.values is None else mean.mean(priced.value)
        bound = priced.bound
        return Cost(
            priced.rules,
            bound.path,
            bound.required,
            mean.mean(priced.slots),
            value,
            blocks,
            priced.moved,
            priced.cut,
        )


def _dearness(cost: Cost) -> tuple[float, float, int, str, str]:
    value = 0.0 if cost.value is None else cost.value.value
    return (-value, -cost.slots.value, -cost.binds, cost.rules, cost.bound)


def _copies(plan: Plan | None) -> Copies:
    return Counter() if plan is None else Counter((each.block.id, each.ordinal) for each in plan.placements)


def _stands(plan: Plan | None) -> frozenset[tuple[str, int]]:
    return (
        frozenset()
        if plan is None
        else frozenset((each.block.id, each.spot.offset) for each in plan.placements)
    )
