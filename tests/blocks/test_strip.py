"""The strip at the top of a page."""

from __future__ import annotations

import datetime as dt

import pytest

from newshole.rules.kinds.strip import Strip, WeatherFeed, WeatherItem
from newshole.types import Facts, Weather
from tests.blocks.newsroom import block, fragment, in_language, parsed, text, view, why_empty

BOTH = Strip(items=("weather", "date"), weather=WeatherItem(temperature=28.6))
FEED = WeatherItem(feed=WeatherFeed(url="https://weather.example/x", temperature="now.t"))


def test_the_weather_and_the_date_as_on_the_reference_page() -> None:
    assert text(fragment(block(BOTH))) == "28.6 C Friday, July 19, 2024"


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("de", "28,6 C Freitag, 19. Juli 2024"),
        ("pl", "28,6 C piątek, 19 lipca 2024"),
        ("zh-TW", "28.6 C 2024年7月19日 星期五"),
        ("ja", "28.6 C 2024年7月19日金曜日"),
    ],
)
def test_numbers_and_dates_are_the_pages(language: str, words: str) -> None:
    assert text(fragment(block(BOTH), in_language(language))) == words


def test_items_come_in_the_rules_order() -> None:
    turned = BOTH.model_copy(update={"items": ("date", "weather")})
    assert text(fragment(block(turned))) == "Friday, July 19, 2024 28.6 C"


def test_the_day_is_the_sites_own() -> None:
    late = dt.datetime(2024, 7, 19, 23, 30, tzinfo=dt.UTC)
    markup = fragment(block(Strip(items=("date",))), view(now=late, timezone="Europe/Warsaw"))
    assert text(markup) == "Saturday, July 20, 2024"
    [time] = parsed(markup).iter("time")
    assert time.get("datetime") == "2024-07-20"


def test_a_fixed_date_stays() -> None:
    fixed = Strip(items=("date",), date=dt.date(2020, 2, 29))
    assert text(fragment(block(fixed))) == "Saturday, February 29, 2020"


def test_what_a_feed_says_goes_before_what_the_rules_say() -> None:
    facts = Facts(weather={"it": Weather(-3.0, "F")})
    assert text(fragment(block(BOTH), view(facts=facts))).startswith("-3 F ")


def test_without_an_answer_of_the_feed_the_date_stands_alone() -> None:
    options = Strip(items=("weather", "date"), weather=FEED)
    assert text(fragment(block(options))) == "Friday, July 19, 2024"
    assert why_empty(block(Strip(items=("weather",), weather=FEED))) == "no weather known"


def test_a_place_stands_before_its_temperature() -> None:
    options = Strip(items=("weather",), weather=WeatherItem(place="Osterhaven", temperature=9.46))
    assert text(fragment(block(options))) == "Osterhaven 9.5 C"


@pytest.mark.parametrize(("minutes", "is_shown"), [(0, True), (180, True), (181, False)])
def test_a_temperature_is_shown_until_it_is_too_old(minutes: int, *, is_shown: bool) -> None:
    now = dt.datetime(2024, 7, 19, 12, 0, tzinfo=dt.UTC)
    facts = Facts(weather={"it": Weather(12.0, at=now - dt.timedelta(minutes=minutes))})
    options = Strip(items=("weather", "date"), weather=FEED)
    assert text(fragment(block(options), view(now=now, facts=facts))).startswith("12 C") == is_shown
