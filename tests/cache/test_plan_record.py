"""What is kept of a page comes back as it was, for its own key alone, or not at all."""

from __future__ import annotations

from datetime import UTC

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newshole import Story
from newshole.cache.plan_record import (
    MOST_BYTES,
    MOST_PLANS,
    KeptPage,
    KeptPlan,
    Placed,
    Tried,
    decode,
    encode,
    fits,
    told_to_blocks,
)

KEY = b"0123456789abcdef"
TEXT = st.text(st.characters(codec="utf-8"), max_size=30)
STORIES = st.builds(
    Story,
    url=TEXT,
    title=TEXT,
    section=TEXT,
    tags=st.lists(TEXT, max_size=4).map(tuple),
    language=TEXT,
    types=st.lists(TEXT, max_size=3).map(tuple),
    published=st.none() | st.datetimes(timezones=st.just(UTC)),
    origin=TEXT,
    metas=st.lists(st.tuples(TEXT, st.lists(TEXT, max_size=2).map(tuple)), max_size=2).map(tuple),
    words=st.integers(0, 9_999),
    paywalled=st.booleans(),
)
NUMBER = st.integers(0, 1000)
PLANS = st.builds(
    KeptPlan,
    refused=st.lists(NUMBER, max_size=4).map(tuple),
    untouched=st.none() | TEXT,
    placed=st.lists(st.builds(Placed, NUMBER, NUMBER, NUMBER), max_size=4).map(tuple),
    tried=st.lists(st.builds(Tried, NUMBER, NUMBER, TEXT), max_size=4).map(tuple),
)
PAGES = st.builds(
    KeptPage, story=STORIES, untouched=st.none() | TEXT, plans=st.lists(PLANS, max_size=3).map(tuple)
)
PAGE = KeptPage(
    Story(title="Bridge"), None, (KeptPlan((1,), None, (Placed(0, 1, 9),), (Tried(0, 1, "ab"),)),)
)


@given(PAGES, st.binary(max_size=80))
def test_a_page_comes_back_as_it_was(page: KeptPage, secret: bytes) -> None:
    value = encode(page, KEY, secret)
    if value is not None:
        assert len(value) <= MOST_BYTES
        assert decode(value, KEY, secret) == page


@given(st.binary(max_size=300))
def test_bytes_that_are_no_value_are_none(value: bytes) -> None:
    assert decode(value, KEY) is None


@given(st.data())
def test_a_value_that_lacks_or_changes_a_byte_is_none(data: st.DataObject) -> None:
    value = encode(PAGE, KEY)
    assert value is not None
    at = data.draw(st.integers(0, len(value) - 1))
    assert decode(value[:at] + value[at + 1 :], KEY) is None
    assert (
        decode(value[:at] + bytes([value[at] ^ data.draw(st.integers(1, 255))]) + value[at + 1 :], KEY)
        is None
    )


def test_a_value_is_for_its_own_key_and_secret() -> None:
    value = encode(PAGE, KEY, b"secret")
    assert value is not None
    assert decode(value, KEY, b"secret") == PAGE
    assert decode(value, KEY[::-1], b"secret") is None
    assert decode(value, KEY, b"other") is None
    assert decode(value, KEY) is None


def test_texts_that_no_block_shows_are_left_out() -> None:
    told = Story(title="a", section="b", description="c", image="/d", site="e", authors=("f",))
    assert told_to_blocks(told) == Story(title="a", section="b")


def test_what_conditions_look_at_is_kept() -> None:
    told = Story(
        authors=("f",),
        paywalled=True,
        metas=(("a", ("b",)),),
        jsonld=(("c", ("d",)),),
        words=9,
        sensitivity="solemn",
    )
    assert told_to_blocks(told, authors=True) == told
    value = encode(KeptPage(told, "not-an-article", entry=None), KEY)
    assert value is not None
    assert decode(value, KEY) == KeptPage(told, "not-an-article", entry=None)


def test_a_page_that_says_too_much_is_not_kept() -> None:
    tags = tuple(f"{number:x}{number * 7919:x}tag" for number in range(600))
    assert encode(KeptPage(Story(tags=tags)), KEY) is None


def test_few_plans_are_kept_and_one_for_each_set_of_blocks() -> None:
    page = PAGE
    for number in range(20):
        page = page.with_plan(KeptPlan((number,), "nothing-placed"))
    assert len(page.plans) == MOST_PLANS
    assert page.with_plan(KeptPlan((19,), "unproven")).plans[-1].untouched == "unproven"
    assert len(page.with_plan(KeptPlan((19,), "unproven")).plans) == MOST_PLANS


HTML = b"<p>a</p><p>b</p>"


@pytest.mark.parametrize(
    ("plan", "offsets", "is_one"),
    [
        (PAGE.plans[0], (8,), True),
        (PAGE.plans[0], (0,), True),
        (PAGE.plans[0], (len(HTML),), True),
        (PAGE.plans[0], (4,), True),
        (PAGE.plans[0], (1,), False),
        (PAGE.plans[0], (len(HTML) + 1,), False),
        (PAGE.plans[0], (-8,), False),
        (KeptPlan((), "nothing-placed"), (), True),
        (KeptPlan((), None), (), False),
        (KeptPlan((), "x", (Placed(0, 1, 8),), (Tried(0, 1, ""),)), (8,), False),
        (KeptPlan((5,), "nothing-placed"), (), False),
        (KeptPlan((), None, (Placed(5, 1, 8),), (Tried(5, 1, ""),)), (8,), False),
        (KeptPlan((0,), None, (Placed(0, 1, 8),), (Tried(0, 1, ""),)), (8,), False),
        (KeptPlan((), None, (Placed(0, 1, 8),), ()), (8,), False),
    ],
)
def test_a_plan_from_outside_is_checked_against_the_page(
    plan: KeptPlan, offsets: tuple[int, ...], *, is_one: bool
) -> None:
    assert fits(plan, HTML, offsets, 2) == is_one
