"""Room: how much of the body's height ads may take, on each device that a plan is for.

Density is the height of the ads in the body to the height of the whole body, they themselves included. With a
share d and a story that is S high, ads may take d·S / (1 − d).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from newshole.plan.survey import OWN_AD, Survey
from newshole.rules.layout import Density
from newshole.types import DEVICES

Heights = tuple[int, ...]
"""CSS pixels, one number for each bound of density."""

_ANY: Final = 1 << 30


@dataclass(frozen=True, slots=True)
class Room:
    """What ads may take: at most `most` together in the spots `inside` the body, of which `used` is taken.

    `story` is how high the body is without ads, `heights` are those of the blocks that are ads, by id, and
    `least` the smallest of them.
    """

    bounds: tuple[Density, ...]
    inside: int
    story: Heights
    most: Heights
    used: Heights
    heights: Mapping[str, Heights]
    least: Heights

    @classmethod
    def of(
        cls,
        density: Iterable[Density],
        survey: Survey,
        heights: Mapping[str, tuple[int, int]],
        there: Iterable[tuple[int, int]] = (),
    ) -> Room:
        """The room on a page: `heights` of ads by block id (mobile, desktop), `there` those of other ads that
        will be in the body. A page whose height nobody knows bounds nothing."""
        units = survey.outline.units
        bounds = [each for each in density if each.device in survey.devices]
        places = [DEVICES.index(each.device) for each in bounds]
        ads = [units[n].heights for n in survey.units(OWN_AD)]
        high = {name: tuple(each[at] for at in places) for name, each in heights.items()} if bounds else {}
        story = [sum(unit.heights[at] for unit in units if unit.kind != OWN_AD) for at in places]
        return cls(
            tuple(bounds),
            survey.spots.inside,
            tuple(story),
            tuple(
                _most(each.share, height) if height else _ANY
                for each, height in zip(bounds, story, strict=True)
            ),
            tuple(sum(each[at] for each in (*ads, *there)) for at in places),
            high,
            tuple(map(min, zip(*high.values(), strict=True))),
        )

    def holds(self, used: Heights, more: Heights) -> bool:
        """Whether an ad so high may still come into the body."""
        return all(
            taken + high <= most or not high for taken, high, most in zip(used, more, self.most, strict=False)
        )

    def with_ad(self, used: Heights, more: Heights, spot: int) -> Heights:
        """What is used once an ad stands at a spot."""
        if not more or not self.inside >> spot & 1:
            return used
        return tuple(taken + high for taken, high in zip(used, more, strict=True))

    def ads_left(self, used: Heights) -> int:
        """How many ads may still come into the body, at most."""
        left = _ANY
        for taken, most, high in zip(used, self.most, self.least, strict=False):
            if high:
                left = min(left, max(most - taken, 0) // high)
        return left


def _most(share: float, story: int) -> int:
    return int(share * story / (1 - share)) if share < 1 else _ANY
