"""When what is staged does harm, and when it does not."""

from __future__ import annotations

import random
from collections.abc import Iterable
from dataclasses import astuple, replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newshole.live.staging.figures import MOST_PAGES, Figures, Spread, Views, shared, total, verdict

NUMBERS = st.integers(0, 10_000)


def figures_of(addresses: Iterable[Views]) -> Figures:
    """The figures of a version by the views of each of its addresses."""
    told = [*addresses]
    figures = total([Figures(*astuple(each)) for each in told])
    for each in told:
        figures.add_address(each)
    return figures


def page(times: int = 1, /, **more: float) -> Views:
    """An address with so many views: two ads, a tenth of it, two of three seen, nine of ten filled, but for
    these."""
    usual = {
        "composed": 1,
        "slots": 2,
        "with_ads": 1,
        "measured": 1,
        "density": 0.1,
        "shown": 3,
        "viewable": 2,
        "asked": 10,
        "unfilled": 1,
    }
    views = Views(times)
    for name, value in {**usual, **more}.items():
        setattr(views, name, value * times)
    return views


def pages(number: int, **more: float) -> list[Views]:
    return [page(**more) for _ in range(number)]


LEFT = page(
    composed=0, slots=0, with_ads=0, measured=0, density=0.0, shown=0, viewable=0, asked=0, unfilled=0
)
FAULT = replace(LEFT, faults=1)
WELL = pages(1000)


@pytest.mark.parametrize("number", [0, 1, 20, 100, 1000])
def test_what_is_as_the_version_in_service_is_left_alone(number: int) -> None:
    assert verdict(figures_of(pages(number)), figures_of(WELL)) is None


@pytest.mark.parametrize(
    ("candidate", "reason"),
    [
        ([FAULT] * 30 + pages(70), "newshole fails on 30.0% of its pages, and on 0.0% "),
        ([FAULT] * 20, "newshole fails on 100.0% of its pages, and on 0.0% "),
        ([LEFT] * 20, "nothing was put into any of its 20 pages"),
        (pages(20, slots=0, with_ads=0), "there is no ad in any of its 20 pages"),
        (pages(30, slots=3), "a page has 3.00 ads, and 2.00 under the rules in service"),
        (pages(30, density=0.14), "ads are 14.0% of a page, and 10.0% under the rules in service"),
        (pages(200, viewable=1), "33% of its ads were viewable, and 67% under the rules in service"),
        (pages(30, unfilled=10), "0% of its ads were filled, and 90% under the rules in service"),
        (pages(200, unfilled=4), "60% of its ads were filled, and 90% under the rules in service"),
    ],
)
def test_harm_is_told_in_words(candidate: list[Views], reason: str) -> None:
    found = verdict(figures_of(candidate), figures_of(WELL))
    assert found is not None
    assert found.startswith(reason)


@pytest.mark.parametrize(
    "candidate",
    [
        [FAULT] * 19,
        [FAULT, *pages(999)],
        [LEFT] * 19,
        pages(19, slots=20),
        pages(1000, slots=2.4),
        pages(100, viewable=0),
        pages(1000, viewable=1.9),
        pages(9, unfilled=10),
        pages(1000, unfilled=1.8),
    ],
)
def test_too_few_or_too_little_is_no_harm(candidate: list[Views]) -> None:
    assert verdict(figures_of(candidate), figures_of(WELL)) is None


def test_what_is_wrong_under_both_versions_halts_neither() -> None:
    for each in (
        WELL + [FAULT] * 1000,
        [LEFT] * 1000,
        pages(1000, slots=0),
        pages(1000, viewable=0),
        pages(1000, unfilled=10),
    ):
        assert verdict(figures_of(each), figures_of(each)) is None


@pytest.mark.parametrize(
    "much",
    [
        page(5000, slots=12),
        page(5000, density=0.9),
        page(5000, viewable=0),
        page(5000, unfilled=10),
        page(5000, composed=0, slots=0, with_ads=0),
        page(5000, faults=1, composed=0),
    ],
)
def test_one_address_halts_nothing_however_many_read_it(much: Views) -> None:
    """The story of the day, which is as it is under both versions, is in the share of one of them."""
    assert verdict(figures_of([much, *pages(30)]), figures_of(WELL)) is None
    assert verdict(figures_of([much]), figures_of(WELL)) is None


