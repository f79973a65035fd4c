"""Tags that every cache understands, behind those of the site."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newshole.cdn.tags import (
    MOST_BYTES,
    block_tag,
    page_tags,
    rules_tag,
    site_tag,
    tag_headers,
    tagged,
    untagged,
    url_tag,
)
from newshole.errors import UsageError

KEY, TAG = tag_headers(("Surrogate-Key", "Cache-Tag"))
URL = "https://news.example/world/story"


def test_a_page_is_tagged_with_its_site_its_address_its_rules_and_its_blocks() -> None:
    tags = page_tags(site="The Daily", rules="0123456789abcdef", url=URL, blocks=("top-ad", "more", "top-ad"))
    assert tags == (
        b"nh-site-the-daily",
        url_tag(URL).encode(),
        b"nh-rules-0123456789ab",
        b"nh-block-top-ad",
        b"nh-block-more",
    )


@pytest.mark.parametrize(
    ("name", "tag"),
    [
        ("Example", "nh-site-example"),
        ("Le Monde, le soir", "nh-site-le-monde-le-soir"),
        ("news.example", "nh-site-news.example"),
        ("Café", "nh-site-cafe"),
    ],
)
def test_a_name_can_be_read_in_its_tag(name: str, tag: str) -> None:
    assert site_tag(name) == tag


def test_names_in_other_scripts_and_long_ones_are_told_apart() -> None:
    names = ["Новости", "Погода", "Новости 24", "Погода 24", "x" * 100, "x" * 101, "…", ""]
    assert len({site_tag(name) for name in names}) == len(names)


@given(st.text(max_size=200))
def test_every_name_makes_a_tag_that_no_cache_takes_apart(name: str) -> None:
    for tag in (site_tag(name), block_tag(name)):
        assert re.fullmatch(r"nh-(site|block)-[a-z0-9._-]{1,80}", tag)


def test_an_address_has_one_tag_whatever_its_scheme_and_query() -> None:
    same = {url_tag(each) for each in (URL, f"{URL}?page=2", URL.replace("https", "http"), f"{URL}#top")}
    assert len(same) == 1
    assert url_tag("https://NEWS.example/world/story") in same
    assert url_tag("https://news.example/world/Story") not in same
    assert url_tag("https://news.example:8443/world/story/") in same
    assert url_tag("https://news.example/caf%c3%a9") == url_tag("https://news.example/caf%C3%A9")
    assert url_tag("https://news.example") == url_tag("https://news.example/")


def test_tags_stand_behind_the_sites_own_in_one_line() -> None:
    headers = [(b"surrogate-key", b"a b"), (b"x-a", b"1"), (b"Surrogate-Key", b"nh-1")]
    assert tagged(headers, (KEY, TAG), (b"nh-1", b"nh-2")) == [
        (b"x-a", b"1"),
        (b"Surrogate-Key", b"a b nh-1 nh-2"),
        (b"Cache-Tag", b"nh-1,nh-2"),
    ]


def test_a_cache_tag_of_the_site_keeps_its_commas() -> None:
    assert tagged([(b"cache-tag", b"a, b")], (TAG,), (b"b", b"c")) == [(b"Cache-Tag", b"a, b,c")]


@given(st.integers(1, 3000), st.integers(0, 20_000))
def test_what_newshole_adds_never_makes_a_header_too_long(count: int, own: int) -> None:
    site = [(b"surrogate-key", b"k" * own)] if own else []
    ((_, value),) = tagged(site, (KEY,), tuple(b"nh-block-%d" % each for each in range(count)))
    assert len(value) <= max(MOST_BYTES, own)
    assert value.startswith(b"k" * own)
    assert all(re.fullmatch(rb"k*|nh-block-\d+", each) for each in value.split(b" "))


def test_untagging_leaves_all_else() -> None:
    headers = [(b"SURROGATE-KEY", b"a"), (b"x-a", b"1"), (b"cache-tag", b"a")]
    assert untagged(headers, (KEY,)) == [(b"x-a", b"1"), (b"cache-tag", b"a")]


@pytest.mark.parametrize("names", ["Edge-Key", (), ("Cache-Tag", "Vary")])
def test_other_headers_are_refused(names: str | tuple[str, ...]) -> None:
    with pytest.raises(UsageError, match="give Surrogate-Key, Cache-Tag or both"):
        tag_headers(names)


def test_other_rules_have_another_tag() -> None:
    assert rules_tag("a" * 32) != rules_tag("b" * 32)
