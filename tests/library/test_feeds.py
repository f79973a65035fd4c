"""Feeds of every format read into stories, and what no feed can do to the reader."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest

from newshole.library.feeds import FeedStory, entries_of
from newshole.library.feeds.reading import is_feed
from newshole.library.feeds.told import moment, plain
from newshole.rules.sensitivity import Policy
from tests.library.feeds import ATOM, JSON_FEED, JULY, POSTS, RDF, RSS, SITEMAP, VIDEOS, WHOLE, read


def test_rss_tells_title_address_date_tags_picture_and_text() -> None:
    (story,) = read(RSS)
    assert story == FeedStory(
        url="https://news.example/bridge?page=2",
        title="Bridge & tunnel reopen",
        published=JULY,
        tags=("World", "Cafés"),
        image="https://news.example/clip.jpg",
        language="en-GB",
        text=("Traffic returns.", "At last."),
        video="https://news.example/clip.mp4",
    )


def test_atom_tells_the_same_with_addresses_read_against_its_base() -> None:
    first, second = read(ATOM)
    assert first == FeedStory(
        url="https://news.example/de/bruecke",
        title="Brücke wieder offen",
        published=JULY,
        tags=("Welt",),
        image="https://news.example/b.jpg",
        language="de",
        text=("Der Verkehr rollt.",),
    )
    assert (second.title, second.published) == ("5 < 6", None)


def test_rss_1_is_read_too() -> None:
    (story,) = read(RDF)
    assert (story.url, story.title, story.published) == (
        "https://news.example/bridge",
        "Bridge reopens",
        JULY,
    )


def test_a_news_sitemap_tells_of_what_has_a_title() -> None:
    (story,) = read(SITEMAP)
    assert story == FeedStory(
        url="https://news.example/bridge",
        title="Bridge reopens",
        published=JULY,
        tags=("Bridge", "Traffic"),
        image="https://news.example/b.jpg",
        language="en",
    )


def test_a_json_feed_is_read() -> None:
    bridge, tunnel = read(JSON_FEED)
    assert bridge == FeedStory(
        url="https://news.example/bridge",
        title="Bridge reopens",
        published=JULY,
        tags=("World",),
        image="https://news.example/feeds/b.jpg",
        language="en",
        text=("Traffic returns.",),
    )
    assert (tunnel.url, tunnel.text) == ("https://news.example/tunnel", ("One.", "Two."))


def test_videos_of_a_feed_are_those_that_browsers_play() -> None:
    grouped, enclosed, untyped, unplayable = read(VIDEOS)
    assert grouped.video == "https://news.example/1.webm"
    assert (grouped.image, grouped.credit) == ("https://news.example/1.jpg", "Ann & Bo")
    assert grouped.tags == ("Harbour", "pilots")
    assert (enclosed.video, enclosed.image) == (
        "https://news.example/2.MP4?k=1",
        "https://news.example/2.jpg",
    )
    assert (untyped.video, untyped.image) == ("https://news.example/3.mp4", "")
    assert unplayable.video == ""


def test_an_attachment_of_a_json_feed_is_a_video_where_browsers_play_it() -> None:
    attached = [{"url": "/a.mp3", "mime_type": "audio/mpeg"}, 3, {"url": "a.mp4", "mime_type": "video/mp4"}]
    (story,) = read(json.dumps({"items": [{"title": "A", "url": "/a", "attachments": attached}]}))
    assert story.video == "https://news.example/feeds/a.mp4"


def test_posts_of_wordpress_are_read_but_for_what_is_not_published() -> None:
    (story,) = read(POSTS)
    assert story == FeedStory(
        url="https://news.example/bridge",
        title="Bridge & tunnel",
        published=JULY,
        section="City & county",
        tags=("bridge", "City & county"),
        image="https://news.example/b.jpg",
        text=("Traffic returns.",),
    )


@pytest.mark.parametrize(
    "content_type", ["", "text/html", "application/json", "text/plain; charset=nonsense"]
)
def test_the_content_decides_what_a_feed_is(content_type: str) -> None:
    assert len(read(RSS, content_type=content_type)) == 1
    assert len(read(JSON_FEED, content_type=content_type)) == 2


@pytest.mark.parametrize(
    ("encoding", "declared", "content_type"),
    [
        ("utf-8", "", ""),
        ("utf-8-sig", "iso-8859-1", ""),
        ("utf-16", "utf-16", ""),
        ("utf-16-le", "utf-16", ""),
        ("iso-8859-1", "iso-8859-1", "text/xml; charset=utf-8"),
        ("iso-8859-1", "", "text/xml; charset=ISO-8859-1"),
        ("windows-1252", "utf-8", ""),
        ("utf-8", "us-ascii", ""),
        ("utf-8", "rot13", ""),
        ("windows-1252", "x-unknown", "text/xml; charset=base64"),
    ],
)
def test_letters_are_right_however_wrong_the_declaration(
    encoding: str, declared: str, content_type: str
) -> None:
    written = ATOM.replace("Brücke", "Grüße –") if encoding.startswith("utf") else ATOM
    head = f'<?xml version="1.0" encoding="{declared}"?>' if declared else '<?xml version="1.0"?>'
    expected = "Grüße – wieder offen" if encoding.startswith("utf") else "Brücke wieder offen"
    assert read((head + written).encode(encoding), content_type=content_type)[0].title == expected


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("2024-07-19T19:40:00Z", JULY),
        ("2024-07-19T21:40:00.000+0200", JULY),
        ("2024-07-19T19:40Z", JULY),
        ("20240719T194000Z", JULY),
        ("Fri, 19 Jul 2024 15:40:00 EDT", JULY),
        ("Fri, 19 Jul 2024 19:40:00 GMT", JULY),
        ("19 Jul 24 19:40 +0000", JULY),
        ("  Fri, 19 Jul\n 2024 19:40:00 -0000 ", JULY),
        ("1721418000", JULY),
        ("1721418000000", JULY),
        ("2024-07-19 21:40:00 +0200", JULY),
        ("2024-07-19 21:40:00", JULY),
        ("2024/07/19 21:40:00", JULY),
        ("19.07.2024 21:40", JULY),
        ("19/07/2024 21:40", JULY),
        ("Jul 19, 2024 9:40 PM", JULY),
        ("2024-07-19", JULY - timedelta(hours=21, minutes=40)),
        ("July 19, 2024", JULY - timedelta(hours=21, minutes=40)),
        ("Fri, 19 Jul 2024", JULY - timedelta(hours=21, minutes=40)),
        ("2024-07", datetime(2024, 7, 1, tzinfo=ZoneInfo("Europe/Warsaw"))),
    ],
)
def test_dates_are_told_in_every_form(written: str, expected: datetime) -> None:
    assert moment(written, ZoneInfo("Europe/Warsaw")) == expected


@pytest.mark.parametrize(
    "written",
    ["", "yesterday", "0000-00-00 00:00:00", "2024-13-01", "Fri, 99 Jul 2024 10:00:00 GMT", "9" * 14,
     "-" * 90, "Fri, 19 Jul 2024 19:40:00 +9999"],
)  # fmt: skip
def test_what_is_no_date_is_none(written: str) -> None:
    assert moment(written) is None


@pytest.mark.parametrize(
    ("written", "text"),
    [
        ("AT&T and 5 < 6", "AT&T and 5 < 6"),
        ("<b>Bold</b>ly &amp; <i>so</i>", "Boldly & so"),
        ("One<br>two<script>x()</script><!-- no --> three", "One two three"),
        ("&lt;script&gt;", "<script>"),
        ("a\u00a0 b\n\tc", "a b c"),
        ("<", "<"),
        ("<p></p>", ""),
        ("<b>" * 5000 + "too deep", ""),
    ],
)
def test_text_is_what_a_reader_would_see(written: str, text: str) -> None:
    assert plain(written) == text


@pytest.mark.parametrize(
    "link",
    ["javascript:alert(1)", "data:text/html,x", "ftp://news.example/a", "http://",
     "https://me:pw@news.example/", "https://[::1", "https://news.example:x/",
     "https://news.example/" + "a" * 3000],
)  # fmt: skip
def test_a_story_without_an_address_of_the_web_is_left_out(link: str) -> None:
    assert read({"items": [{"url": link, "title": "Title"}]}) == ()


def test_what_is_not_well_formed_is_read_as_far_as_it_goes() -> None:
    broken = RSS.replace("</channel></rss>", "").replace("World", "World & &nbsp;more &bogus; <x>")
    (story,) = read(broken)
    assert story.title == "Bridge & tunnel reopen"
    assert story.url == "https://news.example/bridge?page=2"


@pytest.mark.parametrize("feed", WHOLE)
def test_a_feed_is_known_by_its_beginning(feed: bytes) -> None:
    assert is_feed(feed)
    assert is_feed(b"\xef\xbb\xbf\n" + feed)


@pytest.mark.parametrize(
    "stories", [b"", b'[{"url": "/a", "title": "A"}]', b'{"url": "/a", "title": "A"}', b"[", b"[]"]
)
def test_stories_that_operators_write_are_no_feed(stories: bytes) -> None:
    assert not is_feed(stories)


NOW = JULY.timestamp()


def test_entries_are_judged_by_the_sites_policy_and_bounded() -> None:
    stories = [
        FeedStory("https://news.example/a", "Two killed on bridge", JULY, language="en_GB"),
        FeedStory("https://news.example/b", "Zwei Tote", JULY),
        FeedStory("https://news.example/c", "Bridge", section="Obituaries", tags=("x" * 500,) * 90),
        FeedStory("https://news.example/d", "Later", JULY + timedelta(days=2)),
        FeedStory("https://news.example/e", "Early", datetime(1970, 1, 1, tzinfo=UTC)),
    ]
    entries = [*entries_of(stories, Policy(), language="de", now=NOW)]
    assert [(each.level, each.language) for each in entries] == [
        ("review", "en-GB"),
        ("review", "de"),
        ("solemn", "de"),
    ]
    assert all((each.source, each.seen) == ("feed", NOW) for each in entries)
    assert len(entries[2].tags) <= 16
    assert max(map(len, entries[2].tags)) <= 100
    assert {each.level for each in entries_of(stories, None, language="de", now=NOW)} == {"none"}


def test_zones_of_dates_are_kept() -> None:
    found = moment("2024-07-19T21:40:00+02:00")
    assert found is not None
    assert found.tzinfo == timezone(timedelta(hours=2))
