"""The strip: the weather and the date, thin, as a rule at the top of a page."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

from babel.dates import format_date
from babel.numbers import format_decimal

from newshole.blocks.kind import Content, Kind, Nothing, View, each
from newshole.rules.kinds import Strip, WeatherItem
from newshole.types import Weather


@dataclass(frozen=True, slots=True)
class StripItem:
    """A date, whose ISO form is `day`, or a temperature at a `place`; "" for what there is not."""

    text: str
    day: str = ""
    place: str = ""


@dataclass(frozen=True, slots=True)
class StripContent(Content):
    """At least one item, in the rules' order."""

    items: tuple[StripItem, ...]


@each
def prepare(block: str, options: Strip, view: View) -> StripContent | Nothing:
    items = tuple(_items(block, options, view))
    if not items:
        return Nothing("no weather known")
    return StripContent(view.locale if any(item.day for item in items) else "", items)


def _items(block: str, options: Strip, view: View) -> Iterator[StripItem]:
    for item in options.items:
        if item == "date":
            day = options.date or view.setting.today
            yield StripItem(_full_date(day, view.locale), day.isoformat())
        elif options.weather and (weather := _weather(block, options.weather, view)):
            yield StripItem(_temperature(weather, view.locale), place=options.weather.place or "")


def _weather(block: str, item: WeatherItem, view: View) -> Weather | None:
    """What a feed last said goes before what the rules say."""
    told = view.facts.weather.get(block)
    if told is not None and not _is_old(told, item, view):
        return told
    return None if item.temperature is None else Weather(item.temperature, item.unit)


def _is_old(told: Weather, item: WeatherItem, view: View) -> bool:
    return (
        told.at is not None
        and item.feed is not None
        and view.now - told.at > dt.timedelta(minutes=item.feed.oldest)
    )


@lru_cache(maxsize=256)
def _full_date(day: dt.date, locale: str) -> str:
    return format_date(day, "full", locale)


def _temperature(weather: Weather, locale: str) -> str:
    return f"{_degrees(str(round(weather.temperature, 1)), locale)} {weather.unit}"


@lru_cache(maxsize=256)
def _degrees(number: str, locale: str) -> str:
    return format_decimal(Decimal(number), "#,##0.#", locale)


KIND = Kind("strip", prepare)
