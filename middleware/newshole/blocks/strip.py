"""The strip: the weather, the date and a breaking line, thin, as a rule at the top of a page."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import Final

from babel.dates import format_date, format_timedelta
from babel.numbers import format_decimal
from markupsafe import Markup

from newshole.blocks.kind import Content, Kind, Nothing, View, each
from newshole.blocks.markup import safe_url, tongue
from newshole.blocks.words import comma
from newshole.rules.kinds.strip import BreakingItem, Strip, WeatherItem
from newshole.rules.ruleset import Block, Rules
from newshole.rules.spans import moment
from newshole.types import Facts, Weather

_INSTANT = dt.timedelta(microseconds=1)
_HOUR = dt.timedelta(hours=1)
_NO_TONGUE: Final = Markup()


_ABSENT: Final = {
    "weather": "no weather known",
    "date": "no date",
    "breaking": "no breaking line",
}
"""Why an item of a strip is left out."""


@dataclass(frozen=True, slots=True)
class StripItem:
    """A date, whose ISO form is `day`, or a temperature at a `place` with its `age` where it is old, or a
    breaking line under its `label`, which may lead to a `link`; "" for what there is not.

    `tongue` has the `lang` and `dir` of a label in another language than the page's.
    """

    text: str
    day: str = ""
    place: str = ""
    age: str = ""
    label: str = ""
    link: str = ""
    tongue: Markup = _NO_TONGUE


@dataclass(frozen=True, slots=True)
class StripContent(Content):
    """At least one item, in the rules' order."""

    items: tuple[StripItem, ...]


@each
def prepare(block: str, options: Strip, view: View) -> StripContent | Nothing:
    items = tuple(_items(block, options, view))
    if not items:
        return Nothing(" and ".join(_ABSENT[item] for item in options.items))
    return StripContent(view.locale if any(item.day or item.age for item in items) else "", items)


def _items(block: str, options: Strip, view: View) -> Iterator[StripItem]:
    for item in options.items:
        if item == "date":
            day = options.date or view.setting.today
            yield StripItem(_full_date(day, view.locale), day.isoformat())
        elif options.weather and (weather := weather_of(block, options.weather, view.facts, view.now)):
            age = comma(view.locale) + _age(weather.hours, view.locale) if weather.hours else ""
            yield StripItem(_temperature(weather, view.locale), place=options.weather.place or "", age=age)
        elif item == "breaking" and options.breaking and not _is_over(options.breaking, view.now):
            link = safe_url(options.breaking.link) or ""
            spoken = tongue(view.language, view.page_language)
            yield StripItem(options.breaking.text, label=view.words.breaking, link=link, tongue=spoken)


def _told(block: str, item: WeatherItem, facts: Facts) -> Weather | None:
    """What is known beside the rules: two sites may have blocks of one name, so feeds go by what they are."""
    return facts.weather.get(item.fed_by) or facts.weather.get(block)


def weather_of(block: str, item: WeatherItem, facts: Facts, now: dt.datetime) -> Weather | None:
    """What a block shows now: what a feed last said, with its age, goes before what the rules say."""
    told = _told(block, item, facts)
    if told is not None and not _is_old(told, item, now):
        return Weather(told.temperature, told.unit, hours=_hours(told, now))
    return None if item.temperature is None else Weather(item.temperature, item.unit)


def _is_old(told: Weather, item: WeatherItem, now: dt.datetime) -> bool:
    ends = _end(told, item)
    return ends is not None and now > ends


def _end(told: Weather, item: WeatherItem) -> dt.datetime | None:
    """The last moment at which what a feed said may be shown, None where it does not grow old."""
    if told.at is None or item.feed is None:
        return None
    return told.at + dt.timedelta(minutes=item.feed.oldest)


def _hours(told: Weather, now: dt.datetime) -> int:
    """How old an observation is, in whole hours."""
    return 0 if told.at is None else max(0, (now - told.at) // _HOUR)


def _is_over(line: BreakingItem, now: dt.datetime) -> bool:
    ends = _breaking_end(line, now.tzinfo)
    return ends is not None and now >= ends


def _breaking_end(line: BreakingItem, zone: dt.tzinfo | None) -> dt.datetime | None:
    """When a line is shown no longer; a date is its beginning, by the clocks in `zone`."""
    return None if line.until is None else moment(line.until, zone)


def turns(blocks: Sequence[Block], view: View) -> Iterator[dt.datetime | None]:
    """The next midnight where a date is shown, when the weather is an hour older or too old, and when a
    breaking line is over."""
    for block in blocks:
        options = _options(block)
        if "date" in options.items and options.date is None:
            tomorrow = view.setting.today + dt.timedelta(days=1)
            yield dt.datetime.combine(tomorrow, dt.time(), view.now.tzinfo)
        item = options.weather if "weather" in options.items else None
        told = None if item is None else _told(block.id, item, view.facts)
        if item is not None and told is not None:
            ends = _end(told, item)
            # It is shown at that very moment still.
            if ends is not None and ends >= view.now and told.at is not None:
                yield min(told.at + (_hours(told, view.now) + 1) * _HOUR, ends + _INSTANT)
        if "breaking" in options.items and options.breaking is not None:
            ends = _breaking_end(options.breaking, view.now.tzinfo)
            yield ends if ends is not None and ends > view.now else None


def readings(blocks: Iterable[Block], facts: Facts) -> Iterator[float]:
    """When the feeds of strips are to be read again, in seconds since 1970: 0 where nothing is known yet."""
    for block in blocks:
        options = block.options
        if isinstance(options, Strip) and options.weather is not None and "weather" in options.items:
            told, feed = _told(block.id, options.weather, facts), options.weather.feed
            if feed is not None and (told is None or told.at is not None):
                yield 0.0 if told is None or told.at is None else told.at.timestamp() + feed.minutes * 60


def shown_weather(blocks: Iterable[Block], facts: Facts, now: dt.datetime) -> Iterator[tuple[str, Weather]]:
    """What strips among the blocks show of the weather now: its age in hours, not when it was read."""
    for block in blocks:
        item = block.options.weather if isinstance(block.options, Strip) else None
        weather = None if item is None else weather_of(block.id, item, facts, now)
        if weather is not None:
            yield block.id, weather


def is_steady(options: Strip, _rules: Rules) -> bool:
    """Whether neither today's date is shown nor the weather, nor a line that ends."""
    passing = {"weather"}
    if options.date is None:
        passing.add("date")
    if options.breaking is not None and options.breaking.until is not None:
        passing.add("breaking")
    return passing.isdisjoint(options.items)


def _options(block: Block) -> Strip:
    assert isinstance(block.options, Strip)  # noqa: S101 - for the type checker
    return block.options


@lru_cache(maxsize=256)
def _full_date(day: dt.date, locale: str) -> str:
    return format_date(day, "full", locale)


@lru_cache(maxsize=256)
def _age(hours: int, locale: str) -> str:
    """How long ago: "2 hr. ago"."""
    ago = format_timedelta(dt.timedelta(hours=-hours), add_direction=True, format="short", locale=locale)
    # Hebrew has words for one hour and for two, behind which the CLDR repeats the number.
    return ago.removesuffix(f" ({hours})")


def _temperature(weather: Weather, locale: str) -> str:
    return f"{_degrees(str(round(weather.temperature, 1)), locale)} {weather.unit}"


@lru_cache(maxsize=256)
def _degrees(number: str, locale: str) -> str:
    return format_decimal(Decimal(number), "#,##0.#", locale)


KIND = Kind("strip", prepare, turns=turns, is_steady=is_steady)
