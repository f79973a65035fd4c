"""The solver: which copy takes which spot, as an optimum under all bounds at once.

Priority is a tier. Tier by tier, from the highest, the plan first leaves out as few copies as can be
and then keeps them as near to their targets as can be; a lower tier never costs a higher one anything.
This is a depth-first branch and bound over the copies in tier order. Where nothing is in conflict it
looks at each copy once. Ties fall to the rules' order and to the earlier spot, so the same input gives
the same plan on every machine, and the search is bounded in steps, not in time.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

from newshole.plan.bounds import Nearness
from newshole.plan.targets import Copy
from newshole.rules.ruleset import Bound, Layout

STEPS: Final = 2_000
"""Nodes that one search may look at; what is best by then is the plan, said to be cut short."""

Score: TypeAlias = tuple[tuple[int, int], ...]
"""For each tier, copies left out and total cost; the smaller the better, compared from the first tier."""


@dataclass(frozen=True, slots=True)
class Solution:
    """The spot of every copy, None where it was left out; `cut` is True where the search ran out of steps."""

    spots: tuple[int | None, ...]
    cut: bool


def solve(copies: Sequence[Copy], near: dict[str, Nearness], shared: Nearness, layout: Layout) -> Solution:
    """Give copies their spots. `near` holds the nearness among a repeating block's own copies by block id.

    The copies' costs must hold no spot that a static bound forbids.
    """
    order = sorted(range(len(copies)), key=lambda n: (-copies[n].block.priority, copies[n].order))
    search = _Search([copies[n] for n in order], near, shared, layout)
    search.descend(0, _State((), 0, {}, 0, 0, ((0, 0),) * len(search.ideal)))
    taken = dict(zip(order, search.best, strict=True))
    return Solution(tuple(taken[n] for n in range(len(copies))), search.steps > STEPS)


def every_bound(copy: Copy) -> tuple[Bound, ...]:
    """The distance that copies of a repeating block keep from each other."""
    repeat = copy.block.repeat
    return () if repeat is None else (Bound(f"{copy.block.path}.repeat.every", repeat.every),)


@dataclass(frozen=True, slots=True)
class _State:
    """What the copies decided so far have taken; `forbidden` holds for all, `own` for one block's copies."""

    spots: tuple[int | None, ...]
    forbidden: int
    own: dict[str, int]
    blocks: int
    ads: int
    score: Score

    def forbidden_to(self, copy: Copy) -> int:
        return self.forbidden | self.own.get(copy.block.id, 0)


class _Search:
    def __init__(
        self, copies: list[Copy], near: dict[str, Nearness], shared: Nearness, layout: Layout
    ) -> None:
        self.copies = copies
        self.near = near
        self.shared = shared
        self.most_blocks = layout.blocks.most if layout.blocks else len(copies)
        self.most_ads = layout.ads.most if layout.ads else len(copies)
        self.options = [sorted((cost, spot) for spot, cost in copy.costs.items()) for copy in copies]
        self.masks = [sum(1 << spot for spot in copy.costs) for copy in copies]
        self.stacks = shared.stacks
        tiers = sorted({copy.block.priority for copy in copies}, reverse=True)
        self.tier = [tiers.index(copy.block.priority) for copy in copies]
        self.ideal: Score = tuple(
            (
                0,
                sum(
                    options[0][0] for options, tier in zip(self.options, self.tier, strict=True) if tier == n
                ),
            )
            for n in range(len(tiers))
        )
        self.best: tuple[int | None, ...] = (None,) * len(copies)
        self.best_score: Score | None = None
        self.steps = 0

    def descend(self, depth: int, state: _State) -> None:
        """Decide copy number `depth` in every way that may still beat the best plan."""
        self.steps += 1
        if depth == len(self.copies):
            self.best, self.best_score = state.spots, state.score
            return
        copy, floor = self.copies[depth], self._floor(depth, state)
        if self._has_room(copy, state):
            forbidden = state.forbidden_to(copy)
            for cost, spot in self.options[depth]:
                if not self._may_win(depth, floor, 0, cost):
                    break
                if not forbidden >> spot & 1:
                    self.descend(depth + 1, self._placed(depth, spot, cost, state))
        if self._may_win(depth, floor, 1, 0):
            self.descend(depth + 1, self._left_out(depth, state))

    def _may_win(self, depth: int, floor: Score, left_out: int, cost: int) -> bool:
        """Whether a choice for this copy can lead to a plan better than the best one so far."""
        if self.best_score is None:
            return True
        return self.steps <= STEPS and _plus(floor, self.tier[depth], left_out, cost) < self.best_score

    def _has_room(self, copy: Copy, state: _State) -> bool:
        return state.blocks < self.most_blocks and (copy.block.kind != "ad" or state.ads < self.most_ads)

    def _placed(self, depth: int, spot: int, cost: int, state: _State) -> _State:
        block, own = self.copies[depth].block, state.own
        if (near := self.near.get(block.id)) is not None:
            own = own | {block.id: own.get(block.id, 0) | near.mask(spot)}
        return _State(
            (*state.spots, spot),
            state.forbidden | self.shared.mask(spot),
            own,
            state.blocks + 1,
            state.ads + (block.kind == "ad"),
            _plus(state.score, self.tier[depth], 0, cost),
        )

    def _left_out(self, depth: int, state: _State) -> _State:
        score = _plus(state.score, self.tier[depth], 1, 0)
        return _State((*state.spots, None), state.forbidden, state.own, state.blocks, state.ads, score)

    def _floor(self, depth: int, state: _State) -> Score:
        """The least score of what follows this copy: in its tier by what is free, in later ones the ideal."""
        tier = self.tier[depth]
        missed, total = state.score[tier]
        free: list[int] = []
        spots = bodies = ads = 0
        for n in range(depth + 1, len(self.copies)):
            if self.tier[n] != tier:
                break
            alive = self.masks[n] & ~state.forbidden_to(self.copies[n])
            if not alive:
                missed += 1
                continue
            free.append(next(cost for cost, spot in self.options[n] if alive >> spot & 1))
            ads += self.copies[n].block.kind == "ad"
            if not alive & self.stacks:
                spots, bodies = spots | alive, bodies + 1
        room = min(self.most_blocks - state.blocks, len(free))
        excess = max(
            len(free) - room, ads - (self.most_ads - state.ads), bodies and bodies - self._packed(spots)
        )
        free.sort()
        here = (missed + excess, total + sum(free[: len(free) - excess]))
        return (*state.score[:tier], here, *self.ideal[tier + 1 :])

    def _packed(self, spots: int) -> int:
        """How many of these spots can be taken together: distances only grow, so first come is best."""
        count = 0
        while spots:
            spots &= ~self.shared.mask((spots & -spots).bit_length() - 1)
            count += 1
        return count


def _plus(score: Score, tier: int, left_out: int, cost: int) -> Score:
    missed, total = score[tier]
    return (*score[:tier], (missed + left_out, total + cost), *score[tier + 1 :])
