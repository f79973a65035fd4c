"""Feeds of every format read into stories, and what no feed can do to the reader."""

from __future__ import annotations

import json
from contextlib import suppress
from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newshole.library.feeds import FeedError, FeedStory, entries_of, read_feed
from newshole.library.feeds.reading import MOST_BYTES, MOST_STORIES, is_feed
from newshole.library.feeds.told import moment, plain
from newshole.rules.sensitivity import Policy

URL = "https://news.example/feeds/all.xml"
JULY = datetime(2024, 7, 19, 19, 40, tzinfo=UTC)

RSS = """<?xml version="1.0" encoding="UTF-8"?>
<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/"
  xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:media="http://search.yahoo.com/mrss/">
<channel><title>News</title><link>https://news.example/</link><language>en-GB</language>
<item>
  <title>Bridge &amp;amp; tunnel &lt;em&gt;reopen&lt;/em&gt;</title>
  <link>https://news.example/bridge?utm_source=rss&amp;page=2#top</link>
  <guid isPermaLink="false">7</guid>
  <media:title>A photograph of the bridge</media:title>
  <pubDate>Fri, 19 Jul 2024 21:40:00 +0200</pubDate>
  <category>World</category><category><![CDATA[Caf&eacute;s]]></category><dc:subject>world</dc:subject>
  <media:content url="/clip.mp4" type="video/mp4"><media:thumbnail url="/clip.jpg"/></media:content>
  <content:encoded><![CDATA[<p>Traffic <b>returns</b>.</p><script>no()</script>
  <p>At last.</p>]]></content:encoded>
</item></channel></rss>"""

ATOM = """<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="de" xml:base="https://news.example/de/">
<title>Nachrichten</title>
<entry>
  <title type="xhtml">
    <div xmlns="http://www.w3.org/1999/xhtml">Brücke <b>wieder</b> offen</div></title>
  <link rel="self" href="self.atom"/><link href="bruecke"/>
  <link rel="enclosure" type="image/jpeg" href="/b.jpg"/>
  <id>urn:1</id><published>2024-07-19T21:40:00+02:00</published><updated>2024-07-20T00:00:00Z</updated>
  <category term="welt" label="Welt"/>
  <content type="html">&lt;p&gt;Der Verkehr rollt.&lt;/p&gt;</content>
</entry>
<entry><title type="text">5 &lt; 6</title><link href="zahlen"/></entry></feed>"""

RDF = """<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/"
  xmlns:dc="http://purl.org/dc/elements/1.1/">
<channel rdf:about="https://news.example/"><title>News</title></channel>
<item rdf:about="https://news.example/bridge"><title>Bridge reopens</title>
<link>https://news.example/bridge</link><dc:date>2024-07-19T19:40:00Z</dc:date></item></rdf:RDF>"""

SITEMAP = """<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"
  xmlns:news="http://www.google.com/schemas/sitemap-news/0.9"
  xmlns:image="http://www.google.com/schemas/sitemap-image/1.1">
<url><loc>https://news.example/bridge</loc>
<image:image><image:loc>https://news.example/b.jpg</image:loc></image:image>
<news:news><news:publication><news:name>News</news:name><news:language>en</news:language></news:publication>
<news:publication_date>2024-07-19T19:40Z</news:publication_date><news:title>Bridge reopens</news:title>
<news:keywords>Bridge, Traffic,</news:keywords></news:news></url>
<url><loc>https://news.example/about</loc></url></urlset>"""

JSON_FEED = {
    "version": "https://jsonfeed.org/version/1.1",
    "language": "en",
    "items": [
        {
            "id": "7",
            "url": "/bridge",
            "title": "Bridge reopens",
            "date_published": "2024-07-19T21:40:00+02:00",
            "tags": ["World", 3],
            "image": "b.jpg",
            "content_html": "<p>Traffic returns.</p>",
        },
        {"id": "https://news.example/tunnel", "title": "Tunnel", "content_text": "One.\nTwo."},
        {"id": "8", "url": "/untitled"},
        "not an item",
    ],
}

POSTS = [
    {
        "link": "https://news.example/bridge",
        "status": "publish",
        "date": "2024-07-19T21:40:00",
        "date_gmt": "2024-07-19T19:40:00",
        "title": {"rendered": "Bridge &#038; tunnel"},
        "content": {"rendered": "<p>Traffic returns.</p>", "protected": False},
        "_embedded": {
            "wp:featuredmedia": [{"source_url": "https://news.example/b.jpg"}],
            "wp:term": [
                [{"taxonomy": "category", "name": "City &amp; county"}],
                [{"taxonomy": "post_tag", "name": "bridge"}],
            ],
        },
    },
    {"link": "https://news.example/draft", "status": "draft", "title": {"rendered": "Draft"}},
]


def read(written: str | bytes | object, content_type: str = "") -> tuple[FeedStory, ...]:
    if isinstance(written, str):
        written = written.encode()
    body = written if isinstance(written, bytes) else json.dumps(written).encode()
    return read_feed(body, url=URL, content_type=content_type)


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


LAUGHS = (
    '<!DOCTYPE rss [<!ENTITY a "ha">'
    + "".join(f'<!ENTITY {n} "{f"&{m};" * 10}">' for m, n in zip("abcdefghi", "bcdefghij", strict=True))
    + ']><rss version="2.0"><channel><item><title>&j;Bridge</title><link>https://news.example/b</link></item>'
    + "</channel></rss>"
)


