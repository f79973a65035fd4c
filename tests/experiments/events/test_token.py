"""The token of a page: sealed, and the same in every copy for a day."""

from __future__ import annotations

from newshole.experiments.events.token import DAY, PageToken, day_of, seal, unseal

KEY = b"of these tests"
PAGE = "https://news.example/news/bridge"
NOW = 1_800_000_000.0


def test_a_token_says_what_was_sealed() -> None:
    made = PageToken(
        PAGE, "1", day_of(PAGE, NOW), section="Wörld", blocks={"a": 2}, view="0123456789abcdef01234567"
    )
    assert unseal(seal(made, KEY), KEY, NOW) == made


def test_addresses_begin_their_days_at_moments_of_their_own() -> None:
    pages = [f"https://news.example/{number}" for number in range(200)]
    days = {day_of(page, NOW) for page in pages}
    turned = sum(day_of(page, NOW) != day_of(page, NOW + DAY / 2) for page in pages)
    assert len(days) == 2
    assert 60 < turned < 140
