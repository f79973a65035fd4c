"""Every form of story, with the pack for newspapers and with richer rules: where blocks stand, and why."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest

from newshole import Composition, Site
from tests.cases.seen import composed, site, units
from tests.page import stories

RICH = """
layout:
  gap: [2 units, 50 words]
  start: 30 words
  end: 18 words
  ads: 4
  ads_apart: 150 words
  clear:
    heading: {after: never}
    image: {after: never}
    embed: {before: never}
    quote: {before: never}
    list: {before: never}
blocks:
  ad:
    kind: ad
    sizes: {mobile: [[300, 250]]}
    serve: {slot: "inline-{n}"}
    place: {after: paragraph, nth: 3}
    repeat: {every: 400 words, max: 3}
    priority: 2
  follow:
    kind: follow
    network: facebook
    page: News
    url: https://www.facebook.com/news
    prefer: [{after: image, nth: last}, {at: 60%}, body-end]
  letter:
    kind: newsletter
    url: /letter
    place: {between: [40%, 80%]}
    story: {min: 200 words}
"""


@pytest.fixture(scope="module")
def newspaper() -> Site:
    return Site.load("newspaper")


@pytest.fixture(scope="module")
def rich(tmp_path_factory: pytest.TempPathFactory) -> Site:
    return site(tmp_path_factory.mktemp("rules"), RICH)


def seen(page: Composition) -> str:
    """The units in short: "p" for a paragraph, "h" for a heading, and so on."""
    return " ".join(each if each.startswith("[") else each[0] for each in units(page))


def around(page: Composition) -> list[str]:
    """The blocks outside the story's text."""
    assert page.plan is not None
    return [each.block.id for each in page.plan.placements if each.spot.stack is not None]


def codes(page: Composition, block: str) -> set[str]:
    """The rules that stand against a block somewhere."""
    return {reason.code for each in page.decisions if each.block == block for reason in each.reasons}


def reasons_below(page: Composition, block: str, number: int) -> set[str]:
    """The rules that stand against a block right below a unit, counted from 1."""
    assert page.plan is not None
    [index] = [
        spot.index
        for spot in page.plan.considered.survey.spots
        if spot.stack is None and spot.position is not None and spot.position.units == number
    ]
    [decision] = [each for each in page.decisions if (each.block, each.gap) == (block, index)]
    return {reason.code for reason in decision.reasons}


# An obituary: paragraph, the portrait and the text beside it, two paragraphs, what she said, and so on.
def test_an_obituary(newspaper: Site, rich: Site) -> None:
    page = composed(newspaper, stories.OBITUARY)
    assert seen(page) == "p i p p [inline-ad] q p o p"
    page = composed(rich, stories.OBITUARY)
    assert seen(page) == "p [follow] i p p q [ad] p o p"
    assert "before-quote" in reasons_below(page, "ad", 4)
    assert codes(page, "letter") >= {"story"}


def test_a_live_blog_has_them_between_its_entries(rich: Site) -> None:
    page = composed(rich, stories.LIVE_BLOG)
    assert seen(page) == "p h p p e [ad] h p p e [letter] h p p e"
    assert around(page) == ["follow"]
    for each in page.insertions[:2]:
        assert stories.LIVE_BLOG[: each.offset].endswith(b"</section>")
    assert "before-embed" in reasons_below(page, "ad", 4)
    assert "after-heading" in reasons_below(page, "ad", 2)


def test_a_live_blog_can_count_its_entries(tmp_path: Path) -> None:
    rules = """
layout: {clear: {embed: {before: never}, heading: {after: never}}}
blocks:
  ad:
    kind: ad
    sizes: {mobile: [[300, 250]]}
    serve: {slot: x}
    repeat: {every: '1 of ".live-entry"'}
    avoid: [{no_text: "[0-9]:15"}]
"""
    page = composed(site(tmp_path, rules), stories.LIVE_BLOG)
    assert seen(page) == "p [ad] h p p e [ad] h p p e [ad] h p p e"


