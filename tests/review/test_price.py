"""What each bound costs."""

from __future__ import annotations

from pathlib import Path

import pytest

from newshole import Site
from newshole.review.price import Cost, Prices, Pricing
from newshole.review.values import Values
from tests.cli.conftest import RULES, STORY

PAGE = STORY.read_bytes()


def priced(
    rules: str | Path, *pages: bytes, values: Values | None = None, conditions: bool = False
) -> Prices:
    pricing = Pricing(Site.load(rules), "desktop", values, conditions=conditions)
    for page in pages:
        pricing.add(page, "", "text/html")
    return pricing.prices()


def by_bound(prices: Prices) -> dict[str, Cost]:
    return {each.bound: each for each in prices.costs}


def written(tmp_path: Path, *replaced: tuple[str, str]) -> Path:
    text = RULES.read_text("utf-8")
    for old, new in replaced:
        assert old in text
        text = text.replace(old, new, 1)
    rules = tmp_path / "rules.yaml"
    rules.write_text(text, "utf-8")
    return rules


def test_a_bound_costs_the_slots_that_come_without_it() -> None:
    prices = priced(RULES, PAGE)
    assert (prices.pages, prices.slots.value) == (1, 1)
    ads = by_bound(prices)["layout.ads"]
    assert (ads.slots.value, ads.binds, ads.blocks) == (1, 1, {"second-ad": 1})


def test_a_bound_that_never_binds_costs_nothing() -> None:
    heading = by_bound(priced(RULES, PAGE))["layout.clear.heading.after"]
    assert (heading.slots.value, heading.binds, heading.blocks) == (0, 0, {})


def test_a_page_without_a_slot_may_be_what_a_bound_costs(tmp_path: Path) -> None:
    rules = written(tmp_path, ("  ads: 1", "  start: 500 words"))
    prices = priced(rules, PAGE)
    assert (prices.pages, prices.slots.value) == (1, 0)
    assert by_bound(prices)["layout.start"].slots.value == 2


def test_a_bound_that_only_moves_blocks_is_told_apart_from_one_that_does_nothing(tmp_path: Path) -> None:
    moved = by_bound(priced(written(tmp_path, ("  ads: 1", "  ads: 1\n  start: 50 words")), PAGE))
    assert (moved["layout.start"].slots.value, moved["layout.start"].binds) == (0, 1)


def test_bounds_that_ask_for_the_same_are_priced_together_too(tmp_path: Path) -> None:
    gap = ("gap: 3 units", "gap: [3 units, 40 words]")
    rules = written(tmp_path, gap, ("ads: 1", "ads: 2"), ("nth: 2}", "nth: 2}\n    exact: true"))
    costs = by_bound(priced(rules, PAGE))
    assert [costs[bound].slots.value for bound in ("layout.gap[0]", "layout.gap[1]", "layout.gap")] == [
        0,
        0,
        1,
    ]


def test_a_bound_that_brings_slots_has_a_price_below_zero(tmp_path: Path) -> None:
    """Without it, one block of higher priority takes the room of two."""
    rules = tmp_path / "rules.yaml"
    rules.write_text(
        "layout: {gap: 3 units, clear: {heading: {before: never}}}\nblocks:\n"
        "  high: {kind: html, html: <p>x</p>, place: {after: paragraph, nth: 4}, exact: true, priority: 1}\n"
        "  low: {kind: html, html: <p>x</p>, place: {after: paragraph, nth: [3, 5]}, exact: true}\n",
        "utf-8",
    )
    text = b"<p>" + b"Some words of a story, as many as it takes. " * 4 + b"</p>"
    page = b"<article>" + 4 * text + b"<h2>And then</h2>" + 3 * text + b"</article>"
    cost = by_bound(priced(rules, page))["layout.clear.heading.before"]
    assert (cost.slots.value, cost.blocks) == (-1, {"high": 1, "low": -2})


def test_conditions_are_priced_where_they_are_asked_for() -> None:
    path = "blocks.follow.when.section"
    assert path not in by_bound(priced(RULES, PAGE))
    cost = by_bound(priced(RULES, PAGE, conditions=True))[path]
    assert (cost.slots.value, cost.blocks) == (1, {"follow": 1})


def test_values_make_it_money() -> None:
    values = Values({("inline-ad", 1): 2.0, ("second-ad", None): 0.5}, "EUR")
    prices = priced(RULES, PAGE, values=values)
    assert prices.value
    assert prices.value.value == 2
    cost = by_bound(prices)["layout.ads"].value
    assert cost
    assert cost.value == 0.5


def test_the_dearest_bound_comes_first() -> None:
    costs = priced(RULES, PAGE, PAGE, conditions=True).costs
    assert [each.slots.value for each in costs] == sorted((each.slots.value for each in costs), reverse=True)


def test_pages_that_are_left_whole_are_not_counted() -> None:
    prices = priced(RULES, PAGE, b"", b"<p>No story.")
    assert (prices.pages, prices.untouched) == (1, {"empty": 1, "no-body": 1})


def test_a_price_is_in_the_mean_with_its_interval() -> None:
    other = PAGE.replace(b"<h2>", b"<p>").replace(b"</h2>", b"</p>")
    short = b"<article>" + 2 * (b"<p>" + b"A word, " * 100 + b"</p>") + b"</article>"
    prices = priced(RULES, *(PAGE, other, short) * 5)
    ads = by_bound(prices)["layout.ads"]
    assert prices.pages == 15
    assert ads.slots.value == pytest.approx(2 / 3)
    assert 0.3 < ads.slots.low < ads.slots.value < ads.slots.high < 1


def test_a_slot_that_the_markup_would_not_hold_is_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without the bound the plan has a place for it, the proof has not."""
    rules = written(tmp_path, ("  ads: 1", "  start: 500 words"))
    monkeypatch.setattr("newshole.composing.unproven", lambda _document, added, _body: range(len(added)))
    assert by_bound(priced(rules, PAGE))["layout.start"].slots.value == 0


def test_a_fault_on_a_page_is_no_page(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise LookupError("no story")

    monkeypatch.setattr("newshole.composing.read_story", fail)
    prices = priced(RULES, PAGE)
    assert (prices.pages, prices.untouched) == (0, {"read-fault": 1})


def test_rules_of_several_sites_are_priced_by_the_pages_that_they_are_for(tmp_path: Path) -> None:
    text = RULES.read_text("utf-8")
    for name in ("one", "two"):
        (tmp_path / f"{name}.yaml").write_text(f"hosts: {name}.example\n{text}", "utf-8")
    pricing = Pricing(Site.load(tmp_path), "desktop")
    for host in ("one", "one", "three"):
        pricing.add(PAGE, f"https://{host}.example/story", "text/html")
    prices = pricing.prices()
    assert (prices.pages, prices.untouched) == (2, {"no-site": 1})
    assert {each.rules for each in prices.costs} == {"one"}
