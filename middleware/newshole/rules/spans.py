"""Amounts, ages and times that a condition asks for, as they are compared."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from functools import lru_cache
from typing import Final, Literal, TypeAlias
from zoneinfo import ZoneInfo

Weekday: TypeAlias = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
WEEKDAYS: Final[tuple[Weekday, ...]] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

LENGTHS: Final = {
    "minute": timedelta(minutes=1),
    "hour": timedelta(hours=1),
    "day": timedelta(days=1),
    "week": timedelta(days=7),
    "month": timedelta(days=30),
    "year": timedelta(days=365),
}
"""What ages are counted in."""

_DAY: Final = timedelta(days=1)
_QUARTER: Final = timedelta(minutes=15)
_QUARTERS: Final = 4 * 26
"""Those of the longest day there is."""

_AHEAD: Final = 9
"""Days after which hours and weekdays have turned, if ever."""


@dataclass(frozen=True, slots=True)
class Amounts:
    """From `least` to `most`, both included; None where there is no such bound."""

    least: int | None = None
    most: int | None = None

    def holds(self, amount: int) -> bool:
        """Whether an amount lies there."""
        return (self.least is None or amount >= self.least) and (self.most is None or amount <= self.most)

    def __str__(self) -> str:
        if self.least == self.most:
            return str(self.least)
        if self.most is None:
            return f"at least {self.least}"
        return f"at most {self.most}" if self.least is None else f"{self.least} to {self.most}"


@dataclass(frozen=True, slots=True)
class Age:
    """A length of time, such as `2 days`; a month has 30 days here, a year 365."""

    amount: int
    measure: str

    @property
    def length(self) -> timedelta:
        return self.amount * LENGTHS[self.measure]

    def __str__(self) -> str:
        return f"{self.amount} {self.measure}{'' if self.amount == 1 else 's'}"


@dataclass(frozen=True, slots=True)
class Hours:
    """From one time of the day to another, which is the next day's where it is not later.

    Both are minutes from midnight, `end` at most 1440.
    """

    start: int
    end: int

    def __str__(self) -> str:
        return "-".join(f"{at // 60:02}:{at % 60:02}" for at in (self.start, self.end))


@dataclass(frozen=True, slots=True)
class Window:
    """Times at which something holds: from `start` to before `end`, on these `weekdays`, in these `hours`.

    None and an empty tuple bound nothing. Hours that pass midnight are those of the day they begin on. All
    are of the clocks in `zone`.
    """

    zone: ZoneInfo
    start: datetime | None = None
    end: datetime | None = None
    weekdays: tuple[Weekday, ...] = ()
    hours: tuple[Hours, ...] = ()

    def holds(self, now: datetime) -> bool:
        """Whether an aware moment lies there."""
        if (self.start is not None and now < self.start) or (self.end is not None and now >= self.end):
            return False
        local = now.astimezone(self.zone)
        minute = local.hour * 60 + local.minute
        spans = self.hours or (Hours(0, 1440),)
        return any(self._holds_on(local.date(), minute, span) for span in spans)

    def _holds_on(self, day: date, minute: int, span: Hours) -> bool:
        if span.start < span.end:
            return span.start <= minute < span.end and self._is_one_of(day)
        if minute >= span.start:
            return self._is_one_of(day)
        return minute < span.end and self._is_one_of(day - _DAY)

    def _is_one_of(self, day: date) -> bool:
        return not self.weekdays or WEEKDAYS[day.weekday()] in self.weekdays

    def edges(self, day: date) -> Iterator[datetime]:
        """The moments of a local day at which it may begin or cease to hold, in no order."""
        midnight = datetime.combine(day, time(), self.zone)
        minutes = {0, *(at for span in self.hours for at in (span.start, span.end))}
        for at in minutes:
            yield (midnight + timedelta(minutes=at)).astimezone(UTC)
        if midnight.utcoffset() != datetime.combine(day + _DAY, time(), self.zone).utcoffset():
            # Clocks are put forward or back, so the hours begin and end at other moments, too.
            yield from (midnight.astimezone(UTC) + n * _QUARTER for n in range(_QUARTERS))

    def __str__(self) -> str:
        words = (
            f"from {shown(self.start, self.zone)}" if self.start else "",
            f"until {shown(self.end, self.zone)}" if self.end else "",
            ", ".join(self.weekdays),
            ", ".join(map(str, self.hours)),
        )
        return " ".join(filter(None, words))


@lru_cache(maxsize=1024)
def next_turn(window: Window, now: datetime) -> datetime | None:
    """The first moment after `now` at which it is not as it is now whether a window holds; None for never."""
    if window.start is not None and now < window.start:
        return window.start if window.holds(window.start) else next_turn(window, window.start)
    found = [] if window.end is None else [window.end]
    if window.hours or window.weekdays:
        today = now.astimezone(window.zone).date()
        found += [at for n in range(_AHEAD) for at in window.edges(today + n * _DAY)]
    holds = window.holds(now)
    return next((at for at in sorted(found) if at > now and window.holds(at) != holds), None)


def moment(written: date | datetime, zone: tzinfo | None) -> datetime:
    """A date or a time as a moment: a date is its beginning, both are of the clocks in `zone`."""
    if not isinstance(written, datetime):
        written = datetime.combine(written, time())
    return written if written.tzinfo is not None else written.replace(tzinfo=zone)


def shown(at: datetime, zone: ZoneInfo) -> str:
    """A moment as the clocks in `zone` show it."""
    return f"{at.astimezone(zone):%Y-%m-%d %H:%M}"