def test_a_recipe_is_not_split_from_its_lists(newspaper: Site, rich: Site) -> None:
    page = composed(newspaper, stories.RECIPE)
    assert (seen(page), around(page)) == ("p i h p l h l [inline-ad] p", ["end-ad"])
    page = composed(rich, stories.RECIPE)
    assert seen(page) == "p [follow] i h p l h l [ad] p"
    assert "before-list" in reasons_below(page, "ad", 6)
    assert "after-image" in reasons_below(page, "follow", 2)


@pytest.mark.parametrize("name", ["newspaper", "rich"])
def test_an_interview_keeps_questions_with_their_answers(name: str, request: pytest.FixtureRequest) -> None:
    page = composed(request.getfixturevalue(name), stories.INTERVIEW)
    ad, letter = {"newspaper": ("[inline-ad]", ""), "rich": ("[ad]", "[letter] ")}[name]
    assert seen(page) == f"p p p {ad} p p p {letter}p p p"


def test_a_gallery_keeps_pictures_with_their_captions(newspaper: Site, rich: Site) -> None:
    page = composed(newspaper, stories.GALLERY)
    assert (seen(page), around(page)) == ("p i i i i p", ["end-ad"])
    assert codes(page, "inline-ad") == {"no-place"}
    page = composed(rich, stories.GALLERY)
    assert (seen(page), around(page)) == ("p [letter] i i i i p", ["follow"])
    assert "no-place" in codes(page, "ad")
    assert all("after-image" in reasons_below(page, "letter", number) for number in (2, 3, 4, 5))


def test_a_brief_of_120_words_has_one(newspaper: Site, rich: Site) -> None:
    page = composed(newspaper, stories.BRIEF)
    assert 115 < page.story.words < 130
    assert (seen(page), around(page)) == ("p p [inline-ad] p p", ["end-ad"])
    assert "end" in reasons_below(page, "inline-ad", 3)
    page = composed(rich, stories.BRIEF)
    assert seen(page) == "p [follow] p p [ad] p"
    assert all("story" in reasons_below(page, "letter", number) for number in (1, 2, 3))


def test_a_long_read_has_no_more_than_a_short_one_may(newspaper: Site, rich: Site) -> None:
    for made_by, most, far in ((newspaper, 4, 350), (rich, 4, 400)):
        page = composed(made_by, stories.LONG_READ)
        assert page.story.words > 6000
        assert page.plan is not None
        ads = [
            each.spot.position
            for each in page.plan.placements
            if each.block.id.endswith("ad") and each.spot.stack is None
        ]
        words = [each.words for each in ads if each is not None]
        assert len(words) == most
        assert words[0] < 120
        assert all(far <= b - a < far + 80 for a, b in pairwise(words))
        assert "h [ad]" not in seen(page)
        assert "h [inline-ad]" not in seen(page)


def test_a_right_to_left_story_keeps_away_from_the_site_s_own_promo(newspaper: Site, rich: Site) -> None:
    page = composed(newspaper, stories.RIGHT_TO_LEFT)
    assert (seen(page), around(page)) == ("p p p p p l p", ["end-ad"])
    assert all("existing" in reasons_below(page, "inline-ad", number) for number in (2, 3, 4, 6))
    page = composed(rich, stories.RIGHT_TO_LEFT)
    assert (seen(page), around(page)) == ("p p p p p l p", ["follow"])


def test_a_story_in_japanese_is_counted_and_keeps_away_from_the_site_s_own_ad(
    newspaper: Site, rich: Site
) -> None:
    for made_by, block, stack in ((newspaper, "inline-ad", "end-ad"), (rich, "ad", "follow")):
        page = composed(made_by, stories.JAPANESE)
        assert 200 < page.story.words < 300
        assert (seen(page), around(page)) == ("p i p a p p p", [stack])
        assert all("existing" in reasons_below(page, block, number) for number in (3, 4, 5))
