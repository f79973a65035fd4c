"""The key `library.feeds`: addresses or mappings, and what is wrong with them told in its place."""

from __future__ import annotations

from pathlib import Path

import pytest

from newshole import Site
from newshole.rules.ruleset import Feed
from tests.rules.files import problems, write

AN_ADDRESS = 'an address that starts with "https://" or "http://"'


def test_a_feed_is_an_address_or_says_how_often_it_is_asked(tmp_path: Path) -> None:
    write(
        tmp_path,
        site='library: {feeds: ["https://a.example/f", {url: "http://b.example/f", every: 2 hours}]}\n',
    )
    [rules] = Site.load(tmp_path / "site.yaml").rules
    assert rules.learning.feeds == (Feed("https://a.example/f", 600), Feed("http://b.example/f", 7200))


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ("ftp://x.example/f", f': expected {AN_ADDRESS}, found "ftp://x.example/f"'),
        ("7", f": expected {AN_ADDRESS}, found 7"),
        ("{every: 1 hour}", ': needs "url"'),
        ('{url: "https://x.example/f", often: 1 hour}', ".often: unknown key"),
        (
            '{url: "https://x.example/f", every: often}',
            '.every: expected a length of time such as "30 days" or "6 months", found "often"',
        ),
    ],
)
def test_mistakes_are_told_in_their_place(tmp_path: Path, written: str, told: str) -> None:
    write(tmp_path, site=f"library: {{feeds: [{written}]}}\n")
    [found] = problems(tmp_path / "site.yaml")
    assert found.partition(": ")[2].startswith(f"library.feeds[0]{told}")
