"""Line-up: a good plan for a crowd, found in one sweep down the page.

Where many blocks want the same gaps, the search for the best plan may end before it is found. In a tier
without exceptions the copies of a good plan stand in the order of the places that they ask for, and whether
one may stand behind another depends on these two alone. So one pass over copies and spots finds the best
plan of that shape: for every spot, the least score with which the copies so far leave the page free from
there on.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from newshole.plan.bounds import Nearness
from newshole.plan.tiers import Asking

Choice = tuple[int, int | None]

LEFT_OUT: Final = 1 << 40
"""What it costs to leave a copy out: more than all moves together."""

_FAR: Final = 1 << 60


def line_up(copies: Sequence[Asking], closed: Sequence[int], gap: Nearness, spots: int) -> list[int | None]:
    """A spot for each copy of a tier, None where it is left out; `closed` are the spots that each may not
    take. Blocks in stacks stand in nobody's way."""
    found: list[int | None] = [None] * len(copies)
    crowd = []
    for n, copy in enumerate(copies):
        cheapest = next((each for each in copy.options.spots if not closed[n] >> each & 1), None)
        if cheapest is not None and gap.stacks >> cheapest & 1:
            found[n] = cheapest
        elif cheapest is not None:
            crowd.append((cheapest, n))
    order = [n for _, n in sorted(crowd)]
    for n, spot in zip(
        order, _swept([copies[n] for n in order], [closed[n] for n in order], gap, spots), strict=True
    ):
        found[n] = spot
    return found


def _swept(copies: Sequence[Asking], closed: Sequence[int], gap: Nearness, spots: int) -> list[int | None]:
    """The sweep over copies that are in the order of the places they ask for."""
    behind = [gap.mask(spot).bit_length() if gap.mask(spot) else spot + 1 for spot in range(spots)]
    least = [0] + [_FAR] * spots
    choices: list[list[Choice]] = []
    for copy, shut in zip(copies, closed, strict=True):
        # What it costs to have the page free from each spot on, when the copy is left out.
        after = [score + LEFT_OUT if score < _FAR else _FAR for score in least]
        chosen: list[Choice] = [(at, None) for at in range(spots + 1)]
        best, best_at = _FAR, 0
        costs = copy.options.costs
        for spot in range(spots):
            if least[spot] < best:
                best, best_at = least[spot], spot
            cost = costs.get(spot)
            if cost is None or best == _FAR or shut >> spot & 1:
                continue
            score, end = best + cost, behind[spot]
            if score < after[end]:
                after[end], chosen[end] = score, (best_at, spot)
        choices.append(chosen)
        least = after
    return _traced(choices, min(range(spots + 1), key=least.__getitem__))


def _traced(choices: list[list[Choice]], at: int) -> list[int | None]:
    """The spots of the copies, from the last one back."""
    found: list[int | None] = []
    for chosen in reversed(choices):
        at, spot = chosen[at]
        found.append(spot)
    return found[::-1]
