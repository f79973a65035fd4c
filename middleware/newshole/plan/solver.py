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

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from newshole.plan.lineup import line_up
from newshole.plan.rivals import Rivals, Taken, bars
from newshole.plan.room import Room
from newshole.plan.targets import Copy
from newshole.plan.tiers import Asking, Rest, tiers_of
from newshole.rules.layout import Layout
from newshole.rules.ruleset import Block

EASY: Final = 60
"""Nodes after which a search is hard, and begins again from a plan that one sweep finds."""

CROWD: Final = 16
"""Copies of one tier over which what is free for each of them is not looked at."""

STEPS: Final = 300
"""Nodes that one search may look at; what is best by then is the plan, said to be cut short."""


_FAR: Final = 1 << 48


@dataclass(frozen=True, slots=True)
class Solution:
    """The spot of every copy, None where it was left out; `cut` is True where the search ran out of steps."""

    spots: tuple[int | None, ...]
    cut: bool


def solve(copies: Sequence[Copy], rivals: Rivals, layout: Layout, room: Room) -> Solution:
    """Give copies their spots; `room` is what ads may take of the body's height.

    The copies' costs must hold no spot that a static bound forbids.
    """
    ranks = [(not copy.block.required, -copy.block.priority, copy.order) for copy in copies]
    order = sorted(range(len(copies)), key=ranks.__getitem__)
    search = _Search([copies[n] for n in order], rivals, layout, room)
    search.run()
    taken = dict(zip(order, search.best, strict=True))
    return Solution(tuple(taken[n] for n in range(len(copies))), search.steps > STEPS)


@dataclass(slots=True)
class _State:
    """What the copies above `depth` have taken; `present` is the mask of the blocks that are on the page,
    `used` the height of its ads in the body by device.

    `floor` is the least score that any plan from here on can have, once it was worked out.
    """

    depth: int
    taken: Taken
    blocks: int
    ads: int
    used: tuple[int, ...]
    present: int
    score: int
    floor: int | None = None


