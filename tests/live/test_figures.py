"""When what is staged does harm, and when it does not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newshole.live.staging.figures import Figures, total, verdict

WELL = Figures(
    pages=5000, composed=5000, slots=10_000, with_ads=5000, measured=5000, density=500.0, shown=9000,
    viewable=6000,
)  # fmt: skip
NUMBERS = st.integers(0, 10_000)


def like(pages: int, **more: float) -> Figures:
    """Figures of so many pages in the proportions of `WELL`, but for these."""
    share = pages / WELL.pages
    found = Figures(
        pages, 0, pages, 2 * pages, pages, pages, 0.1 * pages, int(9000 * share), int(6000 * share)
    )
    for name, value in more.items():
        setattr(found, name, value)
    return found


@pytest.mark.parametrize("pages", [0, 1, 100, 1000, 50_000])
def test_what_is_as_the_version_in_service_is_left_alone(pages: int) -> None:
    assert verdict(like(pages), WELL) is None


@pytest.mark.parametrize(
    ("candidate", "reason"),
    [
        (like(100, faults=30, composed=70), "newshole fails on 30.0% of its pages, and on 0.0% "),
        (like(100, composed=0, slots=0), "nothing was put into any of its 100 pages"),
        (like(100, slots=0), "there is no ad in any of its 100 pages"),
        (like(100, slots=260), "a page has 2.60 ads, and 2.00 under the rules in service"),
        (like(100, density=14.0), "ads are 14.0% of a page, and 10.0% under the rules in service"),
        (like(500, viewable=400), "44% of its ads were viewable, and 67% under the rules in service"),
    ],
)
def test_harm_is_told_in_words(candidate: Figures, reason: str) -> None:
    found = verdict(candidate, WELL)
    assert found is not None
    assert found.startswith(reason)


@pytest.mark.parametrize(
    "candidate",
    [
        like(19, faults=19, composed=0),
        like(5000, faults=5, composed=4995),
        like(99, composed=0, slots=0),
        like(99, slots=990),
        like(1000, slots=2400),
        like(200, viewable=0),
        like(5000, viewable=5700),
        like(300, shown=540, viewable=330),
    ],
)
def test_too_few_or_too_little_is_no_harm(candidate: Figures) -> None:
    assert verdict(candidate, WELL) is None


def test_what_is_wrong_under_both_versions_halts_neither() -> None:
    for each in (
        like(5000, faults=2500, composed=2500, slots=5000),
        like(5000, composed=0, slots=0, with_ads=0, measured=0, shown=0, viewable=0),
        like(5000, slots=0),
        like(5000, viewable=0),
    ):
        assert verdict(each, each) is None


@given(st.builds(Figures, *[NUMBERS] * 6, st.floats(0, 1e4), NUMBERS, NUMBERS), st.integers(0, 9999))
def test_any_counts_can_be_judged(candidate: Figures, pages: int) -> None:
    for one, other in ((candidate, like(pages)), (like(pages), candidate)):
        found = verdict(one, other)
        assert found is None or found


def test_a_page_is_a_fault_composed_or_neither() -> None:
    figures = Figures()
    figures.add_page("render-fault", 0, None)
    figures.add_page("not-an-article", 0, None)
    figures.add_page(None, 2, 0.25)
    figures.add_page(None, 0, None)
    assert figures == Figures(4, 1, 2, 2, 1, 1, 0.25)


def test_counts_of_workers_add_up() -> None:
    assert total([]) == Figures()
    assert total([Figures(1, 0, 1, density=0.5), Figures(2, 1, density=0.25)]) == Figures(
        3, 1, 1, density=0.75
    )
