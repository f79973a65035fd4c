"""How much of a story ads take, where heights are known."""

from __future__ import annotations

from dataclasses import dataclass, replace

import pytest

from newshole import Site
from newshole.page.outline import Outline, Unit
from newshole.review.slots import density
from tests.plan.words import sketch


@dataclass(frozen=True)
class Tall(Unit):
    heights: tuple[int, int] = (0, 0)


def tall(*heights: tuple[int, int], kind: str = "paragraph") -> Outline:
    return replace(sketch("p20"), units=tuple(Tall(kind, 0, 9, 20, heights=each) for each in heights))


def test_without_heights_it_is_not_known() -> None:
    assert density(tall((0, 0)), (), "mobile") is None


def test_our_ads_take_their_room_of_the_whole() -> None:
    (ad, *_) = Site.load("newspaper").rules[0].blocks
    outline = tall((500, 420), (250, 300))
    assert density(outline, (ad,), "mobile") == pytest.approx(250 / 1000)
    assert density(outline, (ad,), "desktop") == pytest.approx(280 / 1000)


def test_ads_of_the_site_count() -> None:
    outline = replace(tall((750, 0)), units=(*tall((750, 0)).units, *tall((250, 0), kind="ad").units))
    assert density(outline, (), "mobile") == 0.25