def test_the_same_rules_do_not_halt_themselves_whatever_pages_they_get() -> None:
    """A few pages have most of the views, long ones many ads, and some stories no advertiser wants; whoever
    looks, looks all the time."""
    chances = [random.Random(seed) for seed in range(30)]  # noqa: S311 - the same pages each time
    assert [_halts_itself(each) for each in chances] == [None] * 30


def _halts_itself(chance: random.Random) -> str | None:
    ads = [min(12, round(chance.lognormvariate(1.0, 0.6))) for _ in range(600)]
    weights = [1 / (n + 1) for n in range(len(ads))]
    fill, seen = ([chance.betavariate(0.8, 0.4) for _ in ads] for _ in range(2))
    is_new = [chance.random() < 0.1 for _ in ads]
    met = [Views() for _ in ads]
    for _ in range(10):
        for n in chance.choices(range(len(ads)), weights, k=300):
            met[n].add_page(None, ads[n], ads[n] * 0.05)
            met[n].shown += ads[n]
            met[n].viewable += sum(chance.random() < seen[n] for _ in range(ads[n]))
            met[n].asked += ads[n]
            met[n].unfilled += sum(chance.random() >= fill[n] for _ in range(ads[n]))
        new, old = (
            figures_of(each for each, new in zip(met, is_new, strict=True) if new is side and each.pages)
            for side in (True, False)
        )
        found = verdict(new, old)
        if found is not None:
            return found
    return None


@pytest.mark.parametrize(("unfilled", "addresses"), [(10, 17), (4, 63)])
def test_emptier_ads_are_seen_after_as_many_addresses_as_the_docs_say(unfilled: int, addresses: int) -> None:
    found = [
        verdict(figures_of(pages(number, unfilled=unfilled)), figures_of(pages(min(9 * number, MOST_PAGES))))
        for number in (addresses - 1, addresses)
    ]
    assert found[0] is None
    assert found[1] is not None
    docs = (Path(__file__).parents[2] / "docs" / "publishing.md").read_text("utf-8")
    assert f"after {addresses}" in docs


def test_twice_the_ads_are_seen_through_all_that_differs_between_pages() -> None:
    chance = random.Random(7)  # noqa: S311 - as above
    ads = [min(12, round(chance.lognormvariate(1.0, 0.6))) for _ in range(500)]
    candidate = figures_of(page(slots=2 * each) for each in ads[:100])
    found = verdict(candidate, figures_of(page(slots=each) for each in ads[100:]))
    assert found is not None
    assert "ads, and" in found


def test_the_same_addresses_at_many_workers_are_no_more_than_at_one() -> None:
    chance = random.Random(3)  # noqa: S311 - as above
    candidate = [page(slots=chance.choice((1, 6))) for _ in range(25)]
    many, of = total([figures_of(candidate)] * 30), total([figures_of(WELL)] * 30)
    assert verdict(many, of) is not None
    assert verdict(shared(many, 30), shared(of, 30)) is None
    assert (many.pages, many.ads.number) == (750, 25)


@given(
    st.builds(Views, *[NUMBERS] * 6, st.floats(0, 1e4), NUMBERS, NUMBERS, NUMBERS, NUMBERS),
    st.integers(0, 500),
)
def test_any_counts_can_be_judged(candidate: Views, number: int) -> None:
    ours, theirs = figures_of([candidate] * 30), figures_of(pages(number))
    for one, other in ((ours, theirs), (theirs, ours)):
        found = verdict(one, other)
        assert found is None or found


def test_a_page_is_a_fault_composed_or_neither() -> None:
    views = Views()
    views.add_page("render-fault", 0, None)
    views.add_page("not-an-article", 0, None)
    views.add_page(None, 2, 0.25)
    views.add_page(None, 0, None)
    assert views == Views(4, 1, 2, 2, 1, 1, 0.25)


def test_counts_of_workers_add_up() -> None:
    assert total([]) == Figures()
    assert total([Figures(1, 0, 1, density=0.5), Figures(2, 1, density=0.25)]) == Figures(
        3, 1, 1, density=0.75
    )
    assert total([Figures(ads=Spread(2, 3.0, 5.0))] * 2).ads == Spread(4, 6.0, 10.0)


def test_a_mean_of_addresses_is_as_sure_as_they_are_alike_and_many() -> None:
    spread = Spread()
    for value in (1.0, 2.0, 3.0):
        spread.add(value)
    assert spread.mean == 2.0
    assert spread.noise == pytest.approx(1 / 3)
    assert Spread(1, 5.0, 25.0).noise == 0.0
