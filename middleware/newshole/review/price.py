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

from newshole.composing import Look, Run, Untouched, look
from newshole.page.body import Body
from newshole.page.document import Document
from newshole.page.outline import Outline
from newshole.plan.planner import Plan, make_plan
from newshole.review.relaxing import Relaxable, relaxable
from newshole.review.spread import Bootstrap, Mean
from newshole.review.values import Values
from newshole.rules.ruleset import Rules
from newshole.site import Site
from newshole.types import Reader

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


@dataclass(frozen=True, slots=True)
class _Read:
    """A page as it was read, with its plan; all that it takes to plan again."""

    run: Run
    document: Document
    body: Body
    outline: Outline
    looked: Look
    plan: Plan | None

    def again(self, rules: Rules, looked: Look) -> Plan | None:
        """The plan by other rules, proved where other blocks come out; None where none stands."""
        banned = frozenset[tuple[str, int]]() if self.plan is None else self.plan.considered.banned
        plan = make_plan(self.outline, rules, looked.refused, banned)
        if _copies(plan) == _copies(self.plan):
            return plan
        run = Run(rules, self.run.page, self.run.url, self.run.reader, self.run.facts)
        return _proved(run, self.document, self.body, self.outline, looked)


class Pricing:
    """Prices worked out page by page."""

    def __init__(
        self, site: Site, device: str, values: Values | None = None, *, conditions: bool = False
    ) -> None:
        self.site, self.values = site, values
        self._reader = Reader(device=device)
        self._bounds = {rules.name: relaxable(rules, conditions=conditions) for rules in site.rules}
        self._relaxed = {
            (rules.name, bound.path): bound.out_of(rules)
            for rules in site.rules
            for bound in self._bounds[rules.name]
        }
        self._priced: dict[tuple[str, str], Priced] = {}
        self._slots: list[int] = []
        self._value: list[float] = []
        self._untouched: Counter[str] = Counter()

    def add(self, body: bytes, url: str, content_type: str) -> None:
        """Count one more page."""
        rules = self.site.rules_for(url)
        if rules is None:
            self._untouched["no-site"] += 1
            return
        run = Run(rules, body, url, self._reader, self.site.facts)
        try:
            read = _read(run, content_type)
            again = [(bound, self._without(read, rules, bound)) for bound in self._bounds[rules.name]]
        except Untouched as left:
            self._untouched[str(left)] += 1
            return
        except Exception:
            log.exception("%s failed on %s", run.stage, urlsplit(url).path)
            self._untouched[f"{run.stage}-fault"] += 1
            return
        for bound, plan in again:
            self._price(read, rules, bound, plan)
        copies = _copies(read.plan)
        self._slots.append(copies.total())
        self._value.append(self._worth(copies))

    def _without(self, read: _Read, rules: Rules, bound: Relaxable) -> Plan | None:
        """The page's plan without a bound."""
        relaxed, looked = self._relaxed[rules.name, bound.path], read.looked
        if bound.is_condition:
            run = read.run
            looked = look(relaxed, run.story, run.url, run.reader, run.facts)
        return read.again(relaxed, looked)

    def _price(self, read: _Read, rules: Rules, bound: Relaxable, plan: Plan | None) -> None:
        # Pages that other rules of the site are for have no part in what this bound costs.
        priced = self._priced.setdefault((rules.name, bound.path), Priced(rules.name, bound))
        before, after = _copies(read.plan), _copies(plan)
        priced.slots.append(after.total() - before.total())
        priced.value.append(self._worth(after) - self._worth(before))
        priced.blocks.update(block for block, _ in (after - before).elements())
        priced.blocks.subtract(block for block, _ in (before - after).elements())
        priced.moved += _stands(plan) != _stands(read.plan)
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


def _read(run: Run, content_type: str) -> _Read:
    """The page, read and planned. Raises Untouched where it is left alone whatever the bounds are."""
    document, body, outlined = run.read(content_type)
    looked = look(run.rules, run.story, run.url, run.reader, run.facts)
    plan = _proved(run, document, body, outlined, looked)
    return _Read(run, document, body, outlined, looked, plan)


def _proved(run: Run, document: Document, body: Body, outlined: Outline, looked: Look) -> Plan | None:
    try:
        return run.prove(document, body, outlined, looked).plan
    except Untouched:  # no block has a place: a page without slots, which a bound may have cost it
        return None


def _copies(plan: Plan | None) -> Copies:
    return Counter() if plan is None else Counter((each.block.id, each.ordinal) for each in plan.placements)


def _stands(plan: Plan | None) -> frozenset[tuple[str, int]]:
    return (
        frozenset()
        if plan is None
        else frozenset((each.block.id, each.spot.offset) for each in plan.placements)
    )
