"""What is made once: for the same options and the same setting, and never for others."""

from __future__ import annotations

import datetime as dt

from newshole.blocks.kind import Setting, settled
from newshole.rules.kinds.ad import Ad, Serve
from newshole.rules.kinds.follow import Follow, Followers
from tests.blocks.newsroom import BOX, block, fragment, in_language, view

SETTING = Setting("en", "en", dt.date(2024, 7, 19))


def test_what_is_settled_is_made_once_for_the_same_options_and_setting() -> None:
    made: list[Setting] = []
    of = settled(lambda _options, setting: made.append(setting))
    options: list[str] = []
    for _ in range(2):
        of(options, SETTING)
    of(options, SETTING._replace(language="pl"))
    of([], SETTING)
    assert [setting.language for setting in made] == ["en", "pl", "en"]


def test_one_block_speaks_each_pages_language() -> None:
    ad = block(Ad(serve=Serve(slot="top"), sizes=BOX))
    assert fragment(ad, in_language("de")) != fragment(ad, in_language("fr"))
    assert b"Anzeige" in fragment(ad, in_language("de"))


def test_a_count_that_grows_old_is_shown_no_longer() -> None:
    counted = Followers(count=200_000, as_of=dt.date(2024, 7, 1))
    call = block(Follow(network="x", page="News", url="https://x.com/news", followers=counted))
    assert b"200,000" in fragment(call)
    assert b"200,000" not in fragment(call, view(now=dt.datetime(2025, 7, 1, tzinfo=dt.UTC)))


def test_every_copy_of_a_slot_has_its_own_name() -> None:
    ad = block(Ad(serve=Serve(slot="{section}-{n}"), sizes=BOX))
    assert b'="world-1"' in fragment(ad)
    assert b'="world-2"' in fragment(ad, ordinal=2)
