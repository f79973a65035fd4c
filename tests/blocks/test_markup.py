"""Addresses, slugs, words filled in."""

from __future__ import annotations

import pytest

from newshole.blocks.markup import filled, safe_url, slug


@pytest.mark.parametrize(
    "url",
    ["https://a.example/x?y#z", "HTTP://a.example", "/x", "x/y:z", "?q=a:b", "#top", "//cdn.example/x.png"],
)
def test_addresses_of_http_and_the_site_are_safe(url: str) -> None:
    assert safe_url(f" {url}\n") == url


@pytest.mark.parametrize(
    "url",
    ["javascript:x", "JavaScript:x", "java\tscript:x", "data:,x", "mailto:a@b", "ftp://x", "a b", "", None],
)
def test_other_addresses_are_not(url: str | None) -> None:
    assert safe_url(url) is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("News Example", "news-example"),
        ("Świat & Łódź", "swiat-lodz"),
        ("  Æther_ØL/ß ", "aether-ol-ss"),
        ("Политика й", "политика-и"),
        ("한국 뉴스", "한국-뉴스"),
        ("政治", "政治"),
        ("!!!", ""),
    ],
)
def test_slugs(text: str, expected: str) -> None:
    assert slug(text) == expected


def test_only_known_names_are_filled_in() -> None:
    assert filled("{page} {other} {} {{page}}", {"page": "{other}"}) == "{other} {other} {} {{other}}"
