"""New rules over many pages: on both devices, with prices, the worst first, why pages are left."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final

import pytest

from newshole import Reader, Site
from newshole.explaining.page import Page
from newshole.review.changes import PageChange, Side, changes, compared
from newshole.review.impact import PageImpact, Study, left, worst_first
from newshole.review.slots import Slot
from newshole.types import DEVICES
from tests.cli.conftest import RULES, STORY

URL: Final = "https://a.example/world/story"


def studied(tmp_path: Path, *replaced: tuple[str, str]) -> tuple[Study, PageImpact]:
    text = RULES.read_text("utf-8")
    for old, new in replaced:
        assert old in text
        text = text.replace(old, new, 1)
    rules = tmp_path / "new.yaml"
    rules.write_text(text, "utf-8")
    site = Site.load(RULES)
    study = Study(site, Site.load(rules), facts=site.facts, device="desktop")
    return study, study.add(Page("story", STORY.read_bytes(), URL))


def test_a_page_is_looked_at_on_every_device_with_density_even_where_no_rule_asks_for_heights(
    tmp_path: Path,
) -> None:
    _, page = studied(tmp_path, ("nth: 2", "nth: -1"))
    assert page.url == URL
    for device in DEVICES:
        assert page.changes[device].before.density
        assert page.changes[device].has_changed
        assert page.pictures[device][0].height > 0


def test_rules_that_look_at_the_device_change_pages_on_that_alone(tmp_path: Path) -> None:
    override = "overrides: [{name: phones, when: {device: mobile}, drop: inline-ad}]"
    _, page = studied(tmp_path, ("site: News Example", f"site: News Example\n{override}"))
    assert [device for device in DEVICES if page.changes[device].count("lost")] == ["mobile"]


@pytest.mark.parametrize("device", DEVICES)
def test_what_is_made_once_for_all_devices_is_what_is_made_for_each(tmp_path: Path, device: str) -> None:
    study, page = studied(tmp_path, ("nth: 2", "nth: -1"))
    before, after = (
        site.compose(STORY.read_bytes(), url=URL, content_type="text/html", reader=Reader(device=device))
        for site in (study.old, study.new)
    )
    assert page.changes[device] == compared(URL, before, after, device)


def test_rules_that_change_nothing_make_no_pictures(tmp_path: Path) -> None:
    _, page = studied(tmp_path)
    assert not page.has_changed
    assert page.pictures == {}


def test_the_new_rules_are_priced(tmp_path: Path) -> None:
    study, _ = studied(tmp_path, ("nth: 2", "nth: -1"))
    prices = study.prices()
    assert prices.pages == 1
    assert prices.slots.value > 0


def test_a_policy_that_keeps_ads_out_counts_for_both(tmp_path: Path) -> None:
    study, free = studied(tmp_path)
    told = study.add(
        Page("story", STORY.read_bytes(), URL, policies=("script-src 'none'; style-src 'none'",))
    )
    assert len(told.changes["mobile"].after.slots) < len(free.changes["mobile"].after.slots)
    assert study.prices().pages + sum(study.prices().untouched.values()) == 2


def side(slots: int, density: float, untouched: str | None = None) -> Side:
    return Side(untouched, tuple(Slot("a", "ad", 1, n, f"at {n}") for n in range(slots)), density)


def page(name: str, sides: Mapping[str, tuple[Side, Side]]) -> PageImpact:
    found = {
        device: PageChange(name, before, after, tuple(changes(before.slots, after.slots)), ())
        for device, (before, after) in sides.items()
    }
    return PageImpact(name, name, "", found, {})


def both(name: str, before: Side, after: Side) -> PageImpact:
    return page(name, dict.fromkeys(DEVICES, (before, after)))


PAGES: Final = (
    both("same", side(2, 0.2), side(2, 0.2)),
    both("gains", side(1, 0.1), side(4, 0.5)),
    both("loses", side(3, 0.3), side(1, 0.1)),
    page("on-mobile", {"mobile": (side(3, 0.3), side(0, 0.0)), "desktop": (side(1, 0.1), side(1, 0.1))}),
    both("fails", side(2, 0.2), side(2, 0.2, "plan-fault")),
    both("small", side(2, 0.2), side(0, 0.0, "no-body")),
)


def names(pages: list[PageImpact]) -> list[str]:
    return [each.url for each in pages]


def test_what_fails_comes_first_then_what_loses_most_on_any_device() -> None:
    assert names(worst_first(PAGES)) == ["fails", "on-mobile", "loses", "small", "gains"]


def test_what_gains_most_or_becomes_denser_can_come_first() -> None:
    assert names(worst_first(PAGES, "gained"))[:2] == ["fails", "gains"]
    assert names(worst_first(PAGES, "denser"))[:2] == ["fails", "gains"]


def test_reasons_for_which_more_pages_are_left_come_first() -> None:
    more = (*PAGES, both("was-left", side(0, 0.0, "too-large"), side(1, 0.1)))
    assert list(left(more, "mobile").items()) == [
        ("no-body", (0, 1)),
        ("plan-fault", (0, 1)),
        ("too-large", (1, 0)),
    ]
