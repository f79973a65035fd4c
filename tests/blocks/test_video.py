"""The video promo."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from newshole import blocks
from newshole.rules.kinds.video import Film, Poster, Video
from tests.blocks.newsroom import STORY, block, fragment, parsed, text, view, why_empty
from tests.rules.files import mistakes

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


PLAYER = "https://player.example/embed/1"


def test_another_sites_player_is_a_link_until_it_is_asked_for() -> None:
    aside = parsed(fragment(block(Video(title=TITLE, url="/video/1", embed=PLAYER, poster=POSTER))))
    [link] = aside.iter("a")
    assert (link.get("href"), link.get("data-nh-embed"), link.text) == ("/video/1", PLAYER, TITLE)
    assert not list(aside.iter("iframe"))
    [alone] = parsed(fragment(block(Video(title=TITLE, embed=PLAYER)))).iter("a")
    assert alone.get("href") == PLAYER


def test_its_script_comes_once_and_only_where_a_player_asks_for_it() -> None:
    embed, link = block(Video(title=TITLE, embed=PLAYER)), block(PROMO)
    assert blocks.runtime([embed, embed, link]).count(b"<script") == 1
    assert b"<script" not in blocks.runtime([link])


FILMS = Video(
    items=(
        Film(title="Harbour", url="/v/1", tags=("Port",)),
        Film(title="Bridges", url="/v/2", tags=("BRIDGES",)),
        Film(title="Talks on bridges", url="/v/3", tags=("talks", "bridges", "peace")),
        Film(title="More talks on bridges", url="/v/4", tags=("talks", "bridges")),
    )
)


@pytest.mark.parametrize(
    ("tags", "title"),
    [
        (("Bridges",), "Bridges"),
        (("Bridges", "Talks"), "Talks on bridges"),
        (("Peace",), "Talks on bridges"),
        (("port", "Élan"), "Harbour"),
    ],
)
def test_the_first_video_that_shares_most_tags_with_the_story_is_shown(
    tags: tuple[str, ...], title: str
) -> None:
    assert text(fragment(block(FILMS), view(story=replace(STORY, tags=tags)))) == title


def test_where_no_video_fits_there_is_nothing_or_the_first() -> None:
    other = view(story=replace(STORY, tags=("Chess",)))
    assert why_empty(block(FILMS), other) == "no video has a tag of the story"
    untagged = view(story=replace(STORY, tags=()))
    assert why_empty(block(FILMS), untagged) == "no video has a tag of the story"
    first = FILMS.model_copy(update={"otherwise": "first"})
    assert text(fragment(block(first), other)) == "Harbour"


@pytest.mark.parametrize(
    ("keys", "sentence"),
    [
        ("url: /v", 'needs "title" or "items"'),
        ("title: T, embed: /v", 'expected an address that starts with "https://", found "/v"'),
        (
            "items: [{title: A, url: /a}], url: /v",
            '"url" and "items" do not go together; each item has its own',
        ),
        ("items: []", "expected at least one entry"),
    ],
)
def test_mistakes_are_told(tmp_path: Path, keys: str, sentence: str) -> None:
    [mistake] = mistakes(tmp_path, f"blocks:\n  x: {{kind: video, place: body-end, {keys}}}\n")
    assert sentence in mistake