class _Search:
    def __init__(self, copies: list[Copy], rivals: Rivals, layout: Layout, room: Room) -> None:
        blocks = _blocks(copies)
        self.asked, self.tiers = tiers_of(copies, rivals.lane_of, blocks, bars(blocks), room)
        self.rivals, self.room = rivals, room
        self.most_blocks = layout.blocks.most if layout.blocks else len(copies)
        self.most_ads = layout.ads.most if layout.ads else len(copies)
        self.path: list[int | None] = [None] * len(copies)
        self.best = tuple(self.path)
        self.best_score: int | None = None
        self.steps = 1
        self.rests: dict[object, Rest] = {}
        self.packs: dict[int, int] = {}

    def run(self) -> None:
        """Decide one copy after the other, in every way that may still beat the best plan."""
        branches = [self._choices(self._start())] if self.asked else []
        while branches:
            state = next(branches[-1], None)
            if state is None:
                branches.pop()
                continue
            self.steps += 1
            if self.steps == EASY:
                self._line_up()
            if state.depth < len(self.asked):
                branches.append(self._choices(state))
            else:
                self.best, self.best_score = tuple(self.path), state.score

    def _start(self) -> _State:
        return _State(0, self.rivals.nothing, 0, 0, self.room.used, 0, 0)

    def _line_up(self) -> None:
        """Take the plan of a sweep, tier by tier, where it is better than the best one so far."""
        state, spots = self._start(), self.rivals.gap.spots
        path: list[int | None] = [None] * len(self.asked)
        for tier in self.tiers:
            if state.blocks >= self.most_blocks:
                state = replace(state, score=state.score + tier.score(0))
                continue
            depths = range(tier.stop - tier.count, tier.stop)
            own = [self.asked[depth] for depth in depths]
            closed = [~self._free(copy, state) for copy in own]
            wanted = line_up(own, closed, self.rivals.gap, spots)
            state = self._follow(state, dict(zip(depths, wanted, strict=True)), path)
        if self.best_score is None or state.score < self.best_score:
            # A plan that scores the same may still be found, and goes before it by the rules' order.
            self.best, self.best_score = tuple(path), state.score + 1

    def _follow(self, state: _State, wanted: dict[int, int | None], path: list[int | None]) -> _State:
        """Place the copies of a tier, the cheapest first, where they want to or else where they may."""
        costs = {
            depth: _FAR if spot is None else self.asked[depth].options.costs[spot]
            for depth, spot in wanted.items()
        }
        for depth in sorted(wanted, key=costs.__getitem__):
            copy, spot = self.asked[depth], wanted[depth]
            may = state.blocks < self.most_blocks and (not copy.is_ad or state.ads < self.most_ads)
            free = self._free(copy, state) if may else 0
            if spot is None or not free >> spot & 1:
                spot = next((each for each in copy.options.spots if free >> each & 1), None)
            path[depth] = spot
            if spot is None:
                state = replace(state, score=state.score + copy.left_out)
            else:
                state = self._placed(copy, spot, copy.options.costs[spot] * copy.paid, state)
        return state

    def _choices(self, state: _State) -> Iterator[_State]:
        """What the next copy may do, the cheapest first, as long as that may lead to the best plan."""
        copy = self.asked[state.depth]
        if state.blocks < self.most_blocks and (not copy.is_ad or state.ads < self.most_ads):
            free, costs = self._free(copy, state), copy.options.costs
            for spot in self._spots(copy) if free else ():
                if not free >> spot & 1:
                    continue
                more = costs[spot] * copy.paid
                if self._is_beaten(copy, state, more):
                    return
                self.path[state.depth] = spot
                yield self._placed(copy, spot, more, state)
        if not self._is_beaten(copy, state, copy.left_out):
            self.path[state.depth] = None
            score = state.score + copy.left_out
            yield _State(
                state.depth + 1, state.taken, state.blocks, state.ads, state.used, state.present, score
            )

    def _spots(self, copy: Asking) -> Sequence[int]:
        """The spots to try: the second of two twins has no cheaper one, for swapped they are the same."""
        spots = copy.options.spots
        if copy.twin is None:
            return spots
        spot = self.path[copy.twin]
        if spot is None:
            return ()
        is_shared = self.rivals.gap.stacks >> spot & 1
        return spots[spots.index(spot) + (not is_shared) :]

    def _is_beaten(self, copy: Asking, state: _State, more: int) -> bool:
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

    def _free(self, copy: Asking, state: _State) -> int:
        """The spots that a copy may take, whatever there is to choose from behind it."""
        if copy.bars & state.present:
            return 0
        if copy.lane is None and not copy.is_ad:
            return copy.options.mask & ~state.taken.most
        free = copy.options.mask & ~self.rivals.closed(state.taken, copy.lane, is_ad=copy.is_ad)
        return free if self.room.holds(state.used, copy.heights) else free & ~self.room.inside

    def _placed(self, copy: Asking, spot: int, more: int, state: _State) -> _State:
        return _State(
            state.depth + 1,
            self.rivals.place(state.taken, spot, copy.lane, is_ad=copy.is_ad),
            state.blocks + 1,
            state.ads + copy.is_ad,
            self.room.with_ad(state.used, copy.heights, spot),
            state.present | copy.bit,
            state.score + more,
        )

    def _floor(self, state: _State) -> int:
        """The least score of what follows this copy: in its tier by what is free, in later ones by how many
        blocks a page may have."""
        this = self.asked[state.depth]
        behind = this.stop - state.depth - 1
        if behind > CROWD:
            return self._floor_of_crowd(state, this, behind)
        rest = self._rest(this, state)
        count, ads, inner, bodies, spots = rest.sums[behind]
        blocks_left, ads_left = self.most_blocks - state.blocks, self.most_ads - state.ads
        excess = max(
            0,
            count - blocks_left,
            ads - ads_left,
            inner - self.room.ads_left(state.used),
            bodies > 1 and bodies - self._packed(spots),
        )
        costs = sorted(rest.costs[:count])
        missed, paid = behind - count + excess, sum(costs[: count - excess])
        # The copy itself may be placed as well, which leaves the later tiers no more than this.
        later = self._later(this.tier, blocks_left - (count - excess), ads_left - max(0, ads - excess))
        return state.score + missed * this.left_out + paid * this.paid + later

    def _floor_of_crowd(self, state: _State, this: Asking, behind: int) -> int:
        """The same for a tier with many copies left, by their number: to look at each takes too long."""
        tier, left = self.tiers[this.tier], self.most_blocks - state.blocks
        placed = min(behind, max(left, 0))
        score = (behind - placed) * this.left_out + tier.costs[placed] * this.paid
        return state.score + score + self._later(this.tier, left - placed, self.most_ads - state.ads)

    def _later(self, tier: int, blocks: int, ads: int) -> int:
        """The least score of the tiers behind one, when they may have so many blocks and ads among them."""
        score = 0
        for each in self.tiers[tier + 1 :]:
            most = min(min(each.ads, max(ads, 0)) + each.count - each.ads, max(blocks, 0))
            score += each.score(most)
            blocks -= most
            ads -= max(0, most - (each.count - each.ads))
        return score

    def _rest(self, this: Asking, state: _State) -> Rest:
        """What is free for the copies behind this one in its tier, the last of them first."""
        key = this.stop, state.taken, state.present, state.used
        rest = self.rests.get(key)
        if rest is None:
            rest = self.rests[key] = Rest()
        for copy in reversed(self.asked[state.depth + 1 : this.stop + 1 - len(rest.sums)]):
            rest.add(copy, self._free(copy, state), self.rivals.gap.stacks, self.room.inside)
        return rest

    def _packed(self, spots: int) -> int:
        """How many of these spots can be taken together: distances only grow, so first come is best."""
        if spots not in self.packs:
            left, count = spots, 0
            while left:
                left &= ~self.rivals.least.mask((left & -left).bit_length() - 1)
                count += 1
            self.packs[spots] = count
        return self.packs[spots]


def _blocks(copies: Sequence[Copy]) -> list[Block]:
    """The blocks of the copies, each once."""
    return list({id(copy.block): copy.block for copy in copies}.values())
