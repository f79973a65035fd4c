"""Feeds that are damaged, hostile or anything at all are read as far as they go, or refused."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newshole.library.feeds import FeedError
from newshole.library.feeds.reading import MOST_BYTES, MOST_STORIES
from newshole.library.feeds.told import moment
from tests.library.feeds import LAUGHS, WHOLE, read


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
