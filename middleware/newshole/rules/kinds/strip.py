"""The options of a strip: the weather, the date and a breaking line."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Literal

from newshole.rules.words import Day, Link, Moment, Positive, Several, Temperature, Text, Url
from newshole.rules.written import Conflict, Written, just_one, one_of


class WeatherFeed(Written):
    """A JSON endpoint: `temperature` is the dotted path of the number in its answer."""

    url: Link
    temperature: Text
    """Such as "current.temp_c"."""
    minutes: Positive = 10
    """How often the feed is read."""
    oldest: Positive = 180
    """How many minutes old a temperature may be that is still shown, where the feed has failed since."""


class WeatherItem(Written):
    """The weather of a place: a fixed temperature, or a feed."""

    model_config = just_one("temperature", "feed")
    place: Text | None = None
    temperature: Temperature | None = None
    feed: WeatherFeed | None = None
    unit: Literal["C", "F"] = "C"

    @property
    def fed_by(self) -> str:
        """What tells its feed from every other one, "" for a fixed temperature."""
        return "" if self.feed is None else f"{self.unit} {self.feed.temperature} {self.feed.url}"

    @classmethod
    def conflicts(cls, written: Mapping[str, object]) -> Iterator[Conflict]:
        yield from one_of(written, "temperature", "feed")


class BreakingItem(Written):
    """A line of news that breaks."""

    text: Text
    link: Url | None = None
    until: Moment | None = None
    """From then on it is not shown."""


class Strip(Written):
    """A thin strip, as a rule at the top of the page."""

    items: Several[Literal["weather", "date", "breaking"]]
    weather: WeatherItem | None = None
    breaking: BreakingItem | None = None
    """What the item "breaking" says; nothing where absent."""
    date: Day | None = None
    """Fixes the date that is shown."""

    @classmethod
    def conflicts(cls, written: Mapping[str, object]) -> Iterator[Conflict]:
        items = written.get("items")
        if isinstance(items, Sequence) and "weather" in items and "weather" not in written:
            yield Conflict(
                'the item "weather" needs "weather", with a temperature or a feed', lacks=("weather",)
            )