def test_a_billion_laughs_are_none() -> None:
    assert [each.title for each in read(LAUGHS)] == ["Bridge"]


@pytest.mark.parametrize("address", ["file:///etc/passwd", "http://127.0.0.1:1/x"])
def test_no_entity_fetches_anything(address: str) -> None:
    written = f'<!DOCTYPE rss [<!ENTITY x SYSTEM "{address}"><!ENTITY % y SYSTEM "{address}"> %y;]>'
    item = "<item><title>A &x; b</title><link>https://news.example/b</link></item>"
    (story,) = read(f"{written}<rss><channel>{item}</channel></rss>")
    assert story.title == "A b"


@pytest.mark.parametrize(
    ("written", "told"),
    [
        (b"", "it is no XML that can be read"),
        (b"\0\0\0", "it is no XML that can be read"),
        (b"not a feed", "it is no XML that can be read"),
        (b"<html><body>Not found</body></html>", "it is neither RSS nor Atom nor a news sitemap"),
        (b"{", "it is no JSON that can be read"),
        (b"[" * 200_000, "it is no JSON that can be read"),
        (b'{"code": "rest_no_route"}', "it is neither a JSON Feed nor a list of posts"),
        (b"[1]", "it is neither a JSON Feed nor a list of posts"),
        (b"<sitemapindex/>", "it is an index of sitemaps: name the news sitemap itself"),
        (b" " * (MOST_BYTES + 1), "it has more than 10,485,760 bytes"),
    ],
)
def test_what_is_no_feed_is_told(written: bytes, told: str) -> None:
    with pytest.raises(FeedError, match=told):
        read(written)


def test_of_a_huge_feed_the_first_stories_are_read() -> None:
    item = (
        "<item><title>Story {0}</title><link>https://news.example/{0}</link>"
        "<description>{1}</description></item>"
    )
    items = "".join(item.format(n, "words " * 300) for n in range(5500))
    body = f"<rss><channel>{items}</channel></rss>".encode()
    assert 9_000_000 < len(body) <= MOST_BYTES
    stories = read(body)
    assert len(stories) == MOST_STORIES
    assert (stories[0].title, stories[-1].title) == ("Story 0", f"Story {MOST_STORIES - 1}")


VIDEOS = """<rss version="2.0" xmlns:media="http://search.yahoo.com/mrss/"><channel>
<item><title>Grouped</title><link>/v/1</link>
  <media:group><media:content url="/1.m3u8" type="application/x-mpegurl"/>
    <media:content url="/1.webm" type="video/webm; codecs=vp9" medium="video"/></media:group>
  <media:thumbnail url="/1.jpg"/><media:credit>Ann &amp; <![CDATA[<b>Bo</b>]]></media:credit>
  <media:keywords>Harbour, pilots ,harbour</media:keywords></item>
<item><title>Enclosed</title><link>/v/2</link><enclosure url="/2.MP4?k=1" type="video/mp4"/>
  <enclosure url="/2.jpg" type="image/jpeg"/></item>
<item><title>Untyped</title><link>/v/3</link><media:content url="/3.mp4"/></item>
<item><title>Unplayable</title><link>/v/4</link><enclosure url="/4.mp4" type="audio/mp4"/>
  <media:content url="javascript:1" type="video/mp4"/></item>
</channel></rss>"""

WHOLE = [
    RSS.encode(),
    ATOM.encode(),
    RDF.encode(),
    SITEMAP.encode(),
    LAUGHS.encode(),
    VIDEOS.encode(),
    json.dumps(JSON_FEED).encode(),
    json.dumps(POSTS).encode(),
]


@given(st.sampled_from(WHOLE), st.lists(st.tuples(st.integers(0, 4000), st.binary(max_size=6)), max_size=12))
def test_a_feed_with_any_damage_is_read_or_refused(body: bytes, damage: list[tuple[int, bytes]]) -> None:
    for at, put in damage:
        body = body[:at] + put + body[at + len(put) // 2 :]
    try:
        stories = read(body)
    except FeedError:
        return
    web = ("http://", "https://")
    assert all(each.title and each.url.startswith(web) for each in stories)
    assert all(address.startswith(web) for each in stories for address in (each.image, each.video) if address)


KEYS = st.sampled_from(
    "items url title rendered link _embedded wp:term wp:featuredmedia tags image date_published date_gmt "
    "attachments mime_type "
    "content status taxonomy name".split()
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=6),
)


@given(JSON, st.text(max_size=8), st.text(max_size=40))
def test_json_of_any_shape_is_read_or_refused(inner: object, title: str, link: str) -> None:
    feed = {"items": [inner, {"title": title, "url": link, "tags": inner}]}
    posts = [{"link": link, "title": {"rendered": title}, "_embedded": inner}, {"link": inner}]
    for each in (*read(feed), *read(posts)):
        assert each.title
        assert each.url


@given(st.binary(max_size=400))
def test_any_bytes_are_read_or_refused(body: bytes) -> None:
    with suppress(FeedError):
        assert isinstance(read(body), tuple)


@given(st.text(max_size=60))
def test_any_date_is_told_or_none(written: str) -> None:
    found = moment(written)
    assert found is None or found.utcoffset() is not None


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
