"""The video promo."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from newshole import blocks
from newshole.blocks import View
from newshole.library.feeds import FeedStory
from newshole.rules.kinds.video import Film, Poster, Video
from newshole.types import Clip, Clips, Facts, Story
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


FEED = "https://news.example/videos.xml"
FED = Video(feed=FEED)
CLIPS = blocks.clips_of(
    (
        FeedStory("https://news.example/v/1", "Harbour", tags=("Port",), image="https://i.example/1.jpg"),
        FeedStory("https://news.example/v/2", "Bridges", tags=("BRIDGES",), video="https://i.example/2.mp4"),
    )
)


def fed(story: Story = STORY, clips: Clips = CLIPS) -> View:
    return view(story=story, facts=Facts(videos={FEED: clips}))


def test_of_a_feed_the_video_is_shown_that_shares_a_tag_with_the_story() -> None:
    aside = parsed(fragment(block(FED), fed()))
    [video], [link] = aside.iter("video"), aside.iter("a")
    assert (video.get("src"), video.get("preload")) == ("https://i.example/2.mp4", "none")
    assert (link.get("href"), link.text) == ("https://news.example/v/2", "Bridges")
    assert why_empty(block(FED), fed(replace(STORY, tags=("Chess",)))) == "no video has a tag of the story"


def test_a_feeds_still_keeps_its_room_whatever_its_size() -> None:
    first = FED.model_copy(update={"otherwise": "first"})
    [image] = parsed(fragment(block(first), fed(replace(STORY, tags=())))).iter("img")
    assert (image.get("src"), image.get("width")) == ("https://i.example/1.jpg", "640")
    assert image.get("class") == "nh-img nh-640x360"
    assert b".nh-640x360:not(#n#n){" in blocks.runtime([block(first)])


def test_a_video_is_not_promoted_on_its_own_page() -> None:
    page = replace(STORY, url="http://www.news.example/v/2?utm_source=x")
    assert why_empty(block(FED), fed(page)) == "no video has a tag of the story"


def test_a_feed_that_was_not_read_or_is_empty_says_so() -> None:
    assert why_empty(block(FED)) == "its feed has not been read yet"
    assert why_empty(block(FED), fed(clips=blocks.clips_of(()))) == "its feed tells of no video"


def test_what_a_feed_tells_is_text_and_no_script() -> None:
    file = 'https://i.example/"><i>.mp4'
    hostile = Clip('<b>&"', "javascript:alert(1)", file, "data:,x", "</p>", ("bridges",))
    aside = parsed(fragment(block(FED), fed(clips=Clips((hostile,), "1"))))
    assert {str(each.tag) for each in aside.iter()} == {"aside", "div", "video", "p", "span"}
    [video] = aside.iter("video")
    assert video.get("poster") is None


def test_of_a_feed_a_bounded_number_of_videos_is_kept() -> None:
    many = (FeedStory(f"https://news.example/{n}", "T" * 999) for n in range(9999))
    clips = blocks.clips_of(many).clips
    assert len(clips) == 100
    assert {len(each.title) for each in clips} == {300}


def test_a_sites_own_player_may_be_embedded() -> None:
    own = Video.model_validate({"title": TITLE, "embed": "/player/1"})
    [link] = parsed(fragment(block(own))).iter("a")
    assert link.get("data-nh-embed") == "/player/1"


@pytest.mark.parametrize(
    ("keys", "sentence"),
    [
        ("url: /v", 'needs "title", "items" or "feed"'),
        ("title: T, embed: //v", 'expected an address that starts with "https://", or a path'),
        ("title: T, embed: http://p.example/1", 'expected an address that starts with "https://", or a path'),
        ("title: T, feed: https://v.example/", '"feed" and "title" do not go together; keep one'),
        (
            "feed: https://v.example/, poster: {image: /a.jpg, width: 1, height: 1}",
            '"poster" and "feed" do not go together; each video of a feed has its own',
        ),
        ("feed: /videos.xml", 'expected an address that starts with "https://" or "http://"'),
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
