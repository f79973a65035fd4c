"""The strip at the top of a page."""

from __future__ import annotations

import datetime as dt

import pytest

from newshole import blocks
from newshole.blocks.words import LANGUAGES, WORDS
from newshole.rules.kinds.strip import BreakingItem, Strip, WeatherFeed, WeatherItem
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


def aged(minutes: int, language: str = "en") -> str:
    """The weather of a feed that answered so many minutes ago."""
    now = dt.datetime(2024, 7, 19, 12, 0, tzinfo=dt.UTC)
    facts = Facts(weather={"it": Weather(12.0, at=now - dt.timedelta(minutes=minutes))})
    options = Strip(items=("weather",), weather=FEED)
    return text(fragment(block(options), in_language(language, now=now, facts=facts)))


@pytest.mark.parametrize(
    ("minutes", "words"),
    [(-1, "12 C"), (59, "12 C"), (60, "12 C, 1 hr. ago"), (119, "12 C, 1 hr. ago"), (180, "12 C, 3 hr. ago")],
)
def test_a_temperature_of_an_hour_or_more_tells_its_age(minutes: int, words: str) -> None:
    assert aged(minutes) == words


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("de", "12 C, vor 2 Std."),
        ("pl", "12 C, 2 godz. temu"),
        ("ar", "12 C، قبل ساعتين"),
        ("he", "12 C, לפני שעתיים"),
        ("ja", "12 C、2 時間前"),
        ("hi", "12 C, 2 घं॰ पहले"),
    ],
)
def test_the_age_is_in_the_pages_language_and_its_plural(language: str, words: str) -> None:
    assert aged(130, language) == words


def test_neither_a_place_nor_a_temperature_disturbs_the_order_of_what_stands_beside_it() -> None:
    options = Strip(items=("weather",), weather=WeatherItem(place="10 Downing St.", temperature=-12))
    aside = parsed(fragment(block(options), in_language("fa")))
    assert [each.text for each in aside.iter("bdi")] == ["10 Downing St.", "-12 C"]


def test_the_page_changes_when_the_weather_is_an_hour_older_and_when_it_is_too_old() -> None:
    read = dt.datetime(2024, 7, 19, 12, 0, tzinfo=dt.UTC)
    facts = Facts(weather={"it": Weather(12.0, at=read)})
    made = [block(Strip(items=("weather",), weather=FEED))]
    turns = [
        blocks.next_turn(made, view(now=read + dt.timedelta(minutes=minutes), facts=facts))
        for minutes in (5, 60, 150, 180, 181)
    ]
    hours = [read + dt.timedelta(hours=hour) for hour in (1, 2, 3)]
    assert turns == [*hours, hours[-1] + dt.timedelta(microseconds=1), None]


def test_the_age_counts_among_what_pages_show() -> None:
    made = [block(Strip(items=("weather",), weather=FEED))]
    facts = Facts(weather={"it": Weather(12.0, at=dt.datetime(2024, 7, 19, 12, 0, tzinfo=dt.UTC))})
    shown = [
        dict(blocks.shown_weather(made, facts, dt.datetime(2024, 7, 19, hour, 30, tzinfo=dt.UTC)))
        for hour in (12, 14, 16)
    ]
    assert shown == [{"it": Weather(12.0)}, {"it": Weather(12.0, hours=2)}, {}]


NEWS = BreakingItem(text="Bridge closed", link="/live/bridge", until=dt.date(2024, 7, 20))


def test_a_breaking_line_stands_beside_the_other_items() -> None:
    options = Strip(items=("breaking", "date"), breaking=NEWS)
    markup = fragment(block(options))
    assert text(markup) == "Breaking Bridge closed Friday, July 19, 2024"
    [link] = parsed(markup).iter("a")
    assert (link.get("href"), link.text) == ("/live/bridge", "Bridge closed")


def test_a_breaking_line_is_over_at_its_time_and_the_page_lasts_until_then() -> None:
    made = block(Strip(items=("breaking",), breaking=NEWS))
    before, after = (dt.datetime(2024, 7, 19, hour, 59, tzinfo=dt.UTC) for hour in (21, 22))
    seen = view(now=before, timezone="Europe/Warsaw")
    assert text(fragment(made, seen)) == "Breaking Bridge closed"
    assert blocks.next_turn([made], seen) == dt.datetime(2024, 7, 19, 22, 0, tzinfo=dt.UTC)
    late = view(now=after, timezone="Europe/Warsaw")
    assert why_empty(made, late) == "no breaking line"
    assert blocks.next_turn([made], late) is None


@pytest.mark.parametrize(
    ("options", "is_steady"),
    [
        (Strip(items=("breaking",), breaking=NEWS), False),
        (Strip(items=("breaking",), breaking=BreakingItem(text="x")), True),
        (Strip(items=("date",), breaking=NEWS, date=dt.date(2024, 7, 19)), True),
        (Strip(items=("breaking", "date"), breaking=BreakingItem(text="x")), False),
    ],
)
def test_a_strip_is_steady_where_nothing_on_it_ends(options: Strip, *, is_steady: bool) -> None:
    assert blocks.is_steady(block(options), view().rules) == is_steady


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_label_of_a_breaking_line_is_in_the_pages_language(language: str) -> None:
    options = Strip(items=("breaking",), breaking=BreakingItem(text="X"))
    assert text(fragment(block(options), in_language(language))) == f"{WORDS[language].breaking} X"


def test_a_label_in_another_language_than_the_page_says_so() -> None:
    options = Strip(items=("breaking", "date"), breaking=BreakingItem(text="X"))
    aside = parsed(fragment(block(options), in_language("fa")))
    [label] = aside.iter("b")
    assert (label.text, label.get("lang"), label.get("dir")) == ("Breaking", "en", "ltr")
    assert aside.get("lang") is None
