"""The solver: which copy takes which spot, as an optimum under all bounds at once.

Priority is a tier. Tier by tier, from the highest, the plan first leaves out as few copies as can be
and then keeps them as near to their targets as can be; a lower tier never costs a higher one anything.
This is a depth-first branch and bound over the copies in tier order. Where nothing is in conflict it
looks at each copy once. Ties fall to the rules' order and to the earlier spot, so the same input gives
the same plan on every machine, and the search is bounded in steps, not in time.

Both quantities that a step compares and changes are whole numbers: the spots that are still free are the
bits of one, and a score is one with two fields a tier, copies left out above their total cost, the
highest tier's on top. So scores add up, and compare as the tiers do.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from newshole.plan.bounds import Nearness
from newshole.plan.targets import Copy
from newshole.rules.ruleset import Block, Bound, Layout

STEPS: Final = 2_000
"""Nodes that one search may look at; what is best by then is the plan, said to be cut short."""

_FIELD: Final = 48
"""Bits of a field of a score: no page has as many words that a tier's total cost could outgrow them."""


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
    search.run()
    taken = dict(zip(order, search.best, strict=True))
    return Solution(tuple(taken[n] for n in range(len(copies))), search.steps > STEPS)


def every_bound(block: Block) -> tuple[Bound, ...]:
    """The distance that copies of a repeating block keep from each other."""
    repeat = block.repeat
    return () if repeat is None else (Bound(f"{block.path}.repeat.every", repeat.every),)


class _Options:
    """The spots that a copy may take, from the cheapest on; shared by copies of equal costs."""

    __slots__ = ("costs", "least", "mask", "spots")

    def __init__(self, costs: Mapping[int, int]) -> None:
        self.costs = costs
        self.spots = sorted(sorted(costs), key=costs.__getitem__)
        self.least = costs[self.spots[0]]
        self.mask = sum(map((1).__lshift__, costs))


@dataclass(slots=True)
class _Asking:
    """One copy in the search; `paid` and `left_out` are what a unit of cost and its absence add to a score.

    `ideal` is the least score of all copies behind it, `later` of those in the tiers behind its own, which
    begin at depth `stop`.
    """

    block: str
    is_ad: bool
    options: _Options
    paid: int
    left_out: int
    ideal: int = 0
    later: int = 0
    stop: int = 0


def _asking(copies: Sequence[Copy]) -> list[_Asking]:
    """The copies, which are in the order of their tiers, with the scores that lie behind each."""
    known: dict[int, _Options] = {}
    asked: list[_Asking] = []
    tier, priority, ideal, later, stop = 0, None, 0, 0, len(copies)
    for depth in range(len(copies) - 1, -1, -1):
        copy = copies[depth]
        if copy.block.priority != priority:
            tier, priority, later, stop = tier + (priority is not None), copy.block.priority, ideal, depth + 1
        paid = 1 << 2 * _FIELD * tier
        options = known.get(id(copy.costs))
        if options is None:
            options = known[id(copy.costs)] = _Options(copy.costs)
        is_ad = copy.block.kind == "ad"
        asked.append(_Asking(copy.block.id, is_ad, options, paid, paid << _FIELD, ideal, later, stop))
        ideal += options.least * paid
    return asked[::-1]


@dataclass(slots=True)
class _State:
    """What the copies above `depth` have taken; `taken` holds for all, `own` for one block's copies.

    `floor` is the least score that any plan from here on can have, once it was worked out.
    """

    depth: int
    taken: int
    own: Mapping[str, int]
    blocks: int
    ads: int
    score: int
    floor: int | None = None


class _Search:
    def __init__(
        self, copies: list[Copy], near: dict[str, Nearness], shared: Nearness, layout: Layout
    ) -> None:
        self.asked = _asking(copies)
        self.near = near
        self.shared = shared
        self.most_blocks = layout.blocks.most if layout.blocks else len(copies)
        self.most_ads = layout.ads.most if layout.ads else len(copies)
        self.path: list[int | None] = [None] * len(copies)
        self.best = tuple(self.path)
        self.best_score: int | None = None
        self.steps = 1

    def run(self) -> None:
        """Decide one copy after the other, in every way that may still beat the best plan."""
        branches = [self._choices(_State(0, 0, {}, 0, 0, 0))] if self.asked else []
        while branches:
            state = next(branches[-1], None)
            if state is None:
                branches.pop()
                continue
            self.steps += 1
            if state.depth < len(self.asked):
                branches.append(self._choices(state))
            else:
                self.best, self.best_score = tuple(self.path), state.score

    def _choices(self, state: _State) -> Iterator[_State]:
        """What the next copy may do, the cheapest first, as long as that may lead to the best plan."""
        copy = self.asked[state.depth]
        if state.blocks < self.most_blocks and (not copy.is_ad or state.ads < self.most_ads):
            taken, costs = state.taken | state.own.get(copy.block, 0), copy.options.costs
            for spot in copy.options.spots:
                if taken >> spot & 1:
                    continue
                more = costs[spot] * copy.paid
                if self._is_beaten(copy, state, more):
                    return
                self.path[state.depth] = spot
                yield self._placed(copy, spot, more, state)
        if not self._is_beaten(copy, state, copy.left_out):
            self.path[state.depth] = None
            score = state.score + copy.left_out
            yield _State(state.depth + 1, state.taken, state.own, state.blocks, state.ads, score)

    def _is_beaten(self, copy: _Asking, state: _State, more: int) -> bool:
        """Whether no plan in which the copy adds so much can be better than the best one so far.

        The ideal of all that follows settles most cases, and only for the others the floor is worked out.
        """
        if self.best_score is None:
            return False
        if self.steps > STEPS or state.score + copy.ideal + more >= self.best_score:
            return True
        if state.floor is None:
            state.floor = self._floor(state)
        return state.floor + more >= self.best_score

    def _placed(self, copy: _Asking, spot: int, more: int, state: _State) -> _State:
        own = state.own
        if (near := self.near.get(copy.block)) is not None:
            own = {**own, copy.block: own.get(copy.block, 0) | near.mask(spot)}
        return _State(
            state.depth + 1,
            state.taken | self.shared.mask(spot),
            own,
            state.blocks + 1,
            state.ads + copy.is_ad,
            state.score + more,
        )

    def _floor(self, state: _State) -> int:
        """The least score of what follows this copy: in its tier by what is free, in later ones the ideal."""
        this = self.asked[state.depth]
        missed = 0
        costs: list[int] = []
        spots = bodies = ads = 0
        for copy in self.asked[state.depth + 1 : this.stop]:
            options = copy.options
            alive = options.mask & ~(state.taken | state.own.get(copy.block, 0))
            if not alive:
                missed += 1
                continue
            costs.append(next(options.costs[spot] for spot in options.spots if alive >> spot & 1))
            ads += copy.is_ad
            if not alive & self.shared.stacks:
                spots, bodies = spots | alive, bodies + 1
        excess = max(
            len(costs) - (self.most_blocks - state.blocks),
            ads - (self.most_ads - state.ads),
            bodies - self._packed(spots, bodies),
        )
        costs.sort()
        left = sum(costs[: len(costs) - excess])
        return state.score + (missed + excess) * this.left_out + left * this.paid + this.later

    def _packed(self, spots: int, enough: int) -> int:
        """How many of these spots can be taken together: distances only grow, so first come is best."""
        count = 0
        while spots and count < enough:
            spots &= ~self.shared.mask((spots & -spots).bit_length() - 1)
            count += 1
        return count
