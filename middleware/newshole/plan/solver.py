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

    own: int | None
    is_ad: bool
    options: _Options
    paid: int
    left_out: int
    ideal: int = 0
    later: int = 0
    stop: int = 0


def _asking(copies: Sequence[Copy], repeating: Sequence[str]) -> list[_Asking]:
    """The copies, which are in the order of their tiers, with the scores that lie behind each."""
    known: dict[int, _Options] = {}
    ranks = {name: n for n, name in enumerate(repeating)}
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
        own = ranks.get(copy.block.id)
        asked.append(_Asking(own, is_ad, options, paid, paid << _FIELD, ideal, later, stop))
        ideal += options.least * paid
    return asked[::-1]


class _Rest:
    """What is free for the copies of a tier, added from the last one upward, while nothing else is taken.

    `costs` holds the least cost of each that has a spot. `sums[n]` says of the last n copies how many have
    one, how many of those are ads, how many have none but in the body, and the mask of the spots of these.
    """

    __slots__ = ("costs", "sums")

    def __init__(self) -> None:
        self.costs: list[int] = []
        self.sums: list[tuple[int, int, int, int]] = [(0, 0, 0, 0)]

    def add(self, copy: _Asking, free: int, stacks: int) -> None:
        """Count one more copy, for which the spots of the mask `free` are left."""
        count, ads, bodies, spots = self.sums[-1]
        if free:
            options = copy.options
            self.costs.append(options.costs[next(spot for spot in options.spots if free >> spot & 1)])
            count, ads = count + 1, ads + copy.is_ad
            if not free & stacks:
                bodies, spots = bodies + 1, spots | free
        self.sums.append((count, ads, bodies, spots))


@dataclass(slots=True)
class _State:
    """What the copies above `depth` have taken; `taken` holds for all, `own` for the copies
    of one repeating block each.

    `floor` is the least score that any plan from here on can have, once it was worked out.
    """

    depth: int
    taken: int
    own: tuple[int, ...]
    blocks: int
    ads: int
    score: int
    floor: int | None = None


class _Search:
    def __init__(
        self, copies: list[Copy], near: dict[str, Nearness], shared: Nearness, layout: Layout
    ) -> None:
        self.asked = _asking(copies, [*near])
        self.near = [*near.values()]
        self.shared = shared
        self.most_blocks = layout.blocks.most if layout.blocks else len(copies)
        self.most_ads = layout.ads.most if layout.ads else len(copies)
        self.path: list[int | None] = [None] * len(copies)
        self.best = tuple(self.path)
        self.best_score: int | None = None
        self.steps = 1
        self.rests: dict[tuple[int, int, tuple[int, ...]], _Rest] = {}
        self.packs: dict[int, int] = {}

    def run(self) -> None:
        """Decide one copy after the other, in every way that may still beat the best plan."""
        branches = [self._choices(_State(0, 0, (0,) * len(self.near), 0, 0, 0))] if self.asked else []
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
            taken, costs = self._taken_from(copy, state), copy.options.costs
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

    def _taken_from(self, copy: _Asking, state: _State) -> int:
        return state.taken if copy.own is None else state.taken | state.own[copy.own]

    def _placed(self, copy: _Asking, spot: int, more: int, state: _State) -> _State:
        own = state.own
        if copy.own is not None:
            near = own[copy.own] | self.near[copy.own].mask(spot)
            own = (*own[: copy.own], near, *own[copy.own + 1 :])
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
        behind = this.stop - state.depth - 1
        rest = self._rest(this, state)
        count, ads, bodies, spots = rest.sums[behind]
        excess = max(
            0,
            count - (self.most_blocks - state.blocks),
            ads - (self.most_ads - state.ads),
            bodies > 1 and bodies - self._packed(spots),
        )
        costs = sorted(rest.costs[:count])
        missed, paid = behind - count + excess, sum(costs[: count - excess])
        return state.score + missed * this.left_out + paid * this.paid + this.later

    def _rest(self, this: _Asking, state: _State) -> _Rest:
        """What is free for the copies behind this one in its tier, the last of them first."""
        key = this.stop, state.taken, state.own
        rest = self.rests.get(key)
        if rest is None:
            rest = self.rests[key] = _Rest()
        for copy in reversed(self.asked[state.depth + 1 : this.stop + 1 - len(rest.sums)]):
            rest.add(copy, copy.options.mask & ~self._taken_from(copy, state), self.shared.stacks)
        return rest

    def _packed(self, spots: int) -> int:
        """How many of these spots can be taken together: distances only grow, so first come is best."""
        if spots not in self.packs:
            left, count = spots, 0
            while left:
                left &= ~self.shared.mask((left & -left).bit_length() - 1)
                count += 1
            self.packs[spots] = count
        return self.packs[spots]
