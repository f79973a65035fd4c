"""The video promo."""

from __future__ import annotations

from newshole.rules.kinds.video import Poster, Video
from tests.blocks.newsroom import block, fragment, parsed, text, why_empty

TITLE = "Fentanyl in Poland. Expert in “Event Guest”: The scale is minimal"
POSTER = Poster(image="/studio.jpg", width=1200, height=675, alt="A studio")
PROMO = Video(title=TITLE, url="/video/1", credit="Polsat News/Polsat News", poster=POSTER)


def test_title_and_credit_as_on_the_reference_page() -> None:
    assert text(fragment(block(PROMO))) == f"{TITLE}/Polsat News/Polsat News"


def test_a_link_under_its_still() -> None:
    aside = parsed(fragment(block(PROMO)))
    [image] = aside.iter("img")
    assert (image.get("width"), image.get("height"), image.get("alt")) == ("1200", "675", "A studio")
    [link] = aside.iter("a")
    assert (link.get("href"), link.text) == ("/video/1", TITLE)


def test_a_player_loads_nothing_until_it_is_started() -> None:
    aside = parsed(fragment(block(Video(title=TITLE, file="/1.mp4", poster=POSTER))))
    [video] = aside.iter("video")
    assert video.get("preload") == "none"
    assert {"controls", "poster", "width", "height"} <= video.attrib.keys()
    assert "autoplay" not in video.attrib


def test_a_player_without_a_poster_keeps_its_room() -> None:
    [video] = parsed(fragment(block(Video(title=TITLE, file="/1.mp4")))).iter("video")
    assert (video.get("width"), video.get("height")) == ("640", "360")


def test_without_an_address_there_is_nothing_to_show() -> None:
    assert why_empty(block(Video(title=TITLE))).startswith("no address of a video")
