"""Addresses as keys of stories."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newshole.library.address import address, origin

BASE = "https://news.example/world/talks"


@pytest.mark.parametrize(
    "url",
    [
        "https://news.example/world/talks",
        "http://www.news.example/world/talks/",
        "https://NEWS.example:443/world/talks#comments",
        "https://news.example/world/talks?utm_source=x&fbclid=y",
        "/world/talks",
        "//news.example/world/talks",
        "https://news.example./world/talks",
        "../world/talks",
    ],
)
def test_one_story_has_one_key(url: str) -> None:
    assert address(url, BASE) == "news.example/world/talks"


def test_other_stories_have_others() -> None:
    urls = [
        "/world/talks?page=2",
        "/world/Talks",
        "https://other.example/world/talks",
        "https://news.example:8080/world/talks",
    ]
    assert len({address(url, BASE) for url in [BASE, *urls]}) == 5


def test_without_a_base_a_path_is_its_own_key() -> None:
    assert address("/world/talks/") == "/world/talks"


@given(st.text(), st.text())
def test_no_text_makes_it_raise(url: str, base: str) -> None:
    assert isinstance(address(url, base), str)
    assert isinstance(origin(url), str)


def test_the_origin_of_a_story() -> None:
    assert origin(BASE) == "https://news.example/"
    assert origin("/world/talks") == origin("") == ""
