"""The reference page, composed by the pack that is named after it."""

from __future__ import annotations

from pathlib import Path

import pytest
from selectolax.lexbor import LexborHTMLParser

from newshole import Composition, Site
from newshole.types import Signal
from tests.pages import check_composed

BLOCKS = "strip must-read top-ad inline-ad follow video source more bottom-ad latest".split()
URL = "https://news.example/world/conversation-between-the-usa-and-russia"


def reader_text(fragment: bytes) -> str:
    """What a reader sees of a fragment, white space folded."""
    tree = LexborHTMLParser(fragment)
    tree.strip_tags(["style", "script"])
    return " ".join((tree.body.text() if tree.body else "").split())


@pytest.fixture
def page(seed_page: bytes) -> Composition:
    return Site.load("reference").compose(seed_page, url=URL)


def test_the_ten_blocks_stand_in_their_order(seed_page: bytes, page: Composition) -> None:
    assert [each.block for each in page.insertions] == BLOCKS
    check_composed(seed_page, page)


def test_no_policy_is_set_so_the_page_is_whole(page: Composition) -> None:
    assert (page.story.sensitivity, page.story.signal) == ("none", None)
    assert [each.block for each in page.insertions] == BLOCKS
    assert b"data-newshole-sens" not in page.html


def test_by_the_newspaper_pack_the_page_takes_no_call_and_its_ads_are_flagged(
    seed_page: bytes, tmp_path: Path
) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(
        "extends: newspaper\n"
        "blocks:\n"
        '  follow: {kind: follow, network: x, page: News, url: "https://x.example/", place: body-end}\n'
        "  promo: {kind: video, title: Watch, url: /video/watch, place: body-end}\n"
    )
    page = Site.load(path).compose(seed_page, url=URL)
    check_composed(seed_page, page)
    placed = {each.block: each.html for each in page.insertions}
    assert page.story.signal == Signal("sensitivity", "tag War in Ukraine")
    assert {"inline-ad", "end-ad"} <= set(placed)
    assert not {"follow", "promo"} & set(placed)
    assert all(b'data-newshole-sens="t"' in placed[name] for name in ("inline-ad", "end-ad"))
    calls = [each for each in page.decisions if each.block in ("follow", "promo")]
    [reason] = {reason for each in calls for reason in each.reasons}
    assert (reason.code, reason.found) == ("sensitivity", "solemn: tag War in Ukraine")


def test_each_stands_in_its_place(page: Composition) -> None:
    text = page.html.decode()
    at = {name: text.index(f'data-newshole="{name}"') for name in BLOCKS}
    landmarks = {
        "header": text.index("<header class"),
        "headline": text.index("</h1>"),
        "first": text.index("<p>Boss Pentagon"),
        "fourth": text.index("Tuesday's conversation"),
        "fifth": text.index("<p>The Russian Foreign Ministry"),
        "last": text.index("<p>As he stated"),
        "footer": text.index("<footer>"),
    }
    order = [name for name, _ in sorted({**at, **landmarks}.items(), key=lambda item: item[1])]
    assert (
        order
        == (
            "strip header headline must-read top-ad first fourth inline-ad fifth last follow video source "
            "more bottom-ad latest footer"
        ).split()
    )


def test_the_blocks_say_what_the_page_said(page: Composition) -> None:
    words = {each.block: reader_text(each.html) for each in page.insertions}
    assert "28.6 C" in words["strip"]
    assert "Friday, July 19, 2024" in words["strip"]
    assert "Must read" in words["must-read"]
    for ad in ("top-ad", "inline-ad", "bottom-ad"):
        assert "- Advertisement -" in words[ad]
    assert "over 200,000 followers of our fanpage" in words["follow"]
    assert "Source link" in words["source"]
    assert "More articles" in words["more"]
    assert "Latest article" in words["latest"]
    assert "The scale is minimal/Polsat News/Polsat News" in words["video"]
